//! Where there is no systemd.

use crate::local::procfs::Root;
use manytop_plugin::clock::Moment;
use std::sync::Arc;

/// Cannot be made.
pub enum Systemd {}

/// Units that have failed.
pub struct Failed {
    /// How many.
    pub count: f64,
    /// The names of the first of them, between blanks.
    pub names: Option<Arc<str>>,
}

impl Systemd {
    /// There is none.
    pub fn of(_: &Root) -> Option<Systemd> {
        None
    }

    /// Never called.
    pub fn failed(&mut self, _: Moment) -> Option<Failed> {
        match *self {}
    }
}
