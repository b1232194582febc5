//! What a watcher who only waits costs the server in memory, before and after it negotiated once.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};
use vong_tests::{DEADLINE, Stage, run};

use crate::process::{Memory, memory, raise_open_files};
use crate::stats::Spread;
use crate::{Finding, machine, verdict};

/// The most that a watcher who joined may cost, in KB.
const BOUND: f64 = 6.0;
const ROOMS: u32 = 50;
const WATCHERS_PER_ROOM: u32 = 100;
const WATCHERS: u32 = ROOMS * WATCHERS_PER_ROOM;
/// Watchers from one source address: below the number of ports that one address has.
const PER_ADDRESS: u32 = 1000;
/// Bytes of a session description as browsers make them.
const SDP: usize = 8 * 1024;
/// What the server's memory is looked at after; three heartbeats.
const SETTLE: Duration = Duration::from_secs(12);
/// Each time with a new server.
const RUNS: usize = 3;

type Socket = WebSocketStream<TcpStream>;

pub(crate) fn measure() -> Result<Finding> {
    // Both ends of every connection are ours, but each process has a limit of its own.
    raise_open_files(u64::from(WATCHERS) + 200)?;
    let mut table = String::new();
    let mut joined = None;
    for negotiated in [false, true] {
        let mut each = Vec::new();
        for _ in 0..RUNS {
            run(async |stage| {
                each.push(seat(stage, negotiated).await?);
                Ok(())
            })?;
        }
        let resident = Spread::of(each.iter().map(|memory| memory.resident)).context("no runs")?;
        let proportional = Spread::of(each.iter().map(|memory| memory.proportional)).context("no runs")?;
        joined.get_or_insert(resident);
        let what = if negotiated { "joined, then negotiated once" } else { "joined" };
        for (kind, Spread { least, median, most, .. }) in [("RSS", resident), ("PSS", proportional)] {
            let _ = writeln!(table, "| {what} | {kind} | {median:.2} | {least:.2} to {most:.2} |");
        }
    }
    let joined = joined.context("no runs")?;
    let holds = joined.most <= BOUND;
    let text = format!(
        "**{:.1} KB.** Bound: {BOUND} KB of resident memory for each watcher who joined, in every run, {}.\n\n\
         {WATCHERS} watchers join {ROOMS} rooms of one server over WebSockets of their own and answer its heartbeats. What \
         the server's\nresident (RSS) and proportional (PSS) set size have grown by after three further heartbeats, by the \
         number of watchers;\n{RUNS} servers for each line. To negotiate, every room has a broadcaster, and each watcher's \
         offer and its answer are\n{SDP} bytes.\n\n\
         | watchers | memory | KB each, median | least to most |\n|---|---|---:|---:|\n{table}\n{}",
        joined.median,
        verdict(holds),
        machine::describe(None),
    );
    Ok(Finding { text, holds })
}

/// What each watcher of a full house costs.
async fn seat(stage: &Stage, negotiated: bool) -> Result<Memory> {
    let flags = ["--log", "warn", "--max-connections-per-address", "1100", "--max-rooms-per-address", "100"];
    let server = stage.server(&flags).await?;
    let process = server.process().context("the server ended")?;
    let mut broadcasters = JoinSet::new();
    if negotiated {
        for room in 0..ROOMS {
            broadcasters.spawn(answer_all(member(server.address(), 0, room, "broadcaster").await?));
        }
    }
    let before = memory(process)?;
    let mut watchers = JoinSet::new();
    for number in 0..WATCHERS {
        let source = 1 + number / PER_ADDRESS;
        let mut socket = member(server.address(), source, number % ROOMS, "watcher").await?;
        if negotiated {
            send(&mut socket, &json!({ "type": "offer", "attempt": 1, "sdp": "o".repeat(SDP) })).await?;
            receive(&mut socket, "answer").await?;
        }
        watchers.spawn(stay(socket));
    }
    sleep(SETTLE).await;
    ensure!(watchers.try_join_next().is_none(), "a watcher was sent away");
    ensure!(broadcasters.try_join_next().is_none(), "a broadcaster was sent away");
    let after = memory(process)?;
    Ok(after.each(before, WATCHERS))
}

/// A member of a room, connected from the loopback address with this number.
async fn member(server: SocketAddr, source: u32, room: u32, role: &str) -> Result<Socket> {
    let tcp = TcpSocket::new_v4()?;
    tcp.bind(format!("127.0.1.{}:0", 1 + source).parse()?)?;
    let tcp = timeout(DEADLINE, tcp.connect(server)).await??;
    let request = format!("ws://{server}/signal").into_client_request()?;
    let config = WebSocketConfig::default().read_buffer_size(1024).write_buffer_size(0);
    let (mut socket, _) = timeout(DEADLINE, client_async_with_config(request, tcp, Some(config))).await??;
    let room = format!("room-{room}");
    send(&mut socket, &json!({ "type": "join", "version": 1, "room": room, "role": role })).await?;
    receive(&mut socket, "joined").await?;
    Ok(socket)
}

async fn send(socket: &mut Socket, message: &Value) -> Result<()> {
    Ok(timeout(DEADLINE, socket.send(Message::text(message.to_string()))).await??)
}

/// Waits for a message of this type; meanwhile others go by, but no error.
async fn receive(socket: &mut Socket, wanted: &str) -> Result<()> {
    loop {
        let message = timeout(DEADLINE, socket.next()).await?.context("the server closed")??;
        let Message::Text(text) = message else { continue };
        let message: Value = serde_json::from_str(&text)?;
        match message["type"].as_str() {
            Some(kind) if kind == wanted => return Ok(()),
            Some("error" | "refused") => bail!("instead of {wanted}: {message}"),
            _ => {}
        }
    }
}

/// Answers heartbeats until the connection ends.
async fn stay(mut socket: Socket) {
    while let Some(Ok(message)) = socket.next().await {
        if message.to_text().is_ok_and(|text| text.contains("\"ping\"")) {
            // The next read tells when the connection is gone.
            let _ = send(&mut socket, &json!({ "type": "pong" })).await;
        }
    }
}

/// Answers heartbeats and offers until the connection ends.
async fn answer_all(mut socket: Socket) {
    while let Some(Ok(message)) = socket.next().await {
        let message = message.to_text().ok().and_then(|text| serde_json::from_str::<Value>(text).ok());
        let Some(message) = message else { continue };
        let reply = match message["type"].as_str() {
            Some("ping") => json!({ "type": "pong" }),
            Some("offer") => {
                let (to, attempt) = (&message["from"], &message["attempt"]);
                json!({ "type": "answer", "to": to, "attempt": attempt, "sdp": "a".repeat(SDP) })
            }
            _ => continue,
        };
        // The next read tells when the connection is gone.
        let _ = send(&mut socket, &reply).await;
    }
}
