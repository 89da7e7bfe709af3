//! The filter language: conditions on hosts and their devices. The table of hosts, the list of processes, alert
//! rules and `--check` read the same one.
//!
//! ```text
//! web                                      the name contains it
//! cpu>80 & name~web                        both
//! state!=live | took>500ms                 one of them
//! !(#prod) & up<1d                         not; a tag
//! disk.percent>90 & disk.mounts!=/boot     a device of a kind
//! watch.clients>100                        a metric that is watched as `clients`
//! ```
//!
//! In a list of devices, words without a kind are those of its devices, and `host=web-1` and `#prod` are of their
//! hosts: `cpu>20 & user!=root`.
//!
//! `&` binds closer than `|`. A value in double quotes is taken as written. The logic has three values: a
//! comparison with an unknown value is unknown, and so is its negation. `true | unknown` is true, `false &
//! unknown` is false, all else that an unknown decides is unknown.

mod parse;
mod subject;
mod term;
mod truth;
mod words;

pub use parse::FilterError;
pub use subject::{DeviceSubject, Subject};
pub use term::{Compare, DeviceField, Term, TextTest};
pub use truth::Truth;

use crate::{
    clock::Moment,
    health::State,
    host_metric::HostMetric,
    provider::Selection,
    reading::Kind,
    source::Source,
    view::{Device, SourceView},
};

/// A condition.
#[derive(Clone, PartialEq, Debug)]
pub enum Expression {
    /// One of them holds.
    Any(Vec<Expression>),
    /// All of them hold.
    All(Vec<Expression>),
    /// It does not hold.
    Not(Box<Expression>),
    /// A single test.
    Term(Term),
}

impl Expression {
    /// Reads a filter; `None` for an empty one.
    ///
    /// # Errors
    /// What is wrong with it, and the column.
    pub fn parse(text: &str) -> Result<Option<Expression>, FilterError> {
        parse::parse(text, None)
    }

    /// Reads a filter of a list of devices: words without a kind are of that kind, a text alone is a part of
    /// one of the names by which such a device is known. `None` for an empty one.
    ///
    /// # Errors
    /// What is wrong with it, and the column.
    pub fn parse_of(kind: Kind, text: &str) -> Result<Option<Expression>, FilterError> {
        parse::parse(text, Some(kind))
    }

    /// Its truth, given the truth of each single test.
    pub fn evaluate(&self, test: &mut dyn FnMut(&Term) -> Truth) -> Truth {
        match self {
            Expression::Term(term) => test(term),
            Expression::Not(inner) => inner.evaluate(test).negated(),
            Expression::Any(all) => {
                let mut result = Truth::False;
                for one in all {
                    result = result.or(one.evaluate(test));
                    if result == Truth::True {
                        break;
                    }
                }
                result
            }
            Expression::All(all) => {
                let mut result = Truth::True;
                for one in all {
                    result = result.and(one.evaluate(test));
                    if result == Truth::False {
                        break;
                    }
                }
                result
            }
        }
    }

    /// Its truth for a source and, where it names a kind, one device of that kind.
    pub fn test(&self, source: &SourceView, device: Option<&Device>, now: Moment) -> Truth {
        self.evaluate(&mut |term| term.test(source, device, now))
    }

    /// Its truth for a row of a list of devices, of a source.
    pub fn test_subject(&self, source: &SourceView, subject: &dyn Subject, now: Moment) -> Truth {
        self.evaluate(&mut |term| match term.kind() {
            Some(_) => term.test_subject(subject),
            None => term.test(source, None, now),
        })
    }

    /// Its truth for a source. Where it names a kind: whether it holds for any device of that kind;
    /// unknown where the source is down or has no such device.
    pub fn test_source(&self, source: &SourceView, now: Moment) -> Truth {
        let Some(kind) = self.kind() else { return self.test(source, None, now) };
        if source.state(now) == State::Down {
            return self.test(source, None, now);
        }
        let mut result = None;
        for device in source.devices(kind) {
            let truth = self.test(source, Some(device), now);
            result = Some(result.map_or(truth, |before: Truth| before.or(truth)));
            if result == Some(Truth::True) {
                break;
            }
        }
        result.unwrap_or_else(|| self.test(source, None, now))
    }

    /// Whether it holds for a source: unknown does not.
    pub fn holds(&self, source: &SourceView, now: Moment) -> bool {
        self.test_source(source, now) == Truth::True
    }

    /// Whether it may hold for a source of that name and those tags, whatever its figures are.
    pub fn may_select(&self, source: &Source, tags: &[String]) -> bool {
        self.evaluate(&mut |term| term.test_identity(source, tags)) != Truth::False
    }

    /// The kind of device that it names; an expression has at most one.
    pub fn kind(&self) -> Option<Kind> {
        let mut kind = None;
        self.terms(&mut |term| kind = kind.or(term.kind()));
        kind
    }

    /// Whether it tests if and why a host is not well: its state, its age, the reason of a failure.
    pub fn is_about_health(&self) -> bool {
        let mut found = false;
        self.terms(&mut |term| found |= term.is_about_health());
        found
    }

    /// What has to be read so that it can be tested.
    pub fn selection(&self) -> Selection {
        let mut selection = Selection::nothing();
        // with a device, the name and the tags of its host are known without reading anything
        let has_device = self.kind().is_some();
        self.terms(&mut |term| {
            if !(has_device && term.is_identity()) {
                term.select(&mut selection);
            }
        });
        selection
    }

    /// The values that it compares, for people: `percent 93 %, mounts /data`.
    pub fn facts(&self, source: &SourceView, device: Option<&Device>, now: Moment) -> String {
        let mut all: Vec<String> = Vec::new();
        self.terms(&mut |term| {
            if let Some(fact) = term.fact(source, device, now)
                && !all.contains(&fact)
            {
                all.push(fact);
            }
        });
        all.join(", ")
    }

    /// The figure of a host that it compares first, if it compares any.
    pub fn host_metric(&self) -> Option<HostMetric> {
        let mut first = None;
        self.terms(&mut |term| {
            if let (None, Term::Metric(metric, ..)) = (first, term) {
                first = Some(*metric);
            }
        });
        first
    }

    fn terms(&self, each: &mut dyn FnMut(&Term)) {
        match self {
            Expression::Term(term) => each(term),
            Expression::Not(inner) => inner.terms(each),
            Expression::Any(all) | Expression::All(all) => {
                all.iter().for_each(|one| one.terms(each));
            }
        }
    }
}
