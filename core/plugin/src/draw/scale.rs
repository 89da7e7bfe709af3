//! Scales of graphs: the top of a graph of bytes, and the labels at its left.

use super::{canvas::Canvas, compact, graph::nice};
use crate::clock::Moment;
use ratatui_core::layout::Rect;
use std::time::Duration;

/// How long a scale stays when lower values would do.
const STAYS: Duration = Duration::from_secs(30);
/// The columns of labels, a blank among them where they have three characters.
const LABELS: u16 = 4;

/// The top of a graph that has no limit of its own, in steps 1-2-5: it goes up at once, and down when
/// 30 s were lower.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Scale {
    least: f64,
    top: f64,
    needed: Moment,
}

impl Scale {
    /// A scale with a top of at least `least`, so that tiny values stay low in the graph.
    pub fn at_least(least: f64) -> Scale {
        Scale { least, top: least, needed: Moment::default() }
    }

    /// The top for a graph with the highest value `highest`.
    pub fn fit(&mut self, highest: f64, now: Moment) -> f64 {
        let wanted = nice(if highest.is_finite() { highest } else { 0.0 }).max(self.least);
        // a moment before the last one: the past is shown
        let is_past = now < self.needed;
        if wanted >= self.top || is_past || now.since(self.needed) >= STAYS {
            self.top = wanted;
            self.needed = now;
        }
        self.top
    }
}

impl Canvas<'_> {
    /// The labels `100 50 0` at the left, and `┈` at 50; returns what is left for the graph, which is
    /// drawn after it. Without room for labels that is all.
    pub fn percent_scale(&mut self, at: Rect) -> Rect {
        let Some(plot) = beside_labels(at) else { return at };
        let last = at.height - 1;
        let (dim, faint) = (self.theme.dim, self.theme.faint);
        for (row, label) in [(0, "100"), (last, "0")] {
            self.number(at.x, at.y + row, 3, label, dim);
        }
        if at.height >= 5 {
            let middle = at.y + last / 2;
            self.number(at.x, middle, 3, "50", dim);
            self.fill(Rect { y: middle, height: 1, ..plot }, '┈', faint);
        }
        plot
    }

    /// The tops of a graph of bytes at the left: in the first row, and for a mirrored graph in the last;
    /// returns what is left for the graph.
    pub fn byte_scale(&mut self, at: Rect, top: f64, mirrored: Option<f64>) -> Rect {
        let Some(plot) = beside_labels(at) else { return at };
        let dim = self.theme.dim;
        self.column(at.x, at.y, LABELS, &compact::bytes(top), dim);
        if let Some(bottom) = mirrored {
            self.column(at.x, at.bottom() - 1, LABELS, &compact::bytes(bottom), dim);
        }
        plot
    }
}

/// What labels leave of an area; `None` where it is too small for them.
fn beside_labels(at: Rect) -> Option<Rect> {
    let room = at.width >= 16 && at.height >= 3;
    room.then(|| Rect { x: at.x + LABELS, width: at.width - LABELS, ..at })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_goes_up_at_once_and_down_after_a_while() {
        let mut scale = Scale::at_least(1000.0);
        let mut fit = |secs, highest| scale.fit(highest, Moment::from_secs(secs));
        assert_eq!(fit(100, 12.0), 1000.0);
        assert_eq!(fit(101, 48e6), 50e6);
        assert_eq!(fit(102, 3e6), 50e6);
        assert_eq!(fit(130, 60e6), 100e6);
        assert_eq!(fit(159, 3e6), 100e6);
        assert_eq!(fit(160, 3e6), 5e6);
        assert_eq!(fit(161, f64::NAN), 5e6);
        assert_eq!(fit(100, 12.0), 1000.0, "the past has a scale of its own");
    }
}
