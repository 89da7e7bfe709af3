//! Side by side: what manytop and its peers cost on this machine, in terminals of 160×48 at a period of
//! one second, and how soon each has drawn its first frame. Prints a Markdown table; `benches/run`
//! installs the peers.
//!
//! All programs run at the same time, so that they meet the same noise. Processor time is what the
//! scheduler counted for the process, its threads and its children; bytes are what the terminal took.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod support;

use std::{
    collections::BTreeMap,
    fs,
    path::PathBuf,
    process::{Child, Command},
    sync::atomic::Ordering,
    thread,
    time::{Duration, Instant},
};
use support::{Run, cost, number, which};

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
    let others: [(&str, &str, &[&str]); 5] = [
        ("htop", "htop", &["-d", "10"]),
        ("btm", "btm", &["--rate", "1s"]),
        ("btop", "btop", &["--utf-force"]),
        ("gotop", "gotop", &["--rate", "1s"]),
        ("Glances", "glances", &["--time", "1", "--disable-check-update"]),
    ];
    for (name, program, args) in others {
        match which(program) {
            Some(program) => found.push(Peer { name, program, args }),
            None => absent.push(name),
        }
    }
    (found, absent)
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

/// Processes that do nothing, until there are as many as were asked for. They end with the last of them.
struct Sleepers(Vec<Child>);

impl Sleepers {
    fn up_to(processes: u64) -> Sleepers {
        let more = processes.saturating_sub(count_processes());
        let sleeper = |_| Command::new("sleep").arg("3600").spawn().unwrap();
        Sleepers((0..more).map(sleeper).collect())
    }
}

impl Drop for Sleepers {
    fn drop(&mut self) {
        self.0.iter_mut().for_each(|sleeper| drop(sleeper.kill()));
        self.0.iter_mut().for_each(|sleeper| drop(sleeper.wait()));
    }
}

fn count_processes() -> u64 {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries.filter(|e| e.file_name().to_string_lossy().parse::<u32>().is_ok()).count() as u64
}

fn main() {
    let _sleepers = Sleepers::up_to(number("--processes", 0));
    let seconds = Duration::from_secs(number("--seconds", 30));
    let rounds = number("--rounds", 3);
    let (peers, absent) = peers();
    let home = std::env::temp_dir().join(format!("manytop-bench-{}", std::process::id()));
    fs::create_dir_all(home.join(".config/btop")).unwrap();
    // btop looks every two seconds unless its config says otherwise.
    fs::write(home.join(".config/btop/btop.conf"), "update_ms = 1000\n").unwrap();

    let start = |peer: &Peer| Run::start(&peer.program, peer.args, &home);

    let [mut processor, mut memory, mut output, mut frame] = [(); 4].map(|()| Figures::default());
    for _ in 0..20 {
        for peer in &peers {
            if let Some(first) = start(peer).wait_for_frame() {
                frame.add(peer.name, first.as_secs_f64() * 1e3);
            }
        }
    }
    for _ in 0..rounds {
        let runs: Vec<_> = peers.iter().map(|peer| (peer, start(peer))).collect();
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

    let tasks = count_processes();
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
