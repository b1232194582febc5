//! The headers by which a browser is told what our page may do, and who may embed it.

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::{assets, limits};

/// Powers that the page uses are its own; powers that it never uses are nobody's.
const PERMISSIONS: &str = "camera=(self), microphone=(self), display-capture=(self), autoplay=(self), \
    fullscreen=(self), picture-in-picture=(self), screen-wake-lock=(self), accelerometer=(), geolocation=(), \
    gyroscope=(), hid=(), magnetometer=(), midi=(), payment=(), publickey-credentials-get=(), serial=(), usb=(), \
    xr-spatial-tracking=()";

/// Where the pages that may be embedded live.
const EMBEDDABLE: &str = "/watch";

/// The headers, made once.
#[derive(Clone, Debug)]
pub(crate) struct SecurityHeaders {
    /// For pages that may be embedded.
    framed: HeaderValue,
    /// For the other pages.
    unframed: HeaderValue,
}

/// For files: a browser that opens one as a page may do nothing with it. What a page may do is said with the page; saying
/// it with each file again would cost a first visitor some 3 KB.
const FILE_POLICY: &str = "default-src 'none'; frame-ancestors 'none'";

impl SecurityHeaders {
    /// With those who may embed the pages below `/watch`, as [`parse_frame_ancestor`] gives them.
    pub(crate) fn new(frame_ancestors: &[String]) -> Self {
        let policy = |ancestors: &str| {
            let text = content_security_policy(ancestors);
            // Every part was checked; should one be wrong all the same, nothing may be loaded.
            HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("default-src 'none'"))
        };
        Self { framed: policy(&frame_ancestors.join(" ")), unframed: policy("'none'") }
    }

    /// Adds them to a response for this path.
    pub(crate) fn add(&self, path: &str, headers: &mut HeaderMap) {
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if assets::looks_like_file(path) && path != assets::INDEX {
            headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FILE_POLICY));
            return;
        }
        let may_be_framed =
            path.strip_prefix(EMBEDDABLE).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let policy = if may_be_framed { &self.framed } else { &self.unframed };
        headers.insert(header::CONTENT_SECURITY_POLICY, policy.clone());
        for (name, value) in [
            (HeaderName::from_static("permissions-policy"), PERMISSIONS),
            (header::REFERRER_POLICY, "strict-origin-when-cross-origin"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
}

fn content_security_policy(frame_ancestors: &str) -> String {
    let inline = assets::inline_scripts();
    let space = if inline.is_empty() { "" } else { " " };
    format!(
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{space}{inline}; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; media-src 'self' blob: mediastream:; connect-src 'self'; \
         manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors {frame_ancestors}"
    )
}

/// `Strict-Transport-Security`, with which a browser asks for HTTPS only for a while. It holds for the host on all its
/// ports, so it is said only where that host's web is ours, on the usual port, and only with a certificate that is trusted:
/// after it a browser lets nobody past a warning.
pub(crate) fn https_only(is_trusted: bool, port: u16) -> Option<HeaderValue> {
    let policy = || HeaderValue::try_from(format!("max-age={}", limits::HSTS.as_secs())).ok();
    if is_trusted && port == 443 { policy() } else { None }
}

/// Reads one source of `frame-ancestors` (Content Security Policy Level 3): a host or origin, `self`, `none` or `*`.
///
/// # Errors
/// What would not stay within the directive.
pub(crate) fn parse_frame_ancestor(text: &str) -> Result<String, String> {
    match text.trim_matches('\'') {
        keyword @ ("self" | "none") => Ok(format!("'{keyword}'")),
        source => {
            let allowed =
                |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '/' | '*' | '[' | ']');
            if source.is_empty() || source.len() != text.len() || !source.chars().all(allowed) {
                return Err("expected self, none, * or an origin as https://school.example".to_owned());
            }
            Ok(source.to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(path: &str) -> String {
        let mut headers = HeaderMap::new();
        SecurityHeaders::new(&["'self'".to_owned(), "https://school.example".to_owned()])
            .add(path, &mut headers);
        headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned()
    }

    #[test]
    fn only_watch_pages_may_be_embedded() {
        for path in ["/watch", "/watch/demo"] {
            assert!(policy(path).ends_with("frame-ancestors 'self' https://school.example"), "{path}");
        }
        for path in ["/", "/broadcast/demo", "/watchtower", "/app.js", "/index.html"] {
            assert!(policy(path).ends_with("frame-ancestors 'none'"), "{path}");
        }
    }

    #[test]
    fn browsers_are_bound_to_https_only_where_it_cannot_lock_anybody_out() {
        assert_eq!(https_only(true, 443).unwrap(), "max-age=2592000");
        for (is_trusted, port) in [(true, 4000), (false, 443)] {
            assert_eq!(https_only(is_trusted, port), None);
        }
    }

    #[test]
    fn scripts_need_a_hash_or_our_origin() {
        assert!(!policy("/").contains("unsafe-inline"));
        assert!(policy("/").contains("script-src 'self' 'wasm-unsafe-eval'"));
    }

    #[test]
    fn an_ancestor_cannot_leave_its_directive() {
        assert_eq!(parse_frame_ancestor("self").unwrap(), "'self'");
        assert_eq!(parse_frame_ancestor("'none'").unwrap(), "'none'");
        assert_eq!(parse_frame_ancestor("https://*.example.org:8443").unwrap(), "https://*.example.org:8443");
        for bad in ["", "a b", "a;b", "a,b", "'unsafe-inline'", "a\nb", "ä"] {
            assert!(parse_frame_ancestor(bad).is_err(), "{bad:?}");
        }
    }
}
