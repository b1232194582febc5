//! The load generator: a process of its own, which is all clients and all peers of a server.
//!
//! It tells what it does in lines on standard output; `generator` reads them.

use std::io::{Read as _, Write as _, stdin, stdout};
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::event::Timespec;
use rustix::event::epoll::{self, CreateFlags, EventData, EventFlags};
use rustix::fd::OwnedFd;

use super::client::{CHANNEL, Client, User};
use super::shape::{self, Due, Peers, Shape, VIDEO};
use super::{MADE, MEASURED, MEASURING, SPAN};

/// What both servers carry before it counts.
const WARM_UP: Duration = Duration::from_millis(400);
/// How long packets may take that were sent at the end.
const LATE: Duration = Duration::from_millis(300);
/// Bytes of every receive queue, as far as the system allows: on a busy machine both ends of a packet wait for their turn.
const QUEUE: usize = 1 << 20;
/// How late a packet may be sent. Beyond, the machine kept the load waiting, and all that follows is as much later: sent
/// at once, it would fill any queue.
const BEHIND: Duration = Duration::from_millis(5);
/// Sockets that are looked at in one go.
const READY: usize = 64;
/// Bytes before the data of `ChannelData`.
const HEADER: usize = 4;
/// The first byte of packets that count.
const COUNTS: u8 = 1;

/// Both ends of one allocation.
struct Pair {
    client: Client,
    /// Unless the peer is another client.
    peer: Option<UdpSocket>,
}

/// Packets, by direction.
#[derive(Default)]
struct Count {
    to_peers: u64,
    to_clients: u64,
}

/// `SHAPE SERVER LOCAL`: makes the shape's allocations on the server, carries its packets, and ends with standard input.
pub(crate) fn load(args: &[String]) -> Result<()> {
    let [name, server, local] = args else {
        anyhow::bail!("the load takes a shape, a server and an address")
    };
    let shape = shape::named(name).with_context(|| format!("there is no shape {name:?}"))?;
    let (server, local): (SocketAddr, IpAddr) = (server.parse()?, local.parse()?);
    let user = User::new()?;
    let pairs = allocate(shape, &user, server, local)?;
    say(MADE)?;
    if shape.rate > 0 {
        carry(shape, &pairs)?;
    }
    stdin().read_to_end(&mut Vec::new())?;
    for pair in &pairs {
        // Without it the allocation lasts ten minutes, and nothing else comes of it.
        let _ = pair.client.leave(&user);
    }
    Ok(())
}

fn say(line: &str) -> Result<()> {
    let mut out = stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn allocate(shape: &Shape, user: &User, server: SocketAddr, local: IpAddr) -> Result<Vec<Pair>> {
    let clients = (0..shape.allocations).map(|_| Client::allocate(user, local, server));
    let clients = clients.collect::<Result<Vec<Client>>>()?;
    let relays: Vec<SocketAddr> = clients.iter().map(|client| client.relayed).collect();
    let mut pairs = Vec::with_capacity(clients.len());
    for (number, client) in clients.into_iter().enumerate() {
        let peer = match shape.peers {
            Peers::Elsewhere => Some(UdpSocket::bind((local, 0))?),
            Peers::Relays => None,
        };
        let address = match &peer {
            Some(peer) => {
                peer.connect(client.relayed)?;
                prepare(peer)?;
                peer.local_addr()?
            }
            // The even and the odd ones talk to each other.
            None => *relays.get(number ^ 1).context("an odd number of allocations")?,
        };
        client.bind(user, address)?;
        prepare(&client.socket)?;
        pairs.push(Pair { client, peer });
    }
    Ok(pairs)
}

fn prepare(socket: &UdpSocket) -> Result<()> {
    socket2::SockRef::from(socket).set_recv_buffer_size(QUEUE)?;
    Ok(socket.set_nonblocking(true)?)
}

/// Sends every packet when it is due and counts what arrives.
fn carry(shape: &Shape, pairs: &[Pair]) -> Result<()> {
    let inbox = Inbox::new(pairs)?;
    let packets = shape.packets();
    let (begin, end) = (WARM_UP, WARM_UP + SPAN);
    let (mut offered, mut arrived, mut counts) = (Count::default(), Count::default(), false);
    let mut bytes = [0; HEADER + VIDEO];
    let mut started = Instant::now();
    let mut measuring = started;
    let dues =
        (0u32..).flat_map(|cycle| packets.iter().map(move |due| (shape.period() * cycle + due.at, due)));
    for (at, due) in dues {
        loop {
            let left = at.saturating_sub(started.elapsed());
            if left.is_zero() {
                break;
            }
            inbox.wait(left, pairs, &mut arrived)?;
        }
        let behind = started.elapsed().saturating_sub(at);
        if behind > BEHIND {
            started += behind;
        }
        if !counts && at >= begin {
            (counts, measuring) = (true, Instant::now());
            say(MEASURING)?;
        }
        if at >= end {
            break;
        }
        send(pairs, due, counts, &mut bytes, &mut offered)?;
    }
    say(&format!("{MEASURED} {}", measuring.elapsed().as_millis()))?;
    let late = Instant::now();
    while late.elapsed() < LATE {
        inbox.wait(LATE.saturating_sub(late.elapsed()), pairs, &mut arrived)?;
    }
    say(&format!("{} {} {} {}", offered.to_peers, arrived.to_peers, offered.to_clients, arrived.to_clients))
}

fn send(pairs: &[Pair], due: &Due, counts: bool, bytes: &mut [u8], offered: &mut Count) -> Result<()> {
    let pair = pairs.get(usize::try_from(due.number)?).context("no such allocation")?;
    let [a, b] = CHANNEL.to_be_bytes();
    let [c, d] = u16::try_from(due.size)?.to_be_bytes();
    bytes[..HEADER].copy_from_slice(&[a, b, c, d]);
    bytes[HEADER] = if counts { COUNTS } else { 0 };
    if due.to_peer {
        pair.client.socket.send(&bytes[..HEADER + due.size])?;
        offered.to_peers += u64::from(counts);
    } else if let Some(peer) = &pair.peer {
        peer.send(&bytes[HEADER..HEADER + due.size])?;
        offered.to_clients += u64::from(counts);
    }
    Ok(())
}

/// What arrives, on all sockets.
struct Inbox(OwnedFd);

impl Inbox {
    fn new(pairs: &[Pair]) -> Result<Self> {
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        // Clients have the even numbers, peers the odd ones.
        for (number, pair) in (0u64..).zip(pairs) {
            epoll::add(&epoll, &pair.client.socket, EventData::new_u64(number * 2), EventFlags::IN)?;
            if let Some(peer) = &pair.peer {
                epoll::add(&epoll, peer, EventData::new_u64(number * 2 + 1), EventFlags::IN)?;
            }
        }
        Ok(Self(epoll))
    }

    /// Takes what comes, for so long at most.
    fn wait(&self, most: Duration, pairs: &[Pair], arrived: &mut Count) -> Result<()> {
        let mut events = Vec::with_capacity(READY);
        let timeout = Timespec { tv_sec: most.as_secs().try_into()?, tv_nsec: most.subsec_nanos().into() };
        match epoll::wait(&self.0, rustix::buffer::spare_capacity(&mut events), Some(&timeout)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        let mut bytes = [0; 2048];
        for event in events {
            let number = event.data.u64();
            let pair = pairs.get(usize::try_from(number / 2)?).context("no such socket")?;
            let (socket, header) = match &pair.peer {
                Some(peer) if number % 2 == 1 => (peer, 0),
                _ => (&pair.client.socket, HEADER),
            };
            while let Ok(length) = socket.recv(&mut bytes) {
                if bytes[header] != COUNTS {
                    continue;
                }
                ensure!(
                    length > header && is_whole(&bytes[..length], header),
                    "a packet arrived that nobody sent"
                );
                if pair.peer.is_some() && number % 2 == 0 {
                    arrived.to_clients += 1;
                } else {
                    // Relay to relay, the other client is the peer.
                    arrived.to_peers += 1;
                }
            }
        }
        Ok(())
    }
}

/// Whether a packet has the length of one of ours, and the header that clients get.
fn is_whole(packet: &[u8], header: usize) -> bool {
    let length = packet.len() - header;
    let [a, b] = CHANNEL.to_be_bytes();
    let [c, d] = u16::try_from(length).unwrap_or(0).to_be_bytes();
    [VIDEO, shape::SOUND].contains(&length) && (header == 0 || packet.starts_with(&[a, b, c, d]))
}
