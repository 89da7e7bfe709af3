//! The rows at the top while the past is shown: the instant, the whole span with its marks, the keys.
//!
//! ```text
//!  PAST  yesterday, Wed 25 Nov, 03:12:00 +01:00  35 h 20 m ago   build-2 …   in memory: 10 m   it is now 14:32:07
//!  ⣤⣄⣤⣄⣠⣤⣴⣤⣤⣤⣤⣤⣤⣄⣠⣤⣄⣀⣤⣤⣤⣄⣀⣀⣀⣀⣤⣤⣤⣄⣰⣤⣤⣤⣀⣤⣤⣤⣿⣾⣿⣷⣶⣶⣶
//!  ───────!───┴18:00──────────────┴Wed─────!─▲──────── x ──────────────────── now
//!   , .  a sample   < >  a minute   …                       nothing can be signalled from here
//! ```

use crate::tui::bindings::{Bindings, Scope};
use chrono::{DateTime, Local, TimeDelta, Timelike};
use manytop_core::{
    clock::Moment,
    draw::{Canvas, Ink, Trace, text::width},
    past::{Backing, Mark, MarkKind},
    ratatui_core::{
        buffer::Buffer,
        layout::Rect,
        style::{Modifier, Style},
    },
    theme::Theme,
};
use std::time::Duration;

/// At least so many columns lie between two times of the axis.
const APART: u16 = 16;

/// What the time bar shows.
pub struct Bar<'a> {
    /// From the first moment that is kept to the present.
    pub span: (Moment, Moment),
    /// The instant.
    pub at: Moment,
    /// First moment, instant and present on the wall clock.
    pub walls: [DateTime<Local>; 3],
    /// Where the past comes from.
    pub backing: Backing,
    /// The same in words, with how much there is of it.
    pub origin: String,
    /// Whether the instant moves by itself.
    pub playing: bool,
    /// There is no present: the end of the span is that of a recording.
    pub is_replay: bool,
    /// The load over the span, two values a column.
    pub load: &'a [Option<f64>],
    /// What happened in it.
    pub marks: &'a [Mark],
}

/// How many rows the bar takes of a screen of that height.
pub fn rows(height: u16) -> u16 {
    match height {
        0..16 => 1,
        16..30 => 2,
        _ => 4,
    }
}

/// Where the past comes from, and how much of it there is.
pub fn kept(backing: Backing, span: Duration) -> String {
    let span = TimeDelta::from_std(span).unwrap_or_default();
    format!("{}: {}", backing.word(), in_words(span))
}

/// The columns and the row of the time axis, and of what is above it, of a bar.
pub fn axis(area: Rect) -> (u16, u16, u16, u16) {
    let columns = area.width.saturating_sub(2);
    (area.x + 1, columns, area.y + 1, area.height.saturating_sub(1).min(2))
}

impl Bar<'_> {
    fn column(&self, at: Moment, columns: u16) -> u16 {
        let (first, last) = self.span;
        let span = last.since(first).as_secs_f64();
        let share = if span > 0.0 { at.since(first).as_secs_f64() / span } else { 1.0 };
        ((share * f64::from(columns)) as u16).min(columns.saturating_sub(1))
    }

    /// Draws all of it. `facts` are what the first row says of the machine or the hosts, blanks included.
    pub fn draw(
        &self,
        facts: &[(String, Style)],
        bindings: &Bindings,
        theme: &Theme,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let ground = Style { fg: theme.text.fg, ..theme.past_ground };
        let mut on = Canvas::new(buffer, area, theme);
        on.fill(Rect::new(0, 0, area.width, area.height), ' ', ground);
        self.first_row(facts, theme, &mut on);
        let columns = area.width.saturating_sub(2);
        if area.height >= 4 {
            let newest = self.load.len().saturating_sub(1) as u64;
            on.spark(1, 1, columns, Trace::new(self.load, newest | 1), 100.0, Ink::Level);
        }
        let row = if area.height >= 4 { 2 } else { 1 };
        if area.height >= 2 {
            self.axis_row(theme, row, columns, &mut on);
        }
        if area.height >= 4 {
            self.keys(bindings, theme, &mut on);
        }
    }

    /// The end of the span is that of a recording.
    fn is_recorded(&self) -> bool {
        self.backing == Backing::Recording
    }

    fn first_row(&self, facts: &[(String, Style)], theme: &Theme, on: &mut Canvas<'_>) {
        let [_, at, now] = &self.walls;
        let wide = on.width();
        let bold = |style: Style| style.add_modifier(Modifier::BOLD);
        let what = if self.is_recorded() { "it ends" } else { "it is now" };
        let clock = format!("{what} {}", now.format("%H:%M:%S"));
        let right = match wide {
            100.. => format!("{}   {clock}", self.origin),
            60.. if self.backing == Backing::Engine => self.origin.clone(),
            60.. => clock,
            _ => String::new(),
        };
        let end = wide.saturating_sub(width(&right) + 1);
        on.put(end, 0, &right, theme.dim);
        let mut x =
            on.put(0, 0, if self.playing { " PLAY " } else { " PAST " }, bold(theme.on_past));
        let before = if self.is_recorded() { "before its end" } else { "ago" };
        let ago = format!("{} {before}", in_words(*now - *at));
        let day = match wide {
            100.. if self.is_recorded() => at.format("%a %-d %b, ").to_string(),
            100.. => day(at, now),
            _ => String::new(),
        };
        let zone = at.format("%:z").to_string();
        let time = format!("{day}{}", at.format("%H:%M:%S"));
        let own = [
            (time, bold(theme.hi)),
            (format!(" {zone}"), theme.dim),
            (format!("  {ago}"), theme.past),
        ];
        x += 1;
        for (text, style) in own.iter().chain(facts) {
            if x + width(text) + 1 > end {
                break;
            }
            x = on.put(x, 0, text, *style);
        }
    }

    fn axis_row(&self, theme: &Theme, row: u16, columns: u16, on: &mut Canvas<'_>) {
        on.fill(Rect::new(1, row, columns, 1), '─', theme.past_line);
        let now = columns.saturating_sub(2);
        let mut free = 1 + APART / 2;
        for (at, words) in self.ticks(columns) {
            let x = 1 + at;
            if x < free || x + 1 + width(&words) >= now {
                continue;
            }
            on.set(x, row, '┴', theme.past_line);
            free = on.put(x + 1, row, &words, theme.dim) + APART - 8;
        }
        let end = if self.is_recorded() { "end" } else { "now" };
        on.put(now, row, end, theme.dim);
        for mark in self.marks {
            let x = 1 + self.column(mark.at, columns);
            let (sign, style) = sign(mark.kind, theme);
            on.set(x, row, sign, style.add_modifier(Modifier::BOLD));
        }
        let here = 1 + self.column(self.at, columns);
        on.set(here, row, '▲', theme.on_past.add_modifier(Modifier::BOLD));
        if row == 2 {
            for cell in on.cells(here, 1, 1) {
                cell.set_style(theme.on_past);
            }
        }
    }

    /// Columns and words of round times of the wall clock.
    fn ticks(&self, columns: u16) -> Vec<(u16, String)> {
        const STEPS: [i64; 17] = [
            10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
            172_800, 604_800, 2_592_000,
        ];
        let [first, _, last] = &self.walls;
        let span = (*last - *first).num_seconds().max(1);
        let apart = span * i64::from(APART) / i64::from(columns.max(1));
        let step = STEPS.into_iter().find(|step| *step >= apart).unwrap_or(STEPS[16]);
        let midnight = first.timestamp() - i64::from(first.num_seconds_from_midnight());
        let offset = (first.timestamp() - midnight) / step;
        let form = if step < 60 { "%H:%M:%S" } else { "%H:%M" };
        (offset + 1..)
            .map(|n| midnight + n * step)
            .take_while(|seconds| *seconds < last.timestamp())
            .filter_map(|seconds| {
                let since = u64::try_from(seconds - first.timestamp()).ok()?;
                let at = self.span.0 + Duration::from_secs(since);
                let wall = DateTime::from_timestamp(seconds, 0)?.with_timezone(&Local);
                let is_midnight = wall.num_seconds_from_midnight() == 0;
                let words = wall.format(if is_midnight { "%a" } else { form });
                Some((self.column(at, columns), words.to_string()))
            })
            .take(usize::from(columns))
            .collect()
    }

    fn keys(&self, bindings: &Bindings, theme: &Theme, on: &mut Canvas<'_>) {
        let wide = on.width();
        let cap = theme.on_past.add_modifier(Modifier::BOLD);
        let key = |name| bindings.first_key(Scope::Everywhere, name);
        let pair = |a, b| Some(format!("{} {}", key(a)?, key(b)?));
        let play = if self.playing { "pause" } else { "play" };
        let keys = [
            (pair("sample_back", "sample_on"), "a sample"),
            (pair("minute_back", "minute_on"), "a minute"),
            (pair("mark_back", "mark_on"), "the alert before, after"),
            (key("play"), play),
            (key("go_to_time"), "go to a time"),
            (key("freeze"), if self.is_replay { "to the end" } else { "back to now" }),
        ];
        let note = "nothing can be signalled from here";
        let end = if wide >= 140 { wide - width(note) - 1 } else { wide };
        let mut x = 1;
        for (key, what) in keys.into_iter().filter_map(|(key, what)| Some((key?, what))) {
            if x + width(&key) + width(what) + 4 > end {
                break;
            }
            x = on.runs(
                x,
                3,
                &[(" ", cap), (&key, cap), (" ", cap), (" ", theme.text), (what, theme.text)],
            );
            x += 2;
        }
        if wide >= 140 {
            on.put(end, 3, note, theme.past);
        }
    }
}

fn sign(kind: MarkKind, theme: &Theme) -> (char, Style) {
    match kind {
        MarkKind::Stale => ('?', theme.stale),
        MarkKind::Warning => ('!', theme.warn),
        MarkKind::Critical => ('!', theme.crit),
        MarkKind::Down => ('x', theme.crit),
    }
}

/// `today, ` · `yesterday, Wed 25 Nov, ` · `Wed 25 Nov, `.
fn day(at: &DateTime<Local>, now: &DateTime<Local>) -> String {
    let date = at.format("%a %-d %b");
    match (now.date_naive() - at.date_naive()).num_days() {
        0 => "today, ".into(),
        1 => format!("yesterday, {date}, "),
        _ => format!("{date}, "),
    }
}

/// `45 s`, `3 m 05 s`, `35 h 20 m`, `7 d`.
fn in_words(span: TimeDelta) -> String {
    let seconds = span.num_seconds().max(0);
    let (days, hours) = (seconds / 86_400, seconds / 3600);
    let (minutes, rest) = (seconds / 60, seconds % 60);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 if rest == 0 => format!("{minutes} m"),
        60..3600 => format!("{minutes} m {rest:02} s"),
        3600..172_800 => format!("{hours} h {:02} m", minutes % 60),
        _ => format!("{days} d"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_said_in_two_units_at_most() {
        let words =
            [0, 45, 60, 185, 3600, 127_200, 7 * 86_400].map(|s| in_words(TimeDelta::seconds(s)));
        assert_eq!(words, ["0 s", "45 s", "1 m", "3 m 05 s", "1 h 00 m", "35 h 20 m", "7 d"]);
    }

    #[test]
    fn the_bar_has_more_rows_where_there_is_room() {
        assert_eq!([10, 24, 48].map(rows), [1, 2, 4]);
    }
}
