//! What a dialect is: a table of the metrics that an exporter speaks, and, per kind, one pure function
//! that makes readings of them.
//!
//! A dialect registers itself like a provider does, and holds no state:
//!
//! ```
//! use manytop_plugin::{reading::DeviceReading, vocabulary::{CELSIUS, TEMPERATURE}};
//! use manytop_providers::dialects::dialect::{Dialect, DevicePart, DialectRow, Section, Slot, Slots};
//!
//! const CELSIUS_NOW: Slot = Slot::new("celsius");
//!
//! manytop_plugin::inventory::submit! {
//!     Dialect::new("cellar", 1, &[Section::new(TEMPERATURE, &[
//!         DialectRow::named("cellar_temperature_celsius", CELSIUS_NOW).of(DevicePart::Label("room")),
//!     ], finish)])
//! }
//!
//! fn finish(slots: &Slots<'_>) -> Vec<DeviceReading> {
//!     slots.devices()
//!         .map(|d| DeviceReading::new(TEMPERATURE, d.name().clone()).with_some(&CELSIUS, d.value(CELSIUS_NOW)))
//!         .collect()
//! }
//! # fn main() {}
//! ```

use super::tables::{self, template::Template};
pub use super::{
    catalog::Shows,
    section::{CollectParameter, OfHost, Section},
    slots::{SlotDevice, SlotValue, Slots},
};
use crate::exposition::adapter::ParsedSeries;
use manytop_plugin::{inventory, text::clean};
use std::{panic::Location, sync::Arc};

/// The description of a dialect, submitted with `inventory::submit!` in the file that holds its table.
#[derive(Debug)]
pub struct Dialect {
    name: &'static str,
    rank: u8,
    sections: Sections,
    choice: Option<CollectParameter>,
    hosts_by: &'static [&'static str],
    at: &'static Location<'static>,
}

inventory::collect!(Dialect);

/// The labels that tell the hosts of one body apart, unless a dialect says otherwise: those of a Prometheus
/// server's targets.
const TARGET: &[&str] = &["instance", "cluster"];

#[derive(Clone, Copy, Debug)]
enum Sections {
    Table(&'static [Section]),
    Made(fn() -> &'static [Section]),
}

impl Dialect {
    /// A dialect. Where several have one kind, the one with the highest rank is taken.
    #[track_caller]
    pub const fn new(name: &'static str, rank: u8, sections: &'static [Section]) -> Dialect {
        let sections = Sections::Table(sections);
        Dialect { name, rank, sections, choice: None, hosts_by: TARGET, at: Location::caller() }
    }

    /// A dialect with a table made from the plugins in the program. It must be the same whenever it
    /// is asked for.
    #[track_caller]
    pub const fn made(
        name: &'static str,
        rank: u8,
        sections: fn() -> &'static [Section],
    ) -> Dialect {
        let sections = Sections::Made(sections);
        Dialect { name, rank, sections, choice: None, hosts_by: TARGET, at: Location::caller() }
    }

    /// Its servers can be asked for a part of what they have.
    #[must_use]
    pub const fn choosing(mut self, choice: CollectParameter) -> Dialect {
        self.choice = Some(choice);
        self
    }

    /// The labels that tell the hosts of one body apart. A body in which they have one value, or none, is of one
    /// host.
    #[must_use]
    pub const fn hosts_by(mut self, labels: &'static [&'static str]) -> Dialect {
        self.hosts_by = labels;
        self
    }

    /// The host that a series is of, as its labels name it; empty where they name none.
    fn host_of(&self, series: &Labelled<'_>) -> Option<Arc<str>> {
        let values = self.hosts_by.iter().map(|label| series.get(label));
        let host = values.filter(|v| !v.is_empty()).fold(String::new(), |mut all, value| {
            if !all.is_empty() {
                all.push('/');
            }
            all.push_str(&clean(value));
            all
        });
        (!host.is_empty()).then(|| Arc::from(host))
    }

    /// Its name, as in `"dialects": ["gotop"]`.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// The highest is taken first.
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
    pub const fn choice(&self) -> Option<&CollectParameter> {
        self.choice.as_ref()
    }

    /// Its kinds, and the list of what can be chosen.
    fn tables(&'static self) -> impl Iterator<Item = &'static Section> {
        self.sections().iter().chain(self.choice().map(CollectParameter::listing))
    }

    /// Where it is registered.
    pub const fn at(&self) -> &'static Location<'static> {
        self.at
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
pub struct DialectRow {
    metric: &'static str,
    also: &'static [&'static str],
    whole: bool,
    has: &'static [(&'static str, &'static str)],
    part: DevicePart,
    keeps: &'static [&'static str],
    slot: Slot,
}

/// Where a series names its device.
#[derive(Clone, Copy, Debug)]
pub enum DevicePart {
    /// It does not: it is always this one.
    Only(&'static str),
    /// In a label; its value is the name. A series without it, or with an empty one, is not wanted.
    Label(&'static str),
    /// In the rest of the metric's name, after the row's beginning; `None`: not wanted.
    Rest(fn(&str) -> Option<String>),
    /// In several labels; `None`: not wanted.
    Made(fn(&Labelled<'_>) -> Option<String>),
    /// As a template says, which was read from a file.
    Template(&'static Template),
}

impl DialectRow {
    /// A metric of exactly that name.
    pub const fn named(metric: &'static str, slot: Slot) -> DialectRow {
        DialectRow {
            metric,
            also: &[],
            whole: true,
            has: &[],
            part: DevicePart::Only(""),
            keeps: &[],
            slot,
        }
    }

    /// Metrics with names that begin so and continue with the device.
    pub const fn each(
        beginning: &'static str,
        rest: fn(&str) -> Option<String>,
        slot: Slot,
    ) -> DialectRow {
        DialectRow {
            also: &[],
            whole: false,
            part: DevicePart::Rest(rest),
            ..DialectRow::named(beginning, slot)
        }
    }

    /// Its other names: those of earlier versions, and of other systems.
    #[must_use]
    pub const fn also(mut self, names: &'static [&'static str]) -> DialectRow {
        self.also = names;
        self
    }

    /// Only series with these label values.
    #[must_use]
    pub const fn has(mut self, labels: &'static [(&'static str, &'static str)]) -> DialectRow {
        self.has = labels;
        self
    }

    /// Where the device is named.
    #[must_use]
    pub const fn of(mut self, part: DevicePart) -> DialectRow {
        self.part = part;
        self
    }

    /// Labels with values that are needed too; an absent one is kept as an empty text.
    #[must_use]
    pub const fn keeps(mut self, labels: &'static [&'static str]) -> DialectRow {
        self.keeps = labels;
        self
    }

    /// Only the beginnings of its names are given.
    #[must_use]
    pub(super) const fn beginnings(mut self) -> DialectRow {
        self.whole = false;
        self
    }

    /// The names, and whether each is all of it.
    pub fn metrics(&self) -> impl Iterator<Item = (&'static str, bool)> + use<> {
        let (names, whole) =
            (std::iter::once(self.metric).chain(self.also.iter().copied()), self.whole);
        names.map(move |name| (name, whole))
    }

    /// Device and kept labels, when the row is about that series.
    fn read(&self, series: &Labelled<'_>) -> Option<Box<[Arc<str>]>> {
        let name = series.name();
        let rest = if self.also.contains(&name) { "" } else { name.strip_prefix(self.metric)? };
        if (self.whole && !rest.is_empty())
            || (!self.whole && rest.is_empty())
            || !self.has.iter().all(|(k, v)| series.get(k) == *v)
        {
            return None;
        }
        let device = match self.part {
            DevicePart::Only(name) => name.to_owned(),
            DevicePart::Label(label) => {
                Some(series.get(label)).filter(|v| !v.is_empty())?.to_owned()
            }
            DevicePart::Rest(made) => made(rest)?,
            DevicePart::Made(made) => made(series)?,
            DevicePart::Template(template) => template.device(series)?,
        };
        let kept = self.keeps.iter().map(|label| Arc::from(clean(series.get(label))));
        Some(std::iter::once(Arc::from(clean(&device))).chain(kept).collect())
    }
}

/// A series that answers questions about its labels.
#[derive(Clone, Copy, Debug)]
pub struct Labelled<'a> {
    series: &'a ParsedSeries,
    shows: Shows,
}

impl<'a> Labelled<'a> {
    /// Wraps a series, for remotes that show that much.
    pub fn new(series: &'a ParsedSeries, shows: Shows) -> Labelled<'a> {
        Labelled { series, shows }
    }

    /// What is shown besides what a machine has of its own.
    pub fn shows(&self) -> Shows {
        self.shows
    }

    /// The metric's name.
    pub fn name(&self) -> &'a str {
        &self.series.name
    }

    /// All labels with their values.
    pub fn labels(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        self.series.labels.iter().map(|(label, value)| (&**label, &**value))
    }

    /// A label's value; an absent label is an empty one, as Prometheus has it.
    pub fn get(&self, label: &str) -> &'a str {
        let found = self.series.labels.iter().find(|(name, _)| name == label);
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
    /// The host that the series is of, where its labels name one.
    pub host: Option<Arc<str>>,
}

/// All dialects that are linked into this program, the highest rank first.
#[derive(Default, Debug)]
pub struct Dialects(Vec<&'static Dialect>);

impl Dialects {
    /// Collects what is linked.
    ///
    /// # Errors
    /// Two dialects of one name, or an empty metric name, which would match everything. The message
    /// names the offenders with file and line.
    pub fn load() -> Result<Dialects, String> {
        let mut all: Vec<&'static Dialect> = inventory::iter::<Dialect>.into_iter().collect();
        all.extend(tables::all());
        all.sort_by_key(|d| (u8::MAX - d.rank, d.name, d.at.file(), d.at.line()));
        for (nth, dialect) in all.iter().enumerate() {
            if let Some(other) = all[nth + 1..].iter().find(|d| d.name == dialect.name) {
                return Err(format!(
                    "dialect {:?} is registered twice: at {} and at {}",
                    dialect.name, dialect.at, other.at
                ));
            }
            let mut names = dialect.tables().flat_map(|s| s.rows()).flat_map(DialectRow::metrics);
            if names.any(|(name, _)| name.is_empty()) {
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
        self.iter().flat_map(Dialect::tables).flat_map(|s| s.rows()).flat_map(DialectRow::metrics)
    }

    /// What a series says, to each dialect that knows it.
    pub fn meanings(&self, series: &ParsedSeries, shows: Shows) -> Vec<Meaning> {
        let series = Labelled::new(series, shows);
        let sections =
            self.iter().flat_map(|dialect| dialect.tables().map(move |section| (dialect, section)));
        sections
            .flat_map(|(dialect, section)| {
                section.rows().iter().filter_map(move |row| {
                    let labels = row.read(&series)?;
                    let host = dialect.host_of(&series);
                    Some(Meaning { dialect, section, slot: row.slot, labels, host })
                })
            })
            .collect()
    }
}
