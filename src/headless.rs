//! Without a screen: exports until a signal ends it, and sleeps while nobody asks. HUP reads the
//! config again. Its files are looked at only where one names hosts, since that is a reason to wake up.

use crate::{
    exporter::{Export, page::Contents},
    load::Loaded,
    reload::{Reloaded, Reloader},
};
use manytop_core::{
    config::{Request, globals},
    engine::{Demands, Engine},
};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};
use std::{
    io::{self, Write},
    process::ExitCode,
    sync::mpsc,
    thread,
};

enum Event {
    Signal(i32),
    /// The config was read again, or could not be.
    Reloaded(Result<Box<Reloaded>, String>),
}

/// Runs until it is told to end; answers under way are given first.
pub fn run(mut loaded: Loaded, request: &Request, export: Export) -> io::Result<ExitCode> {
    let (events, inbox) = mpsc::channel();
    let reloads = events.clone();
    let reloader = Reloader::start(request.clone(), &mut loaded, false, move |reloaded| {
        let _ = reloads.send(Event::Reloaded(reloaded)); // when nobody listens, there is nothing to reload
    })?;
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    thread::Builder::new().name("signals".into()).stack_size(64 * 1024).spawn(move || {
        for signal in signals.forever() {
            if events.send(Event::Signal(signal)).is_err() {
                return;
            }
        }
    })?;
    let mut port = loaded.config.globals.get(&globals::METRICSEXPORTPORT);
    let engine = Engine::start(loaded.instances, || {})?;
    let told = export.listening.told.clone();
    let mut exporter = export.start(&engine, &loaded.parts.registry);
    engine.demand(Demands { demands: vec![exporter.demand()], frame: None });
    exporter.begin(&engine);
    for note in &loaded.notes {
        say("note", note);
    }
    say("", &told);
    while let Ok(event) = inbox.recv() {
        match event {
            Event::Signal(SIGHUP) => reloader.now(),
            Event::Signal(_) => break,
            Event::Reloaded(Ok(reloaded)) => {
                let Loaded { config, instances, parts, notes, .. } = reloaded.loaded;
                engine.reconfigure(instances);
                exporter.tell(Contents::of(&config.globals), &parts.registry);
                engine.demand(Demands { demands: vec![exporter.demand()], frame: None });
                for note in notes {
                    say("note", &note);
                }
                say("config read again", &reloaded.told);
                let now = config.globals.get(&globals::METRICSEXPORTPORT);
                if now != port {
                    say("note", NEXT_START);
                    port = now;
                }
            }
            Event::Reloaded(Err(wrong)) => {
                wrong.lines().for_each(|line| say("config not read again", line));
            }
        }
    }
    drop(exporter); // while the engine still answers
    Ok(ExitCode::SUCCESS)
}

/// What a person is told who has given another port.
pub const NEXT_START: &str = "metricsexportport: the port that is open stays until the next start";

/// A line for who started it; it serves all the same when nobody reads this.
fn say(what: &str, text: &str) {
    let colon = if what.is_empty() { "" } else { ": " };
    let _ = writeln!(io::stderr(), "{what}{colon}{text}");
}
