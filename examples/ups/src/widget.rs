//! UPSes in one line each: how full, in which state, how loaded, and how long it lasts.
//!
//! ```text
//! rack        ▕█████████████████   ▏  87 %  OL CHRG   load  23 %  21m  230 V
//! Jerry-desk  ▕███                 ▏  14 %  OB LB     load  80 %   2m
//! ```
//!
//! A state with `OB` in it is yellow, with `LB` red.

use crate::provider::{CHARGE, INPUT, LOAD, RUNTIME, STATE, UPS};
use manytop_plugin::{
    draw::{
        bar, number,
        text::{self, RowWriter},
    },
    provider::Selection,
    ratatui_core::{buffer::Buffer, layout::Rect, style::Style},
    reading::Unit,
    theme::Theme,
    view::{Shown, View},
    widget::{Plugin, Title, Wants, Widget},
};

manytop_plugin::inventory::submit! {
    Plugin::new("ups", "Charge, state and load of every UPS", |_| Ok(Box::new(Upses)))
        .draws(&[UPS])
}

/// Columns of all figures behind the bar; the state has its own.
const FIGURES: u16 = 37;
const LONGEST_BAR: u16 = 30;

struct Upses;

impl Widget for Upses {
    fn wants(&self) -> Wants {
        Wants { want: Selection::kinds(&[UPS]), ..Wants::default() }
    }

    fn title(&self, _: &View<'_>, _: Rect) -> Title {
        Title::new("ups")
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        !view.has(UPS)
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        u16::try_from(view.devices(UPS).count()).ok()
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let labels = view.devices(UPS).map(|shown| text::width(&label(&shown)));
        let width = labels.max().unwrap_or(0).min(area.width / 3);
        let state = view.devices(UPS).map(|s| text::width(s.device.text(&STATE).unwrap_or("-")));
        let state = state.max().unwrap_or(0);
        let bar = area.width.saturating_sub(width + state + FIGURES).min(LONGEST_BAR);
        for (row, shown) in (0..area.height).zip(view.devices(UPS)) {
            let mut pen = RowWriter::new(buffer, area, row);
            pen.middle(width, &label(&shown), view.theme.plain()).skip(1);
            draw_ups(view, &shown, bar, state, &mut pen);
        }
    }
}

fn label(shown: &Shown<'_>) -> String {
    shown.source.source.label(&shown.device.name)
}

fn draw_ups(
    view: &View<'_>,
    shown: &Shown<'_>,
    bar: u16,
    state_width: u16,
    pen: &mut RowWriter<'_>,
) {
    let (device, theme) = (shown.device, view.theme);
    let figure = |quantity, unit| {
        let value = device.value(quantity)?;
        Some(number::with_unit(value, unit, view.settings).aged(shown.old))
    };
    let state = device.text(&STATE).unwrap_or("-");
    let style = state_style(state, theme);
    if let (Some(charge), 6..) = (device.value(&CHARGE), bar) {
        let filled = if shown.old { theme.dim() } else { style.unwrap_or(theme.bar(0.0)) };
        bar::bar(pen.take(bar), charge, filled, theme.dim());
    } else {
        pen.skip(bar);
    }
    let charge = figure(&CHARGE, Unit::Percent);
    pen.right(7, charge.as_deref().unwrap_or("-"), theme.plain());
    pen.skip(2).column(state_width, state, style.unwrap_or(theme.plain()));
    if let Some(load) = figure(&LOAD, Unit::Percent) {
        pen.skip(2).text("load", theme.dim()).right(7, &load, theme.plain());
    }
    for (quantity, unit) in [(&RUNTIME, Unit::Seconds), (&INPUT, Unit::Volts)] {
        if let Some(figure) = figure(quantity, unit) {
            pen.skip(2).text(&figure, theme.plain());
        }
    }
}

fn state_style(state: &str, theme: &Theme) -> Option<Style> {
    let has = |word: &str| state.split(' ').any(|w| w == word);
    if has("LB") { Some(theme.alarm()) } else { has("OB").then(|| theme.warn()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_plugin::reading::DeviceReading;
    use std::time::Duration;

    /// What is drawn of a UPS of this machine and one of Jerry's, `age` seconds after they were read.
    fn drawn(size: (u16, u16), age: u64) -> String {
        let rack = DeviceReading::new(UPS, "rack")
            .with(&CHARGE, 87.0)
            .with(&LOAD, 23.0)
            .with(&RUNTIME, 1260.0)
            .with(&INPUT, 230.4)
            .text(&STATE, "OL CHRG");
        let desk = DeviceReading::new(UPS, "desk").with(&CHARGE, 14.0).text(&STATE, "OB LB");
        let sources = [("local", vec![rack]), ("Jerry", vec![desk])];
        manytop_core::testing::draw("ups", &sources, size, Duration::from_secs(age))
    }

    #[test]
    fn a_ups_takes_one_line() {
        assert_eq!(
            drawn((76, 2), 0),
            "ups\n\
             rack       ▕█████████████████▍  ▏   87 %  OL CHRG  load   23 %  21m  230 V\n\
             Jerry-desk ▕██▊                 ▏   14 %  OB LB\n"
        );
    }

    #[test]
    fn what_is_old_is_drawn_as_old() {
        assert!(drawn((76, 2), 30).contains("87 %?"), "{}", drawn((76, 2), 30));
    }

    #[test]
    fn every_size_is_drawn() {
        for size in (0..80).flat_map(|width| (0..4).map(move |height| (width, height))) {
            drawn(size, 0);
        }
    }
}
