//! What many sources are together: how many are in which state, and how their figures are spread. Made
//! once a picture, or once for a group, never on a frame.

use crate::{
    clock::Moment,
    health::State,
    host_metric::{Grade, HostMetric, Limits},
    view::SourceView,
};

/// Figures of many sources.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct FleetStats {
    /// How many sources.
    pub sources: usize,
    /// How many of them are in which state, by [`State`]; those that may be down are not among the
    /// [`State::Down`].
    pub states: [usize; 7],
    /// How many are down and may be.
    pub offline: usize,
    /// How many are stale or down, and a person knows; they are in none of the states.
    pub acknowledged: usize,
    /// How many answer in time, and nothing is wrong with them.
    pub fine: usize,
    /// How many that answer have a figure over a limit, or other [trouble](crate::trouble).
    pub over: usize,
    spreads: [Distribution; HostMetric::ALL.len()],
}

/// How one figure is spread over sources. Sources that are stale or down do not take part.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct Distribution {
    /// How many sources it is known of.
    pub known: usize,
    /// Of all of them together.
    pub sum: f64,
    /// 95 of 100 sources have at most this.
    pub p95: f64,
    /// The highest.
    pub most: f64,
    /// How many are over their limit to act on.
    pub critical: usize,
    /// How many are over any limit.
    pub over: usize,
}

impl Distribution {
    /// Of some values.
    pub fn of(mut values: Vec<f64>, measure: HostMetric, limits: &Limits) -> Distribution {
        let known = values.len();
        if known == 0 {
            return Distribution::default();
        }
        let grades = || values.iter().map(|v| limits.grade(measure, *v));
        let critical = grades().filter(|g| *g == Grade::Critical).count();
        let over = grades().filter(|g| *g != Grade::Fine).count();
        let sum = values.iter().sum();
        // the nearest rank: a value that some source has
        let rank = (known * 95).div_ceil(100) - 1;
        let (_, p95, above) = values.select_nth_unstable_by(rank, f64::total_cmp);
        let p95 = *p95;
        let most = above.iter().copied().fold(p95, f64::max);
        Distribution { known, sum, p95, most, critical, over }
    }

    /// The mean; `None` where nothing is known.
    pub fn mean(&self) -> Option<f64> {
        (self.known > 0).then(|| self.sum / self.known as f64)
    }
}

impl FleetStats {
    /// Of these sources, at one moment. An engine or a relay that serves others is not counted while it is
    /// well.
    pub fn of<'a>(
        sources: impl IntoIterator<Item = &'a SourceView>,
        now: Moment,
        limits: &Limits,
    ) -> FleetStats {
        let mut totals = FleetStats::default();
        let mut values: [Vec<f64>; HostMetric::ALL.len()] = Default::default();
        for source in sources {
            let state = source.state(now);
            let well = matches!(state, State::Live | State::Late | State::Idle);
            if well && source.is_front() {
                continue; // it serves hosts and is none itself, but when it fails that counts
            }
            totals.sources += 1;
            if state.is_old() && source.acknowledged {
                totals.acknowledged += 1;
            } else if state == State::Down && source.expected_offline {
                totals.offline += 1;
            } else {
                totals.states[state as usize] += 1;
            }
            if state.is_old() {
                continue;
            }
            let is_over = limits.is_over(source, now);
            totals.over += usize::from(is_over);
            totals.fine += usize::from(!is_over && matches!(state, State::Live | State::Idle));
            for measure in HostMetric::ALL {
                values[measure as usize].extend(measure.last(source, now));
            }
        }
        for measure in HostMetric::ALL {
            let values = std::mem::take(&mut values[measure as usize]);
            totals.spreads[measure as usize] = Distribution::of(values, measure, limits);
        }
        totals
    }

    /// How many are in that state; of those that are down, only the ones that ought not to be.
    pub fn state(&self, state: State) -> usize {
        self.states[state as usize]
    }

    /// How many answer as often as they are asked, understood or not.
    pub fn in_time(&self) -> usize {
        [State::Live, State::Unread, State::Idle].into_iter().map(|state| self.state(state)).sum()
    }

    /// How a figure is spread.
    pub fn spread(&self, measure: HostMetric) -> &Distribution {
        &self.spreads[measure as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_of_values_that_are_there() {
        let limits = Limits::default();
        let spread = |values: Vec<f64>| Distribution::of(values, HostMetric::Cpu, &limits);
        let hundred = spread((1..=100).rev().map(f64::from).collect());
        assert_eq!((hundred.known, hundred.mean()), (100, Some(50.5)));
        assert_eq!((hundred.p95, hundred.most), (95.0, 100.0));
        assert_eq!((hundred.critical, hundred.over), (5, 20), "over 95, over 80");
        assert_eq!(spread(vec![7.0]).p95, 7.0);
        assert_eq!(spread(vec![7.0, 3.0]).p95, 7.0);
        assert_eq!(spread(Vec::new()).mean(), None);
    }
}
