//! The past of a source that its engine serves: for instants that are no longer in memory.

use crate::{clock::Moment, history::History, source::Source};
use std::time::Duration;

/// An engine that can be asked what a source was like at any instant, and what it answered last.
#[derive(Clone, Debug)]
pub struct EnginePast {
    /// The engine.
    pub engine: Source,
    /// Its last answer.
    pub window: Option<EngineWindow>,
}

/// A span of the past, as an engine has it.
#[derive(Clone, Debug)]
pub struct EngineWindow {
    /// The end of the span.
    pub until: Moment,
    /// Its length.
    pub span: Duration,
    /// What was read of the source in it; empty where the engine has nothing.
    pub history: History,
    /// Why it could not be read.
    pub problem: Option<String>,
}

impl EngineWindow {
    /// Whether an instant lies in the span.
    pub fn covers(&self, at: Moment) -> bool {
        at <= self.until && at >= self.until.before(self.span)
    }
}
