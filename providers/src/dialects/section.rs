//! The parts of a dialect: what it says of one kind, and how a server is asked for some of them.

use super::tables::columns::TableColumns;
use crate::dialects::dialect::{DialectRow, Slots};
use manytop_plugin::{
    provider::Selection,
    reading::{DeviceReading, Kind},
};
use std::sync::Arc;

/// A reading and the host that it is of; `None` is the one that is asked.
pub type OfHost = (Option<Arc<str>>, DeviceReading);

/// The kind of what only lists names. No other kind has an empty word, so that it is never wanted.
const LISTING: Kind = Kind::new("");

/// How readings are made of values.
#[derive(Clone, Copy, Debug)]
enum Finish {
    /// All are of one host.
    Own(fn(&Slots<'_>) -> Vec<DeviceReading>),
    /// The values name their hosts.
    Hosts(fn(&Slots<'_>) -> Vec<OfHost>),
    /// By the columns of a table that was read from a file.
    Columns(&'static TableColumns),
}

/// What a dialect says of one kind.
#[derive(Debug)]
pub struct Section {
    kind: Kind,
    rows: &'static [DialectRow],
    carriers: &'static [&'static str],
    figures: &'static [(&'static str, &'static [&'static str])],
    beginnings: &'static [&'static str],
    adds: bool,
    finish: Finish,
}

impl Section {
    /// A kind, the metrics that tell of it, and how readings are made of them.
    pub const fn new(
        kind: Kind,
        rows: &'static [DialectRow],
        finish: fn(&Slots<'_>) -> Vec<DeviceReading>,
    ) -> Section {
        Section::made_by(kind, rows, Finish::Own(finish))
    }

    /// A kind of which a body tells for several hosts, by names that it resolves itself.
    pub const fn of_hosts(
        kind: Kind,
        rows: &'static [DialectRow],
        finish: fn(&Slots<'_>) -> Vec<OfHost>,
    ) -> Section {
        Section::made_by(kind, rows, Finish::Hosts(finish))
    }

    /// A kind with readings made by the columns of a table.
    pub(super) const fn of_columns(
        kind: Kind,
        rows: &'static [DialectRow],
        columns: &'static TableColumns,
    ) -> Section {
        Section::made_by(kind, rows, Finish::Columns(columns))
    }

    const fn made_by(kind: Kind, rows: &'static [DialectRow], finish: Finish) -> Section {
        Section { kind, rows, carriers: &[], figures: &[], beginnings: &[], adds: false, finish }
    }

    /// Its devices are added to those of the dialect that owns the kind: the drives' temperatures beside
    /// the chips'.
    #[must_use]
    pub const fn adding(mut self) -> Section {
        self.adds = true;
        self
    }

    /// Whether it only lists what can be chosen: its series have no value that matters.
    pub fn is_listing(&self) -> bool {
        self.kind == LISTING
    }

    /// Whether its values name the hosts that they are of.
    pub const fn names_hosts(&self) -> bool {
        matches!(self.finish, Finish::Hosts(_))
    }

    /// Whether its devices are added to those of another dialect.
    pub const fn adds(&self) -> bool {
        self.adds
    }

    /// What of the server's [`CollectParameter`] carries these metrics: all that have to be asked for.
    #[must_use]
    pub const fn carried_by(mut self, carriers: &'static [&'static str]) -> Section {
        self.carriers = carriers;
        self
    }

    /// Which quantities each of the carriers has. One that is not listed has some of all.
    #[must_use]
    pub const fn figures(
        mut self,
        figures: &'static [(&'static str, &'static [&'static str])],
    ) -> Section {
        self.figures = figures;
        self
    }

    /// Whether a carrier has something of what is wanted.
    pub fn is_wanted_of(&self, carrier: &str, want: &Selection) -> bool {
        let has = |only: &[&'static str]| {
            let figures = self.figures.iter().find(|(name, _)| *name == carrier);
            figures.is_none_or(|(_, all)| all.iter().any(|name| only.contains(name)))
        };
        want.kind(self.kind) && want.only(self.kind).is_none_or(has)
    }

    /// How names of this kind begin. Where a body has such names, and none that a row wants, the source says
    /// that the kind is not read.
    #[must_use]
    pub const fn begun_by(mut self, beginnings: &'static [&'static str]) -> Section {
        self.beginnings = beginnings;
        self
    }

    /// The kind.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The metrics.
    pub const fn rows(&self) -> &'static [DialectRow] {
        self.rows
    }

    /// What carries them.
    pub const fn carriers(&self) -> &'static [&'static str] {
        self.carriers
    }

    /// How names of this kind begin.
    pub const fn beginnings(&self) -> &'static [&'static str] {
        self.beginnings
    }

    /// Makes the readings.
    pub fn finish(&self, slots: &Slots<'_>) -> Vec<OfHost> {
        let own = |readings: Vec<DeviceReading>| readings.into_iter().map(|r| (None, r)).collect();
        match self.finish {
            Finish::Own(finish) => own(finish(slots)),
            Finish::Hosts(finish) => finish(slots),
            Finish::Columns(columns) => own(columns.readings(self.kind, slots)),
        }
    }
}

/// How a server is asked for a part of what it has: by naming what is to be in its answer.
#[derive(Debug)]
pub struct CollectParameter {
    parameter: &'static str,
    listing: Section,
}

impl CollectParameter {
    /// The parameter of the query that takes a name, and may be given several times; and the metrics
    /// with a device for each name that this server accepts. A server that does not list them is never
    /// asked for a part.
    pub const fn new(parameter: &'static str, listing: &'static [DialectRow]) -> CollectParameter {
        let listing = Section::new(LISTING, listing, |_| Vec::new());
        CollectParameter { parameter, listing }
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
