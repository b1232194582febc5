//! What a page says that has no picture.

use anyhow::{Result, bail, ensure};
use vong_tests::{Options, run};

use super::{naming, stun, text};
use crate::{go_live, watch};

/// Lets the browser find no way to the other side.
const DEAF: &str = "() => {
    RTCPeerConnection.prototype.addIceCandidate = async () => {};
}";

#[test]
fn a_connection_that_cannot_be_made_is_explained_on_both_pages() -> Result<()> {
    run(async |stage| {
        let stun = format!("stun:127.0.0.1:{}", stun(stage).await?);
        let server = naming(stage, &[&stun]).await?;
        let deaf = Options { preload: Some(DEAF), ..Options::default() };
        let broadcaster = go_live(&stage.browser(deaf.clone()).await?, &server).await?;
        let watcher = watch(&stage.browser(deaf.clone()).await?, &server).await?;
        for page in [&watcher, &broadcaster] {
            page.wait_data("diagnosis", "direct_only").await?;
            page.wait_visible("#trouble", true).await?;
            ensure!(text(page, "#trouble").await?.contains("no relay"));
            page.wait_visible("#test", true).await?;
        }
        watcher.wait_state("connecting").await?;
        broadcaster.wait_state("live").await?;
        let states = watcher.connections().await?;
        if states.len() > 8 {
            bail!("the look costs a connection or two: {states:?}");
        }
        Ok(())
    })
}
