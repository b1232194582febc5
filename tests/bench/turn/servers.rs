//! The two servers as child processes, with the same secret and the same powers.

use std::fs::File;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Stdio};

use anyhow::{Context, Result, bail};
use vong_tests::program;

use super::client::{REALM, SECRET};
use super::network::{End, Network};

/// Which one.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Vong,
    Coturn,
}

/// Both, in the order of the document's columns.
pub(super) const KINDS: [Kind; 2] = [Kind::Vong, Kind::Coturn];

/// A running one. Killed when dropped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    child: Child,
}

impl Server {
    pub(super) fn start(kind: Kind, network: &Network) -> Result<Self> {
        let ip = network.address(End::Server);
        let (address, mut command) = match kind {
            Kind::Vong => {
                let mut command = network.command(End::Server, &program());
                command.args(["--listen", &SocketAddr::new(ip, 38_000).to_string(), "--log", "warn"]);
                command.args(["--turn", "on", "--turn-port", "38010", "--turn-secret", SECRET]);
                // As much as coturn gives by default: no bound that counts here.
                command.args(["--turn-bandwidth", "10000000", "--turn-allocations-per-address", "8000"]);
                (SocketAddr::new(ip, 38_010), command)
            }
            Kind::Coturn => {
                let mut command = network.command(End::Server, Path::new("turnserver"));
                command.args(["-n", "--use-auth-secret", "--static-auth-secret", SECRET, "--realm", REALM]);
                command.args(["--listening-ip", &ip.to_string(), "--relay-ip", &ip.to_string()]);
                command.args(["--listening-port", "38020", "--no-tls", "--no-dtls", "--no-cli"]);
                command.args(["--log-file", "/dev/null", "--no-stdout-log", "--pidfile", "/dev/null"]);
                if !network.has_elsewhere() {
                    command.arg("--allow-loopback-peers");
                }
                (SocketAddr::new(ip, 38_020), command)
            }
        };
        let quiet = || File::options().write(true).open("/dev/null");
        let child = command
            .stdin(Stdio::null())
            .stdout(quiet()?)
            .stderr(if kind == Kind::Vong { Stdio::inherit() } else { quiet()?.into() })
            .spawn()
            .with_context(|| format!("{} does not start", kind.name()))?;
        Ok(Self { address, child })
    }

    /// Its process id.
    pub(super) fn process(&mut self) -> Result<u32> {
        if let Some(status) = self.child.try_wait()? {
            bail!("a server ended ({status})");
        }
        Ok(self.child.id())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Both fail only for a process that has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Vong => "Vọng",
            Self::Coturn => "coturn",
        }
    }
}
