//! When instances are asked: at their places on one grid.

use std::time::Duration;
use tokio::time::Instant;

/// When an instance is asked: every so often, at its own place on a grid that all share.
#[derive(Clone, Copy, Debug)]
pub(super) struct Turns {
    pub(super) origin: Instant,
    pub(super) interval: Duration,
    pub(super) offset: Duration,
}

impl Turns {
    /// The first turn after `now`.
    pub(super) fn after(&self, now: Instant) -> Instant {
        let interval = self.interval.as_nanos().max(1);
        let first = self.origin + self.offset;
        let passed = now.saturating_duration_since(first).as_nanos();
        let turns = if now < first { 0 } else { passed / interval + 1 };
        first + Duration::from_nanos((turns * interval) as u64)
    }

    /// The very first: not later than a second from the beginning, however long the interval.
    pub(super) fn first(&self, now: Instant) -> Instant {
        let spread = Duration::from_nanos((self.offset.as_nanos() % 1_000_000_000) as u64);
        (self.origin + spread).max(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_stay_on_the_grid_however_late_the_last_was() {
        let origin = Instant::now();
        let ms = Duration::from_millis;
        let turns = Turns { origin, interval: ms(1000), offset: ms(150) };
        assert_eq!(turns.after(origin), origin + ms(150));
        assert_eq!(turns.after(origin + ms(150)), origin + ms(1150));
        assert_eq!(turns.after(origin + ms(3600)), origin + ms(4150));
    }
}
