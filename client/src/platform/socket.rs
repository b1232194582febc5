//! The signaling WebSocket.

use vong_protocol::SIGNAL_PATH;
use wasm_bindgen::JsCast;
use web_sys::{MessageEvent, WebSocket};

use super::{Listener, note, page};

/// What a socket reports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SocketEvent {
    /// It is open.
    Opened,
    /// A text message came.
    Text(String),
    /// It closed, or never opened. Nothing follows.
    Closed,
}

/// One WebSocket to the server that served the page. Dropping it closes it; nothing is reported from then on.
pub struct Socket {
    socket: Option<WebSocket>,
    listeners: Vec<Listener>,
}

impl Socket {
    /// Connects to [`SIGNAL_PATH`] on the page's origin. `report` must only enqueue.
    pub fn open(report: impl Fn(SocketEvent) + Clone + 'static) -> Self {
        // `ws:` for `http:`, `wss:` for `https:`.
        let origin = page::origin();
        let url = ["ws", origin.strip_prefix("http").unwrap_or_default(), SIGNAL_PATH].concat();
        let socket = match WebSocket::new(&url) {
            Ok(socket) => socket,
            Err(thrown) => {
                note("WebSocket", &thrown);
                report(SocketEvent::Closed);
                return Self { socket: None, listeners: Vec::new() };
            }
        };
        let (opened, closed) = (report.clone(), report.clone());
        let listeners = vec![
            Listener::new(&socket, "open", move |_| opened(SocketEvent::Opened)),
            Listener::new(&socket, "message", move |event| {
                // The protocol has text alone.
                if let Some(text) = event.dyn_ref::<MessageEvent>().and_then(|e| e.data().as_string()) {
                    report(SocketEvent::Text(text));
                }
            }),
            Listener::new(&socket, "close", move |_| closed(SocketEvent::Closed)),
        ];
        Self { socket: Some(socket), listeners }
    }

    /// Hands a message to the browser before it returns, so that one sent while the page goes still gets out.
    /// Dropped unless the socket is open.
    pub fn send(&self, text: &str) {
        if let Some(socket) = &self.socket
            && socket.ready_state() == WebSocket::OPEN
            && let Err(thrown) = socket.send_with_str(text)
        {
            note("send", &thrown);
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.listeners.clear();
        if let Some(socket) = &self.socket {
            let _ = socket.close();
        }
    }
}
