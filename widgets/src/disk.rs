//! Disks, the fullest first: fill level, size, traffic, latency and how busy each is.
//!
//! ```text
//! mount    full      %  used/size rd wr  rB/s wB/s  ms busy
//! /srv     ━━━━━━╸  93! 3.4T/3.6T ⣶⣤ ⣀⣀   12M  88M  18   71
//! ```
//!
//! Where the table leaves room, what is read and written over all disks is a graph below it. A wide box has device, type and inodes too. The title names the fullest when it is over its limit, or
//! the slowest. Where inodes are nearer their end than bytes, their percentage is shown. Several sources: a
//! row a disk.

use crate::{
    cpu::spans,
    row::{self, ShortNames},
    series::{self, Samples},
};
use manytop_plugin::{
    draw::{Canvas, Ink, Scale, compact},
    provider::Selection,
    ratatui_core::{buffer::Buffer, layout::Rect, style::Modifier, text::Line},
    reading::Metric,
    view::{Shown, View},
    vocabulary as v,
    widget::{Axis, Plugin, Title, Wants, Widget},
};

manytop_plugin::inventory::submit! {
    Plugin::new("disk", "Fill levels and traffic of the disks of every source", |_| Ok(Box::<Disk>::default()))
        .draws(&[v::DISK])
}

/// From how many seconds of latency on a disk is slow, and very slow.
pub const SLOW: [f64; 2] = [0.015, 0.05];

struct Disk {
    read: Scale,
    written: Scale,
}

impl Default for Disk {
    fn default() -> Disk {
        Disk { read: Scale::at_least(QUIET), written: Scale::at_least(QUIET) }
    }
}

/// The least that fills the graph: below it, traffic is noise.
const QUIET: f64 = 100_000.0;
/// Rows that the graph of all disks needs.
const GRAPH: u16 = 6;

/// The first row of the graph of all disks, where the rows of the table leave room for one; a line with its
/// title is in the row above.
fn graph_row(view: &View<'_>, disks: usize, area: Rect) -> Option<u16> {
    let top = row::rows(disks).saturating_add(2);
    let room = area.height.checked_sub(top)?;
    (view.alone().is_some() && area.width >= 60 && room >= GRAPH).then_some(top)
}

impl Disk {
    /// What is read and written over all disks, as a mirrored graph.
    fn traffic(&mut self, view: &View<'_>, on: &mut Canvas<'_>) {
        let theme = view.theme;
        let at = Rect::new(0, 0, on.width(), on.height());
        let [read, written] = totals(view, at.width.saturating_sub(4));
        let tops = [
            self.read.fit(read.highest().unwrap_or(0.0), view.now),
            self.written.fit(written.highest().unwrap_or(0.0), view.now),
        ];
        let plot = on.byte_scale(at, tops[0], Some(tops[1]));
        on.mirrored(
            plot,
            (read.trace(), tops[0], theme.rx.into()),
            (written.trace(), tops[1], theme.tx.into()),
        );
    }
}

/// What is read and written over all disks of one source.
fn totals(view: &View<'_>, columns: u16) -> [Samples; 2] {
    [&v::READ_RATE, &v::WRITTEN_RATE].map(|metric| {
        let disks = view.devices(v::DISK);
        Samples::sum(disks.map(|disk| {
            Samples::device(view, disk.source, (v::DISK, metric), &disk.device.name, columns)
        }))
    })
}

fn mount<'a>(shown: &Shown<'a>) -> &'a str {
    shown.device.place()
}

/// How full it is: by bytes, or by inodes where those are nearer their end.
pub fn fill(shown: &Shown<'_>) -> (Option<f64>, bool) {
    let (bytes, inodes) = (shown.device.value(&v::PERCENT), shown.device.value(&v::INODES_PERCENT));
    match (bytes, inodes) {
        (Some(bytes), Some(inodes)) if inodes > bytes && inodes >= 80.0 => (Some(inodes), true),
        (bytes, _) => (bytes, false),
    }
}

/// The disks, the fullest first, those without a file system last.
pub fn sorted<'a>(view: &'a View<'a>) -> Vec<Shown<'a>> {
    let mut all: Vec<Shown<'_>> = view.devices(v::DISK).collect();
    let level = |s: &Shown<'_>| fill(s).0.unwrap_or(-1.0).round();
    all.sort_by(|a, b| level(b).total_cmp(&level(a)).then_with(|| mount(a).cmp(mount(b))));
    all
}

impl Widget for Disk {
    fn wants(&self) -> Wants {
        let history = [&v::READ_RATE, &v::WRITTEN_RATE].map(|m| series::each(v::DISK, m));
        Wants { want: Selection::kinds(&[v::DISK]), history: history.into() }
    }

    fn title(&self, view: &View<'_>, area: Rect) -> Title {
        let theme = view.theme;
        let mut title = Title::new("disk");
        let all = sorted(view);
        let latency = |s: &&Shown<'_>| s.device.value(&v::LATENCY_SECONDS);
        let slowest = all
            .iter()
            .max_by(|a, b| latency(a).unwrap_or(0.0).total_cmp(&latency(b).unwrap_or(0.0)));
        if let Some(full) = all.first().filter(|s| fill(s).0 >= Some(theme.levels.high)) {
            let (percent, inodes) = fill(full);
            let percent = percent.unwrap_or(0.0);
            let style = theme.level(percent).add_modifier(Modifier::BOLD);
            let figure = format!(" {}", compact::percent(percent));
            let words = if inodes { " % of inodes" } else { " % full" };
            title = title.value(spans(&[
                (mount(full), theme.hi),
                (&figure, style),
                (words, theme.dim),
            ]));
        }
        if let Some((slow, seconds)) = slowest.and_then(|s| Some((s, latency(&s)?)))
            && seconds >= SLOW[0]
        {
            let figure = format!(" {}", compact::millis(seconds * 1000.0));
            let style = theme.level_of(seconds, SLOW[0], SLOW[1]);
            title = title.item(spans(&[
                (&slow.device.name, theme.text),
                (&figure, style),
                (" ms", theme.dim),
            ]));
        }
        let sum = |m: &Metric| all.iter().filter_map(|s| s.device.value(m)).reduce(|a, b| a + b);
        if area.width >= 80
            && let Some((read, written)) = sum(&v::READ_RATE).zip(sum(&v::WRITTEN_RATE))
        {
            let (read, written) = (compact::bytes(read), compact::bytes(written));
            title = title.right(spans(&[("▼ ", theme.rx), (&read, theme.text)])).right(spans(&[
                ("▲ ", theme.tx),
                (&written, theme.text),
                ("B/s", theme.dim),
            ]));
        }
        if let Some(top) = graph_row(view, all.len(), area) {
            let width = area.width.saturating_sub(4);
            let [read, written] = totals(view, width).map(|samples| {
                samples.highest().map_or_else(|| "-".to_owned(), |v| compact::bytes(v).to_string())
            });
            let most = [
                ("max ", theme.dim),
                (read.as_str(), theme.text),
                (" / ", theme.dim),
                (written.as_str(), theme.text),
            ];
            let words = Line::styled("read and written, all disks", theme.dim);
            title = title.rule(top - 1, vec![words, spans(&most)]);
            title = title.axis(Axis { x: 4, width, column: view.settings.column });
        }
        title
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        !view.has(v::DISK)
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        Some(1 + row::rows(view.devices(v::DISK).count()))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let all = sorted(view);
        let mut on = Canvas::new(buffer, area, view.theme);
        if on.height() == 1 {
            if let Some(first) = all.first() {
                tiny(view, first, &mut on);
            }
            return;
        }
        if let Some(top) = graph_row(view, all.len(), area) {
            let (width, rows) = (on.width(), on.height() - top);
            self.traffic(view, &mut on.part(Rect::new(0, top, width, rows)));
            on = Canvas::new(buffer, Rect { height: top - 1, ..area }, view.theme);
        }
        let columns = DiskColumns::new(view, &all, on.width());
        let head = usize::from(on.height()) > all.len().min(3);
        if head {
            columns.head(&mut on);
        }
        let first = u16::from(head);
        for (y, shown) in (first..on.height()).zip(&all) {
            columns.row(view, shown, y, &mut on);
        }
        let shown = usize::from(on.height() - first);
        if all.len() > shown && on.height() > 4 {
            let y = on.height() - 1;
            let width = on.width();
            on.fill(Rect::new(0, y, width, 1), ' ', view.theme.text);
            on.put(1, y, &format!("… {} more", all.len() - shown + 1), view.theme.dim);
        }
    }
}

/// One row: the fullest.
fn tiny(view: &View<'_>, shown: &Shown<'_>, on: &mut Canvas<'_>) {
    let theme = view.theme;
    let (percent, _) = fill(shown);
    on.put(1, 0, "disk", theme.dim);
    on.percent(6, 0, 3, percent, theme.levels, shown.old);
    on.meter(11, 0, 12, percent.unwrap_or(0.0) / 100.0, Ink::Level);
    let x = on.column(25, 0, 8, mount(shown), theme.text);
    if let Some(seconds) = shown.device.value(&v::LATENCY_SECONDS).filter(|s| *s > 0.0) {
        let style = theme.level_of(seconds, SLOW[0], SLOW[1]);
        on.runs(x + 2, 0, &[(&compact::millis(seconds * 1000.0), style), (" ms", theme.dim)]);
    }
}

/// The columns that fit, and where each begins; 0 for one that does not.
#[derive(Default)]
struct DiskColumns {
    label: u16,
    device: u16,
    kind: u16,
    bar: (u16, u16),
    percent: u16,
    sizes: u16,
    used_only: bool,
    inodes: u16,
    graphs: u16,
    rates: u16,
    busy: u16,
    several: bool,
}

impl DiskColumns {
    fn new(view: &View<'_>, all: &[Shown<'_>], width: u16) -> DiskColumns {
        let several = view.alone().is_none();
        let names = ShortNames::of(view);
        let widest = |s: &Shown<'_>| match several {
            true => names.label(s).chars().count(),
            false => mount(s).chars().count(),
        } as u16;
        let most = if width >= 90 { 20 } else { (width / 4).clamp(5, 12) };
        let label = all.iter().map(widest).max().unwrap_or(0).clamp(5, most);
        let mut c = DiskColumns { label, several, ..DiskColumns::default() };
        let has = |metric: &Metric| all.iter().any(|s| s.device.value(metric).is_some());
        let narrow = width < 40;
        // behind the last column of a wide box is a blank
        let mut left = width.saturating_sub(label + 2 + 5 + u16::from(!narrow));
        let mut take = |columns: u16| {
            let fits = left >= columns;
            left -= if fits { columns } else { 0 };
            fits
        };
        // in the order of what is dropped last
        let full = !narrow && take(11);
        c.used_only = !full && take(if narrow { 5 } else { 6 });
        let sizes = has(&v::TOTAL_BYTES) && (full || c.used_only);
        let least = if narrow { 6 } else { 7 };
        let bar = take(least + 1);
        let rates = has(&v::READ_RATE) && take(11);
        let busy = rates && (has(&v::BUSY_PERCENT) || has(&v::LATENCY_SECONDS)) && take(10);
        let graphs = rates && take(8);
        let inodes = has(&v::INODES_PERCENT) && width >= 90 && take(7);
        let device = !several && width >= 90 && take(10);
        let kind = device && take(7);
        let bar_width = if bar { least + left.min(17) } else { 0 };
        let mut x = label + 2;
        let mut next = |there: bool, columns: u16| {
            let at = if there { x } else { 0 };
            x += if there { columns } else { 0 };
            at
        };
        c.device = next(device, 10);
        c.kind = next(kind, 7);
        c.bar = (next(bar, bar_width + 1), bar_width);
        c.percent = next(true, 5);
        c.sizes = next(sizes, if c.used_only { 6 } else { 11 });
        c.inodes = next(inodes, 7);
        c.graphs = next(graphs, 8);
        c.rates = next(rates, 11);
        c.busy = next(busy, 10);
        c
    }

    fn head(&self, on: &mut Canvas<'_>) {
        let theme = on.theme;
        on.put(1, 0, if self.several { "disk" } else { "mount" }, theme.dim);
        if self.device > 0 {
            on.put(self.device, 0, "device", theme.dim);
        }
        if self.kind > 0 {
            on.put(self.kind, 0, "type", theme.dim);
        }
        if self.bar.1 > 0 {
            on.put(self.bar.0, 0, "full", theme.dim);
        }
        on.number(self.percent, 0, 3, "%", theme.dim);
        if self.sizes > 0 {
            let head = if self.used_only { "used" } else { "used/size" };
            on.number(self.sizes, 0, if self.used_only { 5 } else { 9 }, head, theme.dim);
        }
        if self.inodes > 0 {
            on.number(self.inodes, 0, 6, "inodes", theme.dim);
        }
        if self.graphs > 0 {
            on.put(self.graphs, 0, "rd", theme.rx);
            on.put(self.graphs + 4, 0, "wr", theme.tx);
        }
        if self.rates > 0 {
            on.number(self.rates, 0, 5, "rB/s", theme.dim);
            on.number(self.rates + 5, 0, 5, "wB/s", theme.dim);
        }
        if self.busy > 0 {
            on.number(self.busy, 0, 4, "ms", theme.dim);
            on.number(self.busy + 4, 0, 5, "busy", theme.dim);
        }
    }

    fn row(&self, view: &View<'_>, shown: &Shown<'_>, y: u16, on: &mut Canvas<'_>) {
        let (theme, device) = (view.theme, shown.device);
        let label =
            if self.several { ShortNames::of(view).label(shown) } else { mount(shown).to_owned() };
        on.column(1, y, self.label, &label, theme.text);
        if self.device > 0 {
            on.column(self.device, y, 9, &device.name, theme.dim);
        }
        if self.kind > 0 {
            on.column(self.kind, y, 6, device.text(&v::TYPE).unwrap_or_default(), theme.dim);
        }
        let (percent, _) = fill(shown);
        if self.bar.1 > 0 && percent.is_some() {
            on.meter(self.bar.0, y, self.bar.1, percent.unwrap_or(0.0) / 100.0, Ink::Level);
        }
        on.percent(self.percent, y, 3, percent, theme.levels, shown.old);
        let sizes = device.value(&v::USED_BYTES).zip(device.value(&v::TOTAL_BYTES));
        if let Some((used, total)) = sizes.filter(|_| self.sizes > 0) {
            let (used, total) = (compact::memory(used), compact::memory(total));
            let x = on.number(self.sizes, y, 5, &used, theme.text);
            if !self.used_only {
                on.runs(x, y, &[("/", theme.dim), (&total, theme.dim)]);
            }
        }
        if let Some(inodes) = device.value(&v::INODES_PERCENT).filter(|_| self.inodes > 0) {
            on.number(self.inodes, y, 6, &compact::percent(inodes), theme.level(inodes));
        }
        if self.graphs > 0 {
            for (x, metric, style) in [
                (self.graphs, &v::READ_RATE, theme.rx),
                (self.graphs + 4, &v::WRITTEN_RATE, theme.tx),
            ] {
                let of = (v::DISK, metric);
                let samples = Samples::device(view, shown.source, of, &device.name, 3);
                let top = samples.highest().unwrap_or(0.0).max(1e6);
                on.spark(x, y, 3, samples.trace(), top, style.into());
            }
        }
        if self.rates > 0 {
            on.rate(self.rates, y, 5, device.value(&v::READ_RATE));
            on.rate(self.rates + 5, y, 5, device.value(&v::WRITTEN_RATE));
        }
        if self.busy > 0 {
            match device.value(&v::LATENCY_SECONDS) {
                Some(seconds) => {
                    let style = theme.level_of(seconds, SLOW[0], SLOW[1]);
                    on.number(self.busy, y, 4, &compact::millis(seconds * 1000.0), style);
                }
                None => _ = on.number(self.busy, y, 4, "-", theme.dim),
            }
            if let Some(busy) = device.value(&v::BUSY_PERCENT) {
                let style = if busy < 0.5 { theme.dim } else { theme.level(busy) };
                on.number(self.busy + 4, y, 5, &compact::percent(busy), style);
            }
        }
    }
}
