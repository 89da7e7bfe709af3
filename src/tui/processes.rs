//! Signals to processes: by pid and start time, so that a pid that was taken again is never hit. Those of this machine
//! are sent here, those of other machines by the engine.

use crate::system::process::{self, Signal as Os};
use manytop_core::{file, source::Source, text, widget::ProcessTarget};
use std::path::Path;

/// The signals of the box, with the key that chooses each; those without one are found by name or number.
pub const SIGNALS: &[(char, Os, &str, &str)] = &[
    ('d', Os::TERM, "SIGTERM", "asks it to end; it may save and clean up"),
    ('i', Os::INT, "SIGINT", "as if ^C were pressed in its terminal"),
    ('h', Os::HUP, "SIGHUP", "many services read their config again"),
    ('3', Os::QUIT, "SIGQUIT", "ends, and leaves a core file"),
    ('9', Os::KILL, "SIGKILL", "ends at once; nothing is saved"),
    ('s', Os::STOP, "SIGSTOP", "pauses it until SIGCONT"),
    ('c', Os::CONT, "SIGCONT", "goes on after SIGSTOP"),
    ('1', Os::USR1, "SIGUSR1", "what the program makes of it"),
    ('2', Os::USR2, "SIGUSR2", "what the program makes of it"),
    (' ', Os::ABORT, "SIGABRT", "ends as after a failed assertion, with a core file"),
    (' ', Os::ALARM, "SIGALRM", "as if a timer of its own ran out"),
    (' ', Os::PIPE, "SIGPIPE", "as if its reader were gone"),
    (' ', Os::TSTP, "SIGTSTP", "as if ^Z were pressed in its terminal"),
    (' ', Os::TTIN, "SIGTTIN", "as if it read its terminal in the background"),
    (' ', Os::TTOU, "SIGTTOU", "as if it wrote to its terminal in the background"),
    (' ', Os::WINCH, "SIGWINCH", "as if its terminal had another size"),
    (' ', Os::CHILD, "SIGCHLD", "as if a child had ended"),
    (' ', Os::URG, "SIGURG", "as if urgent data had come in"),
    (' ', Os::IO, "SIGIO", "as if data could be read or written"),
    (' ', Os::XCPU, "SIGXCPU", "as if its limit of processor time were reached"),
    (' ', Os::XFSZ, "SIGXFSZ", "as if its limit of file size were reached"),
    (' ', Os::VTALARM, "SIGVTALRM", "as if a timer of its processor time ran out"),
    (' ', Os::PROF, "SIGPROF", "as if a profiling timer ran out"),
    (' ', Os::SEGV, "SIGSEGV", "as if it touched memory that it does not have"),
    (' ', Os::BUS, "SIGBUS", "as if it touched memory that does not exist"),
    (' ', Os::FPE, "SIGFPE", "as if it divided by zero"),
    (' ', Os::ILL, "SIGILL", "as if it ran an unknown instruction"),
    (' ', Os::TRAP, "SIGTRAP", "as if it hit a breakpoint"),
    (' ', Os::SYS, "SIGSYS", "as if it called an unknown function of the kernel"),
];

/// The signal of a number, or of the beginning of a name, with or without SIG.
pub fn find(typed: &str) -> Option<usize> {
    let typed = typed.trim().to_ascii_uppercase();
    let by_number = SIGNALS.iter().position(|(_, os, ..)| os.as_raw().to_string() == typed);
    let begins = |name: &&str| name.starts_with(&typed) || name[3..].starts_with(&typed);
    by_number.or_else(|| SIGNALS.iter().position(|(.., name, _)| begins(name)))
}

/// The name of a signal of [`SIGNALS`].
pub fn name(signal: usize) -> &'static str {
    SIGNALS.get(signal).map_or("no signal", |(_, _, name, _)| name)
}

/// Processes by their names and how many have each, the most first: `nginx 4, sh 1`.
pub fn counted(processes: &[ProcessTarget]) -> Vec<(&str, usize)> {
    let mut all: Vec<(&str, usize)> = Vec::new();
    for process in processes {
        match all.iter_mut().find(|(name, _)| *name == process.name) {
            Some((_, count)) => *count += 1,
            None => all.push((&process.name, 1)),
        }
    }
    all.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    all
}

/// Sends a signal of [`SIGNALS`] to each, and says what became of it.
pub fn send(signal: usize, processes: &[ProcessTarget]) -> String {
    let mut sent = 0;
    let mut problem = None;
    for process in processes {
        match send_one(signal, process) {
            Ok(()) => sent += 1,
            Err(why) => problem = Some(format!("{} ({}): {why}", process.name, process.pid)),
        }
    }
    match problem {
        None => format!("{} sent to {sent}", name(signal)),
        Some(problem) => {
            format!("{} sent to {sent} of {}; {problem}", name(signal), processes.len())
        }
    }
}

fn send_one(signal: usize, process: &ProcessTarget) -> Result<(), String> {
    let pid = still_there(process)?;
    let (_, signal, ..) = *SIGNALS.get(signal).ok_or("no such signal")?;
    process::send(pid, signal)
}

/// How many of these the kernel would refuse a signal or another niceness: those of other users, unless we
/// are root.
pub fn refused(processes: &[ProcessTarget]) -> usize {
    let is_refused = |process: &&ProcessTarget| still_there(process).is_ok_and(process::refuses);
    processes.iter().filter(is_refused).count()
}

/// The pid of a process, if it still belongs to that very process.
fn still_there(process: &ProcessTarget) -> Result<u32, String> {
    if process.source != Source::Local {
        return Err("it is a process of another machine".into());
    }
    match started(process.pid) {
        Some(started) if !started.is(process.started) => {
            Err("the pid belongs to another process now".into())
        }
        _ => Ok(process.pid),
    }
}

/// The niceness of a process, -20 to 19.
pub fn niceness(process: &ProcessTarget) -> Option<i32> {
    process::niceness(still_there(process).ok()?)
}

/// Changes the niceness of each by so much, and says what became of it.
pub fn renice(by: i32, processes: &[ProcessTarget]) -> String {
    let mut done = Vec::new();
    let mut problem = None;
    for process in processes {
        let changed = still_there(process).and_then(|pid| process::renice(pid, by));
        match changed {
            Ok(to) => done.push(to),
            Err(why) => problem = Some(format!("{} ({}): {why}", process.name, process.pid)),
        }
    }
    let all = processes.len();
    match (problem, done.as_slice()) {
        (None, [to]) => format!("niceness is {to} now"),
        (None, done) => format!("niceness of {} changed", text::counted(done.len(), "process")),
        (Some(problem), done) => format!("niceness of {} of {all} changed; {problem}", done.len()),
    }
}

/// When a process was started, in both units that readers of processes tell.
struct Started {
    /// Clock ticks since the machine's start.
    ticks: u64,
    /// Seconds since 1970; `None` where the time of the machine's start is unknown.
    seconds: Option<u64>,
}

/// Clock ticks in a second, on every architecture of Linux that Rust knows.
const TICKS: u64 = 100;

impl Started {
    /// Whether a reader's start time is this one: ticks (`process-via=kernel`) or seconds (`sysinfo`). A clock
    /// that is set may move the time of the machine's start by a second.
    fn is(&self, read: u64) -> bool {
        self.ticks == read || self.seconds.is_some_and(|seconds| seconds.abs_diff(read) <= 1)
    }
}

/// The 22nd field of /proc/PID/stat; `None` where there is no /proc.
fn started(pid: u32) -> Option<Started> {
    let stat = file::read(Path::new(&format!("/proc/{pid}/stat")), file::SECRET).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    // the name in parentheses may hold anything, parentheses too
    let ticks: u64 = stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(19)?.parse().ok()?;
    let seconds = boot_time().map(|booted| booted + ticks / TICKS);
    Some(Started { ticks, seconds })
}

/// When the machine was started, in seconds since 1970.
fn boot_time() -> Option<u64> {
    let stat = file::read(Path::new("/proc/stat"), file::TEXT).ok()?;
    let stat = String::from_utf8_lossy(&stat);
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::{Child, Command};

    struct Sleeper(Child);
    impl Drop for Sleeper {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    #[test]
    fn a_pid_that_was_taken_again_is_not_signalled() {
        let mut child = Sleeper(Command::new("sleep").arg("600").spawn().unwrap());
        let pid = child.0.id();
        let known = started(pid).unwrap();
        let real = known.ticks;
        let process =
            |started| ProcessTarget { source: Source::Local, pid, started, name: "sleep".into() };
        let refused = send(4, &[process(real + 1)]);
        assert!(refused.contains("belongs to another process"), "{refused}");
        assert!(child.0.try_wait().unwrap().is_none(), "it still runs");
        let refused = renice(1, &[process(real + 1)]);
        assert!(refused.contains("belongs to another process"), "{refused}");
        let before = niceness(&process(real)).unwrap();
        let done = renice(2, &[process(real)]);
        assert_eq!(niceness(&process(real)), Some((before + 2).min(19)), "{done}");
        let seconds = known.seconds.unwrap();
        let refused = send(4, &[process(seconds + 100)]);
        assert!(refused.contains("belongs to another process"), "{refused}");
        // as sysinfo reads it
        assert_eq!(send(6, &[process(seconds)]), "SIGCONT sent to 1");
        let elsewhere = ProcessTarget { source: Source::named("web1"), ..process(real) };
        assert!(send(4, &[elsewhere]).contains("another machine"));
        assert_eq!(send(0, &[process(real)]), "SIGTERM sent to 1");
        assert!(!child.0.wait().unwrap().success());
    }

    #[test]
    fn signals_are_found_by_number_and_by_name() {
        let found = |typed| find(typed).map(name);
        assert_eq!(found("9"), Some("SIGKILL"));
        assert_eq!(found("win"), Some("SIGWINCH"));
        assert_eq!(found("SIGX"), Some("SIGXCPU"));
        assert_eq!(found("99"), None);
    }
}
