//! What a process takes: memory and time of the processor. Linux only, as the measurements are.

use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Set sizes in KB.
#[derive(Clone, Copy)]
pub(crate) struct Memory {
    pub(crate) resident: f64,
    pub(crate) proportional: f64,
}

impl Memory {
    /// What each of `count` things added since `before`.
    pub(crate) fn each(self, before: Self, count: u32) -> Self {
        let each = |after: f64, before: f64| (after - before) / f64::from(count);
        Self {
            resident: each(self.resident, before.resident),
            proportional: each(self.proportional, before.proportional),
        }
    }
}

pub(crate) fn memory(process: u32) -> Result<Memory> {
    let read = |file: &str, field: &str| -> Result<f64> {
        let text = fs::read_to_string(format!("/proc/{process}/{file}"))?;
        let line = text.lines().find_map(|line| line.strip_prefix(field)).context("no such field")?;
        // The kernel's "kB" are 1024 bytes.
        Ok(line.trim().trim_end_matches("kB").trim().parse::<f64>()? * 1.024)
    };
    Ok(Memory { resident: read("status", "VmRSS:")?, proportional: read("smaps_rollup", "Pss:")? })
}

/// How long its threads have run, in their own code and in the kernel's: what `utime` and `stime` of `/proc/PID/stat`
/// come to, but in nanoseconds rather than in hundredths of a second.
pub(crate) fn time(process: u32) -> Result<Duration> {
    let mut nanoseconds = 0;
    for thread in fs::read_dir(format!("/proc/{process}/task"))? {
        let text = fs::read_to_string(thread?.path().join("schedstat"))?;
        nanoseconds += text.split_whitespace().next().context("an empty schedstat")?.parse::<u64>()?;
    }
    Ok(Duration::from_nanos(nanoseconds))
}

/// Allows this process, and those it starts, so many open files.
pub(crate) fn raise_open_files(needed: u64) -> Result<()> {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    if current.is_none_or(|current| current >= needed) {
        return Ok(());
    }
    ensure!(
        maximum.is_none_or(|most| most >= needed),
        "{needed} open files are not allowed here: see `ulimit -Hn`"
    );
    Ok(setrlimit(Resource::Nofile, Rlimit { current: Some(needed), maximum })?)
}
