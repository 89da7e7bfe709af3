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
//! shown where there is one. Several sources: a row a container with the name of its source. `Enter` opens the
//! details of the one under the cursor.

mod details;

use crate::{
    cpu::spans,
    row::{self, ShortNames},
    series::{self, Samples},
};
use manytop_plugin::{
    draw::{Canvas, Ink, compact, table::Cursor},
    provider::Selection,
    ratatui_core::{buffer::Buffer, layout::Rect},
    reading::Kind,
    source::Source,
    view::{Shown, View},
    vocabulary as v,
    widget::{Command, Mouse, Move, Outcome, Plugin, Title, Wants, Widget},
};
use std::{collections::HashMap, sync::Arc};

manytop_plugin::inventory::submit! {
    Plugin::new("container", "Containers and services of every source", |_| Ok(Box::<Containers>::default()))
        .draws(&[v::CONTAINER_KIND])
        .list()
        .commands(&[
            Command::new("details", "Enter", "details of the container or service under the cursor, and back")
                .hint("details"),
        ])
}

/// What a service is called in the text `type`.
const SERVICE: &str = "service";
/// ContainerColumns of a history.
const HISTORY: u16 = 6;

/// Its host and its name.
type ContainerId = (Source, Arc<str>);

#[derive(Default)]
struct Containers {
    cursor: Cursor<ContainerId>,
    /// All of them in the order of the last frame.
    ids: Vec<ContainerId>,
    has_details: bool,
}

fn id(shown: &Shown<'_>) -> ContainerId {
    (shown.source.source.clone(), shown.device.name.clone())
}

impl Containers {
    /// The one under the cursor.
    fn current(&self) -> Option<&ContainerId> {
        self.cursor.on().or_else(|| self.ids.first())
    }

    /// All of them; the one under the cursor stays in its row.
    fn ordered<'a>(&mut self, view: &'a View<'a>) -> Vec<Shown<'a>> {
        let all = sorted(view);
        let order: Vec<ContainerId> = all.iter().map(id).collect();
        self.ids.clone_from(&order);
        self.cursor.hold(&mut self.ids);
        if self.ids == order {
            return all;
        }
        let places: HashMap<&ContainerId, usize> = order.iter().zip(0..).collect();
        let place = |id: &ContainerId| all.get(*places.get(id)?).copied();
        self.ids.iter().filter_map(place).collect()
    }

    fn draw_list(&mut self, view: &View<'_>, all: &[Shown<'_>], on: &mut Canvas<'_>) {
        let columns = ContainerColumns::new(view, all, on.width());
        let first = u16::from(on.height() > 1);
        if first > 0 {
            columns.head(on);
        }
        let room = on.height().saturating_sub(first);
        // where not all fit, the last row counts those below
        let counts = all.len() > usize::from(room) && room > 1;
        let range = self.cursor.view(all.len(), room - u16::from(counts));
        let hidden = if counts { all.len() - range.end } else { 0 };
        let has_cursor = view.focused;
        for (y, nth) in (first..).zip(range) {
            let is_on = has_cursor && nth == self.cursor.at();
            if is_on {
                let width = on.width();
                on.fill(Rect::new(0, y, width, 1), ' ', view.theme.selection);
            }
            columns.row(view, &all[nth], y, on);
            if is_on {
                let mark = if view.theme.is_mono() { '>' } else { '▌' };
                on.set(0, y, mark, view.theme.key);
            }
        }
        row::more_below(on, hidden);
    }
}

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
        let mut want = Selection::kinds(&[v::CONTAINER_KIND]);
        if let Some((_, name)) = self.current().filter(|_| self.has_details) {
            want.add_device(v::CONTAINER_KIND, name.clone());
        }
        Wants { want, history }
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
        let list = 1 + row::rows(view.devices(v::CONTAINER_KIND).count());
        Some(if self.has_details { list + details::ROWS } else { list })
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let all = self.ordered(view);
        let (list, below) = details::split(area, self.has_details);
        self.draw_list(view, &all, &mut Canvas::new(buffer, list, view.theme));
        if let Some(area) = below {
            let current = self.current();
            let shown = all.iter().find(|shown| Some(&id(shown)) == current);
            details::draw(view, shown, &mut Canvas::new(buffer, area, view.theme));
        }
    }

    fn on_command(&mut self, command: &str, _: &View<'_>) -> Outcome {
        if command != "details" || self.ids.is_empty() {
            return Outcome::Ignored;
        }
        self.has_details = !self.has_details;
        if self.has_details {
            // another one may become busier
            self.cursor.set(self.cursor.at(), &self.ids);
        }
        Outcome::Redraw
    }

    fn on_move(&mut self, to: Move, _: &View<'_>) -> Outcome {
        self.cursor.on_move(to, &self.ids);
        Outcome::Redraw
    }

    fn on_mouse(&mut self, mouse: Mouse, _: &View<'_>) -> Outcome {
        let moved = self.cursor.on_mouse(mouse, 1, &self.ids);
        if moved { Outcome::Redraw } else { Outcome::Ignored }
    }

    fn on_escape(&mut self, _: &View<'_>) -> Outcome {
        if self.has_details {
            self.has_details = false;
        } else if self.cursor.on().is_some() {
            self.cursor.release();
        } else {
            return Outcome::Ignored;
        }
        Outcome::Redraw
    }

    fn selected_device(&mut self, _: &View<'_>) -> Option<(Source, Kind, Arc<str>)> {
        let (source, name) = self.current()?.clone();
        Some((source, v::CONTAINER_KIND, name))
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
