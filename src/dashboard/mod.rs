//! The dashboard on a terminal: waits for keys, pictures and signals, and draws.
//!
//! ```text
//! keys ─┐
//! views ┼─▶ one channel ─▶ board ─▶ frame ─▶ terminal
//! signals ┘
//! ```

pub mod board;
pub mod frame;
pub mod help;
pub mod parts;
mod screen;
#[cfg(test)]
mod sizes;
mod status;

use crate::{
    exporter::{Export, Exporter},
    log::Log,
    terminal::{self, Input},
};
use board::{Board, Effect};
use manytop_core::{
    clock::Moment,
    engine::{Demands, Engine, Instance},
    widget::Wants,
};
use parts::Parts;
use rustix::process::{Signal, getpid, kill_process};
use signal_hook::{
    consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGUSR1, SIGUSR2},
    iterator::Signals,
};
use std::{
    io,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Sender},
    },
    thread,
    time::Duration,
};

enum Event {
    Input(Input),
    View,
    Signal(i32),
}

/// Runs until a person ends it, or a signal does.
pub fn run(
    instances: Vec<Instance>,
    parts: Parts,
    export: Option<Export>,
    frame: Duration,
    mut notes: Vec<String>,
    mut log: Log,
) -> io::Result<ExitCode> {
    let (events, inbox) = mpsc::channel();
    let colors = terminal::has_colors();
    let screen = terminal::Screen::take()?;
    let untaken = Arc::new(AtomicBool::new(false));
    let engine = {
        let (events, untaken) = (events.clone(), untaken.clone());
        Engine::start(instances, move || {
            // a picture that was not taken yet is replaced by the next
            if !untaken.swap(true, Ordering::SeqCst) {
                let _ = events.send(Event::View);
            }
        })?
    };
    listen(events)?;
    let mut snapshot = engine.view();
    notes.extend(export.as_ref().map(|export| export.listening.told.clone()));
    let exporter = export.map(|export| export.start(&engine, &parts.registry));
    let mut screen = screen; // given back before the exporter, at its end, waits for the answers under way
    let mut board = Board::new(parts, &snapshot).map_err(io::Error::other)?;
    for note in &notes {
        log.line(note);
        board.say(note, Moment::now());
    }
    let mut wanted: Option<Vec<Wants>> = None;
    loop {
        board.adapt(&snapshot, Moment::now());
        screen.draw(|area, buffer| {
            board.draw(&snapshot, Moment::now(), area, buffer);
            if !colors {
                terminal::without_colors(buffer);
            }
        })?;
        let wants = board.wants();
        if wanted.as_ref() != Some(&wants) {
            demand(&engine, &board, exporter.as_ref(), frame);
            if let (None, Some(exporter)) = (&wanted, &exporter) {
                exporter.begin(&engine);
            }
            wanted = Some(wants);
        }
        // everything that has happened since the last frame goes into the next one
        let mut next = inbox.recv().ok();
        let mut draw = false;
        while let Some(event) = next {
            let effect = match event {
                Event::View => {
                    untaken.store(false, Ordering::SeqCst);
                    snapshot = engine.view();
                    Effect::Draw
                }
                Event::Input(Input::Gone) | Event::Signal(SIGHUP) => {
                    return Ok(ExitCode::from(128 + SIGHUP as u8));
                }
                Event::Input(Input::Resize) => Effect::Clear,
                Event::Input(Input::Key(key)) => board.on_key(key, &snapshot, Moment::now()),
                Event::Input(Input::Click(x, y)) => {
                    board.on_mouse((x, y), None, &snapshot, Moment::now())
                }
                Event::Input(Input::Wheel(x, y, down)) => {
                    board.on_mouse((x, y), Some(down), &snapshot, Moment::now())
                }
                Event::Signal(SIGTSTP) => Effect::Suspend,
                Event::Signal(SIGCONT) => {
                    screen.enter()?;
                    Effect::Draw
                }
                Event::Signal(signal) => return Ok(ExitCode::from(128 + signal as u8)),
            };
            match effect {
                Effect::None => {}
                Effect::Draw => draw = true,
                Effect::Clear => {
                    screen.clear()?;
                    draw = true;
                }
                Effect::Suspend => {
                    engine.demand(Demands::default()); // nobody looks: nobody is asked
                    terminal::restore();
                    kill_process(getpid(), Signal::STOP)?;
                    screen.enter()?;
                    demand(&engine, &board, exporter.as_ref(), frame);
                    draw = true;
                }
                Effect::Quit => return Ok(ExitCode::SUCCESS),
            }
            next = match inbox.try_recv() {
                Ok(event) => Some(event),
                Err(_) if draw => None,
                Err(_) => inbox.recv().ok(), // nothing looks different: no frame
            };
        }
    }
}

/// What the screen shows is read at its own intervals; what is only exported, when somebody asks.
fn demand(engine: &Engine, board: &Board, exporter: Option<&Exporter>, frame: Duration) {
    let exported = exporter.map(Exporter::demand);
    let demands = board.demands().into_iter().chain(exported).collect();
    engine.demand(Demands { demands, frame: Some(frame) });
}

/// Threads that wait for keys and for signals.
fn listen(events: Sender<Event>) -> io::Result<()> {
    // all that would end it, so that the screen is given back first
    let ends = [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2];
    let mut signals = Signals::new(ends.iter().chain(&[SIGTSTP, SIGCONT]))?;
    let keys = events.clone();
    thread::Builder::new().name("signals".into()).stack_size(64 * 1024).spawn(move || {
        for signal in signals.forever() {
            if events.send(Event::Signal(signal)).is_err() {
                return;
            }
        }
    })?;
    thread::Builder::new().name("keys".into()).stack_size(128 * 1024).spawn(move || {
        loop {
            let input = terminal::read();
            if keys.send(Event::Input(input)).is_err() || input == Input::Gone {
                return;
            }
        }
    })?;
    Ok(())
}
