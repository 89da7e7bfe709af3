//! A list to choose from, drawn over a part of a box: one entry, or several that are marked and ordered.

use manytop_plugin::{
    draw::{Canvas, text::width},
    ratatui_core::layout::Rect,
    widget::Key,
};

/// An entry of the list.
#[derive(Clone, Debug)]
pub struct PickerEntry {
    /// What it is called.
    pub name: String,
    /// What it is, in a few words.
    pub about: String,
    /// Whether it is marked; `None` where entries are not marked.
    pub marked: Option<bool>,
}

/// The list, and the entry under its cursor.
#[derive(Clone, Debug)]
pub struct Picker {
    title: &'static str,
    pub entries: Vec<PickerEntry>,
    pub at: usize,
    first: usize,
}

/// What became of a key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PickerOutcome {
    /// It looks different, or nothing.
    Stays,
    /// Marks or order have changed.
    Changed,
    /// The entry under the cursor was chosen.
    Chosen(usize),
    /// It is closed.
    Closed,
}

impl Picker {
    /// A list with the cursor on an entry.
    pub fn new(title: &'static str, entries: Vec<PickerEntry>, at: usize) -> Picker {
        let at = at.min(entries.len().saturating_sub(1));
        Picker { title, entries, at, first: 0 }
    }

    fn is_marking(&self) -> bool {
        self.entries.iter().any(|entry| entry.marked.is_some())
    }

    /// Takes a key.
    pub fn on_key(&mut self, key: Key) -> PickerOutcome {
        let last = self.entries.len().saturating_sub(1);
        match key {
            Key::Esc | Key::Char('q') => return PickerOutcome::Closed,
            Key::Enter if self.is_marking() => return PickerOutcome::Closed,
            Key::Enter => return PickerOutcome::Chosen(self.at),
            Key::Up | Key::Char('k') => self.at = self.at.saturating_sub(1),
            Key::Down | Key::Char('j') => self.at = (self.at + 1).min(last),
            Key::Home | Key::Char('g') => self.at = 0,
            Key::End | Key::Char('G') => self.at = last,
            Key::PageUp => self.at = self.at.saturating_sub(10),
            Key::PageDown => self.at = (self.at + 10).min(last),
            Key::Char(' ') => {
                let Some(entry) = self.entries.get_mut(self.at) else {
                    return PickerOutcome::Stays;
                };
                let Some(marked) = &mut entry.marked else { return PickerOutcome::Chosen(self.at) };
                *marked = !*marked;
                return PickerOutcome::Changed;
            }
            Key::Left | Key::Char('<' | 'K') if self.is_marking() && self.at > 0 => {
                self.entries.swap(self.at, self.at - 1);
                self.at -= 1;
                return PickerOutcome::Changed;
            }
            Key::Right | Key::Char('>' | 'J') if self.is_marking() && self.at < last => {
                self.entries.swap(self.at, self.at + 1);
                self.at += 1;
                return PickerOutcome::Changed;
            }
            _ => {}
        }
        PickerOutcome::Stays
    }

    /// Draws it at the right of a canvas, as tall as it needs to be.
    pub fn draw(&mut self, on: &mut Canvas<'_>) {
        let theme = on.theme;
        let names = self.entries.iter().map(|e| width(&e.name)).max().unwrap_or(0).clamp(6, 24);
        let about = self.entries.iter().map(|e| width(&e.about)).max().unwrap_or(0);
        let marks = if self.is_marking() { 4 } else { 0 };
        let wide = (names + about + marks + 6).clamp(24, 72).min(on.width());
        let tall = (self.entries.len() as u16 + 3).min(on.height());
        if wide < 12 || tall < 3 {
            return;
        }
        let x = on.width() - wide;
        let mut on = on.part(Rect::new(x, 0, wide, tall));
        let (end, bottom) = (wide - 1, tall - 1);
        for y in 0..tall {
            on.cells(0, y, wide).iter_mut().for_each(|cell| {
                cell.reset();
                cell.set_style(theme.plain());
            });
        }
        for y in [0, bottom] {
            on.fill(Rect::new(0, y, wide, 1), '─', theme.focus);
        }
        for x in [0, end] {
            on.fill(Rect::new(x, 0, 1, tall), '│', theme.focus);
        }
        for (x, y, c) in [(0, 0, '╭'), (end, 0, '╮'), (0, bottom, '╰'), (end, bottom, '╯')]
        {
            on.set(x, y, c, theme.focus);
        }
        let title = [(" ", theme.text), (self.title, theme.strong()), (" ", theme.text)];
        on.runs(2, 0, &title);
        let rows = usize::from(tall.saturating_sub(3)).max(1);
        self.first = self.first.clamp((self.at + 1).saturating_sub(rows), self.at);
        let shown = self.entries.iter().enumerate().skip(self.first).take(rows);
        let mut inside = on.part(Rect::new(1, 1, wide - 2, tall - 2));
        for (y, (nth, entry)) in (0..).zip(shown) {
            let mut x = 2;
            if let Some(marked) = entry.marked {
                let (sign, style) = if marked { ("[x]", theme.key) } else { ("[ ]", theme.dim) };
                x = inside.put(x, y, sign, style) + 1;
            }
            inside.column(x, y, names, &entry.name, theme.text);
            inside.put(x + names + 1, y, &entry.about, theme.dim);
            if nth == self.at {
                inside.select(y, x..x + names);
            }
        }
        let foot = match self.is_marking() {
            true => "{Space} show  {Left Right} move  {Enter} close",
            false => "{Enter} choose  {Esc} close",
        };
        inside.hot(1, tall.saturating_sub(3), foot, theme.dim);
    }
}
