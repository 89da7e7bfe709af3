//! Containers and services: processor time and memory, against their limits.
//!
//! ```text
//! ╭─ containers ─ 3 ─ services 41 ───────────────── 212 % ─ 9.4G ─╮
//! │ name        runtime   CPU%          mem  limit     %  image   │
//! │ web         docker     187 ⣀⣤⣶⣿⣿   1.2G   2.0G ━━╸─ 61  nginx │
//! ╰───────────────────────────────────────────────────────────────╯
//! ```
//!
//! The busiest comes first, by tens of percent, then the one with the most memory. A share of the limit is
//! shown where there is one. Several sources: a row a container with the name of its source.

use crate::{
    cpu::spans,
    row::{self, ShortNames},
    series::{self, Samples},
};
use manytop_plugin::{
    draw::{Canvas, Ink, compact},
    provider::Selection,
    ratatui_core::{buffer::Buffer, layout::Rect},
    view::{Shown, View},
    vocabulary as v,
    widget::{Plugin, Title, Wants, Widget},
};

manytop_plugin::inventory::submit! {
    Plugin::new("container", "Containers and services of every source", |_| Ok(Box::new(Containers)))
        .draws(&[v::CONTAINER_KIND])
}

/// What a service is called in the text `type`.
const SERVICE: &str = "service";
/// Columns of a history.
const HISTORY: u16 = 6;

struct Containers;

fn sorted<'a>(view: &'a View<'a>) -> Vec<Shown<'a>> {
    let mut all: Vec<Shown<'_>> = view.devices(v::CONTAINER_KIND).collect();
    // by coarse steps, so that rows rarely move
    let work = |s: &Shown<'_>| (s.device.value(&v::PERCENT).unwrap_or(0.0) / 10.0).round() as i64;
    let memory = |s: &Shown<'_>| {
        s.device.value(&v::USED_BYTES).unwrap_or(0.0).max(1.0).log2().round() as i64
    };
    all.sort_by_cached_key(|s| {
        (std::cmp::Reverse(work(s)), std::cmp::Reverse(memory(s)), s.device.name.clone())
    });
    all
}

fn is_service(shown: &Shown<'_>) -> bool {
    shown.device.text(&v::TYPE) == Some(SERVICE) || shown.device.name.ends_with(".service")
}

/// The share of its memory's limit, percent.
fn fill(shown: &Shown<'_>) -> Option<f64> {
    let (used, limit) = (shown.device.value(&v::USED_BYTES)?, shown.device.value(&v::LIMIT_BYTES)?);
    (limit > 0.0).then(|| 100.0 * used / limit)
}

/// The name without what the box says anyway.
fn name(names: &ShortNames<'_>, shown: &Shown<'_>) -> String {
    let label = names.label(shown);
    label.strip_suffix(".service").map(str::to_owned).unwrap_or(label)
}

impl Widget for Containers {
    fn wants(&self) -> Wants {
        let history = vec![series::each(v::CONTAINER_KIND, &v::PERCENT)];
        Wants { want: Selection::kinds(&[v::CONTAINER_KIND]), history }
    }

    fn title(&self, view: &View<'_>, _: Rect) -> Title {
        let theme = view.theme;
        let (mut containers, mut services) = (0, 0);
        let (mut work, mut memory) = (None, None);
        let mut fullest: Option<(Shown<'_>, f64)> = None;
        for shown in view.devices(v::CONTAINER_KIND) {
            *if is_service(&shown) { &mut services } else { &mut containers } += 1;
            let add = |sum: &mut Option<f64>, value: Option<f64>| {
                *sum = value.map(|value| sum.unwrap_or(0.0) + value).or(*sum);
            };
            add(&mut work, shown.device.value(&v::PERCENT));
            add(&mut memory, shown.device.value(&v::USED_BYTES));
            if let Some(percent) = fill(&shown)
                && fullest.as_ref().is_none_or(|(_, most)| percent > *most)
            {
                fullest = Some((shown, percent));
            }
        }
        let mut title = Title::new("containers");
        if containers > 0 {
            title = title.value(spans(&[(&containers.to_string(), theme.hi)]));
        }
        if let Some((shown, percent)) = fullest.filter(|(_, p)| *p >= theme.levels.high) {
            let figure = format!(" {}", compact::percent(percent));
            let name = name(&ShortNames::of(view), &shown);
            title = title.value(spans(&[
                (&name, theme.hi),
                (&figure, theme.level(percent)),
                (" % of its memory", theme.dim),
            ]));
        }
        if services > 0 {
            let count = services.to_string();
            title = title.item(spans(&[("services ", theme.dim), (&count, theme.text)]));
        }
        if let Some(work) = work {
            let figure = compact::process(work);
            title = title.right(spans(&[(&figure, theme.text), (" %", theme.dim)]));
        }
        match memory {
            Some(memory) => title.right(spans(&[(&compact::memory(memory), theme.text)])),
            None => title,
        }
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        !view.has(v::CONTAINER_KIND)
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        Some(1 + row::rows(view.devices(v::CONTAINER_KIND).count()))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let all = sorted(view);
        let mut on = Canvas::new(buffer, area, view.theme);
        let columns = ContainerColumns::new(view, &all, on.width());
        let first = u16::from(on.height() > 1);
        if first > 0 {
            columns.head(&mut on);
        }
        let room = on.height().saturating_sub(first);
        let (shown, hidden) = row::visible(all.len(), room);
        for (y, shown) in (first..).zip(&all[..shown]) {
            columns.row(view, shown, y, &mut on);
        }
        row::more_below(&mut on, hidden);
    }
}

/// Where the columns are; a place of 0 is a column that is not there.
#[derive(Default)]
struct ContainerColumns {
    name: u16,
    runtime: u16,
    work: u16,
    history: u16,
    memory: u16,
    limit: u16,
    bar: u16,
    percent: u16,
    image: (u16, u16),
}

impl ContainerColumns {
    fn new(view: &View<'_>, all: &[Shown<'_>], width: u16) -> ContainerColumns {
        let names = ShortNames::of(view);
        let widest = all.iter().map(|s| name(&names, s).chars().count()).max().unwrap_or(0) as u16;
        let most = if width >= 90 { 36 } else { (width / 3).clamp(8, 24) };
        let mut c = ContainerColumns { name: widest.clamp(6, most), ..ContainerColumns::default() };
        let has_limit = all.iter().any(|s| fill(s).is_some());
        let has_image = all.iter().any(|s| s.device.text(&v::IMAGE).is_some());
        let mut left = width.saturating_sub(c.name + 3);
        let mut take = |there: bool, columns: u16| {
            let fits = there && left >= columns;
            left -= if fits { columns } else { 0 };
            fits
        };
        // in the order of what is dropped last
        let work = take(true, 5);
        let memory = take(true, 6);
        let percent = take(has_limit, 6);
        let history = take(work, HISTORY + 1);
        let limit = take(percent, 6);
        let bar = take(percent, 7);
        let runtime = take(true, 11);
        let image = take(has_image, 16);
        let mut x = c.name + 2;
        let mut next = |there: bool, columns: u16| {
            let at = if there { x } else { 0 };
            x += if there { columns } else { 0 };
            at
        };
        c.runtime = next(runtime, 11);
        c.work = next(work, 5);
        c.history = next(history, HISTORY + 1);
        c.memory = next(memory, 6);
        c.limit = next(limit, 6);
        c.bar = next(bar, 7);
        c.percent = next(percent, 6);
        c.image = if image { (x, width.saturating_sub(x)) } else { (0, 0) };
        c
    }

    fn head(&self, on: &mut Canvas<'_>) {
        let dim = on.theme.dim;
        on.put(1, 0, "name", dim);
        for (x, columns, head) in [
            (self.work, 4, "CPU%"),
            (self.memory, 5, "mem"),
            (self.limit, 5, "limit"),
            (self.percent, 4, "%"),
        ] {
            if x > 0 {
                on.number(x, 0, columns, head, dim);
            }
        }
        if self.runtime > 0 {
            on.put(self.runtime, 0, "runtime", dim);
        }
        if self.image.1 > 0 {
            on.put(self.image.0, 0, "image", dim);
        }
    }

    fn row(&self, view: &View<'_>, shown: &Shown<'_>, y: u16, on: &mut Canvas<'_>) {
        let (theme, device) = (view.theme, shown.device);
        let style = if shown.old { theme.dim } else { theme.text };
        on.column(1, y, self.name, &name(&ShortNames::of(view), shown), style);
        if self.runtime > 0 {
            on.column(self.runtime, y, 10, device.text(&v::TYPE).unwrap_or_default(), theme.dim);
        }
        if self.work > 0 {
            match device.value(&v::PERCENT) {
                Some(work) if work < 0.05 => _ = on.number(self.work, y, 4, "·", theme.line),
                Some(work) => {
                    // of the processors that it may use
                    let share = device.value(&v::LIMIT_CPUS).map(|cpus| work / cpus.max(0.01));
                    let style = share.map_or(style, |share| theme.level(share));
                    on.number(self.work, y, 4, &compact::process(work), style);
                }
                None => _ = on.number(self.work, y, 4, "-", theme.dim),
            }
        }
        if self.history > 0 {
            let of = (v::CONTAINER_KIND, &v::PERCENT);
            let samples = Samples::device(view, shown.source, of, &device.name, HISTORY);
            let cpus = device.value(&v::LIMIT_CPUS).unwrap_or(1.0);
            let top = samples.highest().unwrap_or(0.0).max(100.0 * cpus);
            on.spark(self.history, y, HISTORY, samples.trace(), top, Ink::Level);
        }
        let bytes = |value: Option<f64>| value.map(compact::memory);
        if self.memory > 0 {
            match bytes(device.value(&v::USED_BYTES)) {
                Some(used) => _ = on.number(self.memory, y, 5, &used, style),
                None => _ = on.number(self.memory, y, 5, "-", theme.dim),
            }
        }
        if let Some(limit) = bytes(device.value(&v::LIMIT_BYTES)).filter(|_| self.limit > 0) {
            on.number(self.limit, y, 5, &limit, theme.dim);
        }
        if let Some(percent) = fill(shown) {
            if self.bar > 0 {
                on.meter(self.bar + 1, y, 6, percent / 100.0, Ink::Level);
            }
            if self.percent > 0 {
                on.percent(self.percent, y, 4, Some(percent), theme.levels, shown.old);
            }
        }
        if self.image.1 > 0 {
            let image = device.text(&v::IMAGE).or(device.text(&v::POD)).unwrap_or_default();
            on.column(self.image.0, y, self.image.1, image, theme.dim);
        }
    }
}
