//! A program of this machine that is run for its output, bounded in time and size.
//!
//! The program runs in a process group of its own, without a shell and without standard input. The whole
//! group is killed at the time limit, when it prints too much, and when [`Child`] is dropped.

#[cfg_attr(unix, path = "child/unix.rs")]
#[cfg_attr(windows, path = "child/windows.rs")]
mod system;

use std::{
    fmt, io,
    path::Path,
    process::{self, Command, Stdio},
    time::{Duration, Instant},
};
use system::Pipe;
pub use system::in_own_group;

/// How often a program is looked at that has closed its output and still runs.
const LOOK: Duration = Duration::from_millis(5);
/// How much of standard error is kept, in bytes.
const MOST_ERROR: usize = 1024;

/// A program that runs.
pub struct Child {
    child: process::Child,
    stdout: Option<Pipe>,
    stderr: Option<Pipe>,
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
        let failed = |error: io::Error| RunError::Start(reason(&error));
        let mut child = in_own_group(&mut command).spawn().map_err(failed)?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let mut this = Child {
            child,
            stdout: None,
            stderr: None,
            output: Vec::new(),
            error: Vec::new(),
            started: Instant::now(),
            limit,
            most,
            is_over: false,
        };
        // dropped after an error, it is killed
        this.stdout = stdout.map(Pipe::new).transpose().map_err(failed)?;
        this.stderr = stderr.map(Pipe::new).transpose().map_err(failed)?;
        Ok(this)
    }

    /// Takes what there is, without waiting. `None` while the program runs.
    pub fn advance(&mut self) -> Result<Option<ProgramOutput>, RunError> {
        let ended = self.child.try_wait().map_err(|e| RunError::Start(reason(&e)))?;
        self.is_over = ended.is_some();
        let room = self.most + 1 - self.output.len().min(self.most + 1);
        drain(&mut self.stdout, &mut self.output, room, self.is_over);
        let room = MOST_ERROR.saturating_sub(self.error.len());
        drain(&mut self.stderr, &mut self.error, room, self.is_over);
        if self.stderr.is_some() && self.error.len() >= MOST_ERROR {
            drain(&mut self.stderr, &mut Vec::new(), usize::MAX, false);
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
            let is_closed = self.stdout.is_none() && self.stderr.is_none();
            let wait = if is_closed { left.min(LOOK) } else { left };
            system::wait(self.stdout.iter().chain(&self.stderr), wait);
        }
    }

    fn kill(&mut self) {
        system::kill(&mut self.child);
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

/// Takes at most about `room` bytes of what there is; closes a pipe at its end.
fn drain(pipe: &mut Option<Pipe>, into: &mut Vec<u8>, room: usize, has_ended: bool) {
    if pipe.as_mut().is_some_and(|open| !open.drain(into, room, has_ended)) {
        *pipe = None;
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
    use rustix::process::Pid;

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
