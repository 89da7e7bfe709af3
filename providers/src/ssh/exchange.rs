//! Requests to a shell, numbered, and which of them are unanswered.

use super::{background::BackgroundJob, containers, listing::Patterns, lists, processes};
use std::fmt::Write as _;

/// What an answer on standard output is to.
#[derive(Clone, Debug)]
pub enum SshRequest {
    /// Files of the machine.
    Files(Patterns),
    /// Those that hardly change.
    Steady(Patterns),
    /// cpuinfo.
    Processors(Patterns),
    /// Links.
    Links(Patterns),
    /// Names of users.
    Users(Patterns),
    /// Values of control groups.
    Containers(Patterns),
    /// `stat` of all processes.
    Stats,
    /// `io` of all processes.
    Traffic,
    /// Lines of `status` of some.
    Status,
    /// Files of those that are looked at.
    Details,
    /// Which of those that hung are there.
    Hung,
    /// The pid of a job in the background.
    Pid(u32),
    /// What became of a signal.
    Signal,
}

/// The requests of a session.
pub struct Exchange {
    lines: String,
    open: Vec<(u32, SshRequest)>,
    last: u32,
    has_grep: bool,
    keeps_nul: bool,
}

impl Exchange {
    /// Of a new session; without a grep files are asked for one by one, and where it cuts at NUL, command
    /// lines are.
    pub fn new(has_grep: bool, keeps_nul: bool) -> Exchange {
        Exchange { lines: String::new(), open: Vec::new(), last: 0, has_grep, keeps_nul }
    }

    /// Asks for files.
    pub fn files(&mut self, verb: &str, ask: fn(Patterns) -> SshRequest, patterns: Patterns) {
        let words = patterns.words();
        self.request(verb, &words, ask(patterns));
    }

    /// Asks with that verb and those words.
    pub fn request(&mut self, verb: &str, words: &str, ask: SshRequest) {
        let (id, verb) = (self.number(), self.verb(verb));
        // writing to a String does not fail
        let _ = writeln!(self.lines, "{verb} {id} {words}");
        self.open.push((id, ask));
    }

    /// Starts a job, and returns its number.
    pub fn background(&mut self, job: &BackgroundJob) -> u32 {
        let id = self.number();
        let grep = self.verb("g");
        let command = match job {
            BackgroundJob::Sensors => format!("{grep} {id} {}", lists::SENSORS.join(" ")),
            BackgroundJob::Values => format!("{grep} {id} {}", lists::VALUES.join(" ")),
            BackgroundJob::Interfaces => format!("{grep} {id} {}", lists::INTERFACES.join(" ")),
            BackgroundJob::Units => format!("x {id}"),
            BackgroundJob::ContainerLimits => {
                format!("{} {id} {}", self.verb("m"), containers::limits().words())
            }
            BackgroundJob::ContainerNames(ids) => {
                format!("{grep} {id} {}", containers::names(ids).words())
            }
            BackgroundJob::Space(points, _) => format!("d {id} {}", points.join(" ")),
            BackgroundJob::Inodes(points) => format!("f {id} {}", points.join(" ")),
            BackgroundJob::Commands(pids) => {
                let verb = if self.keeps_nul { "g" } else { "c" };
                format!("{verb} {id}{}", processes::of_some(pids, &["cmdline"]))
            }
        };
        let may_hang = matches!(
            job,
            BackgroundJob::Units | BackgroundJob::Space(..) | BackgroundJob::Inodes(_)
        );
        let verb = if may_hang { "t" } else { "s" };
        let _ = writeln!(self.lines, "{verb} {command}");
        self.open.push((id, SshRequest::Pid(id)));
        id
    }

    /// Lets the shell forget jobs that have ended; all must have.
    pub fn forget_jobs(&mut self) {
        self.lines.push_str("wait\n");
    }

    /// The lines to be sent.
    pub fn take_lines(&mut self) -> String {
        std::mem::take(&mut self.lines)
    }

    /// Whether an answer on standard output is to come.
    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// What was asked with that number.
    pub fn answered(&mut self, id: u32) -> Option<SshRequest> {
        let at = self.open.iter().position(|(open, _)| *open == id)?;
        Some(self.open.remove(at).1)
    }

    fn number(&mut self) -> u32 {
        self.last = self.last.wrapping_add(1).clamp(1, u32::MAX - 1);
        self.last
    }

    fn verb<'v>(&self, verb: &'v str) -> &'v str {
        match verb {
            "g" | "v" | "k" | "u" | "m" if !self.has_grep => "c",
            verb => verb,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_lines_with_numbers() {
        let mut all = Exchange::new(true, false);
        all.files("v", SshRequest::Files, Patterns::new(&["/proc/stat", "/proc/uptime"]));
        assert_eq!(all.background(&BackgroundJob::Commands(vec![7, 8])), 2);
        assert_eq!(all.background(&BackgroundJob::Units), 3);
        let lines = "v 1 /proc/stat /proc/uptime\ns c 2 /proc/7/cmdline /proc/8/cmdline\nt x 3\n";
        assert_eq!(all.take_lines(), lines);
        assert!(matches!(all.answered(1), Some(SshRequest::Files(_))) && all.answered(1).is_none());
        assert!(matches!(all.answered(2), Some(SshRequest::Pid(2))) && all.is_open());
        let mut bare = Exchange::new(false, false);
        bare.request("u", "/proc/1/status", SshRequest::Status);
        assert_eq!(bare.take_lines(), "c 1 /proc/1/status\n");
    }
}
