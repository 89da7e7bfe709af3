//! What surrounds every widget: the border with title, source, age and failure.

use manytop_core::{
    draw::{number, text},
    health::State,
    ratatui_core::{buffer::Buffer, layout::Rect, style::Style},
    source::Source,
    theme::Theme,
    view::View,
    widget::Title,
};
use std::time::Duration;

/// A border that is to be drawn.
pub struct Frame {
    /// The widget's own words.
    pub title: Title,
    /// Keys go to it.
    pub focused: bool,
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

    /// Draws the border.
    pub fn draw(&self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        if !has_border(area) {
            return;
        }
        let theme = view.theme;
        let line = theme.plain().fg(if self.focused { theme.focus } else { theme.border });
        border(area, line, buffer);
        let mut left = self.title.left.clone();
        let mut right = self.title.right.clone();
        let mut style = theme.plain().fg(theme.title);
        if let Some(one) = view.alone() {
            if one.source != Source::Local {
                left = format!("{} {left}", one.source.name());
            }
            let state = one.state(view.now);
            if matches!(state, State::Late | State::Stale | State::Down)
                && one.source != Source::Local
            {
                let age = one.age(view.now).map(age_of).unwrap_or_default();
                right = format!("{state} {age}").trim_end().to_owned();
                style = if state == State::Down { theme.alarm() } else { theme.warn() };
            }
        }
        let room = area.width.saturating_sub(4);
        let left = text::cut(&left, room);
        let used = text::width(&left);
        put(&left, area.x + 2, area.y, style, buffer);
        let wide = text::width(&right);
        if wide > 0 && used + wide + 4 <= room {
            let x = area.right() - 4 - wide;
            put(&right, x + 1, area.y, theme.dim(), buffer);
        }
    }
}

fn put(words: &str, x: u16, y: u16, style: Style, buffer: &mut Buffer) {
    if !words.is_empty() {
        let words = format!(" {words} ");
        buffer.set_stringn(x - 1, y, &words, text::width(&words).into(), style);
    }
}

fn has_border(area: Rect) -> bool {
    area.width >= 8 && area.height >= 3
}

fn border(area: Rect, style: Style, buffer: &mut Buffer) {
    let (right, bottom) = (area.right() - 1, area.bottom() - 1);
    let mut set = |x, y, symbol| {
        if let Some(cell) = buffer.cell_mut((x, y)) {
            cell.set_symbol(symbol).set_style(style);
        }
    };
    for x in area.x + 1..right {
        set(x, area.y, "─");
        set(x, bottom, "─");
    }
    for y in area.y + 1..bottom {
        set(area.x, y, "│");
        set(right, y, "│");
    }
    set(area.x, area.y, "┌");
    set(right, area.y, "┐");
    set(area.x, bottom, "└");
    set(right, bottom, "┘");
}

/// A box that shows one source only, and that one is down: says so, and why. Returns whether it did.
pub fn unavailable(view: &View<'_>, area: Rect, buffer: &mut Buffer) -> bool {
    let Some(one) = view.alone() else { return false };
    if one.state(view.now) != State::Down {
        return false;
    }
    let reason = one.failure(view.now).map(ToString::to_string).unwrap_or_default();
    let since = match one.age(view.now) {
        Some(age) => format!("; last good {} ago", age_of(age)),
        None => String::new(),
    };
    let words = format!("{} is down: {reason}{since}", one.source.name());
    message(&words, view.theme.alarm(), area, buffer);
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

/// A question over everything else.
pub fn question(words: &str, theme: &Theme, area: Rect, buffer: &mut Buffer) {
    let width = text::width(words).saturating_add(4).clamp(20, 100).min(area.width);
    let height = (wrap(words, width.saturating_sub(4)).len() + 2) as u16;
    let at = centered(area, width, height);
    clear(at, theme, buffer);
    if has_border(at) {
        border(at, theme.warn(), buffer);
    }
    message(words, theme.warn(), Frame::inside(at), buffer);
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

/// A box over everything else, with a title; returns its inside.
pub fn window(title: &str, at: Rect, theme: &Theme, buffer: &mut Buffer) -> Rect {
    clear(at, theme, buffer);
    if has_border(at) {
        border(at, theme.plain().fg(theme.focus), buffer);
        let title = text::cut(title, at.width - 4);
        put(&title, at.x + 2, at.y, theme.heading(), buffer);
    }
    Frame::inside(at)
}
