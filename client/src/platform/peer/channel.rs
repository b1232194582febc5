//! A connection's data channel: texts to and from the other page, and its end.

use std::rc::Rc;

use js_sys::JsString;
use vong_protocol::limits;
use vong_session::ConnectionEvent;
use wasm_bindgen::JsCast;
use web_sys::{MessageEvent, RtcDataChannel, RtcDataChannelState};

use super::{Core, config};
use crate::platform::{Listener, clock, note};

/// Bytes that may wait to be sent. The other side does not take what it is sent if there are more.
const WAITING: u32 = 1024 * 1024;

pub(super) struct Channel {
    // Gone before what they listen to.
    listeners: Vec<Listener>,
    channel: RtcDataChannel,
}

impl Channel {
    pub(super) fn new(core: &Rc<Core>) -> Self {
        let channel = config::data_channel(&core.connection, config::TALK);
        let (opened, told, left) = (Rc::clone(core), Rc::clone(core), Rc::clone(core));
        let listeners = vec![
            Listener::new(&channel, "open", move |_| opened.report(ConnectionEvent::ChannelOpened)),
            Listener::new(&channel, "message", move |event| {
                let data = event.dyn_ref::<MessageEvent>().map(MessageEvent::data);
                // What is no text is of a later version. What is too long is not even copied: the other page decides how
                // long it is, and memory that was once taken for it is never given back.
                let fits = |text: &JsString| text.length() as usize <= limits::CHANNEL_MESSAGE;
                if let Some(text) = data.and_then(|data| data.dyn_into().ok()).filter(fits) {
                    told.report(ConnectionEvent::Told(text.into(), clock::date()));
                }
            }),
            Listener::new(&channel, "close", move |_| left.report(ConnectionEvent::ClosedByPeer)),
        ];
        Self { listeners, channel }
    }

    /// `false` if the other side does not take what it is sent.
    pub(super) fn tell(&self, text: &str) -> bool {
        if self.channel.ready_state() != RtcDataChannelState::Open {
            return true;
        }
        if self.channel.buffered_amount() > WAITING {
            return false;
        }
        if let Err(thrown) = self.channel.send_with_str(text) {
            note("data channel", &thrown);
        }
        true
    }

    /// Reports nothing any more.
    pub(super) fn stop(&mut self) {
        self.listeners.clear();
    }
}
