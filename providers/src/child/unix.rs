//! Process groups, and pipes that do not block.

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, Signal, kill_process_group},
};
use std::{
    fs::File,
    io::{self, Read},
    os::{fd::OwnedFd, unix::process::CommandExt},
    process::{Child, Command},
    time::Duration,
};

/// What a program prints into.
pub struct Pipe(File);

impl Pipe {
    /// Takes a pipe of a program that runs.
    ///
    /// # Errors
    /// It cannot be made non-blocking.
    pub fn new(pipe: impl Into<OwnedFd>) -> io::Result<Pipe> {
        let file = File::from(pipe.into());
        rustix::io::ioctl_fionbio(&file, true)?;
        Ok(Pipe(file))
    }

    /// Takes at most `room` bytes of what there is; all that a program printed is there when it has ended. Returns
    /// whether more may come.
    pub fn drain(&mut self, into: &mut Vec<u8>, room: usize, _has_ended: bool) -> bool {
        let before = into.len();
        match (&mut self.0).take(room as u64).read_to_end(into) {
            Err(error) => error.kind() == io::ErrorKind::WouldBlock,
            Ok(_) => into.len() - before == room,
        }
    }
}

/// Waits until there is something in one of these, at most that long.
pub fn wait<'a>(pipes: impl Iterator<Item = &'a Pipe>, at_most: Duration) {
    let mut open: Vec<PollFd<'_>> = Vec::with_capacity(2);
    open.extend(pipes.map(|pipe| PollFd::new(&pipe.0, PollFlags::IN)));
    let at_most = Timespec::try_from(at_most).unwrap_or(Timespec { tv_sec: 1, tv_nsec: 0 });
    // interrupted or not, the next round looks again
    let _ = poll(&mut open, Some(&at_most));
}

/// Puts a program that will be started, and all that it starts, into a group of their own.
pub fn in_own_group(command: &mut Command) -> &mut Command {
    command.process_group(0)
}

/// Ends a program of [`in_own_group`] and what it has started.
pub fn kill(child: &mut Child) {
    if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
        let _ = kill_process_group(group, Signal::KILL);
    }
}
