//! How fast a disk is filled: the slope over the last minutes.

use crate::clock::Moment;
use std::{collections::VecDeque, time::Duration};

/// Samples are this far apart.
const STEP: Duration = Duration::from_secs(30);
/// So many are kept.
const MOST: usize = 41;
/// The slope is known from this span on.
const LEAST: Duration = Duration::from_secs(600);

/// Samples of the used bytes of a disk.
#[derive(Clone, Default, Debug)]
pub(super) struct Filling {
    samples: VecDeque<(Moment, f64)>,
}

impl Filling {
    pub(super) fn add(&mut self, at: Moment, used: f64) {
        if self.samples.back().is_some_and(|(last, _)| at.since(*last) < STEP) {
            return;
        }
        if self.samples.len() == MOST {
            self.samples.pop_front();
        }
        self.samples.push_back((at, used));
    }

    /// Bytes a second, by least squares; `None` before there are ten minutes of samples.
    pub(super) fn rate(&self) -> Option<f64> {
        let ((first, base), (last, _)) = (*self.samples.front()?, *self.samples.back()?);
        if last.since(first) < LEAST {
            return None;
        }
        let n = self.samples.len() as f64;
        let (mut sx, mut sy, mut sxy, mut sxx) = (0.0, 0.0, 0.0, 0.0);
        for (at, used) in &self.samples {
            let (x, y) = (at.since(first).as_secs_f64(), used - base);
            sx += x;
            sy += y;
            sxy += x * y;
            sxx += x * x;
        }
        let spread = n * sxx - sx * sx;
        (spread > 0.0).then(|| (n * sxy - sx * sy) / spread)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_is_known_after_ten_minutes() {
        let mut filling = Filling::default();
        for second in 0..700 {
            filling.add(Moment::from_secs(second), 1e9 + second as f64 * 1e6);
            assert_eq!(filling.rate().is_some(), second >= 600, "{second}");
        }
        assert!((filling.rate().unwrap() - 1e6).abs() < 1.0);
    }
}
