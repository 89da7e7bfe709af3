//! What benches share: programs in terminals of their own, and what a process has cost.

#![allow(dead_code, reason = "each bench uses a part")]

use rustix::{
    fs::{Mode, OFlags, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};
use std::{
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, Sender},
    },
    thread,
    time::{Duration, Instant},
};

/// The size of every terminal.
const SIZE: Winsize = Winsize { ws_col: 160, ws_row: 48, ws_xpixel: 0, ws_ypixel: 0 };
/// A first frame is there when the terminal has taken this many bytes: more than any program needs to
/// take the screen over, less than the smallest frame.
const FRAME: u64 = 1500;

/// Where a program is, if it is.
pub fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// What follows a flag on the command line.
pub fn option(name: &str) -> Option<String> {
    std::env::args().skip_while(|arg| arg != name).nth(1)
}

/// The number that follows a flag.
pub fn number(name: &str, default: u64) -> u64 {
    option(name).and_then(|value| value.parse().ok()).unwrap_or(default)
}

/// The receiver of the next bytes and of their time.
type Listener = Arc<Mutex<Option<Sender<(Instant, Vec<u8>)>>>>;

/// A program in a terminal that takes everything at once.
pub struct Run {
    pub child: Child,
    pub bytes: Arc<AtomicU64>,
    first_frame: Arc<Mutex<Option<Duration>>>,
    listener: Listener,
    terminal: File,
}

impl Run {
    pub fn start<S: AsRef<std::ffi::OsStr>>(program: &Path, args: &[S], home: &Path) -> Run {
        let master =
            openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        tcsetwinsize(&master, SIZE).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let side = || {
            Stdio::from(
                open(name.as_c_str(), OFlags::RDWR | OFlags::NOCTTY, Mode::empty()).unwrap(),
            )
        };
        // `setsid --ctty` makes it the controlling terminal, which takes no unsafe code here. `exec`
        // keeps the pid.
        let mut command = Command::new("setsid");
        command.arg("--ctty").arg(program).args(args);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LANG", "C.UTF-8");
        command.env("HOME", home).env("TERM", "xterm-256color").env("COLORTERM", "truecolor");
        let (stdin, stdout, stderr) = (side(), side(), side());
        let began = Instant::now();
        let child = command.stdin(stdin).stdout(stdout).stderr(stderr).spawn().unwrap();
        let bytes = Arc::new(AtomicU64::new(0));
        let first_frame = Arc::new(Mutex::new(None));
        let listener: Listener = Arc::default();
        let mut reading = File::from(rustix::io::dup(&master).unwrap());
        let (count, first, told) = (bytes.clone(), first_frame.clone(), listener.clone());
        thread::spawn(move || {
            let mut chunk = vec![0; 1 << 16];
            while let Ok(n) = reading.read(&mut chunk) {
                let now = Instant::now();
                // A program that asks its terminal something waits for the answer.
                for (question, answer) in [("\x1b[c", "\x1b[?62;22c"), ("\x1b[6n", "\x1b[1;1R")] {
                    if chunk[..n].windows(question.len()).any(|w| w == question.as_bytes()) {
                        let _ = reading.write_all(answer.as_bytes());
                    }
                }
                let total = count.fetch_add(n as u64, Ordering::Relaxed) + n as u64;
                if total >= FRAME {
                    first.lock().unwrap().get_or_insert(now - began);
                }
                if let Some(told) = &*told.lock().unwrap() {
                    let _ = told.send((now, chunk[..n].to_vec()));
                }
                if n == 0 {
                    break;
                }
            }
        });
        Run { child, bytes, first_frame, listener, terminal: File::from(master) }
    }

    pub fn first_frame(&self) -> Option<Duration> {
        *self.first_frame.lock().unwrap()
    }

    /// How long it took from the start to the first frame.
    pub fn wait_for_frame(&self) -> Option<Duration> {
        let began = Instant::now();
        while self.first_frame().is_none() && began.elapsed() < Duration::from_secs(5) {
            thread::sleep(Duration::from_micros(500));
        }
        self.first_frame()
    }

    /// What it writes from now on, with the moment at which it came.
    pub fn listen(&self) -> Receiver<(Instant, Vec<u8>)> {
        let (sender, receiver) = mpsc::channel();
        *self.listener.lock().unwrap() = Some(sender);
        receiver
    }

    /// Types something. Returns when.
    pub fn press(&self, keys: &[u8]) -> Instant {
        let now = Instant::now();
        (&self.terminal).write_all(keys).unwrap();
        now
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Processor time in nanoseconds of a process with its threads and children, as the scheduler has
/// counted it; and the memory it holds, in bytes.
pub fn cost(pid: u32) -> (u64, u64) {
    let mut nanos = 0;
    let mut bytes = 0;
    let tasks = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    for task in tasks.map(|task| task.path()) {
        let schedstat = fs::read_to_string(task.join("schedstat")).unwrap_or_default();
        nanos += first_number(&schedstat);
        let children = fs::read_to_string(task.join("children")).unwrap_or_default();
        for child in children.split_whitespace().filter_map(|pid| pid.parse().ok()) {
            let (n, b) = cost(child);
            nanos += n;
            bytes += b;
        }
    }
    (nanos, bytes + resident(pid))
}

/// Processor time in ticks of a hundredth of a second of a process, threads that have ended included.
pub fn ticks(pid: u32) -> u64 {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    let after_name = stat.rsplit(')').next().unwrap_or_default();
    let times = after_name.split_whitespace().skip(11).take(2);
    times.filter_map(|ticks| ticks.parse::<u64>().ok()).sum()
}

/// The memory that a process holds, in bytes; 0 when it has ended.
pub fn resident(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    1024 * first_number(resident.unwrap_or_default())
}

fn first_number(text: &str) -> u64 {
    text.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(0)
}
