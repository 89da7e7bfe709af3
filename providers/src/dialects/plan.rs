//! Which series belong together: worked out when the wanted series change, and used as long as they
//! do not.

use super::dialect::{Dialect, Meaning, Section};
use crate::exposition::pool::SeriesKey;
use manytop_plugin::reading::Kind;
use std::{
    cmp::Ordering,
    collections::HashSet,
    hash::{Hash, Hasher},
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

/// A meaning of a series: its place in the body, that of its value among those that are kept, and which of its
/// meanings.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct SlotPlace {
    pub(super) series: u16,
    pub(super) value: u16,
    pub(super) meaning: u16,
}

/// What a dialect says of a kind in this body.
#[derive(Clone, Debug)]
pub struct Span {
    /// The dialect.
    pub dialect: &'static Dialect,
    /// Its section for the kind.
    pub section: &'static Section,
    /// The host that it is of, where the body has several; `None` is the one that is asked.
    pub host: Option<Arc<str>>,
    range: Range<u16>,
}

impl Span {
    /// Whether both are of the same kind of the same host.
    fn is_beside(&self, other: &Span) -> bool {
        self.section.kind() == other.section.kind() && self.host == other.host
    }
}

/// The series of a body in the order in which `finish` wants them.
#[derive(Default, Debug)]
pub struct Plan {
    places: Box<[SlotPlace]>,
    spans: Box<[Span]>,
}

impl Plan {
    /// Sorts the meanings of `series` by kind, dialect (the highest rank first) and device.
    pub fn new(series: &[Arc<SeriesKey>]) -> Plan {
        let meaning = |p: &SlotPlace| -> &Meaning {
            &series[usize::from(p.series)].meanings[usize::from(p.meaning)]
        };
        let mut values = 0;
        let mut places: Vec<SlotPlace> = series
            .iter()
            .zip(0..)
            .flat_map(|(key, series)| {
                let value = values;
                values += u16::from(key.has_value);
                let meanings = 0..key.meanings.len() as u16;
                meanings.map(move |meaning| SlotPlace { series, value, meaning })
            })
            .collect();
        // What a key means is bounded by the tables; that positions fit in 16 bits is the cap's doing.
        places.truncate(usize::from(u16::MAX));
        let hosts = several(places.iter().map(|place| meaning(place).host.as_ref()));
        let host = |m: &Meaning| m.host.as_ref().filter(|_| hosts).cloned();
        places.sort_by(|a, b| {
            let (x, y) = (meaning(a), meaning(b));
            let by_host = if hosts { x.host.cmp(&y.host) } else { Ordering::Equal };
            by_host
                .then_with(|| {
                    (x.section.kind(), u8::MAX - x.dialect.rank(), x.dialect.name()).cmp(&(
                        y.section.kind(),
                        u8::MAX - y.dialect.rank(),
                        y.dialect.name(),
                    ))
                })
                .then_with(|| by_labels(&x.labels, &y.labels))
        });
        let mut spans: Vec<Span> = Vec::new();
        for (place, at) in places.iter().zip(0..) {
            let m @ Meaning { dialect, section, .. } = meaning(place);
            match spans.last_mut() {
                Some(last)
                    if std::ptr::eq(last.section, *section)
                        && (!hosts || last.host.as_ref() == m.host.as_ref()) =>
                {
                    last.range.end = at + 1;
                }
                _ => spans.push(Span { dialect, section, host: host(m), range: at..at + 1 }),
            }
        }
        Plan { places: places.into(), spans: spans.into() }
    }

    /// What each dialect says of each kind: equal kinds follow each other, the highest rank first.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The places of a span.
    pub fn places(&self, span: &Span) -> &[SlotPlace] {
        &self.places[usize::from(span.range.start)..usize::from(span.range.end)]
    }
}

/// Plans are the same where each series of the one means what that of the other does.
impl PartialEq for Plan {
    fn eq(&self, other: &Plan) -> bool {
        let alike = |(a, b): (&Span, &Span)| {
            std::ptr::eq(a.section, b.section)
                && same(a.dialect, b.dialect)
                && a.range == b.range
                && a.host == b.host
        };
        self.places == other.places
            && self.spans.len() == other.spans.len()
            && self.spans.iter().zip(&other.spans).all(alike)
    }
}

impl Eq for Plan {}

impl Hash for Plan {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.places.hash(state);
    }
}

/// The plans of all remotes: hosts that are alike share one.
#[derive(Default, Debug)]
pub struct Plans(Mutex<HashSet<Arc<Plan>>>);

impl Plans {
    /// The plan that another remote has already, or this one from now on.
    pub fn share(&self, plan: Plan) -> Arc<Plan> {
        let mut plans = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = plans.get(&plan) {
            return known.clone();
        }
        // Keys that no remote uses any more are removed before the table grows.
        if plans.len() == plans.capacity() {
            plans.retain(|plan| Arc::strong_count(plan) > 1);
        }
        let plan = Arc::new(plan);
        plans.insert(plan.clone());
        plan
    }
}

/// Whether there are two hosts at least.
fn several<'a>(mut hosts: impl Iterator<Item = Option<&'a Arc<str>>>) -> bool {
    let Some(first) = hosts.by_ref().flatten().next() else { return false };
    hosts.flatten().any(|host| host != first)
}

fn by_labels(a: &[Arc<str>], b: &[Arc<str>]) -> Ordering {
    let pairs = a.iter().zip(b);
    let first = pairs.map(|(a, b)| natural(a, b)).find(|o| o.is_ne());
    first.unwrap_or_else(|| a.len().cmp(&b.len()))
}

/// Compares as people count: `CPU2` before `CPU10`.
fn natural(a: &str, b: &str) -> Ordering {
    let (mut x, mut y) = (a.as_bytes(), b.as_bytes());
    loop {
        match (x.first(), y.first()) {
            (Some(p), Some(q)) if p.is_ascii_digit() && q.is_ascii_digit() => {
                let (m, n) = (number(&mut x), number(&mut y));
                let order = m.len().cmp(&n.len()).then_with(|| m.cmp(n));
                if order.is_ne() {
                    return order;
                }
            }
            (Some(p), Some(q)) if p == q => {
                x = &x[1..];
                y = &y[1..];
            }
            (p, q) => return p.cmp(&q).then_with(|| a.cmp(b)),
        }
        if x.is_empty() && y.is_empty() {
            return a.cmp(b);
        }
    }
}

/// Takes the digits at the start, leading zeros left out.
fn number<'a>(text: &mut &'a [u8]) -> &'a [u8] {
    let end = text.iter().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    let (digits, rest) = text.split_at(end);
    *text = rest;
    let zeros = digits.iter().take_while(|b| **b == b'0').count();
    &digits[zeros..]
}

/// Polls without a series after which a dialect gives up a kind.
const PATIENCE: u8 = 3;

/// Which dialect owns which kind: its readings are taken, those of others left out.
///
/// Several exporters may speak through one address. The first that has a kind keeps it while
/// it has series of it, a higher rank takes it at once, and a lower one only after some polls: one scrape
/// without a collector's series must not make graphs jump to numbers of another formula.
///
/// Nearly always it is the first span of each kind, as the plan has them. Only what differs from that is kept.
#[derive(Default, Debug)]
pub struct Owners(Option<Box<[Owner]>>);

#[derive(Debug)]
struct Owner {
    host: Option<Arc<str>>,
    kind: Kind,
    dialect: &'static Dialect,
    missed: u8,
}

impl Owners {
    /// After each body, which had these spans, and the one before it those: decides which dialect owns each
    /// kind, by the series that were present.
    pub fn settle(&mut self, before: &[Span], spans: &[Span]) {
        let mut owners = match self.0.take() {
            Some(owners) => owners.into_vec(),
            None if std::ptr::eq(before, spans) => return,
            None => firsts(before).map(Owner::of).collect(),
        };
        for owner in &mut owners {
            let spoke = spans.iter().any(|s| owner.is_of(s) && same(s.dialect, owner.dialect));
            owner.missed = if spoke { 0 } else { owner.missed + 1 };
        }
        owners.retain(|owner| owner.missed < PATIENCE);
        for span in spans {
            let dialect = span.dialect;
            match owners.iter_mut().find(|owner| owner.is_of(span)) {
                Some(owner) if dialect.rank() > owner.dialect.rank() => {
                    (owner.dialect, owner.missed) = (dialect, 0);
                }
                Some(_) => {}
                None => owners.push(Owner::of(span)),
            }
        }
        let follows = |owner: &Owner| {
            let first = firsts(spans).find(|first| owner.is_of(first));
            owner.missed == 0 && first.is_some_and(|first| same(first.dialect, owner.dialect))
        };
        self.0 = (!owners.iter().all(follows)).then(|| owners.into_boxed_slice());
    }

    /// Whether the dialect of that span owns its kind.
    pub fn owns(&self, spans: &[Span], at: usize) -> bool {
        let span = &spans[at];
        match &self.0 {
            Some(owners) => owners.iter().any(|o| o.is_of(span) && same(o.dialect, span.dialect)),
            None => at == 0 || !spans[at - 1].is_beside(span),
        }
    }

    /// What it keeps, in bytes.
    pub fn footprint(&self) -> usize {
        self.0.as_deref().map_or(0, size_of_val)
    }
}

impl Owner {
    fn of(span: &Span) -> Owner {
        let (host, kind) = (span.host.clone(), span.section.kind());
        Owner { host, kind, dialect: span.dialect, missed: 0 }
    }

    fn is_of(&self, span: &Span) -> bool {
        self.kind == span.section.kind() && self.host == span.host
    }
}

/// The first span of each kind of each host.
fn firsts(spans: &[Span]) -> impl Iterator<Item = &Span> {
    spans.chunk_by(Span::is_beside).map(|beside| &beside[0])
}

fn same(a: &'static Dialect, b: &'static Dialect) -> bool {
    std::ptr::eq(a, b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_that_are_alike_share_a_plan_until_none_of_them_is_left() {
        let plan = |n: u16| Plan {
            places: [SlotPlace { series: n, value: n, meaning: 0 }].into(),
            spans: Box::default(),
        };
        let plans = Plans::default();
        let kept = plans.share(plan(0));
        assert!(Arc::ptr_eq(&kept, &plans.share(plan(0))));
        assert!(!Arc::ptr_eq(&kept, &plans.share(plan(1))));
        for n in 2..1000 {
            plans.share(plan(n));
        }
        let many = plans.0.lock().unwrap().len();
        assert!(many < 20, "unused plans are forgotten: {many}");
        assert!(Arc::ptr_eq(&kept, &plans.share(plan(0))), "others stay");
    }

    #[test]
    fn names_are_ordered_as_people_count() {
        let mut names = ["CPU10", "CPU2", "CPU1", "a", "CPU", "CPU02", "nvme0n1p2", "nvme0n1", ""];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(
            names,
            ["", "CPU", "CPU1", "CPU02", "CPU2", "CPU10", "a", "nvme0n1", "nvme0n1p2"]
        );
    }
}
