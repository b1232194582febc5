//! Runs one test: lends it servers and browsers, bounds its time, takes everything down, keeps the evidence of a failure.

use std::any::Any;
use std::cell::RefCell;
use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::panic::{AssertUnwindSafe, resume_unwind};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use anyhow::{Context, Result};
use futures_util::FutureExt;
use tokio::task::LocalSet;
use tokio::time::timeout;

use crate::browser::Browser;
use crate::evidence;
use crate::options::{Kind, Options};
use crate::place::Place;
use crate::server::{Server, free_port, target_dir};

/// Longest that one test may take, unless it says otherwise.
const TEST: Duration = Duration::from_mins(3);

/// Held by all tests that run now, or by the one that runs alone.
static MACHINE: RwLock<()> = RwLock::new(());

/// What a test is given.
#[derive(Debug)]
pub struct Stage {
    folder: PathBuf,
    // Kept beyond the test's own end, so that the evidence shows them as they were.
    servers: RefCell<Vec<Rc<Server>>>,
    browsers: RefCell<Vec<Browser>>,
}

impl Stage {
    /// Where the evidence goes.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Starts a server with further flags.
    pub async fn server(&self, flags: &[&str]) -> Result<Rc<Server>> {
        self.server_at(Place::Here, (Ipv4Addr::LOCALHOST, free_port()?).into(), flags).await
    }

    /// Starts a server that runs in some place and listens to an address of it.
    pub async fn server_at(&self, place: Place, address: SocketAddr, flags: &[&str]) -> Result<Rc<Server>> {
        let number = self.servers.borrow().len() + 1;
        let server =
            Server::start(place, address, flags, self.folder.join(format!("server{number}.log"))).await?;
        let server = Rc::new(server);
        self.servers.borrow_mut().push(server.clone());
        Ok(server)
    }

    /// Starts a browser.
    pub async fn browser(&self, options: Options) -> Result<Browser> {
        let number = self.browsers.borrow().len() + 1;
        let name = format!("{:?}{number}", options.kind).to_lowercase();
        let browser = Browser::start(options, name).await?;
        self.browsers.borrow_mut().push(browser.clone());
        Ok(browser)
    }

    /// Starts Chromium with camera, microphone and sound.
    pub async fn chromium(&self) -> Result<Browser> {
        self.browser(Options::default()).await
    }

    /// Starts Firefox with camera, microphone and sound.
    pub async fn firefox(&self) -> Result<Browser> {
        self.browser(Options { kind: Kind::Firefox, ..Options::default() }).await
    }
}

/// Runs a test, which may fail by error, by panic, or by taking too long.
pub fn run<T: AsyncFnOnce(&Stage) -> Result<()>>(test: T) -> Result<()> {
    run_within(TEST, test)
}

/// The same, for a test that may take this long.
pub fn run_within<T: AsyncFnOnce(&Stage) -> Result<()>>(limit: Duration, test: T) -> Result<()> {
    let _machine = MACHINE.read().unwrap_or_else(PoisonError::into_inner);
    play(limit, test)
}

/// The same, for a test that measures time: no other test of this process runs meanwhile. Waiting for them does not count.
pub fn run_alone<T: AsyncFnOnce(&Stage) -> Result<()>>(limit: Duration, test: T) -> Result<()> {
    let _machine = MACHINE.write().unwrap_or_else(PoisonError::into_inner);
    play(limit, test)
}

fn play<T: AsyncFnOnce(&Stage) -> Result<()>>(limit: Duration, test: T) -> Result<()> {
    // The closure's type is named after the test around it.
    let path = std::any::type_name::<T>().replace("::{{closure}}", "");
    let folder = target_dir().join("evidence").join(path.replace("::", "-"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    let stage = Stage { folder, servers: RefCell::default(), browsers: RefCell::default() };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    LocalSet::new().block_on(&runtime, perform(limit, test, stage))
}

async fn perform(limit: Duration, test: impl AsyncFnOnce(&Stage) -> Result<()>, stage: Stage) -> Result<()> {
    let outcome = AssertUnwindSafe(timeout(limit, test(&stage))).catch_unwind().await;
    let failed = !matches!(outcome, Ok(Ok(Ok(()))));
    let browsers = stage.browsers.take();
    if failed {
        for browser in &browsers {
            evidence::record(browser, &stage.folder).await;
        }
        eprintln!("evidence: {}", stage.folder.display());
    }
    for browser in browsers {
        if failed {
            browser.quit().await;
        } else {
            browser.hand_on().await;
        }
    }
    if !failed {
        fs::remove_dir_all(&stage.folder)?;
    }
    match outcome {
        Ok(Ok(result)) => result,
        Ok(Err(_)) => anyhow::bail!("the test took longer than {limit:?}"),
        Err(panic) => resume_unwind(panic as Box<dyn Any + Send>),
    }
}
