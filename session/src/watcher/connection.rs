//! One connection of a watcher: where its negotiation stands and whether media flows over it.

use vong_protocol::{Attempt, PeerId};

use crate::api::{ConnectionId, Transport};
use crate::bounds;
use crate::candidates::EarlyCandidates;
use crate::time::{Millis, Time};

/// How far one offer has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// The browser creates the offer.
    Creating,
    /// The offer is ready and may be sent whenever there is somebody to send it to.
    Created { sdp: String },
    /// It is sent along with `join`, before the ICE servers are known: the browser has not set it yet.
    SentAhead { sdp: String },
    /// It is sent and set.
    Sent,
    /// The browser sets the answer.
    Applying,
    /// The negotiation is complete.
    Applied,
}

/// One offer and what belongs to it.
#[derive(Debug)]
pub(super) struct Negotiation {
    pub(super) attempt: Attempt,
    pub(super) restart: bool,
    pub(super) step: Step,
    pub(super) early: EarlyCandidates,
    /// When it is given up. `None` while it waits for a broadcaster, which may take for ever.
    pub(super) until: Option<Time>,
    /// When the offer was sent, until it is known whether it arrived.
    pub(super) asked: Option<Time>,
}

impl Negotiation {
    pub(super) fn new(attempt: Attempt, restart: bool, until: Time) -> Self {
        let early = EarlyCandidates::default();
        Self { attempt, restart, step: Step::Creating, early, until: Some(until), asked: None }
    }

    /// When an offer that is out becomes doubtful.
    pub(super) fn doubtful_at(&self) -> Option<Time> {
        self.asked.filter(|_| self.is_unanswered()).map(|asked| asked + bounds::DOUBT)
    }

    /// Whether an offer is out that the other side may not have got.
    pub(super) fn is_unanswered(&self) -> bool {
        matches!(self.step, Step::Sent)
    }
}

#[derive(Debug)]
pub(super) struct Connection {
    pub(super) id: ConnectionId,
    /// With whom, once the answer told.
    pub(super) engine: Option<PeerId>,
    pub(super) transport: Transport,
    pub(super) connected_since: Option<Time>,
    pub(super) negotiation: Negotiation,
    pub(super) flow: Flow,
    pub(super) measure_at: Option<Time>,
    /// Its data channel is open.
    pub(super) has_channel: bool,
}

impl Connection {
    pub(super) fn new(id: ConnectionId, attempt: Attempt, now: Time) -> Self {
        Self {
            id,
            engine: None,
            transport: Transport::Connecting,
            connected_since: None,
            negotiation: Negotiation::new(attempt, false, now + bounds::OFFER_CREATION),
            flow: Flow::default(),
            measure_at: None,
            has_channel: false,
        }
    }

    pub(super) fn set_transport(&mut self, now: Time, transport: Transport) {
        self.transport = transport;
        self.connected_since = match transport {
            Transport::Connected => self.connected_since.or(Some(now)),
            _ => None,
        };
        self.measure_at = Some(now);
    }

    /// Its bytes are being read now.
    pub(super) fn measured(&mut self, now: Time) {
        self.measure_at = Some(now + bounds::MEASURE);
    }

    /// Whether it is connected for so long that the broadcaster evidently sends nothing now.
    pub(super) fn is_silent(&self, now: Time) -> bool {
        self.silent_at().is_some_and(|at| now >= at)
    }

    pub(super) fn silent_at(&self) -> Option<Time> {
        self.connected_since.map(|since| since + bounds::SILENT_CONNECTION)
    }
}

/// Whether media bytes keep coming, and pictures among them.
#[derive(Debug, Default)]
pub(super) struct Flow {
    bytes: u64,
    /// When bytes last grew; `None` until they have, and after an interruption until they do again.
    grew: Option<Time>,
    fruitless: u32,
    frames: u64,
    /// When there were last more frames; `None` while there is no picture.
    drew: Option<Time>,
}

impl Flow {
    /// Takes a reading. Whether there are new bytes.
    pub(super) fn read(&mut self, now: Time, bytes: u64, frames: u64) -> bool {
        if frames > self.frames {
            self.frames = frames;
            self.drew = Some(now);
        }
        self.drew = self.drew.filter(|drew| now - *drew < bounds::STILL);
        if bytes > self.bytes {
            self.bytes = bytes;
            self.begin(now);
            true
        } else {
            self.fruitless = self.fruitless.saturating_add(1);
            false
        }
    }

    /// Media was seen by other means than bytes.
    pub(super) fn begin(&mut self, now: Time) {
        self.grew = Some(now);
        self.fruitless = 0;
    }

    /// Whether frames came lately, as far as the last readings tell.
    pub(super) fn has_picture(&self) -> bool {
        self.drew.is_some()
    }

    /// Whether frames came until lately, and stopped.
    pub(super) fn is_still(&self, now: Time) -> bool {
        self.drew.is_some_and(|drew| now - drew >= bounds::STALL_DISCONNECTED)
    }

    /// Whether bytes came and then stopped for too long.
    pub(super) fn is_stalled(&self, now: Time, patience: Millis) -> bool {
        self.fruitless >= bounds::STALL_READINGS && self.grew.is_some_and(|grew| now - grew >= patience)
    }

    /// Whether bytes came since the connection was made or recovered.
    pub(super) fn is_armed(&self) -> bool {
        self.grew.is_some()
    }

    /// Nothing is expected until bytes come again.
    pub(super) fn disarm(&mut self) {
        self.grew = None;
        self.fruitless = 0;
    }
}
