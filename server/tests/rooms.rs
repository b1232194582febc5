//! What members of a room see of each other: routing, presence, resuming, taking over.
#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test fails by panicking")]

mod support;

use support::{Server, answer, candidate, join, offer};
use vong_protocol::{
    Attempt, ClientMessage, Departure, ErrorCode, Join, Presence, RefuseReason, Role, ServerMessage,
};

const QUICK: &[&str] = &["--session-grace", "200ms", "--room-grace", "200ms"];

#[tokio::test]
async fn an_offer_sent_with_the_join_is_answered_and_candidates_go_both_ways() {
    let server = Server::start(&["--ice-server", "turn:turn.example:3478,anna,s3cret"]).await;
    let (mut broadcaster, own) = server.member("demo", Role::Broadcaster).await;
    assert!(own.key.is_some());
    assert_eq!(own.ice.ice_servers[0].urls, ["turn:turn.example:3478"]);
    assert_eq!(own.ice.ice_servers[0].credential.as_deref(), Some("s3cret"));

    let mut watcher = server.client().await;
    watcher.say(&ClientMessage::Join(join("demo", Role::Watcher))).await;
    watcher.say(&offer(1, "v=0 offer")).await;
    let mine = || ClientMessage::Candidate { to: None, attempt: Attempt(1), candidate: candidate() };
    watcher.say(&mine()).await;
    let ServerMessage::Joined(joined) = watcher.hear().await else { panic!("not joined") };
    let (from, attempt) = (joined.you, Attempt(1));
    assert_eq!(joined.room.broadcaster, Presence::Live { id: own.you });
    assert!(joined.key.is_none() && joined.room.watchers.is_empty());

    assert_eq!(broadcaster.hear().await, ServerMessage::WatcherJoined { id: from });
    let sdp = "v=0 offer".to_owned();
    assert_eq!(broadcaster.hear().await, ServerMessage::Offer { from, attempt, restart: false, sdp });
    assert_eq!(broadcaster.hear().await, ServerMessage::Candidate { from, attempt, candidate: candidate() });

    broadcaster.say(&answer(from, 1, "v=0 answer")).await;
    broadcaster.say(&ClientMessage::Candidate { to: Some(from), attempt, candidate: candidate() }).await;
    broadcaster.say(&ClientMessage::Refuse { to: from, attempt, reason: RefuseReason::Failed }).await;
    let sdp = "v=0 answer".to_owned();
    assert_eq!(watcher.hear().await, ServerMessage::Answer { from: own.you, attempt, sdp });
    assert_eq!(
        watcher.hear().await,
        ServerMessage::Candidate { from: own.you, attempt, candidate: candidate() }
    );
    assert_eq!(watcher.hear().await, ServerMessage::Refused { attempt, reason: RefuseReason::Failed });
    server.stop().await;
}

#[tokio::test]
async fn an_offer_to_an_empty_stage_is_refused() {
    let server = Server::start(&[]).await;
    let (mut watcher, _) = server.member("demo", Role::Watcher).await;
    watcher.say(&offer(3, "v=0")).await;
    let refused = ServerMessage::Refused { attempt: Attempt(3), reason: RefuseReason::NobodyLive };
    assert_eq!(watcher.hear().await, refused);
}

#[tokio::test]
async fn watchers_follow_the_broadcaster_through_live_away_absent_and_ended() {
    let server = Server::start(QUICK).await;
    let (mut watcher, snapshot) = server.member("demo", Role::Watcher).await;
    assert_eq!(snapshot.room.broadcaster, Presence::Absent);
    let (broadcaster, own) = server.member("demo", Role::Broadcaster).await;
    let id = own.you;
    watcher.hear_presence(Presence::Live { id }).await;
    broadcaster.close().await;
    watcher.hear_presence(Presence::Away { id }).await;

    let mut back = server.client().await;
    let again = Join { session: Some(own.session), ..join("demo", Role::Broadcaster) };
    assert_eq!(back.join(again.clone()).await.you, id);
    watcher.hear_presence(Presence::Live { id }).await;
    drop(back);
    watcher.hear_presence(Presence::Away { id }).await;
    watcher.hear_presence(Presence::Absent).await;

    let mut last = server.client().await;
    last.join(again).await;
    watcher.hear_presence(Presence::Live { id }).await;
    last.say(&ClientMessage::Leave {}).await;
    watcher.hear_presence(Presence::Ended).await;
}

#[tokio::test]
async fn the_broadcaster_is_told_who_left_and_who_was_lost() {
    let server = Server::start(QUICK).await;
    let (mut broadcaster, _) = server.member("demo", Role::Broadcaster).await;
    for (says_so, departure) in [(true, Departure::Left), (false, Departure::Lost)] {
        let (mut watcher, joined) = server.member("demo", Role::Watcher).await;
        let id = joined.you;
        assert_eq!(broadcaster.hear().await, ServerMessage::WatcherJoined { id });
        if says_so {
            watcher.say(&ClientMessage::Leave {}).await;
        }
        drop(watcher);
        assert_eq!(broadcaster.hear().await, ServerMessage::WatcherLeft { id, departure });
    }
}

#[tokio::test]
async fn a_watcher_that_resumes_keeps_its_id_and_is_announced_again() {
    let server = Server::start(&[]).await;
    let (mut broadcaster, _) = server.member("demo", Role::Broadcaster).await;
    let (watcher, first) = server.member("demo", Role::Watcher).await;
    let id = first.you;
    assert_eq!(broadcaster.hear().await, ServerMessage::WatcherJoined { id });
    watcher.close().await;
    let mut back = server.client().await;
    let again = Join { session: Some(first.session), ..join("demo", Role::Watcher) };
    let second = back.join(again).await;
    assert_eq!((second.you, second.session), (id, first.session));
    assert_eq!(broadcaster.hear().await, ServerMessage::WatcherJoined { id });
    broadcaster.is_undisturbed().await;
}

#[tokio::test]
async fn sessions_and_keys_outlive_the_server() {
    let server = Server::start(&[]).await;
    let (_broadcaster, own) = server.member("demo", Role::Broadcaster).await;
    let (_watcher, theirs) = server.member("demo", Role::Watcher).await;
    server.stop().await;

    let server = Server::start(&[]).await;
    let mut watcher = server.client().await;
    let again = Join { session: Some(theirs.session), ..join("demo", Role::Watcher) };
    assert_eq!(watcher.join(again).await.you, theirs.you);
    let mut broadcaster = server.client().await;
    let again = Join { session: Some(own.session), key: own.key, ..join("demo", Role::Broadcaster) };
    let joined = broadcaster.join(again).await;
    assert_eq!((joined.you, joined.key), (own.you, own.key));
    assert_eq!(joined.room.watchers, [theirs.you]);
    watcher.hear_presence(Presence::Live { id: own.you }).await;
}

#[tokio::test]
async fn the_older_connection_of_a_session_is_told_that_it_is_replaced() {
    let server = Server::start(&[]).await;
    let (mut older, first) = server.member("demo", Role::Watcher).await;
    let mut newer = server.client().await;
    let again = Join { session: Some(first.session), ..join("demo", Role::Watcher) };
    assert_eq!(newer.join(again).await.you, first.you);
    older.hear_end(ErrorCode::SessionReplaced, 1008).await;
    newer.is_undisturbed().await;
}

#[tokio::test]
async fn a_broadcaster_that_replaces_its_connection_is_live_to_watchers_all_the_while() {
    let server = Server::start(&[]).await;
    let (mut older, own) = server.member("demo", Role::Broadcaster).await;
    let (mut watcher, joined) = server.member("demo", Role::Watcher).await;
    older.hear().await;
    let mut newer = server.client().await;
    let again = newer.join(Join { session: Some(own.session), ..join("demo", Role::Broadcaster) }).await;
    assert_eq!((again.you, again.room.watchers), (own.you, vec![joined.you]));
    watcher.hear_presence(Presence::Live { id: own.you }).await;
    older.hear_end(ErrorCode::SessionReplaced, 1008).await;
    watcher.is_undisturbed().await;
    watcher.say(&offer(1, "v=0")).await;
    assert!(matches!(newer.hear().await, ServerMessage::Offer { .. }), "offers go to the newer connection");
}

#[tokio::test]
async fn with_the_key_another_page_takes_over_and_the_earlier_one_is_told() {
    let server = Server::start(&[]).await;
    let (mut earlier, own) = server.member("demo", Role::Broadcaster).await;
    let (mut watcher, _) = server.member("demo", Role::Watcher).await;
    earlier.hear().await;
    let mut later = server.client().await;
    let joined = later.join(Join { key: own.key, ..join("demo", Role::Broadcaster) }).await;
    earlier.hear_end(ErrorCode::TakenOver, 1008).await;
    watcher.hear_presence(Presence::Live { id: joined.you }).await;
    later.is_undisturbed().await;
}

#[tokio::test]
async fn an_empty_room_is_given_up_after_its_grace() {
    let server = Server::start(QUICK).await;
    let (mut owner, _) = server.member("demo", Role::Broadcaster).await;
    owner.say(&ClientMessage::Leave {}).await;
    drop(owner);
    let free = async {
        loop {
            let mut other = server.client().await;
            other.say(&ClientMessage::Join(join("demo", Role::Broadcaster))).await;
            match other.hear().await {
                ServerMessage::Joined(_) => return,
                ServerMessage::Error { code: ErrorCode::RoomTaken, .. } => {}
                other => panic!("{other:?}"),
            }
        }
    };
    tokio::time::timeout(support::PATIENCE, free).await.expect("the room becomes free");
}

#[tokio::test]
async fn shutdown_is_told_to_everyone() {
    let server = Server::start(&[]).await;
    let (mut broadcaster, _) = server.member("demo", Role::Broadcaster).await;
    let (mut watcher, _) = server.member("demo", Role::Watcher).await;
    let mut silent = server.client().await;
    broadcaster.hear().await;
    server.ask_to_stop();
    for client in [&mut broadcaster, &mut watcher, &mut silent] {
        client.hear_end(ErrorCode::ShuttingDown, 1001).await;
    }
    server.stop().await;
}
