//! A network namespace: made, used, and removed together with whatever still runs in it. It must not know what it is
//! connected to.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::{Child, Command};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use anyhow::{Context, Result};
use rustix::process::{Pid, Signal, kill_process};

use super::command;

/// What the names of all of the lab's namespaces begin with. The process that made them follows.
const PREFIX: &str = "vong-lab-";

/// A network namespace. Removed when dropped.
#[derive(Debug)]
pub struct Namespace {
    name: String,
    handle: File,
}

impl Namespace {
    /// Makes one, with nothing but a loopback interface. `role` is for people who list them.
    pub fn new(role: &str) -> Result<Self> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("{PREFIX}{}-{number}-{role}", std::process::id());
        command::ip(&format!("netns add {name}"))?;
        let handle = File::open(Path::new("/run/netns").join(&name));
        let handle = handle.inspect_err(|_| remove(&name)).context("opening the namespace")?;
        let space = Self { name, handle };
        space.ip("link set lo up")?;
        // Everything here is told by address; addresses that nobody gave would be paths that no test knows of.
        space.set("ipv6/conf/all/disable_ipv6", "1")?;
        space.set("ipv6/conf/default/disable_ipv6", "1")?;
        Ok(space)
    }

    /// Does something inside. Sockets that are opened there, and processes that are started there, stay there.
    #[cfg(target_os = "linux")]
    pub fn inside<T: Send>(&self, work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
        use std::os::fd::AsFd;

        use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};

        // It is the thread that moves, so it is one that ends with the work.
        thread::scope(|scope| {
            let inside = scope.spawn(|| {
                move_into_link_name_space(self.handle.as_fd(), Some(LinkNameSpaceType::Network))?;
                work()
            });
            inside.join().unwrap_or_else(|_| Err(io::Error::other("the work in the namespace panicked")))
        })
    }

    /// Only Linux has network namespaces.
    #[cfg(not(target_os = "linux"))]
    pub fn inside<T: Send>(&self, _: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Starts a program inside.
    pub fn spawn(&self, command: &mut Command) -> io::Result<Child> {
        self.inside(|| command.spawn())
    }

    /// Runs a tool inside, to its end.
    pub(super) fn run(&self, command: &mut Command, input: &str) -> Result<String> {
        command::run(command, input, |command| self.spawn(command))
            .with_context(|| format!("in {}", self.name))
    }

    /// Runs `ip` on it, with arguments that are separated by spaces.
    pub(super) fn ip(&self, arguments: &str) -> Result<String> {
        command::ip(&format!("-n {} {arguments}", self.name))
    }

    /// Replaces its packet filter.
    pub(super) fn filter(&self, rules: &str) -> Result<()> {
        let rules = format!("flush ruleset\n{rules}");
        self.run(Command::new("nft").args(["-f", "-"]), &rules).map(drop)
    }

    /// Sets one of the kernel's settings of this namespace, below `net/`.
    pub(super) fn set(&self, setting: &str, value: &str) -> Result<()> {
        let path = Path::new("/proc/sys/net").join(setting);
        // A kernel without IPv6 has nothing to set.
        let write = || if path.exists() { fs::write(&path, value) } else { Ok(()) };
        self.inside(write).with_context(|| format!("setting {setting} in {}", self.name))
    }

    /// Connects two namespaces by a cable with a named interface at each end, both up.
    pub(super) fn connect(&self, interface: &str, other: &Self, other_interface: &str) -> Result<()> {
        let ends = format!("{interface} netns {} type veth peer name {other_interface}", self.name);
        command::ip(&format!("link add {ends} netns {}", other.name))?;
        self.ip(&format!("link set {interface} up"))?;
        other.ip(&format!("link set {other_interface} up")).map(drop)
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        remove(&self.name);
    }
}

/// Removes what runs of this program left that were killed: namespaces of the lab whose process is gone.
pub(super) fn sweep() -> Result<()> {
    for line in command::ip("netns list")?.lines() {
        let name = line.split_whitespace().next().unwrap_or_default();
        let owner = name.strip_prefix(PREFIX).and_then(|rest| rest.split('-').next()?.parse::<u32>().ok());
        if owner.is_some_and(|owner| !Path::new("/proc").join(owner.to_string()).exists()) {
            remove(name);
        }
    }
    Ok(())
}

/// Ends what runs in a namespace, and deletes it. What cannot be done is told: nothing depends on it.
fn remove(name: &str) {
    let result = command::ip(&format!("netns pids {name}")).and_then(|pids| {
        for pid in pids.split_whitespace().filter_map(|pid| Pid::from_raw(pid.parse().ok()?)) {
            // It fails only for a process that has ended.
            let _ = kill_process(pid, Signal::KILL);
        }
        command::ip(&format!("netns del {name}"))
    });
    if let Err(error) = result {
        eprintln!("removing {name}: {error:#}");
    }
}
