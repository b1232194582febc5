//! What pages find out about the way to the others, and what they keep from them.

mod hiding;
mod test_page;
mod trouble;

use std::rc::Rc;

use anyhow::{Context, Result};
use vong_tests::{DEADLINE, Page, Server, Stage, free_port, until};

/// A server with the relay that is built in.
async fn relaying(stage: &Stage) -> Result<Rc<Server>> {
    stage.server(&["--turn-port", "0"]).await
}

/// A server that names these servers and is none.
async fn naming(stage: &Stage, servers: &[&str]) -> Result<Rc<Server>> {
    let named = servers.iter().flat_map(|&server| ["--ice-server", server]);
    stage.server(&["--turn", "off"].into_iter().chain(named).collect::<Vec<_>>()).await
}

/// A STUN server, which is a relay, too, and the port that it is on.
async fn stun(stage: &Stage) -> Result<u16> {
    let port = free_port()?;
    stage.server(&["--turn-port", &port.to_string()]).await?;
    Ok(port)
}

/// What each step of the test came to, in order.
async fn results(page: &Page) -> Result<Vec<String>> {
    let look = "return [...document.querySelectorAll('[data-step]')].map((e) => `${e.dataset.step} ${e.dataset.result}`)";
    let list = page.script(look).await?;
    let list = list.as_array().context("no steps")?;
    Ok(list.iter().map(|step| step.as_str().unwrap_or_default().to_owned()).collect())
}

async fn wait_result(page: &Page, step: &str, result: &str) -> Result<()> {
    let wanted = format!("{step} {result}");
    until(&wanted, DEADLINE, async || {
        let results = results(page).await?;
        Ok(if results.contains(&wanted) { Ok(()) } else { Err(format!("{results:?}")) })
    })
    .await
}

/// Waits for the verdict, whichever it is.
async fn verdict(page: &Page) -> Result<String> {
    until("there is a verdict", DEADLINE, async || {
        let verdict = page.data("diagnosis").await?;
        Ok(if verdict.is_empty() { Err(format!("{:?}", results(page).await?)) } else { Ok(verdict) })
    })
    .await
}

async fn text(page: &Page, css: &str) -> Result<String> {
    let text = page.script(&format!("return document.querySelector('{css}').textContent")).await?;
    Ok(text.as_str().unwrap_or_default().to_owned())
}
