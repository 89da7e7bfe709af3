//! Processors: the time of all of them as a stack of user, system, iowait and steal, and beside it each
//! core, load, stalls and rates.
//!
//! ```text
//! 100      ⣿⡄             │ core       22s   % GHz  °C
//!  50 ⣀⣠⣤⣤⣿⣿⣿⣤⣤⣶⣶⣤⣤⣀     │    0 ⣿⣿⣿⣿⣶⣶  97! 4.9  69
//!   0 ⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿     │ load 6.21 5.80 4.92
//! ──── 1m ┴──────────── now┴─
//! ```
//!
//! Cores take one column, then two, then a cell each with the hottest in words. In a container with a
//! limit of processor time the percentage is of that limit, and the title says so. Several sources: a line
//! each, in the colour that they have in every box; more than eight: their mean and the busiest.

mod panel;

use crate::{
    labels,
    series::{self, Samples},
};
use manytop_plugin::{
    draw::{Canvas, Ink, Trace, compact},
    health::State,
    provider::Selection,
    ratatui_core::{buffer::Buffer, layout::Rect, style::Style, text::Line, text::Span},
    reading::Metric,
    view::{SourceView, View},
    vocabulary as v,
    widget::{Axis, Plugin, Title, Wants, Widget, legend},
};
use std::sync::Arc;

manytop_plugin::inventory::submit! {
    Plugin::new("cpu", "Processor time of every source, by what it is spent on", |_| Ok(Box::new(Cpu)))
        .draws(&[v::CPU])
}

/// More sources than this cannot be told apart by colour.
pub const LINES: usize = manytop_plugin::view::HOST_COLORS;

/// The layers of the stack, from below.
pub const LAYERS: [(&Metric, &str, &str); 4] = [
    (&v::SYSTEM_PERCENT, "system", "sys"),
    (&v::USER_PERCENT, "user", "user"),
    (&v::IOWAIT_PERCENT, "iowait", "io"),
    (&v::STEAL_PERCENT, "steal", "steal"),
];

struct Cpu;

impl Widget for Cpu {
    fn wants(&self) -> Wants {
        let layers = LAYERS.map(|(metric, ..)| series::whole(v::CPU, metric));
        let stalls =
            [&v::CPU_STALLED_PERCENT, &v::IO_STALLED_PERCENT, &v::SWITCHES_RATE, &v::LOAD1]
                .map(|metric| series::whole(v::HOST, metric));
        let own = [series::whole(v::CPU, &v::PERCENT), series::each(v::CPU, &v::PERCENT)];
        Wants {
            want: Selection::kinds(&[v::CPU, v::HOST, v::TEMPERATURE, v::POWER]),
            history: own.into_iter().chain(layers).chain(stalls).collect(),
        }
    }

    fn title(&self, view: &View<'_>, area: Rect) -> Title {
        match view.sources() {
            [source] if view.has(v::CPU) => one_title(view, source, area),
            [_] | [] => Title::new("cpu"),
            many => many_title(view, many, area),
        }
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        !view.has(v::CPU)
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        let cores = view.alone()?.summary.cores;
        // a machine with few cores needs few rows: heads, cores, load, stalls and rates
        (cores <= 6).then(|| (cores as u16 + 6).max(9))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let mut on = Canvas::new(buffer, area, view.theme);
        match view.sources() {
            [source] if on.height() == 1 => tiny(view, source, &mut on),
            [source] => {
                let split = panel::split(area).unwrap_or(on.width());
                let plot = Rect::new(0, 0, split, on.height());
                stack(view, source, plot, &mut on);
                if split < on.width() {
                    let width = on.width().saturating_sub(split + 2);
                    let height = on.height();
                    panel::draw(view, source, &mut on.part(Rect::new(split + 2, 0, width, height)));
                }
            }
            few if few.len() <= LINES => {
                compare(view, few, (v::CPU, &v::PERCENT), labels_at(view, area), &mut on);
            }
            many => crowd(view, many, &mut on),
        }
    }
}

/// The layers of one source.
pub fn stack(view: &View<'_>, source: &SourceView, at: Rect, on: &mut Canvas<'_>) {
    let theme = view.theme;
    let plot = on.percent_scale(at);
    let layers = LAYERS.map(|(m, ..)| Samples::whole(view, source, (v::CPU, m), plot.width));
    if layers[..2].iter().all(Samples::is_blank) {
        // only the sum is known
        let sum = Samples::whole(view, source, (v::CPU, &v::PERCENT), plot.width);
        return on.area(plot, sum.trace(), 100.0, Ink::Level);
    }
    // of the time before the layers were asked for the sum is known: it is drawn as user
    let sum = Samples::whole(view, source, (v::CPU, &v::PERCENT), plot.width);
    let [system, user, iowait, steal] = &layers;
    let is_gap = |n: usize| system.values()[n].is_none() && user.values()[n].is_none();
    let before = |n: usize| sum.values()[n].filter(|_| is_gap(n));
    let filled = |layer: &Samples, fill: fn(f64) -> f64| -> Vec<Option<f64>> {
        let values = layer.values().iter().enumerate();
        values.map(|(n, value)| value.or(before(n).map(fill))).collect()
    };
    let (lower, upper) = (filled(system, |_| 0.0), filled(user, |sum| sum));
    let newest = sum.newest();
    let mut drawn = vec![
        (Trace::new(&lower, newest), Ink::One(theme.system_area)),
        (Trace::new(&upper, newest), Ink::Level),
    ];
    for (layer, style) in [(iowait, theme.iowait), (steal, theme.steal)] {
        if !layer.is_blank() {
            drawn.push((layer.trace(), Ink::One(style)));
        }
    }
    on.stack(plot, &drawn, 100.0);
}

/// One row: the percentage, its history, the hottest core.
fn tiny(view: &View<'_>, source: &SourceView, on: &mut Canvas<'_>) {
    let (theme, stats) = (view.theme, &source.summary);
    on.put(1, 0, "cpu", theme.dim);
    on.percent(6, 0, 3, stats.cpu, theme.levels, view.devices(v::CPU).any(|d| d.old));
    let history = Samples::whole(view, source, (v::CPU, &v::PERCENT), 12);
    on.spark(11, 0, 12, history.trace(), 100.0, Ink::Level);
    if let Some((core, percent)) = &stats.hottest {
        let x = on.runs(25, 0, &[("core ", theme.dim), (number_of(core), theme.dim)]);
        on.percent(x + 1, 0, 3, Some(*percent), theme.levels, false);
    }
}

/// The number in a core's name.
fn number_of(core: &str) -> &str {
    core.trim_start_matches(|c: char| !c.is_ascii_digit())
}

/// Where the labels of single cores begin; `percpuload=false` leaves them out.
fn labels_at(view: &View<'_>, area: Rect) -> Option<u16> {
    labels::split(view, v::CPU, area, 100).filter(|_| view.settings.per_cpu)
}

/// A line for each of a few sources, and beside them the labels of their devices from a column on.
pub fn compare(
    view: &View<'_>,
    sources: &[Arc<SourceView>],
    of: (manytop_plugin::reading::Kind, &Metric),
    labels_at: Option<u16>,
    on: &mut Canvas<'_>,
) {
    let (width, height) = (on.width(), on.height());
    let graph = labels_at.unwrap_or(width);
    lines(view, sources, of, &mut on.part(Rect::new(0, 0, graph, height)));
    if graph < width {
        let panel = Rect::new(graph + 1, 0, width - graph - 1, height);
        labels::draw(view, of.0, &mut on.part(panel));
    }
}

/// A line for each of a few sources.
fn lines(
    view: &View<'_>,
    sources: &[Arc<SourceView>],
    of: (manytop_plugin::reading::Kind, &Metric),
    on: &mut Canvas<'_>,
) {
    let plot = on.percent_scale(Rect::new(0, 0, on.width(), on.height()));
    // the first sources lie on top
    let samples: Vec<_> = (sources.iter().rev())
        .map(|source| (Samples::whole(view, source, of, plot.width), view.host(source)))
        .collect();
    let lines: Vec<_> = samples.iter().map(|(samples, style)| (samples.trace(), *style)).collect();
    on.lines(plot, &lines, 100.0);
}

/// The mean over many sources as an area, the busiest of each moment as a line.
fn crowd(view: &View<'_>, sources: &[Arc<SourceView>], on: &mut Canvas<'_>) {
    let plot = on.percent_scale(Rect::new(0, 0, on.width(), on.height()));
    let columns = usize::from(plot.width) * 2;
    let mut sum = vec![(0.0, 0_u32); columns];
    let mut most: Vec<Option<f64>> = vec![None; columns];
    let mut newest = 0;
    for source in sources {
        let samples = Samples::whole(view, source, (v::CPU, &v::PERCENT), plot.width);
        newest = samples.newest();
        for ((sum, most), value) in sum.iter_mut().zip(&mut most).zip(samples.values()) {
            if let Some(value) = *value {
                *sum = (sum.0 + value, sum.1 + 1);
                *most = Some(most.map_or(value, |m| m.max(value)));
            }
        }
    }
    let mean: Vec<Option<f64>> =
        sum.iter().map(|&(sum, n)| (n > 0).then(|| sum / f64::from(n))).collect();
    on.area(plot, Trace::new(&mean, newest), 100.0, Ink::Level);
    let busiest = Trace::new(&most, newest);
    on.lines(plot, &[(busiest, view.theme.hi)], 100.0);
}

fn one_title(view: &View<'_>, source: &SourceView, area: Rect) -> Title {
    let theme = view.theme;
    let split = panel::split(area);
    let width = split.unwrap_or(area.width);
    let mut title = Title::new("cpu");
    if let Some(percent) = source.summary.cpu {
        let old = view.devices(v::CPU).any(|d| d.old);
        title = title.value(percent_of(percent, old, view));
    }
    if let Some(limit) = source.devices(v::HOST).find_map(|d| d.value(&v::LIMIT_CPUS)) {
        let text = format!("of {} CPUs allowed", compact::process(limit));
        title = title.item(Line::styled(text, theme.dim));
    }
    let plot = width.saturating_sub(4);
    title = layers(title, view, source, (plot, width > 70));
    let sum = Samples::whole(view, source, (v::CPU, &v::PERCENT), plot);
    if let Some(most) = sum.highest() {
        let sign = if most >= theme.levels.high { "!" } else { "" };
        let text = format!("{}{sign}", compact::percent(most));
        title = title.item(spans(&[("max ", theme.dim), (&text, theme.level(most))]));
    }
    title = panel::facts(view, source, area).into_iter().fold(title, Title::right);
    if let Some(split) = split {
        title = title.divider(split);
    }
    let labels = if area.height >= 2 { 4 } else { 0 };
    let graph = width.saturating_sub(labels);
    title.axis(Axis { x: labels, width: graph, column: view.settings.column })
}

/// A title with the layers of one source and their last values, over so many columns of a graph; with the
/// long words or the short ones.
pub fn layers(
    mut title: Title,
    view: &View<'_>,
    source: &SourceView,
    (columns, long): (u16, bool),
) -> Title {
    let theme = view.theme;
    for (n, (metric, long_word, short_word)) in [1, 0, 2, 3].map(|n| (n, LAYERS[n])) {
        let samples = Samples::whole(view, source, (v::CPU, metric), columns);
        // steal is a matter of virtual machines: it is shown where there was any
        let Some(last) = samples.trace().last().filter(|_| n != 3 || samples.highest() > Some(0.5))
        else {
            continue;
        };
        let style = [theme.system, theme.ramp(32.0), theme.iowait, theme.steal][n];
        let name = if long { long_word } else { short_word };
        title = title.item(legend(style, None, name, &*compact::percent(last), theme));
    }
    title
}

fn many_title(view: &View<'_>, many: &[Arc<SourceView>], area: Rect) -> Title {
    let theme = view.theme;
    let mut title = Title::new("cpu").value(Line::styled("%", theme.dim));
    if many.len() <= LINES {
        for source in many.iter().filter(|source| !source.is_front()) {
            title = title.right(host_value(view, source, source.summary.cpu, "━ "));
        }
    }
    let graph = labels_at(view, area).filter(|_| many.len() <= LINES).unwrap_or(area.width);
    title.axis(Axis { x: 4, width: graph.saturating_sub(4), column: view.settings.column })
}

/// A host's line, name and figure, for the title of a graph with several.
pub fn host_value(
    view: &View<'_>,
    source: &SourceView,
    value: Option<f64>,
    mark: &'static str,
) -> Line<'static> {
    let (theme, style) = (view.theme, view.host(source));
    let state = source.state(view.now);
    let value = value.filter(|_| state != State::Down);
    let figure = value.map(|v| compact::percent(v).to_string()).unwrap_or_else(|| "-".into());
    let old = if state.is_old() && value.is_some() { "?" } else { "" };
    let name = format!("{} ", source.source.name());
    let number = if old.is_empty() { theme.text } else { theme.stale };
    spans(&[(mark, style), (&name, style), (&format!("{figure}{old}"), number)])
}

/// A percentage for a title: the number bright, or in the colour of its level.
pub fn percent_of(percent: f64, old: bool, view: &View<'_>) -> Line<'static> {
    let theme = view.theme;
    let style = if percent >= theme.levels.high { theme.level(percent) } else { theme.strong() };
    let figure = compact::percent(percent).aged(old);
    spans(&[(&figure, style), (" %", theme.dim)])
}

/// Texts of several styles as a part of a title.
pub fn spans(parts: &[(&str, Style)]) -> Line<'static> {
    parts.iter().map(|(text, style)| Span::styled((*text).to_owned(), *style)).collect()
}
