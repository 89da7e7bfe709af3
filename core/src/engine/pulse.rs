//! Notices when manytop itself was away: suspended, stopped by a signal, or kept from running. Then the
//! engine wakes later than it meant to, and no source is to blame for the silence.

use crate::clock::Moment;
use std::time::Duration;
use tokio::time::{Instant, timeout};

/// A machine that is only busy wakes the engine no later than this.
const SLACK: Duration = Duration::from_millis(500);
/// While a sample is awaited without a screen, the engine looks at the clock this often.
const BEAT: Duration = Duration::from_secs(1);
/// So many slices of one attempt can be forgiven: a machine that is always too busy is a fact.
const FORGIVEN: u32 = 8;

/// When the engine's thread means to wake next.
#[derive(Default)]
pub(super) struct Pulse {
    /// How many samples are awaited.
    pub(super) sampling: usize,
    expected: Option<Moment>,
}

impl Pulse {
    /// When to wake at the latest; `None`: whenever something happens. `due` is the next picture.
    pub(super) fn next(&mut self, due: Option<Instant>) -> Option<Instant> {
        let now = Instant::now();
        let next = due.or((self.sampling > 0).then(|| now + BEAT));
        self.expected = next.map(|next| Moment::now() + next.saturating_duration_since(now));
        next
    }

    /// After waking: since when and how long nothing ran, if that is more than being busy explains.
    pub(super) fn gap(&self) -> Option<(Moment, Duration)> {
        let gap = self.expected.map(|expected| (expected, Moment::now().since(expected)));
        gap.filter(|(_, late)| *late > SLACK)
    }
}

/// Waits for an attempt until its deadline; `None`: it has passed. Time in which manytop was away does not
/// count: the answer may wait in a buffer, unread.
pub(super) async fn within<T>(deadline: Duration, attempt: impl Future<Output = T>) -> Option<T> {
    let mut attempt = std::pin::pin!(attempt);
    let (mut left, mut forgiven) = (deadline, 0);
    loop {
        let slice = left.min(BEAT);
        let began = Moment::now();
        if let Ok(done) = timeout(slice, attempt.as_mut()).await {
            return Some(done);
        }
        if Moment::now().since(began) > slice + SLACK && forgiven < FORGIVEN {
            forgiven += 1;
            continue;
        }
        left -= slice;
        if left.is_zero() {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::pending;

    fn runtime() -> tokio::runtime::Runtime {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
    }

    /// Keeps the thread that polls it busy, once.
    async fn busy(span: Duration) {
        let began = std::time::Instant::now();
        while began.elapsed() < span {
            std::thread::park_timeout(span / 10);
        }
    }

    #[test]
    fn a_deadline_counts_the_time_in_which_manytop_ran() {
        let short = Duration::from_millis(20);
        runtime().block_on(async {
            assert_eq!(within(short, pending::<()>()).await, None);
            assert_eq!(within(short, async { 7 }).await, Some(7));
            let later = async {
                busy(SLACK + 3 * short).await; // stopped in the middle of an attempt
                tokio::time::sleep(short / 2).await;
                7
            };
            assert_eq!(within(short, later).await, Some(7));
        });
    }

    #[test]
    fn an_engine_that_wakes_late_was_away() {
        let mut pulse = Pulse::default();
        assert_eq!(pulse.next(None), None);
        assert_eq!(pulse.gap(), None, "without a picture to make it may sleep for ever");
        let long_ago = Moment::now().before(Duration::from_secs(9));
        pulse.next(Some(Instant::now()));
        assert_eq!(pulse.gap(), None);
        pulse.expected = Some(long_ago);
        let (since, gap) = pulse.gap().unwrap();
        assert!(since == long_ago && gap >= Duration::from_secs(9));
        pulse.sampling = 1;
        assert!(pulse.next(None).is_some());
    }
}
