//! The server as a whole: accepts connections until it is asked to stop, then ends them in order.

use std::convert::Infallible;
use std::future::Future;
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
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;
use tracing::{debug, info, warn};
use vong_protocol::{Ice, ServerMessage};

use crate::address::Address;
use crate::config::Config;
use crate::gate::Gate;
use crate::http::{self, Peer};
use crate::hub::{Greeting, Hub};
use crate::limits;
use crate::room::RoomBounds;
use crate::security::SecurityHeaders;

/// What every part of a running server shares.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) hub: Hub,
    pub(crate) gate: Arc<Gate>,
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
    fn new(config: Config, shutdown: CancellationToken) -> Arc<Self> {
        let usize = |count: u32| usize::try_from(count).unwrap_or(usize::MAX);
        let bounds = RoomBounds {
            rooms: usize(config.max_rooms),
            rooms_per_address: usize(config.max_rooms_per_address),
            watchers: usize(config.watchers_per_room),
            room_grace: config.room_grace,
            session_grace: config.session_grace,
        };
        let greeting = Greeting {
            heartbeat: config.heartbeat,
            ice: Ice { ice_servers: config.ice_server.clone(), relay_only: false },
        };
        Arc::new(Self {
            hub: Hub::new(bounds, greeting),
            gate: Gate::new(config.max_connections, config.max_connections_per_address),
            refusals: Arc::new(Semaphore::new(limits::REFUSALS)),
            security: SecurityHeaders::new(&config.frame_ancestors),
            ping: ServerMessage::Ping {}.to_json().into(),
            shutdown,
            tasks: TaskTracker::new(),
            config,
        })
    }
}

/// Serves on a bound listener until `shutdown` is cancelled; returns once every client has been told and is gone, or
/// after a few seconds. [`Config::listen`] is not looked at.
pub async fn serve(listener: TcpListener, config: Config, shutdown: CancellationToken) {
    let app = App::new(config, shutdown);
    let router = http::router(app.clone());
    let keeper = tokio::spawn({
        let app = app.clone();
        async move { app.hub.keep_time().await }
    });
    app.shutdown.run_until_cancelled(accept(&listener, &app, &router)).await;
    drop(listener);
    app.tasks.close();
    info!(tasks = app.tasks.len(), "shutting down");
    if timeout(limits::SHUTDOWN_DEADLINE, app.tasks.wait()).await.is_err() {
        warn!(tasks = app.tasks.len(), "some connections did not end in time");
    }
    keeper.abort();
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
