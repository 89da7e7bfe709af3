//! Windows.

pub mod process;
pub mod program;
pub mod signals;
pub mod tty;
