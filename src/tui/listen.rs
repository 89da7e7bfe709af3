//! Threads that wait for what happens to the terminal.

use super::{
    TuiEvent,
    input::Input,
    key_gate::KeyGate,
    terminal::{self, InputReader},
};
use crate::system::{
    signals::{
        SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2, SIGWINCH, Signals,
        ignores_hang_up,
    },
    tty,
};
use std::{
    io,
    sync::{Arc, mpsc::Sender},
    thread,
    time::Duration,
};

/// After a signal that ends it, a program with a blocked terminal ends all the same: so much
/// later that the answers of its exporter that are under way are given first.
const GRACE: Duration = Duration::from_secs(4);

/// Threads that wait for keys, for signals, and for the end of the terminal.
pub(super) fn listen(events: Sender<TuiEvent>) -> io::Result<Arc<KeyGate>> {
    // all that would end it, so that the screen is given back first; HUP ends nothing that nohup started
    let hang_up = (!ignores_hang_up()).then_some(SIGHUP);
    let ends = [SIGTERM, SIGINT, SIGQUIT, SIGUSR1, SIGUSR2].into_iter().chain(hang_up);
    let ends: Vec<i32> = ends.collect();
    let all = [&*ends, &[SIGTSTP, SIGCONT, SIGWINCH]].concat();
    let mut signals = Signals::new(&all)?;
    let gone = events.clone();
    tty::when_own_is_gone(move || drop(gone.send(TuiEvent::Input(Input::Gone))))?;
    let keys = events.clone();
    thread::Builder::new().name("signals".into()).stack_size(64 * 1024).spawn(move || {
        for signal in signals.forever() {
            let event = match signal {
                SIGWINCH => TuiEvent::Input(Input::Resize),
                signal => TuiEvent::Signal(signal),
            };
            if events.send(event).is_err() {
                return;
            }
            if ends.contains(&signal) && signal != SIGUSR2 {
                thread::sleep(GRACE);
                terminal::give_up(); // nobody reads it: what was to be written never will be
                std::process::exit(128 + signal);
            }
        }
    })?;
    let gate = Arc::new(KeyGate::new()?);
    let opened = gate.clone();
    thread::Builder::new().name("keys".into()).stack_size(128 * 1024).spawn(move || {
        let mut reader = InputReader::new();
        loop {
            let input = reader.read(&opened);
            if keys.send(TuiEvent::Input(input)).is_err() || input == Input::Gone {
                return;
            }
        }
    })?;
    Ok(gate)
}
