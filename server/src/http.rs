//! What is answered under which path: a WebSocket each for signaling and for calls, the health check, and the page for everything else.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::{Extension, Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Router, handler::Handler};
use tracing::debug;
use vong_protocol::{ErrorCode, Refusal, SIGNAL_PATH, calls};

use crate::connection::{Caller, Member, Party};
use crate::gate::Full;
use crate::ice::Reached;
use crate::serve::App;
use crate::{address, assets, connection, limits, origin};

/// Both ends of the TCP connection that a request came over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ends {
    pub(crate) peer: SocketAddr,
    /// This machine's.
    pub(crate) local: SocketAddr,
}

/// All routes.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/healthz", get(health))
        .route(SIGNAL_PATH, get(signal::<Member>))
        .route(calls::PATH, get(signal::<Caller>))
        .fallback_service(page.with_state(()))
        .layer(middleware::from_fn_with_state(app.clone(), add_security_headers))
        .with_state(app)
}

async fn add_security_headers(State(app): State<Arc<App>>, request: Request, next: Next) -> Response<Body> {
    let path = request.uri().clone();
    let mut response = next.run(request).await;
    app.security.add(path.path(), response.headers_mut());
    if let Some(policy) = &app.https_only {
        response.headers_mut().insert(header::STRICT_TRANSPORT_SECURITY, policy.clone());
    }
    response
}

async fn page(request: Request) -> Response<Body> {
    assets::serve(request.method(), request.uri().path(), request.headers())
}

/// Says that the server is there.
pub(crate) async fn health() -> impl IntoResponse {
    ([(header::CACHE_CONTROL, "no-store")], "ok\n")
}

async fn signal<P: Party + Default + 'static>(
    State(app): State<Arc<App>>,
    Extension(Ends { peer, local }): Extension<Ends>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Response<Body> {
    let upgrade = match upgrade {
        Ok(upgrade) => upgrade,
        Err(rejection) => return rejection.into_response(),
    };
    if !origin::is_allowed(&headers, &app.config.allow_origin) {
        debug!(origin = ?headers.get(header::ORIGIN), "a WebSocket from a foreign origin was refused");
        let text =
            "Pages of this origin may not connect here. The operator can name it with --allow-origin.\n";
        return (StatusCode::FORBIDDEN, text).into_response();
    }
    let upgrade = upgrade
        .read_buffer_size(limits::SOCKET_READ_BUFFER)
        .write_buffer_size(0)
        .max_write_buffer_size(limits::SOCKET_WRITE_BUFFER)
        .max_message_size(P::MESSAGE)
        .max_frame_size(P::MESSAGE);
    let address = address::of_request(peer, &headers, app.config.trust_proxy);
    let reached = Reached::new(&headers, local, app.secure);
    let tracked = app.tasks.token();
    match app.gate.enter(address) {
        Ok(permit) => upgrade.on_upgrade(move |socket| async move {
            connection::run(socket, app, permit, reached, P::default()).await;
            drop(tracked);
        }),
        Err(full) => {
            debug!(%address, ?full, "a connection over the bound was refused");
            let Ok(slot) = app.refusals.clone().try_acquire_owned() else {
                return (StatusCode::SERVICE_UNAVAILABLE, ErrorCode::TooManyConnections.text())
                    .into_response();
            };
            let detail = match full {
                Full::InAll => "The server is full.",
                Full::ForAddress => "This network has as many as it may.",
            };
            let reason = Refusal::new(ErrorCode::TooManyConnections, detail.to_owned());
            upgrade.on_upgrade(move |socket| async move {
                connection::turn_away(socket, reason).await;
                drop((slot, tracked));
            })
        }
    }
}
