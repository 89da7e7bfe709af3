//! Remote.

mod clean;
pub mod dialect;
mod dialects;
pub mod exposition;
mod interpreter;
mod lexicon;
mod plan;
mod slots;

pub use interpreter::{Interpreter, Understood};
pub use lexicon::Lexicon;
