//! What `quinn-udp` has the system tell about every packet because QUIC wants to know it. Here nobody does, and each
//! telling takes its time. Where switching it off fails, packets only cost more.

use std::net::UdpSocket;

use socket2::SockRef;

/// When it came, and with which marks.
pub(crate) fn tell_less(socket: &UdpSocket) {
    let options = SockRef::from(socket);
    let _ = options.set_recv_tos_v4(false);
    let _ = options.set_recv_tclass_v6(false);
    #[cfg(target_os = "linux")]
    {
        use nix::sys::socket::{setsockopt, sockopt};
        let _ = setsockopt(socket, sockopt::ReceiveTimestampns, &false);
    }
}

/// To which address it came, on a socket that has but one.
#[cfg(target_os = "linux")]
pub(crate) fn tell_no_address(socket: &impl std::os::fd::AsFd) {
    use nix::sys::socket::{setsockopt, sockopt};
    let _ = setsockopt(socket, sockopt::Ipv4PacketInfo, &false);
    let _ = setsockopt(socket, sockopt::Ipv6RecvPacketInfo, &false);
}

/// Elsewhere it is left on.
#[cfg(not(target_os = "linux"))]
pub(crate) fn tell_no_address<S>(_: &S) {}
