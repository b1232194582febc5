//! What people type, made harmless: names and lines of text as newtypes.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::limits;

/// What somebody is called: one line of 1 to [`limits::NAME`] characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Name(Box<str>);

/// What somebody says: 1 to [`limits::TEXT`] characters, over several lines perhaps.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text(Box<str>);

/// Why a text is neither.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadText {
    /// Nothing that can be seen.
    Empty,
    /// More characters than there may be.
    TooLong,
}

impl fmt::Display for BadText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "nothing in it can be seen",
            Self::TooLong => "it has too many characters",
        })
    }
}

impl std::error::Error for BadText {}

/// Characters that show nothing and change how others are shown: controls, and the overrides and isolates of direction
/// (Unicode Bidirectional Algorithm), with which a name could rewrite what stands around it; tags and fillers. The joiners
/// that scripts and emoji need stay.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}'
            | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether a character leaves a mark by itself.
fn is_seen(c: char) -> bool {
    !c.is_whitespace() && !matches!(c, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}')
}

/// At most so many combining marks follow one another: more of them climb out of their line.
const MARKS: usize = 4;

/// Whether a character is set above or below the one before it, as far as the blocks of such marks tell.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

/// A text without what is hidden, but for what it `keeps`, and without marks that climb.
fn seen(text: &str, keeps: fn(char) -> bool) -> impl Iterator<Item = char> {
    let mut marks = 0;
    text.chars().filter(move |&c| keeps(c) || !is_hidden(c)).filter(move |&c| {
        marks = if is_mark(c) { marks + 1 } else { 0 };
        marks <= MARKS
    })
}

/// One line of text without what is hidden.
pub(crate) fn plain(text: &str) -> impl Iterator<Item = char> {
    seen(text, |_| false)
}

fn clean(text: &str, most: usize, keeps: fn(char) -> bool) -> Result<Box<str>, BadText> {
    // A text that is far too long is not looked at in full.
    if text.len() > most.saturating_mul(16) {
        return Err(BadText::TooLong);
    }
    let cleaned: String = seen(text, keeps).collect();
    let cleaned = cleaned.trim();
    if !cleaned.contains(is_seen) {
        return Err(BadText::Empty);
    }
    if cleaned.chars().count() > most {
        return Err(BadText::TooLong);
    }
    Ok(cleaned.into())
}

impl Name {
    /// Takes out what is hidden, and what is white but for single spaces.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        let spaced: String = text.chars().map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
        let cleaned = clean(&spaced, limits::NAME, |_| false)?;
        Ok(Self(cleaned.split_whitespace().collect::<Vec<_>>().join(" ").into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Text {
    /// Takes out what is hidden, except for the ends of lines. Beyond [`limits::LINES`] they become spaces: one text must not
    /// push all others out of sight.
    pub fn parse(text: &str) -> Result<Self, BadText> {
        let cleaned = clean(text, limits::TEXT, |c| c == '\n')?;
        let mut ends = 0;
        let lines = cleaned.chars().map(|c| {
            ends += usize::from(c == '\n');
            if c == '\n' && ends >= limits::LINES { ' ' } else { c }
        });
        Ok(Self(lines.collect()))
    }

    /// The text itself.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Both go over the wire as strings.
macro_rules! string {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = BadText;
            fn try_from(text: String) -> Result<Self, BadText> {
                Self::parse(&text)
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> Self {
                text.0.into()
            }
        }
    };
}

string!(Name);
string!(Text);
