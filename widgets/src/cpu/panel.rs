//! Beside the graph of a processor: its cores, load, stalls and rates; and its facts for the title.

use super::{number_of, spans};
use crate::series::Samples;
use manytop_plugin::{
    draw::{Canvas, Ink, compact, number, strip, text::natural},
    ratatui_core::{layout::Rect, style::Style, text::Line},
    reading::Metric,
    view::{Device, SourceView, View},
    vocabulary as v,
};

/// The column of the line between graph and panel; `None` where there is no room for a panel.
pub fn split(area: Rect) -> Option<u16> {
    let panel = match area.width {
        188.. => 75,
        138..188 => 61,
        58..138 => 31,
        _ => return None,
    };
    (area.height >= 3).then(|| area.width - panel)
}

/// The rows of a core's history at the most.
const TALLEST: u16 = 2;

/// Draws the panel of one source.
pub fn draw(view: &View<'_>, source: &SourceView, on: &mut Canvas<'_>) {
    let mut cores: Vec<&Device> = source.devices(v::CPU).collect();
    cores.sort_by(|a, b| natural(&a.name, &b.name));
    let host = source.devices(v::HOST).next();
    let rows = on.height();
    let below = facts_below(host);
    let is_wide = on.width() >= 50;
    // one column of cores, or two, or a cell each
    let room = usize::from(rows.saturating_sub(below.min(3) + 1));
    let down = match cores.len() {
        n if n <= room => n,
        n if is_wide && n.div_ceil(2) <= room => n.div_ceil(2),
        _ => 0,
    };
    let y = if down > 0 && rows >= 5 {
        let columns = cores.len().div_ceil(down) as u16;
        let gap = 3 * (columns - 1);
        let width = (on.width().saturating_sub(gap)) / columns;
        // a few cores have taller histories instead of blank rows
        let tall = (rows.saturating_sub(below + 2) / down as u16).clamp(1, TALLEST);
        for (n, chunk) in cores.chunks(down).enumerate() {
            column(view, source, chunk, (n as u16 * (width + 3), width, tall), on);
        }
        down as u16 * tall + 1
    } else {
        bands(view, source, &cores, on)
    };
    // below a list of cores the facts are at the bottom
    let free = rows.saturating_sub(y);
    let y = if down > 0 && free > below { rows - below } else { y };
    below_cores(view, source, host, y, on);
}

fn facts_below(host: Option<&Device>) -> u16 {
    let Some(host) = host else { return 0 };
    let known = |m: &Metric| u16::from(host.value(m).is_some());
    known(&v::LOAD1) + known(&v::CPU_STALLED_PERCENT) + known(&v::SWITCHES_RATE)
}

/// A column of cores: number, history, percent, clock, temperature.
fn column(
    view: &View<'_>,
    source: &SourceView,
    cores: &[&Device],
    (x, width, tall): (u16, u16, u16),
    on: &mut Canvas<'_>,
) {
    let theme = view.theme;
    let any = |metric: &Metric| cores.iter().any(|core| core.value(metric).is_some());
    let (clock, heat) = (any(&v::FREQUENCY_HERTZ), any(&v::CELSIUS));
    let right = 4 * (u16::from(clock) + u16::from(heat));
    let percent = (x + width).saturating_sub(right + 4);
    let history = percent.saturating_sub(x + 5);
    on.put(x, 0, "core", theme.dim);
    let span = view.settings.column.as_secs_f64() * f64::from(history);
    if history >= 8 {
        on.number(x + 4, 0, history, &compact::age(span), theme.dim);
    }
    on.number(percent, 0, 3, "%", theme.dim);
    if clock {
        on.number(percent + 4, 0, 4, "GHz", theme.dim);
    }
    if heat {
        on.number(x + width - 3, 0, 3, "°C", theme.dim);
    }
    let good = source.health(v::CPU).and_then(|health| health.last_good);
    let stale = source.health(v::CPU).is_some_and(|health| health.state(view.now).is_old());
    for (top, core) in (1..).step_by(usize::from(tall)).zip(cores) {
        let y = top + tall - 1;
        let kind = core.text(&v::TYPE).unwrap_or_default();
        on.number(x, y, 3, &format!("{kind}{}", number_of(&core.name)), theme.dim);
        let samples = Samples::device(view, source, (v::CPU, &v::PERCENT), &core.name, history);
        if tall > 1 {
            on.area(Rect::new(x + 4, top, history, tall), samples.trace(), 100.0, Ink::Level);
        } else {
            on.spark(x + 4, y, history, samples.trace(), 100.0, Ink::Level);
        }
        let old = stale || good > Some(core.read_at);
        on.percent(percent, y, 3, core.value(&v::PERCENT), theme.levels, old);
        if let Some(hertz) = core.value(&v::FREQUENCY_HERTZ).filter(|_| clock) {
            on.number(percent + 4, y, 4, &format!("{:.1}", hertz / 1e9), theme.dim);
        }
        if let Some(celsius) = core.value(&v::CELSIUS).filter(|_| heat) {
            let style = if celsius >= 80.0 { theme.level(celsius) } else { theme.dim };
            on.number(x + width - 3, y, 3, &degrees(view, celsius), style);
        }
    }
}

/// A cell a core, in as many rows as they take, and the hottest in words. Returns the row below.
fn bands(view: &View<'_>, source: &SourceView, cores: &[&Device], on: &mut Canvas<'_>) -> u16 {
    let theme = view.theme;
    let hottest = source.summary.hottest.as_ref();
    let label = 8;
    let room = usize::from(on.width().saturating_sub(label + 7)).max(1);
    on.put(0, 0, "cores", theme.dim);
    let most = on.height().saturating_sub(2).max(1);
    let bands = (cores.len().div_ceil(room) as u16).clamp(1, most);
    let tall = (on.height().saturating_sub(4) / bands).clamp(1, TALLEST);
    let rows = bands * tall;
    for (band, chunk) in (0..bands).zip(cores.chunks(room)) {
        for (x, core) in (label..).zip(chunk) {
            core_bar(x, band * tall, tall, core.value(&v::PERCENT), on);
        }
    }
    let Some((core, percent)) = hottest else { return rows };
    let x = on.width().saturating_sub(4);
    on.percent(x, 0, 3, Some(*percent), theme.levels, false);
    if rows > 1 {
        on.number(x.saturating_sub(2), 1, 6, &format!("core {}", number_of(core)), theme.dim);
    } else if on.height() > 5 {
        on.put(0, 1, "hottest", theme.dim);
        on.put(label, 1, &format!("core {}", number_of(core)), theme.text);
        return 2;
    }
    rows
}

/// The bar of a core, so many rows tall, in the colour of its level.
fn core_bar(x: u16, y: u16, tall: u16, percent: Option<f64>, on: &mut Canvas<'_>) {
    let theme = on.theme;
    let Some(percent) = percent.filter(|percent| percent.is_finite()) else {
        return on.set(x, y + tall - 1, '·', theme.line);
    };
    let filled = percent.clamp(0.0, 100.0) / 100.0 * f64::from(tall);
    for row in 0..tall {
        let share = filled - f64::from(tall - 1 - row);
        // an idle core has a bar too
        if share > 0.0 || row + 1 == tall {
            on.set(x, y + row, strip::bar(share.clamp(0.0, 1.0)), theme.ramp(percent));
        }
    }
}

/// Load, stalls, rates, one row each while there is room.
fn below_cores(
    view: &View<'_>,
    source: &SourceView,
    host: Option<&Device>,
    y: u16,
    on: &mut Canvas<'_>,
) {
    let Some(host) = host else { return };
    let theme = view.theme;
    let (narrow, graph) = (on.width() < 50, 26);
    let values = if narrow { 8 } else { 9 };
    let mut rows = y..on.height();
    let known = |metric: &Metric| host.value(metric);
    let spark = |on: &mut Canvas<'_>, y: u16, metric: &'static Metric, top: Option<f64>| {
        let samples = Samples::whole(view, source, (v::HOST, metric), 10);
        let top = top.unwrap_or_else(|| samples.highest().unwrap_or(1.0).max(1.0));
        if !narrow {
            on.spark(graph, y, 10, samples.trace(), top, theme.trend.into());
        }
    };
    if let Some(one) = known(&v::LOAD1)
        && let Some(y) = rows.next()
    {
        on.put(0, y, "load", theme.dim);
        let others = [known(&v::LOAD5), known(&v::LOAD15)];
        let mut x = values;
        for value in std::iter::once(one).chain(others.into_iter().flatten()) {
            x = on.put(x, y, &format!("{value:.2}"), theme.text) + 1;
        }
        spark(on, y, &v::LOAD1, Some((source.summary.cores as f64).max(one)));
        if !narrow {
            tasks(host, graph + 12, y, on);
        }
    }
    if narrow
        && known(&v::RUNNING).is_some()
        && let Some(y) = rows.next()
    {
        on.put(0, y, "tasks", theme.dim);
        tasks(host, values, y, on);
    }
    if known(&v::CPU_STALLED_PERCENT).is_some()
        && let Some(y) = rows.next()
    {
        on.put(0, y, "stalled", theme.dim);
        let mut x = values;
        let stalls = [
            ("cpu", &v::CPU_STALLED_PERCENT),
            ("io", &v::IO_STALLED_PERCENT),
            ("mem", &v::MEMORY_STALLED_PERCENT),
        ];
        let room = if narrow { on.width() } else { graph };
        for (name, metric) in stalls {
            let Some(value) = known(metric) else { continue };
            let figure = compact::percent(value);
            // the last one goes where it would be cut
            if x + (name.len() + figure.len() + 3) as u16 > room {
                break;
            }
            x = on.runs(x, y, &[(name, theme.dim), (" ", theme.dim), (&figure, theme.text)]) + 1;
        }
        on.put(x, y, "%", theme.dim);
        spark(on, y, &v::IO_STALLED_PERCENT, Some(100.0));
    }
    if narrow {
        heat_row(view, source, &mut rows, values, on);
        if let Some(seconds) = known(&v::UPTIME_SECONDS)
            && let Some(y) = rows.next()
        {
            on.put(0, y, "up", theme.dim);
            on.put(values, y, &number::span(seconds), theme.text);
        }
        return;
    }
    if let Some(switches) = known(&v::SWITCHES_RATE)
        && let Some(y) = rows.next()
    {
        on.put(0, y, "a second", theme.dim);
        let figure = compact::bytes(switches);
        on.runs(values, y, &[(&figure, theme.text), (" switches", theme.dim)]);
        spark(on, y, &v::SWITCHES_RATE, None);
        let mut x = graph + 12;
        for (name, metric) in [(" irqs  ", &v::INTERRUPTS_RATE), (" forks", &v::FORKS_RATE)] {
            let Some(value) = known(metric) else { continue };
            x = on.runs(x, y, &[(&compact::bytes(value), theme.text), (name, theme.dim)]);
        }
    }
}

/// `7 running  2 blocked`.
fn tasks(host: &Device, x: u16, y: u16, on: &mut Canvas<'_>) {
    let theme = on.theme;
    let mut x = x;
    for (name, metric) in [(" running  ", &v::RUNNING), (" blocked", &v::BLOCKED)] {
        let Some(value) = host.value(metric) else { continue };
        let style = match (value > 0.0, *metric == v::BLOCKED) {
            (true, true) => theme.stale,
            _ => theme.text,
        };
        x = on.runs(x, y, &[(&format!("{value:.0}"), style), (name, theme.dim)]);
    }
}

/// The hottest sensors that are not the processor's, where there is no box for them.
fn heat_row(
    view: &View<'_>,
    source: &SourceView,
    rows: &mut std::ops::Range<u16>,
    x: u16,
    on: &mut Canvas<'_>,
) {
    let theme = view.theme;
    let part = |d: &Device| d.text(&v::PART).map_or_else(|| d.name.to_string(), str::to_owned);
    let mut sensors: Vec<(f64, String)> = (source.devices(v::TEMPERATURE))
        .filter_map(|d| Some((d.value(&v::CELSIUS)?, part(d))))
        .collect();
    sensors.sort_by(|a, b| b.0.total_cmp(&a.0));
    sensors.dedup_by(|a, b| a.1 == b.1);
    if sensors.is_empty() {
        return;
    }
    let Some(y) = rows.next() else { return };
    on.put(0, y, "temp", theme.dim);
    let mut x = x;
    for (celsius, name) in sensors.iter().take(2) {
        let style = theme.level(*celsius);
        let name = format!(" {name} ");
        x = on.runs(x, y, &[(&degrees(view, *celsius), style), (&name, theme.dim)]);
    }
}

fn degrees(view: &View<'_>, celsius: f64) -> String {
    let shown = if view.settings.fahrenheit { celsius * 1.8 + 32.0 } else { celsius };
    format!("{shown:.0}")
}

/// The model, the clock, the temperature and the power of the processors.
pub fn facts(view: &View<'_>, source: &SourceView, area: Rect) -> Vec<Line<'static>> {
    let theme = view.theme;
    let mut facts = Vec::new();
    let with_unit =
        |value: String, unit: &str, style: Style| spans(&[(&value, style), (unit, theme.dim)]);
    if let Some(model) = model(source).filter(|_| area.width >= 118) {
        facts.push(Line::styled(model.to_owned(), theme.dim));
    }
    let clocks = source.devices(v::CPU).filter_map(|d| d.value(&v::FREQUENCY_HERTZ));
    if let Some(hertz) = clocks.reduce(f64::max) {
        facts.push(with_unit(format!("{:.1}", hertz / 1e9), " GHz", theme.text));
    }
    let of_cpu = |d: &&Device| d.text(&v::PART) == Some("cpu");
    let heat = source.devices(v::TEMPERATURE).filter(of_cpu);
    if let Some(celsius) = heat.filter_map(|d| d.value(&v::CELSIUS)).reduce(f64::max) {
        let unit = if view.settings.fahrenheit { "°F" } else { "°C" };
        facts.push(with_unit(degrees(view, celsius), unit, theme.level(celsius)));
    }
    let watts = source.devices(v::POWER).filter(of_cpu).filter_map(|d| d.value(&v::WATTS));
    if let Some(watts) = watts.reduce(f64::max) {
        facts.push(with_unit(format!("{watts:.0}"), " W", theme.text));
    }
    facts
}

/// The model of the processors.
fn model(source: &SourceView) -> Option<&str> {
    let host = source.devices(v::HOST).find_map(|d| d.text(&v::PROCESSOR));
    host.or_else(|| source.devices(v::CPU).find_map(|d| d.text(&v::PROCESSOR)))
}
