//! What is said to a person: the one way to standard output, and the one to standard error, where secrets are masked
//! and control characters replaced. Both write what the locale can show.

use crate::tui::glyphs::{Glyphs, Locale};
use manytop_core::masking;
use std::{
    io::{self, IsTerminal, Write},
    sync::atomic::{AtomicBool, Ordering},
};

/// Whether the config says that texts are ASCII, or UTF-8, whatever the locale is.
static ASCII: AtomicBool = AtomicBool::new(false);
static UTF8: AtomicBool = AtomicBool::new(false);

/// What the key `charset` says of texts from now on.
pub fn set_charset(charset: &str) {
    ASCII.store(charset == "ascii", Ordering::Relaxed);
    UTF8.store(charset == "utf8", Ordering::Relaxed);
}

fn glyphs() -> Glyphs {
    let charset = match (ASCII.load(Ordering::Relaxed), UTF8.load(Ordering::Relaxed)) {
        (true, _) => "ascii",
        (_, true) => "utf8",
        _ => "auto",
    };
    Glyphs::of(charset, &Locale::of_environment(), None)
}

/// Writes a text to standard output.
///
/// # Errors
/// As [`print_bytes`].
pub fn print(text: &str) -> io::Result<()> {
    print_bytes(glyphs().text(text).as_bytes())
}

/// Writes to standard output, all of it. A reader that closes its end has enough; that is not an error.
///
/// # Errors
/// It cannot be written: a full disk, say.
pub fn print_bytes(bytes: &[u8]) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(e) => Err(io::Error::new(e.kind(), format!("cannot write to standard output: {e}"))),
        Ok(()) => Ok(()),
    }
}

/// Writes lines to standard error. The program goes on when they cannot be written.
pub fn tell(text: &str) {
    let text = masking::lines(text);
    let _ = writeln!(io::stderr().lock(), "{}", glyphs().text(&text));
}

/// Notes go to standard error, where they do not disturb what is printed.
pub fn notes<'a>(notes: impl IntoIterator<Item = &'a str>) {
    notes.into_iter().for_each(|note| tell(&format!("note: {note}")));
}

/// Writes to standard output piece by piece. A reader that closes its end has enough; that is not an error.
///
/// # Errors
/// It cannot be written: a full disk, say.
pub fn stream(write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    match write(&mut io::stdout().lock()) {
        Err(e) if e.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(e) => Err(io::Error::new(e.kind(), format!("cannot write to standard output: {e}"))),
        Ok(()) => Ok(()),
    }
}

/// Whether progress is shown: standard error is a terminal, and standard output is not.
pub fn shows_progress() -> bool {
    io::stderr().is_terminal() && !io::stdout().is_terminal()
}

/// Replaces the line of progress on standard error.
pub fn progress(text: &str) {
    let _ = write!(io::stderr().lock(), "\r{text:<8}\r");
}
