//! Running the system's own tools: to their end, within a bound, with what they said in the error. It must not know what
//! they are run for.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Longest that a tool may take. They take milliseconds, and more on a machine that is busy with video.
const LIMIT: Duration = Duration::from_secs(20);
/// How often it is looked whether one has ended.
const LOOK: Duration = Duration::from_millis(2);

/// Runs `ip` with arguments that are separated by spaces, and returns what it printed.
pub(super) fn ip(arguments: &str) -> Result<String> {
    let mut command = Command::new("ip");
    command.args(arguments.split_whitespace());
    run(&mut command, "", Command::spawn)
}

/// Runs a command that reads `input`. `spawn` starts it, and so decides where.
pub(super) fn run(
    command: &mut Command,
    input: &str,
    spawn: impl FnOnce(&mut Command) -> std::io::Result<Child>,
) -> Result<String> {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let words: Vec<_> = std::iter::once(command.get_program()).chain(command.get_args()).collect();
    let name = words.iter().map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ");
    let mut child = spawn(command)
        .with_context(|| format!("`{name}` does not start; `cargo xtask test lab` installs what it needs"))?;
    if let Some(mut to) = child.stdin.take() {
        // One that ended without reading says why, below.
        let _ = to.write_all(input.as_bytes());
    }
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if started.elapsed() > LIMIT {
            child.kill()?;
            child.wait()?;
            bail!("`{name}` took longer than {LIMIT:?}");
        }
        sleep(LOOK);
    };
    // What these tools print fits into a pipe, so it could wait until now.
    let (mut said, mut complaint) = (String::new(), String::new());
    if let (Some(mut out), Some(mut err)) = (child.stdout.take(), child.stderr.take()) {
        out.read_to_string(&mut said)?;
        err.read_to_string(&mut complaint)?;
    }
    if !status.success() {
        bail!("`{name}` failed ({status}): {}\n{input}", complaint.trim());
    }
    Ok(said)
}
