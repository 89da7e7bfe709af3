//! Files: one bounded way to read them, one way to replace them whole or not at all.
//!
//! A FIFO or socket where a file is expected hangs its reader, a device may never end, and opening one can have
//! effects. So a path is looked at before it is opened, no read waits, and none goes past a size.

mod replace;
mod stream;
mod trust;

pub use replace::{Existing, replace};
pub use stream::{is_pipe, read_argument, read_stream};
pub use trust::open_to_others;

use std::{
    fmt,
    fs::{File, FileType, Metadata, OpenOptions},
    io::{self, Read},
    path::Path,
    time::Duration,
};

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

/// What a path is that is not a regular file.
#[cfg(unix)]
fn irregular(kind: FileType) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt;
    match kind {
        kind if kind.is_file() => None,
        kind if kind.is_dir() => Some("a folder"),
        kind if kind.is_fifo() => Some("a FIFO"),
        kind if kind.is_socket() => Some("a socket"),
        _ => Some("a device"),
    }
}

#[cfg(not(unix))]
fn irregular(kind: FileType) -> Option<&'static str> {
    match kind {
        kind if kind.is_file() => None,
        kind if kind.is_dir() => Some("a folder"),
        _ => Some("a device"),
    }
}

/// Some files of /proc and /sys block their reader as a FIFO does, unless they are opened like this.
#[cfg(unix)]
fn non_blocking(path: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt;
    let flags = rustix::fs::OFlags::NONBLOCK | rustix::fs::OFlags::NOCTTY;
    OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open(path)
}

#[cfg(not(unix))]
fn non_blocking(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(path)
}

/// Whether this is the device that is always empty.
#[cfg(unix)]
fn is_null(about: &Metadata) -> bool {
    use std::os::unix::fs::{FileTypeExt, MetadataExt};
    about.file_type().is_char_device()
        && std::fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == about.rdev())
}

#[cfg(not(unix))]
fn is_null(_: &Metadata) -> bool {
    false
}

#[cfg(test)]
mod tests;
