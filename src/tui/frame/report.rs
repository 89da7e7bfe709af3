//! A host that is down, or not understood, in a box of its own: why, since when, when it is asked again, what
//! was last known, and the history until then.
//!
//! ```text
//!  x db-17 is down: connection refused by db-17:9100; is the exporter running?
//!
//!  last answer  4m ago, at 14:28:07
//!  next try     in 8 s
//!  until then   cpu 44 %   mem 52 %   disk 37 % /   load 3.1   61 °C
//! ```

use super::{age_of, wrap};
use chrono::{DateTime, Local};
use manytop_core::{
    alert::Severity,
    draw::{Canvas, Ink, Trace, number},
    history::{Series, Window},
    host_metric::HostMetric,
    ratatui_core::{layout::Rect, style::Style},
    view::{SourceView, View},
    vocabulary as v,
};

/// The smallest box that has room for more than the reason.
pub(super) const LEAST: (u16, u16) = (48, 6);
/// The column of what the labels are of.
const VALUES: u16 = 15;
/// The rows of the graph, at least and at most.
const GRAPH: (u16, u16) = (4, 12);

/// Draws it.
pub(super) fn draw(
    view: &View<'_>,
    one: &SourceView,
    (is, style): (&str, Style),
    on: &mut Canvas<'_>,
) {
    // without colours only the state is reversed
    let style = if view.theme.is_mono() { view.theme.warn } else { style };
    let reason = one.failure(view.now).map(ToString::to_string).unwrap_or_default();
    let words = format!("{} {is}: {reason}", one.source.name());
    let width = on.width();
    let mut y = 0;
    for line in wrap(&words, width.saturating_sub(4)) {
        y += 1;
        on.put(if y == 1 { 2 } else { 4 }, y, &line, style);
    }
    y += 2;
    for (label, text, style) in facts(view, one) {
        if y >= on.height() {
            return;
        }
        on.put(2, y, label, view.theme.dim);
        on.put(VALUES, y, &text, style);
        y += 1;
    }
    let rows = on.height().saturating_sub(y + 1).min(GRAPH.1);
    if rows >= GRAPH.0 {
        history(view, one, &mut on.part(Rect::new(0, y + 1, width, rows)));
    }
}

/// What is known of it, a row each.
fn facts(view: &View<'_>, one: &SourceView) -> Vec<(&'static str, String, Style)> {
    let theme = view.theme;
    let last = one.age(view.now).map_or_else(
        || "none since manytop was started".to_owned(),
        |age| {
            let at: Option<DateTime<Local>> = view.wall().checked_sub(age).map(Into::into);
            let at = at.map(|at| at.format(", at %H:%M:%S").to_string()).unwrap_or_default();
            format!("{} ago{at}", age_of(age))
        },
    );
    let mut facts = vec![("last answer", last, theme.text)];
    if let Some(retry) = one.worst(view.now).and_then(|instance| instance.health.retry) {
        let seconds = retry.since(view.now).as_secs_f64().ceil();
        facts.push(("next try", format!("in {}", number::span(seconds)), theme.text));
    }
    let known = last_known(view, one);
    if !known.is_empty() {
        facts.push(("until then", known, theme.dim));
    }
    let firing = view.alerts.into_iter().flat_map(|board| &board.firing);
    for alert in firing.filter(|alert| alert.source == one.source).take(3) {
        let style = match alert.severity {
            _ if alert.acknowledged => theme.dim,
            Severity::Critical if !theme.is_mono() => theme.crit,
            _ => theme.warn,
        };
        let since = number::span(alert.age(view.wall()).as_secs_f64());
        facts.push(("alert", format!("{} for {since}", alert.rule), style));
    }
    facts
}

/// The last figures.
fn last_known(view: &View<'_>, one: &SourceView) -> String {
    let shown = [
        (HostMetric::Cpu, "cpu ", " %"),
        (HostMetric::Memory, "mem ", " %"),
        (HostMetric::Disk, "disk ", " %"),
        (HostMetric::Load, "load ", ""),
        (HostMetric::Celsius, "", ""),
        (HostMetric::Uptime, "up ", ""),
    ];
    let figure = |(metric, before, after): (HostMetric, &str, &str)| {
        let text = metric.show(metric.last(one, view.now)?, view.settings);
        let disk = one.summary.disk.as_ref().filter(|_| metric == HostMetric::Disk);
        let mount = disk.map(|(mount, _)| format!(" {mount}")).unwrap_or_default();
        Some(format!("{before}{}{after}{mount}", text.trim_end_matches('%')))
    };
    shown.into_iter().filter_map(figure).collect::<Vec<_>>().join("   ")
}

/// The history of the processors, with the gap since the host is silent.
fn history(view: &View<'_>, one: &SourceView, on: &mut Canvas<'_>) {
    let plot = on.percent_scale(Rect::new(0, 0, on.width(), on.height()));
    let bucket = view.settings.column / 2;
    let window = Window { bucket, buckets: usize::from(plot.width) * 2 };
    let values = view.graph(one, &Series::whole(v::CPU, &v::PERCENT), window);
    on.area(plot, Trace::new(&values, window.newest(view.now)), 100.0, Ink::Level);
}
