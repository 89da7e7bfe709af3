//! One truth about age and failure.
//!
//! Everything that is shown of a source's health follows from five facts and the clock: when it last
//! answered well, whether the last attempt failed and why, how often it is asked, whether
//! it is in demand, and how long manytop itself was away (suspended, stopped, blocked). Ages count that
//! time; states do not, since it is not the source's fault.

use crate::{
    clock::Moment,
    provider::{Class, Failure},
};
use std::{fmt, sync::Arc, time::Duration};

/// What a person is told. The order is from the best to the worst.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum State {
    /// Answered within its interval.
    Live,
    /// It is not in demand, so it is not polled.
    Idle,
    /// Asked, and neither answered nor failed yet.
    Starting,
    /// The next answer is overdue.
    Late,
    /// It answers, and nothing in the answer is known.
    Unread,
    /// No answer for three intervals, and at least five seconds: what is shown is old.
    Stale,
    /// Stale or never seen, and the last attempt failed: nothing is shown.
    Down,
}

impl State {
    /// The word, in JSON and in tables.
    pub const fn word(self) -> &'static str {
        match self {
            State::Live => "live",
            State::Idle => "idle",
            State::Starting => "starting",
            State::Late => "late",
            State::Unread => "unread",
            State::Stale => "stale",
            State::Down => "down",
        }
    }

    /// Whether values are drawn as old.
    pub const fn is_old(self) -> bool {
        matches!(self, State::Stale | State::Down)
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The facts about one instance (or one source of it).
#[derive(Clone, PartialEq, Debug)]
pub struct Health {
    /// How often it is asked.
    pub interval: Duration,
    /// Whether any consumer requests data from it.
    pub wanted: bool,
    /// When the last good answer was taken.
    pub last_good: Option<Moment>,
    /// How much of the time since then manytop was away and did not ask.
    pub excused: Duration,
    /// Why the last attempt failed; `None` when it did not.
    pub failure: Option<Arc<Failure>>,
    /// When the first of the failed attempts in a row ended.
    pub failing_since: Option<Moment>,
    /// When the next attempt is due, while it is failing.
    pub retry: Option<Moment>,
    /// How long the last attempt took, failed or not.
    pub took: Option<Duration>,
}

impl Health {
    /// Nothing known yet.
    pub fn new(interval: Duration) -> Health {
        Health {
            interval,
            wanted: true,
            last_good: None,
            excused: Duration::ZERO,
            failure: None,
            failing_since: None,
            retry: None,
            took: None,
        }
    }

    /// Age of the last good answer, suspended time included.
    pub fn age(&self, now: Moment) -> Option<Duration> {
        self.last_good.map(|good| now.since(good))
    }

    /// From which age on an answer is overdue: an interval, and half of one (at least half a second)
    /// for the answer to travel.
    pub fn late_after(&self) -> Duration {
        self.interval + (self.interval / 2).max(Duration::from_millis(500))
    }

    /// From which age on values are old.
    pub fn stale_after(&self) -> Duration {
        (self.interval * 3).max(Duration::from_secs(5))
    }

    /// The state at `now`.
    pub fn state(&self, now: Moment) -> State {
        if !self.wanted {
            return State::Idle;
        }
        let age = self.age(now).map(|age| age.saturating_sub(self.excused));
        let class = self.failure.as_ref().map(|failure| failure.class());
        let failed = if class == Some(Class::Unread) { State::Unread } else { State::Down };
        match (age, self.failure.is_some()) {
            (None, false) => State::Starting,
            (None, true) => failed,
            (Some(age), true) if age > self.stale_after() => failed,
            (Some(age), false) if age > self.stale_after() => State::Stale,
            (Some(age), _) if age > self.late_after() => State::Late,
            (Some(_), _) => State::Live,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    fn health(last_good: Option<u64>, failed: bool) -> Health {
        let failure = failed.then(|| Arc::new(Failure::new(Class::Unreachable, "refused")));
        let last_good = last_good.map(Moment::from_secs);
        Health { last_good, failure, ..Health::new(Duration::from_secs(1)) }
    }

    #[test]
    fn the_state_follows_from_age_and_the_last_attempt() {
        let at = Moment::from_secs;
        assert_eq!(health(None, false).state(at(100)), State::Starting);
        assert_eq!(health(None, true).state(at(100)), State::Down, "never answered, and failed");
        assert_eq!(health(Some(100), false).state(at(101)), State::Live);
        assert_eq!(
            health(Some(100), true).state(at(101)),
            State::Live,
            "one failure does not change it"
        );
        assert_eq!(health(Some(100), false).state(at(102)), State::Late);
        assert_eq!(health(Some(100), false).state(at(105)), State::Late, "stale only past 5 s");
        assert_eq!(health(Some(100), false).state(at(106)), State::Stale);
        assert_eq!(health(Some(100), true).state(at(106)), State::Down);
        let unread = Arc::new(Failure::new(Class::Unread, "answers with 2 series: up"));
        let unread = Health { failure: Some(unread), ..health(None, true) };
        assert_eq!(unread.state(at(100)), State::Unread);
        let unwanted = Health { wanted: false, ..health(Some(100), true) };
        assert_eq!(unwanted.state(at(1000)), State::Idle);
    }

    #[test]
    fn time_in_which_manytop_was_away_makes_a_source_older_and_no_worse() {
        let at = Moment::from_secs;
        let away =
            |failed| Health { excused: Duration::from_secs(60), ..health(Some(100), failed) };
        assert_eq!(away(false).state(at(161)), State::Live);
        assert_eq!(away(true).state(at(161)), State::Live);
        assert_eq!(away(false).age(at(161)), Some(Duration::from_secs(61)));
        assert_eq!(away(false).state(at(166)), State::Stale, "since then it has been silent");
        assert_eq!(away(true).state(at(166)), State::Down);
        assert_eq!(away(false).state(at(101)), State::Live, "more than the age");
    }

    #[test]
    fn a_slow_interval_is_stale_after_three_of_its_own() {
        let slow = Health { interval: Duration::from_secs(15), ..health(Some(0), false) };
        assert_eq!(slow.state(Moment::from_secs(44)), State::Late);
        assert_eq!(slow.state(Moment::from_secs(46)), State::Stale);
    }
}
