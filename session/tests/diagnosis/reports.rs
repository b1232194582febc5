//! Figures, and the report that a person copies.

use proptest::prelude::*;
use vong_protocol::{Ice, IceServer};
use vong_session::diagnosis::{Diagnosis, Figures, Finding, NoRelay, Reading, Step, report};
use vong_session::{Millis, Time, bounds};

use crate::{TOLD, UNTOLD, any_finding, healthy, ice, with};

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
        available: Some(2_500_000),
    };
    let figures = second.since(&first);
    let expected = Figures {
        round_trip: Some(Millis(42)),
        loss: 25,
        up: 1_000,
        down: 1_000,
        picture: true,
        room: 2_500,
    };
    assert_eq!(figures, expected);
    let untold = Reading { available: None, ..second };
    assert_eq!(untold.since(&first).room, 1_000, "what was sent there was room for");
    let backwards = first.since(&second);
    assert_eq!((backwards.up, backwards.down, backwards.loss, backwards.picture), (0, 0, 0, false));
    let huge = Reading { at: Time(1), sent: u64::MAX, received: u64::MAX, lost: u64::MAX, ..second };
    assert_eq!(huge.since(&Reading::default()).up, u32::MAX, "narrowed, not wrapped");
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
}
