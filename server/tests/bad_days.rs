//! Bad days: peers that fall silent, do not read, or never finish what they began.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use support::{Client, PATIENCE, Server, answer, join};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use vong_protocol::{Departure, ErrorCode, Role, ServerMessage, limits};

#[tokio::test]
async fn a_half_open_socket_is_noticed_by_its_silence() {
    let server = Server::start(&["--heartbeat", "100ms", "--session-grace", "100ms"]).await;
    let (mut broadcaster, _) = server.member("demo", Role::Broadcaster).await;
    let began = Instant::now();
    // It never reads or answers again, and its socket stays open.
    let (mut silent, joined) = server.member("demo", Role::Watcher).await;
    let id = joined.you;
    assert_eq!(broadcaster.hear().await, ServerMessage::WatcherJoined { id });
    assert_eq!(broadcaster.hear().await, ServerMessage::WatcherLeft { id, departure: Departure::Lost });
    assert!(began.elapsed() >= Duration::from_millis(300), "not before two beats and the grace");
    let pings = async {
        let mut pings = 0;
        while let Some(Message::Text(text)) = silent.frame().await {
            if text.contains("heartbeat_missed") {
                return pings;
            }
            pings += 1;
        }
        panic!("it was not told why");
    };
    assert!(pings.await >= 2);
}

#[tokio::test]
async fn who_answers_the_heartbeat_stays() {
    let server = Server::start(&["--heartbeat", "50ms"]).await;
    let (mut client, _) = server.member("demo", Role::Watcher).await;
    for _ in 0..20 {
        let Some(Message::Text(text)) = client.frame().await else { panic!("the connection ended") };
        assert!(text.contains("ping"), "{text}");
        client.say_text(&support::pong()).await;
    }
}

#[tokio::test]
async fn a_broadcaster_hears_from_the_server_more_often_than_watchers_and_may_be_silent_as_long() {
    let server = Server::start(&["--heartbeat", "2s"]).await;
    let (_watcher, theirs) = server.member("demo", Role::Watcher).await;
    let began = Instant::now();
    let (mut silent, own) = server.member("demo", Role::Broadcaster).await;
    assert_eq!((theirs.heartbeat_ms, own.heartbeat_ms), (2000, 500));
    let mut pings = 0;
    loop {
        let Some(Message::Text(text)) = silent.frame().await else { panic!("it was not told why") };
        if text.contains("heartbeat_missed") {
            break;
        }
        assert!(text.contains("ping"), "{text}");
        pings += 1;
    }
    assert!(pings >= 7, "{pings} pings");
    assert!(began.elapsed() >= Duration::from_millis(4_500), "two and a quarter beats of the setting");
}

#[tokio::test]
async fn the_default_heartbeat_notices_a_dead_peer_within_ten_seconds() {
    let server = Server::start(&["--session-grace", "0s"]).await;
    let (mut broadcaster, _) = server.member("demo", Role::Broadcaster).await;
    let (_silent, joined) = server.member("demo", Role::Watcher).await;
    let began = Instant::now();
    assert_eq!(broadcaster.hear().await, ServerMessage::WatcherJoined { id: joined.you });
    let left = ServerMessage::WatcherLeft { id: joined.you, departure: Departure::Lost };
    assert_eq!(broadcaster.hear().await, left);
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_dead_peer_is_noticed_in_time_even_while_something_is_being_written_to_it() {
    let server = Server::with_small_buffers(&["--heartbeat", "1s", "--session-grace", "0s"]);
    let (mut broadcaster, _) = server.member("demo", Role::Broadcaster).await;
    let mut silent = Client::over(reluctant(&server), server.address).await;
    let began = Instant::now();
    let id = silent.join(join("demo", Role::Watcher)).await.you;
    assert_eq!(broadcaster.hear().await, ServerMessage::WatcherJoined { id });
    // More than the kernel takes for it.
    broadcaster.say(&answer(id, 1, &"x".repeat(limits::SDP))).await;
    assert_eq!(broadcaster.hear().await, ServerMessage::WatcherLeft { id, departure: Departure::Lost });
    let silence = began.elapsed();
    assert!(silence >= Duration::from_secs(2), "not before two beats: {silence:?}");
    assert!(silence < Duration::from_secs(4), "{silence:?}");
}

#[tokio::test]
async fn a_pong_that_has_arrived_counts_however_late_the_server_looks() {
    let server = Server::start(&["--heartbeat", "200ms"]).await;
    let (mut client, _) = server.member("demo", Role::Watcher).await;
    for _ in 0..8 {
        let Some(Message::Text(text)) = client.frame().await else { panic!("the connection ended") };
        assert!(text.contains("ping"), "{text}");
        client.say_text(&support::pong()).await;
        // The machine stands still for longer than a client may be silent: client and server share this thread.
        std::thread::sleep(Duration::from_millis(500));
    }
}

#[tokio::test]
async fn a_reader_that_never_reads_is_dropped_and_nobody_waits_for_it() {
    let server = Server::start(&["--session-grace", "0s"]).await;
    let (mut broadcaster, _) = server.member("demo", Role::Broadcaster).await;
    let mut stuck = Client::over(reluctant(&server), server.address).await;
    let stuck_id = stuck.join(join("demo", Role::Watcher)).await.you;
    let (mut other, joined) = server.member("demo", Role::Watcher).await;
    broadcaster.hear().await;
    broadcaster.hear().await;

    let sdp = "x".repeat(limits::SDP);
    let began = Instant::now();
    let mut rounds = 0;
    // More than the kernel takes for it and the queue holds together.
    loop {
        broadcaster.say(&answer(stuck_id, rounds, &sdp)).await;
        broadcaster.say(&answer(joined.you, rounds, "v=0")).await;
        assert!(matches!(other.hear().await, ServerMessage::Answer { .. }), "the other one is served");
        rounds += 1;
        match tokio::time::timeout(Duration::from_millis(1), broadcaster.hear()).await {
            Ok(ServerMessage::WatcherLeft { id, departure: Departure::Lost }) if id == stuck_id => break,
            // Nothing yet; or what is said to it meets nobody, while the news that it left is still on its way.
            Err(_) | Ok(ServerMessage::Error { code: ErrorCode::UnknownPeer, .. }) => {}
            Ok(other) => panic!("{other:?}"),
        }
        assert!(began.elapsed() < PATIENCE, "{rounds} rounds");
    }
    drop(stuck);
    other.is_undisturbed().await;
}

#[tokio::test]
async fn who_does_not_join_in_time_is_sent_away() {
    let server = Server::start(&[]).await;
    let mut idle = server.client().await;
    let began = Instant::now();
    let end = async {
        // Ten seconds of nothing.
        tokio::time::timeout(2 * PATIENCE, async {
            loop {
                if let Ok(frame) = tokio::time::timeout(Duration::from_millis(500), idle.frame()).await {
                    return frame;
                }
            }
        })
        .await
        .expect("an end")
    };
    let Some(Message::Text(text)) = end.await else { panic!("no reason") };
    assert!(text.contains("join_timeout"), "{text}");
    assert!(began.elapsed() >= Duration::from_secs(9));
}

#[tokio::test]
async fn a_host_that_opens_connections_and_says_nothing_shuts_out_only_itself() {
    let server = Server::start(&[]).await;
    let silent = open_silently(server.address).await;
    let mut over = support::tcp(server.address, "127.0.0.1").await;
    let end = tokio::time::timeout(PATIENCE, over.read(&mut [0])).await.expect("it is closed at once");
    assert!(matches!(end, Ok(0) | Err(_)), "{end:?}");
    let mut elsewhere = Client::connect(server.address, "127.0.0.2").await;
    elsewhere.join(join("demo", Role::Watcher)).await;

    drop(silent);
    let free = async {
        loop {
            let mut stream = support::tcp(server.address, "127.0.0.1").await;
            let asked = stream.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
            if asked.is_ok() && stream.read(&mut [0]).await.is_ok_and(|bytes| bytes > 0) {
                return;
            }
        }
    };
    tokio::time::timeout(PATIENCE, free).await.expect("the places become free");
}

#[tokio::test]
async fn a_trusted_proxy_may_open_as_many_connections_as_all_its_clients_need() {
    let server = Server::start(&["--trust-proxy"]).await;
    let _silent = open_silently(server.address).await;
    assert_eq!(support::request(server.address, "GET", "/healthz", &[]).await.status, 200);
}

#[tokio::test]
async fn behind_a_proxy_turns_own_port_has_its_bound_and_takes_no_places_of_pages() {
    let server = Server::with_turn(&["--trust-proxy"]).await;
    let (_member, joined) = server.member("demo", Role::Watcher).await;
    let urls = joined.ice.ice_servers.iter().flat_map(|server| &server.urls);
    let tcp = urls.clone().find_map(|url| url.strip_prefix("turn:")?.strip_suffix("?transport=tcp"));
    let port = tcp.unwrap().rsplit(':').next().unwrap().parse().unwrap();
    let turn = SocketAddr::new(server.address.ip(), port);
    let _silent = open_silently(turn).await;
    let mut over = support::tcp(turn, "127.0.0.1").await;
    let end = tokio::time::timeout(PATIENCE, over.read(&mut [0])).await;
    assert!(!matches!(end.expect("it is closed before its time is over"), Ok(1..)));
    assert_eq!(support::request(server.address, "GET", "/healthz", &[]).await.status, 200);
}

/// As many connections before their first request as one address may have.
async fn open_silently(listener: SocketAddr) -> Vec<TcpStream> {
    const MOST: usize = 1280;
    rlimit::increase_nofile_limit(4 * MOST as u64).unwrap();
    let mut open = Vec::new();
    while open.len() < MOST {
        open.push(support::tcp(listener, "127.0.0.1").await);
    }
    open
}

/// A connection whose kernel takes next to nothing as long as nobody reads.
fn reluctant(server: &Server) -> TcpStream {
    let socket = socket2::Socket::new(socket2::Domain::IPV4, socket2::Type::STREAM, None).unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    socket.connect(&server.address.into()).unwrap();
    socket.set_nonblocking(true).unwrap();
    TcpStream::from_std(socket.into()).unwrap()
}

#[tokio::test]
async fn a_request_that_never_ends_does_not_stop_the_server_from_ending() {
    let server = Server::start(&[]).await;
    let mut half = support::tcp(server.address, "127.0.0.1").await;
    half.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n").await.unwrap();
    let (_member, _) = server.member("demo", Role::Watcher).await;
    let began = Instant::now();
    server.stop().await;
    assert!(began.elapsed() < Duration::from_secs(5));
    let mut rest = Vec::new();
    let closed = tokio::time::timeout(PATIENCE, half.read_to_end(&mut rest)).await;
    assert!(closed.is_ok(), "its connection is closed");
}

#[tokio::test]
async fn a_client_that_vanishes_in_the_middle_of_a_message_is_let_go() {
    let server = Server::start(&["--session-grace", "0s"]).await;
    let (mut broadcaster, _) = server.member("demo", Role::Broadcaster).await;
    let (watcher, joined) = server.member("demo", Role::Watcher).await;
    let id = joined.you;
    broadcaster.hear().await;
    let mut stream = watcher.into_stream();
    // The head of a masked text frame of 100 bytes, and one of them.
    stream.write_all(&[0x81, 0x80 | 0x64, 1, 2, 3, 4, 5]).await.unwrap();
    drop(stream);
    assert_eq!(broadcaster.hear().await, ServerMessage::WatcherLeft { id, departure: Departure::Lost });
    broadcaster.say_text("?").await;
    broadcaster.hear_error(ErrorCode::Malformed).await;
}
