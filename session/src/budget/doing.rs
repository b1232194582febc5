//! How one watcher is doing, as the page that sends can tell.

use crate::bounds;
use crate::time::{Millis, Time};

/// What keeps a connection from more (`qualityLimitationReason` of the W3C's WebRTC Statistics).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Limit {
    /// Nothing, or the browser does not tell.
    #[default]
    None,
    /// The encoder cannot keep up.
    Computer,
    /// The path is too narrow.
    Line,
}

/// What one connection has sent so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sent {
    /// When it was read.
    pub at: Time,
    /// Since when there is the connection.
    pub since: Time,
    /// Which of the pictures is the larger one now, in the browser's own numbers.
    pub picture: u64,
    /// Its frames.
    pub frames: u64,
    /// Microseconds that encoders took, all pictures together.
    pub encoding: u64,
    /// Bytes, sound included.
    pub bytes: u64,
    /// Of the larger picture that is sent now; 0 without any.
    pub size: (u32, u32),
    /// Of the larger picture that its encoders are fed with; 0 if there is none, or the browser does not tell.
    pub fed: (u32, u32),
    /// How many of that come in a second.
    pub fed_fps: Option<u32>,
    /// What keeps it from more.
    pub limit: Limit,
    /// Bits a second that the path carries, where the browser tells.
    pub available: Option<u64>,
    /// Of a thousand packets those that were lost lately, as the other side says.
    pub loss: u32,
    /// To the watcher and back.
    pub round_trip: Option<Millis>,
    /// Whether a relay is in between; `None` if the browser does not tell.
    pub relayed: Option<bool>,
}

/// The same between two readings, in whole numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Doing {
    /// How long there has been the connection.
    pub age: Millis,
    /// A camera's or a screen's picture is sent.
    pub sends_picture: bool,
    /// Pixels of the shorter side of the larger picture.
    pub short: u32,
    /// Its frames in a second.
    pub fps: u32,
    /// Percent of one core that its encoders take.
    pub encoding: u32,
    /// Kilobits a second.
    pub kilobits: u32,
    /// Kilobits a second that there is room for.
    pub available: Option<u32>,
    /// There is more room than there was before: what the path carries is still being found out.
    pub grows: bool,
    /// What keeps it from more.
    pub limit: Limit,
    /// Lost packets of a thousand.
    pub loss: u32,
    /// To the watcher and back.
    pub round_trip: Option<Millis>,
    /// Whether a relay is in between.
    pub relayed: Option<bool>,
}

impl Doing {
    /// What happened between two readings of one connection; `None` if they are of one moment. When another picture is the larger one, or
    /// none is sent any more, nothing is said of pictures.
    pub fn between(before: &Sent, now: &Sent) -> Option<Self> {
        let ms = Some((now.at - before.at).0).filter(|ms| *ms > 0)?;
        let same = now.picture == before.picture;
        let frames = if same { now.frames.saturating_sub(before.frames) } else { 0 };
        let encoding = now.encoding.saturating_sub(before.encoding);
        let bytes = now.bytes.saturating_sub(before.bytes);
        let whole = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let short = now.size.0.min(now.size.1);
        Some(Self {
            age: now.at - now.since,
            sends_picture: same && short > 0,
            short,
            fps: whole((frames * 1_000 + ms / 2) / ms),
            // Microseconds of milliseconds.
            encoding: whole(encoding / (10 * ms)),
            kilobits: whole(bytes * 8 / ms),
            available: now.available.map(|bits| whole(bits / 1_000)),
            grows: now.available > before.available.map(|before| before + before / 50),
            limit: now.limit,
            loss: now.loss,
            round_trip: now.round_trip,
            relayed: now.relayed,
        })
    }
}

impl Doing {
    /// Whether its path carries less than it is sent, or loses much of it.
    pub fn is_narrow(&self) -> bool {
        let kept = self.limit == Limit::Line && !self.grows;
        self.age >= bounds::BUDGET_GROWN && (kept || self.loss > bounds::BUDGET_LOSS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_what_happened_between_two_readings() {
        let before =
            Sent { at: Time(10_000), frames: 300, encoding: 1_000_000, bytes: 1_000_000, ..Sent::default() };
        let now = Sent {
            at: Time(12_000),
            since: Time(2_000),
            frames: 360,
            encoding: 1_400_000,
            bytes: 1_300_000,
            size: (1_280, 720),
            available: Some(2_000_000),
            ..Sent::default()
        };
        let doing = Doing::between(&before, &now).unwrap();
        assert_eq!((doing.fps, doing.encoding, doing.kilobits), (30, 20, 1_200));
        assert_eq!((doing.short, doing.available, doing.age), (720, Some(2_000), Millis(10_000)));
        assert!(doing.sends_picture);
    }

    #[test]
    fn another_picture_is_not_compared_with_the_one_before() {
        let sent =
            |at, picture, frames| Sent { at: Time(at), picture, frames, size: (320, 240), ..Sent::default() };
        let doing = Doing::between(&sent(0, 1, 10_000), &sent(2_000, 2, 20)).unwrap();
        assert_eq!((doing.sends_picture, doing.fps), (false, 0));
        assert_eq!(Doing::between(&sent(2_000, 1, 10), &sent(2_000, 1, 10)), None);
    }
}
