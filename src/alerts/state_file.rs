//! The file in which alerts, acknowledgements and undelivered notices survive a restart.
//!
//! One process writes it: the first that has something to write, until that ends. Others read it when they
//! start.

use manytop_core::{
    alerts::SavedAlerts,
    file::{self, Existing, OpenOptionsExt, ReadError},
};
use std::{
    ffi::OsString,
    fs::{File, OpenOptions, TryLockError},
    io,
    path::{Path, PathBuf},
};

/// What became of the attempt to write it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WriteOutcome {
    /// It is written, or has no folder.
    Done,
    /// Another process writes it.
    Refused,
}

/// `alerts.json` in the state folder; without a folder, nothing survives.
pub struct StateFile {
    path: Option<PathBuf>,
    /// Held by the process that writes the file.
    lock: Option<File>,
    /// What this process has read or written last.
    known: Option<Vec<u8>>,
}

impl StateFile {
    /// `$STATE_DIRECTORY` of a service, else `$XDG_STATE_HOME/manytop`, else below `~/.local/state`.
    pub fn of_environment() -> StateFile {
        let absolute =
            |path: Option<OsString>| path.map(PathBuf::from).filter(|path| path.is_absolute());
        let variable = |name| absolute(std::env::var_os(name));
        let folder = variable("STATE_DIRECTORY")
            .or_else(|| Some(variable("XDG_STATE_HOME")?.join("manytop")))
            .or_else(|| Some(absolute(file::home())?.join(".local/state/manytop")));
        StateFile::at(folder.map(|folder| folder.join("alerts.json")))
    }

    fn at(path: Option<PathBuf>) -> StateFile {
        StateFile { path, lock: None, known: None }
    }

    /// Reads it; nothing where it is missing.
    ///
    /// # Errors
    /// It cannot be read, or is something else: in words, with its path.
    pub fn read(&mut self) -> Result<SavedAlerts, String> {
        let Some(path) = &self.path else { return Ok(SavedAlerts::default()) };
        let wrong = |error: &dyn std::fmt::Display| {
            format!("{}: {error}; alerts start afresh", path.display())
        };
        let bytes = contents(path).map_err(|error| wrong(&error))?;
        let Some(bytes) = bytes else { return Ok(SavedAlerts::default()) };
        let saved = SavedAlerts::parse(&String::from_utf8_lossy(&bytes));
        self.known = Some(bytes);
        saved.map_err(|error| wrong(&error))
    }

    /// Whether this process writes the file, from now on until it ends.
    ///
    /// # Errors
    /// The folder or the lock beside the file cannot be written.
    pub fn claim(&mut self) -> Result<bool, String> {
        let Some(path) = &self.path else { return Ok(true) };
        if self.lock.is_none() {
            self.lock = lock(path).map_err(|error| not_written(path, &error))?;
        }
        Ok(self.lock.is_some())
    }

    /// What another process has written since this one read or wrote it, for the first write of this one.
    pub fn foreign(&mut self) -> Option<SavedAlerts> {
        let bytes = contents(self.path.as_ref()?).ok()??;
        let is_foreign = self.known.as_ref() != Some(&bytes);
        is_foreign.then(|| SavedAlerts::parse(&String::from_utf8_lossy(&bytes)).ok())?
    }

    /// Whether this process has claimed the file.
    pub fn is_claimed(&self) -> bool {
        self.path.is_none() || self.lock.is_some()
    }

    /// Writes it, whole or not at all, where this process may.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn write(&mut self, saved: &SavedAlerts) -> Result<WriteOutcome, String> {
        if !self.claim()? {
            return Ok(WriteOutcome::Refused);
        }
        let Some(path) = &self.path else { return Ok(WriteOutcome::Done) };
        let bytes = saved.to_text().into_bytes();
        file::replace(path, &bytes, Existing::Replace)
            .map_err(|error| not_written(path, &error))?;
        self.known = Some(bytes);
        Ok(WriteOutcome::Done)
    }
}

fn not_written(path: &Path, error: &io::Error) -> String {
    format!("{} is not written: {error}", path.display())
}

/// The bytes of the file; `None` without one.
fn contents(path: &Path) -> Result<Option<Vec<u8>>, ReadError> {
    match file::read(path, file::LIST) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.is_missing() => Ok(None),
        Err(error) => Err(error),
    }
}

/// The lock beside the file, which is replaced when it is written; `None`: another process holds it.
fn lock(path: &Path) -> io::Result<Option<File>> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(path.with_extension("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_process_writes_it_and_the_next_one_sees_what_it_wrote() {
        let folder = std::env::temp_dir().join(format!("manytop-state-{}", std::process::id()));
        let file = || StateFile::at(Some(folder.join("alerts.json")));
        let (mut first, mut second) = (file(), file());
        assert_eq!(first.read(), Ok(SavedAlerts::default()));
        let saved = SavedAlerts::parse(
            r#"{"version": 1, "acknowledged": [{"source": "db", "at_ms": 1}], "firing": []}"#,
        );
        let saved = saved.unwrap();
        assert_eq!(second.write(&saved), Ok(WriteOutcome::Done));
        assert_eq!(first.write(&SavedAlerts::default()), Ok(WriteOutcome::Refused));
        assert_eq!(second.foreign(), None);
        drop(second);
        assert_eq!(first.claim(), Ok(true));
        assert_eq!(first.foreign(), Some(saved), "it was written after this one has read it");
        assert_eq!(first.write(&SavedAlerts::default()), Ok(WriteOutcome::Done));
        assert_eq!(first.foreign(), None);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
