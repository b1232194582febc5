//! How long a watcher waits for the first frame, on our page and on one of plain JavaScript that does the same exchange.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use vong_tests::{Autoplay, Options, Page, Server, Stage, run};

use crate::stats::Spread;
use crate::{Finding, http, machine, verdict};

/// The most that our page may take longer, median against median, in milliseconds.
const BOUND: f64 = 60.0;
const PAIRS: usize = 20;
/// Pairs before those that count: they fill the cache.
const WARM_UPS: usize = 2;
/// What is noted on the way, by its name in `first_frame.js`, and what it is.
const STEPS: [(&str, &str); 9] = [
    ("socket", "WebSocket asked for"),
    ("connection", "`RTCPeerConnection` made"),
    ("opened", "WebSocket open"),
    ("joined", "`joined` received"),
    ("offered", "offer set"),
    ("answered", "answer received"),
    ("connected", "connected (ICE and DTLS)"),
    ("any", "first frame of any kind, black ones too"),
    ("frame", "first frame that shows something"),
];

/// One load: when each of [`STEPS`] was reached, in milliseconds since the navigation began.
type Load = [f64; STEPS.len()];

pub(crate) fn measure() -> Result<Finding> {
    let mut finding = None;
    run(async |stage| {
        finding = Some(compare(stage).await?);
        Ok(())
    })?;
    finding.context("nothing was measured")
}

async fn compare(stage: &Stage) -> Result<Finding> {
    let origin = http::serve(include_str!("plain.html")).await?;
    let server = stage.server(&["--allow-origin", &origin]).await?;
    let signal = server.url("/signal").replacen("http", "ws", 1);
    let ours_url = server.url("/watch/demo");
    let plain_url = format!("{origin}/?room=demo&signal={signal}");

    let broadcaster = go_live(stage, &server).await?;
    // Sound is refused, as people's browsers do before the first tap: our page asks for it, and then plays without.
    let preload = Some(include_str!("first_frame.js"));
    let options = Options { autoplay: Autoplay::Refused, preload, ..Options::default() };
    let browser = stage.browser(options).await?;
    let watcher = browser.open("about:blank").await?;

    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for pair in 0..WARM_UPS + PAIRS {
        let warm = pair >= WARM_UPS;
        let load = async |url: &str, loads: &mut Vec<Load>| -> Result<()> {
            let steps = first_frame(&watcher, &broadcaster, url, warm).await?;
            if warm {
                loads.push(steps);
            }
            Ok(())
        };
        // Each goes first as often as the other.
        if pair % 2 == 0 {
            load(&ours_url, &mut ours).await?;
            load(&plain_url, &mut plain).await?;
        } else {
            load(&plain_url, &mut plain).await?;
            load(&ours_url, &mut ours).await?;
        }
    }
    finding(&ours, &plain, &browser.version())
}

async fn go_live(stage: &Stage, server: &Server) -> Result<Page> {
    let page = stage.chromium().await?.open(&server.url("/broadcast/demo")).await?;
    page.wait_data("devices", "ready").await?;
    page.click("#go-live").await?;
    page.wait_state("live").await?;
    Ok(page)
}

/// Loads the page anew, once the broadcaster has let the last one go.
async fn first_frame(watcher: &Page, broadcaster: &Page, url: &str, warm: bool) -> Result<Load> {
    watcher.goto("about:blank").await?;
    broadcaster.wait_data("watchers", "0").await?;
    broadcaster.wait_data("viewing", "0").await?;
    watcher.goto(url).await?;
    let seen = watcher.script("return vongFirstFrame").await?;
    ensure!(!warm || seen["loaded"] == 0, "{url} was not loaded from the cache: {seen}");
    let mut load = [0.0; STEPS.len()];
    for (at, (step, _)) in load.iter_mut().zip(STEPS) {
        *at = seen["steps"][step].as_f64().with_context(|| format!("{url} did not reach {step}: {seen}"))?;
    }
    Ok(load)
}

fn finding(ours: &[Load], plain: &[Load], browser: &str) -> Result<Finding> {
    let at =
        |loads: &[Load], step: usize| Spread::of(loads.iter().map(|load| load[step])).context("no loads");
    let last = STEPS.len() - 1;
    let (our_frame, plain_frame) = (at(ours, last)?, at(plain, last)?);
    let more = our_frame.median - plain_frame.median;
    let holds = more <= BOUND;
    let mut text = format!(
        "**{more:+.0} ms against plain JavaScript, {:.2} times its time.** Bound: {BOUND} ms more, median against median, \
         {}.\n\n\
         One Chromium broadcasts with our page, another watches through the same server: by turns with our page and with\n\
         `tests/bench/plain.html`, {PAIRS} loads of each after {WARM_UPS} that fill the cache, each from `about:blank` once \
         the broadcaster has let\nthe last one go. A load counts when nothing but the page itself came over the network.\nThe time is \
         `performance.now()`, which begins with the navigation, in the first call of `requestVideoFrameCallback` whose\n\
         frame is not black.\n\n\
         | milliseconds | median | quartiles | least to most |\n|---|---:|---:|---:|\n",
        our_frame.median / plain_frame.median,
        verdict(holds),
    );
    for (page, Spread { least, lower_quartile, median, upper_quartile, most }) in
        [("Vọng", our_frame), ("plain JavaScript", plain_frame)]
    {
        let quartiles = format!("{lower_quartile:.0} to {upper_quartile:.0}");
        let _ = writeln!(text, "| {page} | {median:.0} | {quartiles} | {least:.0} to {most:.0} |");
    }
    let pairs = ours.iter().zip(plain).map(|(ours, plain)| ours[last] - plain[last]);
    let Spread { least, lower_quartile, median, upper_quartile, most } =
        Spread::of(pairs).context("no pairs")?;
    let quartiles = format!("{lower_quartile:+.0} to {upper_quartile:+.0}");
    let _ = writeln!(
        text,
        "| difference in each pair | {median:+.0} | {quartiles} | {least:+.0} to {most:+.0} |"
    );

    text.push_str("\nOn the way there, in milliseconds since the navigation began, medians:\n\n");
    text.push_str("| step | Vọng | plain JavaScript | difference |\n|---|---:|---:|---:|\n");
    for (step, (_, name)) in STEPS.iter().enumerate() {
        let (ours, plain) = (at(ours, step)?.median, at(plain, step)?.median);
        let _ = writeln!(text, "| {name} | {ours:.0} | {plain:.0} | {:+.0} |", ours - plain);
    }
    let _ = write!(text, "\n{}", machine::describe(Some(browser)));
    Ok(Finding { text, holds })
}
