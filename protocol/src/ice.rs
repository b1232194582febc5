//! ICE servers and candidates in the shape that the browsers' own dictionaries have (W3C WebRTC 1.0).

use serde::{Deserialize, Serialize};

use crate::limits;

/// What a page's connections may use to reach the other side (`RTCConfiguration`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Ice {
    /// The STUN and TURN servers. Their credentials expire, and are renewed by [`crate::ServerMessage::Ice`].
    pub ice_servers: Vec<IceServer>,
    /// `iceTransportPolicy` is `relay`: no address of the person's own leaves the browser.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub relay_only: bool,
}

/// `RTCIceServer`: a STUN or TURN server that the browser should use.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct IceServer {
    /// `stun:`, `turn:` or `turns:` URLs (RFC 7064, RFC 7065).
    pub urls: Vec<String>,
    /// TURN user name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// TURN password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credential: Option<String>,
}

/// `RTCIceCandidateInit`: one trickled candidate (RFC 8838). Unknown fields are dropped: browsers may come to say more.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct IceCandidate {
    /// The candidate line; empty at the end of a generation.
    pub candidate: String,
    /// Which media description it belongs to, by id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sdp_mid: Option<String>,
    /// Which media description it belongs to, by position.
    #[serde(default, rename = "sdpMLineIndex", skip_serializing_if = "Option::is_none")]
    pub sdp_m_line_index: Option<u16>,
    /// Which ICE generation it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username_fragment: Option<String>,
}

impl IceCandidate {
    /// Whether every field is within [`limits`].
    pub fn within_bounds(&self) -> bool {
        let short =
            |field: &Option<String>| field.as_ref().is_none_or(|f| f.len() <= limits::CANDIDATE_FIELD);
        self.candidate.len() <= limits::CANDIDATE && short(&self.sdp_mid) && short(&self.username_fragment)
    }
}
