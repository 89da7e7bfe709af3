//! The health of arrays, pools and drives.
//!
//! ```text
//! ╭─ storage ─ md0 degraded ─────────────────────────────────╮
//! │ name  state       type    synced        errors wear  °C  │
//! │ md0   degraded    raid1                      0           │
//! │ md1   rebuilding  raid5   ━━╸───── 12 %      0           │
//! │ sda   ok          drive                     10        38 │
//! ╰──────────────────────────────────────────────────────────╯
//! ```
//!
//! What is worst comes first.

use crate::{
    cpu::spans,
    row::{self, ShortNames},
};
use manytop_plugin::{
    draw::{Canvas, Ink, compact},
    provider::Selection,
    ratatui_core::{buffer::Buffer, layout::Rect, style::Style},
    theme::Theme,
    view::{Shown, View},
    vocabulary as v,
    widget::{Plugin, Title, Wants, Widget},
};

manytop_plugin::inventory::submit! {
    Plugin::new("storage", "Health of arrays, pools and drives of every source", |_| Ok(Box::new(Storage)))
        .draws(&[v::STORAGE])
}

struct Storage;

/// From what wear on a drive is worn, and very worn, in percent.
const WORN: [f64; 2] = [80.0, 95.0];

/// How bad a state is: 0 is well.
fn rank(state: Option<&str>) -> u8 {
    match state {
        Some("failed") => 4,
        Some("failing") => 3,
        Some("degraded") => 2,
        Some("rebuilding") => 1,
        _ => 0,
    }
}

fn style(theme: &Theme, state: Option<&str>) -> Style {
    match rank(state) {
        0 => theme.dim,
        1 => theme.stale,
        2 => theme.warn,
        _ => theme.crit,
    }
}

fn sorted<'a>(view: &'a View<'a>) -> Vec<Shown<'a>> {
    let mut all: Vec<Shown<'_>> = view.devices(v::STORAGE).collect();
    all.sort_by_key(|s| std::cmp::Reverse(rank(s.device.text(&v::STATE))));
    all
}

impl Widget for Storage {
    fn wants(&self) -> Wants {
        Wants { want: Selection::kinds(&[v::STORAGE]), ..Wants::default() }
    }

    fn title(&self, view: &View<'_>, _: Rect) -> Title {
        let theme = view.theme;
        let title = Title::new("storage");
        let all = sorted(view);
        let Some(worst) = all.first() else { return title };
        match worst.device.text(&v::STATE).filter(|state| rank(Some(state)) > 0) {
            Some(state) => {
                let name = format!("{} ", ShortNames::of(view).label(worst));
                title.value(spans(&[(&name, theme.hi), (state, style(theme, Some(state)))]))
            }
            None if all.iter().any(|s| s.device.text(&v::STATE).is_some()) => {
                title.item(spans(&[("all ok", theme.dim)]))
            }
            None => title,
        }
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        !view.has(v::STORAGE)
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        Some(1 + row::rows(view.devices(v::STORAGE).count()))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let all = sorted(view);
        let mut on = Canvas::new(buffer, area, view.theme);
        let names = ShortNames::of(view);
        let widest = names.widest(&all, (on.width() / 3).max(8)).max(4);
        let columns = StorageColumns::new(&all, widest, on.width());
        let first = u16::from(on.height() > 1);
        if first > 0 {
            columns.head(&mut on);
        }
        let room = on.height().saturating_sub(first);
        let (shown, hidden) = row::visible(all.len(), room);
        for (y, shown) in (first..).zip(&all[..shown]) {
            columns.row(&names.label(shown), shown, y, &mut on);
        }
        row::more_below(&mut on, hidden);
    }
}

/// Where the columns are; a place of 0 is a column that is not there.
#[derive(Default)]
struct StorageColumns {
    name: u16,
    state: u16,
    sort: u16,
    synced: u16,
    errors: u16,
    wear: u16,
    celsius: u16,
    model: (u16, u16),
}

impl StorageColumns {
    fn new(all: &[Shown<'_>], name: u16, width: u16) -> StorageColumns {
        let has = |metric| all.iter().any(|s| s.device.value(metric).is_some());
        let mut left = width.saturating_sub(name + 2);
        let mut take = |there: bool, columns: u16| {
            let fits = there && left >= columns;
            left -= if fits { columns } else { 0 };
            fits
        };
        // in the order of what is dropped last
        let state = take(true, 11);
        let synced = take(has(&v::RESYNC_PERCENT), 14);
        let errors = take(has(&v::ERRORS), 7);
        let wear = take(has(&v::WEAR_PERCENT), 5);
        let celsius = take(has(&v::CELSIUS), 4);
        let sort = take(all.iter().any(|s| s.device.text(&v::TYPE).is_some()), 8);
        let model = take(all.iter().any(|s| s.device.text(&v::MODEL).is_some()), 12);
        let mut x = name + 2;
        let mut next = |there: bool, columns: u16| {
            let at = if there { x } else { 0 };
            x += if there { columns } else { 0 };
            at
        };
        let mut c = StorageColumns { name, ..StorageColumns::default() };
        c.state = next(state, 11);
        c.sort = next(sort, 8);
        c.synced = next(synced, 14);
        c.errors = next(errors, 7);
        c.wear = next(wear, 5);
        c.celsius = next(celsius, 4);
        c.model = if model { (x + 1, width.saturating_sub(x + 1)) } else { (0, 0) };
        c
    }

    fn head(&self, on: &mut Canvas<'_>) {
        let dim = on.theme.dim;
        on.put(1, 0, "name", dim);
        for (x, head) in [
            (self.state, "state"),
            (self.sort, "type"),
            (self.synced, "synced"),
            (self.model.0, "model"),
        ] {
            if x > 0 {
                on.put(x, 0, head, dim);
            }
        }
        for (x, columns, head) in
            [(self.errors, 6, "errors"), (self.wear, 4, "wear"), (self.celsius, 3, "°C")]
        {
            if x > 0 {
                on.number(x, 0, columns, head, dim);
            }
        }
    }

    fn row(&self, name: &str, shown: &Shown<'_>, y: u16, on: &mut Canvas<'_>) {
        let (theme, device) = (on.theme, shown.device);
        let plain = if shown.old { theme.dim } else { theme.text };
        on.column(1, y, self.name, name, plain);
        let state = device.text(&v::STATE);
        if self.state > 0 {
            on.column(self.state, y, 10, state.unwrap_or("-"), style(theme, state));
        }
        if self.sort > 0 {
            on.column(self.sort, y, 7, device.text(&v::TYPE).unwrap_or_default(), theme.dim);
        }
        if let Some(percent) = device.value(&v::RESYNC_PERCENT).filter(|_| self.synced > 0) {
            on.meter(self.synced, y, 7, percent / 100.0, Ink::One(theme.used));
            let end = on.number(self.synced + 7, y, 4, &compact::percent(percent), plain);
            on.put(end, y, " %", theme.dim);
        }
        if let Some(errors) = device.value(&v::ERRORS).filter(|_| self.errors > 0) {
            let style = if errors > 0.0 { theme.warn } else { theme.dim };
            on.number(self.errors, y, 6, &format!("{errors:.0}"), style);
        }
        if let Some(wear) = device.value(&v::WEAR_PERCENT).filter(|_| self.wear > 0) {
            let style = theme.level_of(wear, WORN[0], WORN[1]);
            on.number(self.wear, y, 4, &compact::percent(wear), style);
        }
        if let Some(celsius) = device.value(&v::CELSIUS).filter(|_| self.celsius > 0) {
            on.number(self.celsius, y, 3, &format!("{celsius:.0}"), plain);
        }
        if self.model.1 > 0 {
            let model = device.text(&v::MODEL).unwrap_or_default();
            on.column(self.model.0, y, self.model.1, model, theme.dim);
        }
    }
}
