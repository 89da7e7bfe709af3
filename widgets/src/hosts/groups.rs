//! A row a tag instead of a row a host: how many are there, and what they are together. `n/m` says how many
//! of a group's hosts a figure is made of.

use super::{
    cells::{figure, rate_text, shown},
    columns::{self, HostColumn, PlacedHostColumn, left, right},
    sign::{Sign, graded},
};
use manytop_plugin::{
    clock::Moment,
    draw::{
        Canvas, Place,
        number::ShortStr,
        text::{self, natural},
    },
    fleet_stats::{Distribution, FleetStats},
    health::State,
    host_metric::{Grade, HostMetric},
    ratatui_core::{layout::Rect, style::Style},
    view::{SourceView, View},
};
use std::{collections::BTreeMap, time::Duration};

/// How often the figures are added up again.
const EVERY: Duration = Duration::from_secs(1);

/// A tag, and its hosts together.
pub struct HostGroup {
    /// The tag; empty for hosts without one.
    pub tag: String,
    totals: FleetStats,
}

/// All groups.
#[derive(Default)]
pub struct HostGroups {
    all: Vec<HostGroup>,
    made: Option<Moment>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum GroupColumnId {
    Group,
    Live,
    Stale,
    Down,
    /// Mean, or sum, or the highest: what is said of a figure in one number.
    Main(HostMetric),
    P95(HostMetric),
    Most(HostMetric),
    /// Of how many hosts the figure is known.
    Known(HostMetric),
    Over,
}

const COLUMNS: [HostColumn<GroupColumnId>; 17] = [
    left(GroupColumnId::Group, "GROUP", 6, 1, 0),
    right(GroupColumnId::Live, "LIVE", 9, 1, 0),
    right(GroupColumnId::Stale, "STALE", 5, 2, 3),
    right(GroupColumnId::Down, "DOWN", 4, 2, 1),
    right(GroupColumnId::Main(HostMetric::Cpu), "CPU%", 4, 2, 0),
    right(GroupColumnId::P95(HostMetric::Cpu), "P95", 4, 2, 2),
    right(GroupColumnId::Known(HostMetric::Cpu), "OF", 9, 1, 4),
    right(GroupColumnId::Main(HostMetric::Memory), "MEM%", 4, 2, 0),
    right(GroupColumnId::P95(HostMetric::Memory), "P95", 4, 2, 2),
    right(GroupColumnId::Known(HostMetric::Memory), "OF", 9, 1, 9),
    right(GroupColumnId::Main(HostMetric::Disk), "DISK%", 5, 2, 3),
    right(GroupColumnId::Most(HostMetric::Disk), "MAX", 4, 2, 3),
    right(GroupColumnId::Main(HostMetric::Received), "RX/s", 4, 2, 5),
    right(GroupColumnId::Main(HostMetric::Sent), "TX/s", 4, 2, 5),
    right(GroupColumnId::Most(HostMetric::Celsius), "°C", 3, 2, 6),
    right(GroupColumnId::Main(HostMetric::Load), "LOAD", 4, 2, 7),
    left(GroupColumnId::Over, "OVER", 0, 2, 2),
];

/// What the last column needs at the least: `cpu > 95: 12`.
const OVER: u16 = 12;

impl HostGroups {
    /// They are to be added up before they are read again.
    pub fn spoil(&mut self) {
        self.made = None;
    }

    /// Adds them up where that is due.
    pub fn refresh(&mut self, view: &View<'_>, admits: impl Fn(&SourceView) -> bool) {
        let now = view.now;
        if self.made.is_some_and(|made| made <= now && now.since(made) < EVERY) {
            return;
        }
        self.made = Some(now);
        let mut groups: BTreeMap<&str, Vec<&SourceView>> = BTreeMap::new();
        for source in view.sources().iter().filter(|s| admits(s)) {
            for tag in &*source.tags {
                groups.entry(tag).or_default().push(source);
            }
            if source.tags.is_empty() {
                groups.entry("").or_default().push(source);
            }
        }
        let limits = &view.settings.limits;
        let total = |(tag, sources): (&str, Vec<&SourceView>)| HostGroup {
            tag: tag.to_owned(),
            totals: FleetStats::of(sources, now, limits),
        };
        self.all = groups.into_iter().map(total).collect();
        self.all.sort_by(|a, b| {
            a.tag.is_empty().cmp(&b.tag.is_empty()).then_with(|| natural(&a.tag, &b.tag))
        });
    }

    /// The groups in their order.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|g| g.tag.as_str())
    }

    /// How many groups there are.
    pub fn count(&self) -> usize {
        self.all.len()
    }

    /// Draws heads, and the groups from `from` on; `under` is the one under the cursor.
    pub fn draw(&self, view: &View<'_>, from: usize, under: Option<usize>, on: &mut Canvas<'_>) {
        let mut all = COLUMNS.to_vec();
        let in_view = || self.all.iter().skip(from).take(usize::from(on.height()));
        let widest = in_view().map(|group| text::width(&group.tag)).max().unwrap_or(0);
        all[0].width = widest.clamp(6, 20);
        if view.settings.fahrenheit {
            all.iter_mut()
                .filter(|c| c.id == GroupColumnId::Most(HostMetric::Celsius))
                .for_each(|c| c.head = "°F");
        }
        let spare = columns::keep(&mut all, on.width());
        // a few cells would only have the beginning of a word
        all.retain(|column| column.id != GroupColumnId::Over || spare >= OVER);
        if let Some(last) = all.iter_mut().find(|c| c.id == GroupColumnId::Over) {
            last.width += spare;
        }
        let placed = columns::lay(&all);
        columns::heads(on, 0, &placed, |_| None);
        for (y, group) in (1..on.height()).zip(self.all.iter().skip(from)) {
            for PlacedHostColumn { column, at } in &placed {
                group.cell(view, column.id, *at, y, on);
            }
            if under == Some(from + usize::from(y) - 1) {
                on.select(y, 2..2 + all[0].width);
            }
        }
    }
}

impl HostGroup {
    fn cell(&self, view: &View<'_>, column: GroupColumnId, at: Place, y: u16, on: &mut Canvas<'_>) {
        let (theme, settings, totals) = (view.theme, view.settings, &self.totals);
        let number = |on: &mut Canvas<'_>, metric: HostMetric, value: Option<f64>, sum: bool| {
            // a limit is for one host, not for the sum of many
            let graded = value.filter(|_| !sum);
            let grade = graded.map_or(Grade::Fine, |v| settings.limits.grade(metric, v));
            let text = value.map(|value| shown(metric, value, settings));
            let text = text.as_ref().map(|text| if sum { rate_text(text) } else { text });
            figure(on, at, y, text, (grade, false));
        };
        let spread = |metric: HostMetric| totals.spread(metric);
        let some = |metric: HostMetric, value: fn(&Distribution) -> f64| {
            (spread(metric).known > 0).then(|| value(spread(metric)))
        };
        let count = |on: &mut Canvas<'_>, n: usize, style: Style| {
            let style = if n > 0 { style } else { theme.dim };
            on.number(at.x, y, at.width, &ShortStr::of(format_args!("{n}")), style);
        };
        match column {
            GroupColumnId::Group if self.tag.is_empty() => _ = on.put(at.x, y, "(none)", theme.dim),
            GroupColumnId::Group => {
                let name = text::cut_middle(&self.tag, at.width);
                on.column(at.x, y, at.width, &name, theme.text);
            }
            GroupColumnId::Live => {
                let live = totals.state(State::Live);
                let style = if live == totals.sources { theme.text } else { theme.stale };
                let words = ShortStr::of(format_args!("{live}/{}", totals.sources));
                on.number(at.x, y, at.width, &words, style);
            }
            GroupColumnId::Stale => count(on, totals.state(State::Stale), theme.stale),
            GroupColumnId::Down => count(on, totals.state(State::Down), Sign::Down.style(theme)),
            GroupColumnId::Main(
                m @ (HostMetric::Received | HostMetric::Sent | HostMetric::Load),
            ) => {
                number(on, m, some(m, |s| s.sum), true);
            }
            GroupColumnId::Main(metric) => number(on, metric, spread(metric).mean(), false),
            GroupColumnId::P95(metric) => number(on, metric, some(metric, |s| s.p95), false),
            GroupColumnId::Most(metric) => number(on, metric, some(metric, |s| s.most), false),
            GroupColumnId::Known(metric) => {
                let known = spread(metric).known;
                let words = ShortStr::of(format_args!("{known}/{}", totals.sources));
                on.number(at.x, y, at.width, &words, theme.dim);
            }
            GroupColumnId::Over => self.over(view, &mut on.part(Rect::new(at.x, y, at.width, 1))),
        }
    }

    /// Which critical limits are broken, and by how many hosts.
    fn over(&self, view: &View<'_>, on: &mut Canvas<'_>) {
        let (theme, settings) = (view.theme, view.settings);
        let mut x = 0;
        for metric in HostMetric::ALL {
            let hosts = self.totals.spread(metric).critical;
            if hosts == 0 {
                continue;
            }
            let limit = settings.limits.get(metric).critical.unwrap_or_default();
            let limit = metric.show(limit, settings);
            let comma = if x == 0 { "" } else { ", " };
            let words = ShortStr::of(format_args!("{} > {limit}: {hosts}", metric.word()));
            x = on.runs(x, 0, &[(comma, theme.dim), (&words, graded(theme, Grade::Critical))]);
        }
    }
}
