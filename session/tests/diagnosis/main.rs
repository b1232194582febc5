//! The test of a connection: kinds of NAT, every step's failure, verdicts, figures, and what a report must not tell.
#![cfg(not(target_arch = "wasm32"))]

mod networks;
mod reports;
mod servers;
mod verdicts;

use proptest::prelude::*;
use vong_protocol::{ErrorCode, Ice, IceServer};
use vong_session::Millis;
use vong_session::diagnosis::{Diagnosis, Features, Figures, Finding, Nat, NoRelay, NoServer, Skip, Step};

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

const TOLD: [&str; 4] =
    ["stun:h:3479", "turn:h:3478?transport=udp", "turn:h:3478?transport=tcp", "turns:h:4000"];
const GOOD: Figures =
    Figures { round_trip: Some(Millis(40)), loss: 3, up: 1_200, down: 1_190, picture: true, room: 1_200 };

const UNTOLD: Finding = Finding::Skipped(Skip::NotTold);

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
            let round_trip = ms.map(Millis);
            Finding::Echo(Ok(Figures { round_trip, loss, up, down, picture: true, room: up }))
        }),
    ]
}
