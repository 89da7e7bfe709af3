//! Of many processes the idle ones are read less often; ended ones are still removed at once.

use super::{super::build, *};
use crate::local::procfs::{BACKEND, ROOT};
use manytop_plugin::{
    clock::Moment, options::Options, provider::Selection, reading::DeviceReading, vocabulary as v,
};
use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, ChildStdin, Command, Stdio},
    time::{Duration, Instant},
};

struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let folder = std::env::temp_dir().join(format!("manytop-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("proc")).unwrap();
        fs::write(folder.join("proc/meminfo"), "MemTotal: 1000000 kB\n").unwrap();
        Folder(folder)
    }

    fn process(&self, pid: u32, ticks: u32) {
        let folder = self.0.join(format!("proc/{pid}"));
        fs::create_dir_all(&folder).unwrap();
        let stat = format!("{pid} (p) S 1 1 1 0 -1 0 0 0 0 0 {ticks} 0 0 0 20 0 1 0 9 0 5\n");
        fs::write(folder.join("stat"), stat).unwrap();
    }

    fn reader(&self) -> Box<dyn Reader> {
        let root = self.0.to_str().unwrap();
        let options = Options::parse(&[BACKEND.spec(), ROOT.spec()], &[("root", root)]).unwrap();
        build(&options).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What is read, and the moment of it.
fn read(reader: &mut dyn Reader) -> (Vec<DeviceReading>, Moment) {
    let part = reader.read(&Selection::kinds(&[v::PROCESS])).unwrap().parts.remove(0);
    (part.readings, part.read_at)
}

fn seconds(readings: &[DeviceReading], pid: u32) -> Option<f64> {
    let reading = readings.iter().find(|r| *r.device == *pid.to_string())?;
    reading.values.get(&v::CPU_SECONDS)
}

/// After so many polls, all that are idle have been so for long.
const POLLS_TO_LONG_IDLE: u32 = 40;

#[test]
fn of_many_the_idle_ones_have_their_turn_and_keep_the_moment_they_were_read_at() {
    let tree = Folder::new("many-processes");
    (1..=400).for_each(|pid| tree.process(pid, 100));
    let mut reader = tree.reader();
    read(&mut *reader);
    let (second, then) = read(&mut *reader);
    assert!(second.iter().all(|r| r.read_at.is_none()), "idleness takes two looks");

    // 7 works on every poll from now on; at first it is taken for idle, and found at its turn
    let mut found = None;
    for poll in 1..=8 {
        tree.process(7, 100 + 50 * poll);
        let (readings, now) = read(&mut *reader);
        assert_eq!(readings.len(), 400);
        let repeated = readings.iter().filter(|r| r.read_at.is_some()).count();
        assert!((290..=310).contains(&repeated), "three of four: {repeated}");
        assert!(
            readings
                .iter()
                .filter_map(|r| r.read_at)
                .all(|read_at| read_at >= then && read_at < now)
        );
        let fresh = seconds(&readings, 7) == Some(f64::from(100 + 50 * poll) / 100.0);
        match found {
            None => found = fresh.then_some(poll),
            Some(_) => assert!(fresh, "one that works is read every time: poll {poll}"),
        }
    }
    assert!(found.is_some_and(|poll| poll <= 4), "its turn comes within four polls: {found:?}");

    // those that go on doing nothing are looked at less often still
    for _ in 0..POLLS_TO_LONG_IDLE {
        read(&mut *reader);
    }
    let repeated = read(&mut *reader).0.iter().filter(|r| r.read_at.is_some()).count();
    assert!((340..=355).contains(&repeated), "seven of eight: {repeated}");

    (11..=14).for_each(|pid| fs::remove_dir_all(tree.0.join(format!("proc/{pid}"))).unwrap());
    let (readings, _) = read(&mut *reader);
    assert_eq!(readings.len(), 396, "who has ended is gone at once, idle or not");
}

#[test]
fn few_are_all_read_every_time() {
    let tree = Folder::new("few-processes");
    (1..=50).for_each(|pid| tree.process(pid, 100));
    let mut reader = tree.reader();
    for poll in 0..6 {
        tree.process(9, 100 + poll);
        let (readings, _) = read(&mut *reader);
        assert!(readings.iter().all(|r| r.read_at.is_none()));
        assert_eq!(seconds(&readings, 9), Some(f64::from(100 + poll) / 100.0));
    }
}

#[test]
fn a_thread_that_is_listed_beside_its_process_is_left_out() {
    let tree = Folder::new("listed-thread");
    [1, 7].into_iter().for_each(|pid| tree.process(pid, 100));
    for (pid, group) in [(1, 1), (7, 1)] {
        let status = format!("Name:\tp\nTgid:\t{group}\nNgid:\t0\nPid:\t{pid}\nPPid:\t0\n");
        fs::write(tree.0.join(format!("proc/{pid}/status")), status).unwrap();
    }
    let mut reader = tree.reader();
    for _ in 0..2 {
        let (readings, _) = read(&mut *reader);
        let pids: Vec<&str> = readings.iter().map(|r| &*r.device).collect();
        assert_eq!(pids, ["1"]);
    }
}

/// A bash that is told what to do line by line: its redirections open connections of its own.
struct Bash {
    child: Child,
    input: ChildStdin,
}

impl Bash {
    fn start() -> Bash {
        let mut child = Command::new("bash").stdin(Stdio::piped()).spawn().unwrap();
        let input = child.stdin.take().unwrap();
        Bash { child, input }
    }

    fn tell(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    /// Opens a connection as descriptor `n`, and sends so many bytes over it.
    fn connect(&mut self, n: u32, listener: &TcpListener, bytes: usize) -> TcpStream {
        let port = listener.local_addr().unwrap().port();
        self.tell(&format!("exec {n}<>/dev/tcp/127.0.0.1/{port}; printf '%{bytes}s' '' >&{n}"));
        let (mut far, _) = listener.accept().unwrap();
        far.read_exact(&mut vec![0; bytes]).unwrap();
        far
    }

    /// Polls until the process has these bytes, received and sent, and hardly more.
    fn expect(&self, reader: &mut dyn Reader, want: &Selection, expected: [f64; 2]) {
        let deadline = Instant::now() + Duration::from_secs(60);
        loop {
            let found = traffic(reader, want, self.child.id());
            // an acknowledgement may be late, and opening and closing count as a byte each
            let is_it = |found: [f64; 2]| {
                found.iter().zip(expected).all(|(n, least)| (least..least + 1010.0).contains(n))
            };
            if found.is_some_and(is_it) {
                return;
            }
            assert!(Instant::now() < deadline, "{found:?} is not {expected:?}");
        }
    }
}

impl Drop for Bash {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The bytes that a process has received and sent, after a poll.
fn traffic(reader: &mut dyn Reader, want: &Selection, pid: u32) -> Option<[f64; 2]> {
    let readings = reader.read(want).unwrap().parts.remove(0).readings;
    let is_it = |r: &&DeviceReading| r.kind == v::PROCESS && *r.device == *pid.to_string();
    let values = &readings.iter().find(is_it).unwrap().values;
    Some([values.get(&v::RECEIVED_BYTES)?, values.get(&v::SENT_BYTES)?])
}

fn this_machine() -> Box<dyn Reader> {
    build(&Options::parse(&[BACKEND.spec(), ROOT.spec()], &[]).unwrap()).unwrap()
}

#[test]
fn the_traffic_of_a_process_is_that_of_its_connections() {
    let mut want = Selection::nothing();
    want.add(v::PROCESS, &[v::RECEIVED_BYTES.name(), v::SENT_BYTES.name()]);
    let mut reader = this_machine();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut bash = Bash::start();
    let mut first = bash.connect(3, &listener, 5000);
    bash.expect(&mut *reader, &want, [0.0, 0.0]);

    // what came before the first poll does not count, what comes later does
    bash.tell("printf '%3000000s' '' >&3; read -rN 1000 -u 3");
    first.read_exact(&mut vec![0; 3_000_000]).unwrap();
    first.write_all(&[b'x'; 1000]).unwrap();
    bash.expect(&mut *reader, &want, [1000.0, 3e6]);

    // in the details a connection has the bytes since it was opened
    let mut detailed = want.clone();
    detailed.add_device(v::PROCESS, bash.child.id().to_string());
    detailed.add(v::CONNECTION, &[]);
    let readings = reader.read(&detailed).unwrap().parts.remove(0).readings;
    let peer = listener.local_addr().unwrap().to_string();
    let is_first = |r: &&DeviceReading| {
        let own = r.values.get(&v::PARENT) == Some(f64::from(bash.child.id()));
        own && r.texts.get(&v::PEER).is_some_and(|at| **at == *peer)
    };
    let connection = &readings.iter().find(is_first).unwrap().values;
    assert_eq!(connection.get(&v::RECEIVED_BYTES), Some(1000.0));
    assert!(
        connection.get(&v::SENT_BYTES).is_some_and(|n| (3_005_000.0..3_005_010.0).contains(&n))
    );

    // a connection that is closed takes nothing away, and a new one adds to the same counters
    bash.tell("exec 3>&-");
    let mut end = Vec::new();
    assert_eq!(first.read_to_end(&mut end).unwrap(), 0);
    let mut second = bash.connect(4, &listener, 1);
    let found = loop {
        // it may take some polls until its process is found
        bash.tell("printf '%1000s' '' >&4");
        second.read_exact(&mut [0; 1000]).unwrap();
        let found = traffic(&mut *reader, &want, bash.child.id()).unwrap();
        assert!(found[0] == 1000.0 && found[1] >= 3e6, "{found:?}");
        if found[1] >= 3e6 + 1000.0 {
            break found;
        }
    };
    bash.tell("printf '%2000000s' '' >&4");
    second.read_exact(&mut vec![0; 2_000_000]).unwrap();
    bash.expect(&mut *reader, &want, [1000.0, found[1] + 2e6]);
}

#[test]
fn traffic_is_not_read_unless_it_is_requested() {
    let own = std::process::id();
    let mut reader = this_machine();
    assert_eq!(traffic(&mut *reader, &Selection::kinds(&[v::PROCESS]), own), None);
    // for the details of another process nothing is read of this one
    let mut want = Selection::kinds(&[v::PROCESS]);
    want.add_device(v::PROCESS, "1");
    assert_eq!(traffic(&mut *reader, &want, own), None);
}
