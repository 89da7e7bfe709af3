//! The first row: the machine and what is wrong with it, or how many hosts are in which state; at the
//! right the age of what is shown, the interval and the time.
//!
//! ```text
//! build-2  Debian 13  Linux 6.12.9  up 41d 03h  412 tasks   ! /srv 93 % full      ● live  1s  14:32:07
//! 400 hosts  384 fine   x 4 DOWN   ! 7 over a limit   ? 3 stale   ~ 1 late        ● live  1s  14:32:07
//! ```

use super::{
    dashboard_config::DashboardConfig,
    frame::age_of,
    warnings::{Warning, Warnings},
};
use manytop_core::{
    alert::Severity,
    clock::Moment,
    draw::{
        Canvas, compact,
        text::{distribution, width},
    },
    fleet_stats::FleetStats,
    health::State,
    ratatui_core::{
        buffer::Buffer,
        layout::Rect,
        style::{Modifier, Style},
    },
    source::Source,
    theme::Theme,
    trouble::Trouble,
    view::{HOST_COLORS, Snapshot, SourceView},
    vocabulary as v,
};
use std::time::Duration;

/// What the first row shows beside the sources.
pub struct Header<'a> {
    /// The source that was opened.
    pub opened: Option<&'a Source>,
    /// How often frames come.
    pub interval: Duration,
    /// Warnings in the log that were not looked at.
    pub unseen: usize,
}

/// Below this width the row has no room to spare.
const NARROW: u16 = 100;
/// From this width on the row says how many of a fleet answer in time.
const IN_TIME: u16 = 120;

/// Texts with their styles.
type HeaderRuns = Vec<(String, Style)>;

/// The built-in rules of alerts whose trouble the row says anyway.
const SAID: [&str; 11] = [
    "host-down",
    "host-stale",
    "disk",
    "inodes",
    "io-pressure",
    "swap-storm",
    "failed-unit",
    "array-degraded",
    "drive-failing",
    "hot",
    "throttled",
];

/// Draws the row.
pub fn draw(
    header: &Header<'_>,
    warnings: &mut Warnings,
    (snapshot, now): (&Snapshot, Moment),
    config: &DashboardConfig,
    row: Rect,
    buffer: &mut Buffer,
) {
    let theme = &config.theme;
    let mut on = Canvas::new(buffer, row, theme);
    let wide = on.width();
    let alone = alone(header, snapshot);
    let totals = || snapshot.totals(now, &config.settings.limits);
    let (left, trouble) = match alone {
        Some(one) => {
            let found = warnings.hold(&one.source, wrong(one, now, config), now);
            (machine(one, header, snapshot, config, wide), written(found, theme))
        }
        None => fleet(totals(), config),
    };
    let mut right = clock(header, alone, now, config, wide);
    let texts = trouble.iter().flatten().chain(&left).chain(&right);
    let needed: usize = texts.map(|(text, _)| usize::from(width(text))).sum();
    if wide < NARROW && needed + 3 * (trouble.len() + 1) > usize::from(wide) {
        // how many hosts are in trouble is worth more than that the log says so too
        let header = Header { unseen: 0, ..*header };
        right = clock(&header, alone, now, config, wide);
    }
    if alone.is_none() && wide >= IN_TIME && snapshot.sources.len() > HOST_COLORS {
        let words = format!("{}/{} in time   ", totals().in_time(), totals().sources);
        right.insert(0, (words, theme.dim));
    }
    let at = wide.saturating_sub(length(&right) + 1);
    runs(&mut on, at, &right);
    let mut x = 1;
    for part in left {
        if x + length(std::slice::from_ref(&part)) > at.saturating_sub(1) {
            break;
        }
        x = runs(&mut on, x, &[part]);
    }
    for part in trouble {
        let room = at.saturating_sub(x + 4);
        if length(&part) > room {
            // a long reason is cut where enough of it can be read
            if room >= SHORTEST_REASON {
                runs(&mut on.part(Rect::new(x + 3, 0, room, 1)), 0, &shortened(part, room));
            }
            break;
        }
        x = runs(&mut on, x + 3, &part);
    }
}

/// What the row says at the left, blanks included, for the time bar: the machine or the hosts, and what
/// was wrong.
pub fn facts(
    header: &Header<'_>,
    snapshot: &Snapshot,
    now: Moment,
    config: &DashboardConfig,
    wide: u16,
) -> Vec<(String, Style)> {
    let (left, trouble) = match alone(header, snapshot) {
        Some(one) => {
            let trouble = written(wrong(one, now, config), &config.theme);
            (machine(one, header, snapshot, config, wide), trouble)
        }
        None => fleet(snapshot.totals(now, &config.settings.limits), config),
    };
    let blanks = || ("   ".to_owned(), config.theme.dim);
    let trouble = trouble.into_iter().flat_map(|part| std::iter::once(blanks()).chain(part));
    std::iter::once(blanks()).chain(left).chain(trouble).collect()
}

/// The one source that the row is about; `None` for several.
fn alone<'a>(header: &Header<'_>, snapshot: &'a Snapshot) -> Option<&'a SourceView> {
    match (header.opened, snapshot.sources.as_slice()) {
        (Some(opened), _) => snapshot.find(opened).map(|one| &**one),
        (None, [one]) => Some(&**one),
        (None, _) => None,
    }
}

/// The columns that a cut reason has at least.
const SHORTEST_REASON: u16 = 16;

/// Runs cut to so many columns, with `…` at the end.
fn shortened(runs: HeaderRuns, columns: u16) -> HeaderRuns {
    let mut left = columns.saturating_sub(1);
    let mut all = HeaderRuns::new();
    for (text, style) in runs {
        let mut kept = String::new();
        for c in text.chars() {
            let wide = width(c.encode_utf8(&mut [0; 4]));
            if wide > left {
                kept.push('…');
                all.push((kept, style));
                return all;
            }
            left -= wide;
            kept.push(c);
        }
        all.push((kept, style));
    }
    all
}

fn length(runs: &[(String, Style)]) -> u16 {
    runs.iter().map(|(text, _)| width(text)).sum()
}

fn runs(on: &mut Canvas<'_>, x: u16, runs: &[(String, Style)]) -> u16 {
    runs.iter().fold(x, |x, (text, style)| on.put(x, 0, text, *style))
}

fn bold(style: Style) -> Style {
    style.add_modifier(Modifier::BOLD)
}

/// `● live  1s  14:32:07`
fn clock(
    header: &Header<'_>,
    alone: Option<&SourceView>,
    now: Moment,
    config: &DashboardConfig,
    wide: u16,
) -> HeaderRuns {
    let theme = &config.theme;
    let mut all = HeaderRuns::new();
    if header.unseen > 0 && wide >= 60 {
        all.push((format!("!{} ", header.unseen), theme.warn));
        all.push(("L".into(), theme.hot()));
        all.push((" log   ".into(), theme.dim));
    }
    let state = alone.map_or(State::Live, |one| one.state(now));
    let (mark, style) = match state {
        State::Live | State::Starting | State::Idle => ("●", theme.rx),
        State::Late => ("~", theme.stale),
        State::Stale => ("?", theme.stale),
        State::Unread => ("u", theme.stale),
        State::Down => ("x", theme.crit),
    };
    let time = chrono::Local::now();
    all.push((format!("{mark} "), style));
    if wide < 60 {
        all.push((time.format("%H:%M").to_string(), theme.hi));
        return all;
    }
    all.push((state.to_string(), if style == theme.rx { theme.dim } else { style }));
    all.push((format!("  {}  ", age_of(header.interval)), theme.dim));
    all.push((time.format("%H:%M:%S").to_string(), theme.hi));
    all
}

/// The name and the facts of one machine.
fn machine(
    one: &SourceView,
    header: &Header<'_>,
    snapshot: &Snapshot,
    config: &DashboardConfig,
    wide: u16,
) -> HeaderRuns {
    let theme = &config.theme;
    let host = one.devices(v::HOST).next();
    let text = |t| host.and_then(|host| host.text(t)).map(str::to_owned);
    let mut all = HeaderRuns::new();
    let own = text(&v::HOSTNAME);
    let name = match &one.source {
        Source::Local => own.unwrap_or_else(|| "this machine".into()),
        Source::Named(name) => format!("{name}{}", one.mark()),
    };
    let colour = config.settings.host_color(one).filter(|_| one.source != Source::Local);
    let style = bold(colour.map_or(theme.hi, |place| theme.host(place)));
    all.push((name, style));
    let mut fact = |words: String| all.push((format!("  {words}"), theme.dim));
    if wide >= 100 {
        one.tags.iter().take(2).for_each(|tag| fact(tag.clone()));
        text(&v::DISTRIBUTION).map(|name| distribution(&name)).into_iter().for_each(&mut fact);
        text(&v::KERNEL).into_iter().for_each(&mut fact);
    }
    if let Some(up) = host.and_then(|host| host.value(&v::UPTIME_SECONDS)).filter(|_| wide >= 60) {
        fact(format!("up {}", uptime(up)));
    }
    if let Some(tasks) = host.and_then(|host| host.value(&v::TASKS)).filter(|_| wide >= 100) {
        fact(format!("{tasks:.0} tasks"));
    }
    if header.opened.is_some() && snapshot.sources.len() > 1 {
        let at = snapshot.sources.iter().position(|s| s.source == one.source).unwrap_or(0);
        fact(format!(" host {} of {}", at + 1, snapshot.sources.len()));
    }
    all
}

/// `41d 03h`, `3h 20m`, `12m`.
fn uptime(seconds: f64) -> String {
    let minutes = (seconds.max(0.0) / 60.0) as u64;
    let (days, hours, minutes) = (minutes / 1440, minutes / 60 % 24, minutes % 60);
    match (days, hours) {
        (0, 0) => format!("{minutes}m"),
        (0, hours) => format!("{hours}h {minutes:02}m"),
        (days, hours) => format!("{days}d {hours:02}h"),
    }
}

/// What is wrong with one machine, in words, the worst first.
fn wrong(one: &SourceView, now: Moment, config: &DashboardConfig) -> Vec<Warning> {
    let theme = &config.theme;
    let mut found: Vec<Warning> = Vec::new();
    match one.state(now) {
        State::Down | State::Stale | State::Unread | State::Late => {
            let worst = one.worst(now);
            let reason =
                worst.and_then(|i| i.health.failure.as_ref()).map(|f| f.reason().to_owned());
            let provider = worst.map_or("", |instance| instance.provider);
            let of =
                if one.source == Source::Local { format!("{provider} ") } else { String::new() };
            found.push((3.0, format!("{of}{}", reason.unwrap_or_else(|| "no answer".into()))));
        }
        _ => {}
    }
    let levels = theme.levels;
    for disk in one.devices(v::DISK) {
        if let Some(percent) = disk.value(&v::PERCENT).filter(|p| *p >= levels.high) {
            let words = format!("{} {} % full", disk.place(), compact::percent(percent));
            found.push((1.0 + percent / 100.0, words));
        }
    }
    if let Some(memory) = one.summary.memory.filter(|percent| *percent >= levels.high) {
        found.push((1.0 + memory / 100.0, format!("memory {} % used", compact::percent(memory))));
    }
    found.extend(one.summary.trouble.iter().map(|t| (t.weight, t.words.clone())));
    let alerts = config.alerts.firing.iter().filter(|alert| alert.source == one.source);
    for alert in alerts.filter(|alert| !alert.acknowledged && !SAID.contains(&&*alert.rule)) {
        let weight = if alert.severity == Severity::Critical { 2.5 } else { 1.95 };
        let text = if alert.text.is_empty() { &*alert.rule } else { &alert.text };
        found.push((weight, text.to_owned()));
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    found
}

/// Warnings as they are written; at most two.
fn written(warnings: Vec<Warning>, theme: &Theme) -> Vec<HeaderRuns> {
    let styled = |(weight, words): Warning| {
        let style = if weight >= Trouble::CRITICAL { theme.crit } else { theme.warn };
        vec![("! ".to_owned(), bold(style)), (words, style)]
    };
    warnings.into_iter().take(2).map(styled).collect()
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// How many hosts there are, and how many are in which state.
fn fleet(totals: &FleetStats, config: &DashboardConfig) -> (HeaderRuns, Vec<HeaderRuns>) {
    let theme = &config.theme;
    let [down, stale, unread, late] =
        [State::Down, State::Stale, State::Unread, State::Late].map(|s| totals.state(s));
    let over = totals.over;
    let fine = totals.fine;
    let mut left = vec![
        (format!("{} host{}", totals.sources, plural(totals.sources)), theme.strong()),
        (format!("  {fine} fine"), theme.dim),
    ];
    let starting = totals.state(State::Starting);
    if starting > 0 {
        left.push((format!("  {starting} starting"), theme.dim));
    }
    for (n, word) in [(totals.acknowledged, "acknowledged"), (totals.offline, "offline")] {
        if n > 0 {
            left.push((format!("  {n} {word}"), theme.dim));
        }
    }
    let states = [
        ("x", down, "DOWN", if theme.is_mono() { theme.warn } else { theme.crit }, true),
        ("!", over, "over a limit", theme.warn, false),
        ("?", stale, "stale", theme.stale, false),
        ("u", unread, "unread", theme.stale, false),
        ("~", late, "late", theme.stale, false),
    ];
    let trouble =
        states.into_iter().filter(|(_, n, ..)| *n > 0).map(|(sign, n, word, style, strong)| {
            let words = if strong { bold(style) } else { style };
            vec![(format!("{sign} "), bold(style)), (format!("{n} {word}"), words)]
        });
    (left, trouble.collect())
}
