//! A sample on request: every instance that is wanted is asked, under one deadline.

use super::{Asker, EngineCommand, FAILING, tasks::Handle};
use crate::model::store::Store;
use std::{collections::BTreeMap, time::Duration};
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, timeout_at},
};

/// Asks all that are wanted; the answers pass through the store before the asker hears of them.
pub(super) fn sample(
    handles: &BTreeMap<usize, Handle>,
    store: &Store,
    deadline: Duration,
    asker: Asker,
    back: mpsc::UnboundedSender<EngineCommand>,
) {
    let now = Instant::now();
    let until = |id| now + if store.is_failing(id) { deadline.min(FAILING) } else { deadline };
    let (mut waiting, mut late) = (Vec::new(), Vec::new());
    for (id, handle) in handles.iter().filter(|(_, h)| !h.orders.borrow().want.is_empty()) {
        let (reply, answered) = oneshot::channel();
        match handle.ask.try_send(reply) {
            Ok(()) => waiting.push((*id, until(*id), answered)),
            Err(_) => late.push(*id), // busy with those who asked before
        }
    }
    tokio::spawn(async move {
        for (id, until, answered) in waiting {
            if timeout_at(until, answered).await.is_err() {
                late.push(id);
            }
        }
        let _ = back.send(EngineCommand::Sampled(late, asker));
    });
}
