//! What a page says.

use serde::{Deserialize, Serialize};

use super::{Refused, VERSION};
use crate::channel::Name;
use crate::client::is_false;
use crate::diagnosis::{diagnose, other_version};
use crate::error::{ErrorCode, Refusal};
use crate::id::{CallId, NameSecret, SessionToken};
use crate::limits;

/// A message from a page. Unknown types and fields are refused, so that a mistake is heard where it is made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
pub enum ClientMessage {
    /// First message of a connection, and only then.
    Register(Register),
    /// Rings at whoever has this name. Said again, it asks how the call stands.
    Call {
        /// Made up by the page, and used for one call.
        call: CallId,
        /// Whom it wants.
        to: Name,
    },
    /// The person takes the call that rings here.
    Accept {
        /// The call.
        call: CallId,
    },
    /// The call that rings here is not taken.
    Refuse {
        /// The call.
        call: CallId,
        /// Why.
        reason: Refused,
    },
    /// The person wants this call no more, whether it was answered or not.
    HangUp {
        /// The call.
        call: CallId,
    },
    /// Asks for names of people who may be found.
    Find {
        /// How the name begins; empty for any.
        text: String,
    },
    /// A heartbeat, answering `ping`.
    Pong {},
    /// The page goes for good.
    Leave {
        /// The name is wanted no more: if no other page has it, it is free at once.
        #[serde(default, skip_serializing_if = "is_false")]
        release: bool,
    },
}

/// The contents of [`ClientMessage::Register`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Register {
    /// [`VERSION`] of the page.
    pub version: u16,
    /// Under which name it wants to be called.
    pub name: Name,
    /// What proves that the name is the person's, made up by the first of their pages and kept in the browser.
    pub secret: NameSecret,
    /// The page, as it names itself, so that the same one that comes again is known to be that.
    pub page: SessionToken,
    /// Others may find the name.
    #[serde(default, skip_serializing_if = "is_false")]
    pub listed: bool,
}

impl ClientMessage {
    /// Reads one message, within bounds, or says what is wrong with it in a way its author can act on.
    pub fn parse(text: &str) -> Result<Self, Refusal> {
        if text.len() > limits::CALL_MESSAGE {
            let detail = format!("a message has at most {} bytes", limits::CALL_MESSAGE);
            return Err(Refusal::new(ErrorCode::TooLarge, detail));
        }
        let message: Self = serde_json::from_str(text).map_err(|error| explain(text, &error))?;
        match &message {
            Self::Register(register) if register.version != VERSION => {
                Err(other_version(VERSION, &register.version.to_string()))
            }
            Self::Find { text } if text.chars().count() > limits::NAME => {
                let detail = format!("what is looked for has at most {} characters", limits::NAME);
                Err(Refusal::new(ErrorCode::Malformed, detail))
            }
            _ => Ok(message),
        }
    }

    /// The JSON text.
    pub fn to_json(&self) -> String {
        // Strings, numbers and enums only: serialisation has no way to fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A name that cannot be one has an error of its own: a person typed it.
fn explain(text: &str, error: &serde_json::Error) -> Refusal {
    diagnose(text, error, "register", VERSION, |value| {
        let name = value.get("name")?.as_str()?;
        let bad = Name::parse(name).err()?;
        Some(Refusal::new(ErrorCode::BadName, bad.to_string()))
    })
}
