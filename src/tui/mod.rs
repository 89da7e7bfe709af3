//! The dashboard on a terminal: waits for keys, pictures and signals, and draws.
//!
//! ```text
//! keys ─┐
//! views ┼─▶ one channel ─▶ board ─▶ frame ─▶ terminal
//! signals ┘
//! ```

mod acknowledge;
mod add_host;
mod alerts;
pub mod background;
pub mod bindings;
pub mod capabilities;
pub mod dashboard;
pub mod dashboard_config;
mod device_log;
pub mod editor;
pub mod explorer;
pub mod frame;
pub mod glyphs;
mod header;
pub mod help;
mod hints;
pub mod input;
mod journal;
mod key_gate;
mod list;
mod listen;
mod niceness;
mod options;
mod overlay;
pub mod paint;
mod palette;
mod panel;
pub mod past;
mod placing;
mod processes;
mod remote_signal;
pub mod replay;
mod saving;
mod screen;
mod signal;
#[cfg(test)]
mod sizes;
pub mod terminal;
mod terminfo;
mod tiny;
mod typed;
mod warnings;

use crate::{
    alerts::{AlertService, Report},
    config::{
        load::Loaded,
        reload::{Reloaded, Reloader},
        setup,
    },
    exporter::{Export, Exporter, headless::NEXT_START, page::Contents},
    hooks,
    log::Log,
    recording::{
        plan::{RecordPlan, known_folders},
        replay::archive,
    },
    system::signals::{self, SIGCONT, SIGHUP, SIGTSTP, SIGUSR2},
    tui::terminal::Look,
};
use dashboard::{Dashboard, DashboardWants, Effect};
use device_log::LogReader;
use input::Input;
use manytop_core::{
    clock::Moment,
    config::{Request, globals},
    engine::{Demands, Engine},
    view::DeviceLog,
};
use manytop_recording::RecorderNote;
use std::{
    io,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Duration,
};

/// What is said at the first start without a config, and never again.
const FIRST_START: &str = "? for keys; : for commands, such as add a host";

enum TuiEvent {
    Input(Input),
    View,
    Signal(i32),
    /// The config was read again, or could not be.
    Reloaded(Result<Box<Reloaded>, String>),
    /// A sink of an alert or the program of a hook says something; `true`: it went wrong.
    Report(String, bool),
    /// The recorder has something to say.
    Recorder(RecorderNote),
    /// The log of a process or a service was read.
    Log(DeviceLog),
}

/// Runs until a person ends it, or a signal does.
pub fn run(
    mut loaded: Loaded,
    request: Request,
    export: Option<Export>,
    record: Option<RecordPlan>,
    log: Log,
    look: Look,
) -> io::Result<ExitCode> {
    let (events, inbox) = mpsc::channel();
    let screen = terminal::TerminalScreen::take(look)?;
    let asked = request.clone();
    let reloader = {
        let events = events.clone();
        // without a receiver there is nothing to reload
        Reloader::start(request, &mut loaded, true, move |reloaded| {
            let _ = events.send(TuiEvent::Reloaded(reloaded));
        })?
    };
    let Loaded { config, instances, parts, notes, rules, .. } = loaded;
    let mut frame = config.globals.get(&globals::UPDATEINTERVAL);
    let mut port = config.globals.get(&globals::METRICSEXPORTPORT);
    let untaken = Arc::new(AtomicBool::new(false));
    let engine = {
        let (events, untaken) = (events.clone(), untaken.clone());
        Engine::start(instances, move || {
            // a picture that was not taken yet is replaced by the next
            if !untaken.swap(true, Ordering::SeqCst) {
                let _ = events.send(TuiEvent::View);
            }
        })?
    };
    let tell_recorder = events.clone();
    let reports = events.clone();
    let report: Report = Arc::new(move |text| drop(reports.send(TuiEvent::Report(text, true))));
    let limits = config.settings().limits;
    let mut alerts = AlertService::start(rules, limits, &engine, report.clone());
    let (hook_events, signal_events, log_events) = (events.clone(), events.clone(), events.clone());
    let mut logs = LogReader::new(Arc::new(move |log| drop(log_events.send(TuiEvent::Log(log)))));
    let gate = listen::listen(events)?;
    let mut snapshot = engine.view();
    let told = export.as_ref().map(|export| export.listening.told.clone());
    let mut exporter = export.map(|export| export.start(&engine, &parts.registry));
    let mut screen = screen; // given back before the exporter, at its end, waits for the answers under way
    let mut board = Dashboard::new(parts, &snapshot).map_err(io::Error::other)?;
    if board.wants_background() {
        screen.ask_background();
    }
    let is_first = config.files.is_empty() && log.is_first_start();
    board.archive = Some(archive(known_folders(&config), board.parts.registry.clone()));
    board.config = Some(config);
    board.journal.log = Some(log);
    if is_first {
        board.say(FIRST_START, Moment::now());
    }
    for note in notes {
        board.warn(note, Moment::now());
    }
    if let Some(told) = told {
        board.journal.tell(&told);
        board.say(told, Moment::now());
    }
    board.acknowledged = alerts.acknowledged().to_vec();
    let record = record
        .map(|plan| plan.start(move |note| drop(tell_recorder.send(TuiEvent::Recorder(note)))));
    let recording = match record.transpose() {
        Ok(recording) => recording,
        // the screen is there all the same
        Err(error) => {
            board.warn(format!("record: {error}"), Moment::now());
            None
        }
    };
    if let Some(recording) = &recording {
        board.journal.tell(&recording.told);
        recording.alerts_at_start(&alerts.board().firing);
        recording.tap(&engine);
    }
    let mut wanted: Option<DashboardWants> = None;
    let mut demanded = false;
    loop {
        let now = snapshot.moment(Moment::now(), frame);
        board.adapt(&snapshot, now);
        screen.draw(|area, buffer| {
            board.draw(&snapshot, now, area, buffer);
        })?;
        logs.ask(board.wanted_log(&snapshot, now));
        let wants = board.wants();
        if !demanded || wanted.as_ref() != Some(&wants) {
            demand(&engine, &board, exporter.as_ref(), &alerts, frame);
            if let (None, Some(exporter)) = (&wanted, &exporter) {
                exporter.begin(&engine);
            }
            (wanted, demanded) = (Some(wants), true);
        }
        // everything that has happened since the last frame goes into the next one
        let mut next = inbox.recv().ok();
        let mut draw = false;
        while let Some(event) = next {
            let now = snapshot.moment(Moment::now(), frame);
            let effect = match event {
                TuiEvent::View => {
                    untaken.store(false, Ordering::SeqCst);
                    snapshot = engine.view();
                    board.journal.watch(&snapshot, Moment::now());
                    let news = alerts.observe(&snapshot, now, &engine);
                    if news.bell {
                        screen.ring();
                    }
                    alerts::tell(news, &alerts, recording.as_ref(), &mut board);
                    Effect::Draw
                }
                TuiEvent::Input(Input::Gone) | TuiEvent::Signal(SIGHUP) => {
                    return Ok(ExitCode::from(128 + SIGHUP as u8));
                }
                TuiEvent::Input(Input::Resize) => Effect::Clear,
                TuiEvent::Input(Input::Background(color)) => board.on_background(color),
                TuiEvent::Input(Input::Key(key)) => board.on_key(key, &snapshot, now),
                TuiEvent::Input(Input::Click(x, y)) => board.on_mouse((x, y), None, &snapshot, now),
                TuiEvent::Input(Input::Drag(x, y)) => board.on_drag((x, y)),
                TuiEvent::Input(Input::Wheel(x, y, down)) => {
                    board.on_mouse((x, y), Some(down), &snapshot, now)
                }
                TuiEvent::Recorder(RecorderNote::Note(text)) => {
                    board.journal.tell(&text);
                    Effect::None
                }
                TuiEvent::Recorder(RecorderNote::Warning(text)) => {
                    board.warn(text, Moment::now());
                    Effect::Draw
                }
                TuiEvent::Log(log) => board.show_log(log),
                TuiEvent::Signal(SIGTSTP) => Effect::Suspend,
                TuiEvent::Signal(SIGCONT) => {
                    screen.enter()?;
                    Effect::Draw
                }
                TuiEvent::Signal(SIGUSR2) => Effect::Reload,
                TuiEvent::Reloaded(Ok(reloaded)) => {
                    let Reloaded { told, loaded } = *reloaded;
                    let Loaded { config, instances, parts, notes, rules, .. } = loaded;
                    if let Some(log) = &mut board.journal.log {
                        log.limit(config.globals.get(&globals::MAXLOGSIZE));
                    }
                    if let Some(exporter) = &mut exporter {
                        exporter.tell(Contents::of(&config.globals), &parts.registry);
                    }
                    match board.reload(parts) {
                        Ok(()) => {
                            engine.reconfigure(instances);
                            let limits = config.settings().limits;
                            alerts.reload(rules, limits, &engine, &report);
                            if board.wants_background() {
                                screen.ask_background();
                            }
                            frame = board.parts.interval;
                            screen.look.glyphs = setup::screen_glyphs(&config);
                            screen.take_mouse(config.globals.get(&globals::MOUSE))?;
                            demanded = false;
                            board.take_config(config.clone());
                            let now = config.globals.get(&globals::METRICSEXPORTPORT);
                            let other = (now != port).then(|| NEXT_START.to_owned());
                            port = now;
                            let recorded = recording.as_ref().and_then(|recording| {
                                recording.reloaded(&told);
                                recording.next_start(&config).map(str::to_owned)
                            });
                            if !told.is_empty() {
                                board.journal.tell(&told);
                                board.say(told, Moment::now());
                            }
                            for line in notes.into_iter().chain(other).chain(recorded) {
                                board.warn(line, Moment::now());
                            }
                        }
                        Err(wrong) => board.refuse(&wrong),
                    }
                    Effect::Draw
                }
                TuiEvent::Reloaded(Err(wrong)) => {
                    board.refuse(&wrong);
                    Effect::Draw
                }
                TuiEvent::Report(text, warns) => {
                    match warns {
                        true => board.warn(text, now),
                        false => board.say(text, now),
                    }
                    Effect::Draw
                }
                TuiEvent::Signal(signal) => return Ok(ExitCode::from(128 + signal as u8)),
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
                    let stopped = signals::stop();
                    screen.enter()?;
                    if let Err(problem) = stopped {
                        board.warn(problem.to_string(), now);
                    }
                    demand(&engine, &board, exporter.as_ref(), &alerts, frame);
                    draw = true;
                }
                Effect::Reload => reloader.now(),
                Effect::Picture => {
                    saving::save_picture(&mut board, &snapshot, now, screen.area());
                    draw = true;
                }
                Effect::Option(change) => {
                    saving::option(change, &asked, &reloader, &mut board);
                    draw = true;
                }
                Effect::Acknowledge(target, span) => {
                    let (seen, records) = ((&*snapshot, &engine), recording.as_ref());
                    alerts::acknowledge(target, span, seen, &mut alerts, records, &mut board);
                    draw = true;
                }
                Effect::Lift(target) => {
                    alerts::lift(&target, &engine, &mut alerts, recording.as_ref(), &mut board);
                    draw = true;
                }
                Effect::Watch(process) => {
                    alerts::watch(process, &mut alerts, &mut board);
                    demand(&engine, &board, exporter.as_ref(), &alerts, frame);
                    draw = true;
                }
                Effect::Hook(order) if order.screen => {
                    // keys go to the program
                    let ended = gate.closed(|| {
                        terminal::restore();
                        hooks::on_terminal(&order)
                    });
                    screen.enter()?;
                    if let Err(problem) = ended {
                        board.warn(problem, Moment::now());
                    }
                    draw = true;
                }
                Effect::Hook(order) => {
                    board.journal.tell(&format!("hook {}: started", order.name));
                    let done = hook_events.clone();
                    hooks::in_background(order, move |ended| {
                        let warns = ended.is_err();
                        let text = ended.unwrap_or_else(|problem| problem);
                        let _ = done.send(TuiEvent::Report(text, warns));
                    });
                    draw = true;
                }
                Effect::Signal(order) => {
                    order.send(&engine, signal_events.clone());
                    draw = true;
                }
                Effect::Interval(interval) => {
                    frame = interval;
                    demand(&engine, &board, exporter.as_ref(), &alerts, frame);
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

/// What the screen shows is read at its own intervals; what is only exported, at a scrape.
fn demand(
    engine: &Engine,
    board: &Dashboard,
    exporter: Option<&Exporter>,
    alerts: &AlertService,
    frame: Duration,
) {
    let exported = exporter.map(Exporter::demand);
    let demands = board.demands().into_iter().chain(exported).chain(alerts.demands()).collect();
    engine.demand(Demands { demands, frame: Some(frame), past: board.kept_past() });
}
