//! A gate between the reader of keys and a program that has the terminal for a while.

use std::{
    io::{self, Read, Write},
    os::{
        fd::{AsFd, BorrowedFd},
        unix::net::UnixStream,
    },
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

/// Closed while another program has the terminal.
pub struct KeyGate {
    state: Mutex<GateState>,
    changed: Condvar,
    /// Readable once the gate is to be closed, so that a reader that waits for keys leaves it.
    bell: UnixStream,
    ring: UnixStream,
}

#[derive(Default)]
struct GateState {
    is_closed: bool,
    is_read: bool,
}

/// Keys may be read as long as this lives.
pub struct OpenGate<'a>(&'a KeyGate);

impl KeyGate {
    /// A gate that is open.
    pub fn new() -> io::Result<KeyGate> {
        let (bell, ring) = UnixStream::pair()?;
        bell.set_nonblocking(true)?;
        ring.set_nonblocking(true)?;
        Ok(KeyGate { state: Mutex::default(), changed: Condvar::new(), bell, ring })
    }

    /// Runs a function while no key is read.
    pub fn closed<T>(&self, run: impl FnOnce() -> T) -> T {
        let mut state = self.state();
        state.is_closed = true;
        // a full socket holds enough to wake the reader
        let _ = (&self.ring).write(&[0]);
        while state.is_read {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        drop(state);
        let result = run();
        self.state().is_closed = false;
        self.changed.notify_all();
        result
    }

    /// Waits until keys may be read.
    pub fn open(&self) -> OpenGate<'_> {
        let mut state = self.state();
        while state.is_closed {
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
        state.is_read = true;
        // what was rung for is over
        while matches!((&self.bell).read(&mut [0; 64]), Ok(1..)) {}
        OpenGate(self)
    }

    /// Becomes readable when the gate is to be closed.
    pub fn bell(&self) -> BorrowedFd<'_> {
        self.bell.as_fd()
    }

    fn state(&self) -> MutexGuard<'_, GateState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenGate<'_> {
    fn drop(&mut self) {
        self.0.state().is_read = false;
        self.0.changed.notify_all();
    }
}
