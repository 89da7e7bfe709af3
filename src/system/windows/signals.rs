//! What ends this program from outside: ^C and ^Break, a closed console, log-off, shutdown.
//! There are no other signals here.

use std::io;
use tokio::{
    runtime::{Builder, Runtime},
    select,
    signal::windows::{
        CtrlBreak, CtrlC, CtrlClose, CtrlLogoff, CtrlShutdown, ctrl_break, ctrl_c, ctrl_close,
        ctrl_logoff, ctrl_shutdown,
    },
};

// numbers of Linux, which scripts know as exit codes less 128
/// Nothing sends it.
pub const SIGHUP: i32 = 1;
/// ^C.
pub const SIGINT: i32 = 2;
/// Nothing sends it.
pub const SIGQUIT: i32 = 3;
/// Nothing sends it.
pub const SIGUSR1: i32 = 10;
/// Nothing sends it.
pub const SIGUSR2: i32 = 12;
/// ^Break, the window is closed, the user logs off, the machine ends.
pub const SIGTERM: i32 = 15;
/// Nothing sends it.
pub const SIGCONT: i32 = 18;
/// Nothing sends it.
pub const SIGTSTP: i32 = 20;
/// Nothing sends it: crossterm reports another size.
pub const SIGWINCH: i32 = 28;

/// What is waited for.
pub struct Signals {
    runtime: Runtime,
    c: CtrlC,
    breaks: CtrlBreak,
    close: CtrlClose,
    logoff: CtrlLogoff,
    shutdown: CtrlShutdown,
}

impl Signals {
    /// Catches all that there are from now on.
    ///
    /// # Errors
    /// The system refuses.
    pub fn new(_: &[i32]) -> io::Result<Signals> {
        let runtime = Builder::new_current_thread().build()?;
        let (c, breaks, close) = (ctrl_c()?, ctrl_break()?, ctrl_close()?);
        let (logoff, shutdown) = (ctrl_logoff()?, ctrl_shutdown()?);
        Ok(Signals { runtime, c, breaks, close, logoff, shutdown })
    }

    /// Each, when it comes.
    pub fn forever(&mut self) -> impl Iterator<Item = i32> {
        std::iter::from_fn(move || {
            let Signals { runtime, c, breaks, close, logoff, shutdown } = &mut *self;
            Some(runtime.block_on(async {
                select! {
                    _ = c.recv() => SIGINT,
                    _ = breaks.recv() => SIGTERM,
                    _ = close.recv() => SIGTERM,
                    _ = logoff.recv() => SIGTERM,
                    _ = shutdown.recv() => SIGTERM,
                }
            }))
        })
    }
}

/// A console that goes away ends its programs, whatever they ignore.
pub fn ignores_hang_up() -> bool {
    false
}

/// Stops this process until its shell continues it; no shell here does.
///
/// # Errors
/// Always.
pub fn stop() -> io::Result<()> {
    Err(io::Error::new(io::ErrorKind::Unsupported, "Windows cannot suspend a program"))
}
