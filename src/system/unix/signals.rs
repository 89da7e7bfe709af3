//! Signals that this program gets.

use manytop_core::file;
use rustix::process::{Signal, getpid, kill_process};
pub use signal_hook::consts::{
    SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2, SIGWINCH,
};
use std::{io, path::Path};

/// Signals that are waited for.
pub struct Signals(signal_hook::iterator::Signals);

impl Signals {
    /// Catches these from now on.
    ///
    /// # Errors
    /// The system refuses.
    pub fn new(signals: &[i32]) -> io::Result<Signals> {
        signal_hook::iterator::Signals::new(signals).map(Signals)
    }

    /// Each, when it comes.
    pub fn forever(&mut self) -> impl Iterator<Item = i32> {
        self.0.forever()
    }
}

/// Whether this process was started with HUP ignored, as by nohup. Known where there is /proc.
pub fn ignores_hang_up() -> bool {
    let Ok(status) = file::read_text(Path::new("/proc/self/status"), file::SECRET) else {
        return false;
    };
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|digits| u64::from_str_radix(digits.trim(), 16).ok());
    ignored.is_some_and(|signals| signals & 1 != 0) // HUP is the first
}

/// Stops this process until its shell continues it.
///
/// # Errors
/// The system refuses.
pub fn stop() -> io::Result<()> {
    Ok(kill_process(getpid(), Signal::STOP)?)
}
