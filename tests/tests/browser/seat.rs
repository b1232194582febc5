//! What a watcher sets for themselves.

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};
use vong_tests::{DEADLINE, Kind, Options, Page, Stage, run, until};

use crate::{go_live, watch};

async fn wait_value(page: &Page, expression: &str, expected: Value) -> Result<()> {
    until(&format!("{expression} is {expected}"), DEADLINE, async || {
        let value = page.script(&format!("return {expression}")).await?;
        Ok(if value == expected { Ok(()) } else { Err(value.to_string()) })
    })
    .await
}

/// Presses a key as if nothing had the focus.
async fn press(page: &Page, key: &str) -> Result<()> {
    let body = format!(
        "document.body.dispatchEvent(new KeyboardEvent('keydown', {{ key: '{key}', bubbles: true, cancelable: true }}))"
    );
    page.script(&body).await.map(drop)
}

async fn seated(stage: &Stage, kind: Kind, path: &str) -> Result<(Page, Page)> {
    let server = stage.server(&[]).await?;
    let caster = go_live(&stage.chromium().await?, &server).await?;
    let browser = stage.browser(Options { kind, ..Options::default() }).await?;
    let watcher = browser.open(&server.url(path)).await?;
    watcher.wait_state("live").await?;
    watcher.wait_frames(10).await?;
    Ok((caster, watcher))
}

#[test]
fn the_volume_is_the_persons_and_is_kept() -> Result<()> {
    // One after the other: the browsers of both at once are too many for one machine.
    for kind in [Kind::Chromium, Kind::Firefox] {
        run(async |stage| {
            let (_caster, watcher) = seated(stage, kind, "/watch/demo").await?;
            let turn = "const field = document.querySelector('#volume'); field.value = 30;
                field.dispatchEvent(new Event('input', { bubbles: true }))";
            watcher.script(turn).await?;
            wait_value(&watcher, "document.querySelector('#video').volume", json!(0.3)).await?;
            press(&watcher, "ArrowDown").await?;
            wait_value(&watcher, "document.querySelector('#video').volume", json!(0.2)).await?;
            watcher.reload().await?;
            watcher.wait_media().await?;
            wait_value(&watcher, "document.querySelector('#video').volume", json!(0.2)).await?;
            wait_value(&watcher, "document.querySelector('#volume').value", json!("20")).await?;
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn keys_do_what_the_help_says_except_while_one_types() -> Result<()> {
    run(async |stage| {
        let (_caster, watcher) = seated(stage, Kind::Chromium, "/watch/demo").await?;
        press(&watcher, "m").await?;
        watcher.wait_sound(false).await?;
        press(&watcher, "M").await?;
        watcher.wait_sound(true).await?;
        let fit = "getComputedStyle(document.querySelector('#video')).objectFit";
        press(&watcher, "z").await?;
        wait_value(&watcher, fit, json!("cover")).await?;
        // And so do the buttons in the menu.
        watcher.click("#more").await?;
        watcher.click("#fit").await?;
        wait_value(&watcher, fit, json!("contain")).await?;
        watcher.click("#fit").await?;
        wait_value(&watcher, fit, json!("cover")).await?;
        press(&watcher, "c").await?;
        watcher.wait_visible("#chat", true).await?;
        let typed = "const field = document.querySelector('#name');
            field.dispatchEvent(new KeyboardEvent('keydown', { key: 'z', bubbles: true, cancelable: true }))";
        watcher.script(typed).await?;
        wait_value(&watcher, fit, json!("cover")).await?;
        press(&watcher, "z").await?;
        wait_value(&watcher, fit, json!("contain")).await
    })
}

#[test]
fn letters_are_no_keys_for_whoever_does_not_want_them() -> Result<()> {
    run(async |stage| {
        let (_caster, watcher) = seated(stage, Kind::Chromium, "/watch/demo").await?;
        watcher.click("#more").await?;
        watcher.script("document.querySelector('.seat details').open = true").await?;
        watcher.click("#letter-keys").await?;
        watcher.reload().await?;
        watcher.wait_media().await?;
        press(&watcher, "m").await?;
        press(&watcher, "c").await?;
        // Keys that nobody says are still keys, and by the time that one has done its part, the others would have, too.
        press(&watcher, "ArrowDown").await?;
        wait_value(&watcher, "document.querySelector('#video').volume", json!(0.9)).await?;
        watcher.wait_sound(true).await?;
        ensure!(!watcher.visible("#chat").await?, "the chat opened");
        watcher.click("#more").await?;
        watcher.script("document.querySelector('.seat details').open = true").await?;
        watcher.click("#letter-keys").await?;
        press(&watcher, "m").await?;
        watcher.wait_sound(false).await
    })
}

/// Keeps what the page wants done for the keys of keyboards and headsets.
const MEDIA_KEYS: &str = "() => {
    window.mediaKeys = {};
    navigator.mediaSession.setActionHandler = (key, pressed) => { window.mediaKeys[key] = pressed; };
}";

#[test]
fn media_keys_turn_the_sound_off_and_on_and_the_picture_goes_on() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let _caster = go_live(&stage.chromium().await?, &server).await?;
        let browser = stage.browser(Options { preload: Some(MEDIA_KEYS), ..Options::default() }).await?;
        let watcher = watch(&browser, &server).await?;
        watcher.wait_media().await?;
        watcher.script("window.mediaKeys.pause()").await?;
        watcher.wait_sound(false).await?;
        watcher.wait_frames(10).await?;
        watcher.script("window.mediaKeys.play()").await?;
        watcher.wait_sound(true).await?;
        watcher.script("window.mediaKeys.play()").await?;
        watcher.wait_sound(true).await
    })
}

#[test]
fn the_statistics_are_those_of_the_connection() -> Result<()> {
    // One after the other: the browsers of both at once are too many for one machine.
    for kind in [Kind::Chromium, Kind::Firefox] {
        run(async |stage| {
            let (_caster, watcher) = seated(stage, kind, "/watch/demo").await?;
            press(&watcher, "i").await?;
            let read = "return [...document.querySelectorAll('#statistics div')].map((row) => row.querySelector('dd').innerText)";
            until("the statistics tell what is received", DEADLINE, async || {
                let rows = watcher.script(read).await?;
                let size = watcher
                .script(
                    "const v = document.querySelector('#video'); return `${v.videoWidth}×${v.videoHeight} `",
                )
                .await?;
                let text = |row: usize| rows[row].as_str().unwrap_or_default();
                let number = |row: usize| {
                    text(row).split([' ', '.']).next().and_then(|n| n.parse::<u64>().ok()).unwrap_or(0)
                };
                let told = text(0).starts_with(size.as_str().context("a size")?)
                    && text(0).contains(char::is_alphabetic);
                let flows = (5..=60).contains(&number(1)) && number(2) > 20;
                let told = told && flows && text(3).ends_with('%') && text(7) == "direct";
                Ok(if told { Ok(()) } else { Err(rows.to_string()) })
            })
            .await?;
            wait_value(&watcher, "document.querySelectorAll('#statistics polyline').length > 3", json!(true))
                .await?;
            press(&watcher, "i").await?;
            watcher.wait_visible("#statistics", false).await?;
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn an_embedded_picture_can_be_silent_and_bare() -> Result<()> {
    run(async |stage| {
        let (_caster, watcher) = seated(stage, Kind::Chromium, "/watch/demo?muted&controls=0").await?;
        watcher.wait_sound(false).await?;
        for hidden in [".bar", ".controls", "#unmute"] {
            ensure!(!watcher.visible(hidden).await?, "{hidden} is there");
        }
        Ok(())
    })
}

#[test]
fn watchers_are_told_who_is_live_for_how_long_and_how_many_they_are() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let caster = go_live(&stage.chromium().await?, &server).await?;
        let name = "const field = document.querySelector('#name'); field.value = '<b>Duy</b>';
            field.dispatchEvent(new Event('change', { bubbles: true }))";
        caster.script(name).await?;
        let browser = stage.firefox().await?;
        let first = watch(&browser, &server).await?;
        let second = watch(&browser, &server).await?;
        for page in [&first, &second] {
            until("the line tells it all", DEADLINE, async || {
                let line = page.script("return document.querySelector('#on-air').innerText").await?;
                let line = line.as_str().unwrap_or_default();
                let told =
                    line.starts_with("<b>Duy</b>") && line.contains("0:") && line.ends_with("2 watching");
                Ok(if told { Ok(()) } else { Err(line.to_owned()) })
            })
            .await?;
        }
        second.goto("about:blank").await?;
        until("one is left", DEADLINE, async || {
            let line = first.script("return document.querySelector('#on-air').innerText").await?;
            let told = line.as_str().is_some_and(|line| line.ends_with("1 watching"));
            Ok(if told { Ok(()) } else { Err(line.to_string()) })
        })
        .await
    })
}
