//! The one place that does I/O: takes one event, feeds the session, carries out its outputs, updates the signals.
//!
//! Knows sessions by their contract and the browser by [`crate::platform`]; holds no protocol logic and shows nothing.

mod cast;
mod chat;
mod devices;
mod echo;
mod engine;
mod files;
mod level;
mod probe;
mod queue;
mod record;
mod run;
mod screen;
mod table;
mod test;
mod trouble;
mod watch;

pub use crate::platform::DeviceError;
pub use crate::platform::media::{Choice, Choices, Kind};
pub use cast::{Casting, Inputs, Sources, Thrift};
pub use chat::Chat;
pub use devices::Devices;
pub use files::{Desk, FileKey, FileRow, FileState, Shelf, Why};
pub use queue::EVENTS;
pub use record::Recording;
pub use test::Testing;
pub use watch::Watching;
