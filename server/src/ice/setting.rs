//! The written form of one STUN or TURN server in settings: `URL` or `URL,USERNAME,CREDENTIAL`.

use vong_protocol::IceServer;

/// Reads one server. The credential is everything after the second comma, so it may contain commas.
///
/// # Errors
/// A sentence that says what is wrong; never the credential.
pub(crate) fn parse(text: &str) -> Result<IceServer, String> {
    let mut parts = text.splitn(3, ',');
    let url = parts.next().unwrap_or_default();
    let credentials = match (parts.next(), parts.next()) {
        (None, _) => None,
        (Some(username), Some(credential)) if !username.is_empty() && !credential.is_empty() => {
            Some((username.to_owned(), credential.to_owned()))
        }
        _ => return Err("expected URL or URL,USERNAME,CREDENTIAL".to_owned()),
    };
    let is_turn = check_url(url)?;
    match (is_turn, credentials) {
        (_, None) => Ok(IceServer { urls: vec![url.to_owned()], username: None, credential: None }),
        (true, Some((username, credential))) => Ok(IceServer {
            urls: vec![url.to_owned()],
            username: Some(username),
            credential: Some(credential),
        }),
        (false, Some(_)) => Err("a STUN server takes no user name".to_owned()),
    }
}

/// Whether it is a TURN server, rather than one for STUN alone.
pub(crate) fn is_turn(server: &IceServer) -> bool {
    server.urls.iter().any(|url| url.starts_with("turn"))
}

/// Whether it is a TURN server without a user name: each page gets one of its own.
pub(crate) fn is_unnamed_turn(server: &IceServer) -> bool {
    is_turn(server) && server.username.is_none()
}

/// Checks the form of RFC 7064 and RFC 7065, `scheme:host[:port][?transport=udp|tcp]`, and tells whether it is TURN.
fn check_url(url: &str) -> Result<bool, String> {
    let (scheme, rest) = url.split_once(':').unwrap_or(("", url));
    let is_turn = match scheme {
        "stun" | "stuns" => false,
        "turn" | "turns" => true,
        _ => return Err("the URL must begin with stun:, stuns:, turn: or turns:".to_owned()),
    };
    let (authority, query) = match rest.split_once('?') {
        Some((authority, query)) => (authority, Some(query)),
        None => (rest, None),
    };
    match query {
        None => {}
        Some("transport=udp" | "transport=tcp") if is_turn => {}
        Some(_) => return Err("only TURN takes a query: ?transport=udp or ?transport=tcp".to_owned()),
    }
    let (host, port) = match authority.strip_prefix('[').and_then(|v6| v6.split_once(']')) {
        Some((host, after)) => {
            if host.parse::<std::net::Ipv6Addr>().is_err() {
                return Err("what is in brackets is not an IPv6 address".to_owned());
            }
            (host, (!after.is_empty()).then(|| after.strip_prefix(':').unwrap_or("")))
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let host_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '_');
    if host.is_empty() || !host.chars().all(host_allowed) {
        return Err("the URL needs a host name or address, without // and without a user name".to_owned());
    }
    match port.map(str::parse::<u16>) {
        None => Ok(is_turn),
        Some(Ok(port)) if port > 0 => Ok(is_turn),
        Some(_) => Err("the port must be a number from 1 to 65535".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{is_turn, parse};

    #[test]
    fn what_browsers_take_is_accepted() {
        for url in
            ["stun:stun.example.org", "stuns:example.org:5349", "stun:[::1]:3478", "stun:192.0.2.1:3478"]
        {
            assert_eq!(parse(url).unwrap().urls, [url]);
        }
        let turn = parse("turn:example.org:3478?transport=tcp,anna,a,b,c").unwrap();
        assert_eq!(turn.username.as_deref(), Some("anna"));
        assert_eq!(turn.credential.as_deref(), Some("a,b,c"), "a credential may contain commas");
        assert!(is_turn(&turn) && is_turn(&parse("turns:example.org").unwrap()));
        assert!(!is_turn(&parse("stun:example.org").unwrap()));
    }

    #[test]
    fn what_a_browser_would_throw_at_is_refused() {
        for bad in [
            "",
            "example.org",
            "http://example.org",
            "stun:",
            "stun://example.org",
            "stun:user@example.org",
            "stun:example.org:0",
            "stun:example.org:port",
            "stun:example.org:70000",
            "stun:[::1",
            "stun:[nonsense]:1",
            "stun:example.org?transport=udp",
            "stun:example.org,anna,secret",
            "turn:example.org,anna",
            "turn:example.org,,secret",
            "turn:example.org?transport=sctp,anna,secret",
        ] {
            let error = parse(bad).expect_err(bad);
            assert!(!error.contains("secret"), "{error}");
        }
    }
}
