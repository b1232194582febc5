//! One page in one window, as a person sees it and as `hook.js` does.

use std::time::Duration;

use anyhow::{Context, Result};
use fantoccini::wd::WindowHandle;
use fantoccini::{Client, Locator};
use serde_json::{Value, json};

use crate::cdp::Cdp;
use crate::path::Path;
use crate::wait::{DEADLINE, until};

/// What counts as silence between two looks: the noise of a codec, far below the beep of a simulated microphone.
const SILENCE: f64 = 1e-7;

/// Seen in place of silence.
const NO_SOUND: &str = "no sound is received, be it silence";

/// So many silent looks in a row, more than the simulated microphone pauses between two beeps.
const LOOKS: usize = 20;

/// A page. Clones name the same one.
#[derive(Clone, Debug)]
pub struct Page {
    client: Client,
    window: WindowHandle,
}

impl Page {
    pub(crate) fn new(client: Client, window: WindowHandle) -> Self {
        Self { client, window }
    }

    /// `WebDriver` commands go to one window at a time: the one this makes current.
    pub(crate) async fn client(&self) -> Result<&Client> {
        self.client.switch_to_window(self.window.clone()).await?;
        Ok(&self.client)
    }

    /// Goes to an address, as from the address bar.
    pub async fn goto(&self, url: &str) -> Result<()> {
        self.client().await?.goto(url).await.with_context(|| format!("going to {url}"))
    }

    /// Reloads.
    pub async fn reload(&self) -> Result<()> {
        Ok(self.client().await?.refresh().await?)
    }

    /// Goes back in the history, as with the browser's button.
    pub async fn back(&self) -> Result<()> {
        Ok(self.client().await?.back().await?)
    }

    /// The path of the address.
    pub async fn path(&self) -> Result<String> {
        Ok(self.client().await?.current_url().await?.path().to_owned())
    }

    /// Waits until the address has this path.
    pub async fn wait_path(&self, path: &str) -> Result<()> {
        until(&format!("the address is {path}"), DEADLINE, async || {
            let now = self.path().await?;
            Ok(if now == path { Ok(()) } else { Err(now) })
        })
        .await
    }

    /// Types into such an element.
    pub async fn fill(&self, css: &str, text: &str) -> Result<()> {
        Ok(self.client().await?.find(Locator::Css(css)).await?.send_keys(text).await?)
    }

    /// Waits until a person sees such an element, or no longer does.
    pub async fn wait_visible(&self, css: &str, visible: bool) -> Result<()> {
        until(&format!("{css} is {}", if visible { "seen" } else { "gone" }), DEADLINE, async || {
            Ok(if self.visible(css).await? == visible { Ok(()) } else { Err("it is not so".to_owned()) })
        })
        .await
    }

    /// Runs a function body in the page.
    pub async fn script(&self, body: &str) -> Result<Value> {
        self.client().await?.execute(body, vec![]).await.with_context(|| format!("running `{body}`"))
    }

    /// Runs a function body in the page, which calls its last argument with what comes of it.
    pub async fn script_async(&self, body: &str) -> Result<Value> {
        let client = self.client().await?;
        client.execute_async(body, vec![]).await.with_context(|| format!("running `{body}`"))
    }

    /// Asks Chromium something about the page in its own protocol. Other browsers know no such command.
    pub async fn cdp(&self, method: &str, params: &Value) -> Result<Value> {
        let asked = self.client().await?.issue_cmd(Cdp::new(method, params)).await;
        asked.with_context(|| format!("asking {method}"))
    }

    /// Awaits an expression in the page.
    async fn awaited(&self, expression: &str) -> Result<Value> {
        let body = format!("const done = arguments[0]; ({expression}).then(done, (e) => done(String(e)));");
        self.script_async(&body).await
    }

    /// An attribute of the root element: `state`, `error`, `watchers`, `viewing`. Empty if it is absent.
    pub async fn data(&self, name: &str) -> Result<String> {
        let body = "return document.querySelector('[data-state]')?.getAttribute(arguments[0]) ?? ''";
        let value = self.client().await?.execute(body, vec![json!(format!("data-{name}"))]).await?;
        Ok(value.as_str().unwrap_or_default().to_owned())
    }

    /// Waits until an attribute of the root element has a value.
    pub async fn wait_data(&self, name: &str, value: &str) -> Result<()> {
        until(&format!("data-{name} is {value:?}"), DEADLINE, async || {
            if self.data(name).await? == value {
                return Ok(Ok(()));
            }
            Ok(Err(format!(
                "data-state {:?}, data-error {:?}",
                self.data("state").await?,
                self.data("error").await?
            )))
        })
        .await
    }

    /// Waits until the page is in a state.
    pub async fn wait_state(&self, state: &str) -> Result<()> {
        self.wait_data("state", state).await
    }

    /// Whether a person sees such an element.
    pub async fn visible(&self, css: &str) -> Result<bool> {
        match self.client().await?.find(Locator::Css(css)).await {
            Ok(element) => Ok(element.is_displayed().await?),
            Err(error) if error.is_no_such_element() => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Clicks such an element as soon as a person could.
    pub async fn click(&self, css: &str) -> Result<()> {
        until(&format!("{css} can be clicked"), DEADLINE, async || {
            let element = match self.client().await?.find(Locator::Css(css)).await {
                Ok(element) => element,
                Err(error) => return Ok(Err(error.to_string())),
            };
            match element.is_enabled().await {
                Ok(true) => Ok(element.click().await.map_err(|error| error.to_string())),
                Ok(false) => Ok(Err("it is disabled".to_owned())),
                Err(error) => Ok(Err(error.to_string())),
            }
        })
        .await
    }

    /// Waits until the video has shown `more` frames more than it has now.
    pub async fn wait_frames(&self, more: u64) -> Result<()> {
        let mut first = None;
        until(&format!("{more} more frames"), DEADLINE, async || {
            let now = self.script("return vongTest.frames()").await?.as_u64().unwrap_or_default();
            // A new stream in the element counts anew.
            let from = *first.insert(first.map_or(now, |first: u64| first.min(now)));
            Ok(if now >= from + more { Ok(()) } else { Err(format!("{from} frames, then {now}")) })
        })
        .await
    }

    /// Waits until sound is received that is more than silence.
    pub async fn wait_energy(&self) -> Result<()> {
        let mut first = None;
        until("audio energy grows", DEADLINE, async || {
            let Some(now) = self.energy().await? else { return Ok(Err(NO_SOUND.to_owned())) };
            // A new connection counts anew.
            let from = *first.insert(first.map_or(now, |first: f64| first.min(now)));
            Ok(if now > from { Ok(()) } else { Err(format!("{from}, then {now}")) })
        })
        .await
    }

    /// Waits until nothing but silence is received, for a while.
    pub async fn wait_silence(&self) -> Result<()> {
        let mut last = None;
        let mut quiet = 0;
        until("audio energy does not grow", DEADLINE, async || {
            let Some(now) = self.energy().await? else {
                quiet = 0;
                return Ok(Err(NO_SOUND.to_owned()));
            };
            let grew = now - last.replace(now).unwrap_or(now);
            quiet = if grew.abs() < SILENCE { quiet + 1 } else { 0 };
            Ok(if quiet >= LOOKS { Ok(()) } else { Err(format!("it grew by {grew}")) })
        })
        .await
    }

    /// `None` while no sound is received at all.
    async fn energy(&self) -> Result<Option<f64>> {
        let value = self.awaited("vongTest.energy()").await?;
        if value.is_null() {
            return Ok(None);
        }
        value.as_f64().with_context(|| format!("energy: {value}")).map(Some)
    }

    /// Waits until moving pictures and sound arrive, with the sound on.
    pub async fn wait_media(&self) -> Result<()> {
        self.wait_state("live").await?;
        self.wait_frames(10).await?;
        self.wait_energy().await?;
        self.wait_sound(true).await
    }

    /// Waits until the video's sound is on or off.
    pub async fn wait_sound(&self, on: bool) -> Result<()> {
        until(&format!("sound is {}", if on { "on" } else { "off" }), DEADLINE, async || {
            let muted = self.script("return document.querySelector('video')?.muted ?? null").await?;
            Ok(if muted == json!(!on) { Ok(()) } else { Err(format!("muted: {muted}")) })
        })
        .await
    }

    /// The page's `RTCPeerConnection`s since it was loaded, in order: the `connectionState` of each.
    pub async fn connections(&self) -> Result<Vec<String>> {
        strings(&self.script("return vongTest.connections.map((c) => c.connectionState)").await?)
    }

    /// The path of each of its connections that has one and is not closed.
    pub async fn paths(&self) -> Result<Vec<Path>> {
        let value = self.awaited("vongTest.paths()").await?;
        value.as_array().with_context(|| format!("paths: {value}"))?.iter().map(Path::read).collect()
    }

    /// Waits for the first frame, and returns how long after the beginning of loading the page it came.
    pub async fn first_frame(&self) -> Result<Duration> {
        until("a first frame", DEADLINE, async || {
            let value = self.script("return vongTest.firstFrame()").await?;
            let millis = value.as_f64();
            Ok(match millis {
                Some(millis) => Ok(Duration::from_secs_f64(millis / 1000.0)),
                None => Err(format!("data-state {:?}", self.data("state").await?)),
            })
        })
        .await
    }

    /// The camera and microphone tracks the page was given since it was loaded, in order: kind and `readyState`.
    pub async fn tracks(&self) -> Result<Vec<String>> {
        strings(&self.script("return vongTest.tracks.map((t) => `${t.kind} ${t.readyState}`)").await?)
    }

    /// Starts to look for gaps between frames.
    pub async fn start_gap(&self) -> Result<()> {
        self.script("vongTest.startGap()").await.map(drop)
    }

    /// The longest gap between frames since [`Page::start_gap`].
    pub async fn longest_gap(&self) -> Result<Duration> {
        self.gap("longestGap").await
    }

    /// For how long no frame has come by now, since [`Page::start_gap`].
    pub async fn present_gap(&self) -> Result<Duration> {
        self.gap("presentGap").await
    }

    async fn gap(&self, which: &str) -> Result<Duration> {
        let value = self.script(&format!("return vongTest.{which}()")).await?;
        let millis = value.as_f64().with_context(|| format!("gap: {value}"))?;
        Ok(Duration::from_secs_f64(millis.max(0.0) / 1000.0))
    }
}

fn strings(value: &Value) -> Result<Vec<String>> {
    let list = value.as_array().with_context(|| format!("not a list: {value}"))?;
    Ok(list.iter().map(|item| item.as_str().unwrap_or_default().to_owned()).collect())
}
