//! A picture of all sources at one moment.

use super::SourceView;
use crate::{clock::Moment, fleet_stats::FleetStats, host_metric::Limits, source::Source};
use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
    time::Duration,
};

/// A picture that is late by more than this is not only slow.
const OVERDUE: Duration = Duration::from_secs(1);

/// All sources at one moment.
#[derive(Clone, Default, Debug)]
pub struct Snapshot {
    /// This machine first, then as the config has them.
    pub sources: Vec<Arc<SourceView>>,
    /// Which picture of its store it is: two of the same number are the same.
    pub number: u64,
    /// When it was made.
    pub made: Moment,
    numbers: Arc<HashMap<Source, usize>>,
    totals: OnceLock<FleetStats>,
}

impl Snapshot {
    #[doc(hidden)]
    pub fn new(
        sources: Vec<Arc<SourceView>>,
        numbers: Arc<HashMap<Source, usize>>,
        number: u64,
    ) -> Snapshot {
        let made = Moment::now();
        Snapshot { sources, number, made, numbers, totals: OnceLock::new() }
    }

    /// All sources of this snapshot as they were at an instant; `number` is one that no other snapshot has.
    #[must_use]
    pub fn past(&self, at: Moment, number: u64) -> Snapshot {
        let sources = self.sources.iter().filter_map(|s| s.past(at).map(Arc::new)).collect();
        let numbers = self.numbers.clone();
        Snapshot { sources, number, made: at, numbers, totals: OnceLock::new() }
    }

    /// The moment for which to draw it at `now`, where a new picture comes every `frame`: `now`. If the
    /// next picture is long overdue, manytop was stopped or blocked, and states of sources cannot have
    /// changed since this one was made: the moment when it was made.
    pub fn moment(&self, now: Moment, frame: Duration) -> Moment {
        if now.since(self.made) > frame + OVERDUE { self.made } else { now }
    }

    /// A source, without looking at the others.
    pub fn find(&self, source: &Source) -> Option<&Arc<SourceView>> {
        numbered(&self.sources, *self.numbers.get(source)?)
    }

    /// What all of them are together. Made when it is first asked for, with the moment and the limits of
    /// then, and the same for this picture from then on.
    pub fn totals(&self, now: Moment, limits: &Limits) -> &FleetStats {
        self.totals.get_or_init(|| FleetStats::of(self.sources.iter().map(|s| &**s), now, limits))
    }
}

/// The source of a number, of sources in their order.
pub(super) fn numbered(sources: &[Arc<SourceView>], number: usize) -> Option<&Arc<SourceView>> {
    sources.binary_search_by_key(&number, |s| s.order).ok().and_then(|at| sources.get(at))
}
