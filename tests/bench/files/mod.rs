//! How fast a file goes from page to page, beside a plain data channel that carries bytes and nothing else; and what it takes of memory.

use std::fmt::Write as _;
use std::time::Duration;

use anyhow::{Context, Result};
use vong_tests::{Options, Page, SAVES, Server, Stage, run_within, until};

use crate::stats::Spread;
use crate::{Finding, http, machine, verdict};

/// At least this part of the plain channel's rate.
const RATE: f64 = 0.95;
/// Of each file, in bytes.
const SIZE: u64 = 100_000_000;
/// By turns.
const REPEATS: usize = 5;
/// Of the file that memory is looked at with, in bytes; and by how much more than the plain page's the heap may grow, in bytes.
const LARGE: u64 = 2_000_000_000;
const HEAP: f64 = 32_000_000.0;
/// How long one file may take.
const PATIENCE: Duration = Duration::from_mins(5);

pub(crate) fn measure() -> Result<Finding> {
    let mut finding = None;
    run_within(PATIENCE * 6, async |stage| {
        finding = Some(compare(stage).await?);
        Ok(())
    })?;
    finding.context("nothing was measured")
}

async fn compare(stage: &Stage) -> Result<Finding> {
    let raw = http::serve(include_str!("raw.html")).await?;
    let server = stage.server(&["--allow-origin", &raw]).await?;
    let (caster, watcher) = pages(stage, &server).await?;
    let (giver, taker) = channel(stage, &server, &raw).await?;
    let (mut ours, mut plain) = (Vec::new(), Vec::new());
    for turn in 0..REPEATS {
        // Each goes first as often as the other, nearly.
        if turn % 2 == 0 {
            plain.push(bytes(&giver, &taker).await?);
            ours.push(file(&caster, &watcher, turn, SIZE).await?);
        } else {
            ours.push(file(&caster, &watcher, turn, SIZE).await?);
            plain.push(bytes(&giver, &taker).await?);
        }
    }
    let large = file(&caster, &watcher, REPEATS, LARGE).await?;
    finding(&ours, &plain, &large, &stage.chromium().await?.version())
}

/// Our two pages, with nothing else going over their connection.
async fn pages(stage: &Stage, server: &Server) -> Result<(Page, Page)> {
    let saves = || Options { preload: Some(SAVES), ..Options::default() };
    let caster = stage.browser(saves()).await?.open(&server.url("/broadcast/demo")).await?;
    caster.wait_data("devices", "ready").await?;
    caster.click("#go-live").await?;
    caster.wait_state("live").await?;
    let watcher = stage.browser(saves()).await?.open(&server.url("/watch/demo")).await?;
    watcher.wait_media().await?;
    watcher.click("#chat-button").await?;
    watcher.click("#files-button").await?;
    caster.click("#files-button").await?;
    caster.click("#pause").await?;
    until("a file can be sent", PATIENCE, async || {
        let can = caster.script("return document.querySelector('#pick-file')?.disabled === false").await?;
        Ok(if can == true { Ok(()) } else { Err("not yet".to_owned()) })
    })
    .await?;
    Ok((caster, watcher))
}

/// The two ends of a plain channel.
async fn channel(stage: &Stage, server: &Server, origin: &str) -> Result<(Page, Page)> {
    let signal = server.url("/signal").replacen("http", "ws", 1);
    let url = |role: &str| format!("{origin}/?role={role}&room=raw&signal={signal}");
    let giver = stage.browser(Options::default()).await?.open(&url("broadcaster")).await?;
    let taker = stage.browser(Options::default()).await?.open(&url("watcher")).await?;
    for page in [&giver, &taker] {
        until("the plain channel is open", PATIENCE, async || {
            let ready = page.script("return channel.readyState").await?;
            Ok(if ready == "open" { Ok(()) } else { Err(ready.to_string()) })
        })
        .await?;
    }
    Ok((giver, taker))
}

/// The same over the plain channel.
async fn bytes(giver: &Page, taker: &Page) -> Result<Sent> {
    let heaps = Heaps::now(giver, taker).await?;
    taker
        .script(&format!("window.took = receive({SIZE}); window.took.then((ms) => window.took = ms)"))
        .await?;
    giver.script(&format!("give({SIZE})")).await?;
    heaps.until_taken(SIZE).await
}

/// The heaps of both pages, what the browser keeps for them outside of it included, and what garbage it has not collected yet.
struct Heaps<'a> {
    pages: [(&'a Page, f64); 2],
}

async fn heap(page: &Page) -> Result<f64> {
    page.script("return performance.memory.usedJSHeapSize").await?.as_f64().context("a size of the heap")
}

impl<'a> Heaps<'a> {
    async fn now(giver: &'a Page, taker: &'a Page) -> Result<Self> {
        Ok(Self { pages: [(giver, heap(giver).await?), (taker, heap(taker).await?)] })
    }

    /// Looks at them until the second page says how long it `took` for so many bytes.
    async fn until_taken(&self, size: u64) -> Result<Sent> {
        let [_, (taker, _)] = self.pages;
        let (mut took, mut grew) = (None, 0.0_f64);
        until("all of it is there", PATIENCE, async || {
            for (page, before) in self.pages {
                grew = grew.max(heap(page).await? - before);
            }
            took =
                taker.script("return typeof window.took === 'number' ? window.took : null").await?.as_f64();
            Ok(if took.is_some() { Ok(()) } else { Err("not yet".to_owned()) })
        })
        .await?;
        Ok(Sent { rate: rate(size, took.context("a time")?), grew })
    }
}

#[expect(clippy::cast_precision_loss, reason = "some gigabytes")]
fn rate(bytes: u64, millis: f64) -> f64 {
    bytes as f64 / 1_000.0 / millis
}

struct Sent {
    /// Megabytes a second, for a file from accepting it to its being whole and on disk.
    rate: f64,
    /// By how many bytes the heaps of the two pages grew at most.
    grew: f64,
}

async fn file(caster: &Page, watcher: &Page, number: usize, size: u64) -> Result<Sent> {
    let name = format!("{number}.bin");
    // One megabyte, again and again: what a browser has of it is a list.
    let pick = format!(
        "const part = new Blob([crypto.getRandomValues(new Uint8Array(50000))]);
         const transfer = new DataTransfer();
         transfer.items.add(new File(Array({size} / 50000).fill(part), '{name}'));
         const field = document.querySelector('#pick-file');
         field.files = transfer.files;
         field.dispatchEvent(new Event('change', {{ bubbles: true }}));"
    );
    caster.script(&pick).await?;
    let line = format!(
        "[...document.querySelectorAll('#file-list li')].find((line) => line.innerText.includes('{name}'))"
    );
    let state = async || watcher.script(&format!("return {line}?.dataset.state ?? null")).await;
    until("the file is on offer", PATIENCE, async || {
        let state = state().await?;
        Ok(if state == "offered" { Ok(()) } else { Err(state.to_string()) })
    })
    .await?;
    let heaps = Heaps::now(caster, watcher).await?;
    // The time is taken in the page: asking takes time, too.
    let accept = format!(
        "const line = {line};
         const began = performance.now();
         window.took = null;
         new MutationObserver((_, seen) => {{
             if (line.dataset.state !== 'done') return;
             window.took = performance.now() - began;
             seen.disconnect();
         }}).observe(line, {{ attributes: true }});
         line.querySelector('.file-act').click();"
    );
    watcher.script(&accept).await?;
    heaps.until_taken(size).await
}

fn finding(ours: &[Sent], plain: &[Sent], large: &Sent, browser: &str) -> Result<Finding> {
    let spread = |all: &[Sent]| Spread::of(all.iter().map(|sent| sent.rate)).context("nothing was measured");
    let (our_rate, plain_rate) = (spread(ours)?, spread(plain)?);
    let ratio = our_rate.median / plain_rate.median;
    let plain_grew = plain.iter().map(|sent| sent.grew).fold(0.0, f64::max);
    let more = large.grew - plain_grew;
    let (fast, small) = (ratio >= RATE, more <= HEAP);
    let mut text = format!(
        "**{:.1} MB/s, {ratio:.2} of a plain channel's {:.1} MB/s.** Bound: {RATE}, median against median, {}. With a file of {} GB our \
         pages' heaps grew by {:.0} MB at most, the plain ones', with {} MB, by {:.0} MB: garbage above all, which the browser collects when it \
         thinks fit, where ours frees what a block was in. Bound: {:.0} MB more, {}.\n\n\
         One Chromium offers files of {} MB to another one, by turns with `tests/bench/files/raw.html`, whose ends are two further\n\
         ones: a data channel that carries as many bytes in pieces of 64 KiB, and nothing else. Ours is from the tap that accepts to the\n\
         file's being on disk with all its sums right, while the broadcast is paused. Nothing but loopback is in between.\n\n\
         | MB/s | median | least to most |\n|---|---:|---:|\n",
        our_rate.median,
        plain_rate.median,
        verdict(fast),
        LARGE / 1_000_000_000,
        large.grew / 1_000_000.0,
        SIZE / 1_000_000,
        plain_grew / 1_000_000.0,
        HEAP / 1_000_000.0,
        verdict(small),
        SIZE / 1_000_000,
    );
    for (what, Spread { least, median, most, .. }) in [("Vọng", our_rate), ("plain channel", plain_rate)] {
        let _ = writeln!(text, "| {what} | {median:.1} | {least:.1} to {most:.1} |");
    }
    let _ = writeln!(text, "| Vọng, {} GB | {:.1} | |", LARGE / 1_000_000_000, large.rate);
    let _ = write!(text, "\n{}", machine::describe(Some(browser)));
    Ok(Finding { text, holds: fast && small })
}
