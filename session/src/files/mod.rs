//! Files from page to page: how far one is, and what is to be asked for next.
//!
//! Whoever wants a file asks for its blocks one by one, a few ahead, and takes each for good once its sum is right. So it decides how fast the file
//! comes, and after an interruption goes on behind the last block that it has. Must not know bytes, channels or disks.

mod courtesy;
mod incoming;
mod progress;

pub use courtesy::Courtesy;
pub use incoming::{Incoming, Misbehaved, block_size, blocks};
pub use progress::Progress;
