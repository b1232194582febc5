//! What the probes found, step by step.

use vong_protocol::{ErrorCode, Ice};

use super::nat::Nat;
use super::servers::{self, RelayTransport};
use super::{Figures, State, Step, Verdict};
use crate::time::Millis;

/// What one probe found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Finding {
    /// Not begun.
    #[default]
    Waiting,
    /// Under way.
    Running,
    /// Not begun, and it will not be.
    Skipped(Skip),
    /// Whether the page's origin is one that browsers trust with a camera.
    SecureOrigin(bool),
    /// What the browser has.
    Browser(Features),
    /// Camera and microphone; for each that is missing, why, by a stable name for the report.
    Devices {
        /// The camera.
        camera: Result<(), &'static str>,
        /// The microphone.
        microphone: Result<(), &'static str>,
    },
    /// How long the server took to answer `join`.
    Signaling(Result<Millis, NoServer>),
    /// What the network does to this browser's address.
    Stun(Nat),
    /// How long the relay took to lend an address.
    Relay(Result<Millis, NoRelay>),
    /// What came back; for as long as the call goes on the latest figures.
    Echo(Result<Figures, NoEcho>),
}

/// Why a step is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Skip {
    /// The server names no server of this kind.
    NotTold,
    /// Nothing but relays is used.
    RelayOnly,
    /// This one failed, and it is needed.
    Needs(Step),
}

/// What a browser has of what the page needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Features {
    /// `RTCPeerConnection` and `WebSocket`.
    pub connections: bool,
    /// `getUserMedia`, or would have it on a secure origin.
    pub media: bool,
}

/// Why the signaling server cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoServer {
    /// No WebSocket was opened, or no answer came.
    Unreachable,
    /// It said why not.
    Refused(ErrorCode),
    /// It answered, and was gone before the test was over.
    Lost,
}

/// Why a relay lends no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoRelay {
    /// It was not reached in time.
    Unreachable,
    /// It answered no, with this code of STUN (RFC 8489, RFC 8656).
    Refused(u16),
}

/// Why nothing came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoEcho {
    /// The two ends did not find each other through the relay.
    NotConnected,
    /// They did, and no media came.
    NoMedia,
}

impl Finding {
    /// Where the step is.
    pub fn state(&self) -> State {
        let passed = match self {
            Self::Waiting => return State::Waiting,
            Self::Running => return State::Running,
            Self::Skipped(_) => return State::Skipped,
            Self::SecureOrigin(secure) => *secure,
            Self::Browser(features) => features.connections && features.media,
            Self::Devices { camera, microphone } => camera.is_ok() || microphone.is_ok(),
            Self::Signaling(answer) => answer.is_ok(),
            Self::Stun(nat) => *nat != Nat::Blocked,
            Self::Relay(lent) => lent.is_ok(),
            Self::Echo(echo) => echo.is_ok(),
        };
        if passed { State::Passed } else { State::Failed }
    }
}

/// All findings of one run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    findings: [Finding; Step::ALL.len()],
    /// Nothing but relays is used, by the operator's or the person's will.
    pub relay_only: bool,
}

impl Diagnosis {
    /// What this step found.
    pub fn finding(&self, step: Step) -> Finding {
        self.findings[step as usize]
    }

    /// Notes what this step found.
    pub fn found(&mut self, step: Step, finding: Finding) {
        self.findings[step as usize] = finding;
    }

    /// Where this step is.
    pub fn state(&self, step: Step) -> State {
        self.finding(step).state()
    }

    /// Why this step is not to be taken, as far as is known once all before it are over.
    pub fn skip(&self, step: Step, ice: &Ice) -> Option<Skip> {
        let failed = |step| self.state(step) != State::Passed;
        let relay = |transport| servers::relay(ice, transport).is_none().then_some(Skip::NotTold);
        let connections =
            matches!(self.finding(Step::Browser), Finding::Browser(Features { connections: true, .. }));
        match step {
            Step::SecureOrigin | Step::Browser => None,
            Step::Devices if failed(Step::SecureOrigin) => Some(Skip::Needs(Step::SecureOrigin)),
            Step::Devices => failed(Step::Browser).then_some(Skip::Needs(Step::Browser)),
            _ if !connections => Some(Skip::Needs(Step::Browser)),
            Step::Signaling => None,
            _ if failed(Step::Signaling) => Some(Skip::Needs(Step::Signaling)),
            Step::Stun if self.relay_only => Some(Skip::RelayOnly),
            Step::Stun => servers::stun(ice).is_empty().then_some(Skip::NotTold),
            Step::TurnUdp => relay(RelayTransport::Udp),
            Step::TurnTcp => relay(RelayTransport::Tcp),
            Step::TurnTls => relay(RelayTransport::Tls),
            Step::Echo if failed(Step::Devices) => Some(Skip::Needs(Step::Devices)),
            Step::Echo if !servers::has_relay(ice) => Some(Skip::NotTold),
            Step::Echo => (!self.is_relayed()).then_some(Skip::Needs(Step::TurnUdp)),
        }
    }

    /// What follows from all of it; `None` while a step is under way that has begun.
    pub fn verdict(&self) -> Option<Verdict> {
        Verdict::of(self)
    }

    /// Whether a relay lends an address over any transport.
    pub(super) fn is_relayed(&self) -> bool {
        RELAYS.iter().any(|step| self.state(*step) == State::Passed)
    }

    /// Whether the server names a relay, reachable or not.
    pub(super) fn is_relay_told(&self) -> bool {
        RELAYS.iter().any(|step| matches!(self.finding(*step), Finding::Relay(_)))
    }
}

const RELAYS: [Step; 3] = [Step::TurnUdp, Step::TurnTcp, Step::TurnTls];
