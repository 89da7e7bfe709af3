//! The dialects that come with manytop, one file or folder each.

mod gotop;
mod manytop;
mod node_exporter;

#[cfg(test)]
mod testing {
    use crate::remote::{Interpreter, Lexicon};
    use manytop_core::{provider::Want, reading::Kind, testing};
    use std::sync::Arc;

    /// What the dialects make of a body, a device a line.
    pub fn said(kind: Kind, body: &str) -> String {
        said_in(false, kind, body)
    }

    /// The same, with the scale in which the other side gives temperatures.
    pub fn said_in(fahrenheit: bool, kind: Kind, body: &str) -> String {
        let lexicon = Arc::new(Lexicon::new().unwrap());
        let mut interpreter = Interpreter::new(lexicon, fahrenheit);
        let understood = interpreter.read(body.as_bytes(), &Want::kinds(&[kind]));
        testing::lines(&understood.readings)
    }
}
