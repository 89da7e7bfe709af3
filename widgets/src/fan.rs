//! Fans in one line each: how fast they turn, against the most that they are made for.
//!
//! ```text
//! nct6775_fan2  cpu   1420 ━━━━╸────
//! ```

use crate::row::{self, ShortNames};
use manytop_plugin::{
    draw::Canvas,
    provider::Selection,
    ratatui_core::{buffer::Buffer, layout::Rect, text::Line},
    view::{Shown, View},
    vocabulary as v,
    widget::{Plugin, Title, Wants, Widget},
};

manytop_plugin::inventory::submit! {
    Plugin::new("fan", "Fans of every source", |_| Ok(Box::new(Fans)))
}

struct Fans;

fn fans<'a>(view: &'a View<'a>) -> impl Iterator<Item = Shown<'a>> {
    view.devices(v::FAN).filter(|shown| shown.device.value(&v::RPM).is_some())
}

impl Widget for Fans {
    fn wants(&self) -> Wants {
        Wants { want: Selection::kinds(&[v::FAN]), ..Wants::default() }
    }

    fn title(&self, view: &View<'_>, _: Rect) -> Title {
        Title::new("fan").value(Line::styled("1/min", view.theme.dim))
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        fans(view).next().is_none()
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        Some(row::rows(fans(view).count()))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let all: Vec<Shown<'_>> = fans(view).collect();
        let mut on = Canvas::new(buffer, area, view.theme);
        let theme = view.theme;
        let (shown, hidden) = row::visible(all.len(), on.height());
        let names = ShortNames::of(view);
        let label = names.widest(&all, on.width() / 2);
        let highest = all.iter().filter_map(|s| s.device.value(&v::RPM)).fold(1.0, f64::max);
        let has_part = on.width() >= label + 24;
        for (y, shown) in (0..).zip(&all[..shown]) {
            let style = if shown.old { theme.dim } else { theme.text };
            let rpm = shown.device.value(&v::RPM).unwrap_or(0.0);
            let most = shown.device.value(&v::MAX_RPM).unwrap_or(highest * 1.2);
            on.column(1, y, label, &names.label(shown), theme.dim);
            let mut x = label + 2;
            if has_part {
                on.column(x, y, 7, shown.device.text(&v::PART).unwrap_or_default(), theme.dim);
                x += 8;
            }
            let end = on.number(x, y, 5, &format!("{rpm:.0}"), style) + 1;
            let width = on.width().saturating_sub(end + 1).min(40);
            on.meter(end, y, width, rpm / most, theme.used.into());
        }
        row::more_below(&mut on, hidden);
    }
}
