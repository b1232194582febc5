//! A client over a stream: TCP, or TLS over it.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::datagrams::{Scratch, with_scratch};
use super::ports::RelaySockets;
use super::{Shared, now, pass_on, target};
use crate::core::{Client, Outcome, Via};
use crate::{bounds, frame};

/// Bytes that are read at once.
const READ: usize = 4096;
/// Messages that are written at once.
const WRITE: usize = 64;

/// Serves until either end closes the stream, or the client has no allocation for too long. Then its allocation ends.
pub(crate) async fn serve<S>(shared: &Arc<Shared>, stream: S, client: SocketAddr, local: SocketAddr)
where
    S: AsyncRead + AsyncWrite,
{
    let (id, queue) = shared.add_stream();
    let address = SocketAddr::new(client.ip().to_canonical(), client.port());
    let client = Client { via: Via::Stream { id, local: local.ip().to_canonical() }, address };
    let leaves = Leaves { shared, client, id };
    let (reader, writer) = split(stream);
    tokio::select! {
        () = read(shared, &client, reader) => {}
        () = write(queue, writer) => {}
        () = idle(shared, &client) => {}
    }
    drop(leaves);
}

/// What must be undone even if the task is cancelled.
struct Leaves<'a> {
    shared: &'a Shared,
    client: Client,
    id: u64,
}

impl Drop for Leaves<'_> {
    fn drop(&mut self) {
        self.shared.core().client_gone(&self.client);
        self.shared.streams().remove(&self.id);
    }
}

async fn idle(shared: &Shared, client: &Client) {
    loop {
        sleep(bounds::STREAM_IDLE).await;
        if !shared.core().has_allocation(client) {
            return;
        }
    }
}

/// Ends with the stream, or when it carries something else.
async fn read(shared: &Arc<Shared>, client: &Client, reader: impl AsyncRead) {
    let mut reader = std::pin::pin!(reader);
    let mut bytes = Vec::with_capacity(READ);
    loop {
        bytes.reserve(READ);
        match reader.read_buf(&mut bytes).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let mut done = 0;
        let mut broken = false;
        with_scratch(|Scratch { runs, .. }| {
            let (now, mut ports) = (now(), RelaySockets(shared));
            {
                let mut core = shared.core();
                loop {
                    match frame::next(&bytes[done..]) {
                        Ok(Some(framed)) => {
                            let message = &bytes[done..done + framed.message];
                            match core.take_from_client(now, client, message, &mut ports) {
                                Outcome::Reply(answer) => {
                                    runs.push(&target(client), client.address, &[], &answer);
                                }
                                outcome => pass_on(outcome, message, runs),
                            }
                            done += framed.whole;
                        }
                        Ok(None) => break,
                        Err(frame::Unframed) => {
                            broken = true;
                            break;
                        }
                    }
                }
            }
            runs.send(shared);
        });
        if broken {
            return;
        }
        bytes.drain(..done);
        bytes.shrink_to(READ);
    }
}

/// Ends when the other end refuses to read.
async fn write(mut queue: mpsc::Receiver<Vec<u8>>, writer: impl AsyncWrite) {
    let mut writer = std::pin::pin!(writer);
    let mut messages = Vec::with_capacity(WRITE);
    let mut bytes = Vec::new();
    loop {
        if queue.recv_many(&mut messages, WRITE).await == 0 {
            return;
        }
        bytes.clear();
        for message in messages.drain(..) {
            bytes.extend_from_slice(&message);
            // ChannelData is padded over streams; every other message is a multiple of four long.
            bytes.resize(bytes.len().next_multiple_of(4), 0);
        }
        let written = async {
            writer.write_all(&bytes).await?;
            writer.flush().await
        };
        if !matches!(timeout(bounds::STREAM_WRITE, written).await, Ok(Ok(()))) {
            return;
        }
        bytes.shrink_to(READ);
    }
}
