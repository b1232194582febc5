//! The path that media takes between two browsers, as `getStats` tells it.

use std::fmt;

use anyhow::{Context, Result};
use serde_json::Value;

/// One end of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// `host`, `srflx`, `prflx` or `relay`.
    pub kind: String,
    /// The address, as far as the browser tells.
    pub address: String,
    /// What a relayed one's own browser reaches its relay by: `udp`, `tcp` or `tls`.
    pub relay_protocol: Option<String>,
}

/// The selected candidate pair of a connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    /// This browser's end.
    pub local: Candidate,
    /// The other browser's.
    pub remote: Candidate,
}

impl Path {
    pub(crate) fn read(value: &Value) -> Result<Self> {
        Ok(Self { local: Candidate::read(&value["local"])?, remote: Candidate::read(&value["remote"])? })
    }

    /// Whether media goes through a relay at this address. An end may be known by its packets alone; then only the
    /// address tells that it is a relay's.
    pub fn is_relayed(&self, relay: &str) -> bool {
        [&self.local, &self.remote].into_iter().any(|end| end.kind == "relay" || end.address == relay)
    }
}

impl Candidate {
    fn read(value: &Value) -> Result<Self> {
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        Ok(Self {
            kind: text("candidateType").with_context(|| format!("no candidate: {value}"))?,
            address: text("address").unwrap_or_default(),
            relay_protocol: text("relayProtocol"),
        })
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} – {}", self.local, self.remote)
    }
}

impl fmt::Display for Candidate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        match &self.relay_protocol {
            Some(protocol) => write!(f, "/{protocol}"),
            None => Ok(()),
        }
    }
}
