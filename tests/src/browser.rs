//! A browser with a profile of its own, and its windows.

use std::cell::{Cell, RefCell};
use std::rc::Rc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use fantoccini::wd::TimeoutConfiguration;
use fantoccini::{Client, ClientBuilder};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tokio::time::timeout;

use crate::bidi::Bidi;
use crate::driver::Driver;
use crate::options::{Key, Kind, Options};
use crate::page::Page;
use crate::place::Place;
use crate::pool;
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
    pub(crate) running: Running,
}

/// What there is of a browser, whoever uses it. Dropping it ends it.
#[derive(Debug)]
pub(crate) struct Running {
    /// What other tests know it by.
    pub(crate) key: Option<Key>,
    pub(crate) process: Process,
    pub(crate) driver: Driver,
    /// Where it speaks `BiDi`.
    bidi: String,
    version: String,
}

impl Browser {
    /// One that an earlier test is done with, if there is such a one; else a new one.
    pub(crate) async fn start(options: Options, name: String) -> Result<Self> {
        // One that does not answer is ended with what is left of it.
        if let Some((running, session)) = options.key().and_then(pool::take)
            && let Ok(Ok(browser)) = timeout(DEADLINE, Self::take_up(running, &session, name.clone())).await
        {
            return Ok(browser);
        }
        let driver = Driver::start(options.kind, &options.place).await?;
        let Value::Object(capabilities) = options.capabilities() else { bail!("capabilities") };
        let client = timeout(
            DEADLINE,
            ClientBuilder::new(options.place.clone()).capabilities(capabilities).connect(&driver.url()),
        )
        .await
        .context("the browser did not start in time")
        .and_then(|started| started.map_err(Into::into))
        .with_context(|| format!("the driver said: {}", driver.said()))?;
        let got = client.capabilities().cloned().unwrap_or_default();
        let pid = match options.kind {
            Kind::Chromium => &got["goog:processID"],
            Kind::Firefox => &got["moz:processID"],
        };
        let process = pid.as_i64().and_then(|pid| Pid::from_raw(pid.try_into().ok()?));
        let text = |name: &str| got.get(name).and_then(Value::as_str).unwrap_or("?").to_owned();
        let version = format!("{} {}", text("browserName"), text("browserVersion"));
        let url = got.get("webSocketUrl").and_then(Value::as_str).context("the driver speaks no BiDi")?;
        let scripts: Vec<&str> = [HOOK].into_iter().chain(options.scripts()).collect();
        let bidi = Bidi::start(&options.place, url, &scripts).await?;
        let limits = TimeoutConfiguration::new(Some(SCRIPT), Some(DEADLINE), Some(Duration::ZERO));
        client.update_timeouts(limits).await?;
        let running = Running {
            key: options.key(),
            process: Process(process.into()),
            driver,
            bidi: url.to_owned(),
            version,
        };
        Ok(Self(Rc::new(Inner { name, client, bidi, pages: RefCell::default(), running })))
    }

    async fn take_up(running: Running, session: &str, name: String) -> Result<Self> {
        let client = Client::with_existing_session(&running.driver.url(), session, Place::Here).await?;
        let bidi = Bidi::connect(&Place::Here, &running.bidi).await?;
        Ok(Self(Rc::new(Inner { name, client, bidi, pages: RefCell::default(), running })))
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
        let process =
            self.0.running.process.take().context("the driver did not tell the browser's process")?;
        Ok(kill_process(process, Signal::KILL)?)
    }

    /// Its name and version, as it tells them.
    pub fn version(&self) -> String {
        self.0.running.version.clone()
    }

    /// What its pages said on the console.
    pub(crate) fn console(&self) -> String {
        self.0.bidi.console()
    }

    /// Leaves it to the next test that asks for one like it, or ends it.
    pub(crate) async fn hand_on(self) {
        let cleared = timeout(QUIT, self.clear()).await;
        match (Rc::try_unwrap(self.0), cleared) {
            (Ok(inner), Ok(Ok(session))) => pool::give(inner.running, session),
            (Ok(inner), _) => Self(Rc::new(inner)).quit().await,
            // Somebody still has it, and ends it by letting go of it.
            (Err(_), _) => {}
        }
    }

    /// Closes all that it shows, so that its pages are gone before those of the next test come. `WebDriver`'s name for its session.
    async fn clear(&self) -> Result<String> {
        let inner = &self.0;
        let running = &inner.running;
        ensure!(running.key.is_some() && running.process.id().is_some(), "it is of no use to others");
        for page in inner.pages.take().into_iter().skip(1) {
            page.client().await?.close_window().await?;
        }
        let left = inner.client.windows().await?;
        let [window] = &left[..] else { bail!("{} windows are left", left.len()) };
        inner.client.switch_to_window(window.clone()).await?;
        inner.client.goto("about:blank").await?;
        let session = inner.client.session_id().await?.context("it has no session")?;
        inner.client.persist().await?;
        Ok(session)
    }

    /// Ends it the regular way, else kills it.
    pub(crate) async fn quit(&self) {
        if let Ok(Ok(())) = timeout(QUIT, self.0.client.clone().close()).await {
            self.0.running.process.take();
        }
    }
}

/// A browser's process, which is killed unless it is taken out.
#[derive(Debug)]
pub(crate) struct Process(Cell<Option<Pid>>);

impl Process {
    pub(crate) fn id(&self) -> Option<Pid> {
        self.0.get()
    }

    fn take(&self) -> Option<Pid> {
        self.0.take()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(process) = self.take() {
            // It fails only for a process that has ended.
            let _ = kill_process(process, Signal::KILL);
        }
    }
}
