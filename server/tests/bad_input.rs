//! Bad input: whoever sends it is told what is wrong, and it costs nobody else anything.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use support::{Client, Server, answer, candidate, join, offer, request};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use vong_protocol::{
    Attempt, ClientMessage, ErrorCode, IceCandidate, Join, Password, PeerId, Role, ServerMessage, limits,
};

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
async fn an_oversized_message_is_refused_and_others_go_on() {
    let server = Server::start(&[]).await;
    let (mut other, _) = server.member("demo", Role::Watcher).await;
    for size in [limits::CLIENT_MESSAGE + 1, 1024 * 1024] {
        let mut client = server.client().await;
        // The server may close before it has all of it.
        let _ = client.send_raw(Message::text("x".repeat(size))).await;
        client.hear_end(ErrorCode::TooLarge, 1009).await;
    }
    let (mut client, _) = server.member("demo", Role::Watcher).await;
    client.say(&offer(1, &"x".repeat(limits::SDP + 1))).await;
    let message = client.hear_end(ErrorCode::TooLarge, 1009).await;
    assert!(message.contains("session description"), "{message}");
    let (mut client, _) = server.member("demo", Role::Watcher).await;
    let mut long = candidate();
    long.candidate = "x".repeat(limits::CANDIDATE + 1);
    client.say(&ClientMessage::Candidate { to: None, attempt: Attempt(1), candidate: long }).await;
    client.hear_end(ErrorCode::TooLarge, 1009).await;
    other.is_undisturbed().await;
}

#[tokio::test]
async fn the_largest_allowed_offer_passes() {
    let server = Server::start(&[]).await;
    let (mut broadcaster, _) = server.member("demo", Role::Broadcaster).await;
    let (mut watcher, _) = server.member("demo", Role::Watcher).await;
    broadcaster.hear().await;
    let sdp = "a".repeat(limits::SDP);
    watcher.say(&offer(1, &sdp)).await;
    match broadcaster.hear().await {
        ServerMessage::Offer { sdp: theirs, .. } => assert_eq!(theirs, sdp),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_flood_ends_the_flooder_only() {
    let server = Server::start(&[]).await;
    let (mut broadcaster, _) = server.member("demo", Role::Broadcaster).await;
    let (mut flooder, _) = server.member("demo", Role::Watcher).await;
    let (mut other, _) = server.member("demo", Role::Watcher).await;
    for _ in 0..400 {
        if flooder.send_raw(Message::text(support::pong())).await.is_err() {
            break;
        }
    }
    flooder.hear_end(ErrorCode::RateLimited, 1013).await;
    other.is_undisturbed().await;
    broadcaster.hear().await;
    broadcaster.hear().await;
    broadcaster.is_undisturbed().await;
}

#[tokio::test]
async fn too_many_offers_end_who_makes_them() {
    let server = Server::start(&[]).await;
    let (mut watcher, _) = server.member("demo", Role::Watcher).await;
    for number in 0..10 {
        watcher.say(&offer(number, "v=0")).await;
        assert!(matches!(watcher.hear().await, ServerMessage::Refused { .. }), "nobody is live");
    }
    assert_eq!(flood(&mut watcher, &offer(10, "v=0")).await, ErrorCode::RateLimited);
}

#[tokio::test]
async fn a_flood_of_what_is_passed_on_ends_the_flooders_only_though_the_broadcaster_does_not_read() {
    let server = Server::with_small_buffers(&[]);
    let (mut broadcaster, _) = server.member("demo", Role::Broadcaster).await;
    let (mut other, joined) = server.member("demo", Role::Watcher).await;
    let largest = IceCandidate { candidate: "x".repeat(limits::CANDIDATE), ..candidate() };
    let candidate = ClientMessage::Candidate { to: None, attempt: Attempt(1), candidate: largest };
    let offers = offer(1, &"x".repeat(limits::SDP));
    for message in [&offers, &offers, &candidate, &offers, &candidate, &offers] {
        let (mut flooder, _) = server.member("demo", Role::Watcher).await;
        assert_eq!(flood(&mut flooder, message).await, ErrorCode::RateLimited);
    }
    other.say(&offer(1, "v=0")).await;
    loop {
        match broadcaster.hear().await {
            ServerMessage::Offer { from, .. } if from == joined.you => break,
            ServerMessage::Error { code, .. } => panic!("{code:?}"),
            _ => {}
        }
    }
    broadcaster.is_undisturbed().await;
    other.is_undisturbed().await;
}

/// Says the same until an error comes, though less often than any message may be said: which one.
async fn flood(client: &mut Client, message: &ClientMessage) -> ErrorCode {
    for _ in 0..100 {
        client.say(message).await;
        match tokio::time::timeout(Duration::from_millis(1), client.hear()).await {
            Ok(ServerMessage::Error { code, .. }) => return code,
            Ok(ServerMessage::Refused { .. }) | Err(_) => {}
            Ok(other) => panic!("{other:?}"),
        }
    }
    panic!("it was let through")
}

#[tokio::test]
async fn a_broadcaster_may_answer_a_hundred_watchers_at_once() {
    let server = Server::start(&[]).await;
    let (mut broadcaster, _) = server.member("demo", Role::Broadcaster).await;
    let (mut watcher, joined) = server.member("demo", Role::Watcher).await;
    broadcaster.hear().await;
    let message =
        ClientMessage::Candidate { to: Some(joined.you), attempt: Attempt(1), candidate: candidate() };
    for round in 0..100 {
        broadcaster.say(&answer(joined.you, round, "v=0")).await;
        for _ in 0..15 {
            broadcaster.say(&message).await;
        }
        for _ in 0..16 {
            watcher.hear().await;
        }
    }
    broadcaster.is_undisturbed().await;
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
async fn guessing_passwords_ends_for_whoever_guesses_and_for_nobody_else() {
    let server = Server::start(&[]).await;
    let (mut broadcaster, _) = server.member("demo", Role::Broadcaster).await;
    let right = Password::parse("right").unwrap();
    let wrong = |number: u8| Password::parse(&format!("wrong {number}")).unwrap();
    let asking = ClientMessage::Admission { locked: false, password: Some(right.clone()), most: None };
    broadcaster.say(&asking).await;
    broadcaster.is_undisturbed().await;
    let knowing =
        |password: &Password| Join { password: Some(password.clone()), ..join("demo", Role::Watcher) };
    for number in 0..10 {
        let mut client = Client::connect(server.address, "127.0.0.2").await;
        client.say(&ClientMessage::Join(knowing(&wrong(number)))).await;
        client.hear_end(ErrorCode::PasswordWrong, 1008).await;
    }
    for password in [&wrong(10), &right] {
        let mut client = Client::connect(server.address, "127.0.0.2").await;
        client.say(&ClientMessage::Join(knowing(password))).await;
        let message = client.hear_end(ErrorCode::RateLimited, 1013).await;
        assert!(message.contains("password"), "{message}");
    }
    broadcaster.is_undisturbed().await;
}

#[tokio::test]
async fn a_password_of_the_wrong_form_is_malformed_and_not_repeated() {
    let server = Server::start(&[]).await;
    let mut client = server.client().await;
    let long = "x".repeat(limits::PASSWORD + 1);
    for password in ["", "a\\nb", &long] {
        let text = format!(
            "{{\"type\":\"join\",\"version\":1,\"room\":\"demo\",\"role\":\"watcher\",\"password\":\"{password}\"}}"
        );
        client.say_text(&text).await;
        let message = client.hear_error(ErrorCode::Malformed).await;
        assert!(message.contains("password") && !message.contains("xxx"), "{message}");
    }
    client.join(join("demo", Role::Watcher)).await;
}

#[tokio::test]
async fn too_many_watchers_and_rooms_are_refused() {
    let server =
        Server::start(&["--watchers-per-room", "2", "--max-rooms", "3", "--max-rooms-per-address", "2"])
            .await;
    let (_first, _) = server.member("demo", Role::Watcher).await;
    let (mut second, _) = server.member("demo", Role::Watcher).await;
    let mut third = server.client().await;
    third.say(&ClientMessage::Join(join("demo", Role::Watcher))).await;
    third.hear_end(ErrorCode::RoomFull, 1013).await;

    let (_other, _) = server.member("second", Role::Watcher).await;
    let mut over = server.client().await;
    over.say(&ClientMessage::Join(join("third", Role::Watcher))).await;
    let of_address = over.hear_end(ErrorCode::TooManyRooms, 1013).await;
    let mut elsewhere = Client::connect(server.address, "127.0.0.2").await;
    elsewhere.join(join("third", Role::Watcher)).await;
    let mut over = Client::connect(server.address, "127.0.0.2").await;
    over.say(&ClientMessage::Join(join("fourth", Role::Watcher))).await;
    let in_all = over.hear_end(ErrorCode::TooManyRooms, 1013).await;
    assert_ne!(of_address, in_all, "the two bounds are told apart");
    second.is_undisturbed().await;
}

#[tokio::test]
async fn too_many_connections_are_refused_and_places_become_free() {
    let server = Server::start(&["--max-connections", "3", "--max-connections-per-address", "2"]).await;
    let (mut first, _) = server.member("demo", Role::Watcher).await;
    let second = server.client().await;
    server.client().await.hear_end(ErrorCode::TooManyConnections, 1013).await;
    let _elsewhere = Client::connect(server.address, "127.0.0.2").await;
    let mut over = Client::connect(server.address, "127.0.0.3").await;
    over.hear_end(ErrorCode::TooManyConnections, 1013).await;
    first.is_undisturbed().await;

    second.close().await;
    let free = async {
        loop {
            let mut client = server.client().await;
            client.say(&ClientMessage::Join(join("demo", Role::Watcher))).await;
            if matches!(client.hear().await, ServerMessage::Joined(_)) {
                return;
            }
        }
    };
    tokio::time::timeout(support::PATIENCE, free).await.expect("the place becomes free");
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
            let response = request(server.address, "GET", "/signal", &headers).await;
            assert_eq!(response.status, status, "{origin}");
            assert!(response.text().contains("may not connect"), "{}", response.text());
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
