//! The test page: every step, where all is well and where something is in the way.

use anyhow::{Context, Result, ensure};
use vong_tests::{DEADLINE, Devices, Kind, Options, Page, Stage, free_port, run, until};

use super::{naming, relaying, results, stun, text, verdict, wait_result};

/// On a machine this busy, the line may be called weak.
fn is_good(verdict: &str) -> bool {
    matches!(verdict, "ready" | "weak")
}

const ALL_WELL: [&str; 9] = [
    "secure_origin passed",
    "browser passed",
    "devices passed",
    "signaling passed",
    "stun passed",
    "turn_udp passed",
    "turn_tcp passed",
    "turn_tls skipped",
    "echo passed",
];

/// Keeps what servers are used with.
const SECRETS: &str = "() => {
    window.secrets = [];
    const set = RTCPeerConnection.prototype.setConfiguration;
    RTCPeerConnection.prototype.setConfiguration = function (configuration) {
        for (const { username, credential } of configuration.iceServers) {
            if (credential) window.secrets.push(username, credential);
        }
        return set.call(this, configuration);
    };
}";

async fn passes(stage: &Stage, kind: Kind) -> Result<Page> {
    let server = relaying(stage).await?;
    let browser = stage.browser(Options { kind, preload: Some(SECRETS), ..Options::default() }).await?;
    let page = browser.open(&server.url("/test")).await?;
    let verdict = verdict(&page).await?;
    ensure!(results(&page).await? == ALL_WELL, "{:?}", results(&page).await?);
    ensure!(is_good(&verdict), "{verdict}");
    let echo = page
        .script("const v = document.querySelector('#echo'); return v.videoWidth > 0 && v.currentTime > 0")
        .await?;
    ensure!(echo == true, "one's own picture comes back");
    ensure!(text(&page, "#figures").await?.contains("kbit/s"), "with its figures");
    Ok(page)
}

#[test]
fn all_steps_pass_where_all_is_well_and_the_report_has_no_secret() -> Result<()> {
    run(async |stage| {
        let page = passes(stage, Kind::Chromium).await?;
        page.script("navigator.clipboard.writeText = async (text) => { window.copied = text }").await?;
        page.click("#copy-report").await?;
        let copied = page.script("return window.copied ?? ''").await?;
        let copied = copied.as_str().unwrap_or_default();
        ensure!(copied == text(&page, "#report").await?, "what can be read is what is copied");
        ensure!(copied.contains("echo: passed") && copied.contains("verdict: "), "{copied}");
        let secrets = page.script("return window.secrets").await?;
        let secrets: Vec<&str> =
            secrets.as_array().context("secrets")?.iter().filter_map(|s| s.as_str()).collect();
        ensure!(!secrets.is_empty(), "the relay asks for credentials");
        for secret in secrets.into_iter().chain(["typ ", "test-"]) {
            ensure!(!copied.contains(secret), "{copied}");
        }
        Ok(())
    })
}

#[test]
fn all_steps_pass_in_firefox() -> Result<()> {
    run(async |stage| passes(stage, Kind::Firefox).await.map(drop))
}

#[test]
fn the_test_gives_back_what_it_used_and_can_be_run_again() -> Result<()> {
    run(async |stage| {
        let page = passes(stage, Kind::Chromium).await?;
        page.click("#again").await?;
        page.wait_data("diagnosis", "").await?;
        verdict(&page).await?;
        let connections = page.connections().await?;
        let open = connections.iter().filter(|state| *state != "closed").count();
        // Both ends of the echo, and the one that the session of a watcher prepares.
        ensure!(open <= 3, "{connections:?}");
        ensure!(page.tracks().await?.len() == 2, "the camera is asked for once");
        Ok(())
    })
}

#[test]
fn sound_alone_is_enough_and_no_device_is_not() -> Result<()> {
    run(async |stage| {
        let server = relaying(stage).await?;
        let open = async |devices| -> Result<(Page, String)> {
            let browser = stage.browser(Options { devices, ..Options::default() }).await?;
            let page = browser.open(&server.url("/test")).await?;
            let verdict = verdict(&page).await?;
            Ok((page, verdict))
        };
        let (page, verdict) = open(Devices::NoCamera).await?;
        ensure!(is_good(&verdict), "{verdict}");
        ensure!(text(&page, "[data-step=devices]").await?.contains("No camera"));
        let (page, verdict) = open(Devices::Denied).await?;
        ensure!(verdict == "no_devices", "{verdict}");
        wait_result(&page, "devices", "failed").await?;
        wait_result(&page, "turn_udp", "passed").await?;
        wait_result(&page, "echo", "skipped").await
    })
}

/// The person says no once, and yes from then on.
const RELENTING: &str = "() => {
    const devices = navigator.mediaDevices, open = devices.getUserMedia.bind(devices);
    let asked = 0;
    devices.getUserMedia = async (constraints) => {
        if (asked++ === 0) throw new DOMException('Permission denied', 'NotAllowedError');
        return open(constraints);
    };
    navigator.permissions.query = async () => { throw new TypeError('not told') };
}";

#[test]
fn a_camera_that_is_allowed_after_all_is_found_when_the_test_is_run_again() -> Result<()> {
    run(async |stage| {
        let server = naming(stage, &[]).await?;
        let browser = stage.browser(Options { preload: Some(RELENTING), ..Options::default() }).await?;
        let page = browser.open(&server.url("/test")).await?;
        ensure!(verdict(&page).await? == "no_devices");
        page.click("#again").await?;
        wait_result(&page, "devices", "passed").await?;
        ensure!(verdict(&page).await? == "local_only");
        Ok(())
    })
}

#[test]
fn over_plain_http_the_network_is_tested_and_the_address_is_named_as_the_obstacle() -> Result<()> {
    run(async |stage| {
        let server = relaying(stage).await?;
        let address = server.url("/test").replace("localhost", "vong.test");
        let page = stage.chromium().await?.open(&address).await?;
        let verdict = verdict(&page).await?;
        ensure!(verdict == "insecure_origin", "{verdict}");
        wait_result(&page, "secure_origin", "failed").await?;
        wait_result(&page, "devices", "skipped").await?;
        wait_result(&page, "turn_tcp", "passed").await?;
        ensure!(text(&page, "[data-step=secure_origin]").await?.contains("https://"));
        Ok(())
    })
}

#[test]
fn a_browser_without_webrtc_is_told_so_by_the_test() -> Result<()> {
    run(async |stage| {
        let server = naming(stage, &[]).await?;
        let preload = Some("() => { delete window.RTCPeerConnection; }");
        let browser = stage.browser(Options { preload, ..Options::default() }).await?;
        let page = browser.open(&server.url("/test")).await?;
        ensure!(verdict(&page).await? == "no_webrtc");
        wait_result(&page, "browser", "failed").await?;
        wait_result(&page, "echo", "skipped").await
    })
}

#[test]
fn a_server_that_goes_during_the_test_is_what_the_test_tells() -> Result<()> {
    run(async |stage| {
        let server = relaying(stage).await?;
        let page = stage.chromium().await?.open(&server.url("/test")).await?;
        wait_result(&page, "echo", "running").await?;
        server.kill();
        wait_result(&page, "signaling", "failed").await?;
        ensure!(verdict(&page).await? == "no_server");
        ensure!(text(&page, "[data-step=signaling]").await?.contains("went away"));
        page.click("#again").await?;
        until("the server cannot be reached", DEADLINE, async || {
            let said = text(&page, "[data-step=signaling]").await?;
            Ok(if said.contains("cannot be reached") { Ok(()) } else { Err(said) })
        })
        .await
    })
}

#[test]
fn a_relay_that_is_not_there_or_refuses_is_told_from_one_that_works() -> Result<()> {
    run(async |stage| {
        let alive = stun(stage).await?;
        let browser = stage.chromium().await?;
        let stun = format!("stun:127.0.0.1:{alive}");
        let dead = format!("turn:127.0.0.1:{}?transport=udp,user,password", free_port()?);
        let nobody = naming(stage, &[&stun, &dead]).await?;
        let page = browser.open(&nobody.url("/test")).await?;
        let gone = verdict(&page).await?;
        ensure!(gone == "relay_unreachable", "{gone}: {:?}", results(&page).await?);
        ensure!(text(&page, "[data-step=turn_udp]").await?.contains("cannot be reached"));
        wait_result(&page, "echo", "skipped").await?;

        let wrong = format!("turn:127.0.0.1:{alive}?transport=tcp,user,password");
        let page = browser.open(&naming(stage, &[&stun, &wrong]).await?.url("/test")).await?;
        let refused = verdict(&page).await?;
        ensure!(refused == "relay_unreachable", "{refused}");
        ensure!(text(&page, "[data-step=turn_tcp]").await?.contains("refuses (code 401)"));

        let page = browser.open(&naming(stage, &[&stun]).await?.url("/test")).await?;
        let direct = verdict(&page).await?;
        ensure!(direct == "direct_only", "{direct}");
        let page = browser.open(&naming(stage, &[]).await?.url("/test")).await?;
        let local = verdict(&page).await?;
        ensure!(local == "local_only", "{local}");
        Ok(())
    })
}
