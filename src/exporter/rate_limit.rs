//! How fast one connection is answered: some requests at once, and then one after the other. A client that asks without end
//! waits longer instead of costing more.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// So many are answered at once.
const AT_ONCE: u32 = 20;
/// And then one in this time.
const GAP: Duration = Duration::from_millis(20);

/// The pace of one connection.
pub struct RateLimiter(Mutex<Instant>);

impl RateLimiter {
    /// Of one that has not asked yet.
    pub fn new(now: Instant) -> RateLimiter {
        RateLimiter(Mutex::new(long_ago(now)))
    }

    /// When a request that comes now is answered, if not at once.
    pub fn turn(&self, now: Instant) -> Option<Instant> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *last = last.max(long_ago(now)) + GAP;
        (*last > now).then_some(*last)
    }
}

fn long_ago(now: Instant) -> Instant {
    now.checked_sub(GAP * AT_ONCE).unwrap_or(now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_are_answered_at_once_and_the_others_one_after_the_other() {
        let start = Instant::now() + Duration::from_secs(60);
        let pace = RateLimiter::new(start);
        let wait = |at| pace.turn(at).map_or(Duration::ZERO, |turn| turn - at);
        assert!((0..AT_ONCE).all(|_| wait(start).is_zero()));
        assert_eq!((wait(start), wait(start)), (GAP, GAP * 2));
        // what was not used is not saved for longer than that
        let later = start + Duration::from_secs(3600);
        assert_eq!((0..100).filter(|_| wait(later).is_zero()).count(), AT_ONCE as usize);
    }
}
