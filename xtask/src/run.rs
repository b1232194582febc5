//! `cargo xtask run`: from a bare machine to a served page.

use std::process::Command;

use crate::build;
use crate::cmd::{self, Outcome};

/// Builds, then becomes the server, so that Ctrl-C and signals go to it alone.
pub(crate) fn run(args: &[String]) -> Outcome {
    let program = build::build()?;
    cmd::step("Serving at http://localhost:4000 unless told otherwise; Ctrl-C ends it");
    become_program(Command::new(program).args(args))
}

#[cfg(unix)]
fn become_program(command: &mut Command) -> Outcome {
    use std::os::unix::process::CommandExt;
    Err(format!("vong could not be started: {}", command.exec()))
}

#[cfg(not(unix))]
fn become_program(command: &mut Command) -> Outcome {
    cmd::run(command)
}
