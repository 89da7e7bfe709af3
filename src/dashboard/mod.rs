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
mod journal;
mod overlay;
pub mod parts;
mod screen;
#[cfg(test)]
mod sizes;
mod status;

use crate::{
    exporter::{Export, Exporter, page::Contents},
    headless::NEXT_START,
    load::Loaded,
    log::Log,
    reload::{Reloaded, Reloader},
    terminal::{self, Input},
};
use board::{Board, Effect, Wanted};
use manytop_core::{
    clock::Moment,
    config::{Request, globals},
    engine::{Demands, Engine},
    source::Source,
    view::Snapshot,
};
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

/// After a signal that ends it, a program whose terminal takes nothing any more ends all the same: so much
/// later that the answers of its exporter that are under way are given first.
const GRACE: Duration = Duration::from_secs(4);

enum Event {
    Input(Input),
    View,
    Signal(i32),
    /// The config was read again, or could not be.
    Reloaded(Result<Box<Reloaded>, String>),
}

/// Runs until a person ends it, or a signal does.
pub fn run(
    mut loaded: Loaded,
    request: Request,
    export: Option<Export>,
    log: Log,
) -> io::Result<ExitCode> {
    let (events, inbox) = mpsc::channel();
    let colors = terminal::has_colors();
    let screen = terminal::Screen::take()?;
    let reloader = {
        let events = events.clone();
        // when nobody listens any more, there is nothing to reload
        Reloader::start(request, &mut loaded, true, move |reloaded| {
            let _ = events.send(Event::Reloaded(reloaded));
        })?
    };
    let Loaded { config, instances, parts, notes, .. } = loaded;
    let mut frame = config.globals.get(&globals::UPDATEINTERVAL);
    let mut port = config.globals.get(&globals::METRICSEXPORTPORT);
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
    let told = export.as_ref().map(|export| export.listening.told.clone());
    let mut exporter = export.map(|export| export.start(&engine, &parts.registry));
    let mut screen = screen; // given back before the exporter, at its end, waits for the answers under way
    let mut board = Board::new(parts, &snapshot).map_err(io::Error::other)?;
    board.journal.log = Some(log);
    for note in notes {
        board.warn(note, Moment::now());
    }
    if let Some(told) = told {
        board.journal.tell(&told);
        board.say(told, Moment::now());
    }
    let mut wanted: Option<Wanted> = None;
    let mut demanded = false;
    loop {
        board.adapt(&snapshot, Moment::now());
        screen.draw(|area, buffer| {
            board.draw(&snapshot, Moment::now(), area, buffer);
            if !colors {
                terminal::without_colors(buffer);
            }
        })?;
        let wants = board.wants();
        if !demanded || wanted.as_ref() != Some(&wants) {
            demand(&engine, &board, exporter.as_ref(), frame);
            if let (None, Some(exporter)) = (&wanted, &exporter) {
                exporter.begin(&engine);
            }
            (wanted, demanded) = (Some(wants), true);
        }
        // everything that has happened since the last frame goes into the next one
        let mut next = inbox.recv().ok();
        let mut draw = false;
        while let Some(event) = next {
            let effect = match event {
                Event::View => {
                    untaken.store(false, Ordering::SeqCst);
                    snapshot = engine.view();
                    board.journal.watch(&snapshot, Moment::now());
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
                Event::Signal(SIGUSR2) => Effect::Reload,
                Event::Reloaded(Ok(reloaded)) => {
                    let Reloaded { told, loaded } = *reloaded;
                    let Loaded { config, instances, parts, notes, .. } = loaded;
                    if let Some(log) = &mut board.journal.log {
                        log.limit(config.globals.get(&globals::MAXLOGSIZE));
                    }
                    if let Some(exporter) = &mut exporter {
                        exporter.tell(Contents::of(&config.globals), &parts.registry);
                    }
                    match board.reload(parts) {
                        Ok(()) => {
                            engine.reconfigure(instances);
                            frame = config.globals.get(&globals::UPDATEINTERVAL);
                            demanded = false;
                            let now = config.globals.get(&globals::METRICSEXPORTPORT);
                            let other = (now != port).then(|| NEXT_START.to_owned());
                            port = now;
                            let told = format!("config read again: {told}");
                            board.journal.tell(&told);
                            board.say(told, Moment::now());
                            for line in notes.into_iter().chain(other) {
                                board.warn(line, Moment::now());
                            }
                        }
                        Err(wrong) => refuse(&wrong, &mut board),
                    }
                    Effect::Draw
                }
                Event::Reloaded(Err(wrong)) => {
                    refuse(&wrong, &mut board);
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
                Effect::Reload => reloader.now(),
                Effect::Acknowledge(source) => {
                    acknowledge(source, &snapshot, &engine, &mut board);
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

/// A person knows that a source is stale or down, or wants to hear of it again.
fn acknowledge(source: Source, snapshot: &Snapshot, engine: &Engine, board: &mut Board) {
    let now = Moment::now();
    let Some(known) = snapshot.find(&source) else { return };
    let text = match (known.state(now), known.acknowledged) {
        (state, _) if !state.is_old() => {
            return board.say(format!("{source} is {state}: nothing to acknowledge"), now);
        }
        (state, false) => format!("acknowledged until it recovers: {source} is {state}"),
        (state, true) => format!("no longer acknowledged: {source} is {state}"),
    };
    board.journal.tell(&text);
    board.say(text, now);
    engine.acknowledge(source, !known.acknowledged);
}

/// The config that was saved is not taken: what is wrong with it, while the old one goes on. The log has
/// all of it; on the screen there is room for the first, and for the file's own name.
fn refuse(wrong: &str, board: &mut Board) {
    for line in wrong.lines() {
        board.journal.warn(&format!("config not read again: {line}"));
    }
    let first = wrong.lines().next().unwrap_or_default();
    let (place, what) = first.split_once(": ").unwrap_or(("", first));
    let place = place.rsplit('/').next().unwrap_or_default();
    let colon = if place.is_empty() { "" } else { ": " };
    let problems = match wrong.lines().count() {
        0 | 1 => "1 problem".to_owned(),
        n => format!("{n} problems"),
    };
    board.say(format!("config refused, {problems}: {place}{colon}{what}"), Moment::now());
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
            if ends.contains(&signal) && signal != SIGUSR2 {
                thread::sleep(GRACE);
                terminal::give_up(); // nobody reads it: what was to be written never will be
                std::process::exit(128 + signal);
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
