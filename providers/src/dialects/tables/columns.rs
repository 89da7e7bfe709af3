//! Readings by the columns of a table that was read from a file.

use crate::dialects::{
    complete,
    dialect::{Slot, SlotDevice, Slots},
};
use manytop_plugin::{
    reading::{DeviceReading, Kind, Metric, Text},
    vocabulary::CPU,
};
use std::sync::Arc;

/// What becomes of the values of one kind.
#[derive(Debug)]
pub struct TableColumns {
    /// A column for each row of the section, in order; the row's slot is the column's.
    pub columns: Vec<TableColumn>,
    /// The slot of series with the device's name as their first kept label.
    pub names: Option<Slot>,
}

/// What becomes of the values in one slot.
#[derive(Debug)]
pub struct TableColumn {
    /// Where the values are.
    pub slot: Slot,
    /// What they are.
    pub target: ColumnTarget,
}

/// What becomes of several values of one device.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Fold {
    /// The first one counts.
    First,
    /// They are added up, with those of other columns of the quantity.
    Sum,
    /// The highest one counts.
    Max,
    /// Their mean.
    Mean,
}

/// What a value, or its label, is.
#[derive(Debug)]
pub enum ColumnTarget {
    /// A quantity.
    Quantity {
        /// Which.
        quantity: &'static Metric,
        /// The value is multiplied by it.
        factor: f64,
        /// It is added to the product.
        offset: f64,
        /// What becomes of several values.
        fold: Fold,
    },
    /// A text that is always the same.
    Fixed(&'static Text, Arc<str>),
    /// A text: the first kept label of a series with a value other than 0.
    Label(&'static Text),
    /// A text by number.
    Words(&'static Text, Vec<(f64, String)>),
}

impl TableColumns {
    /// The readings of a kind.
    pub fn readings(&self, kind: Kind, slots: &Slots<'_>) -> Vec<DeviceReading> {
        let made = slots.devices().filter_map(|device| {
            let reading = self.reading(kind, &device)?;
            complete::reading(reading, &mut slots.doubts())
        });
        made.collect()
    }

    /// `None` where only the name is known.
    fn reading(&self, kind: Kind, device: &SlotDevice<'_>) -> Option<DeviceReading> {
        let named = self.names.and_then(|slot| device.find(slot));
        let name = named.map(|found| found.kept(0).clone()).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| device.name().clone());
        let mut reading = DeviceReading::new(kind, processor(kind, &name).unwrap_or(name));
        let mut known = false;
        for TableColumn { slot, target } in &self.columns {
            match target {
                ColumnTarget::Quantity { quantity, factor, offset, fold } => {
                    let before = reading.values.get(quantity);
                    let all = device.all(*slot).map(|found| found.value * factor + offset);
                    if let Some(value) = folded(all, *fold, before) {
                        reading.values.set(quantity, value);
                        known = true;
                    }
                }
                ColumnTarget::Fixed(text, value) => {
                    if device.find(*slot).is_some() {
                        reading.texts.set(text, value.clone());
                    }
                }
                ColumnTarget::Label(text) => {
                    if let Some(found) = device.all(*slot).find(|found| found.value != 0.0) {
                        reading.texts.set(text, found.kept(0).clone());
                        known = true;
                    }
                }
                ColumnTarget::Words(text, words) => {
                    let value = device.value(*slot);
                    let word = words.iter().find(|(number, _)| Some(*number) == value);
                    if let Some((_, word)) = word {
                        reading.texts.set(text, word.as_str().into());
                        known = true;
                    }
                }
            }
        }
        known.then_some(reading)
    }
}

/// `None` where there is nothing new.
fn folded(mut all: impl Iterator<Item = f64>, fold: Fold, before: Option<f64>) -> Option<f64> {
    if fold == Fold::Sum {
        return all.fold(before, |sum, value| Some(sum.unwrap_or(0.0) + value));
    } else if before.is_some() {
        return None;
    }
    let first = all.next()?;
    Some(match fold {
        Fold::First | Fold::Sum => first,
        Fold::Max => all.fold(first, f64::max),
        Fold::Mean => {
            let (sum, count) = all.fold((first, 1.0), |(sum, n), value| (sum + value, n + 1.0));
            sum / count
        }
    })
}

/// A processor by its number, however the body writes it: `cpu3`, `3`.
fn processor(kind: Kind, name: &str) -> Option<Arc<str>> {
    let number: u32 = name.strip_prefix("cpu").unwrap_or(name).parse().ok()?;
    (kind == CPU).then(|| format!("CPU{number}").into())
}
