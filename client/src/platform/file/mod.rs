//! Files: those of the person, those that come, and the channels in between.

mod disk;
mod own;
mod paced;
mod pipe;

pub use disk::{Place, Sink, sweep};
pub use own::{Assembly, Block, OwnFile, digest};
pub use paced::Paced;
pub use pipe::{Piece, Pieces, Pipe};
