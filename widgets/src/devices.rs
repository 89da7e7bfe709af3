//! Devices of every kind that no other widget draws: whatever quantities and texts they come with.
//!
//! ```text
//! ups            charge  load  watts  status
//! Jerry-rack      100 %  23 %   12 W  on line
//! ```
//!
//! A provider of a new kind shows here at once; a widget of its own may follow.

use crate::row::{self, ShortNames};
use manytop_plugin::{
    draw::{
        number::{self, ShortStr},
        table::Cursor,
        text::{self, RowWriter},
    },
    inventory, provider,
    provider::Selection,
    ratatui_core::{buffer::Buffer, layout::Rect},
    reading::{Kind, Metric, Text},
    view::{Shown, View},
    widget::{Mouse, Move, Outcome, Plugin, Title, Wants, Widget},
};

manytop_plugin::inventory::submit! {
    Plugin::new("devices", "Devices of every kind that has no widget of its own", |_| {
        Ok(Box::<DevicesWidget>::default())
    })
    .list()
}

const GAP: u16 = 2;

#[derive(Default)]
struct DevicesWidget {
    /// Lines have no identity: this one only scrolls.
    cursor: Cursor<usize>,
    lines: Vec<usize>,
}

/// Another widget draws that kind; what is private to a process's details is not for a table of all.
fn is_drawn_elsewhere(kind: Kind) -> bool {
    kind.is_private() || inventory::iter::<Plugin>.into_iter().any(|w| w.kinds().contains(&kind))
}

/// The kinds of the view's sources that no other widget draws, by their words.
fn kinds(view: &View<'_>) -> Vec<Kind> {
    let mut kinds: Vec<Kind> = Vec::new();
    for instance in view.sources().iter().flat_map(|s| &s.instances) {
        for kind in instance.kinds() {
            if !kinds.contains(&kind) && !is_drawn_elsewhere(kind) {
                kinds.push(kind);
            }
        }
    }
    kinds.retain(|kind| view.has(*kind));
    kinds.sort();
    kinds
}

/// The devices of one kind, and the columns that they need.
struct DeviceGroup<'a> {
    kind: Kind,
    devices: Vec<Shown<'a>>,
    quantities: Vec<(&'static Metric, u16)>,
    texts: Vec<(&'static Text, u16)>,
}

impl<'a> DeviceGroup<'a> {
    fn new(view: &'a View<'a>, kind: Kind) -> DeviceGroup<'a> {
        let devices: Vec<Shown<'a>> = view.devices(kind).collect();
        let mut quantities: Vec<(&'static Metric, u16)> = Vec::new();
        let mut texts: Vec<(&'static Text, u16)> = Vec::new();
        for shown in &devices {
            for (quantity, value) in shown.device.values.iter().filter(|(q, _)| q.is_gauge()) {
                let wide = text::width(&figure(view, quantity, value, shown.old));
                match quantities.iter_mut().find(|(q, _)| *q == quantity) {
                    Some((_, width)) => *width = wide.max(*width),
                    None => quantities.push((quantity, wide.max(text::width(word(quantity))))),
                }
            }
            for (name, value) in shown.device.texts.iter() {
                let wide = text::width(value);
                match texts.iter_mut().find(|(t, _)| *t == name) {
                    Some((_, width)) => *width = wide.max(*width),
                    None => texts.push((name, wide.max(text::width(name.name())))),
                }
            }
        }
        DeviceGroup { kind, devices, quantities, texts }
    }
}

/// The name of a quantity without its unit, which is shown beside each value.
fn word(quantity: &Metric) -> &'static str {
    let name = quantity.name();
    const UNITS: [&str; 8] = [
        "_bytes_per_second",
        "_percent",
        "_bytes",
        "_seconds",
        "_celsius",
        "_hertz",
        "_watts",
        "_volts",
    ];
    UNITS.iter().find_map(|unit| name.strip_suffix(unit)).unwrap_or(name)
}

fn figure(view: &View<'_>, quantity: &Metric, value: f64, old: bool) -> ShortStr {
    number::with_unit(value, quantity.unit(), view.settings).aged(old)
}

impl Widget for DevicesWidget {
    fn wants(&self) -> Wants {
        let known = inventory::iter::<provider::Plugin>.into_iter().flat_map(|p| p.kinds());
        let kinds: Vec<Kind> = known.filter(|kind| !is_drawn_elsewhere(*kind)).collect();
        Wants { want: Selection::kinds(&kinds), ..Wants::default() }
    }

    fn title(&self, _: &View<'_>, _: Rect) -> Title {
        Title::new("devices")
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        kinds(view).is_empty()
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        let kinds = kinds(view).into_iter();
        Some(row::rows(kinds.map(|kind| 1 + view.devices(kind).count()).sum()))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let groups: Vec<DeviceGroup<'_>> =
            kinds(view).into_iter().map(|k| DeviceGroup::new(view, k)).collect();
        let all: usize = groups.iter().map(|g| g.devices.len() + 1).sum();
        self.lines = (0..all).collect();
        let visible = self.cursor.view(all, area.height);
        let names = ShortNames::of(view);
        let labels = groups.iter().flat_map(|g| &g.devices).map(|s| names.width(s));
        let kinds = groups.iter().map(|g| text::width(g.kind.word()));
        let label = labels.chain(kinds).max().unwrap_or(0).min(area.width / 3);
        let mut line = 0;
        for group in &groups {
            for shown in std::iter::once(None).chain(group.devices.iter().map(Some)) {
                if visible.contains(&line) {
                    let mut pen = RowWriter::new(buffer, area, (line - visible.start) as u16);
                    match shown {
                        None => draw_heading(view, group, label, &mut pen),
                        Some(shown) => draw_device(view, group, shown, &names, label, &mut pen),
                    }
                }
                line += 1;
            }
        }
    }

    fn on_move(&mut self, to: Move, _: &View<'_>) -> Outcome {
        if self.cursor.on_move(to, &self.lines) { Outcome::Redraw } else { Outcome::Ignored }
    }

    fn on_mouse(&mut self, mouse: Mouse, _: &View<'_>) -> Outcome {
        if self.cursor.on_mouse(mouse, 0, &self.lines) { Outcome::Redraw } else { Outcome::Ignored }
    }
}

fn draw_heading(view: &View<'_>, group: &DeviceGroup<'_>, label: u16, pen: &mut RowWriter<'_>) {
    pen.column(label, group.kind.word(), view.theme.heading());
    for (quantity, width) in &group.quantities {
        pen.skip(GAP).right(*width, word(quantity), view.theme.dim());
    }
    for (text, width) in &group.texts {
        pen.skip(GAP).column(*width, text.name(), view.theme.dim());
    }
}

fn draw_device(
    view: &View<'_>,
    group: &DeviceGroup<'_>,
    shown: &Shown<'_>,
    names: &ShortNames<'_>,
    label: u16,
    pen: &mut RowWriter<'_>,
) {
    pen.middle(label, &names.label(shown), view.theme.plain());
    for (quantity, width) in &group.quantities {
        let value = shown.device.value(quantity);
        let figure = value.map(|value| figure(view, quantity, value, shown.old));
        let style = if value.is_some() { view.theme.plain() } else { view.theme.dim() };
        pen.skip(GAP).right(*width, &figure.unwrap_or_else(ShortStr::unknown), style);
    }
    for (text, width) in &group.texts {
        let value = shown.device.text(text).unwrap_or("-");
        pen.skip(GAP).column(*width, value, view.theme.plain());
    }
}
