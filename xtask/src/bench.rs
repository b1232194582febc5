//! `cargo xtask bench`: measures the release build.

use crate::cmd::{self, Outcome};
use crate::{build, install};

/// Builds, then runs the measuring program, which knows what is measured and how; `args` name its parts.
pub(crate) fn bench(args: &[String]) -> Outcome {
    install::for_bench()?;
    let program = build::build()?;
    // Only what is measured has to be optimised; this way the measuring program shares what the tests have compiled.
    let mut bench = cmd::cargo(&["run", "--locked", "--package", "vong-tests", "--bin", "bench", "--"])?;
    cmd::run(bench.args(args).env("VONG_BIN", program))
}
