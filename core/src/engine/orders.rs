//! What an instance is asked for.

use crate::provider::{Failure, Selection, SignalOutcome, SignalRequest};
use std::time::Duration;
use tokio::sync::watch;

/// What is expected of an instance.
#[derive(Clone, Default, PartialEq, Debug)]
pub(super) struct Orders {
    /// What it is asked for on request.
    pub(super) want: Selection,
    /// What of this it is asked for at its own interval.
    pub(super) scheduled: Selection,
    /// A person looks at it alone.
    pub(super) closely: bool,
    /// It is asked no more often than this, whatever its own interval.
    pub(super) every: Option<Duration>,
}

/// A signal to processes of a host, and what is called with its outcome.
pub(super) struct SignalOrder {
    pub(super) request: SignalRequest,
    pub(super) reply: SignalReply,
}

/// Takes an outcome for each process, in their order, or why nothing was sent.
pub type SignalReply = Box<dyn FnOnce(Result<Vec<SignalOutcome>, Failure>) + Send>;

/// Waits until the time before of another member is wanted, or of none, while a poll asks for that of one.
pub(super) async fn moved_on(orders: &mut watch::Receiver<Orders>, want: &Selection) {
    if want.past().is_some() {
        let other = |orders: &Orders| orders.scheduled.past() != want.past();
        if orders.wait_for(other).await.is_ok() {
            return;
        }
    }
    std::future::pending().await
}
