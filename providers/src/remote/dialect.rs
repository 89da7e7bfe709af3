//! What a dialect is: a table of the metrics that an exporter speaks, and, per kind, one pure function
//! that makes readings of them.
//!
//! A dialect registers itself like a provider does, and holds no state:
//!
//! ```
//! use manytop_core::{reading::Reading, vocabulary::{CELSIUS, TEMPERATURE}};
//! use manytop_providers::remote::dialect::{Dialect, Part, Row, Section, Slot, Slots};
//!
//! const CELSIUS_NOW: Slot = Slot::new("celsius");
//!
//! manytop_core::inventory::submit! {
//!     Dialect::new("cellar", 1, &[Section::new(TEMPERATURE, &[
//!         Row::named("cellar_temperature_celsius", CELSIUS_NOW).of(Part::Label("room")),
//!     ], finish)])
//! }
//!
//! fn finish(slots: &Slots<'_>) -> Vec<Reading> {
//!     slots.devices()
//!         .map(|d| Reading::new(TEMPERATURE, d.name().clone()).with_some(&CELSIUS, d.value(CELSIUS_NOW)))
//!         .collect()
//! }
//! # fn main() {}
//! ```

use super::exposition::adapter::Series;
pub use super::slots::{Device, Found, Slots};
use manytop_core::{
    inventory,
    reading::{Kind, Reading},
    text::clean,
};
use std::{panic::Location, sync::Arc};

/// The description of a dialect, submitted with `inventory::submit!` in the file that holds its table.
#[derive(Debug)]
pub struct Dialect {
    name: &'static str,
    rank: u8,
    sections: Sections,
    choice: Option<Choice>,
    at: &'static Location<'static>,
}

inventory::collect!(Dialect);

#[derive(Clone, Copy, Debug)]
enum Sections {
    Table(&'static [Section]),
    Made(fn() -> &'static [Section]),
}

impl Dialect {
    /// A dialect. Where several speak of one kind, the one with the highest rank is heard.
    #[track_caller]
    pub const fn new(name: &'static str, rank: u8, sections: &'static [Section]) -> Dialect {
        let sections = Sections::Table(sections);
        Dialect { name, rank, sections, choice: None, at: Location::caller() }
    }

    /// A dialect whose table is made of what is linked into the program. It must be the same whenever it
    /// is asked for.
    #[track_caller]
    pub const fn made(
        name: &'static str,
        rank: u8,
        sections: fn() -> &'static [Section],
    ) -> Dialect {
        let sections = Sections::Made(sections);
        Dialect { name, rank, sections, choice: None, at: Location::caller() }
    }

    /// Its servers can be asked for a part of what they have.
    #[must_use]
    pub const fn choosing(mut self, choice: Choice) -> Dialect {
        self.choice = Some(choice);
        self
    }

    /// Its name, as in `"dialects": ["gotop"]`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Higher is heard first.
    pub const fn rank(&self) -> u8 {
        self.rank
    }

    /// Its kinds.
    pub fn sections(&self) -> &'static [Section] {
        match self.sections {
            Sections::Table(sections) => sections,
            Sections::Made(made) => made(),
        }
    }

    /// How its servers are asked for a part of what they have, if they can be.
    pub const fn choice(&self) -> Option<&Choice> {
        self.choice.as_ref()
    }

    /// Its kinds, and the list of what can be chosen.
    fn tables(&'static self) -> impl Iterator<Item = &'static Section> {
        self.sections().iter().chain(self.choice().map(Choice::listing))
    }

    /// Where it is registered.
    pub const fn at(&self) -> &'static Location<'static> {
        self.at
    }
}

/// What a dialect says of one kind.
#[derive(Debug)]
pub struct Section {
    kind: Kind,
    rows: &'static [Row],
    carriers: &'static [&'static str],
    finish: fn(&Slots<'_>) -> Vec<Reading>,
}

impl Section {
    /// A kind, the metrics that tell of it, and how readings are made of them.
    pub const fn new(
        kind: Kind,
        rows: &'static [Row],
        finish: fn(&Slots<'_>) -> Vec<Reading>,
    ) -> Section {
        Section { kind, rows, carriers: &[], finish }
    }

    /// What of the server's [`Choice`] carries these metrics: all that have to be asked for.
    #[must_use]
    pub const fn carried_by(mut self, carriers: &'static [&'static str]) -> Section {
        self.carriers = carriers;
        self
    }

    /// The kind.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The metrics.
    pub const fn rows(&self) -> &'static [Row] {
        self.rows
    }

    /// What carries them.
    pub const fn carriers(&self) -> &'static [&'static str] {
        self.carriers
    }

    /// Makes the readings.
    pub fn finish(&self, slots: &Slots<'_>) -> Vec<Reading> {
        (self.finish)(slots)
    }
}

/// How a server is asked for a part of what it has: by naming what is to be in its answer.
#[derive(Debug)]
pub struct Choice {
    parameter: &'static str,
    listing: Section,
}

impl Choice {
    /// The parameter of the query that takes a name, and may be given several times; and the metrics
    /// whose devices are the names that this server accepts. A server that does not list them is never
    /// asked for a part.
    pub const fn new(parameter: &'static str, listing: &'static [Row]) -> Choice {
        // No kind has an empty word, so that nobody can want these.
        let listing = Section::new(Kind::new(""), listing, |_| Vec::new());
        Choice { parameter, listing }
    }

    /// The parameter's name.
    pub const fn parameter(&self) -> &'static str {
        self.parameter
    }

    /// What lists the names.
    pub const fn listing(&self) -> &Section {
        &self.listing
    }
}

/// A value's place among those that make up a reading.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot(&'static str);

impl Slot {
    /// A place of that name; the name matters only within its section.
    pub const fn new(name: &'static str) -> Slot {
        Slot(name)
    }
}

/// One metric of a table.
#[derive(Debug)]
pub struct Row {
    metric: &'static str,
    whole: bool,
    has: &'static [(&'static str, &'static str)],
    part: Part,
    keeps: &'static [&'static str],
    slot: Slot,
}

/// Where a series names its device.
#[derive(Clone, Copy, Debug)]
pub enum Part {
    /// It does not: it is always this one.
    Only(&'static str),
    /// In a label, whose value is the name. A series without it, or with an empty one, is not wanted.
    Label(&'static str),
    /// In the rest of the metric's name, after the row's beginning; `None`: not wanted.
    Rest(fn(&str) -> Option<String>),
    /// In several labels; `None`: not wanted.
    Made(fn(&Labelled<'_>) -> Option<String>),
}

impl Row {
    /// A metric of exactly that name.
    pub const fn named(metric: &'static str, slot: Slot) -> Row {
        Row { metric, whole: true, has: &[], part: Part::Only(""), keeps: &[], slot }
    }

    /// Metrics whose names begin so, and go on with the device.
    pub const fn each(
        beginning: &'static str,
        rest: fn(&str) -> Option<String>,
        slot: Slot,
    ) -> Row {
        Row { metric: beginning, whole: false, has: &[], part: Part::Rest(rest), keeps: &[], slot }
    }

    /// Only series with these label values.
    #[must_use]
    pub const fn has(mut self, labels: &'static [(&'static str, &'static str)]) -> Row {
        self.has = labels;
        self
    }

    /// Where the device is named.
    #[must_use]
    pub const fn of(mut self, part: Part) -> Row {
        self.part = part;
        self
    }

    /// Labels whose values are needed too; an absent one is kept as an empty text.
    #[must_use]
    pub const fn keeps(mut self, labels: &'static [&'static str]) -> Row {
        self.keeps = labels;
        self
    }

    /// The name, and whether it is all of it.
    pub const fn metric(&self) -> (&'static str, bool) {
        (self.metric, self.whole)
    }

    /// Device and kept labels, when the row is about that series.
    fn read(&self, series: &Labelled<'_>) -> Option<Box<[Arc<str>]>> {
        let rest = series.name().strip_prefix(self.metric)?;
        if self.whole != rest.is_empty() || !self.has.iter().all(|(k, v)| series.get(k) == *v) {
            return None;
        }
        let device = match self.part {
            Part::Only(name) => name.to_owned(),
            Part::Label(label) => Some(series.get(label)).filter(|v| !v.is_empty())?.to_owned(),
            Part::Rest(made) => made(rest)?,
            Part::Made(made) => made(series)?,
        };
        let kept = self.keeps.iter().map(|label| Arc::from(clean(series.get(label))));
        Some(std::iter::once(Arc::from(clean(&device))).chain(kept).collect())
    }
}

/// A series whose labels can be asked for.
#[derive(Clone, Copy, Debug)]
pub struct Labelled<'a>(&'a Series);

impl<'a> Labelled<'a> {
    /// Wraps a series.
    pub fn new(series: &'a Series) -> Labelled<'a> {
        Labelled(series)
    }

    /// The metric's name.
    pub fn name(&self) -> &'a str {
        &self.0.name
    }

    /// A label's value; an absent label is an empty one, as Prometheus has it.
    pub fn get(&self, label: &str) -> &'a str {
        let found = self.0.labels.iter().find(|(name, _)| name == label);
        found.map_or("", |(_, value)| value)
    }
}

/// What a series says in a dialect.
#[derive(Debug)]
pub struct Meaning {
    /// The dialect.
    pub dialect: &'static Dialect,
    /// Which of its sections.
    pub section: &'static Section,
    /// The value's place.
    pub slot: Slot,
    /// The device's name, then the kept labels.
    pub labels: Box<[Arc<str>]>,
}

/// All dialects that are linked into this program, the highest rank first.
#[derive(Debug)]
pub struct Dialects(Vec<&'static Dialect>);

impl Dialects {
    /// Collects what is linked.
    ///
    /// # Errors
    /// Two dialects of one name, or an empty metric name, which would match everything. The message
    /// names the offenders with file and line.
    pub fn load() -> Result<Dialects, String> {
        let mut all: Vec<_> = inventory::iter::<Dialect>.into_iter().collect();
        all.sort_by_key(|d| (u8::MAX - d.rank, d.name, d.at.file(), d.at.line()));
        for (nth, dialect) in all.iter().enumerate() {
            if let Some(other) = all[nth + 1..].iter().find(|d| d.name == dialect.name) {
                return Err(format!(
                    "dialect {:?} is registered twice: at {} and at {}",
                    dialect.name, dialect.at, other.at
                ));
            }
            if dialect.tables().flat_map(|s| s.rows).any(|row| row.metric.is_empty()) {
                return Err(format!(
                    "dialect {:?} at {}: a metric without a name",
                    dialect.name, dialect.at
                ));
            }
        }
        Ok(Dialects(all))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &'static Dialect> + '_ {
        self.0.iter().copied()
    }

    /// The metric names they want, and whether each is whole.
    pub fn metrics(&self) -> impl Iterator<Item = (&'static str, bool)> + '_ {
        self.iter().flat_map(Dialect::tables).flat_map(|s| s.rows).map(Row::metric)
    }

    /// What a series says, to each dialect that knows it.
    pub fn meanings(&self, series: &Series) -> Vec<Meaning> {
        let series = Labelled::new(series);
        let sections =
            self.iter().flat_map(|dialect| dialect.tables().map(move |section| (dialect, section)));
        sections
            .flat_map(|(dialect, section)| {
                section.rows.iter().filter_map(move |row| {
                    let labels = row.read(&series)?;
                    Some(Meaning { dialect, section, slot: row.slot, labels })
                })
            })
            .collect()
    }
}
