//! Signals to processes of this machine: by pid and start time, so that a pid that was taken again
//! is never hit.

use manytop_core::widget::{LocalProcess, Signal};
use rustix::process::{Pid, Signal as Os, kill_process};
use std::fmt::Write;

/// The question before anything is sent.
pub fn question(signal: Signal, processes: &[LocalProcess]) -> String {
    let mut who = String::new();
    for process in processes.iter().take(3) {
        let comma = if who.is_empty() { "" } else { ", " };
        let _ = write!(who, "{comma}{} ({})", process.name, process.pid);
    }
    if processes.len() > 3 {
        let _ = write!(who, " and {} more", processes.len() - 3);
    }
    format!("Send {} to {who}?  y yes   n no", word(signal))
}

/// Sends it to each, and says what became of it.
pub fn send(signal: Signal, processes: &[LocalProcess]) -> String {
    let mut sent = 0;
    let mut problem = None;
    for process in processes {
        match send_one(signal, process) {
            Ok(()) => sent += 1,
            Err(why) => problem = Some(format!("{} ({}): {why}", process.name, process.pid)),
        }
    }
    match problem {
        None => format!("{} sent to {sent}", word(signal)),
        Some(problem) => {
            format!("{} sent to {sent} of {}; {problem}", word(signal), processes.len())
        }
    }
}

fn send_one(signal: Signal, process: &LocalProcess) -> Result<(), String> {
    let pid = i32::try_from(process.pid).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or("no such process")?;
    if started(process.pid).is_some_and(|started| started != process.started) {
        return Err("the pid belongs to another process now".into());
    }
    let signal = match signal {
        Signal::Terminate => Os::TERM,
        Signal::Quit => Os::QUIT,
        Signal::Kill => Os::KILL,
    };
    kill_process(pid, signal).map_err(|e| match e {
        rustix::io::Errno::PERM => "not permitted".to_owned(),
        rustix::io::Errno::SRCH => "it has ended".to_owned(),
        other => other.to_string(),
    })
}

/// The start time in clock ticks, the 22nd field of /proc/PID/stat; `None` where there is no /proc.
fn started(pid: u32) -> Option<u64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // the name in parentheses may hold anything, parentheses too
    stat.rsplit_once(')')?.1.split_ascii_whitespace().nth(19)?.parse().ok()
}

fn word(signal: Signal) -> &'static str {
    match signal {
        Signal::Terminate => "SIGTERM",
        Signal::Quit => "SIGQUIT",
        Signal::Kill => "SIGKILL",
    }
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
        let real = started(pid).unwrap();
        let process = |started| LocalProcess { pid, started, name: "sleep".into() };
        let refused = send(Signal::Kill, &[process(real + 1)]);
        assert!(refused.contains("belongs to another process"), "{refused}");
        assert!(child.0.try_wait().unwrap().is_none(), "it still runs");
        assert_eq!(send(Signal::Terminate, &[process(real)]), "SIGTERM sent to 1");
        assert!(!child.0.wait().unwrap().success());
    }
}
