//! A file's own data channel: questions one way, bytes the other.

use std::cell::RefCell;
use std::rc::Rc;

use futures_channel::{mpsc, oneshot};
use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use js_sys::{ArrayBuffer, JsString, Uint8Array};
use vong_protocol::files::FileMessage;
use vong_protocol::limits::{BLOCK, FILE_MESSAGE, PIECE};
use vong_session::bounds::BLOCKS_AHEAD;
use wasm_bindgen::JsCast;
use web_sys::{MessageEvent, RtcDataChannel, RtcDataChannelEvent, RtcDataChannelState, RtcDataChannelType};

use super::own::Block;
use super::paced::Paced;
use crate::platform::part::Line;
use crate::platform::{Listener, json, note};

/// What the label of such a channel begins with. The offering page's number follows.
const LABEL: &str = "file-";
/// Bytes that may wait to be sent: enough that the next block is read meanwhile.
const WAITING: u32 = 2 * 1024 * 1024;
/// Sending goes on when no more than this still waits.
const LOW: u32 = 1024 * 1024;
/// Messages that may wait to be looked at. Whoever asks for blocks gets no more than this; a page that cuts them smaller is cut off.
#[expect(clippy::cast_possible_truncation, reason = "a small number")]
const UNREAD: usize = 2 * BLOCKS_AHEAD as usize * BLOCK.div_ceil(PIECE as u64) as usize;

/// The same on a channel that the other page opened: it asks, and no faster than it is answered.
const QUESTIONS: usize = 16;
/// How often it is looked whether a file that gives way may go on, in milliseconds.
const STEP: u32 = 50;
/// How long sending may stand still, in milliseconds, before the channel is given up.
const STUCK: u32 = 20_000;

/// The channel. Dropping it closes it.
pub struct Pipe {
    channel: RtcDataChannel,
    freed: Rc<RefCell<Option<oneshot::Sender<()>>>>,
    // Gone before what they listen to.
    _listeners: Vec<Listener>,
}

/// What comes over it.
#[derive(Debug)]
pub enum Piece {
    /// It is open.
    Open,
    /// A message.
    Word(FileMessage),
    /// Bytes of a block.
    Bytes(Block),
}

/// What comes over it, in order; ends when it is closed, or when more came than can be looked at.
pub type Pieces = mpsc::Receiver<Piece>;

impl Line {
    /// Says something about files.
    pub fn say(&self, message: &FileMessage) {
        if self.channel.ready_state() == RtcDataChannelState::Open
            && let Err(thrown) = self.channel.send_with_str(&message.to_json())
        {
            note("files", &thrown);
        }
    }

    /// Calls `heard` with what the other page says about files, and `opened` with every channel that it opens for the file of a
    /// number, until what is returned is dropped. Both must only enqueue.
    pub fn listen(
        &self,
        heard: impl Fn(FileMessage) + 'static,
        opened: impl Fn(u32, Pipe, Pieces) + 'static,
    ) -> [Listener; 2] {
        let words = Listener::new(&self.channel, "message", move |event| {
            let data = event.dyn_ref::<MessageEvent>().map(MessageEvent::data);
            if let Some(message) = data.and_then(|data| read(&data.dyn_into().ok()?)) {
                heard(message);
            }
        });
        let pipes = Listener::new(&self.connection, "datachannel", move |event| {
            let Some(channel) = event.dyn_ref::<RtcDataChannelEvent>().map(RtcDataChannelEvent::channel)
            else {
                return;
            };
            match channel.label().strip_prefix(LABEL).and_then(|id| id.parse().ok()) {
                Some(id) => {
                    let (pipe, pieces) = Pipe::over(channel, QUESTIONS);
                    opened(id, pipe, pieces);
                }
                // Of a later version.
                None => channel.close(),
            }
        });
        [words, pipes]
    }

    /// Opens a channel for the file that has this number there. `None` if the connection is over.
    pub fn open(&self, id: u32) -> Option<(Pipe, Pieces)> {
        let label = [LABEL, &id.to_string()].concat();
        // Else it throws.
        let is_over = self.connection.connection_state() == web_sys::RtcPeerConnectionState::Closed;
        (!is_over).then(|| Pipe::over(self.connection.create_data_channel(&label), UNREAD))
    }
}

fn read(text: &JsString) -> Option<FileMessage> {
    if text.length() as usize > FILE_MESSAGE {
        return None;
    }
    json::read(&String::from(text))
}

impl Pipe {
    fn over(channel: RtcDataChannel, unread: usize) -> (Self, Pieces) {
        channel.set_binary_type(RtcDataChannelType::Arraybuffer);
        channel.set_buffered_amount_low_threshold(LOW);
        let (sender, pieces) = mpsc::channel(unread);
        let pieces_in = Rc::new(RefCell::new(Some(sender)));
        let freed = Rc::<RefCell<Option<oneshot::Sender<()>>>>::default();
        let push = move |piece: Option<Piece>| {
            let mut sender = pieces_in.borrow_mut();
            let taken = piece.is_some_and(|piece| sender.as_mut().is_some_and(|s| s.try_send(piece).is_ok()));
            if !taken {
                *sender = None;
            }
        };
        let opened = push.clone();
        let (came, closed) = (push.clone(), push);
        let (low, over) = (Rc::clone(&freed), Rc::clone(&freed));
        let is_open = channel.ready_state() == RtcDataChannelState::Open;
        if is_open {
            opened(Some(Piece::Open));
        }
        let listeners = vec![
            Listener::new(&channel, "open", move |_| {
                if !is_open {
                    opened(Some(Piece::Open));
                }
            }),
            Listener::new(&channel, "message", move |event| {
                let data = event.dyn_ref::<MessageEvent>().map(MessageEvent::data).unwrap_or_default();
                match data.dyn_into::<ArrayBuffer>() {
                    // What is larger than any piece is not kept until somebody looks at it.
                    Ok(bytes) if bytes.byte_length() as usize > PIECE => came(None),
                    Ok(bytes) => came(Some(Piece::Bytes(Block(Uint8Array::new(&bytes))))),
                    Err(text) => {
                        // What cannot be read is of a later version.
                        if let Some(word) = text.dyn_into().ok().and_then(|text| read(&text)) {
                            came(Some(Piece::Word(word)));
                        }
                    }
                }
            }),
            Listener::new(&channel, "close", move |_| {
                closed(None);
                over.take();
            }),
            Listener::new(&channel, "bufferedamountlow", move |_| drop(low.take())),
        ];
        (Self { channel, freed, _listeners: listeners }, pieces)
    }

    /// Says something; `false` if it is closed.
    pub fn say(&self, message: &FileMessage) -> bool {
        self.channel.send_with_str(&message.to_json()).is_ok()
    }

    /// Sends a block in pieces, each when there is room for it and no faster than `pace` allows; `sent` is called with the bytes of each. `false` if it is closed.
    pub async fn send(&self, block: &Block, pace: &mut Paced, sent: impl Fn(u32)) -> bool {
        let (mut start, size, piece) = (0, block.len(), u32::try_from(PIECE).unwrap_or(u32::MAX));
        while start < size {
            if self.channel.ready_state() != RtcDataChannelState::Open {
                return false;
            }
            // What already waits cannot be held back any more.
            if pace.waits(self.channel.buffered_amount()) {
                TimeoutFuture::new(STEP).await;
                continue;
            }
            if self.channel.buffered_amount() > WAITING {
                let (sender, freed) = oneshot::channel();
                self.freed.replace(Some(sender));
                if let Either::Right(_) = select(freed, TimeoutFuture::new(STUCK)).await {
                    return false;
                }
                continue;
            }
            let end = size.min(start + piece);
            let bytes = block.0.subarray(start, end);
            if self.channel.send_with_array_buffer_view(&bytes).is_err() {
                return false;
            }
            sent(end - start);
            pace.after(end - start).await;
            start = end;
        }
        true
    }
}

impl Drop for Pipe {
    fn drop(&mut self) {
        self.channel.close();
    }
}
