//! Every bound holds against whoever goes beyond it, and nobody else notices.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use std::time::Duration;

use support::{Client, Server, answer, candidate, join, offer};
use tokio_tungstenite::tungstenite::Message;
use vong_protocol::{Attempt, ClientMessage, ErrorCode, IceCandidate, Role, ServerMessage, limits};

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
