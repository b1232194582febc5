//! A child process that starts others: they end with it, however a test ends. It must not know which.

use std::fs;
use std::process::Child;

use rustix::process::{Pid, Signal, kill_process};

/// Killed when dropped, with all that it started.
#[derive(Debug)]
pub(crate) struct Tree(pub(crate) Child);

impl Drop for Tree {
    fn drop(&mut self) {
        // Looked for first: whoever outlives a parent is somebody else's child.
        let descendants = descendants(self.0.id());
        // All fail only for a process that has ended, which is what is wanted.
        let _ = self.0.kill();
        let _ = self.0.wait();
        for process in descendants.into_iter().filter_map(|id| Pid::from_raw(id.try_into().ok()?)) {
            let _ = kill_process(process, Signal::KILL);
        }
    }
}

/// The processes that a process started, and those that these did, as far as the system tells.
fn descendants(of: u32) -> Vec<u32> {
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    let parents: Vec<(u32, u32)> = processes
        .filter_map(|entry| {
            let id = entry.ok()?.file_name().to_str()?.parse().ok()?;
            // The parent comes second after the program's name, which stands in brackets and may have any in it.
            let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
            Some((id, stat.rsplit(')').next()?.split_whitespace().nth(1)?.parse().ok()?))
        })
        .collect();
    let mut found = vec![of];
    let mut next = 0;
    while let Some(&parent) = found.get(next) {
        found.extend(parents.iter().filter(|(_, its)| *its == parent).map(|(id, _)| id));
        next += 1;
    }
    found.split_off(1)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use std::io::{BufRead, BufReader};
    use std::path::Path;
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn what_a_child_has_started_ends_with_it() {
        let mut shell = Command::new("sh");
        shell.args(["-c", "sleep 1000 & echo $!; wait"]).stdout(Stdio::piped());
        let mut tree = Tree(shell.spawn().unwrap());
        let mut id = String::new();
        BufReader::new(tree.0.stdout.take().unwrap()).read_line(&mut id).unwrap();
        let state =
            || fs::read_to_string(Path::new("/proc").join(id.trim()).join("stat")).unwrap_or_default();
        assert!(!state().is_empty());
        drop(tree);
        // Nobody waits for it but the system, so it may be there a little longer, as a zombie.
        let deadline = std::time::Instant::now() + crate::wait::DEADLINE;
        while !(state().is_empty() || state().contains(") Z ")) {
            assert!(std::time::Instant::now() < deadline, "{}", state());
            std::thread::yield_now();
        }
    }
}
