//! One monotonic clock for ages and rates. It goes on while the machine is suspended, so that a
//! value read before the lid was closed is as old as it looks on the wall clock.

use std::{
    ops::Add,
    sync::OnceLock,
    time::{Duration, Instant},
};

/// Where the fallback clock begins: late enough for moments before its start, those of an engine's past among them.
const FALLBACK_START: Moment = Moment::from_secs(20 * 365 * 24 * 3600);

static SYSTEM_CLOCK: OnceLock<fn() -> u64> = OnceLock::new();

/// Sets the clock of this process, once, before the first [`Moment::now`]: nanoseconds that never step
/// and count suspended time. Core does this; later calls change nothing.
pub fn set_system_clock(nanos: fn() -> u64) {
    let _ = SYSTEM_CLOCK.set(nanos);
}

/// A point in time, in nanoseconds on a clock that never steps and counts suspended time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Moment(u64);

impl Moment {
    /// The present, by the clock of [`set_system_clock`]; else by std's monotonic clock, which on
    /// Linux leaves out suspended time.
    pub fn now() -> Self {
        static START: OnceLock<Instant> = OnceLock::new();
        match SYSTEM_CLOCK.get() {
            Some(nanos) => Moment(nanos()),
            None => {
                let start = START.get_or_init(Instant::now);
                FALLBACK_START + start.elapsed()
            }
        }
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
