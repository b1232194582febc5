//! The steps of the test in their order, and where one of them is.

/// One thing that has to work.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Step {
    /// The page came over HTTPS or from this very computer: browsers give a camera to no other.
    SecureOrigin,
    /// The browser has what the page needs.
    Browser,
    /// Camera and microphone.
    Devices,
    /// The server takes the page into a room and answers.
    Signaling,
    /// A STUN server tells what address the network gives this browser.
    Stun,
    /// A TURN server lends an address over UDP.
    TurnUdp,
    /// The same over TCP.
    TurnTcp,
    /// The same over TLS, which passes most firewalls.
    TurnTls,
    /// The person's own media goes through the relay and comes back.
    Echo,
}

impl Step {
    /// All, in the order in which they are taken.
    pub const ALL: [Self; 9] = [
        Self::SecureOrigin,
        Self::Browser,
        Self::Devices,
        Self::Signaling,
        Self::Stun,
        Self::TurnUdp,
        Self::TurnTcp,
        Self::TurnTls,
        Self::Echo,
    ];

    /// The stable name, for scripts and the report.
    pub fn name(self) -> &'static str {
        match self {
            Self::SecureOrigin => "secure_origin",
            Self::Browser => "browser",
            Self::Devices => "devices",
            Self::Signaling => "signaling",
            Self::Stun => "stun",
            Self::TurnUdp => "turn_udp",
            Self::TurnTcp => "turn_tcp",
            Self::TurnTls => "turn_tls",
            Self::Echo => "echo",
        }
    }
}

/// Where a step is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its turn has not come.
    Waiting,
    /// It is under way.
    Running,
    /// It works.
    Passed,
    /// It does not.
    Failed,
    /// It makes no sense here.
    Skipped,
}

impl State {
    /// The stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Skipped => "skipped",
        }
    }
}
