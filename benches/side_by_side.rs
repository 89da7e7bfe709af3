//! Side by side: what manytop and its peers cost on this machine, in terminals of 160×48 at a period of
//! one second, and how soon each has drawn its first frame. Prints a Markdown table; `benches/run`
//! installs the peers.
//!
//! All programs run at the same time, so that they meet the same noise. Processor time is what the
//! scheduler counted for the process, its threads and its children; bytes are what the terminal took.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

use rustix::{
    fs::{Mode, OFlags, open},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

const SIZE: Winsize = Winsize { ws_col: 160, ws_row: 48, ws_xpixel: 0, ws_ypixel: 0 };
/// A first frame is there when the terminal has taken this many bytes: more than any program needs to
/// take the screen over, less than the smallest frame.
const FRAME: u64 = 1500;

struct Peer {
    name: &'static str,
    program: PathBuf,
    args: &'static [&'static str],
}

/// The programs, each told to look once a second. What cannot be had is left out, and named.
fn peers() -> (Vec<Peer>, Vec<&'static str>) {
    let manytop = PathBuf::from(env!("CARGO_BIN_EXE_manytop"));
    let mut found = vec![Peer { name: "manytop", program: manytop, args: &[] }];
    let mut absent = Vec::new();
    let others: [(&str, &str, &[&str]); 4] = [
        ("htop", "htop", &["-d", "10"]),
        ("btm", "btm", &["--rate", "1s"]),
        ("btop", "btop", &["--utf-force"]),
        ("gotop", "gotop", &["--rate", "1s"]),
    ];
    for (name, program, args) in others {
        match which(program) {
            Some(program) => found.push(Peer { name, program, args }),
            None => absent.push(name),
        }
    }
    (found, absent)
}

fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// A program in a terminal that takes everything at once.
struct Run {
    child: Child,
    bytes: Arc<AtomicU64>,
    first_frame: Arc<Mutex<Option<Duration>>>,
    _terminal: File,
}

impl Run {
    fn start(peer: &Peer, home: &Path) -> Run {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
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
        command.arg("--ctty").arg(&peer.program).args(peer.args);
        command.env_clear().env("PATH", "/usr/bin:/bin").env("LANG", "C.UTF-8");
        command.env("HOME", home).env("TERM", "xterm-256color").env("COLORTERM", "truecolor");
        let (stdin, stdout, stderr) = (side(), side(), side());
        let began = Instant::now();
        let child = command.stdin(stdin).stdout(stdout).stderr(stderr).spawn().unwrap();
        let bytes = Arc::new(AtomicU64::new(0));
        let first_frame = Arc::new(Mutex::new(None));
        let mut reading = File::from(rustix::io::dup(&master).unwrap());
        let (count, first) = (bytes.clone(), first_frame.clone());
        thread::spawn(move || {
            let mut chunk = vec![0; 1 << 16];
            while let Ok(n) = reading.read(&mut chunk) {
                let now = began.elapsed();
                // A program that asks its terminal something waits for the answer.
                for (question, answer) in [("\x1b[c", "\x1b[?62;22c"), ("\x1b[6n", "\x1b[1;1R")] {
                    if chunk[..n].windows(question.len()).any(|w| w == question.as_bytes()) {
                        let _ = reading.write_all(answer.as_bytes());
                    }
                }
                let total = count.fetch_add(n as u64, Ordering::Relaxed) + n as u64;
                if total >= FRAME {
                    first.lock().unwrap().get_or_insert(now);
                }
                if n == 0 {
                    break;
                }
            }
        });
        Run { child, bytes, first_frame, _terminal: File::from(master) }
    }

    fn first_frame(&self) -> Option<Duration> {
        *self.first_frame.lock().unwrap()
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
fn cost(pid: u32) -> (u64, u64) {
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
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    (nanos, bytes + 1024 * first_number(resident.unwrap_or_default()))
}

fn first_number(text: &str) -> u64 {
    text.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// One figure of all rounds.
#[derive(Default)]
struct Figures(BTreeMap<&'static str, Vec<f64>>);

impl Figures {
    fn add(&mut self, peer: &'static str, value: f64) {
        self.0.entry(peer).or_default().push(value);
    }

    fn median(&self, peer: &str) -> Option<f64> {
        let mut values = self.0.get(peer)?.clone();
        values.sort_by(f64::total_cmp);
        Some(values[values.len() / 2])
    }

    /// A cell of the table: the median, and what it is of htop's.
    fn cell(&self, peer: &str, unit: &str, digits: usize) -> String {
        match (self.median(peer), self.median("htop")) {
            (Some(value), Some(htop)) if htop > 0.0 => {
                format!("{value:.digits$} {unit} ({:.2} ×)", value / htop)
            }
            (Some(value), _) => format!("{value:.digits$} {unit}"),
            (None, _) => "–".to_owned(),
        }
    }
}

fn option(name: &str, default: u64) -> u64 {
    let mut args = std::env::args().skip_while(|arg| arg != name).skip(1);
    args.next().and_then(|value| value.parse().ok()).unwrap_or(default)
}

fn main() {
    let seconds = Duration::from_secs(option("--seconds", 30));
    let rounds = option("--rounds", 3);
    let (peers, absent) = peers();
    let home = std::env::temp_dir().join(format!("manytop-bench-{}", std::process::id()));
    fs::create_dir_all(home.join(".config/btop")).unwrap();
    // btop looks every two seconds unless its config says otherwise.
    fs::write(home.join(".config/btop/btop.conf"), "update_ms = 1000\n").unwrap();

    let [mut processor, mut memory, mut output, mut frame] = [(); 4].map(|()| Figures::default());
    for _ in 0..20 {
        for peer in &peers {
            let run = Run::start(peer, &home);
            let began = Instant::now();
            while run.first_frame().is_none() && began.elapsed() < Duration::from_secs(5) {
                thread::sleep(Duration::from_micros(500));
            }
            if let Some(first) = run.first_frame() {
                frame.add(peer.name, first.as_secs_f64() * 1e3);
            }
        }
    }
    for _ in 0..rounds {
        let runs: Vec<_> = peers.iter().map(|peer| (peer, Run::start(peer, &home))).collect();
        // Starting up is not what is measured here.
        thread::sleep(Duration::from_secs(5));
        let before: Vec<_> = runs
            .iter()
            .map(|(_, run)| (cost(run.child.id()).0, run.bytes.load(Ordering::Relaxed)))
            .collect();
        let began = Instant::now();
        thread::sleep(seconds);
        let span = began.elapsed().as_secs_f64();
        for ((peer, run), (nanos, bytes)) in runs.iter().zip(before) {
            let (now, resident) = cost(run.child.id());
            if resident == 0 {
                eprintln!("{} has ended during the measurement", peer.name);
                continue;
            }
            processor.add(peer.name, (now - nanos) as f64 / 1e7 / span);
            memory.add(peer.name, resident as f64 / f64::from(1 << 20));
            let written = run.bytes.load(Ordering::Relaxed) - bytes;
            output.add(peer.name, written as f64 / span);
        }
    }
    let _ = fs::remove_dir_all(&home);

    let tasks = fs::read_dir("/proc").unwrap().flatten();
    let tasks = tasks.filter(|e| e.file_name().to_string_lossy().parse::<u32>().is_ok()).count();
    println!(
        "Medians of {rounds} rounds of {} s side by side, 160×48, 1 s period, {tasks} processes; \
         first frame: medians of 20 starts. In brackets: against htop.\n",
        seconds.as_secs()
    );
    println!("| program | CPU, % of a core | RSS | bytes/s to the terminal | first frame |");
    println!("|---|---|---|---|---|");
    for peer in &peers {
        println!(
            "| {} | {} | {} | {} | {} |",
            peer.name,
            processor.cell(peer.name, "%", 2),
            memory.cell(peer.name, "MiB", 1),
            output.cell(peer.name, "B/s", 0),
            frame.cell(peer.name, "ms", 0),
        );
    }
    if !absent.is_empty() {
        println!("\nNot to be had here: {}.", absent.join(", "));
    }
}
