//! What a person is told when the server starts: the address to open on a phone, its QR code, and what to know about the
//! certificate.
//!
//! Text only: where it is printed is the program's business.

use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};

use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

use crate::config::Config;
use crate::machine;
use crate::tls::Tls;

/// How many addresses are shown at most. A machine with many has them for its own containers.
const ADDRESSES: usize = 4;

/// What to tell about a server that listens on this address; `None` if it can only be reached from the machine itself,
/// or through a proxy, whose address is not known here.
pub fn announcement(listening: SocketAddr, config: &Config, tls: Option<&Tls>) -> Option<String> {
    if listening.ip().is_loopback() || config.trust_proxy {
        return None;
    }
    let scheme = if tls.is_some() { "https" } else { "http" };
    let addresses = if listening.ip().is_unspecified() {
        let is_reached = |address: &IpAddr| listening.is_ipv6() || address.is_ipv4();
        machine::addresses().into_iter().filter(is_reached).take(ADDRESSES).collect()
    } else {
        vec![listening.ip().to_canonical()]
    };
    let hosts: Vec<String> = match tls.and_then(Tls::domain) {
        Some(domain) => vec![domain.to_owned()],
        None => addresses.iter().map(ToString::to_string).collect(),
    };
    let urls: Vec<String> = hosts.iter().map(|host| url(scheme, host, listening.port())).collect();
    Some(compose(&urls, tls.is_some(), tls.and_then(Tls::fingerprint)))
}

fn url(scheme: &str, host: &str, port: u16) -> String {
    let bracketed = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
    match (scheme, port) {
        ("https", 443) | ("http", 80) => format!("{scheme}://{bracketed}/"),
        _ => format!("{scheme}://{bracketed}:{port}/"),
    }
}

fn compose(urls: &[String], secure: bool, fingerprint: Option<&str>) -> String {
    let mut text = String::new();
    let mut line = |words: &str| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{words}");
    };
    if let Some((first, others)) = urls.split_first() {
        line(&format!("Open this on a phone or another computer: {first}"));
        for other in others {
            line(&format!("or, from another network: {other}"));
        }
        if let Some(code) = code(first) {
            line(&code);
        }
    } else {
        line("This machine has no address in a network now.");
    }
    if let Some(fingerprint) = fingerprint {
        line(
            "Browsers warn about a self-signed certificate, once each. It is this server's if the SHA-256 fingerprint is",
        );
        line(fingerprint);
    }
    if !secure {
        line(
            "Other machines can watch, but browsers refuse them the camera over plain http: --tls self-signed mends that.",
        );
    }
    text
}

/// The QR code, two modules to a character. What is light in the code is drawn: terminals are dark more often than not,
/// and the quiet zone around it keeps it readable on light ones, where it is the other way round.
fn code(text: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L).ok()?;
    let (dark, light) = (Dense1x2::Light, Dense1x2::Dark);
    Some(code.render::<Dense1x2>().dark_color(dark).light_color(light).quiet_zone(true).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(flags: &[&str]) -> Option<String> {
        let config = Config::from_flags(flags).unwrap();
        announcement(config.listen, &config, None)
    }

    #[test]
    fn nothing_is_said_where_nobody_else_can_come() {
        assert_eq!(plain(&[]), None);
        assert_eq!(plain(&["--listen", "[::1]:4000"]), None);
        assert_eq!(plain(&["--listen", "0.0.0.0:4000", "--trust-proxy"]), None);
    }

    #[test]
    fn without_https_the_missing_camera_is_explained_in_one_line() {
        let text = plain(&["--listen", "192.0.2.1:4000"]).unwrap();
        assert!(text.contains(" http://192.0.2.1:4000/\n"), "{text}");
        assert_eq!(text.lines().filter(|line| line.contains("--tls self-signed")).count(), 1, "{text}");
    }

    #[test]
    fn a_usual_port_is_left_out_and_an_ipv6_address_bracketed() {
        assert_eq!(url("https", "vong.example", 443), "https://vong.example/");
        assert_eq!(url("http", "2001:db8::1", 80), "http://[2001:db8::1]/");
        assert_eq!(url("https", "192.168.1.5", 4000), "https://192.168.1.5:4000/");
    }

    #[test]
    fn the_code_is_square_with_a_quiet_zone_and_fits_a_terminal() {
        let text = code("https://192.168.100.100:4000/").unwrap();
        let widths: Vec<usize> = text.lines().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| width == &widths[0] && *width <= 45), "{text}");
        assert_eq!(widths.len(), widths[0].div_ceil(2));
        assert!(text.lines().next().unwrap().chars().all(|module| module == '█'), "{text}");
    }
}
