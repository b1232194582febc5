//! The test page, what a page in trouble says, and that who hides their address tells it to nobody.

use std::rc::Rc;

use anyhow::{Context, Result, bail, ensure};
use vong_tests::{DEADLINE, Devices, Kind, Options, Page, Server, Stage, free_port, run, until};

use crate::{go_live, watch};

/// A server with the relay that is built in.
async fn relaying(stage: &Stage) -> Result<Rc<Server>> {
    stage.server(&["--turn-port", "0"]).await
}

/// A server that names these servers and is none.
async fn naming(stage: &Stage, servers: &[&str]) -> Result<Rc<Server>> {
    let named = servers.iter().flat_map(|&server| ["--ice-server", server]);
    stage.server(&["--turn", "off"].into_iter().chain(named).collect::<Vec<_>>()).await
}

/// A STUN server, which is a relay, too, and the port that it is on.
async fn stun(stage: &Stage) -> Result<u16> {
    let port = free_port()?;
    stage.server(&["--turn-port", &port.to_string()]).await?;
    Ok(port)
}

/// What each step of the test came to, in order.
async fn results(page: &Page) -> Result<Vec<String>> {
    let look = "return [...document.querySelectorAll('[data-step]')].map((e) => `${e.dataset.step} ${e.dataset.result}`)";
    let list = page.script(look).await?;
    let list = list.as_array().context("no steps")?;
    Ok(list.iter().map(|step| step.as_str().unwrap_or_default().to_owned()).collect())
}

async fn wait_result(page: &Page, step: &str, result: &str) -> Result<()> {
    let wanted = format!("{step} {result}");
    until(&wanted, DEADLINE, async || {
        let results = results(page).await?;
        Ok(if results.contains(&wanted) { Ok(()) } else { Err(format!("{results:?}")) })
    })
    .await
}

/// Waits for the verdict, whichever it is.
async fn verdict(page: &Page) -> Result<String> {
    until("there is a verdict", DEADLINE, async || {
        let verdict = page.data("diagnosis").await?;
        Ok(if verdict.is_empty() { Err(format!("{:?}", results(page).await?)) } else { Ok(verdict) })
    })
    .await
}

async fn text(page: &Page, css: &str) -> Result<String> {
    let text = page.script(&format!("return document.querySelector('{css}').textContent")).await?;
    Ok(text.as_str().unwrap_or_default().to_owned())
}

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

/// Keeps every candidate and description that the page hands to the server.
const LISTEN: &str = "() => {
    window.told = [];
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (text) { window.told.push(text); return send.call(this, text); };
}";

/// Fails if anything was told to the others but the addresses of a relay.
async fn hides(page: &Page) -> Result<()> {
    let told = page.script("return window.told").await?;
    let told: Vec<&str> = told.as_array().context("told")?.iter().filter_map(|text| text.as_str()).collect();
    ensure!(told.iter().any(|text| text.contains(" typ relay")), "nothing was told: {told:?}");
    for text in told {
        for line in text.split("candidate:").skip(1) {
            let words: Vec<&str> = line.split([' ', '\\', '"']).collect();
            let after = |name| words.iter().skip_while(|word| **word != name).nth(1).copied();
            ensure!(after("typ") == Some("relay"), "{text}");
            // Browsers have to name an address that this one is behind; they name none, or the relay's own again.
            let behind = (after("raddr"), after("rport"));
            let own = words.get(4).zip(words.get(5)).map(|(at, port)| (Some(*at), Some(*port)));
            let hidden = [(None, None), (Some("0.0.0.0"), Some("0")), (Some("::"), Some("0"))];
            ensure!(hidden.contains(&behind) || Some(behind) == own, "{text}");
        }
    }
    Ok(())
}

async fn hidden_pair(stage: &Stage, kind: Kind, flags: &[&str], query: &str) -> Result<()> {
    let server = stage.server(&[&["--turn-port", "0"], flags].concat()).await?;
    let options = Options { kind, preload: Some(LISTEN), ..Options::default() };
    let open = async |path: &str| {
        stage.browser(options.clone()).await?.open(&server.url(&format!("{path}{query}"))).await
    };
    let broadcaster = open("/broadcast/demo").await?;
    broadcaster.wait_data("devices", "ready").await?;
    broadcaster.click("#go-live").await?;
    broadcaster.wait_state("live").await?;
    let watcher = open("/watch/demo").await?;
    watcher.wait_media().await?;
    hides(&watcher).await?;
    hides(&broadcaster).await
}

#[test]
fn who_hides_tells_nobody_an_address_but_the_relays() -> Result<()> {
    run(async |stage| hidden_pair(stage, Kind::Chromium, &[], "?relay").await)
}

#[test]
fn where_the_server_allows_relays_alone_nobody_tells_an_address_but_the_relays() -> Result<()> {
    run(async |stage| hidden_pair(stage, Kind::Chromium, &["--relay-only"], "").await)
}

#[test]
fn who_hides_in_firefox_tells_nobody_an_address_but_the_relays() -> Result<()> {
    run(async |stage| hidden_pair(stage, Kind::Firefox, &[], "?relay").await)
}

#[test]
fn the_choice_to_hide_is_kept_and_holds_for_the_next_connection() -> Result<()> {
    run(async |stage| {
        let server = relaying(stage).await?;
        go_live(&stage.chromium().await?, &server).await?;
        let browser = stage.browser(Options { preload: Some(LISTEN), ..Options::default() }).await?;
        let watcher = watch(&browser, &server).await?;
        watcher.wait_media().await?;
        ensure!(hides(&watcher).await.is_err(), "it does not hide unasked");
        let page = "return performance.timeOrigin";
        let before = watcher.script(page).await?;
        watcher.click("#hide-address").await?;
        until("the page is loaded anew", DEADLINE, async || {
            let now = watcher.script(page).await?;
            Ok(if now == before { Err("it is the same".to_owned()) } else { Ok(()) })
        })
        .await?;
        watcher.wait_media().await?;
        hides(&watcher).await?;
        watcher.reload().await?;
        watcher.wait_media().await?;
        hides(&watcher).await?;
        let test = browser.open(&server.url("/test")).await?;
        let verdict = verdict(&test).await?;
        ensure!(matches!(verdict.as_str(), "relayed" | "weak"), "{verdict}");
        wait_result(&test, "stun", "skipped").await
    })
}

#[test]
fn hiding_without_a_relay_is_said_to_be_in_vain() -> Result<()> {
    run(async |stage| {
        let server = naming(stage, &[]).await?;
        go_live(&stage.chromium().await?, &server).await?;
        let browser = stage.chromium().await?;
        let watcher = browser.open(&server.url("/watch/demo?relay")).await?;
        watcher.wait_data("diagnosis", "no_relay").await?;
        watcher.wait_state("connecting").await?;
        watcher.wait_visible("#test", true).await?;
        ensure!(text(&watcher, "#trouble").await?.contains("no relay"));
        // The choice is undone where it was made, and with it the obstacle.
        watcher.click("#hide-address").await?;
        watcher.wait_media().await?;
        watcher.wait_data("diagnosis", "").await
    })
}

/// Lets the browser find no way to the other side.
const DEAF: &str = "() => {
    RTCPeerConnection.prototype.addIceCandidate = async () => {};
}";

#[test]
fn a_connection_that_cannot_be_made_is_explained_on_both_pages() -> Result<()> {
    run(async |stage| {
        let stun = format!("stun:127.0.0.1:{}", stun(stage).await?);
        let server = naming(stage, &[&stun]).await?;
        let deaf = Options { preload: Some(DEAF), ..Options::default() };
        let broadcaster = go_live(&stage.browser(deaf.clone()).await?, &server).await?;
        let watcher = watch(&stage.browser(deaf.clone()).await?, &server).await?;
        for page in [&watcher, &broadcaster] {
            page.wait_data("diagnosis", "direct_only").await?;
            page.wait_visible("#trouble", true).await?;
            ensure!(text(page, "#trouble").await?.contains("no relay"));
            page.wait_visible("#test", true).await?;
        }
        watcher.wait_state("connecting").await?;
        broadcaster.wait_state("live").await?;
        let states = watcher.connections().await?;
        if states.len() > 8 {
            bail!("the look costs a connection or two: {states:?}");
        }
        Ok(())
    })
}
