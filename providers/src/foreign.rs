//! The clock of another machine, seen from here.

use manytop_core::clock::Moment;
use std::time::Duration;

/// Farther away than this is nowhere.
const FAR: Duration = Duration::from_secs(3600);

/// Turns another machine's time into moments of this one's clock.
#[derive(Clone, Copy, Default, Debug)]
pub struct Clock(Option<(f64, Moment)>);

impl Clock {
    /// It showed `shown` seconds at about `now`. Small differences are the way's and are left: what was
    /// taken once is to be of one moment, however often it is told.
    pub fn set(&mut self, shown: f64, now: Moment) {
        let expected = self.0.map(|(at, then)| at + now.since(then).as_secs_f64());
        // VictoriaMetrics shows whole seconds
        if expected.is_none_or(|expected| !(-1.5..=0.25).contains(&(shown - expected))) {
            self.0 = Some((shown, now));
        }
    }

    /// The moment at which it showed that; never one to come.
    pub fn moment(&self, at: f64) -> Moment {
        let Some((shown, then)) = self.0 else { return Moment::now() };
        let span = Duration::try_from_secs_f64((at - shown).abs()).unwrap_or(FAR);
        if at < shown { then.before(span) } else { (then + span).min(Moment::now()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_is_left_alone_for_small_differences() {
        let mut clock = Clock::default();
        let at = Moment::from_secs;
        clock.set(1000.0, at(50));
        clock.set(1009.9, at(60));
        assert_eq!(clock.moment(1001.0), at(51));
        clock.set(1030.0, at(70));
        assert_eq!(clock.moment(1029.0), at(69), "somebody has set it");
    }
}
