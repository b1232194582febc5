//! The harness itself, against a page without Vọng: when these fail, the machine or its browsers are at fault.

use std::fs;
use std::net::Ipv4Addr;
use std::time::Duration;

use anyhow::{Result, bail, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use vong_tests::{Browser, Devices, Kind, Options, Stage, run};

/// Longer than any pause of a healthy stream on a busy machine.
const GAP: Duration = Duration::from_secs(3);

/// Serves the one page for as long as the test runs, and returns its address.
async fn serve() -> Result<String> {
    async fn answer(mut stream: TcpStream) -> Result<()> {
        let page = include_str!("loopback.html");
        let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nConnection: close";
        let _ = stream.read(&mut [0; 4096]).await?;
        stream
            .write_all(format!("{head}\r\nContent-Length: {}\r\n\r\n{page}", page.len()).as_bytes())
            .await?;
        Ok(stream.shutdown().await?)
    }
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let address = format!("http://localhost:{}/", listener.local_addr()?.port());
    tokio::task::spawn_local(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::task::spawn_local(answer(stream));
        }
    });
    Ok(address)
}

async fn sees_and_hears(browser: Browser) -> Result<()> {
    let url = format!("{}?video&audio", serve().await?);
    let page = browser.open(&url).await?;
    page.wait_media().await?;
    // Two windows of one browser both count as looked at.
    browser.open(&url).await?.wait_media().await?;
    page.wait_media().await?;
    ensure!(page.connections().await? == ["connected", "connected"]);
    let mut tracks = page.tracks().await?;
    tracks.sort();
    ensure!(tracks == ["audio live", "video live"], "{tracks:?}");
    page.start_gap().await?;
    page.wait_frames(10).await?;
    let gap = page.longest_gap().await?;
    ensure!(gap < GAP, "{gap:?}");
    page.script("vongTest.connections.forEach((c) => c.close())").await?;
    vong_tests::until("the gap is noticed", vong_tests::DEADLINE, async || {
        let longest = page.longest_gap().await?;
        Ok(if longest > GAP { Ok(()) } else { Err(format!("{longest:?}")) })
    })
    .await
}

#[test]
fn chromium_sees_and_hears_itself() -> Result<()> {
    run(async |stage| sees_and_hears(stage.chromium().await?).await)
}

#[test]
fn firefox_sees_and_hears_itself() -> Result<()> {
    run(async |stage| sees_and_hears(stage.firefox().await?).await)
}

/// What `getUserMedia` says to such a page.
async fn refusal(stage: &Stage, devices: Devices, query: &str) -> Result<String> {
    let browser = stage.browser(Options { devices, ..Options::default() }).await?;
    let page = browser.open(&format!("{}?{query}", serve().await?)).await?;
    page.wait_state("failed").await?;
    page.data("error").await
}

#[test]
fn devices_are_missing_or_denied_as_asked_for() -> Result<()> {
    run(async |stage| {
        ensure!(refusal(stage, Devices::NoCamera, "video").await? == "NotFoundError");
        ensure!(refusal(stage, Devices::NoMicrophone, "audio").await? == "NotFoundError");
        ensure!(refusal(stage, Devices::Denied, "video").await? == "NotAllowedError");
        Ok(())
    })
}

#[test]
fn a_failed_test_leaves_evidence() -> Result<()> {
    let mut folder = None;
    let failed = run(async |stage| {
        folder = Some(stage.folder().to_owned());
        for kind in [Kind::Chromium, Kind::Firefox] {
            let browser = stage.browser(Options { kind, ..Options::default() }).await?;
            browser.open(&format!("{}?video&audio", serve().await?)).await?.wait_state("live").await?;
        }
        bail!("on purpose")
    });
    ensure!(failed.is_err_and(|error| error.to_string() == "on purpose"));
    let Some(folder) = folder else { bail!("the test did not run") };
    for browser in ["chromium1", "firefox2"] {
        ensure!(fs::read(folder.join(format!("{browser}-page1.png")))?.starts_with(b"\x89PNG"));
        ensure!(fs::read_to_string(folder.join(format!("{browser}-page1.html")))?.contains("<video"));
        ensure!(
            fs::read_to_string(folder.join(format!("{browser}-console.log")))?.contains("loopback is live")
        );
        ensure!(folder.join(format!("{browser}-driver.log")).is_file());
    }
    Ok(fs::remove_dir_all(folder)?)
}
