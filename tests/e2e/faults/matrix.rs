//! Plays a table of faults: one program on one screen reads all remotes of it, and healthy ones
//! beside them. All faults begin together and end together.

use super::{
    PASSWORD, Row, Shows, USER, healthy,
    ledger::{Holds, Line},
};
use crate::{
    farm::{Farm, Remote},
    home::{Home, binary, finish},
    once::Once,
    terminal::{Terminal, quoted},
};
use std::{
    collections::BTreeMap,
    fmt::Write,
    fs,
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

/// How long a phase may take, on a busy machine.
const PHASE: Duration = Duration::from_secs(90);
/// At least so many seconds of the healthy ones' turns are counted while the faults last.
const SECONDS: usize = 10;
/// A remote that goes on answering is judged from this question on.
const SETTLED: usize = 3;
const HEALTHY: [&str; 3] = ["healthy-a", "healthy-b", "healthy-c"];

/// Where a table is played.
pub struct Stage {
    /// What the program is started with, for a network of its own.
    pub prefix: Vec<String>,
    /// How much more may be resident at the end than before the faults.
    pub growth_kib: u64,
    /// The most that may be resident more in the fault than before.
    pub peak_kib: u64,
    /// The refresh of the healthy ones and the faulty ones, in seconds.
    pub refresh: u64,
    /// Answers and failures come before values are old. Else a reason may be seen no earlier than that.
    pub at_once: bool,
}

impl Default for Stage {
    fn default() -> Stage {
        Stage {
            prefix: Vec::new(),
            growth_kib: 8 * 1024,
            peak_kib: 16 * 1024,
            refresh: 1,
            at_once: true,
        }
    }
}

/// What was seen of a row.
#[derive(Default)]
struct Seen {
    /// How often it had been asked when its fault began.
    asked: usize,
    /// A reason was shown before it was down.
    early: bool,
    down: bool,
    note: bool,
    live: bool,
    /// What was wrong in the last capture; it counts when it is wrong in the next one too.
    doubt: Option<String>,
    wrong: Vec<String>,
}

struct Play<'a> {
    stage: &'a Stage,
    rows: &'a [Row],
    healthy: Vec<Remote>,
    terminal: Terminal,
    program: u32,
    seen: BTreeMap<&'static str, Seen>,
    peak: Holds,
}

/// Plays all rows, and fails with all that went wrong, row by row.
pub fn play(stage: &Stage, farm: &Farm, rows: &[Row]) {
    documented(rows);
    let home = Home::new();
    let healthy: Vec<Remote> = HEALTHY.iter().map(|_| farm.serve(healthy())).collect();
    let config = home.write("faults.conf", config(stage, rows, &healthy));
    let layout = home.write("layout", "hosts\n");
    let mut words = stage.prefix.clone();
    words.push(binary().display().to_string());
    words.extend(["--no-local", "-C"].map(String::from));
    words.extend([config.display().to_string(), "-l".into(), layout.display().to_string()]);
    let line: Vec<String> = words.iter().map(|word| quoted(word.as_ref())).collect();
    let size = (320, rows.len() as u16 + 12);
    let terminal = Terminal::script(&home, size, &format!("exec {}", line.join(" ")));
    let recorded = home.path().join("recorded");
    terminal.record(&recorded);
    let program = terminal.program();
    let seen = rows.iter().map(|row| (row.name, Seen::default())).collect();
    let mut play = Play { stage, rows, healthy, terminal, program, seen, peak: Holds::default() };
    play.before();
    let before = Holds::of(program);
    play.in_the_fault();
    let once = play.once(&home, &config);
    play.recovery();
    let after = Holds::of(program);
    play.terminal.expect_answers_keys();
    play.costs(before, after);
    play.terminal.press(&["q"]);
    assert_eq!(play.terminal.wait_for_end(), Some(0), "it quits as ever");
    for row in rows {
        if let Some(check) = row.check {
            check(&once, row.name);
        }
    }
    says_no_secret(home.path());
    let wrong: Vec<String> = play
        .seen
        .iter()
        .flat_map(|(name, seen)| seen.wrong.iter().map(move |wrong| format!("{name}: {wrong}")))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The table that people read has every row, with the words that they will see.
fn documented(rows: &[Row]) {
    let text = include_str!("../../../docs/reliability.md");
    for row in rows {
        let words = match row.shows {
            Shows::Down(words) | Shows::Unread(words) | Shows::Note(words) => words,
            Shows::Live | Shows::Slow | Shows::Unsteady => "",
        };
        let head = format!("| {} |", row.name);
        let found = text.lines().find(|line| line.starts_with(&head));
        let found =
            found.unwrap_or_else(|| panic!("docs/reliability.md has no row {:?}", row.name));
        assert!(found.contains(words), "docs/reliability.md: {words:?} is not in {found}");
    }
}

fn config(stage: &Stage, rows: &[Row], healthy: &[Remote]) -> String {
    let mut text = format!("remote-*-refresh={}\nremote-*-timeout=2\n", stage.refresh);
    let _ = writeln!(text, "remote-*-username={USER}\nremote-*-password={PASSWORD}");
    for (name, remote) in HEALTHY.iter().zip(healthy) {
        let _ = writeln!(text, "remote-{name}-url={}", remote.url());
    }
    for row in rows {
        let _ = writeln!(text, "remote-{}-url={}", row.name, row.url);
        for option in row.options {
            let _ = writeln!(text, "remote-{}-{option}", row.name);
        }
    }
    text
}

impl Play<'_> {
    fn before(&self) {
        let names = || HEALTHY.into_iter().chain(self.rows.iter().map(|row| row.name));
        self.terminal.wait("all to be live", PHASE, |screen| {
            names().all(|name| Line::find(screen, name).is_some_and(|line| line.state == "live"))
        });
    }

    /// Until every row has shown what it is to show.
    fn in_the_fault(&mut self) {
        let counts = |remotes: &[Remote]| remotes.iter().map(Remote::requests).collect::<Vec<_>>();
        let (began, before) = (Instant::now(), counts(&self.healthy));
        let asked: Vec<usize> = self.rows.iter().map(|row| row.asked.requests()).collect();
        for (row, asked) in self.rows.iter().zip(&asked) {
            self.seen.entry(row.name).or_default().asked = *asked;
        }
        self.rows.iter().for_each(|row| (row.begin)());
        let (mut keys, enough) = (false, SECONDS / self.stage.refresh as usize);
        for turn in 0.. {
            self.rows.iter().filter_map(|row| row.go_on.as_ref()).for_each(|on| on(turn));
            let screen = self.terminal.screen();
            self.look(&screen, true);
            let turns = self.healthy[0].requests() - before[0];
            if turns >= enough / 2 && !keys {
                self.terminal.expect_answers_keys();
                keys = true;
            }
            let waits: Vec<&str> =
                self.rows.iter().filter(|row| !self.shown(row)).map(|row| row.name).collect();
            if waits.is_empty() && turns >= enough {
                break;
            }
            assert!(
                began.elapsed() < PHASE,
                "in vain for what these are to show: {waits:?}; the screen:\n{screen}"
            );
        }
        // The healthy ones were asked as if nothing were wrong.
        let passed = began.elapsed().as_secs() as usize / self.stage.refresh as usize;
        for (name, (now, before)) in HEALTHY.iter().zip(counts(&self.healthy).iter().zip(before)) {
            let turns = now - before;
            assert!(
                turns + 1 + passed / 10 >= passed && turns <= passed + 2,
                "{name} was asked {turns} times in {passed} turns"
            );
        }
        // A faulty one is asked less, but it is asked.
        let mut wrong = Vec::new();
        for (row, before) in self.rows.iter().zip(asked) {
            let turns = row.asked.requests() - before;
            // A connection that broke before its answer began may be tried a second time.
            if turns > 2 * (passed + 2) {
                wrong.push((row.name, format!("asked {turns} times in {passed} turns")));
            }
        }
        for (name, what) in wrong {
            self.blame(name, what);
        }
    }

    /// Until all are live again, and each of them within a refresh of its first answer.
    fn recovery(&mut self) {
        self.rows.iter().for_each(|row| (row.end)());
        let began = Instant::now();
        let before: Vec<usize> = self.rows.iter().map(|row| row.asked.requests()).collect();
        let mut back: Vec<bool> = vec![false; self.rows.len()];
        loop {
            let asked: Vec<usize> =
                self.rows.iter().zip(&before).map(|(row, b)| row.asked.requests() - b).collect();
            let screen = self.terminal.screen();
            self.look(&screen, false);
            let rows = self.rows;
            for (n, row) in rows.iter().enumerate() {
                if back[n] {
                    continue;
                }
                let line = Line::find(&screen, row.name);
                back[n] = line.as_ref().is_some_and(|line| line.state == "live");
                // The third question comes two refreshes after the first, which was answered.
                if asked[n] > 2 && !back[n] && !matches!(row.shows, Shows::Slow | Shows::Unsteady) {
                    self.blame(row.name, format!("answers, and is shown as {line:?}"));
                    back[n] = true;
                }
            }
            if back.iter().all(|back| *back) {
                break;
            }
            let waits: Vec<_> =
                rows.iter().zip(&back).filter(|(_, b)| !**b).map(|(r, _)| r.name).collect();
            assert!(began.elapsed() < PHASE, "{waits:?} do not recover; the screen:\n{screen}");
        }
    }

    /// What a capture of the screen says of every row.
    fn look(&mut self, screen: &str, in_the_fault: bool) {
        let held = Holds::of(self.program);
        self.peak.resident_kib = self.peak.resident_kib.max(held.resident_kib);
        self.peak.descriptors = self.peak.descriptors.max(held.descriptors);
        let refresh = self.stage.refresh;
        for name in HEALTHY {
            let line = Line::find(screen, name);
            assert!(
                line.as_ref().is_none_or(|line| !line.is_old()),
                "{name} suffers; the screen:\n{screen}"
            );
        }
        for row in self.rows {
            // While help covers it, or a row moves, the row is not found.
            let Some(line) = Line::find(screen, row.name) else { continue };
            let Some(seen) = self.seen.get_mut(row.name) else { continue };
            let lie = line.lie(refresh).map(|text| format!("state and age do not fit: {text}"));
            if in_the_fault {
                match row.shows {
                    Shows::Down(reason) => {
                        let said = line.text.contains(reason);
                        seen.early |= said && line.state != "DOWN";
                        seen.down |= said && line.state == "DOWN";
                    }
                    Shows::Unread(reason) => {
                        let said = line.text.contains(reason);
                        seen.early |= said && line.state != "unread";
                        seen.down |= said && line.state == "unread";
                    }
                    Shows::Note(note) => {
                        seen.note |= line.text.contains(note) && line.state == "live"
                    }
                    _ => {
                        let settled = row.asked.requests() >= seen.asked + SETTLED;
                        seen.live |= settled && matches!(line.state.as_str(), "live" | "late");
                    }
                }
            }
            let suffers = match row.shows {
                Shows::Live | Shows::Note(_) | Shows::Slow if self.stage.at_once => line.is_old(),
                Shows::Live | Shows::Note(_) | Shows::Slow => line.state == "DOWN",
                _ => false,
            };
            let doubt = lie.or_else(|| suffers.then(|| format!("is old: {}", line.text)));
            if seen.doubt.is_some() && doubt.is_some() && seen.wrong.len() < 3 {
                seen.wrong.extend(doubt.clone());
            }
            seen.doubt = doubt;
        }
    }

    fn shown(&self, row: &Row) -> bool {
        let seen = &self.seen[row.name];
        match row.shows {
            Shows::Down(_) | Shows::Unread(_) => seen.down && (seen.early || !self.stage.at_once),
            Shows::Note(_) => seen.note,
            Shows::Live | Shows::Slow | Shows::Unsteady => seen.live,
        }
    }

    fn blame(&mut self, name: &str, what: String) {
        if let Some(seen) = self.seen.get_mut(name) {
            seen.wrong.push(what);
        }
    }

    /// The readings in the fault, as another run of the program gives them.
    fn once(&self, home: &Home, config: &Path) -> Once {
        let mut words = self.stage.prefix.clone();
        words.push(binary().display().to_string());
        words.extend(["--no-local", "--once=json", "-C"].map(String::from));
        let mut command = Command::new(&words[0]);
        command.args(&words[1..]).arg(config).env_clear().envs(home.env()).current_dir(home.path());
        let done = finish(&mut command, PHASE);
        home.write("once.out", done.stdout.as_bytes());
        home.write("once.err", done.stderr.as_bytes());
        let once = Once::read(done);
        for row in self.rows {
            let source = once.source(row.name);
            let said = source["error"].as_str().unwrap_or_default();
            match row.shows {
                Shows::Down(reason) => {
                    assert_eq!(source["state"], "down", "{}", row.name);
                    assert!(said.contains(reason), "{}: {said:?} is not {reason:?}", row.name);
                }
                Shows::Unread(reason) => {
                    assert_eq!(source["state"], "unread", "{}", row.name);
                    assert!(said.contains(reason), "{}: {said:?} is not {reason:?}", row.name);
                }
                Shows::Live | Shows::Note(_) => {
                    assert_eq!(source["state"], "live", "{}: {said}", row.name);
                }
                Shows::Slow | Shows::Unsteady => {}
            }
        }
        once
    }

    fn costs(&self, before: Holds, after: Holds) {
        let told = format!("before {before:?}, at most {:?}, after {after:?}", self.peak);
        eprintln!("{} rows: {told}", self.rows.len());
        let stage = self.stage;
        assert!(after.resident_kib <= before.resident_kib + stage.growth_kib, "memory: {told}");
        assert!(self.peak.resident_kib <= before.resident_kib + stage.peak_kib, "memory: {told}");
        // One connection a remote at a time; those that were broken are closed.
        assert!(after.descriptors <= before.descriptors + 4, "descriptors: {told}");
        assert!(self.peak.descriptors <= before.descriptors + 2 * self.rows.len(), "{told}");
    }
}

/// Everything the program wrote, wherever it wrote it.
pub fn says_no_secret(home: &Path) {
    let encoded = base64(&format!("{USER}:{PASSWORD}"));
    let (front, back) = PASSWORD.split_at(PASSWORD.len() / 2);
    let mut folders = vec![home.to_owned()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            let path = entry.path();
            if entry.file_type().unwrap().is_dir() {
                folders.push(path);
            } else if path.extension().is_none_or(|e| e != "conf") {
                let text = String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned();
                files += 1;
                for secret in [front, back, &encoded[4..12]] {
                    assert!(!text.contains(secret), "{} holds the password", path.display());
                }
            }
        }
    }
    assert!(files >= 2, "the screen and the layout at least: {files}");
}

/// The usual encoding; only what basic authentication needs of it.
fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in text.as_bytes().chunks_exact(3) {
        let n = three.iter().fold(0_usize, |n, byte| n << 8 | usize::from(*byte));
        out.extend([18, 12, 6, 0].map(|shift| char::from(LETTERS[n >> shift & 63])));
    }
    out
}
