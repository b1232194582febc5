//! Browsers between two tests. Starting one takes the machine's time for longer than most tests do, so whoever passed hands
//! its browsers on, with their windows closed.
//!
//! What pages keep belongs to their origin, and no two servers of a test run have the same port: so a test finds nothing of
//! an earlier one's. A browser that a test killed, that was asked for with a server's own address, or that was there when a test
//! failed, is not handed on.

use std::io::Write;
use std::process::{ChildStdin, Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

use crate::browser::Running;
use crate::options::Key;

/// Each with `WebDriver`'s name for its session.
static IDLE: Mutex<Vec<(Running, String)>> = Mutex::new(Vec::new());

/// One that is as it was asked for.
pub(crate) fn take(key: Key) -> Option<(Running, String)> {
    let mut idle = IDLE.lock().unwrap_or_else(PoisonError::into_inner);
    let place = idle.iter().position(|(running, _)| running.key == Some(key))?;
    Some(idle.swap_remove(place))
}

/// For whoever asks next. Ended with this process at the latest.
pub(crate) fn give(running: Running, session: String) {
    if let (Some(process), Ok(reaper)) = (running.process.id(), &mut REAPER.lock()) {
        let (driver, browser) = (running.driver.id(), process.as_raw_nonzero());
        let line = format!("{driver} {browser} {}\n", running.driver.folder().display());
        if reaper.as_mut().is_some_and(|reaper| reaper.write_all(line.as_bytes()).is_ok()) {
            IDLE.lock().unwrap_or_else(PoisonError::into_inner).push((running, session));
        }
    }
}

/// Nothing is dropped when a process ends, least of all what is static. This one reads until it has ended, however it did,
/// and then ends the browsers and removes what they wrote.
static REAPER: LazyLock<Mutex<Option<ChildStdin>>> = LazyLock::new(|| {
    let script = r#"
        trap '' INT TERM
        while IFS=' ' read -r driver browser folder; do
            pids="$pids $driver $browser"
            folders="$folders
$folder"
        done
        kill -9 $pids
        sleep 1
        set -f
        IFS='
'
        rm -rf -- $folders
    "#;
    let mut reaper = Command::new("sh");
    reaper.args(["-c", script]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    Mutex::new(reaper.spawn().ok().and_then(|mut reaper| reaper.stdin.take()))
});
