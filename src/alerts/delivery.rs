//! What waits for the address of a webhook. It is delivered one document after the other, tried again within
//! bounds, and kept over a restart.

use super::Report;
use manytop_core::alerts::SavedDocument;
use manytop_providers::http::post::{Posted, Poster};
use std::{
    collections::VecDeque,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};
use tokio::sync::Notify;

/// So many documents wait for one address.
pub const WAITING: usize = 1000;
/// A document that could not be delivered for this long is dropped.
const KEPT: Duration = Duration::from_secs(3600);
/// The waits between attempts double from the first to the second of these.
const WAITS: [Duration; 2] = [Duration::from_secs(1), Duration::from_secs(60)];

/// The documents of one rule, the oldest first.
pub struct DeliveryQueue {
    rule: Arc<str>,
    state: Mutex<QueueState>,
    added: Notify,
    changed: Condvar,
}

#[derive(Default)]
struct QueueState {
    documents: VecDeque<SavedDocument>,
    /// The last attempt failed.
    is_failing: bool,
    /// Nothing more is added.
    is_closed: bool,
}

impl DeliveryQueue {
    /// An empty queue of the documents of a rule.
    pub fn new(rule: Arc<str>) -> DeliveryQueue {
        let (state, added, changed) = Default::default();
        DeliveryQueue { rule, state, added, changed }
    }

    /// Adds a document. Returns whether there was room for it.
    pub fn add(&self, text: String, at: SystemTime) -> bool {
        let mut state = self.state();
        if state.documents.len() >= WAITING {
            return false;
        }
        state.documents.push_back(SavedDocument { rule: self.rule.clone(), at, text });
        self.added.notify_one();
        true
    }

    /// Ends the task that delivers, once all that waits is delivered.
    pub fn close(&self) {
        self.state().is_closed = true;
        self.added.notify_one();
    }

    /// Whether all was delivered.
    pub fn is_empty(&self) -> bool {
        self.state().documents.is_empty()
    }

    /// Waits until all is delivered, an attempt fails, or a time comes. Returns what is left.
    pub fn wait(&self, until: Instant) -> Vec<SavedDocument> {
        let mut state = self.state();
        while !state.documents.is_empty() && !state.is_failing {
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            let waited = self.changed.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.documents.iter().cloned().collect()
    }

    fn state(&self) -> MutexGuard<'_, QueueState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The oldest document; `None` when there will be none.
    async fn first(&self) -> Option<SavedDocument> {
        loop {
            {
                let state = self.state();
                match state.documents.front() {
                    Some(first) => return Some(first.clone()),
                    None if state.is_closed => return None,
                    None => {}
                }
            }
            self.added.notified().await;
        }
    }

    fn failed(&self) {
        self.state().is_failing = true;
        self.changed.notify_all();
    }

    fn done(&self, is_failing: bool) {
        let mut state = self.state();
        state.documents.pop_front();
        state.is_failing = is_failing;
        self.changed.notify_all();
    }
}

/// Delivers documents one after the other; the first that fails holds up the rest.
pub async fn deliver(queue: Arc<DeliveryQueue>, mut poster: Poster, report: Report) {
    let name = &queue.rule;
    let mut is_down = false;
    while let Some(document) = queue.first().await {
        let mut wait = WAITS[0];
        let is_old = || document.at.elapsed().is_ok_and(|age| age >= KEPT);
        loop {
            match poster.post(document.text.clone()).await {
                Posted::Taken => {
                    if std::mem::take(&mut is_down) {
                        report(format!("alert-{name}-webhook: {} answers again", poster.place()));
                    }
                    queue.done(false);
                    break;
                }
                Posted::Refused(why) => {
                    report(format!("alert-{name}-webhook: {}: {why}", poster.place()));
                    queue.done(false);
                    break;
                }
                Posted::Later(why) if is_old() => {
                    report(format!(
                        "alert-{name}-webhook: {}: {why}; a notice is dropped after an hour",
                        poster.place()
                    ));
                    queue.done(true);
                    break;
                }
                Posted::Later(why) => {
                    if !std::mem::replace(&mut is_down, true) {
                        let place = poster.place();
                        report(format!("alert-{name}-webhook: {place}: {why}; it is tried again"));
                    }
                    queue.failed();
                    tokio::time::sleep(wait).await;
                    wait = (wait * 2).min(WAITS[1]);
                }
            }
        }
    }
}
