//! Vọng from the outside: starts the built program and real browsers, and looks at what a person would see.
//!
//! A test is an async closure over a [`Stage`], which lends servers and browsers, takes everything down again, and keeps
//! the evidence when the test fails. Nothing here knows the project's crates: what it relies on is the command line, the
//! addresses of the pages, and their `data-` attributes.
#![forbid(unsafe_code)]

mod bidi;
mod browser;
mod cdp;
mod driver;
mod evidence;
pub mod lab;
mod lighthouse;
mod options;
mod page;
mod path;
mod place;
mod pool;
mod server;
mod stage;
mod tree;
mod wait;

pub use browser::Browser;
pub use lighthouse::{Lighthouse, Report};
pub use options::{Autoplay, Devices, Kind, Options, SAVES};
pub use page::Page;
pub use path::{Candidate, Path};
pub use place::Place;
pub use server::{Server, accessibility_rules, free_port, program};
pub use stage::{Stage, run, run_alone, run_within};
pub use wait::{DEADLINE, until};
