//! The settings of HTTPS, and which of them go together.
//!
//! Must not know how a certificate is made or read: that is `tls`'s business.

use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;

use axum::http::Uri;
use clap::{Args, ValueEnum};
use tokio_rustls::rustls::pki_types::DnsName;

/// The directory of Let's Encrypt.
const LETS_ENCRYPT: &str = "https://acme-v02.api.letsencrypt.org/directory";

/// How the server speaks HTTPS, if it does.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "HTTPS")]
pub struct TlsSettings {
    /// `self-signed`: speak HTTPS with a certificate of the server's own making, which browsers ask about once.
    #[arg(long = "tls", env = "VONG_TLS", value_name = "KIND", default_value = "off")]
    pub kind: TlsKind,

    /// A further name or address that the self-signed certificate covers, beside those that this machine has;
    /// repeatable.
    #[arg(long = "tls-name", env = "VONG_TLS_NAME", value_name = "NAME", value_delimiter = ' ', value_parser = name)]
    pub names: Vec<String>,

    /// A file with a certificate and those that vouch for it, in PEM. Read again when it changes.
    #[arg(long = "tls-cert", env = "VONG_TLS_CERT", value_name = "FILE")]
    pub cert: Option<PathBuf>,

    /// The file with the certificate's key, in PEM.
    #[arg(long = "tls-key", env = "VONG_TLS_KEY", value_name = "FILE")]
    pub key: Option<PathBuf>,

    /// Get a certificate for this domain from an ACME directory, such as Let's Encrypt, and keep it fresh; repeatable.
    /// With this you agree to the directory's terms of service.
    #[arg(long, env = "VONG_ACME", value_name = "DOMAIN", value_delimiter = ' ', value_parser = domain)]
    pub acme: Vec<String>,

    /// A mail address that the directory may write to.
    #[arg(long, env = "VONG_ACME_CONTACT", value_name = "EMAIL", value_parser = email)]
    pub acme_contact: Option<String>,

    /// The ACME directory.
    #[arg(
        long,
        env = "VONG_ACME_DIRECTORY",
        value_name = "URL",
        default_value = LETS_ENCRYPT,
        value_parser = directory
    )]
    pub acme_directory: String,

    /// A PEM file with the one certificate that vouches for the directory, in place of those that the system trusts.
    #[arg(long, env = "VONG_ACME_ROOT", value_name = "FILE")]
    pub acme_root: Option<PathBuf>,

    /// Where keys and certificates are kept that the server makes or gets. By default systemd's state directory, else
    /// `vong` below `$XDG_STATE_HOME` or `~/.local/state`.
    #[arg(long, env = "VONG_STATE_DIR", value_name = "DIR")]
    pub state_dir: Option<PathBuf>,

    /// Another place to listen, such as 0.0.0.0:80, where plain HTTP is sent on to HTTPS.
    #[arg(long, env = "VONG_HTTP_REDIRECT", value_name = "ADDR:PORT")]
    pub http_redirect: Option<SocketAddr>,
}

/// Whether HTTPS is spoken without a certificate from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum TlsKind {
    /// It is not.
    Off,
    /// With a certificate of the server's own making.
    SelfSigned,
}

/// Where the certificate comes from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Origin<'a> {
    /// The server makes it.
    SelfSigned,
    /// Two files: certificate and key.
    Files(&'a PathBuf, &'a PathBuf),
    /// An ACME directory gives it for the domains in the settings.
    Acme,
}

impl TlsSettings {
    /// Where the certificate comes from; `None` without HTTPS.
    ///
    /// # Errors
    /// Settings that do not go together, in one line.
    pub(crate) fn origin(&self) -> Result<Option<Origin<'_>>, String> {
        let files = match (&self.cert, &self.key) {
            (Some(cert), Some(key)) => Some(Origin::Files(cert, key)),
            (None, None) => None,
            (Some(_), None) => return Err("error: --tls-cert needs --tls-key".to_owned()),
            (None, Some(_)) => return Err("error: --tls-key needs --tls-cert".to_owned()),
        };
        let self_signed = (self.kind == TlsKind::SelfSigned).then_some(Origin::SelfSigned);
        let acme = (!self.acme.is_empty()).then_some(Origin::Acme);
        let mut origins = [self_signed, files, acme].into_iter().flatten();
        let origin = origins.next();
        if origins.next().is_some() {
            return Err("error: only one of --tls self-signed, --tls-cert and --acme can be given".to_owned());
        }
        if !self.names.is_empty() && !matches!(origin, Some(Origin::SelfSigned)) {
            return Err("error: --tls-name is for --tls self-signed only".to_owned());
        }
        if self.http_redirect.is_some() && origin.is_none() {
            return Err("error: --http-redirect needs --tls self-signed, --tls-cert or --acme".to_owned());
        }
        Ok(origin)
    }
}

/// A DNS name in lower case. Names of other scripts have to be given in their ASCII form.
fn dns_name(text: &str) -> Option<String> {
    let name = text.to_ascii_lowercase();
    DnsName::try_from(name.as_str()).is_ok().then_some(name)
}

fn name(text: &str) -> Result<String, String> {
    let address = text.parse::<IpAddr>().map(|address| address.to_string()).ok();
    address.or_else(|| dns_name(text)).ok_or_else(|| "expected a name or an IP address".to_owned())
}

fn domain(text: &str) -> Result<String, String> {
    dns_name(text).ok_or_else(|| "expected a domain such as vong.example.org, without * or port".to_owned())
}

fn email(text: &str) -> Result<String, String> {
    let allowed = |c: char| c.is_ascii_graphic() && !matches!(c, ',' | '<' | '>' | ':');
    match text.split_once('@') {
        Some((who, place)) if !who.is_empty() && text.chars().all(allowed) && dns_name(place).is_some() => {
            Ok(text.to_owned())
        }
        _ => Err("expected a mail address".to_owned()),
    }
}

fn directory(text: &str) -> Result<String, String> {
    let uri =
        text.parse::<Uri>().ok().filter(|uri| uri.scheme_str() == Some("https") && uri.host().is_some());
    uri.map(|_| text.to_owned()).ok_or_else(|| "expected an address that begins with https://".to_owned())
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn settings_that_do_not_go_together_are_one_line_that_names_them() {
        for (flags, part) in [
            (&["--tls-cert", "a"][..], "--tls-cert needs --tls-key"),
            (&["--tls-key", "a"], "--tls-key needs --tls-cert"),
            (&["--tls", "self-signed", "--acme", "a.example"], "only one of"),
            (&["--tls", "self-signed", "--tls-cert", "a", "--tls-key", "b"], "only one of"),
            (&["--acme", "a.example", "--tls-cert", "a", "--tls-key", "b"], "only one of"),
            (&["--tls-name", "studio"], "--tls-name is for --tls self-signed"),
            (&["--http-redirect", "127.0.0.1:80"], "--http-redirect needs"),
            (&["--tls", "on"], "--tls"),
            (&["--acme", "192.0.2.1"], "expected a domain"),
            (&["--acme", "*.example.org"], "expected a domain"),
            (&["--acme", "học.example"], "expected a domain"),
            (&["--acme", "a.example:443"], "expected a domain"),
            (&["--acme-contact", "nobody"], "expected a mail address"),
            (&["--acme-directory", "http://a.example"], "begins with https://"),
            (&["--tls", "self-signed", "--tls-name", "a/b"], "expected a name or an IP address"),
        ] {
            let Err(error) = Config::from_flags(flags) else { panic!("{flags:?} was accepted") };
            let text = error.to_string();
            assert!(text.contains(part) && text.lines().count() == 1, "{text}");
        }
    }

    #[test]
    fn each_way_to_a_certificate_stands_alone() {
        let origin =
            |flags: &[&str]| format!("{:?}", Config::from_flags(flags).unwrap().tls.origin().unwrap());
        assert_eq!(origin(&[]), "None");
        assert_eq!(origin(&["--acme-contact", "a@b.example"]), "None");
        assert_eq!(
            origin(&["--tls", "self-signed", "--tls-name", "::1", "--tls-name", "A"]),
            "Some(SelfSigned)"
        );
        assert_eq!(origin(&["--tls-cert", "c", "--tls-key", "k"]), "Some(Files(\"c\", \"k\"))");
        assert_eq!(origin(&["--acme", "A.example", "--acme", "b.example"]), "Some(Acme)");
    }
}
