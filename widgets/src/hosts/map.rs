//! Where rows do not fit: a cell a host, by tag, in an order that never changes.
//!
//! ```text
//! ─ map: cpu, a cell a host ──────────── ▁ 0 … █ 100  ? stale  x down ─
//! prod 120 ▁▂▁▁▃▂▁▁▁▂▁█▁▁▂▁▁▁▃▂▁▁x▁▂▁▁▁▂▁▁▁▅▁▂▁
//! web  110 ▂▂▃▂▂▂▃▂▂?▂▂▃▂▂▂▂▂▂▆▂▂▂▂▂▂▂▂▂▂▂▂▂▂▂
//! ```

use super::{cells::graded, order::Order};
use manytop_core::{
    draw::{
        number::Figure,
        spark,
        text::{self, Pen},
    },
    health::State,
    measure::Measure,
    ratatui_core::{
        buffer::Buffer,
        layout::Rect,
        style::{Modifier, Style},
    },
    view::{SourceView, View},
};
use std::collections::BTreeMap;

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

/// The figures it can show, in the order of the key.
const FIGURES: [Measure; 7] = [
    Measure::Cpu,
    Measure::Memory,
    Measure::Disk,
    Measure::Celsius,
    Measure::Load,
    Measure::Received,
    Measure::Took,
];

struct Group {
    /// The tag; empty for hosts without one.
    tag: String,
    hosts: Vec<usize>,
}

impl Group {
    fn word(&self) -> &str {
        if self.tag.is_empty() { "(none)" } else { &self.tag }
    }
}

/// A line as it was drawn: where its cells begin, and which hosts they are.
struct Line {
    x: u16,
    y: u16,
    group: usize,
    from: usize,
    cells: usize,
}

/// The map.
#[derive(Default)]
pub struct Map {
    /// When it is drawn.
    pub when: When,
    figure: usize,
    groups: Vec<Group>,
    /// The value of a full cell.
    top: f64,
    lines: Vec<Line>,
    hidden: usize,
}

impl Map {
    /// What its cells show.
    pub fn figure(&self) -> Measure {
        FIGURES[self.figure % FIGURES.len()]
    }

    /// Shows the next figure.
    pub fn next(&mut self) {
        self.figure = (self.figure + 1) % FIGURES.len();
    }

    /// Groups the hosts anew; only when they are others than before.
    pub fn group(&mut self, view: &View<'_>) {
        let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for source in view.sources() {
            let tag = source.tags.first().map_or("", String::as_str);
            groups.entry(tag).or_default().push(source.order);
        }
        let mut groups: Vec<Group> =
            groups.into_iter().map(|(tag, hosts)| Group { tag: tag.to_owned(), hosts }).collect();
        groups.sort_by(|a, b| {
            a.tag.is_empty().cmp(&b.tag.is_empty()).then_with(|| text::natural(&a.tag, &b.tag))
        });
        self.groups = groups;
    }

    /// Finds the scale anew; with the order of rows, not on a frame.
    pub fn scale(&mut self, view: &View<'_>) {
        let figure = self.figure();
        let has_scale = figure.is_percent() || figure == Measure::Celsius;
        self.top = match has_scale {
            true => 100.0,
            false => {
                let values = view.sources().iter().filter_map(|s| figure.value(s, view.now));
                values.fold(0.0, f64::max)
            }
        };
    }

    /// Columns of the words before the cells.
    fn label(&self) -> u16 {
        match self.groups.as_slice() {
            [] => 0,
            [one] if one.tag.is_empty() => 0,
            groups => groups.iter().map(|g| text::width(g.word())).max().unwrap_or(0).min(12) + 6,
        }
    }

    /// How many lines all cells take at that width.
    fn height(&self, width: u16) -> usize {
        let cells = usize::from(width.saturating_sub(self.label())).max(1);
        self.groups.iter().map(|g| g.hosts.len().div_ceil(cells)).sum()
    }

    /// The rows it takes of an area, its heading included; 0 where it is not drawn.
    pub fn rows(&self, view: &View<'_>, area: Rect) -> u16 {
        let wanted = u16::try_from(self.height(area.width) + 1).unwrap_or(u16::MAX);
        match self.when {
            When::Never => 0,
            When::Whole => wanted.min(area.height),
            When::Needed if area.height < 12 || area.width < 40 => 0,
            When::Needed if view.count() < usize::from(area.height) => 0,
            When::Needed => wanted.min(area.height / 3),
        }
    }

    /// Draws it.
    pub fn draw(
        &mut self,
        view: &View<'_>,
        order: &Order,
        cursor: Option<usize>,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        self.lines.clear();
        self.hidden = 0;
        if area.is_empty() {
            return;
        }
        self.heading(view, area, buffer);
        let label = self.label().min(area.width.saturating_sub(1));
        let across = usize::from(area.width - label).max(1);
        let room = usize::from(area.height - 1);
        let theme = view.theme;
        for (n, group) in self.groups.iter().enumerate() {
            for (m, chunk) in group.hosts.chunks(across).enumerate() {
                let y = self.lines.len();
                if y >= room {
                    self.hidden += group.hosts.len() - m * across;
                    break;
                }
                let mut pen = Pen::new(buffer, area, y as u16 + 1);
                let mut head = pen.part(label);
                if m == 0 && label > 0 {
                    head.middle(label.saturating_sub(6), group.word(), theme.plain());
                    head.right(5, &Figure::of(format_args!("{}", group.hosts.len())), theme.dim());
                }
                for number in chunk {
                    let source = view.numbered(*number);
                    let (symbol, mut style) = match &order.admitted {
                        Some(admitted) if !admitted.contains(number) => ('·', theme.dim()),
                        _ => source.map_or((' ', theme.dim()), |s| self.cell(view, s)),
                    };
                    if cursor == Some(*number) {
                        style = style.add_modifier(Modifier::REVERSED);
                    }
                    pen.char(symbol, style);
                }
                let line = Line {
                    x: label,
                    y: y as u16 + 1,
                    group: n,
                    from: m * across,
                    cells: chunk.len(),
                };
                self.lines.push(line);
            }
        }
        if self.hidden > 0 {
            let words = Figure::of(format_args!(" … {} more ", self.hidden));
            let width = text::width(&words).min(area.width);
            Pen::new(buffer, area, area.height - 1)
                .skip(area.width - width)
                .text(&words, theme.dim());
        }
    }

    fn heading(&self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let theme = view.theme;
        let line = theme.plain().fg(theme.border);
        let mut pen = Pen::new(buffer, area, 0);
        let figure = self.figure();
        let by = if self.label() > 0 { ", by tag" } else { "" };
        let left = format!(" map: {}, a cell a host{by}  m next ", figure.word());
        let top = figure.show(self.top, view.settings);
        let right = format!(" ▁ 0 … █ {top}  ? stale  x down ");
        let used = text::width(&left) + text::width(&right) + 3;
        pen.text("─", line).text(&left, theme.plain().fg(theme.title));
        let fill = area.width.checked_sub(used);
        for _ in 0..fill.unwrap_or(pen.left()) {
            pen.text("─", line);
        }
        if fill.is_some() {
            pen.text(&right, theme.dim()).text("──", line);
        }
    }

    fn cell(&self, view: &View<'_>, source: &SourceView) -> (char, Style) {
        let (theme, figure) = (view.theme, self.figure());
        match source.state(view.now) {
            State::Down | State::Stale if source.acknowledged => return ('~', theme.dim()),
            State::Down if source.expected_offline => return ('-', theme.dim()),
            State::Down => return ('x', theme.alarm()),
            State::Stale => return ('?', theme.warn()),
            _ => {}
        }
        let Some(value) = figure.value(source, view.now) else { return ('·', theme.dim()) };
        let percent = if self.top > 0.0 { 100.0 * value / self.top } else { 0.0 };
        (spark::block(percent), graded(theme, view.settings.limits.grade(figure, value)))
    }

    /// The host in a cell, counted from the upper left corner of the map.
    pub fn at(&self, column: u16, row: u16) -> Option<usize> {
        let line = self.lines.iter().find(|l| l.y == row)?;
        let cell = usize::from(column.checked_sub(line.x)?);
        let hosts = &self.groups.get(line.group)?.hosts;
        hosts.get(line.from + cell).copied().filter(|_| cell < line.cells)
    }

    /// The host beside another in the order of the map, of those that pass.
    pub fn beside(&self, from: Option<usize>, forward: bool, order: &Order) -> Option<usize> {
        let passes = |n: &usize| order.admitted.as_ref().is_none_or(|a| a.contains(n));
        let all: Vec<usize> =
            self.groups.iter().flat_map(|g| &g.hosts).copied().filter(passes).collect();
        let at = from.and_then(|from| all.iter().position(|n| *n == from));
        let to = match (at, forward) {
            (None, _) => 0,
            (Some(at), true) => (at + 1).min(all.len().saturating_sub(1)),
            (Some(at), false) => at.saturating_sub(1),
        };
        all.get(to).copied()
    }
}
