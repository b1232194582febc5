//! The test of a connection: kinds of NAT, every step's failure, verdicts, figures, and what a report must not tell.
#![cfg(not(target_arch = "wasm32"))]

use proptest::prelude::*;
use vong_protocol::{ErrorCode, Ice, IceServer, limits};
use vong_session::diagnosis::{
    Candidate, Diagnosis, Features, Figures, Finding, Gathered, Kind, Nat, NoEcho, NoRelay, NoServer,
    Reading, RelayTransport, Skip, State, Step, Verdict, has_relay, is_trouble, relay, report, stun,
};
use vong_session::{Millis, Phase, Signaling, Status, Time, bounds};

const HOST: &str = "candidate:1 1 udp 2122260223 192.168.1.7 50000 typ host generation 0";
const HIDDEN: &str = "candidate:1 1 udp 2122260223 0e1c.local 50000 typ host";
const LAN: &str = "candidate:5 1 udp 2122194687 10.8.0.2 50100 typ host";

fn reflexive(address: &str, port: u16, base: Option<(&str, u16)>) -> String {
    let (raddr, rport) = base.unwrap_or(("0.0.0.0", 0));
    format!(
        "candidate:2 1 udp 1686052607 {address} {port} typ srflx raddr {raddr} rport {rport} generation 0"
    )
}

fn gathered(lines: &[&str], errors: usize, complete: bool) -> Gathered {
    let mut gathered = Gathered::default();
    gathered.complete = complete;
    for line in lines {
        gathered.candidate(line);
    }
    for _ in 0..errors {
        gathered.error(701);
    }
    gathered
}

/// What it is, the lines, the errors, whether the browser was done, how many destinations were asked, and the kind of NAT.
type Case<'a> = (&'static str, &'a [&'a str], usize, bool, usize, Nat);

#[test]
fn the_kind_of_nat_is_told_from_what_two_destinations_saw() {
    let base = Some(("192.168.1.7", 50000));
    let one = reflexive("203.0.113.5", 50000, base);
    let other = reflexive("203.0.113.5", 61234, base);
    let elsewhere = reflexive("203.0.113.5", 61234, Some(("10.8.0.2", 50100)));
    let (hidden, hidden_other) = (reflexive("203.0.113.5", 1, None), reflexive("203.0.113.5", 2, None));
    let own = reflexive("192.168.1.7", 50000, base);
    let cases: [Case; 15] = [
        ("one mapping", &[HOST, &one], 0, true, 2, Nat::Independent),
        ("two mappings of one base", &[HOST, &one, &other], 0, true, 2, Nat::Symmetric),
        ("before the browser is done", &[HOST, &one, &other], 0, false, 2, Nat::Symmetric),
        ("two interfaces, a mapping each", &[HOST, LAN, &one, &elsewhere], 0, true, 2, Nat::Independent),
        ("hidden base, one mapping", &[HIDDEN, &hidden], 0, true, 2, Nat::Independent),
        ("hidden base, two mappings", &[HIDDEN, &hidden, &hidden_other], 0, true, 2, Nat::Symmetric),
        ("hidden bases, two interfaces", &[HIDDEN, LAN, &hidden, &hidden_other], 0, true, 2, Nat::Unknown),
        ("one destination alone", &[HOST, &one], 0, true, 1, Nat::Unknown),
        ("the second did not answer", &[HOST, &one], 0, false, 2, Nat::Unknown),
        ("seen as it is", &[HOST, &own], 0, true, 2, Nat::Open),
        ("seen as it is, which is not told", &[HOST], 0, true, 2, Nat::Open),
        ("one of two interfaces cannot ask", &[HOST, LAN], 2, true, 2, Nat::Open),
        ("none can", &[HOST, LAN], 4, true, 2, Nat::Blocked),
        ("no answer", &[HOST], 0, false, 2, Nat::Blocked),
        ("no network", &[], 0, true, 2, Nat::Blocked),
    ];
    for (what, lines, errors, complete, destinations, nat) in cases {
        assert_eq!(gathered(lines, errors, complete).nat(destinations), nat, "{what}");
    }
}

#[test]
fn tcp_candidates_say_nothing_of_the_nat() {
    let tcp = "candidate:3 1 tcp 1518280447 192.168.1.7 9 typ host tcptype active";
    assert_eq!(gathered(&[HOST, tcp], 2, true).nat(2), Nat::Blocked);
}

#[test]
fn a_candidate_line_is_read_as_browsers_write_it() {
    let chromium = "candidate:842163049 1 udp 1677729535 203.0.113.5 61000 typ srflx raddr 192.168.1.7 rport 50000 \
         generation 0 ufrag aB3d network-id 1 network-cost 10";
    let base = Some(("192.168.1.7".to_owned(), 50000));
    let candidate = Candidate::parse(chromium).unwrap();
    assert_eq!((candidate.kind, candidate.port, candidate.base), (Kind::ServerReflexive, 61000, base));
    let firefox = "candidate:0 1 UDP 2122252543 fe80::1 49152 typ host";
    assert_eq!(Candidate::parse(firefox).unwrap().address, "fe80::1");
    let relay = "a=candidate:9 1 udp 41885439 198.51.100.2 49160 typ relay raddr 0.0.0.0 rport 0";
    let relay = Candidate::parse(relay).unwrap();
    assert_eq!((relay.kind, relay.base), (Kind::Relay, None));
}

#[test]
fn hostile_candidate_lines_are_none() {
    let long = format!("{HOST} {}", "x".repeat(limits::CANDIDATE));
    for line in [
        "",
        "candidate:",
        "candidate:1 1 udp",
        "candidate:1 1 udp 1 192.0.2.1 x typ host",
        "candidate:1 1 udp 1 192.0.2.1 70000 typ host",
        "candidate:1 1 udp 1 192.0.2.1 -1 typ host",
        "candidate:1 1 udp 1 192.0.2.1 1 host",
        "candidate:1 1 udp 1 192.0.2.1 1 typ",
        "candidate:1 1 udp 1 192.0.2.1 1 typ nonsense",
        "candidate:1 1 sctp 1 192.0.2.1 1 typ host",
        &long,
    ] {
        assert_eq!(Candidate::parse(line), None, "{line}");
    }
    let mut gathered = Gathered::default();
    for _ in 0..10 * bounds::GATHERED {
        gathered.candidate(HOST);
        gathered.error(701);
    }
    assert_eq!(gathered.nat(2), Nat::Blocked, "bounded");
}

fn server(urls: &[&str]) -> IceServer {
    IceServer {
        urls: urls.iter().map(|&url| url.to_owned()).collect(),
        username: Some("1795003600:Zm9v".to_owned()),
        credential: Some("c2VjcmV0LXNlY3JldA".to_owned()),
    }
}

fn ice(urls: &[&str]) -> Ice {
    Ice { ice_servers: vec![server(urls)], relay_only: false }
}

#[test]
fn two_stun_destinations_are_derived_from_what_is_told() {
    let cases: [(&[&str], &[&str]); 10] = [
        (
            &["stun:h:3479", "turn:h:3478?transport=udp", "turn:h:3478?transport=tcp", "turns:h:4000"],
            &["stun:h:3479", "stun:h:3478"],
        ),
        (&["turn:h", "stun:h"], &["stun:h:3478"]),
        (&["stun:localhost:5", "turn:localhost"], &["stun:127.0.0.1:5", "stun:127.0.0.1:3478"]),
        (&["stun:localhost.example.org"], &["stun:localhost.example.org:3478"]),
        (&["turn:[2001:db8::1]?transport=udp"], &["stun:[2001:db8::1]:3478"]),
        (&["stun:[2001:db8::1]:5"], &["stun:[2001:db8::1]:5"]),
        (&["stun:a", "stun:b", "stun:c"], &["stun:a:3478", "stun:b:3478"]),
        (&["turn:h?transport=tcp", "turns:h"], &[]),
        (&["", ":", "stun", "http://h"], &[]),
        (&[], &[]),
    ];
    for (told, asked) in cases {
        assert_eq!(stun(&ice(told)), asked, "{told:?}");
    }
}

#[test]
fn each_way_to_a_relay_is_tried_by_itself() {
    let all = ice(&["turn:h:1?transport=udp", "turn:h:2?transport=tcp", "turns:h:3?transport=tcp"]);
    for (transport, url) in [
        (RelayTransport::Udp, "turn:h:1?transport=udp"),
        (RelayTransport::Tcp, "turn:h:2?transport=tcp"),
        (RelayTransport::Tls, "turns:h:3?transport=tcp"),
    ] {
        let one = relay(&all, transport).unwrap();
        assert_eq!(one.urls, [url]);
        assert_eq!(one.credential, all.ice_servers[0].credential);
    }
    assert_eq!(relay(&ice(&["turn:h"]), RelayTransport::Udp).unwrap().urls, ["turn:h"]);
    assert_eq!(relay(&ice(&["turn:h"]), RelayTransport::Tcp), None);
    assert_eq!(relay(&ice(&["turns:h"]), RelayTransport::Tls).unwrap().urls, ["turns:h"]);
    assert!(!has_relay(&ice(&["stun:h"])) && has_relay(&ice(&["stun:h", "turns:h"])));
}

const TOLD: [&str; 4] =
    ["stun:h:3479", "turn:h:3478?transport=udp", "turn:h:3478?transport=tcp", "turns:h:4000"];
const GOOD: Figures =
    Figures { round_trip: Some(Millis(40)), loss: 3, up: 1_200, down: 1_190, picture: true };

/// Everything passed.
fn healthy() -> Diagnosis {
    let mut diagnosis = Diagnosis::default();
    for step in Step::ALL {
        diagnosis.found(
            step,
            match step {
                Step::SecureOrigin => Finding::SecureOrigin(true),
                Step::Browser => Finding::Browser(Features { connections: true, media: true }),
                Step::Devices => Finding::Devices { camera: Ok(()), microphone: Ok(()) },
                Step::Signaling => Finding::Signaling(Ok(Millis(20))),
                Step::Stun => Finding::Stun(Nat::Independent),
                Step::TurnUdp | Step::TurnTcp | Step::TurnTls => Finding::Relay(Ok(Millis(30))),
                Step::Echo => Finding::Echo(Ok(GOOD)),
            },
        );
    }
    diagnosis
}

fn with(findings: &[(Step, Finding)]) -> Diagnosis {
    let mut diagnosis = healthy();
    for (step, finding) in findings {
        diagnosis.found(*step, *finding);
    }
    diagnosis
}

fn relay_only(mut diagnosis: Diagnosis) -> Diagnosis {
    diagnosis.relay_only = true;
    diagnosis
}

fn relays(finding: Finding) -> [(Step, Finding); 3] {
    [Step::TurnUdp, Step::TurnTcp, Step::TurnTls].map(|step| (step, finding))
}

const UNREACHED: Finding = Finding::Relay(Err(NoRelay::Unreachable));
const UNTOLD: Finding = Finding::Skipped(Skip::NotTold);
const NO_ECHO: (Step, Finding) = (Step::Echo, Finding::Skipped(Skip::Needs(Step::TurnUdp)));

#[test]
fn every_finding_leads_to_its_verdict() {
    let and = |relays: [(Step, Finding); 3], more: &[(Step, Finding)]| with(&[&relays[..], more].concat());
    let stun = |nat| (Step::Stun, Finding::Stun(nat));
    let missing = Finding::Devices { camera: Err("denied"), microphone: Err("denied") };
    let weak = Figures { up: 20, ..GOOD };
    let lossy = Figures { loss: 300, ..GOOD };
    let sound = Figures { up: 30, picture: false, ..GOOD };
    let no_webrtc = Finding::Browser(Features { connections: false, media: true });
    let cases = [
        ("all is well", healthy(), Verdict::Ready),
        ("no NAT", with(&[stun(Nat::Open)]), Verdict::Ready),
        ("a NAT of unknown kind", with(&[stun(Nat::Unknown)]), Verdict::Ready),
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
fn figures_are_what_happened_between_two_readings() {
    let first = Reading {
        at: Time(1_000),
        sent: 100_000,
        received: 90_000,
        frames: 10,
        packets: 100,
        ..Reading::default()
    };
    let second = Reading {
        at: Time(3_000),
        sent: 350_000,
        received: 340_000,
        frames: 60,
        packets: 295,
        lost: 5,
        round_trip: Some(Millis(42)),
    };
    let figures = second.since(&first);
    let expected = Figures { round_trip: Some(Millis(42)), loss: 25, up: 1_000, down: 1_000, picture: true };
    assert_eq!(figures, expected);
    let backwards = first.since(&second);
    assert_eq!((backwards.up, backwards.down, backwards.loss, backwards.picture), (0, 0, 0, false));
    let huge = Reading { at: Time(1), sent: u64::MAX, received: u64::MAX, lost: u64::MAX, ..second };
    assert_eq!(huge.since(&Reading::default()).up, u32::MAX, "narrowed, not wrapped");
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

#[test]
fn a_report_tells_every_step_and_the_verdict() {
    let text = report(&healthy(), &ice(&TOLD), "Mozilla/5.0\n(a browser)");
    for step in Step::ALL {
        assert!(text.contains(&format!("\n{}: passed", step.name())), "{text}");
    }
    for line in [
        "verdict: ready",
        "stun: passed, nat independent",
        "echo: passed, round trip 40 ms, loss 0.3 %, up 1200 kbit/s, down 1190 kbit/s",
        "browser: Mozilla/5.0 (a browser)",
        "server: turn:h:3478?transport=udp",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} in {text}");
    }
    let failed = with(&[
        (Step::Devices, Finding::Devices { camera: Err("denied"), microphone: Ok(()) }),
        (Step::TurnUdp, Finding::Relay(Err(NoRelay::Refused(401)))),
        (Step::TurnTls, UNTOLD),
    ]);
    let text = report(&failed, &ice(&TOLD), "");
    for line in [
        "devices: passed, camera denied, microphone ok",
        "turn_udp: failed, code 401",
        "turn_tls: skipped, the server names none",
    ] {
        assert!(text.lines().any(|l| l == line), "{line} in {text}");
    }
    assert!(report(&Diagnosis::default(), &Ice::default(), "").contains("verdict: unfinished"));
}

fn any_finding() -> impl Strategy<Value = Finding> {
    prop_oneof![
        Just(Finding::Waiting),
        Just(Finding::Running),
        prop::sample::select(Step::ALL.to_vec()).prop_map(|step| Finding::Skipped(Skip::Needs(step))),
        any::<bool>().prop_map(Finding::SecureOrigin),
        any::<u64>().prop_map(|ms| Finding::Signaling(Ok(Millis(ms)))),
        prop::sample::select(ErrorCode::ALL.to_vec())
            .prop_map(|code| Finding::Signaling(Err(NoServer::Refused(code)))),
        any::<u16>().prop_map(|code| Finding::Relay(Err(NoRelay::Refused(code)))),
        any::<(u32, u32, u32, Option<u64>)>().prop_map(|(loss, up, down, ms)| {
            Finding::Echo(Ok(Figures { round_trip: ms.map(Millis), loss, up, down, picture: true }))
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_report_is_bounded_and_has_no_secret(
        findings in prop::collection::vec(any_finding(), Step::ALL.len()),
        username in "[!-~]{1,8}user-secret[!-~]{0,8}",
        credential in "[ -~]{1,8}pass-secret[ -~]{0,40}",
        urls in prop::collection::vec("(stun|turn|turns):[a-z0-9.\\[\\]:?=@-]{0,300}", 0..40),
        browser in "\\PC{0,2000}",
        relay_only in any::<bool>(),
    ) {
        let mut diagnosis = Diagnosis::default();
        diagnosis.relay_only = relay_only;
        Step::ALL.iter().zip(findings).for_each(|(step, finding)| diagnosis.found(*step, finding));
        let with_user = format!("turn:{username}:{credential}@h");
        let urls = urls.into_iter().chain([with_user]).collect();
        let server = IceServer { urls, username: Some(username), credential: Some(credential) };
        let text = report(&diagnosis, &Ice { ice_servers: vec![server], relay_only }, &browser);
        prop_assert!(!text.contains("-secret"), "{}", text);
        prop_assert!(text.len() <= bounds::REPORT);
    }

    #[test]
    fn no_candidate_line_is_too_much(line in "\\PC{0,1200}", words in "candidate:[ -~]{0,200}") {
        let mut gathered = Gathered::default();
        gathered.candidate(&line);
        gathered.candidate(&words);
        gathered.nat(2);
    }

    #[test]
    fn every_diagnosis_has_a_verdict_or_none(findings in prop::collection::vec(any_finding(), Step::ALL.len())) {
        let mut diagnosis = Diagnosis::default();
        Step::ALL.iter().zip(findings).for_each(|(step, finding)| diagnosis.found(*step, finding));
        let running = Step::ALL.iter().any(|step| diagnosis.state(*step) == State::Running);
        prop_assert!(!running || diagnosis.verdict().is_none());
    }
}
