//! Which series belong together: worked out when the wanted series change, and used as long as they
//! do not.

use super::{
    dialect::{Dialect, Meaning, Section},
    exposition::pool::Key,
};
use manytop_core::reading::Kind;
use std::{
    cmp::Ordering,
    collections::HashSet,
    hash::{Hash, Hasher},
    ops::Range,
    sync::{Arc, Mutex, PoisonError},
};

/// A meaning of a series: its place in the body, and which of its meanings.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Place {
    pub(super) series: u16,
    pub(super) meaning: u16,
}

/// What a dialect says of a kind in this body.
#[derive(Clone, Debug)]
pub struct Span {
    /// The dialect.
    pub dialect: &'static Dialect,
    /// Its section for the kind.
    pub section: &'static Section,
    range: Range<u16>,
}

/// The series of a body in the order in which `finish` wants them.
#[derive(Default, Debug)]
pub struct Plan {
    places: Box<[Place]>,
    spans: Box<[Span]>,
}

impl Plan {
    /// Sorts the meanings of `series` by kind, dialect (the highest rank first) and device.
    pub fn new(series: &[Arc<Key>]) -> Plan {
        let meaning = |p: &Place| -> &Meaning {
            &series[usize::from(p.series)].meanings[usize::from(p.meaning)]
        };
        let mut places: Vec<Place> = series
            .iter()
            .zip(0..)
            .flat_map(|(key, series)| {
                (0..key.meanings.len() as u16).map(move |meaning| Place { series, meaning })
            })
            .collect();
        // What a key means is bounded by the tables; that positions fit in 16 bits is the cap's doing.
        places.truncate(usize::from(u16::MAX));
        places.sort_by(|a, b| {
            let (x, y) = (meaning(a), meaning(b));
            (x.section.kind(), u8::MAX - x.dialect.rank(), x.dialect.name())
                .cmp(&(y.section.kind(), u8::MAX - y.dialect.rank(), y.dialect.name()))
                .then_with(|| by_labels(&x.labels, &y.labels))
        });
        let mut spans: Vec<Span> = Vec::new();
        for (place, at) in places.iter().zip(0..) {
            let Meaning { dialect, section, .. } = meaning(place);
            match spans.last_mut() {
                Some(last) if std::ptr::eq(last.section, *section) => last.range.end = at + 1,
                _ => spans.push(Span { dialect, section, range: at..at + 1 }),
            }
        }
        Plan { places: places.into(), spans: spans.into() }
    }

    /// What each dialect says of each kind: kinds stand together, the highest rank first.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The places of a span.
    pub fn places(&self, span: &Span) -> &[Place] {
        &self.places[usize::from(span.range.start)..usize::from(span.range.end)]
    }
}

/// Plans are the same where each series of the one means what that of the other does.
impl PartialEq for Plan {
    fn eq(&self, other: &Plan) -> bool {
        let alike = |(a, b): (&Span, &Span)| {
            std::ptr::eq(a.section, b.section) && same(a.dialect, b.dialect) && a.range == b.range
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
        // Those that nobody follows any more go before there is to be more room.
        if plans.len() == plans.capacity() {
            plans.retain(|plan| Arc::strong_count(plan) > 1);
        }
        let plan = Arc::new(plan);
        plans.insert(plan.clone());
        plan
    }
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

/// Which dialect is heard on which kind.
///
/// Several exporters may speak through one address. The first that is heard on a kind keeps it while
/// it speaks, a higher rank takes it at once, and a lower one only after some polls: one scrape
/// without a collector's series must not make graphs jump to numbers of another formula.
#[derive(Default, Debug)]
pub struct Owners(Vec<Owner>);

#[derive(Debug)]
struct Owner {
    kind: Kind,
    dialect: &'static Dialect,
    missed: u8,
}

impl Owners {
    /// After each body: settles who is heard, given what was said.
    pub fn settle(&mut self, spans: &[Span]) {
        let spoke = |owner: &Owner| {
            spans.iter().any(|s| s.section.kind() == owner.kind && same(s.dialect, owner.dialect))
        };
        for owner in &mut self.0 {
            owner.missed = if spoke(owner) { 0 } else { owner.missed + 1 };
        }
        self.0.retain(|owner| owner.missed < PATIENCE);
        for span in spans {
            let kind = span.section.kind();
            match self.0.iter_mut().find(|o| o.kind == kind) {
                Some(owner) if span.dialect.rank() > owner.dialect.rank() => {
                    *owner = Owner { kind, dialect: span.dialect, missed: 0 };
                }
                Some(_) => {}
                None => self.0.push(Owner { kind, dialect: span.dialect, missed: 0 }),
            }
        }
    }

    /// Whether that dialect is heard on that kind.
    pub fn hears(&self, span: &Span) -> bool {
        self.0.iter().any(|o| o.kind == span.section.kind() && same(o.dialect, span.dialect))
    }

    /// What it keeps, in bytes.
    pub fn footprint(&self) -> usize {
        self.0.capacity() * size_of::<Owner>()
    }
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
            places: [Place { series: n, meaning: 0 }].into(),
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
        assert!(many < 20, "those that nobody follows are forgotten: {many}");
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
