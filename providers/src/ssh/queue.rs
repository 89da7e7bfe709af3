//! When log-ins begin: a few at a time over all hosts, and rarely after a failure that only the user can repair.

use super::{
    address::Address,
    session::{self, Session},
};
use manytop_plugin::{
    clock::Moment,
    provider::{Class, Failure},
};
use std::time::Duration;
use tokio::{
    sync::{Semaphore, watch},
    task::JoinHandle,
};

/// Log-ins under way, of all hosts: each costs a tenth of a second of processor time here, and an sshd
/// drops connections of which too many are not yet logged in. Many hosts may share one jump host.
static LOG_INS: Semaphore = Semaphore::const_new(4);

/// Seconds without a log-in after the first failure that only the user can repair, and the longest such pause.
const PAUSES: (u64, u64) = (15, 120);

/// A log-in under way, which goes on while no poll waits for it.
pub struct Connecting {
    task: JoinHandle<Result<Session, Failure>>,
    begun: watch::Receiver<bool>,
}

impl Drop for Connecting {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Connecting {
    /// Begins when its turn comes.
    pub fn begin(address: Address, compressed: bool) -> Connecting {
        Connecting::after(&LOG_INS, async move { session::connect(&address, compressed).await })
    }

    /// Logs in while it holds one of these permits.
    fn after(
        permits: &'static Semaphore,
        log_in: impl Future<Output = Result<Session, Failure>> + Send + 'static,
    ) -> Connecting {
        let (begins, begun) = watch::channel(false);
        let task = tokio::spawn(async move {
            let permit = permits.acquire().await;
            begins.send_replace(true);
            let session = log_in.await;
            drop(permit);
            session
        });
        Connecting { task, begun }
    }

    /// Waits for its turn.
    pub async fn turn(&mut self) {
        // an error says that the task has ended
        let _ = self.begun.wait_for(|begun| *begun).await;
    }

    /// Waits for its end.
    pub async fn wait(&mut self) -> Result<Session, Failure> {
        match (&mut self.task).await {
            Ok(result) => result,
            Err(_) => Err(Failure::new(Class::Panicked, "the log-in over ssh broke")),
        }
    }
}

/// A time without log-ins: a host that has refused one will refuse the next one too, and may count them.
#[derive(Default)]
pub struct Pause {
    failed: u32,
    until: Option<(Moment, Failure)>,
}

impl Pause {
    /// The failure that holds until it is tried again.
    pub fn holds(&self, now: Moment) -> Option<Failure> {
        let (until, failure) = self.until.as_ref()?;
        (now < *until).then(|| failure.clone())
    }

    /// Takes note of a failure, which is handed back.
    pub fn after(&mut self, failure: Failure, now: Moment) -> Failure {
        if failure.class() == Class::Refused {
            let (first, longest) = PAUSES;
            let seconds = (first << self.failed.min(8)).min(longest) as f64;
            self.failed += 1;
            // not all hosts at the same moment
            let jitter = (now.as_nanos() >> 7 & 0xff) as f64 / 255.0;
            let pause = Duration::from_secs_f64(seconds * (0.8 + 0.4 * jitter));
            self.until = Some((now + pause, failure.clone()));
        }
        failure
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_turn_comes_when_another_log_in_has_ended() {
        static ONE: Semaphore = Semaphore::const_new(1);
        let log_in = |answer: tokio::sync::oneshot::Receiver<()>| {
            Connecting::after(&ONE, async move {
                let _ = answer.await;
                Err(Failure::new(Class::Refused, "no key"))
            })
        };
        let ((answer, first), (_kept, second)) =
            (tokio::sync::oneshot::channel(), tokio::sync::oneshot::channel());
        let mut first = log_in(first);
        first.turn().await;
        let mut second = log_in(second);
        tokio::task::yield_now().await;
        assert!(!*second.begun.borrow(), "one at a time");
        answer.send(()).unwrap();
        second.turn().await;
        assert_eq!(first.wait().await.err().unwrap().reason(), "no key");
        drop(second);
        log_in(tokio::sync::oneshot::channel().1).turn().await;
    }

    #[test]
    fn what_was_refused_is_tried_again_later_each_time_and_what_was_down_at_once() {
        let mut pause = Pause::default();
        let at = Moment::from_secs;
        pause.after(Failure::new(Class::Unreachable, "down"), at(100));
        assert_eq!(pause.holds(at(100)), None);
        pause.after(Failure::new(Class::Refused, "no key"), at(100));
        assert_eq!(pause.holds(at(111)).unwrap().reason(), "no key");
        assert_eq!(pause.holds(at(119)), None);
        for _ in 0..9 {
            pause.after(Failure::new(Class::Refused, "no key"), at(200));
        }
        assert!(pause.holds(at(295)).is_some() && pause.holds(at(345)).is_none());
    }
}
