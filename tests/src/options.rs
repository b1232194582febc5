//! What a test may ask of a browser, and how each browser is told.

use serde_json::{Value, json};

use crate::place::Place;

/// A [`Options::preload`]: Chromium asks where to save; with this it saves to files of the page's own without asking, which are
/// kept in `saved` for whoever looks at what was written.
pub const SAVES: &str = "() => {
    window.saved = [];
    window.showSaveFilePicker = async ({ suggestedName }) => {
        const folder = await navigator.storage.getDirectory();
        const file = await folder.getFileHandle(`saved ${suggestedName}`, { create: true });
        window.saved.push(file);
        return file;
    };
}";

/// What browsers that one test had are told apart by when another asks for one.
pub(crate) type Key = (Kind, Devices, Autoplay, Option<&'static str>, bool);

/// Which browser.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// Chromium, through chromedriver.
    #[default]
    Chromium,
    /// Firefox, through geckodriver.
    Firefox,
}

/// The devices a page gets when it asks. All are simulated: a moving test picture, a beeping microphone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Devices {
    /// Camera and microphone, without asking.
    #[default]
    Both,
    /// The same, with a camera as people's are: 720 lines, thirty times a second. Chromium only.
    FullSize,
    /// Three cameras and a microphone. Chromium only, whose second one has pictures of depth that are not sent.
    ThreeCameras,
    /// There is no camera. Chromium only.
    NoCamera,
    /// There is no microphone. No flag says so: a script answers as a browser without one does.
    NoMicrophone,
    /// They are there, and the person said no. Chromium only.
    Denied,
}

/// Whether a page may make sound before anybody touched it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Autoplay {
    /// It may.
    #[default]
    Allowed,
    /// It may not, which is what people's browsers do. Chromium only.
    Refused,
}

/// A browser to start.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Which.
    pub kind: Kind,
    /// With what devices.
    pub devices: Devices,
    /// With what autoplay policy.
    pub autoplay: Autoplay,
    /// With this JavaScript function run in every page before the page's own scripts.
    pub preload: Option<&'static str>,
    /// As somebody who lets themselves past the warning about a certificate that nobody vouches for.
    pub trusts_any: bool,
    /// Running there.
    pub place: Place,
    /// Giving pages of this origin what else takes HTTPS, cameras above all. Chromium only.
    pub trusted: Option<String>,
}

/// Tells the hook to leave the camera as it is.
const FULL_SIZE: &str = "() => { window.vongFullSize = true; }";

const NO_MICROPHONE: &str = "() => {
    const devices = navigator.mediaDevices;
    const getUserMedia = devices.getUserMedia.bind(devices);
    devices.getUserMedia = async (constraints) => {
        if (constraints.audio) throw new DOMException('Requested device not found', 'NotFoundError');
        return getUserMedia(constraints);
    };
    const enumerateDevices = devices.enumerateDevices.bind(devices);
    devices.enumerateDevices = async () => (await enumerateDevices()).filter((d) => d.kind !== 'audioinput');
}";

impl Options {
    /// What it is known by to other tests; `None` if it is of no use to them.
    pub(crate) fn key(&self) -> Option<Key> {
        let for_all = matches!(self.place, Place::Here) && self.trusted.is_none();
        for_all.then_some((self.kind, self.devices, self.autoplay, self.preload, self.trusts_any))
    }

    /// The `WebDriver` capabilities that ask for this browser.
    pub(crate) fn capabilities(&self) -> Value {
        let mut capabilities = match self.kind {
            Kind::Chromium => self.chromium(),
            Kind::Firefox => firefox(),
        };
        capabilities["acceptInsecureCerts"] = self.trusts_any.into();
        capabilities
    }

    /// Functions to run in every page before its own scripts, beyond the hook.
    pub(crate) fn scripts(&self) -> impl Iterator<Item = &'static str> {
        let no_microphone = (self.devices == Devices::NoMicrophone).then_some(NO_MICROPHONE);
        let full_size = (self.devices == Devices::FullSize).then_some(FULL_SIZE);
        no_microphone.into_iter().chain(full_size).chain(self.preload)
    }

    fn chromium(&self) -> Value {
        let mut args = vec![
            "--headless",
            // Its sandbox does not work as root, which containers often are.
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            // Several windows of one browser each count as looked at.
            "--disable-backgrounding-occluded-windows",
            "--disable-renderer-backgrounding",
            "--disable-background-timer-throttling",
            "--disable-features=WebRtcHideLocalIpsWithMdns",
            // An address of this machine that browsers do not take for it.
            "--host-resolver-rules=MAP vong.test 127.0.0.1",
        ];
        let trusted;
        if let Some(origin) = &self.trusted {
            trusted = format!("--unsafely-treat-insecure-origin-as-secure={origin}");
            args.push(&trusted);
        }
        if matches!(self.place, Place::Here) {
            // In a namespace, each browser has a loopback of its own, over which it reaches nobody else.
            args.push("--allow-loopback-in-peer-connection");
        }
        args.push(match self.devices {
            Devices::NoCamera => "--use-fake-device-for-media-stream=device-count=0",
            Devices::ThreeCameras => "--use-fake-device-for-media-stream=device-count=3",
            Devices::FullSize => "--use-fake-device-for-media-stream=fps=30",
            // One machine is several homes, and a slow picture is as good for finding out whether it moves.
            _ => "--use-fake-device-for-media-stream=fps=10",
        });
        let mut prefs = json!({});
        match self.devices {
            Devices::Both
            | Devices::FullSize
            | Devices::ThreeCameras
            | Devices::NoCamera
            | Devices::NoMicrophone => {
                args.push("--use-fake-ui-for-media-stream");
            }
            Devices::Denied => {
                // 2 is "block" among Chromium's content settings.
                prefs = json!({
                    "profile.default_content_setting_values.media_stream_camera": 2,
                    "profile.default_content_setting_values.media_stream_mic": 2,
                });
            }
        }
        args.push(match self.autoplay {
            Autoplay::Allowed => "--autoplay-policy=no-user-gesture-required",
            Autoplay::Refused => "--autoplay-policy=document-user-activation-required",
        });
        json!({
            "browserName": "chrome",
            "webSocketUrl": true,
            "goog:chromeOptions": { "args": args, "prefs": prefs },
        })
    }
}

fn firefox() -> Value {
    json!({
        "browserName": "firefox",
        "webSocketUrl": true,
        "moz:firefoxOptions": {
            "args": ["-headless"],
            "prefs": {
                "media.navigator.streams.fake": true,
                "media.navigator.video.default_fps": 10,
                "media.navigator.permission.disabled": true,
                "media.peerconnection.ice.obfuscate_host_addresses": false,
                "media.peerconnection.ice.loopback": true,
                // 0 is "allowed".
                "media.autoplay.default": 0,
            },
        },
    })
}
