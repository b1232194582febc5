//! The steps between a picture as it comes and the least that is worth sending.

use super::Source;

/// What a picture is of, which decides what of it is given up first (W3C MediaStreamTrack Content Hints).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Content {
    /// What moves: it gets smaller and stays fluent.
    #[default]
    Motion,
    /// What has to be read: it gets slower and stays sharp.
    Detail,
}

/// What every watcher is sent at most.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Level {
    /// Pixels of the shorter side; `None` as it comes.
    pub short: Option<u32>,
    /// Pictures a second; `None` as they come.
    pub fps: Option<u32>,
    /// Kilobits a second; `None` as the browser thinks fit.
    pub kilobits: Option<u32>,
}

const fn level(short: u32, fps: u32, kilobits: u32) -> Level {
    let short = if short == 0 { None } else { Some(short) };
    let fps = if fps == 0 { None } else { Some(fps) };
    Level { short, fps, kilobits: Some(kilobits) }
}

const AS_IT_COMES: Level = Level { short: None, fps: None, kilobits: None };

const MOTION: [Level; 5] =
    [AS_IT_COMES, level(540, 0, 1_500), level(360, 0, 800), level(270, 0, 500), level(180, 0, 300)];

const DETAIL: [Level; 5] =
    [AS_IT_COMES, level(0, 15, 1_800), level(0, 8, 1_200), level(720, 5, 800), level(540, 5, 500)];

/// What a frame costs an encoder however small it is, in pixels.
const EACH_FRAME: u64 = 20_000;

impl Content {
    /// From as it comes to the least.
    pub(super) fn ladder(self) -> &'static [Level] {
        match self {
            Self::Motion => &MOTION,
            Self::Detail => &DETAIL,
        }
    }
}

impl Level {
    /// By how much a picture with this shorter side is to be divided, 1 or more.
    pub fn scale(self, short: u32) -> f64 {
        self.short.map_or(1.0, |wanted| (f64::from(short) / f64::from(wanted.max(1))).max(1.0))
    }

    /// What encoding takes, in pixels a second. Of use to compare two levels of one source.
    pub(super) fn cost(self, source: Source) -> u64 {
        let short = u64::from(self.short.map_or(source.short, |short| short.min(source.short)));
        let fps = u64::from(self.fps.map_or(source.fps, |fps| fps.min(source.fps)).max(1));
        // The longer side, as most pictures have it.
        (short * short * 16 / 9 + EACH_FRAME) * fps
    }
}
