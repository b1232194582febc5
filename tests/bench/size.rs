//! Everything that `/watch/demo` downloads at first load, as a browser transfers it.

use std::fmt::Write as _;

use anyhow::{Context, Result, ensure};
use vong_tests::{Stage, run};

use crate::http::{self, Answer};
use crate::{Finding, machine, verdict};

/// The most that may be transferred, in bytes.
const BOUND: usize = 150_000;
const PAGE: &str = "/watch/demo";

/// Every response the page has caused (W3C Resource Timing), and the icons it names.
const LOOK: &str = "
    const entries = ['navigation', 'resource'].flatMap((type) => performance.getEntriesByType(type));
    const path = (url) => new URL(url).pathname;
    return {
        entries: entries.map((e) => ({ path: path(e.name), transferred: e.transferSize, body: e.encodedBodySize })),
        icons: [...document.querySelectorAll('link[rel~=icon]')].map((link) => path(link.href)),
    };
";

struct File {
    name: String,
    /// In bytes: as it is, as transferred, and with the head of the answer.
    plain: usize,
    body: usize,
    transferred: usize,
}

pub(crate) fn measure() -> Result<Finding> {
    let mut finding = None;
    run(async |stage| {
        finding = Some(look(stage).await?);
        Ok(())
    })?;
    finding.context("nothing was measured")
}

async fn look(stage: &Stage) -> Result<Finding> {
    let server = stage.server(&[]).await?;
    let browser = stage.chromium().await?;
    let page = browser.open(&server.url(PAGE)).await?;
    page.wait_state("waiting").await?;
    let look = page.script(LOOK).await?;
    let get = async |path: &str| -> Result<[Answer; 2]> {
        let plain = http::get(server.address(), path, "identity").await?;
        Ok([plain, http::get(server.address(), path, "br").await?])
    };

    let (mut files, mut paths) = (Vec::new(), Vec::new());
    for entry in look["entries"].as_array().context("no entries")? {
        let path = entry["path"].as_str().context("an entry without a path")?;
        let [plain, compressed] = get(path).await?;
        // Nothing came from a cache, and our own request got what the browser got.
        ensure!(entry["transferred"].as_u64() > entry["body"].as_u64(), "not transferred: {entry}");
        ensure!(
            entry["body"] == compressed.body.len(),
            "{} bytes on another request: {entry}",
            compressed.body.len()
        );
        files.push(File::new(path, &plain, &compressed));
        paths.push(path);
    }
    // When a browser loads the icon is its own affair.
    for icon in look["icons"].as_array().context("no icons")? {
        let icon = icon.as_str().context("an icon without a path")?;
        if !paths.contains(&icon) {
            let [plain, compressed] = get(icon).await?;
            files.push(File::new(icon, &plain, &compressed));
        }
    }
    Ok(finding(&files, &browser.version()))
}

impl File {
    fn new(path: &str, plain: &Answer, compressed: &Answer) -> Self {
        let name = if path == PAGE { "index.html".to_owned() } else { without_hash(path) };
        Self { name, plain: plain.body.len(), body: compressed.body.len(), transferred: compressed.size() }
    }
}

/// So that the document does not change with every build: `/a-0123456789abcdef_bg.wasm` is `a_bg.wasm`.
fn without_hash(path: &str) -> String {
    let name = path.rsplit('/').next().unwrap_or(path);
    let pieces = name.split('-').map(|piece| {
        let rest = piece.trim_start_matches(|c: char| c.is_ascii_hexdigit());
        if piece.len() - rest.len() < 12 { format!("-{piece}") } else { rest.to_owned() }
    });
    pieces.collect::<String>().trim_start_matches('-').to_owned()
}

fn finding(files: &[File], browser: &str) -> Finding {
    let sum = |size: fn(&File) -> usize| files.iter().map(size).sum::<usize>();
    let total = sum(|file| file.transferred);
    let holds = total <= BOUND;
    let mut text = format!(
        "**{} KB in {} files.** Bound: {} KB, {}.\n\n\
         `{PAGE}` is opened in Chromium with an empty cache, and every response it causes is taken from Resource Timing, \
         then\nrequested once more with `Accept-Encoding: br`, which has to give a body of the same size and tells the size \
         of the head.\nThe icon counts whether the browser loaded it or not. Sizes in bytes.\n\n\
         | file | as it is | with brotli | transferred, with the head |\n|---|---:|---:|---:|\n",
        kilobytes(total),
        files.len(),
        kilobytes(BOUND),
        verdict(holds),
    );
    for File { name, plain, body, transferred } in files {
        // A `String` takes everything that is written to it.
        let _ = writeln!(text, "| {name} | {plain} | {body} | {transferred} |");
    }
    let (plain, body) = (sum(|file| file.plain), sum(|file| file.body));
    let _ = write!(text, "| all | {plain} | {body} | {total} |\n\n{}", machine::describe(Some(browser)));
    Finding { text, holds }
}

/// Rounded up, so that a bound that is written to hold does.
fn kilobytes(bytes: usize) -> String {
    let tenths = bytes.div_ceil(100);
    format!("{}.{}", tenths / 10, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_watcher_downloads_is_within_its_bound() {
        let finding = measure().unwrap();
        assert!(finding.holds, "{}", finding.text);
    }

    #[test]
    fn names_do_not_change_with_every_build() {
        assert_eq!(without_hash("/vong-client-67302dcceefa7363_bg.wasm"), "vong-client_bg.wasm");
        assert_eq!(without_hash("/icon-c2dc3d391aafdd5.svg"), "icon.svg");
        assert_eq!(without_hash("/decade-facade.js"), "decade-facade.js");
    }
}
