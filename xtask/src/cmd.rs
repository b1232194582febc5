//! Running other programs: in the workspace, with our tools on the path, and with their output left alone.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// An error is one message for the person who typed the command.
pub(crate) type Outcome<T = ()> = Result<T, String>;

/// Says what happens now.
pub(crate) fn step(what: &str) {
    eprintln!("==> {what}");
}

/// The workspace's root.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here).to_owned()
}

/// Cargo's output folder. Every command is told, since a person's settings of cargo may name another.
pub(crate) fn target_dir() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Cargo's own folder.
pub(crate) fn cargo_home() -> Outcome<PathBuf> {
    if let Some(dir) = env::var_os("CARGO_HOME") {
        return Ok(dir.into());
    }
    let home = env::home_dir().ok_or("there is neither CARGO_HOME nor a home folder")?;
    Ok(home.join(".cargo"))
}

/// Where tools go whose name on the path is taken by another version.
pub(crate) fn private_tools() -> Outcome<PathBuf> {
    Ok(cargo_home()?.join("vong-tools"))
}

/// Where programs are looked for, in order: our own folder, the person's path, cargo's folder.
fn search_path() -> Outcome<Vec<PathBuf>> {
    let mut dirs = vec![private_tools()?.join("bin")];
    dirs.extend(env::split_paths(&env::var_os("PATH").unwrap_or_default()));
    dirs.push(cargo_home()?.join("bin"));
    // Where Debian has servers; it is not on everybody's path.
    dirs.push("/usr/sbin".into());
    Ok(dirs)
}

/// The file that `program` on the path is.
pub(crate) fn find(program: &str) -> Outcome<Option<PathBuf>> {
    let file = format!("{program}{}", env::consts::EXE_SUFFIX);
    Ok(search_path()?.into_iter().map(|dir| dir.join(&file)).find(|path| path.is_file()))
}

/// A command in the workspace's root, with our tools on its path and our folder for cargo's output.
pub(crate) fn command(program: &str, args: &[&str]) -> Outcome<Command> {
    let path: OsString = env::join_paths(search_path()?).map_err(|error| format!("PATH: {error}"))?;
    // Looked up here, because whether a child's PATH counts for finding the child itself depends on the platform.
    let mut command = Command::new(find(program)?.unwrap_or_else(|| program.into()));
    command.args(args).current_dir(root()).env("PATH", path).env("CARGO_TARGET_DIR", target_dir());
    Ok(command)
}

/// The cargo that runs us, which is the project's toolchain.
pub(crate) fn cargo(args: &[&str]) -> Outcome<Command> {
    let cargo = env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    command(&cargo, args)
}

/// Runs a command to its end, and fails with its name when it fails.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let name = describe(command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{name}` failed ({status})")),
        Err(error) => Err(format!("`{name}` could not be started: {error}")),
    }
}

/// What a command prints, or nothing if it fails.
pub(crate) fn output(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_stem().unwrap_or(program.as_os_str());
    let words = std::iter::once(name).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cargo_is_told_the_folder_where_its_output_is_looked_for() {
        let cargo = cargo(&["build"]).unwrap();
        let told = cargo.get_envs().find_map(|(name, value)| value.filter(|_| name == "CARGO_TARGET_DIR"));
        assert_eq!(told, Some(target_dir().as_os_str()));
    }
}
