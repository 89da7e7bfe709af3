//! Temperature sensors, in the order in which people count them, coloured by level.
//!
//! ```text
//! coretemp_core0  47°C   Jerry-coretemp_core0  61°C
//! coretemp_core1  45°C   nas-acpitz_temp1      51?C
//! ```
//!
//! The global keys `tempscale` and `temperatures` set the scale and choose the sensors.

use crate::row::{self, Names};
use manytop_core::{
    draw::{number, text, text::Pen},
    provider::Want,
    ratatui_core::{buffer::Buffer, layout::Rect},
    view::{Shown, View},
    vocabulary as v,
    widget::{Plugin, Title, Wants, Widget},
};

manytop_core::inventory::submit! {
    Plugin::new("temp", "Temperatures of every source", |_| Ok(Box::new(Temp)))
        .draws(&[v::TEMPERATURE])
}

/// Columns of a value: `-40?°C`.
const VALUE: u16 = 6;
const GAP: u16 = 3;

struct Temp;

fn wanted<'a>(view: &'a View<'a>) -> impl Iterator<Item = Shown<'a>> {
    let sensors = &view.settings.sensors;
    view.devices(v::TEMPERATURE)
        .filter(move |s| sensors.is_empty() || sensors.iter().any(|w| *w == *s.device.name))
}

impl Widget for Temp {
    fn wants(&self) -> Wants {
        Wants { want: Want::kinds(&[v::TEMPERATURE]), ..Wants::default() }
    }

    fn title(&self, _: &View<'_>, _: Rect) -> Title {
        Title::new("temp")
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        wanted(view).next().is_none()
    }

    fn rows(&self, view: &View<'_>, width: u16) -> Option<u16> {
        let sensors: Vec<Shown<'_>> = wanted(view).collect();
        let across = across(width, entry_width(&Names::of(view), &sensors, width));
        Some(row::rows(sensors.len().div_ceil(usize::from(across))))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let mut sensors: Vec<Shown<'_>> = wanted(view).collect();
        sensors.sort_by(|a, b| {
            let natural = || text::natural(&a.device.name, &b.device.name);
            a.source.order.cmp(&b.source.order).then_with(natural)
        });
        let names = Names::of(view);
        let entry = entry_width(&names, &sensors, area.width);
        let across = across(area.width, entry);
        let (down, hidden) = row::visible(sensors.len().div_ceil(usize::from(across)), area.height);
        for (n, sensor) in sensors.iter().enumerate() {
            // Down the first column, then down the next.
            let (column, line) = (n / down.max(1), n % down.max(1));
            if down == 0 || column >= usize::from(across) {
                break;
            }
            let mut pen = Pen::new(buffer, area, line as u16);
            pen.skip(column as u16 * (entry + GAP));
            let mut pen = pen.part(entry);
            let label = names.label(sensor);
            pen.middle(entry.saturating_sub(VALUE), &label, view.theme.plain());
            draw_value(view, sensor, &mut pen);
        }
        let shown = down * usize::from(across);
        row::more(
            buffer,
            area,
            down,
            if hidden > 0 { sensors.len() - shown } else { 0 },
            view.theme,
        );
    }
}

fn draw_value(view: &View<'_>, sensor: &Shown<'_>, pen: &mut Pen<'_>) {
    let Some(celsius) = sensor.device.value(&v::CELSIUS) else {
        pen.right(VALUE, "-", view.theme.dim());
        return;
    };
    let figure = if sensor.old {
        number::degrees(celsius, view.settings.fahrenheit).aged(true)
    } else {
        number::temperature(celsius, view.settings.fahrenheit)
    };
    pen.right(VALUE, &figure, view.theme.level(celsius));
}

fn entry_width(names: &Names<'_>, sensors: &[Shown<'_>], width: u16) -> u16 {
    (names.widest(sensors, width) + 1 + VALUE).min(width)
}

fn across(width: u16, entry: u16) -> u16 {
    ((width + GAP) / (entry + GAP)).max(1)
}
