//! The box that asks for another niceness of processes: from what to what, and what hinders it.

use super::{panel, processes};
use manytop_core::{
    ratatui_core::{buffer::Buffer, layout::Rect},
    theme::Theme,
    widget::{Key, ProcessTarget},
};

/// What becomes of the box after a key.
pub enum NicenessKeyOutcome {
    /// The key means nothing to it.
    Ignored,
    /// It looks different.
    Stays,
    /// It is gone.
    Closes,
    /// The niceness was changed; this came of it.
    Done(String),
}

/// The box.
pub struct NicenessBox {
    processes: Vec<ProcessTarget>,
    /// The niceness of the first, as it was when the box was opened.
    now: i32,
    by: i32,
    /// Some belong to other users, so that the kernel refuses.
    is_refused: bool,
}

impl NicenessBox {
    /// A box that offers a change by so much.
    pub fn new(processes: Vec<ProcessTarget>, by: i32) -> NicenessBox {
        let now = processes.first().and_then(processes::niceness).unwrap_or(0);
        let is_refused = processes::refused(&processes) > 0;
        let mut asked = NicenessBox { processes, now, by: 0, is_refused };
        asked.change(by);
        asked
    }

    fn change(&mut self, by: i32) {
        self.by = (self.now + self.by + by).clamp(-20, 19) - self.now;
    }

    /// Takes a key.
    pub fn on_key(&mut self, key: Key) -> NicenessKeyOutcome {
        match key {
            Key::Enter => {
                return NicenessKeyOutcome::Done(processes::renice(self.by, &self.processes));
            }
            Key::Esc | Key::Char('n' | 'q') => return NicenessKeyOutcome::Closes,
            Key::F(7) | Key::Char('-') | Key::Down | Key::Left | Key::Char('j') => self.change(-1),
            Key::F(8) | Key::Char('+') | Key::Up | Key::Right | Key::Char('k') => self.change(1),
            Key::PageDown => self.change(-5),
            Key::PageUp => self.change(5),
            _ => return NicenessKeyOutcome::Ignored,
        }
        NicenessKeyOutcome::Stays
    }

    /// Draws it.
    pub fn draw(&self, theme: &Theme, area: Rect, buffer: &mut Buffer) {
        let to = self.now + self.by;
        let (what, enter) = match self.processes.as_slice() {
            [one] => (format!("{} {}", one.name, one.pid), format!("niceness {to}")),
            all => (format!("{} processes", all.len()), format!("niceness {:+}", self.by)),
        };
        let title: &[&[panel::StyledRun<'_>]] =
            &[&[("niceness", theme.strong())], &[(&what, theme.strong())]];
        let mut on = panel::open(title, ("", theme.dim), (64, 7), theme, area, buffer);
        let change = match self.processes.as_slice() {
            [_] => format!("from {} to {to}", self.now),
            _ => format!("by {:+}, each from where it is", self.by),
        };
        on.runs(3, 1, &[("change ", theme.dim), (&change, theme.hi)]);
        let words = match self.by {
            _ if self.is_refused => "! processes of other users: the kernel refuses; be root",
            by if by < 0 => "higher priority: needs cap_sys_nice, or to be root",
            0 => "no change",
            _ => "lower priority: an ordinary user cannot take it back",
        };
        let warns = self.is_refused || self.by < 0;
        on.put(3, 2, words, if warns { theme.warn } else { theme.dim });
        on.put(3, 3, "-20 is served first, 19 last", theme.dim);
        panel::rule(&mut on, 4);
        panel::foot(&mut on, &[("Enter", &enter), ("- +", "change"), ("Esc", "nothing")]);
    }
}
