//! A model of the browsers' connections: descriptions, candidates, paths that break, and bytes that flow.
//!
//! A description is a text that names its page, connection, attempt and ICE generation, so that the model can tell who
//! is connected to whom and whether a restart has caught up with a path that moved.

use std::collections::HashMap;

use vong_protocol::{Attempt, IceCandidate};
use vong_session::{ConnectionId, Time, Transport};

pub(crate) type Page = usize;
/// A connection of a page.
pub(crate) type End = (Page, ConnectionId);

#[derive(Debug, Default)]
pub(crate) struct Peer {
    pub(crate) attempt: Attempt,
    /// The ICE generation of the local and of the remote description.
    pub(crate) local: Option<u32>,
    pub(crate) remote: Option<(End, u32)>,
    pub(crate) candidates: usize,
    pub(crate) transport: Transport,
    /// When the path broke, as far as the browser knows.
    pub(crate) broke: Option<Time>,
    pub(crate) bytes: u64,
    pub(crate) frames: u64,
    /// Whether its data channel was reported as open.
    pub(crate) has_channel: bool,
    /// What was told to the channel, and leaves as soon as there is a path; lost if there never is.
    pub(crate) unsent: Vec<String>,
    /// Whether the first media was reported.
    pub(crate) unmuted: bool,
    generation: u32,
}

#[derive(Default)]
pub(crate) struct Media {
    pub(crate) peers: HashMap<End, Peer>,
    /// Rises when a path moves: descriptions of an older path lead nowhere.
    pub(crate) path: u32,
    pub(crate) cut: bool,
    pub(crate) sources: Sources,
}

/// What a broadcaster sends.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) enum Sources {
    #[default]
    Both,
    /// The camera is off.
    Sound,
    /// So is the microphone.
    Nothing,
}

impl Media {
    /// The text of a description of this end, made now.
    pub(crate) fn describe(&mut self, end: End, attempt: Attempt) -> String {
        let path = self.path;
        if let Some(peer) = self.peers.get_mut(&end) {
            peer.generation = path;
        }
        format!("{} {} {} {path}", end.0, end.1.0, attempt.0)
    }

    /// Sets a description that [`Media::describe`] made, as local: gathering begins.
    pub(crate) fn set_local(&mut self, end: End, attempt: Attempt) -> IceCandidate {
        if let Some(peer) = self.peers.get_mut(&end) {
            peer.local = Some(peer.generation);
            peer.attempt = attempt;
        }
        let candidate = format!("{} {}", end.0, end.1.0);
        IceCandidate { candidate, sdp_mid: None, sdp_m_line_index: None, username_fragment: None }
    }

    /// Sets the other side's. A candidate is only good for the description it came with.
    pub(crate) fn set_remote(&mut self, end: End, sdp: &str) {
        let numbers: Vec<u32> = sdp.split(' ').map(|n| n.parse().expect("a description")).collect();
        let other = (numbers[0] as Page, ConnectionId(numbers[1]));
        if let Some(peer) = self.peers.get_mut(&end) {
            peer.remote = Some((other, numbers[3]));
            peer.candidates = 0;
        }
    }

    pub(crate) fn add_candidate(&mut self, end: End) {
        let peer = self.peers.get_mut(&end).expect("candidates go to connections that are there");
        assert!(peer.remote.is_some(), "a candidate was added before the remote description of {end:?}");
        peer.candidates += 1;
    }

    /// Whether packets get from one end to the other now.
    pub(crate) fn is_connected(&self, end: End) -> bool {
        self.half(end).is_some_and(|other| self.half(other) == Some(end)) && !self.cut
    }

    /// What can leave now, in the order in which each end told it.
    pub(crate) fn take_sendable(&mut self) -> Vec<(End, String)> {
        let ends: Vec<End> = self.peers.keys().copied().filter(|end| self.is_connected(*end)).collect();
        let mut sendable = Vec::new();
        for end in ends {
            if let Some(peer) = self.peers.get_mut(&end) {
                sendable.extend(peer.unsent.drain(..).map(|text| (end, text)));
            }
        }
        sendable
    }

    fn half(&self, end: End) -> Option<End> {
        let peer = self.peers.get(&end)?;
        let (other, remote) = peer.remote?;
        (peer.local == Some(self.path) && remote == self.path && peer.candidates > 0).then_some(other)
    }
}
