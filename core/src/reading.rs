//! What a provider returns: readings of devices, made of quantities and texts.
//!
//! A reading holds what was read and nothing that was made up: a value that could not be sourced is
//! absent, never zero, and a counter is handed over as the counter, never as a rate.

mod unit;

pub use unit::Unit;

use crate::{clock::Moment, provider::Failure};
use std::{
    fmt,
    hash::{Hash, Hasher},
    sync::Arc,
    time::Duration,
};

/// A sort of device: `cpu`, `memory`, or a word core has never heard of. Compared by its word, so
/// that two crates that both say `Kind::new("ups")` mean the same.
#[derive(Clone, Copy)]
pub struct Kind {
    word: &'static str,
    brief: bool,
}

impl Kind {
    /// A kind of that word.
    pub const fn new(word: &'static str) -> Kind {
        Kind { word, brief: false }
    }

    /// Devices of this kind come and go by nature (processes): one that is gone is gone at once,
    /// while a disk that vanishes from the answers is first shown as old.
    pub const fn brief(mut self) -> Kind {
        self.brief = true;
        self
    }

    /// The word, as it stands in JSON and in metric names.
    pub const fn word(self) -> &'static str {
        self.word
    }

    pub(crate) const fn is_brief(self) -> bool {
        self.brief
    }
}

impl PartialEq for Kind {
    fn eq(&self, other: &Kind) -> bool {
        self.word == other.word
    }
}
impl Eq for Kind {}
impl PartialOrd for Kind {
    fn partial_cmp(&self, other: &Kind) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Kind {
    fn cmp(&self, other: &Kind) -> std::cmp::Ordering {
        self.word.cmp(other.word)
    }
}
impl Hash for Kind {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.word.hash(state);
    }
}
impl fmt::Debug for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word)
    }
}

/// How a quantity behaves from one poll to the next.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// The value stands for itself.
    Gauge,
    /// A counter that only grows; core derives `rate` = `factor`·Δself/Δt, per second.
    Counter {
        /// The gauge that core fills in.
        rate: &'static Quantity,
        /// 1, or 100 where seconds of work become percent of one processor.
        factor: f64,
    },
    /// A counter of which a part is wanted: core derives `percent` = 100·Δself/Δ`of`.
    Share {
        /// The whole of which this is a part: a quantity of the same reading.
        of: &'static Quantity,
        /// The gauge that core fills in.
        percent: &'static Quantity,
    },
    /// A counter that is only the whole of some share, or that is only exported: nothing is derived.
    Total,
}

/// A measured quantity. One name has one unit and one form everywhere; the registry sees to it.
#[derive(Debug)]
pub struct Quantity {
    name: &'static str,
    unit: Unit,
    form: Form,
    help: &'static str,
}

impl Quantity {
    /// A quantity that stands for itself.
    pub const fn gauge(name: &'static str, unit: Unit, help: &'static str) -> Quantity {
        Quantity { name, unit, form: Form::Gauge, help }
    }

    /// A counter from which core derives `rate` per second.
    pub const fn counter(
        name: &'static str,
        unit: Unit,
        rate: &'static Quantity,
        help: &'static str,
    ) -> Quantity {
        Quantity { name, unit, form: Form::Counter { rate, factor: 1.0 }, help }
    }

    /// A counter of seconds of work, from which core derives percent of one processor: more than 100
    /// where the work is done on several.
    pub const fn work(
        name: &'static str,
        percent: &'static Quantity,
        help: &'static str,
    ) -> Quantity {
        let form = Form::Counter { rate: percent, factor: 100.0 };
        Quantity { name, unit: Unit::Seconds, form, help }
    }

    /// A counter from which core derives what percentage of the growth of `of` it makes up.
    pub const fn share(
        name: &'static str,
        unit: Unit,
        of: &'static Quantity,
        percent: &'static Quantity,
        help: &'static str,
    ) -> Quantity {
        Quantity { name, unit, form: Form::Share { of, percent }, help }
    }

    /// A counter that nothing is derived from.
    pub const fn total(name: &'static str, unit: Unit, help: &'static str) -> Quantity {
        Quantity { name, unit, form: Form::Total, help }
    }

    /// The name in JSON and in metric names.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The unit of its values.
    pub const fn unit(&self) -> Unit {
        self.unit
    }

    /// How it behaves from poll to poll.
    pub const fn form(&self) -> &Form {
        &self.form
    }

    /// One sentence.
    pub const fn help(&self) -> &'static str {
        self.help
    }

    /// Shown to people and in JSON: gauges, and what core derives. Counters are for the exporter.
    pub const fn is_gauge(&self) -> bool {
        matches!(self.form, Form::Gauge)
    }
}

impl PartialEq for Quantity {
    fn eq(&self, other: &Quantity) -> bool {
        std::ptr::eq(self, other) || self.name == other.name
    }
}
impl Eq for Quantity {}

/// A property that is a text: a kernel version, a user, `charging`.
#[derive(Debug)]
pub struct Text {
    name: &'static str,
    help: &'static str,
}

impl Text {
    /// A text of that name.
    pub const fn new(name: &'static str, help: &'static str) -> Text {
        Text { name, help }
    }

    /// The name in JSON.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// One sentence.
    pub const fn help(&self) -> &'static str {
        self.help
    }
}

impl PartialEq for Text {
    fn eq(&self, other: &Text) -> bool {
        std::ptr::eq(self, other) || self.name == other.name
    }
}
impl Eq for Text {}

/// Finite numbers by quantity; what is not here is not known.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Values(Vec<(&'static Quantity, f64)>);

impl Values {
    /// The value of `quantity`, in its unit.
    pub fn get(&self, quantity: &Quantity) -> Option<f64> {
        self.0.iter().find(|(q, _)| *q == quantity).map(|&(_, v)| v)
    }

    /// Sets `quantity`; a value that cannot be is left out: one that is not finite, or less than nothing.
    pub fn set(&mut self, quantity: &'static Quantity, value: f64) {
        if !value.is_finite() || value < 0.0 && !quantity.unit.has_negatives() {
            return;
        }
        match self.0.iter_mut().find(|(q, _)| *q == quantity) {
            Some((_, v)) => *v = value,
            None => self.0.push((quantity, value)),
        }
    }

    /// All of them, in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Quantity, f64)> + '_ {
        self.0.iter().copied()
    }
}

/// Texts by name.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Texts(Vec<(&'static Text, Arc<str>)>);

impl Texts {
    /// The text of that name.
    pub fn get(&self, text: &Text) -> Option<&Arc<str>> {
        self.0.iter().find(|(t, _)| *t == text).map(|(_, v)| v)
    }

    /// Sets a text.
    pub fn set(&mut self, text: &'static Text, value: Arc<str>) {
        match self.0.iter_mut().find(|(t, _)| *t == text) {
            Some((_, v)) => *v = value,
            None => self.0.push((text, value)),
        }
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Arc<str>> + '_ {
        self.0.iter_mut().map(|(_, v)| v)
    }

    /// All of them, in the order in which they were set.
    pub fn iter(&self) -> impl Iterator<Item = (&'static Text, &Arc<str>)> + '_ {
        self.0.iter().map(|(t, v)| (*t, v))
    }
}

/// What was read of one device.
#[derive(Clone, PartialEq, Debug)]
pub struct Reading {
    /// The sort of device.
    pub kind: Kind,
    /// The device's name within its source and kind.
    pub device: Arc<str>,
    /// Tells two devices apart that bear one name after each other: a process's start time. 0 where
    /// the name says all.
    pub epoch: u64,
    /// The source of the counters advances only this often; rates are taken over three steps.
    pub step: Option<Duration>,
    /// When it was read, where that is not the part's own moment: an earlier reading, repeated because
    /// looking again was not worth it. Rates are taken over the time between two readings.
    pub taken: Option<Moment>,
    /// Numbers.
    pub values: Values,
    /// Texts.
    pub texts: Texts,
}

impl Reading {
    /// An empty reading of a device.
    pub fn new(kind: Kind, device: impl Into<Arc<str>>) -> Reading {
        Reading {
            kind,
            device: device.into(),
            epoch: 0,
            step: None,
            taken: None,
            values: Values::default(),
            texts: Texts::default(),
        }
    }

    /// With a value in the quantity's unit; a value that is not finite is left out.
    #[must_use]
    pub fn with(mut self, quantity: &'static Quantity, value: f64) -> Reading {
        self.values.set(quantity, value);
        self
    }

    /// With a value if there is one.
    #[must_use]
    pub fn with_some(self, quantity: &'static Quantity, value: Option<f64>) -> Reading {
        match value {
            Some(value) => self.with(quantity, value),
            None => self,
        }
    }

    /// With a text.
    #[must_use]
    pub fn text(mut self, text: &'static Text, value: impl Into<Arc<str>>) -> Reading {
        self.texts.set(text, value.into());
        self
    }

    /// With what tells it from an earlier device of the same name.
    #[must_use]
    pub fn in_epoch(mut self, epoch: u64) -> Reading {
        self.epoch = epoch;
        self
    }

    /// Repeated: what was read at an earlier moment.
    #[must_use]
    pub fn read_at(mut self, moment: Moment) -> Reading {
        self.taken = Some(moment);
        self
    }

    /// With counters that advance only once a `step`.
    #[must_use]
    pub fn stepping(mut self, step: Duration) -> Reading {
        self.step = Some(step);
        self
    }
}

/// What one source said at one moment.
#[derive(Clone, PartialEq, Debug)]
pub struct Part {
    /// The source's name where the instance stands for several; `None` is the instance's own.
    pub member: Option<Arc<str>>,
    /// When it was read, which is the moment its counters belong to.
    pub taken: Moment,
    /// The devices, in the order in which they should be shown; equal kinds stand together.
    pub readings: Vec<Reading>,
    /// How the answer was understood, for dialects: `["node_exporter"]`.
    pub dialects: Vec<&'static str>,
    /// How often it is read where it comes from, if that is not as often as the instance is asked.
    pub interval: Option<Duration>,
}

impl Part {
    /// The part of the instance's own source.
    pub fn own(taken: Moment, readings: Vec<Reading>) -> Part {
        Part { member: None, taken, readings, dialects: Vec::new(), interval: None }
    }
}

/// One answer of one instance.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Answer {
    /// One part a source.
    pub parts: Vec<Part>,
    /// What a person should know although the answer is good: `password sent over plain HTTP`.
    pub notes: Vec<String>,
    /// Members that could not be read where they come from, and why. One that is in neither list is as
    /// it was.
    pub failed: Vec<(Arc<str>, Failure)>,
    /// Members that are no more: all that is known of them is forgotten.
    pub gone: Vec<Arc<str>>,
    /// There is more to be had at once: the past of what was just told, say.
    pub more: bool,
}

impl Answer {
    /// An answer of these parts, and nothing else to say.
    pub fn of(parts: Vec<Part>) -> Answer {
        Answer { parts, ..Answer::default() }
    }

    /// An answer of the instance's own source, read now.
    pub fn now(readings: Vec<Reading>) -> Answer {
        Answer::of(vec![Part::own(Moment::now(), readings)])
    }
}
