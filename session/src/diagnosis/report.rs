//! The report for whoever helps: what was found, and nothing that has to stay secret.
//!
//! It names the browser and the STUN and TURN servers. Neither credentials, nor rooms, nor any address of the person's get
//! in, because none of them is handed over here.

use vong_protocol::Ice;

use super::finding::{Diagnosis, Finding, NoEcho, NoRelay, NoServer, Skip};
use super::step::Step;
use crate::bounds;

/// The report as lines of plain text.
pub fn report(diagnosis: &Diagnosis, ice: &Ice, browser: &str) -> String {
    let mut text = String::from("Vọng test");
    let mut line = |parts: &[&str]| {
        let before = text.len();
        text.push('\n');
        for part in parts {
            // A server's or a browser's word stays on its line.
            text.extend(part.chars().map(|c| if c.is_control() { ' ' } else { c }));
        }
        // A line that does not fit is left out whole.
        if text.len() > bounds::REPORT {
            text.truncate(before);
        }
    };
    let verdict = diagnosis.verdict();
    line(&["verdict: ", verdict.map_or("unfinished", super::Verdict::name)]);
    line(&["relay only: ", if diagnosis.relay_only { "yes" } else { "no" }]);
    for step in Step::ALL {
        let detail = detail(diagnosis.finding(step));
        let space = if detail.is_empty() { "" } else { ", " };
        line(&[step.name(), ": ", diagnosis.state(step).name(), space, &detail]);
    }
    line(&["browser: ", browser]);
    for url in ice.ice_servers.iter().flat_map(|server| &server.urls) {
        // Where a user name might stand (it may not, RFC 7065), whatever else it is stays out.
        line(&["server: ", if url.contains('@') { "hidden" } else { url }]);
    }
    text
}

fn detail(finding: Finding) -> String {
    let device = |result: Result<(), &'static str>| result.err().unwrap_or("ok");
    match finding {
        Finding::Skipped(Skip::NotTold) => "the server names none".to_owned(),
        Finding::Skipped(Skip::RelayOnly) => "relay only".to_owned(),
        Finding::Skipped(Skip::Needs(step)) => ["needs ", step.name()].concat(),
        Finding::Waiting | Finding::Running | Finding::SecureOrigin(_) => String::new(),
        Finding::Browser(features) => {
            let has = |there: bool| if there { "yes" } else { "no" };
            ["connections ", has(features.connections), ", media ", has(features.media)].concat()
        }
        Finding::Devices { camera, microphone } => {
            ["camera ", device(camera), ", microphone ", device(microphone)].concat()
        }
        Finding::Signaling(Ok(took)) | Finding::Relay(Ok(took)) => [&took.0.to_string(), " ms"].concat(),
        Finding::Signaling(Err(NoServer::Unreachable)) | Finding::Relay(Err(NoRelay::Unreachable)) => {
            "unreachable".to_owned()
        }
        Finding::Signaling(Err(NoServer::Lost)) => "lost".to_owned(),
        Finding::Signaling(Err(NoServer::Refused(code))) => code.name().to_owned(),
        Finding::Stun(nat) => ["nat ", nat.name()].concat(),
        Finding::Relay(Err(NoRelay::Refused(code))) => ["code ", &code.to_string()].concat(),
        Finding::Echo(Ok(figures)) => {
            let (tenths, up, down) = (figures.loss, figures.up.to_string(), figures.down.to_string());
            let round_trip = figures.round_trip.map_or_else(|| "?".to_owned(), |ms| ms.0.to_string());
            let loss = [&(tenths / 10).to_string(), ".", &(tenths % 10).to_string()].concat();
            [
                "round trip ",
                &round_trip,
                " ms, loss ",
                &loss,
                " %, up ",
                &up,
                " kbit/s, down ",
                &down,
                " kbit/s",
            ]
            .concat()
        }
        Finding::Echo(Err(NoEcho::NotConnected)) => "not connected".to_owned(),
        Finding::Echo(Err(NoEcho::NoMedia)) => "no media".to_owned(),
    }
}
