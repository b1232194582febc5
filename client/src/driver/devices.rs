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
    /// At least one is there, or the camera is off on purpose. What is missing is told, not hidden.
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
    /// The device of this id, which was in use, is gone.
    Ended(Kind, Option<String>),
    /// The person wants this device.
    Choose(Kind, String),
    /// The person turns the camera on or off.
    Camera(bool),
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
    /// With `camera`, the camera is asked for, too, in its time; else it is off. `tell` is called with every change of the devices
    /// there are, and with the tracks whenever they may have changed. It must not drop the keeper.
    pub(super) fn new(camera: bool, tell: impl Fn(Devices, Option<Outgoing>) + 'static) -> Self {
        let (requests, receiver) = mpsc::channel(REQUESTS);
        let off = Missing { error: DeviceError::Off, was: None };
        let held = Rc::new(Held {
            requests: RefCell::new(requests),
            camera: RefCell::new(Some(Err(off)).filter(|_| !camera)),
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

    /// Has this device in place of what is open of its kind; if it cannot be had, all stays as it is.
    pub(super) fn choose(&self, kind: Kind, device: String) {
        request(&Rc::downgrade(&self.held), Request::Choose(kind, device));
    }

    /// Lets the camera go, or takes it back.
    pub(super) fn switch_camera(&self, on: bool) {
        request(&Rc::downgrade(&self.held), Request::Camera(on));
    }

    /// The id of the device that is open.
    pub(super) fn device(&self, kind: Kind) -> Option<String> {
        self.held.device(kind)
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
                held.take_back(Kind::Camera).await;
                held.take_back(Kind::Microphone).await;
                if held.is_missing(DeviceError::may_pass) {
                    held.open(DeviceError::may_pass).await;
                }
                // Nothing was asked for yet, and so there is nothing to tell.
                if held.microphone.borrow().is_none() {
                    continue;
                }
            }
            Request::Ended(kind, device) if held.device(kind) == device => held.end(kind, DeviceError::Ended),
            // Nothing is missing, or another one has taken the place of what ended while the browser asked the person.
            Request::Open | Request::Ended(..) => continue,
            Request::Choose(kind, device) => held.choose(kind, &device).await,
            Request::Camera(false) => held.end(Kind::Camera, DeviceError::Off),
            Request::Camera(true) => held.turn_on(Kind::Camera).await,
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
            // What the person has turned off is not missing.
            Some(Err(missing)) => missing.error != DeviceError::Off && curable(missing.error),
        }
    }

    fn device(&self, kind: Kind) -> Option<String> {
        self.slot(kind).borrow().as_ref()?.as_ref().ok()?.track.device()
    }

    fn end(&self, kind: Kind, error: DeviceError) {
        let was = self.device(kind);
        self.slot(kind).replace(Some(Err(Missing { error, was })));
    }

    /// Opens a device again that ended, if it is back.
    async fn take_back(self: &Rc<Self>, kind: Kind) {
        let was = match &*self.slot(kind).borrow() {
            Some(Err(missing)) if missing.error == DeviceError::Ended => missing.was.clone(),
            _ => None,
        };
        if let Some(was) = was {
            let opened = media::open_again(kind, &was).await;
            if opened.is_ok() {
                self.put(kind, opened);
            }
        }
    }

    async fn turn_on(self: &Rc<Self>, kind: Kind) {
        if self.device(kind).is_none() {
            self.put(kind, media::open(kind).await);
        }
    }

    async fn choose(self: &Rc<Self>, kind: Kind, device: &str) {
        let before = self.device(kind);
        if before.as_deref() == Some(device) {
            return;
        }
        let mut opened = media::open_again(kind, device).await;
        if let (Err(DeviceError::Busy), Some(before)) = (&opened, &before) {
            // Phones open one camera at a time.
            if let Some(Ok(device)) = &*self.slot(kind).borrow() {
                device.track.stop();
            }
            opened = media::open_again(kind, device).await;
            if opened.is_err() {
                opened = media::open_again(kind, before).await;
            }
            self.put(kind, opened);
        } else if opened.is_ok() {
            self.put(kind, opened);
        }
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
            let (held, id) = (Rc::downgrade(self), track.device());
            let ended = track.on_ended(move || request(&held, Request::Ended(kind, id.clone())));
            if track.is_live() { Ok(Device { _ended: ended, track }) } else { Err(DeviceError::Ended) }
        });
        self.slot(kind).replace(Some(device.map_err(|error| Missing { error, was: None })));
    }

    fn outgoing(&self) -> Outgoing {
        let track = |kind| Some(self.slot(kind).borrow().as_ref()?.as_ref().ok()?.track.clone());
        Outgoing { sound: track(Kind::Microphone), camera: track(Kind::Camera), ..Outgoing::default() }
    }

    fn state(&self) -> Devices {
        let one = |kind| match &*self.slot(kind).borrow() {
            Some(Ok(_)) => Ok(()),
            Some(Err(missing)) => Err(missing.error),
            None => Err(DeviceError::NotFound),
        };
        match (one(Kind::Camera), one(Kind::Microphone)) {
            (camera @ Err(DeviceError::Off), microphone) => Devices::Ready { camera, microphone },
            // The more telling of the two: one that exists but cannot be had.
            (Err(DeviceError::NotFound), Err(error)) | (Err(error), Err(_)) => Devices::Failed(error),
            (camera, microphone) => Devices::Ready { camera, microphone },
        }
    }
}
