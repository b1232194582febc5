//! What follows from the findings: whether one can go live, how others will see it, or what is in the way.

use super::finding::{Diagnosis, Finding, NoServer, Skip};
use super::{Nat, State, Step};
use crate::bounds;

/// The upshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The browser lacks WebRTC.
    NoWebrtc,
    /// The signaling server cannot be used.
    NoServer(NoServer),
    /// Nothing gets through: neither a direct path nor a relay.
    Blocked,
    /// Only relays may be used, and the server names none.
    NoRelay,
    /// The server names relays, and none is reached. `direct` connections will do for some; not where only relays may be used.
    RelayUnreachable {
        /// There is a direct path.
        direct: bool,
    },
    /// The page's address is not one that browsers trust with a camera.
    InsecureOrigin,
    /// Neither camera nor microphone can be used.
    NoDevices,
    /// The relay lends addresses, and no media comes through it.
    EchoFailed,
    /// All works, and the line is too weak for a good picture.
    Weak,
    /// All works, directly or else through the relay.
    Ready,
    /// All works, through the relay alone.
    Relayed,
    /// Direct paths work, and there is no relay for those whose networks forbid them.
    DirectOnly,
    /// The network gives another address to everyone, and there is no relay.
    Strict,
    /// The server names neither STUN nor TURN: it works within one network.
    LocalOnly,
}

impl Verdict {
    /// The stable name, for scripts and the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::NoWebrtc => "no_webrtc",
            Self::NoServer(_) => "no_server",
            Self::Blocked => "blocked",
            Self::NoRelay => "no_relay",
            Self::RelayUnreachable { .. } => "relay_unreachable",
            Self::InsecureOrigin => "insecure_origin",
            Self::NoDevices => "no_devices",
            Self::EchoFailed => "echo_failed",
            Self::Weak => "weak",
            Self::Ready => "ready",
            Self::Relayed => "relayed",
            Self::DirectOnly => "direct_only",
            Self::Strict => "strict",
            Self::LocalOnly => "local_only",
        }
    }

    /// What keeps everybody from seeing comes before what keeps the person from going live, and that before what works.
    pub(super) fn of(diagnosis: &Diagnosis) -> Option<Self> {
        let state = |step| diagnosis.state(step);
        if Step::ALL.iter().any(|step| state(*step) == State::Running) {
            return None;
        }
        if let Finding::Browser(features) = diagnosis.finding(Step::Browser)
            && !features.connections
        {
            return Some(Self::NoWebrtc);
        }
        if let Finding::Signaling(Err(why)) = diagnosis.finding(Step::Signaling) {
            return Some(Self::NoServer(why));
        }
        let path = Self::path(diagnosis)?;
        let works =
            matches!(path, Self::Ready | Self::Relayed | Self::DirectOnly | Self::Strict | Self::LocalOnly);
        if !works {
            return Some(path);
        }
        if state(Step::SecureOrigin) == State::Failed {
            return Some(Self::InsecureOrigin);
        }
        if state(Step::Devices) == State::Failed || state(Step::Browser) == State::Failed {
            return Some(Self::NoDevices);
        }
        Some(match diagnosis.finding(Step::Echo) {
            Finding::Echo(Err(_)) => Self::EchoFailed,
            // Sound alone needs next to nothing.
            Finding::Echo(Ok(echo))
                if echo.loss > bounds::LOSS || (echo.picture && echo.room < bounds::UPLOAD) =>
            {
                Self::Weak
            }
            _ => path,
        })
    }

    /// How media will go, from STUN and TURN alone; `None` before they were tried.
    fn path(diagnosis: &Diagnosis) -> Option<Self> {
        let (relayed, told) = (diagnosis.is_relayed(), diagnosis.is_relay_told());
        let nat = match diagnosis.finding(Step::Stun) {
            Finding::Stun(nat) => Some(nat),
            Finding::Skipped(Skip::NotTold | Skip::RelayOnly) => None,
            _ => return None,
        };
        Some(match (nat, relayed) {
            _ if diagnosis.relay_only => match (relayed, told) {
                (true, _) => Self::Relayed,
                (false, true) => Self::RelayUnreachable { direct: false },
                (false, false) => Self::NoRelay,
            },
            (Some(Nat::Open | Nat::Independent | Nat::Unknown | Nat::Local), true) => Self::Ready,
            (_, true) => Self::Relayed,
            (Some(Nat::Blocked), false) => Self::Blocked,
            (Some(Nat::Symmetric), false) => Self::Strict,
            (Some(_), false) if told => Self::RelayUnreachable { direct: true },
            (Some(_), false) => Self::DirectOnly,
            (None, false) if told => Self::RelayUnreachable { direct: false },
            (None, false) => Self::LocalOnly,
        })
    }
}
