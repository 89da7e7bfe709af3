//! One monotonic clock for ages and rates. It goes on while the machine is suspended, so that a
//! value read before the lid was closed is as old as it looks on the wall clock.

use std::{ops::Add, time::Duration};

/// A point in time, in nanoseconds on a clock that never steps and counts suspended time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Moment(u64);

impl Moment {
    /// The present.
    #[cfg(target_os = "linux")]
    pub fn now() -> Self {
        let t = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        Moment(t.tv_sec.unsigned_abs() * 1_000_000_000 + t.tv_nsec.unsigned_abs())
    }

    /// The present; elsewhere than on Linux the system's own monotonic clock has to do.
    #[cfg(not(target_os = "linux"))]
    pub fn now() -> Self {
        static START: std::sync::OnceLock<std::time::Instant> = std::sync::OnceLock::new();
        let start = START.get_or_init(std::time::Instant::now);
        Moment(start.elapsed().as_nanos() as u64 + 1_000_000_000)
    }

    /// A moment of a simulated clock, for tests and for readings that carry their own time.
    pub const fn from_nanos(nanos: u64) -> Self {
        Moment(nanos)
    }

    /// A moment of a simulated clock, in whole seconds.
    pub const fn from_secs(secs: u64) -> Self {
        Moment(secs * 1_000_000_000)
    }

    /// Nanoseconds since the clock's own beginning.
    pub const fn as_nanos(self) -> u64 {
        self.0
    }

    /// The time from `earlier` to this moment; zero when `earlier` is not earlier.
    pub fn since(self, earlier: Moment) -> Duration {
        Duration::from_nanos(self.0.saturating_sub(earlier.0))
    }

    /// This moment less `span`; the clock's beginning when that would lie before it.
    pub fn before(self, span: Duration) -> Moment {
        Moment(self.0.saturating_sub(span.as_nanos() as u64))
    }
}

impl Add<Duration> for Moment {
    type Output = Moment;
    fn add(self, span: Duration) -> Moment {
        Moment(self.0.saturating_add(span.as_nanos() as u64))
    }
}
