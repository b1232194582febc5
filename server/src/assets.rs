//! The page and its files, embedded when the server was built, and the rules for caching and compression.

mod bundle {
    use super::File;
    include!(concat!(env!("OUT_DIR"), "/bundle.rs"));
}

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use axum::response::IntoResponse;

/// One embedded file.
struct File {
    /// From the root of the server.
    path: &'static str,
    content_type: &'static str,
    /// A hash of the contents.
    tag: &'static str,
    /// Its name changes with its contents, so a copy is good for ever.
    immutable: bool,
    identity: &'static [u8],
    /// Where it is smaller.
    brotli: Option<&'static [u8]>,
}

pub(crate) const INDEX: &str = "/index.html";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
/// May be kept, must be asked about.
const ASK_FIRST: &str = "no-cache";

/// The hashes of the page's inline scripts, as sources of a content security policy.
pub(crate) fn inline_scripts() -> &'static str {
    bundle::INLINE_SCRIPTS
}

/// Below these stand the names of rooms; and the page of what is done in them.
const ROOMS: [(&str, &str); 2] = [("/watch/", "/room.html"), ("/broadcast/", "/broadcast.html")];

fn room_page(path: &str) -> Option<&'static str> {
    let is_room = |rooms: &str| path.strip_prefix(rooms).is_some_and(|room| !room.is_empty());
    ROOMS.iter().find(|(rooms, _)| is_room(rooms)).map(|(_, page)| *page)
}

/// Answers a request for anything that is not the server's own. A path that looks like a page is one: the one of its name if
/// there is such a file, else the page that itself finds out what it shows. A room is shown by the page of what is done in it. A
/// path that looks like a file is a file or not found.
pub(crate) fn serve(method: &Method, path: &str, headers: &HeaderMap) -> Response<Body> {
    serve_from(bundle::FILES, method, path, headers)
}

/// Whether a path names a file rather than a page. Below a room's path there are no files: what stands there is a room's
/// name, and if it is a bad one, the page says so.
pub(crate) fn looks_like_file(path: &str) -> bool {
    room_page(path).is_none() && path.rsplit('/').next().is_some_and(|name| name.contains('.'))
}

fn serve_from(files: &'static [File], method: &Method, path: &str, headers: &HeaderMap) -> Response<Body> {
    if method != Method::GET && method != Method::HEAD {
        let allow = [(header::ALLOW, "GET, HEAD")];
        return (StatusCode::METHOD_NOT_ALLOWED, allow, "Only GET and HEAD are answered here.\n")
            .into_response();
    }
    let find =
        |path: &str| files.binary_search_by(|file| file.path.cmp(path)).ok().and_then(|i| files.get(i));
    let page = || {
        let named = || [path.strip_suffix('/').unwrap_or(path), ".html"].concat();
        let of_room = room_page(path).and_then(find);
        of_room.or_else(|| if looks_like_file(path) { None } else { find(&named()).or_else(|| find(INDEX)) })
    };
    let file = find(path).or_else(page);
    let Some(file) = file else {
        let caching = [(header::CACHE_CONTROL, "no-store")];
        return (StatusCode::NOT_FOUND, caching, "There is no such file here.\n").into_response();
    };
    respond(file, headers)
}

fn respond(file: &'static File, request: &HeaderMap) -> Response<Body> {
    let (bytes, tag, encoding) = match file.brotli {
        Some(compressed) if accepts_brotli(request) => {
            (compressed, format!("\"{}-br\"", file.tag), Some("br"))
        }
        _ => (file.identity, format!("\"{}\"", file.tag), None),
    };
    let is_known = names_tag(request, &tag);
    let body = if is_known { Body::empty() } else { Body::from(Bytes::from_static(bytes)) };
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    let caching = if file.immutable { FOR_EVER } else { ASK_FIRST };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(caching));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Ok(tag) = HeaderValue::try_from(tag) {
        headers.insert(header::ETAG, tag);
    }
    if is_known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
        return response;
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(file.content_type));
    headers.insert(header::CONTENT_LENGTH, bytes.len().into());
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

/// The items of a header that is a comma-separated list.
fn items(headers: &HeaderMap, name: header::HeaderName) -> impl Iterator<Item = &str> {
    headers
        .get_all(name)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|v| v.split(','))
        .map(str::trim)
}

/// Whether `br` is accepted by name and not with weight zero (RFC 9110 section 12.5.3).
fn accepts_brotli(headers: &HeaderMap) -> bool {
    items(headers, header::ACCEPT_ENCODING).any(|item| {
        let mut parts = item.split(';').map(str::trim);
        let is_brotli = parts.next().is_some_and(|coding| coding.eq_ignore_ascii_case("br"));
        let is_refused = parts
            .filter_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")))
            .any(|weight| weight.parse().is_ok_and(|weight: f32| weight <= 0.0));
        is_brotli && !is_refused
    })
}

/// Whether `If-None-Match` names this representation (RFC 9110 section 13.1.2, weak comparison).
fn names_tag(headers: &HeaderMap, tag: &str) -> bool {
    items(headers, header::IF_NONE_MATCH)
        .any(|item| item == "*" || item.strip_prefix("W/").unwrap_or(item) == tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(name: header::HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    #[test]
    fn brotli_is_sent_to_who_accepts_it() {
        for accepted in ["br", "gzip, deflate, br, zstd", "gzip;q=0.5, BR;q=0.1", "br; q=1.0"] {
            assert!(accepts_brotli(&with(header::ACCEPT_ENCODING, accepted)), "{accepted}");
        }
        for refused in ["", "gzip", "br;q=0", "br; q=0.000", "brotli", "*"] {
            assert!(!accepts_brotli(&with(header::ACCEPT_ENCODING, refused)), "{refused}");
        }
    }

    #[test]
    fn tags_are_compared_weakly_and_in_lists() {
        for known in ["\"a\"", "W/\"a\"", "\"x\", \"a\"", "*"] {
            assert!(names_tag(&with(header::IF_NONE_MATCH, known), "\"a\""), "{known}");
        }
        for unknown in ["a", "\"a-br\"", "\"x\""] {
            assert!(!names_tag(&with(header::IF_NONE_MATCH, unknown), "\"a\""), "{unknown}");
        }
    }

    static FILES: &[File] = &[
        File {
            path: "/app-0123456789abcdef.js",
            content_type: "text/javascript; charset=utf-8",
            tag: "j",
            immutable: true,
            identity: b"alert(1)",
            brotli: Some(b"alert(1) compressed"),
        },
        File {
            path: "/broadcast.html",
            content_type: "text/html; charset=utf-8",
            tag: "b",
            immutable: false,
            identity: b"<html>broadcast",
            brotli: None,
        },
        File {
            path: INDEX,
            content_type: "text/html; charset=utf-8",
            tag: "i",
            immutable: false,
            identity: b"<html>",
            brotli: None,
        },
        File {
            path: "/room.html",
            content_type: "text/html; charset=utf-8",
            tag: "r",
            immutable: false,
            identity: b"<html>room",
            brotli: None,
        },
        File {
            path: "/test.html",
            content_type: "text/html; charset=utf-8",
            tag: "t",
            immutable: false,
            identity: b"<html>test",
            brotli: None,
        },
    ];

    fn get(path: &str, headers: &HeaderMap) -> Response<Body> {
        serve_from(FILES, &Method::GET, path, headers)
    }

    fn header_of(response: &Response<Body>, name: header::HeaderName) -> &str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[test]
    fn a_hashed_file_is_kept_for_ever_and_the_page_never() {
        let script = get("/app-0123456789abcdef.js", &HeaderMap::new());
        assert_eq!(header_of(&script, header::CACHE_CONTROL), "public, max-age=31536000, immutable");
        assert_eq!(header_of(&get("/", &HeaderMap::new()), header::CACHE_CONTROL), "no-cache");
    }

    #[test]
    fn each_form_has_its_own_tag_and_a_known_one_is_not_sent_again() {
        let path = "/app-0123456789abcdef.js";
        let mut headers = with(header::ACCEPT_ENCODING, "gzip, br");
        let compressed = get(path, &headers);
        assert_eq!(header_of(&compressed, header::CONTENT_ENCODING), "br");
        assert_eq!(header_of(&compressed, header::CONTENT_LENGTH), "19");
        assert_eq!(header_of(&compressed, header::VARY), "accept-encoding");
        let plain = get(path, &HeaderMap::new());
        assert_eq!(header_of(&plain, header::CONTENT_ENCODING), "");
        assert_eq!(header_of(&plain, header::CONTENT_LENGTH), "8");
        assert_ne!(plain.headers()[header::ETAG], compressed.headers()[header::ETAG]);
        headers.insert(header::IF_NONE_MATCH, compressed.headers()[header::ETAG].clone());
        assert_eq!(get(path, &headers).status(), StatusCode::NOT_MODIFIED);
        headers.insert(header::IF_NONE_MATCH, plain.headers()[header::ETAG].clone());
        assert_eq!(get(path, &headers).status(), StatusCode::OK);
    }

    #[test]
    fn what_looks_like_a_page_is_the_page_and_a_missing_file_is_missing() {
        for page in ["/watch/demo", "/watch/v1.0", "/watch/test", "/watch/broadcast"] {
            assert_eq!(header_of(&get(page, &HeaderMap::new()), header::ETAG), "\"r\"", "{page}");
        }
        for page in ["/", "/watch", "/watch/", "/no/such/page"] {
            assert_eq!(header_of(&get(page, &HeaderMap::new()), header::ETAG), "\"i\"", "{page}");
        }
        for page in ["/test", "/test/"] {
            assert_eq!(header_of(&get(page, &HeaderMap::new()), header::ETAG), "\"t\"", "{page}");
        }
        for page in ["/broadcast", "/broadcast/", "/broadcast/demo", "/broadcast/..%2fx", "/broadcast/a/b"] {
            assert_eq!(header_of(&get(page, &HeaderMap::new()), header::ETAG), "\"b\"", "{page}");
        }
        for page in ["/tests", "/test/demo", "/broadcasts"] {
            assert_eq!(header_of(&get(page, &HeaderMap::new()), header::ETAG), "\"i\"", "{page}");
        }
        for file in ["/missing.js", "/watching/secret.txt", "/favicon.ico"] {
            assert_eq!(get(file, &HeaderMap::new()).status(), StatusCode::NOT_FOUND, "{file}");
        }
    }

    #[test]
    fn only_reading_is_allowed() {
        let response = serve_from(FILES, &Method::POST, "/", &HeaderMap::new());
        assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
        assert_eq!(header_of(&response, header::ALLOW), "GET, HEAD");
    }

    #[test]
    fn the_embedded_files_are_in_the_order_that_the_search_needs() {
        assert!(bundle::FILES.is_sorted_by_key(|file| file.path));
        assert_eq!(serve(&Method::GET, "/", &HeaderMap::new()).status(), StatusCode::OK);
    }
}
