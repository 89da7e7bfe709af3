//! What all remotes share to understand their bodies: the dialects, the names they want, and the
//! series that somebody has seen.

use super::{
    dialect::Dialects,
    exposition::{
        adapter,
        filter::Filter,
        pool::{Key, Pool},
    },
    plan::Plans,
};
use std::sync::{Arc, Mutex, PoisonError, Weak};

/// Lives as long as there is a remote. Plugins are built by plain functions, so that remotes have to
/// find what they share; nobody else may.
static CURRENT: Mutex<Weak<Lexicon>> = Mutex::new(Weak::new());

/// Dialects, filter, pool and plans.
#[derive(Debug)]
pub struct Lexicon {
    dialects: Dialects,
    filter: Filter,
    pool: Pool,
    plans: Plans,
}

impl Lexicon {
    /// The one that the other remotes use, or a new one for the first.
    ///
    /// # Errors
    /// Two dialects contradict each other; see [`Dialects::load`].
    pub fn shared() -> Result<Arc<Lexicon>, String> {
        let mut current = CURRENT.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(lexicon) = current.upgrade() {
            return Ok(lexicon);
        }
        let lexicon = Arc::new(Lexicon::new()?);
        *current = Arc::downgrade(&lexicon);
        Ok(lexicon)
    }

    /// One of its own, for tests and measurements.
    ///
    /// # Errors
    /// Two dialects contradict each other; see [`Dialects::load`].
    pub fn new() -> Result<Lexicon, String> {
        let dialects = Dialects::load()?;
        let filter = Filter::new(dialects.metrics());
        Ok(Lexicon { dialects, filter, pool: Pool::default(), plans: Plans::default() })
    }

    /// The dialects.
    pub fn dialects(&self) -> &Dialects {
        &self.dialects
    }

    /// Which lines are wanted.
    #[inline]
    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// The series that are known.
    pub fn pool(&self) -> &Pool {
        &self.pool
    }

    /// How series are put together.
    pub fn plans(&self) -> &Plans {
        &self.plans
    }

    /// Reads a series that nobody has seen before; `bytes` are all of its line before the value.
    pub fn read(&self, bytes: &[u8]) -> Option<Arc<Key>> {
        let line = format!("{}0", String::from_utf8_lossy(bytes));
        let series = adapter::parse(&line)?;
        Some(self.pool.add(Key::new(bytes, self.dialects.meanings(&series))))
    }
}
