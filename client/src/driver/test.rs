//! The test: takes the steps in order, and keeps the echo going for a while once all is done.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures_util::future::{AbortHandle, abortable};
use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use vong_protocol::{Ice, RoomId};
use vong_session::diagnosis::{self, Diagnosis, Features, Figures, Finding, NoEcho, NoServer, Step};
use vong_session::{Millis, Phase, Signaling, Status, Watcher, bounds};
use wasm_bindgen_futures::spawn_local;

use super::devices::{Devices, Keeper};
use super::echo::Echo;
use super::engine::Page;
use super::level::Level;
use super::queue::Queue;
use super::run::Run;
use super::{DeviceError, probe};
use crate::platform::{Listener, Outgoing, Received, Stream, clock, json, lifecycle, page, secret, storage};

/// How often something is looked at that tells nothing by itself, in milliseconds.
const LOOK: u32 = 100;

/// Random characters in the name of the room that the test joins: nobody else guesses it.
const ROOM: usize = 20;

/// The signals of the test page. Owned by the reactive owner it was made in; leaving the owner gives everything back.
#[derive(Clone, Copy)]
pub struct Testing {
    /// What each step found.
    pub diagnosis: RwSignal<Diagnosis>,
    /// Camera and microphone.
    pub devices: RwSignal<Devices>,
    /// The local picture.
    pub preview: RwSignal<Option<Stream>, LocalStorage>,
    /// What came back through the relay.
    pub echo: RwSignal<Option<Stream>, LocalStorage>,
    /// What the echo achieves now.
    pub figures: RwSignal<Option<Figures>>,
    /// How loud the microphone is, in percent; `None` while that cannot be measured.
    pub level: RwSignal<Option<u8>>,
    test: StoredValue<Rc<Test>, LocalStorage>,
}

struct Test {
    /// The servers, for the report.
    ice: RefCell<Ice>,
    keeper: RefCell<Option<Keeper>>,
    run: RefCell<Option<AbortHandle>>,
    level: RefCell<Option<Level>>,
    leaves: RefCell<Vec<Listener>>,
}

impl Testing {
    /// Begins at once.
    pub fn start() -> Self {
        let test = Rc::new(Test {
            ice: RefCell::default(),
            keeper: RefCell::default(),
            run: RefCell::default(),
            level: RefCell::default(),
            leaves: RefCell::default(),
        });
        let testing = Self {
            diagnosis: RwSignal::default(),
            devices: RwSignal::new(Devices::Closed),
            preview: RwSignal::new_local(None),
            echo: RwSignal::new_local(None),
            figures: RwSignal::new(None),
            level: RwSignal::new(None),
            test: StoredValue::new_local(Rc::clone(&test)),
        };
        let keeper = Keeper::new(true, move |devices, outgoing| {
            let _ = testing.devices.try_set(devices);
            if let Some(outgoing) = outgoing {
                testing.take_up(&outgoing);
            }
        });
        test.keeper.replace(Some(keeper));
        test.leaves.replace(lifecycle::on_leave(move || testing.release()));
        on_cleanup(move || testing.release());
        testing.again();
        testing
    }

    /// From the first step on, with the devices that are open.
    pub fn again(self) {
        let Some(test) = self.test.try_get_value() else { return };
        self.stop(&test);
        let (run, handle) = abortable(self.run());
        test.run.replace(Some(handle));
        spawn_local(async move {
            let _ = run.await;
        });
    }

    /// For whoever helps; without secrets and without addresses of the person's.
    pub fn report(self) -> String {
        let ice = self.test.try_get_value().map(|test| test.ice.borrow().clone()).unwrap_or_default();
        self.diagnosis.with_untracked(|diagnosis| diagnosis::report(diagnosis, &ice, &page::browser()))
    }

    fn take_up(self, outgoing: &Outgoing) {
        let _ = self.preview.try_set(Stream::local(outgoing));
        let Some(test) = self.test.try_get_value() else { return };
        test.level.replace(Level::of(outgoing.sound.as_ref(), self.level));
    }

    fn stop(self, test: &Test) {
        if let Some(run) = test.run.take() {
            run.abort();
        }
        let _ = self.echo.try_set(None);
        let _ = self.figures.try_set(None);
        let _ = self.diagnosis.try_set(Diagnosis::default());
    }

    fn release(self) {
        let Some(test) = self.test.try_get_value() else { return };
        self.stop(&test);
        test.level.take();
        test.keeper.take();
        let _ = self.preview.try_set(None);
    }

    fn found(self, step: Step, finding: Finding) {
        let _ = self.diagnosis.try_update(|diagnosis| diagnosis.found(step, finding));
    }

    /// Whether a step is to be skipped, which is then noted.
    fn skips(self, step: Step, ice: &Ice) -> bool {
        let skip = self.diagnosis.try_with_untracked(|diagnosis| diagnosis.skip(step, ice)).flatten();
        if let Some(skip) = skip {
            self.found(step, Finding::Skipped(skip));
        }
        skip.is_some()
    }

    async fn run(self) {
        let hides = storage::hides_address();
        let _ = self.diagnosis.try_update(|diagnosis| diagnosis.relay_only = hides);
        let secure = page::is_secure();
        self.found(Step::SecureOrigin, Finding::SecureOrigin(secure));
        // Where it is kept from pages like this one, nobody can tell whether it would be there.
        let features = Features { connections: page::has_webrtc(), media: page::has_media() || !secure };
        self.found(Step::Browser, Finding::Browser(features));

        if !self.skips(Step::Devices, &Ice::default()) {
            self.found(Step::Devices, Finding::Running);
            let finding = self.open_devices().await;
            self.found(Step::Devices, finding);
        }

        if self.skips(Step::Signaling, &Ice::default()) {
            for step in [Step::Stun, Step::TurnUdp, Step::TurnTcp, Step::TurnTls, Step::Echo] {
                self.skips(step, &Ice::default());
            }
            return;
        }
        self.found(Step::Signaling, Finding::Running);
        let desk = Desk { testing: self, ice: Rc::default(), answer: Rc::default() };
        let line = desk.join();
        let answer = until(bounds::PROBE_SIGNALING, || desk.answer.get()).await;
        let answer = answer.unwrap_or(Err(NoServer::Unreachable));
        self.found(Step::Signaling, Finding::Signaling(answer));
        let ice = desk.ice.borrow().clone();
        if let Some(test) = self.test.try_get_value() {
            test.ice.replace(ice.clone());
        }
        let _ = self.diagnosis.try_update(|diagnosis| diagnosis.relay_only |= ice.relay_only);

        probe::each(&ice, |step| self.skips(step, &ice), |step, found| self.found(step, found)).await;

        if !self.skips(Step::Echo, &ice) {
            self.found(Step::Echo, Finding::Running);
            self.call(ice).await;
        }
        drop(line);
    }

    async fn open_devices(self) -> Finding {
        if let Some(test) = self.test.try_get_value()
            && let Some(keeper) = &*test.keeper.borrow()
        {
            // What was missing the last time is asked for again, and is no answer to that.
            let both = Devices::Ready { camera: Ok(()), microphone: Ok(()) };
            if self.devices.try_with_untracked(|devices| *devices != both) == Some(true) {
                let _ = self.devices.try_set(Devices::Asking);
            }
            keeper.open();
        }
        let settled = until(bounds::PROBE_DEVICES, || match self.devices.try_get_untracked() {
            Some(Devices::Ready { camera, microphone }) => Some((camera, microphone)),
            Some(Devices::Failed(error)) => Some((Err(error), Err(error))),
            _ => None,
        });
        let (camera, microphone) =
            settled.await.unwrap_or((Err(DeviceError::Denied), Err(DeviceError::Denied)));
        Finding::Devices {
            camera: camera.map_err(DeviceError::name),
            microphone: microphone.map_err(DeviceError::name),
        }
    }

    async fn call(self, ice: Ice) {
        let outgoing =
            self.test.try_get_value().and_then(|test| Some(test.keeper.borrow().as_ref()?.outgoing()));
        let outgoing = outgoing.unwrap_or_default();
        let pictures = outgoing.camera.is_some();
        let (queue, mut events) = Queue::new();
        let Some(mut echo) = Echo::call(outgoing, ice, &queue) else {
            self.found(Step::Echo, Finding::Echo(Err(NoEcho::NotConnected)));
            return;
        };
        let began = clock::now();
        let mut first = None;
        let mut last = None;
        let mut judged = false;
        let mut due = began;
        loop {
            echo.take(probe::next(&mut events, due).await);
            let now = clock::now();
            if now < due {
                continue;
            }
            due = now + bounds::ECHO_MEASURE;
            if !echo.is_connected() {
                if now - began >= bounds::PROBE_ECHO && !judged {
                    self.found(Step::Echo, Finding::Echo(Err(NoEcho::NotConnected)));
                    return;
                }
                continue;
            }
            let stream = echo.stream();
            if self.echo.try_with_untracked(|shown| *shown != stream) == Some(true) {
                let _ = self.echo.try_set(stream);
            }
            let Some(reading) = echo.reading().await else { continue };
            let since = *first.get_or_insert(reading);
            let figures = reading.since(&last.replace(reading).unwrap_or(reading));
            let _ = self.figures.try_set(Some(figures));
            if !judged && reading.at - since.at >= bounds::ECHO_JUDGED {
                judged = true;
                let figures = reading.since(&since);
                let came = figures.down > 0 && (figures.picture || !pictures);
                let found = if came { Ok(figures) } else { Err(NoEcho::NoMedia) };
                self.found(Step::Echo, Finding::Echo(found));
            }
            if now - began >= bounds::ECHO_LONGEST {
                let _ = self.echo.try_set(None);
                return;
            }
        }
    }
}

/// Where the session that stands for a watcher leaves word.
#[derive(Clone)]
struct Desk {
    testing: Testing,
    ice: Rc<RefCell<Ice>>,
    answer: Rc<Cell<Option<Result<Millis, NoServer>>>>,
}

impl Desk {
    /// Joins a room that nobody else knows, as a watcher. Its answers to the server's heartbeats and all the rest are those of
    /// any watcher.
    fn join(&self) -> Option<Line> {
        let name = ["test-", &secret::text(ROOM)?].concat();
        let session = Watcher::new(
            RoomId::parse(&name).ok()?,
            None,
            json::read_broadcaster,
            clock::now(),
            clock::seed(),
        );
        Some(Line(Run::start(Box::new(session), Box::new(self.clone()), Outgoing::default(), None)))
    }
}

impl Page for Desk {
    fn status(&self, status: Status) {
        if let Some(code) = status.error {
            self.answer.set(Some(Err(NoServer::Refused(code))));
        } else if status.phase != Phase::Ended
            && status.signaling == Signaling::Down
            && matches!(self.answer.get(), Some(Ok(_)))
        {
            // What is under way goes on; that the server went is told as soon as it is known.
            self.testing.found(Step::Signaling, Finding::Signaling(Err(NoServer::Lost)));
        }
    }

    fn ice(&self, ice: Ice, answered: Option<Millis>) {
        self.ice.replace(ice);
        self.answer.set(answered.map(Ok).or(self.answer.get()));
    }

    fn show(&self, _received: Received) {}
}

/// Says goodbye when dropped.
struct Line(Run);

impl Drop for Line {
    fn drop(&mut self) {
        self.0.leave();
    }
}

/// Looks until there is something, at most so long.
async fn until<T>(bound: Millis, look: impl Fn() -> Option<T>) -> Option<T> {
    let until = clock::now() + bound;
    loop {
        let seen = look();
        if seen.is_some() || clock::now() >= until {
            return seen;
        }
        TimeoutFuture::new(LOOK).await;
    }
}
