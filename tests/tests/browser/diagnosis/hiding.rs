//! Who hides their address tells it to nobody.

use anyhow::{Context, Result, ensure};
use vong_tests::{DEADLINE, Kind, Options, Page, Stage, run, until};

use super::{naming, relaying, text, verdict, wait_result};
use crate::{go_live, watch};

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
        watcher.click("#more").await?;
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
        watcher.click("#more").await?;
        watcher.click("#hide-address").await?;
        watcher.wait_media().await?;
        watcher.wait_data("diagnosis", "").await
    })
}
