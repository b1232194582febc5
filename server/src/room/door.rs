//! Who may come to watch in one room, as its broadcaster decides.
//!
//! Owns what is asked of newcomers, and the bars. It does not know who is in.

use std::collections::VecDeque;

use vong_protocol::{ErrorCode, Password, PeerId, Refusal};

use super::Time;
use super::guesses::Guesses;
use super::identity::same_password;
use crate::address::Address;
use crate::limits::BARS;

/// What is asked of newcomers; nothing at first.
#[derive(Debug, Default)]
pub(super) struct Door {
    /// A broadcaster has said what it wants.
    is_said: bool,
    locked: bool,
    password: Option<Password>,
    most: Option<u32>,
    /// The latest at the end.
    bars: VecDeque<Bar>,
}

/// A watcher that was removed for as long as there is the room.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Bar {
    id: PeerId,
    /// Where it came from last, if that is known.
    address: Option<Address>,
}

impl Door {
    /// Replaces all that was asked for before. Bars stay.
    pub(super) fn set(&mut self, locked: bool, password: Option<Password>, most: Option<u32>) {
        (self.locked, self.password, self.most) = (locked, password, most);
        self.is_said = true;
    }

    /// Whether a broadcaster has said what it wants. Before, whoever comes is let in.
    pub(super) fn is_said(&self) -> bool {
        self.is_said
    }

    /// How many may watch where the server allows `bound`.
    pub(super) fn most(&self, bound: usize) -> usize {
        let most = self.most.and_then(|most| usize::try_from(most).ok());
        most.map_or(bound, |most| most.min(bound))
    }

    /// Whether somebody without a place may have one, as far as there are any. Nothing comes of a refusal but that a
    /// wrong password is counted.
    pub(super) fn ask(
        &self,
        now: Time,
        id: PeerId,
        address: Address,
        presented: Option<&Password>,
        guesses: &mut Guesses,
    ) -> Result<(), Refusal> {
        if self.bars.iter().any(|bar| bar.id == id || bar.address == Some(address)) {
            return Err(ErrorCode::Removed.into());
        }
        if self.locked {
            return Err(ErrorCode::RoomLocked.into());
        }
        self.ask_password(now, address, presented, guesses)
    }

    /// Whether this is the password, if one is asked for.
    pub(super) fn ask_password(
        &self,
        now: Time,
        address: Address,
        presented: Option<&Password>,
        guesses: &mut Guesses,
    ) -> Result<(), Refusal> {
        let Some(password) = &self.password else { return Ok(()) };
        let Some(presented) = presented else { return Err(ErrorCode::PasswordNeeded.into()) };
        if !guesses.may_guess(now, address) {
            // Not the code's own text, which speaks of messages.
            let message = "Too many wrong passwords came from this network in a short time.".to_owned();
            return Err(Refusal { code: ErrorCode::RateLimited, message });
        }
        if same_password(presented, password) {
            return Ok(());
        }
        guesses.was_wrong(now, address, presented, password);
        Err(ErrorCode::PasswordWrong.into())
    }

    /// Bars a session and its address, as far as that is known. The oldest bar gives way to one too many.
    pub(super) fn bar(&mut self, id: PeerId, address: Option<Address>) {
        if self.bars.len() >= BARS {
            self.bars.pop_front();
        }
        self.bars.push_back(Bar { id, address });
    }

    /// Lifts all bars.
    pub(super) fn unbar(&mut self) {
        self.bars = VecDeque::new();
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        assert!(self.bars.len() <= BARS);
    }
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use super::*;

    fn number(n: usize) -> (PeerId, Address) {
        let ip = Ipv4Addr::from_bits(u32::try_from(n).unwrap());
        (PeerId::parse(&format!("{n:016}")).unwrap(), IpAddr::from(ip).into())
    }

    fn ask(door: &Door, id: PeerId, address: Address) -> Result<(), ErrorCode> {
        let asked = door.ask(Time::ZERO, id, address, None, &mut Guesses::new());
        asked.map_err(|refusal| refusal.code)
    }

    #[test]
    fn a_bar_holds_for_the_session_and_for_the_address() {
        let mut door = Door::default();
        let ((id, address), (other_id, elsewhere)) = (number(1), number(2));
        door.bar(id, Some(address));
        assert_eq!(ask(&door, id, elsewhere), Err(ErrorCode::Removed));
        assert_eq!(ask(&door, other_id, address), Err(ErrorCode::Removed));
        assert_eq!(ask(&door, other_id, elsewhere), Ok(()));
        door.set(false, None, None);
        assert_eq!(ask(&door, id, elsewhere), Err(ErrorCode::Removed), "what is asked for does not lift it");
        door.unbar();
        assert_eq!(ask(&door, id, address), Ok(()));
    }

    #[test]
    fn of_too_many_bars_the_oldest_falls_out() {
        let mut door = Door::default();
        for n in 0..=BARS {
            let (id, address) = number(n);
            door.bar(id, Some(address));
            door.check();
        }
        let barred = |n| {
            let (id, address) = number(n);
            ask(&door, id, address) == Err(ErrorCode::Removed)
        };
        assert!(!barred(0) && barred(1) && barred(BARS));
    }

    #[test]
    fn a_room_takes_what_its_broadcaster_says_but_never_more_than_the_server() {
        let mut door = Door::default();
        for (said, most) in [(None, 200), (Some(30), 30), (Some(0), 0), (Some(u32::MAX), 200)] {
            door.set(false, None, said);
            assert_eq!(door.most(200), most);
        }
    }
}
