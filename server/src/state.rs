//! The folder for the little that outlives the program: keys and certificates.
//!
//! Nobody but the program's own user can read what is in it. Files are replaced as a whole, so that a power cut leaves
//! the old one or the new one. Must not know what the files mean.

use std::env;
use std::ffi::OsString;
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::limits::STATE_FILE;

/// The folder, which is there.
#[derive(Clone, Debug)]
pub(crate) struct StateDir(PathBuf);

impl StateDir {
    /// Makes the folder if it is not there.
    ///
    /// # Errors
    /// It cannot be made or no place for it is known, in one line.
    pub(crate) fn open(chosen: Option<&Path>) -> Result<Self, String> {
        let path = match chosen {
            Some(path) => path.to_owned(),
            None => default_path(|name| env::var_os(name))
                .ok_or("error: no place is known to keep the key in: name one with --state-dir")?,
        };
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(&path).map_err(|error| wrong(&path, &error))?;
        Ok(Self(path))
    }

    /// Where a file of this name is.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// The contents of a file; `None` if there is none.
    ///
    /// # Errors
    /// It is there and cannot be read, or is larger than [`STATE_FILE`] or no text, in one line.
    pub(crate) fn read(&self, name: &str) -> Result<Option<String>, String> {
        let path = self.path(name);
        match read_text(&path) {
            Ok(text) => Ok(Some(text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(wrong(&path, &error)),
        }
    }

    /// Writes a file that only its owner can read, in place of the one that may be there.
    ///
    /// # Errors
    /// It could not be written, in one line; the old one is then still there.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<(), String> {
        let path = self.path(name);
        let fresh = self.path(&format!("{name}.new"));
        let write = || -> io::Result<()> {
            // One that was left over may have other rights.
            match fs::remove_file(&fresh) {
                Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let mut options = OpenOptions::new();
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.write(true).create_new(true).open(&fresh)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            fs::rename(&fresh, &path)
        };
        write().map_err(|error| wrong(&path, &error))
    }
}

/// A text file of bounded size.
pub(crate) fn read_text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(STATE_FILE + 1).read_to_string(&mut text)?;
    if text.len() as u64 > STATE_FILE {
        return Err(io::Error::new(ErrorKind::FileTooLarge, format!("it has more than {STATE_FILE} bytes")));
    }
    Ok(text)
}

/// Where services of systemd, and programs of people, keep their state.
fn default_path(variable: impl Fn(&str) -> Option<OsString>) -> Option<PathBuf> {
    let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    // systemd may name several, separated by colons.
    let of_service = variable("STATE_DIRECTORY").and_then(|paths| env::split_paths(&paths).next());
    of_service
        .filter(|path| path.is_absolute())
        .or_else(|| absolute("XDG_STATE_HOME").map(|path| path.join("vong")))
        .or_else(|| absolute("HOME").map(|path| path.join(".local/state/vong")))
        .or_else(|| absolute("LOCALAPPDATA").map(|path| path.join("vong")))
}

fn wrong(path: &Path, error: &io::Error) -> String {
    format!("error: {}: {error}", path.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_its_own_place_and_a_person_a_hidden_one() {
        let path = |variables: &[(&str, &str)]| {
            let find =
                |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into());
            default_path(find).map(|path| path.display().to_string())
        };
        let home = ("HOME", "/home/anna");
        assert_eq!(path(&[home, ("STATE_DIRECTORY", "/var/lib/vong:/x")]).as_deref(), Some("/var/lib/vong"));
        assert_eq!(path(&[home, ("XDG_STATE_HOME", "/s")]).as_deref(), Some("/s/vong"));
        assert_eq!(path(&[home, ("XDG_STATE_HOME", "")]).as_deref(), Some("/home/anna/.local/state/vong"));
        assert_eq!(path(&[]), None);
    }

    #[cfg(unix)]
    #[test]
    fn what_is_kept_is_its_owners_only() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("deep/state");
        let state = StateDir::open(Some(&path)).unwrap();
        assert_eq!(state.read("key.pem").unwrap(), None);
        state.write("key.pem", "one").unwrap();
        // As after a power cut in the middle of a write, by somebody careless.
        fs::write(path.join("key.pem.new"), "half").unwrap();
        state.write("key.pem", "two").unwrap();
        assert_eq!(state.read("key.pem").unwrap().as_deref(), Some("two"));
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&path), mode(&path.join("key.pem"))), (0o700, 0o600));
        assert!(!path.join("key.pem.new").exists());
    }

    #[test]
    fn what_cannot_be_used_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        fs::write(&file, [0xff, 0xfe]).unwrap();
        assert!(StateDir::open(Some(&file.join("below"))).unwrap_err().contains("file"));
        let state = StateDir::open(Some(directory.path())).unwrap();
        assert!(state.read("file").unwrap_err().contains("file"));
        File::create(&file).unwrap().set_len(STATE_FILE + 1).unwrap();
        assert!(state.read("file").unwrap_err().contains("more than"));
    }
}
