//! Files: one bounded way to read them, one way to replace them whole or not at all.
//!
//! A FIFO or socket where a file is expected hangs its reader, a device may never end, and opening one can have
//! effects. So a path is looked at before it is opened, no read waits, and none goes past a size.

mod replace;
#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod system;

pub use replace::{Existing, replace};
pub use system::{
    DirBuilderExt, FileExt, HOME, OpenOptionsExt, identity, is_pipe, is_world_readable,
    open_to_append, open_to_others, read_stream, set_mode,
};

use std::{
    ffi::OsString,
    fmt,
    fs::{File, Metadata},
    io::{self, Read},
    path::Path,
    time::Duration,
};
use system::{irregular, is_null, non_blocking};

/// The most bytes of a config, a layout, a scheme, a certificate file.
pub const TEXT: u64 = 4 << 20;
/// The most bytes of a file that holds a password or a token.
pub const SECRET: u64 = 64 << 10;
/// The most bytes of a list of hosts or of users.
pub const LIST: u64 = 16 << 20;
/// The most bytes that come through a pipe.
pub const PIPE: u64 = 1 << 20;
/// The longest time that a pipe may take to its end.
pub const PIPE_TIME: Duration = Duration::from_secs(5);

/// Why a file was not read: words that follow its path.
#[derive(Debug)]
pub enum ReadError {
    /// No such file.
    Missing,
    /// Not allowed.
    Denied,
    /// Something else than a regular file: `a folder`, `a FIFO`, `a socket`, `a device`.
    Irregular(&'static str),
    /// More than so many bytes.
    TooLarge(u64),
    /// A pipe without an end within this time.
    Late(Duration),
    /// Not UTF-8, from this line on.
    NotText(u32),
    /// Any other failure.
    Other(io::Error),
}

impl ReadError {
    /// Whether there is no such file.
    pub fn is_missing(&self) -> bool {
        matches!(self, ReadError::Missing)
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> ReadError {
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => ReadError::Missing,
            io::ErrorKind::PermissionDenied => ReadError::Denied,
            _ => ReadError::Other(error),
        }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Missing => f.write_str("no such file"),
            ReadError::Denied => f.write_str("permission denied"),
            ReadError::Irregular(kind) => write!(f, "is {kind}; expected a regular file"),
            ReadError::TooLarge(most) if *most >= 1 << 20 => {
                write!(f, "is larger than {} MiB", most >> 20)
            }
            ReadError::TooLarge(most) => write!(f, "is larger than {} KiB", most >> 10),
            ReadError::Late(after) => {
                write!(f, "did not end within {} s", after.as_secs_f64())
            }
            ReadError::NotText(line) => write!(f, "line {line} is not UTF-8"),
            ReadError::Other(error) => write!(f, "cannot be read: {error}"),
        }
    }
}

impl std::error::Error for ReadError {}

/// The bytes of a regular file, at most `most` of them. `/dev/null` is empty.
///
/// # Errors
/// It is missing, not allowed, not a regular file, or too large.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>, ReadError> {
    let about = std::fs::metadata(path)?;
    if is_null(&about) {
        return Ok(Vec::new());
    }
    regular(&about)?;
    bounded(open(path)?, most)
}

/// What a path of the command line holds: a regular file, or a pipe, of which [`PIPE`] bytes within
/// [`PIPE_TIME`]: `-C <(sed … manytop.conf)`. The flag says that it was a pipe, which cannot be read a second time.
///
/// # Errors
/// As [`read`], and a pipe that does not end in time.
pub fn read_argument(path: &Path, most: u64) -> Result<(Vec<u8>, bool), ReadError> {
    if !is_pipe(path) {
        return Ok((read(path, most)?, false));
    }
    Ok((read_stream(non_blocking(path)?, most.min(PIPE), Some(PIPE_TIME))?, true))
}

/// As [`read`], as text: without a byte order mark.
///
/// # Errors
/// As [`read`], and what is not UTF-8.
pub fn read_text(path: &Path, most: u64) -> Result<String, ReadError> {
    text(read(path, most)?)
}

/// Whether [`read`] would read a path, as far as can be known without opening it: for what others open.
///
/// # Errors
/// As [`read`].
pub fn check(path: &Path, most: u64) -> Result<(), ReadError> {
    let about = std::fs::metadata(path)?;
    match is_null(&about) {
        true => Ok(()),
        false if about.len() > most => Err(ReadError::TooLarge(most)),
        false => regular(&about),
    }
}

/// Opens a regular file without waiting for anything; for files that are read again and again.
///
/// # Errors
/// It cannot be opened, or is not a regular file.
pub fn open(path: &Path) -> io::Result<File> {
    let file = non_blocking(path)?;
    match irregular(file.metadata()?.file_type()) {
        None => Ok(file),
        Some(kind) => {
            Err(io::Error::new(io::ErrorKind::InvalidInput, ReadError::Irregular(kind).to_string()))
        }
    }
}

/// The home folder of the user, where the environment names one.
pub fn home() -> Option<OsString> {
    HOME.iter().find_map(std::env::var_os)
}

/// Bytes as text, without a byte order mark.
///
/// # Errors
/// The first line that is not UTF-8.
pub fn text(bytes: Vec<u8>) -> Result<String, ReadError> {
    let mut text = String::from_utf8(bytes).map_err(|e| {
        let before = &e.as_bytes()[..e.utf8_error().valid_up_to()];
        ReadError::NotText(before.iter().filter(|b| **b == b'\n').count() as u32 + 1)
    })?;
    if text.starts_with('\u{feff}') {
        text.drain(..'\u{feff}'.len_utf8());
    }
    Ok(text)
}

fn regular(about: &Metadata) -> Result<(), ReadError> {
    irregular(about.file_type()).map_or(Ok(()), |kind| Err(ReadError::Irregular(kind)))
}

fn bounded(from: impl Read, most: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    from.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most { Err(ReadError::TooLarge(most)) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests;
