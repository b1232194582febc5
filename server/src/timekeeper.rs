//! The clock of something that has none: it is told the time, and when something is due.

use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

/// The clock. Its time begins with it.
#[derive(Debug)]
pub(crate) struct Timekeeper {
    began: Instant,
    changed: Notify,
}

impl Default for Timekeeper {
    fn default() -> Self {
        Self { began: Instant::now(), changed: Notify::new() }
    }
}

impl Timekeeper {
    /// The time.
    pub(crate) fn now(&self) -> Duration {
        self.began.elapsed()
    }

    /// Something may be due sooner than before.
    pub(crate) fn changed(&self) {
        self.changed.notify_one();
    }

    /// Does what is `due` when it is, for ever.
    pub(crate) async fn keep(&self, due: impl Fn() -> Option<Duration>, expire: impl Fn(Duration)) {
        loop {
            match due() {
                None => self.changed.notified().await,
                Some(time) => tokio::select! {
                    () = self.changed.notified() => {}
                    () = sleep_until(self.began + time) => expire(self.now()),
                },
            }
        }
    }
}
