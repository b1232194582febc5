//! A `WebDriver` server as a child process: chromedriver or geckodriver, one for each browser.

use std::fs::{self, File};
use std::net::Ipv4Addr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use tempfile::TempDir;

use crate::options::Kind;
use crate::place::Place;
use crate::server::free_port;
use crate::tree::Tree;
use crate::wait::{DEADLINE, until};

/// The name of its log among its temporary files.
const LOG: &str = "driver.log";

/// A running driver. Killed when dropped, and its temporary files removed, browser profiles among them.
#[derive(Debug)]
pub(crate) struct Driver {
    // A browser that was too slow to say what its process is would outlive its driver, and slow down what follows.
    tree: Tree,
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
        let tree = place
            .spawn(&mut command)
            .map(Tree)
            .with_context(|| format!("{program} does not start; `cargo xtask test` installs it"))?;
        let driver = Self { tree, port, temporary };
        until(&format!("{program} listens"), DEADLINE, async || {
            Ok(place.connect((Ipv4Addr::LOCALHOST, port).into()).await.map(drop).map_err(|e| e.to_string()))
        })
        .await?;
        Ok(driver)
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.tree.0.id()
    }

    /// Where its temporary files are.
    pub(crate) fn folder(&self) -> &Path {
        self.temporary.path()
    }

    /// Where it and its browser say what they do.
    pub(crate) fn log(&self) -> PathBuf {
        self.folder().join(LOG)
    }

    /// What it said so far, for whoever has to find out why it does not do what it should.
    pub(crate) fn said(&self) -> String {
        fs::read_to_string(self.log()).unwrap_or_default()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}
