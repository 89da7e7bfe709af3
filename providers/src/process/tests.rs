//! Of many processes the idle ones are looked at less often; nobody who ended stays for that.

use super::*;
use manytop_core::{clock::Moment, provider::Want, reading::Reading};
use std::{fs, path::PathBuf};

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
        let options = Options::parse(&[VIA.spec(), ROOT.spec()], &[("root", root)]).unwrap();
        build(&options).unwrap()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// What is read, and the moment of it.
fn read(reader: &mut dyn Reader) -> (Vec<Reading>, Moment) {
    let part = reader.read(&Want::kinds(&[v::PROCESS])).unwrap().parts.remove(0);
    (part.readings, part.taken)
}

fn seconds(readings: &[Reading], pid: u32) -> Option<f64> {
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
    assert!(second.iter().all(|r| r.taken.is_none()), "idleness takes two looks");

    // 7 works on every poll from now on; at first it is taken for idle, and found at its turn
    let mut found = None;
    for poll in 1..=8 {
        tree.process(7, 100 + 50 * poll);
        let (readings, now) = read(&mut *reader);
        assert_eq!(readings.len(), 400);
        let repeated = readings.iter().filter(|r| r.taken.is_some()).count();
        assert!((290..=310).contains(&repeated), "three of four: {repeated}");
        assert!(readings.iter().filter_map(|r| r.taken).all(|taken| taken >= then && taken < now));
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
    let repeated = read(&mut *reader).0.iter().filter(|r| r.taken.is_some()).count();
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
        assert!(readings.iter().all(|r| r.taken.is_none()));
        assert_eq!(seconds(&readings, 9), Some(f64::from(100 + poll) / 100.0));
    }
}
