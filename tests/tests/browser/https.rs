//! HTTPS with the server's own certificate: what a person does who broadcasts from a phone.

use anyhow::{Result, ensure};
use vong_tests::{DEADLINE, Kind, Options, Stage, run, until};

/// A name of this machine that Chromium does not take for it, unlike `localhost`.
const NAME: &str = "vong.test";

/// The flags of a server that keeps its certificate with the test's evidence.
fn flags(stage: &Stage) -> Vec<String> {
    let kept = stage.folder().join("state");
    ["--tls", "self-signed", "--tls-name", NAME, "--state-dir", &kept.to_string_lossy()]
        .map(str::to_owned)
        .to_vec()
}

#[test]
fn the_camera_works_on_another_machines_name_and_watchers_see_it_in_both_browsers() -> Result<()> {
    run(async |stage| {
        let flags = flags(stage);
        let server = stage.server(&flags.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        let port = server.address().port();
        let trusting = Options { trusts_any: true, ..Options::default() };
        let chromium = stage.browser(trusting.clone()).await?;

        // Typed by hand, as people do.
        let page = chromium.open(&format!("http://{NAME}:{port}/broadcast/demo")).await?;
        page.wait_data("devices", "ready").await?;
        ensure!(
            page.script("return [location.protocol, isSecureContext]").await?
                == serde_json::json!(["https:", true])
        );
        page.click("#go-live").await?;
        page.wait_state("live").await?;

        let watcher = chromium.open(&format!("https://{NAME}:{port}/watch/demo")).await?;
        watcher.wait_media().await?;
        let firefox = stage.browser(Options { kind: Kind::Firefox, ..trusting }).await?;
        let other = firefox.open(&format!("https://localhost:{port}/watch/demo")).await?;
        other.wait_media().await?;
        page.wait_data("viewing", "2").await?;

        // A new process, the same identity: nobody is asked again, and the pages come back by themselves.
        server.restart().await?;
        page.wait_state("live").await?;
        watcher.reload().await?;
        watcher.wait_media().await
    })
}

#[test]
fn the_test_page_finds_the_relay_over_tls() -> Result<()> {
    run(async |stage| {
        let flags = flags(stage);
        let flags: Vec<&str> = flags.iter().map(String::as_str).chain(["--turn-port", "0"]).collect();
        let server = stage.server(&flags).await?;
        let browser = stage.browser(Options { trusts_any: true, ..Options::default() }).await?;
        let page = browser.open(&format!("https://{NAME}:{}/test", server.address().port())).await?;
        until("the relay over TLS answers", DEADLINE, async || {
            let report = page.script("return document.querySelector('#report')?.textContent ?? ''").await?;
            let report = report.as_str().unwrap_or_default();
            let passed = report.lines().any(|line| line.starts_with("turn_tls: passed"));
            Ok(if passed { Ok(()) } else { Err(report.to_owned()) })
        })
        .await
    })
}
