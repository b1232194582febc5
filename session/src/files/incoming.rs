//! A file that comes: which of its blocks are there, under way, and still to be asked for.

use std::fmt;

use vong_protocol::limits::{BLOCK, PIECE};

use crate::bounds;

/// A file under way. Blocks are asked for in order, come in order, and are checked in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    size: u64,
    /// Blocks that are there for good.
    there: u32,
    /// Blocks that came and are being checked.
    came: u32,
    /// Blocks that were asked for, over the connection that there is.
    asked: u32,
    /// Bytes that came of the block under way.
    part: u64,
    /// Sums that were wrong since a block was there for good.
    wrong: u32,
}

/// The other side sent what was not asked for, or sums that are wrong again and again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misbehaved;

impl fmt::Display for Misbehaved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what came is not what was asked for")
    }
}

impl std::error::Error for Misbehaved {}

/// The blocks of a file of that many bytes.
pub fn blocks(size: u64) -> u32 {
    u32::try_from(size.div_ceil(BLOCK)).unwrap_or(u32::MAX)
}

/// The bytes of its block at this place; none beyond its end.
pub fn block_size(size: u64, block: u32) -> u64 {
    size.saturating_sub(u64::from(block) * BLOCK).min(BLOCK)
}

impl Incoming {
    /// A file of that many bytes, of which nothing is there.
    pub fn new(size: u64) -> Self {
        Self { size, there: 0, came: 0, asked: 0, part: 0, wrong: 0 }
    }

    /// There is another connection: what was under way over the one before is lost, and so is what was not kept yet.
    pub fn restart(&mut self) {
        (self.came, self.asked, self.part) = (self.there, self.there, 0);
    }

    /// The block to ask for now. To be called until there is none.
    pub fn ask(&mut self) -> Option<u32> {
        let next = self.asked;
        if next >= blocks(self.size) || next - self.there >= bounds::BLOCKS_AHEAD {
            return None;
        }
        self.asked += 1;
        Some(next)
    }

    /// So many bytes came in one message.
    ///
    /// # Errors
    /// Nobody asked for them.
    pub fn bytes(&mut self, count: u64) -> Result<(), Misbehaved> {
        let fits = self.came < self.asked && self.part + count <= block_size(self.size, self.came);
        if !fits || count == 0 || count > PIECE as u64 {
            return Err(Misbehaved);
        }
        self.part += count;
        Ok(())
    }

    /// The sum of a block came, behind its bytes. The block is to be checked now.
    ///
    /// # Errors
    /// It is not that block's turn, or it is not whole.
    pub fn sum(&mut self, block: u32) -> Result<(), Misbehaved> {
        if block != self.came || self.came >= self.asked || self.part != block_size(self.size, block) {
            return Err(Misbehaved);
        }
        self.came += 1;
        self.part = 0;
        Ok(())
    }

    /// The oldest block that was being checked is right, and kept.
    pub fn kept(&mut self) {
        debug_assert!(self.there < self.came, "a block is kept once");
        self.there += 1;
        self.wrong = 0;
    }

    /// The oldest block that was being checked is wrong: it and what followed is asked for again, over another connection.
    ///
    /// # Errors
    /// It was wrong too often.
    pub fn spoiled(&mut self) -> Result<(), Misbehaved> {
        self.restart();
        self.wrong += 1;
        if self.wrong > bounds::WRONG_SUMS { Err(Misbehaved) } else { Ok(()) }
    }

    /// Bytes that came, also of blocks that are not checked yet.
    pub fn received(&self) -> u64 {
        (u64::from(self.came) * BLOCK).min(self.size) + self.part
    }

    /// All of it is there for good.
    pub fn is_whole(&self) -> bool {
        self.there == blocks(self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_cover_a_file_without_a_rest() {
        for size in [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 5 * BLOCK, 2_000_000_000, vong_protocol::limits::FILE]
        {
            let count = blocks(size);
            let ends = [0, count.saturating_sub(1)].map(|block| block_size(size, block));
            assert!(size == 0 || (ends[1] > 0 && ends[0] >= ends[1]), "{size}");
            assert_eq!(u64::from(count.saturating_sub(1)) * BLOCK + ends[1], size);
            assert_eq!(block_size(size, count), 0);
        }
    }

    #[test]
    fn no_more_is_asked_for_than_may_be_under_way_and_no_more_is_taken_than_was_asked_for() {
        let mut file = Incoming::new(10 * BLOCK);
        assert_eq!(file.bytes(1), Err(Misbehaved), "nothing was asked for");
        let asked: Vec<u32> = std::iter::from_fn(|| file.ask()).collect();
        assert_eq!(asked.len(), bounds::BLOCKS_AHEAD as usize);
        assert_eq!(file.bytes(0), Err(Misbehaved), "an empty message would be one without end");
        assert_eq!(file.bytes(PIECE as u64 + 1), Err(Misbehaved));
        assert_eq!(file.sum(0), Err(Misbehaved), "it is not whole");
        for _ in 0..BLOCK / PIECE as u64 {
            file.bytes(PIECE as u64).unwrap();
        }
        assert_eq!(file.bytes(1), Err(Misbehaved), "its sum is missing");
        assert_eq!(file.sum(1), Err(Misbehaved));
        file.sum(0).unwrap();
        assert_eq!(file.ask(), None, "it is not kept yet: a slow disk slows the sender");
        file.kept();
        assert_eq!(file.ask(), Some(bounds::BLOCKS_AHEAD));
    }

    #[test]
    fn an_empty_file_is_whole_at_once() {
        let mut file = Incoming::new(0);
        assert!(file.is_whole());
        assert_eq!(file.ask(), None);
        assert_eq!(file.bytes(1), Err(Misbehaved));
    }

    #[test]
    fn a_sum_that_is_wrong_again_and_again_ends_it() {
        let mut file = Incoming::new(1);
        for round in 0..=bounds::WRONG_SUMS {
            assert_eq!(file.ask(), Some(0));
            file.bytes(1).unwrap();
            file.sum(0).unwrap();
            let verdict = file.spoiled();
            assert_eq!(verdict.is_err(), round == bounds::WRONG_SUMS);
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod simulation {
    use proptest::prelude::*;

    use super::*;

    /// What happens next: a message arrives, a block is checked, the connection is another one.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Arrives,
        Checked { right: bool },
        Breaks,
    }

    fn step() -> impl Strategy<Value = Step> {
        prop_oneof![
            20 => Just(Step::Arrives),
            6 => Just(Step::Checked { right: true }),
            1 => Just(Step::Checked { right: false }),
            1 => Just(Step::Breaks),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn whatever_happens_every_block_is_kept_once_and_in_order(
            size in 0..4 * BLOCK,
            steps in proptest::collection::vec(step(), 0..600),
        ) {
            let piece = PIECE as u64 * 16;
            let mut file = Incoming::new(size);
            // What the other side still has to send, and the blocks that wait to be checked.
            let (mut sending, mut sent) = (std::collections::VecDeque::new(), 0_u64);
            let (mut checking, mut kept) = (std::collections::VecDeque::new(), Vec::new());
            // In the end all goes well.
            let steps = steps.into_iter().chain([Step::Arrives, Step::Checked { right: true }].into_iter().cycle().take(4_000));
            for step in steps {
                while let Some(block) = file.ask() {
                    sending.push_back(block);
                }
                match step {
                    Step::Arrives => {
                        let Some(&block) = sending.front() else { continue };
                        let left = block_size(size, block) - sent;
                        if left == 0 {
                            prop_assert_eq!(file.sum(block), Ok(()));
                            checking.push_back(block);
                            sending.pop_front();
                            sent = 0;
                        } else {
                            let mut now = left.min(piece);
                            sent += now;
                            while now > 0 {
                                let message = now.min(PIECE as u64);
                                prop_assert_eq!(file.bytes(message), Ok(()));
                                now -= message;
                            }
                        }
                    }
                    Step::Checked { right } => {
                        let Some(block) = checking.pop_front() else { continue };
                        if right {
                            file.kept();
                            kept.push(block);
                        } else {
                            let gave_up = file.spoiled().is_err();
                            sending.clear();
                            checking.clear();
                            sent = 0;
                            if gave_up {
                                return Ok(());
                            }
                        }
                    }
                    Step::Breaks => {
                        file.restart();
                        sending.clear();
                        checking.clear();
                        sent = 0;
                    }
                }
                prop_assert!(sending.len() + checking.len() <= bounds::BLOCKS_AHEAD as usize);
                prop_assert!(file.received() <= size);
            }
            prop_assert!(file.is_whole());
            prop_assert_eq!(kept, (0..blocks(size)).collect::<Vec<_>>());
            prop_assert_eq!(file.received(), size);
        }
    }
}
