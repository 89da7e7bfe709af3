//! What a provider returns: readings of devices, made of quantities and texts.
//!
//! A reading holds what was read and nothing that was made up: a value that could not be sourced is
//! absent, never zero, and a counter is handed over as the counter, never as a rate.

mod metric;
mod unit;
mod values;

pub use metric::{Metric, MetricType, Text};
pub use unit::Unit;
pub use values::{Texts, Values};

use crate::{clock::Moment, failure::Failure};
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
    transient: bool,
    private: bool,
}

impl Kind {
    /// A kind of that word.
    pub const fn new(word: &'static str) -> Kind {
        Kind { word, transient: false, private: false }
    }

    /// Devices of this kind come and go by nature (processes): one that is gone is gone at once,
    /// while a disk that vanishes from the answers is first shown as old.
    pub const fn transient(mut self) -> Kind {
        self.transient = true;
        self
    }

    /// Devices of this kind may hold secrets (environments, peers, open files): they are read for a
    /// screen only, and never exported or recorded.
    pub const fn private(mut self) -> Kind {
        self.private = true;
        self
    }

    /// The word, as used in JSON and in metric names.
    pub const fn word(self) -> &'static str {
        self.word
    }

    /// Whether it is for a screen only.
    pub const fn is_private(self) -> bool {
        self.private
    }

    #[doc(hidden)]
    pub const fn is_transient(self) -> bool {
        self.transient
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

/// What was read of one device.
#[derive(Clone, PartialEq, Debug)]
pub struct DeviceReading {
    /// The sort of device.
    pub kind: Kind,
    /// The device's name within its source and kind.
    pub device: Arc<str>,
    /// Tells devices of one name apart that follow each other: a process's start time, else 0.
    pub generation: u64,
    /// The source of the counters advances only this often; rates are taken over three steps.
    pub resolution: Option<Duration>,
    /// When it was read, where that is not the part's own moment: an earlier reading, repeated because
    /// looking again was not worth it. Rates are taken over the time between two readings.
    pub read_at: Option<Moment>,
    /// Numbers.
    pub values: Values,
    /// Texts.
    pub texts: Texts,
}

impl DeviceReading {
    /// An empty reading of a device.
    pub fn new(kind: Kind, device: impl Into<Arc<str>>) -> DeviceReading {
        DeviceReading {
            kind,
            device: device.into(),
            generation: 0,
            resolution: None,
            read_at: None,
            values: Values::default(),
            texts: Texts::default(),
        }
    }

    /// With a value in the quantity's unit; a value that is not finite is left out.
    #[must_use]
    pub fn with(mut self, quantity: &'static Metric, value: f64) -> DeviceReading {
        self.values.set(quantity, value);
        self
    }

    /// With a value if there is one.
    #[must_use]
    pub fn with_some(self, quantity: &'static Metric, value: Option<f64>) -> DeviceReading {
        match value {
            Some(value) => self.with(quantity, value),
            None => self,
        }
    }

    /// With a text.
    #[must_use]
    pub fn text(mut self, text: &'static Text, value: impl Into<Arc<str>>) -> DeviceReading {
        self.texts.set(text, value.into());
        self
    }

    /// With what tells it from an earlier device of the same name.
    #[must_use]
    pub fn in_generation(mut self, generation: u64) -> DeviceReading {
        self.generation = generation;
        self
    }

    /// Repeated: what was read at an earlier moment.
    #[must_use]
    pub fn read_at(mut self, moment: Moment) -> DeviceReading {
        self.read_at = Some(moment);
        self
    }

    /// With counters that advance only once a `resolution`.
    #[must_use]
    pub fn with_resolution(mut self, resolution: Duration) -> DeviceReading {
        self.resolution = Some(resolution);
        self
    }
}

/// What one source said at one moment.
#[derive(Clone, PartialEq, Debug)]
pub struct SourceReadings {
    /// The source's name where the instance serves several; `None` is the instance's own source.
    pub member: Option<Arc<str>>,
    /// When it was read, which is the moment its counters belong to.
    pub read_at: Moment,
    /// The devices, in the order in which they should be shown; equal kinds stand together.
    pub readings: Vec<DeviceReading>,
    /// How the answer was understood, for dialects: `["node_exporter"]`.
    pub dialects: Vec<&'static str>,
    /// How often it is read where it comes from, if that is not as often as the instance is asked.
    pub interval: Option<Duration>,
    /// Which figures are left out because they cannot be true, of which device, and why. Names are in double
    /// quotes: the log tells each line once, whatever the figures outside of quotes.
    pub left_out: Vec<String>,
    /// Lines of the answer that cannot be read.
    pub unread_lines: usize,
    /// The labels under which the source is known where the readings come from: `{LABEL}` in `tags` is replaced by
    /// their values. Empty where there are none.
    pub labels: SourceLabels,
}

/// Names and values of a source's labels.
pub type SourceLabels = Arc<[(Box<str>, Box<str>)]>;

impl SourceReadings {
    /// The part of the instance's own source.
    pub fn own(read_at: Moment, readings: Vec<DeviceReading>) -> SourceReadings {
        SourceReadings {
            member: None,
            read_at,
            readings,
            dialects: Vec::new(),
            interval: None,
            left_out: Vec::new(),
            unread_lines: 0,
            labels: SourceLabels::default(),
        }
    }
}

/// One answer of one instance.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PollResult {
    /// One part a source.
    pub parts: Vec<SourceReadings>,
    /// What a person should know although the answer is good: `password sent over plain HTTP`.
    pub notes: Vec<String>,
    /// Members that could not be read where they come from, and why. One that is in neither list is as
    /// it was.
    pub failed: Vec<(Arc<str>, Failure)>,
    /// Members that are no more: all that is known of them is forgotten.
    pub gone: Vec<Arc<str>>,
    /// There is more to be had at once: the past of what was just told, say.
    pub more: bool,
    /// What a member was like in a span of the past that ends at an instant, where the selection names one.
    pub window: Option<PastWindow>,
}

/// A span of the past of a member.
#[derive(Clone, PartialEq, Debug)]
pub struct PastWindow {
    /// The member.
    pub member: Arc<str>,
    /// The end of the span.
    pub until: Moment,
    /// Its length.
    pub span: Duration,
    /// Its readings, the oldest first, or why there are none.
    pub readings: Result<Vec<SourceReadings>, String>,
}

impl PollResult {
    /// An answer of these parts, and nothing else to say.
    pub fn of(parts: Vec<SourceReadings>) -> PollResult {
        PollResult { parts, ..PollResult::default() }
    }

    /// An answer of the instance's own source, read now.
    pub fn now(readings: Vec<DeviceReading>) -> PollResult {
        PollResult::of(vec![SourceReadings::own(Moment::now(), readings)])
    }
}
