//! The box that asks until when something is acknowledged, and the list of all that is.

use super::{list::ListCursor, panel};
use manytop_core::{
    alerts::{AckEntry, AckTarget},
    host_metric,
    ratatui_core::{buffer::Buffer, layout::Rect},
    theme::Theme,
    widget::Key,
};
use std::time::{Duration, SystemTime};

/// The longest text that can be typed.
const LONGEST: usize = 12;
/// The longest time.
const MOST: Duration = Duration::from_secs(366 * 86_400);

/// What becomes of a box after a key.
pub enum Acked {
    /// The key means nothing to it.
    Ignored,
    /// It looks different.
    Stays,
    /// It is gone.
    Closes,
    /// This is acknowledged, for that time or until it recovers.
    Until(AckTarget, Option<Duration>),
    /// This is lifted.
    Lifted(AckTarget),
}

/// Asks `until:`.
pub struct UntilBox {
    target: AckTarget,
    text: String,
}

impl UntilBox {
    /// Asks for a host or an alert.
    pub fn new(target: AckTarget) -> UntilBox {
        UntilBox { target, text: String::new() }
    }

    /// The time that was typed; `None` for an empty text.
    fn span(&self) -> Result<Option<Duration>, String> {
        if self.text.trim().is_empty() {
            return Ok(None);
        }
        let seconds = host_metric::quantity(self.text.trim()).filter(|seconds| *seconds > 0.0);
        let is_time = self.text.trim().ends_with(['s', 'm', 'h', 'd', 'n']);
        match seconds.filter(|_| is_time).map(Duration::from_secs_f64) {
            Some(span) if span <= MOST => Ok(Some(span)),
            _ => Err("expected a time: 30m, 2h, 1d".into()),
        }
    }

    /// Takes a key.
    pub fn on_key(&mut self, key: Key) -> Acked {
        match key {
            Key::Enter => match self.span() {
                Ok(span) => return Acked::Until(self.target.clone(), span),
                Err(_) => return Acked::Stays,
            },
            Key::Esc => return Acked::Closes,
            Key::Backspace => _ = self.text.pop(),
            Key::Char(c) if self.text.len() < LONGEST && c.is_ascii_alphanumeric() => {
                self.text.push(c);
            }
            _ => return Acked::Ignored,
        }
        Acked::Stays
    }

    /// Draws it.
    pub fn draw(&self, theme: &Theme, area: Rect, buffer: &mut Buffer) {
        let words = self.target.words();
        let title: &[&[panel::StyledRun<'_>]] =
            &[&[("acknowledge", theme.strong())], &[(&words, theme.strong())]];
        let mut on = panel::open(title, ("", theme.dim), (64, 5), theme, area, buffer);
        let x = on.put(2, 1, "until: ", theme.dim);
        let x = on.put(x, 1, &self.text, theme.hi);
        let x = on.put(x, 1, "▏", theme.hi);
        let span = self.span();
        let enter = match &span {
            Ok(None) => "until it recovers".to_owned(),
            Ok(Some(_)) => format!("for {}", self.text),
            Err(problem) => {
                let room = on.width().saturating_sub(x + 4);
                on.column(x + 2, 1, room, problem, theme.warn);
                "expects a time".to_owned()
            }
        };
        panel::foot(&mut on, &[("Enter", &enter), ("Esc", "do not")]);
    }
}

/// Lists what is acknowledged.
#[derive(Default)]
pub struct AckList {
    cursor: ListCursor,
}

impl AckList {
    /// Takes a key.
    pub fn on_key(&mut self, key: Key, all: &[AckEntry]) -> Acked {
        match key {
            _ if self.cursor.on_letter(key, all.len()) => {}
            Key::Enter | Key::Char('x') | Key::Delete => {
                return match all.get(self.cursor.at) {
                    Some(entry) => Acked::Lifted(entry.target.clone()),
                    None => Acked::Closes,
                };
            }
            Key::Char('A' | 'q') | Key::Esc => return Acked::Closes,
            _ => return Acked::Ignored,
        }
        Acked::Stays
    }

    /// Draws it.
    pub fn draw(&mut self, all: &[AckEntry], theme: &Theme, area: Rect, buffer: &mut Buffer) {
        self.cursor.keep_within(all.len());
        let title: &[&[panel::StyledRun<'_>]] = &[&[("acknowledged", theme.strong())]];
        let count = all.len().to_string();
        let height = u16::try_from(all.len()).unwrap_or(u16::MAX).max(1).saturating_add(3);
        let mut on = panel::open(title, (&count, theme.dim), (72, height), theme, area, buffer);
        panel::foot(&mut on, &[("Enter", "lift"), ("j k", "choose"), ("Esc", "close")]);
        let (wide, rows) = (on.width().saturating_sub(2), on.height().saturating_sub(3));
        let mut on = on.part(Rect::new(1, 1, wide, rows));
        if all.is_empty() {
            on.put(1, 0, "nothing is acknowledged", theme.dim);
        }
        let first = self.cursor.scroll(rows);
        let now = SystemTime::now();
        let shown = all.iter().enumerate().skip(first).take(usize::from(rows));
        for (y, (nth, entry)) in (0..).zip(shown) {
            let until = match entry.until {
                None => "until it recovers".to_owned(),
                Some(until) => {
                    let left = until.duration_since(now).unwrap_or_default();
                    let left = manytop_core::draw::number::span(left.as_secs_f64());
                    format!("for another {left}")
                }
            };
            on.column(1, y, wide.saturating_sub(28), &entry.target.words(), theme.text);
            on.column(wide.saturating_sub(26), y, 26, &until, theme.dim);
            if nth == self.cursor.at {
                on.select(y, 1..wide.saturating_sub(28));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_core::source::Source;

    #[test]
    fn enter_alone_is_until_it_recovers_and_a_time_is_a_time() {
        let ask = |typed: &str| {
            let mut ask = UntilBox::new(AckTarget::Host(Source::named("db")));
            typed.chars().for_each(|c| drop(ask.on_key(Key::Char(c))));
            match ask.on_key(Key::Enter) {
                Acked::Until(_, span) => Some(span.map(|span| span.as_secs())),
                _ => None,
            }
        };
        assert_eq!(ask(""), Some(None));
        assert_eq!(ask("2h"), Some(Some(7200)));
        assert_eq!(ask("1d"), Some(Some(86_400)));
        for wrong in ["2", "h", "0m", "9999d", "2x"] {
            assert_eq!(ask(wrong), None, "{wrong}");
        }
    }
}
