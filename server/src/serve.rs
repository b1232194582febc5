//! The server as a whole: accepts connections until it is asked to stop, then ends them in order.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::UdpSocket;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ws::Utf8Bytes;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::join;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tracing::{debug, info, warn};
use vong_protocol::ServerMessage;
use vong_turn::{Secret, Turn};

use crate::address::Address;
use crate::config::Config;
use crate::gate::Gate;
use crate::http::{self, Peer};
use crate::hub::{Greeting, Hub};
use crate::ice::{BuiltIn, IceServers};
use crate::limits;
use crate::room::RoomBounds;
use crate::security::SecurityHeaders;
use crate::turn::{self, TurnSockets};

/// What every part of a running server shares.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) hub: Hub,
    pub(crate) gate: Arc<Gate>,
    pub(crate) ice: IceServers,
    /// The built-in one, if it runs.
    pub(crate) turn: Option<Turn>,
    /// Places for clients that are told that there is no place.
    pub(crate) refusals: Arc<Semaphore>,
    pub(crate) security: SecurityHeaders,
    /// The text of a ping, made once.
    pub(crate) ping: Utf8Bytes,
    pub(crate) shutdown: CancellationToken,
    /// Everything that must have ended before the server has.
    pub(crate) tasks: TaskTracker,
}

impl App {
    /// Starts what runs beside the pages. The sockets of TURN's streams are left to the caller.
    fn new(
        config: Config,
        turn: Option<(Vec<UdpSocket>, BuiltIn)>,
        shutdown: CancellationToken,
    ) -> io::Result<Arc<Self>> {
        let usize = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        let bounds = RoomBounds {
            rooms: usize(config.max_rooms),
            rooms_per_address: usize(config.max_rooms_per_address),
            watchers: usize(config.watchers_per_room),
            room_grace: config.room_grace,
            session_grace: config.session_grace,
        };
        let greeting = Greeting { heartbeat: config.heartbeat };
        let secret = secret(&config)?;
        let tasks = TaskTracker::new();
        let (turn, built_in) = match turn {
            Some((udp, built_in)) => {
                let turn = turn::start(udp, &config.turn, secret.clone(), &shutdown, &tasks)?;
                (Some(turn), Some(built_in))
            }
            None => (None, None),
        };
        let ice = IceServers {
            named: config.turn.ice_server.clone(),
            built_in,
            secret,
            lifetime: config.turn.turn_lifetime,
            relay_only: config.turn.relay_only,
            watchers: config.watchers_per_room,
        };
        Ok(Arc::new(Self {
            ice,
            turn,
            hub: Hub::new(bounds, greeting),
            gate: Gate::new(config.max_connections, config.max_connections_per_address),
            refusals: Arc::new(Semaphore::new(limits::REFUSALS)),
            security: SecurityHeaders::new(&config.frame_ancestors),
            ping: ServerMessage::Ping {}.to_json().into(),
            shutdown,
            tasks,
            config,
        }))
    }
}

/// What TURN passwords are made with.
fn secret(config: &Config) -> io::Result<Secret> {
    if let Some(secret) = &config.turn.turn_secret {
        return Ok(Secret::new(secret.as_bytes()));
    }
    let mut random = [0; 32];
    getrandom::fill(&mut random)?;
    Ok(Secret::new(random))
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
}

/// Pages and signaling alone.
impl From<TcpListener> for Sockets {
    fn from(page: TcpListener) -> Self {
        Self::new(page, None)
    }
}

/// Serves on bound sockets until `shutdown` is cancelled; returns once every client has been told and is gone, or after a
/// few seconds.
///
/// # Errors
/// The sockets could not be set up, or the system gives no random numbers.
pub async fn serve(
    sockets: impl Into<Sockets>,
    config: Config,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let Sockets { page: listener, turn } = sockets.into();
    let (turn_tcp, turn) = match turn {
        Some(sockets) => {
            let built_in = BuiltIn {
                host: config.turn.turn_host.clone(),
                port: sockets.port().unwrap_or_default(),
                second_port: sockets.second_port(),
                on_page_port: false,
            };
            (Some(sockets.tcp), Some((sockets.udp, built_in)))
        }
        None => (None, None),
    };
    let app = App::new(config, turn, shutdown)?;
    let router = http::router(app.clone());
    let keeper = tokio::spawn({
        let app = app.clone();
        async move { app.hub.keep_time().await }
    });
    let turn_streams = accept_turn(turn_tcp.as_ref(), &app);
    app.shutdown.run_until_cancelled(async { join!(accept(&listener, &app, &router), turn_streams) }).await;
    drop((listener, turn_tcp));
    app.tasks.close();
    info!(tasks = app.tasks.len(), "shutting down");
    if timeout(limits::SHUTDOWN_DEADLINE, app.tasks.wait()).await.is_err() {
        warn!(tasks = app.tasks.len(), "some connections did not end in time");
    }
    keeper.abort();
    Ok(())
}

async fn accept(listener: &TcpListener, app: &Arc<App>, router: &Router) {
    let places = Arc::new(Semaphore::new(limits::HTTP_CONNECTIONS));
    // Behind a proxy all connections come from its address.
    let per_address = if app.config.trust_proxy { u32::MAX } else { limits::HTTP_CONNECTIONS_PER_ADDRESS };
    let gate = Gate::new(u32::MAX, per_address);
    while let Ok(place) = places.clone().acquire_owned().await {
        let (stream, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(%error, "a connection could not be accepted");
                sleep(limits::ACCEPT_PAUSE).await;
                continue;
            }
        };
        let address = Address::from(peer.ip());
        let Ok(permit) = gate.enter(address) else {
            debug!(%address, "a connection over the bound was closed");
            continue;
        };
        let (router, shutdown) = (router.clone(), app.shutdown.clone());
        app.tasks.spawn(async move {
            answer(stream, Peer(peer), router, shutdown.cancelled()).await;
            drop((place, permit));
        });
    }
}

/// Clients of TURN over TCP.
async fn accept_turn(listener: Option<&TcpListener>, app: &Arc<App>) {
    let (Some(listener), Some(turn)) = (listener, &app.turn) else { return };
    let gate = Gate::new(u32::MAX, limits::HTTP_CONNECTIONS_PER_ADDRESS);
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            sleep(limits::ACCEPT_PAUSE).await;
            continue;
        };
        let (Ok(permit), Ok(local)) = (gate.enter(Address::from(peer.ip())), stream.local_addr()) else {
            continue;
        };
        let (turn, shutdown) = (turn.clone(), app.shutdown.clone());
        app.tasks.spawn(async move {
            shutdown.run_until_cancelled(turn.serve(stream, peer, local)).await;
            drop(permit);
        });
    }
}

/// One connection in its HTTP phase, which ends with the upgrade to a WebSocket.
async fn answer(stream: TcpStream, peer: Peer, router: Router, shutdown: impl Future<Output = ()>) {
    // Signaling is small messages that are waited for.
    if let Err(error) = stream.set_nodelay(true) {
        debug!(%error, "TCP_NODELAY could not be set");
    }
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(peer);
        let response = router.clone().oneshot(request.map(Body::new));
        async move { Ok::<Response<Body>, Infallible>(response.await.unwrap_or_else(|never| match never {})) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits::HTTP_HEAD_TIMEOUT)
        .max_buf_size(limits::HTTP_HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    let mut connection = pin!(connection);
    let last_response: Duration = tokio::select! {
        outcome = connection.as_mut() => {
            if let Err(error) = outcome {
                debug!(%error, "an HTTP connection broke");
            }
            return;
        }
        () = shutdown => limits::SHUTDOWN_DEADLINE,
        () = sleep(limits::HTTP_LIFETIME) => limits::HTTP_LAST_RESPONSE,
    };
    connection.as_mut().graceful_shutdown();
    let _ = timeout(last_response, connection).await;
}
