//! A program of this machine that is run for its output, bounded in time and size.
//!
//! The program runs in a process group of its own, without a shell and without standard input. The whole
//! group is killed at the time limit, when it prints too much, and when [`Child`] is dropped.

use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    process::{Pid, Signal, kill_process_group},
};
use std::{
    fmt,
    io::{self, Read},
    os::{fd::AsFd, unix::process::CommandExt},
    path::Path,
    process::{self, ChildStderr, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

/// How often a program is looked at that has closed its output and still runs.
const LOOK: Duration = Duration::from_millis(5);
/// How much of standard error is kept, in bytes.
const MOST_ERROR: usize = 1024;

/// A program that runs.
pub struct Child {
    child: process::Child,
    stdout: Option<ChildStdout>,
    stderr: Option<ChildStderr>,
    output: Vec<u8>,
    error: Vec<u8>,
    started: Instant,
    limit: Duration,
    most: usize,
    is_over: bool,
}

/// What a program has printed until it ended by itself.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProgramOutput {
    /// Its exit code; `None` where a signal ended it.
    pub code: Option<i32>,
    /// All of standard output.
    pub stdout: Vec<u8>,
    /// The first line of standard error.
    pub stderr: String,
}

/// Why there is no output.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RunError {
    /// It cannot be started.
    Start(String),
    /// It was killed at its time limit.
    Hangs(Duration),
    /// It was killed after it had printed more bytes than this.
    Floods(usize),
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            RunError::Start(why) => write!(f, "cannot be started: {why}"),
            RunError::Hangs(limit) => write!(f, "killed after {} s", limit.as_secs_f64()),
            RunError::Floods(most) => write!(f, "killed after {most} bytes of output"),
        }
    }
}

impl Child {
    /// Starts a program; `limit` is the time that it may take, `most` the bytes that it may print.
    pub fn start(
        program: &Path,
        arguments: &[String],
        limit: Duration,
        most: usize,
    ) -> Result<Child, RunError> {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.process_group(0);
        let failed = |error: io::Error| RunError::Start(reason(&error));
        let mut child = command.spawn().map_err(failed)?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let this = Child {
            child,
            stdout,
            stderr,
            output: Vec::new(),
            error: Vec::new(),
            started: Instant::now(),
            limit,
            most,
            is_over: false,
        };
        let unblock = |fd: Option<std::os::fd::BorrowedFd<'_>>| {
            fd.map_or(Ok(()), |fd| rustix::io::ioctl_fionbio(fd, true))
        };
        unblock(this.stdout.as_ref().map(AsFd::as_fd)).map_err(|e| failed(e.into()))?;
        unblock(this.stderr.as_ref().map(AsFd::as_fd)).map_err(|e| failed(e.into()))?;
        Ok(this)
    }

    /// Takes what there is, without waiting. `None` while the program runs.
    pub fn advance(&mut self) -> Result<Option<ProgramOutput>, RunError> {
        let ended = self.child.try_wait().map_err(|e| RunError::Start(reason(&e)))?;
        self.is_over = ended.is_some();
        let room = self.most + 1 - self.output.len().min(self.most + 1);
        drain(&mut self.stdout, &mut self.output, room);
        let room = MOST_ERROR.saturating_sub(self.error.len());
        drain(&mut self.stderr, &mut self.error, room);
        if self.stderr.is_some() && self.error.len() >= MOST_ERROR {
            drain(&mut self.stderr, &mut Vec::new(), usize::MAX);
        }
        if self.output.len() > self.most {
            self.kill();
            return Err(RunError::Floods(self.most));
        }
        match ended {
            Some(status) => Ok(Some(ProgramOutput {
                code: status.code(),
                stdout: std::mem::take(&mut self.output),
                stderr: first_line(&self.error),
            })),
            None if self.started.elapsed() >= self.limit => {
                self.kill();
                Err(RunError::Hangs(self.limit))
            }
            None => Ok(None),
        }
    }

    /// Waits until the program ends, at most until its limit.
    pub fn finish(mut self) -> Result<ProgramOutput, RunError> {
        loop {
            if let Some(output) = self.advance()? {
                return Ok(output);
            }
            let left = self.limit.saturating_sub(self.started.elapsed());
            let mut open: Vec<PollFd<'_>> = Vec::with_capacity(2);
            open.extend(self.stdout.as_ref().map(|fd| PollFd::new(fd, PollFlags::IN)));
            open.extend(self.stderr.as_ref().map(|fd| PollFd::new(fd, PollFlags::IN)));
            let wait = if open.is_empty() { left.min(LOOK) } else { left };
            let wait = Timespec::try_from(wait).unwrap_or(Timespec { tv_sec: 1, tv_nsec: 0 });
            // interrupted or not, the next round looks again
            let _ = poll(&mut open, Some(&wait));
        }
    }

    fn kill(&mut self) {
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        let _ = self.child.wait();
        self.is_over = true;
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        if !self.is_over {
            self.kill();
        }
    }
}

/// Reads at most `room` bytes of what there is; closes a pipe at its end.
fn drain(pipe: &mut Option<impl Read>, into: &mut Vec<u8>, room: usize) {
    let Some(open) = pipe else { return };
    let before = into.len();
    match open.take(room as u64).read_to_end(into) {
        Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
        Ok(_) if into.len() - before == room => {}
        _ => *pipe = None,
    }
}

fn first_line(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned()
}

fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "no such program".into(),
        io::ErrorKind::PermissionDenied => "not allowed to run it".into(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(script: &str, limit: Duration, most: usize) -> Result<ProgramOutput, RunError> {
        let arguments = ["-c".to_owned(), script.to_owned()];
        Child::start(Path::new("/bin/sh"), &arguments, limit, most)?.finish()
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn output_and_exit_code_come_back() {
        let output = run("echo out; echo first >&2; echo second >&2; exit 3", LONG, 100).unwrap();
        let first = "first".to_owned();
        assert_eq!(
            output,
            ProgramOutput { code: Some(3), stdout: b"out\n".to_vec(), stderr: first }
        );
        let closed = run("exec >&- 2>&-; exit 0", LONG, 100).unwrap();
        assert_eq!((closed.code, closed.stdout), (Some(0), Vec::new()));
        let missing = Child::start(Path::new("/no/such/program"), &[], LONG, 1).err().unwrap();
        assert_eq!(missing.to_string(), "cannot be started: no such program");
    }

    #[test]
    fn a_program_that_hangs_is_killed_with_its_children() {
        let limit = Duration::from_millis(50);
        let hung = run("echo $$; sleep 600 & wait", limit, 100);
        assert_eq!(hung, Err(RunError::Hangs(limit)));
        let mut child = Child::start(
            Path::new("/bin/sh"),
            &["-c".into(), "sleep 600 & echo $!; wait".into()],
            LONG,
            100,
        )
        .unwrap();
        let deadline = Instant::now() + LONG;
        while child.output.is_empty() && Instant::now() < deadline {
            assert_eq!(child.advance(), Ok(None));
            std::thread::yield_now();
        }
        let pid: i32 = String::from_utf8_lossy(&child.output).trim().parse().unwrap();
        drop(child);
        let sleeper = Pid::from_raw(pid).unwrap();
        let stat = format!("/proc/{pid}/stat");
        let gone = || {
            let stat = std::fs::read_to_string(&stat).unwrap_or_default();
            rustix::process::test_kill_process(sleeper).is_err() || stat.contains(") Z ")
        };
        while !gone() && Instant::now() < deadline {
            std::thread::yield_now();
        }
        assert!(gone(), "the grandchild is killed too");
    }

    #[test]
    fn a_program_that_floods_is_killed() {
        assert_eq!(run("yes", LONG, 1000), Err(RunError::Floods(1000)));
        let errors = run("yes | head -c 300000 >&2; echo done", LONG, 1000).unwrap();
        assert_eq!(errors.stdout, b"done\n");
        assert_eq!(errors.stderr, "y");
    }
}
