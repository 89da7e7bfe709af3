//! Signals to processes of a host: the request, and the outcome that its shell reports.

use manytop_plugin::provider::{SignalOutcome, SignalRequest};
use std::fmt::Write as _;

/// The words of a request: the signal's name, then for each process its pid and its start in clock ticks. Names are this
/// program's own, and the rest are digits.
pub fn words(request: &SignalRequest) -> String {
    let mut words = request.signal.to_owned();
    for (pid, started) in &request.processes {
        // writing to a String does not fail
        let _ = write!(words, " {pid} {started}");
    }
    words
}

/// The outcome for each process, in their order, of lines `PID WORD`.
pub fn outcomes(request: &SignalRequest, payload: &[u8]) -> Vec<SignalOutcome> {
    let text = String::from_utf8_lossy(payload);
    let outcome = |pid: u32| {
        let pid = pid.to_string();
        let word = text.lines().find_map(|line| line.strip_prefix(&*pid)?.strip_prefix(' '));
        match word {
            Some("sent") => SignalOutcome::Sent,
            Some("ended") => SignalOutcome::Ended,
            Some("other") => SignalOutcome::OtherProcess,
            Some("refused") => SignalOutcome::NotPermitted,
            _ => SignalOutcome::Failed,
        }
    };
    request.processes.iter().map(|(pid, _)| outcome(*pid)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_process_has_the_outcome_that_its_line_reports() {
        let processes = vec![(7, 100), (77, 200), (8, 300), (9, 400)];
        let request = SignalRequest { signal: "TERM", processes };
        assert_eq!(words(&request), "TERM 7 100 77 200 8 300 9 400");
        let payload = b"77 other\n7 sent\n8 refused\nsh: kill: odd words\n";
        assert_eq!(
            outcomes(&request, payload),
            [
                SignalOutcome::Sent,
                SignalOutcome::OtherProcess,
                SignalOutcome::NotPermitted,
                SignalOutcome::Failed
            ]
        );
    }
}
