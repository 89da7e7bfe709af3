//! Which hosts are listed, and in which order. The order is made every few seconds and on a key,
//! never on a frame: frames read it.

use super::sign::needs_a_look;
use manytop_plugin::{
    clock::Moment,
    draw::text,
    filter::Expression,
    glob,
    health::State,
    host_metric::{HostMetric, Limits},
    source::Source,
    view::{SourceView, View},
};
use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
    time::Duration,
};

/// How often the order is made.
const EVERY: Duration = Duration::from_secs(5);
/// While sources are new, every second, until they have had time to answer.
const AT_FIRST: Duration = Duration::from_secs(1);

/// What hosts are sorted by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sort {
    /// What is down, what is stale, what is over a limit, then by the highest level against a limit.
    Worst,
    /// What is down, what is stale, what is over a limit, then as the config has them.
    Trouble,
    /// By name, as people count.
    Name,
    /// By the first tag, then by name.
    Tag,
    /// By a figure, the highest first; what is not known last.
    Metric(HostMetric),
}

/// In the order in which a key goes through them.
const SORTS: [Sort; 14] = [
    Sort::Worst,
    Sort::Trouble,
    Sort::Name,
    Sort::Tag,
    Sort::Metric(HostMetric::Cpu),
    Sort::Metric(HostMetric::Memory),
    Sort::Metric(HostMetric::Disk),
    Sort::Metric(HostMetric::Celsius),
    Sort::Metric(HostMetric::Load),
    Sort::Metric(HostMetric::Received),
    Sort::Metric(HostMetric::Sent),
    Sort::Metric(HostMetric::Uptime),
    Sort::Metric(HostMetric::Age),
    Sort::Metric(HostMetric::Took),
];

impl Sort {
    /// The next one, or the one before.
    pub fn next(self, forward: bool) -> Sort {
        let at = SORTS.iter().position(|s| *s == self).unwrap_or(0);
        let step = if forward { 1 } else { SORTS.len() - 1 };
        SORTS[(at + step) % SORTS.len()]
    }

    /// What it is, for the title.
    pub fn words(self, reversed: bool) -> String {
        match (self, reversed) {
            (Sort::Worst, false) => "worst first".into(),
            (Sort::Worst, true) => "worst last".into(),
            (Sort::Trouble, false) => "trouble first".into(),
            (Sort::Trouble, true) => "trouble last".into(),
            (Sort::Name, false) => "by name".into(),
            (Sort::Name, true) => "by name, from the end".into(),
            (Sort::Tag, false) => "by tag".into(),
            (Sort::Tag, true) => "by tag, from the end".into(),
            (Sort::Metric(m), false) => format!("by {}, highest first", m.word()),
            (Sort::Metric(m), true) => format!("by {}, lowest first", m.word()),
        }
    }
}

/// Hosts in their order.
#[derive(Default)]
pub struct HostOrder {
    /// What a person chose; else what suits the room there is.
    pub chosen: Option<Sort>,
    /// The other way round.
    pub reversed: bool,
    /// What a person wants to see only.
    pub only: Option<Expression>,
    /// The numbers of the hosts that are listed.
    pub rows: Vec<usize>,
    /// The numbers of the hosts that the filter lets through; `None` without one.
    pub admitted: Option<HashSet<usize>>,
    /// What all names end with.
    pub suffix: String,
    /// How many hosts need a look, whatever the filter.
    pub trouble: usize,
    /// How many hosts changed, and since when these are known.
    roster: Option<((usize, usize), Moment)>,
    made: Option<Moment>,
    used: Option<Sort>,
    /// Pinned, or no longer, by a person.
    pins: HashMap<usize, bool>,
    /// Patterns of names that are pinned.
    always: Vec<String>,
}

impl HostOrder {
    /// With patterns of names that stand first.
    pub fn pinning(always: Vec<String>) -> HostOrder {
        HostOrder { always, ..HostOrder::default() }
    }

    /// What the rows are sorted by now.
    pub fn sort(&self) -> Sort {
        self.chosen.or(self.used).unwrap_or(Sort::Trouble)
    }

    /// Whether it must be made before it is read again.
    pub fn spoil(&mut self) {
        self.made = None;
    }

    /// Whether hosts have come or gone since the last time.
    pub fn is_new_roster(&self, view: &View<'_>) -> bool {
        self.roster.is_none_or(|(roster, _)| roster != view.roster())
    }

    /// Makes it when it is due, for so many rows of room. Returns whether it did.
    pub fn refresh(&mut self, view: &View<'_>, room: usize) -> bool {
        let now = view.now;
        if self.is_new_roster(view) {
            self.roster = Some((view.roster(), now));
            self.made = None;
            let named = view.sources().iter().filter(|s| s.source != Source::Local);
            self.suffix = text::shared_suffix(named.map(|s| s.source.name())).to_owned();
        }
        let young = self.roster.is_none_or(|(_, since)| now.since(since) < EVERY);
        let every = if young { AT_FIRST } else { EVERY };
        let fresh = self.made.is_some_and(|made| made <= now && now.since(made) < every);
        // what is all on the screen anyway can be sorted on every frame
        if fresh && view.count() > room {
            return false;
        }
        self.made = Some(now);
        self.used = Some(if view.count() > room { Sort::Worst } else { Sort::Trouble });
        self.make(view);
        true
    }

    fn make(&mut self, view: &View<'_>) {
        let now = view.now;
        let admitted: Vec<&SourceView> = view
            .sources()
            .iter()
            .map(|s| &**s)
            .filter(|s| self.only.as_ref().is_none_or(|only| only.holds(s, now)))
            .collect();
        let limits = &view.settings.limits;
        let in_trouble = |s: &&SourceView| needs_a_look(s, now, limits);
        self.trouble = view.sources().iter().map(|s| &**s).filter(in_trouble).count();
        self.admitted = self.only.is_some().then(|| admitted.iter().map(|s| s.order).collect());
        self.rows = sorted(admitted, self.sort(), self.reversed, view);
        // those that are pinned first, among themselves in the same order
        if !self.pins.is_empty() || !self.always.is_empty() {
            let mut rows = std::mem::take(&mut self.rows);
            let pinned = |number: &usize| {
                view.numbered(*number).is_some_and(|source| self.is_pinned(source))
            };
            rows.sort_by_cached_key(|number| !pinned(number));
            self.rows = rows;
        }
    }

    /// Whether it comes first in any order.
    pub fn is_pinned(&self, source: &SourceView) -> bool {
        let always = || self.always.iter().any(|glob| glob::matches(glob, source.source.name()));
        self.pins.get(&source.order).copied().unwrap_or_else(always)
    }

    /// Pins a host, or no longer.
    pub fn pin(&mut self, source: &SourceView) {
        let pinned = self.is_pinned(source);
        self.pins.insert(source.order, !pinned);
        self.spoil();
    }
}

fn sorted(
    mut sources: Vec<&SourceView>,
    sort: Sort,
    reversed: bool,
    view: &View<'_>,
) -> Vec<usize> {
    let turn = |order: Ordering| if reversed { order.reverse() } else { order };
    match sort {
        Sort::Name => {
            sources.sort_by(|a, b| turn(by_name(a, b)));
            sources.into_iter().map(|s| s.order).collect()
        }
        Sort::Tag => {
            sources.sort_by(|a, b| {
                let (first, second) = (a.tags.first(), b.tags.first());
                // those without one come last
                let none = first.is_none().cmp(&second.is_none());
                let names = || by_name(a, b);
                none.then_with(|| turn(first.cmp(&second).then_with(names)))
            });
            sources.into_iter().map(|s| s.order).collect()
        }
        Sort::Worst | Sort::Trouble => {
            let limits = &view.settings.limits;
            let key = |s: &SourceView| match sort {
                Sort::Worst => (rank(s, view.now, limits), limits.level(s, view.now)),
                // what is over a limit comes before what is fine, which keeps the order of the config
                _ => (rank(s, view.now, limits).min(4), 0.0),
            };
            let mut keys: Vec<_> = sources.iter().map(|s| (key(s), s.order)).collect();
            keys.sort_by(|((rank, level), n), ((other, height), m)| {
                turn(rank.cmp(other).then(height.total_cmp(level)).then(n.cmp(m)))
            });
            keys.into_iter().map(|(_, number)| number).collect()
        }
        Sort::Metric(measure) => {
            let key = |s: &&SourceView| (measure.value(s, view.now), s.order);
            let mut keys: Vec<_> = sources.iter().map(key).collect();
            keys.sort_by(|(a, n), (b, m)| match (a, b) {
                (Some(a), Some(b)) => turn(b.total_cmp(a)).then(n.cmp(m)),
                _ => a.is_none().cmp(&b.is_none()).then(n.cmp(m)),
            });
            keys.into_iter().map(|(_, number)| number).collect()
        }
    }
}

fn by_name(a: &SourceView, b: &SourceView) -> Ordering {
    text::natural(a.source.name(), b.source.name())
}

/// How urgent a host is: 0 for one that is down.
fn rank(source: &SourceView, now: Moment, limits: &Limits) -> u8 {
    match source.state(now) {
        State::Down | State::Stale if source.is_quiet() => 5,
        State::Down => 0,
        State::Stale => 1,
        State::Unread => 2,
        _ if limits.is_over(source, now) => 2,
        // what is late may be down soon
        State::Late => 3,
        _ => 4,
    }
}
