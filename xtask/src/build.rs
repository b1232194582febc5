//! `cargo xtask build`: the pages, then the server with the pages inside.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

use crate::cmd::{self, Outcome};
use crate::install;
use crate::shrink::shrink;

/// Sets up, builds, and returns the program.
pub(crate) fn build() -> Outcome<PathBuf> {
    install::for_build()?;
    install::clean_up();
    page()?;
    cmd::step("Building the server (about 2 minutes the first time)");
    cmd::run(&mut cmd::cargo(&["build", "--locked", "--release", "--package", "vong-server"])?)?;
    let program = cmd::target_dir().join("release").join(format!("vong{}", std::env::consts::EXE_SUFFIX));
    if !program.is_file() {
        return Err(format!("the build left no {}", program.display()));
    }
    cmd::step(&format!("{} is ready", program.display()));
    Ok(program)
}

/// The documents that people load, each with the name that it is served by. `index.html`, which has all of them in one, is for
/// `trunk serve`.
const DOCUMENTS: [(&str, &str); 4] = [
    // Also what the server has for addresses that mean nothing.
    ("home.html", "index.html"),
    ("watch.html", "room.html"),
    ("broadcast.html", "broadcast.html"),
    ("test.html", "test.html"),
];

/// Builds the pages into `dist/`, from where the server takes them.
pub(crate) fn page() -> Outcome {
    let mut files = BTreeMap::new();
    for (page, served) in DOCUMENTS {
        cmd::step(&format!("Building {page} (about 2 minutes the first time)"));
        // A folder each: Trunk clears what it builds into.
        let fresh = cmd::target_dir().join("pages").join(page);
        let mut trunk = cmd::command("trunk", &["build", "--release", "--locked", "--offline"])?;
        // Hashes of files are of no use to whoever gets files and page from the same server.
        cmd::run(trunk.args(["--no-sri", "true", "--html-output", served, "--dist"]).arg(&fresh).arg(page))?;
        let built = contents(&fresh).map_err(|error| format!("{}: {error}", fresh.display()))?;
        files.extend(shrink(built)?);
    }
    publish(files, &cmd::root().join("dist")).map_err(|error| format!("dist: {error}"))
}

/// Makes `to` consist of these files. Trunk writes every file anew; what did not change must keep its time, or the server
/// would be compiled again for nothing.
fn publish(files: BTreeMap<PathBuf, Vec<u8>>, to: &Path) -> io::Result<()> {
    if contents(to).is_ok_and(|published| published == files) {
        return Ok(());
    }
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    for (name, bytes) in files {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap_or(to))?;
        fs::write(path, bytes)?;
    }
    Ok(())
}

/// Every file below a folder, by its path from there.
fn contents(folder: &Path) -> io::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = PathBuf::from(entry.file_name());
        if entry.file_type()?.is_dir() {
            files
                .extend(contents(&entry.path())?.into_iter().map(|(inner, bytes)| (name.join(inner), bytes)));
        } else {
            files.insert(name, fs::read(entry.path())?);
        }
    }
    Ok(files)
}
