//! The loop: one event at a time, or the session's deadline, whichever comes first.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::mpsc;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use vong_session::budget::Sent;
use vong_session::{ConnectionId, Event, Intent, Session, Time};
use wasm_bindgen_futures::spawn_local;

use super::engine::{Answers, Engine, Page};
use super::queue::Queue;
use crate::platform::{Details, Listener, Outgoing, clock, lifecycle};

/// The longest single wait for a deadline, in milliseconds: what a browser's timer takes.
const LONGEST_WAIT: u64 = i32::MAX as u64;

/// A session under way. Dropping it closes what it has opened, without a goodbye; see [`Run::leave`].
pub(super) struct Run {
    engine: Shared,
    queue: Queue,
    _wakes: Vec<Listener>,
}

/// `None` once it is over, so that everything is closed there and then, whoever else still holds it.
type Shared = Rc<RefCell<Option<Engine>>>;

impl Run {
    /// Starts at once: when this returns, the first outputs are carried out.
    pub(super) fn start(
        session: Box<dyn Session>,
        page: Box<dyn Page>,
        outgoing: Outgoing,
        answers: Option<Answers>,
    ) -> Self {
        let (queue, events) = Queue::new();
        let mut engine = Engine::new(session, page, queue.clone(), outgoing, answers);
        engine.drain();
        let engine = Rc::new(RefCell::new(Some(engine)));
        spawn_local(drive(Rc::clone(&engine), events));
        let woken = queue.clone();
        let mut wakes = lifecycle::on_wake(move || woken.push(Event::Wake));
        let changed = queue.clone();
        wakes.extend(lifecycle::on_network_change(move || changed.push(Event::NetworkChanged)));
        Self { engine, queue, _wakes: wakes }
    }

    /// What is put off is tried at once.
    pub(super) fn wake(&self) {
        self.queue.push(Event::Wake);
    }

    /// Says goodbye and closes everything before it returns: the page may be gone right after.
    pub(super) fn leave(&self) {
        self.with(|engine| engine.take(Event::Leave));
        self.end();
    }

    /// Sends this to all watchers, now and later.
    pub(super) fn send(&self, outgoing: &Outgoing) {
        self.with(|engine| engine.send(outgoing));
    }

    /// The person does something in the chat.
    pub(super) fn intends(&self, intent: Intent) {
        self.queue.push(Event::Intends(intent, clock::date()));
    }

    /// What is received, for a person to read.
    pub(super) fn details(&self) -> impl Future<Output = Option<Details>> + use<> {
        let asked =
            self.engine.try_borrow().ok().and_then(|engine| Some(engine.as_ref()?.shown()?.details()));
        async move { asked?.await }
    }

    /// What each connection has sent so far, and the number of whom it leads to.
    pub(super) fn sent(&self) -> Vec<(ConnectionId, u32, impl Future<Output = Option<Sent>> + use<>)> {
        let engine = self.engine.try_borrow().ok();
        engine.and_then(|engine| engine.as_ref().map(Engine::sent)).unwrap_or_default()
    }

    fn with(&self, act: impl FnOnce(&mut Engine)) {
        // Never borrowed here: the loop does not hold it over an await, and what it calls only enqueues.
        if let Ok(mut engine) = self.engine.try_borrow_mut()
            && let Some(engine) = engine.as_mut()
        {
            act(engine);
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        self.end();
    }
}

impl Run {
    fn end(&self) {
        self.queue.close();
        if let Ok(mut engine) = self.engine.try_borrow_mut() {
            *engine = None;
        }
    }
}

async fn drive(engine: Shared, mut events: mpsc::Receiver<Event>) {
    loop {
        let Some(deadline) = engine.borrow().as_ref().map(Engine::deadline) else {
            return;
        };
        let event = match deadline {
            None => events.next().await,
            Some(due) => match select(events.next(), wait_until(due)).await {
                Either::Left((event, _)) => event,
                Either::Right(((), _)) => Some(Event::Tick),
            },
        };
        let Some(event) = event else { return };
        match engine.borrow_mut().as_mut() {
            Some(engine) => engine.take(event),
            None => return,
        }
    }
}

pub(super) fn wait_until(due: Time) -> TimeoutFuture {
    let wait = (due - clock::now()).0.min(LONGEST_WAIT);
    TimeoutFuture::new(u32::try_from(wait).unwrap_or(u32::MAX))
}
