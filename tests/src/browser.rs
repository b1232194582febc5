//! A browser with a profile of its own, and its windows.

use std::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result};
use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, ClientBuilder};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::time::timeout;

use crate::bidi::Bidi;
use crate::driver::Driver;
use crate::options::{Kind, Options};
use crate::page::Page;
use crate::wait::DEADLINE;

/// What lets tests look into a page.
const HOOK: &str = include_str!("hook.js");
/// Longest a script may run in a page.
const SCRIPT: Duration = Duration::from_secs(10);
/// Longest a browser may take to quit before it is killed.
const QUIT: Duration = Duration::from_secs(10);

/// A running browser. Clones name the same one; the stage takes it down.
#[derive(Clone, Debug)]
pub struct Browser(pub(crate) Rc<Inner>);

#[derive(Debug)]
pub(crate) struct Inner {
    /// For the names of what is kept as evidence.
    pub(crate) name: String,
    pub(crate) client: Client,
    bidi: Bidi,
    pub(crate) pages: RefCell<Vec<Page>>,
    process: Cell<Option<Pid>>,
    _driver: Driver,
}

impl Browser {
    pub(crate) async fn start(options: &Options, name: String, log: PathBuf) -> Result<Self> {
        let driver = Driver::start(options.kind, &options.place, &log).await?;
        let Value::Object(capabilities) = options.capabilities() else { anyhow::bail!("capabilities") };
        let client = timeout(
            DEADLINE,
            ClientBuilder::new(options.place.clone()).capabilities(capabilities).connect(&driver.url()),
        )
        .await
        .context("the browser did not start in time")??;
        let got = client.capabilities().cloned().unwrap_or_default();
        let pid = match options.kind {
            Kind::Chromium => &got["goog:processID"],
            Kind::Firefox => &got["moz:processID"],
        };
        let process = pid.as_i64().and_then(|pid| Pid::from_raw(pid.try_into().ok()?));
        let url = got.get("webSocketUrl").and_then(Value::as_str).context("the driver speaks no BiDi")?;
        let scripts: Vec<&str> = [HOOK].into_iter().chain(options.scripts()).collect();
        let bidi = Bidi::start(&options.place, url, &scripts).await?;
        let limits = TimeoutConfiguration::new(Some(SCRIPT), Some(DEADLINE), Some(Duration::ZERO));
        client.update_timeouts(limits).await?;
        let inner =
            Inner { name, client, bidi, pages: RefCell::default(), process: process.into(), _driver: driver };
        Ok(Self(Rc::new(inner)))
    }

    /// Opens a page in a window of its own.
    pub async fn open(&self, url: &str) -> Result<Page> {
        let client = &self.0.client;
        let window = if self.0.pages.borrow().is_empty() {
            // The browser started with one.
            client.window().await?
        } else {
            client.new_window(false).await?.handle
        };
        let page = Page::new(client.clone(), window);
        self.0.pages.borrow_mut().push(page.clone());
        page.goto(url).await?;
        Ok(page)
    }

    /// `SIGKILL`, as if its machine had lost power: no page gets to say goodbye.
    pub fn kill(&self) -> Result<()> {
        let process = self.0.process.take().context("the driver did not tell the browser's process")?;
        Ok(kill_process(process, Signal::KILL)?)
    }

    /// Its name and version, as it tells them.
    pub fn version(&self) -> String {
        let text = |name: &str| {
            let value = self.0.client.capabilities().and_then(|capabilities| capabilities.get(name));
            value.and_then(Value::as_str).unwrap_or("?").to_owned()
        };
        format!("{} {}", text("browserName"), text("browserVersion"))
    }

    /// What its pages said on the console.
    pub(crate) fn console(&self) -> String {
        self.0.bidi.console()
    }

    /// Ends it the regular way, else kills it.
    pub(crate) async fn quit(&self) {
        if let Ok(Ok(())) = timeout(QUIT, self.0.client.clone().close()).await {
            self.0.process.take();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if let Some(process) = self.process.take() {
            // It fails only for a process that has ended.
            let _ = kill_process(process, Signal::KILL);
        }
    }
}
