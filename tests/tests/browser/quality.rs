//! How the broadcaster's pictures are encoded, as the watchers receive them.

use anyhow::{Result, ensure};
use vong_tests::{DEADLINE, Kind, Options, Page, run, until};

use crate::studio::{PAIRS, pair, wait_text};
use crate::{go_live, watch};

/// Chooses a value as a person would.
async fn choose(page: &Page, css: &str, value: &str) -> Result<()> {
    let pick = format!(
        "const pick = document.querySelector('{css}');
         pick.value = '{value}';
         pick.dispatchEvent(new Event('change', {{ bubbles: true }}));
         return pick.value"
    );
    let chosen = page.script(&pick).await?;
    ensure!(chosen == value, "{css} has no {value}: {chosen}");
    Ok(())
}

/// Waits for what a script finds out about what is received.
async fn wait_received(watcher: &Page, what: &str, script: &str) -> Result<()> {
    let script = format!("const done = arguments[0]; ({script})().then(done, (e) => done(String(e)));");
    until(what, DEADLINE, async || {
        let found = watcher.script_async(&script).await?;
        Ok(if found == true { Ok(()) } else { Err(found.to_string()) })
    })
    .await
}

/// Whether the camera's picture comes with this codec.
fn comes_as(codec: &str) -> String {
    format!(
        "async () => {{
            const report = await vongTest.connections.at(-1).getStats();
            const stats = [...report.values()];
            const video = stats.find((s) => s.type === 'inbound-rtp' && s.kind === 'video' && s.framesDecoded > 0);
            const codec = report.get(video?.codecId)?.mimeType;
            return codec === 'video/{codec}' || codec
        }}"
    )
}

/// Whether so many pictures come in a second, at least and at most.
fn comes_at(least: u32, most: u32) -> String {
    format!(
        "async () => {{
            const count = async () => {{
                const stats = [...(await vongTest.connections.at(-1).getStats()).values()];
                return stats.find((s) => s.type === 'inbound-rtp' && s.kind === 'video' && s.framesDecoded > 0);
            }};
            const before = await count();
            await new Promise((go) => setTimeout(go, 2000));
            const now = await count();
            const fps = (now.framesDecoded - before.framesDecoded) * 1000 / (now.timestamp - before.timestamp);
            return (fps >= {least} && fps <= {most}) || fps
        }}"
    )
}

#[test]
fn a_codec_and_a_frame_rate_that_are_chosen_while_live_are_received_without_a_negotiation() -> Result<()> {
    for pair_of in PAIRS {
        run(async |stage| {
            let (_server, caster, watcher) = pair(stage, pair_of).await?;
            wait_received(&watcher, "VP8 comes", &comes_as("VP8")).await?;
            caster.script("document.querySelector('#device-choice').showPopover(); document.querySelector('#quality').open = true").await?;
            choose(&caster, "#codec", "VP9").await?;
            wait_received(&watcher, "VP9 comes", &comes_as("VP9")).await?;
            choose(&caster, "#frame-rate", "5").await?;
            wait_received(&watcher, "five pictures a second come", &comes_at(1, 7)).await?;
            choose(&caster, "#frame-rate", "").await?;
            wait_received(&watcher, "more come again", &comes_at(8, 60)).await?;
            ensure!(watcher.connections().await?.len() == 1, "nothing is negotiated for it");
            // Whoever comes later is sent the same.
            watcher.reload().await?;
            watcher.wait_media().await?;
            wait_received(&watcher, "VP9 comes", &comes_as("VP9")).await
        })?;
    }
    Ok(())
}

#[test]
fn a_resolution_that_is_chosen_is_received_and_kept() -> Result<()> {
    run(async |stage| {
        let (_server, caster, watcher) = pair(stage, PAIRS[0]).await?;
        let is_high = |height: u32| {
            format!(
                "async () => {{ const now = document.querySelector('#video').videoHeight; return now === {height} || now }}"
            )
        };
        wait_received(&watcher, "the picture comes as the camera gives it", &is_high(240)).await?;
        choose(&caster, "#resolution", "360").await?;
        wait_received(&watcher, "the picture is larger", &is_high(360)).await?;
        // And down again: the camera gives less, and encoders divide what it gives, not what it gave.
        choose(&caster, "#resolution", "480").await?;
        wait_received(&watcher, "the picture is larger yet", &is_high(480)).await?;
        choose(&caster, "#resolution", "360").await?;
        wait_received(&watcher, "the picture is smaller", &is_high(360)).await?;
        caster.reload().await?;
        caster.wait_state("live").await?;
        let asked = caster.script("return vongTest.asked.at(-1)").await?;
        ensure!(asked["height"]["ideal"] == 360, "after a reload the camera is asked for {asked}");
        let chosen = caster.script("return document.querySelector('#resolution').value").await?;
        ensure!(chosen == "360", "{chosen} is shown");
        Ok(())
    })
}

#[test]
fn a_bitrate_that_is_chosen_is_not_exceeded() -> Result<()> {
    run(async |stage| {
        let (_server, caster, watcher) = pair(stage, PAIRS[0]).await?;
        choose(&caster, "#resolution", "720").await?;
        choose(&caster, "#bitrate", "200").await?;
        // Sound takes its part, and encoders are not exact.
        let slow = "async () => {
            const bytes = async () => {
                const stats = [...(await vongTest.connections.at(-1).getStats()).values()];
                const rtp = stats.filter((s) => s.type === 'inbound-rtp' && s.kind === 'video');
                return [rtp.reduce((sum, s) => sum + s.bytesReceived, 0), performance.now()];
            };
            const before = await bytes();
            await new Promise((go) => setTimeout(go, 3000));
            const now = await bytes();
            const kilobits = (now[0] - before[0]) * 8 / (now[1] - before[1]);
            const height = document.querySelector('#video').videoHeight;
            return (kilobits < 260 && kilobits > 20) || `${kilobits} kbit/s, ${height} lines`
        }";
        wait_received(&watcher, "no more comes than was chosen", slow).await
    })
}

#[test]
fn each_watcher_is_shown_with_how_it_is_doing() -> Result<()> {
    for pair_of in PAIRS {
        run(async |stage| {
            let (_server, caster, _watcher) = pair(stage, pair_of).await?;
            until("the watcher's figures are shown", DEADLINE, async || {
                let text =
                    caster.script("return document.querySelector('#audience .doing')?.innerText").await?;
                let figures: Vec<&str> = text.as_str().unwrap_or_default().split(" · ").collect();
                let number = |unit: &str| {
                    let figure = figures.iter().find_map(|figure| figure.strip_suffix(unit))?;
                    figure.trim().parse::<u32>().ok()
                };
                let told = number("p").is_some_and(|short| short >= 120)
                    && number("fps").is_some_and(|fps| fps >= 5)
                    && number("kbit/s").is_some_and(|kilobits| kilobits > 20);
                Ok(if told { Ok(()) } else { Err(text.to_string()) })
            })
            .await
        })?;
    }
    Ok(())
}

/// A computer whose encoders say that they take a hundred times as long as they do.
const SLOW: &str = "() => {
    const get = RTCPeerConnection.prototype.getStats;
    RTCPeerConnection.prototype.getStats = async function () {
        const slowed = new Map();
        (await get.call(this)).forEach((entry, id) => {
            const slow = entry.type === 'outbound-rtp' && entry.kind === 'video';
            slowed.set(id, slow ? { ...entry, totalEncodeTime: entry.totalEncodeTime * 1000 } : entry);
        });
        return slowed;
    };
}";

#[test]
fn a_computer_that_can_encode_no_more_sends_less_and_then_lets_nobody_in_and_says_why() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let slow = Options { kind: Kind::Chromium, preload: Some(SLOW), ..Options::default() };
        let caster = go_live(&stage.browser(slow).await?, &server).await?;
        let browser = stage.chromium().await?;
        let watcher = watch(&browser, &server).await?;
        watcher.wait_media().await?;
        wait_text(&caster, "#thrift", "at most 180p: this computer").await?;
        let small = "async () => { const now = document.querySelector('#video').videoHeight; return now === 180 || now }";
        wait_received(&watcher, "the picture is smaller", small).await?;
        wait_text(&caster, "#thrift", "Nobody else is let in").await?;
        let second = watch(&browser, &server).await?;
        wait_text(&second, "main", "full").await?;
        // Whoever is in stays in, fluently.
        wait_received(&watcher, "the picture is fluent", &comes_at(7, 60)).await?;
        ensure!(watcher.data("state").await? == "live", "the first was let go");
        // A place is given again as soon as there is one, by itself.
        watcher.goto("about:blank").await?;
        second.wait_media().await
    })
}
