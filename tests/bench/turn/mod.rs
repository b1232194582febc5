//! What relaying costs, in time and memory, against Debian's coturn: the same packets at the same times, in turns.

mod client;
mod generator;
mod load;
mod network;
mod servers;
mod shape;

use std::fmt::Write as _;
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

pub(crate) use self::load::load;

use self::generator::{Carried, Generator};
use self::network::Network;
use self::servers::{KINDS, Kind, Server};
use self::shape::{MEDIA, Peers, SEATS, SHAPES, SOUND, Shape, VIDEO};
use crate::process::{self, Memory};
use crate::stats::Spread;
use crate::{Finding, machine, verdict};

/// The first argument of the load generator.
pub(crate) const LOAD: &str = "turn-load";
/// What the load generator says: its allocations are made; it counts from now on; it has counted for so many
/// milliseconds.
const MADE: &str = "made";
const MEASURING: &str = "measuring";
const MEASURED: &str = "measured";

/// How long a load counts.
const SPAN: Duration = Duration::from_secs(2);
/// Times that each load is measured with each server, in turns.
const REPEATS: usize = 5;
/// Times that memory is measured with each.
const MEMORIES: usize = 3;
/// How often a load is offered again of which too little arrived: the machine was busy with something else.
const AGAIN: usize = 4;
/// What memory is looked at after.
const SETTLE: Duration = Duration::from_millis(1500);
/// The priority of both servers and the load, where it may be had.
const PRIORITY: i32 = -15;
/// Open files of servers and loads, beyond what they have for themselves.
const FILES: u64 = 6000;
/// Relayed packets for each second of the processor, at the least, in coturn's.
const SPEED: f64 = 1.0;
/// What is aimed at.
const AIM: f64 = 1.5;
/// Resident memory of an allocation, at the most, in coturn's.
const MEMORY: f64 = 0.5;

/// What was tried to make relaying cheaper. Ratios are to the state before, for the first load, of neighbouring runs.
const TRIED: &str = "\
What made it cheaper, by neighbouring runs of the first load before and after:

- One thread of its own for all packets, in place of tasks on the program's threads, which woke each other (a thousand futex calls
  for ten thousand packets): 1.2 times as many packets for each second of the processor.
- Not to have the system tell the time, the marks and a relay's own address with every packet, which `quinn-udp` asks for; a
  plain `sendto` for a packet that goes alone; for our own numbers, a hash that need not withstand anybody: together 1.1 times,
  with a wide spread. The system takes the time of every packet of the machine once anybody asks, so that coturn may have paid
  for ours, too, and may have gained.

What did not help: to wait 150 to 500 µs for more packets before reading on, when packets follow each other closely: 0.7 times.
Before the second step, half of the time went into sending, a sixth each into receiving and into waiting, which the system does,
and a sixth into the program itself. All packets of one server share one core.
";

/// What one load came to, each time, with both servers.
type Loads = Vec<[Carried; 2]>;

pub(crate) fn measure() -> Result<Finding> {
    process::raise_open_files(FILES)?;
    // Queues hold some milliseconds' worth of packets, for which a busy machine makes either side wait. It takes root, and
    // else is left.
    let _ = rustix::process::setpriority_process(None, PRIORITY);
    let network = Network::new()?;
    let shapes = SHAPES.iter().filter(|shape| network.has_elsewhere() || shape.peers == Peers::Relays);
    let mut loads: Vec<(&Shape, Loads)> = shapes.map(|shape| (shape, Vec::new())).collect();
    for repeat in 0..REPEATS {
        let mut servers = [Server::start(Kind::Vong, &network)?, Server::start(Kind::Coturn, &network)?];
        for (shape, each) in &mut loads {
            let first = repeat % 2;
            let one = carry(&network, &mut servers[first], shape)?;
            let other = carry(&network, &mut servers[1 - first], shape)?;
            each.push(if first == 0 { [one, other] } else { [other, one] });
        }
    }
    let mut memories = Vec::new();
    for _ in 0..MEMORIES {
        memories.push([seat(&network, Kind::Vong)?, seat(&network, Kind::Coturn)?]);
    }
    finding(&network, &loads, &memories)
}

/// Carries a load once; again if too little arrived.
fn carry(network: &Network, server: &mut Server, shape: &Shape) -> Result<Carried> {
    let mut left = AGAIN;
    loop {
        let mut generator = Generator::start(network, server.address, shape)?;
        let carried = generator.carry(server.process()?)?;
        generator.finish()?;
        if carried.is_whole() || left == 0 {
            eprintln!(
                "    {:8} {} {:8.0} packets a CPU-second, {:.1} % of a core, {:.2} % arrived",
                shape.name,
                server.address,
                carried.rate(),
                carried.share() * 100.0,
                carried.arrived * 100.0
            );
            return Ok(carried);
        }
        left -= 1;
    }
}

/// What each of many allocations costs a server that just started.
fn seat(network: &Network, kind: Kind) -> Result<Memory> {
    let seats = &SEATS[usize::from(!network.has_elsewhere())];
    let mut server = Server::start(kind, network)?;
    sleep(SETTLE);
    let before = process::memory(server.process()?)?;
    let generator = Generator::start(network, server.address, seats)?;
    sleep(SETTLE);
    let after = process::memory(server.process()?)?;
    generator.finish()?;
    Ok(after.each(before, seats.allocations))
}

fn finding(network: &Network, loads: &[(&Shape, Loads)], memories: &[[Memory; 2]]) -> Result<Finding> {
    // Without the rights for the load that the bound is on, it is on the one that there is.
    let bound = loads.iter().find(|(shape, _)| shape.name == MEDIA).or(loads.first()).context("no loads")?;
    let ratios = |each: &Loads| Spread::of(each.iter().map(|[ours, theirs]| ours.rate() / theirs.rate()));
    let speed = ratios(&bound.1).context("no runs")?;
    let resident = Spread::of(memories.iter().map(|[ours, theirs]| ours.resident / theirs.resident));
    let memory = resident.context("no runs")?;
    let whole = loads.iter().all(|(_, each)| each.iter().flatten().all(Carried::is_whole));
    let (fast, small) = (speed.median >= SPEED, memory.median <= MEMORY);
    let text = format!(
        "**{:.2} times coturn's packets for each second of the processor, {:.2} times its memory.** Bounds: at least \
         {SPEED:.1}, {} (aimed at\n{AIM:.1}: {}), and at most {MEMORY:.1}, {}; for the first load, median of the \
         ratios.\n\n{}\n\n{}\n{}\n{TRIED}\n{}",
        speed.median,
        memory.median,
        verdict(fast),
        if speed.median >= AIM { "reached" } else { "not reached" },
        verdict(small),
        how(network, whole),
        speeds(loads)?,
        sizes(memories)?,
        machine::describe(Some(&coturn()?)),
    );
    Ok(Finding { text, holds: fast && small && whole })
}

fn how(network: &Network, whole: bool) -> String {
    let place = if network.has_elsewhere() {
        "Servers, and clients with their peers, are in two network namespaces with a cable (veth) between them, all at a priority\n\
         above the rest of the machine's."
    } else {
        "Without root everything is on loopback, to which neither server relays unless another relay is meant: only that is\n\
         measured."
    };
    format!(
        "The release build and Debian's coturn run side by side, each idle while the other works. One load generator, a process \
         of\nits own, is all clients and all peers. It sends `ChannelData` of {VIDEO} and {SOUND} bytes to one and then to the \
         other, the same packets\nat the same times: three of {VIDEO} bytes at once, as browsers send a picture, and one of \
         {SOUND} bytes half a picture later,\neach sender with a phase of its own.\n{place}\nWhat counts is what arrives, for \
         {} s, by the time that the server's threads ran in between, in its code and in the\nkernel's: whoever sends a packet \
         pays for its way into the other end's queue. {REPEATS} times each, in turns, with new servers; a\nratio is of two \
         neighbouring runs. At least 99 % arrived in each direction, every time: {}.",
        SPAN.as_secs(),
        if whole { "yes" } else { "**no**" },
    )
}

fn speeds(loads: &[(&Shape, Loads)]) -> Result<String> {
    let mut table = "| load | server | packets per CPU-second, median | least to most | of one core | arrived, at least |\n\
         |---|---|---:|---:|---:|---:|\n"
        .to_owned();
    let mut ratios = "\n| load | ratio, median | least to most |\n|---|---:|---:|\n".to_owned();
    for (shape, each) in loads {
        for (index, kind) in KINDS.into_iter().enumerate() {
            let of = |value: fn(&Carried) -> f64| Spread::of(each.iter().map(|pair| value(&pair[index])));
            let (rate, share) =
                (of(Carried::rate).context("no runs")?, of(Carried::share).context("no runs")?);
            let arrived = of(|carried| carried.arrived).context("no runs")?;
            let _ = writeln!(
                table,
                "| {} | {} | {:.0} | {:.0} to {:.0} | {:.1} % | {:.2} % |",
                shape.what,
                kind.name(),
                rate.median,
                rate.least,
                rate.most,
                share.median * 100.0,
                arrived.least * 100.0,
            );
        }
        let ratio =
            Spread::of(each.iter().map(|[ours, theirs]| ours.rate() / theirs.rate())).context("no runs")?;
        let _ = writeln!(
            ratios,
            "| {} | {:.2} | {:.2} to {:.2} |",
            shape.what, ratio.median, ratio.least, ratio.most
        );
    }
    Ok(table + &ratios)
}

fn sizes(memories: &[[Memory; 2]]) -> Result<String> {
    let mut table = format!(
        "Memory is what the server grew by with {} allocations of one permission and one channel each, by their number. What the \
         kernel\nkeeps for a socket is the same for both and not in it.\n\n\
         | server | memory | KB for each allocation, median | least to most |\n|---|---|---:|---:|\n",
        SEATS[0].allocations
    );
    for (index, kind) in KINDS.into_iter().enumerate() {
        let of = |value: fn(&Memory) -> f64| Spread::of(memories.iter().map(|pair| value(&pair[index])));
        for (name, spread) in
            [("RSS", of(|memory| memory.resident)), ("PSS", of(|memory| memory.proportional))]
        {
            let Spread { least, median, most, .. } = spread.context("no runs")?;
            let _ = writeln!(table, "| {} | {name} | {median:.2} | {least:.2} to {most:.2} |", kind.name());
        }
    }
    Ok(table)
}

/// The version that is measured against.
fn coturn() -> Result<String> {
    let output = Command::new("turnserver").arg("--version").output().context("there is no `turnserver`")?;
    let text = String::from_utf8_lossy(&output.stdout);
    let version = text.lines().find(|line| line.starts_with(|first: char| first.is_ascii_digit()));
    let version = version.unwrap_or_default().trim();
    ensure!(!version.is_empty(), "`turnserver --version` tells no version: {text:?}");
    Ok(format!("coturn {version}"))
}
