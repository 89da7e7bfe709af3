//! The box that asks which signal processes get: what each does, and to which processes it goes.

use super::{
    frame, panel,
    processes::{self, SIGNALS},
    remote_signal::RemoteSignal,
};
use crate::system::process::Signal;
use manytop_core::{
    draw::{Canvas, compact, text::width},
    ratatui_core::{
        buffer::Buffer,
        layout::Rect,
        style::{Modifier, Style},
    },
    source::Source,
    theme::Theme,
    view::{Device, Snapshot},
    vocabulary as v,
    widget::{Key, ProcessTarget},
};

/// So many signals are in view.
const ROWS: u16 = 9;

/// What becomes of the box after a key.
pub enum SignalKeyOutcome {
    /// The key means nothing to it.
    Ignored,
    /// It looks different.
    Stays,
    /// It is gone.
    Closes,
    /// The signal was sent; this came of it.
    Sent(String),
    /// The engine has to send it.
    Remote(RemoteSignal),
}

/// The box.
pub struct SignalBox {
    /// The signal of [`SIGNALS`] that Enter sends.
    chosen: usize,
    processes: Vec<ProcessTarget>,
    /// How many of them belong to other users, so that the kernel refuses.
    refused: usize,
    /// The name or number that is being typed.
    typed: Option<String>,
}

impl SignalBox {
    /// A box for these processes; TERM is chosen.
    pub fn new(processes: Vec<ProcessTarget>) -> SignalBox {
        let refused = processes::refused(&processes);
        SignalBox { chosen: 0, processes, refused, typed: None }
    }

    /// The machine of the processes, where it is not this one.
    fn remote(&self) -> Option<&Source> {
        self.processes.first().map(|one| &one.source).filter(|source| **source != Source::Local)
    }

    /// Takes a key.
    pub fn on_key(&mut self, key: Key) -> SignalKeyOutcome {
        let last = SIGNALS.len() - 1;
        if let Some(typed) = &mut self.typed {
            match key {
                Key::Char(c) if c.is_ascii_alphanumeric() && typed.len() < 12 => typed.push(c),
                Key::Backspace => _ = typed.pop(),
                Key::Esc => self.typed = None,
                Key::Enter | Key::Up | Key::Down => {
                    self.typed = None;
                    return self.on_key(key);
                }
                _ => return SignalKeyOutcome::Ignored,
            }
            let found = self.typed.as_deref().and_then(processes::find);
            self.chosen = found.unwrap_or(self.chosen);
            return SignalKeyOutcome::Stays;
        }
        match key {
            Key::Char('/') => self.typed = Some(String::new()),
            Key::Enter => {
                return match self.remote() {
                    Some(host) => {
                        let (host, processes) = (host.clone(), self.processes.clone());
                        SignalKeyOutcome::Remote(RemoteSignal::new(host, self.chosen, processes))
                    }
                    None => SignalKeyOutcome::Sent(processes::send(self.chosen, &self.processes)),
                };
            }
            Key::Char('n' | 'q') | Key::Esc => return SignalKeyOutcome::Closes,
            Key::Up | Key::Char('k') => self.chosen = self.chosen.saturating_sub(1),
            Key::Down | Key::Char('j') => self.chosen = (self.chosen + 1).min(last),
            Key::Home => self.chosen = 0,
            Key::End => self.chosen = last,
            Key::Char(c) if c != ' ' => match SIGNALS.iter().position(|(key, ..)| *key == c) {
                Some(at) => self.chosen = at,
                None => return SignalKeyOutcome::Ignored,
            },
            _ => return SignalKeyOutcome::Ignored,
        }
        SignalKeyOutcome::Stays
    }

    /// Draws it. Where there is little room, what is known of the process goes first, then the lines
    /// below the signals; signals scroll, and the last row always says what Enter does.
    pub fn draw(&self, snapshot: &Snapshot, theme: &Theme, area: Rect, buffer: &mut Buffer) {
        let one = match self.processes.as_slice() {
            [one] => Some(one),
            _ => None,
        };
        let known = one.and_then(|one| known(snapshot, one));
        let (name, number) = self.target();
        let signal = processes::name(self.chosen).trim_start_matches("SIG");
        let below = self.below(known, theme);
        let all = (SIGNALS.len() as u16).min(ROWS);
        let room = area.height.saturating_sub(2);
        // a row for the keys and one for a signal at least, then as many as there is room for
        let spare = room.saturating_sub(all + 1);
        let lower = if spare >= 4 { 4 } else { 0 };
        let upper = if spare - lower >= 3 { 3 } else { 0 };
        let rows = all.min(room.saturating_sub(1 + upper + lower)).max(1);
        let height = 2 + upper + rows + lower + 1;
        let own = [("signal", theme.strong())];
        let host = self.remote().map_or(String::new(), |host| format!(" on {}", host.name()));
        let target = [
            (name.as_str(), theme.strong()),
            (" ", theme.text),
            (number.as_str(), theme.text),
            (host.as_str(), theme.warn),
        ];
        let state = known.filter(|d| is_blocked(d)).map_or("", |_| "blocked on disk");
        let mut on =
            panel::open(&[&own, &target], (state, theme.stale), (72, height), theme, area, buffer);
        if upper > 0 {
            self.about(&mut on, known);
            panel::rule(&mut on, 3);
        }
        let first = 1 + upper;
        if lower > 0 {
            panel::rule(&mut on, first + rows);
            for (y, (line, style)) in (first + rows + 1..).zip(below) {
                let room = on.width().saturating_sub(5);
                on.column(3, y, room, &line, style);
            }
        }
        let enter = format!("send {signal} to {name} {number}{host}");
        let typed = self.typed.as_ref().map(|typed| format!("{typed}▏"));
        let any = typed.as_deref().unwrap_or("any");
        panel::foot(&mut on, &[("Enter", &enter), ("/", any), ("Esc", "nothing")]);
        let wide = on.width().saturating_sub(2);
        let mut on = on.part(Rect::new(1, first, wide, rows));
        let skip = (self.chosen + 1).saturating_sub(usize::from(rows));
        let shown = SIGNALS.iter().enumerate().skip(skip).take(usize::from(rows));
        for (y, (nth, (key, number, name, what))) in (0..).zip(shown) {
            let key = key.to_string();
            let cap = if key == " " { theme.text } else { theme.keycap };
            let x = on.runs(2, y, &[(" ", cap), (&key, cap), (" ", cap)]);
            let style = if *number == Signal::KILL {
                theme.crit.add_modifier(Modifier::BOLD)
            } else {
                theme.strong()
            };
            on.put(x + 2, y, name.trim_start_matches("SIG"), style);
            on.number(x + 7, y, 3, &number.as_raw().to_string(), theme.dim);
            on.column(x + 13, y, wide.saturating_sub(x + 14), what, theme.text);
            if nth == self.chosen {
                on.select(y, 7..11);
            }
        }
    }

    /// The name and the pid of one; of several of one name how many; else how many in all.
    fn target(&self) -> (String, String) {
        match (self.processes.as_slice(), processes::counted(&self.processes).as_slice()) {
            ([one], _) => (one.name.clone(), one.pid.to_string()),
            (all, [(name, _)]) => ((*name).to_owned(), format!("× {}", all.len())),
            (all, _) => (all.len().to_string(), "processes".into()),
        }
    }

    /// Two rows about the process; of several, their names and how many have each.
    fn about(&self, on: &mut Canvas<'_>, known: Option<&Device>) {
        let theme = on.theme;
        let room = on.width().saturating_sub(5);
        let Some(known) = known else {
            let counted = processes::counted(&self.processes);
            let mut words: Vec<String> =
                counted.iter().take(8).map(|(name, count)| format!("{name} {count}")).collect();
            if counted.len() > 8 {
                words.push(format!("and {} other names", counted.len() - 8));
            }
            let mut pids: Vec<String> =
                self.processes.iter().take(10).map(|p| p.pid.to_string()).collect();
            if self.processes.len() > 10 {
                pids.push(format!("and {} more", self.processes.len() - 10));
            }
            on.column(3, 1, room, &words.join(", "), theme.text);
            let x = on.put(3, 2, "pid ", theme.dim);
            on.column(x, 2, room.saturating_sub(4), &pids.join(" "), theme.text);
            return;
        };
        let command = known.text(&v::COMMAND).or(known.text(&v::NAME)).unwrap_or_default();
        on.column(3, 1, room, command, theme.text);
        let value = |metric| known.value(metric);
        let facts = [
            ("user", known.text(&v::USER).map(str::to_owned)),
            ("parent", value(&v::PARENT).map(|pid| format!("{pid:.0}"))),
            ("cpu", value(&v::PERCENT).map(|p| compact::process(p).to_string())),
            ("mem", value(&v::RESIDENT_BYTES).map(|b| compact::memory(b).to_string())),
        ];
        let mut x = 3;
        let end = on.width().saturating_sub(2);
        for (label, fact) in facts.iter().filter_map(|(l, f)| Some((l, f.as_ref()?))) {
            let wide = (label.len() + 1) as u16 + width(fact);
            if x + wide > end {
                break;
            }
            x = on.runs(x, 2, &[(label, theme.dim), (" ", theme.dim), (fact, theme.text)]) + 3;
        }
    }

    /// Lines below the signals: what hinders it, and what a signal never hits.
    fn below(&self, known: Option<&Device>, theme: &Theme) -> Vec<(String, Style)> {
        let mut all = Vec::new();
        if self.refused > 0 {
            let of = known.and_then(|known| known.text(&v::USER));
            let words = match (self.processes.as_slice(), of) {
                ([_], Some(user)) => {
                    format!("! a process of {user}: the kernel refuses; be {user} or root")
                }
                ([_], None) => "! another user's process: the kernel refuses; be root".to_owned(),
                (all, _) => {
                    let (refused, all) = (self.refused, all.len());
                    format!(
                        "! {refused} of {all} belong to other users: the kernel refuses; be root"
                    )
                }
            };
            all.push((words, theme.warn));
        }
        if known.is_some_and(is_blocked) {
            let words = "! blocked on the disk: even KILL waits until the disk answers";
            all.push((words.to_owned(), theme.warn));
        }
        let (start, what) = match self.processes.as_slice() {
            [one] => (started(known), format!("pid {}", one.pid)),
            all => (String::new(), format!("these {} processes", all.len())),
        };
        let one = "to nothing else: a new process with the same number is left alone.";
        let words = format!("Signals go to {what}{start} and {one}");
        all.extend(frame::wrap(&words, 66).into_iter().map(|line| (line, theme.dim)));
        all.truncate(3);
        all
    }
}

/// What the snapshot has of a process.
fn known<'a>(snapshot: &'a Snapshot, process: &ProcessTarget) -> Option<&'a Device> {
    let pid = process.pid.to_string();
    snapshot.find(&process.source)?.devices(v::PROCESS).find(|device| device.name.as_ref() == pid)
}

/// It waits for a disk, as the kernel words it, and hears of no signal meanwhile.
fn is_blocked(device: &Device) -> bool {
    device.text(&v::STATE).is_some_and(|state| state == "D" || state.contains("disk"))
}

/// ` started 16 Oct 11:02`, where that is known.
fn started(known: Option<&Device>) -> String {
    let seconds = known.and_then(|device| device.value(&v::STARTED_SECONDS));
    let at = seconds.and_then(|s| chrono::DateTime::from_timestamp(s as i64, 0));
    at.map(|at| at.with_timezone(&chrono::Local).format(" started %-d %b %H:%M").to_string())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn processes(names: &[&str]) -> Vec<ProcessTarget> {
        let one = |(n, name): (usize, &&str)| ProcessTarget {
            source: Source::Local,
            pid: n as u32 + 4_000_000,
            started: 1,
            name: (*name).to_owned(),
        };
        names.iter().enumerate().map(one).collect()
    }

    fn drawn(signal: &SignalBox, width: u16, height: u16) -> String {
        let area = Rect::new(0, 0, width, height);
        let mut buffer = Buffer::empty(area);
        let snapshot = manytop_core::store::Store::new().snapshot();
        signal.draw(&snapshot, &Theme::default(), area, &mut buffer);
        let rows = buffer.content.chunks(usize::from(width));
        rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>() + "\n").collect()
    }

    #[test]
    fn enter_says_what_goes_where() {
        let mut signal = SignalBox::new(processes(&["sh"]));
        assert!(drawn(&signal, 100, 30).contains(" Enter  send TERM to sh 4000000 "));
        assert!(matches!(signal.on_key(Key::Char('9')), SignalKeyOutcome::Stays));
        for (width, height) in [(100, 30), (60, 15), (40, 10)] {
            let shown = drawn(&signal, width, height);
            assert!(shown.contains("send KILL to sh 4000000"), "{shown}");
            assert!(shown.contains("▌  9   KILL   9"), "{shown}");
        }
    }

    #[test]
    fn what_the_kernel_will_refuse_is_said_before() {
        let allowed = SignalBox::new(processes(&["sh", "nginx"]));
        assert!(!drawn(&allowed, 100, 30).contains("refuse"));
        let one = SignalBox { refused: 1, ..SignalBox::new(processes(&["sh"])) };
        assert!(drawn(&one, 100, 30).contains("! another user's process: the kernel refuses"));
        let some = SignalBox { refused: 1, ..allowed };
        assert!(drawn(&some, 100, 30).contains("! 1 of 2 belong to other users"));
    }

    #[test]
    fn many_are_named_and_counted() {
        let signal = SignalBox::new(processes(&["sh", "nginx", "nginx"]));
        let shown = drawn(&signal, 100, 30);
        assert!(shown.contains("nginx 2, sh 1"), "{shown}");
        assert!(shown.contains("send TERM to 3 processes"), "{shown}");
        let same = drawn(&SignalBox::new(processes(&["sh", "sh"])), 100, 30);
        assert!(same.contains("send TERM to sh × 2"), "{same}");
    }
}
