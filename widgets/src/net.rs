//! Network traffic: the busiest interface as a graph, received up and sent down, the others a row each.
//!
//! ```text
//! ╭─ net ─ enp5s0 ─ ▼ 48MB/s ─ ▲ 6.1MB/s ──── 2.5 Gbit/s ─╮
//! │ ⣀⣤⣶⣿⣿⣶⣤⣀⣀⣤⣶⣶⣤⣀⣀⣀⣤⣶⣿⣿⣶⣤⣀                               │
//! │ ⠉⠛⠿⠛⠉⠉⠛⠿⠿⠛⠉⠉⠉⠛⠿⠛⠉⠉⠉⠉⠉⠉                                │
//! │ wg0        ▼ 1.2M ⣀⣀⣤⣤⣀⣀  ▲ 310k ⣀⣀⣀⣀⣀⣀               │
//! ╰───────────────────────────────────────────────────────╯
//! ```
//!
//! Errors and dropped packets stand behind an interface while there are any. An interface that never
//! carried anything is left out unless `netinterface` names it. Several sources: a row an interface.

use crate::{
    cpu::spans,
    row::{self, ShortNames},
    series::{self, Samples},
};
use manytop_plugin::{
    draw::{Canvas, Scale, compact},
    history::Series,
    interfaces::{self, LinkLayer},
    provider::Selection,
    ratatui_core::{buffer::Buffer, layout::Rect, style::Style, text::Line},
    reading::Metric,
    view::{Settings, Shown, View},
    vocabulary as v,
    widget::{Axis, Plugin, Title, Wants, Widget},
};

manytop_plugin::inventory::submit! {
    Plugin::new("net", "Network traffic of every source", |_| Ok(Box::<Net>::default()))
        .draws(&[v::NETWORK])
}

/// The least that fills a graph: below it, traffic is noise.
pub const LOUD: f64 = 10_000.0;

struct Net {
    received: Scale,
    sent: Scale,
    /// The interface with the graph; another takes its place only when it is much busier.
    busiest: Option<Series>,
}

impl Default for Net {
    fn default() -> Net {
        Net { received: Scale::at_least(LOUD), sent: Scale::at_least(LOUD), busiest: None }
    }
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

/// Bridges, tunnels and the ends of containers' cables carry the traffic of others: they are not the
/// busiest while a port or a bond is there.
fn is_virtual(name: &str) -> bool {
    interfaces::layer(name) > LinkLayer::Bond
}

fn traffic(shown: &Shown<'_>) -> f64 {
    let rate = |metric: &Metric| shown.device.value(metric).unwrap_or(0.0);
    rate(&v::RECEIVED_RATE) + rate(&v::SENT_RATE)
}

/// The interface that carries most now, a real one where there is one.
pub fn busiest<'a>(view: &'a View<'a>) -> Option<Shown<'a>> {
    let rank = |s: &Shown<'_>| (!is_virtual(&s.device.name), traffic(s));
    wanted(view).max_by(|a, b| {
        let (a, b) = (rank(a), rank(b));
        a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
    })
}

impl Net {
    /// The interfaces in the order in which they are shown: the one with the graph, then real ones, the
    /// busiest first.
    fn sorted<'a>(&self, view: &'a View<'a>) -> Vec<Shown<'a>> {
        let mut all: Vec<Shown<'_>> = wanted(view).collect();
        let total = |s: &Shown<'_>| {
            let bytes = |metric: &Metric| s.device.value(metric).unwrap_or(0.0);
            bytes(&v::RECEIVED_BYTES) + bytes(&v::SENT_BYTES)
        };
        all.sort_by(|a, b| {
            let real = is_virtual(&a.device.name).cmp(&is_virtual(&b.device.name));
            real.then_with(|| total(b).total_cmp(&total(a)))
        });
        let is_first = |s: &Shown<'_>| {
            self.busiest.as_ref().is_some_and(|b| b.device.as_deref() == Some(&*s.device.name))
        };
        if let Some(at) = all.iter().position(is_first) {
            all[..=at].rotate_right(1);
        }
        all
    }

    /// Gives the graph to another interface when that carries more than twice as much.
    fn choose(&mut self, all: &[Shown<'_>]) {
        let real = || all.iter().filter(|s| !is_virtual(&s.device.name));
        let most = real().max_by(|a, b| traffic(a).total_cmp(&traffic(b)));
        let Some(most) = most.or(all.first()) else { return };
        let current = all.iter().find(|s| {
            self.busiest.as_ref().is_some_and(|b| b.device.as_deref() == Some(&*s.device.name))
        });
        if current.is_none_or(|now| traffic(most) > 2.0 * traffic(now).max(LOUD)) {
            self.busiest = Some(Series::of(v::NETWORK, &most.device.name, &v::RECEIVED_RATE));
        }
    }
}

impl Widget for Net {
    fn wants(&self) -> Wants {
        let history = [&v::RECEIVED_RATE, &v::SENT_RATE].map(|m| series::each(v::NETWORK, m));
        Wants { want: Selection::kinds(&[v::NETWORK]), history: history.into() }
    }

    fn title(&self, view: &View<'_>, area: Rect) -> Title {
        let theme = view.theme;
        if view.alone().is_none() {
            return Title::new("net");
        }
        let all = self.sorted(view);
        let Some(first) = all.first() else { return Title::new("net") };
        let mut title =
            Title::new("net").value(Line::styled(first.device.name.to_string(), theme.hi));
        if area.height < 4 && area.width < 40 {
            return title;
        }
        let rate = |mark: &str, style: Style, metric: &Metric| {
            let value = first.device.value(metric);
            let (figure, unit) = figure(view, value);
            spans(&[(mark, style), (&figure, theme.strong()), (unit, theme.dim)])
        };
        if area.width >= 40 && !first.old {
            title = title.item(rate("▼ ", theme.rx, &v::RECEIVED_RATE)).item(rate(
                "▲ ",
                theme.tx,
                &v::SENT_RATE,
            ));
        }
        let columns = area.width.saturating_sub(2);
        let most = [&v::RECEIVED_RATE, &v::SENT_RATE]
            .map(|metric| main_samples(view, first, metric, columns).highest());
        if area.width >= 90 && most.iter().any(Option::is_some) {
            let most = most.map(|most| figure(view, most).0);
            let parts = [
                ("max ", theme.dim),
                (&*most[0], theme.text),
                (" / ", theme.dim),
                (&*most[1], theme.text),
            ];
            title = title.right(spans(&parts));
        }
        if let Some(link) = first.device.text(&v::LINK) {
            title = title.right(Line::styled(link.to_owned(), theme.dim));
        }
        if area.height >= 14 {
            title = title.axis(Axis { x: 0, width: area.width, column: view.settings.column });
        }
        title
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        wanted(view).next().is_none()
    }

    fn rows(&self, view: &View<'_>, _: u16) -> Option<u16> {
        let all = wanted(view).count();
        Some(match view.alone() {
            Some(_) => 4 + row::rows(all.saturating_sub(1)).min(6),
            None => row::rows(all),
        })
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let all: Vec<Shown<'_>> = wanted(view).collect();
        self.choose(&all);
        let all = self.sorted(view);
        let mut on = Canvas::new(buffer, area, view.theme);
        match (all.split_first(), view.alone()) {
            (None, _) => {}
            (Some((first, _)), Some(_)) if on.height() == 1 => tiny(view, first, &mut on),
            (Some((first, others)), Some(_)) if on.width() < 40 || on.height() < 4 => {
                self.small(view, first, others, &mut on);
            }
            (Some((first, others)), Some(_)) => self.large(view, first, others, &mut on),
            (Some(_), None) => self.rows(view, &all, 0, &mut on),
        }
    }
}

/// A rate in four columns, and its unit.
pub fn figure(view: &View<'_>, value: Option<f64>) -> (String, &'static str) {
    let (factor, unit) = if view.settings.bits { (8.0, "b/s") } else { (1.0, "B/s") };
    let figure = value.map(|v| compact::bytes(v * factor).to_string());
    (figure.unwrap_or_else(|| "-".into()), unit)
}

fn samples(view: &View<'_>, shown: &Shown<'_>, metric: &Metric, columns: u16) -> Samples {
    Samples::device(view, shown.source, (v::NETWORK, metric), &shown.device.name, columns)
}

/// Of the busiest interface, or of all together where that is all that was kept.
fn main_samples(view: &View<'_>, shown: &Shown<'_>, metric: &Metric, columns: u16) -> Samples {
    let of = (v::NETWORK, metric);
    Samples::device_or_whole(view, shown.source, of, &shown.device.name, columns)
}

impl Net {
    /// The graph of the busiest, then a row each.
    fn large(
        &mut self,
        view: &View<'_>,
        first: &Shown<'_>,
        others: &[Shown<'_>],
        on: &mut Canvas<'_>,
    ) {
        let theme = view.theme;
        let below = row::rows(others.len()).min(on.height().saturating_sub(2));
        let rows = on.height() - below;
        let at = Rect::new(1, 0, on.width().saturating_sub(2), rows);
        let [rx, tx] =
            [&v::RECEIVED_RATE, &v::SENT_RATE].map(|m| main_samples(view, first, m, at.width));
        let tops = [
            self.received.fit(rx.highest().unwrap_or(0.0), view.now),
            self.sent.fit(tx.highest().unwrap_or(0.0), view.now),
        ];
        let plot = if rows >= 8 { on.byte_scale(at, tops[0], Some(tops[1])) } else { at };
        on.mirrored(
            plot,
            (rx.trace(), tops[0], theme.rx.into()),
            (tx.trace(), tops[1], theme.tx.into()),
        );
        self.rows(view, &others[..usize::from(below)], rows, on);
    }

    /// Received and sent in a row each, the next interface below.
    fn small(
        &mut self,
        view: &View<'_>,
        first: &Shown<'_>,
        others: &[Shown<'_>],
        on: &mut Canvas<'_>,
    ) {
        let theme = view.theme;
        let ways = [
            ('▼', theme.rx, &v::RECEIVED_RATE, &mut self.received),
            ('▲', theme.tx, &v::SENT_RATE, &mut self.sent),
        ];
        for (y, (mark, style, metric, scale)) in (0..).zip(ways) {
            let columns = on.width().saturating_sub(9);
            let samples = main_samples(view, first, metric, columns);
            let top = scale.fit(samples.highest().unwrap_or(0.0), view.now);
            on.set(1, y, mark, style);
            on.number(2, y, 5, &figure(view, first.device.value(metric)).0, theme.hi);
            on.spark(8, y, columns, samples.trace(), top, style.into());
        }
        let errors = faults(first);
        if let Some(words) = errors {
            on.put(1, 2, &words, theme.warn);
        } else if let Some(next) = others.first() {
            let end = on.column(1, 2, 8, &next.device.name, theme.dim);
            let mut x = end.max(9);
            for (mark, style, metric) in
                [("▼ ", theme.rx, &v::RECEIVED_RATE), ("  ▲ ", theme.tx, &v::SENT_RATE)]
            {
                let figure = figure(view, next.device.value(metric)).0;
                x = on.runs(x, 2, &[(mark, style), (&figure, theme.text)]);
            }
        }
    }

    /// Rows: name, received with its history, sent with its history, what is wrong.
    fn rows(&mut self, view: &View<'_>, all: &[Shown<'_>], y: u16, on: &mut Canvas<'_>) {
        let theme = view.theme;
        let names = ShortNames::of(view);
        let most = (on.width() / 3).max(10);
        let label = names.widest(all, most).clamp(10.min(most), most);
        let room = on.width().saturating_sub(label + 2 + 2 * 8);
        let graph = (room / 2).min(if view.alone().is_some() { 12 } else { 40 });
        for (y, shown) in (y..on.height()).zip(all) {
            on.column(1, y, label, &names.label(shown), theme.text);
            let mut x = label + 2;
            for (mark, style, metric) in
                [('▼', theme.rx, &v::RECEIVED_RATE), ('▲', theme.tx, &v::SENT_RATE)]
            {
                let samples = samples(view, shown, metric, graph);
                let top = samples.highest().unwrap_or(0.0).max(LOUD);
                on.set(x, y, mark, style);
                let (figure, _) = figure(view, shown.device.value(metric));
                let is_old = shown.old && figure != "-";
                on.number(x + 1, y, 5, &figure, if is_old { theme.stale } else { theme.text });
                if is_old {
                    on.set(x + 6, y, '?', theme.stale);
                }
                on.spark(x + 7, y, graph, samples.trace(), top, style.into());
                x += graph + 9;
            }
            match faults(shown) {
                Some(words) => on.put(x, y, &words, theme.warn),
                None => on.put(x, y, shown.device.text(&v::LINK).unwrap_or_default(), theme.dim),
            };
        }
    }
}

/// Errors and dropped packets a second, while there are any.
pub fn faults(shown: &Shown<'_>) -> Option<String> {
    let sum = |a: &Metric, b: &Metric| {
        shown.device.value(a).unwrap_or(0.0) + shown.device.value(b).unwrap_or(0.0)
    };
    let errors = sum(&v::RECEIVED_ERRORS_RATE, &v::SENT_ERRORS_RATE);
    let drops = sum(&v::RECEIVED_DROPS_RATE, &v::SENT_DROPS_RATE);
    match (errors > 0.0, drops > 0.0) {
        (false, false) => None,
        (true, _) => Some(format!("{}! errors/s", compact::bytes(errors.max(1.0)))),
        (false, true) => Some(format!("{}! lost/s", compact::bytes(drops.max(1.0)))),
    }
}

/// One row: both rates, the history of what is received.
fn tiny(view: &View<'_>, shown: &Shown<'_>, on: &mut Canvas<'_>) {
    let theme = view.theme;
    let rx = samples(view, shown, &v::RECEIVED_RATE, 12);
    on.put(1, 0, "net", theme.dim);
    on.set(9, 0, '▼', theme.rx);
    on.spark(11, 0, 12, rx.trace(), rx.highest().unwrap_or(0.0).max(LOUD), theme.rx.into());
    on.number(25, 0, 4, &figure(view, shown.device.value(&v::RECEIVED_RATE)).0, theme.text);
    on.set(31, 0, '▲', theme.tx);
    on.number(32, 0, 5, &figure(view, shown.device.value(&v::SENT_RATE)).0, theme.text);
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
