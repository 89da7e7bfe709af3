//! One row of the table of hosts: a source as it is now.

use super::{
    columns::{HostColumnId, PlacedHostColumn},
    sign::{Sign, graded},
    why,
};
use crate::series::Samples;
use manytop_plugin::{
    draw::{
        Canvas, Ink, Place, compact,
        number::{self, ShortStr},
        text,
    },
    health::State,
    host_metric::{Grade, HostMetric},
    ratatui_core::style::{Modifier, Style},
    view::{HOST_COLORS, Settings, SourceView, View},
    vocabulary as v,
};
use std::time::Duration;

/// How much history is kept for the histories of the rows in view.
pub const HISTORY: Duration = Duration::from_secs(120);

/// A source as it is now.
pub struct HostRow<'a> {
    view: &'a View<'a>,
    source: &'a SourceView,
    name: &'a str,
    state: State,
    sign: Sign,
    /// Each host has a colour of its own.
    has_colour: bool,
    /// Pinned to the top.
    pub pinned: bool,
}

/// Whether the column of reasons has something to say of a host.
pub fn has_word(view: &View<'_>, source: &SourceView) -> bool {
    Sign::of(source, view.now, &view.settings.limits) != Sign::Fine
        || source.failure(view.now).is_some()
        || source.notes().next().is_some()
}

/// A figure as the table has it: without its unit, in at most five cells.
pub fn shown(metric: HostMetric, value: f64, settings: &Settings) -> ShortStr {
    match metric {
        HostMetric::Celsius if settings.fahrenheit => compact::percent(value * 1.8 + 32.0),
        HostMetric::Celsius => compact::percent(value),
        HostMetric::Load if value.abs() < 99.95 => number::fixed(value, 1),
        HostMetric::Load => compact::bytes(value),
        HostMetric::Uptime | HostMetric::Age => compact::age(value),
        metric => metric.show(value, settings),
    }
}

/// Memory in use of all there is.
pub fn used(source: &SourceView) -> Option<ShortStr> {
    let s = &source.summary;
    Some(number::used_of(s.memory_used?, s.memory_total?))
}

/// Writes a number, and its sign in the cell behind it: `!` over a limit, `?` when it is old.
pub fn figure(
    on: &mut Canvas<'_>,
    at: Place,
    y: u16,
    text: Option<&str>,
    (grade, old): (Grade, bool),
) {
    let theme = on.theme;
    let (text, style, sign, signed) = match (text, grade) {
        (None | Some("-"), _) => ("-", theme.dim, ' ', theme.dim),
        (Some(text), _) if old => (text, theme.dim, '?', theme.stale),
        (Some("0"), Grade::Fine) => ("0", theme.dim, ' ', theme.dim),
        (Some(text), Grade::Fine) => (text, theme.text, ' ', theme.text),
        (Some(text), grade) => (text, graded(theme, grade), '!', graded(theme, grade)),
    };
    let end = on.number(at.x, y, at.width, text, style);
    if sign != ' ' {
        on.set(end, y, sign, signed);
    }
}

/// A rate: `·` for zero.
pub fn rate_text(text: &ShortStr) -> &str {
    if &**text == "0" { "·" } else { text }
}

impl<'a> HostRow<'a> {
    pub fn new(view: &'a View<'a>, source: &'a SourceView, name: &'a str) -> HostRow<'a> {
        let sign = Sign::of(source, view.now, &view.settings.limits);
        let has_colour = view.count() <= HOST_COLORS;
        let state = source.state(view.now);
        HostRow { view, source, name, state, sign, has_colour, pinned: false }
    }

    /// Something is wrong that nothing says is known.
    fn is_loud(&self) -> bool {
        self.sign != Sign::Fine && !self.is_quiet()
    }

    fn is_quiet(&self) -> bool {
        self.state.is_old() && self.source.is_quiet()
    }

    /// The colour of its state: that of its sign, dim where the trouble is known.
    fn style(&self) -> Style {
        if self.is_quiet() { self.view.theme.dim } else { self.sign.style(self.view.theme) }
    }

    /// Draws the columns in row `y`.
    pub fn draw(&self, on: &mut Canvas<'_>, y: u16, placed: &[PlacedHostColumn<HostColumnId>]) {
        for PlacedHostColumn { column, at } in placed {
            self.cell(column.id, *at, y, on);
        }
    }

    fn cell(&self, column: HostColumnId, at: Place, y: u16, on: &mut Canvas<'_>) {
        let (theme, source) = (self.view.theme, self.source);
        let bold = |style: Style| style.add_modifier(Modifier::BOLD);
        match column {
            HostColumnId::Sign if self.sign == Sign::Fine => {
                let (sign, style) = if self.pinned { ('*', theme.key) } else { (' ', theme.text) };
                on.set(at.x, y, sign, style);
            }
            HostColumnId::Sign if self.is_quiet() => on.set(at.x, y, self.sign.char(), theme.dim),
            HostColumnId::Sign => on.set(at.x, y, self.sign.char(), bold(self.style())),
            HostColumnId::Mark => on.set(at.x, y, '▌', self.view.host(source)),
            HostColumnId::Host => {
                let style = match self.has_colour && !theme.is_mono() {
                    true => self.view.host(source),
                    false if self.is_quiet() => theme.dim,
                    false if self.is_loud() => theme.hi,
                    false => theme.text,
                };
                let mark = source.mark();
                let room = at.width.saturating_sub(text::width(mark));
                let name = text::cut_middle(self.name, room);
                let style = if self.is_loud() { bold(style) } else { style };
                let end = on.column(at.x, y, room, &name, style);
                on.put(end, y, mark, theme.warn);
            }
            HostColumnId::Group => {
                let tag = source.tags.first().map_or("", String::as_str);
                on.column(at.x, y, at.width, &text::cut_middle(tag, at.width), theme.dim);
            }
            HostColumnId::State => {
                let word = match (self.state, self.sign) {
                    (State::Down, _) => "DOWN",
                    (_, Sign::Unread) => "unread",
                    (state, _) => state.word(),
                };
                let style = match self.state {
                    State::Live if self.sign != Sign::Unread => theme.dim,
                    State::Down if self.is_loud() => bold(theme.crit),
                    State::Late => theme.stale,
                    _ => self.style(),
                };
                on.column(at.x, y, at.width, word, style);
            }
            HostColumnId::Age => {
                // of one that never answered: since when it fails
                let failing = source.worst(self.view.now).and_then(|i| i.health.failing_since);
                let failing = failing.map(|since| self.view.now.since(since));
                let age = source.age(self.view.now).or(failing);
                let age = age.map(|age| compact::age(age.as_secs_f64()));
                let style = if self.state.is_old() { self.style() } else { theme.dim };
                on.number(at.x, y, at.width, age.as_deref().unwrap_or("-"), style);
            }
            HostColumnId::Why => {
                why::draw(self.view, source, self.sign, self.has_colour, at, y, on)
            }
            HostColumnId::Cpu => self.metric(HostMetric::Cpu, at, y, on),
            HostColumnId::History => {
                let of = (v::CPU, &v::PERCENT);
                let samples = Samples::whole(self.view, source, of, at.width);
                on.spark(at.x, y, at.width, samples.trace(), 100.0, Ink::Level);
            }
            HostColumnId::Memory => self.metric(HostMetric::Memory, at, y, on),
            HostColumnId::Used => {
                let used = (self.state != State::Down).then(|| used(source)).flatten();
                let style = theme.dim;
                let end = on.number(at.x, y, at.width, used.as_deref().unwrap_or("-"), style);
                if used.is_some() && HostMetric::Memory.is_old(source, self.view.now) {
                    on.set(end, y, '?', theme.stale);
                }
            }
            HostColumnId::Disk => self.metric(HostMetric::Disk, at, y, on),
            HostColumnId::Fullest => {
                let s = (self.state != State::Down).then_some(&source.summary);
                let name = s.and_then(|s| s.disk.as_ref()).map_or("-", |(name, _)| name);
                on.column(at.x, y, at.width, &text::cut_middle(name, at.width), theme.dim);
            }
            HostColumnId::Received => self.metric(HostMetric::Received, at, y, on),
            HostColumnId::Sent => self.metric(HostMetric::Sent, at, y, on),
            HostColumnId::Celsius => self.metric(HostMetric::Celsius, at, y, on),
            HostColumnId::Load => self.metric(HostMetric::Load, at, y, on),
            HostColumnId::Up => {
                let up = HostMetric::Uptime.value(source, self.view.now).map(compact::age);
                on.number(at.x, y, at.width, up.as_deref().unwrap_or("-"), theme.dim);
            }
        }
    }

    fn metric(&self, metric: HostMetric, at: Place, y: u16, on: &mut Canvas<'_>) {
        let View { settings, now, .. } = self.view;
        let value = metric.value(self.source, *now);
        let grade = value.map_or(Grade::Fine, |value| {
            settings.limits.grade_for(&self.source.source, metric, value)
        });
        let text = value.map(|value| shown(metric, value, settings));
        let text = text.as_ref().map(|text| match metric {
            HostMetric::Received | HostMetric::Sent => rate_text(text),
            _ => text,
        });
        figure(on, at, y, text, (grade, metric.is_old(self.source, *now)));
    }
}
