//! Pipes that a thread each reads: without unsafe code none here can be asked whether there is something in it.

use std::{
    io::{self, Read},
    os::windows::process::CommandExt,
    process::{Child, Command},
    sync::mpsc::{Receiver, RecvTimeoutError, sync_channel},
    thread,
    time::Duration,
};

/// So many bytes are read at once.
const PART: usize = 16 * 1024;
/// So many parts wait; then the program waits.
const WAITING: usize = 4;
/// How often pipes are looked at.
const LOOK: Duration = Duration::from_millis(5);
/// So long the thread may take for the rest of a program that has ended: others may hold its pipe open.
const REST: Duration = Duration::from_millis(200);
/// Without the console's ^C.
const NEW_GROUP: u32 = 0x0000_0200;

/// What a program prints into.
pub struct Pipe(Receiver<Vec<u8>>);

impl Pipe {
    /// Takes a pipe of a program that runs.
    ///
    /// # Errors
    /// There is no thread for it.
    pub fn new(mut pipe: impl Read + Send + 'static) -> io::Result<Pipe> {
        let (parts, inbox) = sync_channel(WAITING);
        let read = move || {
            let mut part = vec![0; PART];
            while let Ok(count @ 1..) = pipe.read(&mut part) {
                if parts.send(part[..count].to_vec()).is_err() {
                    return;
                }
            }
        };
        thread::Builder::new().name("pipe".into()).stack_size(64 * 1024).spawn(read)?;
        Ok(Pipe(inbox))
    }

    /// Takes `room` bytes of what there is, or somewhat more; of a program that has ended, what the thread still has to
    /// hand over. Returns whether more may come.
    pub fn drain(&mut self, into: &mut Vec<u8>, room: usize, has_ended: bool) -> bool {
        let before = into.len();
        let patience = if has_ended { REST } else { Duration::ZERO };
        while into.len() - before < room {
            match self.0.recv_timeout(patience) {
                Ok(part) => into.extend_from_slice(&part),
                Err(RecvTimeoutError::Timeout) => return true,
                Err(RecvTimeoutError::Disconnected) => return false,
            }
        }
        true
    }
}

/// Waits for a moment, after which there may be something in one of these.
pub fn wait<'a>(_: impl Iterator<Item = &'a Pipe>, at_most: Duration) {
    thread::sleep(LOOK.min(at_most));
}

/// Keeps ^C of the console from a program that will be started.
pub fn in_own_group(command: &mut Command) -> &mut Command {
    command.creation_flags(NEW_GROUP)
}

/// Ends a program. What it has started goes on: only a job object would end it, which needs unsafe code.
pub fn kill(child: &mut Child) {
    let _ = child.kill();
}
