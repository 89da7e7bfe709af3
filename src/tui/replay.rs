//! A recording on the screen: the dashboard without an engine.

use super::{
    Input, TuiEvent,
    dashboard::{Dashboard, Effect},
    dashboard_config::DashboardConfig,
    listen,
    past::PastScreen,
    terminal::{self, Look},
};
use crate::{
    log::Log,
    system::signals::{self, SIGCONT, SIGHUP, SIGTSTP, SIGUSR2},
};
use manytop_core::{clock::Moment, past::PastStore};
use manytop_recording::ReplayStore;
use std::{
    io,
    process::ExitCode,
    sync::mpsc::{self, RecvTimeoutError},
    time::Duration,
};

/// Shows a recording from a moment on until a person ends it. `loops`: it plays, and begins again at its
/// end.
pub fn run(
    parts: DashboardConfig,
    mut store: ReplayStore,
    at: Moment,
    (frame, loops): (Duration, bool),
    log: Log,
    look: Look,
) -> io::Result<ExitCode> {
    let (events, inbox) = mpsc::channel();
    let mut screen = terminal::TerminalScreen::take(look)?;
    let _gate = listen::listen(events)?;
    let mut snapshot = store.at(at);
    // the keys of time work, however little is kept of the present
    let history = parts.history.or(Some((Duration::from_secs(600), 1 << 25)));
    let parts = DashboardConfig { history, ..parts };
    let mut board = Dashboard::new(parts, &snapshot).map_err(io::Error::other)?;
    if board.wants_background() {
        screen.ask_background();
    }
    board.journal.log = Some(log);
    board.past = PastScreen::replay(Box::new(store), at, Moment::now(), loops);
    if loops {
        board.say("demo: a recording that is built in; P pauses, q quits", Moment::now());
    }
    loop {
        let now = Moment::now();
        if let Some((shown, at)) = board.past.frame(&snapshot, now) {
            snapshot = shown;
            board.adapt(&snapshot, at);
        }
        screen.draw(|area, buffer| board.draw(&snapshot, now, area, buffer))?;
        for notice in board.past.notices() {
            board.warn(notice, now);
        }
        let event = match board.past.is_playing() {
            true => inbox.recv_timeout(frame),
            false => inbox.recv().map_err(RecvTimeoutError::from),
        };
        let now = Moment::now();
        let effect = match event {
            Err(RecvTimeoutError::Timeout) => Effect::Draw,
            Err(RecvTimeoutError::Disconnected) => return Ok(ExitCode::SUCCESS),
            Ok(TuiEvent::Input(Input::Gone) | TuiEvent::Signal(SIGHUP)) => {
                return Ok(ExitCode::from(128 + SIGHUP as u8));
            }
            Ok(TuiEvent::Input(Input::Resize)) => Effect::Clear,
            Ok(TuiEvent::Input(Input::Background(color))) => board.on_background(color),
            Ok(TuiEvent::Input(Input::Key(key))) => board.on_key(key, &snapshot, now),
            Ok(TuiEvent::Input(Input::Click(x, y))) => board.on_mouse((x, y), None, &snapshot, now),
            Ok(TuiEvent::Input(Input::Drag(x, y))) => board.on_drag((x, y)),
            Ok(TuiEvent::Input(Input::Wheel(x, y, down))) => {
                board.on_mouse((x, y), Some(down), &snapshot, now)
            }
            Ok(TuiEvent::Signal(SIGTSTP)) => Effect::Suspend,
            Ok(TuiEvent::Signal(SIGCONT)) => {
                screen.enter()?;
                Effect::Draw
            }
            Ok(TuiEvent::Signal(SIGUSR2)) => Effect::Reload,
            Ok(TuiEvent::Signal(signal)) => return Ok(ExitCode::from(128 + signal as u8)),
            Ok(
                TuiEvent::View
                | TuiEvent::Reloaded(_)
                | TuiEvent::Recorder(_)
                | TuiEvent::Report(..)
                | TuiEvent::Log(_),
            ) => Effect::None,
        };
        match effect {
            Effect::None | Effect::Draw => {}
            Effect::Clear => screen.clear()?,
            Effect::Suspend => {
                terminal::restore();
                let stopped = signals::stop();
                screen.enter()?;
                if let Err(problem) = stopped {
                    board.warn(problem.to_string(), now);
                }
            }
            Effect::Reload => board.say("a replay reads no config again", now),
            Effect::Picture => {
                super::saving::save_picture(&mut board, &snapshot, now, screen.area())
            }
            // nothing is acknowledged or set in the past
            Effect::Acknowledge(..)
            | Effect::Lift(_)
            | Effect::Watch(_)
            | Effect::Signal(_)
            | Effect::Hook(_)
            | Effect::Interval(_)
            | Effect::Option(_) => {}
            Effect::Quit => return Ok(ExitCode::SUCCESS),
        }
    }
}
