//! Bad input: whoever sends it is told what is wrong, and it costs nobody else anything.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::{Server, answer, candidate, join, offer, request};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use vong_protocol::{Attempt, ClientMessage, ErrorCode, Join, PeerId, Role, SIGNAL_PATH, calls, limits};

#[tokio::test]
async fn what_is_not_a_message_is_refused_and_the_connection_goes_on() {
    let server = Server::start(&[]).await;
    let (mut client, _) = server.member("demo", Role::Watcher).await;
    for (text, part) in [
        ("", "not JSON"),
        ("hello", "not JSON"),
        ("{\"type\":\"pong\"", "not JSON"),
        ("[]", "understood"),
        ("{}", "type"),
        ("{\"type\":\"dance\"}", "dance"),
        ("{\"type\":\"pong\",\"extra\":1}", "extra"),
        ("{\"type\":\"offer\",\"attempt\":1}", "sdp"),
        ("{\"type\":\"offer\",\"attempt\":-1,\"sdp\":\"\"}", "understood"),
    ] {
        client.say_text(text).await;
        let message = client.hear_error(ErrorCode::Malformed).await;
        assert!(message.contains(part), "{text:?} was answered with {message:?}");
    }
    client.send_raw(Message::binary(vec![1, 2, 3])).await.unwrap();
    client.hear_error(ErrorCode::Malformed).await;
    client.is_undisturbed().await;
}

#[tokio::test]
async fn a_text_that_is_not_utf8_is_malformed_and_the_end() {
    let server = Server::start(&[]).await;
    let (mut client, _) = server.member("demo", Role::Watcher).await;
    let frame = Frame::message(vec![b'"', 0xff, b'"'], OpCode::Data(Data::Text), true);
    client.send_raw(Message::Frame(frame)).await.unwrap();
    let message = client.hear_end(ErrorCode::Malformed, 1008).await;
    assert!(message.contains("UTF-8"), "{message}");
}

#[tokio::test]
async fn another_version_is_refused_even_in_another_shape() {
    let server = Server::start(&[]).await;
    for text in [
        "{\"type\":\"join\",\"version\":2,\"room\":\"demo\",\"role\":\"watcher\"}",
        "{\"type\":\"join\",\"version\":99,\"place\":\"demo\"}",
    ] {
        let mut client = server.client().await;
        client.say_text(text).await;
        client.hear_end(ErrorCode::UnsupportedVersion, 1008).await;
    }
}

#[tokio::test]
async fn nothing_but_join_comes_first_and_join_comes_once() {
    let server = Server::start(&[]).await;
    let mut client = server.client().await;
    for message in [offer(1, "v=0"), ClientMessage::Pong {}, ClientMessage::Leave {}] {
        client.say(&message).await;
        client.hear_error(ErrorCode::NotJoined).await;
    }
    client.join(join("demo", Role::Watcher)).await;
    client.say(&ClientMessage::Join(join("other", Role::Watcher))).await;
    client.hear_error(ErrorCode::AlreadyJoined).await;
    client.is_undisturbed().await;
}

#[tokio::test]
async fn peers_that_are_unknown_or_of_another_room_cannot_be_reached() {
    let server = Server::start(&[]).await;
    let (mut broadcaster, own) = server.member("demo", Role::Broadcaster).await;
    let (mut stranger, foreign) = server.member("other", Role::Watcher).await;
    let unknown = PeerId::parse("AAAAAAAAAAAAAAAA").unwrap();
    for to in [unknown, foreign.you, own.you] {
        for message in [answer(to, 1, "v=0"), ClientMessage::Remove { id: to, bar: false }] {
            broadcaster.say(&message).await;
            broadcaster.hear_error(ErrorCode::UnknownPeer).await;
        }
    }
    broadcaster.say_text("{\"type\":\"answer\",\"to\":\"../../etc\",\"attempt\":1,\"sdp\":\"\"}").await;
    broadcaster.hear_error(ErrorCode::Malformed).await;
    stranger.is_undisturbed().await;
}

#[tokio::test]
async fn nobody_speaks_for_another_role() {
    let server = Server::start(&[]).await;
    let (mut broadcaster, _) = server.member("demo", Role::Broadcaster).await;
    let (mut watcher, joined) = server.member("demo", Role::Watcher).await;
    broadcaster.hear().await;
    let to_watcher =
        ClientMessage::Candidate { to: Some(joined.you), attempt: Attempt(1), candidate: candidate() };
    for message in [
        answer(joined.you, 1, "v=0"),
        to_watcher,
        ClientMessage::Admission { locked: true, password: None, most: None },
        ClientMessage::Remove { id: joined.you, bar: true },
        ClientMessage::Unbar {},
    ] {
        watcher.say(&message).await;
        watcher.hear_error(ErrorCode::WrongRole).await;
    }
    broadcaster.say(&offer(1, "v=0")).await;
    broadcaster.hear_error(ErrorCode::WrongRole).await;
    let to_nobody = ClientMessage::Candidate { to: None, attempt: Attempt(1), candidate: candidate() };
    broadcaster.say(&to_nobody).await;
    broadcaster.hear_error(ErrorCode::Malformed).await;
    watcher.is_undisturbed().await;
    broadcaster.is_undisturbed().await;
}

#[tokio::test]
async fn a_second_broadcaster_is_refused_and_the_first_does_not_notice() {
    let server = Server::start(&[]).await;
    let (mut first, own) = server.member("demo", Role::Broadcaster).await;
    let wrong = vong_protocol::BroadcasterKey::parse("AAAAAAAAAAAAAAAAAAAAAA").unwrap();
    assert_ne!(own.key, Some(wrong));
    for key in [None, Some(wrong)] {
        let mut second = server.client().await;
        second.say(&ClientMessage::Join(Join { key, ..join("demo", Role::Broadcaster) })).await;
        second.hear_end(ErrorCode::RoomTaken, 1008).await;
    }
    first.is_undisturbed().await;
}

#[tokio::test]
async fn strange_room_names_are_refused() {
    let server = Server::start(&[]).await;
    let long = "a".repeat(limits::ROOM_ID + 1);
    for room in ["", " ", "../", "..%2f", "demo/x", "🎥", "<script>", "a b", "demo\\u0000", &long] {
        let mut client = server.client().await;
        let text = format!("{{\"type\":\"join\",\"version\":1,\"room\":\"{room}\",\"role\":\"watcher\"}}");
        client.say_text(&text).await;
        client.hear_end(ErrorCode::BadRoomId, 1008).await;
    }
}

#[tokio::test]
async fn a_websocket_from_a_foreign_origin_is_forbidden() {
    let server = Server::start(&["--allow-origin", "https://school.example"]).await;
    let own = format!("Origin: http://{}", server.address);
    for (origin, status) in [
        ("Origin: http://evil.example", 403),
        ("Origin: null", 403),
        ("Origin: http://192.0.2.1", 403),
        ("Origin: http://localhost:8080", 101),
        ("Origin: https://school.example", 101),
        (&own, 101),
        ("X-No-Origin: 1", 101),
    ] {
        let upgrade = ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"];
        let mut headers = upgrade.to_vec();
        headers.extend(["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", origin]);
        if status == 101 {
            assert_eq!(status_of_upgrade(&server, &headers).await, status, "{origin}");
        } else {
            headers[0] = "Connection: Upgrade, close";
            for path in [SIGNAL_PATH, calls::PATH] {
                let response = request(server.address, "GET", path, &headers).await;
                assert_eq!(response.status, status, "{path} {origin}");
                assert!(response.text().contains("may not connect"), "{}", response.text());
            }
        }
    }
}

/// The status of an answer after which the connection stays open.
async fn status_of_upgrade(server: &Server, headers: &[&str]) -> u16 {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = support::tcp(server.address, "127.0.0.1").await;
    let text =
        format!("GET /signal HTTP/1.1\r\nHost: {}\r\n{}\r\n\r\n", server.address, headers.join("\r\n"));
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut start = [0; 12];
    tokio::time::timeout(support::PATIENCE, stream.read_exact(&mut start)).await.expect("an answer").unwrap();
    std::str::from_utf8(&start[9..]).unwrap().parse().unwrap()
}
