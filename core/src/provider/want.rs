//! What is asked for.

use super::Plugin;
use crate::reading::{Kind, Quantity};
use std::sync::Arc;

/// What somebody wants from an instance, now. Nothing else need be collected.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Want {
    /// Shared: thousands of instances are mostly asked for the same.
    kinds: Arc<Vec<(Kind, Vec<&'static str>)>>,
}

impl Want {
    /// Nothing at all.
    pub fn nothing() -> Want {
        Want::default()
    }

    /// These kinds, with all that is cheap to read of them.
    pub fn kinds(kinds: &[Kind]) -> Want {
        let mut want = Want::default();
        for kind in kinds {
            want.add(*kind, &[]);
        }
        want
    }

    /// Adds a kind, and the names of quantities of it that are worth an extra effort.
    pub fn add(&mut self, kind: Kind, dear: &[&'static str]) {
        let kinds = Arc::make_mut(&mut self.kinds);
        let at = match kinds.binary_search_by(|(k, _)| k.cmp(&kind)) {
            Ok(at) => at,
            Err(at) => {
                kinds.insert(at, (kind, Vec::new()));
                at
            }
        };
        for name in dear {
            let names = &mut kinds[at].1;
            if let Err(place) = names.binary_search(name) {
                names.insert(place, name);
            }
        }
    }

    /// Adds all that another wants.
    pub fn join(&mut self, other: &Want) {
        if self.kinds.is_empty() {
            *self = other.clone();
        }
        if self.covers(other) {
            return;
        }
        for (kind, dear) in other.kinds.iter() {
            self.add(*kind, dear);
        }
    }

    /// What of this a plugin can give.
    #[must_use]
    pub fn of(&self, plugin: &Plugin) -> Want {
        let yields = |(kind, _): &&(Kind, _)| plugin.yields_kind(*kind);
        if self.kinds.iter().filter(yields).count() == self.kinds.len() {
            return self.clone();
        }
        Want { kinds: Arc::new(self.kinds.iter().filter(yields).cloned().collect()) }
    }

    /// Whether that kind is wanted.
    pub fn kind(&self, kind: Kind) -> bool {
        self.kinds.iter().any(|(k, _)| *k == kind)
    }

    /// Whether somebody asked for that quantity by name, although it is dear to read.
    pub fn dear(&self, kind: Kind, quantity: &Quantity) -> bool {
        self.kinds.iter().any(|(k, dear)| *k == kind && dear.contains(&quantity.name()))
    }

    /// Whether `other` wants nothing that this does not.
    pub fn covers(&self, other: &Want) -> bool {
        other.kinds.iter().all(|(kind, dear)| {
            self.kinds.iter().any(|(k, d)| k == kind && dear.iter().all(|name| d.contains(name)))
        })
    }

    /// The kinds, in the order of their words.
    pub fn iter(&self) -> impl Iterator<Item = Kind> + '_ {
        self.kinds.iter().map(|(k, _)| *k)
    }

    /// Whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }
}
