//! Where the readings of a remote come from: how they are understood, how fast it answers, what is kept of
//! it, and what it does not report.
//!
//! ```text
//! ╭─ source ─ node_exporter ─────────────────╮
//! │ answers   in 38ms, every 2s              │
//! │ history   the last 10m                   │
//! │ missing   processes, temperatures        │
//! ╰──────────────────────────────────────────╯
//! ```
//!
//! Notes about its answers, which the log has too, have a row each. For this machine, and for several sources,
//! it leaves its place to others.

use manytop_plugin::{
    draw::{Canvas, number},
    ratatui_core::{buffer::Buffer, layout::Rect, style::Style, text::Line},
    reading::Kind,
    source::Source,
    view::{SourceView, View},
    vocabulary as v,
    widget::{Plugin, Title, Wants, Widget},
};

manytop_plugin::inventory::submit! {
    Plugin::new("source", "Where the readings of a remote come from", |_| Ok(Box::new(SourceWidget)))
}

/// What a host can report, in words.
const KINDS: [(Kind, &str); 7] = [
    (v::CPU, "processors"),
    (v::MEMORY, "memory"),
    (v::DISK, "disks"),
    (v::NETWORK, "network"),
    (v::TEMPERATURE, "temperatures"),
    (v::PROCESS, "processes"),
    (v::HOST, "load"),
];
/// The column behind the labels.
const VALUES: u16 = 11;

struct SourceWidget;

fn remote<'a>(view: &View<'a>) -> Option<&'a SourceView> {
    view.alone().filter(|one| one.source != Source::Local)
}

/// The rows: label, text, style.
fn rows(view: &View<'_>, one: &SourceView) -> Vec<(&'static str, String, Style)> {
    let theme = view.theme;
    let mut rows = Vec::new();
    let interval = one.worst(view.now).map(|instance| instance.health.interval);
    let took = one.took().map(|took| number::short_span(took.as_secs_f64()));
    if let Some((took, interval)) = took.zip(interval) {
        let every = number::short_span(interval.as_secs_f64());
        rows.push(("answers", format!("in {took}, every {every}"), theme.text));
    }
    if let Some(first) = one.history.first() {
        let span = number::span(view.now.since(first).as_secs_f64());
        rows.push(("history", format!("the last {span}"), theme.text));
    }
    let absent = KINDS.iter().filter(|(kind, _)| one.devices(*kind).next().is_none());
    let absent: Vec<&str> = absent.map(|(_, word)| *word).collect();
    if !absent.is_empty() {
        rows.push(("missing", absent.join(", "), theme.dim));
    }
    for note in one.notes().take(3) {
        rows.push(("note", note.to_owned(), theme.warn));
    }
    rows
}

impl Widget for SourceWidget {
    fn wants(&self) -> Wants {
        Wants::default()
    }

    fn title(&self, view: &View<'_>, _: Rect) -> Title {
        let title = Title::new("source");
        let Some(one) = remote(view) else { return title };
        let dialects = one.dialects().join(", ");
        let words = if dialects.is_empty() { one.provider().to_owned() } else { dialects };
        title.value(Line::styled(words, view.theme.hi))
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        remote(view).is_none()
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        let rows = remote(view).map_or(0, |one| rows(view, one).len());
        Some(u16::try_from(rows.max(1)).unwrap_or(u16::MAX))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let Some(one) = remote(view) else { return };
        let mut on = Canvas::new(buffer, area, view.theme);
        for (y, (label, text, style)) in (0..on.height()).zip(rows(view, one)) {
            on.put(1, y, label, view.theme.dim);
            on.put(VALUES, y, &text, style);
        }
    }
}
