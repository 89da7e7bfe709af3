//! A manytop with one more provider and one more widget: naming their crate is all it takes.

use manytop_ups as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    manytop::main()
}
