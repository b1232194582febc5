//! The signaling WebSocket.

use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::{Rc, Weak};
use std::task::Poll;

use futures_util::future::{AbortHandle, abortable};
use futures_util::{Sink, Stream};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, State};
use vong_protocol::SIGNAL_PATH;
use wasm_bindgen_futures::spawn_local;

use super::page;

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
    socket: Option<Rc<RefCell<WebSocket>>>,
    reader: Option<AbortHandle>,
}

impl Socket {
    /// Connects to [`SIGNAL_PATH`] on the page's origin. `report` must only enqueue.
    pub fn open(report: impl Fn(SocketEvent) + 'static) -> Self {
        // `ws:` for `http:`, `wss:` for `https:`.
        let url = format!("{}{SIGNAL_PATH}", page::origin().replacen("http", "ws", 1));
        let Ok(socket) = WebSocket::open(&url) else {
            report(SocketEvent::Closed);
            return Self { socket: None, reader: None };
        };
        let socket = Rc::new(RefCell::new(socket));
        let (reading, reader) = abortable(read(Rc::downgrade(&socket), report));
        spawn_local(async move {
            let _ = reading.await;
        });
        Self { socket: Some(socket), reader: Some(reader) }
    }

    /// Hands a message to the browser before it returns, so that one sent while the page goes still gets out.
    /// Dropped unless the socket is open.
    pub fn send(&self, text: String) {
        if let Some(socket) = &self.socket {
            let mut socket = socket.borrow_mut();
            if matches!(socket.state(), State::Open) {
                let _ = Pin::new(&mut *socket).start_send(Message::Text(text));
            }
        }
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        if let Some(reader) = &self.reader {
            reader.abort();
        }
    }
}

/// Holds the socket only while it looks at it, so that dropping [`Socket`] closes it there and then.
async fn read(socket: Weak<RefCell<WebSocket>>, report: impl Fn(SocketEvent)) {
    let opened = poll_fn(|cx| {
        let Some(socket) = socket.upgrade() else { return Poll::Ready(false) };
        let mut socket = socket.borrow_mut();
        let settled = Pin::new(&mut *socket).poll_ready(cx).is_ready();
        if settled { Poll::Ready(matches!(socket.state(), State::Open)) } else { Poll::Pending }
    });
    if opened.await {
        report(SocketEvent::Opened);
        let next = || {
            poll_fn(|cx| match socket.upgrade() {
                Some(socket) => Pin::new(&mut *socket.borrow_mut()).poll_next(cx),
                None => Poll::Ready(None),
            })
        };
        while let Some(Ok(message)) = next().await {
            // The protocol has text alone.
            if let Message::Text(text) = message {
                report(SocketEvent::Text(text));
            }
        }
    }
    report(SocketEvent::Closed);
}
