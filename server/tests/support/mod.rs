//! A real server on a free port and real WebSocket clients, for the tests of the server's behaviour.
//!
//! Every wait has an end, and what a client heard so far is part of the failure.
#![allow(dead_code, unreachable_pub, reason = "each test program uses its part")]

pub mod secure;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use tokio_util::sync::CancellationToken;
use vong_protocol::{
    Attempt, ClientMessage, ErrorCode, IceCandidate, Join, Joined, PeerId, Presence, Role, RoomId,
    SIGNAL_PATH, ServerMessage, VERSION,
};
use vong_server::{Config, Sockets, Tls, TurnSockets, serve};

/// The most that anything is waited for.
pub const PATIENCE: Duration = Duration::from_secs(10);

/// A server in this process.
pub struct Server {
    pub address: SocketAddr,
    shutdown: CancellationToken,
    task: JoinHandle<std::io::Result<()>>,
}

impl Server {
    pub async fn start(flags: &[&str]) -> Self {
        Self::start_at(([127, 0, 0, 1], 0).into(), flags).await
    }

    /// One at an address that others have to know before it runs.
    pub async fn start_at(address: SocketAddr, flags: &[&str]) -> Self {
        let listener = TcpListener::bind(address).await.expect("a free port");
        let config = Config::from_flags(flags).expect("flags");
        let tls = Tls::open(&config.tls).await.expect("a certificate");
        Self::on(listener.into(), tls, config)
    }

    /// One that is a STUN and TURN server, too, on ports that are free.
    pub async fn with_turn(flags: &[&str]) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
        let config = Config::from_flags([flags, &["--turn-port", "0"]].concat()).expect("flags");
        let tls = Tls::open(&config.tls).await.expect("a certificate");
        let turn = TurnSockets::bind(&config).await.expect("free ports");
        Self::on(Sockets::new(listener, turn), tls, config)
    }

    /// One whose kernel takes next to nothing for a client that does not read: what is written then waits in the server.
    pub fn with_small_buffers(flags: &[&str]) -> Self {
        let socket = TcpSocket::new_v4().expect("a socket");
        // Accepted connections inherit it.
        socket.set_send_buffer_size(4096).expect("a size");
        socket.bind(SocketAddr::from(([127, 0, 0, 1], 0))).expect("a free port");
        let config = Config::from_flags(flags).expect("flags");
        Self::on(socket.listen(1024).expect("a listener").into(), None, config)
    }

    fn on(sockets: Sockets, tls: Option<Tls>, config: Config) -> Self {
        let address = sockets.address().expect("an address");
        let shutdown = CancellationToken::new();
        let task = tokio::spawn(serve(sockets, tls, config, shutdown.clone()));
        Self { address, shutdown, task }
    }

    /// Asks it to end, without waiting.
    pub fn ask_to_stop(&self) {
        self.shutdown.cancel();
    }

    pub async fn stop(self) {
        self.shutdown.cancel();
        timeout(PATIENCE, self.task)
            .await
            .expect("the server ends in time")
            .expect("without a panic")
            .expect("without an error");
    }

    pub async fn client(&self) -> Client {
        Client::connect(self.address, "127.0.0.1").await
    }

    /// A client that has joined, with what it was told.
    pub async fn member(&self, room: &str, role: Role) -> (Client, Joined) {
        let mut client = self.client().await;
        let joined = client.join(join(room, role)).await;
        (client, joined)
    }
}

/// A client that answers heartbeats while it waits for something.
pub struct Client<S = TcpStream> {
    socket: WebSocketStream<S>,
    heard: Vec<String>,
}

impl Client {
    pub async fn connect(server: SocketAddr, source: &str) -> Self {
        Self::over(tcp(server, source).await, server).await
    }

    /// One that asked for the server by this name.
    pub async fn connect_as(server: SocketAddr, host: &str) -> Self {
        Self::over(tcp(server, "127.0.0.1").await, host).await
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Client<S> {
    /// To a server that the request calls by this name.
    pub async fn over(stream: S, host: impl std::fmt::Display) -> Self {
        Self::over_path(stream, host, SIGNAL_PATH).await
    }

    /// The same, at another path.
    pub async fn over_path(stream: S, host: impl std::fmt::Display, path: &str) -> Self {
        let request = format!("ws://{host}{path}").into_client_request().expect("a request");
        let (socket, _) =
            timeout(PATIENCE, client_async(request, stream)).await.expect("an answer").expect("an upgrade");
        Self { socket, heard: Vec::new() }
    }

    pub async fn send_raw(&mut self, message: Message) -> Result<(), tungstenite::Error> {
        timeout(PATIENCE, self.socket.send(message)).await.expect("the server reads")
    }

    pub async fn say_text(&mut self, text: &str) {
        self.send_raw(Message::text(text)).await.expect("an open connection");
    }

    pub async fn say(&mut self, message: &ClientMessage) {
        self.say_text(&message.to_json()).await;
    }

    pub async fn join(&mut self, join: Join) -> Joined {
        self.say(&ClientMessage::Join(join)).await;
        match self.hear().await {
            ServerMessage::Joined(joined) => *joined,
            other => panic!("expected to join, heard {other:?}"),
        }
    }

    /// The next frame, if there is one before the connection ends.
    pub async fn frame(&mut self) -> Option<Message> {
        let next = timeout(PATIENCE, self.socket.next()).await;
        let next = next.unwrap_or_else(|_| panic!("nothing came; heard so far: {:#?}", self.heard));
        let message = next?.ok()?;
        self.heard.push(format!("{message:?}"));
        Some(message)
    }

    /// The next message that is no ping; pings are answered.
    pub async fn hear(&mut self) -> ServerMessage {
        loop {
            match self.frame().await {
                Some(Message::Text(text)) => match ServerMessage::parse(&text).expect("a server message") {
                    // The connection may have been closed since.
                    ServerMessage::Ping {} => drop(self.send_raw(Message::text(pong())).await),
                    message => return message,
                },
                other => panic!("expected a message, got {other:?}; heard so far: {:#?}", self.heard),
            }
        }
    }

    /// The next message is this error, and has a text.
    pub async fn hear_error(&mut self, expected: ErrorCode) -> String {
        match self.hear().await {
            ServerMessage::Error { code, message } if code == expected => {
                assert!(!message.is_empty());
                message
            }
            other => panic!("expected {expected:?}, heard {other:?}"),
        }
    }

    /// The next message is this error, and then the connection is closed with this code.
    pub async fn hear_end(&mut self, expected: ErrorCode, close: u16) -> String {
        let text = self.hear_error(expected).await;
        match self.frame().await {
            Some(Message::Close(Some(frame))) => assert_eq!(u16::from(frame.code), close, "{expected:?}"),
            other => panic!("expected the end after {expected:?}, got {other:?}"),
        }
        text
    }

    pub async fn hear_presence(&mut self, expected: Presence) {
        assert_eq!(self.hear().await, ServerMessage::Broadcaster { presence: expected });
    }

    /// Proves that this connection still works and that nothing else was on its way to it.
    pub async fn is_undisturbed(&mut self) {
        self.say_text("?").await;
        self.hear_error(ErrorCode::Malformed).await;
    }

    /// The connection below.
    pub fn into_stream(self) -> S {
        self.socket.into_inner()
    }

    /// Ends the connection as a browser does.
    pub async fn close(mut self) {
        let _ = self.socket.close(None).await;
    }
}

/// The file that a program of the system is, if it is installed.
pub fn installed(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Debian has servers where not everybody's path leads.
    let folders = std::env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders.map(|folder| folder.join(program)).find(|file| file.is_file())
}

/// An address that nobody uses now, for a server that others have to know of before it runs.
pub fn free_address() -> SocketAddr {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address")
}

/// A TCP connection from one of this machine's addresses.
pub async fn tcp(server: SocketAddr, source: &str) -> TcpStream {
    let socket = TcpSocket::new_v4().expect("a socket");
    socket.bind(format!("{source}:0").parse().expect("an address")).expect("a source address");
    timeout(PATIENCE, socket.connect(server)).await.expect("an answer").expect("a connection")
}

pub fn join(room: &str, role: Role) -> Join {
    let room = RoomId::parse(room).expect("a room");
    Join { version: VERSION, room, role, key: None, session: None, password: None }
}

pub fn pong() -> String {
    ClientMessage::Pong {}.to_json()
}

pub fn offer(attempt: u32, sdp: &str) -> ClientMessage {
    ClientMessage::Offer { attempt: Attempt(attempt), restart: false, sdp: sdp.to_owned() }
}

pub fn answer(to: PeerId, attempt: u32, sdp: &str) -> ClientMessage {
    ClientMessage::Answer { to, attempt: Attempt(attempt), sdp: sdp.to_owned() }
}

pub fn candidate() -> IceCandidate {
    IceCandidate {
        candidate: "candidate:1 1 udp 2122260223 192.0.2.1 54321 typ host".to_owned(),
        sdp_mid: Some("0".to_owned()),
        sdp_m_line_index: Some(0),
        username_fragment: None,
    }
}

/// One answer over plain HTTP.
pub struct Response {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Response {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (key, value) = line.split_once(':')?;
            key.eq_ignore_ascii_case(name).then_some(value.trim())
        })
    }

    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }
}

/// Sends one request with these header lines and reads to the end.
pub async fn request(server: SocketAddr, method: &str, path: &str, headers: &[&str]) -> Response {
    request_over(tcp(server, "127.0.0.1").await, &server.to_string(), method, path, headers).await
}

/// The same over a connection that is open, to a server that the request calls by this name.
pub async fn request_over(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    host: &str,
    method: &str,
    path: &str,
    headers: &[&str],
) -> Response {
    let mut text = format!("{method} {path} HTTP/1.1\r\nHost: {host}\r\n");
    if !headers.iter().any(|line| line.starts_with("Connection:")) {
        text += "Connection: close\r\n";
    }
    for line in headers {
        text += line;
        text += "\r\n";
    }
    stream.write_all(format!("{text}\r\n").as_bytes()).await.expect("the server reads");
    let mut bytes = Vec::new();
    timeout(PATIENCE, stream.read_to_end(&mut bytes)).await.expect("a whole answer").expect("an answer");
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8(bytes[..end].to_vec()).expect("a head in ASCII");
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    Response { status, head, body: bytes[end + 4..].to_vec() }
}
