//! Camera and microphone: refused, missing, and given back.

use anyhow::{Result, ensure};
use vong_tests::{Devices, Options, run};

use crate::{go_live, prepare, watch};

fn with(devices: Devices) -> Options {
    Options { devices, ..Options::default() }
}

#[test]
fn a_refused_camera_is_explained_and_keeps_from_going_live() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let page = stage.browser(with(Devices::Denied)).await?.open(&server.url("/broadcast/demo")).await?;
        page.wait_data("devices", "failed").await?;
        page.wait_state("idle").await?;
        ensure!(page.visible("#retry-devices").await?, "there is a way to try again");
        let disabled = page.script("return document.querySelector('#go-live').disabled").await?;
        ensure!(disabled == true, "there is nothing to go live with");
        Ok(())
    })
}

#[test]
fn sound_alone_is_broadcast_where_there_is_no_camera() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let broadcaster = go_live(&stage.browser(with(Devices::NoCamera)).await?, &server).await?;
        ensure!(broadcaster.visible("#device-note").await?, "the missing camera is mentioned");
        ensure!(broadcaster.tracks().await? == ["audio live"]);
        let watcher = watch(&stage.chromium().await?, &server).await?;
        watcher.wait_state("live").await?;
        watcher.wait_energy().await?;
        watcher.wait_sound(true).await
    })
}

#[test]
fn the_picture_alone_is_broadcast_where_there_is_no_microphone() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let broadcaster = go_live(&stage.browser(with(Devices::NoMicrophone)).await?, &server).await?;
        ensure!(broadcaster.visible("#device-note").await?, "the missing microphone is mentioned");
        ensure!(broadcaster.tracks().await? == ["video live"]);
        let watcher = watch(&stage.chromium().await?, &server).await?;
        watcher.wait_state("live").await?;
        watcher.wait_frames(10).await
    })
}

#[test]
fn a_camera_that_goes_while_live_leaves_the_sound_and_no_frozen_picture() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let broadcaster = go_live(&stage.chromium().await?, &server).await?;
        let watchers =
            [watch(&stage.chromium().await?, &server).await?, watch(&stage.firefox().await?, &server).await?];
        for watcher in &watchers {
            watcher.wait_media().await?;
            ensure!(!watcher.visible(".sound-only").await?);
        }
        // What the browser does when the cable is pulled; a track that is stopped from within says nothing.
        let unplug = "const camera = vongTest.tracks.find((t) => t.kind === 'video');
            camera.stop(); camera.dispatchEvent(new Event('ended'));";
        broadcaster.script(unplug).await?;
        broadcaster.wait_visible("#device-note", true).await?;
        for watcher in &watchers {
            watcher.wait_visible(".sound-only", true).await?;
            watcher.wait_state("live").await?;
            watcher.wait_energy().await?;
        }
        broadcaster.click("#device-note #retry-devices").await?;
        for watcher in &watchers {
            watcher.wait_visible(".sound-only", false).await?;
            watcher.wait_media().await?;
        }
        Ok(())
    })
}

#[test]
fn the_camera_is_asked_for_a_picture_that_is_large_and_moves_well() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let page = prepare(&stage.chromium().await?, &server).await?;
        let asked = page.script("return vongTest.asked").await?;
        let wish = |name: &str| asked[0][name]["ideal"].as_u64();
        let wishes = ["width", "height", "frameRate"].map(wish);
        ensure!(wishes == [Some(1280), Some(720), Some(30)], "{asked}");
        Ok(())
    })
}

#[test]
fn leaving_the_page_gives_the_camera_back_and_ends_the_broadcast() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let broadcaster = go_live(&stage.chromium().await?, &server).await?;
        let watcher = watch(&stage.chromium().await?, &server).await?;
        watcher.wait_media().await?;
        // What becomes of the tracks is kept where the next page finds it.
        let keep = "addEventListener('pagehide', () => sessionStorage.setItem('tracks',
            JSON.stringify(vongTest.tracks.map((t) => t.readyState))))";
        broadcaster.script(keep).await?;
        broadcaster.click("a.brand").await?;
        watcher.wait_state("ended").await?;
        broadcaster.wait_path("/").await?;
        let kept = broadcaster.script("return sessionStorage.getItem('tracks')").await?;
        ensure!(kept == r#"["ended","ended"]"#, "the tracks are {kept}");
        Ok(())
    })
}
