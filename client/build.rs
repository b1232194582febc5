//! Keeps the names of functions out of the page that people download; they are two fifths of its bytes.
//!
//! Cargo's `strip` would do the same, but also removes the section that wasm-bindgen reads the features from.

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let is = |name: &str, value: &str| std::env::var(name).is_ok_and(|v| v == value);
    // The profile `page`, and no other, optimizes for size; the name of a profile is not told to build scripts.
    if is("CARGO_CFG_TARGET_ARCH", "wasm32") && is("OPT_LEVEL", "z") {
        println!("cargo::rustc-link-arg-bins=--strip-all");
        println!("cargo::rustc-link-arg-bins=--keep-section=target_features");
    }
}
