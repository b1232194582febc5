//! Files from page to page: whole, to whom they are meant for, and through connections that break.

use std::rc::Rc;

use anyhow::{Context, Result, ensure};
use vong_tests::{DEADLINE, Kind, Options, Page, SAVES, Server, Stage, run, run_within, until};

use crate::{go_live, watch};

/// Firefox downloads; here what it would have downloaded is kept.
const DOWNLOADS: &str = "() => {
    const create = URL.createObjectURL;
    window.saved = [];
    URL.createObjectURL = (blob) => { window.saved.push({ getFile: async () => blob }); return create(blob); };
}";

/// The file that was saved last: its name, size and SHA-256.
const SAVED: &str = "
    const done = arguments[0];
    (async () => {
        const handle = window.saved.at(-1);
        if (!handle) return [null, 0, ''];
        const file = await handle.getFile();
        const sum = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
        const hex = [...new Uint8Array(sum)].map((b) => b.toString(16).padStart(2, '0')).join('');
        return [handle.name ?? null, file.size, hex];
    })().then(done, (e) => done(String(e)));
";

async fn pair(stage: &Stage, kinds: (Kind, Kind)) -> Result<(Rc<Server>, Page, Page)> {
    let server = stage.server(&[]).await?;
    let browser = |kind| {
        let preload = Some(if kind == Kind::Chromium { SAVES } else { DOWNLOADS });
        Options { kind, preload, ..Options::default() }
    };
    let caster = go_live(&stage.browser(browser(kinds.0)).await?, &server).await?;
    let watcher = watch(&stage.browser(browser(kinds.1)).await?, &server).await?;
    watcher.wait_media().await?;
    watcher.click("#chat-button").await?;
    caster.click("#files-button").await?;
    watcher.click("#files-button").await?;
    Ok((server, caster, watcher))
}

/// Picks a file of that many bytes, none like another, as a person would. Its SHA-256.
pub(crate) async fn pick(page: &Page, name: &str, size: u32) -> Result<String> {
    until("a file can be sent", DEADLINE, async || {
        let can = page.script("return document.querySelector('#pick-file')?.disabled === false").await?;
        Ok(if can == true { Ok(()) } else { Err("not yet".to_owned()) })
    })
    .await?;
    let body = format!(
        "const done = arguments[0];
        (async () => {{
            const bytes = new Uint8Array({size});
            for (let at = 0; at < bytes.length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], {name:?}, {{ type: 'text/html' }}));
            const field = document.querySelector('#pick-file');
            field.files = transfer.files;
            field.dispatchEvent(new Event('change', {{ bubbles: true }}));
            const sum = await crypto.subtle.digest('SHA-256', bytes);
            return [...new Uint8Array(sum)].map((b) => b.toString(16).padStart(2, '0')).join('');
        }})().then(done, (e) => done(String(e)));"
    );
    Ok(page.script_async(&body).await?.as_str().context("a sum")?.to_owned())
}

pub(crate) async fn wait_file(page: &Page, name: &str, state: &str) -> Result<()> {
    let look = format!(
        "const row = [...document.querySelectorAll('#file-list li')].find((row) => row.querySelector('.file-name').innerText === {name:?});
         return row ? [row.dataset.state, row.querySelector('.hint').innerText] : []"
    );
    until(&format!("{name} is {state}"), DEADLINE * 3, async || {
        let seen = page.script(&look).await?;
        Ok(if seen[0] == state { Ok(()) } else { Err(seen.to_string()) })
    })
    .await
}

async fn ensure_saved(page: &Page, size: u32, sum: &str) -> Result<()> {
    let saved = page.script_async(SAVED).await?;
    ensure!(saved[1] == size && saved[2] == sum, "{saved}, not {size} bytes with {sum}");
    Ok(())
}

#[test]
fn a_file_goes_either_way_whole_once_it_is_accepted() -> Result<()> {
    run(async |stage| {
        for kinds in [(Kind::Chromium, Kind::Firefox), (Kind::Firefox, Kind::Chromium)] {
            let (_server, caster, watcher) = pair(stage, kinds).await?;
            for (sender, receiver, size, picked, name) in [
                (&caster, &watcher, 9_000_000, "../Bài giảng <1>.pdf", "_Bài giảng _1_.pdf"),
                (&watcher, &caster, 70_001, "b.txt", "b.txt"),
            ] {
                let sum = pick(sender, picked, size).await?;
                wait_file(receiver, name, "offered").await?;
                let nothing = receiver.script("return window.saved.length").await?;
                ensure!(nothing == 0, "nothing is sent before it is accepted");
                receiver.click("#file-list li:not(.own) .file-act").await?;
                wait_file(receiver, name, "done").await?;
                wait_file(sender, name, "done").await?;
                ensure_saved(receiver, size, &sum).await?;
            }
            // An empty one is a file, too.
            let sum = pick(&caster, "empty", 0).await?;
            wait_file(&watcher, "empty", "offered").await?;
            watcher.click("#file-list li:last-child .file-act").await?;
            wait_file(&watcher, "empty", "done").await?;
            ensure_saved(&watcher, 0, &sum).await?;
        }
        Ok(())
    })
}

#[test]
fn a_file_for_one_is_seen_by_that_one_and_gone_when_it_is_taken_back() -> Result<()> {
    run(async |stage| {
        let (server, caster, first) = pair(stage, (Kind::Chromium, Kind::Chromium)).await?;
        let second = watch(&stage.chromium().await?, &server).await?;
        second.wait_media().await?;
        second.click("#chat-button").await?;
        second.click("#files-button").await?;
        until("both can be chosen", DEADLINE, async || {
            let count = caster.script("return document.querySelectorAll('#file-to option').length").await?;
            Ok(if count == 3 { Ok(()) } else { Err(count.to_string()) })
        })
        .await?;
        let choose = "const to = document.querySelector('#file-to'); to.value = '1';
            to.dispatchEvent(new Event('change', { bubbles: true }))";
        caster.script(choose).await?;
        pick(&caster, "secret.txt", 1_000).await?;
        wait_file(&first, "secret.txt", "offered").await?;
        caster.script(&choose.replace("'1'", "''")).await?;
        pick(&caster, "open.txt", 1_000).await?;
        wait_file(&second, "open.txt", "offered").await?;
        let seen = second
            .script("return [...document.querySelectorAll('.file-name')].map((n) => n.innerText)")
            .await?;
        ensure!(seen == serde_json::json!(["open.txt"]), "{seen}");
        // Whoever asks all the same gets nothing.
        let asked = "const done = arguments[0];
            const channel = vongTest.connections.at(-1).createDataChannel('file-1');
            channel.onopen = () => channel.send(JSON.stringify({ type: 'get', block: 0 }));
            channel.onmessage = () => done('something came');
            channel.onclose = () => done('closed');";
        let came = second.script_async(asked).await?;
        ensure!(came == "closed", "{came}");
        caster.click("#file-list li[data-key='own-1'] .file-dismiss").await?;
        until("it is gone", DEADLINE, async || {
            let left = first
                .script("return [...document.querySelectorAll('.file-name')].map((n) => n.innerText)")
                .await?;
            Ok(if left == serde_json::json!(["open.txt"]) { Ok(()) } else { Err(left.to_string()) })
        })
        .await
    })
}

#[test]
fn a_hundred_megabytes_arrive_whole_through_a_connection_that_is_cut_twice_while_people_talk() -> Result<()> {
    // A file gives way to the picture, on a busy machine as on a narrow line.
    run_within(DEADLINE * 12, async |stage| {
        let (_server, caster, watcher) = pair(stage, (Kind::Chromium, Kind::Chromium)).await?;
        let size = 100_000_000;
        let sum = pick(&caster, "film.webm", size).await?;
        wait_file(&watcher, "film.webm", "offered").await?;
        watcher.click("#file-list li .file-act").await?;
        let done = "const text = document.querySelector('#file-list .hint').innerText;
            const [amount, unit] = text.split(' ');
            return unit === 'MB' ? parseFloat(amount) : text.includes('received whole') ? 100 : 0";
        for cut_at in [20.0, 60.0] {
            until(&format!("{cut_at} MB are there"), DEADLINE * 4, async || {
                let there = watcher.script(done).await?;
                Ok(if there.as_f64() > Some(cut_at) { Ok(()) } else { Err(there.to_string()) })
            })
            .await?;
            // Gone without a word, as when a network goes.
            caster.script("vongTest.connections.filter((c) => c.connectionState === 'connected').forEach((c) => c.close())").await?;
        }
        // Words are not kept waiting by bytes.
        let say = "const field = document.querySelector('#say'); field.value = 'still here';
            document.querySelector('#send').click()";
        watcher.script(say).await?;
        until("what is said meanwhile is heard", DEADLINE, async || {
            let said = caster.script("return document.querySelector('#said')?.innerText ?? ''").await?;
            Ok(if said.to_string().contains("still here") { Ok(()) } else { Err(said.to_string()) })
        })
        .await?;
        wait_file(&watcher, "film.webm", "done").await?;
        ensure_saved(&watcher, size, &sum).await?;
        ensure!(watcher.connections().await?.len() >= 3, "it was cut twice");
        watcher.wait_media().await
    })
}

#[test]
fn what_is_damaged_is_asked_for_again_and_what_is_declined_is_told() -> Result<()> {
    run(async |stage| {
        let (_server, caster, watcher) = pair(stage, (Kind::Chromium, Kind::Chromium)).await?;
        // The sum of the second block is that of another one, once.
        let spoil = "const digest = SubtleCrypto.prototype.digest;
            let sums = 0;
            SubtleCrypto.prototype.digest = function (kind, bytes) {
                return digest.call(this, kind, ++sums === 3 ? new Uint8Array(1) : bytes);
            }";
        let sum = pick(&caster, "a.bin", 9_000_000).await?;
        wait_file(&watcher, "a.bin", "offered").await?;
        caster.script(spoil).await?;
        watcher.click("#file-list .file-act").await?;
        wait_file(&watcher, "a.bin", "done").await?;
        ensure_saved(&watcher, 9_000_000, &sum).await?;

        pick(&watcher, "unwanted.exe", 10).await?;
        wait_file(&caster, "unwanted.exe", "offered").await?;
        caster.click("#file-list li:not(.own) .file-dismiss").await?;
        until("its author is told", DEADLINE, async || {
            let said =
                watcher.script("return document.querySelector('#file-list li.own .hint').innerText").await?;
            Ok(if said.to_string().contains("1 do not want it") { Ok(()) } else { Err(said.to_string()) })
        })
        .await
    })
}

#[test]
fn nobody_downloads_the_part_for_files_who_has_none_to_do_with() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let caster = go_live(&stage.chromium().await?, &server).await?;
        let watcher = watch(&stage.chromium().await?, &server).await?;
        watcher.wait_media().await?;
        let loaded =
            "return performance.getEntriesByType('resource').some((r) => r.name.includes('vong-files'))";
        for page in [&caster, &watcher] {
            ensure!(page.script(loaded).await? == false);
        }
        // Dropped anywhere on the page, it is offered, and whoever may have it is told, though their chat is closed.
        let drop = "const carried = new DataTransfer();
            carried.items.add(new File(['dropped'], 'dropped.txt'));
            document.body.dispatchEvent(new DragEvent('drop', { dataTransfer: carried, bubbles: true, cancelable: true }))";
        caster.script(drop).await?;
        wait_file(&watcher, "dropped.txt", "offered").await?;
        until("the watcher is told", DEADLINE, async || {
            let unread = watcher.script("return document.querySelector('.unread').hidden").await?;
            Ok(if unread == false { Ok(()) } else { Err("not yet".to_owned()) })
        })
        .await
    })
}

#[test]
fn a_page_that_offers_is_loaded_anew_and_what_it_offers_next_goes_under_its_own_name() -> Result<()> {
    run(async |stage| {
        let (_server, caster, watcher) = pair(stage, (Kind::Chromium, Kind::Chromium)).await?;
        for (name, size) in [("whole.txt", 10), ("film.webm", 100_000_000)] {
            pick(&caster, name, size).await?;
            wait_file(&watcher, name, "offered").await?;
            watcher.click("#file-list li:last-child .file-act").await?;
        }
        wait_file(&watcher, "whole.txt", "done").await?;
        wait_file(&watcher, "film.webm", "going").await?;
        caster.script("location.reload()").await?;
        wait_file(&watcher, "film.webm", "going").await?;
        caster.wait_state("live").await?;
        caster.click("#files-button").await?;
        let sum = pick(&caster, "next.zip", 20).await?;
        wait_file(&watcher, "next.zip", "offered").await?;
        wait_file(&watcher, "film.webm", "failed").await?;
        watcher.click("#file-list li:last-child .file-act").await?;
        wait_file(&watcher, "next.zip", "done").await?;
        ensure_saved(&watcher, 20, &sum).await
    })
}

#[test]
fn what_is_for_one_does_not_become_for_all_because_that_one_is_away() -> Result<()> {
    run(async |stage| {
        let (server, caster, watcher) = pair(stage, (Kind::Chromium, Kind::Chromium)).await?;
        let other = watch(&stage.chromium().await?, &server).await?;
        other.wait_media().await?;
        let choose = "const to = document.querySelector('#file-to'); to.value = '1'; return to.value";
        until("it can be chosen", DEADLINE, async || {
            let chosen = caster.script(choose).await?;
            Ok(if chosen == "1" { Ok(()) } else { Err(chosen.to_string()) })
        })
        .await?;
        watcher.goto("about:blank").await?;
        until("it is gone", DEADLINE, async || {
            let there = caster.script("return document.querySelectorAll('#audience li').length").await?;
            Ok(if there == 1 { Ok(()) } else { Err(there.to_string()) })
        })
        .await?;
        pick(&caster, "secret.txt", 10).await?;
        let said = caster.script("return document.querySelector('#file-list .hint').innerText").await?;
        ensure!(said.as_str().is_some_and(|said| said.ends_with("for Viewer 1")), "{said}");
        let loaded = other.script("return document.querySelectorAll('#file-list li').length").await?;
        ensure!(loaded == 0, "the other one is offered nothing");
        Ok(())
    })
}
