//! manytop: a terminal dashboard for one machine or a thousand.
//!
//! The application around the library: command line, screen, one-shot output. A program that brings
//! plugins of its own names their crate, `use my_plugins as _;`, and calls [`main`].

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod alerts;
mod cli;
mod config;
mod exporter;
#[doc(hidden)]
pub mod frames;
mod hooks;
mod log;
mod messages;
mod picture;
mod recording;
mod system;
mod tui;

// named so that they are linked: the plugins of an unreferenced crate are missing
use manytop_providers as _;
use manytop_widgets as _;

/// What the generated reference is made of, besides the registry: for the test that makes it.
#[doc(hidden)]
pub mod reference {
    pub use crate::{
        cli::command,
        tui::bindings::{Binding, Bindings, Scope},
    };
}

use crate::{
    cli::check,
    config::setup::{self, SetupError},
    tui::terminal,
};
use manytop_core::masking;
use std::{
    panic::{self, AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    sync::{Mutex, PoisonError},
};

/// What the last panic said, to be printed once the screen is given back.
static LAST_PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Runs manytop with all plugins that are linked into the program.
pub fn main() -> ExitCode {
    manytop_core::start_clock();
    remember_panics();
    let cli = match cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    // a monitoring system takes 1 and 2 for a host that is not well, and any status above 3 for an error of its own
    let wrong =
        |code| if matches!(cli.task, cli::CliTask::Check(_)) { check::UNKNOWN } else { code };
    let (usage, runtime) = (wrong(2), wrong(1));
    let ended = catch_unwind(AssertUnwindSafe(|| setup::run(cli)));
    terminal::restore();
    match ended {
        Ok(Ok(code)) => code,
        Ok(Err(SetupError::Usage(text))) => complain(&text, usage),
        Ok(Err(SetupError::Runtime(error))) => complain(&error.to_string(), runtime),
        Err(_) => {
            let said = LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner).take();
            complain(&format!("broke: {}", said.unwrap_or_default()), runtime)
        }
    }
}

/// Prints help or version, or what is wrong with the command line. clap repeats arguments as they are: an error is
/// made of the same arguments without secrets and control characters.
fn usage(error: &clap::Error) -> ExitCode {
    let wrong = |code| if cli::is_check() { check::UNKNOWN } else { code };
    if error.exit_code() == 0 {
        return match messages::print(&error.to_string()) {
            Ok(()) => ExitCode::SUCCESS,
            Err(e) => complain(&e.to_string(), wrong(1)),
        };
    }
    let args = std::env::args_os().map(|arg| masking::argument(&arg.to_string_lossy()).into());
    let text = cli::parse(args).err().map_or_else(|| error.to_string(), |e| e.to_string());
    complain(text.trim_end(), wrong(error.exit_code() as u8))
}

fn complain(text: &str, code: u8) -> ExitCode {
    messages::tell(text);
    ExitCode::from(code)
}

/// A panic must not write over the screen: with one, it goes to the log.
fn remember_panics() {
    panic::set_hook(Box::new(|info| {
        let text = info.to_string();
        if terminal::is_taken() {
            log::Log::new(u64::MAX).line(&text);
        }
        *LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
    }));
}
