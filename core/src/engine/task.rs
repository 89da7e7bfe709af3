//! The life of one instance: it waits for its turn, for a request, or for a demand that has grown,
//! and makes one attempt at a time.

use super::{
    job::{Job, Live, run},
    orders::{Orders, SignalOrder, moved_on},
    pulse::within,
    readers::{Back, Home, Readers, panic_text},
    turns::Turns,
};
use crate::{
    clock::Moment,
    model::store::Update,
    provider::{self, Class, Failure, Selection, SignalOutcome, SignalRequest, with_name},
    reading::PollResult,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    task::Poll,
    time::Duration,
};
use tokio::{
    sync::{mpsc, oneshot, watch},
    time::{Instant, sleep_until, timeout},
};

/// A sample younger than this is shared, and an instance is not asked again before.
const FRESH: Duration = Duration::from_millis(250);
/// A reader that has not begun after this long waits behind one that hangs.
const PATIENCE: Duration = Duration::from_millis(100);
/// The first answer has no rates; the second follows this soon where asking is cheap.
const SECOND: Duration = Duration::from_millis(300);
/// However often it fails, it is asked again after this long (or its interval, if that is longer).
const LONGEST_BACK_OFF: Duration = Duration::from_secs(10);

pub(super) struct Task {
    pub(super) id: usize,
    pub(super) name: Option<Arc<str>>,
    pub(super) job: Job,
    pub(super) turns: Turns,
    /// Its turns while a person looks at it alone.
    pub(super) close_turns: Turns,
    pub(super) deadline: Duration,
    pub(super) readers: Readers,
    pub(super) orders: watch::Receiver<Orders>,
    pub(super) asked: mpsc::Receiver<oneshot::Sender<()>>,
    /// Signals to processes of its host, where it takes any.
    pub(super) signals: Option<mpsc::Receiver<SignalOrder>>,
    pub(super) out: mpsc::Sender<Update>,
}

/// What the last attempts were like.
#[derive(Default)]
struct PollHistory {
    good: u64,
    failed_in_a_row: u32,
    /// When the last attempt began, and when it ended.
    began: Option<Instant>,
    last: Option<Instant>,
    asked_for: Selection,
}

impl Task {
    /// Ends when the engine does.
    pub(super) async fn run(mut self) {
        let mut past = PollHistory::default();
        let mut away: Option<Home> = None;
        let mut due: Option<Instant> = None;
        self.orders.mark_changed(); // demand that was set before this first ran must not be lost
        loop {
            let turn = async {
                match due {
                    Some(due) => sleep_until(due).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                back = receiver(&mut away), if away.is_some() => {
                    away = None;
                    let result = self.take_back(back);
                    if self.report(&mut past, result, &mut due).await.is_err() { return; }
                }
                request = self.asked.recv() => {
                    let Some(reply) = request else { return };
                    if reply.is_closed() { continue; } // nobody waits for it any more
                    let fresh = past.failed_in_a_row == 0
                        && past.last.is_some_and(|last| last.elapsed() < FRESH)
                        && past.asked_for.covers(&self.orders.borrow().want);
                    let want = self.orders.borrow().want.clone();
                    if !fresh && self.attempt(want, &mut past, &mut away, &mut due).await.is_err() {
                        return;
                    }
                    let _ = reply.send(()); // who asked may have given up
                }
                order = order(&mut self.signals) => {
                    let SignalOrder { request, reply } = order;
                    reply(self.signal(&request).await);
                }
                changed = self.orders.changed() => {
                    if changed.is_err() { return; }
                    let orders = self.orders.borrow_and_update().clone();
                    due = self.next_turn(&past, &orders, due);
                }
                () = turn => {
                    let want = self.orders.borrow().scheduled.clone();
                    if self.attempt(want, &mut past, &mut away, &mut due).await.is_err() { return; }
                }
            }
        }
    }

    /// Its next turn under new orders: none, at once where more is wanted than it was asked for, else
    /// as before.
    fn next_turn(
        &self,
        past: &PollHistory,
        orders: &Orders,
        due: Option<Instant>,
    ) -> Option<Instant> {
        if orders.scheduled.is_empty() {
            return None;
        }
        let now = Instant::now();
        let turns = self.turns(orders);
        let Some(last) = past.last else { return Some(turns.first(now)) };
        if past.asked_for.covers(&orders.scheduled) && past.failed_in_a_row == 0 {
            Some(
                due.unwrap_or_else(|| turns.after(now).min(last + turns.interval).max(now))
                    .min(turns.after(now)), // they may have become closer
            )
        } else {
            Some((last + FRESH).max(now))
        }
    }

    fn turns(&self, orders: &Orders) -> Turns {
        let own = if orders.closely { self.close_turns } else { self.turns };
        match orders.every.filter(|every| *every > own.interval) {
            None => own,
            // many are dealt over the longer interval, as they are over their own
            Some(every) => {
                let places = (every.as_nanos() / own.interval.as_nanos().max(1)).max(1) as u32;
                let offset = own.offset + own.interval * (self.id as u32 % places);
                Turns { interval: every, offset, ..own }
            }
        }
    }

    /// Sends a signal between two polls.
    async fn signal(&mut self, request: &SignalRequest) -> Result<Vec<SignalOutcome>, Failure> {
        let Live::Polls(provider) = &mut self.job.run else {
            return Err(Failure::new(Class::Refused, "this provider sends no signals"));
        };
        let sent = within(self.deadline, provider.signal(request)).await;
        sent.unwrap_or_else(|| Err(Failure::timeout(self.deadline)))
    }

    async fn attempt(
        &mut self,
        want: Selection,
        past: &mut PollHistory,
        away: &mut Option<Home>,
        due: &mut Option<Instant>,
    ) -> Result<(), ()> {
        past.asked_for = want.clone();
        past.began = Some(Instant::now());
        let result = match &mut self.job.run {
            Live::Polls(provider) => {
                if let Some(turn) = provider.turn() {
                    turn.await;
                    past.began = Some(Instant::now());
                }
                let polling = within(self.deadline, caught(provider.poll(&want)));
                let polled = tokio::select! {
                    biased;
                    polled = polling => Some(polled),
                    () = moved_on(&mut self.orders, &want) => None,
                };
                let Some(polled) = polled else {
                    // nothing of it is wanted any more: the next attempt is for what is
                    past.asked_for = Selection::nothing();
                    self.orders.mark_changed();
                    return Ok(());
                };
                polled.unwrap_or_else(|| {
                    let failure = Failure::timeout(self.deadline);
                    Err(match provider.unfinished() {
                        Some(advice) => failure.advise(advice),
                        None => failure,
                    })
                })
            }
            Live::Reads(slot) => match slot.take() {
                // still away: never asked again before it returns
                None => Err(Failure::timeout(self.deadline)),
                Some(reader) => {
                    let mut back = self.readers.send(reader, want);
                    match wait_for(&self.readers, &mut back, self.deadline).await {
                        Some(receiver) => self.take_back(receiver),
                        None => {
                            *away = Some(back);
                            Err(Failure::timeout(self.deadline))
                        }
                    }
                }
            },
        };
        self.report(past, result, due).await
    }

    /// Takes a reader back, or builds a new one when it broke.
    fn take_back(&mut self, receiver: Returned) -> Result<PollResult, Failure> {
        let (reader, result) = receiver.unwrap_or_else(|_| (None, Err(broken())));
        match reader {
            Some(reader) => self.job.run = Live::Reads(Some(reader)),
            None => self.rebuild(),
        }
        result
    }

    fn rebuild(&mut self) {
        // the options were good before; were they not now, the old one would stay
        if let Ok(run) = run(self.job.plugin, &self.job.options) {
            self.job.run = run;
        }
    }

    /// Hands over what an attempt brought and sets the time of the next.
    async fn report(
        &mut self,
        past: &mut PollHistory,
        result: Result<PollResult, Failure>,
        due: &mut Option<Instant>,
    ) -> Result<(), ()> {
        let now = Instant::now();
        past.last = Some(now);
        let failed = result.as_ref().err().is_some_and(|f| f.class() != Class::Absent);
        let more = result.as_ref().is_ok_and(|answer| answer.more);
        if let Err(failure) = &result
            && failure.class() == Class::Panicked
            && !self.job.reads()
        {
            self.rebuild();
        }
        let turns = self.turns(&self.orders.borrow());
        let mut next = turns.after(now);
        if failed {
            past.failed_in_a_row += 1;
            if !self.job.reads() {
                next = next.max(now + back_off(turns.interval, past.failed_in_a_row, self.id));
            }
        } else {
            past.failed_in_a_row = 0;
            past.good += 1;
            if more || (past.good == 1 && self.job.reads()) {
                next = next.min(now + SECOND);
            }
        }
        *due = (!self.orders.borrow().scheduled.is_empty()).then_some(next);
        let result = match &self.name {
            Some(name) => named(result, name),
            None => result,
        };
        let at = Moment::now();
        let retry = failed.then(|| at + next.saturating_duration_since(now));
        let took = past.began.map(|began| now.saturating_duration_since(began));
        let update = Update { instance: self.id, at, result, retry, took };
        self.out.send(update).await.map_err(|_| ())
    }
}

/// The next signal that is to be sent; none where the instance takes none.
async fn order(signals: &mut Option<mpsc::Receiver<SignalOrder>>) -> SignalOrder {
    let next = match signals {
        Some(signals) => signals.recv().await,
        None => None,
    };
    match next {
        Some(order) => order,
        None => std::future::pending().await,
    }
}

type Returned = Result<Back, oneshot::error::RecvError>;

async fn receiver(away: &mut Option<Home>) -> Returned {
    match away {
        Some(back) => back.await,
        None => std::future::pending().await,
    }
}

/// Waits for a reader until the deadline; on the way, sees to it that it does not queue behind one
/// that hangs.
async fn wait_for(readers: &Readers, back: &mut Home, deadline: Duration) -> Option<Returned> {
    readers.ensure_worker(false);
    let mut left = deadline;
    while !left.is_zero() {
        // counted in slices: time in which manytop was stopped is not the reader's
        let slice = PATIENCE.min(left);
        if let Ok(receiver) = timeout(slice, &mut *back).await {
            return Some(receiver);
        }
        readers.ensure_worker(true);
        left -= slice;
    }
    None
}

/// An outcome that calls the instance by its name.
fn named(result: Result<PollResult, Failure>, name: &str) -> Result<PollResult, Failure> {
    match result {
        Ok(mut answer) => {
            answer.notes.iter_mut().for_each(|note| *note = with_name(note, name));
            Ok(answer)
        }
        Err(failure) => Err(failure.named(name)),
    }
}

fn broken() -> Failure {
    Failure::new(Class::Panicked, "broke without a word")
}

/// How long after the n-th failure in a row the next attempt waits: twice as long each time, never
/// longer than [`LONGEST_BACK_OFF`], and not all at the same moment.
fn back_off(interval: Duration, failed: u32, id: usize) -> Duration {
    if failed <= 1 {
        return Duration::ZERO;
    }
    let longest = LONGEST_BACK_OFF.max(interval);
    let wait = interval.saturating_mul(1 << (failed - 1).min(16)).min(longest);
    let spread = Moment::now().as_nanos().wrapping_mul(id as u64 * 2 + 1) >> 7 & 0xff;
    wait.mul_f64(0.9 + 0.2 * spread as f64 / 255.0)
}

/// A poll; a panic in it is a failure.
async fn caught(mut poll: provider::Polling<'_>) -> Result<PollResult, Failure> {
    std::future::poll_fn(move |cx| {
        match catch_unwind(AssertUnwindSafe(|| poll.as_mut().poll(cx))) {
            Ok(poll) => poll,
            Err(panic) => Poll::Ready(Err(Failure::new(Class::Panicked, panic_text(&*panic)))),
        }
    })
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn back_off_doubles_is_capped_and_never_shortens_the_interval() {
        let second = Duration::from_secs(1);
        assert_eq!(back_off(second, 1, 3), Duration::ZERO, "the first failure costs nothing");
        for (failed, expected) in [(2, 2.0), (3, 4.0), (4, 8.0), (5, 10.0), (60, 10.0)] {
            let got = back_off(second, failed, 3).as_secs_f64();
            assert!((expected * 0.9..=expected * 1.1001).contains(&got), "{failed}: {got}");
        }
        assert!(back_off(second * 60, 9, 3) >= second * 54);
    }
}
