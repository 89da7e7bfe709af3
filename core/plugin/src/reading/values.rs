//! The numbers and texts of a reading.

use super::{Metric, Text};
use std::sync::Arc;

/// Finite numbers by quantity; what is not here is not known.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Values(Vec<(&'static Metric, f64)>);

impl Values {
    /// The value of `quantity`, in its unit.
    pub fn get(&self, quantity: &Metric) -> Option<f64> {
        self.0.iter().find(|(q, _)| *q == quantity).map(|&(_, v)| v)
    }

    /// Sets `quantity`. What cannot be is left out: not finite, or below zero. Zero has no sign.
    pub fn set(&mut self, quantity: &'static Metric, value: f64) {
        if !value.is_finite() || value < 0.0 && !quantity.unit().has_negatives() {
            return;
        }
        match self.0.iter_mut().find(|(q, _)| *q == quantity) {
            Some((_, v)) => *v = value + 0.0,
            None => self.0.push((quantity, value + 0.0)),
        }
    }

    /// Takes a value away.
    pub fn remove(&mut self, quantity: &Metric) {
        self.0.retain(|(q, _)| *q != quantity);
    }

    /// All of them, in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Metric, f64)> + '_ {
        self.0.iter().copied()
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The one at that place.
    pub(crate) fn at(&self, place: usize) -> Option<(&'static Metric, f64)> {
        self.0.get(place).copied()
    }

    /// The value of `quantity`, which is probably at that place.
    pub(crate) fn near(&self, place: usize, quantity: &Metric) -> Option<f64> {
        match self.0.get(place) {
            Some(&(there, value)) if std::ptr::eq(there, quantity) => Some(value),
            _ => self.get(quantity),
        }
    }
}

/// Texts by name.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Texts(Vec<(&'static Text, Arc<str>)>);

impl Texts {
    /// The text of that name.
    pub fn get(&self, text: &Text) -> Option<&Arc<str>> {
        self.0.iter().find(|(t, _)| *t == text).map(|(_, v)| v)
    }

    /// Sets a text.
    pub fn set(&mut self, text: &'static Text, value: Arc<str>) {
        match self.0.iter_mut().find(|(t, _)| *t == text) {
            Some((_, v)) => *v = value,
            None => self.0.push((text, value)),
        }
    }

    #[doc(hidden)]
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&Text, &mut Arc<str>)> + '_ {
        self.0.iter_mut().map(|(t, v)| (*t, v))
    }

    /// All of them, in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Text, &Arc<str>)> + '_ {
        self.0.iter().map(|(t, v)| (*t, v))
    }
}
