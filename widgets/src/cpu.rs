//! Processors: a graph of the last minutes, and beside it, in columns of its own, what each line is.
//!
//! One source: the mean as an area, the busiest core as a line, and a bar for each core; more than
//! twelve cores take a cell each.
//!
//! ```text
//! 100 ┤                                 CPU0 ▕██▏               ▏   5 %  2.3 GHz
//!     ┤⣀⣀⣀⣠⣤⣀⣀⣀⣀⣀⣀⣀⣸⣇⣀⣀⣀⣀⣀⣀⣀⣀⣠⣤⣀⣀       CPU1 ▕█▏                ▏   3 %  2.3 GHz
//!   0 └─ 2m ──────────────────── now
//! ```
//!
//! Several sources: a line each, in the colour that stands for the source in every box, its mean and
//! its busiest core, and the cores (`Jerry-CPU0`) while rows last. More than eight: the mean of all as
//! an area, the busiest as a line.
//!
//! The global keys `averagecpu` and `percpuload` leave out the mean or the cores; with `percpuload`
//! alone, each core of a single source has a line.

use crate::legend;
use manytop_core::{
    draw::{self, graph::Graph, number},
    health::State,
    history::{Series, Window},
    provider::Want,
    ratatui_core::{buffer::Buffer, layout::Rect},
    view::{SourceView, View},
    vocabulary as v,
    widget::{Keep, Plugin, Title, Wants, Widget},
};
use std::{sync::Arc, time::Duration};

manytop_core::inventory::submit! {
    Plugin::new("cpu", "Processor use of every source", |_| Ok(Box::<Cpu>::default()))
        .draws(&[v::CPU])
}

/// More sources than this cannot be told apart by colour.
pub const LINES: usize = 8;
/// More cores than this are not worth a line each.
const MOST_CORES: usize = 256;

struct Cpu {
    span: Duration,
    each_core: bool,
}

impl Default for Cpu {
    fn default() -> Cpu {
        Cpu { span: Duration::from_secs(240), each_core: true }
    }
}

impl Widget for Cpu {
    fn wants(&self) -> Wants {
        let keep = |each_device| Keep {
            kind: v::CPU,
            quantity: &v::PERCENT,
            each_device,
            span: self.span,
        };
        let mut history = vec![keep(false)];
        if self.each_core {
            history.push(keep(true));
        }
        // The host tells the model of the processors, the sensors their temperature.
        Wants { want: Want::kinds(&[v::CPU, v::HOST, v::TEMPERATURE]), history }
    }

    fn title(&self, view: &View<'_>, _: Rect) -> Title {
        match view.sources() {
            [source] if source.state(view.now) != State::Down => {
                let percent = source.summary.cpu.map(|p| {
                    let old = view.devices(v::CPU).any(|d| d.old);
                    format!("cpu {} %", number::percent(p).aged(old))
                });
                let celsius = source.summary.celsius;
                let heat = celsius.map(|c| number::temperature(c, view.settings.fahrenheit));
                let right = [model(source).map(str::to_owned), heat.map(|h| h.to_string())];
                Title::new(percent.unwrap_or_else(|| "cpu".into()))
                    .right(right.into_iter().flatten().collect::<Vec<_>>().join("  "))
            }
            [_] | [] => Title::new("cpu"),
            many => {
                let known =
                    |s: &&Arc<SourceView>| s.summary.cpu.is_some() && !s.state(view.now).is_old();
                let left = match (many.iter().filter(known).count(), many.len()) {
                    (known, all) if known == all => "cpu % by host".to_owned(),
                    (known, all) => format!("cpu % by host ({known}/{all})"),
                };
                Title::new(left).right("mean of cores")
            }
        }
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        !view.has(v::CPU)
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let wide = legend::width(view, area);
        let gap = u16::from(wide > 0) * 2;
        let plot = draw::columns(area, 0, area.width - wide - gap);
        let mut graph = Graph::percent(plot);
        let window = graph.window(view.settings.column);
        // In steps, so that the demand does not follow every column of a window that is resized.
        let columns = u32::from(plot.width).div_ceil(32) * 32;
        self.span = (view.settings.column * columns.max(32)).max(Duration::from_secs(60));
        self.each_core = view.sources().len() == 1;
        match view.sources() {
            [source] => one(view, source, &mut graph, window),
            few if few.len() <= LINES => {
                // Later lines lie on top: the first sources are the ones to see.
                for source in few.iter().rev() {
                    let values = view.graph(source, &Series::whole(v::CPU, &v::PERCENT), window);
                    graph.line(values, view.theme.plain().fg(view.color(source)));
                }
            }
            many => crowd(view, many, &mut graph, window),
        }
        graph.draw(buffer, view.theme, view.settings.column);
        legend::draw(view, draw::columns(area, area.width - wide, wide), buffer);
    }
}

/// The model of the processors, without what says nothing.
fn model(source: &SourceView) -> Option<&str> {
    let host = source.devices(v::HOST).find_map(|d| d.text(&v::PROCESSOR));
    host.or_else(|| source.devices(v::CPU).find_map(|d| d.text(&v::PROCESSOR)))
}

/// The mean as an area, the busiest core of each moment as a line.
fn one(view: &View<'_>, source: &SourceView, graph: &mut Graph, window: Window) {
    let (theme, settings) = (view.theme, view.settings);
    let cores = || {
        let names = source.devices(v::CPU).take(MOST_CORES).map(|d| &d.name);
        names.map(|name| view.graph(source, &Series::of(v::CPU, name, &v::PERCENT), window))
    };
    if settings.average_cpu || !settings.per_cpu {
        let mean = view.graph(source, &Series::whole(v::CPU, &v::PERCENT), window);
        graph.fill(mean, theme.plain().fg(theme.identity(0)));
        if settings.per_cpu {
            graph.line(highest(cores(), window.buckets), theme.plain().fg(theme.identity(1)));
        }
    } else {
        for (n, core) in cores().enumerate() {
            graph.line(core, theme.plain().fg(theme.identity(n)));
        }
    }
}

/// The mean over all sources as an area, the busiest of each moment as a line.
fn crowd(view: &View<'_>, sources: &[Arc<SourceView>], graph: &mut Graph, window: Window) {
    let series = Series::whole(v::CPU, &v::PERCENT);
    let mut sum = vec![(0.0, 0_u32); window.buckets];
    let mut most: Vec<Option<f64>> = vec![None; window.buckets];
    for source in sources {
        let line = view.graph(source, &series, window);
        for ((sum, most), value) in sum.iter_mut().zip(&mut most).zip(line) {
            if let Some(value) = value {
                *sum = (sum.0 + value, sum.1 + 1);
                *most = Some(most.map_or(value, |m| m.max(value)));
            }
        }
    }
    let mean = sum.iter().map(|&(sum, n)| (n > 0).then(|| sum / f64::from(n))).collect();
    graph.fill(mean, view.theme.plain().fg(view.theme.identity(0)));
    graph.line(most, view.theme.plain().fg(view.theme.identity(1)));
}

fn highest(lines: impl Iterator<Item = Vec<Option<f64>>>, buckets: usize) -> Vec<Option<f64>> {
    let mut most: Vec<Option<f64>> = vec![None; buckets];
    for line in lines {
        for (most, value) in most.iter_mut().zip(line) {
            *most = match (*most, value) {
                (Some(a), Some(b)) => Some(a.max(b)),
                (a, b) => a.or(b),
            };
        }
    }
    most
}
