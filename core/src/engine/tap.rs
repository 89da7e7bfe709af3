//! A consumer of everything that the engine receives: a recording.

use crate::{model::store::Selects, provider::Selection, view::Snapshot};
use std::time::Duration;

/// After an answer, others are waited for this long, so that one machine's readers make one snapshot.
pub(super) const GATHER: Duration = Duration::from_millis(50);

/// What a tap wants of some sources.
#[derive(Clone)]
pub struct TapDemand {
    /// Of which sources.
    pub selects: Selects,
    /// What.
    pub want: Selection,
    /// How often, where only the tap wants it; a shorter time than an instance's own interval is that.
    pub every: Duration,
}

/// Gets a snapshot soon after every answer, whatever is on the screen.
pub struct Tap {
    /// What is read for it.
    pub demands: Vec<TapDemand>,
    /// Takes a snapshot, on the engine's thread: it must not block.
    pub take: Box<dyn Fn(Snapshot) + Send>,
}
