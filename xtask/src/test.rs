//! `cargo xtask test`: every check and test, cheap ones first, until one fails.

use std::time::Instant;

use crate::cmd::{self, Outcome};
use crate::tools::WASM;
use crate::{build, install};

/// One part: its name, what it covers, and how it runs, given the arguments for its runner.
struct Part {
    name: &'static str,
    covers: &'static str,
    run: fn(&[&str]) -> Outcome,
}

const PARTS: &[Part] = &[
    Part { name: "format", covers: "rustfmt", run: |_| format() },
    Part { name: "lint", covers: "clippy on the host and on wasm", run: |_| lint() },
    Part { name: "docs", covers: "rustdoc", run: |_| docs() },
    Part { name: "xtask", covers: "these commands", run: |args| native("xtask", args) },
    Part { name: "protocol", covers: "the wire types", run: |args| native("vong-protocol", args) },
    Part { name: "session", covers: "the state machines", run: |args| native("vong-session", args) },
    Part { name: "turn", covers: "STUN and TURN", run: |args| native("vong-turn", args) },
    Part { name: "server", covers: "real sockets", run: |args| native("vong-server", args) },
    Part {
        name: "session-wasm",
        covers: "the state machines again, in headless Chromium",
        run: |args| wasm("vong-session", args),
    },
    Part {
        name: "client",
        covers: "the page's parts, natively where they can be",
        run: |args| native("vong-client", args),
    },
    Part {
        name: "client-wasm",
        covers: "the page's parts, in headless Chromium",
        run: |args| wasm("vong-client", args),
    },
    Part { name: "browser", covers: "the whole, in Chromium and Firefox", run: browser },
    Part { name: "lab", covers: "the whole, between networks; as root on Linux", run: lab },
];

/// Runs the parts named, or all. What follows `--` goes to the test runner of a single part, such as a test's name.
pub(crate) fn test(args: &[String]) -> Outcome {
    let mut split = args.splitn(2, |arg| arg == "--");
    let parts = choose(split.next().unwrap_or_default())?;
    let runner: Vec<&str> = split.next().unwrap_or_default().iter().map(String::as_str).collect();
    if parts.len() > 1 && !runner.is_empty() {
        return Err("arguments for the test runner take one part, named before them".to_owned());
    }
    install::for_test()?;
    install::clean_up();
    let all = Instant::now();
    for part in &parts {
        cmd::step(&format!("Testing {}: {}", part.name, part.covers));
        let started = Instant::now();
        (part.run)(&runner).map_err(|error| format!("{} failed: {error}", part.name))?;
        cmd::step(&format!("{} passed in {} s", part.name, started.elapsed().as_secs()));
    }
    let names: Vec<&str> = parts.iter().map(|part| part.name).collect();
    cmd::step(&format!("All passed in {} s: {}", all.elapsed().as_secs(), names.join(", ")));
    Ok(())
}

/// The parts there are.
pub(crate) fn usage() -> String {
    let lines = PARTS.iter().map(|part| format!("  {:14}{}", part.name, part.covers));
    format!("The parts of `cargo xtask test`:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

fn choose(names: &[String]) -> Outcome<Vec<&'static Part>> {
    if let Some(name) = names.iter().find(|name| PARTS.iter().all(|part| part.name != **name)) {
        return Err(format!("there is no part {name:?}\n\n{}", usage()));
    }
    Ok(PARTS.iter().filter(|part| names.is_empty() || names.iter().any(|name| name == part.name)).collect())
}

fn format() -> Outcome {
    cmd::run(&mut cmd::cargo(&["fmt", "--all", "--check"])?)
}

fn lint() -> Outcome {
    let host = ["clippy", "--locked", "--workspace", "--all-targets", "--", "-D", "warnings"];
    cmd::run(&mut cmd::cargo(&host)?)?;
    let page = ["--package", "vong-client", "--all-targets", "--target", WASM, "--", "-D", "warnings"];
    cmd::run(&mut cmd::cargo(&[&["clippy", "--locked"], &page[..]].concat())?)
}

fn docs() -> Outcome {
    let args = ["doc", "--locked", "--workspace", "--no-deps", "--document-private-items"];
    cmd::run(cmd::cargo(&args)?.env("RUSTDOCFLAGS", "-D warnings"))
}

fn native(package: &str, args: &[&str]) -> Outcome {
    cmd::run(cmd::cargo(&["test", "--locked", "--package", package, "--"])?.args(args))
}

fn wasm(package: &str, args: &[&str]) -> Outcome {
    let driver = cmd::find("chromedriver")?.ok_or("there is no chromedriver on the path")?;
    let mut test =
        cmd::cargo(&["test", "--locked", "--package", package, "--target", WASM, "--tests", "--"])?;
    test.args(args)
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", "wasm-bindgen-test-runner")
        .env("CHROMEDRIVER", driver)
        .env("WASM_BINDGEN_TEST_TIMEOUT", "120");
    cmd::run(&mut test)
}

fn browser(args: &[&str]) -> Outcome {
    // Two at a time: one has the machine's cores while the other waits for something to pass.
    whole(
        &["--lib", "--bins", "--test", "harness", "--test", "browser"],
        &[&["--test-threads=2"], args].concat(),
    )
}

fn lab(args: &[&str]) -> Outcome {
    install::for_lab()?;
    // One at a time, as the networks are large; and the table of what goes which way is worth having in the log.
    whole(&["--test", "lab"], &[&["--test-threads=1", "--nocapture"], args].concat())
}

/// Runs such targets of the tests' crate against the built program.
fn whole(targets: &[&str], args: &[&str]) -> Outcome {
    let program = build::build()?;
    let mut test = cmd::cargo(&["test", "--locked", "--package", "vong-tests", "--no-fail-fast"])?;
    test.args(targets).arg("--").args(args).env("VONG_BIN", program);
    // Errors tell what was waited for; a backtrace of the harness tells nothing more.
    cmd::run(test.env("RUST_LIB_BACKTRACE", "0"))
}
