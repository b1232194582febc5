//! The project's own commands: usage and dispatch. Each command is a file; what gets installed is listed in `tools.rs`.
#![forbid(unsafe_code)]

mod bench;
mod build;
mod cmd;
mod dev;
mod install;
mod run;
mod shrink;
mod test;
mod tools;

use std::process::ExitCode;

use cmd::Outcome;

const USAGE: &str = "\
cargo xtask run [-- ARGS]   set up, build, and serve at http://localhost:4000; ARGS go to vong
cargo xtask build           leave one self-contained program at target/release/vong
cargo xtask test [PART..]   set up and run every test, or the parts named; `PART -- NAME` runs tests by name
cargo xtask dev [-- ARGS]   a server, and the page rebuilt on every change by `trunk serve`
cargo xtask bench [PART..]  measure size, memory and speed";

fn main() -> ExitCode {
    let mut args = std::env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<String> = args.skip_while(|arg| arg == "--").collect();
    match dispatch(&command, &rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask {command}: {error}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: &str, rest: &[String]) -> Outcome {
    match command {
        "run" => run::run(rest),
        "build" if rest.is_empty() => build::build().map(|_| ()),
        "test" => test::test(rest),
        "dev" => dev::dev(rest),
        "bench" => bench::bench(rest),
        "help" | "--help" | "-h" => {
            println!("{USAGE}\n\n{}", test::usage());
            Ok(())
        }
        _ => Err(format!("no such command\n\n{USAGE}\n\n{}", test::usage())),
    }
}
