//! Which web pages may open a WebSocket: their own origin, those that the operator names, and, on a developer's machine,
//! those that another program on it serves.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use axum::http::{HeaderMap, Uri, header};

/// `scheme://host[:port]` of a page, in lower case, as browsers write it (RFC 6454 section 6.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin(String);

impl FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "expected http://HOST[:PORT] or https://HOST[:PORT] and nothing after it";
        let uri: Uri = text.parse().map_err(|_| FORM)?;
        let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(FORM);
        };
        let bare = uri.path() == "/" && uri.query().is_none() && !text.ends_with('/');
        let port_is_one = authority.as_str() == authority.host() || authority.port_u16().is_some();
        if !bare || !port_is_one || authority.as_str().contains('@') || text.contains('#') {
            return Err(FORM);
        }
        let default_port = if scheme == "http" { ":80" } else { ":443" };
        let authority = authority.as_str().strip_suffix(default_port).unwrap_or(authority.as_str());
        Ok(Self(format!("{scheme}://{authority}").to_ascii_lowercase()))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a WebSocket with these request headers may be opened. A request without `Origin` does not come from a web
/// page, so there is no person in front of it to be tricked.
pub(crate) fn is_allowed(headers: &HeaderMap, allowed: &[Origin]) -> bool {
    let mut origins = headers.get_all(header::ORIGIN).iter();
    let Some(origin) = origins.next() else { return true };
    let Some(Ok(origin)) = origin.to_str().ok().map(Origin::from_str) else { return false };
    if origins.next().is_some() {
        return false;
    }
    allowed.contains(&origin) || is_same_host(headers, &origin) || is_local(headers, &origin)
}

/// Compares host and port only: behind a proxy that ends TLS the scheme that was asked for is not known here.
fn is_same_host(headers: &HeaderMap, origin: &Origin) -> bool {
    let Some(host) = headers.get(header::HOST).and_then(|host| host.to_str().ok()) else { return false };
    let theirs = format!("http://{host}").parse::<Origin>();
    let theirs_secure = format!("https://{host}").parse::<Origin>();
    theirs.as_ref() == Ok(origin) || theirs_secure.as_ref() == Ok(origin)
}

/// Whether page and server were both asked for at loopback names: `trunk serve` and its like. Somebody else's page cannot
/// have such an origin, and a server that is reached from elsewhere is asked for by another name.
fn is_local(headers: &HeaderMap, Origin(origin): &Origin) -> bool {
    let loopback = |uri: Result<Uri, _>| {
        let host = uri.ok().and_then(|uri: Uri| uri.host().map(str::to_ascii_lowercase));
        host.is_some_and(|host| {
            let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
            host == "localhost" || address.is_ok_and(|address| address.is_loopback())
        })
    };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    loopback(origin.parse()) && loopback(format!("http://{host}").parse())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(origin: &str, host: &str) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(header::ORIGIN, origin.parse().unwrap());
        headers.insert(header::HOST, host.parse().unwrap());
        is_allowed(&headers, &["https://school.example".parse().unwrap()])
    }

    #[test]
    fn the_same_host_is_allowed_whatever_the_scheme() {
        assert!(allowed("http://localhost:4000", "localhost:4000"));
        assert!(allowed("https://Vong.example", "vong.example"));
        assert!(allowed("https://vong.example", "vong.example:443"));
    }

    #[test]
    fn another_host_or_port_is_not_unless_it_is_named() {
        assert!(!allowed("https://vong.example:8443", "vong.example"));
        assert!(!allowed("http://evil.example", "localhost:4000"));
        assert!(!allowed("http://localhost:4000.evil.example", "localhost:4000"));
        assert!(!allowed("null", "localhost:4000"));
        assert!(!allowed("http://school.example", "localhost:4000"));
        assert!(allowed("https://school.example", "localhost:4000"));
    }

    #[test]
    fn another_port_of_the_same_machine_is_allowed_only_under_loopback_names() {
        for origin in ["http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"] {
            assert!(allowed(origin, "127.0.0.1:4000") && allowed(origin, "localhost"), "{origin}");
            assert!(!allowed(origin, "vong.example") && !allowed(origin, "192.0.2.1:4000"), "{origin}");
        }
        assert!(!allowed("http://localhost.evil.example", "localhost:4000"));
        assert!(!allowed("http://127.0.0.1.evil.example", "127.0.0.1:4000"));
    }

    #[test]
    fn no_origin_is_allowed_and_two_are_not() {
        let mut headers = HeaderMap::new();
        assert!(is_allowed(&headers, &[]));
        headers.insert(header::HOST, "a.example".parse().unwrap());
        headers.append(header::ORIGIN, "http://a.example".parse().unwrap());
        headers.append(header::ORIGIN, "http://a.example".parse().unwrap());
        assert!(!is_allowed(&headers, &[]));
    }

    #[test]
    fn a_setting_that_no_browser_would_send_is_refused() {
        for bad in
            ["", "school.example", "https://", "https://a/b", "https://a/", "ftp://a", "https://u@a", "*"]
        {
            assert!(bad.parse::<Origin>().is_err(), "{bad}");
        }
    }
}
