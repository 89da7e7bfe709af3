//! One row a source: is it there, how old is what it said, how is it doing, and if not, why.
//!
//! ```text
//!   HOST  STATE   AGE CPU% CORES    MEM%  USED/TOTAL DISK% FULLEST  RX/s  TX/s  TEMP  LOAD     UP WHY
//! x pi4   DOWN     3m   -  -          -           -     -  -          -     -     -     -      -  connection refused, retry 8s
//! ! nas   stale   12s  12? ▁▂▁▂      40?   3.2/8.0G?   88? /tank     9k?   2k?  51°?  0.4?  201d? no answer for 12s
//! > Jerry live     1s  41  ▃▅▄▃▄▃▄▅  63  10.1/16.0G    71  /srv     1.2M  310k   61°   3.1    41d
//! ```
//!
//! Trouble stands first, then the order of the config; the row under the cursor never moves. What is
//! old bears a `?`; of what is down nothing is shown but the reason. `f` freezes the order, `/` filters
//! by name, `Enter` opens a source.

use crate::{
    filter::Filter,
    row::{self, Names},
};
use manytop_core::{
    draw::{
        number::{self, Figure, Thousand},
        rows, spark,
        table::{self, Column, Cursor},
        text::{self, Pen, paint},
    },
    health::State,
    provider::Want,
    ratatui_core::{buffer::Buffer, layout::Rect, style::Style},
    summary::Summary,
    view::{SourceView, View},
    vocabulary as v,
    widget::{Action, Key, KeyHelp, Mouse, Outcome, Plugin, Title, Wants, Widget},
};
use std::{collections::HashMap, fmt::Write};

manytop_core::inventory::submit! {
    Plugin::new("hosts", "One row a source: state, age, figures, and why not", |_| Ok(Box::<Hosts>::default()))
        .draws(&[v::HOST])
        .keys(&[
            KeyHelp { keys: "Enter", help: "open the source under the cursor" },
            KeyHelp { keys: "f", help: "freeze the order of rows" },
            KeyHelp { keys: "/", help: "filter by name; Enter keeps, Esc clears" },
        ])
}

const HOST: usize = 0;
const STATE: usize = 1;
const AGE: usize = 2;
const CPU: usize = 3;
const CORES: usize = 4;
const MEM: usize = 5;
const USED: usize = 6;
const DISK: usize = 7;
const FULLEST: usize = 8;
const RECEIVED: usize = 9;
const SENT: usize = 10;
const TEMP: usize = 11;
const LOAD: usize = 12;
const UP: usize = 13;
const WHY: usize = 14;

const COLUMNS: [Column; 15] = [
    Column::left("HOST", 5, 0),
    Column::left("STATE", 8, 0),
    Column::right("AGE", 5, 1),
    Column::right("CPU%", 4, 0),
    Column::left("CORES", 5, 4),
    Column::right("MEM%", 4, 0),
    Column::right("USED/TOTAL", 11, 10),
    Column::right("DISK%", 5, 3),
    Column::left("FULLEST", 10, 9),
    Column::right("RX/s", 5, 5),
    Column::right("TX/s", 5, 5),
    Column::right("TEMP", 5, 6),
    Column::right("LOAD", 5, 7),
    Column::right("UP", 6, 8),
    Column::left("WHY", 0, 2).flexible(),
];

/// What a reason should have when there is one to show.
const WHY_WIDTH: u16 = 18;
/// Before the columns: a mark, and a blank.
const MARK: u16 = 2;

#[derive(Default)]
struct Hosts {
    filter: Filter,
    cursor: Cursor<usize>,
    frozen: bool,
    /// The numbers of the sources as they were drawn last.
    drawn: Vec<usize>,
}

fn is_quiet(source: &SourceView) -> bool {
    source.expected_offline
}

/// Trouble first, then the order of the config.
fn rank(source: &SourceView, view: &View<'_>) -> (u8, usize) {
    let trouble = match source.state(view.now) {
        State::Down if !is_quiet(source) => 0,
        State::Stale if !is_quiet(source) => 1,
        _ => 2,
    };
    (trouble, source.order)
}

impl Hosts {
    /// The numbers of the sources that pass the filter, in their order.
    fn sorted(&self, view: &View<'_>) -> Vec<usize> {
        let admitted = view.sources().iter().filter(|s| self.filter.admits([s.source.name()]));
        if self.frozen {
            let places: HashMap<usize, usize> =
                self.drawn.iter().enumerate().map(|(place, number)| (*number, place)).collect();
            let mut rows: Vec<usize> = admitted.map(|s| s.order).collect();
            rows.sort_by_key(|number| places.get(number).copied().unwrap_or(usize::MAX));
            return rows;
        }
        let mut rows: Vec<(u8, usize)> = admitted.map(|s| rank(s, view)).collect();
        rows.sort_unstable();
        rows.into_iter().map(|(_, number)| number).collect()
    }
}

/// The source of a number; sources stand in their order.
fn find<'a>(view: &View<'a>, number: usize) -> Option<&'a SourceView> {
    let sources = view.sources();
    sources.binary_search_by_key(&number, |s| s.order).ok().and_then(|at| sources.get(at)).copied()
}

impl Widget for Hosts {
    fn wants(&self) -> Wants {
        Wants { want: Want::kinds(&Summary::KINDS), ..Wants::default() }
    }

    fn title(&self, view: &View<'_>, area: Rect) -> Title {
        let mut left = "hosts, trouble first, then config order".to_owned();
        if area.width < 60 {
            left.truncate(5);
        }
        if self.frozen {
            left.push_str(", frozen");
        }
        if let Some(text) = self.filter.text() {
            let _ = write!(left, "  /{text}");
        }
        let admits = |s: &&&SourceView| self.filter.admits([s.source.name()]);
        let (all, shown) = (view.sources().len(), view.sources().iter().filter(admits).count());
        let room = usize::from(area.height.saturating_sub(1 + u16::from(self.filter.is_typing())));
        let count = if shown > room || shown < all {
            format!("{} of {all}  ", shown.min(room))
        } else {
            String::new()
        };
        Title::new(left).right(format!("{count}Enter open  f freeze  / filter"))
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        view.sources().is_empty()
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        Some(u16::try_from(view.sources().len() + 1).unwrap_or(u16::MAX))
    }

    fn is_typing(&self) -> bool {
        self.filter.is_typing()
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let area = self.filter.draw(area, buffer, view.theme);
        self.drawn = self.sorted(view);
        self.cursor.hold(&mut self.drawn);
        let list = rows(area, 1, area.height);
        let range = self.cursor.view(self.drawn.len(), list.height);
        let in_view = self.drawn[range.clone()].iter();
        let shown: Vec<&SourceView> = in_view.filter_map(|number| find(view, *number)).collect();
        let names = Names::of(view);
        let columns = columns(view, &shown, &names, area.width);
        let placed = table::place(&columns, area.width.saturating_sub(MARK));
        let heading = view.theme.heading();
        let mut pen = Pen::new(buffer, area, 0);
        table::headings(pen.skip(MARK), &columns, &placed, |_| heading);
        for (line, (at, source)) in range.zip(shown).enumerate() {
            let under = at == self.cursor.at();
            let row = Row::new(view, source, names.source(source));
            let mut pen = Pen::new(buffer, list, line as u16);
            pen.char(row.mark(under && (view.focused || self.cursor.on().is_some())), row.style());
            table::row(pen.skip(1), &placed, |column, pen| row.cell(column, pen));
            if under && view.focused {
                paint(buffer, list, line as u16, view.theme.cursor());
            }
        }
    }

    fn on_key(&mut self, key: Key, view: &View<'_>) -> Outcome {
        match key {
            _ if self.filter.on_key(key) => {}
            Key::Char('f') => self.frozen = !self.frozen,
            Key::Enter => {
                let at = self.cursor.on().or_else(|| self.drawn.first()).copied();
                return at
                    .and_then(|number| find(view, number))
                    .map_or(Outcome::Ignored, |s| Outcome::Act(Action::Open(s.source.clone())));
            }
            Key::Esc if self.cursor.on().is_some() => self.cursor.release(),
            _ if self.cursor.on_key(key, &self.drawn) => {}
            _ => return Outcome::Ignored,
        }
        Outcome::Redraw
    }

    fn on_mouse(&mut self, mouse: Mouse, _: &View<'_>) -> Outcome {
        let moved = self.cursor.on_mouse(mouse, 1, &self.drawn);
        if moved { Outcome::Redraw } else { Outcome::Ignored }
    }
}

/// The columns, as wide as the rows in view need them.
fn columns(view: &View<'_>, shown: &[&SourceView], names: &Names<'_>, width: u16) -> [Column; 15] {
    let mut columns = COLUMNS;
    let short = shown.iter().map(|s| names.source(s));
    columns[HOST].width = table::fitting(short, 5, (width / 5).clamp(5, 32));
    let cores = shown.iter().map(|s| s.summary.cores).max().unwrap_or(0);
    columns[CORES].width = (cores as u16).clamp(5, (width / 8).clamp(5, 32));
    let fullest = shown.iter().filter_map(|s| s.summary.disk.as_ref()).map(|(name, _)| &**name);
    columns[FULLEST].width = table::fitting(fullest, 7, 14);
    let has_word = |s: &&SourceView| {
        s.state(view.now).is_old() || s.failure(view.now).is_some() || s.notes().next().is_some()
    };
    if shown.iter().any(has_word) {
        columns[WHY].width = WHY_WIDTH.min(width / 3);
    }
    columns
}

/// A source as it is now.
struct Row<'a> {
    view: &'a View<'a>,
    source: &'a SourceView,
    name: &'a str,
    state: State,
    /// What it last said; nothing of what is down.
    summary: Option<&'a Summary>,
}

impl<'a> Row<'a> {
    fn new(view: &'a View<'a>, source: &'a SourceView, name: &'a str) -> Row<'a> {
        let state = source.state(view.now);
        let summary = (state != State::Down).then_some(&source.summary);
        Row { view, source, name, state, summary }
    }

    fn mark(&self, under_cursor: bool) -> char {
        match self.state {
            State::Down if !is_quiet(self.source) => 'x',
            State::Stale => '!',
            _ if under_cursor => '>',
            _ => ' ',
        }
    }

    fn style(&self) -> Style {
        match self.state {
            _ if is_quiet(self.source) => self.view.theme.dim(),
            State::Down => self.view.theme.alarm(),
            State::Stale => self.view.theme.warn(),
            _ => self.view.theme.plain(),
        }
    }

    fn cell(&self, column: usize, pen: &mut Pen<'_>) {
        let theme = self.view.theme;
        let width = pen.left();
        let level = |pen: &mut Pen<'_>, percent: Option<f64>| {
            let style = percent.map_or(theme.dim(), |p| theme.level(p));
            self.figure(pen, percent, style, number::percent);
        };
        let plain = |pen: &mut Pen<'_>, value: Option<f64>, show: &dyn Fn(f64) -> Figure| {
            let style = if value.is_some() { theme.plain() } else { theme.dim() };
            self.figure(pen, value, style, show);
        };
        let summary = |get: &dyn Fn(&Summary) -> Option<f64>| self.summary.and_then(get);
        match column {
            HOST => _ = pen.middle(width, self.name, theme.plain()),
            STATE => self.state(pen),
            AGE => {
                let age = self.source.age(self.view.now);
                let age = age.map_or_else(Figure::unknown, |a| number::span(a.as_secs_f64()));
                pen.right(width, &age, self.style());
            }
            CPU => level(pen, summary(&|s| s.cpu)),
            CORES => self.cores(pen),
            MEM => level(pen, summary(&|s| s.memory)),
            USED => self.used(pen),
            DISK => level(pen, summary(&|s| s.disk.as_ref().map(|d| d.1))),
            FULLEST => {
                let name = self.summary.and_then(|s| s.disk.as_ref()).map(|(name, _)| &**name);
                let style = if name.is_some() { theme.plain() } else { theme.dim() };
                pen.middle(width, name.unwrap_or("-"), style);
            }
            RECEIVED => {
                plain(pen, summary(&|s| s.received), &|r| number::rate(r, self.view.settings.bits));
            }
            SENT => {
                plain(pen, summary(&|s| s.sent), &|r| number::rate(r, self.view.settings.bits));
            }
            TEMP => {
                let celsius = summary(&|s| s.celsius);
                let style = celsius.map_or(theme.dim(), |c| theme.level(c));
                let fahrenheit = self.view.settings.fahrenheit;
                self.figure(pen, celsius, style, |c| number::degrees(c, fahrenheit));
            }
            LOAD => plain(pen, summary(&|s| s.load), &number::count),
            UP => plain(pen, summary(&|s| s.uptime), &number::span),
            WHY => self.why(pen),
            _ => {}
        }
    }

    fn figure(
        &self,
        pen: &mut Pen<'_>,
        value: Option<f64>,
        style: Style,
        show: impl Fn(f64) -> Figure,
    ) {
        let figure = value.map_or_else(Figure::unknown, show);
        row::figure(pen, pen.left(), &figure, self.state.is_old(), style);
    }

    fn state(&self, pen: &mut Pen<'_>) {
        let word = if self.state == State::Down { "DOWN" } else { self.state.word() };
        pen.text(word, self.style());
    }

    fn cores(&self, pen: &mut Pen<'_>) {
        let theme = self.view.theme;
        let old = self.state.is_old();
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
        row::figure(pen, pen.left(), &figure, self.state.is_old(), style);
    }

    /// The reason of the last failure and when it is tried again; else for how long it has been silent.
    fn why(&self, pen: &mut Pen<'_>) {
        let (now, style) = (self.view.now, self.style());
        if let Some(failure) = self.source.failure(now) {
            let retry = self.source.worst(now).and_then(|i| i.health.retry);
            let reason = failure.reason();
            let quiet = if is_quiet(self.source) { "expected; " } else { "" };
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
        } else if self.state == State::Stale
            && let Some(age) = self.source.age(now)
        {
            let age = number::span(age.as_secs_f64());
            pen.text(&Figure::of(format_args!("no answer for {age}")), style);
        } else if let Some(note) = self.source.notes().next() {
            pen.text(note, self.view.theme.warn());
        }
    }
}
