//! What differs between systems about files: Windows, where a file inherits its permissions from its folder.

use super::ReadError;
use std::{
    fs::{DirBuilder, File, FileType, Metadata, OpenOptions},
    io,
    os::windows::fs::{FileExt as _, MetadataExt},
    path::Path,
    time::Duration,
};

/// Variables that name the home folder of the user; the first that is set counts.
pub const HOME: &[&str] = &["HOME", "USERPROFILE"];

/// Takes a Unix mode, which means nothing here.
pub trait OpenOptionsExt {
    /// Changes nothing: a new file has the permissions of its folder.
    fn mode(&mut self, _: u32) -> &mut Self;
}

impl OpenOptionsExt for OpenOptions {
    fn mode(&mut self, _: u32) -> &mut Self {
        self
    }
}

/// Takes a Unix mode, which means nothing here.
pub trait DirBuilderExt {
    /// Changes nothing: a new folder has the permissions of the one around it.
    fn mode(&mut self, _: u32) -> &mut Self;
}

impl DirBuilderExt for DirBuilder {
    fn mode(&mut self, _: u32) -> &mut Self {
        self
    }
}

/// Reads and writes at a place of a file, as std's trait of this name does on Unix. The file's own position moves.
pub trait FileExt {
    /// Reads some bytes from that place on.
    ///
    /// # Errors
    /// As of `Read::read`.
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize>;

    /// Writes some bytes from that place on.
    ///
    /// # Errors
    /// As of `Write::write`.
    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize>;

    /// Fills the buffer from that place on.
    ///
    /// # Errors
    /// As of `Read::read_exact`.
    fn read_exact_at(&self, mut buffer: &mut [u8], mut at: u64) -> io::Result<()> {
        while !buffer.is_empty() {
            match self.read_at(buffer, at) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => {
                    buffer = &mut buffer[n..];
                    at += n as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Writes all bytes from that place on.
    ///
    /// # Errors
    /// As of `Write::write_all`.
    fn write_all_at(&self, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
        while !bytes.is_empty() {
            match self.write_at(bytes, at) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(n) => {
                    bytes = &bytes[n..];
                    at += n as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl FileExt for File {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize> {
        self.seek_read(buffer, at)
    }

    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize> {
        self.seek_write(bytes, at)
    }
}

/// What a path is that is not a regular file.
pub(super) fn irregular(kind: FileType) -> Option<&'static str> {
    match kind {
        kind if kind.is_file() => None,
        kind if kind.is_dir() => Some("a folder"),
        _ => Some("a device"),
    }
}

/// Opens a file for reading.
pub(super) fn non_blocking(path: &Path) -> io::Result<File> {
    File::open(path)
}

/// Whether this is the device that is always empty; paths of devices have no metadata here.
pub(super) fn is_null(_: &Metadata) -> bool {
    false
}

/// Keeps whether the file that is replaced could be written.
pub(super) fn keep_owner_and_mode(file: &File, old: &Metadata) -> io::Result<()> {
    file.set_permissions(old.permissions())
}

/// Changes nothing: a file has no mode here.
pub fn set_mode(_: &File, _: u32) -> io::Result<()> {
    Ok(())
}

/// Opens a regular file that grows.
///
/// # Errors
/// It cannot be opened, or is something else.
pub fn open_to_append(path: &Path) -> io::Result<File> {
    let file = OpenOptions::new().create(true).append(true).open(path)?;
    match file.metadata()?.is_file() {
        true => Ok(file),
        false => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// What tells a file from another one that takes its name later: when it was made, in units of 100 ns.
pub fn identity(about: &Metadata) -> (u64, u64) {
    (0, about.creation_time())
}

/// Whether all users of this machine can read a regular file: unknown, so that nothing is said of it.
pub fn is_world_readable(_: &Metadata) -> bool {
    false
}

/// What to do about a file that other users can write: unknown, so that nothing is said of it.
pub fn open_to_others(_: &Path) -> Option<String> {
    None
}

/// Whether a path leads to a pipe; here no path of a file does.
pub fn is_pipe(_: &Path) -> bool {
    false
}

/// What comes up to the end, at most `most` bytes; without a deadline.
///
/// # Errors
/// It is too much.
pub fn read_stream(
    from: impl io::Read,
    most: u64,
    _: Option<Duration>,
) -> Result<Vec<u8>, ReadError> {
    super::bounded(from, most)
}
