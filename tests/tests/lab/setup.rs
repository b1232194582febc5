//! A broadcaster's home and those of watchers with a browser each, and a server between them: what the tests here have in
//! common.

use std::rc::Rc;

use anyhow::{Result, bail};
use vong_tests::lab::{Coturn, Home, Internet, Nat, SERVER};
use vong_tests::{Browser, DEADLINE, Devices, Options, Page, Path, Place, Server, Stage, until};

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

/// A home and the page that is open in it.
pub(crate) struct Seat {
    pub(crate) home: Home,
    pub(crate) page: Page,
}

/// The homes, the server, and a browser in each home.
pub(crate) struct Setup {
    pub(crate) broadcaster: Seat,
    pub(crate) watchers: Vec<Seat>,
    server: Rc<Server>,
    _coturn: Option<Coturn>,
    _internet: Internet,
}

impl Setup {
    /// With so many watchers, up to four.
    pub(crate) async fn new(stage: &Stage, turn: Turn, watchers: u8) -> Result<Self> {
        Self::with(stage, turn, watchers, Devices::Both).await
    }

    /// The same, with this camera at the broadcaster's.
    pub(crate) async fn with(stage: &Stage, turn: Turn, watchers: u8, devices: Devices) -> Result<Self> {
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
        let broadcaster = seat(stage, &internet, 1, &server, devices).await?;
        let mut seats = Vec::new();
        for number in 0..watchers {
            seats.push(seat(stage, &internet, 2 + number, &server, Devices::Both).await?);
        }
        Ok(Self { broadcaster, watchers: seats, server, _coturn: coturn, _internet: internet })
    }

    /// Puts the broadcaster behind a router of this kind and goes live.
    pub(crate) async fn broadcast(&self, nat: Nat, room: &str) -> Result<()> {
        let Seat { home, page } = &self.broadcaster;
        page.goto("about:blank").await?;
        home.set(nat)?;
        self.arrive(page, &format!("/broadcast/{room}")).await?;
        page.wait_data("devices", "ready").await?;
        page.click("#go-live").await?;
        page.wait_state("live").await
    }

    /// Puts each watcher behind a router of its kind, and opens the pages. No router knows anything of what was before.
    pub(crate) async fn watch(&self, broadcasters: Nat, watchers: &[Nat], room: &str) -> Result<()> {
        for watcher in &self.watchers {
            watcher.page.goto("about:blank").await?;
        }
        self.broadcaster.home.set(broadcasters)?;
        for (watcher, nat) in self.watchers.iter().zip(watchers) {
            watcher.home.set(*nat)?;
            self.arrive(&watcher.page, &format!("/watch/{room}")).await?;
        }
        Ok(())
    }

    /// Puts the first watcher behind a router of this kind, and opens the test page.
    pub(crate) async fn test(&self, nat: Nat) -> Result<()> {
        let Some(Seat { home, page }) = self.watchers.first() else { bail!("no watcher") };
        page.goto("about:blank").await?;
        home.set(nat)?;
        self.arrive(page, "/test").await
    }

    /// Goes to a page, again if the browser gives up because its network has just changed.
    async fn arrive(&self, page: &Page, path: &str) -> Result<()> {
        until(&format!("{path} is there"), DEADLINE, async || {
            Ok(page.goto(&self.server.url(path)).await.map_err(|error| format!("{error:#}")))
        })
        .await
    }

    /// Waits until media takes a path of the kind that is expected, and returns it.
    pub(crate) async fn path(watcher: &Page, relayed: bool) -> Result<Path> {
        let kind = if relayed { "relayed" } else { "direct" };
        until(&format!("the path is {kind}"), DEADLINE, async || {
            let paths = watcher.paths().await?;
            let fits = |path: &&Path| path.is_relayed(&SERVER.to_string()) == relayed;
            Ok(paths.iter().find(fits).cloned().ok_or(format!("{paths:?}")))
        })
        .await
    }
}

async fn browser(stage: &Stage, home: &Home, server: &Server, devices: Devices) -> Result<Browser> {
    let place = Place::Inside(home.host.clone());
    let preload = Some(include_str!("timeline.js"));
    let trusted = Some(server.url(""));
    stage.browser(Options { place, preload, trusted, devices, ..Options::default() }).await
}

async fn seat(
    stage: &Stage,
    internet: &Internet,
    number: u8,
    server: &Server,
    devices: Devices,
) -> Result<Seat> {
    let home = Home::new(internet, number)?;
    let page = browser(stage, &home, server, devices).await?.open("about:blank").await?;
    Ok(Seat { home, page })
}
