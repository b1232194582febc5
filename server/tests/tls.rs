//! HTTPS with a certificate of the server's own and with files: who it is after a restart, what happens when files
//! change, and what those get who do not speak TLS as they should.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::fs;
use std::path::Path;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use support::secure::{
    certificate, fingerprint, fingerprint_now, scheme_and_address, secure, trusting, try_secure, vong, wary,
};
use support::{Client, PATIENCE, Server, join, offer, request, request_over, tcp};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use vong_protocol::{ErrorCode, Role, ServerMessage};

fn text(path: &Path) -> &str {
    path.to_str().expect("a path in UTF-8")
}

async fn self_signed(state: &Path, further: &[&str]) -> Server {
    Server::start(&[&["--tls", "self-signed", "--state-dir", text(state)], further].concat()).await
}

/// A certificate for `localhost` and its key.
fn fresh_pair() -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
    (params.self_signed(&key).unwrap().pem(), key.serialize_pem())
}

/// Waits until new connections get another certificate than this.
async fn another_than(server: &Server, old: &str) -> String {
    let change = async {
        loop {
            let now = fingerprint_now(server.address).await;
            if now != old {
                return now;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, change).await.expect("a new certificate")
}

#[tokio::test]
async fn members_meet_over_tls_and_are_told_when_it_stops() {
    let state = tempfile::tempdir().unwrap();
    let server = self_signed(state.path(), &[]).await;
    let mut broadcaster = Client::over(secure(server.address).await, server.address).await;
    broadcaster.join(join("demo", Role::Broadcaster)).await;
    let mut watcher = Client::over(secure(server.address).await, server.address).await;
    watcher.join(join("demo", Role::Watcher)).await;
    assert!(matches!(broadcaster.hear().await, ServerMessage::WatcherJoined { .. }));
    let sdp = "a".repeat(vong_protocol::limits::SDP);
    watcher.say(&offer(1, &sdp)).await;
    match broadcaster.hear().await {
        ServerMessage::Offer { sdp: theirs, .. } => assert_eq!(theirs, sdp),
        other => panic!("{other:?}"),
    }
    server.ask_to_stop();
    watcher.hear_end(ErrorCode::ShuttingDown, 1001).await;
    broadcaster.hear_end(ErrorCode::ShuttingDown, 1001).await;
    drop((broadcaster, watcher));
    timeout(Duration::from_secs(4), server.stop()).await.expect("it ends at once");
}

#[tokio::test]
async fn the_page_comes_over_tls_under_the_same_rules() {
    let state = tempfile::tempdir().unwrap();
    let server = self_signed(state.path(), &[]).await;
    let host = server.address.to_string();
    let page = request_over(secure(server.address).await, &host, "GET", "/watch/demo", &[]).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").unwrap().contains("connect-src 'self'"));
    assert_eq!(page.header("strict-transport-security"), None, "it would lock people out");
    let origin = |scheme: &str, host: &str| format!("Origin: {scheme}://{host}");
    for (origin, status) in [
        (origin("https", "evil.example"), b"HTTP/1.1 403"),
        (origin("https", &host), b"HTTP/1.1 101"),
        (origin("https", "localhost:8080"), b"HTTP/1.1 101"),
    ] {
        let lines = [
            "GET /signal HTTP/1.1",
            &format!("Host: {host}"),
            "Upgrade: websocket",
            "Connection: Upgrade",
            "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
            &origin,
        ];
        let mut stream = secure(server.address).await;
        stream.write_all(format!("{}\r\n\r\n", lines.join("\r\n")).as_bytes()).await.unwrap();
        let mut start = [0; 12];
        timeout(PATIENCE, stream.read_exact(&mut start)).await.expect("an answer").unwrap();
        assert_eq!(&start, status, "{origin}");
    }
}

#[tokio::test]
async fn browsers_that_offer_http2_get_http1_and_old_clients_get_tls_1_2() {
    let state = tempfile::tempdir().unwrap();
    let server = self_signed(state.path(), &[]).await;
    let stream = try_secure(server.address, "localhost", trusting(&["h2", "http/1.1"])).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"http/1.1"[..]));
    let stream = try_secure(server.address, "localhost", trusting(&[])).await.unwrap();
    assert_eq!(request_over(stream, "localhost", "GET", "/healthz", &[]).await.status, 200);
    // Only a directory asks so, and there is none here.
    try_secure(server.address, "localhost", trusting(&["acme-tls/1"])).await.unwrap_err();
}

#[tokio::test]
async fn a_self_signed_identity_survives_a_restart_and_covers_this_machine() {
    let state = tempfile::tempdir().unwrap();
    let flags = ["--listen", "127.0.0.1:0", "--tls", "self-signed", "--state-dir", text(state.path())];
    let mut first = None;
    for _ in 0..2 {
        let mut child = vong(&[&flags[..], &["--tls-name", "studio.example"]].concat()).spawn().unwrap();
        let (scheme, address) = scheme_and_address(&mut child).await;
        assert_eq!(scheme, "https");
        let certificate = certificate(&secure(address).await);
        assert_eq!(first.get_or_insert_with(|| certificate.clone()), &certificate);
        child.kill().await.unwrap();
        // What a browser would check that was told to trust it.
        let child = vong(&[&flags[..], &["--tls-name", "studio.example"]].concat()).spawn();
        let mut child = child.unwrap();
        let (_, address) = scheme_and_address(&mut child).await;
        let interfaces = if_addrs::get_if_addrs().unwrap();
        let addresses = interfaces.iter().filter(|interface| !interface.is_link_local());
        let mut names: Vec<String> = addresses.map(|interface| interface.ip().to_string()).collect();
        let host = gethostname::gethostname().to_string_lossy().to_ascii_lowercase();
        names.extend(["localhost", "127.0.0.1", "::1", "studio.example", &host].map(str::to_owned));
        names.push(format!("{}.local", host.split('.').next().unwrap()));
        for name in names {
            let outcome = try_secure(address, &name, wary(certificate.clone())).await;
            let error = outcome.err().map(|error| error.to_string()).unwrap_or_default();
            assert!(
                !error.contains("NotValidForName") && !error.contains("not valid for name"),
                "{name}: {error}"
            );
        }
        let stranger = try_secure(address, "stranger.example", wary(certificate)).await.unwrap_err();
        assert!(stranger.to_string().contains("not valid for name"), "{stranger}");
    }
}

#[tokio::test]
async fn a_damaged_identity_is_one_clear_sentence_and_is_left_alone() {
    let state = tempfile::tempdir().unwrap();
    self_signed(state.path(), &[]).await.stop().await;
    let file = state.path().join("self-signed.pem");
    fs::write(&file, "-----BEGIN PRIVATE KEY-----\nhalf of it").unwrap();
    let flags = ["--listen", "127.0.0.1:0", "--tls", "self-signed", "--state-dir", text(state.path())];
    let output = timeout(PATIENCE, vong(&flags).output()).await.unwrap().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!((output.status.code(), error.lines().count()), (Some(1), 1), "{error}");
    assert!(error.contains("self-signed.pem") && error.contains("remove it"), "{error}");
    assert!(fs::read_to_string(&file).unwrap().ends_with("half of it"));
}

#[tokio::test]
async fn what_is_wrong_with_the_settings_or_the_files_is_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| text(&folder.path().join(name)).to_owned();
    let (certificate, key) = fresh_pair();
    fs::write(path("cert"), certificate).unwrap();
    fs::write(path("key"), key).unwrap();
    fs::write(path("other"), fresh_pair().1).unwrap();
    let files = |certificate: &str, key: &str| {
        vec!["--tls-cert".to_owned(), path(certificate), "--tls-key".to_owned(), path(key)]
    };
    let own = |flags: &[&str]| flags.iter().map(|&flag| flag.to_owned()).collect::<Vec<_>>();
    for (flags, code, part) in [
        (own(&["--tls-cert", "x"]), 2, "--tls-key"),
        (own(&["--tls", "self-signed", "--acme", "a.example"]), 2, "only one of"),
        (own(&["--http-redirect", "127.0.0.1:0"]), 2, "--http-redirect needs"),
        (own(&["--tls", "self-signed", "--state-dir", "/dev/null/x"]), 1, "/dev/null/x"),
        (files("missing", "key"), 1, "missing: No such file"),
        (files("key", "key"), 1, "key: it holds no certificate"),
        (files("cert", "cert"), 1, "cert: it holds no key"),
        (files("cert", "other"), 1, "other: the key in it is not that of the certificate"),
    ] {
        let flags: Vec<&str> =
            ["--listen", "127.0.0.1:0"].into_iter().chain(flags.iter().map(String::as_str)).collect();
        let output = timeout(PATIENCE, vong(&flags).output()).await.expect("it ends by itself").unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!((output.status.code(), error.lines().count()), (Some(code), 1), "{flags:?}: {error}");
        assert!(error.contains(part), "{flags:?}: {error}");
    }
}

#[tokio::test]
async fn a_renewed_certificate_is_for_new_connections_and_old_ones_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let [certificate, key] = ["cert", "key"].map(|name| folder.path().join(name));
    let write = |(new_certificate, new_key): &(String, String)| {
        fs::write(&certificate, new_certificate).unwrap();
        fs::write(&key, new_key).unwrap();
    };
    write(&fresh_pair());
    let files = ["--tls-cert", text(&certificate), "--tls-key", text(&key)];
    // The member is silent while the files are watched.
    let server = Server::start(&[&files[..], &["--heartbeat", "1m"]].concat()).await;
    let mut old = Client::over(secure(server.address).await, server.address).await;
    old.join(join("demo", Role::Watcher)).await;
    let first = fingerprint_now(server.address).await;

    write(&fresh_pair());
    let second = another_than(&server, &first).await;
    old.is_undisturbed().await;

    // Broken ones, and halves of a pair, change nothing.
    let third = fresh_pair();
    for broken in
        [("nonsense".to_owned(), "nonsense".to_owned()), (third.0.clone(), fs::read_to_string(&key).unwrap())]
    {
        write(&broken);
        let quiet = async {
            loop {
                assert_eq!(fingerprint_now(server.address).await, second);
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        };
        // Two looks at the files, and some.
        timeout(Duration::from_secs(5), quiet).await.expect_err("it never ends");
    }
    fs::write(&key, &third.1).unwrap();
    another_than(&server, &second).await;
    old.is_undisturbed().await;
}

#[tokio::test]
async fn plain_http_on_the_port_of_https_is_sent_there() {
    let state = tempfile::tempdir().unwrap();
    let server = self_signed(state.path(), &[]).await;
    for (method, path) in
        [("GET", "/"), ("GET", "/watch/demo?x=y"), ("HEAD", "/broadcast/demo"), ("POST", "/signal")]
    {
        let answer = request(server.address, method, path, &[]).await;
        assert_eq!(answer.status, 308, "{path}");
        assert_eq!(answer.header("location"), Some(format!("https://{}{path}", server.address).as_str()));
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
    assert_eq!(request(server.address, "GET", "/healthz", &[]).await.status, 200);
    let stream = tcp(server.address, "127.0.0.1").await;
    assert_eq!(request_over(stream, "user@evil.example", "GET", "/", &[]).await.status, 400);
    let proofs = "/.well-known/acme-challenge/abc";
    assert_eq!(request(server.address, "GET", proofs, &[]).await.status, 404);
}

#[tokio::test]
async fn another_port_can_do_nothing_but_send_on() {
    let state = tempfile::tempdir().unwrap();
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let server = self_signed(state.path(), &["--http-redirect", &free.to_string()]).await;
    let stream = tcp(free, "127.0.0.1").await;
    let answer = request_over(stream, "vong.example", "GET", "/watch/demo", &[]).await;
    assert_eq!(answer.status, 308);
    let expected = format!("https://vong.example:{}/watch/demo", server.address.port());
    assert_eq!(answer.header("location"), Some(expected.as_str()));
    server.stop().await;
    tokio::net::TcpStream::connect(free).await.expect_err("it is closed with the server");
}

#[tokio::test]
async fn who_does_not_finish_a_handshake_is_closed_and_disturbs_nobody() {
    let state = tempfile::tempdir().unwrap();
    let server = self_signed(state.path(), &[]).await;
    let mut member = Client::over(secure(server.address).await, server.address).await;
    member.join(join("demo", Role::Watcher)).await;

    let beginnings: [&[u8]; 5] = [
        b"",                                     // nothing at all
        b"\x16",                                 // a handshake's first byte
        b"\x16\x03\x01\x40\x00\x01\x00\x3f\xfc", // the head of a large greeting
        b"\x16\x03\x01\xff\xff",                 // a record longer than allowed
        b"\x00\x01\x02\x03",                     // neither TLS nor HTTP
    ];
    let mut slow = Vec::new();
    for beginning in beginnings.iter().cycle().take(400) {
        let mut stream = tcp(server.address, "127.0.0.1").await;
        let _ = stream.write_all(beginning).await;
        slow.push(stream);
    }
    for _ in 0..100 {
        // A whole flood of requests that only get sent on.
        assert_eq!(request(server.address, "GET", "/", &[]).await.status, 308);
    }
    let mut newcomer = Client::over(secure(server.address).await, server.address).await;
    newcomer.join(join("demo", Role::Watcher)).await;
    member.is_undisturbed().await;
    let end = async {
        for stream in &mut slow {
            // What the server says before is of no matter.
            while !matches!(stream.read(&mut [0; 64]).await, Ok(0) | Err(_)) {}
        }
    };
    let keep = async {
        loop {
            member.hear().await;
        }
    };
    tokio::select! {
        closed = timeout(Duration::from_secs(20), end) => closed.expect("all of them are closed"),
        () = keep => {}
    }
}

#[tokio::test]
async fn who_listens_for_others_is_told_the_address_its_code_and_the_fingerprint() {
    let state = tempfile::tempdir().unwrap();
    let flags = ["--listen", "0.0.0.0:0", "--state-dir", text(state.path()), "--log", "warn"];
    for secure in [true, false] {
        let flags = if secure { [&flags[..], &["--tls", "self-signed"]].concat() } else { flags.to_vec() };
        let mut child = vong(&flags).spawn().unwrap();
        let (scheme, address) = scheme_and_address(&mut child).await;
        let mut print = String::new();
        let loopback = ([127, 0, 0, 1], address.port()).into();
        assert_eq!(request(loopback, "GET", "/healthz", &[]).await.status, 200);
        if secure {
            print = fingerprint_now(loopback).await;
        }
        child.start_kill().unwrap();
        let output = child.wait_with_output().await.unwrap();
        let text = String::from_utf8(output.stderr).unwrap();
        assert!(text.contains(&print), "{text}");
        assert_eq!(text.contains("--tls self-signed"), !secure, "{text}");
        let own =
            if_addrs::get_if_addrs().unwrap().into_iter().find(|i| !i.is_loopback() && i.ip().is_ipv4());
        if let Some(own) = own {
            assert!(text.contains(&format!("{scheme}://{}:{}/", own.ip(), address.port())), "{text}");
            assert!(text.contains("█▀"), "{text}");
        }
    }
    let mut child = vong(&[&flags[..], &["--log-format", "json"]].concat()).spawn().unwrap();
    let (_, address) = scheme_and_address(&mut child).await;
    let loopback = ([127, 0, 0, 1], address.port()).into();
    assert_eq!(request(loopback, "GET", "/healthz", &[]).await.status, 200);
    child.start_kill().unwrap();
    let output = child.wait_with_output().await.unwrap();
    for line in String::from_utf8(output.stderr).unwrap().lines() {
        serde_json::from_str::<serde_json::Value>(line).expect(line);
    }
}

#[tokio::test]
async fn the_fingerprint_is_that_which_browsers_show() {
    let folder = tempfile::tempdir().unwrap();
    let server = self_signed(folder.path(), &[]).await;
    let kept = fs::read(folder.path().join("self-signed.pem")).unwrap();
    let kept = rustls_pem(&kept);
    assert_eq!(fingerprint_now(server.address).await, fingerprint(&kept));
}

fn rustls_pem(text: &[u8]) -> tokio_rustls::rustls::pki_types::CertificateDer<'static> {
    use tokio_rustls::rustls::pki_types::pem::PemObject as _;
    tokio_rustls::rustls::pki_types::CertificateDer::from_pem_slice(text).unwrap()
}
