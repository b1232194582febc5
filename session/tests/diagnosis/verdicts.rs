//! What all findings come to.

use proptest::prelude::*;
use vong_protocol::{ErrorCode, Ice};
use vong_session::diagnosis::{
    Diagnosis, Features, Figures, Finding, Nat, NoEcho, NoRelay, NoServer, Skip, State, Step, Verdict,
    is_trouble,
};
use vong_session::{Phase, Signaling, Status};

use crate::{GOOD, TOLD, UNTOLD, any_finding, healthy, ice, with};

fn relay_only(mut diagnosis: Diagnosis) -> Diagnosis {
    diagnosis.relay_only = true;
    diagnosis
}

fn relays(finding: Finding) -> [(Step, Finding); 3] {
    [Step::TurnUdp, Step::TurnTcp, Step::TurnTls].map(|step| (step, finding))
}

const UNREACHED: Finding = Finding::Relay(Err(NoRelay::Unreachable));
const NO_ECHO: (Step, Finding) = (Step::Echo, Finding::Skipped(Skip::Needs(Step::TurnUdp)));

#[test]
fn every_finding_leads_to_its_verdict() {
    let and = |relays: [(Step, Finding); 3], more: &[(Step, Finding)]| with(&[&relays[..], more].concat());
    let stun = |nat| (Step::Stun, Finding::Stun(nat));
    let missing = Finding::Devices { camera: Err("denied"), microphone: Err("denied") };
    let weak = Figures { up: 20, room: 20, ..GOOD };
    let quiet = Figures { up: 20, ..GOOD };
    let lossy = Figures { loss: 300, ..GOOD };
    let sound = Figures { up: 30, room: 30, picture: false, ..GOOD };
    let no_webrtc = Finding::Browser(Features { connections: false, media: true });
    let cases = [
        ("all is well", healthy(), Verdict::Ready),
        ("no NAT", with(&[stun(Nat::Open)]), Verdict::Ready),
        ("a NAT of unknown kind", with(&[stun(Nat::Unknown)]), Verdict::Ready),
        ("a server on this computer", with(&[stun(Nat::Local)]), Verdict::Ready),
        ("a strict NAT", with(&[stun(Nat::Symmetric)]), Verdict::Relayed),
        ("UDP is blocked", with(&[stun(Nat::Blocked), (Step::TurnUdp, UNREACHED)]), Verdict::Relayed),
        ("TLS alone passes", with(&[(Step::TurnUdp, UNREACHED), (Step::TurnTcp, UNREACHED)]), Verdict::Ready),
        ("no relay is told", and(relays(UNTOLD), &[NO_ECHO]), Verdict::DirectOnly),
        ("no relay answers", and(relays(UNREACHED), &[NO_ECHO]), Verdict::RelayUnreachable { direct: true }),
        (
            "no relay takes the credentials",
            and(relays(Finding::Relay(Err(NoRelay::Refused(401)))), &[NO_ECHO]),
            Verdict::RelayUnreachable { direct: true },
        ),
        ("strict, and no relay", and(relays(UNTOLD), &[stun(Nat::Symmetric), NO_ECHO]), Verdict::Strict),
        ("nothing gets out", and(relays(UNREACHED), &[stun(Nat::Blocked), NO_ECHO]), Verdict::Blocked),
        ("no servers", and(relays(UNTOLD), &[(Step::Stun, UNTOLD), NO_ECHO]), Verdict::LocalOnly),
        (
            "no STUN, no relay answers",
            and(relays(UNREACHED), &[(Step::Stun, UNTOLD), NO_ECHO]),
            Verdict::RelayUnreachable { direct: false },
        ),
        ("no STUN is told", with(&[(Step::Stun, UNTOLD)]), Verdict::Relayed),
        ("plain HTTP", with(&[(Step::SecureOrigin, Finding::SecureOrigin(false))]), Verdict::InsecureOrigin),
        (
            "plain HTTP, nothing gets out",
            and(
                relays(UNREACHED),
                &[stun(Nat::Blocked), NO_ECHO, (Step::SecureOrigin, Finding::SecureOrigin(false))],
            ),
            Verdict::Blocked,
        ),
        ("no WebRTC", with(&[(Step::Browser, no_webrtc)]), Verdict::NoWebrtc),
        ("no devices", with(&[(Step::Devices, missing)]), Verdict::NoDevices),
        (
            "no server",
            with(&[(Step::Signaling, Finding::Signaling(Err(NoServer::Unreachable)))]),
            Verdict::NoServer(NoServer::Unreachable),
        ),
        (
            "a full server",
            with(&[(Step::Signaling, Finding::Signaling(Err(NoServer::Refused(ErrorCode::TooManyRooms))))]),
            Verdict::NoServer(NoServer::Refused(ErrorCode::TooManyRooms)),
        ),
        (
            "the server went",
            with(&[(Step::Signaling, Finding::Signaling(Err(NoServer::Lost)))]),
            Verdict::NoServer(NoServer::Lost),
        ),
        ("no echo", with(&[(Step::Echo, Finding::Echo(Err(NoEcho::NotConnected)))]), Verdict::EchoFailed),
        ("a silent echo", with(&[(Step::Echo, Finding::Echo(Err(NoEcho::NoMedia)))]), Verdict::EchoFailed),
        ("a slow line", with(&[(Step::Echo, Finding::Echo(Ok(weak)))]), Verdict::Weak),
        ("a picture in which nothing moves", with(&[(Step::Echo, Finding::Echo(Ok(quiet)))]), Verdict::Ready),
        ("a lossy line", with(&[(Step::Echo, Finding::Echo(Ok(lossy)))]), Verdict::Weak),
        ("sound alone", with(&[(Step::Echo, Finding::Echo(Ok(sound)))]), Verdict::Ready),
    ];
    for (what, diagnosis, verdict) in cases {
        assert_eq!(diagnosis.verdict(), Some(verdict), "{what}");
    }
}

#[test]
fn with_relays_alone_nothing_direct_counts() {
    let only = |diagnosis| relay_only(diagnosis).verdict();
    let stun = (Step::Stun, Finding::Skipped(Skip::RelayOnly));
    assert_eq!(only(with(&[stun])), Some(Verdict::Relayed));
    assert_eq!(only(with(&[&relays(UNTOLD)[..], &[stun]].concat())), Some(Verdict::NoRelay));
    let unreachable = Some(Verdict::RelayUnreachable { direct: false });
    assert_eq!(only(with(&[&relays(UNREACHED)[..], &[stun]].concat())), unreachable);
    let direct = [&relays(UNREACHED)[..], &[(Step::Stun, Finding::Stun(Nat::Open))]].concat();
    assert_eq!(only(with(&direct)), unreachable);
}

#[test]
fn there_is_no_verdict_while_a_step_is_under_way() {
    assert_eq!(Diagnosis::default().verdict(), None);
    for step in Step::ALL {
        assert_eq!(with(&[(step, Finding::Running)]).verdict(), None, "{step:?}");
    }
}

#[test]
fn stun_and_turn_alone_are_enough_for_the_quick_look() {
    let mut quick = Diagnosis::default();
    quick.found(Step::Stun, Finding::Stun(Nat::Blocked));
    for (step, finding) in relays(UNTOLD) {
        quick.found(step, finding);
    }
    assert_eq!(quick.verdict(), Some(Verdict::Blocked));
}

#[test]
fn what_a_failed_step_makes_pointless_is_skipped() {
    let told = ice(&TOLD);
    let skipped = |diagnosis: &Diagnosis| -> Vec<(Step, Skip)> {
        Step::ALL.iter().filter_map(|step| Some((*step, diagnosis.skip(*step, &told)?))).collect()
    };
    assert_eq!(skipped(&healthy()), []);
    let needs = |steps: &[Step], needed| -> Vec<_> {
        steps.iter().map(|step| (*step, Skip::Needs(needed))).collect()
    };
    let insecure = with(&[(Step::SecureOrigin, Finding::SecureOrigin(false))]);
    assert_eq!(skipped(&insecure), needs(&[Step::Devices], Step::SecureOrigin));
    let old = with(&[(Step::Browser, Finding::Browser(Features { connections: false, media: false }))]);
    let all =
        [Step::Devices, Step::Signaling, Step::Stun, Step::TurnUdp, Step::TurnTcp, Step::TurnTls, Step::Echo];
    assert_eq!(skipped(&old), needs(&all, Step::Browser));
    let away = with(&[(Step::Signaling, Finding::Signaling(Err(NoServer::Unreachable)))]);
    assert_eq!(skipped(&away), needs(&all[2..], Step::Signaling));
    let none = Finding::Devices { camera: Err("denied"), microphone: Err("denied") };
    assert_eq!(skipped(&with(&[(Step::Devices, none)])), needs(&[Step::Echo], Step::Devices));
    assert_eq!(skipped(&with(&relays(UNREACHED))), needs(&[Step::Echo], Step::TurnUdp));
    let hidden = relay_only(healthy());
    assert_eq!(skipped(&hidden), [(Step::Stun, Skip::RelayOnly)]);
    for (step, skip) in
        [(Step::Stun, None), (Step::TurnUdp, Some(Skip::NotTold)), (Step::Echo, Some(Skip::NotTold))]
    {
        assert_eq!(healthy().skip(step, &ice(&["stun:h"])), skip, "{step:?}");
    }
    assert_eq!(healthy().skip(Step::Stun, &Ice::default()), Some(Skip::NotTold));
}

#[test]
fn trouble_is_media_that_does_not_come_while_somebody_is_live() {
    let status = |phase, signaling, watchers, viewing| Status {
        phase,
        signaling,
        watchers,
        viewing,
        ..Status::default()
    };
    for (what, status, trouble) in [
        ("connecting to who is live", status(Phase::Connecting, Signaling::Up, 0, 0), true),
        ("interrupted", status(Phase::Interrupted, Signaling::Up, 0, 0), true),
        ("interrupted without the server", status(Phase::Interrupted, Signaling::Down, 0, 0), false),
        ("connecting to the server", status(Phase::Connecting, Signaling::Connecting, 0, 0), false),
        ("watching", status(Phase::Live, Signaling::Up, 0, 0), false),
        ("nobody is live", status(Phase::Waiting, Signaling::Up, 0, 0), false),
        ("a room in which nobody sees", status(Phase::Live, Signaling::Up, 2, 0), true),
        ("a room in which somebody does", status(Phase::Live, Signaling::Up, 2, 1), false),
    ] {
        assert_eq!(is_trouble(&status), trouble, "{what}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_diagnosis_has_a_verdict_or_none(findings in prop::collection::vec(any_finding(), Step::ALL.len())) {
        let mut diagnosis = Diagnosis::default();
        Step::ALL.iter().zip(findings).for_each(|(step, finding)| diagnosis.found(*step, finding));
        let running = Step::ALL.iter().any(|step| diagnosis.state(*step) == State::Running);
        prop_assert!(!running || diagnosis.verdict().is_none());
    }
}
