//! A `WebDriver` server as a child process: chromedriver or geckodriver, one for each browser.

use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::options::Kind;
use crate::place::Place;
use crate::server::free_port;
use crate::wait::{DEADLINE, until};

/// The name of its log among its temporary files.
const LOG: &str = "driver.log";

/// A running driver. Killed when dropped, and its temporary files removed, browser profiles among them.
#[derive(Debug)]
pub(crate) struct Driver {
    child: Child,
    port: u16,
    temporary: TempDir,
}

impl Driver {
    pub(crate) async fn start(kind: Kind, place: &Place) -> Result<Self> {
        let port = free_port()?;
        let temporary = TempDir::with_prefix("vong-")?;
        let mut command = match kind {
            Kind::Chromium => Command::new("chromedriver"),
            Kind::Firefox => {
                let mut geckodriver = Command::new("geckodriver");
                geckodriver.args(["--websocket-port", &free_port()?.to_string()]);
                geckodriver
            }
        };
        let program = command.get_program().to_string_lossy().into_owned();
        let log = File::create(temporary.path().join(LOG))?;
        command
            .arg(format!("--port={port}"))
            .env("TMPDIR", temporary.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let child = place
            .spawn(&mut command)
            .with_context(|| format!("{program} does not start; `cargo xtask test` installs it"))?;
        let driver = Self { child, port, temporary };
        until(&format!("{program} listens"), DEADLINE, async || {
            Ok(place.connect((Ipv4Addr::LOCALHOST, port).into()).await.map(drop).map_err(|e| e.to_string()))
        })
        .await?;
        Ok(driver)
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where its temporary files are.
    pub(crate) fn folder(&self) -> &Path {
        self.temporary.path()
    }

    /// Where it and its browser say what they do.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder().join(LOG)
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // A browser that was too slow to say what its process is would outlive its driver, and slow down what follows.
        let browsers = descendants(self.child.id());
        // All fail only for a process that has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
        for process in browsers.into_iter().filter_map(|id| Pid::from_raw(id.try_into().ok()?)) {
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
