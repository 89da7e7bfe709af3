//! A session: an `ssh` process that is kept, and the shell at its other end.
//!
//! The user's own config, agent, known hosts and jump hosts hold. Dropping a session kills its process,
//! which is waited for; when manytop itself is killed, the shell reads the end of its input and ends.

use super::{
    address::Address,
    failures::{self, Ended},
    frames::{Frames, SshFrame},
    script::{self, Nonce},
};
use crate::child;
use manytop_plugin::provider::{Class, Failure};
use std::{collections::VecDeque, process::Stdio, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWriteExt},
    process::{Child, ChildStderr, ChildStdin, ChildStdout, Command},
    runtime::Handle,
    time::timeout,
};

/// So long a log-in may take, jump hosts included.
const PATIENCE: Duration = Duration::from_secs(20);
/// So long an ssh that has closed its output has to end.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// Bytes that are read at once.
const PIECE: usize = 16 << 10;

/// Options of every session. What could ask, hang, forward, or outlive this program is switched off;
/// how host keys are checked follows from the user's config.
const OPTIONS: &[&str] = &[
    "BatchMode=yes",
    "ConnectTimeout=10",
    "ServerAliveInterval=5",
    "ServerAliveCountMax=3",
    "ClearAllForwardings=yes",
    "ForwardAgent=no",
    "PermitLocalCommand=no",
    "RemoteCommand=none",
    "ControlMaster=no",
    "UpdateHostKeys=no",
    "LogLevel=ERROR",
];

/// What the shell says of its machine at the beginning.
#[derive(Clone, PartialEq, Debug)]
pub struct Hello {
    /// Bytes of a page of its memory, by `getconf` or else by its architecture.
    pub page_bytes: Option<f64>,
    /// There is a grep,
    pub has_grep: bool,
    /// and it hands on a NUL byte.
    pub keeps_nul: bool,
}

/// A process that is killed and waited for when it is dropped.
struct SshChild(Option<Child>);

impl Drop for SshChild {
    fn drop(&mut self) {
        let Some(mut child) = self.0.take() else { return };
        if child.start_kill().is_ok()
            && let Ok(runtime) = Handle::try_current()
        {
            // no zombie stays; without a runtime this program is about to end
            runtime.spawn(async move { child.wait().await });
        }
    }
}

/// A shell that has answered.
pub struct Session {
    process: SshChild,
    input: ChildStdin,
    output: Stream<ChildStdout>,
    errors: Stream<ChildStderr>,
    ready: VecDeque<StreamFrame>,
    /// What it said at the beginning.
    pub hello: Hello,
}

/// A frame, and on which stream it came.
pub enum StreamFrame {
    /// On standard output, in the order of the requests.
    Fast(SshFrame),
    /// On standard error, when it was ready.
    Slow(SshFrame),
}

struct Stream<R> {
    reader: R,
    frames: Frames,
    piece: Vec<u8>,
    open: bool,
}

impl<R: AsyncRead + Unpin> Stream<R> {
    fn new(reader: R, nonce: &Nonce) -> Stream<R> {
        Stream { reader, frames: Frames::new(nonce), piece: Vec::new(), open: true }
    }

    /// Reads once; what has been read is handed on by [`Stream::frames`].
    async fn read(&mut self) {
        self.piece.clear();
        self.piece.reserve(PIECE);
        self.open = matches!(self.reader.read_buf(&mut self.piece).await, Ok(1..));
    }

    fn frames(&mut self) -> Result<Vec<SshFrame>, Failure> {
        let mut done = Vec::new();
        let fed = self.frames.feed(&self.piece, &mut done);
        // kept by thousands of idle sessions
        self.piece = Vec::new();
        fed.map(|()| done)
            .map_err(|_| Failure::new(Class::Payload, "an answer over ssh is longer than 16 MiB"))
    }
}

/// Starts ssh, logs in, and waits for the shell there.
///
/// # Errors
/// There is no session; the words say what to do.
pub async fn connect(address: &Address, compressed: bool) -> Result<Session, Failure> {
    let nonce = Nonce::new().ok_or_else(|| {
        Failure::new(Class::Unreachable, "the system gives no random bytes for a session")
    })?;
    let mut command = Command::new("ssh");
    command.args(["-T", "-x", "-e", "none"]);
    OPTIONS.iter().for_each(|option| _ = command.args(["-o", option]));
    if compressed {
        command.args(["-o", "Compression=yes"]);
    }
    command.args(address.arguments()).arg("exec sh");
    command.env("LC_ALL", "C").env("SSH_ASKPASS_REQUIRE", "never");
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    // keys of the terminal are not for it
    child::in_own_group(command.as_std_mut());
    let mut child = command.kill_on_drop(true).spawn().map_err(|e| failures::no_client(&e))?;
    let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let process = SshChild(Some(child));
    let (Some(input), Some(output), Some(errors)) = pipes else {
        return Err(Failure::new(Class::Unreachable, "ssh was started without its pipes"));
    };
    let mut session = Session {
        process,
        input,
        output: Stream::new(output, &nonce),
        errors: Stream::new(errors, &nonce),
        ready: VecDeque::new(),
        hello: Hello { page_bytes: None, has_grep: false, keeps_nul: false },
    };
    let greeted = timeout(PATIENCE, session.greet(&script::functions(&nonce))).await;
    match greeted {
        Ok(Ok(hello)) => {
            session.hello = hello?;
            Ok(session)
        }
        Ok(Err(Closed)) => Err(session.explain(address, false).await),
        Err(_) => {
            let (output, errors) = (session.output.frames.noise(), session.errors.frames.noise());
            Err(failures::silent(address, &output, &errors))
        }
    }
}

/// The other end closed its output, or ssh ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closed;

impl Session {
    async fn greet(&mut self, functions: &str) -> Result<Result<Hello, Failure>, Closed> {
        // a write that fails is followed by the end of its output
        let _ = self.input.write_all(functions.as_bytes()).await;
        loop {
            match self.receive().await? {
                Ok(StreamFrame::Fast(frame)) if frame.id == 0 => return Ok(hello(&frame.payload)),
                Ok(_) => {}
                Err(failure) => return Ok(Err(failure)),
            }
        }
    }

    /// Sends lines of requests.
    ///
    /// # Errors
    /// Nothing reads them any more.
    pub async fn send(&mut self, lines: &str) -> Result<(), Closed> {
        self.input.write_all(lines.as_bytes()).await.map_err(|_| Closed)
    }

    /// The next answer, on either stream.
    ///
    /// # Errors
    /// There will be no more; within, that an answer is longer than any can be.
    pub async fn receive(&mut self) -> Result<Result<StreamFrame, Failure>, Closed> {
        loop {
            if let Some(answer) = self.ready.pop_front() {
                return Ok(Ok(answer));
            }
            if !self.output.open {
                return Err(Closed);
            }
            tokio::select! {
                biased;
                () = self.output.read() => match self.output.frames() {
                    Ok(frames) => self.ready.extend(frames.into_iter().map(StreamFrame::Fast)),
                    Err(failure) => return Ok(Err(failure)),
                },
                () = self.errors.read(), if self.errors.open => match self.errors.frames() {
                    Ok(frames) => self.ready.extend(frames.into_iter().map(StreamFrame::Slow)),
                    Err(failure) => return Ok(Err(failure)),
                },
            }
            if self.ready.is_empty() && self.output.frames.noise_holds(script::ECHO) {
                return Err(Closed);
            }
        }
    }

    /// Why it ended.
    pub async fn explain(mut self, address: &Address, greeted: bool) -> Failure {
        let Some(mut child) = self.process.0.take() else {
            return failures::explain(address, &Ended { greeted, ..Ended::default() });
        };
        let last = async {
            while self.errors.open {
                self.errors.read().await;
                if self.errors.frames().is_err() {
                    break;
                }
            }
            child.wait().await.ok().and_then(|status| status.code())
        };
        let status = timeout(LAST_WORDS, last).await.ok().flatten();
        self.process.0 = Some(child);
        let (output, errors) = (self.output.frames.noise(), self.errors.frames.noise());
        failures::explain(address, &Ended { greeted, status, output, errors })
    }
}

/// The contents of the first frame: system, architecture, page size, and a line that went through grep.
fn hello(payload: &[u8]) -> Result<Hello, Failure> {
    let mut lines = payload.split(|b| *b == b'\n');
    let mut next = || lines.next().unwrap_or_default();
    let (system, machine, page) = (next(), next(), next());
    let probe = next();
    if system != b"Linux" {
        return Err(failures::other_system(&String::from_utf8_lossy(system)));
    }
    let page = std::str::from_utf8(page).ok().and_then(|page| page.trim().parse::<f64>().ok());
    // an embedded system has no getconf; on these architectures there is one size, or one that is usual
    let usual = [&b"x86_64"[..], b"i686", b"armv", b"mips", b"riscv"];
    let usual = usual.iter().any(|name| machine.starts_with(name));
    Ok(Hello {
        page_bytes: page.filter(|page| (1024.0..=1e6).contains(page)).or(usual.then_some(4096.0)),
        has_grep: probe.ends_with(b"a") || probe.ends_with(b"a\0b"),
        keeps_nul: probe.ends_with(b"a\0b"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_answer_says_what_the_shell_can_do() {
        let of = |text: &[u8]| hello(text).map_err(|failure| failure.reason().to_owned());
        let all = of(b"Linux\nx86_64\n4096\n(standard input):a\0b\n").unwrap();
        assert_eq!((all.page_bytes, all.has_grep, all.keeps_nul), (Some(4096.0), true, true));
        let busybox = of(b"Linux\nmips\n-\n(standard input):a\n").unwrap();
        assert_eq!(
            (busybox.page_bytes, busybox.has_grep, busybox.keeps_nul),
            (Some(4096.0), true, false)
        );
        let bare = of(b"Linux\naarch64\n-\n").unwrap();
        assert_eq!((bare.page_bytes, bare.has_grep, bare.keeps_nul), (None, false, false));
        assert!(of(b"FreeBSD\namd64\n4096\n").unwrap_err().starts_with("FreeBSD over ssh"));
    }
}
