//! The test page behind every kind of router: what it tells of the network is what the network is.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use vong_tests::lab::Nat;
use vong_tests::{DEADLINE, Page, run_within, until};

use crate::available;
use crate::setup::{Seat, Setup, TURN};

/// Longest that all of them may take.
const LIMIT: Duration = Duration::from_mins(4);

/// What the report says of the network. A browser sees how ports are mapped and nothing of what is let in.
fn told(nat: Nat) -> &'static str {
    match nat {
        Nat::Open => "stun: passed, nat open",
        Nat::FullCone | Nat::AddressRestricted | Nat::PortRestricted => "stun: passed, nat independent",
        Nat::Symmetric => "stun: passed, nat symmetric",
        Nat::UdpBlocked => "stun: failed, nat blocked",
    }
}

async fn report(page: &Page) -> Result<String> {
    let text = page.script("return document.querySelector('#report')?.textContent ?? ''").await?;
    Ok(text.as_str().unwrap_or_default().to_owned())
}

/// Waits until a line of the report begins like this, and returns the report.
async fn wait_line(page: &Page, begins: &str) -> Result<String> {
    until(&format!("the report has: {begins}"), DEADLINE, async || {
        let report = report(page).await?;
        Ok(if report.lines().any(|line| line.starts_with(begins)) { Ok(report) } else { Err(report) })
    })
    .await
}

#[test]
fn the_test_page_tells_the_kind_of_router_that_it_is_behind() -> Result<()> {
    if !available() {
        return Ok(());
    }
    run_within(LIMIT, async |stage| {
        let setup = Setup::new(stage, TURN, 1).await?;
        let Some(Seat { page, .. }) = setup.watchers.first() else { bail!("no watcher") };
        for nat in Nat::ALL {
            setup.test(nat).await?;
            wait_line(page, told(nat)).await.with_context(|| nat.to_string())?;
        }
        // The last lets no UDP pass: the way over TCP is found, the echo takes it, and the verdict says so.
        let report = wait_line(page, "echo: passed").await?;
        for line in ["turn_udp: failed", "turn_tcp: passed", "verdict: relayed"] {
            ensure!(report.lines().any(|l| l.starts_with(line)), "{line}: {report}");
        }
        Ok(())
    })
}
