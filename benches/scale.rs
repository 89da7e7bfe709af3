//! What hosts cost: manytop and other programs that ask many exporters once a second, against a farm of
//! them. Prints Markdown tables; `benches/scale` installs the peers and builds the farm.
//!
//! The programs of a table run one after the other, each with the farm to itself. Processor time is what
//! /proc/PID/stat counts for the process; memory is VmRSS at the end. How punctual a program was is what the
//! farm saw: the time between two requests to a host, beyond the second.

#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

#[path = "support/peers.rs"]
mod peers;
mod support;
#[path = "support/work.rs"]
mod work;

use peers::{all_smi, manytop, server};
use std::{
    collections::HashMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    num::NonZero,
    path::{Path, PathBuf},
    process::{Child, Command},
    thread,
    time::{Duration, Instant},
};
use support::{Run, number, option, resident, ticks, which};
use work::{Program, WORK, Work};

/// The farm's ports; the one after the last has no listener.
const PORTS: std::ops::RangeInclusive<u16> = 19_100..=19_103;
const REFUSES: u16 = 19_104;
const PROMETHEUS: &str = "127.0.0.1:19190";
const VMAGENT: &str = "127.0.0.1:19191";

/// The hosts of a growing fleet.
const GROWTH: [usize; 5] = [1, 10, 100, 1000, 5000];

/// What a program has cost.
struct Cost {
    /// Percent of a core.
    processor: f64,
    /// MiB.
    memory: f64,
    /// The farm's own share of a core, in percent.
    farm: f64,
    /// What the farm saw of it.
    seen: HashMap<String, f64>,
    /// From a key to the frame that shows it: median and 99th percentile, in milliseconds.
    keys: Option<(f64, f64)>,
}

struct Bench {
    farm: Child,
    home: PathBuf,
    settle: Duration,
    span: Duration,
}

impl Drop for Bench {
    fn drop(&mut self) {
        let _ = self.farm.kill();
        let _ = self.farm.wait();
        let _ = fs::remove_dir_all(&self.home);
    }
}

fn main() {
    let farm = option("--farm").expect("--farm PATH: benches/scale gives it");
    let port = format!("{}-{}", PORTS.start(), PORTS.end());
    let farm = Command::new(farm).args(["--port", &port]).spawn().unwrap();
    let home = std::env::temp_dir().join(format!("manytop-scale-{}", std::process::id()));
    fs::create_dir_all(&home).unwrap();
    let settle = Duration::from_secs(number("--settle", 8));
    let span = Duration::from_secs(number("--seconds", 20));
    let bench = Bench { farm, home, settle, span };
    while TcpStream::connect(("127.0.0.1", *PORTS.start())).is_err() {
        thread::sleep(Duration::from_millis(20));
    }
    let only = option("--only");
    let chosen = |key: &str| only.as_deref().is_none_or(|only| only.split(',').any(|o| o == key));
    let mut absent = Vec::new();

    println!(
        "Each program {} s after {} s to settle, 1 s period.\n",
        span.as_secs(),
        settle.as_secs()
    );
    println!(
        "| work | program | CPU, % of a core | RSS | asked, a host and second | late, p50 | p99 | bar |"
    );
    println!("|---|---|---|---|---|---|---|---|");
    for work in WORK.iter().filter(|work| chosen(work.key)) {
        let mut costs: Vec<(Program, Cost)> = Vec::new();
        for &program in work.programs {
            match program.path() {
                Some(path) => costs.push((program, bench.run(program, &path, work))),
                None => absent.push(program.name()),
            }
        }
        for (program, cost) in &costs {
            println!("{}", row(work, *program, cost, &costs));
        }
    }
    if chosen("growth") {
        println!(
            "\n| gotop hosts | CPU, % of a core | a host and second | RSS | RSS a host | late, p99 | the farm's CPU |"
        );
        println!("|---|---|---|---|---|---|---|");
        for path in ["/gotop/metrics", "/node/metrics"] {
            bench.growth(path);
        }
    }
    if chosen("start") {
        bench.first_frames();
    }
    absent.sort_unstable();
    absent.dedup();
    if !absent.is_empty() {
        println!("\nNot to be had here: {}.", absent.join(", "));
    }
}

fn row(work: &Work, program: Program, cost: &Cost, all: &[(Program, Cost)]) -> String {
    let seen = |name: &str| cost.seen.get(name).copied().unwrap_or(f64::NAN);
    let mut bars = Vec::new();
    let mut bar = |text: String, kept: bool| {
        bars.push(format!("{text}: {}", if kept { "kept" } else { "**missed**" }));
    };
    if program == Program::Manytop {
        if let Some((share, peer)) = work.bar
            && let Some((_, other)) = all.iter().find(|(p, _)| *p == peer)
        {
            // a program that falls behind does less work, so what counts is the cost of a request
            let asked = |cost: &Cost| cost.seen.get("requests_a_host_a_second").copied();
            let each = |cost: &Cost| cost.processor / asked(cost).unwrap_or(f64::NAN);
            let ratio = each(cost) / each(other);
            bar(format!("{ratio:.3} × {} a request (≤ {share})", peer.name()), ratio <= share);
        }
        if let Some(most) = work.memory {
            bar(format!("≤ {most} MiB"), cost.memory <= most);
        }
        if work.faulty {
            bar("healthy p99 late ≤ 100 ms".into(), seen("lateness_p99") <= 100.0);
        }
        if let Some((median, p99)) = cost.keys {
            bar(format!("key to frame {median:.1} ms, p99 {p99:.1} ms (≤ 50)"), p99 <= 50.0);
        }
    }
    format!(
        "| {} | {} | {:.2} % | {:.1} MiB | {:.2} | {:.1} ms | {:.1} ms | {} |",
        work.title,
        program.name(),
        cost.processor,
        cost.memory,
        seen("requests_a_host_a_second"),
        seen("lateness_p50"),
        seen("lateness_p99"),
        bars.join("; ")
    )
}

/// The address of the n-th host: its own loopback address, and one of the farm's ports.
fn host(n: usize, faulty: bool) -> String {
    let ports: Vec<u16> = PORTS.collect();
    let port = if faulty && n % 10 == 3 { REFUSES } else { ports[n % ports.len()] };
    format!("127.1.{}.{}:{port}", n / 250, n % 250 + 1)
}

fn path(n: usize, faulty: bool, path: &'static str) -> &'static str {
    if faulty && n % 10 == 7 { "/hang/metrics" } else { path }
}

impl Bench {
    fn run(&self, program: Program, path: &Path, work: &Work) -> Cost {
        self.ask_farm("/reset");
        let folder = self.home.join(format!("{}-{}", work.key, program.name()));
        fs::create_dir_all(&folder).unwrap();
        match program {
            Program::Manytop | Program::AllSmi => {
                let args = match program {
                    Program::Manytop => manytop(&folder, work.hosts, work.path, work.faulty),
                    _ => all_smi(&folder, work),
                };
                let run = Run::start(path, &args, &folder);
                let mut cost = self.measure(run.child.id());
                if work.faulty {
                    cost.keys = Some(keys(&run));
                }
                cost
            }
            Program::Prometheus | Program::Vmagent => {
                let mut run = server(program, path, &folder, work);
                let cost = self.measure(run.id());
                let _ = run.kill();
                let _ = run.wait();
                cost
            }
        }
    }

    fn measure(&self, pid: u32) -> Cost {
        thread::sleep(self.settle);
        self.ask_farm("/reset");
        let began = Instant::now();
        let before = [pid, self.farm.id()].map(ticks);
        thread::sleep(self.span);
        let after = [pid, self.farm.id()].map(ticks);
        let span = began.elapsed().as_secs_f64();
        let memory = resident(pid);
        assert!(memory > 0, "a program has ended during the measurement");
        let seen = self.ask_farm("/report");
        let seen = seen.lines().filter_map(|line| line.split_once(' '));
        let seen = seen.filter_map(|(name, n)| Some((name.to_owned(), n.parse().ok()?))).collect();
        let share = |i: usize| (after[i] - before[i]) as f64 / span;
        let memory = memory as f64 / f64::from(1 << 20);
        Cost { processor: share(0), memory, farm: share(1), seen, keys: None }
    }

    fn ask_farm(&self, path: &str) -> String {
        let mut farm = TcpStream::connect(("127.0.0.1", *PORTS.start())).unwrap();
        write!(farm, "GET {path} HTTP/1.1\r\nHost: farm\r\n\r\n").unwrap();
        let mut farm = BufReader::new(farm);
        let mut length = 0;
        let mut line = String::new();
        while farm.read_line(&mut line).unwrap() > 2 {
            if let Some(n) = line.strip_prefix("Content-Length: ") {
                length = n.trim().parse().unwrap();
            }
            line.clear();
        }
        let mut body = vec![0; length];
        farm.read_exact(&mut body).unwrap();
        String::from_utf8(body).unwrap()
    }

    fn growth(&self, path: &'static str) {
        let program = Program::Manytop.path().unwrap();
        let mut first = None;
        for hosts in GROWTH.into_iter().filter(|n| path.contains("gotop") || *n <= 1000) {
            let folder = self.home.join(format!("growth-{hosts}{}", path.replace('/', "-")));
            fs::create_dir_all(&folder).unwrap();
            let run = Run::start(&program, &manytop(&folder, hosts, path, false), &folder);
            let cost = self.measure(run.child.id());
            let (processor, memory) = *first.get_or_insert((cost.processor, cost.memory));
            let n = hosts as f64;
            let own = |more: f64| if more > 0.0 { format!("{more:.1}") } else { "–".to_owned() };
            println!(
                "| {hosts} × {path} | {:.2} % | {} µs | {:.1} MiB | {} KiB | {:.1} ms | {:.1} % |",
                cost.processor,
                own((cost.processor - processor) * 1e4 / n),
                cost.memory,
                own((cost.memory - memory) * 1024.0 / n),
                cost.seen.get("lateness_p99").copied().unwrap_or(f64::NAN),
                cost.farm,
            );
        }
    }

    fn first_frames(&self) {
        let folder = self.home.join("start");
        fs::create_dir_all(folder.join(".config/btop")).unwrap();
        let median = |program: &Path, args: &[String]| {
            let mut times: Vec<f64> = (0..20)
                .filter_map(|_| Run::start(program, args, &folder).wait_for_frame())
                .map(|time| time.as_secs_f64() * 1e3)
                .collect();
            times.sort_by(f64::total_cmp);
            times.get(times.len() / 2).copied().unwrap_or(f64::NAN)
        };
        let program = Program::Manytop.path().unwrap();
        println!("\n| first frame, median of 20 starts | |\n|---|---|");
        println!("| manytop alone | {:.1} ms |", median(&program, &[]));
        let args = manytop(&folder, 1000, "/gotop/metrics", false);
        println!("| manytop with 1,000 remotes | {:.1} ms |", median(&program, &args));
        if let Some(btop) = which("btop") {
            println!("| btop | {:.1} ms |", median(&btop, &["--utf-force".to_owned()]));
        }
    }
}

/// Presses keys at moments that no period of the program's fits, and waits for what they bring.
fn keys(run: &Run) -> (f64, f64) {
    let heard = run.listen();
    let side = |n| NonZero::new(n).unwrap();
    let mut screen = vt100::Parser::new(side(48), side(160), 0);
    run.press(b"\x0c");
    let mut times = Vec::new();
    for n in 0..200_u64 {
        thread::sleep(Duration::from_millis(31 + n * 37 % 89));
        heard.try_iter().for_each(|(_, bytes)| screen.process(&bytes));
        let pressed = run.press(b"?");
        while let Ok((at, bytes)) = heard.recv_timeout(Duration::from_secs(2)) {
            screen.process(&bytes);
            if screen.screen().contents().contains("─ help ─") {
                times.push((at - pressed).as_secs_f64() * 1e3);
                break;
            }
        }
        run.press(b"\x1b");
    }
    assert!(times.len() > 190, "the help was seen {} times", times.len());
    times.sort_by(f64::total_cmp);
    (times[times.len() / 2], times[times.len() * 99 / 100])
}
