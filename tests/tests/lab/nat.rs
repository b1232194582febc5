//! The lab itself, without a browser: every kind of router maps and filters as its name says.

use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream, UdpSocket};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use vong_tests::lab::{Home, Internet, Namespace, Nat, SERVER, SERVER_TOO};

use crate::available;

/// How long a packet may be on its way before it counts as dropped.
const WAY: Duration = Duration::from_millis(400);
/// Two of the server's ports.
const PORTS: [u16; 2] = [7000, 7001];

/// A place in the lab that sends and receives UDP.
struct Peer(UdpSocket);

impl Peer {
    fn new(space: &Namespace, address: Ipv4Addr, port: u16) -> Result<Self> {
        let socket = space.inside(|| UdpSocket::bind((address, port)))?;
        socket.set_read_timeout(Some(WAY))?;
        Ok(Self(socket))
    }

    fn port(&self) -> Result<u16> {
        Ok(self.0.local_addr()?.port())
    }

    fn send(&self, to: SocketAddr, text: &str) {
        // A router without a way may say so to a later call; the packet is lost all the same.
        let _ = self.0.send_to(text.as_bytes(), to);
    }

    /// Who sent this text, if it arrives.
    fn receive(&self, text: &str) -> Result<Option<SocketAddr>> {
        let mut buffer = [0; 64];
        loop {
            match self.0.recv_from(&mut buffer) {
                Ok((length, from)) if &buffer[..length] == text.as_bytes() => return Ok(Some(from)),
                Ok(_) => {}
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    return Ok(None);
                }
                Err(error) => return Err(error.into()),
            }
        }
    }
}

/// Servers that a host may talk to: one, another port of the same address, another address.
struct Servers {
    first: Peer,
    port: Peer,
    address: Peer,
}

impl Servers {
    fn new(internet: &Internet) -> Result<Self> {
        let peer = |address, port| Peer::new(&internet.server, address, port);
        Ok(Self {
            first: peer(SERVER, PORTS[0])?,
            port: peer(SERVER, PORTS[1])?,
            address: peer(SERVER_TOO, PORTS[0])?,
        })
    }

    fn all(&self) -> [&Peer; 3] {
        [&self.first, &self.port, &self.address]
    }
}

/// How a host's port looks from each of the servers. `None` is one that nothing came to.
fn seen(servers: &Servers, host: &Peer) -> Result<[Option<SocketAddr>; 3]> {
    let mut seen = [None; 3];
    for (server, seen) in servers.all().into_iter().zip(&mut seen) {
        host.send(server.0.local_addr()?, "who am I?");
        *seen = server.receive("who am I?")?;
    }
    Ok(seen)
}

/// Which of the servers reach a host's port that has talked to none but the first.
fn reached_by(servers: &Servers, home: &Home, host: &Peer) -> Result<[bool; 3]> {
    host.send(servers.first.0.local_addr()?, "hello");
    let mapped = servers.first.receive("hello")?;
    // Without a mapping there is only a guess: the port itself.
    let to = mapped.unwrap_or(SocketAddr::from((home.public(), host.port()?)));
    let mut reached = [false; 3];
    for (server, reached) in servers.all().into_iter().zip(&mut reached) {
        server.send(to, "good morning");
        *reached = host.receive("good morning")?.is_some();
    }
    Ok(reached)
}

fn check(nat: Nat, mapping: &str, reached: [bool; 3]) -> Result<()> {
    if !available() {
        return Ok(());
    }
    let internet = Internet::new()?;
    let servers = Servers::new(&internet)?;
    let home = Home::new(&internet, 1)?;
    home.set(nat)?;
    let host = |port| Peer::new(&home.host, Ipv4Addr::UNSPECIFIED, port);

    let got = reached_by(&servers, &home, &host(5000)?)?;
    ensure!(
        got == reached,
        "{nat}: reached by {got:?}, and not {reached:?} (same port, same address, anyone)"
    );

    let got = seen(&servers, &host(5001)?)?;
    let public = got.iter().flatten().all(|seen| seen.ip() == home.public());
    let shown = match got {
        [None, None, None] => "none",
        [Some(a), Some(b), Some(c)] if a == b && b == c && a == (home.address(), 5001).into() => "own",
        [Some(a), Some(b), Some(c)] if a == b && b == c && public => "one",
        [Some(a), Some(b), Some(c)] if a != b && b != c && a != c && public => "one each",
        _ => "odd",
    };
    ensure!(shown == mapping, "{nat}: mapping is {shown}, and not {mapping}: {got:?}");

    // TCP always goes out.
    let listener = internet.server.inside(|| TcpListener::bind((SERVER, PORTS[0])))?;
    let stream = home.host.inside(|| TcpStream::connect_timeout(&listener.local_addr()?, WAY));
    let (_, from) = stream.and_then(|_| listener.accept()).context("TCP")?;
    let address = if nat == Nat::Open { home.address() } else { home.public() };
    ensure!(from.ip() == address, "{nat}: TCP comes from {from}");
    Ok(())
}

#[test]
fn without_nat_everyone_reaches_the_hosts_own_address() -> Result<()> {
    check(Nat::Open, "own", [true, true, true])
}

#[test]
fn a_full_cone_maps_once_and_lets_everyone_in() -> Result<()> {
    check(Nat::FullCone, "one", [true, true, true])
}

#[test]
fn an_address_restricted_cone_lets_in_any_port_of_an_address_sent_to() -> Result<()> {
    check(Nat::AddressRestricted, "one", [true, true, false])
}

#[test]
fn a_port_restricted_cone_lets_in_answers_only() -> Result<()> {
    check(Nat::PortRestricted, "one", [true, false, false])
}

#[test]
fn a_symmetric_nat_maps_anew_for_every_destination_and_lets_in_answers_only() -> Result<()> {
    check(Nat::Symmetric, "one each", [true, false, false])
}

#[test]
fn where_udp_is_blocked_tcp_still_goes_out() -> Result<()> {
    check(Nat::UdpBlocked, "none", [false, false, false])
}

#[test]
fn a_packet_that_was_turned_away_does_not_spoil_the_mapping() -> Result<()> {
    if !available() {
        return Ok(());
    }
    let internet = Internet::new()?;
    let servers = Servers::new(&internet)?;
    let home = Home::new(&internet, 1)?;
    for nat in [Nat::FullCone, Nat::AddressRestricted, Nat::PortRestricted] {
        home.set(nat)?;
        let host = Peer::new(&home.host, Ipv4Addr::UNSPECIFIED, 5000)?;
        // As two browsers do: both send, and one is first.
        servers.first.send((home.public(), 5000).into(), "too early");
        let _ = host.receive("too early")?;
        let seen = seen(&servers, &host)?;
        let mapped = Some(SocketAddr::from((home.public(), 5000)));
        ensure!(seen == [mapped; 3], "{nat}: {seen:?}");
    }
    Ok(())
}

#[test]
fn a_router_that_changes_its_kind_remembers_nothing() -> Result<()> {
    if !available() {
        return Ok(());
    }
    let internet = Internet::new()?;
    let servers = Servers::new(&internet)?;
    let home = Home::new(&internet, 1)?;
    for before in Nat::ALL {
        home.set(before)?;
        let _ = seen(&servers, &Peer::new(&home.host, Ipv4Addr::UNSPECIFIED, 5000)?)?;
        home.set(Nat::PortRestricted)?;
        let host = Peer::new(&home.host, Ipv4Addr::UNSPECIFIED, 5000)?;
        servers.first.send((home.public(), 5000).into(), "still there?");
        ensure!(host.receive("still there?")?.is_none(), "what {before} had mapped is still open");
    }
    Ok(())
}

#[test]
fn a_home_moves_to_another_line_and_to_another_public_address() -> Result<()> {
    if !available() {
        return Ok(());
    }
    let internet = Internet::new()?;
    let servers = Servers::new(&internet)?;
    let home = Home::new(&internet, 1)?;
    home.set(Nat::PortRestricted)?;
    let (address, public) = (home.address(), home.public());
    for _ in 0..2 {
        home.change_line()?;
        home.move_public()?;
        let host = Peer::new(&home.host, Ipv4Addr::UNSPECIFIED, 5000)?;
        let seen = seen(&servers, &host)?;
        ensure!(seen == [Some(SocketAddr::from((home.public(), 5000))); 3], "{seen:?}");
    }
    ensure!(home.address() == address, "the second move led back");
    ensure!(home.public() != public, "the public address is another");
    home.plug(false)?;
    let host = Peer::new(&home.host, Ipv4Addr::UNSPECIFIED, 5000)?;
    ensure!(seen(&servers, &host)? == [None; 3], "the cable is out");
    home.plug(true)?;
    // The kernel takes its time to notice.
    for _ in 0..10 {
        if seen(&servers, &host)?[0].is_some() {
            return Ok(());
        }
    }
    bail!("the cable is in again, and nothing passes")
}
