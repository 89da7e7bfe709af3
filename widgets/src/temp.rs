//! Temperatures, fans and the power that parts of the machine draw, each against its own limit.
//!
//! ```text
//! ╭─ temp ─ °C ──────── fans 1/min ────────── power 131 W ──╮
//! │ cpu    71 ━━━━━╸─── cpu   1420 ━━━━╸── package  88 ━━━╸─│
//! ╰─────────────────────────────────────────────────────────╯
//! ```
//!
//! The sensor that is nearest to its limit comes first; the limit is the chip's own (`temp*_crit`, else
//! `temp*_max`) where it has one, else 100 °C. `temperatures` picks sensors. Several sources: a row a
//! sensor with the name of its source.

use crate::{
    cpu::spans,
    row::{self, ShortNames},
};
use manytop_plugin::{
    draw::{Canvas, Ink, compact},
    provider::Selection,
    ratatui_core::{buffer::Buffer, layout::Rect, text::Line},
    view::{Shown, View},
    vocabulary as v,
    widget::{Plugin, Title, Wants, Widget},
};

manytop_plugin::inventory::submit! {
    Plugin::new("temp", "Temperatures, fans and power of every source", |_| Ok(Box::new(Temp)))
        .draws(&[v::TEMPERATURE, v::FAN])
}

/// The limit of a sensor that tells none.
const LIMIT: f64 = 100.0;
/// Where bars begin: a room's temperature.
const ROOM: f64 = 20.0;
/// Between two groups, and between two columns of sensors.
const GAP: u16 = 2;

struct Temp;

fn sensors<'a>(view: &'a View<'a>) -> Vec<Shown<'a>> {
    let wanted = &view.settings.sensors;
    let is_wanted =
        |s: &Shown<'_>| wanted.is_empty() || wanted.iter().any(|word| *word == *s.device.name);
    let mut all: Vec<Shown<'_>> = view.devices(v::TEMPERATURE).filter(is_wanted).collect();
    all.sort_by(|a, b| nearness(b).total_cmp(&nearness(a)));
    all
}

/// The limit of a sensor, degrees Celsius.
fn limit(shown: &Shown<'_>) -> f64 {
    let own = shown.device.value(&v::CRITICAL_CELSIUS).or(shown.device.value(&v::HIGH_CELSIUS));
    own.filter(|limit| *limit > ROOM).unwrap_or(LIMIT)
}

/// How near a sensor is to its limit: 1 at the limit. To the hundredth, so that rows rarely move.
fn nearness(shown: &Shown<'_>) -> f64 {
    let celsius = shown.device.value(&v::CELSIUS).unwrap_or(f64::MIN);
    ((celsius - ROOM) / (limit(shown) - ROOM) * 20.0).round() / 20.0
}

fn fans<'a>(view: &'a View<'a>) -> Vec<Shown<'a>> {
    let mut all: Vec<Shown<'_>> =
        view.devices(v::FAN).filter(|s| s.device.value(&v::RPM).is_some()).collect();
    all.sort_by(|a, b| {
        b.device.value(&v::RPM).unwrap_or(0.0).total_cmp(&a.device.value(&v::RPM).unwrap_or(0.0))
    });
    all
}

/// What parts of the machine draw; batteries have a box of their own.
fn rails<'a>(view: &'a View<'a>) -> Vec<Shown<'a>> {
    let is_rail = |s: &Shown<'_>| {
        s.device.value(&v::WATTS).is_some() && s.device.value(&v::PERCENT).is_none()
    };
    view.devices(v::POWER).filter(is_rail).collect()
}

impl Widget for Temp {
    fn wants(&self) -> Wants {
        Wants { want: Selection::kinds(&[v::TEMPERATURE, v::FAN, v::POWER]), ..Wants::default() }
    }

    fn title(&self, view: &View<'_>, area: Rect) -> Title {
        let theme = view.theme;
        let unit = if view.settings.fahrenheit { "°F" } else { "°C" };
        let title = Title::new("temp").value(Line::styled(unit, theme.dim));
        let groups = TempGroups::new(view, area.width);
        let mut title = title;
        if groups.fans.0 > 0 {
            let head = spans(&[("fans", theme.strong()), (" 1/min", theme.dim)]);
            title = title.head(groups.fans.0 + 1, head);
        }
        if groups.power.0 > 0 {
            let watts: f64 = rails(view).iter().filter_map(|s| s.device.value(&v::WATTS)).sum();
            let head = spans(&[("power", theme.strong()), (&format!(" {watts:.0} W"), theme.dim)]);
            title = title.head(groups.power.0 + 1, head);
        }
        title
    }

    fn is_empty(&self, view: &View<'_>) -> bool {
        sensors(view).is_empty() && fans(view).is_empty() && rails(view).is_empty()
    }

    fn rows(&self, view: &View<'_>, width: u16) -> Option<u16> {
        let groups = TempGroups::new(view, width);
        let across = usize::from(groups.across.max(1));
        let rows = sensors(view).len().div_ceil(across);
        Some(row::rows(rows.max(fans(view).len()).max(rails(view).len())))
    }

    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer) {
        let mut on = Canvas::new(buffer, area, view.theme);
        let theme = view.theme;
        let groups = TempGroups::new(view, on.width());
        let names = ShortNames::of(view);
        let height = usize::from(on.height());
        let (x, width) = groups.temps;
        for (n, shown) in sensors(view).iter().take(height * usize::from(groups.across)).enumerate()
        {
            let (column, y) = ((n / height.max(1)) as u16, (n % height.max(1)) as u16);
            let x = x + column * (width + GAP);
            let label = width.saturating_sub(13).max(6);
            on.column(x, y, label, &name(view, &names, shown), theme.dim);
            let (celsius, limit) = (shown.device.value(&v::CELSIUS), limit(shown));
            let figure = celsius.map(|c| if view.settings.fahrenheit { c * 1.8 + 32.0 } else { c });
            let text = figure.map(|f| format!("{f:.0}")).unwrap_or_else(|| "-".into());
            let share = celsius.map(|c| 100.0 * c / limit).unwrap_or(f64::NAN);
            let levels = manytop_plugin::theme::Levels { high: 85.0, critical: 100.0 };
            let end = on.limited(x + label, y, 4, (&text, share), levels, shown.old);
            let level = celsius.map_or(0.0, |c| (c - ROOM) / (limit - ROOM));
            on.meter(end, y, (x + width).saturating_sub(end), level, Ink::Level);
        }
        for (group, all, metric, most) in [
            (groups.fans, fans(view), &v::RPM, &v::MAX_RPM),
            (groups.power, rails(view), &v::WATTS, &v::MAX_WATTS),
        ] {
            let (x, width) = group;
            if width == 0 {
                continue;
            }
            let highest = all.iter().filter_map(|s| s.device.value(metric)).fold(1.0, f64::max);
            for (y, shown) in (0..on.height()).zip(&all) {
                let value = shown.device.value(metric).unwrap_or(0.0);
                let top = shown.device.value(most).unwrap_or(highest * 1.2);
                let label = width.saturating_sub(12).clamp(4, 8);
                on.column(x, y, label, &name(view, &names, shown), theme.dim);
                let text = if value >= 9999.5 {
                    compact::bytes(value).to_string()
                } else {
                    format!("{value:.0}")
                };
                let end = on.number(x + label, y, 5, &text, theme.text) + 1;
                on.meter(end, y, (x + width).saturating_sub(end), value / top, theme.used.into());
            }
        }
    }
}

/// What a sensor is called: the part that it belongs to, where no other sensor has that name.
fn name(view: &View<'_>, names: &ShortNames<'_>, shown: &Shown<'_>) -> String {
    match shown.device.text(&v::PART) {
        Some(part) if view.alone().is_some() => {
            let kind = shown.device.kind;
            let same = view.devices(kind).filter(|other| other.device.text(&v::PART) == Some(part));
            if same.count() == 1 { part.to_owned() } else { shown.device.name.to_string() }
        }
        _ => names.label(shown),
    }
}

/// Where the groups are: the first column and the width; a width of 0 for one that is not there.
struct TempGroups {
    temps: (u16, u16),
    fans: (u16, u16),
    power: (u16, u16),
    /// Columns of temperatures.
    across: u16,
}

impl TempGroups {
    fn new(view: &View<'_>, width: u16) -> TempGroups {
        let inside = width.saturating_sub(2);
        let others = [!fans(view).is_empty(), !rails(view).is_empty()];
        let there = others.iter().filter(|there| **there).count() as u16;
        // the temperatures share the box with the others where it is wide enough for both
        let part = if inside >= 24 * (there + 1) { inside / (there + 1) } else { inside };
        let shared = part < inside;
        let temps = if shared { part - GAP } else { inside };
        let mut x = 1 + part;
        let mut next = |there: bool| {
            let group = if there && shared { (x, part - GAP) } else { (0, 0) };
            x += if group.1 > 0 { part } else { 0 };
            group
        };
        let (fans, power) = (next(others[0]), next(others[1]));
        let across = if shared { 1 } else { ((inside + GAP) / (26 + GAP)).max(1) };
        let column = (temps + GAP) / across - GAP;
        TempGroups { temps: (1, column.min(40)), fans, power, across }
    }
}
