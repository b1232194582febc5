//! The test page: its steps, what they found, and what follows from it.

use vong_session::diagnosis::{Figures, Finding, Nat, NoEcho, NoRelay, NoServer, Skip, Step, Verdict};

use super::status::error;
use super::{Said, camera, devices, microphone, said, t};
use crate::driver::Devices;

/// How far the test is, by the number of the step under way.
pub(in crate::ui) fn progress(step: usize) -> Said {
    said(t().progress(&(step + 1).to_string(), &Step::ALL.len().to_string()), "")
}

/// The name of a step.
pub(in crate::ui) fn step(step: Step) -> &'static str {
    match step {
        Step::SecureOrigin => t().step_origin(),
        Step::Browser => t().step_browser(),
        Step::Devices => t().step_devices(),
        Step::Signaling => t().step_signaling(),
        Step::Stun => t().step_stun(),
        Step::TurnUdp => t().step_turn_udp(),
        Step::TurnTcp => t().step_turn_tcp(),
        Step::TurnTls => t().step_turn_tls(),
        Step::Echo => t().step_echo(),
    }
}

/// What a step found, and what to do about it.
pub(in crate::ui) fn finding(step: Step, finding: Finding, found: &Devices) -> Said {
    match finding {
        Finding::Waiting => Said::default(),
        Finding::Running if step == Step::Devices => said("", t().asking_how()),
        Finding::Running => said(t().under_way(), ""),
        Finding::Skipped(Skip::NotTold) => said(t().names_none(), ""),
        Finding::Skipped(Skip::RelayOnly) => said(t().relays_only(), ""),
        Finding::Skipped(Skip::Needs(Step::TurnUdp)) => said(t().no_relay_usable(), ""),
        Finding::Skipped(Skip::Needs(needed)) => said(t().needs(self::step(needed)), ""),
        Finding::SecureOrigin(true) => said(t().origin_trusted(), ""),
        Finding::SecureOrigin(false) => said(t().origin_distrusted(), t().insecure_how()),
        Finding::Browser(has) if has.connections && has.media => said(t().browser_able(), ""),
        Finding::Browser(_) => said(t().no_webrtc(), t().no_webrtc_how()),
        Finding::Devices { .. } => match *found {
            Devices::Ready { camera: Err(error), .. } => said(camera(error), ""),
            Devices::Ready { microphone: Err(error), .. } => said(microphone(error), ""),
            Devices::Failed(error) => devices(error),
            Devices::Ready { .. } => said(t().both_work(), ""),
            Devices::Asking | Devices::Closed => said(t().nobody_answered(), t().asking_how()),
        },
        Finding::Signaling(Ok(took)) => said(t().answers_within(&took.0.to_string()), ""),
        Finding::Signaling(Err(why)) => no_server(why),
        Finding::Stun(nat) => match nat {
            Nat::Open => said(t().nat_open(), ""),
            Nat::Independent => said(t().nat_independent(), ""),
            Nat::Symmetric => said(t().nat_symmetric(), ""),
            Nat::Unknown => said(t().nat_unknown(), ""),
            Nat::Local => said(t().nat_local(), t().nat_local_how()),
            Nat::Blocked => said(t().nat_blocked(), t().nat_blocked_how()),
        },
        Finding::Relay(Ok(took)) => said(t().works_within(&took.0.to_string()), ""),
        Finding::Relay(Err(NoRelay::Unreachable)) => said(t().not_reached(), t().not_reached_how()),
        Finding::Relay(Err(NoRelay::Refused(code))) => {
            said(t().refuses(&code.to_string()), t().tell_operator())
        }
        Finding::Echo(Ok(echo)) => said(figures(&echo), ""),
        Finding::Echo(Err(NoEcho::NotConnected)) => said(t().echo_not_connected(), t().tell_operator()),
        Finding::Echo(Err(NoEcho::NoMedia)) => said(t().echo_no_media(), t().tell_operator()),
    }
}

/// What the echo achieves.
pub(in crate::ui) fn figures(figures: &Figures) -> String {
    let round_trip = figures.round_trip.map_or_else(|| "?".to_owned(), |ms| ms.0.to_string());
    let loss = [&(figures.loss / 10).to_string(), ".", &(figures.loss % 10).to_string()].concat();
    t().figures(&round_trip, &loss, &figures.up.to_string(), &figures.down.to_string())
}

fn no_server(why: NoServer) -> Said {
    match why {
        NoServer::Refused(code) => error(code),
        NoServer::Unreachable => said(t().unreachable(), t().unreachable_how()),
        NoServer::Lost => said(t().server_lost(), t().server_lost_how()),
    }
}

/// What follows from the test for somebody about to go live.
pub(in crate::ui) fn verdict(verdict: Verdict) -> Said {
    match verdict {
        Verdict::NoWebrtc => said(t().no_webrtc(), t().no_webrtc_how()),
        Verdict::NoServer(why) => no_server(why),
        Verdict::Blocked => said(t().verdict_blocked(), t().verdict_blocked_how()),
        Verdict::NoRelay => said(t().verdict_no_relay(), t().hides_in_vain()),
        Verdict::RelayUnreachable { direct: true } => said(t().not_everyone(), t().verdict_relay_away()),
        Verdict::RelayUnreachable { direct: false } => said(t().verdict_nobody(), t().verdict_nobody_how()),
        Verdict::InsecureOrigin => said(t().verdict_insecure(), t().insecure_how()),
        Verdict::NoDevices => said(t().verdict_no_devices(), t().verdict_no_devices_how()),
        Verdict::EchoFailed => said(t().not_everyone(), t().verdict_echo_failed_how()),
        Verdict::Weak => said(t().verdict_weak(), t().verdict_weak_how()),
        Verdict::Ready => said(t().verdict_ready(), t().verdict_ready_how()),
        Verdict::Relayed => said(t().verdict_ready(), t().verdict_relayed_how()),
        Verdict::DirectOnly => said(t().not_everyone(), t().turn_on_turn()),
        Verdict::Strict => said(t().verdict_strict(), t().turn_on_turn()),
        Verdict::LocalOnly => said(t().verdict_local(), t().turn_on_turn()),
    }
}
