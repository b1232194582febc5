//! What a file says of itself, made harmless: its name, its media type, the sum of a part of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::channel::plain;
use crate::limits;

/// What a file is called: one line of 1 to [`limits::FILE_NAME`] characters that names a file in a folder and nothing else.
///
/// Whatever it was, it becomes one: what leads to another folder, or has a meaning of its own on some system, is replaced.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct FileName(Box<str>);

/// Characters that are no part of a name on one system or another.
fn is_special(c: char) -> bool {
    matches!(c, '/' | '\\' | ':' | '*' | '?' | '"' | '<' | '>' | '|')
}

/// Names that mean a device on Windows, whatever their ending.
fn is_device(stem: &str) -> bool {
    let stem = stem.to_ascii_uppercase();
    let numbered = |name: &str| {
        stem.strip_prefix(name)
            .is_some_and(|rest| rest.len() == 1 && rest.bytes().all(|b| b.is_ascii_digit()))
    };
    matches!(stem.as_str(), "CON" | "PRN" | "AUX" | "NUL") || numbered("COM") || numbered("LPT")
}

fn without_end(name: &str) -> &str {
    name.trim_end_matches(|c: char| c == '.' || c.is_whitespace())
}

impl FileName {
    /// Makes one of any text.
    pub fn new(text: &str) -> Self {
        let plain: String = plain(text).map(|c| if is_special(c) { '_' } else { c }).collect();
        // A name that begins with a dot hides, and one that ends with a dot or a space is another one on Windows.
        let trimmed = plain.trim_start_matches(|c: char| c == '.' || c.is_whitespace());
        let trimmed = without_end(trimmed);
        if trimmed.is_empty() {
            return Self("file".into());
        }
        let mut name = shortened(trimmed);
        if is_device(name.split('.').next().unwrap_or_default().trim_end()) {
            name.insert(0, '_');
        }
        Self(name.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The beginning of a name that is too long, and its ending if that is a short one: programs go by it. One place is left free.
fn shortened(name: &str) -> String {
    let longest = limits::FILE_NAME - 1;
    let count = name.chars().count();
    if count <= longest {
        return name.to_owned();
    }
    let ending = name.rfind('.').map_or("", |dot| &name[dot..]);
    let ending = if ending.chars().count() <= 16 { ending } else { "" };
    let beginning: String = name.chars().take(longest - ending.chars().count()).collect();
    [without_end(&beginning), ending].concat()
}

impl From<String> for FileName {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<FileName> for String {
    fn from(name: FileName) -> Self {
        name.0.into()
    }
}

/// A media type (RFC 6838 section 4.2), without parameters; empty where none is known.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct MediaType(Box<str>);

impl MediaType {
    /// What of a text is one; none of what is not.
    pub fn new(text: &str) -> Self {
        let essence = text.split(';').next().unwrap_or_default().trim();
        let part = |part: &str| {
            (1..=limits::MEDIA_TYPE / 2).contains(&part.len())
                && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
        };
        let is_one = essence.split_once('/').is_some_and(|(kind, sub)| part(kind) && part(sub));
        Self(if is_one { essence.to_ascii_lowercase().into() } else { "".into() })
    }

    /// The type as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for MediaType {
    fn from(text: String) -> Self {
        Self::new(&text)
    }
}

impl From<MediaType> for String {
    fn from(kind: MediaType) -> Self {
        kind.0.into()
    }
}

/// A SHA-256 (FIPS 180-4); 64 lowercase hexadecimal digits on the wire.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sha256(pub [u8; 32]);

impl fmt::Display for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl TryFrom<String> for Sha256 {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        const NONE: &str = "not 64 hexadecimal digits";
        let digit = |digit: u8| match digit {
            b'0'..=b'9' => Some(digit - b'0'),
            b'a'..=b'f' => Some(digit - b'a' + 10),
            _ => None,
        };
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        let mut sum = [0; 32];
        if pairs.len() != sum.len() || !rest.is_empty() {
            return Err(NONE);
        }
        for (byte, [high, low]) in sum.iter_mut().zip(pairs) {
            *byte = digit(*high).ok_or(NONE)? * 16 + digit(*low).ok_or(NONE)?;
        }
        Ok(Self(sum))
    }
}

impl From<Sha256> for String {
    fn from(sum: Sha256) -> Self {
        sum.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> String {
        FileName::new(text).as_str().to_owned()
    }

    #[test]
    fn a_name_that_is_one_stays_as_it_is() {
        for text in ["film.webm", "Bài giảng số 1.pdf", "no ending", "a.tar.gz", "日本語.txt", "👩‍👧.png"]
        {
            assert_eq!(name(text), text);
        }
    }

    #[test]
    fn no_name_leads_elsewhere_hides_or_means_a_device() {
        for (text, harmless) in [
            ("../Bài giảng <1>.pdf", "_Bài giảng _1_.pdf"),
            ("/etc/passwd", "_etc_passwd"),
            ("C:\\Windows\\x.dll", "C__Windows_x.dll"),
            (".bashrc", "bashrc"),
            ("...", "file"),
            ("", "file"),
            ("\u{202e}fdp.exe", "fdp.exe"),
            ("a\u{0}b\nc.txt", "abc.txt"),
            ("nul.txt", "_nul.txt"),
            ("Con", "_Con"),
            ("com1.log", "_com1.log"),
            ("common.log", "common.log"),
            ("trailing. ", "trailing"),
        ] {
            assert_eq!(name(text), harmless, "{text:?}");
        }
    }

    #[test]
    fn a_name_that_is_too_long_keeps_its_beginning_and_its_ending() {
        let long = name(&format!("{}.webm", "ă".repeat(4_000)));
        assert_eq!(long.chars().count(), limits::FILE_NAME - 1);
        assert!(long.ends_with("ă.webm"), "{long}");
        let dots = name(&format!("a.{}", "b".repeat(4_000)));
        assert_eq!(dots.chars().count(), limits::FILE_NAME - 1);
    }

    #[test]
    fn what_is_no_media_type_is_none() {
        for (text, kind) in [
            ("video/webm", "video/webm"),
            ("Text/HTML; charset=utf-8", "text/html"),
            ("application/vnd.oasis.opendocument.text", "application/vnd.oasis.opendocument.text"),
            ("", ""),
            ("text", ""),
            ("text/<b>", ""),
            ("/", ""),
        ] {
            assert_eq!(MediaType::new(text).as_str(), kind, "{text:?}");
        }
        assert_eq!(MediaType::new(&format!("a/{}", "b".repeat(1_000))).as_str(), "");
    }

    #[test]
    fn a_sum_is_64_digits_and_nothing_else() {
        let digits = "0123456789abcdef".repeat(4);
        assert_eq!(Sha256::try_from(digits.clone()).unwrap().to_string(), digits);
        let (long, upper) = (digits.clone() + "0", digits.to_uppercase());
        for text in ["", &digits[1..], &long, &upper, &"é".repeat(32)] {
            assert!(Sha256::try_from(text.to_owned()).is_err(), "{text}");
        }
    }
}
