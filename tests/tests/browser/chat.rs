//! The chat over the data channel, and what goes with it, as the other pages show it.

use anyhow::{Context, Result, ensure};
use vong_tests::{DEADLINE, Kind, Options, Page, Stage, run, until};

use crate::{go_live, watch};

/// What the page shows of the chat, as `author: words`.
async fn said(page: &Page) -> Result<Vec<String>> {
    let look = "return [...document.querySelectorAll('#said li')].map((line) =>
        `${line.querySelector('.who').textContent}: ${line.querySelector('.words').textContent}`)";
    let lines = page.script(look).await?;
    Ok(lines
        .as_array()
        .context("lines")?
        .iter()
        .map(|line| line.as_str().unwrap_or_default().to_owned())
        .collect())
}

async fn wait_said(page: &Page, expected: &[&str]) -> Result<()> {
    until(&format!("the chat is {expected:?}"), DEADLINE, async || {
        let said = said(page).await?;
        Ok(if said == expected { Ok(()) } else { Err(format!("{said:?}")) })
    })
    .await
}

/// Fills a field in as a person does, and leaves it.
async fn fill(page: &Page, css: &str, text: &str) -> Result<()> {
    let text = serde_json::Value::from(text);
    let set = format!(
        "const field = document.querySelector('{css}'); field.value = {text};
         field.dispatchEvent(new Event('change', {{ bubbles: true }}))"
    );
    page.script(&set).await.map(drop)
}

/// Waits until this page may speak.
async fn wait_open(page: &Page) -> Result<()> {
    until("one may speak", DEADLINE, async || {
        let open = page.script("return document.querySelector('#say')?.disabled === false").await?;
        Ok(if open == true { Ok(()) } else { Err("not yet".to_owned()) })
    })
    .await
}

async fn say(page: &Page, text: &str) -> Result<()> {
    wait_open(page).await?;
    fill(page, "#say", text).await?;
    page.click("#send").await
}

/// A watcher with the chat open, under a name.
async fn chatter(page: &Page, name: &str) -> Result<()> {
    page.wait_media().await?;
    page.click("#chat-button").await?;
    if !name.is_empty() {
        fill(page, "#name", name).await?;
    }
    wait_open(page).await
}

#[test]
fn what_anyone_says_is_seen_by_all_and_a_late_watcher_is_told() -> Result<()> {
    run(async |stage: &Stage| {
        let server = stage.server(&[]).await?;
        let chromium = stage.chromium().await?;
        let broadcaster = go_live(&chromium, &server).await?;
        let an = watch(&chromium, &server).await?;
        chatter(&an, "An").await?;
        let firefox = stage.browser(Options { kind: Kind::Firefox, ..Options::default() }).await?;
        let other = watch(&firefox, &server).await?;
        chatter(&other, "").await?;

        say(&an, "Hello").await?;
        say(&broadcaster, "Welcome").await?;
        wait_said(&an, &["An: Hello", "Broadcaster: Welcome"]).await?;
        say(&other, "Hi from Firefox").await?;
        let all = ["An: Hello", "Broadcaster: Welcome", "Viewer 2: Hi from Firefox"];
        for page in [&broadcaster, &an, &other] {
            wait_said(page, &all).await?;
        }
        let late = watch(&chromium, &server).await?;
        late.wait_media().await?;
        wait_said(&late, &all).await?;

        // The broadcaster's page is loaded again, and nothing that was said is lost.
        broadcaster.reload().await?;
        broadcaster.wait_state("live").await?;
        wait_said(&broadcaster, &all).await?;
        say(&an, "Still here").await?;
        let all = [all.as_slice(), &["An: Still here"]].concat();
        for page in [&broadcaster, &other] {
            wait_said(page, &all).await?;
        }
        Ok(())
    })
}

/// As hostile as a name of this length can be.
const NAME: &str = "<img src=x onerror='hurt=1'>";

#[test]
fn whatever_is_typed_stays_text_and_only_addresses_become_links() -> Result<()> {
    run(async |stage: &Stage| {
        let server = stage.server(&[]).await?;
        let browser = stage.chromium().await?;
        let broadcaster = go_live(&browser, &server).await?;
        let watcher = watch(&browser, &server).await?;
        chatter(&watcher, NAME).await?;
        let words = "<script>window.hurt = 1</script> javascript:alert(1) https://example.org/\"onclick=x";
        say(&watcher, words).await?;
        for page in [&broadcaster, &watcher] {
            wait_said(page, &[&format!("{NAME}: {words}")]).await?;
            let seen = page
                .script(
                    "return [document.querySelectorAll('#said img, #said script').length, window.hurt ?? 0,
                        [...document.querySelectorAll('#said a')].map((a) => `${a.href} ${a.rel} ${a.target}`)]",
                )
                .await?;
            let link = "https://example.org/ noopener noreferrer nofollow _blank";
            ensure!(seen == serde_json::json!([0, 0, [link]]), "{seen}");
        }
        Ok(())
    })
}

#[test]
fn the_broadcaster_takes_back_and_mutes_and_sees_a_raised_hand() -> Result<()> {
    run(async |stage: &Stage| {
        let server = stage.server(&[]).await?;
        let browser = stage.chromium().await?;
        let broadcaster = go_live(&browser, &server).await?;
        let watcher = watch(&browser, &server).await?;
        chatter(&watcher, "An").await?;
        say(&watcher, "rude").await?;
        wait_said(&broadcaster, &["An: rude"]).await?;
        broadcaster.click("#said .unsay").await?;
        wait_said(&watcher, &[]).await?;
        wait_said(&broadcaster, &[]).await?;

        watcher.click("#react").await?;
        watcher.click("#hand").await?;
        broadcaster.wait_visible("#audience .hand", true).await?;
        broadcaster.click("#audience .hand").await?;
        until("the hand is down on its own page", DEADLINE, async || {
            let pressed = watcher.script("return document.querySelector('#hand').ariaPressed").await?;
            Ok(if pressed == "false" { Ok(()) } else { Err(format!("{pressed}")) })
        })
        .await?;

        broadcaster.click("#audience .mute").await?;
        until("who is muted cannot speak", DEADLINE, async || {
            let closed = watcher.script("return document.querySelector('#say').disabled").await?;
            Ok(if closed == true { Ok(()) } else { Err("it can".to_owned()) })
        })
        .await?;
        broadcaster.click("#audience .mute").await?;
        say(&watcher, "sorry").await?;
        wait_said(&broadcaster, &["An: sorry"]).await
    })
}

/// Counts what goes up over the picture.
const COUNT: &str = "() => {
    window.flown = 0;
    new MutationObserver((changes) => {
        for (const { addedNodes } of changes) {
            for (const node of addedNodes) if (node.dataset?.reaction === 'heart' && node.localName === 'span') window.flown++;
        }
    }).observe(document, { childList: true, subtree: true });
}";

#[test]
fn a_reaction_goes_up_over_everyones_picture() -> Result<()> {
    run(async |stage: &Stage| {
        let server = stage.server(&[]).await?;
        let options = Options { preload: Some(COUNT), ..Options::default() };
        let browser = stage.browser(options).await?;
        let broadcaster = go_live(&browser, &server).await?;
        let (watcher, other) = (watch(&browser, &server).await?, watch(&browser, &server).await?);
        for page in [&watcher, &other] {
            page.wait_media().await?;
        }
        watcher.click("#react").await?;
        watcher.click("#reactions [data-reaction=heart]").await?;
        for page in [&broadcaster, &watcher, &other] {
            until("a heart goes up", DEADLINE, async || {
                let flown = page.script("return window.flown").await?;
                Ok(if flown == 1 { Ok(()) } else { Err(format!("{flown}")) })
            })
            .await?;
        }
        Ok(())
    })
}

#[test]
fn the_page_speaks_the_language_of_the_browser_the_address_or_the_choice() -> Result<()> {
    run(async |stage: &Stage| {
        let server = stage.server(&[]).await?;
        let browser = stage.chromium().await?;
        let page = browser.open(&server.url("/?lang=vi")).await?;
        let language = async || {
            page.script(
                "return [document.documentElement.lang, document.querySelector('#watch').textContent.trim()]",
            )
            .await
        };
        let speaks = async |tag: &str, word: &str| {
            until(&format!("the page is in {tag}"), DEADLINE, async || {
                // Nothing is there to read before the page is.
                let language = language().await.unwrap_or_default();
                Ok(if language == serde_json::json!([tag, word]) {
                    Ok(())
                } else {
                    Err(language.to_string())
                })
            })
            .await
        };
        speaks("vi", "Xem").await?;
        page.goto(&server.url("/")).await?;
        speaks("en", "Watch").await?;
        page.script("const choice = document.querySelector('#language'); choice.value = 'vi'; choice.dispatchEvent(new Event('change'))").await?;
        speaks("vi", "Xem").await?;
        page.goto(&server.url("/broadcast/demo")).await?;
        page.wait_data("devices", "ready").await?;
        let label = page.script("return document.querySelector('#go-live').textContent.trim()").await?;
        ensure!(label == "Phát trực tiếp", "{label}");
        Ok(())
    })
}
