//! How many watchers one computer serves fluently with our page, and with one that has an encoder for each and no more thought.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use vong_tests::{Devices, Options, Page, Stage, run_within, until};

use crate::stats::Spread;
use crate::{Finding, http, machine, verdict};

/// At least so many times the watchers.
const BOUND: f64 = 2.0;
/// By turns.
const REPEATS: usize = 2;
/// Pictures a second that everyone has to get.
const FLUENT: f64 = 29.0;
/// For how long, in milliseconds.
const WATCHED: u64 = 3_000;
/// How long it may take until they do, with one more.
const PATIENCE: Duration = Duration::from_secs(30);
/// For one of them.
const LIMIT: Duration = Duration::from_mins(20);
/// Where it ends, whatever comes.
const MOST: usize = 40;

/// One way of broadcasting, as far as it went.
struct Carried {
    watchers: usize,
    /// Lines of the picture that they got, the least and the most.
    lines: (u64, u64),
    /// It said itself that it was full.
    said: bool,
}

pub(crate) fn measure() -> Result<Finding> {
    let (mut ours, mut naive) = (Vec::new(), Vec::new());
    let mut version = String::new();
    for _ in 0..REPEATS {
        // One is over, with its browsers, before the other begins.
        run_within(LIMIT, async |stage| {
            naive.push(with_naive(stage).await?);
            version = stage.chromium().await?.version();
            Ok(())
        })?;
        run_within(LIMIT, async |stage| {
            ours.push(with_ours(stage).await?);
            Ok(())
        })?;
    }
    finding(&ours, &naive, &version)
}

fn full_size() -> Options {
    Options { devices: Devices::FullSize, ..Options::default() }
}

async fn with_ours(stage: &Stage) -> Result<Carried> {
    let seats = http::serve(include_str!("seats.html")).await?;
    let server = stage.server(&["--allow-origin", &seats]).await?;
    let caster = stage.browser(full_size()).await?.open(&server.url("/broadcast/demo")).await?;
    caster.wait_data("devices", "ready").await?;
    caster.click("#go-live").await?;
    caster.wait_state("live").await?;
    fill(stage, &seats, &server.url("/signal")).await
}

async fn with_naive(stage: &Stage) -> Result<Carried> {
    let seats = http::serve(include_str!("seats.html")).await?;
    let naive = http::serve(include_str!("naive.html")).await?;
    let server = stage.server(&["--allow-origin", &seats, "--allow-origin", &naive]).await?;
    let signal = server.url("/signal").replacen("http", "ws", 1);
    let browser = stage.browser(full_size()).await?;
    let caster = browser.open(&format!("{naive}/?room=demo&signal={signal}")).await?;
    until("the naive page is live", Duration::from_secs(20), async || {
        let live = caster.script("return window.live === true").await?;
        Ok(if live == true { Ok(()) } else { Err("it is not".to_owned()) })
    })
    .await?;
    fill(stage, &seats, &server.url("/signal")).await
}

/// Lets in one after the other, until they are not all served any more.
async fn fill(stage: &Stage, seats: &str, signal: &str) -> Result<Carried> {
    let signal = signal.replacen("http", "ws", 1);
    let page = stage.chromium().await?.open(&format!("{seats}/?room=demo&signal={signal}")).await?;
    let mut carried = Carried { watchers: 0, lines: (0, 0), said: false };
    while carried.watchers < MOST {
        page.script("sit()").await?;
        match fluent(&page, carried.watchers + 1).await? {
            Served::All(lines) => carried = Carried { watchers: carried.watchers + 1, lines, said: false },
            Served::Refused => return Ok(Carried { said: true, ..carried }),
            Served::NotAll => return Ok(carried),
        }
    }
    Ok(carried)
}

enum Served {
    All((u64, u64)),
    Refused,
    NotAll,
}

async fn fluent(page: &Page, seats: usize) -> Result<Served> {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        let look =
            format!("const done = arguments[0]; watched({WATCHED}).then(done, (e) => done(String(e)));");
        let seen = page.script_async(&look).await?;
        let seen = seen.as_array().with_context(|| format!("no figures: {seen}"))?;
        ensure!(seen.len() == seats, "{} seats, not {seats}", seen.len());
        if seen.iter().any(|seat| seat["refused"].is_string()) {
            return Ok(Served::Refused);
        }
        if seen.iter().all(|seat| seat["fps"].as_f64().is_some_and(|fps| fps >= FLUENT)) {
            let lines: Vec<u64> = seen.iter().filter_map(|seat| seat["height"].as_u64()).collect();
            let of = |line: Option<&u64>| line.copied().unwrap_or_default();
            return Ok(Served::All((of(lines.iter().min()), of(lines.iter().max()))));
        }
    }
    Ok(Served::NotAll)
}

fn finding(ours: &[Carried], naive: &[Carried], browser: &str) -> Result<Finding> {
    let median = |all: &[Carried]| -> Result<f64> {
        #[expect(clippy::cast_precision_loss, reason = "some tens")]
        let counts = all.iter().map(|carried| carried.watchers as f64);
        Ok(Spread::of(counts).context("nothing was measured")?.median)
    };
    let (our_median, naive_median) = (median(ours)?, median(naive)?);
    let ratio = our_median / naive_median.max(1.0);
    let holds = ratio >= BOUND;
    let mut text = format!(
        "**{our_median:.0} watchers against {naive_median:.0}, {ratio:.1} times as many.** Bound: {BOUND} times, median against \
         median, {}.\n\n\
         One Chromium broadcasts a camera of 720 lines and 30 pictures a second: by turns with our page and with\n\
         `tests/bench/star/naive.html`, which has a connection and an encoder for each watcher and leaves the rest to the browser.\n\
         Another one on the same machine has all watchers in one page (`seats.html`), each with a socket and a connection of its\n\
         own, and decodes what they get. They come one by one, as long as all of them get at least {FLUENT} pictures a second over\n\
         {} s, for which they have {} s each time.\n\n\
         | page | run | watchers | lines of the picture | how it ended |\n|---|---:|---:|---|---|\n",
        verdict(holds),
        WATCHED / 1_000,
        PATIENCE.as_secs(),
    );
    for (page, all) in [("Vọng", ours), ("naive", naive)] {
        for (run, Carried { watchers, lines: (least, most), said }) in all.iter().enumerate() {
            let lines = if least == most { least.to_string() } else { format!("{least} to {most}") };
            let end = if *said { "the page let nobody else in" } else { "not all were served fluently" };
            let _ = writeln!(text, "| {page} | {} | {watchers} | {lines} | {end} |", run + 1);
        }
    }
    let _ = write!(text, "\n{}", machine::describe(Some(browser)));
    Ok(Finding { text, holds })
}
