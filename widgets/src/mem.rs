//! Main memory and swap space, a bar each.
//!
//! ```text
//! Jerry-Main ▕████████████▏       ▏  63 %  10.1/16.0G
//! Jerry-Swap ▕▊                   ▏   4 %   0.1/2.0G
//! ```
//!
//! Where rows are short, swap goes behind main memory. Where there are many, a graph of the last
//! minutes stands below. A source that tells percentages only has no bytes to show, and none are
//! made up; a machine without swap space says `none`.

use crate::row::{self, Names};
use manytop_core::{
    draw::{
        self, bar,
        graph::Graph,
        number::{self, Thousand},
        text::Pen,
    },
    history::Series,
    provider::Want,
    ratatui_core::{buffer::Buffer, layout::Rect},
    view::{Shown, View},
    vocabulary as v,
    widget::{Keep, Plugin, Title, Wants, Widget},
};
use std::time::Duration;

manytop_core::inventory::submit! {
    Plugin::new("mem", "Main memory and swap space of every source", |_| Ok(Box::<Mem>::default()))
        .draws(&[v::MEMORY])
}

/// From so many spare rows on there is a graph.
const GRAPH: u16 = 4;

#[derive(Default)]
struct Mem {
    /// The span that the graph shows; none where there is no graph.
    span: Option<Duration>,
}

impl Widget for Mem {
    fn wants(&self) -> Wants {
        let keep = |span| Keep { kind: v::MEMORY, quantity: &v::PERCENT, each_device: true, span };
        Wants {
            want: Want::kinds(&[v::MEMORY]),
            history: self.span.map(keep).into_iter().collect(),
        }
    }

    fn title(&self, _: &View<'_>, _: Rect) -> Title {
        Title::new("mem")
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        !view.has(v::MEMORY)
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let all: Vec<Shown<'_>> = view.devices(v::MEMORY).collect();
        let spare = area.height.saturating_sub(row::rows(all.len()));
        self.span = None;
        if spare >= GRAPH && !all.is_empty() {
            self.draw_graph(view, &all, draw::rows(area, area.height - spare, spare), buffer);
        }
        let merged = all.len() > usize::from(area.height);
        let is_main = |s: &Shown<'_>| !merged || &*s.device.name != v::SWAP;
        let rows: Vec<&Shown<'_>> = all.iter().filter(|s| is_main(s)).collect();
        let (shown, hidden) = row::visible(rows.len(), area.height);
        let names = Names::of(view);
        let width = names.widest(rows[..shown].iter().copied(), area.width / 3);
        for (n, shown) in rows[..shown].iter().enumerate() {
            let mut pen = Pen::new(buffer, area, n as u16);
            pen.middle(width, &names.label(shown), view.theme.plain());
            let swap = merged.then(|| swap_of(&all, shown)).flatten();
            draw_row(view, shown, swap, &mut pen);
        }
        row::more(buffer, area, shown, hidden, view.theme);
    }
}

fn swap_of<'s, 'a>(all: &'s [Shown<'a>], main: &Shown<'a>) -> Option<&'s Shown<'a>> {
    all.iter().find(|s| s.source.order == main.source.order && &*s.device.name == v::SWAP)
}

fn draw_row(view: &View<'_>, shown: &Shown<'_>, swap: Option<&Shown<'_>>, pen: &mut Pen<'_>) {
    const BYTES: u16 = 13;
    const SWAP: u16 = 12;
    const CACHE: u16 = 14;
    let (theme, device) = (view.theme, shown.device);
    let total = device.value(&v::TOTAL_BYTES);
    pen.skip(1);
    if total == Some(0.0) {
        pen.skip(1).text("none", theme.dim());
        return;
    }
    let mut rest = pen.left().saturating_sub(row::PERCENT);
    let mut room = |columns: u16, beside: u16| {
        let fits = rest >= columns + beside;
        rest -= if fits { columns } else { 0 };
        fits
    };
    let with_swap = swap.is_some() && room(SWAP, 0);
    let with_bytes = room(BYTES, 0);
    let with_cache = room(CACHE, 20);
    let percent = device.value(&v::PERCENT);
    if rest >= 6 {
        let style = row::bar_style(theme, percent.unwrap_or(0.0), shown.old);
        bar::bar(pen.take((rest - 1).min(48)), percent.unwrap_or(0.0), style, theme.dim());
        pen.skip(1);
    }
    row::percent(pen, percent, shown.old, theme);
    if with_bytes {
        let used = device.value(&v::USED_BYTES).zip(total);
        let figure = used.map(|(u, t)| number::used_of(u, t, Thousand::Binary));
        row::figure(pen, BYTES, &figure.unwrap_or_default(), shown.old, theme.plain());
    }
    if with_cache && let Some(cached) = device.value(&v::CACHED_BYTES) {
        let figure = number::size(cached, Thousand::Binary).aged(shown.old);
        pen.skip(1).text("cache ", theme.dim()).text(&figure, theme.plain());
    }
    if let Some(swap) = swap.filter(|_| with_swap) {
        pen.skip(1).text("Swap ", theme.dim());
        if swap.device.value(&v::TOTAL_BYTES) == Some(0.0) {
            pen.text("none", theme.dim());
        } else {
            row::percent(pen, swap.device.value(&v::PERCENT), swap.old, theme);
        }
    }
}

impl Mem {
    fn draw_graph(&mut self, view: &View<'_>, all: &[Shown<'_>], area: Rect, buffer: &mut Buffer) {
        let mut graph = Graph::percent(area);
        let window = graph.window(view.settings.column);
        self.span = Some(view.settings.column * u32::from(area.width));
        let alone = view.sources().len() == 1;
        // Later lines lie on top: the first of a few sources is the one to see.
        for (n, shown) in all.iter().enumerate().take(16).rev() {
            let series = Series::of(v::MEMORY, &shown.device.name, &v::PERCENT);
            let values = view.graph(shown.source, &series, window);
            if alone {
                let color = view.theme.memory.get(n).copied().unwrap_or(view.theme.fg);
                graph.line(values, view.theme.plain().fg(color));
            } else if &*shown.device.name != v::SWAP {
                graph.line(values, view.theme.plain().fg(view.color(shown.source)));
            }
        }
        graph.draw(buffer, view.theme, view.settings.column);
    }
}
