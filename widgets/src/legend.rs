//! What stands beside the graph of processors: the cores of one source, or the sources and as many of
//! their cores as there is room for.

use crate::{
    cpu::LINES,
    row::{self, Names},
};
use manytop_core::{
    draw::{
        bar, columns,
        number::{self, Figure},
        rows, spark,
        text::{self, Pen, WIDEST},
    },
    health::State,
    ratatui_core::{buffer::Buffer, layout::Rect, style::Style},
    view::{Shown, SourceView, View},
    vocabulary as v,
};
use std::sync::Arc;

/// More cores than this take a cell each.
const LISTED: usize = 12;
const GAP: u16 = 2;
/// The least that the legend of one source takes.
const NARROW: u16 = 14;

/// The columns that the legend takes of an area; none where the graph needs them all.
pub fn width(view: &View<'_>, area: Rect) -> u16 {
    let share = area.width / 3;
    match (view.sources(), area.height) {
        (_, 0) | ([], _) => 0,
        _ if area.width < 32 => 0,
        ([_], _) if area.width < 60 => {
            let cores: Vec<Shown<'_>> = view.devices(v::CPU).collect();
            let label = Names::of(view).widest(&cores, area.width);
            (label + 1 + row::PERCENT).clamp(NARROW, (area.width / 2).max(NARROW))
        }
        ([_], _) => share.clamp(20, 51),
        (_, _) => (area.width * 2 / 5).clamp(16, 50),
    }
}

/// Draws it.
pub fn draw(view: &View<'_>, area: Rect, buffer: &mut Buffer) {
    if area.is_empty() {
        return;
    }
    match view.sources() {
        [] => {}
        [source] => one(view, source, area, buffer),
        few if few.len() <= LINES => several(view, few, area, buffer),
        many => crowd(view, many, area, buffer),
    }
}

fn one(view: &View<'_>, source: &SourceView, area: Rect, buffer: &mut Buffer) {
    let mut cores: Vec<Shown<'_>> = view.devices(v::CPU).collect();
    cores.sort_by(|a, b| text::natural(&a.device.name, &b.device.name));
    let per_column = usize::from(area.height);
    let across = cores.len().div_ceil(per_column).max(1);
    let entry = (area.width + GAP) / across as u16;
    if cores.len() > LISTED || (across > 1 && entry < 14) {
        return cells(view, source, &cores, area, buffer);
    }
    let names = Names::of(view);
    let label = names.widest(&cores, area.width);
    for (n, core) in cores.iter().enumerate() {
        let x = (n / per_column) as u16 * entry;
        let mut pen = Pen::new(buffer, area, (n % per_column) as u16);
        let mut pen = pen.skip(x).part(entry.saturating_sub(GAP * u16::from(across > 1)));
        let room = pen.left().saturating_sub(1 + row::PERCENT);
        pen.middle(label.min(room), &names.label(core), view.theme.plain());
        draw_core(view, core, &mut pen);
    }
}

fn draw_core(view: &View<'_>, core: &Shown<'_>, pen: &mut Pen<'_>) {
    const HERTZ: u16 = 9;
    let theme = view.theme;
    let percent = core.device.value(&v::PERCENT);
    let mut rest = pen.skip(1).left().saturating_sub(row::PERCENT);
    let hertz = core.device.value(&v::FREQUENCY_HERTZ).filter(|_| rest >= HERTZ + 8);
    rest -= if hertz.is_some() { HERTZ } else { 0 };
    if rest >= 6 {
        let style = row::bar_style(theme, percent.unwrap_or(0.0), core.old);
        bar::bar(pen.take(rest - 1), percent.unwrap_or(0.0), style, theme.dim());
        pen.skip(1);
    }
    row::percent(pen, percent, core.old, theme);
    if let Some(hertz) = hertz {
        pen.right(HERTZ, &number::frequency(hertz), theme.dim());
    }
}

/// A line of figures, then a cell a core.
fn cells(
    view: &View<'_>,
    source: &SourceView,
    cores: &[Shown<'_>],
    area: Rect,
    buffer: &mut Buffer,
) {
    let theme = view.theme;
    let old = cores.iter().any(|c| c.old);
    let summary = Figure::of(format_args!("{} cores", cores.len()));
    let mut pen = Pen::new(buffer, area, 0);
    pen.text(&summary, theme.dim());
    if let Some((name, percent)) = &source.summary.hottest {
        let most = number::percent(*percent).aged(old);
        pen.text("  max ", theme.dim()).text(name, theme.plain());
        pen.text(" ", theme.plain()).text(&most, theme.level(*percent));
    }
    let area = rows(area, 1, area.height);
    let names = Names::of(view);
    let label = names.widest(cores, area.width / 2);
    let room = usize::from(area.width.saturating_sub(label + 1)).max(1);
    // Round lines of cores are easier to count.
    let round = [64, 32, 16, 8].into_iter().find(|&n| n <= room).unwrap_or(room);
    let lines = usize::from(area.height).max(1);
    // Several cores share a cell where the rows do not last.
    let shared = cores.len().div_ceil(round * lines).max(1);
    for (n, line) in cores.chunks(round * shared).enumerate() {
        let values: Vec<Option<f64>> = line.iter().map(|c| c.device.value(&v::PERCENT)).collect();
        let mut pen = Pen::new(buffer, area, n as u16);
        if let Some(first) = line.first() {
            pen.middle(label, &names.label(first), theme.dim()).skip(1);
        }
        let room = pen.take(line.len().div_ceil(shared) as u16);
        spark::cells(room, &values, |p| if old { theme.dim() } else { theme.level(p) });
    }
}

/// Each source, then each core, while places last.
fn several(view: &View<'_>, sources: &[Arc<SourceView>], area: Rect, buffer: &mut Buffer) {
    let mut cores: Vec<Shown<'_>> = view.devices(v::CPU).collect();
    cores.sort_by(|a, b| {
        let natural = || text::natural(&a.device.name, &b.device.name);
        a.source.order.cmp(&b.source.order).then_with(natural)
    });
    let names = Names::of(view);
    let name = sources.iter().map(|s| text::width(&names.marked(s))).max().unwrap_or(0).min(20);
    let widest = names.widest(&cores, 20) + FIGURE;
    let entry = widest.max(name + FIGURE + HOTTEST);
    let across = ((area.width + GAP) / (entry + GAP)).max(1);
    let entry = ((area.width + GAP) / across).saturating_sub(GAP);
    let per_column = usize::from(area.height);
    let places = per_column * usize::from(across);
    // All the cores, or none of a source whose cores have no place left.
    let free = places.saturating_sub(sources.len());
    let hidden = cores.len().saturating_sub(free);
    let listed = if hidden > 0 { free.saturating_sub(1) } else { cores.len() };
    let place = |n: usize| (n / per_column, n % per_column);
    for n in 0..places.min(sources.len() + cores.len()) {
        let (column, line) = place(n);
        let mut pen = Pen::new(buffer, area, line as u16);
        let mut pen = pen.skip(column as u16 * (entry + GAP)).part(entry);
        if let Some(source) = sources.get(n) {
            let hidden = sources.len().saturating_sub(places);
            if n + 1 == places && hidden > 0 {
                let text = Figure::of(format_args!("… {} more", hidden + 1));
                pen.text(&text, view.theme.dim());
            } else {
                draw_source(view, source, &names.marked(source), name, &mut pen);
            }
        } else if let Some(core) = cores.get(n - sources.len()) {
            if n - sources.len() < listed {
                draw_label(view, core, &names.label(core), &mut pen);
            } else if n - sources.len() == listed {
                let text = Figure::of(format_args!("… {} cores more", cores.len() - listed));
                pen.text(&text, view.theme.dim());
            }
        }
    }
}

/// Columns of a percentage: `100?` and a blank before it.
const FIGURE: u16 = 5;
/// Columns of the busiest core: ` max CPU3 97?`.
const HOTTEST: u16 = 13;

/// `Jerry   41  max CPU3 97`; the busiest core where there is room behind a name of `least` columns.
fn draw_source(view: &View<'_>, source: &SourceView, name: &str, least: u16, pen: &mut Pen<'_>) {
    let theme = view.theme;
    let state = source.state(view.now);
    let old = state.is_old();
    let hottest = pen.left() >= least + FIGURE + HOTTEST;
    let room = pen.left().saturating_sub(FIGURE + if hottest { HOTTEST } else { 0 });
    pen.middle(room, name, theme.plain().fg(view.color(source)));
    let summary = source.summary.cpu.filter(|_| state != State::Down);
    let Some(mean) = summary else {
        row::figure(pen, FIGURE, "-", false, theme.dim());
        return;
    };
    row::figure(pen, FIGURE, &number::percent(mean), old, theme.level(mean));
    if hottest && let Some((core, percent)) = &source.summary.hottest {
        pen.text(" max ", theme.dim()).text(core, theme.dim()).skip(1);
        pen.text(&number::percent(*percent).aged(old), theme.level(*percent));
    }
}

/// `Jerry-CPU0 31`.
fn draw_label(view: &View<'_>, core: &Shown<'_>, label: &str, pen: &mut Pen<'_>) {
    pen.middle(pen.left().saturating_sub(FIGURE), label, view.theme.plain());
    let (figure, style) = match core.device.value(&v::PERCENT) {
        Some(percent) => (number::percent(percent), view.theme.level(percent)),
        None => (Figure::unknown(), view.theme.dim()),
    };
    row::figure(pen, FIGURE, &figure, core.old, style);
}

/// Mean, least and most of all sources, and then the busiest.
fn crowd(view: &View<'_>, sources: &[Arc<SourceView>], area: Rect, buffer: &mut Buffer) {
    let known = |s: &&SourceView| !s.state(view.now).is_old();
    let mut busy: Vec<(f64, &SourceView)> = sources
        .iter()
        .map(|s| &**s)
        .filter(known)
        .filter_map(|s| Some((s.summary.cpu?, s)))
        .collect();
    let (theme, names) = (view.theme, Names::of(view));
    let part = Figure::of(format_args!("({}/{})", busy.len(), sources.len()));
    if busy.is_empty() {
        Pen::new(buffer, area, 0).text("no answer yet ", theme.dim()).text(&part, theme.dim());
        return;
    }
    let mean = busy.iter().map(|(p, _)| p).sum::<f64>() / busy.len() as f64;
    busy.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.order.cmp(&b.1.order)));
    let color = |n| theme.plain().fg(theme.identity(n));
    let mut band = |row: u16, word: &str, style: Style, percent: f64, rest: &str| {
        let mut pen = Pen::new(buffer, area, row);
        pen.column(5, word, style).right(3, &number::percent(percent), theme.level(percent));
        pen.text("  ", theme.dim()).text(rest, theme.dim());
    };
    band(0, "mean", color(0), mean, &part);
    if let [(most, first), .., (least, last)] = busy.as_slice() {
        band(1, "max", color(1), *most, &names.marked(first));
        band(2, "min", theme.plain(), *least, &names.marked(last));
    }
    let area = rows(area, 4, area.height);
    let entry = (area.width / (area.width / 24).max(1)).max(1);
    let across = usize::from(area.width / entry).max(1);
    for (n, (_, source)) in busy.iter().take(usize::from(area.height) * across).enumerate() {
        let place = columns(area, (n % across) as u16 * entry, entry.saturating_sub(GAP));
        let mut pen = Pen::new(buffer, place, (n / across) as u16);
        draw_source(view, source, &names.marked(source), WIDEST, &mut pen);
    }
}
