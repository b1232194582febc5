//! This process's end of a load generator: starts it, and looks at the server when it says so.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use super::network::{End, Network};
use super::shape::Shape;
use super::{LOAD, MADE, MEASURED, MEASURING};
use crate::process;

/// The least part of what is offered that has to arrive, in each direction.
const ARRIVES: f64 = 0.99;

/// A running load. Killed when dropped.
pub(super) struct Generator {
    child: Child,
    lines: std::io::Lines<BufReader<ChildStdout>>,
}

/// What came of a load.
#[derive(Clone, Copy)]
pub(super) struct Carried {
    /// Packets that arrived, in both directions.
    pub(super) packets: f64,
    /// The part of those offered, in the worse direction.
    pub(super) arrived: f64,
    /// What the server took of the processor.
    pub(super) server: Duration,
    /// How long it was measured.
    pub(super) span: Duration,
}

impl Generator {
    /// Starts a load; it is there when its allocations are.
    pub(super) fn start(network: &Network, server: SocketAddr, shape: &Shape) -> Result<Self> {
        let mut command = network.command(End::Load, &std::env::current_exe()?);
        command.args([LOAD, shape.name, &server.to_string(), &network.address(End::Load).to_string()]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let lines = BufReader::new(child.stdout.take().context("no output")?).lines();
        let mut generator = Self { child, lines };
        let line = generator.line()?;
        ensure!(line == MADE, "the load said {line:?}");
        Ok(generator)
    }

    /// Looks on while it carries packets.
    pub(super) fn carry(&mut self, server: u32) -> Result<Carried> {
        let line = self.line()?;
        ensure!(line == MEASURING, "the load said {line:?}");
        let before = process::time(server)?;
        let line = self.line()?;
        let after = process::time(server)?;
        let span = line.strip_prefix(MEASURED).with_context(|| format!("the load said {line:?}"))?;
        let line = self.line()?;
        let counts = line.split(' ').map(str::parse).collect::<Result<Vec<f64>, _>>()?;
        let [to_peers, peers_got, to_clients, clients_got] = counts[..] else {
            anyhow::bail!("the load said {line:?}")
        };
        let part = |got: f64, sent: f64| if sent > 0.0 { got / sent } else { 1.0 };
        Ok(Carried {
            packets: peers_got + clients_got,
            arrived: part(peers_got, to_peers).min(part(clients_got, to_clients)),
            server: after.saturating_sub(before),
            span: Duration::from_millis(span.trim().parse()?),
        })
    }

    /// Ends it, with its allocations.
    pub(super) fn finish(mut self) -> Result<()> {
        drop(self.child.stdin.take());
        let status = self.child.wait()?;
        ensure!(status.success(), "the load failed ({status})");
        Ok(())
    }

    fn line(&mut self) -> Result<String> {
        Ok(self.lines.next().context("the load ended early")??)
    }
}

impl Drop for Generator {
    fn drop(&mut self) {
        // Both fail only for a process that has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Carried {
    /// Packets for each second of the processor.
    pub(super) fn rate(&self) -> f64 {
        self.packets / self.server.as_secs_f64()
    }

    /// Whether as much arrived as has to for the figures to be worth anything.
    pub(super) fn is_whole(&self) -> bool {
        self.arrived >= ARRIVES
    }

    /// What the server took of one core.
    pub(super) fn share(&self) -> f64 {
        self.server.as_secs_f64() / self.span.as_secs_f64()
    }
}
