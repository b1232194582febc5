//! What the build script makes of a built page.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

#[path = "../build/bundle.rs"]
#[allow(dead_code, reason = "the build script uses all of it")]
mod bundle;

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bundle::Bundle;
use sha2::{Digest, Sha256};

const SCRIPT: &str = "\nimport init from '/app-0123456789abcdef.js';\nawait init();\n";

fn build(dist: &Path) -> Bundle {
    let page = format!(
        "<html><link rel=\"modulepreload\" href=\"/app-0123456789abcdef.js\"><script type=\"module\">{SCRIPT}</script>\
         <script src=\"/other.js\"></script></html>"
    );
    fs::create_dir_all(dist.join("icons")).unwrap();
    fs::create_dir_all(dist.join(".stage")).unwrap();
    fs::write(dist.join("index.html"), page).unwrap();
    fs::write(dist.join("app-0123456789abcdef.js"), "export default () => {};\n".repeat(100)).unwrap();
    fs::write(dist.join("app-0123456789abcdef_bg.wasm"), [0; 1000]).unwrap();
    fs::write(dist.join("icons/vong-c2dc3d391aafdd5.svg"), "<svg/>").unwrap();
    fs::create_dir_all(dist.join("app")).unwrap();
    fs::write(dist.join("app/manifest.webmanifest"), "{}").unwrap();
    fs::write(dist.join("app/icon-192.png"), [7; 1000]).unwrap();
    fs::write(dist.join("photo.png"), [7; 1000]).unwrap();
    fs::write(dist.join(".stage/half.js"), "").unwrap();
    let out = dist.join("../out");
    fs::create_dir_all(&out).unwrap();
    Bundle::make(dist, &out).unwrap()
}

#[test]
fn files_have_their_type_and_only_those_with_a_hash_in_the_name_never_change() {
    let directory = tempfile::tempdir().unwrap();
    let bundle = build(&directory.path().join("dist"));
    let seen: Vec<_> =
        bundle.files.iter().map(|f| (f.path.as_str(), f.content_type.as_str(), f.immutable)).collect();
    assert_eq!(
        seen,
        [
            ("/app-0123456789abcdef.js", "text/javascript; charset=utf-8", true),
            ("/app-0123456789abcdef_bg.wasm", "application/wasm", true),
            ("/app/icon-192.png", "image/png", false),
            ("/app/manifest.webmanifest", "application/manifest+json", false),
            ("/icons/vong-c2dc3d391aafdd5.svg", "image/svg+xml; charset=utf-8", true),
            ("/index.html", "text/html; charset=utf-8", false),
            ("/photo.png", "image/png", false),
        ]
    );
}

#[test]
fn what_is_worth_it_is_compressed_and_comes_back_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let bundle = build(&directory.path().join("dist"));
    let compressed: Vec<_> = bundle.files.iter().filter(|f| f.brotli.is_some()).collect();
    assert_eq!(compressed.len(), 2, "the script and the wasm; the rest is too small or compressed already");
    for file in compressed {
        let bytes = fs::read(file.brotli.as_ref().unwrap()).unwrap();
        let mut plain = Vec::new();
        brotli::BrotliDecompress(&mut bytes.as_slice(), &mut plain).unwrap();
        assert_eq!(plain, fs::read(&file.identity).unwrap());
        assert!(bytes.len() < plain.len());
    }
}

#[test]
fn inline_scripts_are_hashed_as_browsers_do() {
    let directory = tempfile::tempdir().unwrap();
    let bundle = build(&directory.path().join("dist"));
    assert_eq!(bundle.inline_scripts, format!("'sha256-{}'", STANDARD.encode(Sha256::digest(SCRIPT))));
}

#[test]
fn without_a_built_page_a_sentence_says_what_to_run() {
    let directory = tempfile::tempdir().unwrap();
    let bundle = Bundle::make(&directory.path().join("missing"), directory.path()).unwrap();
    assert_eq!(bundle.files.len(), 1);
    let page = fs::read_to_string(&bundle.files[0].identity).unwrap();
    assert!(page.contains("cargo xtask run"), "{page}");
}
