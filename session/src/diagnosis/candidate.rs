//! One candidate line (RFC 8839 section 5.1), as far as it tells something about the network.

use vong_protocol::limits;

/// What kind of address a candidate has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The browser's own.
    Host,
    /// As a STUN server sees it.
    ServerReflexive,
    /// As the other side sees it.
    PeerReflexive,
    /// Lent by a TURN server.
    Relay,
}

/// A candidate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// What kind of address it has.
    pub kind: Kind,
    /// UDP rather than TCP.
    pub udp: bool,
    /// The address, or a name that stands for it.
    pub address: String,
    /// The port.
    pub port: u16,
    /// Behind which address of the browser's it is; `None` where the browser does not tell.
    pub base: Option<(String, u16)>,
}

impl Candidate {
    /// Reads a line; `None` for what is none, or longer than any.
    pub fn parse(line: &str) -> Option<Self> {
        if line.len() > limits::CANDIDATE {
            return None;
        }
        let line = line.strip_prefix("a=").unwrap_or(line).strip_prefix("candidate:")?;
        let mut words = line.split_ascii_whitespace();
        let (_foundation, _component) = (words.next()?, words.next()?);
        let udp = match words.next()? {
            transport if transport.eq_ignore_ascii_case("udp") => true,
            transport if transport.eq_ignore_ascii_case("tcp") => false,
            _ => return None,
        };
        let _priority = words.next()?;
        let address = words.next()?.to_owned();
        let port = words.next()?.parse().ok()?;
        if words.next()? != "typ" {
            return None;
        }
        let kind = match words.next()? {
            "host" => Kind::Host,
            "srflx" => Kind::ServerReflexive,
            "prflx" => Kind::PeerReflexive,
            "relay" => Kind::Relay,
            _ => return None,
        };
        let (mut related, mut related_port) = (None, None);
        while let (Some(name), Some(value)) = (words.next(), words.next()) {
            match name {
                "raddr" => related = Some(value),
                "rport" => related_port = value.parse().ok(),
                _ => {}
            }
        }
        // Port 0 is how browsers say that they do not tell.
        let base =
            related.zip(related_port).filter(|(_, port)| *port != 0).map(|(at, port)| (at.to_owned(), port));
        Some(Self { kind, udp, address, port, base })
    }
}
