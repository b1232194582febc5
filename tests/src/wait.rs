//! Waiting: conditions are polled until a deadline, and what was seen last is told when it passes.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use tokio::time::{sleep, timeout};

/// For whatever a person would expect within seconds, on a machine that is busy with video.
pub const DEADLINE: Duration = Duration::from_secs(30);

/// How often a condition is looked at.
const LOOK: Duration = Duration::from_millis(100);

/// Looks until there is a value, at most `limit` long. `look` gives the value, or what it saw instead.
pub async fn until<T>(
    what: &str,
    limit: Duration,
    mut look: impl AsyncFnMut() -> Result<Result<T, String>>,
) -> Result<T> {
    let started = Instant::now();
    let mut seen = "nothing yet".to_owned();
    while let Some(left) = limit.checked_sub(started.elapsed()) {
        match timeout(left, look()).await {
            Ok(Ok(Ok(value))) => return Ok(value),
            Ok(Ok(Err(other))) => seen = other,
            Ok(Err(error)) => return Err(error.context(format!("while waiting: {what}"))),
            Err(_) => break,
        }
        sleep(LOOK).await;
    }
    bail!("not within {limit:?}: {what}; seen last: {seen}")
}
