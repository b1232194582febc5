//! Looks every now and then at what all connections send, and keeps it within what this computer and its line can carry.

use std::rc::{Rc, Weak};

use futures_util::future::{AbortHandle, Either, abortable, join_all, select};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use vong_session::bounds::{BUDGET_LEAST, BUDGET_LOOK};
use vong_session::budget::{Budget, Content, Doing, Level, Limit, Look, Scarce, Sent, Source};
use vong_session::{Admission, ConnectionId, Intent};
use wasm_bindgen_futures::spawn_local;

use super::live::Cast;
use crate::platform::{Encoding, LocalTrack, Shape, clock, page, storage};

/// What was made of it, for the person to see.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Thrift {
    /// What everyone is sent at most, and for want of what it is not more.
    pub lowered: Option<(Scarce, Level)>,
    /// Nobody else is let in, for want of this.
    pub full: Option<Scarce>,
}

/// The budget of one broadcast. Dropping it ends the looking.
pub(super) struct Purse {
    budget: Budget,
    /// The last look at each connection, and to whom it leads.
    sent: Vec<(ConnectionId, u32, Sent)>,
    /// How pictures were encoded at the last look.
    shape: Shape,
    /// How many watched when it was found that no more fit.
    most: Option<u32>,
    looking: AbortHandle,
}

impl Drop for Purse {
    fn drop(&mut self) {
        self.looking.abort();
    }
}

impl Purse {
    pub(super) fn open(cast: &Rc<Cast>) -> Self {
        let (look, looking) = abortable(look_again_and_again(Rc::downgrade(cast)));
        spawn_local(async move {
            let _ = look.await;
        });
        Self { budget: Budget::default(), sent: Vec::new(), shape: Shape::default(), most: None, looking }
    }

    /// Takes the counters as they are now, and tells what each watcher got since.
    fn take(&mut self, sent: Vec<(ConnectionId, u32, Sent)>) -> Vec<(u32, Doing)> {
        let before = std::mem::take(&mut self.sent);
        let since = |id: ConnectionId, now: &Sent| {
            let (_, _, then) = before.iter().find(|(of, ..)| *of == id)?;
            Doing::between(then, now)
        };
        let doing = sent.iter().filter_map(|(id, number, now)| Some((*number, since(*id, now)?))).collect();
        self.sent = sent;
        doing
    }

    /// The larger picture that encoders are fed with, as the browser tells or else as its track does.
    fn source(&self, content: Content, track: Option<&LocalTrack>) -> Source {
        let short = |sent: &Sent| sent.fed.0.min(sent.fed.1);
        let fed = self.sent.iter().map(|(.., sent)| sent).max_by_key(|sent| short(sent));
        let fed_short = fed.map(short).filter(|short| *short > 0);
        let short = fed_short.or_else(|| track?.short()).unwrap_or(USUAL.0);
        let fps = fed.and_then(|sent| sent.fed_fps).unwrap_or(USUAL.1);
        Source { short, fps, content }
    }
}

/// Kilobits a second that sound takes.
const SOUND: u32 = 40;
/// Pixels of the shorter side and pictures a second, where nobody tells.
const USUAL: (u32, u32) = (720, 30);

/// How long a connection may take to tell its counters, in milliseconds.
const ANSWER: u32 = 1_000;

async fn look_again_and_again(cast: Weak<Cast>) {
    loop {
        TimeoutFuture::new(u32::try_from(BUDGET_LOOK.0).unwrap_or(u32::MAX)).await;
        let asked = match cast.upgrade() {
            Some(cast) => cast.run.borrow().as_ref().map(super::super::run::Run::sent).unwrap_or_default(),
            None => return,
        };
        // A connection that is closed meanwhile may never answer.
        let read = asked.into_iter().map(|(id, number, sent)| async move {
            match select(Box::pin(sent), TimeoutFuture::new(ANSWER)).await {
                Either::Left((sent, _)) => Some((id, number, sent?)),
                Either::Right(_) => None,
            }
        });
        let sent = join_all(read).await.into_iter().flatten().collect();
        match cast.upgrade() {
            Some(cast) => cast.look(sent),
            None => return,
        }
    }
}

/// What keeps a connection from more. That encoders are told to take no more than this looks to browsers like a narrow path.
fn limit(doing: &Doing, most: Option<u32>) -> Limit {
    let Some(most) = most.filter(|_| doing.limit == Limit::Line) else { return doing.limit };
    // A fifth above it, the path is not what is narrow; where a browser does not tell, taking most of it says the same.
    let wide = doing.available.map_or(doing.kilobits * 3 > most * 2, |available| available * 5 > most * 6);
    if wide { Limit::None } else { Limit::Line }
}

impl Cast {
    fn look(&self, sent: Vec<(ConnectionId, u32, Sent)>) {
        let Some(outgoing) = self.outgoing() else { return };
        let content = self.content(outgoing.screen.is_some());
        let now = clock::now();
        let changed = {
            let mut purse = self.purse.borrow_mut();
            let Some(purse) = &mut *purse else { return };
            let connections = sent.len();
            let mut doing = purse.take(sent);
            let most = outgoing.shape.camera.kilobits.or(outgoing.shape.screen.kilobits);
            for (_, doing) in &mut doing {
                doing.limit = limit(doing, most);
            }
            let mut source = purse.source(content, outgoing.screen.as_ref().or(outgoing.camera.as_ref()));
            if let Some(fps) = self.signals.quality.try_with_untracked(|quality| quality.fps).flatten() {
                source.fps = source.fps.min(fps);
            }
            let watched = doing.iter().map(|(_, doing)| *doing).collect();
            let _ = self.signals.doing.try_set(doing);
            let look = Look { now, cores: page::cores(), source, connections, doing: watched };
            let mut changed = purse.budget.look(&look);
            // A camera turned, or a film whose size was not known yet.
            changed |= purse.shape != outgoing.shape;
            purse.shape = outgoing.shape;
            let watchers = self.signals.status.try_with_untracked(|status| status.watchers).unwrap_or(0);
            let full = purse.budget.full();
            if full.is_none() {
                purse.most = None;
            } else if purse.most.is_none() {
                purse.most = u32::try_from(watchers.max(1)).ok();
            }
            let lowered = purse.budget.lowered().map(|scarce| (scarce, purse.budget.level(content)));
            let _ = self.signals.thrift.try_set(Thrift { lowered, full });
            changed
        };
        if changed {
            self.refresh();
            self.say_who_may_watch();
        }
    }

    /// What the person said, and no more than there is room for. Whoever comes first after a reload of the page, or a start of the server,
    /// is let in by the rules of before; and what is shown is what is said, even if it is that everyone may come.
    pub(super) fn say_who_may_watch(&self) {
        let mut admission: Admission = storage::admission(&self.room).unwrap_or_default();
        let room = self.purse.borrow().as_ref().and_then(|purse| purse.most);
        admission.most = admission.most.into_iter().chain(room).min();
        self.intends(Intent::Admission(admission));
    }

    /// What the camera's picture is of, or the screen's.
    fn content(&self, of_screen: bool) -> Content {
        let usual = if of_screen { Content::Detail } else { Content::Motion };
        self.signals.quality.try_with_untracked(|quality| quality.content).flatten().unwrap_or(usual)
    }

    /// How these pictures are encoded, by what the person wants and what there is.
    pub(super) fn shape(&self, camera: Option<&LocalTrack>, screen: Option<&LocalTrack>) -> Shape {
        let quality = self.signals.quality.try_get_untracked().unwrap_or_default();
        let level = |of_screen| {
            let purse = self.purse.borrow();
            purse.as_ref().map(|purse| purse.budget.level(self.content(of_screen))).unwrap_or_default()
        };
        let least = |one: Option<u32>, other: Option<u32>| one.into_iter().chain(other).min();
        // Both pictures and the sound go over one path.
        let pictures = u32::from(camera.is_some()) + u32::from(screen.is_some());
        let share = self.purse.borrow().as_ref().and_then(|purse| purse.budget.share());
        let share = share.map(|share| (share.saturating_sub(SOUND) / pictures.max(1)).max(BUDGET_LEAST));
        let encoding = |track: Option<&LocalTrack>, most: Level| Encoding {
            scale: track.and_then(LocalTrack::short).map_or(1.0, |short| most.scale(short)),
            fps: most.fps,
            kilobits: least(least(most.kilobits, quality.kilobits), share),
            codec: quality.codec.clone(),
        };
        let of_camera = level(false);
        let wanted = Level {
            short: least(of_camera.short, quality.short),
            fps: least(of_camera.fps, quality.fps),
            ..of_camera
        };
        Shape { camera: encoding(camera, wanted), screen: encoding(screen, level(true)) }
    }
}
