//! A row a tag instead of a row a host: how many are there, and what they are together. `n/m` says how many
//! of a group's hosts a figure is made of.

use super::cells::graded;
use crate::row;
use manytop_core::{
    clock::Moment,
    draw::{
        number::Figure,
        table::{self, Column},
        text::{self, Pen},
    },
    health::State,
    measure::Measure,
    ratatui_core::{buffer::Buffer, layout::Rect, style::Style},
    totals::Totals,
    view::{SourceView, View},
};
use std::{collections::BTreeMap, time::Duration};

/// How often the figures are added up anew.
const EVERY: Duration = Duration::from_secs(1);

/// A tag, and its hosts together.
pub struct Group {
    /// The tag; empty for hosts without one.
    pub tag: String,
    totals: Totals,
}

/// All groups.
#[derive(Default)]
pub struct Groups {
    all: Vec<Group>,
    made: Option<Moment>,
}

const COLUMNS: [Column; 17] = [
    Column::left("GROUP", 5, 0),
    Column::right("LIVE", 9, 0),
    Column::right("STALE", 5, 3),
    Column::right("DOWN", 4, 1),
    Column::right("CPU%", 5, 0),
    Column::right("P95", 4, 2),
    Column::right("OF", 9, 4),
    Column::right("MEM%", 5, 0),
    Column::right("P95", 4, 2),
    Column::right("OF", 9, 9),
    Column::right("DISK%", 5, 3),
    Column::right("MAX", 4, 3),
    Column::right("RX/s", 5, 5),
    Column::right("TX/s", 5, 5),
    Column::right("TEMP", 5, 6),
    Column::right("LOAD", 5, 7),
    Column::left("OVER", 0, 2).flexible(),
];

impl Groups {
    /// They are to be added up before they are read again.
    pub fn spoil(&mut self) {
        self.made = None;
    }

    /// Adds them up where that is due.
    pub fn refresh(&mut self, view: &View<'_>, admits: impl Fn(&SourceView) -> bool) {
        let now = view.now;
        if self.made.is_some_and(|made| made <= now && now.since(made) < EVERY) {
            return;
        }
        self.made = Some(now);
        let mut groups: BTreeMap<&str, Vec<&SourceView>> = BTreeMap::new();
        for source in view.sources().iter().filter(|s| admits(s)) {
            for tag in &*source.tags {
                groups.entry(tag).or_default().push(source);
            }
            if source.tags.is_empty() {
                groups.entry("").or_default().push(source);
            }
        }
        let limits = &view.settings.limits;
        let total = |(tag, sources): (&str, Vec<&SourceView>)| Group {
            tag: tag.to_owned(),
            totals: Totals::of(sources, now, limits),
        };
        self.all = groups.into_iter().map(total).collect();
        self.all.sort_by(|a, b| {
            a.tag.is_empty().cmp(&b.tag.is_empty()).then_with(|| text::natural(&a.tag, &b.tag))
        });
    }

    /// The groups in their order.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|g| g.tag.as_str())
    }

    /// How many groups there are.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Draws headings, and the groups from `from` on; `under` is the one under the cursor.
    pub fn draw(
        &self,
        view: &View<'_>,
        from: usize,
        under: Option<usize>,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let mut columns = COLUMNS;
        columns[0].width = table::fitting(self.tags(), 6, 20);
        let placed = table::place(&columns, area.width.saturating_sub(2));
        let heading = view.theme.heading();
        table::headings(Pen::new(buffer, area, 0).skip(2), &columns, &placed, |_| heading);
        for (line, group) in (1..area.height).zip(self.all.iter().skip(from)) {
            let at = from + usize::from(line) - 1;
            let mut pen = Pen::new(buffer, area, line);
            pen.char(if under == Some(at) { '>' } else { ' ' }, view.theme.plain());
            table::row(pen.skip(1), &placed, |column, pen| group.cell(view, column, pen));
        }
    }
}

impl Group {
    fn cell(&self, view: &View<'_>, column: usize, pen: &mut Pen<'_>) {
        let (theme, settings, totals) = (view.theme, view.settings, &self.totals);
        let width = pen.left();
        let figure = |pen: &mut Pen<'_>, measure: Measure, value: Option<f64>| {
            let style =
                value.map_or(theme.dim(), |v| graded(theme, settings.limits.grade(measure, v)));
            let shown = value.map_or_else(Figure::unknown, |v| measure.show(v, settings));
            row::figure(pen, pen.left(), &shown, false, style);
        };
        let some = |measure: Measure, value: fn(&manytop_core::totals::Spread) -> f64| {
            let spread = totals.spread(measure);
            (spread.known > 0).then(|| value(spread))
        };
        let mean = |measure| totals.spread(measure).mean();
        let of = |pen: &mut Pen<'_>, measure: Measure| {
            let known = totals.spread(measure).known;
            pen.right(width, &Figure::of(format_args!("{known}/{}", totals.sources)), theme.dim());
        };
        let count = |pen: &mut Pen<'_>, n: usize, style: Style| {
            let style = if n > 0 { style } else { theme.dim() };
            pen.right(width, &Figure::of(format_args!("{n}")), style);
        };
        match column {
            0 if self.tag.is_empty() => _ = pen.text("(none)", theme.dim()),
            0 => _ = pen.middle(width, &self.tag, theme.plain()),
            1 => {
                let live = totals.state(State::Live);
                let style = if live == totals.sources { theme.plain() } else { theme.warn() };
                pen.right(width, &Figure::of(format_args!("{live}/{}", totals.sources)), style);
            }
            2 => count(pen, totals.state(State::Stale), theme.warn()),
            3 => count(pen, totals.state(State::Down), theme.alarm()),
            4 => figure(pen, Measure::Cpu, mean(Measure::Cpu)),
            5 => figure(pen, Measure::Cpu, some(Measure::Cpu, |s| s.p95)),
            6 => of(pen, Measure::Cpu),
            7 => figure(pen, Measure::Memory, mean(Measure::Memory)),
            8 => figure(pen, Measure::Memory, some(Measure::Memory, |s| s.p95)),
            9 => of(pen, Measure::Memory),
            10 => figure(pen, Measure::Disk, mean(Measure::Disk)),
            11 => figure(pen, Measure::Disk, some(Measure::Disk, |s| s.most)),
            12 => figure(pen, Measure::Received, some(Measure::Received, |s| s.sum)),
            13 => figure(pen, Measure::Sent, some(Measure::Sent, |s| s.sum)),
            14 => figure(pen, Measure::Celsius, some(Measure::Celsius, |s| s.most)),
            15 => figure(pen, Measure::Load, some(Measure::Load, |s| s.sum)),
            16 => {
                let mut first = true;
                for measure in Measure::ALL {
                    let spread = totals.spread(measure);
                    if spread.critical == 0 {
                        continue;
                    }
                    let limit = settings.limits.get(measure).critical.unwrap_or_default();
                    let limit = measure.show(limit, settings);
                    let words = Figure::of(format_args!(
                        "{}{} > {limit}: {}",
                        if first { "" } else { ", " },
                        measure.word(),
                        spread.critical
                    ));
                    pen.text(&words, theme.alarm());
                    first = false;
                }
            }
            _ => {}
        }
    }
}
