//! One row of the table of hosts: a source as it is now.

use super::columns as c;
use crate::row;
use manytop_core::{
    draw::{
        number::{self, Figure, Thousand},
        spark,
        text::{self, Pen},
    },
    health::State,
    history::{Series, Window},
    measure::{Grade, Measure, Over},
    ratatui_core::style::Style,
    summary::Summary,
    theme::Theme,
    view::{SourceView, View},
    vocabulary as v,
};
use std::time::Duration;

/// How long the column of trends looks back.
pub const TREND: Duration = Duration::from_secs(120);

/// A source as it is now.
pub struct Row<'a> {
    view: &'a View<'a>,
    source: &'a SourceView,
    name: &'a str,
    state: State,
    /// What it last said; nothing of what is down.
    summary: Option<&'a Summary>,
}

/// The style of a grade.
pub fn graded(theme: &Theme, grade: Grade) -> Style {
    match grade {
        Grade::Fine => theme.plain(),
        Grade::Warning => theme.warn(),
        Grade::Critical => theme.alarm(),
    }
}

impl<'a> Row<'a> {
    pub fn new(view: &'a View<'a>, source: &'a SourceView, name: &'a str) -> Row<'a> {
        let state = source.state(view.now);
        let summary = (state != State::Down).then_some(&source.summary);
        Row { view, source, name, state, summary }
    }

    /// What stands before the row.
    pub fn mark(&self, under_cursor: bool, pinned: bool) -> char {
        match self.state {
            State::Down | State::Stale if self.source.acknowledged => '~',
            State::Down if !self.is_quiet() => 'x',
            State::Stale => '!',
            _ if under_cursor => '>',
            _ if pinned => '*',
            _ => ' ',
        }
    }

    pub fn style(&self) -> Style {
        match self.state {
            _ if self.is_quiet() => self.view.theme.dim(),
            State::Down => self.view.theme.alarm(),
            State::Stale => self.view.theme.warn(),
            _ => self.view.theme.plain(),
        }
    }

    fn is_quiet(&self) -> bool {
        self.source.is_quiet()
    }

    pub fn cell(&self, column: usize, pen: &mut Pen<'_>) {
        let theme = self.view.theme;
        let width = pen.left();
        match column {
            c::HOST => {
                let mark = self.source.mark();
                let room = width.saturating_sub(mark.len() as u16);
                pen.middle(room.min(text::width(self.name)), self.name, theme.plain());
                pen.text(mark, theme.warn());
            }
            c::TAG => {
                let tag = self.source.tags.first().map_or("", String::as_str);
                pen.middle(width, tag, theme.dim());
            }
            c::STATE => {
                let word = if self.state == State::Down { "DOWN" } else { self.state.word() };
                pen.text(word, self.style());
            }
            c::AGE => {
                let age = self.source.age(self.view.now);
                let age = age.map_or_else(Figure::unknown, |a| number::span(a.as_secs_f64()));
                pen.right(width, &age, self.style());
            }
            c::CPU => self.measure(Measure::Cpu, pen),
            c::TREND => self.trend(pen),
            c::CORES => self.cores(pen),
            c::MEM => self.measure(Measure::Memory, pen),
            c::USED => self.used(pen),
            c::DISK => self.measure(Measure::Disk, pen),
            c::FULLEST => {
                let name = self.summary.and_then(|s| s.disk.as_ref()).map(|(name, _)| &**name);
                let style = if name.is_some() { theme.plain() } else { theme.dim() };
                pen.middle(width, name.unwrap_or("-"), style);
            }
            c::RECEIVED => self.measure(Measure::Received, pen),
            c::SENT => self.measure(Measure::Sent, pen),
            c::TEMP => self.measure(Measure::Celsius, pen),
            c::LOAD => self.measure(Measure::Load, pen),
            c::UP => self.measure(Measure::Uptime, pen),
            c::TOOK => {
                let took = Measure::Took.value(self.source, self.view.now);
                self.figure(pen, Measure::Took, took, false);
            }
            c::WHY => self.why(pen),
            _ => {}
        }
    }

    fn measure(&self, measure: Measure, pen: &mut Pen<'_>) {
        let value = measure.value(self.source, self.view.now);
        self.figure(pen, measure, value, measure.is_old(self.source, self.view.now));
    }

    fn figure(&self, pen: &mut Pen<'_>, measure: Measure, value: Option<f64>, old: bool) {
        let View { theme, settings, .. } = self.view;
        let style =
            value.map_or(theme.dim(), |value| graded(theme, settings.limits.grade(measure, value)));
        let figure = value.map_or_else(Figure::unknown, |value| measure.show(value, settings));
        row::figure(pen, pen.left(), &figure, old, style);
    }

    /// The last two minutes of all processors.
    fn trend(&self, pen: &mut Pen<'_>) {
        let samples = usize::from(pen.left()) * 2;
        let bucket = TREND / samples.max(1) as u32;
        let series = Series::whole(v::CPU, &v::PERCENT);
        let window = Window { bucket, buckets: samples };
        let values = self.view.graph(self.source, &series, window);
        let theme = self.view.theme;
        let cells = pen.take(pen.left());
        spark::braille(cells, &values, 100.0, theme.plain().fg(theme.spark[0]));
    }

    fn cores(&self, pen: &mut Pen<'_>) {
        let theme = self.view.theme;
        let old = Measure::Cpu.is_old(self.source, self.view.now);
        let style = |p| if old { theme.dim() } else { theme.level(p) };
        let mut cores: Vec<_> = match self.summary {
            Some(_) => self.source.devices(v::CPU).collect(),
            None => Vec::new(),
        };
        if cores.is_empty() {
            pen.text("-", theme.dim());
            return;
        }
        cores.sort_by(|a, b| text::natural(&a.name, &b.name));
        let values: Vec<Option<f64>> = cores.iter().map(|c| c.value(&v::PERCENT)).collect();
        spark::cells(pen.take(pen.left()), &values, style);
    }

    fn used(&self, pen: &mut Pen<'_>) {
        let known = self.summary.and_then(|s| s.memory_used.zip(s.memory_total));
        let figure = known.map_or_else(Figure::unknown, |(used, total)| {
            number::used_of(used, total, Thousand::Binary)
        });
        let theme = self.view.theme;
        let style = if known.is_some() { theme.plain() } else { theme.dim() };
        let old = Measure::Memory.is_old(self.source, self.view.now);
        row::figure(pen, pen.left(), &figure, old, style);
    }

    /// The reason of the last failure and when it is tried again; else for how long it has been silent;
    /// else which limits it is over.
    fn why(&self, pen: &mut Pen<'_>) {
        let (now, style) = (self.view.now, self.style());
        if self.source.failure(now).is_some() {
            self.failure(pen);
        } else if self.state == State::Stale
            && let Some(age) = self.source.age(now)
        {
            let age = number::span(age.as_secs_f64());
            pen.text(&Figure::of(format_args!("no answer for {age}")), style);
        } else {
            let settings = self.view.settings;
            let mut over: Vec<Over> = settings.limits.all_over(self.source, now).collect();
            over.sort_by_key(|o| std::cmp::Reverse(o.grade));
            for (n, over) in over.iter().enumerate() {
                let style = graded(self.view.theme, over.grade);
                pen.text(if n > 0 { ", " } else { "" }, style).text(&over.show(settings), style);
            }
            if let (true, Some(note)) = (over.is_empty(), self.source.notes().next()) {
                pen.text(note, self.view.theme.warn());
            }
        }
    }

    fn failure(&self, pen: &mut Pen<'_>) {
        let (now, style) = (self.view.now, self.style());
        let Some(failure) = self.source.failure(now) else { return };
        let retry = self.source.worst(now).and_then(|i| i.health.retry);
        let reason = failure.reason();
        let quiet = match () {
            () if self.source.acknowledged => "acknowledged; ",
            () if self.source.expected_offline => "expected; ",
            () => "",
        };
        match retry.map(|at| number::span(at.since(now).as_secs_f64().ceil())) {
            Some(retry) => {
                let tail = Figure::of(format_args!(", retry {retry}"));
                // When to look again is worth more than the end of a long reason.
                let room = pen.left().saturating_sub(text::width(&tail));
                let all = text::width(quiet) + text::width(reason);
                if room >= all.min(24) {
                    let mut part = pen.part(room.min(all));
                    part.text(quiet, style).text(reason, style);
                    pen.text(&tail, style);
                } else {
                    pen.text(quiet, style).text(reason, style);
                }
            }
            None => _ = pen.text(quiet, style).text(reason, style),
        }
    }
}
