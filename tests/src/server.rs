//! The built program as a child process, on a port of its own that survives a restart.

use std::cell::RefCell;
use std::fs::{self, OpenOptions};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, PoisonError};

use anyhow::{Context, Result};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::place::Place;
use crate::wait::{DEADLINE, until};

/// The first port that servers and drivers are given; below are those of well-known services.
const FIRST_PORT: u16 = 10_000;

/// A running `vong`. Killed when dropped.
#[derive(Debug)]
pub struct Server {
    place: Place,
    address: SocketAddr,
    flags: Vec<String>,
    log: PathBuf,
    child: RefCell<Option<Child>>,
}

impl Server {
    /// Starts one that listens there.
    pub(crate) async fn start(
        place: Place,
        address: SocketAddr,
        flags: &[&str],
        log: PathBuf,
    ) -> Result<Self> {
        let server = Self {
            place,
            address,
            flags: flags.iter().map(|&flag| flag.to_owned()).collect(),
            log,
            child: RefCell::new(None),
        };
        server.restart().await?;
        Ok(server)
    }

    /// The address of a page, such as `/watch/demo`. On this machine a name rather than a number, because cameras need
    /// `localhost` in some browsers.
    pub fn url(&self, path: &str) -> String {
        match self.place {
            Place::Here => format!("http://localhost:{}{path}", self.address.port()),
            Place::Inside(_) => format!("http://{}{path}", self.address),
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process id, while it runs.
    pub fn process(&self) -> Option<u32> {
        self.child.borrow().as_ref().map(Child::id)
    }

    /// `SIGKILL`: no goodbye to anyone.
    pub fn kill(&self) {
        if let Some(mut child) = self.child.take() {
            // Both fail only for a process that has ended, which is what is wanted.
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Starts again on the same port, after a [`Server::kill`] if it was running.
    pub async fn restart(&self) -> Result<()> {
        self.kill();
        let program = program();
        let log = OpenOptions::new().create(true).append(true).open(&self.log)?;
        let mut command = Command::new(&program);
        command
            .args(["--listen", &self.address.to_string()])
            .args(&self.flags)
            // Several run at once. In a namespace of its own the server has the usual port.
            .envs(matches!(self.place, Place::Here).then_some(("VONG_TURN_PORT", "0")))
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let child = self
            .place
            .spawn(&mut command)
            .with_context(|| format!("{} does not start; `cargo xtask build` makes it", program.display()))?;
        self.child.replace(Some(child));
        until("the server answers /healthz", DEADLINE, async || {
            if let Some(child) = self.child.borrow_mut().as_mut()
                && let Some(status) = child.try_wait()?
            {
                anyhow::bail!("vong ended ({status}); its log: {}", self.log.display());
            }
            Ok(self.healthy().await.map_err(|error| error.to_string()))
        })
        .await
    }

    async fn healthy(&self) -> Result<()> {
        let mut stream = self.place.connect(self.address).await?;
        let request = format!("GET /healthz HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address);
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        let line = answer.lines().next().unwrap_or_default();
        anyhow::ensure!(line.contains(" 200 "), "/healthz answered {line:?}");
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// A port that nobody uses now, that nobody was told of before (browsers keep things by it), and that the system gives to nobody
/// who asks for any: a driver or a browser that starts in another test would otherwise now and then be given it first, and be
/// talked to in place of whoever was meant.
pub fn free_port() -> Result<u16> {
    static NEXT: LazyLock<Mutex<Range<u16>>> = LazyLock::new(|| {
        let range = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default();
        let end: u16 = range.split_whitespace().next().and_then(|first| first.parse().ok()).unwrap_or(32_768);
        // Of two test processes at once, each begins somewhere else, with at least half of the ports before it.
        let begins = u32::from(end.saturating_sub(FIRST_PORT) / 2).max(1);
        let begin = FIRST_PORT + u16::try_from(std::process::id() % begins).unwrap_or_default();
        Mutex::new(begin..end)
    });
    let mut next = NEXT.lock().unwrap_or_else(PoisonError::into_inner);
    next.find(|&port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()).context("no port is free")
}

/// The program under test: as `cargo xtask` says, else where a release build leaves it.
pub fn program() -> PathBuf {
    std::env::var_os("VONG_BIN").map_or_else(|| target_dir().join("release/vong"), PathBuf::from)
}

/// The rules that axe looks at pages with, if they are installed.
pub fn accessibility_rules() -> Option<String> {
    fs::read_to_string(target_dir().join("node/node_modules/axe-core/axe.min.js")).ok()
}

/// Cargo's output folder.
pub(crate) fn target_dir() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    workspace.join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}
