//! What the program shows of each remote, read off the screen, and what it costs, read off /proc.

use std::fs;

/// The row of one remote in the hosts table.
#[derive(Clone, PartialEq, Debug)]
pub struct Line {
    pub state: String,
    /// Whole seconds, as shown.
    pub age: Option<u64>,
    /// All of it.
    pub text: String,
}

impl Line {
    /// The line that speaks of a remote.
    pub fn find(screen: &str, name: &str) -> Option<Line> {
        screen.lines().find_map(|line| Line::read(line, name))
    }

    fn read(line: &str, name: &str) -> Option<Line> {
        let text = line.trim_matches(|c: char| c == '│' || c.is_whitespace());
        let mut words =
            text.split_whitespace().skip_while(|w| w.chars().all(|c| "x!>?~u▌".contains(c)));
        if words.next() != Some(name) {
            return None;
        }
        const STATES: [&str; 7] = ["live", "idle", "starting", "late", "stale", "DOWN", "unread"];
        let state = words.find(|word| STATES.contains(word))?.to_owned();
        Some(Line { state, age: words.next().and_then(seconds), text: text.to_owned() })
    }

    pub fn is_old(&self) -> bool {
        matches!(self.state.as_str(), "stale" | "DOWN")
    }

    /// What is wrong when the state is not what the age makes it, at a refresh of `interval` seconds.
    pub fn lie(&self, interval: u64) -> Option<String> {
        let (stale, late) = ((interval * 3).max(5), interval + (interval / 2).max(1));
        let wrong = match (self.state.as_str(), self.age) {
            ("live", Some(age)) => age > late,
            ("late", Some(age)) => age > stale || age < interval,
            ("stale" | "DOWN", Some(age)) => age < stale,
            ("live" | "late" | "stale", None) => true,
            ("DOWN", None) | ("starting" | "unread", _) => false,
            _ => true,
        };
        let values = self.state == "DOWN" && self.text.split_whitespace().any(|w| w == "62");
        (wrong || values).then(|| self.text.clone())
    }
}

/// `12s`, `3m`.
fn seconds(word: &str) -> Option<u64> {
    let unit = match word.chars().last()? {
        's' => 1,
        'm' => 60,
        _ => return None,
    };
    Some(word[..word.len() - 1].parse::<u64>().ok()? * unit)
}

/// What a process holds.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Holds {
    pub resident_kib: u64,
    pub descriptors: usize,
    pub threads: u64,
}

impl Holds {
    #[track_caller]
    pub fn of(pid: u32) -> Holds {
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
        let number = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
            line.split_whitespace().next().unwrap().parse().unwrap()
        };
        Holds {
            resident_kib: number("VmRSS:"),
            descriptors: fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count(),
            threads: number("Threads:"),
        }
    }
}

#[test]
fn a_line_is_read_and_judged() {
    let line = "│▌x ▌ reset  DOWN     7s    -  -     - connection reset, next try in 8 s │";
    let read = Line::find(&format!("bla\n{line}\n"), "reset").unwrap();
    assert_eq!((read.state.as_str(), read.age, read.lie(1)), ("DOWN", Some(7), None));
    assert_eq!(Line::find(line, "rese"), None);
    assert!(Line::find("│ a live 7s │", "a").unwrap().lie(1).is_some());
    assert!(Line::find("│ a DOWN 2s │", "a").unwrap().lie(1).is_some());
    assert!(Line::find("│ a DOWN 9s 62 │", "a").unwrap().lie(1).is_some());
    assert!(Line::find("│>~ ▌ a late 3s │", "a").unwrap().lie(1).is_none());
}
