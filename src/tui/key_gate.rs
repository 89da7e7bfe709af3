//! A gate between the reader of keys and a program that has the terminal for a while.

use crate::system::tty::Bell;
use std::{
    io,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
};

/// Closed while another program has the terminal.
pub struct KeyGate {
    state: Mutex<GateState>,
    changed: Condvar,
    /// Rung once the gate is to be closed, so that a reader that waits for keys leaves it.
    bell: Bell,
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
        Ok(KeyGate { state: Mutex::default(), changed: Condvar::new(), bell: Bell::new()? })
    }

    /// Runs a function while no key is read.
    pub fn closed<T>(&self, run: impl FnOnce() -> T) -> T {
        let mut state = self.state();
        state.is_closed = true;
        self.bell.ring();
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
        self.bell.silence();
        OpenGate(self)
    }

    /// Rings when the gate is to be closed.
    pub fn bell(&self) -> &Bell {
        &self.bell
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
