//! What lets a watcher into a room that asks for it: one text, as somebody typed it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits;

/// 1 to [`limits::PASSWORD`] characters, none of them a control character. Compared as they are, spaces and all.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Password(Box<str>);

/// Why a text is not a [`Password`]. It says nothing of the text, which may be one that is used elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadPassword {
    /// Nothing.
    Empty,
    /// More than [`limits::PASSWORD`] characters.
    TooLong,
    /// A character that nobody can type into one line.
    Control,
}

impl fmt::Display for BadPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => write!(f, "a password cannot be empty"),
            Self::TooLong => write!(f, "a password has at most {} characters", limits::PASSWORD),
            Self::Control => write!(f, "a password has no control characters"),
        }
    }
}

impl std::error::Error for BadPassword {}

impl Password {
    /// Checks what a person typed.
    pub fn parse(text: &str) -> Result<Self, BadPassword> {
        if text.is_empty() {
            return Err(BadPassword::Empty);
        }
        if text.chars().any(char::is_control) {
            return Err(BadPassword::Control);
        }
        if text.chars().count() > limits::PASSWORD {
            return Err(BadPassword::TooLong);
        }
        Ok(Self(text.into()))
    }

    /// The password as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Password {
    type Error = BadPassword;
    fn try_from(text: String) -> Result<Self, BadPassword> {
        Self::parse(&text)
    }
}

impl From<Password> for String {
    fn from(password: Password) -> Self {
        password.0.into()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(hidden)")
    }
}
