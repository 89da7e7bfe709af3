//! Without a screen: exports, records and observes alerts until a signal ends it; with an exporter alone it sleeps
//! between scrapes. Its config files are looked at only
//! where one names hosts, since that is a reason to wake up.
//!
//! A service has no controlling terminal, and HUP reads its config again. Started from a terminal it ends with that, at
//! HUP or when the terminal hangs up, unless HUP was ignored at the start (nohup).

use crate::{
    alerts::{AlertService, Report},
    config::{
        load::Loaded,
        reload::{Reloaded, Reloader},
    },
    exporter::{Export, Exporter, page::Contents},
    messages,
    recording::plan::RecordPlan,
    system::{
        signals::{SIGHUP, SIGINT, SIGTERM, Signals, ignores_hang_up},
        tty,
    },
};
use manytop_core::{
    alerts::AlertRules,
    clock::Moment,
    config::{Request, globals},
    engine::{Demands, Engine},
};
use manytop_recording::RecorderNote;
use std::{
    io,
    process::ExitCode,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

enum HeadlessEvent {
    Signal(i32),
    /// The terminal that it was started from is gone.
    Gone,
    /// The config was read again, or could not be.
    Reloaded(Result<Box<Reloaded>, String>),
    /// There is a new snapshot, for alerts.
    View,
    /// A sink of an alert says something.
    Report(String),
}

/// Runs until it is told to end; answers under way are given first.
pub fn run(
    mut loaded: Loaded,
    request: &Request,
    export: Option<Export>,
    record: Option<RecordPlan>,
) -> io::Result<ExitCode> {
    let (events, inbox) = mpsc::channel();
    let reloads = events.clone();
    let reloader = Reloader::start(request.clone(), &mut loaded, false, move |reloaded| {
        // when nothing listens any more, there is nothing to reload
        let _ = reloads.send(HeadlessEvent::Reloaded(reloaded));
    })?;
    let own = tty::controlling().filter(|_| !ignores_hang_up());
    let has_terminal = own.is_some();
    if let Some(own) = own {
        let events = events.clone();
        tty::when_gone(own, move || drop(events.send(HeadlessEvent::Gone)))?;
    }
    let (views, reports) = (events.clone(), events.clone());
    let mut signals = Signals::new(&[SIGTERM, SIGINT, SIGHUP])?;
    thread::Builder::new().name("signals".into()).stack_size(64 * 1024).spawn(move || {
        for signal in signals.forever() {
            if events.send(HeadlessEvent::Signal(signal)).is_err() {
                return;
            }
        }
    })?;
    let mut port = loaded.config.globals.get(&globals::METRICSEXPORTPORT);
    let engine = Engine::start(loaded.instances, move || drop(views.send(HeadlessEvent::View)))?;
    let report: Report = Arc::new(move |text| drop(reports.send(HeadlessEvent::Report(text))));
    let mut frame = loaded.config.globals.get(&globals::UPDATEINTERVAL);
    let observes = |rules: &AlertRules, records: bool| {
        rules.go_somewhere() || (records && !rules.all.is_empty())
    };
    let mut alerts = observes(&loaded.rules, record.is_some()).then(|| {
        let limits = loaded.config.settings().limits;
        AlertService::start(loaded.rules, limits, &engine, report.clone())
    });
    let mut told: Vec<String> = export.iter().map(|e| e.listening.told.clone()).collect();
    let mut exporter = export.map(|export| export.start(&engine, &loaded.parts.registry));
    demand(&engine, exporter.as_ref(), alerts.as_ref(), frame);
    if let Some(exporter) = &exporter {
        exporter.begin(&engine);
    }
    let recording = record.map(|plan| plan.start(tell_recorder)).transpose();
    let recording = recording.map_err(|error| io::Error::other(format!("record: {error}")))?;
    if let Some(recording) = &recording {
        recording.tap(&engine);
        told.push(recording.told.clone());
        alerts.iter().for_each(|alerts| recording.alerts_at_start(&alerts.board().firing));
    }
    if alerts.is_some() {
        told.push("observing alerts".into());
    }
    for note in &loaded.notes {
        say("note", note);
    }
    if told.is_empty() {
        told.push("observing alerts".to_owned());
    }
    told.iter().for_each(|told| say("", told));
    let mut code = ExitCode::SUCCESS;
    while let Ok(event) = inbox.recv() {
        match event {
            HeadlessEvent::Signal(SIGHUP) if !has_terminal => reloader.now(),
            HeadlessEvent::Signal(SIGHUP) | HeadlessEvent::Gone => {
                code = ExitCode::from(128 + SIGHUP as u8);
                break;
            }
            HeadlessEvent::Signal(_) => break,
            HeadlessEvent::Reloaded(Ok(reloaded)) => {
                let Loaded { config, instances, parts, notes, rules, .. } = reloaded.loaded;
                engine.reconfigure(instances);
                if let Some(exporter) = &mut exporter {
                    exporter.tell(Contents::of(&config.globals), &parts.registry);
                }
                let limits = config.settings().limits;
                frame = config.globals.get(&globals::UPDATEINTERVAL);
                alerts = match alerts.take() {
                    Some(mut alerts) => {
                        alerts.reload(rules, limits, &engine, &report);
                        Some(alerts)
                    }
                    None => observes(&rules, recording.is_some())
                        .then(|| AlertService::start(rules, limits, &engine, report.clone())),
                };
                messages::set_charset(&config.globals.get(&globals::CHARSET));
                demand(&engine, exporter.as_ref(), alerts.as_ref(), frame);
                if let Some(recording) = &recording {
                    recording.reloaded(&format!("config read again: {}", reloaded.told));
                    recording.next_start(&config).into_iter().for_each(|note| say("note", note));
                }
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
            HeadlessEvent::View => {
                if let Some(alerts) = &mut alerts {
                    let news = alerts.observe(&engine.view(), Moment::now(), &engine);
                    recording.iter().for_each(|recording| recording.alerts(&news.events));
                    news.lines.iter().for_each(|(line, _)| say("", line));
                }
            }
            HeadlessEvent::Report(text) => say("", &text),
            HeadlessEvent::Reloaded(Err(wrong)) => {
                wrong.lines().for_each(|line| say("config not read again", line));
            }
        }
    }
    drop(recording);
    drop(exporter); // while the engine still answers
    Ok(code)
}

/// What is exported is read when it is asked for; what alerts observe, at its own intervals.
fn demand(
    engine: &Engine,
    exporter: Option<&Exporter>,
    alerts: Option<&AlertService>,
    frame: Duration,
) {
    let observed = alerts.map(AlertService::demands);
    let exported = exporter.map(Exporter::demand);
    let demands = observed.into_iter().flatten().chain(exported).collect();
    engine.demand(Demands { demands, frame: alerts.map(|_| frame), ..Demands::default() });
}

fn tell_recorder(note: RecorderNote) {
    match note {
        RecorderNote::Note(text) => say("", &text),
        RecorderNote::Warning(text) => say("warning", &text),
    }
}

/// Note shown when `metricsexportport` changed on reload.
pub const NEXT_START: &str = "metricsexportport: the port that is open stays until the next start";

/// A line on standard error at the start; a closed standard error is ignored.
fn say(what: &str, text: &str) {
    let colon = if what.is_empty() { "" } else { ": " };
    messages::tell(&format!("{what}{colon}{text}"));
}
