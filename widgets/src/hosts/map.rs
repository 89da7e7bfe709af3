//! Where rows do not fit: a cell a host, a row a group, in an order that never changes.
//!
//! ```text
//! map  cpu %  m next              0 ▁▂▃▄▅▆▇ 100  x DOWN  ! limit  ? stale            mean worst
//! web       96  ▃▂▂▄▄▂▃~▃▁▅▃▃▃▄▃▃▃▄▃▃x▃▅▃▄▂▅▂▃▃▄▃▁▄▂▂▂▃▃!▂▁▃▃▃▄▃▂       x1 !1 ~1    35  96! web-77
//! db        24  ▃▅!▂▅▂▄▃▄▅!▃▄▅▆▃x▄▆▂▂▄▄▁                              x1 !2       49  97! db-3
//! ```
//!
//! A group has a row before any gets a second one; groups that get none share the last row, `others`.

mod words;

use super::{
    order::HostOrder,
    sign::{Sign, graded, needs_a_look},
    tiers::{Stats, TierGroup, TierRow, deal},
};
use manytop_plugin::{
    draw::{
        Canvas,
        strip::bar,
        text::{self, natural},
    },
    fleet_stats::Distribution,
    history::{Series, Window},
    host_metric::HostMetric,
    ratatui_core::{layout::Rect, style::Modifier},
    view::{SourceView, View},
    vocabulary as v,
};
use std::collections::BTreeMap;
use words::{HISTORY, Tail};

/// When it is drawn.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub enum When {
    /// Above the table when that does not show all hosts.
    #[default]
    Needed,
    /// All of it, and what is left for the table.
    Whole,
    /// Never.
    Never,
}

/// The figures it can show, in the order of the key, and their units.
const FIGURES: [(HostMetric, &str); 7] = [
    (HostMetric::Cpu, " %"),
    (HostMetric::Memory, " %"),
    (HostMetric::Disk, " %"),
    (HostMetric::Celsius, " °C"),
    (HostMetric::Load, ""),
    (HostMetric::Received, ""),
    (HostMetric::Took, " s"),
];

/// Columns for the name of a group, at most.
const NAME: u16 = 12;

/// The line of a figure that is kept of every host.
fn series(figure: HostMetric) -> Option<Series> {
    Some(match figure {
        HostMetric::Cpu => Series::whole(v::CPU, &v::PERCENT),
        HostMetric::Memory => Series::whole(v::MEMORY, &v::PERCENT),
        HostMetric::Received => Series::whole(v::NETWORK, &v::RECEIVED_RATE),
        _ => return None,
    })
}

/// The map.
#[derive(Default)]
pub struct Map {
    /// When it is drawn.
    pub when: When,
    figure: usize,
    groups: Vec<TierGroup>,
    /// The numbers of all hosts, group by group.
    hosts: Vec<usize>,
    /// Columns before the cells.
    label: u16,
    /// The value of a full cell.
    top: f64,
    /// Of all hosts.
    all: Distribution,
    lines: Vec<TierRow>,
    /// The number of the newest sample of the histories.
    newest: u64,
    /// How wide it was drawn last.
    width: u16,
    /// The size for which the lines are, and that for which their number is known.
    laid: Option<(u16, u16)>,
    wanted: Option<(u16, u16)>,
}

impl Map {
    /// What its cells show.
    pub fn figure(&self) -> HostMetric {
        FIGURES[self.figure % FIGURES.len()].0
    }

    /// Shows the next figure.
    pub fn next(&mut self) {
        self.figure = (self.figure + 1) % FIGURES.len();
    }

    /// Groups the hosts; only when they are others than before.
    pub fn group(&mut self, view: &View<'_>) {
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for source in view.sources() {
            let tag = source.tags.first().map_or("", String::as_str);
            groups.entry(tag).or_default().push(source.order);
        }
        let mut groups: Vec<(&str, Vec<usize>)> = groups.into_iter().collect();
        groups
            .sort_by(|(a, _), (b, _)| a.is_empty().cmp(&b.is_empty()).then_with(|| natural(a, b)));
        self.hosts.clear();
        self.groups.clear();
        for (tag, hosts) in groups {
            let (from, count) = (self.hosts.len(), hosts.len());
            self.hosts.extend(hosts);
            self.groups.push(TierGroup {
                tag: tag.to_owned(),
                from,
                count,
                stats: Stats::default(),
            });
        }
        self.label = match self.groups.as_slice() {
            [] => 1,
            [one] if one.tag.is_empty() => 1,
            groups => {
                let widest = groups.iter().map(|g| text::width(g.word())).max().unwrap_or(0);
                // a blank, the name, the number of hosts, two blanks
                1 + widest.clamp(6, NAME) + 5 + 2
            }
        };
        (self.laid, self.wanted) = (None, None);
    }

    /// Finds the scale, and what the groups are together; with the order of rows, not on a frame.
    pub fn scale(&mut self, view: &View<'_>) {
        let (figure, limits) = (self.figure(), &view.settings.limits);
        let window = Window { bucket: HISTORY.1, buckets: usize::from(HISTORY.0) * 2 };
        self.newest = window.newest(view.now);
        let series = series(figure).filter(|_| self.tail(self.width).contains(&Tail::History));
        let mut values = Vec::new();
        for group in &mut self.groups {
            let mut stats = Stats::default();
            for number in &self.hosts[group.from..group.from + group.count] {
                let Some(source) = view.numbered(*number) else { continue };
                if let Some(series) = &series {
                    stats.add_history(&view.graph(source, series, window));
                }
                let sign = Sign::of(source, view.now, limits);
                let at = Sign::TROUBLE.iter().position(|s| *s == sign);
                if let Some(at) = at.filter(|_| needs_a_look(source, view.now, limits)) {
                    stats.signs[at] += 1;
                }
                // old values are no part of a mean
                if matches!(sign, Sign::Down | Sign::Stale) {
                    continue;
                }
                if let Some(value) = figure.value(source, view.now) {
                    let worst = Some((*number, value));
                    stats.add(&Stats { sum: value, known: 1, worst, ..Stats::default() });
                    values.push(value);
                }
            }
            group.stats = stats;
        }
        let has_scale = figure.is_percent() || figure == HostMetric::Celsius;
        self.top = if has_scale { 100.0 } else { values.iter().copied().fold(0.0, f64::max) };
        self.all = Distribution::of(values, figure, limits);
    }

    fn has_labels(&self) -> bool {
        self.label > 1
    }

    /// Cells in one row.
    fn across(&self, width: u16) -> usize {
        let others = self.label + self.tail_width(width).max(1);
        usize::from(width.saturating_sub(others)).max(1)
    }

    /// How many rows all cells take at that width.
    fn height(&mut self, width: u16) -> u16 {
        match self.wanted {
            Some((known, rows)) if known == width => rows,
            _ => {
                let across = self.across(width);
                let rows: usize = self.groups.iter().map(|g| g.count.div_ceil(across)).sum();
                let rows = u16::try_from(rows).unwrap_or(u16::MAX);
                self.wanted = Some((width, rows));
                rows
            }
        }
    }

    /// The rows it takes of an area, its heading included; 0 where it is not drawn.
    pub fn rows(&mut self, view: &View<'_>, area: Rect) -> u16 {
        let wanted = self.height(area.width).saturating_add(1);
        let groups = u16::try_from(self.groups.len() + 1).unwrap_or(u16::MAX);
        match self.when {
            When::Never => 0,
            When::Whole => wanted.min(area.height),
            When::Needed if area.height < 12 || area.width < 40 => 0,
            When::Needed if view.count() < usize::from(area.height) => 0,
            When::Needed => wanted.min(groups.min(area.height / 2).max(area.height / 3)),
        }
    }

    /// Deals the rows to the groups.
    fn lay(&mut self, width: u16, height: u16) {
        if self.laid == Some((width, height)) {
            return;
        }
        self.laid = Some((width, height));
        let room = usize::from(height.saturating_sub(1));
        self.lines = deal(&self.groups, self.across(width), room);
    }

    /// Draws it.
    pub fn draw(
        &mut self,
        view: &View<'_>,
        order: &HostOrder,
        cursor: Option<usize>,
        on: &mut Canvas<'_>,
    ) {
        self.width = on.width();
        if on.width() == 0 || on.height() == 0 {
            self.lines.clear();
            self.laid = None;
            return;
        }
        self.lay(on.width(), on.height());
        self.heading(view, on);
        let theme = view.theme;
        for (y, line) in (1..).zip(&self.lines) {
            if line.is_first && self.has_labels() {
                self.words(view, line, &order.suffix, y, on);
            }
            let mut x = self.label;
            for number in &self.hosts[line.from..line.from + line.cells] {
                match &order.admitted {
                    Some(admitted) if !admitted.contains(number) => on.set(x, y, '·', theme.line),
                    _ => {
                        if let Some(source) = view.numbered(*number) {
                            self.cell(view, source, x, y, on);
                        }
                    }
                }
                if let (true, [cell]) = (cursor == Some(*number), on.cells(x, y, 1)) {
                    cell.set_style(theme.on_hi.add_modifier(Modifier::BOLD));
                }
                x += 1;
            }
            if line.hidden > 0 {
                on.put(x, y, &format!(" +{}", line.hidden), theme.dim);
            }
        }
    }

    /// A host: a sign where there is trouble, else a bar of its level on its own tint.
    fn cell(&self, view: &View<'_>, source: &SourceView, x: u16, y: u16, on: &mut Canvas<'_>) {
        let (theme, figure) = (view.theme, self.figure());
        let limits = &view.settings.limits;
        let sign = Sign::of(source, view.now, limits);
        if sign != Sign::Fine && !needs_a_look(source, view.now, limits) {
            on.set(x, y, sign.char(), theme.dim);
            return;
        }
        if sign != Sign::Fine {
            on.set(x, y, sign.char(), sign.on_map(theme));
            return;
        }
        match figure.value(source, view.now) {
            None => on.set(x, y, '·', theme.line),
            Some(value) if theme.is_mono() => {
                let style = graded(theme, limits.grade(figure, value));
                on.set(x, y, bar(self.share(value)), style);
            }
            Some(value) => on.tile(x, y, 100.0 * self.share(value)),
        }
    }

    fn share(&self, value: f64) -> f64 {
        if self.top > 0.0 { value / self.top } else { 0.0 }
    }

    /// The host in a cell, counted from the upper left corner of the map.
    pub fn at(&self, column: u16, row: u16) -> Option<usize> {
        let line = self.lines.get(usize::from(row.checked_sub(1)?))?;
        let cell = usize::from(column.checked_sub(self.label)?);
        self.hosts.get(line.from + cell).copied().filter(|_| cell < line.cells)
    }

    /// The host beside another in the order of the map, of those that pass.
    pub fn beside(&self, from: Option<usize>, forward: bool, order: &HostOrder) -> Option<usize> {
        let passes = |n: &usize| order.admitted.as_ref().is_none_or(|a| a.contains(n));
        let all: Vec<usize> = self.hosts.iter().copied().filter(passes).collect();
        let at = from.and_then(|from| all.iter().position(|n| *n == from));
        let to = match (at, forward) {
            (None, _) => 0,
            (Some(at), true) => (at + 1).min(all.len().saturating_sub(1)),
            (Some(at), false) => at.saturating_sub(1),
        };
        all.get(to).copied()
    }
}
