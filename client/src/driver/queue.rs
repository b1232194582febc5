//! The queue between the browser's callbacks and the loop.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::mpsc;
use vong_session::Event;

/// Events that wait for the loop, which empties the queue whenever the browser lets it run. One that finds it full is
/// lost, as a packet is: a session's deadlines make up for either.
pub const EVENTS: usize = 1024;

/// The callbacks' end. Clones name the same queue.
#[derive(Clone)]
pub(super) struct Queue(Rc<RefCell<mpsc::Sender<Event>>>);

impl Queue {
    pub(super) fn new() -> (Self, mpsc::Receiver<Event>) {
        let (sender, receiver) = mpsc::channel(EVENTS);
        (Self(Rc::new(RefCell::new(sender))), receiver)
    }

    pub(super) fn push(&self, event: Event) {
        let _ = self.0.borrow_mut().try_send(event);
    }

    /// Lets the loop end once it has taken what is there.
    pub(super) fn close(&self) {
        self.0.borrow_mut().close_channel();
    }
}
