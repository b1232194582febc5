//! A file that is played in the camera's place, as the watchers receive it.

use anyhow::{Result, ensure};
use vong_tests::{DEADLINE, Kind, Page, run, until};

use crate::studio::{PAIRS, pair};

/// Picks a file that the page makes itself: two seconds of a green film with a tone, or a red picture.
const PICK: &str = "const [kind, done] = arguments;
    (async () => {
        const canvas = document.createElement('canvas');
        canvas.width = 320;
        canvas.height = 180;
        const context = canvas.getContext('2d');
        const paint = (colour) => { context.fillStyle = colour; context.fillRect(0, 0, 320, 180); };
        let blob;
        if (kind === 'picture') {
            paint('rgb(255, 0, 0)');
            blob = await new Promise((go) => canvas.toBlob(go, 'image/png'));
        } else if (kind === 'film') {
            const audio = new AudioContext();
            const tone = audio.createOscillator();
            const out = audio.createMediaStreamDestination();
            tone.connect(out);
            tone.start();
            const stream = new MediaStream([...canvas.captureStream(30).getTracks(), ...out.stream.getTracks()]);
            const recorder = new MediaRecorder(stream, { mimeType: 'video/webm;codecs=vp8,opus' });
            const parts = [];
            recorder.ondataavailable = ({ data }) => parts.push(data);
            const ended = new Promise((go) => recorder.onstop = go);
            recorder.start();
            const painting = setInterval(() => paint('rgb(0, 255, 0)'), 30);
            await new Promise((go) => setTimeout(go, 2000));
            recorder.stop();
            await ended;
            clearInterval(painting);
            await audio.close();
            blob = new Blob(parts, { type: 'video/webm' });
        } else {
            blob = new Blob(['no film at all'], { type: 'video/mp4' });
        }
        const carrier = new DataTransfer();
        carrier.items.add(new File([blob], 'file', { type: blob.type }));
        const field = document.querySelector('#clip-file');
        field.files = carrier.files;
        field.dispatchEvent(new Event('change', { bubbles: true }));
        done('picked');
    })().catch((e) => done(String(e)));";

async fn pick(page: &Page, kind: &str) -> Result<()> {
    let picked = page
        .script_async(&PICK.replace(
            "const [kind, done] = arguments",
            &format!("const kind = '{kind}', done = arguments[0]"),
        ))
        .await?;
    ensure!(picked == "picked", "{picked}");
    Ok(())
}

/// Waits until the middle of what is shown is of a colour, which `is` tells of `r`, `g` and `b`.
async fn wait_colour(watcher: &Page, what: &str, is: &str) -> Result<()> {
    let look = format!(
        "const video = document.querySelector('#video');
         const canvas = document.createElement('canvas');
         canvas.width = canvas.height = 8;
         const context = canvas.getContext('2d');
         context.drawImage(video, 0, 0, 8, 8);
         const [r, g, b] = context.getImageData(4, 4, 1, 1).data;
         return ({is}) || `${{r}} ${{g}} ${{b}}`"
    );
    until(what, DEADLINE, async || {
        let seen = watcher.script(&look).await?;
        Ok(if seen == true { Ok(()) } else { Err(seen.to_string()) })
    })
    .await
}

const GREEN: &str = "g > 180 && r < 90 && b < 90";
const RED: &str = "r > 180 && g < 90 && b < 90";

#[test]
fn a_film_and_its_sound_take_the_cameras_place_until_they_end() -> Result<()> {
    for pair_of in PAIRS {
        run(async |stage| {
            let (_server, caster, watcher) = pair(stage, pair_of).await?;
            caster.click("#switch-microphone").await?;
            watcher.wait_silence().await?;
            pick(&caster, "film").await?;
            caster.wait_visible("#clip", true).await?;
            wait_colour(&watcher, "the film is seen", GREEN).await?;
            // On a machine without a sound card Firefox runs no AudioContext, with which the tone is made and mixed.
            if pair_of.0 == Kind::Chromium {
                watcher.wait_energy().await?;
            }
            caster.click("#play-file").await?;
            wait_colour(&watcher, "the camera is seen again", &format!("!({GREEN})")).await?;
            watcher.wait_silence().await?;
            watcher.wait_frames(10).await?;
            ensure!(watcher.connections().await?.len() == 1, "nothing is negotiated for it");
            Ok(())
        })?;
    }
    Ok(())
}

#[test]
fn a_film_sounds_where_the_person_wants_it() -> Result<()> {
    run(async |stage| {
        let (_server, caster, _watcher) = pair(stage, PAIRS[0]).await?;
        pick(&caster, "film").await?;
        caster.wait_visible("#clip", true).await?;
        let choose = "const pick = document.querySelector('#speaker-choice');
            pick.selectedIndex = pick.options.length - 1;
            pick.dispatchEvent(new Event('change', { bubbles: true }));
            return pick.value";
        let chosen = caster.script(choose).await?;
        ensure!(chosen.as_str().is_some_and(|id| !id.is_empty()), "there is no speaker to choose: {chosen}");
        until("it sounds there", DEADLINE, async || {
            let used = caster.script("return document.querySelector('#clip').sinkId").await?;
            Ok(if used == chosen { Ok(()) } else { Err(used.to_string()) })
        })
        .await?;
        // And so does the next one, after a reload of the page.
        caster.reload().await?;
        caster.wait_state("live").await?;
        pick(&caster, "film").await?;
        until("it sounds there again", DEADLINE, async || {
            let used = caster.script("return document.querySelector('#clip').sinkId").await?;
            Ok(if used == chosen { Ok(()) } else { Err(used.to_string()) })
        })
        .await
    })
}

#[test]
fn a_picture_is_seen_also_by_whoever_comes_later() -> Result<()> {
    for pair_of in PAIRS {
        run(async |stage| {
            let (_server, caster, watcher) = pair(stage, pair_of).await?;
            pick(&caster, "picture").await?;
            // Firefox's camera shows every colour in turn.
            caster.wait_visible("#play-file[data-on=yes]", true).await?;
            wait_colour(&watcher, "the picture is seen", RED).await?;
            watcher.reload().await?;
            watcher.wait_media().await?;
            wait_colour(&watcher, "it is seen by a newcomer", RED).await
        })?;
    }
    Ok(())
}

#[test]
fn a_file_that_is_no_film_changes_nothing_and_is_told() -> Result<()> {
    run(async |stage| {
        let (_server, caster, watcher) = pair(stage, PAIRS[0]).await?;
        pick(&caster, "rubbish").await?;
        caster.wait_visible("#file-note", true).await?;
        watcher.wait_frames(10).await?;
        watcher.wait_energy().await?;
        ensure!(!caster.visible("#clip").await?, "controls of nothing");
        // The next one is played as if there had been none.
        pick(&caster, "film").await?;
        wait_colour(&watcher, "the film is seen", GREEN).await?;
        ensure!(
            !caster.visible("#file-note").await?
                || caster.script("return document.querySelector('#file-note').innerText").await? == "",
            "still told"
        );
        Ok(())
    })
}
