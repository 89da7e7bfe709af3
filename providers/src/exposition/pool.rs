//! The keys that all remotes share: a fleet of like hosts has each of its series here once.

use crate::dialects::dialect::Meaning;
use std::{
    borrow::Borrow,
    collections::HashSet,
    hash::{Hash, Hasher},
    sync::{Arc, Mutex, PoisonError},
};

/// A series as it is written in a body, and what the dialects take it for.
#[derive(Debug)]
pub struct SeriesKey {
    bytes: Box<[u8]>,
    /// Its meaning and device; empty where the name is wanted but this series is not.
    pub meanings: Box<[Meaning]>,
    /// Whether its values are kept. Of a series in a list of what can be chosen only the labels matter.
    pub has_value: bool,
}

impl SeriesKey {
    /// A key for the bytes before a value.
    pub fn new(bytes: &[u8], meanings: Vec<Meaning>) -> SeriesKey {
        let has_value = meanings.iter().any(|meaning| !meaning.section.is_listing());
        SeriesKey { bytes: bytes.into(), meanings: meanings.into(), has_value }
    }

    /// All bytes of the line before its value.
    #[inline]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Found by its bytes.
#[derive(Debug)]
struct PoolEntry(Arc<SeriesKey>);

impl Borrow<[u8]> for PoolEntry {
    fn borrow(&self) -> &[u8] {
        &self.0.bytes
    }
}
impl PartialEq for PoolEntry {
    fn eq(&self, other: &PoolEntry) -> bool {
        self.0.bytes == other.0.bytes
    }
}
impl Eq for PoolEntry {}
impl Hash for PoolEntry {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.bytes.hash(state);
    }
}

/// All keys that some remote holds. Locked only where a body was not as predicted.
#[derive(Default, Debug)]
pub struct Pool {
    keys: Mutex<HashSet<PoolEntry>>,
}

impl Pool {
    /// The key of those bytes, if any remote has seen it.
    pub fn find(&self, bytes: &[u8]) -> Option<Arc<SeriesKey>> {
        self.keys().get(bytes).map(|entry| entry.0.clone())
    }

    /// Adds a key, or finds the one that another remote has added meanwhile.
    pub fn add(&self, key: SeriesKey) -> Arc<SeriesKey> {
        let mut keys = self.keys();
        if let Some(entry) = keys.get(key.bytes()) {
            return entry.0.clone();
        }
        let key = Arc::new(key);
        keys.insert(PoolEntry(key.clone()));
        key
    }

    /// Gives keys back. One that no remote holds any more is forgotten.
    pub fn release(&self, given: impl IntoIterator<Item = Arc<SeriesKey>>) {
        let mut keys = self.keys();
        for key in given {
            // The pool's own and this one; no other can be taken while the lock is held.
            if Arc::strong_count(&key) == 2 {
                keys.remove(key.bytes());
            }
        }
        if keys.capacity() > 4 * keys.len() + 1024 {
            keys.shrink_to_fit();
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.keys().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn keys(&self) -> std::sync::MutexGuard<'_, HashSet<PoolEntry>> {
        // A panic elsewhere leaves the set as it was: no method stops half-way.
        self.keys.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_lives_as_long_as_somebody_holds_it() {
        let pool = Pool::default();
        let one = pool.add(SeriesKey::new(b"a ", vec![]));
        let two = pool.add(SeriesKey::new(b"a ", vec![]));
        assert!(Arc::ptr_eq(&one, &two));
        assert_eq!(pool.len(), 1);
        pool.release([one]);
        assert!(pool.find(b"a ").is_some(), "the other remote still holds it");
        pool.release([two]);
        assert!(pool.is_empty());
    }

    #[test]
    fn a_remote_that_holds_a_key_twice_gives_it_back_once() {
        let pool = Pool::default();
        let held =
            vec![pool.add(SeriesKey::new(b"a ", vec![])), pool.add(SeriesKey::new(b"a ", vec![]))];
        pool.release(held);
        assert!(pool.is_empty());
    }
}
