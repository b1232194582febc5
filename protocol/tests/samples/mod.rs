//! Every message: its name, and examples of it.
#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "each suite uses its part; a wrong sample should stop the test"
)]

use vong_protocol::{
    Attempt, BroadcasterKey, ClientMessage, Departure, ErrorCode, Ice, IceCandidate, IceServer, Join, Joined,
    Password, PeerId, Presence, RefuseReason, Role, RoomId, RoomSnapshot, ServerMessage, SessionToken,
    VERSION,
};

fn peer() -> PeerId {
    PeerId::parse("Zm9vYmFyYmF6cXV4").unwrap()
}

fn secret() -> String {
    "c2Vzc2lvbi10b2tlbi0xMjM".chars().take(22).collect()
}

pub(crate) fn candidate(text: String) -> IceCandidate {
    IceCandidate {
        candidate: text,
        sdp_mid: Some("0".to_owned()),
        sdp_m_line_index: Some(0),
        username_fragment: Some("aB3d".to_owned()),
    }
}

/// The list of all names on the wire, and the name of one message. The list is also the match, so that a new variant
/// does not compile before it is in the list.
macro_rules! names {
    ($list:ident, $name_of:ident, $message:ident { $($variant:ident = $name:literal),+ $(,)? }) => {
        pub(crate) const $list: &[&str] = &[$($name),+];

        pub(crate) fn $name_of(message: &$message) -> &'static str {
            match message {
                $($message::$variant { .. } => $name),+
            }
        }
    };
}

names!(CLIENT_NAMES, client_name, ClientMessage {
    Join = "join",
    Offer = "offer",
    Answer = "answer",
    Candidate = "candidate",
    Refuse = "refuse",
    Admission = "admission",
    Remove = "remove",
    Unbar = "unbar",
    Pong = "pong",
    Leave = "leave",
});

names!(SERVER_NAMES, server_name, ServerMessage {
    Joined = "joined",
    Broadcaster = "broadcaster",
    Ice = "ice",
    WatcherJoined = "watcher_joined",
    WatcherLeft = "watcher_left",
    Offer = "offer",
    Answer = "answer",
    Candidate = "candidate",
    Refused = "refused",
    Ping = "ping",
    Error = "error",
});

pub(crate) fn client() -> Vec<ClientMessage> {
    let join = Join {
        version: VERSION,
        room: RoomId::parse("demo").unwrap(),
        role: Role::Watcher,
        key: None,
        session: None,
        password: None,
    };
    let password = || Password::parse("mật khẩu “1”").ok();
    let resuming = Join {
        role: Role::Broadcaster,
        key: BroadcasterKey::parse(&secret()).ok(),
        session: SessionToken::parse(&secret()).ok(),
        ..join.clone()
    };
    let knowing = Join { password: password(), ..join.clone() };
    let attempt = Attempt(7);
    let sdp = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\n".to_owned();
    let mut all = vec![
        ClientMessage::Join(join),
        ClientMessage::Join(resuming),
        ClientMessage::Join(knowing),
        ClientMessage::Offer { attempt, restart: false, sdp: sdp.clone() },
        ClientMessage::Offer { attempt, restart: true, sdp: sdp.clone() },
        ClientMessage::Answer { to: peer(), attempt, sdp },
        ClientMessage::Candidate { to: None, attempt, candidate: candidate(String::new()) },
        ClientMessage::Candidate {
            to: Some(peer()),
            attempt,
            candidate: candidate("candidate:1".to_owned()),
        },
        ClientMessage::Admission { locked: false, password: None, most: None },
        ClientMessage::Admission { locked: true, password: password(), most: Some(u32::MAX) },
        ClientMessage::Remove { id: peer(), bar: false },
        ClientMessage::Remove { id: peer(), bar: true },
        ClientMessage::Unbar {},
        ClientMessage::Pong {},
        ClientMessage::Leave {},
    ];
    for reason in
        [RefuseReason::NobodyLive, RefuseReason::NoConnection, RefuseReason::Failed, RefuseReason::Removed]
    {
        all.push(ClientMessage::Refuse { to: peer(), attempt, reason });
    }
    all
}

pub(crate) fn server() -> Vec<ServerMessage> {
    let attempt = Attempt(u32::MAX);
    let sdp = "v=0\r\n".to_owned();
    let presences =
        [Presence::Absent, Presence::Live { id: peer() }, Presence::Away { id: peer() }, Presence::Ended];
    let ice = || Ice {
        ice_servers: vec![
            IceServer { urls: vec!["stun:a.example".to_owned()], username: None, credential: None },
            IceServer {
                urls: vec!["turn:a.example".to_owned(), "turns:a.example".to_owned()],
                username: Some("u".to_owned()),
                credential: Some("c".to_owned()),
            },
        ],
        relay_only: true,
    };
    let joined = |broadcaster, watchers| {
        ServerMessage::Joined(Box::new(Joined {
            you: peer(),
            session: SessionToken::parse(&secret()).unwrap(),
            key: BroadcasterKey::parse(&secret()).ok(),
            heartbeat_ms: 4_000,
            ice: ice(),
            room: RoomSnapshot { id: RoomId::parse("demo").unwrap(), broadcaster, watchers },
        }))
    };
    let mut all = vec![
        joined(Presence::Absent, Vec::new()),
        joined(Presence::Live { id: peer() }, vec![peer(), peer()]),
        ServerMessage::Ice(ice()),
        ServerMessage::Ice(Ice { relay_only: false, ..ice() }),
        ServerMessage::WatcherJoined { id: peer() },
        ServerMessage::WatcherLeft { id: peer(), departure: Departure::Left },
        ServerMessage::WatcherLeft { id: peer(), departure: Departure::Lost },
        ServerMessage::Offer { from: peer(), attempt, restart: true, sdp: sdp.clone() },
        ServerMessage::Answer { from: peer(), attempt, sdp },
        ServerMessage::Candidate { from: peer(), attempt, candidate: candidate("x".to_owned()) },
        ServerMessage::Ping {},
    ];
    all.extend(presences.map(|presence| ServerMessage::Broadcaster { presence }));
    let reasons = [RefuseReason::NobodyLive, RefuseReason::NoConnection, RefuseReason::Failed];
    all.extend(reasons.map(|reason| ServerMessage::Refused { attempt, reason }));
    all.extend(ErrorCode::ALL.map(|code| ServerMessage::Error { code, message: code.text().to_owned() }));
    all
}
