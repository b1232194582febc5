//! Vọng as an app of its own: what a browser looks at before it offers to install one.

use anyhow::{Result, ensure};
use serde_json::{Value, json};
use vong_tests::{DEADLINE, Page, run, until};

async fn obstacles(page: &Page) -> Result<Value> {
    Ok(page.cdp("Page.getInstallabilityErrors", &json!({})).await?["installabilityErrors"].take())
}

#[test]
fn chromium_would_install_vong_from_each_page_that_people_come_to() -> Result<()> {
    run(async |stage| {
        let server = stage.server(&[]).await?;
        // Where there is nothing to install, it says so: that it names nothing below means something.
        let page = stage.chromium().await?.open(&server.url("/app/icon-192.png")).await?;
        ensure!(obstacles(&page).await?[0]["errorId"] == "no-manifest", "{}", obstacles(&page).await?);
        for path in ["/", "/watch/demo", "/broadcast/demo", "/test"] {
            page.goto(&server.url(path)).await?;
            page.wait_visible("[data-state]", true).await?;
            let manifest = page.cdp("Page.getAppManifest", &json!({})).await?;
            ensure!(manifest["errors"] == json!([]), "{path}: {}", manifest["errors"]);
            ensure!(manifest["url"] == server.url("/app/manifest.webmanifest"), "{path}: {manifest}");
            let read = &manifest["manifest"];
            ensure!(read["startUrl"] == server.url("/"), "{path}: {read}");
            ensure!(read["display"] == "kStandalone", "{path}: {read}");
            // It loads an icon before it says that nothing is missing.
            until(&format!("{path} can be installed"), DEADLINE, async || {
                let named = obstacles(&page).await?;
                Ok(if named == json!([]) { Ok(()) } else { Err(named.to_string()) })
            })
            .await?;
        }
        Ok(())
    })
}

/// What is wrong with the files that an installation takes.
const LOOK: &str = "const done = arguments[0];
    const get = async (url) => {
        const answer = await fetch(url);
        const kept = answer.headers.get('cache-control');
        if (!answer.ok || kept !== 'no-cache') throw `${url}: ${answer.status}, ${kept}`;
        return { type: answer.headers.get('content-type'), body: await answer.blob() };
    };
    const shape = async (url) => {
        const { type, body } = await get(url);
        if (type !== 'image/png') return { type: type.split(';')[0], sizes: 'any' };
        const { width, height } = await createImageBitmap(body);
        return { type, sizes: `${width}x${height}` };
    };
    (async () => {
        const manifest = document.querySelector('link[rel=manifest]').href;
        const { type, body } = await get(manifest);
        const wrong = type === 'application/manifest+json' ? [] : [`${manifest}: ${type}`];
        for (const icon of JSON.parse(await body.text()).icons) {
            const found = await shape(new URL(icon.src, manifest));
            if (found.type !== icon.type || found.sizes !== icon.sizes)
                wrong.push(`${icon.src}: ${found.type} ${found.sizes}`);
        }
        const touch = await shape(document.querySelector('link[rel=apple-touch-icon]').href);
        if (touch.type !== 'image/png') wrong.push(`for a home screen: ${touch.type}`);
        return wrong;
    })().then(done, (e) => done([String(e)]));";

#[test]
fn the_manifest_and_its_icons_are_what_they_say_and_are_asked_about_before_an_old_one_is_used() -> Result<()>
{
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let page = stage.chromium().await?.open(&server.url("/")).await?;
        let wrong = page.script_async(LOOK).await?;
        ensure!(wrong == json!([]), "{wrong}");
        Ok(())
    })
}
