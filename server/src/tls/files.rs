//! A certificate that somebody else makes and renews: two files, read again when they change.
//!
//! They are replaced one after the other, so there are moments when they do not fit each other. Then, and when the new
//! ones are broken, the old certificate stays in use.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use tokio::task::spawn_blocking;
use tokio::time::sleep;
use tracing::{debug, info, warn};

use super::pair::Pair;
use super::served::Served;
use crate::limits::CERTIFICATE_POLL;
use crate::state;

/// The two files, and what they looked like when they were read last.
#[derive(Clone, Debug)]
pub(crate) struct Files {
    certificate: PathBuf,
    key: PathBuf,
    seen: [Option<Look>; 2],
}

/// What tells that a file is another than before. Looking is cheap and works on every file system, also where files are
/// reached through links that change, as those of most ACME programs are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Look {
    length: u64,
    changed: Option<SystemTime>,
    inode: u64,
}

impl Look {
    fn at(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        #[cfg(unix)]
        let inode = std::os::unix::fs::MetadataExt::ino(&metadata);
        #[cfg(not(unix))]
        let inode = 0;
        Some(Self { length: metadata.len(), changed: metadata.modified().ok(), inode })
    }
}

impl Files {
    /// Reads them for the first time.
    ///
    /// # Errors
    /// What is wrong with which of them, in one line.
    pub(crate) fn open(certificate: &Path, key: &Path) -> Result<(Self, Pair), String> {
        let mut files = Self { certificate: certificate.to_owned(), key: key.to_owned(), seen: [None; 2] };
        files.seen = files.look();
        let pair = files.read()?;
        Ok((files, pair))
    }

    fn look(&self) -> [Option<Look>; 2] {
        [Look::at(&self.certificate), Look::at(&self.key)]
    }

    fn read(&self) -> Result<Pair, String> {
        let text = |path: &Path| {
            state::read_text(path).map_err(|error| format!("error: {}: {error}", path.display()))
        };
        let pair = Pair::read(&text(&self.certificate)?, &text(&self.key)?).map_err(|wrong| {
            let path = if wrong.is_of_key() { &self.key } else { &self.certificate };
            format!("error: {}: {}", path.display(), wrong.text())
        })?;
        let now = SystemTime::now();
        if pair.facts.until < now {
            warn!(file = %self.certificate.display(), "the certificate has ended: browsers will refuse it");
        } else if pair.facts.from > now {
            warn!(file = %self.certificate.display(), "the certificate is not good yet: browsers will refuse it");
        }
        Ok(pair)
    }

    /// Reads them again whenever they change, for ever.
    pub(crate) async fn keep(mut self, served: &Served) {
        let mut complaint = false;
        loop {
            sleep(CERTIFICATE_POLL).await;
            let files = self.clone();
            let looked = spawn_blocking(move || {
                let seen = files.look();
                // What was wrong a moment ago may be right now, though it looks the same.
                let is_due = complaint || seen != files.seen;
                (seen, is_due.then(|| files.read()))
            });
            let Ok((seen, read)) = looked.await else { continue };
            let is_new = seen != self.seen;
            self.seen = seen;
            match read {
                None => {}
                Some(Ok(pair)) => {
                    info!(fingerprint = pair.facts.fingerprint, "the certificate was read again");
                    served.replace(pair.certified);
                    complaint = false;
                }
                // Perhaps the other file is still to come.
                Some(Err(error)) if is_new => {
                    debug!(error, "the certificate cannot be read again yet");
                    complaint = true;
                }
                Some(Err(error)) => {
                    warn!(error, "the certificate cannot be read again: the one before stays in use");
                    complaint = false;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_is_wrong_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        let [key, other] = [(); 2].map(|()| rcgen::KeyPair::generate().unwrap());
        let params = rcgen::CertificateParams::new(["a.example".to_owned()]).unwrap();
        fs::write(path("cert"), params.self_signed(&key).unwrap().pem()).unwrap();
        fs::write(path("key"), key.serialize_pem()).unwrap();
        fs::write(path("other"), other.serialize_pem()).unwrap();
        fs::write(path("empty"), "").unwrap();
        Files::open(&path("cert"), &path("key")).unwrap();
        for (certificate, key, named) in [
            ("missing", "key", "missing: No such file"),
            ("cert", "missing", "missing: No such file"),
            ("empty", "key", "empty: it holds no certificate"),
            ("cert", "empty", "empty: it holds no key"),
            ("cert", "other", "other: the key in it is not that of the certificate"),
        ] {
            let error = Files::open(&path(certificate), &path(key)).unwrap_err();
            assert!(error.contains(named) && error.lines().count() == 1, "{error}");
        }
    }
}
