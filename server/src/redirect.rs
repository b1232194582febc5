//! What plain HTTP is answered where HTTPS is spoken: go there instead.
//!
//! Except for the two things that have to be had without it: the health check, whose askers seldom know the certificate,
//! and the proofs for an ACME directory.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Path, Request, State};
use axum::http::uri::Authority;
use axum::http::{HeaderValue, Response, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;

use crate::http;
use crate::tls::Tls;

/// Where an ACME directory looks for the proof that it named (RFC 8555 section 8.3).
pub(crate) const PROOFS: &str = "/.well-known/acme-challenge/{name}";

/// Where HTTPS is, seen from where plain HTTP was asked.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Target {
    /// On the port that was asked, as the client named it.
    SamePort,
    /// On this one.
    Port(u16),
}

#[derive(Clone)]
struct Redirect {
    tls: Arc<Tls>,
    target: Target,
}

/// All routes.
pub(crate) fn router(tls: Arc<Tls>, target: Target) -> Router {
    Router::new()
        .route("/healthz", get(http::health))
        .route(PROOFS, get(proof))
        .fallback(redirect)
        .with_state(Redirect { tls, target })
}

async fn proof(State(Redirect { tls, .. }): State<Redirect>, Path(name): Path<String>) -> Response<Body> {
    match tls.proof_file(&name) {
        Some(contents) => contents.into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn redirect(State(Redirect { target, .. }): State<Redirect>, request: Request) -> Response<Body> {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
    let location = host.and_then(|host| location(host, path, target));
    let Some(location) = location.and_then(|text| HeaderValue::try_from(text).ok()) else {
        return (StatusCode::BAD_REQUEST, "This server speaks HTTPS.\n").into_response();
    };
    // Not kept: the operator may turn HTTPS off again.
    let headers =
        [(header::LOCATION, location), (header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::PERMANENT_REDIRECT, headers, "This server speaks HTTPS.\n").into_response()
}

fn location(host: &str, path: &str, target: Target) -> Option<String> {
    let authority = host.parse::<Authority>().ok().filter(|_| !host.contains('@'))?;
    let host = authority.host();
    let port = match target {
        Target::SamePort => authority.port_u16(),
        Target::Port(port) => Some(port),
    };
    Some(match port.filter(|port| *port != 443) {
        Some(port) => format!("https://{host}:{port}{path}"),
        None => format!("https://{host}{path}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_path_and_query_stay_and_the_port_is_that_of_https() {
        for (host, target, expected) in [
            ("a.example:4000", Target::SamePort, Some("https://a.example:4000/x?y=z")),
            ("192.168.1.5:4000", Target::SamePort, Some("https://192.168.1.5:4000/x?y=z")),
            ("[::1]:4000", Target::SamePort, Some("https://[::1]:4000/x?y=z")),
            // Through a port that a router passes on: HTTPS is where it always is.
            ("a.example", Target::SamePort, Some("https://a.example/x?y=z")),
            ("a.example", Target::Port(443), Some("https://a.example/x?y=z")),
            ("a.example:80", Target::Port(4000), Some("https://a.example:4000/x?y=z")),
            ("user@a.example", Target::Port(443), None),
            ("a.example/evil", Target::Port(443), None),
            ("", Target::Port(443), None),
        ] {
            assert_eq!(location(host, "/x?y=z", target).as_deref(), expected, "{host}");
        }
    }
}
