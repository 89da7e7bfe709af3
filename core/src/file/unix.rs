//! What differs between systems about files: Unix, with modes, owners, FIFOs and devices.

use super::ReadError;
pub use std::os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt};
use std::{
    fs::{File, FileType, Metadata, OpenOptions, Permissions},
    io,
    os::{
        fd::AsFd,
        unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, fchown},
    },
    path::Path,
    time::{Duration, Instant},
};

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    fs::OFlags,
    io::Errno,
};

/// Variables that name the home folder of the user.
pub const HOME: &[&str] = &["HOME"];

/// What a path is that is not a regular file.
pub(super) fn irregular(kind: FileType) -> Option<&'static str> {
    match kind {
        kind if kind.is_file() => None,
        kind if kind.is_dir() => Some("a folder"),
        kind if kind.is_fifo() => Some("a FIFO"),
        kind if kind.is_socket() => Some("a socket"),
        _ => Some("a device"),
    }
}

/// Opening and reading with these waits for nothing: some files of /proc and /sys block their reader as a FIFO does.
fn at_once() -> i32 {
    (OFlags::NONBLOCK | OFlags::NOCTTY).bits() as i32
}

/// Opens what may be a FIFO, for reading.
pub(super) fn non_blocking(path: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).custom_flags(at_once()).open(path)
}

/// Whether this is the device that is always empty.
pub(super) fn is_null(about: &Metadata) -> bool {
    about.file_type().is_char_device()
        && std::fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == about.rdev())
}

/// Gives a new file the mode and the owner of the one that it replaces.
pub(super) fn keep_owner_and_mode(file: &File, old: &Metadata) -> io::Result<()> {
    let new = file.metadata()?;
    let differs = |new: u32, old: u32| (new != old).then_some(old);
    let (user, group) = (differs(new.uid(), old.uid()), differs(new.gid(), old.gid()));
    if user.is_some() || group.is_some() {
        fchown(file, user, group).map_err(|e| {
            let owner = format!("{}:{}", old.uid(), old.gid());
            io::Error::new(e.kind(), format!("its owner {owner} cannot be kept: {e}"))
        })?;
    }
    file.set_permissions(old.permissions())
}

/// Gives a file these permissions, whatever the umask was.
pub fn set_mode(file: &File, mode: u32) -> io::Result<()> {
    if file.metadata()?.permissions().mode() & 0o777 != mode {
        file.set_permissions(Permissions::from_mode(mode))?;
    }
    Ok(())
}

/// Opens a file that grows, readable by its owner alone. A regular file, or a device that takes all: `/dev/null`. A
/// FIFO is not waited for.
///
/// # Errors
/// It cannot be opened, or is something else.
pub fn open_to_append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).append(true).mode(0o600).custom_flags(at_once());
    let file = options.open(path)?;
    let kind = file.metadata()?.file_type();
    match kind.is_file() || kind.is_char_device() {
        true => Ok(file),
        false => Err(io::ErrorKind::InvalidInput.into()),
    }
}

/// What tells a file from another one that takes its name later.
pub fn identity(about: &Metadata) -> (u64, u64) {
    (about.dev(), about.ino())
}

/// Whether all users of this machine can read a regular file.
pub fn is_world_readable(about: &Metadata) -> bool {
    about.is_file() && about.permissions().mode() & 0o004 != 0
}

/// What to do about a file that other users can write, or replace; `None` where they cannot. A group that is
/// its owner's own is not another user, and neither is root.
pub fn open_to_others(path: &Path) -> Option<String> {
    const BY_ALL: u32 = 0o002;
    const BY_GROUP: u32 = 0o020;
    const STICKY: u32 = 0o1000;
    let user = rustix::process::geteuid().as_raw();
    // an own group bears its user's number
    let open = |about: &Metadata| {
        about.mode() & BY_ALL != 0 || about.mode() & BY_GROUP != 0 && about.gid() != about.uid()
    };
    let about = std::fs::metadata(path).ok().filter(Metadata::is_file)?;
    if about.uid() != user && about.uid() != 0 {
        return Some(format!("chown it to the user who runs manytop: {}", path.display()));
    }
    if open(&about) {
        return Some(format!("chmod go-w {}", path.display()));
    }
    let folder = path.canonicalize().ok()?.parent()?.to_owned();
    let about = std::fs::metadata(&folder).ok()?;
    (open(&about) && about.mode() & STICKY == 0).then(|| format!("chmod go-w {}", folder.display()))
}

/// Whether a path leads to a pipe.
pub fn is_pipe(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|about| about.file_type().is_fifo())
}

/// What comes through an open pipe up to its end: at most `most` bytes, within that time where there is one.
///
/// # Errors
/// It is too much, or does not end in time.
pub fn read_stream(
    from: impl AsFd,
    most: u64,
    within: Option<Duration>,
) -> Result<Vec<u8>, ReadError> {
    let until = within.map(|within| Instant::now() + within);
    let mut bytes = Vec::new();
    let mut part = [0; 16 * 1024];
    loop {
        let left = until.map(|until| until.saturating_duration_since(Instant::now()));
        let wait = left.map(|left| Timespec {
            tv_sec: left.as_secs() as _,
            tv_nsec: left.subsec_nanos() as _,
        });
        // a FIFO that nothing has opened for writing yet is not at its end
        let ready = match poll(&mut [PollFd::new(&from, PollFlags::IN)], wait.as_ref()) {
            Err(Errno::INTR) => continue,
            ready => ready.map_err(io::Error::from)?,
        };
        if ready == 0 {
            return Err(ReadError::Late(within.unwrap_or_default()));
        }
        match rustix::io::read(&from, &mut part) {
            Ok(0) => return Ok(bytes),
            Ok(n) => bytes.extend_from_slice(&part[..n]),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(error) => return Err(io::Error::from(error).into()),
        }
        if bytes.len() as u64 > most {
            return Err(ReadError::TooLarge(most));
        }
        if left.is_some_and(|left| left.is_zero()) {
            return Err(ReadError::Late(within.unwrap_or_default()));
        }
    }
}
