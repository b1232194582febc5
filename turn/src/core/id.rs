//! The numbers of allocations, and tables by them.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// One allocation, for as long as the program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct AllocationId(pub(super) u64);

/// A table by allocations.
pub(super) type ById<T> = HashMap<AllocationId, T, BuildHasherDefault<Spread>>;

/// Spreads numbers over a table. They are ours and count up, so nobody can choose them to collide, and a table that is asked
/// for every packet need not pay for a hash that withstands that.
#[derive(Debug, Default)]
pub(super) struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, number: u64) {
        // By the golden ratio, as Knuth has it.
        self.0 = (self.0 ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
}
