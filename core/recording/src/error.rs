//! What can be wrong with a recording.

use std::{fmt, io, path::Path};

/// What is wrong with the bytes of a block, as a predicate: `ends too early`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Damage(pub(crate) &'static str);

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// Why a folder cannot be read or written as a recording, in words for a person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordingError(String);

impl RecordingError {
    pub(crate) fn new(text: impl Into<String>) -> RecordingError {
        RecordingError(text.into())
    }

    /// `cannot read PATH: REASON`.
    pub(crate) fn io(what: &str, path: &Path, error: &io::Error) -> RecordingError {
        RecordingError(format!("cannot {what} {}: {error}", path.display()))
    }
}

impl fmt::Display for RecordingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for RecordingError {}
