//! Who may watch, as the broadcaster decides and the server enforces.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::{Client, Server, join};
use vong_protocol::{
    ClientMessage, Departure, ErrorCode, Join, Password, Presence, Role, ServerMessage, limits,
};

fn password(text: &str) -> Password {
    Password::parse(text).unwrap()
}

/// Nothing is asked for.
const OPEN: ClientMessage = ClientMessage::Admission { locked: false, password: None, most: None };

/// Newcomers have to know this.
fn asking(text: &str) -> ClientMessage {
    ClientMessage::Admission { locked: false, password: Some(password(text)), most: None }
}

fn watch() -> Join {
    join("demo", Role::Watcher)
}

fn knowing(text: &str) -> Join {
    Join { password: Some(password(text)), ..watch() }
}

/// Decides something, and waits until it holds.
async fn decide(broadcaster: &mut Client, message: ClientMessage) {
    broadcaster.say(&message).await;
    broadcaster.is_undisturbed().await;
}

/// Somebody from this address who asks to watch is refused.
async fn is_refused(server: &Server, source: &str, join: Join, code: ErrorCode, close: u16) {
    let mut client = Client::connect(server.address, source).await;
    client.say(&ClientMessage::Join(join)).await;
    client.hear_end(code, close).await;
}

#[tokio::test]
async fn newcomers_are_asked_what_the_broadcaster_wants_and_members_are_not() {
    let server = Server::start(&[]).await;
    let (mut broadcaster, _) = server.member("demo", Role::Broadcaster).await;
    decide(&mut broadcaster, OPEN).await;
    let (mut inside, joined) = server.member("demo", Role::Watcher).await;
    broadcaster.hear().await;

    decide(&mut broadcaster, ClientMessage::Admission { locked: true, password: None, most: None }).await;
    is_refused(&server, "127.0.0.1", watch(), ErrorCode::RoomLocked, 1013).await;
    decide(&mut broadcaster, asking("mật khẩu")).await;
    is_refused(&server, "127.0.0.1", watch(), ErrorCode::PasswordNeeded, 1008).await;
    is_refused(&server, "127.0.0.1", knowing("mat khau"), ErrorCode::PasswordWrong, 1008).await;
    decide(&mut broadcaster, ClientMessage::Admission { locked: false, password: None, most: Some(1) }).await;
    is_refused(&server, "127.0.0.1", watch(), ErrorCode::RoomFull, 1013).await;
    broadcaster.is_undisturbed().await;
    inside.is_undisturbed().await;

    decide(&mut broadcaster, asking("mật khẩu")).await;
    server.client().await.join(knowing("mật khẩu")).await;
    inside.close().await;
    let again = Join { session: Some(joined.session), ..watch() };
    assert_eq!(server.client().await.join(again).await.you, joined.you, "it is not asked again");
}

#[tokio::test]
async fn who_came_before_the_broadcaster_is_asked_for_the_password_that_it_wants_at_first_and_for_no_later_one()
 {
    let server = Server::start(&[]).await;
    for comes_to_ask_later in [false, true] {
        let room = if comes_to_ask_later { "later" } else { "demo" };
        let (mut stranger, theirs) = server.member(room, Role::Watcher).await;
        let knowing = Join { password: Some(password("sesame")), ..join(room, Role::Watcher) };
        let mut honest = server.client().await;
        honest.join(knowing).await;
        let (mut broadcaster, joined) = server.member(room, Role::Broadcaster).await;
        for watcher in [&mut stranger, &mut honest] {
            watcher.hear_presence(Presence::Live { id: joined.you }).await;
        }
        if comes_to_ask_later {
            decide(&mut broadcaster, OPEN).await;
            decide(&mut broadcaster, asking("sesame")).await;
            stranger.is_undisturbed().await;
        } else {
            broadcaster.say(&asking("sesame")).await;
            stranger.hear_end(ErrorCode::PasswordNeeded, 1008).await;
            let lost = ServerMessage::WatcherLeft { id: theirs.you, departure: Departure::Lost };
            assert_eq!(broadcaster.hear().await, lost);
        }
        honest.is_undisturbed().await;
    }
}

#[tokio::test]
async fn a_watcher_that_is_removed_is_told_and_may_come_back_unless_it_is_barred() {
    let server = Server::start(&[]).await;
    let (mut broadcaster, own) = server.member("demo", Role::Broadcaster).await;
    let (mut other, _) = server.member("demo", Role::Watcher).await;
    broadcaster.hear().await;
    let mut session = None;
    for bar in [false, true] {
        let mut watcher = Client::connect(server.address, "127.0.0.2").await;
        let joined = watcher.join(Join { session, ..watch() }).await;
        let id = joined.you;
        session = Some(joined.session);
        assert_eq!(broadcaster.hear().await, ServerMessage::WatcherJoined { id });
        broadcaster.say(&ClientMessage::Remove { id, bar }).await;
        watcher.hear_end(ErrorCode::Removed, 1008).await;
        let left = ServerMessage::WatcherLeft { id, departure: Departure::Left };
        assert_eq!(broadcaster.hear().await, left);
    }
    let theirs = Join { session, ..watch() };
    is_refused(&server, "127.0.0.2", watch(), ErrorCode::Removed, 1008).await;
    is_refused(&server, "127.0.0.3", theirs.clone(), ErrorCode::Removed, 1008).await;

    // The page is loaded anew: another session, with the room's key.
    let mut reloaded = server.client().await;
    let joined = reloaded.join(Join { key: own.key, ..join("demo", Role::Broadcaster) }).await;
    broadcaster.hear_end(ErrorCode::TakenOver, 1008).await;
    other.hear_presence(Presence::Live { id: joined.you }).await;
    is_refused(&server, "127.0.0.3", theirs.clone(), ErrorCode::Removed, 1008).await;
    decide(&mut reloaded, ClientMessage::Unbar {}).await;
    server.client().await.join(theirs).await;
    other.is_undisturbed().await;
}

#[tokio::test]
async fn guessing_passwords_ends_for_whoever_guesses_and_for_nobody_else() {
    let server = Server::start(&[]).await;
    let (mut broadcaster, _) = server.member("demo", Role::Broadcaster).await;
    decide(&mut broadcaster, asking("right")).await;
    for number in 0..10 {
        let wrong = knowing(&format!("wrong {number}"));
        is_refused(&server, "127.0.0.2", wrong, ErrorCode::PasswordWrong, 1008).await;
    }
    for text in ["wrong 10", "right"] {
        let mut client = Client::connect(server.address, "127.0.0.2").await;
        client.say(&ClientMessage::Join(knowing(text))).await;
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
