//! A certificate of the server's own making, kept in the state folder.
//!
//! A person looks at its fingerprint once and then trusts it, so it is made again only when it has to be: when it ends,
//! or when this machine has a name or address that it does not cover. The key stays the same even then.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::SystemTime;

use rcgen::{
    CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair, KeyUsagePurpose, SerialNumber,
};
use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tracing::{info, warn};

use super::pair::{Facts, Pair};
use super::served::Served;
use crate::limits::{CERTIFICATE_CHECK, SELF_SIGNED_BACKDATED, SELF_SIGNED_LIFE, SELF_SIGNED_RENEWAL};
use crate::machine;
use crate::state::StateDir;

/// Key and certificate, in this order: one file, so that they are always those of each other.
const FILE: &str = "self-signed.pem";

/// Where it is kept, and what it has to cover.
#[derive(Clone, Debug)]
pub(crate) struct SelfSigned {
    state: StateDir,
    names: Vec<String>,
    addresses: Vec<IpAddr>,
}

impl SelfSigned {
    /// For this machine as it is now, and these further names and addresses.
    pub(crate) fn new(state: StateDir, further: &[String]) -> Self {
        let mut names = machine::names();
        let mut addresses = machine::LOOPBACK.to_vec();
        addresses.extend(machine::addresses());
        for text in further {
            match text.parse::<IpAddr>() {
                Ok(address) => addresses.push(address),
                Err(_) => names.push(text.clone()),
            }
        }
        Self { state, names, addresses }
    }

    /// The certificate that is kept, if it will do; else a new one, with the key that is kept.
    ///
    /// # Errors
    /// What is kept is damaged, or the new one cannot be kept, in one line.
    pub(crate) fn open(&self, now: SystemTime) -> Result<Pair, String> {
        let Some(kept) = self.state.read(FILE)? else {
            let key = KeyPair::generate().map_err(|error| format!("error: no key can be made: {error}"))?;
            return self.make(&key, now);
        };
        let damaged = |what: &str| {
            let path = self.state.path(FILE);
            format!(
                "error: {}: {what}; put back a copy, or remove it to get a new key, which every browser will ask about",
                path.display()
            )
        };
        let pair = Pair::read(&kept, &kept).map_err(|wrong| damaged(wrong.text()))?;
        if pair.facts.left(now) > SELF_SIGNED_RENEWAL && self.is_covered_by(&pair.facts) {
            return Ok(pair);
        }
        let key = KeyPair::from_pem(&kept).map_err(|_| damaged("the key in it cannot be used"))?;
        self.make(&key, now)
    }

    /// Whether every name and address is covered. An address in the whole internet does not count: the system may take a
    /// new one every day, and nobody types it.
    fn is_covered_by(&self, facts: &Facts) -> bool {
        let counts = |address: &&IpAddr| match address {
            IpAddr::V4(_) => true,
            IpAddr::V6(v6) => v6.is_unique_local() || v6.is_loopback(),
        };
        self.names.iter().all(|name| facts.names.contains(name))
            && self.addresses.iter().filter(counts).all(|address| facts.addresses.contains(address))
    }

    fn make(&self, key: &KeyPair, now: SystemTime) -> Result<Pair, String> {
        let cannot = |error: &dyn std::fmt::Display| format!("error: no certificate can be made: {error}");
        let addresses = self.addresses.iter().map(ToString::to_string);
        let alternatives: Vec<String> = self.names.iter().cloned().chain(addresses).collect();
        let mut params = CertificateParams::new(alternatives).map_err(|error| cannot(&error))?;
        let from = now - SELF_SIGNED_BACKDATED;
        params.not_before = from.into();
        params.not_after = (from + SELF_SIGNED_LIFE).into();
        params.distinguished_name.push(DnType::CommonName, "Vọng, self-signed");
        params.is_ca = IsCa::ExplicitNoCa;
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        // Firefox refuses two certificates of one issuer under one number, which would otherwise be that of the key.
        let mut number = [0; 16];
        getrandom::fill(&mut number).map_err(|error| cannot(&error))?;
        // It has to be positive.
        number[0] &= 0x7f;
        params.serial_number = Some(SerialNumber::from_slice(&number));
        let certificate = params.self_signed(key).map_err(|error| cannot(&error))?;
        let text = [key.serialize_pem(), certificate.pem()].concat();
        let pair = Pair::read(&text, &text).map_err(|wrong| cannot(&wrong.text()))?;
        self.state.write(FILE, &text)?;
        info!("a self-signed certificate was made");
        Ok(pair)
    }

    /// Makes a new one in time, for ever.
    pub(crate) async fn keep(self: Arc<Self>, served: &Served) {
        loop {
            sleep(CERTIFICATE_CHECK).await;
            let this = self.clone();
            match spawn_blocking(move || this.open(SystemTime::now())).await {
                Ok(Ok(pair)) => served.replace(pair.certified),
                Ok(Err(error)) => warn!(error, "the self-signed certificate cannot be renewed"),
                Err(error) => warn!(%error, "the self-signed certificate cannot be renewed"),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::time::Duration;

    use super::*;

    const DAY: Duration = Duration::from_hours(24);

    fn at(state: &std::path::Path, names: &[&str], addresses: &[&str]) -> SelfSigned {
        SelfSigned {
            state: StateDir::open(Some(state)).unwrap(),
            names: names.iter().map(|&name| name.to_owned()).collect(),
            addresses: addresses.iter().map(|address| address.parse().unwrap()).collect(),
        }
    }

    #[test]
    fn it_stays_the_same_until_it_ends_and_then_keeps_its_key() {
        let directory = tempfile::tempdir().unwrap();
        let signed = at(directory.path(), &["localhost"], &["127.0.0.1", "192.168.1.5"]);
        let now = SystemTime::now();
        let first = signed.open(now).unwrap();
        assert!(first.facts.life() <= Duration::from_hours(24 * 398), "browsers would refuse it");
        assert!(first.facts.from < now - DAY / 2, "a phone's clock may be behind");
        let month_before = now + first.facts.left(now) - 31 * DAY;
        assert_eq!(signed.open(month_before).unwrap().facts.fingerprint, first.facts.fingerprint);
        let renewed = signed.open(month_before + 2 * DAY).unwrap();
        assert_ne!(renewed.facts.fingerprint, first.facts.fingerprint);
        assert!(renewed.facts.until > first.facts.until + 300 * DAY);
        let key = |pair: &Pair| pair.certified.key.public_key().unwrap().as_ref().to_vec();
        assert_eq!(key(&renewed), key(&first));
    }

    #[test]
    fn it_is_made_again_for_a_new_name_or_address_and_not_for_one_that_is_gone() {
        let directory = tempfile::tempdir().unwrap();
        let open = |names: &[&str], addresses: &[&str]| {
            at(directory.path(), names, addresses).open(SystemTime::now()).unwrap().facts
        };
        let first = open(&["localhost", "studio.local"], &["192.168.1.5", "2001:db8::5"]);
        assert_eq!(first.names, ["localhost", "studio.local"]);
        assert_eq!(first.addresses.len(), 2);
        for (names, addresses) in
            [(&["localhost"][..], &["192.168.1.5"][..]), (&["localhost"], &["192.168.1.5", "2001:db8::6"])]
        {
            assert_eq!(open(names, addresses).fingerprint, first.fingerprint, "{names:?} {addresses:?}");
        }
        let moved = open(&["localhost"], &["10.0.0.7"]);
        assert_ne!(moved.fingerprint, first.fingerprint);
        assert_ne!(open(&["localhost", "other"], &["10.0.0.7"]).fingerprint, moved.fingerprint);
    }

    #[test]
    fn a_damaged_file_is_named_and_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let signed = at(directory.path(), &["localhost"], &[]);
        signed.open(SystemTime::now()).unwrap();
        let path = directory.path().join(FILE);
        let good = fs::read_to_string(&path).unwrap();
        for damaged in [String::new(), good[..good.len() / 2].to_owned(), good.replace("PRIVATE", "PUBLIC")] {
            fs::write(&path, &damaged).unwrap();
            let error = signed.open(SystemTime::now()).unwrap_err();
            assert!(error.contains(FILE) && error.lines().count() == 1, "{error}");
            assert_eq!(fs::read_to_string(&path).unwrap(), damaged);
        }
    }
}
