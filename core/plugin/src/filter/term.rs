//! A single test of a filter: one figure or text compared with a value.

use super::{DeviceSubject, Subject, Truth, words};
use crate::{
    clock::Moment,
    draw::number,
    glob,
    health::State,
    host_metric::HostMetric,
    host_stats::HostStats,
    provider::Selection,
    reading::{Kind, Metric, Text, Unit},
    source::Source,
    text as texts,
    view::{Device, Settings, SourceView},
};

/// How a figure is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Compare {
    /// Greater than.
    More,
    /// Greater or equal.
    AtLeast,
    /// Less than.
    Less,
    /// Less or equal.
    AtMost,
    /// Equal, rounded to a whole number.
    Equal,
}

impl Compare {
    /// Whether a value compares so with a limit.
    pub fn holds(self, value: f64, limit: f64) -> bool {
        match self {
            Compare::More => value > limit,
            Compare::AtLeast => value >= limit,
            Compare::Less => value < limit,
            Compare::AtMost => value <= limit,
            Compare::Equal => (value - limit).abs() < 0.5,
        }
    }
}

/// How a text is compared. Case does not matter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum TextTest {
    /// The whole text matches this pattern, which is in lower case.
    Is(String),
    /// The text contains this, which is in lower case.
    Holds(String),
}

impl TextTest {
    fn holds(&self, text: &str) -> bool {
        match self {
            TextTest::Is(pattern) => glob::matches(pattern, &text.to_lowercase()),
            TextTest::Holds(part) => texts::contains(text, part),
        }
    }
}

/// What of a device is compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeviceField {
    /// Its name.
    Name,
    /// A text.
    Text(&'static Text),
}

/// A single test.
#[derive(Clone, PartialEq, Debug)]
pub enum Term {
    /// A figure of a host.
    Metric(HostMetric, Compare, f64),
    /// The state's word.
    State(State),
    /// The name of the host.
    Name(TextTest),
    /// A tag, as a pattern; empty: the host has none.
    Tag(String),
    /// A part of a tag, in lower case.
    TagHolds(String),
    /// A part of the reason of the last failure, in lower case.
    WhyHolds(String),
    /// A quantity of a device.
    DeviceMetric(Kind, &'static Metric, Compare, f64),
    /// A text of a device. A text with several values holds where one of them does.
    DeviceText(Kind, DeviceField, TextTest),
    /// A part of one of the names by which a device is known, in lower case.
    DeviceHolds(Kind, String),
    /// The seconds since a device was started; unknown outside of a list.
    DeviceAge(Kind, Compare, f64),
}

/// Texts that hold several values, between blanks.
const LISTS: [&str; 4] = ["mounts", "addresses", "failed", "denied"];

impl Term {
    /// Its truth. Device tests are unknown without a device.
    pub fn test(&self, source: &SourceView, device: Option<&Device>, now: Moment) -> Truth {
        match self {
            Term::Metric(metric, compare, limit) => {
                metric.value(source, now).map(|value| compare.holds(value, *limit)).into()
            }
            Term::State(state) => (source.state(now) == *state).into(),
            Term::Name(_) | Term::Tag(_) | Term::TagHolds(_) => {
                self.test_identity(&source.source, &source.tags)
            }
            Term::WhyHolds(part) => {
                let holds = |reason: &str| texts::contains(reason, part);
                source.failure(now).is_some_and(|failure| holds(failure.reason())).into()
            }
            Term::DeviceMetric(kind, ..)
            | Term::DeviceText(kind, ..)
            | Term::DeviceHolds(kind, _)
            | Term::DeviceAge(kind, ..) => match device.filter(|device| device.kind == *kind) {
                Some(device) => self.test_subject(&DeviceSubject { source, device }),
                None => Truth::Unknown,
            },
        }
    }

    /// The truth of a test on a device; unknown for any other.
    pub fn test_subject(&self, subject: &dyn Subject) -> Truth {
        let holds = match self {
            Term::DeviceMetric(_, metric, compare, limit) => {
                subject.value(metric).map(|value| compare.holds(value, *limit))
            }
            Term::DeviceAge(_, compare, limit) => {
                subject.age().map(|age| compare.holds(age, *limit))
            }
            Term::DeviceText(_, DeviceField::Name, test) => Some(test.holds(subject.name())),
            Term::DeviceText(_, DeviceField::Text(text), test) => {
                let is_list = LISTS.contains(&text.name());
                let known = subject.text(text);
                known.map(|known| match is_list {
                    true => known.split(' ').any(|one| test.holds(one)),
                    false => test.holds(known),
                })
            }
            Term::DeviceHolds(kind, part) => {
                let names = words::names(*kind).iter().filter_map(|text| subject.text(text));
                Some(names.chain([subject.name()]).any(|name| texts::contains(name, part)))
            }
            _ => None,
        };
        holds.into()
    }

    /// Whether it tests what a host is called and tagged.
    pub(super) const fn is_identity(&self) -> bool {
        matches!(self, Term::Name(_) | Term::Tag(_) | Term::TagHolds(_))
    }

    /// Its truth as far as the name and the tags of a source decide it.
    pub fn test_identity(&self, source: &Source, tags: &[String]) -> Truth {
        match self {
            Term::Name(test) => test.holds(source.name()).into(),
            Term::Tag(none) if none.is_empty() => tags.is_empty().into(),
            Term::Tag(pattern) => tags.iter().any(|tag| glob::matches(pattern, tag)).into(),
            Term::TagHolds(part) => tags.iter().any(|tag| tag.to_lowercase().contains(part)).into(),
            _ => Truth::Unknown,
        }
    }

    pub(super) const fn kind(&self) -> Option<Kind> {
        match self {
            Term::DeviceMetric(kind, ..)
            | Term::DeviceText(kind, ..)
            | Term::DeviceHolds(kind, _)
            | Term::DeviceAge(kind, ..) => Some(*kind),
            _ => None,
        }
    }

    pub(super) fn is_about_health(&self) -> bool {
        let health = [HostMetric::Age, HostMetric::Took];
        match self {
            Term::State(_) | Term::WhyHolds(_) => true,
            Term::Metric(metric, ..) => health.contains(metric),
            _ => false,
        }
    }

    pub(super) fn select(&self, selection: &mut Selection) {
        match self {
            Term::DeviceMetric(kind, metric, ..) => {
                selection.add(*kind, &[metric.name()]);
                if let Some(counter) = words::counter_of(*kind, metric) {
                    selection.add(*kind, &[counter.name()]);
                }
            }
            Term::DeviceText(kind, DeviceField::Text(text), _) => {
                selection.add(*kind, &[text.name()]);
            }
            Term::DeviceText(kind, DeviceField::Name, _)
            | Term::DeviceHolds(kind, _)
            | Term::DeviceAge(kind, ..) => selection.add(*kind, &[]),
            // a host's figures come from several kinds; its state from any of them
            _ => selection.join(&Selection::kinds(&HostStats::KINDS)),
        }
    }

    pub(super) fn fact(
        &self,
        source: &SourceView,
        device: Option<&Device>,
        now: Moment,
    ) -> Option<String> {
        match self {
            Term::Metric(metric, ..) => {
                let value = metric.value(source, now)?;
                let shown = metric.show(value, &Settings::default());
                let unit = if metric.is_percent() { " %" } else { "" };
                Some(format!("{} {shown}{unit}", metric.word()))
            }
            Term::State(_) => Some(source.state(now).word().to_owned()),
            Term::WhyHolds(_) => source.failure(now).map(|failure| failure.reason().to_owned()),
            Term::DeviceMetric(_, metric, ..) => {
                let value = device?.value(metric)?;
                let (shown, unit) = match metric.unit() {
                    Unit::Percent => (number::percent(value), " %"),
                    Unit::Bytes => (number::bytes(value), "B"),
                    Unit::BytesPerSecond => (number::bytes(value), "B/s"),
                    Unit::Celsius => (number::fixed(value, 0), " °C"),
                    Unit::Seconds => (number::short_span(value), ""),
                    Unit::Watts => (number::fixed(value, 1), " W"),
                    _ => (number::count(value), ""),
                };
                Some(format!("{} {shown}{unit}", metric.name()))
            }
            Term::DeviceText(_, DeviceField::Text(text), _) => {
                let shown = device?.text(text)?;
                let cut: String = shown.chars().take(80).collect();
                let dots = if cut.len() < shown.len() { "…" } else { "" };
                Some(format!("{} {cut}{dots}", text.name()))
            }
            _ => None,
        }
    }
}
