//! A terminal dashboard for one machine or a thousand.

use std::process::ExitCode;

fn main() -> ExitCode {
    manytop::main()
}
