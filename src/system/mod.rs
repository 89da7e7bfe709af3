//! What differs between systems, in two halves with the same functions: `unix/` and `windows/`. Each has a file for a
//! concern: the program itself, the signals that it gets, its terminal, and other processes.

#[cfg_attr(unix, path = "unix/mod.rs")]
#[cfg_attr(windows, path = "windows/mod.rs")]
mod half;

pub use half::{process, program, signals, tty};
