//! Pipes: what the command line may name instead of a file, as in `-C <(sed … manytop.conf)`.

use super::{PIPE, PIPE_TIME, ReadError};
use std::{path::Path, time::Duration};

/// What a path of the command line holds: a regular file, or a pipe, of which [`PIPE`] bytes within
/// [`PIPE_TIME`]. The flag says that it was a pipe, which cannot be read a second time.
///
/// # Errors
/// As [`super::read`], and a pipe that does not end in time.
pub fn read_argument(path: &Path, most: u64) -> Result<(Vec<u8>, bool), ReadError> {
    if !is_pipe(path) {
        return Ok((super::read(path, most)?, false));
    }
    Ok((read_stream(super::non_blocking(path)?, most.min(PIPE), Some(PIPE_TIME))?, true))
}

/// Whether a path leads to a pipe.
#[cfg(unix)]
pub fn is_pipe(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt;
    std::fs::metadata(path).is_ok_and(|about| about.file_type().is_fifo())
}

/// Whether a path leads to a pipe; here no path does.
#[cfg(not(unix))]
pub fn is_pipe(_: &Path) -> bool {
    false
}

/// What comes through an open pipe up to its end: at most `most` bytes, within that time where there is one.
///
/// # Errors
/// It is too much, or does not end in time.
#[cfg(unix)]
pub fn read_stream(
    from: impl std::os::fd::AsFd,
    most: u64,
    within: Option<Duration>,
) -> Result<Vec<u8>, ReadError> {
    use rustix::{
        event::{PollFd, PollFlags, Timespec, poll},
        io::Errno,
    };
    let until = within.map(|within| std::time::Instant::now() + within);
    let mut bytes = Vec::new();
    let mut part = [0; 16 * 1024];
    loop {
        let left = until.map(|until| until.saturating_duration_since(std::time::Instant::now()));
        let wait = left.map(|left| Timespec {
            tv_sec: left.as_secs() as _,
            tv_nsec: left.subsec_nanos() as _,
        });
        // a FIFO that nothing has opened for writing yet is not at its end
        let ready = match poll(&mut [PollFd::new(&from, PollFlags::IN)], wait.as_ref()) {
            Err(Errno::INTR) => continue,
            ready => ready.map_err(std::io::Error::from)?,
        };
        if ready == 0 {
            return Err(ReadError::Late(within.unwrap_or_default()));
        }
        match rustix::io::read(&from, &mut part) {
            Ok(0) => return Ok(bytes),
            Ok(n) => bytes.extend_from_slice(&part[..n]),
            Err(Errno::INTR | Errno::AGAIN) => {}
            Err(error) => return Err(std::io::Error::from(error).into()),
        }
        if bytes.len() as u64 > most {
            return Err(ReadError::TooLarge(most));
        }
        if left.is_some_and(|left| left.is_zero()) {
            return Err(ReadError::Late(within.unwrap_or_default()));
        }
    }
}

/// What comes up to the end, at most `most` bytes.
///
/// # Errors
/// It is too much.
#[cfg(not(unix))]
pub fn read_stream(
    from: impl std::io::Read,
    most: u64,
    _: Option<Duration>,
) -> Result<Vec<u8>, ReadError> {
    super::bounded(from, most)
}
