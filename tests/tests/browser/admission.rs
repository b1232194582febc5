//! Who may watch, as the broadcaster says and the server sees to.

use anyhow::{Result, ensure};
use vong_tests::{DEADLINE, Options, Page, run, until};

use crate::{go_live, watch};

/// Sets a field of the broadcaster's as a person does.
async fn set(page: &Page, css: &str, how: &str) -> Result<()> {
    let body = format!(
        "const field = document.querySelector('{css}'); field.{how};
         field.dispatchEvent(new Event('change', {{ bubbles: true }}))"
    );
    page.script(&body).await.map(drop)
}

#[test]
fn a_password_keeps_out_whoever_does_not_know_it() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let caster = go_live(&stage.chromium().await?, &server).await?;
        let inside = watch(&stage.chromium().await?, &server).await?;
        inside.wait_media().await?;
        set(&caster, "#room-password", "value = 'bí mật'").await?;
        let browser = stage.firefox().await?;
        let late = watch(&browser, &server).await?;
        late.wait_data("error", "password_needed").await?;
        late.wait_visible("#password", true).await?;
        late.fill("#password", "wrong").await?;
        late.click("#enter").await?;
        late.wait_data("error", "password_wrong").await?;
        ensure!(late.connections().await?.iter().all(|state| state != "connected"), "nothing is seen of it");
        late.wait_visible("#password", true).await?;
        // The same letters, as another keyboard makes them.
        let decomposed = "document.querySelector('#password').value = 'bí mật'.normalize('NFD')";
        late.script(decomposed).await?;
        late.click("#enter").await?;
        late.wait_media().await?;
        // Nobody who is in is asked, and who knew it once is let in again.
        inside.wait_frames(10).await?;
        late.reload().await?;
        late.wait_media().await?;
        // It outlives the broadcaster's reload and the server's restart.
        caster.reload().await?;
        caster.wait_state("live").await?;
        for page in [&inside, &late] {
            page.wait_frames(10).await?;
        }
        server.restart().await?;
        late.wait_frames(10).await?;
        // A server that was started anew does not know that this one was there first; what it sees goes on.
        inside.wait_frames(10).await?;
        // Once the broadcaster is back, which then tells the new server what holds.
        caster.wait_data("watchers", "1").await?;
        let stranger = watch(&stage.chromium().await?, &server).await?;
        stranger.wait_data("error", "password_needed").await
    })
}

#[test]
fn a_locked_room_and_a_full_one_let_people_in_once_there_is_room() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let caster = go_live(&stage.chromium().await?, &server).await?;
        let first = watch(&stage.chromium().await?, &server).await?;
        first.wait_media().await?;
        caster.click("#who-may-watch summary").await?;
        caster.click("#lock").await?;
        let late = watch(&stage.firefox().await?, &server).await?;
        late.wait_data("error", "room_locked").await?;
        first.wait_frames(10).await?;
        caster.click("#lock").await?;
        late.click("#retry").await?;
        late.wait_media().await?;
        set(&caster, "#most", "value = '2'").await?;
        let third = watch(&stage.chromium().await?, &server).await?;
        third.wait_data("error", "room_full").await?;
        first.goto("about:blank").await?;
        caster.wait_data("watchers", "1").await?;
        third.click("#retry").await?;
        third.wait_media().await
    })
}

#[test]
fn whoever_is_removed_and_kept_out_stays_out_until_they_are_let_in_again() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let caster = go_live(&stage.chromium().await?, &server).await?;
        let watcher = watch(&stage.browser(Options::default()).await?, &server).await?;
        watcher.wait_media().await?;
        caster.click("#audience [data-member='1'] .remove").await?;
        watcher.wait_data("error", "removed").await?;
        until("nothing is connected", DEADLINE, async || {
            let states = watcher.connections().await?;
            let gone = states.iter().all(|state| state == "closed");
            Ok(if gone { Ok(()) } else { Err(format!("{states:?}")) })
        })
        .await?;
        // Removed once, but not kept out.
        watcher.reload().await?;
        watcher.wait_media().await?;
        caster.click("#audience [data-member='2'] .bar-out").await?;
        watcher.wait_data("error", "removed").await?;
        watcher.reload().await?;
        watcher.wait_data("error", "removed").await?;
        caster.click("#who-may-watch summary").await?;
        caster.click("#unbar").await?;
        watcher.click("#reload").await?;
        watcher.wait_media().await
    })
}
