//! What stands between this browser and the others: the steps of the test, what each found, and what follows from it.
//!
//! Pure: probes are carried out by the page and come in as plain data; words for people are the page's matter too.

mod candidate;
mod figures;
mod finding;
mod nat;
mod report;
mod servers;
mod step;
mod trouble;
mod verdict;

pub use candidate::{Candidate, Kind};
pub use figures::{Figures, Reading};
pub use finding::{Diagnosis, Features, Finding, NoEcho, NoRelay, NoServer, Skip};
pub use nat::{Gathered, Nat};
pub use report::report;
pub use servers::{RelayTransport, has_relay, is_local, relay, stun};
pub use step::{State, Step};
pub use trouble::is_trouble;
pub use verdict::Verdict;
