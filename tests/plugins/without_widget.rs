//! A manytop with the example's provider but without its widget, so that a kind without a widget is really
//! read from a real server. The end-to-end tests run it.

#[path = "../../examples/ups/src/nut.rs"]
mod nut;
#[path = "../../examples/ups/src/provider.rs"]
mod provider;

use std::process::ExitCode;

fn main() -> ExitCode {
    manytop::main()
}
