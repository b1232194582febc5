//! Two homes with a browser each, and a server between them: what the tests here have in common.

use std::rc::Rc;

use anyhow::Result;
use vong_tests::lab::{Coturn, Home, Internet, Nat, SERVER};
use vong_tests::{Browser, DEADLINE, Options, Page, Path, Place, Server, Stage, until};

/// The port of the page.
const PORT: u16 = 4000;

/// Where browsers get STUN and TURN from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Vọng itself, as it is without any setting.
    BuiltIn,
    /// An operator's own coturn, told to Vọng by `--ice-server`.
    Coturn,
}

/// Where they get it from unless a test is about that.
pub(crate) const TURN: Turn = Turn::BuiltIn;

/// The homes, the server, and a browser in each home.
pub(crate) struct Setup {
    pub(crate) broadcasters_home: Home,
    pub(crate) watchers_home: Home,
    pub(crate) broadcaster: Page,
    pub(crate) watcher: Page,
    server: Rc<Server>,
    _coturn: Option<Coturn>,
    _internet: Internet,
}

impl Setup {
    pub(crate) async fn new(stage: &Stage, turn: Turn) -> Result<Self> {
        let internet = Internet::new()?;
        let (coturn, flags) = match turn {
            Turn::BuiltIn => (None, Vec::new()),
            Turn::Coturn => {
                let log = stage.folder().join("coturn.log");
                (Some(Coturn::start(&internet, &log).await?), Coturn::flags())
            }
        };
        let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
        let place = Place::Inside(internet.server.clone());
        let server = stage.server_at(place, (SERVER, PORT).into(), &flags).await?;
        let homes = [Home::new(&internet, 1)?, Home::new(&internet, 2)?];
        let [broadcasters_home, watchers_home] = homes;
        let broadcaster = blank(&browser(stage, &broadcasters_home, &server).await?).await?;
        let watcher = blank(&browser(stage, &watchers_home, &server).await?).await?;
        Ok(Self {
            broadcasters_home,
            watchers_home,
            broadcaster,
            watcher,
            server,
            _coturn: coturn,
            _internet: internet,
        })
    }

    /// Puts the broadcaster behind a router of this kind and goes live.
    pub(crate) async fn broadcast(&self, nat: Nat, room: &str) -> Result<()> {
        self.broadcaster.goto("about:blank").await?;
        self.broadcasters_home.set(nat)?;
        let page = &self.broadcaster;
        self.arrive(page, &format!("/broadcast/{room}")).await?;
        page.wait_data("devices", "ready").await?;
        page.click("#go-live").await?;
        page.wait_state("live").await
    }

    /// Puts the watcher behind a router of this kind, and opens the page. Neither router knows anything of what was
    /// before.
    pub(crate) async fn watch(&self, broadcasters: Nat, watchers: Nat, room: &str) -> Result<()> {
        self.watcher.goto("about:blank").await?;
        self.broadcasters_home.set(broadcasters)?;
        self.watchers_home.set(watchers)?;
        self.arrive(&self.watcher, &format!("/watch/{room}")).await
    }

    /// Goes to a page, again if the browser gives up because its network has just changed.
    async fn arrive(&self, page: &Page, path: &str) -> Result<()> {
        until(&format!("{path} is there"), DEADLINE, async || {
            Ok(page.goto(&self.server.url(path)).await.map_err(|error| format!("{error:#}")))
        })
        .await
    }

    /// Waits until media takes a path of the kind that is expected, and returns it.
    pub(crate) async fn path(&self, relayed: bool) -> Result<Path> {
        let kind = if relayed { "relayed" } else { "direct" };
        until(&format!("the path is {kind}"), DEADLINE, async || {
            let paths = self.watcher.paths().await?;
            let fits = |path: &&Path| path.is_relayed(&SERVER.to_string()) == relayed;
            Ok(paths.iter().find(fits).cloned().ok_or(format!("{paths:?}")))
        })
        .await
    }
}

async fn browser(stage: &Stage, home: &Home, server: &Server) -> Result<Browser> {
    let place = Place::Inside(home.host.clone());
    let preload = Some(include_str!("timeline.js"));
    stage.browser(Options { place, preload, trusted: Some(server.url("")), ..Options::default() }).await
}

async fn blank(browser: &Browser) -> Result<Page> {
    browser.open("about:blank").await
}
