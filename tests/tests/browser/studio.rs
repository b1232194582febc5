//! What a broadcaster turns on and off, as the watchers receive it.

use std::rc::Rc;

use anyhow::{Context, Result, ensure};
use vong_tests::{DEADLINE, Devices, Kind, Options, Page, Server, Stage, run, until};

use crate::{go_live, watch};

/// From one browser to the other. Each pair after the other: both at once are too many for one machine.
pub(crate) const PAIRS: [(Kind, Kind); 2] =
    [(Kind::Chromium, Kind::Firefox), (Kind::Firefox, Kind::Chromium)];

pub(crate) async fn pair(stage: &Stage, (caster, watcher): (Kind, Kind)) -> Result<(Rc<Server>, Page, Page)> {
    let server = stage.server(&[]).await?;
    let browser = |kind| Options { kind, ..Options::default() };
    let caster = go_live(&stage.browser(browser(caster)).await?, &server).await?;
    let watcher = watch(&stage.browser(browser(watcher)).await?, &server).await?;
    watcher.wait_media().await?;
    Ok((server, caster, watcher))
}

/// Waits until a video shows a moving picture of its own.
async fn wait_moving(page: &Page, css: &str) -> Result<()> {
    let look = format!(
        "const video = document.querySelector('{css}');
         const shown = video && video.checkVisibility();
         return shown && video.videoWidth > 0 ? (video.mozPaintedFrames ?? video.getVideoPlaybackQuality().totalVideoFrames) : 0"
    );
    let mut first = None;
    until(&format!("{css} moves"), DEADLINE, async || {
        let now = page.script(&look).await?.as_u64().unwrap_or_default();
        let from = *first.get_or_insert(now);
        Ok(if now > from + 3 { Ok(()) } else { Err(format!("{from} frames, then {now}")) })
    })
    .await
}

pub(crate) async fn wait_text(page: &Page, css: &str, part: &str) -> Result<()> {
    until(&format!("{css} says {part:?}"), DEADLINE, async || {
        let body = format!(
            "const e = document.querySelector('{css}'); return e?.checkVisibility() ? e.innerText : ''"
        );
        let text = page.script(&body).await?;
        let text = text.as_str().unwrap_or_default().to_owned();
        Ok(if text.contains(part) { Ok(()) } else { Err(text) })
    })
    .await
}

#[test]
fn a_muted_microphone_is_silent_for_the_watcher_and_the_picture_goes_on() -> Result<()> {
    for pair_of in PAIRS {
        run(async |stage| {
            let (_server, caster, watcher) = pair(stage, pair_of).await?;
            caster.click("#switch-microphone").await?;
            watcher.wait_silence().await?;
            watcher.wait_frames(10).await?;
            caster.click("#switch-microphone").await?;
            watcher.wait_energy().await?;
            ensure!(watcher.connections().await?.len() == 1, "nothing is negotiated for it");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn a_camera_that_is_off_is_let_go_and_told_and_comes_back() -> Result<()> {
    for pair_of in PAIRS {
        run(async |stage| {
            let (_server, caster, watcher) = pair(stage, pair_of).await?;
            caster.click("#switch-camera").await?;
            wait_text(&watcher, ".sound-only", "The camera is off").await?;
            ensure!(caster.tracks().await?.contains(&"video ended".to_owned()), "its light is still on");
            watcher.wait_energy().await?;
            caster.click("#switch-camera").await?;
            watcher.wait_visible(".sound-only", false).await?;
            watcher.wait_frames(10).await?;
            ensure!(watcher.connections().await?.len() == 1, "nothing is negotiated for it");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn what_was_off_is_off_after_a_reload() -> Result<()> {
    run(async |stage| {
        let (_server, caster, watcher) = pair(stage, PAIRS[0]).await?;
        caster.click("#switch-camera").await?;
        caster.click("#switch-microphone").await?;
        wait_text(&watcher, ".sound-only", "The camera is off").await?;
        caster.reload().await?;
        caster.wait_state("live").await?;
        caster.wait_data("viewing", "1").await?;
        let tracks = caster.tracks().await?;
        ensure!(tracks == ["audio live"], "{tracks:?}");
        watcher.wait_state("live").await?;
        watcher.wait_silence().await?;
        // And so is all of it, for those who went away for a while.
        caster.click("#switch-camera").await?;
        caster.click("#switch-microphone").await?;
        watcher.wait_energy().await?;
        caster.click("#pause").await?;
        wait_text(&watcher, ".sound-only", "Back soon").await?;
        caster.reload().await?;
        caster.wait_data("viewing", "1").await?;
        watcher.wait_silence().await?;
        wait_text(&watcher, ".sound-only", "Back soon").await?;
        caster.click("#pause").await?;
        watcher.wait_visible(".sound-only", false).await?;
        watcher.wait_energy().await
    })
}

#[test]
fn a_pause_stops_all_and_says_that_it_goes_on_soon() -> Result<()> {
    for pair_of in PAIRS {
        run(async |stage| {
            let (server, caster, watcher) = pair(stage, pair_of).await?;
            caster.click("#pause").await?;
            wait_text(&watcher, ".sound-only", "Back soon").await?;
            watcher.wait_silence().await?;
            let late = watch(&stage.chromium().await?, &server).await?;
            wait_text(&late, ".sound-only", "Back soon").await?;
            caster.click("#pause").await?;
            for page in [&watcher, &late] {
                page.wait_visible(".sound-only", false).await?;
                page.wait_frames(10).await?;
                page.wait_energy().await?;
            }
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn another_camera_takes_the_place_of_the_first_without_a_negotiation() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let two = Options { devices: Devices::ThreeCameras, ..Options::default() };
        let caster = go_live(&stage.browser(two).await?, &server).await?;
        let watcher = watch(&stage.firefox().await?, &server).await?;
        watcher.wait_media().await?;
        caster.click("#devices").await?;
        let pick = "const pick = document.querySelector('#camera-choice');
            pick.selectedIndex = 2;
            pick.dispatchEvent(new Event('change', { bubbles: true }));
            return [...pick.options].map((option) => option.text)";
        let names = caster.script(pick).await?;
        ensure!(names.as_array().is_some_and(|names| names.len() == 3), "{names}");
        let chosen = names[2].as_str().context("a name")?.to_owned();
        let using = "return vongTest.tracks.filter((t) => t.kind === 'video' && t.readyState === 'live').map((t) => t.label)";
        until("the other camera is used, and it alone", DEADLINE, async || {
            let labels = caster.script(using).await?;
            Ok(if labels == serde_json::json!([chosen]) { Ok(()) } else { Err(labels.to_string()) })
        })
        .await?;
        watcher.wait_frames(10).await?;
        ensure!(watcher.connections().await?.len() == 1, "nothing is negotiated for it");
        // It is the one that is asked for from now on.
        caster.reload().await?;
        caster.wait_state("live").await?;
        let labels = caster.script(using).await?;
        ensure!(labels == serde_json::json!([chosen]), "{labels}");
        // A phone has a button for it, which this computer's mouse hides.
        caster.script("document.querySelector('#turn-camera').click()").await?;
        until("the next camera is used, and it alone", DEADLINE, async || {
            let labels = caster.script(using).await?;
            let turned = labels.as_array().is_some_and(|all| all.len() == 1) && labels[0] != chosen.as_str();
            Ok(if turned { Ok(()) } else { Err(labels.to_string()) })
        })
        .await
    })
}

#[test]
fn a_screen_is_shown_beside_the_camera_and_the_watcher_chooses_which_is_large() -> Result<()> {
    for pair_of in [(Kind::Chromium, Kind::Firefox), (Kind::Chromium, Kind::Chromium)] {
        run(async |stage| {
            let (server, caster, watcher) = pair(stage, pair_of).await?;
            caster.click("#share-screen").await?;
            wait_moving(&watcher, "#screen").await?;
            wait_moving(&watcher, "#video").await?;
            let width = async |css: &str| {
                let value =
                    watcher.script(&format!("return document.querySelector('{css}').clientWidth")).await?;
                value.as_u64().context("a width")
            };
            ensure!(width("#screen").await? > width("#video").await?, "the screen is large at first");
            watcher.click("#video").await?;
            ensure!(width("#screen").await? < width("#video").await?, "the camera is, once it is wanted");
            let late = watch(&stage.chromium().await?, &server).await?;
            wait_moving(&late, "#screen").await?;
            caster.click("#switch-camera").await?;
            until("the screen is large without the camera", DEADLINE, async || {
                let wide = width("#screen").await? > 600;
                Ok(if wide { Ok(()) } else { Err("it is small".to_owned()) })
            })
            .await?;
            caster.click("#share-screen").await?;
            watcher.wait_visible("#screen", false).await?;
            ensure!(watcher.connections().await?.len() == 1, "nothing is negotiated for it");
            Ok(())
        })?;
    }
    Ok(())
}

/// Chromium asks for a folder; here it gets one of the page's own without asking.
const FOLDER: &str = "() => { window.showDirectoryPicker = () => navigator.storage.getDirectory(); }";

/// Firefox downloads; here what it would have downloaded is kept.
const DOWNLOADS: &str = "() => {
    const create = URL.createObjectURL;
    window.kept = [];
    window.look = create;
    URL.createObjectURL = (blob) => { window.kept.push(blob); return create(blob); };
}";

/// The files that were recorded, each as it plays: name, width of the picture, seconds.
const RECORDED: &str = "
    const done = arguments[0];
    (async () => {
        const files = [];
        if (window.kept) files.push(...window.kept.map((blob) => ['kept', blob]));
        else for await (const [name, file] of await navigator.storage.getDirectory()) {
            if (name.startsWith('vong-')) files.push([name, await file.getFile()]);
        }
        const played = [];
        for (const [name, file] of files) {
            const video = document.createElement('video');
            video.src = (window.look ?? URL.createObjectURL)(file);
            // A file without a length in its head is as long as it plays.
            video.muted = true;
            video.playbackRate = 8;
            const ended = new Promise((resolve) => { video.onended = video.onerror = resolve; });
            await video.play();
            await ended;
            played.push([name, video.videoWidth, video.currentTime]);
        }
        return window.kept ? played : played.sort();
    })().then(done, (e) => done(String(e)));
";

/// Waits until at least so many seconds are recorded.
async fn wait_recorded(page: &Page, seconds: u64) -> Result<()> {
    until(&format!("{seconds} s are recorded"), DEADLINE, async || {
        let told = page.script("return document.querySelector('#recording').innerText").await?;
        let told = told.as_str().unwrap_or_default().to_owned();
        let at = told.split(':').nth(1).and_then(|rest| rest.get(..2)?.parse::<u64>().ok());
        Ok(if at >= Some(seconds) { Ok(()) } else { Err(told) })
    })
    .await
}

#[test]
fn a_recording_is_a_file_that_plays_and_goes_on_in_the_next_when_the_camera_goes() -> Result<()> {
    for (kind, preload) in [(Kind::Chromium, FOLDER), (Kind::Firefox, DOWNLOADS)] {
        run(async |stage| {
            let server = stage.server(&[]).await?;
            let browser =
                stage.browser(Options { kind, preload: Some(preload), ..Options::default() }).await?;
            let caster = go_live(&browser, &server).await?;
            caster.click("#record").await?;
            wait_recorded(&caster, 3).await?;
            caster.click("#switch-camera").await?;
            wait_recorded(&caster, 6).await?;
            caster.click("#record").await?;
            caster.wait_visible("#recording", false).await?;
            until("two files play, the first with a picture", DEADLINE, async || {
                let played = caster.script_async(RECORDED).await?;
                let file = |place: usize, field: usize| played[place][field].as_f64().unwrap_or_default();
                let good = file(0, 1) > 0.0 && file(0, 2) > 1.0 && file(1, 1) == 0.0 && file(1, 2) > 1.0;
                Ok(if good { Ok(()) } else { Err(played.to_string()) })
            })
            .await
        })?;
    }
    Ok(())
}

#[test]
fn an_unattended_camera_is_live_without_a_hand_on_it() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let caster = stage.chromium().await?.open(&server.url("/broadcast/demo?live")).await?;
        // A link alone turns nobody's camera on: somebody has to have gone live there once.
        caster.wait_data("devices", "ready").await?;
        caster.wait_state("idle").await?;
        caster.click("#go-live").await?;
        caster.wait_state("live").await?;
        caster.goto("about:blank").await?;
        caster.goto(&server.url("/broadcast/demo?live")).await?;
        caster.wait_state("live").await?;
        let watcher = watch(&stage.firefox().await?, &server).await?;
        watcher.wait_media().await?;
        // A person who ends it means it.
        caster.click("#stop").await?;
        watcher.wait_state("ended").await?;
        caster.wait_state("ended").await
    })
}

#[test]
fn the_code_to_scan_and_the_snippet_to_embed_lead_to_the_room() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&["--frame-ancestors", "*"]).await?;
        let caster = go_live(&stage.chromium().await?, &server).await?;
        caster.click("#more-ways summary").await?;
        caster.wait_visible("#qr svg", true).await?;
        let snippet = caster.script("return document.querySelector('#embed').value").await?;
        // Into a page of another origin, which that server allows. Whether it plays there the broadcaster sees.
        let host = stage.firefox().await?.open("about:blank").await?;
        host.script(&format!("document.body.innerHTML = {snippet}")).await?;
        caster.wait_data("viewing", "1").await
    })
}
