//! Who may send now: one block each, first come, first served. However many want files, and however slowly some of them read, few
//! blocks are in memory, and nobody waits for another's whole file.

use std::collections::VecDeque;
use std::rc::Rc;

use futures_channel::oneshot;
use vong_session::bounds;

use super::desk::Desk;

/// The turns that are taken, and who waits for one.
#[derive(Default)]
pub(super) struct Turns {
    taken: usize,
    waiting: VecDeque<oneshot::Sender<Turn>>,
}

/// A turn. It is the next one's when it is dropped; on the way there as well, since whoever waited may have gone.
pub(super) struct Turn(Option<Rc<Desk>>);

impl Drop for Turn {
    fn drop(&mut self) {
        let Some(desk) = self.0.take() else { return };
        loop {
            let next = desk.held.borrow_mut().turns.waiting.pop_front();
            match next.map(|next| next.send(Self(Some(Rc::clone(&desk))))) {
                Some(Ok(())) => return,
                // Nobody waits there any more.
                Some(Err(mut turn)) => drop(turn.0.take()),
                None => break,
            }
        }
        desk.held.borrow_mut().turns.taken -= 1;
    }
}

/// Waits for one.
pub(super) async fn turn(desk: &Rc<Desk>) -> Option<Turn> {
    let wait = {
        let mut held = desk.held.borrow_mut();
        if held.turns.taken < bounds::FILES_SENT {
            held.turns.taken += 1;
            return Some(Turn(Some(Rc::clone(desk))));
        }
        let (sender, receiver) = oneshot::channel();
        held.turns.waiting.push_back(sender);
        receiver
    };
    wait.await.ok()
}
