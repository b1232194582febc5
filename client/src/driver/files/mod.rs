//! Files from page to page: what is on offer, what comes and what goes. A program of its own, next to the page's; see [`crate::platform::part`].
//!
//! Knows neither the server nor the session: it is told of connections, and of what people are called.

mod desk;
mod meeting;
mod receive;
mod row;
mod send;
mod turns;

pub use desk::{Desk, Shelf};
pub use row::{Key as FileKey, Row as FileRow, State as FileState, Why};
