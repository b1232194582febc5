//! How a broadcast stands, for whoever makes it and whoever watches.

use vong_protocol::ErrorCode;
use vong_session::diagnosis::Verdict;
use vong_session::{Phase, Signaling, Status};

use super::{Said, said, t};

/// What a watcher is told over the picture; `None` while the picture speaks for itself.
pub(in crate::ui) fn watcher(status: &Status, room: &str) -> Option<Said> {
    if let (Some(code), false) = (status.error, status.phase == Phase::Live) {
        return Some(error(code));
    }
    let down = status.signaling == Signaling::Down;
    Some(match status.phase {
        Phase::Idle | Phase::Connecting if down => said(t().unreachable(), t().trying()),
        Phase::Idle | Phase::Connecting => said(t().connecting(), ""),
        Phase::Waiting => said(t().waiting(room), if down { t().waiting_alone() } else { t().waiting_how() }),
        Phase::Interrupted => said(t().interrupted(), t().interrupted_how()),
        Phase::Ended => said(t().ended(), t().ended_how()),
        Phase::Failed => said(t().did_not_work(), t().misunderstood()),
        Phase::Live => return None,
    })
}

/// What a broadcaster is told beside the preview; `None` while there is nothing to say.
pub(in crate::ui) fn broadcaster(status: &Status) -> Option<Said> {
    if let (Some(code), false) = (status.error, status.phase == Phase::Live) {
        return Some(error(code));
    }
    let down = status.signaling == Signaling::Down;
    Some(match status.phase {
        Phase::Connecting | Phase::Waiting if down => said(t().unreachable(), t().trying()),
        Phase::Connecting | Phase::Waiting => said(t().connecting(), ""),
        Phase::Live if down => said(t().you_are_live(), t().you_are_live_alone()),
        Phase::Live => said(t().you_are_live(), t().you_are_live_how()),
        Phase::Idle => return None,
        Phase::Interrupted => said(t().interrupted(), t().interrupted_live()),
        Phase::Ended => said(t().ended(), t().you_ended_how()),
        Phase::Failed => said(t().did_not_work(), t().misunderstood()),
    })
}

/// What each error of the server means for the person it happens to.
pub(super) fn error(code: ErrorCode) -> Said {
    match code {
        ErrorCode::RoomFull => said(t().room_full(), t().room_full_how()),
        ErrorCode::RoomLocked => said(t().room_locked(), t().room_locked_how()),
        ErrorCode::PasswordNeeded => said(t().password_needed(), t().password_needed_how()),
        ErrorCode::PasswordWrong => said(t().password_wrong(), t().password_wrong_how()),
        ErrorCode::TooManyRooms => said(t().too_many_rooms(), t().too_many_rooms_how()),
        ErrorCode::TooManyConnections => said(t().server_full(), t().server_full_how()),
        ErrorCode::RateLimited => said(t().rate_limited(), t().rate_limited_how()),
        ErrorCode::ShuttingDown => said(t().server_restarts(), t().trying()),
        ErrorCode::HeartbeatMissed | ErrorCode::SlowReader | ErrorCode::JoinTimeout => {
            said(t().too_slow(), t().trying())
        }
        ErrorCode::RoomTaken => said(t().room_taken(), t().room_taken_how()),
        ErrorCode::TakenOver => said(t().taken_over(), t().taken_over_how()),
        ErrorCode::Removed => said(t().removed(), t().removed_how()),
        ErrorCode::SessionReplaced => said(t().session_replaced(), t().session_replaced_how()),
        ErrorCode::UnsupportedVersion => said(t().out_of_date(), t().out_of_date_how()),
        ErrorCode::BadRoomId => said(t().room_name_wrong(), t().room_name_how()),
        ErrorCode::Malformed
        | ErrorCode::TooLarge
        | ErrorCode::NotJoined
        | ErrorCode::AlreadyJoined
        | ErrorCode::UnknownPeer
        | ErrorCode::WrongRole
        // Of calls, which are not made in rooms.
        | ErrorCode::BadName
        | ErrorCode::NameTaken
        | ErrorCode::TooManyNames
        | ErrorCode::Unknown => said(t().did_not_work(), t().misunderstood()),
    }
}

/// What is in the way between a broadcaster and a watcher, for whoever `watches` or broadcasts.
pub(in crate::ui) fn trouble(verdict: Verdict, watches: bool) -> &'static str {
    match verdict {
        Verdict::Blocked => t().trouble_blocked(),
        Verdict::NoRelay => t().hides_in_vain(),
        Verdict::RelayUnreachable { .. } => t().trouble_relay(),
        Verdict::DirectOnly | Verdict::Strict | Verdict::LocalOnly => t().trouble_no_relay(),
        _ if watches => t().trouble_other_watching(),
        _ => t().trouble_other_broadcasting(),
    }
}
