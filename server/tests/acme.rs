//! Certificates from an ACME directory: Pebble, the one that is made for tests. Where it is not installed these tests say
//! so and pass; `cargo xtask test` installs it where there is `apt-get`.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use support::secure::{certificate, fingerprint, trusting, try_secure};
use support::{Server, free_address, installed, request_over, tcp};
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// The most that an order may take.
const PATIENCE: Duration = Duration::from_mins(1);

/// A directory, and the name server that it asks. Both end with this.
struct Pebble {
    address: SocketAddr,
    root: PathBuf,
    _folder: tempfile::TempDir,
    _processes: [Child; 2],
}

impl Pebble {
    /// One that looks for proofs at these ports of this machine, whatever the domain, and whose certificates are good for
    /// so many seconds. `None` if it is not installed.
    async fn start(tls_port: u16, http_port: u16, validity: u32) -> Option<Self> {
        let (Some(pebble), Some(names)) = (installed("pebble"), installed("pebble-challtestsrv")) else {
            eprintln!(
                "skipped: pebble and pebble-challtestsrv are not on the path (Debian's package is `pebble`)"
            );
            return None;
        };
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        identity(folder.path());
        let [address, management, dns] = [(); 3].map(|()| free_address());
        let config = serde_json::json!({ "pebble": {
            "listenAddress": address.to_string(),
            "managementListenAddress": management.to_string(),
            "certificate": path("pebble.pem"),
            "privateKey": path("pebble.key"),
            "httpPort": http_port,
            "tlsPort": tls_port,
            "ocspResponderURL": "",
            "externalAccountBindingRequired": false,
            "certificateValidityPeriod": validity,
        }});
        fs::write(path("pebble.json"), config.to_string()).unwrap();
        let spawn = |program: &Path, args: &[&str]| {
            let mut command = Command::new(program);
            command.args(args).kill_on_drop(true).stdin(Stdio::null());
            // It would wait some seconds before it looks, and refuse some requests by chance, perhaps too many in a row.
            command.env("PEBBLE_VA_NOSLEEP", "1").env("PEBBLE_WFE_NONCEREJECT", "0");
            let log =
                fs::File::create(path(program.file_name().unwrap().to_str().unwrap()).with_extension("log"));
            let log = log.unwrap();
            command.stdout(log.try_clone().unwrap()).stderr(log).spawn().unwrap()
        };
        let names = spawn(
            &names,
            &[
                "-dns01",
                &dns.to_string(),
                "-defaultIPv6",
                "",
                "-http01",
                "",
                "-https01",
                "",
                "-tlsalpn01",
                "",
                "-management",
                &free_address().to_string(),
            ],
        );
        let config = path("pebble.json");
        let pebble = spawn(&pebble, &["-config", config.to_str().unwrap(), "-dnsserver", &dns.to_string()]);
        let up = async {
            while tokio::net::TcpStream::connect(address).await.is_err() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, up).await.expect("pebble starts");
        Some(Self { address, root: path("root.pem"), _folder: folder, _processes: [pebble, names] })
    }

    fn flags(&self, state: &Path) -> Vec<String> {
        let directory = format!("https://localhost:{}/dir", self.address.port());
        let [root, state] = [&self.root, state].map(|path| path.to_str().unwrap().to_owned());
        let flags = ["--acme-directory", &directory, "--acme-root", &root, "--state-dir", &state];
        flags.map(str::to_owned).to_vec()
    }
}

/// The certificate of the directory itself, and the one that vouches for it.
fn identity(folder: &Path) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    fs::write(folder.join("root.pem"), authority.self_signed(&authority_key).unwrap().pem()).unwrap();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let certificate =
        CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    fs::write(folder.join("pebble.pem"), certificate.pem()).unwrap();
    fs::write(folder.join("pebble.key"), key.serialize_pem()).unwrap();
}

async fn start(pebble: &Pebble, state: &Path, address: SocketAddr, further: &[&str]) -> Server {
    // What the directory did not like is in the server's log. Another test may have begun it.
    let _ = tracing_subscriber::fmt().with_test_writer().with_ansi(false).try_init();
    let mut flags = pebble.flags(state);
    flags.extend(further.iter().map(|&flag| flag.to_owned()));
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    Server::start_at(address, &flags).await
}

/// The fingerprint of the certificate that a domain's visitors get, once there is one and it is another than this.
async fn another_than(server: &Server, domain: &str, old: &str) -> String {
    let change = async {
        loop {
            if let Ok(stream) = try_secure(server.address, domain, trusting(&["http/1.1"])).await {
                let now = fingerprint(&certificate(&stream));
                if now != old {
                    return now;
                }
            }
            sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, change).await.expect("a certificate")
}

#[tokio::test]
async fn a_certificate_is_had_by_a_handshake_and_kept_over_a_restart() {
    let address = free_address();
    let Some(pebble) = Pebble::start(address.port(), 1, 90 * 24 * 3600).await else { return };
    let state = tempfile::tempdir().unwrap();
    let domains =
        ["--acme", "vong.example", "--acme", "www.vong.example", "--acme-contact", "a@vong.example"];
    let server = start(&pebble, state.path(), address, &domains).await;
    let first = another_than(&server, "vong.example", "").await;
    let stream = try_secure(address, "www.vong.example", trusting(&["h2", "http/1.1"])).await.unwrap();
    assert_eq!(fingerprint(&certificate(&stream)), first, "one certificate for all domains");
    assert_eq!(request_over(stream, "www.vong.example", "GET", "/healthz", &[]).await.status, 200);
    server.stop().await;

    // Without the directory: what is kept is served at once.
    let flags = pebble.flags(state.path());
    drop(pebble);
    let flags: Vec<&str> = flags.iter().map(String::as_str).chain(domains).collect();
    let server = Server::start(&flags).await;
    let stream = try_secure(server.address, "vong.example", trusting(&["http/1.1"])).await.unwrap();
    assert_eq!(fingerprint(&certificate(&stream)), first);
    server.stop().await;

    // A damaged one is not quietly replaced.
    for file in fs::read_dir(state.path()).unwrap().map(|entry| entry.unwrap().path()) {
        fs::write(file, "nonsense").unwrap();
    }
    let config = vong_server::Config::from_flags(&flags).unwrap();
    let error = vong_server::Tls::open(&config.tls).await.unwrap_err();
    assert!(error.contains("acme-") && error.lines().count() == 1, "{error}");
}

#[tokio::test]
async fn a_certificate_that_nears_its_end_is_renewed_while_the_server_runs() {
    let address = free_address();
    let Some(pebble) = Pebble::start(address.port(), 1, 9).await else { return };
    let state = tempfile::tempdir().unwrap();
    let server = start(&pebble, state.path(), address, &["--acme", "vong.example"]).await;
    let began = SystemTime::now();
    let first = another_than(&server, "vong.example", "").await;
    let second = another_than(&server, "vong.example", &first).await;
    another_than(&server, "vong.example", &second).await;
    assert!(began.elapsed().unwrap() > Duration::from_secs(8), "it is not asked for more often than needed");
}

#[tokio::test]
async fn a_server_with_a_port_for_plain_http_proves_its_domain_there() {
    let (address, plain) = (free_address(), free_address());
    let Some(pebble) = Pebble::start(1, plain.port(), 90 * 24 * 3600).await else { return };
    let state = tempfile::tempdir().unwrap();
    let redirect = plain.to_string();
    let further = ["--acme", "vong.example", "--http-redirect", &redirect];
    let server = start(&pebble, state.path(), address, &further).await;
    another_than(&server, "vong.example", "").await;
    let answer = request_over(tcp(plain, "127.0.0.1").await, "vong.example", "GET", "/watch/demo", &[]).await;
    assert_eq!(answer.status, 308);
}
