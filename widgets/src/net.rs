//! Network interfaces: what comes in, what goes out, and how much it has been altogether.
//!
//! ```text
//! eth0  ▼ 5.6 kB/s ⣀⣀⣠⣄⣀   ▲ 5.6 kB/s ⣀⣀⣠⣄⣀   total ▼ 31G ▲ 31G
//! ```
//!
//! The global key `netinterface` chooses interfaces, or leaves those out that follow a `!`; `mbps`
//! shows bits.

use crate::row::{self, Names};
use manytop_core::{
    draw::{
        graph,
        number::{self, Thousand},
        spark,
        text::Pen,
    },
    history::{Series, Window},
    provider::Want,
    ratatui_core::{buffer::Buffer, layout::Rect},
    reading::Quantity,
    view::{Settings, Shown, View},
    vocabulary as v,
    widget::{Keep, Plugin, Title, Wants, Widget},
};
use std::time::Duration;

manytop_core::inventory::submit! {
    Plugin::new("net", "Network traffic of every interface", |_| Ok(Box::<Net>::default()))
        .draws(&[v::NETWORK])
}

/// Columns of an arrow, a blank and a rate: `▼ 310 kB/s?`.
const RATE: u16 = 11;
const TOTALS: u16 = 21;
/// The least that fills a sparkline: below it, traffic is noise.
const LOUD: f64 = 10_000.0;

#[derive(Default)]
struct Net {
    span: Option<Duration>,
}

fn is_wanted(settings: &Settings, name: &str) -> bool {
    let named = |word: &String| word == name || word == "all";
    let (out, only): (Vec<&String>, Vec<&String>) =
        settings.interfaces.iter().partition(|w| w.starts_with('!'));
    !out.iter().any(|w| &w[1..] == name) && (only.is_empty() || only.into_iter().any(named))
}

/// An interface through which nothing ever went is not worth a row, unless it was asked for.
fn is_silent(shown: &Shown<'_>) -> bool {
    [&v::RECEIVED_BYTES, &v::SENT_BYTES].iter().all(|q| shown.device.value(q) == Some(0.0))
}

fn wanted<'a>(view: &'a View<'a>) -> impl Iterator<Item = Shown<'a>> {
    let asked = |name: &str| view.settings.interfaces.iter().any(|word| word == name);
    view.devices(v::NETWORK).filter(move |s| {
        let name = &*s.device.name;
        is_wanted(view.settings, name) && (asked(name) || !is_silent(s))
    })
}

impl Widget for Net {
    fn wants(&self) -> Wants {
        let keep = |span| {
            [&v::RECEIVED_RATE, &v::SENT_RATE].map(|quantity| Keep {
                kind: v::NETWORK,
                quantity,
                each_device: true,
                span,
            })
        };
        let history = self.span.map(keep).into_iter().flatten().collect();
        Wants { want: Want::kinds(&[v::NETWORK]), history }
    }

    fn title(&self, _: &View<'_>, _: Rect) -> Title {
        Title::new("net")
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        wanted(view).next().is_none()
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        Some(row::rows(wanted(view).count()))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let all: Vec<Shown<'_>> = wanted(view).collect();
        let (shown, hidden) = row::visible(all.len(), area.height);
        let names = Names::of(view);
        let width = names.widest(&all[..shown], area.width / 3);
        let rest = area.width.saturating_sub(width + 2 * (RATE + 2));
        let totals = rest >= TOTALS;
        let graph = rest.saturating_sub(if totals { TOTALS } else { 0 }) / 2;
        let graph = graph.min(40);
        self.span = (graph > 0).then(|| view.settings.column * u32::from(graph));
        let window = Window { bucket: view.settings.column / 2, buckets: usize::from(graph) * 2 };
        for (n, shown) in all[..shown].iter().enumerate() {
            let mut pen = Pen::new(buffer, area, n as u16);
            pen.middle(width, &names.label(shown), view.theme.plain());
            let lines = [&v::RECEIVED_RATE, &v::SENT_RATE].map(|q| {
                let series = Series::of(v::NETWORK, &shown.device.name, q);
                if graph > 0 { view.graph(shown.source, &series, window) } else { Vec::new() }
            });
            let most = lines.iter().flatten().flatten().copied().fold(LOUD, f64::max);
            let top = graph::nice(most);
            let ways = [("▼ ", &v::RECEIVED_RATE), ("▲ ", &v::SENT_RATE)];
            for (way, ((arrow, rate), line)) in ways.into_iter().zip(&lines).enumerate() {
                pen.skip(1);
                draw_rate(view, shown, arrow, rate, &mut pen);
                let alone = view.theme.plain().fg(view.theme.spark[way]);
                let style = row::identity(view, shown.source, alone);
                spark::braille(pen.skip(1).take(graph), line, top, style);
            }
            if totals {
                draw_totals(view, shown, &mut pen);
            }
        }
        row::more(buffer, area, shown, hidden, view.theme);
    }
}

fn draw_rate(
    view: &View<'_>,
    shown: &Shown<'_>,
    arrow: &str,
    rate: &'static Quantity,
    pen: &mut Pen<'_>,
) {
    let mut pen = pen.part(RATE);
    pen.text(arrow, view.theme.dim());
    match shown.device.value(rate) {
        Some(value) => {
            let figure = number::rate_with_unit(value, view.settings.bits);
            row::figure(&mut pen, RATE, &figure, shown.old, view.theme.plain());
        }
        None => row::figure(&mut pen, RATE, "-", false, view.theme.dim()),
    }
}

fn draw_totals(view: &View<'_>, shown: &Shown<'_>, pen: &mut Pen<'_>) {
    let (plain, dim) = (view.theme.plain(), view.theme.dim());
    let total = |q| {
        let value: Option<f64> = shown.device.value(q);
        value.map(|n| number::short(n, Thousand::Decimal)).unwrap_or_default()
    };
    let (received, sent) = (total(&v::RECEIVED_BYTES), total(&v::SENT_BYTES));
    if received.is_empty() && sent.is_empty() {
        return;
    }
    pen.text("  total ▼", dim);
    row::figure(pen, 5, &received, shown.old, plain);
    pen.text(" ▲", dim);
    row::figure(pen, 5, &sent, shown.old, plain);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_are_chosen_or_left_out() {
        let with = |words: &[&str]| Settings {
            interfaces: words.iter().map(|w| (*w).to_owned()).collect(),
            ..Settings::default()
        };
        assert!(is_wanted(&with(&[]), "eth0"));
        assert!(is_wanted(&with(&["eth0"]), "eth0") && !is_wanted(&with(&["eth0"]), "lo"));
        assert!(!is_wanted(&with(&["!lo"]), "lo") && is_wanted(&with(&["!lo"]), "eth0"));
        assert!(is_wanted(&with(&["all", "!lo"]), "wlan0"));
    }
}
