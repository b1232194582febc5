//! What is kept of a failed test, for whoever has to find out why.

use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use tokio::time::timeout;

use crate::browser::Browser;
use crate::page::Page;

/// Longest that one page may take to be recorded; it may hang for the very reason the test failed.
const RECORD: Duration = Duration::from_secs(10);

/// Adds screenshots, sources, console and log of a browser to `folder`.
pub(crate) async fn record(browser: &Browser, folder: &Path) {
    let name = &browser.0.name;
    note(fs::write(folder.join(format!("{name}-console.log")), browser.console()).map_err(Into::into));
    note(
        fs::copy(browser.0.running.driver.log(), folder.join(format!("{name}-driver.log")))
            .map(drop)
            .map_err(Into::into),
    );
    let pages = browser.0.pages.borrow().clone();
    for (number, page) in pages.iter().enumerate() {
        let stem = format!("{name}-page{}", number + 1);
        match timeout(RECORD, record_page(page, folder, &stem)).await {
            Ok(result) => note(result),
            Err(_) => eprintln!("evidence: {stem} did not answer"),
        }
    }
}

async fn record_page(page: &Page, folder: &Path, stem: &str) -> Result<()> {
    let client = page.client().await?;
    let source = format!("<!-- {} -->\n{}", client.current_url().await?, client.source().await?);
    fs::write(folder.join(format!("{stem}.html")), source)?;
    fs::write(folder.join(format!("{stem}.png")), client.screenshot().await?)?;
    Ok(())
}

/// Evidence that cannot be had is told, and must not hide the failure itself.
fn note(result: Result<()>) {
    if let Err(error) = result {
        eprintln!("evidence: {error:#}");
    }
}
