//! The page that is served: the families of names that were asked for, one after the other.

use super::{gotop, manytop, node, relay, sample::ExportSample, text::Families};
use manytop_core::{
    config::globals::{EXPORTNAMES, EXPORTPROCESSES, EXPORTREMOTES},
    options::Options,
    provider::Selection,
    registry::Registry,
    source::Source,
    store::Selects,
    vocabulary::PROCESS,
};
use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// What goes on the page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Contents {
    /// gotop's names.
    pub gotop: bool,
    /// node_exporter's names.
    pub node: bool,
    /// Our own, for the rest.
    pub manytop: bool,
    /// Processes too.
    pub processes: bool,
    /// The remotes too, as sources of their own.
    pub remotes: bool,
}

impl Contents {
    /// As the config says.
    pub fn of(globals: &Options) -> Contents {
        let names = globals.get(&EXPORTNAMES);
        let has = |word: &str| names.iter().any(|name| name == word);
        let (gotop, node, manytop) = (has("gotop"), has("node"), has("manytop"));
        let processes = globals.get(&EXPORTPROCESSES);
        Contents { gotop, node, manytop, processes, remotes: globals.get(&EXPORTREMOTES) }
    }

    /// The sources that it needs.
    pub fn selects(self) -> Selects {
        Arc::new(move |source, _| self.remotes || *source == Source::Local)
    }

    /// What must be read for it.
    pub fn want(self, registry: &Registry) -> Selection {
        registry.everything(|kind| self.processes || kind != PROCESS)
    }

    /// The page. It has no blank line, and no line of less than six bytes: a real gotop would end on
    /// them.
    pub fn page(self, sample: &ExportSample, now: SystemTime) -> String {
        let mut text = String::with_capacity(16 * 1024);
        let now = now.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_secs_f64();
        if self.remotes {
            // at the beginning: so a reader knows what is to come
            relay::write(sample, now, &mut text);
        }
        if self.gotop {
            gotop::write(sample, &mut text);
        }
        let mut families = Families::default();
        if self.node {
            node::write(sample, now, &mut families);
        }
        if self.manytop {
            manytop::write(sample, self, &mut families);
        }
        families.write(&mut text);
        text
    }
}
