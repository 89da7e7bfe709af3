//! Waiting for the console, and writing to it. crossterm reads its keys.

use crossterm::{ansi_support::supports_ansi, event};
use std::{
    fs::File,
    io::{self, Write},
    time::Duration,
};

/// A wait for keys ends so often, so that another program can have the console.
const LOOK: Duration = Duration::from_millis(250);

/// Whether a line feed moves the cursor straight down in raw mode: the console goes to the first column too.
pub const LINE_FEED_IS_DOWN: bool = false;

/// The locale where no variable names one.
pub const LOCALE: Option<&str> = Some("C.UTF-8");

/// The name of the terminal in `TERM`; without one it is a console, which understands what xterm does and has all
/// colours.
pub fn name() -> Option<String> {
    Some(std::env::var("TERM").unwrap_or_else(|_| "xterm-direct".to_owned()))
}

/// Has the console understand escape sequences.
pub fn prepare() {
    supports_ansi();
}

/// Whether there is a console that keys can be read from, when standard input is something else.
pub fn has_own_keys() -> bool {
    std::fs::OpenOptions::new().read(true).write(true).open("CONIN$").is_ok()
}

/// The terminal that this process belongs to, to wait for its end; a console that goes away says so by a signal.
pub fn controlling() -> Option<File> {
    None
}

/// Never calls `gone`: a console that goes away says so by a signal.
///
/// # Errors
/// None.
pub fn when_gone(_: File, _: impl FnOnce() + Send + 'static) -> io::Result<()> {
    Ok(())
}

/// Never calls `gone`: a console that goes away says so by a signal.
///
/// # Errors
/// None.
pub fn when_own_is_gone(_: impl FnOnce() + Send + 'static) -> io::Result<()> {
    Ok(())
}

/// Where keys come from: the console.
pub struct Keys;

impl Keys {
    /// The console.
    pub fn new() -> Keys {
        Keys
    }

    /// Waits for something to read, for a while.
    ///
    /// # Errors
    /// The console is gone.
    pub fn wait(&self, _: &Bell) -> io::Result<()> {
        event::poll(LOOK).map(drop)
    }
}

/// Ends [`Keys::wait`] from another thread; here that ends by itself.
pub struct Bell;

impl Bell {
    /// A bell.
    ///
    /// # Errors
    /// None.
    pub fn new() -> io::Result<Bell> {
        Ok(Bell)
    }

    /// Changes nothing.
    pub fn ring(&self) {}

    /// Changes nothing.
    pub fn silence(&self) {}
}

/// To the console, as UTF-8 that std makes UTF-16 of.
///
/// # Errors
/// The console is gone.
pub fn write(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    out.write_all(bytes)?;
    out.flush()
}
