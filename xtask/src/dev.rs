//! `cargo xtask dev`: a server, and Trunk rebuilding the page on every change and passing the WebSocket on to it.

use std::process::{Child, Command};
use std::thread;
use std::time::Duration;

use crate::cmd::{self, Outcome};
use crate::{build, install};

/// How soon the end of one of the two is noticed.
const LOOK: Duration = Duration::from_millis(200);

/// Runs both until either ends. Ctrl-C reaches both by itself.
pub(crate) fn dev(args: &[String]) -> Outcome {
    install::for_build()?;
    if !cmd::root().join("dist/index.html").is_file() {
        build::page()?;
    }
    cmd::step("Building the server");
    cmd::run(&mut cmd::cargo(&["build", "--package", "vong-server"])?)?;
    let program = cmd::target_dir().join("debug").join("vong");
    let mut server = spawn(cmd::command(&program.to_string_lossy(), &[])?.args(args))?;
    let mut trunk = match spawn(&mut cmd::command("trunk", &["serve", "--offline"])?) {
        Ok(trunk) => trunk,
        Err(error) => {
            end(&mut server);
            return Err(error);
        }
    };
    loop {
        if let Ok(Some(status)) = server.try_wait() {
            end(&mut trunk);
            return Err(format!("the server ended ({status})"));
        }
        if let Ok(Some(status)) = trunk.try_wait() {
            end(&mut server);
            return Err(format!("trunk ended ({status})"));
        }
        thread::sleep(LOOK);
    }
}

fn spawn(command: &mut Command) -> Outcome<Child> {
    command.spawn().map_err(|error| format!("{}: {error}", command.get_program().to_string_lossy()))
}

fn end(child: &mut Child) {
    // It may have ended already, which is what is wanted.
    let _ = child.kill();
    let _ = child.wait();
}
