//! Keeps camera and microphone: asks for them, notices when one goes, and takes it back when it returns.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use futures_channel::mpsc;
use futures_util::StreamExt;
use wasm_bindgen_futures::spawn_local;

use crate::platform::media::{self, Kind, Opened};
use crate::platform::{DeviceError, Listener, LocalTrack, Outgoing};

/// Requests that wait while the browser asks the person. More would only repeat what is waiting, and are dropped.
const REQUESTS: usize = 16;

/// Camera and microphone, as far as the page got with them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Devices {
    /// Not asked for.
    #[default]
    Closed,
    /// The browser asks the person.
    Asking,
    /// At least one is there. What is missing is told, not hidden.
    Ready {
        /// A camera's picture is sent.
        camera: Result<(), DeviceError>,
        /// A microphone's sound is sent.
        microphone: Result<(), DeviceError>,
    },
    /// Neither is there.
    Failed(DeviceError),
}

enum Request {
    /// The person wants what is missing.
    Open,
    /// Something was plugged in or out.
    Changed,
    /// A device that was in use is gone.
    Ended(Kind),
}

/// The devices of one page. Dropping it stops them, also those that the browser hands over later.
pub(super) struct Keeper {
    held: Rc<Held>,
    _changes: Option<Listener>,
}

struct Held {
    requests: RefCell<mpsc::Sender<Request>>,
    camera: RefCell<Slot>,
    microphone: RefCell<Slot>,
    closed: Cell<bool>,
    tell: Box<dyn Fn(Devices, Option<Outgoing>)>,
}

/// `None`: not asked for.
type Slot = Option<Result<Device, Missing>>;

struct Device {
    // Gone before the track is.
    _ended: Listener,
    track: LocalTrack,
}

struct Missing {
    error: DeviceError,
    /// What it was that ended. This alone is taken back by itself: who unplugs one camera does not ask for another.
    was: Option<String>,
}

impl Keeper {
    /// `tell` is called with every change, and with the tracks whenever they have changed. It must not drop the keeper.
    pub(super) fn new(tell: impl Fn(Devices, Option<Outgoing>) + 'static) -> Self {
        let (requests, receiver) = mpsc::channel(REQUESTS);
        let held = Rc::new(Held {
            requests: RefCell::new(requests),
            camera: RefCell::default(),
            microphone: RefCell::default(),
            closed: Cell::new(false),
            tell: Box::new(tell),
        });
        spawn_local(keep(Rc::clone(&held), receiver));
        let requested = Rc::downgrade(&held);
        let changes = media::on_device_change(move || request(&requested, Request::Changed));
        Self { held, _changes: changes }
    }

    /// Asks for what is missing.
    pub(super) fn open(&self) {
        request(&Rc::downgrade(&self.held), Request::Open);
    }

    /// What can be sent now.
    pub(super) fn outgoing(&self) -> Outgoing {
        self.held.outgoing()
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.held.closed.set(true);
        self.held.requests.borrow_mut().close_channel();
        self.held.camera.take();
        self.held.microphone.take();
    }
}

fn request(held: &Weak<Held>, request: Request) {
    if let Some(held) = held.upgrade() {
        let _ = held.requests.borrow_mut().try_send(request);
    }
}

/// One request at a time, each to its end, so that the person is never asked twice at once.
async fn keep(held: Rc<Held>, mut requests: mpsc::Receiver<Request>) {
    while let Some(request) = requests.next().await {
        match request {
            Request::Open if held.is_missing(|_| true) => {
                (held.tell)(Devices::Asking, None);
                held.open(|_| true).await;
            }
            Request::Changed => {
                let back = held.take_back(Kind::Camera).await | held.take_back(Kind::Microphone).await;
                let missing = held.is_missing(DeviceError::may_pass);
                if missing {
                    held.open(DeviceError::may_pass).await;
                }
                if !back && !missing {
                    continue;
                }
            }
            Request::Open => continue,
            Request::Ended(kind) => held.end(kind),
        }
        if held.closed.get() {
            return;
        }
        (held.tell)(held.state(), Some(held.outgoing()));
    }
}

impl Held {
    fn slot(&self, kind: Kind) -> &RefCell<Slot> {
        match kind {
            Kind::Camera => &self.camera,
            Kind::Microphone => &self.microphone,
        }
    }

    /// Whether one is missing that was never asked for, or for a reason that `curable` accepts. A change of the devices
    /// asks for nothing that the person has not asked for.
    fn is_missing(&self, curable: impl Fn(DeviceError) -> bool + Copy) -> bool {
        self.wants(Kind::Camera, curable) || self.wants(Kind::Microphone, curable)
    }

    fn wants(&self, kind: Kind, curable: impl Fn(DeviceError) -> bool) -> bool {
        match &*self.slot(kind).borrow() {
            None => curable(DeviceError::Denied),
            Some(Ok(_)) => false,
            Some(Err(missing)) => curable(missing.error),
        }
    }

    fn end(&self, kind: Kind) {
        let slot = &mut *self.slot(kind).borrow_mut();
        let was = slot.as_ref().and_then(|s| s.as_ref().ok()?.track.device());
        *slot = Some(Err(Missing { error: DeviceError::Ended, was }));
    }

    /// Opens a device again that ended, if it is back. Whether it is.
    async fn take_back(self: &Rc<Self>, kind: Kind) -> bool {
        let was = match &*self.slot(kind).borrow() {
            Some(Err(missing)) => missing.was.clone(),
            _ => None,
        };
        let Some(was) = was else { return false };
        let opened = media::open_again(kind, &was).await;
        let back = opened.is_ok();
        if back {
            self.put(kind, opened);
        }
        back
    }

    async fn open(self: &Rc<Self>, curable: impl Fn(DeviceError) -> bool + Copy) {
        match (self.wants(Kind::Camera, curable), self.wants(Kind::Microphone, curable)) {
            (true, true) => {
                let (camera, microphone) = media::open_both().await;
                self.put(Kind::Camera, camera);
                self.put(Kind::Microphone, microphone);
            }
            (true, false) => self.put(Kind::Camera, media::open(Kind::Camera).await),
            (false, true) => self.put(Kind::Microphone, media::open(Kind::Microphone).await),
            (false, false) => {}
        }
    }

    /// What comes after the page has moved on is stopped by being dropped.
    fn put(self: &Rc<Self>, kind: Kind, opened: Opened) {
        if self.closed.get() {
            return;
        }
        let device = opened.and_then(|track| {
            let held = Rc::downgrade(self);
            let ended = track.on_ended(move || request(&held, Request::Ended(kind)));
            if track.is_live() { Ok(Device { _ended: ended, track }) } else { Err(DeviceError::Ended) }
        });
        self.slot(kind).replace(Some(device.map_err(|error| Missing { error, was: None })));
    }

    fn outgoing(&self) -> Outgoing {
        let track = |kind| Some(self.slot(kind).borrow().as_ref()?.as_ref().ok()?.track.clone());
        Outgoing { microphone: track(Kind::Microphone), camera: track(Kind::Camera) }
    }

    fn state(&self) -> Devices {
        let one = |kind| match &*self.slot(kind).borrow() {
            Some(Ok(_)) => Ok(()),
            Some(Err(missing)) => Err(missing.error),
            None => Err(DeviceError::NotFound),
        };
        match (one(Kind::Camera), one(Kind::Microphone)) {
            // The more telling of the two: one that exists but cannot be had.
            (Err(DeviceError::NotFound), Err(error)) | (Err(error), Err(_)) => Devices::Failed(error),
            (camera, microphone) => Devices::Ready { camera, microphone },
        }
    }
}
