//! Batteries in one line each: how full, which way the power flows, and how much of it.
//!
//! ```text
//! BAT0  80 %  discharging  12.3 W
//! ```

use crate::row::{self, ShortNames};
use manytop_plugin::{
    draw::{number, text::RowWriter},
    provider::Selection,
    ratatui_core::{buffer::Buffer, layout::Rect},
    reading::Unit,
    view::{Shown, View},
    vocabulary as v,
    widget::{Plugin, Title, Wants, Widget},
};

manytop_plugin::inventory::submit! {
    Plugin::new("power", "State and power of every battery", |_| Ok(Box::new(Power)))
        .draws(&[v::POWER])
}

struct Power;

/// The batteries among what tells its power: they have a charge or a state.
pub fn batteries<'a>(view: &'a View<'a>) -> impl Iterator<Item = Shown<'a>> {
    view.devices(v::POWER).filter(|shown| {
        shown.device.value(&v::PERCENT).is_some() || shown.device.text(&v::STATE).is_some()
    })
}

impl Widget for Power {
    fn wants(&self) -> Wants {
        Wants { want: Selection::kinds(&[v::POWER]), ..Wants::default() }
    }

    fn title(&self, _: &View<'_>, _: Rect) -> Title {
        Title::new("power")
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        batteries(view).next().is_none()
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        Some(row::rows(batteries(view).count()))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let all: Vec<Shown<'_>> = batteries(view).collect();
        let (shown, hidden) = row::visible(all.len(), area.height);
        let names = ShortNames::of(view);
        let width = names.widest(&all[..shown], area.width / 3);
        for (n, shown) in all[..shown].iter().enumerate() {
            let mut pen = RowWriter::new(buffer, area, n as u16);
            pen.middle(width, &names.label(shown), view.theme.plain()).skip(1);
            draw_charge(view, shown, &mut pen);
        }
        row::more(buffer, area, shown, hidden, view.theme);
    }
}

/// Charge, state and watts; a battery is at a level to look at when it is nearly empty.
pub fn draw_charge(view: &View<'_>, shown: &Shown<'_>, pen: &mut RowWriter<'_>) {
    let (theme, device) = (view.theme, shown.device);
    match device.value(&v::PERCENT) {
        Some(percent) => {
            let style = theme.level(100.0 - percent);
            pen.right(3, &number::percent(percent), style);
            pen.text(if shown.old { "?" } else { " " }, style).text("%", theme.dim());
        }
        None => _ = pen.right(3, "-", theme.dim()).skip(2),
    }
    if let Some(state) = device.text(&v::STATE) {
        pen.skip(2).text(state, theme.plain());
    }
    if let Some(watts) = device.value(&v::WATTS) {
        let figure = number::with_unit(watts, Unit::Watts, view.settings).aged(shown.old);
        pen.skip(2).text(&figure, theme.plain());
    }
}
