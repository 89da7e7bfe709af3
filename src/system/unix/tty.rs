//! Waiting for a terminal, and writing to it.

use rustix::{
    event::{PollFd, PollFlags, poll},
    fs::OFlags,
    io::Errno,
    stdio::{stdin, stdout},
};
use std::{
    fs::{File, OpenOptions},
    io::{self, IsTerminal, Read, Write},
    os::{
        fd::AsFd,
        unix::{fs::OpenOptionsExt, net::UnixStream},
    },
    thread,
};

/// Whether a line feed moves the cursor straight down in raw mode.
pub const LINE_FEED_IS_DOWN: bool = true;

/// The locale where no variable names one.
pub const LOCALE: Option<&str> = None;

/// The name of the terminal in `TERM`, where it says one.
pub fn name() -> Option<String> {
    std::env::var("TERM").ok()
}

/// Prepares the terminal for escape sequences, which it takes anyway.
pub fn prepare() {}

/// Whether there is a terminal that keys can be read from, when standard input is something else.
pub fn has_own_keys() -> bool {
    controlling().is_some()
}

/// The terminal that this process belongs to; `None` for a service.
pub fn controlling() -> Option<File> {
    let flags = OFlags::NONBLOCK | OFlags::NOCTTY;
    OpenOptions::new().read(true).custom_flags(flags.bits() as i32).open("/dev/tty").ok()
}

/// Calls `gone` once, from a thread of its own, when a terminal hangs up: a process in the background gets no
/// signal then, and one that ignores HUP reads and writes in vain.
pub fn when_gone(
    terminal: impl AsFd + Send + 'static,
    gone: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    let watch = move || {
        loop {
            // no event is asked for: these two come without
            let mut polled = [PollFd::new(&terminal, PollFlags::empty())];
            match poll(&mut polled, None) {
                Ok(_) if polled[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) => break,
                Err(Errno::INTR) => {}
                // a system that cannot wait for this sends signals all the same
                _ => return,
            }
        }
        gone();
    };
    thread::Builder::new().name("terminal".into()).stack_size(64 * 1024).spawn(watch).map(drop)
}

/// The same for the terminal that keys come from.
pub fn when_own_is_gone(gone: impl FnOnce() + Send + 'static) -> io::Result<()> {
    match controlling() {
        Some(terminal) => when_gone(terminal, gone),
        None => when_gone(stdin(), gone),
    }
}

/// Where keys come from.
pub struct Keys {
    /// The controlling terminal, where keys do not come from standard input.
    own: Option<File>,
}

impl Keys {
    /// Standard input where that is a terminal, else the controlling terminal.
    pub fn new() -> Keys {
        Keys { own: if io::stdin().is_terminal() { None } else { controlling() } }
    }

    /// Waits until there is something to read, or the bell rings.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn wait(&self, bell: &Bell) -> io::Result<()> {
        let standard = stdin();
        let keys = self.own.as_ref().map_or(standard.as_fd(), File::as_fd);
        let mut polled =
            [PollFd::new(&keys, PollFlags::IN), PollFd::new(&bell.bell, PollFlags::IN)];
        match poll(&mut polled, None) {
            Ok(_) if polled[0].revents().intersects(PollFlags::HUP | PollFlags::ERR) => {
                Err(Errno::IO.into())
            }
            Ok(_) | Err(Errno::INTR) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Ends [`Keys::wait`] from another thread.
pub struct Bell {
    /// Readable once it was rung.
    bell: UnixStream,
    ring: UnixStream,
}

impl Bell {
    /// A bell that is silent.
    ///
    /// # Errors
    /// The system gives no sockets.
    pub fn new() -> io::Result<Bell> {
        let (bell, ring) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        ring.set_nonblocking(true)?;
        Ok(Bell { bell, ring })
    }

    /// Ends the wait that is under way, and the next one, until [`Bell::silence`].
    pub fn ring(&self) {
        // a full socket holds enough to wake the reader
        let _ = (&self.ring).write(&[0]);
    }

    /// What was rung for is over.
    pub fn silence(&self) {
        while matches!((&self.bell).read(&mut [0; 64]), Ok(1..)) {}
    }
}

/// Straight to the terminal: standard output's own buffer would cut a frame at its line feeds.
///
/// # Errors
/// The terminal is gone.
pub fn write(mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match rustix::io::write(stdout(), bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(n) => bytes = &bytes[n..],
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
