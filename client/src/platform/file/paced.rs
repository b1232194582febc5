//! How fast a file may go beside what else the connection carries, by what the browser counts (W3C WebRTC Statistics).

use gloo_timers::future::TimeoutFuture;
use js_sys::{Map, Reflect};
use vong_session::bounds::COURTESY_LOOK;
use vong_session::files::Courtesy;
use vong_session::{Millis, Time};
use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::RtcPeerConnection;

use crate::platform::clock;
use crate::platform::part::Line;

/// The speed of one file over one connection.
pub struct Paced {
    connection: RtcPeerConnection,
    courtesy: Courtesy,
    looked: Time,
    /// Bytes since then.
    sent: u64,
}

impl Paced {
    /// As fast as the connection carries, until something waits behind it.
    pub fn new(line: &Line) -> Self {
        let connection = line.connection.clone();
        Self { connection, courtesy: Courtesy::default(), looked: clock::now(), sent: 0 }
    }

    /// Whether so many bytes that wait to be sent are enough for now.
    pub(super) fn waits(&self, buffered: u32) -> bool {
        self.courtesy.ahead().is_some_and(|ahead| u64::from(buffered) > ahead)
    }

    /// So many bytes are on their way: returns when more may be.
    pub(super) async fn after(&mut self, bytes: u32) {
        self.sent += u64::from(bytes);
        let passed = clock::now() - self.looked;
        if passed >= COURTESY_LOOK {
            let speed = self.sent * 1_000 / passed.0.max(1);
            let trip = round_trip(&self.connection).await;
            self.courtesy.look(trip, speed);
            (self.looked, self.sent) = (clock::now(), 0);
        }
        let pause = self.courtesy.pause(bytes);
        if pause > Millis(0) {
            TimeoutFuture::new(u32::try_from(pause.0).unwrap_or(u32::MAX)).await;
        }
    }
}

/// How long a picture or a sound that is sent takes there and back, as the other side reports it every second. `None` if none is sent, or
/// the browser does not tell: then there is nobody to give way to.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a positive number")]
async fn round_trip(connection: &RtcPeerConnection) -> Option<Millis> {
    let report = JsFuture::from(connection.get_stats()).await.ok()?;
    let mut longest = None;
    report.unchecked_ref::<Map>().for_each(&mut |entry, _| {
        let field = |name: &str| Reflect::get(&entry, &name.into()).unwrap_or_default();
        if field("type") == "remote-inbound-rtp"
            && let Some(seconds) = field("roundTripTime").as_f64()
        {
            longest = longest.max(Some(Millis((seconds * 1_000.0) as u64)));
        }
    });
    longest
}
