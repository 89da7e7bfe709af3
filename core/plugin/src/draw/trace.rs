//! What graphs are drawn from: the samples of one line, and how it is coloured.

use crate::theme::Theme;
use ratatui_core::style::Style;

/// The samples of one line, oldest first. `None` and not-a-number are gaps.
///
/// A column of a graph holds two samples. Sample k lives in column ⌊k/2⌋ for good: the newest column
/// fills, then all columns move by one. That needs the number of the newest sample, which counts up by
/// one from sample to sample (for a window of time, the time divided by the length of a bucket). Only
/// whether it is odd matters.
#[derive(Clone, Copy)]
pub struct Trace<'a> {
    values: TraceValues<'a>,
    /// Columns of half a cell that stay blank at the right: 0 or 1.
    blank: usize,
}

#[derive(Clone, Copy)]
enum TraceValues<'a> {
    Options(&'a [Option<f64>]),
    Floats(&'a [f32]),
}

impl<'a> Trace<'a> {
    /// Samples; the last one has this number.
    pub fn new(values: impl Into<Trace<'a>>, newest: u64) -> Trace<'a> {
        Trace { blank: usize::from(newest.is_multiple_of(2)), ..values.into() }
    }

    /// How many samples there are.
    pub fn len(&self) -> usize {
        match self.values {
            TraceValues::Options(values) => values.len(),
            TraceValues::Floats(values) => values.len(),
        }
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The newest sample; `None` for a gap.
    pub fn last(&self) -> Option<f64> {
        self.get(self.len().checked_sub(1)?)
    }

    /// The highest of the samples that fit into so many columns; `None` when all are gaps.
    pub fn highest(&self, columns: u16) -> Option<f64> {
        let fits = (usize::from(columns) * 2).saturating_sub(self.blank);
        let from = self.len().saturating_sub(fits);
        (from..self.len()).filter_map(|i| self.get(i)).reduce(f64::max)
    }

    /// The sample at a half (0 left, 1 right) of a column of a graph that is so many columns wide.
    pub(super) fn at(&self, columns: usize, column: usize, half: usize) -> Option<f64> {
        let back = (2 * columns).checked_sub(1 + self.blank)?.checked_sub(2 * column + half)?;
        self.get(self.len().checked_sub(1 + back)?)
    }

    fn get(&self, index: usize) -> Option<f64> {
        match self.values {
            TraceValues::Options(values) => values.get(index).copied().flatten(),
            TraceValues::Floats(values) => values.get(index).map(|v| f64::from(*v)),
        }
        .filter(|value| !value.is_nan())
    }
}

impl<'a> From<&'a [Option<f64>]> for Trace<'a> {
    fn from(values: &'a [Option<f64>]) -> Trace<'a> {
        Trace { values: TraceValues::Options(values), blank: 0 }
    }
}

impl<'a> From<&'a Vec<Option<f64>>> for Trace<'a> {
    fn from(values: &'a Vec<Option<f64>>) -> Trace<'a> {
        values.as_slice().into()
    }
}

impl<'a> From<&'a [f32]> for Trace<'a> {
    fn from(values: &'a [f32]) -> Trace<'a> {
        Trace { values: TraceValues::Floats(values), blank: 0 }
    }
}

impl<'a> From<&'a Vec<f32>> for Trace<'a> {
    fn from(values: &'a Vec<f32>) -> Trace<'a> {
        values.as_slice().into()
    }
}

/// How a graph or a bar is coloured.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Ink {
    /// By the level ramp: areas by row, rows of history by cell, meters along their length.
    Level,
    /// The same, where a full graph is only at this percentage of the ramp.
    LevelUpTo(f64),
    /// In one colour.
    One(Style),
}

impl Ink {
    /// The style at a height of 0 to 1.
    pub(super) fn at(self, share: f64, theme: &Theme) -> Style {
        match self {
            Ink::Level => theme.ramp(share * 100.0),
            Ink::LevelUpTo(top) => theme.ramp(share * top),
            Ink::One(style) => style,
        }
    }
}

impl From<Style> for Ink {
    fn from(style: Style) -> Ink {
        Ink::One(style)
    }
}

/// `value` as a share of `top`, within 0 and 1.
pub(super) fn share(value: f64, top: f64) -> f64 {
    let share = value / top;
    if top > 0.0 && !share.is_nan() { share.clamp(0.0, 1.0) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_keeps_its_cell_until_the_newest_column_is_full() {
        let values: Vec<f32> = (0..8).map(|n| n as f32).collect();
        let shown = |count: usize| {
            let trace = Trace::new(&values[..count], count as u64 - 1);
            [0, 1, 2].map(|column| [0, 1].map(|half| trace.at(3, column, half)))
        };
        let some = |v: i32| Some(f64::from(v));
        assert_eq!(shown(6), [[some(0), some(1)], [some(2), some(3)], [some(4), some(5)]]);
        assert_eq!(shown(7), [[some(2), some(3)], [some(4), some(5)], [some(6), None]]);
        assert_eq!(shown(8), [[some(2), some(3)], [some(4), some(5)], [some(6), some(7)]]);
        assert_eq!(Trace::new(&values[..2], 1).at(3, 1, 1), None, "before the first sample");
    }

    #[test]
    fn gaps_and_maxima() {
        let values = [Some(9.0), None, Some(3.0), Some(f64::NAN)];
        let trace = Trace::from(&values[..]);
        assert_eq!(
            (trace.last(), trace.highest(1), trace.highest(2)),
            (None, Some(3.0), Some(9.0))
        );
        assert_eq!(Trace::from(&[None][..]).highest(5), None);
    }
}
