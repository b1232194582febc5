//! Connections as they come in: within the bounds, and to whom they are for. HTTP, TLS and TURN may share a port; the
//! first byte tells them apart.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower::ServiceExt;
use tracing::{debug, warn};
use vong_turn::{Turn, is_stun};

use crate::address::Address;
use crate::arrival::arrive;
use crate::config::Config;
use crate::gate::Gate;
use crate::http::Ends;
use crate::limits;
use crate::serve::App;
use crate::stream::Stream;

/// What is answered on one port.
#[derive(Clone, Default)]
pub(crate) struct Door {
    /// To those who ask for pages; nobody may on TURN's own port.
    pub(crate) pages: Option<Router>,
    /// On a port that speaks TLS: how.
    pub(crate) tls: Option<TlsAcceptor>,
    /// To those who ask for pages without TLS on such a port.
    pub(crate) plain: Option<Router>,
    /// To TURN clients.
    pub(crate) turn: Option<Turn>,
}

/// The places for connections to one listener.
#[derive(Clone, Debug)]
pub(crate) struct Places {
    /// In their HTTP phase, or before it is known what they are.
    all: Arc<Semaphore>,
    by_address: Arc<Gate>,
    /// On all listeners together.
    turn: Arc<Gate>,
}

impl Places {
    /// Those of the pages' listener.
    pub(crate) fn new(config: &Config) -> Self {
        // Behind a proxy all connections come from its address.
        let per_address = if config.trust_proxy { u32::MAX } else { limits::HTTP_CONNECTIONS_PER_ADDRESS };
        let with_spare = |allocations: u32| allocations.saturating_add(limits::SPARE_TURN_STREAMS);
        Self {
            all: Arc::new(Semaphore::new(limits::HTTP_CONNECTIONS)),
            by_address: Gate::new(u32::MAX, per_address),
            turn: Gate::new(
                with_spare(config.turn.turn_allocations),
                with_spare(config.turn.turn_allocations_per_address),
            ),
        }
    }

    /// Those of another listener, which takes none of the pages' places. No proxy stands before it.
    pub(crate) fn beside(&self) -> Self {
        Self {
            all: Arc::new(Semaphore::new(limits::SIDE_CONNECTIONS)),
            by_address: Gate::new(u32::MAX, limits::HTTP_CONNECTIONS_PER_ADDRESS),
            turn: self.turn.clone(),
        }
    }
}

/// Lets in whoever comes to this listener. Never ends by itself.
pub(crate) async fn accept(listener: &TcpListener, app: &Arc<App>, places: &Places, door: &Door) {
    while let Ok(place) = places.all.clone().acquire_owned().await {
        let (tcp, peer) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                warn!(%error, "a connection could not be accepted");
                sleep(limits::ACCEPT_PAUSE).await;
                continue;
            }
        };
        let address = Address::from(peer.ip());
        let Ok(permit) = places.by_address.enter(address) else {
            debug!(%address, "a connection over the bound was closed");
            continue;
        };
        let (door, shutdown, turn_places) = (door.clone(), app.shutdown.clone(), places.turn.clone());
        app.tasks.spawn(async move {
            let Some(Some(caller)) = shutdown.run_until_cancelled(meet(tcp, &door)).await else { return };
            match caller {
                Caller::Turn(turn, stream, local) => {
                    // These stay for hours, and must not take the places of pages.
                    drop((place, permit));
                    let Ok(_permit) = turn_places.enter(address) else {
                        debug!(%address, "a TURN client over the bound was closed");
                        return;
                    };
                    shutdown.run_until_cancelled(turn.serve(stream, peer, local)).await;
                }
                Caller::Page(router, stream, local) => {
                    answer(stream, Ends { peer, local }, router, shutdown.cancelled()).await;
                    drop((place, permit));
                }
            }
        });
    }
}

/// Who came, and this machine's end of the connection.
enum Caller {
    Turn(Turn, Stream, SocketAddr),
    Page(Router, Stream, SocketAddr),
}

/// Finds out who came; `None` if it is nobody for this door.
async fn meet(tcp: TcpStream, door: &Door) -> Option<Caller> {
    let local = tcp.local_addr().ok()?;
    let mut stream = arrive(tcp, door.tls.as_ref()).await?;
    if let Some(turn) = &door.turn {
        let first = timeout(limits::FIRST_BYTE, stream.first_byte()).await.ok()?.ok()??;
        if is_stun(first) {
            return Some(Caller::Turn(turn.clone(), stream, local));
        }
    }
    let router = match stream {
        Stream::Plain(_) if door.tls.is_some() => door.plain.clone(),
        _ => door.pages.clone(),
    };
    Some(Caller::Page(router?, stream, local))
}

/// One connection in its HTTP phase, which ends with the upgrade to a WebSocket.
async fn answer(stream: Stream, ends: Ends, router: Router, shutdown: impl Future<Output = ()>) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(ends);
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
