//! Makes the machine ready: installs what `tools.rs` lists and is missing. Everything that fits already is left alone.

use std::fs;
use std::process::Command;
use std::time::Instant;

use crate::cmd::{self, Outcome};
use crate::tools::{
    BROWSERS, COTURN, CargoTool, GECKODRIVER, LAB, NPM, NPM_PACKAGES, NpmPackage, RIVALS, SystemTool,
    TEST_SERVERS, TEST_SERVICES, TRUNK, Version, WASM, WASM_BINDGEN,
};

/// What building takes.
pub(crate) fn for_build() -> Outcome {
    wasm_target()?;
    cargo_tool(&WASM_BINDGEN)?;
    cargo_tool(&TRUNK)?;
    // Trunk then works offline: it cannot fetch a tool of its own that would differ from ours.
    cmd::run(&mut cmd::cargo(&["fetch", "--locked", "--quiet"])?)
}

/// What the checks and the browser tests take beyond that.
pub(crate) fn for_test() -> Outcome {
    for_build()?;
    component("clippy")?;
    component("rustfmt")?;
    system_tools(BROWSERS)?;
    optional(TEST_SERVERS, true)?;
    // A machine that only tests has no other use for port 80.
    optional(TEST_SERVICES, is_ci())?;
    npm_packages()?;
    cargo_tool(&GECKODRIVER)
}

/// What comes from npm. Where there is none, the tests that need it say that they are skipped; in CI nothing is.
fn npm_packages() -> Outcome {
    let folder = cmd::target_dir().join("node");
    let is_there = |NpmPackage { name, version }: &NpmPackage| {
        let text = fs::read_to_string(folder.join("node_modules").join(name).join("package.json"));
        text.is_ok_and(|text| text.contains(&format!("\"version\": \"{version}\"")))
    };
    if NPM_PACKAGES.iter().all(is_there) {
        return Ok(());
    }
    // All at once: what npm is not told of it removes.
    let packages: Vec<String> =
        NPM_PACKAGES.iter().map(|NpmPackage { name, version }| format!("{name}@{version}")).collect();
    let named = packages.join(" ");
    if is_ci() {
        system_tools(&[NPM])?;
    } else if !missing(&[NPM])?.is_empty() {
        cmd::step(&format!("Tests that need {named} are skipped: there is no npm"));
        return Ok(());
    }
    cmd::step(&format!("Installing with npm (once, half a minute): {named}"));
    fs::create_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let install = ["install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts"];
    cmd::run(cmd::command("npm", &install)?.args(&packages).current_dir(&folder))
}

/// What the tests between networks take beyond that. Where they are skipped, nothing.
pub(crate) fn for_lab() -> Outcome {
    if cfg!(target_os = "linux") && is_root()? { system_tools(LAB) } else { Ok(()) }
}

/// What measuring takes beyond that.
pub(crate) fn for_bench() -> Outcome {
    for_test()?;
    system_tools(RIVALS)
}

fn wasm_target() -> Outcome {
    let sysroot = cmd::output(&mut cmd::command("rustc", &["--print", "sysroot"])?)
        .ok_or("rustc does not run: install Rust from https://rustup.rs")?;
    if fs::exists(format!("{sysroot}/lib/rustlib/{WASM}")).unwrap_or(false) {
        return Ok(());
    }
    cmd::step(&format!("Adding the compiler's {WASM} target (once, some seconds)"));
    rustup(&["target", "add", WASM])
}

fn component(name: &str) -> Outcome {
    // Cargo's name for what rustup calls by its own.
    let subcommand = if name == "rustfmt" { "fmt" } else { name };
    if cmd::output(&mut cmd::cargo(&[subcommand, "--version"])?).is_some() {
        return Ok(());
    }
    cmd::step(&format!("Adding {name} to the compiler (once, some seconds)"));
    rustup(&["component", "add", name])
}

fn rustup(args: &[&str]) -> Outcome {
    cmd::run(&mut cmd::command("rustup", args)?)
        .map_err(|error| format!("{error}; without rustup, add this to your Rust installation by hand"))
}

fn cargo_tool(tool: &CargoTool) -> Outcome {
    let wanted = wanted(tool.version)?;
    let found = installed(tool)?;
    if found.as_ref() == Some(&wanted) {
        return Ok(());
    }
    let CargoTool { package, takes, .. } = tool;
    cmd::step(&format!("Installing {package} {wanted} (once, about {takes})"));
    let started = Instant::now();
    let mut install = cmd::cargo(&["install", package, "--version", &wanted, "--force"])?;
    install
        .args(tool.flags)
        // The tools share what they have in common, and these settings compile in a third of the time.
        .env("CARGO_TARGET_DIR", build_dir())
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    if let Some(found) = found {
        // The person's own version stays as it is.
        let private = cmd::private_tools()?;
        cmd::step(&format!("{package} {found} is there and stays; ours goes to {}", private.display()));
        install.arg("--root").arg(private);
    } else {
        install.arg("--root").arg(cmd::cargo_home()?);
    }
    cmd::run(&mut install)?;
    match installed(tool)? {
        Some(found) if found == wanted => {}
        found => {
            let found = found.as_deref().unwrap_or("none");
            return Err(format!("{package} {wanted} was installed, but {found} is what the path leads to"));
        }
    }
    cmd::step(&format!("{package} took {} s", started.elapsed().as_secs()));
    Ok(())
}

/// Frees the hundreds of megabytes that compiling the tools took.
pub(crate) fn clean_up() {
    // Nothing depends on it: what remains is only disk space.
    let _ = fs::remove_dir_all(build_dir());
}

fn build_dir() -> std::path::PathBuf {
    cmd::target_dir().join("tools")
}

/// The version of the tool that the path leads to: the first word that starts with a digit.
fn installed(tool: &CargoTool) -> Outcome<Option<String>> {
    if cmd::find(tool.program)?.is_none() {
        return Ok(None);
    }
    let text = cmd::output(&mut cmd::command(tool.program, &["--version"])?).unwrap_or_default();
    let version = text.split_whitespace().find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    Ok(Some(version.unwrap_or("of an unknown version").to_owned()))
}

fn wanted(version: Version) -> Outcome<String> {
    match version {
        Version::Pinned(version) => Ok(version.to_owned()),
        Version::Locked(package) => {
            let lock = fs::read_to_string(cmd::root().join("Cargo.lock"))
                .map_err(|error| format!("Cargo.lock cannot be read: {error}"))?;
            locked(&lock, package).ok_or_else(|| format!("Cargo.lock names no {package}"))
        }
    }
}

fn locked(lock: &str, package: &str) -> Option<String> {
    let name = format!("name = \"{package}\"");
    let mut lines = lock.lines().skip_while(|line| *line != name);
    let version = lines.nth(1)?.strip_prefix("version = \"")?;
    Some(version.trim_end_matches('"').to_owned())
}

fn system_tools(tools: &[SystemTool]) -> Outcome {
    let missing = missing(tools)?;
    if missing.is_empty() {
        return Ok(());
    }
    let names = missing.iter().map(|tool| tool.name).collect::<Vec<_>>().join("; ");
    let by_hand = format!("please install, so that the tests find them on the path: {names}");
    if cmd::find("apt-get")?.is_none() {
        return Err(by_hand);
    }
    cmd::step(&format!("Installing with apt-get (once, about a minute): {names}"));
    let packages: Vec<&str> = missing.iter().map(|tool| tool.package).collect();
    apt_get(&["update", "--quiet"]).map_err(|error| format!("{error}; {by_hand}"))?;
    let install = [&["install", "--quiet", "--yes", "--no-install-recommends"], &packages[..]].concat();
    apt_get(&install).map_err(|error| format!("{error}; {by_hand}"))?;
    if missing.iter().any(|tool| tool.package == COTURN.package) {
        // Its package starts it, at once and with every boot, on TURN's own port. Where there is no systemd, nothing did.
        let _ = cmd::output(&mut as_root(&["systemctl", "disable", "--now", "coturn"])?);
    }
    Ok(())
}

/// Installs what tests can do without, or says what that means.
fn optional(tools: &[SystemTool], may_install: bool) -> Outcome {
    let missing = missing(tools)?;
    if missing.is_empty() {
        return Ok(());
    }
    let packages = missing.iter().map(|tool| tool.package).collect::<Vec<_>>().join(" ");
    let outcome = match cmd::find("apt-get")? {
        None => Err("there is no apt-get".to_owned()),
        Some(_) if !may_install => Err("its package would start a service; CI installs it".to_owned()),
        Some(_) => system_tools(tools),
    };
    if let Err(why) = outcome {
        cmd::step(&format!("Tests that need these Debian packages are skipped: {packages} ({why})"));
    }
    Ok(())
}

fn missing(tools: &[SystemTool]) -> Outcome<Vec<&SystemTool>> {
    let mut missing = Vec::new();
    for tool in tools {
        let mut found = false;
        for program in tool.programs {
            found |= cmd::find(program)?.is_some();
        }
        if !found {
            missing.push(tool);
        }
    }
    Ok(missing)
}

fn is_root() -> Outcome<bool> {
    Ok(cmd::output(&mut cmd::command("id", &["-u"])?).as_deref() == Some("0"))
}

fn is_ci() -> bool {
    std::env::var_os("CI").is_some()
}

fn apt_get(args: &[&str]) -> Outcome {
    // sudo hands on no variable of its own accord.
    cmd::run(&mut as_root(&[&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], args].concat())?)
}

/// A command as root, if that can be.
fn as_root(line: &[&str]) -> Outcome<Command> {
    let sudo = !is_root()? && cmd::find("sudo")?.is_some();
    let line = if sudo { [&["sudo"], line].concat() } else { line.to_vec() };
    let (program, args) = line.split_first().ok_or("no command")?;
    cmd::command(program, args)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lock_file_tells_a_packages_version() {
        let lock = "[[package]]\nname = \"wasm-bindgen-macro\"\nversion = \"9.9.9\"\n\n[[package]]\nname = \
                    \"wasm-bindgen\"\nversion = \"0.2.130\"\n";
        assert_eq!(locked(lock, "wasm-bindgen").as_deref(), Some("0.2.130"));
        assert_eq!(locked(lock, "trunk"), None);
    }
}
