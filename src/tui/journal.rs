//! What happened: sources that went and came back and why, what was wrong with a config, what a person
//! should know. The last lines are kept for the panel; all of them go to the log file.

use super::{
    frame::{age_of, wrap},
    panel,
};
use crate::log::Log;
use manytop_core::{
    clock::Moment,
    health::State,
    masking,
    ratatui_core::{buffer::Buffer, layout::Rect},
    text::clean_to,
    theme::Theme,
    view::{Role, Snapshot, SourceView},
};
use std::collections::{HashMap, HashSet, VecDeque};

/// So many lines are kept.
const MOST: usize = 500;
/// A line has at most so many characters.
const LONGEST: usize = 600;
/// Of one source, so many different notes are told.
const MOST_NOTES: usize = 8;
/// Of what is said of names, so many different remarks.
const MOST_REMARKS: usize = 1000;

/// A line of the panel.
struct LogEntry {
    at: String,
    warns: bool,
    text: String,
}

/// What was told last of a source.
#[derive(Default)]
struct ReportedState {
    bad: Option<(State, Moment)>,
    /// Without their figures: one that counts is not told again for each count.
    notes: Vec<String>,
}

/// What happened.
#[derive(Default)]
pub struct Journal {
    /// Where all of it is written to.
    pub log: Option<Log>,
    lines: VecDeque<LogEntry>,
    /// Warnings that came since the panel was open.
    pub unseen: usize,
    told: HashMap<usize, ReportedState>,
    /// What was said of names. A source that comes and goes is another one each time, with the same remark.
    remarks: HashSet<String>,
}

impl Journal {
    /// Something that happened.
    pub fn tell(&mut self, text: &str) {
        self.add(text, false);
    }

    /// Something that a person should look at.
    pub fn warn(&mut self, text: &str) {
        self.add(text, true);
        self.unseen += 1;
    }

    fn add(&mut self, text: &str, warns: bool) {
        let text = clean_to(&masking::line(text), LONGEST).into_owned();
        if let Some(log) = &mut self.log {
            log.line(&text);
        }
        if self.lines.len() == MOST {
            self.lines.pop_front();
        }
        let at = chrono::Local::now().format("%H:%M:%S").to_string();
        self.lines.push_back(LogEntry { at, warns, text });
    }

    /// Lists the differences from the picture before: sources that went down or came back.
    pub fn watch(&mut self, snapshot: &Snapshot, now: Moment) {
        if self.told.len() > snapshot.sources.len() {
            let there: Vec<usize> = snapshot.sources.iter().map(|s| s.order).collect();
            self.told.retain(|order, _| there.binary_search(order).is_ok());
        }
        for source in &snapshot.sources {
            self.look(source, now);
        }
    }

    fn look(&mut self, source: &SourceView, now: Moment) {
        let told = self.told.entry(source.order).or_default();
        let (state, name) = (source.state(now), source.source.name());
        let mut news = Vec::new();
        match (state, told.bad) {
            (State::Down | State::Stale | State::Unread, before)
                if before.is_none_or(|(was, _)| was != state) =>
            {
                told.bad = Some((state, before.map_or(now, |(_, since)| since)));
                let why = source.failure(now).map_or("no answer", |failure| failure.reason());
                let age = source.age(now);
                let last = age.map_or("it never answered".into(), |age| {
                    format!("last good {} ago", age_of(age))
                });
                news.push((format!("{name} is {state}: {why}; {last}"), !source.is_quiet()));
            }
            (State::Live, Some((_, since))) => {
                told.bad = None;
                news.push((format!("{name} is back after {}", age_of(now.since(since))), false));
            }
            _ => {}
        }
        // a note about all sources of an instance is given for its own source
        let own = source.instances.iter().filter(|i| i.role != Role::Member);
        let notes = own.flat_map(|i| &i.notes).map(String::as_str);
        for note in notes.chain(source.left_out()) {
            let words = without_figures(note);
            if told.notes.len() < MOST_NOTES && !told.notes.contains(&words) {
                told.notes.push(words);
                news.push((format!("{name}: {note}"), true));
            }
        }
        for remark in &source.remarks {
            let line = format!("{name}: {remark}");
            if self.remarks.len() < MOST_REMARKS && self.remarks.insert(line.clone()) {
                news.push((line, true));
            }
        }
        for (text, warns) in news {
            if warns {
                self.warn(&text);
            } else {
                self.tell(&text);
            }
        }
    }

    /// How far one can scroll back.
    pub fn depth(&self) -> usize {
        self.lines.len().saturating_sub(1)
    }

    /// Draws the lines over everything else, the newest last, without the last `back` of them.
    pub fn draw(&self, back: usize, theme: &Theme, area: Rect, buffer: &mut Buffer) {
        // where there is room, what lies below stays in sight
        let margin = if area.width < 80 || area.height < 16 { 0 } else { 2 };
        let size = (area.width - 2 * margin, area.height - 2 * margin);
        let older = match back.min(self.depth()) {
            0 => format!("{} lines", self.lines.len()),
            back => format!("{back} newer"),
        };
        let title: &[&[panel::StyledRun<'_>]] = &[&[("log", theme.strong())]];
        let mut on = panel::open(title, (&older, theme.dim), size, theme, area, buffer);
        let room = on.height().saturating_sub(2);
        let lower = u16::from(room >= 2) + u16::from(room >= 8);
        if room >= 8 {
            let y = on.height() - 3;
            panel::rule(&mut on, y);
        }
        if room >= 2 {
            panel::foot(&mut on, &[("j k", "scroll"), ("g G", "first, last"), ("Esc", "close")]);
        }
        let rows = room - lower;
        let wide = on.width().saturating_sub(2);
        let mut on = on.part(Rect::new(1, 1, wide, rows));
        const CLOCK: u16 = 11;
        let mut y = rows;
        let shown = self.lines.len().saturating_sub(back);
        for line in self.lines.iter().take(shown).rev() {
            let lines = wrap(&line.text, wide.saturating_sub(CLOCK + 1));
            // the newest is shown as far as there is room, the others whole
            let height = (lines.len() as u16).min(rows);
            if y < height || height == 0 {
                return;
            }
            y -= height;
            let style = if line.warns { theme.warn } else { theme.text };
            if line.warns {
                on.set(0, y, '!', style);
            }
            on.put(2, y, &line.at, theme.dim);
            for (row, words) in (y..).zip(lines.iter().take(height.into())) {
                on.column(CLOCK, row, wide.saturating_sub(CLOCK + 1), words, style);
            }
        }
        if self.lines.is_empty() {
            on.put(2, 0, "nothing has happened", theme.dim);
        }
    }
}

/// A note without its figures; digits between double quotes belong to a name and stay.
fn without_figures(note: &str) -> String {
    let mut quoted = false;
    note.chars()
        .filter(|c| {
            quoted ^= *c == '"';
            quoted || !c.is_ascii_digit()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_core::{
        provider::{Class, Failure},
        reading::{PollResult, SourceReadings},
        source::Source,
        store::{Described, Store, Update},
    };
    use std::time::Duration;

    fn texts(journal: &Journal) -> Vec<&str> {
        journal.lines.iter().map(|line| line.text.as_str()).collect()
    }

    #[test]
    fn who_goes_and_comes_back_is_told_once_and_who_may_be_down_is_no_warning() {
        let mut store = Store::new();
        let described = |name, expected_offline| Described {
            provider: "remote",
            source: Source::named(name),
            interval: Duration::from_secs(1),
            tags: [].into(),
            groups: Default::default(),
            expected_offline,
            many: false,
            has_past: false,
            attached: false,
        };
        let ids = [store.add(described("web", false)), store.add(described("lab", true))];
        let at = Moment::from_secs;
        let mut update = |t, result: &dyn Fn() -> Result<PollResult, Failure>| {
            for instance in ids {
                store.take(Update {
                    instance,
                    at: at(t),
                    took: Some(Duration::ZERO),
                    result: result(),
                    retry: None,
                });
            }
            store.snapshot()
        };
        let mut journal = Journal::default();
        let refused = || Err(Failure::new(Class::Unreachable, "refused"));
        journal.watch(&update(10, &refused), at(10));
        journal.watch(&update(11, &refused), at(11));
        assert_eq!(journal.unseen, 1);
        journal.watch(&update(20, &|| Ok(PollResult::default())), at(20));
        let expected = [
            "web is down: refused; it never answered",
            "lab is down: refused; it never answered",
            "web is back after 10s",
            "lab is back after 10s",
        ];
        assert_eq!(texts(&journal), expected);
        assert_eq!(journal.unseen, 1);
    }

    #[test]
    fn a_note_is_logged_once_for_each_name_whatever_its_figures() {
        let mut store = Store::new();
        let id = store.add(Described {
            attached: false,
            many: false,
            has_past: false,
            provider: "temperature",
            source: Source::Local,
            interval: Duration::from_secs(1),
            tags: [].into(),
            groups: Default::default(),
            expected_offline: false,
        });
        let mut journal = Journal::default();
        for (t, note) in [
            (1, "temperature \"temp1\": -128 °C is implausible"),
            (2, "temperature \"temp1\": -300 °C is implausible"),
            (3, "temperature \"temp2\": -128 °C is implausible"),
        ] {
            let at = Moment::from_secs(t);
            let part =
                SourceReadings { left_out: vec![note.into()], ..SourceReadings::own(at, vec![]) };
            let result = Ok(PollResult::of(vec![part]));
            store.take(Update { instance: id, at, took: None, result, retry: None });
            journal.watch(&store.snapshot(), at);
        }
        assert_eq!(
            texts(&journal),
            [
                "local: temperature \"temp1\": -128 °C is implausible",
                "local: temperature \"temp2\": -128 °C is implausible"
            ]
        );
    }

    #[test]
    fn it_is_bounded_and_what_it_says_is_harmless() {
        let mut journal = Journal::default();
        for n in 0..2 * MOST {
            journal.warn(&format!("line {n} \u{1b}[2J{}", "x".repeat(5000)));
        }
        assert_eq!(journal.lines.len(), MOST);
        assert!(journal.lines.iter().all(|line| line.text.chars().count() <= LONGEST));
        assert!(texts(&journal).last().unwrap().starts_with("line 999 \u{fffd}[2J"));
        let area = Rect::new(0, 0, 60, 20);
        let mut buffer = Buffer::empty(area);
        journal.draw(3, &Theme::default(), area, &mut buffer);
        let drawn: String = buffer.content().iter().map(|cell| cell.symbol()).collect();
        assert!(drawn.contains("line 996") && !drawn.contains("line 997"), "{drawn}");
    }
}
