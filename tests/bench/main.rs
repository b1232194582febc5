//! Measures the built program from the outside and writes `docs/benchmarks.md`: usage and dispatch.
//!
//! A part is a file. It measures, says what it found as Markdown, and whether its bound holds.
#![forbid(unsafe_code)]

mod files;
mod first_frame;
mod http;
mod idle;
mod machine;
mod process;
mod report;
mod size;
mod star;
mod stats;
mod turn;

use std::process::ExitCode;

use anyhow::{Result, bail};

/// What one part found.
pub(crate) struct Finding {
    /// The section of the document, without its heading.
    pub(crate) text: String,
    /// Whether it is within its bound.
    pub(crate) holds: bool,
}

/// One part: its name on the command line and in the document, its heading, and how it measures.
struct Part {
    name: &'static str,
    heading: &'static str,
    measure: fn() -> Result<Finding>,
}

const PARTS: [Part; 6] = [
    Part { name: "size", heading: "What a watcher downloads", measure: size::measure },
    Part { name: "idle", heading: "Memory of an idle watcher", measure: idle::measure },
    Part { name: "first-frame", heading: "From page load to first frame", measure: first_frame::measure },
    Part { name: "files", heading: "Files from page to page", measure: files::measure },
    Part { name: "star", heading: "Watchers that one computer serves", measure: star::measure },
    Part { name: "turn", heading: "Relaying, against coturn", measure: turn::measure },
];

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match names.split_first() {
        // Not a part: the load of one, which is a process of its own.
        Some((name, rest)) if name == turn::LOAD => turn::load(rest).map(|()| true),
        _ => measure(&names),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => {
            eprintln!("bench: not every bound holds");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Measures the parts named, or all. Each is written down as soon as it is there.
fn measure(names: &[String]) -> Result<bool> {
    if let Some(name) = names.iter().find(|name| PARTS.iter().all(|part| part.name != **name)) {
        let parts: Vec<&str> = PARTS.iter().map(|part| part.name).collect();
        bail!("there is no part {name:?}; there are {}", parts.join(", "));
    }
    let mut holds = true;
    for part in PARTS.iter().filter(|part| names.is_empty() || names.iter().any(|name| name == part.name)) {
        eprintln!("==> Measuring {}", part.name);
        let finding = (part.measure)()?;
        holds &= finding.holds;
        println!("\n## {}\n\n{}\n", part.heading, finding.text);
        report::write(part, &finding.text)?;
    }
    Ok(holds)
}

/// How a document says whether a bound holds.
pub(crate) fn verdict(holds: bool) -> &'static str {
    if holds { "holds" } else { "**does not hold**" }
}
