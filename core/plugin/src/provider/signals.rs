//! Signals to processes of a remote host.

use super::Failure;
use std::{fmt, pin::Pin};

/// Processes of a host, and the signal that they are to get.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SignalRequest {
    /// The signal's name without SIG: `TERM`.
    pub signal: &'static str,
    /// Pids, each with the generation that its device has: the start time of the process.
    pub processes: Vec<(u32, u64)>,
}

/// What became of a signal to one process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SignalOutcome {
    /// It was sent.
    Sent,
    /// The process has ended.
    Ended,
    /// The pid belongs to another process now, which was left alone.
    OtherProcess,
    /// The user there may not signal it.
    NotPermitted,
    /// It was not sent, for another reason.
    Failed,
}

impl fmt::Display for SignalOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SignalOutcome::Sent => "sent",
            SignalOutcome::Ended => "it has ended",
            SignalOutcome::OtherProcess => "the pid belongs to another process now",
            SignalOutcome::NotPermitted => "not permitted to the user there",
            SignalOutcome::Failed => "the shell there could not send it",
        })
    }
}

/// A signal on its way.
pub type Signalling<'a> =
    Pin<Box<dyn Future<Output = Result<Vec<SignalOutcome>, Failure>> + Send + 'a>>;
