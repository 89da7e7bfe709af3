//! The status bar: this machine in one line, or how many sources are in which state; what there is to
//! say; the layout and the time.

use super::{frame::age_of, parts::Parts};
use manytop_core::{
    clock::Moment,
    draw::text,
    health::State,
    measure::Measure,
    ratatui_core::{buffer::Buffer, layout::Rect, style::Style},
    source::Source,
    theme::Theme,
    totals::Totals,
    view::{Snapshot, SourceView},
    vocabulary as v,
};
use std::time::Duration;

/// What is shown beside the sources.
pub struct Status<'a> {
    /// Something to say, for a while.
    pub said: Option<&'a str>,
    /// The source that was opened.
    pub opened: Option<&'a Source>,
    /// The layout's name.
    pub layout: &'a str,
    /// How often frames come.
    pub interval: Duration,
    /// Warnings in the log that nobody has looked at.
    pub warnings: usize,
}

/// Draws the bar into one row.
pub fn draw(
    status: &Status<'_>,
    snapshot: &Snapshot,
    now: Moment,
    parts: &Parts,
    row: Rect,
    buffer: &mut Buffer,
) {
    let theme = &parts.theme;
    let clock = chrono::Local::now().format("%H:%M:%S");
    let right = match row.width {
        0..60 => format!("{clock}"),
        60..100 => format!("{}  {clock}  ?", age_of(status.interval)),
        _ => format!("{}  {}  {clock}  ? help", age_of(status.interval), status.layout),
    };
    let mut at = row.right().saturating_sub(text::width(&right) + 1).max(row.x);
    buffer.set_stringn(at, row.y, &right, usize::from(row.right() - at), theme.dim());
    if status.warnings > 0 && row.width >= 40 {
        let warnings =
            format!("!{} {}  ", status.warnings, if row.width < 100 { "L" } else { "L log" });
        at = at.saturating_sub(text::width(&warnings)).max(row.x);
        buffer.set_stringn(at, row.y, &warnings, usize::from(row.right() - at), theme.warn());
    }
    let room = usize::from(at - row.x).saturating_sub(2);
    let mut pen = Pen { x: row.x + 1, room, y: row.y, buffer };
    if let Some(said) = status.said {
        pen.put(said, theme.warn());
    } else if let Some(opened) = status.opened {
        let source = snapshot.find(opened);
        pen.put(opened.name(), theme.heading());
        if let Some(source) = source {
            pen.put(&format!("  {}", machine(source)), theme.plain());
        }
        pen.put("  Esc back  [ ] others", theme.dim());
    } else if let [one] = snapshot.sources.as_slice()
        && one.source == Source::Local
    {
        pen.put(&machine(one), theme.plain());
        if let (State::Late | State::Stale | State::Down, Some(worst)) =
            (one.state(now), one.worst(now))
        {
            let why = worst.health.failure.as_ref().map(|f| f.reason()).unwrap_or("no answer");
            let state = worst.health.state(now);
            pen.put(&format!("  {} {state}: {why}", worst.provider), theme.warn());
        }
    } else {
        let totals = snapshot.totals(now, &parts.settings.limits);
        states(&mut pen, totals, theme);
        figures(&mut pen, totals, parts);
    }
}

struct Pen<'a> {
    x: u16,
    y: u16,
    room: usize,
    buffer: &'a mut Buffer,
}

impl Pen<'_> {
    fn put(&mut self, words: &str, style: Style) {
        let (x, _) = self.buffer.set_stringn(self.x, self.y, words, self.room, style);
        self.room -= usize::from(x - self.x);
        self.x = x;
    }
}

/// `5 sources: 3 live  1 stale  1 DOWN`
fn states(pen: &mut Pen<'_>, totals: &Totals, theme: &Theme) {
    pen.put(&format!("{} sources:", totals.sources), theme.plain());
    let order = [
        (State::Live, "live", theme.plain()),
        (State::Starting, "starting", theme.plain()),
        (State::Idle, "idle", theme.dim()),
        (State::Late, "late", theme.warn()),
        (State::Stale, "stale", theme.warn()),
        (State::Down, "DOWN", theme.alarm()),
    ];
    for (state, word, style) in order {
        let n = totals.state(state);
        if n > 0 {
            pen.put(&format!("  {n} {word}"), style);
        }
    }
    if totals.acknowledged > 0 {
        pen.put(&format!("  {} acknowledged", totals.acknowledged), theme.dim());
    }
    if totals.offline > 0 {
        pen.put(&format!("  {} offline", totals.offline), theme.dim());
    }
}

/// `cpu mean 31 % p95 78 (291/300)   mem p95 84   disk > 95 %: 5`, as much of it as there is room for.
fn figures(pen: &mut Pen<'_>, totals: &Totals, parts: &Parts) {
    let (theme, limits) = (&parts.theme, &parts.settings.limits);
    let mut words: Vec<(String, Style)> = Vec::new();
    let cpu = totals.spread(Measure::Cpu);
    if let Some(mean) = cpu.mean() {
        let (p95, known, all) = (cpu.p95, cpu.known, totals.sources);
        let text = format!("   cpu mean {mean:.0} % p95 {p95:.0} ({known}/{all})");
        words.push((text, theme.plain()));
    }
    let memory = totals.spread(Measure::Memory);
    if memory.known > 0 {
        words.push((format!("   mem p95 {:.0}", memory.p95), theme.plain()));
    }
    let disk = totals.spread(Measure::Disk);
    if let (true, Some(limit)) = (disk.critical > 0, limits.get(Measure::Disk).critical) {
        words.push((format!("   disk > {limit} %: {}", disk.critical), theme.alarm()));
    }
    for (text, style) in words {
        if usize::from(text::width(&text)) > pen.room {
            return;
        }
        pen.put(&text, style);
    }
}

/// What fits where no box does: processors and memory of each source, trouble first, one after the
/// other.
pub fn tiny(snapshot: &Snapshot, now: Moment, parts: &Parts, area: Rect, buffer: &mut Buffer) {
    let (theme, limits) = (&parts.theme, &parts.settings.limits);
    let cells = usize::from(area.width) * usize::from(area.height);
    if snapshot.sources.len() > cells {
        // not one of them would have a cell
        let totals = snapshot.totals(now, limits);
        let mut pen = Pen { x: area.x, y: area.y, room: area.width.into(), buffer };
        let down = totals.state(State::Down);
        let style = if down > 0 { theme.alarm() } else { theme.plain() };
        pen.put(&format!("{down} DOWN"), style);
        return;
    }
    let mut sources: Vec<&SourceView> = snapshot.sources.iter().map(|s| &**s).collect();
    sources.sort_by_key(|s| std::cmp::Reverse(s.state(now).is_old()));
    let figure = |value: Option<f64>| value.map_or("-".into(), |v| format!("{v:.0}"));
    let words = sources.iter().map(|s| {
        let name = if sources.len() > 1 { format!("{} ", s.source.name()) } else { String::new() };
        match s.state(now) {
            State::Down => format!("{name}DOWN"),
            _ => format!("{name}cpu {} mem {}", figure(s.summary.cpu), figure(s.summary.memory)),
        }
    });
    let words: Vec<char> = words.collect::<Vec<_>>().join("  ").chars().collect();
    for (y, line) in (area.y..area.bottom()).zip(words.chunks(usize::from(area.width.max(1)))) {
        let line: String = line.iter().collect();
        buffer.set_stringn(area.x, y, line, usize::from(area.width), theme.plain());
    }
}

/// `vm1  Linux 6.1.0  up 1h24m  load 0.31 0.23 0.59  75 tasks, 1 running`
fn machine(source: &SourceView) -> String {
    let Some(host) = source.devices(v::HOST).next() else { return String::new() };
    let mut parts: Vec<String> = Vec::new();
    parts.extend([&v::HOSTNAME, &v::KERNEL].iter().filter_map(|t| Some(host.text(t)?.to_owned())));
    if let Some(up) = host.value(&v::UPTIME_SECONDS) {
        parts.push(format!("up {}", age_of(Duration::from_secs_f64(up.max(0.0)))));
    }
    let loads: Vec<String> = [&v::LOAD1, &v::LOAD5, &v::LOAD15]
        .iter()
        .filter_map(|q| Some(format!("{:.2}", host.value(q)?)))
        .collect();
    if !loads.is_empty() {
        parts.push(format!("load {}", loads.join(" ")));
    }
    if let Some(tasks) = host.value(&v::TASKS) {
        let running = host.value(&v::RUNNING).map(|r| format!(", {r} running")).unwrap_or_default();
        parts.push(format!("{tasks} tasks{running}"));
    }
    parts.join("  ")
}
