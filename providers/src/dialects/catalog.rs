//! What all remotes share to understand their bodies: the dialects, the names they want, and the
//! series that were seen.

use super::{dialect::Dialects, hints::KindHints, plan::Plans, tables};
use crate::exposition::{
    adapter,
    filter::NameFilter,
    pool::{Pool, SeriesKey},
};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Each lives as long as there is a remote that uses it. Plugins are built by plain functions, so that remotes
/// have to find what they share; nothing else does.
static CURRENT: Mutex<Vec<Weak<DialectCatalog>>> = Mutex::new(Vec::new());

/// What remotes show besides what a machine has of its own.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Shows {
    /// File systems that are not storage, and the devices under them.
    pub with_virtual: bool,
    /// Batteries of mice, keyboards and the like.
    pub peripherals: bool,
    /// The watches that are heeded, a bit each.
    pub watches: u64,
}

/// Dialects, filter, hints, pool and plans.
#[derive(Debug)]
pub struct DialectCatalog {
    shows: Shows,
    /// That of the tables of files when it was made.
    generation: u64,
    dialects: Dialects,
    filter: NameFilter,
    hints: KindHints,
    pool: Pool,
    plans: Plans,
}

impl DialectCatalog {
    /// The one that the other remotes use which show the same, or a new one for the first.
    ///
    /// # Errors
    /// Two dialects contradict each other; see [`Dialects::load`].
    pub fn shared(shows: Shows) -> Result<Arc<DialectCatalog>, String> {
        let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
        current.retain(|catalog| catalog.strong_count() > 0);
        let mut known = current.iter().filter_map(Weak::upgrade);
        if let Some(catalog) = known.find(|catalog| catalog.shows == shows && catalog.is_current())
        {
            return Ok(catalog);
        }
        drop(known);
        let catalog = Arc::new(DialectCatalog::showing(shows)?);
        current.push(Arc::downgrade(&catalog));
        Ok(catalog)
    }

    /// One of its own, for tests and measurements.
    ///
    /// # Errors
    /// Two dialects contradict each other; see [`Dialects::load`].
    pub fn new() -> Result<DialectCatalog, String> {
        DialectCatalog::showing(Shows::default())
    }

    /// One of its own that shows more.
    ///
    /// # Errors
    /// Two dialects contradict each other; see [`Dialects::load`].
    pub fn showing(shows: Shows) -> Result<DialectCatalog, String> {
        let generation = tables::generation();
        let dialects = Dialects::load()?;
        let filter = NameFilter::new(dialects.metrics());
        let hints = KindHints::new(&dialects);
        let (pool, plans) = (Pool::default(), Plans::default());
        Ok(DialectCatalog { shows, generation, dialects, filter, hints, pool, plans })
    }

    fn is_current(&self) -> bool {
        self.generation == tables::generation()
    }

    /// The one that takes its place since tables of files have changed; `None` while it is current.
    pub fn newer(&self) -> Option<Arc<DialectCatalog>> {
        if self.is_current() { None } else { DialectCatalog::shared(self.shows).ok() }
    }

    /// What is shown besides what a machine has of its own.
    pub fn shows(&self) -> Shows {
        self.shows
    }

    /// The dialects.
    pub fn dialects(&self) -> &Dialects {
        &self.dialects
    }

    /// Which lines are wanted.
    #[inline]
    pub fn filter(&self) -> &NameFilter {
        &self.filter
    }

    /// How names of each kind begin.
    pub fn hints(&self) -> &KindHints {
        &self.hints
    }

    /// The series that are known.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// How series are put together.
    pub fn plans(&self) -> &Plans {
        &self.plans
    }

    /// Reads a series that was not seen before; `bytes` are all of its line before the value.
    pub fn read(&self, bytes: &[u8]) -> Option<Arc<SeriesKey>> {
        let line = format!("{}0", String::from_utf8_lossy(bytes));
        let series = adapter::parse(&line)?;
        Some(self.pool.add(SeriesKey::new(bytes, self.dialects.meanings(&series, self.shows))))
    }
}
