//! The past of the whole screen, behind one interface: what is kept in memory, or a recording.
//!
//! ```text
//! time keys ─▶ instant T ─▶ PastStore::at(T) ─▶ Snapshot ─▶ the same widgets as for the present
//! ```
//!
//! Every moment here is on the store's own axis. [`PastStore::wall`] and [`PastStore::moment`] translate
//! to and from the wall clock, so that a recording of another boot has an axis too.

mod memory;

pub use memory::MemoryPast;

use crate::{alert::AlertBoard, clock::Moment, source::Source, view::Snapshot};
use std::{sync::Arc, time::SystemTime};

/// Where a past comes from. The time bar names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Backing {
    /// This process' own memory.
    Memory,
    /// A recording.
    Recording,
    /// The engine that a source belongs to.
    Engine,
}

impl Backing {
    /// The word before the span in the time bar.
    pub const fn word(self) -> &'static str {
        match self {
            Backing::Memory => "in memory",
            Backing::Recording => "recorded",
            Backing::Engine => "from the engine",
        }
    }
}

/// What a mark in the time bar means. The order is from the least to the most important.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum MarkKind {
    /// A source became stale.
    Stale,
    /// A warning began.
    Warning,
    /// A critical alert began.
    Critical,
    /// A source went down.
    Down,
}

/// One event in the past.
#[derive(Clone, PartialEq, Debug)]
pub struct Mark {
    /// When it began.
    pub at: Moment,
    /// What happened.
    pub kind: MarkKind,
    /// The source that it happened to; `None` for this program.
    pub source: Option<Source>,
    /// A few words: the reason of a failure, the name of an alert.
    pub what: String,
}

/// The state of all sources at any moment of a span.
pub trait PastStore: Send {
    /// Takes a later snapshot of the present; the past in memory grows with it.
    fn update(&mut self, live: &Snapshot) {
        let _ = live;
    }

    /// Where it comes from.
    fn backing(&self) -> Backing;

    /// The first and the last moment that it knows; `None` while it is empty.
    fn span(&mut self) -> Option<(Moment, Moment)>;

    /// All sources as they were at a moment: values, texts, health, processes. What was not kept is
    /// absent. The snapshot's [`number`](Snapshot::number) is its own: no other snapshot has it. Graphs
    /// read [`SourceView::history`](crate::view::SourceView), which covers the time before the moment.
    fn at(&mut self, at: Moment) -> Arc<Snapshot>;

    /// The moment of the last sample before a moment.
    fn sample_before(&mut self, at: Moment) -> Option<Moment>;

    /// The moment of the first sample after a moment.
    fn sample_after(&mut self, at: Moment) -> Option<Moment>;

    /// The events from one moment to another, oldest first.
    fn marks(&mut self, from: Moment, to: Moment) -> Vec<Mark>;

    /// The load of this machine (else of the first source) for the time bar, percent: one value for each
    /// of so many equal parts of the time between two moments, `None` where nothing was kept.
    fn overview(&mut self, from: Moment, to: Moment, parts: usize) -> Vec<Option<f64>>;

    /// The time on the wall clock at a moment.
    fn wall(&self, at: Moment) -> SystemTime;

    /// The moment of a time on the wall clock, whether or not it lies in the span.
    fn moment(&self, wall: SystemTime) -> Moment;

    /// The alerts that fired at a moment; `None` where this store does not keep them.
    fn alerts(&mut self, at: Moment) -> Option<AlertBoard> {
        let _ = at;
        None
    }

    /// What could not be read since the last call, each with its file and time: damaged blocks.
    fn notices(&mut self) -> Vec<String> {
        Vec::new()
    }
}
