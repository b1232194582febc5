//! Vọng behind the proxies that the documentation has configurations for: these very configurations, with other ports and
//! files. Where a proxy is not installed its test says so and passes.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use support::secure::{trusting, try_secure_from};
use support::{Client, PATIENCE, Server, free_address, installed, join, offer, request_over};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};
use tokio_rustls::client::TlsStream;
use vong_protocol::{ErrorCode, Role, ServerMessage};

const OPERATIONS: &str = include_str!("../../docs/operations.md");
const DOMAIN: &str = "vong.example.org";

/// The block of the documentation in this language.
fn documented(language: &str) -> &'static str {
    let (_, rest) = OPERATIONS.split_once(&format!("```{language}\n")).expect("a block");
    rest.split_once("```").expect("its end").0
}

/// What a proxy's configuration is made of.
struct Place {
    folder: tempfile::TempDir,
    proxy: SocketAddr,
    server: Server,
}

impl Place {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new([DOMAIN.to_owned()]).unwrap().self_signed(&key).unwrap().pem();
        fs::write(folder.path().join("certificate.pem"), &certificate).unwrap();
        fs::write(folder.path().join("key.pem"), key.serialize_pem()).unwrap();
        fs::write(folder.path().join("both.pem"), certificate + &key.serialize_pem()).unwrap();
        let server = Server::start(&["--trust-proxy", "--max-connections-per-address", "1"]).await;
        Self { folder, proxy: free_address(), server }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }

    /// The documented configuration with each of these texts, which it has to contain, replaced.
    fn configuration(&self, language: &str, replacements: &[(&str, &str)]) -> String {
        let server = self.server.address.to_string();
        let all = [&[("127.0.0.1:4000", server.as_str())], replacements].concat();
        all.iter().fold(documented(language).to_owned(), |text, (old, new)| {
            assert!(text.contains(old), "{old} is not in the {language} configuration");
            text.replace(old, new)
        })
    }

    async fn run(&self, program: &Path, arguments: &[&str]) -> Child {
        let mut command = Command::new(program);
        command.args(arguments).kill_on_drop(true).stdin(Stdio::null()).env("HOME", self.folder.path());
        let child = command.spawn().unwrap();
        // A port that is open is not enough: Caddy resets what comes before it has its certificate.
        let up = async {
            while TcpStream::connect(self.proxy).await.is_err() || self.try_secure("127.0.0.1").await.is_err()
            {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, up).await.expect("the proxy starts");
        child
    }

    fn host(&self) -> String {
        format!("{DOMAIN}:{}", self.proxy.port())
    }

    async fn try_secure(&self, source: &str) -> std::io::Result<TlsStream<TcpStream>> {
        try_secure_from(source, self.proxy, DOMAIN, trusting(&["http/1.1"])).await
    }

    async fn secure(&self, source: &str) -> TlsStream<TcpStream> {
        self.try_secure(source).await.expect("a handshake with the proxy")
    }

    async fn client(&self, source: &str) -> Client<TlsStream<TcpStream>> {
        Client::over(self.secure(source).await, self.host()).await
    }

    /// Everything that a proxy has to leave as it is.
    async fn works(&self) {
        let page =
            request_over(self.secure("127.0.0.1").await, &self.host(), "GET", "/watch/demo", &[]).await;
        assert_eq!(page.status, 200);
        assert!(page.header("content-security-policy").is_some());

        // Two people at two addresses meet; a second one at the same address is over the bound.
        let mut broadcaster = self.client("127.0.0.1").await;
        broadcaster.join(join("demo", Role::Broadcaster)).await;
        let mut watcher = self.client("127.0.0.2").await;
        watcher.join(join("demo", Role::Watcher)).await;
        assert!(matches!(broadcaster.hear().await, ServerMessage::WatcherJoined { .. }));
        let sdp = "a".repeat(vong_protocol::limits::SDP);
        watcher.say(&offer(1, &sdp)).await;
        match broadcaster.hear().await {
            ServerMessage::Offer { sdp: theirs, .. } => assert_eq!(theirs, sdp),
            other => panic!("{other:?}"),
        }
        self.client("127.0.0.2").await.hear_end(ErrorCode::TooManyConnections, 1013).await;
        watcher.is_undisturbed().await;

        // The page's own origin is recognised, another is not.
        for (origin, status) in [(self.host(), b"101"), ("evil.example".to_owned(), b"403")] {
            let head = format!(
                "GET /signal HTTP/1.1\r\nHost: {}\r\nOrigin: https://{origin}\r\nConnection: Upgrade\r\nUpgrade: \
                 websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
                self.host()
            );
            let mut stream = self.secure("127.0.0.3").await;
            stream.write_all(head.as_bytes()).await.unwrap();
            let mut start = [0; 12];
            timeout(PATIENCE, stream.read_exact(&mut start)).await.expect("an answer").unwrap();
            assert_eq!(&start[9..], status, "{origin}");
        }
    }
}

/// The program, or a word about the test that is skipped.
fn find(program: &str) -> Option<std::path::PathBuf> {
    let found = installed(program);
    if found.is_none() {
        eprintln!("skipped: {program} is not installed");
    }
    found
}

#[tokio::test]
async fn nginx_as_documented() {
    let Some(program) = find("nginx") else { return };
    let place = Place::new().await;
    let listen = format!("listen {} ssl", place.proxy);
    let server = place.configuration(
        "nginx",
        &[
            ("listen 443 ssl", &listen),
            ("/etc/ssl/vong.example.org.pem", &place.path("certificate.pem")),
            ("/etc/ssl/vong.example.org.key", &place.path("key.pem")),
        ],
    );
    let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
    let temporary = kinds.map(|kind| format!("{kind}_temp_path {};\n", place.path(kind))).concat();
    // One process, so that it ends with the test.
    let whole = format!(
        "daemon off; master_process off; pid {}; error_log stderr error;\nevents {{}}\nhttp {{\naccess_log \
         off;\n{temporary}{server}}}\n",
        place.path("pid")
    );
    fs::write(place.path("nginx.conf"), whole).unwrap();
    let folder = place.path("");
    let _nginx = place.run(&program, &["-p", &folder, "-c", &place.path("nginx.conf"), "-e", "stderr"]).await;
    Box::pin(place.works()).await;
}

#[tokio::test]
async fn caddy_as_documented() {
    let Some(program) = find("caddy") else { return };
    let place = Place::new().await;
    let (certificate, key) = (place.path("certificate.pem"), place.path("key.pem"));
    let site = format!(
        "https://{}:{} {{\n    bind 127.0.0.1\n    tls {certificate} {key}",
        DOMAIN,
        place.proxy.port()
    );
    let site = place.configuration("caddyfile", &[("vong.example.org {", &site)]);
    let whole = format!(
        "{{\n    admin off\n    auto_https disable_redirects\n    log {{\n        level ERROR\n    }}\n}}\n{site}"
    );
    fs::write(place.path("Caddyfile"), whole).unwrap();
    let file = place.path("Caddyfile");
    let _caddy = place.run(&program, &["run", "--config", &file, "--adapter", "caddyfile"]).await;
    Box::pin(place.works()).await;
}

#[tokio::test]
async fn haproxy_as_documented() {
    let Some(program) = find("haproxy") else { return };
    let place = Place::new().await;
    let bind = format!("bind {} ssl", place.proxy);
    let both = place.path("both.pem");
    let replacements = [("bind :443 ssl", bind.as_str()), ("/etc/ssl/vong.example.org.pem", &both)];
    let whole = format!("global\n    maxconn 100\n\n{}", place.configuration("haproxy", &replacements));
    fs::write(place.path("haproxy.cfg"), whole).unwrap();
    let _haproxy = place.run(&program, &["-db", "-f", &place.path("haproxy.cfg")]).await;
    Box::pin(place.works()).await;
}
