//! Limits of this program, and programs that it starts.

use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process_group, setrlimit};
use std::{
    os::unix::process::CommandExt,
    process::{Child, Command},
};

/// Takes as many descriptors as it may have: a remote needs one, and there may be more of them than the
/// thousand that programs are given unless they ask.
pub fn take_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    // what cannot be had was not there before
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

/// Puts a program that will be started, and all that it starts, into a group that [`kill_with_children`] ends.
pub fn in_own_group(command: &mut Command) -> &mut Command {
    command.process_group(0)
}

/// Ends a program of [`in_own_group`] and what it has started.
pub fn kill_with_children(child: &mut Child) {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(pid) = pid {
        let _ = kill_process_group(pid, Signal::KILL);
    }
}
