//! What the network does to this browser's address, as far as gathered candidates tell.
//!
//! Asked from one socket, two STUN destinations see the same port where the NAT's mapping is endpoint-independent (RFC 4787
//! section 4.1), and two ports where it is not. Filtering is beyond what a browser can find out.

use super::candidate::{Candidate, Kind};
use crate::bounds;

/// What came of gathering.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gathered {
    /// The candidates.
    candidates: Vec<Candidate>,
    /// The codes of what the servers, or their absence, led to.
    errors: Vec<u16>,
    /// The browser says that no more will come.
    pub complete: bool,
}

/// The kind of NAT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nat {
    /// STUN is not answered: no UDP gets out, or the server is away.
    Blocked,
    /// None: the browser's own address is the one that is seen.
    Open,
    /// The same outside address whoever is spoken to. Direct connections mostly work.
    Independent,
    /// Another outside address for everyone ("symmetric"). Direct connections mostly fail.
    Symmetric,
    /// STUN is answered, and nothing more can be told.
    Unknown,
    /// STUN is answered by this very computer: nothing in between was met.
    Local,
}

impl Nat {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Open => "open",
            Self::Independent => "independent",
            Self::Symmetric => "symmetric",
            Self::Unknown => "unknown",
            Self::Local => "local",
        }
    }
}

impl Gathered {
    /// One more candidate line; what is none is ignored.
    pub fn candidate(&mut self, line: &str) {
        if self.candidates.len() < bounds::GATHERED
            && let Some(candidate) = Candidate::parse(line)
        {
            self.candidates.push(candidate);
        }
    }

    /// One more error of a server (`icecandidateerror`).
    pub fn error(&mut self, code: u16) {
        if self.errors.len() < bounds::GATHERED {
            self.errors.push(code);
        }
    }

    /// Whether a relay lent an address.
    pub fn has_relay(&self) -> bool {
        self.of(Kind::Relay).next().is_some()
    }

    /// What a server answered, rather than the browser for want of an answer (701).
    pub fn refusal(&self) -> Option<u16> {
        self.errors.iter().copied().find(|code| (300..=699).contains(code))
    }

    /// The kind of NAT, if so many STUN destinations were asked.
    pub fn nat(&self, destinations: usize) -> Nat {
        let seen: Vec<&Candidate> = self.of(Kind::ServerReflexive).collect();
        let hosts = self.of(Kind::Host).count();
        if seen.is_empty() {
            // A reflexive address that is the browser's own is not told. Every host address asks every server.
            let answered = self.complete && hosts > 0 && self.errors.len() < hosts * destinations.max(1);
            return if answered { Nat::Open } else { Nat::Blocked };
        }
        let own = |c: &&Candidate| self.of(Kind::Host).any(|h| h.address == c.address && h.port == c.port);
        let differs = |a: &Candidate, b: &Candidate| {
            // Without its base, a candidate belongs to the only host address there is, or nobody knows to which.
            let same_base = if a.base.is_some() { a.base == b.base } else { b.base.is_none() && hosts == 1 };
            same_base && (a.port != b.port || a.address != b.address)
        };
        if seen.iter().any(|a| seen.iter().any(|b| differs(a, b))) {
            Nat::Symmetric
        } else if seen.iter().all(own) {
            Nat::Open
        } else if destinations < 2 || !self.complete || (seen.len() > 1 && seen[0].base.is_none()) {
            // One destination, or one that did not answer, has nothing to be compared with.
            Nat::Unknown
        } else {
            Nat::Independent
        }
    }

    fn of(&self, kind: Kind) -> impl Iterator<Item = &Candidate> {
        self.candidates.iter().filter(move |c| c.udp && c.kind == kind)
    }
}
