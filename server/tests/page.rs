//! The page as it is served over HTTP, whichever was built into this server.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use support::{Server, request};

#[tokio::test]
async fn the_health_check_answers() {
    let server = Server::start(&[]).await;
    let response = request(server.address, "GET", "/healthz", &[]).await;
    assert_eq!((response.status, response.text()), (200, "ok\n"));
    assert_eq!(response.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn every_page_is_the_app_and_a_missing_file_is_missing() {
    let server = Server::start(&[]).await;
    let index = request(server.address, "GET", "/", &[]).await;
    assert_eq!(index.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(index.header("cache-control"), Some("no-cache"));
    for path in ["/watch?room=demo", "/no/such/page"] {
        let page = request(server.address, "GET", path, &[]).await;
        assert_eq!((page.status, page.text()), (200, index.text()), "{path}");
    }
    for path in ["/watch/demo", "/watch/a.b", "/broadcast", "/broadcast/demo", "/test"] {
        let page = request(server.address, "GET", path, &[]).await;
        assert_eq!(page.status, 200, "{path}");
        assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"), "{path}");
    }
    for path in ["/missing.js", "/app-0123456789abcdef.wasm", "/../Cargo.toml", "/%2e%2e/Cargo.toml"] {
        let response = request(server.address, "GET", path, &[]).await;
        assert_eq!(response.status, 404, "{path}");
        assert_eq!(response.header("cache-control"), Some("no-store"), "{path}");
    }
    assert_eq!(request(server.address, "POST", "/watch/demo", &[]).await.status, 405);
}

#[tokio::test]
async fn head_says_what_get_would_send() {
    let server = Server::start(&[]).await;
    let get = request(server.address, "GET", "/watch/demo", &[]).await;
    let head = request(server.address, "HEAD", "/watch/demo", &[]).await;
    assert_eq!(head.status, 200);
    assert!(head.body.is_empty());
    assert_eq!(head.header("content-length"), Some(get.body.len().to_string().as_str()));
    assert_eq!(head.header("etag"), get.header("etag"));
}

#[tokio::test]
async fn a_page_that_is_known_is_not_sent_again() {
    let server = Server::start(&[]).await;
    let first = request(server.address, "GET", "/", &[]).await;
    let condition = format!("If-None-Match: {}", first.header("etag").expect("a tag"));
    let second = request(server.address, "GET", "/", &[&condition]).await;
    assert_eq!(second.status, 304);
    assert!(second.body.is_empty());
    assert_eq!(second.header("etag"), first.header("etag"));
}

#[tokio::test]
async fn the_policy_names_every_inline_script_and_every_file_is_there() {
    let server = Server::start(&[]).await;
    let index = request(server.address, "GET", "/", &[]).await;
    let policy = index.header("content-security-policy").expect("a policy").to_owned();
    let scripts = policy.split(';').find(|part| part.trim().starts_with("script-src")).expect("script-src");
    assert!(!scripts.contains("unsafe-inline"), "{scripts}");
    let mut inline = BTreeSet::new();
    for page in ["/", "/watch/demo", "/broadcast/demo", "/test"] {
        let page = request(server.address, "GET", page, &[]).await;
        for script in page.text().split("<script").skip(1) {
            let (attributes, rest) = script.split_once('>').expect("an opening tag");
            if !attributes.contains("src=") {
                let (body, _) = rest.split_once("</script>").expect("a closing tag");
                inline.insert(STANDARD.encode(Sha256::digest(body)));
            }
        }
    }
    assert!(inline.iter().all(|hash| scripts.contains(&format!("'sha256-{hash}'"))), "{scripts}");
    assert_eq!(scripts.matches("sha256-").count(), inline.len(), "and nothing else");
    for link in index.text().split("href=\"/").skip(1) {
        let (path, _) = link.split_once('"').expect("a closing quote");
        let plain = request(server.address, "GET", &format!("/{path}"), &[]).await;
        assert_eq!(plain.status, 200, "{path}");
        let small = request(server.address, "GET", &format!("/{path}"), &["Accept-Encoding: gzip, br"]).await;
        if small.header("content-encoding") == Some("br") {
            let mut unpacked = Vec::new();
            brotli::BrotliDecompress(&mut small.body.as_slice(), &mut unpacked).expect("brotli");
            assert_eq!(unpacked, plain.body, "{path}");
            assert!(small.body.len() < plain.body.len());
        }
    }
}

#[tokio::test]
async fn only_watch_pages_may_be_embedded_and_every_answer_is_guarded() {
    let server = Server::start(&["--frame-ancestors", "https://school.example"]).await;
    for (path, ancestors) in [
        ("/watch/demo", "https://school.example"),
        ("/", "'none'"),
        ("/broadcast/demo", "'none'"),
        ("/x.js", "'none'"),
    ] {
        let response = request(server.address, "GET", path, &[]).await;
        let policy = response.header("content-security-policy").expect("a policy");
        assert!(policy.ends_with(&format!("frame-ancestors {ancestors}")), "{path}: {policy}");
        assert!(policy.starts_with("default-src 'none'"), "{policy}");
        assert_eq!(response.header("x-content-type-options"), Some("nosniff"), "{path}");
        if path != "/x.js" {
            let permissions = response.header("permissions-policy");
            assert!(permissions.is_some_and(|p| p.contains("camera=(self)")), "{path}");
            assert!(response.header("referrer-policy").is_some(), "{path}");
        }
    }
}
