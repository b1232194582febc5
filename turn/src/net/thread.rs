//! The thread that carries packets.
//!
//! One of its own, because threads that share tasks wake each other for nearly every packet, which costs more than the
//! packet; and because then neither packets nor the program's other work wait for each other.

use std::io;

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Starts it. What is spawned on the handle runs there until `shutdown`, and then `end` does.
pub(crate) fn start(
    shutdown: CancellationToken,
    tasks: &TaskTracker,
    end: impl FnOnce() + Send + 'static,
) -> io::Result<Handle> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let (handle, running) = (runtime.handle().clone(), tasks.token());
    std::thread::Builder::new().name("turn".to_owned()).spawn(move || {
        runtime.block_on(shutdown.cancelled());
        drop(runtime);
        end();
        drop(running);
    })?;
    Ok(handle)
}
