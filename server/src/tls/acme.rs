//! A certificate from an ACME directory (RFC 8555), kept in the state folder and renewed when a third of its life is left.
//!
//! A directory that cannot be reached is no reason not to start: what is kept is used, and the rest is tried again.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use instant_acme::{
    Account, AuthorizationStatus, ChallengeHandle, ChallengeType, Error, Identifier, NewAccount, NewOrder,
    Order, OrderStatus, RetryPolicy,
};
use rcgen::{CertificateParams, CustomExtension, KeyPair};
use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::rustls::sign::CertifiedKey;
use tracing::{info, warn};

use super::pair::{Facts, Pair};
use super::provider;
use super::served::{Proof, Served};
use crate::config::TlsSettings;
use crate::limits::{ACME_FIRST_PAUSE, ACME_LONGEST_PAUSE, ACME_ORDER, ACME_STEP, CERTIFICATE_CHECK};
use crate::state::StateDir;

/// What to ask for, and whom.
#[derive(Debug)]
pub(crate) struct Acme {
    domains: Vec<String>,
    contact: Option<String>,
    directory: String,
    root: Option<PathBuf>,
    proof: ChallengeType,
    state: StateDir,
}

impl Acme {
    /// As the settings say. A server that has a port for plain HTTP proves its domains there; else it does so within
    /// handshakes.
    pub(crate) fn new(settings: &TlsSettings, state: StateDir) -> Self {
        let proof =
            if settings.http_redirect.is_some() { ChallengeType::Http01 } else { ChallengeType::TlsAlpn01 };
        Self {
            domains: settings.acme.clone(),
            contact: settings.acme_contact.as_ref().map(|address| format!("mailto:{address}")),
            directory: settings.acme_directory.clone(),
            root: settings.acme_root.clone(),
            proof,
            state,
        }
    }

    /// What is kept; `None` if there is nothing yet.
    ///
    /// # Errors
    /// It is damaged, in one line.
    pub(crate) fn kept(&self) -> Result<Option<Pair>, String> {
        let name = self.certificate_file();
        let Some(text) = self.state.read(&name)? else { return Ok(None) };
        let damaged = |what: &str| {
            format!("error: {}: {what}; remove it to get a new one", self.state.path(&name).display())
        };
        Pair::read(&text, &text).map(Some).map_err(|wrong| damaged(wrong.text()))
    }

    fn account_file(&self) -> String {
        format!("acme-account-{}.json", digest([&self.directory]))
    }

    fn certificate_file(&self) -> String {
        format!("acme-{}.pem", digest(std::iter::once(&self.directory).chain(&self.domains)))
    }

    /// Gets a certificate when there is none or the one that is used nears its end, for ever.
    pub(crate) async fn keep(self: Arc<Self>, served: &Served, mut facts: Option<Facts>) {
        let mut pause = ACME_FIRST_PAUSE;
        loop {
            // In short steps: while a machine sleeps, so do its timers.
            while let Some(wait) = facts.as_ref().and_then(|facts| renewal(facts, SystemTime::now())) {
                sleep(wait.min(CERTIFICATE_CHECK)).await;
            }
            info!(domains = ?self.domains, "asking for a certificate");
            let outcome = timeout(ACME_ORDER, self.order(served)).await;
            served.proved();
            let error = match outcome {
                Ok(Ok(pair)) => {
                    info!(fingerprint = pair.facts.fingerprint, "there is a new certificate");
                    served.replace(pair.certified);
                    facts = Some(pair.facts);
                    pause = ACME_FIRST_PAUSE;
                    continue;
                }
                Ok(Err(error)) => error,
                Err(_) => format!("the directory took longer than {} s", ACME_ORDER.as_secs()),
            };
            warn!(domains = ?self.domains, error, again_in = ?pause, "no certificate could be had");
            let again = Instant::now() + pause;
            sleep_until(again).await;
            pause = (pause * 2).min(ACME_LONGEST_PAUSE);
        }
    }

    /// One order from its beginning to its end.
    async fn order(&self, served: &Served) -> Result<Pair, String> {
        let identifiers: Vec<Identifier> = self.domains.iter().cloned().map(Identifier::Dns).collect();
        let wanted = NewOrder::new(&identifiers);
        let mut order = match self.kept_account().await? {
            Some(account) => match account.new_order(&wanted).await {
                Err(error) if is_unknown_account(&error) => {
                    self.new_account().await?.new_order(&wanted).await
                }
                other => other,
            },
            None => self.new_account().await?.new_order(&wanted).await,
        }
        .map_err(|error| told(&error))?;
        self.prove(&mut order, served).await?;
        let patience = RetryPolicy::new().timeout(ACME_STEP);
        if order.poll_ready(&patience).await.map_err(|error| told(&error))? != OrderStatus::Ready {
            return Err(why_invalid(&mut order).await);
        }
        let key = order.finalize().await.map_err(|error| told(&error))?;
        let chain = order.poll_certificate(&patience).await.map_err(|error| told(&error))?;
        let text = format!("{}\n{chain}", key.trim_end());
        let pair =
            Pair::read(&text, &text).map_err(|wrong| format!("what was given is wrong: {}", wrong.text()))?;
        self.save(self.certificate_file(), text).await?;
        Ok(pair)
    }

    /// Has a proof ready for each domain that needs one, and says so.
    async fn prove(&self, order: &mut Order, served: &Served) -> Result<(), String> {
        let mut authorizations = order.authorizations();
        while let Some(authorization) = authorizations.next().await {
            let mut authorization = authorization.map_err(|error| told(&error))?;
            if authorization.status == AuthorizationStatus::Valid {
                continue;
            }
            let domain = authorization.identifier().to_string();
            let mut challenge = authorization.challenge(self.proof.clone()).ok_or_else(|| {
                format!("the directory does not take the proof {:?} for {domain}", self.proof)
            })?;
            served.prove(&domain, proof(&domain, &self.proof, &challenge)?);
            challenge.set_ready().await.map_err(|error| told(&error))?;
        }
        Ok(())
    }

    async fn kept_account(&self) -> Result<Option<Account>, String> {
        let name = self.account_file();
        let Some(text) = self.state.read(&name)? else { return Ok(None) };
        let credentials = serde_json::from_str(&text).map_err(|error| {
            format!("{}: {error}; remove it to get a new account", self.state.path(&name).display())
        })?;
        self.client()?.from_credentials(credentials).await.map(Some).map_err(|error| told(&error))
    }

    async fn new_account(&self) -> Result<Account, String> {
        let contact: Vec<&str> = self.contact.as_deref().into_iter().collect();
        let wanted =
            NewAccount { contact: &contact, terms_of_service_agreed: true, only_return_existing: false };
        let (account, credentials) = self
            .client()?
            .create(&wanted, self.directory.clone(), None)
            .await
            .map_err(|error| told(&error))?;
        let text = serde_json::to_string(&credentials).map_err(|error| error.to_string())?;
        self.save(self.account_file(), text).await?;
        Ok(account)
    }

    fn client(&self) -> Result<instant_acme::AccountBuilder, String> {
        let builder = self.root.as_ref().map_or_else(Account::builder, Account::builder_with_root);
        builder.map_err(|error| match &self.root {
            Some(path) => format!("{}: {}", path.display(), told(&error)),
            None => told(&error),
        })
    }

    async fn save(&self, name: String, text: String) -> Result<(), String> {
        let state = self.state.clone();
        spawn_blocking(move || state.write(&name, &text)).await.map_err(|error| error.to_string())?
    }
}

/// How long to wait before a certificate is renewed; `None` if it is time.
fn renewal(facts: &Facts, now: SystemTime) -> Option<Duration> {
    let wait = facts.left(now).checked_sub(facts.life() / 3)?;
    (!wait.is_zero()).then_some(wait)
}

fn proof(domain: &str, kind: &ChallengeType, challenge: &ChallengeHandle<'_>) -> Result<Proof, String> {
    let authorization = challenge.key_authorization();
    if *kind == ChallengeType::Http01 {
        return Ok(Proof::File(challenge.token.clone(), authorization.as_str().to_owned()));
    }
    let certify = || -> Result<_, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut params = CertificateParams::new([domain.to_owned()])?;
        let digest = authorization.digest();
        params.custom_extensions = vec![CustomExtension::new_acme_identifier(digest.as_ref())];
        Ok((params.self_signed(&key)?, key))
    };
    let (certificate, key) = certify().map_err(|error| error.to_string())?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let key = provider().key_provider.load_private_key(key).map_err(|error| error.to_string())?;
    // Not compared with each other: that would fail over the extension, which nobody but a directory understands.
    Ok(Proof::Handshake(Arc::new(CertifiedKey::new(vec![certificate.der().clone()], key))))
}

/// What the directory found when it looked.
async fn why_invalid(order: &mut Order) -> String {
    let mut why = "the directory did not find the proof".to_owned();
    let mut authorizations = order.authorizations();
    while let Some(Ok(mut authorization)) = authorizations.next().await {
        let Ok(state) = authorization.refresh().await else { continue };
        for problem in state.challenges.iter().filter_map(|challenge| challenge.error.as_ref()) {
            // Writing to a string does not fail.
            let _ = write!(why, "; {problem}");
        }
    }
    why
}

fn is_unknown_account(error: &Error) -> bool {
    let Error::Api(problem) = error else { return false };
    problem.r#type.as_deref() == Some("urn:ietf:params:acme:error:accountDoesNotExist")
}

/// An error with what caused it: the outermost alone often says no more than that something failed.
fn told(error: &Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        let next = error.to_string();
        if !text.contains(&next) {
            let _ = write!(text, ": {next}");
        }
        cause = error.source();
    }
    text
}

/// A name for a file that belongs to these texts.
fn digest<'a>(texts: impl IntoIterator<Item = &'a String>) -> String {
    let mut hasher = Sha256::new();
    for text in texts {
        hasher.update(text.as_bytes());
        hasher.update([0]);
    }
    hasher.finalize().iter().take(8).fold(String::new(), |mut name, byte| {
        let _ = write!(name, "{byte:02x}");
        name
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_thirds_of_a_life_are_used() {
        let from = SystemTime::UNIX_EPOCH;
        let day = Duration::from_hours(24);
        let facts = Facts {
            from,
            until: from + 90 * day,
            names: Vec::new(),
            addresses: Vec::new(),
            fingerprint: String::new(),
        };
        assert_eq!(renewal(&facts, from), Some(60 * day));
        assert_eq!(renewal(&facts, from + 59 * day), Some(day));
        for late in [60, 61, 90, 1000] {
            assert_eq!(renewal(&facts, from + late * day), None, "{late}");
        }
    }

    #[test]
    fn other_domains_or_another_directory_are_another_certificate() {
        let digests = [&["d", "a", "b"][..], &["d", "ab"], &["e", "a", "b"]]
            .map(|texts| digest(&texts.iter().map(|&text| text.to_owned()).collect::<Vec<_>>()));
        assert!(digests[0] != digests[1] && digests[0] != digests[2] && digests[1] != digests[2]);
    }
}
