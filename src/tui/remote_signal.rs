//! Signals to processes of another machine, which the engine sends.

use super::{TuiEvent, processes::name};
use manytop_core::{
    engine::Engine,
    provider::{Failure, SignalOutcome, SignalRequest},
    source::Source,
    widget::ProcessTarget,
};
use std::sync::mpsc::Sender;

/// A signal to processes of another machine.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RemoteSignal {
    source: Source,
    signal: usize,
    processes: Vec<ProcessTarget>,
}

impl RemoteSignal {
    /// That signal of [`super::processes::SIGNALS`] to processes of `source`.
    pub fn new(source: Source, signal: usize, mut processes: Vec<ProcessTarget>) -> RemoteSignal {
        processes.retain(|process| process.source == source);
        RemoteSignal { source, signal, processes }
    }

    /// Has the engine send it, and reports what became of it.
    pub(super) fn send(self, engine: &Engine, reports: Sender<TuiEvent>) {
        let (source, request) = (self.source.clone(), self.request());
        let reply = move |result| {
            let report = self.report(result);
            let warns = report.is_err();
            // the screen may have ended
            let _ = reports.send(TuiEvent::Report(report.unwrap_or_else(|problem| problem), warns));
        };
        engine.signal(source, request, Box::new(reply));
    }

    fn request(&self) -> SignalRequest {
        let processes = self.processes.iter().map(|process| (process.pid, process.started));
        let signal = name(self.signal).trim_start_matches("SIG");
        SignalRequest { signal, processes: processes.collect() }
    }

    /// A message about what became of it; an error where it did not reach each of them.
    fn report(&self, result: Result<Vec<SignalOutcome>, Failure>) -> Result<String, String> {
        let (signal, host) = (name(self.signal), self.source.name());
        let outcomes =
            result.map_err(|failure| format!("{signal} not sent on {host}: {failure}"))?;
        let all = self.processes.iter().zip(outcomes);
        let mut others = all.filter(|(_, outcome)| *outcome != SignalOutcome::Sent);
        match others.next() {
            None => Ok(format!("{signal} sent to {} on {host}", self.processes.len())),
            Some((process, outcome)) => {
                let sent = self.processes.len() - 1 - others.count();
                let (total, name, pid) = (self.processes.len(), &process.name, process.pid);
                Err(format!(
                    "{signal} sent to {sent} of {total} on {host}; {name} ({pid}): {outcome}"
                ))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_core::provider::Class;

    #[test]
    fn what_did_not_reach_a_process_is_said_with_its_host() {
        let web1 = Source::named("web1");
        let one = |source: &Source, pid| ProcessTarget {
            source: source.clone(),
            pid,
            started: 100,
            name: format!("sh{pid}"),
        };
        let all = vec![one(&web1, 7), one(&Source::Local, 8), one(&web1, 9)];
        let order = RemoteSignal::new(web1, 0, all);
        let request = order.request();
        assert_eq!(request.signal, "TERM");
        assert_eq!(request.processes, [(7, 100), (9, 100)], "none of another machine");
        let sent = order.report(Ok(vec![SignalOutcome::Sent; 2]));
        assert_eq!(sent, Ok("SIGTERM sent to 2 on web1".into()));
        let one = order.report(Ok(vec![SignalOutcome::Sent, SignalOutcome::OtherProcess]));
        let text =
            "SIGTERM sent to 1 of 2 on web1; sh9 (9): the pid belongs to another process now";
        assert_eq!(one, Err(text.into()));
        let none = order.report(Err(Failure::new(Class::Unreachable, "no session")));
        assert_eq!(none, Err("SIGTERM not sent on web1: no session".into()));
    }
}
