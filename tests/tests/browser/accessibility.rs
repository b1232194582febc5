//! Every page, in the states that people meet it in, looked at with axe's rules (WCAG and best practices).

use anyhow::{Result, ensure};
use vong_tests::{Page, accessibility_rules, run};

use crate::files::{pick, wait_file};
use crate::{go_live, prepare, watch};

async fn look(page: &Page, rules: &str, what: &str) -> Result<()> {
    page.script(rules).await?;
    let found = "const done = arguments[0];
        axe.run(document).then(
            ({ violations }) => done(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.html).join(' ')}`)),
            (e) => done([String(e)]));";
    let found = page.script_async(found).await?;
    ensure!(found.as_array().is_some_and(Vec::is_empty), "{what}: {found}");
    Ok(())
}

#[test]
fn axe_finds_nothing_on_any_page_in_any_state() -> Result<()> {
    let Some(rules) = accessibility_rules() else {
        ensure!(std::env::var_os("CI").is_none(), "axe-core is not installed, and CI skips nothing");
        println!("skipped: axe-core is not installed");
        return Ok(());
    };
    run(async |stage| {
        let server = stage.server(&[]).await?;
        let browser = stage.chromium().await?;
        let home = browser.open(&server.url("/")).await?;
        home.wait_visible("[data-state] h1", true).await?;
        look(&home, &rules, "the start page").await?;
        home.goto(&server.url("/watch/No room")).await?;
        home.wait_visible("[data-state] h1", true).await?;
        look(&home, &rules, "a name that is none").await?;
        let waiting = watch(&browser, &server).await?;
        waiting.wait_state("waiting").await?;
        look(&waiting, &rules, "a watcher who waits").await?;
        let caster = prepare(&stage.chromium().await?, &server).await?;
        look(&caster, &rules, "a broadcaster before going live").await?;
        caster.goto("about:blank").await?;
        let caster = go_live(&stage.chromium().await?, &server).await?;
        waiting.wait_media().await?;
        look(&waiting, &rules, "a watcher").await?;
        let open = "document.querySelectorAll('details').forEach((d) => d.open = true);
            document.querySelector('[popover]').showPopover()";
        waiting.click("#chat-button").await?;
        caster.click("#files-button").await?;
        pick(&caster, "a.pdf", 1_000).await?;
        wait_file(&waiting, "a.pdf", "offered").await?;
        waiting.script(open).await?;
        look(&waiting, &rules, "a watcher with everything open").await?;
        caster.script(open).await?;
        look(&caster, &rules, "a broadcaster with everything open").await?;
        caster.script("document.querySelector('#device-choice').hidePopover()").await?;
        caster.click("#pause").await?;
        waiting.wait_visible(".sound-only", true).await?;
        look(&waiting, &rules, "a pause").await?;
        let test = browser.open(&server.url("/test?lang=vi")).await?;
        test.wait_state("ended").await?;
        look(&test, &rules, "the test page, in Vietnamese").await
    })
}
