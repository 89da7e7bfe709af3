//! The command palette: everything that can be done, found by a few letters.
//!
//! ```text
//! ╭─ commands ───────────────────────────────── 9 of 64 ─╮
//! │ : gr▏                   letters in any order will do │
//! │▌  graphs: shorter time          3 m               h  │
//! ```

pub mod search;

use super::{bindings::Scope, list::ListCursor, panel, typed::TextInput};
use manytop_core::{
    draw::{Canvas, text::width},
    ratatui_core::{
        buffer::Buffer,
        layout::Rect,
        style::{Modifier, Style},
    },
    source::Source,
    theme::Theme,
    widget::Key,
};
use std::time::Duration;

/// More letters than these say nothing.
const LONGEST: usize = 60;
/// The size of the box where there is room.
const SIZE: (u16, u16) = (76, 25);

/// What an entry does.
#[derive(Clone, PartialEq, Debug)]
pub enum PaletteChoice {
    /// A command of the table of keys; the number is which of its keys it is.
    Command(Scope, &'static str, usize),
    /// Shows a layout.
    Layout(String),
    /// Takes a theme.
    Theme(String),
    /// Shows or hides a column of the box that has the keys.
    Column(&'static str),
    /// Opens a host.
    Host(Source),
    /// Reads and draws at this interval.
    Interval(Duration),
}

/// A row of the palette.
pub struct PaletteEntry<T = PaletteChoice> {
    /// What it does, in words.
    pub text: String,
    /// How it is now.
    pub now: String,
    /// The key that does the same.
    pub key: String,
    /// What it does.
    pub choice: T,
}

/// A list of things to choose from, found by letters.
pub struct Palette<T = PaletteChoice> {
    title: &'static str,
    entries: Vec<PaletteEntry<T>>,
    typed: TextInput,
    /// The entries that match, the best first.
    found: Vec<usize>,
    cursor: ListCursor,
}

/// What becomes of it after a key.
pub enum PaletteKeyOutcome<T = PaletteChoice> {
    /// The key means nothing to it.
    Ignored,
    /// It looks different.
    Stays,
    /// It is gone.
    Closes,
    /// It is gone, and this is to be done.
    Chosen(T),
}

impl<T: Clone> Palette<T> {
    /// A palette of these entries.
    pub fn new(title: &'static str, entries: Vec<PaletteEntry<T>>) -> Palette<T> {
        let found = (0..entries.len()).collect();
        let typed = TextInput::new(LONGEST);
        Palette { title, entries, typed, found, cursor: ListCursor::default() }
    }

    /// Takes a key.
    pub fn on_key(&mut self, key: Key) -> PaletteKeyOutcome<T> {
        let count = self.found.len();
        match key {
            Key::Esc => return PaletteKeyOutcome::Closes,
            Key::Backspace if self.typed.text().is_empty() => return PaletteKeyOutcome::Closes,
            Key::Enter => match self.found.get(self.cursor.at) {
                Some(at) => return PaletteKeyOutcome::Chosen(self.entries[*at].choice.clone()),
                None => return PaletteKeyOutcome::Ignored,
            },
            Key::Tab | Key::Ctrl('n' | 'j') => self.cursor.around(true, count),
            Key::BackTab | Key::Ctrl('p' | 'k') => self.cursor.around(false, count),
            Key::Down if self.cursor.at + 1 >= count => self.cursor.around(true, count),
            Key::Up if self.cursor.at == 0 => self.cursor.around(false, count),
            _ if self.cursor.on_key(key, count) => {}
            _ if self.typed.on_key(key) => self.find(),
            _ => return PaletteKeyOutcome::Ignored,
        }
        PaletteKeyOutcome::Stays
    }

    fn find(&mut self) {
        let all = self.entries.iter().enumerate();
        // of equals, the one with the earlier letters
        let mut found: Vec<(u8, usize, usize)> = all
            .filter_map(|(at, entry)| {
                let found = search::matched(self.typed.text(), &entry.text)?;
                Some((found.rank, found.at.iter().sum(), at))
            })
            .collect();
        found.sort_unstable();
        self.found = found.into_iter().map(|(.., at)| at).collect();
        self.cursor = ListCursor::default();
    }

    /// Draws it.
    pub fn draw(&mut self, theme: &Theme, area: Rect, buffer: &mut Buffer) {
        let tall = area.height.saturating_sub(2).clamp(area.height.min(7), SIZE.1);
        let count = format!("{} of {}", self.found.len(), self.entries.len());
        let title: &[&[panel::StyledRun<'_>]] = &[&[(self.title, theme.strong())]];
        let mut on = panel::open(title, (&count, theme.dim), (SIZE.0, tall), theme, area, buffer);
        let height = on.height().saturating_sub(2);
        let has = |least: u16| u16::from(height >= least);
        let (foot, heads, ruled) = (has(3), has(6), has(8));
        let rows = height.saturating_sub(1 + foot + heads + ruled);
        if ruled == 1 {
            panel::rule(&mut on, 2 + heads + rows);
        }
        if foot == 1 {
            let keys =
                [("Enter", "do it"), ("Up Down", "choose"), ("^u", "clear"), ("Esc", "close")];
            panel::foot(&mut on, &keys);
        }
        let mut on = panel::inside(&mut on);
        self.prompt(&mut on);
        let columns = PaletteColumns::of(on.width());
        if heads == 1 {
            on.put(2, 1, "what", theme.dim);
            on.column(columns.now, 1, columns.now_wide, "now", theme.dim);
            on.number(columns.key, 1, KEY - 1, "key", theme.dim);
        }
        let first = self.cursor.scroll(rows);
        let shown = self.found.iter().enumerate().skip(first).take(usize::from(rows));
        for (y, (nth, at)) in (1 + heads..).zip(shown) {
            self.entry(&mut on, y, &self.entries[*at], &columns);
            if nth == self.cursor.at {
                on.select(y, 2..columns.now.saturating_sub(1));
            }
        }
        if self.found.is_empty() && rows > 0 {
            on.put(2, 1 + heads, "nothing has these letters; ^u clears them", theme.stale);
        }
    }

    fn prompt(&self, on: &mut Canvas<'_>) {
        let theme = on.theme;
        let wide = on.width();
        let x = panel::prompt(on, ": ", &self.typed, true);
        let hint = "letters in any order will do";
        if x + width(hint) + 4 < wide {
            on.put(wide - width(hint) - 2, 0, hint, theme.dim);
        }
    }

    fn entry(
        &self,
        on: &mut Canvas<'_>,
        y: u16,
        entry: &PaletteEntry<T>,
        columns: &PaletteColumns,
    ) {
        let theme = on.theme;
        let has_key = !entry.key.is_empty();
        let key = width(&entry.key) + 2;
        // a text may use what the columns at its right leave blank
        let end = match (entry.now.is_empty(), has_key) {
            (false, _) if columns.now_wide > 0 => columns.now - 1,
            (_, true) => (columns.key + KEY).saturating_sub(key + 1),
            _ => columns.key + KEY,
        };
        on.column(2, y, end.saturating_sub(2), &entry.text, theme.text);
        if let Some(found) = search::matched(self.typed.text(), &entry.text) {
            let hot = theme.hot().add_modifier(Modifier::UNDERLINED);
            mark(on, y, end, &entry.text, &found.at, hot);
        }
        if !entry.now.is_empty() {
            on.column(columns.now, y, columns.now_wide, &entry.now, theme.hi);
        }
        if has_key {
            let x = (columns.key + KEY).saturating_sub(key);
            on.runs(x, y, &[(" ", theme.keycap), (&entry.key, theme.keycap), (" ", theme.keycap)]);
        }
    }
}

/// Gives the letters that match their own style, where they are in view.
fn mark(on: &mut Canvas<'_>, y: u16, end: u16, text: &str, at: &[usize], style: Style) {
    let mut x = 2;
    let whole = 2 + width(text) <= end;
    for (n, c) in text.chars().enumerate() {
        let mut utf8 = [0; 4];
        let wide = width(c.encode_utf8(&mut utf8));
        if x + wide + u16::from(!whole) > end {
            return;
        }
        if wide > 0 && at.contains(&n) {
            on.set(x, y, c, style);
        }
        x += wide;
    }
}

/// Columns of the key, with the blanks of its cap and the right edge.
const KEY: u16 = 12;

struct PaletteColumns {
    now: u16,
    now_wide: u16,
    key: u16,
}

impl PaletteColumns {
    fn of(wide: u16) -> PaletteColumns {
        let key = wide.saturating_sub(KEY + 1);
        let now_wide = if wide >= 60 { 14 } else { 0 };
        PaletteColumns {
            now: key.saturating_sub(now_wide),
            now_wide: now_wide.saturating_sub(1),
            key,
        }
    }
}
