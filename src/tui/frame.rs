//! What surrounds every widget: the border with digit, name, source, age and failure, and what the widget
//! writes into it.
//!
//! ```text
//! ╭─ ▌db-3 ─ 4 cpu ─ 71 % ─ ■ user 42 ──────┬── 3.7 GHz ─ stale 12s ─╮
//! ╰──────── 1m ┴───────────────────── now───┴────────────────────────╯
//! ```

mod border;
mod report;

use border::border;
use manytop_core::{
    draw::{Canvas, number, text},
    health::State,
    ratatui_core::{
        buffer::Buffer,
        layout::Rect,
        style::{Modifier, Style},
        text::Span,
    },
    source::Source,
    theme::Theme,
    view::{SourceView, View},
    widget::{Segment, Title},
};
use std::time::Duration;

/// A border that is to be drawn.
pub struct Frame {
    /// What the widget writes into it.
    pub title: Title,
    /// The digit that focuses it.
    pub digit: Option<u8>,
    /// Keys go to it.
    pub focused: bool,
    /// The first row names the only source.
    pub is_named: bool,
    /// The text at the right end of a time axis: `now`, or a time.
    pub instant: Option<String>,
}

impl Frame {
    /// What is left for the widget. A box too small for a border has none.
    pub fn inside(area: Rect) -> Rect {
        if has_border(area) {
            Rect { x: area.x + 1, y: area.y + 1, width: area.width - 2, height: area.height - 2 }
        } else {
            area
        }
    }

    /// Draws the border. The widget has drawn its inside before.
    pub fn draw(mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        if !has_border(area) {
            return;
        }
        let theme = view.theme;
        let own = self.own(theme);
        let mut left = vec![(own, true)];
        if let Some(one) = view.alone()
            && one.source != Source::Local
        {
            let colour = view.host(one);
            let name = format!("{}{}", one.source.name(), one.mark());
            let spans = [Span::styled("▌", colour), Span::styled(name, bold(colour))];
            if !self.is_named {
                left.insert(0, (spans.into_iter().collect(), true));
            }
            let state = one.state(view.now);
            if matches!(state, State::Late | State::Unread | State::Stale | State::Down) {
                let age = one.age(view.now).map(age_of).unwrap_or_default();
                let style = if state == State::Down { bold(theme.crit) } else { theme.stale };
                let words = format!("{state} {age}").trim_end().to_owned();
                self.title.right.push(Span::styled(words, style).into());
            }
        }
        left.append(&mut self.title.left);
        let instant = self.instant.as_deref().unwrap_or("now");
        border(&self.title, left, self.focused, instant, theme, area, buffer);
    }

    /// The digit and the name.
    fn own(&self, theme: &Theme) -> Segment {
        let digit = self.digit.map(|digit| Span::styled(format!("{digit} "), theme.hot()));
        let name = self.title.name.spans.iter().map(|span| {
            let style = if span.style == Style::new() { theme.strong() } else { span.style };
            Span::styled(span.content.clone(), style)
        });
        digit.into_iter().chain(name).collect()
    }
}

fn bold(style: Style) -> Style {
    style.add_modifier(Modifier::BOLD)
}

fn has_border(area: Rect) -> bool {
    area.width >= 8 && area.height >= 3
}

/// The only source of a box that has nothing to show: it is down or not understood, and nothing is known of how
/// it was. A box that `follows` a cursor tells of any source that is down.
pub fn blank<'a>(view: &View<'a>, follows: bool) -> Option<&'a SourceView> {
    let one = view.alone()?;
    let state = one.state(view.now);
    let is_known = || one.instances.iter().any(|instance| !instance.all().is_empty());
    let is_blank = match state {
        State::Down => follows || !is_known(),
        State::Unread => !is_known(),
        _ => false,
    };
    // the text of a command is no device
    (is_blank && one.provider() != "command").then_some(one)
}

/// A box whose only source has nothing to show says so, and why. Returns whether it did.
pub fn unavailable(view: &View<'_>, follows: bool, area: Rect, buffer: &mut Buffer) -> bool {
    let Some(one) = blank(view, follows) else { return false };
    let state = one.state(view.now);
    let (is, style) = match state {
        State::Down => ("is down", view.theme.crit),
        State::Unread => ("is not understood", view.theme.stale),
        _ => return false,
    };
    if area.width >= report::LEAST.0 && area.height >= report::LEAST.1 {
        report::draw(view, one, (is, style), &mut Canvas::new(buffer, area, view.theme));
        return true;
    }
    let reason = one.failure(view.now).map(ToString::to_string).unwrap_or_default();
    let since = match one.age(view.now) {
        Some(age) => format!("; last good {} ago", age_of(age)),
        None => String::new(),
    };
    let words = format!("{} {is}: {reason}{since}", one.source.name());
    message(&words, style, area, buffer);
    true
}

/// Words in the middle of an area, on as many lines as they take.
pub fn message(words: &str, style: Style, area: Rect, buffer: &mut Buffer) {
    let lines = wrap(words, area.width);
    let top = area.y + area.height.saturating_sub(lines.len() as u16) / 2;
    for (y, line) in (top..area.bottom()).zip(&lines) {
        let x = area.x + area.width.saturating_sub(text::width(line)) / 2;
        buffer.set_stringn(x, y, line, usize::from(area.right() - x), style);
    }
}

/// Breaks words into lines of at most so many columns.
pub fn wrap(words: &str, columns: u16) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_ascii_whitespace() {
        match lines.last_mut() {
            Some(line) if text::width(line) + 1 + text::width(word) <= columns => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// An age, as short as it can be said.
pub fn age_of(age: Duration) -> String {
    number::span(age.as_secs_f64()).to_string()
}

/// A rectangle in the middle of another.
pub fn centered(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// Wipes an area.
pub fn clear(area: Rect, theme: &Theme, buffer: &mut Buffer) {
    for position in area.positions() {
        if let Some(cell) = buffer.cell_mut(position) {
            cell.reset();
            cell.set_style(theme.plain());
        }
    }
}

#[cfg(test)]
mod tests;
