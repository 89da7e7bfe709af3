//! Disks and filesystems: how full they are and how busy.
//!
//! ```text
//! vda        /     ▕████▏            ▏  21 %      53/252G   R    0 W  48k
//! Jerry-sda  /srv  ▕██████████████   ▏  71 %   1.4/2.0T     R 1.2M W 310k
//! ```
//!
//! Rates are bytes a second.

use crate::row::{self, Names};
use manytop_core::{
    draw::{
        bar,
        number::{self, Thousand},
        text::{self, Pen},
    },
    provider::Want,
    ratatui_core::{buffer::Buffer, layout::Rect},
    view::{Shown, View},
    vocabulary as v,
    widget::{Plugin, Title, Wants, Widget},
};

manytop_core::inventory::submit! {
    Plugin::new("disk", "Space and traffic of every disk", |_| Ok(Box::new(Disk)))
        .draws(&[v::DISK])
}

const BYTES: u16 = 12;
const RATES: u16 = 15;

struct Disk;

fn mount<'a>(shown: &Shown<'a>) -> &'a str {
    shown.device.text(&v::MOUNTS).and_then(|m| m.split(' ').next()).unwrap_or_default()
}

/// Which columns there is room for.
struct Columns {
    label: u16,
    mount: u16,
    bar: u16,
    bytes: bool,
    rates: bool,
}

impl Columns {
    fn new(label: u16, mount: u16, width: u16) -> Columns {
        let mut rest = width.saturating_sub(label + 1 + row::PERCENT);
        let mut room = |columns: u16, beside: u16| {
            let fits = rest >= columns + beside;
            rest -= if fits { columns } else { 0 };
            fits
        };
        let mount = if mount > 0 && room(mount + 1, 0) { mount } else { 0 };
        let bytes = room(BYTES, 0);
        let rates = room(RATES, 7);
        let bar = if rest >= 6 { (rest - 1).min(40) } else { 0 };
        Columns { label, mount, bar, bytes, rates }
    }
}

impl Widget for Disk {
    fn wants(&self) -> Wants {
        Wants { want: Want::kinds(&[v::DISK]), ..Wants::default() }
    }

    fn title(&self, _: &View<'_>, _: Rect) -> Title {
        Title::new("disk")
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        !view.has(v::DISK)
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        Some(row::rows(view.devices(v::DISK).count()))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let all: Vec<Shown<'_>> = view.devices(v::DISK).collect();
        let (shown, hidden) = row::visible(all.len(), area.height);
        let names = Names::of(view);
        let label = names.widest(&all[..shown], area.width / 3);
        let mounts = all[..shown].iter().map(|s| text::width(mount(s))).max().unwrap_or(0);
        let columns = Columns::new(label, mounts.min((area.width / 5).max(4)), area.width);
        for (n, shown) in all[..shown].iter().enumerate() {
            let mut pen = Pen::new(buffer, area, n as u16);
            pen.middle(columns.label, &names.label(shown), view.theme.plain()).skip(1);
            draw_row(view, shown, &columns, &mut pen);
        }
        row::more(buffer, area, shown, hidden, view.theme);
    }
}

fn draw_row(view: &View<'_>, shown: &Shown<'_>, columns: &Columns, pen: &mut Pen<'_>) {
    let (theme, device) = (view.theme, shown.device);
    if columns.mount > 0 {
        pen.middle(columns.mount, mount(shown), theme.plain()).skip(1);
    }
    let percent = device.value(&v::PERCENT);
    if columns.bar > 0 {
        let style = row::bar_style(theme, percent.unwrap_or(0.0), shown.old);
        bar::bar(pen.take(columns.bar), percent.unwrap_or(0.0), style, theme.dim());
        pen.skip(1);
    }
    row::percent(pen, percent, shown.old, theme);
    if columns.bytes {
        let used = device.value(&v::USED_BYTES).zip(device.value(&v::TOTAL_BYTES));
        let figure = used.map(|(u, t)| number::used_of(u, t, Thousand::Decimal));
        row::figure(pen, BYTES, &figure.unwrap_or_default(), shown.old, theme.plain());
    }
    if columns.rates {
        pen.skip(1);
        for (word, quantity) in [("R", &v::READ_RATE), ("W", &v::WRITTEN_RATE)] {
            let Some(rate) = device.value(quantity) else { continue };
            pen.text(word, theme.dim());
            row::figure(pen, 6, &number::rate(rate, false), shown.old, theme.plain());
        }
    }
}
