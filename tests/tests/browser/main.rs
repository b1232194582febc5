//! Vọng in real browsers, from the outside: each test has a server of its own.

mod accessibility;
mod admission;
mod chat;
mod clip;
mod devices;
mod diagnosis;
mod entering;
mod files;
mod https;
mod installing;
mod lighthouse;
mod quality;
mod recovery;
mod rooms;
mod seat;
mod studio;
mod watching;

use anyhow::Result;
use vong_tests::{Browser, Page, Server};

/// Opens the broadcaster's page, with the devices ready and nobody live.
async fn prepare(browser: &Browser, server: &Server) -> Result<Page> {
    let page = browser.open(&server.url("/broadcast/demo")).await?;
    page.wait_data("devices", "ready").await?;
    page.wait_state("idle").await?;
    Ok(page)
}

/// Opens the broadcaster's page and goes live.
async fn go_live(browser: &Browser, server: &Server) -> Result<Page> {
    let page = prepare(browser, server).await?;
    page.click("#go-live").await?;
    page.wait_state("live").await?;
    Ok(page)
}

/// Opens a watcher's page.
async fn watch(browser: &Browser, server: &Server) -> Result<Page> {
    browser.open(&server.url("/watch/demo")).await
}
