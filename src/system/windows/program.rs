//! Limits of this program, and programs that it starts.

use std::{
    os::windows::process::CommandExt,
    process::{Child, Command},
};

/// Without the console's ^C.
const NEW_GROUP: u32 = 0x0000_0200;

/// Changes nothing: handles have no limit that a program could raise.
pub fn take_descriptors() {}

/// Keeps ^C of the console from a program that will be started.
pub fn in_own_group(command: &mut Command) -> &mut Command {
    command.creation_flags(NEW_GROUP)
}

/// Ends a program. What it has started goes on: only a job object would end it, which needs unsafe code.
pub fn kill_with_children(child: &mut Child) {
    let _ = child.kill();
}
