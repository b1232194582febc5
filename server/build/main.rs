//! Embeds the built page: `../dist`, which is Trunk's output, or the directory named by `VONG_DIST`.

mod bundle;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-env-changed=VONG_DIST");
    println!("cargo::rerun-if-changed=build");
    let dist = match env::var_os("VONG_DIST") {
        Some(path) => PathBuf::from(path),
        None => Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../dist"),
    };
    println!("cargo::rerun-if-changed={}", dist.display());
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let bundle = bundle::Bundle::make(&dist, &out)?;
    fs::write(out.join("bundle.rs"), bundle.source()?)?;
    Ok(())
}
