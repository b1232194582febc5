//! A STUN and TURN server of somebody else's making, on the server's address.

use std::fs::File;
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::internet::{Internet, SERVER};
use crate::wait::{DEADLINE, until};

/// The port that STUN and TURN have (RFC 8656).
const PORT: u16 = 3478;
/// Longest that one attempt to reach it may take.
const REACH: Duration = Duration::from_secs(1);

/// A running coturn. Killed when dropped.
#[derive(Debug)]
pub struct Coturn {
    child: Child,
    _folder: TempDir,
}

impl Coturn {
    /// Starts one.
    pub async fn start(internet: &Internet, log: &Path) -> Result<Self> {
        let folder = TempDir::with_prefix("vong-coturn-")?;
        let log = File::create(log)?;
        let mut command = Command::new("turnserver");
        command
            // No file of settings: only what is said here.
            .arg("-n")
            .args(["--listening-ip", &SERVER.to_string(), "--relay-ip", &SERVER.to_string()])
            .args(["--listening-port", &PORT.to_string()])
            .args(["--lt-cred-mech", "--realm", "vong.test", "--user", "vong:secret"])
            .args(["--no-tls", "--no-dtls", "--no-cli", "--log-file", "stdout", "--verbose"])
            .args(["--pidfile", &folder.path().join("pid").to_string_lossy()])
            .args(["--userdb", &folder.path().join("users").to_string_lossy()])
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log);
        let child = internet.server.spawn(&mut command);
        let child = child.context("turnserver does not start; `cargo xtask test lab` installs coturn")?;
        let coturn = Self { child, _folder: folder };
        let address = SocketAddr::from((SERVER, PORT));
        until("coturn listens", DEADLINE, async || {
            let reached = internet.server.inside(|| TcpStream::connect_timeout(&address, REACH));
            Ok(reached.map(drop).map_err(|error| error.to_string()))
        })
        .await?;
        Ok(coturn)
    }

    /// The flags that tell `vong` of it.
    pub fn flags() -> Vec<String> {
        let turn = |transport| format!("turn:{SERVER}:{PORT}?transport={transport},vong,secret");
        let servers = [format!("stun:{SERVER}:{PORT}"), turn("udp"), turn("tcp")];
        servers.into_iter().flat_map(|server| ["--ice-server".to_owned(), server]).collect()
    }
}

impl Drop for Coturn {
    fn drop(&mut self) {
        // Both fail only for a process that has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
