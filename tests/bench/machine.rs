//! What was measured on, and when. Linux only, as the measurements are.

use std::fs;
use std::thread::available_parallelism;
use std::time::SystemTime;

/// The date, the machine and the browser if one took part, as a line for the document.
pub(crate) fn describe(browser: Option<&str>) -> String {
    let unknown = || "unknown".to_owned();
    let cpu = field("/proc/cpuinfo", "model name", ':').unwrap_or_else(unknown);
    let memory = field("/proc/meminfo", "MemTotal", ':').unwrap_or_else(unknown);
    let memory = memory.trim_end_matches(" kB").parse::<u64>().map_or(memory.clone(), |kib| {
        // Rounded, since the kernel keeps some for itself.
        format!("{} GiB of memory", (kib + (1 << 19)) >> 20)
    });
    let system = field("/etc/os-release", "PRETTY_NAME", '=').unwrap_or_else(unknown);
    let kernel = fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_else(|_| unknown());
    let cores = available_parallelism().map_or(0, usize::from);
    let date = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    let date = date.split('T').next().unwrap_or_default();
    let browser = browser.map(|version| format!(", {version}")).unwrap_or_default();
    let (system, kernel) = (system.trim_matches('"'), kernel.trim());
    // Builds for clouds carry their maker's name behind the number.
    let kernel = kernel.split('-').next().unwrap_or_default();
    format!("Measured on {date}: {cores} cores of {cpu}, {memory}, {system}, Linux {kernel}{browser}.")
}

fn field(file: &str, name: &str, separator: char) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(separator)?;
        (key.trim() == name).then(|| value.trim().to_owned())
    })
}
