//! The server as a whole: starts its parts on their sockets, and ends them in order when it is asked to stop.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::ws::Utf8Bytes;
use axum::http::HeaderValue;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::{info, warn};
use vong_protocol::ServerMessage;

use crate::accept::{Door, Places, accept};
use crate::calls::CallBounds;
use crate::config::Config;
use crate::exchange::Exchange;
use crate::gate::Gate;
use crate::hub::{Greeting, Hub};
use crate::ice::IceServers;
use crate::redirect::{self, Target};
use crate::room::RoomBounds;
use crate::security::{self, SecurityHeaders};
use crate::tls::Tls;
use crate::turn::{self, TurnSockets};
use crate::{http, limits};

/// What every part of a running server shares.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) hub: Hub,
    pub(crate) exchange: Exchange,
    pub(crate) gate: Arc<Gate>,
    pub(crate) ice: IceServers,
    /// Places for clients that are told that there is no place.
    pub(crate) refusals: Arc<Semaphore>,
    pub(crate) security: SecurityHeaders,
    /// Pages come over TLS that ends here.
    pub(crate) secure: bool,
    /// The value of `Strict-Transport-Security`, if it is sent.
    pub(crate) https_only: Option<HeaderValue>,
    /// The text of a ping, made once.
    pub(crate) ping: Utf8Bytes,
    pub(crate) shutdown: CancellationToken,
    /// Everything that must have ended before the server has.
    pub(crate) tasks: TaskTracker,
}

/// What a server listens on.
#[derive(Debug)]
pub struct Sockets {
    page: TcpListener,
    turn: Option<TurnSockets>,
}

impl Sockets {
    /// Pages and signaling on one, STUN and TURN on the others, if any.
    pub fn new(page: TcpListener, turn: Option<TurnSockets>) -> Self {
        Self { page, turn }
    }

    /// Where pages are served.
    ///
    /// # Errors
    /// The system's.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.page.local_addr()
    }
}

/// Pages and signaling alone.
impl From<TcpListener> for Sockets {
    fn from(page: TcpListener) -> Self {
        Self::new(page, None)
    }
}

/// Serves on bound sockets, with HTTPS if there is [`Tls`], until `shutdown` is cancelled; returns once every client has
/// been told and is gone, or after a few seconds. [`Config::listen`] and [`Config::tls`] are not looked at.
///
/// # Errors
/// The sockets could not be set up, or the system gives no random numbers.
pub async fn serve(
    sockets: impl Into<Sockets>,
    tls: Option<Tls>,
    config: Config,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let Sockets { page: listener, turn: turn_sockets } = sockets.into();
    let port = listener.local_addr()?.port();
    let secret = turn::secret(&config.turn)?;
    let tasks = TaskTracker::new();
    let built_in = turn_sockets.as_ref().map(|sockets| sockets.told(&config));
    let (turn, turn_listener) = match turn_sockets {
        Some(TurnSockets { udp, tcp }) => {
            (Some(turn::start(udp, &config.turn, secret.clone(), &shutdown, &tasks)?), Some(tcp))
        }
        None => (None, None),
    };
    let app = Arc::new(App {
        hub: Hub::new(room_bounds(&config), Greeting { heartbeat: config.heartbeat }),
        exchange: Exchange::new(call_bounds(&config), config.heartbeat),
        gate: Gate::new(config.max_connections, config.max_connections_per_address),
        ice: IceServers {
            named: config.turn.ice_server.clone(),
            built_in,
            secret,
            lifetime: config.turn.turn_lifetime,
            relay_only: config.turn.relay_only,
            watchers: config.watchers_per_room,
        },
        refusals: Arc::new(Semaphore::new(limits::REFUSALS)),
        security: SecurityHeaders::new(&config.frame_ancestors),
        secure: tls.is_some(),
        https_only: security::https_only(tls.as_ref().is_some_and(Tls::is_trusted), port),
        ping: ServerMessage::Ping {}.to_json().into(),
        shutdown,
        tasks,
        config,
    });
    let keeper = tokio::spawn({
        let app = app.clone();
        async move { tokio::join!(app.hub.keep_time(), app.exchange.keep_time()) }
    });
    let places = Places::new(&app.config);
    let (turn_places, redirect_places) = (places.beside(), places.beside());
    let pages = Some(http::router(app.clone()));
    let serving = async {
        let Some(mut tls) = tls else {
            let door = Door { pages, turn: turn.clone(), ..Door::default() };
            let turn_door = Door { turn, ..Door::default() };
            tokio::join!(
                accept(&listener, &app, &places, &door),
                accept_if(turn_listener.as_ref(), &app, &turn_places, &turn_door)
            );
            return;
        };
        let redirecting = tls.take_redirect();
        let tls = Arc::new(tls);
        let acceptor = Some(TlsAcceptor::from(tls.https()));
        let plain = Some(redirect::router(tls.clone(), Target::SamePort));
        let door = Door { pages, tls: acceptor.clone(), plain, turn: turn.clone() };
        let turn_door = Door { tls: acceptor, turn, ..Door::default() };
        let other_pages = Some(redirect::router(tls.clone(), Target::Port(port)));
        let other_door = Door { pages: other_pages, ..Door::default() };
        tokio::join!(
            accept(&listener, &app, &places, &door),
            accept_if(turn_listener.as_ref(), &app, &turn_places, &turn_door),
            accept_if(redirecting.as_ref(), &app, &redirect_places, &other_door),
            tls.keep()
        );
    };
    app.shutdown.run_until_cancelled(serving).await;
    drop((listener, turn_listener));
    app.tasks.close();
    info!(tasks = app.tasks.len(), "shutting down");
    if timeout(limits::SHUTDOWN_DEADLINE, app.tasks.wait()).await.is_err() {
        warn!(tasks = app.tasks.len(), "some connections did not end in time");
    }
    keeper.abort();
    Ok(())
}

async fn accept_if(listener: Option<&TcpListener>, app: &Arc<App>, places: &Places, door: &Door) {
    if let Some(listener) = listener {
        accept(listener, app, places, door).await;
    }
}

fn call_bounds(config: &Config) -> CallBounds {
    let usize = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    CallBounds {
        names: usize(config.max_names),
        names_per_address: usize(config.max_names_per_address),
        name_grace: config.name_grace,
        page_grace: config.session_grace,
        directory: config.directory,
    }
}

fn room_bounds(config: &Config) -> RoomBounds {
    let usize = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
    RoomBounds {
        rooms: usize(config.max_rooms),
        rooms_per_address: usize(config.max_rooms_per_address),
        watchers: usize(config.watchers_per_room),
        room_grace: config.room_grace,
        session_grace: config.session_grace,
    }
}
