//! Lighthouse: runs it on a page in a browser of its own, and reads its report. What a page has to reach is the tests' business.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::server::target_dir;
use crate::tree::Tree;
use crate::wait::until;

/// Longest that one look at one page may take; some ten seconds are usual.
const LOOK: Duration = Duration::from_mins(1);
/// What it looks at.
const CATEGORIES: &str = "performance,accessibility,best-practices,seo";
/// What Chromium is called, as in what installs it.
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];
/// Camera and microphone as other tests have them, and what it takes to run in a container. The rest is Lighthouse's own: a further
/// `--disable-features` would take the place of its, and scores are compared with what others get.
const FLAGS: &str = "--headless --no-sandbox --disable-gpu --disable-dev-shm-usage --use-fake-ui-for-media-stream \
    --use-fake-device-for-media-stream=fps=10";
/// How many places are told of each audit that failed, and how much of each.
const PLACES: usize = 3;
const LETTERS: usize = 300;

/// Lighthouse, where it is installed.
#[derive(Debug)]
pub struct Lighthouse {
    program: PathBuf,
    browser: PathBuf,
}

/// What it found on one page.
#[derive(Debug)]
pub struct Report(Value);

impl Lighthouse {
    /// `None` where it, node or Chromium is missing.
    pub fn find() -> Option<Self> {
        let program = target_dir().join("node/node_modules/lighthouse/cli/index.js");
        let on_path = |name: &str| {
            let folders = env::var_os("PATH")?;
            env::split_paths(&folders).map(|folder| folder.join(name)).find(|file| file.is_file())
        };
        on_path("node")?;
        let browser = BROWSERS.into_iter().find_map(on_path)?;
        program.is_file().then_some(Self { program, browser })
    }

    /// Looks at a page as somebody with an ordinary phone does: the network and processor that Lighthouse assumes of its own accord,
    /// simulated. The phone's processor is so many times slower than this one. What it says, and the report as JSON and to look at,
    /// are left in `folder` as `name`.
    pub async fn look(&self, url: &str, slower: f64, folder: &Path, name: &str) -> Result<Report> {
        let temporary = tempfile::TempDir::with_prefix("vong-")?;
        let log = File::create(folder.join(format!("{name}.log")))?;
        let mut command = Command::new("node");
        command.arg(&self.program).args([url, "--quiet", "--no-enable-error-reporting"]).args([
            format!("--only-categories={CATEGORIES}"),
            "--output=json".to_owned(),
            "--output=html".to_owned(),
            format!("--output-path={}", folder.join(name).display()),
            format!("--chrome-path={}", self.browser.display()),
            format!("--chrome-flags={FLAGS}"),
            format!("--throttling.cpuSlowdownMultiplier={slower:.2}"),
        ]);
        // The browser's profile goes there.
        command.env("TMPDIR", temporary.path()).stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        let mut tree = command.spawn().map(Tree).context("node does not start")?;
        let status = until(&format!("Lighthouse is done with {url}"), LOOK, async || {
            Ok(tree.0.try_wait()?.ok_or_else(|| "it is at work".to_owned()))
        })
        .await?;
        let said = || fs::read_to_string(folder.join(format!("{name}.log"))).unwrap_or_default();
        ensure!(status.success(), "Lighthouse on {url}: {status}: {}", said());
        let report = folder.join(format!("{name}.report.json"));
        let report = fs::read(&report).with_context(|| format!("reading {}", report.display()))?;
        let report: Value = serde_json::from_slice(&report)?;
        ensure!(report["runtimeError"].is_null(), "Lighthouse on {url}: {}", report["runtimeError"]);
        Ok(Report(report))
    }
}

impl Report {
    /// How fast this machine was just then, in Lighthouse's own measure (`BenchmarkIndex`).
    pub fn speed(&self) -> Option<f64> {
        self.0["environment"]["benchmarkIndex"].as_f64()
    }

    /// From 0 to 100.
    pub fn score(&self, category: &str) -> Result<u8> {
        let score = self.0["categories"][category]["score"].as_f64();
        let score = score.with_context(|| format!("{category} has no score"))?;
        // Rounded as in Lighthouse's own report; it is within bounds by definition.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is from 0 to 100")]
        Ok((score * 100.0).round() as u8)
    }

    /// The audits that keep a category from 100: a line each, and the first places that they name.
    pub fn failures(&self, category: &str) -> String {
        let refs = self.0["categories"][category]["auditRefs"].as_array().into_iter().flatten();
        let counts = refs.filter(|audit| audit["weight"].as_f64() > Some(0.0));
        let audits = counts.filter_map(|audit| self.0["audits"].get(audit["id"].as_str()?));
        // One that does not apply has no score.
        let failed = audits.filter(|audit| audit["score"].as_f64().is_some_and(|score| score < 1.0));
        failed.map(line).collect()
    }
}

fn line(audit: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let items = audit["details"]["items"].as_array().into_iter().flatten();
    let places = items.take(PLACES).map(|item| {
        let snippet = item["node"]["snippet"].as_str().map_or_else(|| item.to_string(), str::to_owned);
        format!("\n    {}", snippet.chars().take(LETTERS).collect::<String>())
    });
    let places: String = places.collect();
    format!("\n  {} {} {}{places}", text(&audit["id"]), audit["score"], text(&audit["displayValue"]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_keeps_a_category_from_its_best_is_told_with_its_first_places_and_nothing_else_is() {
        let weighs = |id: &str, weight: u8| json!({ "id": id, "weight": weight });
        let button = |text: &str| json!({ "node": { "snippet": format!("<button>{text}") } });
        let buttons = ["a", "b", "c", "d"].map(button);
        let report = Report(json!({
            "categories": { "seo": { "score": 0.925, "auditRefs": [
                weighs("passed", 1), weighs("names", 3), weighs("urls", 1), weighs("absent", 1), weighs("advice", 0),
            ] } },
            "audits": {
                "passed": { "id": "passed", "score": 1 },
                "names": { "id": "names", "score": 0, "details": { "items": buttons } },
                "urls": { "id": "urls", "score": 0.5, "displayValue": "1 s", "details": { "items": [{ "url": "/x" }] } },
                "absent": { "id": "absent", "score": null },
                "advice": { "id": "advice", "score": 0 },
            },
        }));
        assert_eq!(report.score("seo").unwrap(), 93);
        let told =
            "\n  names 0 \n    <button>a\n    <button>b\n    <button>c\n  urls 0.5 1 s\n    {\"url\":\"/x\"}";
        assert_eq!(report.failures("seo"), told);
        assert!(report.score("performance").is_err());
    }
}
