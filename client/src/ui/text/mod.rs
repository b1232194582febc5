//! What people read, in their language: which message says what. The words themselves are in `locales/text.lrc`.
//!
//! Must not know components or signals: what is said depends on its arguments and the language alone.

mod devices;
mod language;
mod room;
mod status;
mod test;

pub(super) use devices::{camera, devices, microphone};
pub(super) use language::{Language, t};
pub(super) use room::bad_room;
pub(super) use status::{broadcaster, trouble, watcher};
pub(super) use test::{figures, finding, progress, step, verdict};

/// A headline, and what it means or what to do; the second may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// What is the case.
    pub(super) title: String,
    /// More about it.
    pub(super) detail: &'static str,
}

pub(super) fn said(title: impl Into<String>, detail: &'static str) -> Said {
    Said { title: title.into(), detail }
}

/// Its name is the same in every language.
pub(super) const BRAND: &str = "Vọng";

/// How others get in where the page is open under an address that means this very computer.
pub(super) fn link_here_only(port: &str) -> String {
    t().link_here_only(if port.is_empty() { "80" } else { port })
}
