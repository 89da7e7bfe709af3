//! manytop: a terminal dashboard for one machine or a thousand.
//!
//! The application around the library: command line, screen, one-shot output. A program that brings
//! plugins of its own names their crate, `use my_plugins as _;`, and calls [`main`].

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod check;
mod cli;
mod dashboard;
mod discovery;
mod exporter;
mod headless;
mod hosts;
mod layouts;
mod list;
mod load;
mod log;
mod once;
mod paint;
mod processes;
mod reload;
mod schemes;
mod setup;
mod terminal;

// named so that they are linked: a crate that nobody names has no plugins
use manytop_providers as _;
use manytop_widgets as _;

/// What the generated reference is made of, besides the registry: for the test that makes it.
#[doc(hidden)]
pub mod reference {
    pub use crate::{cli::command, dashboard::help::KEYS};
}

use setup::Wrong;
use std::{
    io::{self, Write},
    panic::{self, AssertUnwindSafe, catch_unwind},
    process::ExitCode,
    sync::{Mutex, PoisonError},
};

/// What the last panic said, to be printed once the screen is given back.
static LAST_PANIC: Mutex<Option<String>> = Mutex::new(None);

/// Runs manytop with all plugins that are linked into the program.
pub fn main() -> ExitCode {
    remember_panics();
    let cli = match cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            let help = error.exit_code() == 0;
            let code =
                if cli::is_check() && !help { check::UNKNOWN } else { error.exit_code() as u8 };
            return ExitCode::from(code);
        }
    };
    // who runs a check takes any status but 0 to 3 for one, and 1 and 2 for a host that is not well
    let wrong = |code| if matches!(cli.task, cli::Task::Check(_)) { check::UNKNOWN } else { code };
    let (usage, runtime) = (wrong(2), wrong(1));
    let ended = catch_unwind(AssertUnwindSafe(|| setup::run(cli)));
    terminal::restore();
    match ended {
        Ok(Ok(code)) => code,
        Ok(Err(Wrong::Usage(text))) => complain(&text, usage),
        // who reads our output has enough of it
        Ok(Err(Wrong::Runtime(e))) if e.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Ok(Err(Wrong::Runtime(error))) => complain(&error.to_string(), runtime),
        Err(_) => {
            let said = LAST_PANIC.lock().unwrap_or_else(PoisonError::into_inner).take();
            complain(&format!("broke: {}", said.unwrap_or_default()), runtime)
        }
    }
}

fn complain(text: &str, code: u8) -> ExitCode {
    let mut err = io::stderr().lock();
    for line in text.lines() {
        let _ = writeln!(err, "{line}");
    }
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
