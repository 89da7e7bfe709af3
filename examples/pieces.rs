//! The pieces that widgets are drawn with, on made-up values, in real boxes: a look for authors of widgets.
//!
//! ```sh
//! cargo run --example pieces -- --no-local -l - < examples/pieces.layout
//! cargo run --example pieces -- --no-local -c light -l - < examples/pieces.layout
//! ```

use manytop_core::{
    draw::{Canvas, Ink, Place, Scale, Trace, compact, table::Align},
    inventory,
    ratatui_core::{buffer::Buffer, layout::Rect, text::Line, text::Span},
    theme::Theme,
    view::View,
    widget::{Axis, Command, Plugin, Title, Wants, Widget, hot, legend},
};
use std::{process::ExitCode, time::Duration};

fn main() -> ExitCode {
    manytop::main()
}

const KEYS: &[Command] = &[Command::new("demo", "/", "filter")];

inventory::submit! { Plugin::new("democpu", "A stack and cores", |_| Ok(Box::new(Cpu))) }
inventory::submit! { Plugin::new("demomem", "A stacked bar", |_| Ok(Box::new(Mem))) }
inventory::submit! {
    Plugin::new("demonet", "A mirrored graph", |_| Ok(Box::new(Net(Scale::at_least(1e3)))))
}
inventory::submit! { Plugin::new("demodisk", "Meters", |_| Ok(Box::new(Disk))) }
inventory::submit! { Plugin::new("demotemp", "Heads in the border", |_| Ok(Box::new(Temp))) }
inventory::submit! {
    Plugin::new("demoprocs", "Rows with a cursor", |_| Ok(Box::new(Procs))).list().commands(KEYS)
}

/// A load that looks like one, `n` samples of it, from 0 to 100.
fn load(seed: u32, n: usize, base: f32, swing: f32) -> Vec<f32> {
    let mut state = seed.wrapping_mul(2_654_435_761).max(1);
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        (state % 2000) as f32 / 1000.0 - 1.0
    };
    let (mut slow, mut fast, mut peak) = (0.0, 0.0, 0.0);
    let mut next = || {
        slow = slow * 0.96 + random() * 0.2;
        fast = fast * 0.6 + random() * 0.3;
        peak = if random() > 0.97 { 2.0 } else { peak * 0.8 };
        (base + swing * (slow + fast + peak)).clamp(0.0, 100.0)
    };
    (0..n).map(|_| next()).collect()
}

fn run(words: &'static str, style: manytop_core::ratatui_core::style::Style) -> Span<'static> {
    Span::styled(words, style)
}

fn share(words: &'static str, theme: &Theme) -> Line<'static> {
    Line::from(vec![run(words, theme.strong()), run(" %", theme.dim)])
}

struct Cpu;

impl Cpu {
    /// Where the graph ends and the cores begin.
    const CORES: u16 = 62;
}

impl Widget for Cpu {
    fn wants(&self) -> Wants {
        Wants::default()
    }

    fn title(&self, view: &View<'_>, area: Rect) -> Title {
        let t = view.theme;
        let split = area.width.saturating_sub(Cpu::CORES);
        Title::new("cpu")
            .value(share("44", t))
            .item(legend(t.ramp(32.0), None, "user", "31", t))
            .item(legend(t.system, None, "system", "8", t))
            .item(legend(t.iowait, None, "iowait", "5", t))
            .value(Line::from(vec![run("max ", t.dim), run("88!", t.level(88.0))]))
            .right(Line::styled("Ryzen 7 7700X", t.dim))
            .right(Line::from(vec![run("4.9", t.text), run(" GHz", t.dim)]))
            .right(Line::from(vec![run("71", t.text), run("°C", t.dim)]))
            .divider(split)
            .axis(Axis { x: 4, width: split.saturating_sub(4), column: Duration::from_secs(2) })
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let mut on = Canvas::new(buffer, area, view.theme);
        let t = on.theme;
        let split = on.width().saturating_sub(Cpu::CORES);
        let plot = on.percent_scale(Rect::new(0, 0, split, on.height()));
        let n = usize::from(plot.width) * 2;
        let [user, system] = [load(3, n, 34.0, 22.0), load(4, n, 9.0, 4.0)];
        let iowait: Vec<f32> = load(5, n, 0.0, 6.0).iter().map(|v| v.max(0.0)).collect();
        let layers = [
            (Trace::from(&system), Ink::One(t.system_area)),
            (Trace::from(&user), Ink::Level),
            (Trace::from(&iowait), Ink::One(t.iowait)),
        ];
        on.stack(plot, &layers, 100.0);
        for column in 0..2 {
            let x = split + 2 + column * 31;
            on.put(x, 0, "core", t.dim);
            on.number(x + 12, 0, 3, "22s", t.dim);
            on.number(x + 16, 0, 3, "%", t.dim);
            for row in 0..8 {
                let core = column * 8 + row;
                let history = load(50 + u32::from(core), 22, 100.0 / f32::from(core + 1), 14.0);
                let trace = Trace::from(&history);
                on.number(x, 1 + row, 3, &core.to_string(), t.dim);
                on.spark(x + 4, 1 + row, 11, trace, 100.0, Ink::Level);
                on.percent(x + 16, 1 + row, 3, trace.last(), t.levels, false);
            }
        }
        let cores = (0..16).map(|n| Some(100.0 / f64::from(n + 1)));
        on.put(split + 2, 10, "cores", t.dim);
        on.bars(split + 11, 10, cores, 100.0, Ink::Level);
        for n in 0..40 {
            on.tile(split + 2 + n, 12, f64::from(n) * 2.5);
        }
        on.set(split + 12, 12, '!', t.on_warn);
        on.set(split + 22, 12, 'x', t.on_crit);
        on.set(split + 32, 12, '?', t.on_stale);
    }
}

struct Mem;

impl Widget for Mem {
    fn wants(&self) -> Wants {
        Wants::default()
    }

    fn title(&self, view: &View<'_>, _: Rect) -> Title {
        let t = view.theme;
        Title::new("mem")
            .value(share("62", t))
            .item(Line::from(vec![run("of ", t.dim), run("31.3G", t.text)]))
            .right(Line::from(vec![run("available ", t.dim), run("11.8G", t.text)]))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let mut on = Canvas::new(buffer, area, view.theme);
        let t = on.theme;
        let width = on.width().saturating_sub(2);
        let parts = [
            ("used", "18.1", 0.578, t.used),
            ("shared", "1.3", 0.042, t.shared),
            ("buf", "0.6", 0.019, t.buffers),
            ("cached", "9.1", 0.29, t.cached),
            ("free", "2.2", 0.071, t.free),
        ];
        on.stackbar(1, 0, width, &parts.map(|(_, _, share, style)| (share, style)));
        let mut x = 1;
        for (n, (name, size, _, style)) in parts.into_iter().enumerate() {
            let style = if n == 4 { t.line } else { style };
            x = 1 + on.line(x, 1, &legend(style, Some(n), name, size, t));
        }
        let n = usize::from(width) * 2;
        let (used, cached) = (load(9, n, 56.0, 3.0), load(10, n, 30.0, 4.0));
        let layers = [(Trace::from(&used), t.used.into()), (Trace::from(&cached), t.cached.into())];
        let rows = on.height().saturating_sub(4);
        on.stack(Rect::new(1, 2, width, rows), &layers, 100.0);
        let y = 2 + rows;
        on.put(1, y, "swap", t.dim);
        on.meter(10, y, 10, 0.11, Ink::Level);
        on.number(20, y, 4, "11", t.text);
        on.runs(24, y, &[(" %  ", t.dim), ("0.9", t.text), (" of ", t.dim), ("8.0G", t.text)]);
        on.put(1, y + 1, "stalled", t.dim);
        let stalled = load(11, 20, 1.0, 3.0);
        on.spark(10, y + 1, 10, Trace::from(&stalled), 20.0, t.iowait.into());
    }
}

struct Net(Scale);

impl Widget for Net {
    fn wants(&self) -> Wants {
        Wants::default()
    }

    fn title(&self, view: &View<'_>, _: Rect) -> Title {
        let t = view.theme;
        let rate = |mark, words, style| {
            let spans = [run(mark, style), run(words, t.strong()), run("B/s", t.dim)];
            spans.into_iter().collect::<Line<'_>>()
        };
        Title::new("net")
            .value(Line::styled("enp5s0", t.hi))
            .item(rate("▼ ", "48M", t.rx))
            .item(rate("▲ ", "6.1M", t.tx))
            .right(Line::styled("2.5 Gbit/s", t.dim))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let mut on = Canvas::new(buffer, area, view.theme);
        let t = on.theme;
        let at = Rect::new(0, 0, on.width(), on.height().saturating_sub(1));
        let [received, sent] = [7, 8].map(|seed| load(seed, usize::from(at.width) * 2, 46.0, 26.0));
        let received: Vec<f32> = received.iter().map(|v| v * 1e6).collect();
        let sent: Vec<f32> = sent.iter().map(|v| v * 2e5).collect();
        let (rx, tx) = (Trace::from(&received), Trace::from(&sent));
        let top = self.0.fit(rx.highest(at.width).unwrap_or(0.0), view.now);
        let plot = on.byte_scale(at, top, Some(2e7));
        on.mirrored(plot, (rx, top, t.rx.into()), (tx, 2e7, t.tx.into()));
        let y = at.height;
        on.put(1, y, "wg0", t.text);
        on.set(12, y, '▼', t.rx);
        on.number(13, y, 5, &compact::bytes(1.2e6), t.text);
        on.spark(19, y, 12, rx, top, t.rx.into());
        on.set(33, y, '▲', t.tx);
        on.number(34, y, 5, &compact::bytes(310e3), t.text);
        on.spark(40, y, 12, tx, 2e7, t.tx.into());
    }
}

struct Disk;

impl Widget for Disk {
    fn wants(&self) -> Wants {
        Wants::default()
    }

    fn title(&self, view: &View<'_>, _: Rect) -> Title {
        let t = view.theme;
        let full = [run("/srv ", t.hi), run("93", t.warn), run(" % full", t.dim)];
        Title::new("disk")
            .value(full.into_iter().collect::<Line<'_>>())
            .right(Line::styled("full in 2 days at this rate", t.dim))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let mut on = Canvas::new(buffer, area, view.theme);
        let t = on.theme;
        on.put(1, 0, "mount", t.dim);
        on.put(10, 0, "full", t.dim);
        on.number(17, 0, 3, "%", t.dim);
        on.number(40, 0, 5, "rB/s", t.dim);
        on.number(45, 0, 5, "wB/s", t.dim);
        on.number(50, 0, 4, "ms", t.dim);
        let disks = [
            ("/srv", 93.0, 11.8e6, 88.2e6, 18.0),
            ("/", 61.0, 1.2e6, 6.4e6, 0.3),
            ("/var", 58.0, 0.0, 9.1e6, 0.4),
            ("/backup", 44.0, 0.0, 0.0, f64::NAN),
        ];
        for (y, (mount, full, read, written, ms)) in (1..).zip(disks) {
            on.put(1, y, mount, t.text);
            on.meter(10, y, 7, full / 100.0, Ink::Level);
            on.percent(17, y, 3, Some(full), t.levels, false);
            on.rate(40, y, 5, Some(read));
            on.rate(45, y, 5, Some(written));
            on.number(50, y, 4, &compact::millis(ms), t.level_of(ms, 15.0, 50.0));
        }
    }
}

struct Temp;

impl Widget for Temp {
    fn wants(&self) -> Wants {
        Wants::default()
    }

    fn title(&self, view: &View<'_>, _: Rect) -> Title {
        let t = view.theme;
        let head = |name, unit| Line::from(vec![run(name, t.strong()), run(unit, t.dim)]);
        Title::new("temp")
            .value(Line::styled("°C", t.dim))
            .head(22, head("fans", " 1/min"))
            .head(42, head("power", " 131 W"))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let mut on = Canvas::new(buffer, area, view.theme);
        let t = on.theme;
        let temps = [("cpu", 71.0, 95.0), ("sda", 49.0, 60.0), ("nvme0", 58.0, 84.0)];
        for (y, (name, value, limit)) in (0..).zip(temps) {
            on.column(1, y, 6, name, t.dim);
            on.number(7, y, 3, &compact::percent(value), t.level_of(value, limit, limit));
            on.meter(11, y, 8, (value - 20.0) / (limit - 20.0), Ink::Level);
            on.column(22, y, 6, "fan", t.dim);
            on.number(28, y, 4, "1420", t.text);
            on.meter(33, y, 7, 0.62, t.used.into());
        }
    }
}

struct Procs;

impl Widget for Procs {
    fn wants(&self) -> Wants {
        Wants::default()
    }

    fn title(&self, view: &View<'_>, area: Rect) -> Title {
        let t = view.theme;
        Title::new("procs")
            .value(Line::from(vec![run("by ", t.dim), run("cpu", t.hi)]))
            .item(Line::from(vec![run("7", t.text), run(" running", t.dim)]))
            .item(Line::from(vec![run("2", t.stale), run(" blocked", t.dim)]))
            .right(hot("{t}ree", t.text, t))
            .right(hot("{/} filter", t.text, t))
            .right(Line::styled("1-28 of 412", t.dim))
            .scroll(0, usize::from(area.height.saturating_sub(1)), 412)
            .rule(area.height.saturating_sub(5), vec![Line::styled("a rule", t.dim)])
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let mut on = Canvas::new(buffer, area, view.theme);
        let t = on.theme;
        let [pid, user, cpu] = [(1, 6), (8, 8), (17, 5)].map(|(x, width)| Place { x, width });
        on.head(0, pid, "{P}ID", Align::Right, None);
        on.head(0, user, "USER", Align::Left, None);
        on.head(0, cpu, "{C}PU%", Align::Right, Some(false));
        on.hot(52, 0, "COMMA{N}D", t.dim);
        for y in 1..on.height() {
            let share = 312.0 / f64::from(y * y);
            on.number(1, y, 6, &(48_211 - 1_300 * u32::from(y)).to_string(), t.dim);
            on.column(8, y, 8, "postgres", t.dim);
            let bright = if share >= 1.0 { t.hi } else { t.dim };
            on.number(17, y, 5, &compact::process(share), bright);
            let history = load(u32::from(y), 10, (share as f32).min(100.0), 4.0);
            on.spark(23, y, 5, Trace::from(&history), 100.0, t.ramp(share.sqrt() * 2.5).into());
            on.number(36, y, 4, &compact::memory(3.8e9 / f64::from(y)), t.text);
            on.rate(41, y, 6, Some(if y % 3 == 0 { 4.2e6 } else { 0.0 }));
            let x = on.put(52, y, "postgres ", bright);
            on.put(x, y, "checkpointer --crate-name manytop --edition 2024 src/main.rs", t.dim);
        }
        on.select(3, 8..16);
        let y = on.height().saturating_sub(1);
        let x = on.keycap(1, y, "Enter", "details");
        on.keycap(x + 2, y, "/", "filter");
    }
}
