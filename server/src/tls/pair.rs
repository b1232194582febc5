//! A certificate with its key, as PEM text gives them: read, checked against each other, and looked into.
//!
//! Must not know where the text comes from or what it is used for.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::sign::CertifiedKey;
use tokio_rustls::rustls::{Error, InconsistentKeys};
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::provider;

/// A certificate, those that vouch for it, and its key.
#[derive(Clone, Debug)]
pub(crate) struct Pair {
    /// For the handshake.
    pub(crate) certified: Arc<CertifiedKey>,
    /// What the certificate says.
    pub(crate) facts: Facts,
}

/// What a certificate says.
#[derive(Clone, Debug)]
pub(crate) struct Facts {
    /// From when it is good.
    pub(crate) from: SystemTime,
    /// Until when it is good.
    pub(crate) until: SystemTime,
    /// The names it is good for, in lower case; some may begin with `*.`.
    pub(crate) names: Vec<String>,
    /// The addresses it is good for.
    pub(crate) addresses: Vec<IpAddr>,
    /// The SHA-256 fingerprint of the certificate, as browsers write it.
    pub(crate) fingerprint: String,
}

/// What is wrong with one of the two texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// There is no certificate in the text.
    NoCertificate,
    /// The certificate cannot be understood.
    BadCertificate,
    /// There is no key in the text.
    NoKey,
    /// The key is none that can be used.
    BadKey,
    /// The key is another certificate's.
    Mismatch,
}

impl Wrong {
    /// Whether it is the key's text that is wrong.
    pub(crate) fn is_of_key(self) -> bool {
        matches!(self, Self::NoKey | Self::BadKey | Self::Mismatch)
    }

    /// What is wrong, as the predicate of a sentence about the file.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::NoCertificate => "it holds no certificate in PEM form",
            Self::BadCertificate => "the certificate in it cannot be understood",
            Self::NoKey => "it holds no key in PEM form; one with a password cannot be used",
            Self::BadKey => "the key in it is damaged or of a kind that cannot be used",
            Self::Mismatch => "the key in it is not that of the certificate",
        }
    }
}

impl Pair {
    /// Reads both texts, which may be one and the same.
    pub(crate) fn read(certificates: &str, key: &str) -> Result<Self, Wrong> {
        let chain = CertificateDer::pem_slice_iter(certificates.as_bytes()).collect::<Result<Vec<_>, _>>();
        let chain = chain.ok().filter(|chain| !chain.is_empty()).ok_or(Wrong::NoCertificate)?;
        let facts = chain.first().and_then(|first| Facts::read(first)).ok_or(Wrong::BadCertificate)?;
        let key = PrivateKeyDer::from_pem_slice(key.as_bytes()).map_err(|_| Wrong::NoKey)?;
        let certified = CertifiedKey::from_der(chain, key, &provider()).map_err(|error| match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => Wrong::Mismatch,
            Error::InvalidCertificate(_) => Wrong::BadCertificate,
            _ => Wrong::BadKey,
        })?;
        Ok(Self { certified: Arc::new(certified), facts })
    }
}

impl Facts {
    fn read(certificate: &[u8]) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(certificate).ok()?;
        let time = |seconds: i64| {
            let seconds = u64::try_from(seconds).unwrap_or(0);
            SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
        };
        let (mut names, mut addresses) = (Vec::new(), Vec::new());
        let alternatives = parsed.subject_alternative_name().ok().flatten();
        for name in alternatives.iter().flat_map(|extension| &extension.value.general_names) {
            match name {
                GeneralName::DNSName(name) => names.push(name.to_ascii_lowercase()),
                GeneralName::IPAddress(bytes) => addresses.extend(address(bytes)),
                _ => {}
            }
        }
        let mut fingerprint = String::new();
        for (index, byte) in Sha256::digest(certificate).iter().enumerate() {
            let colon = if index == 0 { "" } else { ":" };
            // Writing to a string does not fail.
            let _ = write!(fingerprint, "{colon}{byte:02X}");
        }
        let validity = parsed.validity();
        let from = time(validity.not_before.timestamp())?;
        let until = time(validity.not_after.timestamp())?;
        Some(Self { from, until, names, addresses, fingerprint })
    }

    /// How long it is still good; nothing if it is not.
    pub(crate) fn left(&self, now: SystemTime) -> Duration {
        self.until.duration_since(now).unwrap_or_default()
    }

    /// For how long it is good in all.
    pub(crate) fn life(&self) -> Duration {
        self.until.duration_since(self.from).unwrap_or_default()
    }
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(IpAddr::from).ok();
    v4.or_else(|| <[u8; 16]>::try_from(bytes).map(IpAddr::from).ok())
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};

    use super::*;

    #[test]
    fn each_fault_is_told_apart() {
        let [key, other] = [(); 2].map(|()| KeyPair::generate().unwrap());
        let names = ["A.example".to_owned(), "192.0.2.1".to_owned(), "::1".to_owned()];
        let certificate = CertificateParams::new(names).unwrap().self_signed(&key).unwrap().pem();
        let (key, other) = (key.serialize_pem(), other.serialize_pem());
        let pair = Pair::read(&certificate, &key).unwrap();
        assert_eq!(pair.facts.names, ["a.example"]);
        assert_eq!(pair.facts.addresses, ["192.0.2.1".parse::<IpAddr>().unwrap(), "::1".parse().unwrap()]);
        assert_eq!(pair.facts.fingerprint.len(), 32 * 3 - 1);
        Pair::read(&format!("{key}{certificate}"), &format!("{certificate}{key}")).unwrap();
        let damage = |pem: &str| {
            pem.lines()
                .enumerate()
                .map(|(i, l)| if i == 1 { "AAAA" } else { l }.to_owned() + "\n")
                .collect::<String>()
        };
        for (certificate, key, wrong) in [
            ("", key.as_str(), Wrong::NoCertificate),
            ("-----BEGIN CERTIFICATE-----\n?", &key, Wrong::NoCertificate),
            (&damage(&certificate), &key, Wrong::BadCertificate),
            (&certificate, "", Wrong::NoKey),
            (&certificate, &certificate, Wrong::NoKey),
            (&certificate, &key.replace(" PRIVATE", " ENCRYPTED PRIVATE"), Wrong::NoKey),
            (&certificate, &damage(&key), Wrong::BadKey),
            (&certificate, &other, Wrong::Mismatch),
        ] {
            assert_eq!(Pair::read(certificate, key).unwrap_err(), wrong, "{certificate}{key}");
        }
    }
}
