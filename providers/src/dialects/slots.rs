//! What a dialect's `finish` works on: the values of one kind, put together by device.

use super::{dialect::Slot, plan::SlotPlace};
use crate::plausible::Doubts;
use crate::{dialects::catalog::Shows, exposition::pool::SeriesKey};
use manytop_plugin::reading::Kind;
use std::{
    cell::{RefCell, RefMut},
    sync::Arc,
};

/// The values of one kind in one body. Devices are in natural order: `CPU2` before `CPU10`.
#[derive(Clone, Copy, Debug)]
pub struct Slots<'a> {
    pub(super) series: &'a [Arc<SeriesKey>],
    pub(super) values: &'a [f64],
    pub(super) places: &'a [SlotPlace],
    pub(super) fahrenheit: bool,
    pub(super) shows: Shows,
    pub(super) now: f64,
    pub(super) doubts: &'a RefCell<Doubts>,
}

/// One value.
#[derive(Clone, Copy, Debug)]
pub struct SlotValue<'a> {
    /// Its place.
    pub slot: Slot,
    /// The number; finite.
    pub value: f64,
    labels: &'a [Arc<str>],
}

impl<'a> SlotValue<'a> {
    /// The n-th label that its row keeps.
    pub fn kept(&self, nth: usize) -> &'a Arc<str> {
        &self.labels[nth + 1]
    }
}

impl<'a> Slots<'a> {
    /// The devices, each with its values.
    pub fn devices(&self) -> impl Iterator<Item = SlotDevice<'a>> + use<'a> {
        let slots = *self;
        slots
            .places
            .chunk_by(move |a, b| slots.labels(*a)[0] == slots.labels(*b)[0])
            .map(move |places| SlotDevice(Slots { places, ..slots }))
    }

    /// Which kind they are of; `None` where there is nothing.
    pub fn kind(&self) -> Option<Kind> {
        self.places.first().map(|place| self.meaning(*place).section.kind())
    }

    /// The device of that name.
    pub fn device(&self, name: &str) -> Option<SlotDevice<'a>> {
        self.devices().find(|d| &**d.name() == name)
    }

    /// All values, those of one device after another. One that is not finite is not there.
    pub fn iter(&self) -> impl Iterator<Item = SlotValue<'a>> + use<'a> {
        let slots = *self;
        slots.places.iter().filter_map(move |place| {
            let value = slots.value(*place);
            let slot = slots.meaning(*place).slot;
            value.is_finite().then(|| SlotValue { slot, value, labels: slots.labels(*place) })
        })
    }

    /// Whether the other side was said to give temperatures in degrees Fahrenheit.
    pub fn fahrenheit(&self) -> bool {
        self.fahrenheit
    }

    /// This machine's clock when the body was read, in seconds since 1970. For bodies that tell when their
    /// machine was started and not what time it is there.
    pub fn now(&self) -> f64 {
        self.now
    }

    /// What is shown besides what a machine has of its own.
    pub(crate) fn shows(&self) -> Shows {
        self.shows
    }

    /// Where figures that cannot be true are noted; to be held once at a time.
    pub(crate) fn doubts(&self) -> RefMut<'a, Doubts> {
        self.doubts.borrow_mut()
    }

    fn value(&self, place: SlotPlace) -> f64 {
        self.values[usize::from(place.value)]
    }

    fn meaning(&self, place: SlotPlace) -> &'a super::dialect::Meaning {
        &self.series[usize::from(place.series)].meanings[usize::from(place.meaning)]
    }

    fn labels(&self, place: SlotPlace) -> &'a [Arc<str>] {
        &self.meaning(place).labels
    }
}

/// One device with its values.
#[derive(Clone, Copy, Debug)]
pub struct SlotDevice<'a>(Slots<'a>);

impl<'a> SlotDevice<'a> {
    /// Its name.
    pub fn name(&self) -> &'a Arc<str> {
        &self.0.labels(self.0.places[0])[0]
    }

    /// Whether all its values are finite. Where sums are made of several, one that is missing for a
    /// moment would make the sum jump.
    pub fn is_whole(&self) -> bool {
        self.0.places.iter().all(|place| self.0.value(*place).is_finite())
    }

    /// The value in a slot; the first, where a body gives several.
    pub fn value(&self, slot: Slot) -> Option<f64> {
        self.find(slot).map(|found| found.value)
    }

    /// The first value in a slot, with its labels.
    pub fn find(&self, slot: Slot) -> Option<SlotValue<'a>> {
        self.all(slot).next()
    }

    /// All values in a slot.
    pub fn all(&self, slot: Slot) -> impl Iterator<Item = SlotValue<'a>> + use<'a> {
        self.0.iter().filter(move |found| found.slot == slot)
    }
}
