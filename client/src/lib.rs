//! Vọng's page. Dependencies point one way: `ui → driver → platform`, and `driver → session`, whose words for what
//! happens to a connection `platform` uses too.
pub mod driver;
pub mod platform;
pub mod ui;
