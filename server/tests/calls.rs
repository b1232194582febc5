//! Calls by name over real connections: who has a name, who hears of what, and that nobody's mistakes cost anybody else anything.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::{Client, PATIENCE, Server, join, tcp};
use tokio::time::{Instant, sleep};
use tokio_tungstenite::tungstenite::Message;
use vong_protocol::calls::{self, ClientMessage, EndReason, Refused, Register, ServerMessage, VERSION};
use vong_protocol::channel::Name;
use vong_protocol::{CallId, ErrorCode, NameSecret, Role, SessionToken};

/// A page under a name.
struct Page(Client);

fn token(number: u32) -> String {
    format!("{number:022}")
}

fn name(text: &str) -> Name {
    Name::parse(text).unwrap()
}

fn call(number: u32) -> CallId {
    CallId::parse(&token(number)).unwrap()
}

fn registering(text: &str, secret: u32, page: u32) -> ClientMessage {
    ClientMessage::Register(Register {
        version: VERSION,
        name: name(text),
        secret: NameSecret::parse(&token(secret)).unwrap(),
        page: SessionToken::parse(&token(page)).unwrap(),
        listed: true,
    })
}

impl Page {
    /// Connected, and nothing else.
    async fn new(server: &Server) -> Self {
        let stream = tcp(server.address, "127.0.0.1").await;
        Self(Client::over_path(stream, server.address, calls::PATH).await)
    }

    async fn named(server: &Server, text: &str, secret: u32, page: u32) -> Self {
        let mut client = Self::new(server).await;
        client.say(&registering(text, secret, page)).await;
        match client.hear().await {
            ServerMessage::Registered { name, heartbeat_ms } => {
                assert_eq!((name.as_str(), heartbeat_ms), (text.to_lowercase().as_str(), 4_000));
            }
            other => panic!("expected a name, heard {other:?}"),
        }
        client
    }

    async fn say(&mut self, message: &ClientMessage) {
        self.0.say_text(&message.to_json()).await;
    }

    /// The next message that is no ping.
    async fn hear(&mut self) -> ServerMessage {
        loop {
            match self.0.frame().await {
                Some(Message::Text(text)) => match ServerMessage::parse(&text).expect("a server message") {
                    ServerMessage::Ping {} => self.say(&ClientMessage::Pong {}).await,
                    message => return message,
                },
                other => panic!("expected a message, got {other:?}"),
            }
        }
    }

    async fn hears(&mut self, expected: ServerMessage) {
        assert_eq!(self.hear().await, expected);
    }

    async fn hears_end(&mut self, number: u32, reason: EndReason) {
        self.hears(ServerMessage::Ended { call: call(number), reason }).await;
    }

    async fn hears_error(&mut self, expected: ErrorCode) -> String {
        match self.hear().await {
            ServerMessage::Error { code, message } if code == expected => message,
            other => panic!("expected {expected:?}, heard {other:?}"),
        }
    }

    async fn calls(&mut self, number: u32, to: &str) {
        self.say(&ClientMessage::Call { call: call(number), to: name(to) }).await;
    }

    /// Nothing else was on its way, and the connection works.
    async fn is_undisturbed(&mut self) {
        self.0.say_text("?").await;
        self.hears_error(ErrorCode::Malformed).await;
    }
}

#[tokio::test]
async fn two_people_with_names_call_each_other() {
    let server = Server::start(&[]).await;
    let mut duy = Page::named(&server, "Duy", 1, 1).await;
    let (mut desk, mut phone) =
        (Page::named(&server, "napo", 2, 2).await, Page::named(&server, "napo", 2, 3).await);
    duy.say(&ClientMessage::Find { text: "n".to_owned() }).await;
    duy.hears(ServerMessage::Found { text: "n".to_owned(), names: vec![name("napo")] }).await;
    duy.calls(1, "Napo").await;
    duy.hears(ServerMessage::Ringing { call: call(1), pages: 2 }).await;
    for page in [&mut desk, &mut phone] {
        page.hears(ServerMessage::Incoming { call: call(1), from: name("duy") }).await;
    }
    phone.say(&ClientMessage::Accept { call: call(1) }).await;
    for page in [&mut duy, &mut phone] {
        page.hears(ServerMessage::Answered { call: call(1) }).await;
    }
    desk.hears_end(1, EndReason::Elsewhere).await;
    // They meet in the room that is named after the call, as in any other.
    let room = call(1).room();
    let (mut broadcaster, joined) = server.member(room.as_str(), Role::Broadcaster).await;
    assert_eq!(joined.room.id, room);
    let (_watcher, _) = server.member(room.as_str(), Role::Watcher).await;
    assert!(matches!(broadcaster.hear().await, vong_protocol::ServerMessage::WatcherJoined { .. }));
    duy.say(&ClientMessage::HangUp { call: call(1) }).await;
    duy.hears_end(1, EndReason::HungUp).await;
    phone.hears_end(1, EndReason::HungUp).await;
    desk.is_undisturbed().await;
}

#[tokio::test]
async fn a_page_whose_connection_is_gone_has_its_name_back_at_once_and_nobody_else_gets_it() {
    let server = Server::start(&[]).await;
    let duy = Page::named(&server, "duy", 1, 1).await;
    let mut napo = Page::named(&server, "napo", 2, 2).await;
    // As when a cable is pulled: the server does not know yet.
    let mut again = Page::named(&server, "duy", 1, 1).await;
    drop(duy);
    let mut thief = Page::new(&server).await;
    thief.say(&registering("duy", 3, 3)).await;
    thief.hears_error(ErrorCode::NameTaken).await;
    napo.calls(1, "duy").await;
    napo.hears(ServerMessage::Ringing { call: call(1), pages: 1 }).await;
    again.hears(ServerMessage::Incoming { call: call(1), from: name("napo") }).await;
}

#[tokio::test]
async fn names_are_taken_again_from_a_server_that_knows_nothing() {
    let server = Server::start(&[]).await;
    let address = server.address;
    drop(Page::named(&server, "duy", 1, 1).await);
    server.stop().await;
    let server = Server::start_at(address, &[]).await;
    let mut duy = Page::named(&server, "duy", 1, 1).await;
    let mut napo = Page::named(&server, "napo", 2, 2).await;
    napo.calls(1, "duy").await;
    duy.hears(ServerMessage::Incoming { call: call(1), from: name("napo") }).await;
}

#[tokio::test]
async fn a_name_is_free_once_it_was_given_up_or_its_grace_has_ended() {
    let flags = ["--session-grace", "100ms", "--name-grace", "100ms"];
    let server = Server::start(&flags).await;
    let mut duy = Page::named(&server, "duy", 1, 1).await;
    duy.say(&ClientMessage::Leave { release: true }).await;
    assert!(matches!(duy.0.frame().await, Some(Message::Close(_))));
    let other = Page::named(&server, "duy", 2, 2).await;
    drop(other);
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut third = Page::new(&server).await;
        third.say(&registering("duy", 3, 3)).await;
        match third.hear().await {
            ServerMessage::Registered { .. } => break,
            ServerMessage::Error { code: ErrorCode::NameTaken, .. } => {
                assert!(Instant::now() < deadline, "it is kept for ever");
                sleep(std::time::Duration::from_millis(20)).await;
            }
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn what_is_wrong_is_told_to_whoever_says_it_and_to_nobody_else() {
    let server = Server::start(&[]).await;
    let mut duy = Page::named(&server, "duy", 1, 1).await;
    let mut napo = Page::named(&server, "napo", 2, 2).await;
    duy.calls(1, "napo").await;
    duy.hears(ServerMessage::Ringing { call: call(1), pages: 1 }).await;
    napo.hears(ServerMessage::Incoming { call: call(1), from: name("duy") }).await;

    let mut client = Page::new(&server).await;
    client.calls(2, "duy").await;
    client.hears_error(ErrorCode::NotJoined).await;
    // What is said in rooms is not said here.
    client.0.say(&vong_protocol::ClientMessage::Join(join("demo", Role::Watcher))).await;
    client.hears_error(ErrorCode::Malformed).await;
    client.say(&registering("eve", 3, 3)).await;
    client.hears(ServerMessage::Registered { name: name("eve"), heartbeat_ms: 4_000 }).await;
    client.say(&registering("eve", 3, 3)).await;
    client.hears_error(ErrorCode::AlreadyJoined).await;
    // A call of others, which somebody has heard of.
    client.say(&ClientMessage::Accept { call: call(1) }).await;
    client.hears_end(1, EndReason::Gone).await;
    client.say(&ClientMessage::HangUp { call: call(1) }).await;
    client.hears_end(1, EndReason::Gone).await;
    client.say(&ClientMessage::Refuse { call: call(7), reason: Refused::Busy }).await;
    client.hears_end(7, EndReason::Gone).await;
    client.calls(8, "nobody").await;
    client.hears_end(8, EndReason::Unreachable).await;
    client.calls(9, "Eve").await;
    client.hears_end(9, EndReason::Yourself).await;

    let secret = token(4);
    let named = |name: &str| {
        format!(r#"{{"type":"register","version":1,"name":"{name}","secret":"{secret}","page":"{secret}"}}"#)
    };
    for (text, code, close) in [
        (named(""), ErrorCode::BadName, 1008),
        (named("\u{2060}\u{200b}"), ErrorCode::BadName, 1008),
        (named("<img src=x>"), ErrorCode::BadName, 1008),
        (named("nap\u{43e}"), ErrorCode::NameTaken, 1008),
        (named("eve").replace("\"version\":1", "\"version\":9"), ErrorCode::UnsupportedVersion, 1008),
        (named(&"x".repeat(40_000)), ErrorCode::TooLarge, 1009),
        (named(&"x".repeat(1_000_000)), ErrorCode::TooLarge, 1009),
    ] {
        let mut client = Page::new(&server).await;
        // The server may close before it has read all.
        let _ = client.0.send_raw(Message::text(text.clone())).await;
        client.hears_error(code).await;
        match client.0.frame().await {
            Some(Message::Close(Some(frame))) => assert_eq!(u16::from(frame.code), close, "{text:.60}"),
            other => panic!("{text:.60}: {other:?}"),
        }
    }
    for page in [&mut duy, &mut napo] {
        page.is_undisturbed().await;
    }
}

#[tokio::test]
async fn fifty_calls_in_a_row_are_too_many_and_nobody_else_is_hurt() {
    let server = Server::start(&[]).await;
    let mut pest = Page::named(&server, "pest", 1, 1).await;
    let mut napo = Page::named(&server, "napo", 2, 2).await;
    let mut rang = 0;
    for number in 0..50 {
        pest.calls(number, "napo").await;
        match pest.hear().await {
            ServerMessage::Ringing { .. } => {
                rang += 1;
                pest.say(&ClientMessage::HangUp { call: call(number) }).await;
                pest.hears_end(number, EndReason::Cancelled).await;
                napo.hears(ServerMessage::Incoming { call: call(number), from: name("pest") }).await;
                napo.hears_end(number, EndReason::Cancelled).await;
            }
            ServerMessage::Ended { reason: EndReason::TooFast, .. } => {}
            other => panic!("{other:?}"),
        }
    }
    assert!((6..10).contains(&rang), "{rang} rang");
    let mut duy = Page::named(&server, "duy", 3, 3).await;
    duy.calls(200, "napo").await;
    duy.hears(ServerMessage::Ringing { call: call(200), pages: 1 }).await;
}

#[tokio::test]
async fn whoever_floods_is_closed_alone() {
    let server = Server::start(&[]).await;
    let mut napo = Page::named(&server, "napo", 2, 2).await;
    let mut flood = Page::named(&server, "flood", 1, 1).await;
    for _ in 0..100 {
        if flood.0.send_raw(Message::text(r#"{"type":"find","text":""}"#)).await.is_err() {
            break;
        }
    }
    let error = loop {
        match flood.hear().await {
            ServerMessage::Found { .. } => {}
            other => break other,
        }
    };
    assert!(matches!(error, ServerMessage::Error { code: ErrorCode::RateLimited, .. }), "{error:?}");
    napo.is_undisturbed().await;
}

#[tokio::test]
async fn the_operator_decides_how_many_names_there_are_and_who_is_found() {
    let flags = ["--max-names-per-address", "2", "--directory", "hidden"];
    let server = Server::start(&flags).await;
    let mut duy = Page::named(&server, "duy", 1, 1).await;
    let _napo = Page::named(&server, "napo", 2, 2).await;
    let mut third = Page::new(&server).await;
    third.say(&registering("third", 3, 3)).await;
    let told = third.hears_error(ErrorCode::TooManyNames).await;
    assert!(told.contains("This network"), "{told}");
    duy.say(&ClientMessage::Find { text: "napo".to_owned() }).await;
    duy.hears(ServerMessage::Found { text: "napo".to_owned(), names: Vec::new() }).await;
}
