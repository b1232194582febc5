//! What is wrong with a message that cannot be read, in words that its author can act on.

use serde_json::Value;

use crate::error::{ErrorCode, Refusal};

/// Looks at a message that did not parse once more, to name the fault rather than the parser's view of it. A `first` message of
/// another version may well have another shape, so its version is what counts; then what `field` says of its fields.
pub(crate) fn diagnose(
    text: &str,
    error: &serde_json::Error,
    first: &str,
    version: u16,
    field: impl FnOnce(&Value) -> Option<Refusal>,
) -> Refusal {
    let malformed = |detail: String| Refusal::new(ErrorCode::Malformed, detail);
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return malformed("the message is not JSON".to_owned());
    };
    if value.get("type").and_then(Value::as_str) == Some(first) {
        match value.get("version") {
            Some(theirs) if theirs.as_u64() != Some(u64::from(version)) => {
                return other_version(version, &theirs.to_string());
            }
            _ => {}
        }
        if let Some(refusal) = field(&value) {
            return refusal;
        }
    }
    malformed(shorten(&error.to_string()))
}

/// The page is of another version.
pub(crate) fn other_version(ours: u16, theirs: &str) -> Refusal {
    let theirs = shorten(theirs);
    let detail = format!("this server speaks version {ours}, the page version {theirs}: reload the page");
    Refusal::new(ErrorCode::UnsupportedVersion, detail)
}

/// Bounds what is echoed back to a client of its own input.
fn shorten(text: &str) -> String {
    const ECHO: usize = 200;
    match text.char_indices().nth(ECHO) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
