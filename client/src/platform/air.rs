//! What a page asks of the browser while it is live: to keep the screen on, and to ask before it goes.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::{JsFuture, spawn_local};

use super::bindings::{NavigatorExt, WakeLockSentinel};
use super::{Listener, lifecycle, settle, window};

/// Held while live. Dropping it takes both back.
pub struct OnAir {
    lock: Rc<RefCell<Lock>>,
    _wakes: Vec<Listener>,
    _leaves: Option<Listener>,
}

enum Lock {
    Wanted(Option<WakeLockSentinel>),
    Over,
}

impl OnAir {
    /// From now on.
    pub fn begin() -> Self {
        let lock = Rc::new(RefCell::new(Lock::Wanted(None)));
        keep_awake(&lock);
        // The browser takes it back whenever the page is not seen.
        let again = Rc::clone(&lock);
        let wakes = lifecycle::on_wake(move || keep_awake(&again));
        // A person who has done nothing on the page yet is not asked, whatever this says.
        let leaves =
            window().map(|w| Listener::cancelling(&w, "beforeunload", web_sys::Event::prevent_default));
        Self { lock, _wakes: wakes, _leaves: leaves }
    }
}

impl Drop for OnAir {
    fn drop(&mut self) {
        if let Lock::Wanted(Some(sentinel)) = self.lock.replace(Lock::Over) {
            settle(sentinel.release());
        }
    }
}

/// In vain where the browser cannot, or will not while its battery is low.
fn keep_awake(lock: &Rc<RefCell<Lock>>) {
    let navigator = window().map(|window| window.navigator().unchecked_into::<NavigatorExt>());
    let Some(asked) = navigator.and_then(|n| n.wake_lock()?.request("screen").ok()) else { return };
    let lock = Rc::clone(lock);
    spawn_local(async move {
        let Ok(sentinel) = JsFuture::from(asked).await else { return };
        let sentinel: WakeLockSentinel = sentinel.unchecked_into();
        match &mut *lock.borrow_mut() {
            Lock::Wanted(held) => *held = Some(sentinel),
            Lock::Over => settle(sentinel.release()),
        }
    });
}
