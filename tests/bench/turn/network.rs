//! Where servers and load meet: two network namespaces with a cable between them, or without the rights to make any,
//! this machine's loopback. Servers must not relay to their own machine, so there only relay to relay can be measured.

use std::fs;
use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::{Command, id};

use anyhow::{Context, Result, ensure};

/// What all namespaces of ours begin with; the process id follows.
const PREFIX: &str = "vongbench";
/// Addresses of the internet, as far as a server can tell.
const SERVER: Ipv4Addr = Ipv4Addr::new(5, 5, 5, 1);
const LOAD: Ipv4Addr = Ipv4Addr::new(5, 5, 5, 2);

/// One end.
#[derive(Clone, Copy)]
pub(super) enum End {
    Server,
    Load,
}

/// See the module. Taken down when dropped.
pub(super) enum Network {
    Namespaces,
    Loopback,
}

impl Network {
    pub(super) fn new() -> Result<Self> {
        if !rustix::process::geteuid().is_root() {
            return Ok(Self::Loopback);
        }
        clear();
        // From here on, dropping it takes down what is there.
        let network = Self::Namespaces;
        let (server, load) = (name(End::Server), name(End::Load));
        ip(&format!("netns add {server}"))?;
        ip(&format!("netns add {load}"))?;
        ip(&format!("-n {server} link add veth0 type veth peer name veth0 netns {load}"))?;
        for (name, address) in [(&server, SERVER), (&load, LOAD)] {
            ip(&format!("-n {name} address add {address}/24 dev veth0"))?;
            ip(&format!("-n {name} link set veth0 up"))?;
            ip(&format!("-n {name} link set lo up"))?;
        }
        Ok(network)
    }

    /// Whether peers may be elsewhere.
    pub(super) fn has_elsewhere(&self) -> bool {
        matches!(self, Self::Namespaces)
    }

    pub(super) fn address(&self, end: End) -> IpAddr {
        match (self, end) {
            (Self::Loopback, _) => Ipv4Addr::LOCALHOST.into(),
            (Self::Namespaces, End::Server) => SERVER.into(),
            (Self::Namespaces, End::Load) => LOAD.into(),
        }
    }

    /// A program at one end. Its process id is that of the command.
    pub(super) fn command(&self, end: End, program: &Path) -> Command {
        match self {
            Self::Loopback => Command::new(program),
            Self::Namespaces => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", &name(end)]).arg(program);
                command
            }
        }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        if self.has_elsewhere() {
            for end in [End::Server, End::Load] {
                // What is not there need not be taken down; the cable goes with its ends.
                let _ = Command::new("ip").args(["netns", "delete", &name(end)]).output();
            }
        }
    }
}

fn name(end: End) -> String {
    let end = match end {
        End::Server => "server",
        End::Load => "load",
    };
    format!("{PREFIX}-{}-{end}", id())
}

/// Takes down what runs left that were killed.
fn clear() {
    let Ok(entries) = fs::read_dir("/run/netns") else { return };
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let Some(rest) = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_prefix('-')) else { continue };
        let process = rest.split('-').next().unwrap_or_default();
        if !Path::new("/proc").join(process).exists() {
            let _ = Command::new("ip").args(["netns", "delete", &name]).output();
        }
    }
}

fn ip(args: &str) -> Result<()> {
    let output = Command::new("ip").args(args.split(' ')).output().context("there is no `ip`")?;
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "ip {args}: {}", error.trim());
    Ok(())
}
