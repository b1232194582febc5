//! The sockets of relays: one for each allocation, with a task that reads it.

use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::Arc;

use socket2::{Domain, Protocol, Socket, Type};
use tokio::task::AbortHandle;
use tracing::debug;
use turn_types::AddressFamily;

use super::Shared;
use super::addresses::primary;
use super::datagrams::Datagrams;
use crate::bounds;
use crate::core::{AllocationId, Client, NoPort, Opened, Ports};

/// A relay's socket. Dropping the last of its clones ends its reader and closes it.
#[derive(Debug)]
pub(crate) struct RelaySocket {
    pub(crate) datagrams: Arc<Datagrams>,
    reader: AbortHandle,
}

impl Drop for RelaySocket {
    fn drop(&mut self) {
        self.reader.abort();
    }
}

/// What the task of a relay reads, and for whom.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) id: AllocationId,
    pub(crate) datagrams: Arc<Datagrams>,
}

/// Opens them.
pub(crate) struct RelaySockets<'a>(pub(crate) &'a Arc<Shared>);

impl Ports<Arc<RelaySocket>> for RelaySockets<'_> {
    fn open(
        &mut self,
        id: AllocationId,
        client: &Client,
        family: AddressFamily,
        even: bool,
    ) -> Result<Opened<Arc<RelaySocket>>, NoPort> {
        let shared = self.0;
        let ip = address_for(shared, client, family).ok_or(NoPort::Family)?;
        let (socket, port) = bind(shared, ip, even)?;
        // Streams' clients ask from other threads.
        let _thread = shared.thread.enter();
        let datagrams = Datagrams::relaying(socket).map_err(|error| {
            debug!(%error, "a relay's socket could not be set up");
            NoPort::None
        })?;
        let datagrams = Arc::new(datagrams);
        let (reader, server) = (Reader { id, datagrams: datagrams.clone() }, shared.clone());
        let task = shared.thread.spawn(async move { server.relay(&reader).await });
        let relay = Arc::new(RelaySocket { datagrams, reader: task.abort_handle() });
        Ok(Opened { relayed: SocketAddr::new(shared.told(ip), port), relay })
    }
}

/// The address of this machine that a client knows already, unless others could not reach it, or it is of the wrong family.
fn address_for(shared: &Shared, client: &Client, family: AddressFamily) -> Option<IpAddr> {
    let wanted = |address: &IpAddr| address.is_ipv4() == (family == AddressFamily::IPV4);
    let local = client.local().filter(wanted);
    match local {
        Some(local) if !local.is_loopback() || !shared.everywhere => Some(local),
        _ if shared.everywhere => primary(family).or(local),
        _ => None,
    }
}

/// A port at random within the range, so that nobody can tell the next one from the last.
fn bind(shared: &Shared, ip: IpAddr, even: bool) -> Result<(UdpSocket, u16), NoPort> {
    let (first, last) = (*shared.settings.ports.start(), *shared.settings.ports.end());
    let span = u32::from(last.saturating_sub(first)) + 1;
    for _ in 0..bounds::PORT_ATTEMPTS {
        let random = getrandom::u32().map_err(|_| NoPort::None)?;
        let offset = u16::try_from(random % span).unwrap_or(0);
        let port = first.saturating_add(offset);
        let port = if even { (port & !1).max(first.next_multiple_of(2)) } else { port };
        match socket(SocketAddr::new(ip, port)) {
            Ok(socket) => return Ok((socket, port)),
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(error) => {
                debug!(%error, %ip, "no socket for a relay");
                return Err(NoPort::None);
            }
        }
    }
    debug!(first, last, "no free port for a relay");
    Err(NoPort::None)
}

fn socket(address: SocketAddr) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if address.is_ipv6() {
        // An IPv4 peer is for a relay of that family.
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    Ok(socket.into())
}
