//! Bodies in, readings out: all of a remote but the network.

use super::{
    dialect::Slots,
    gathered::Gathered,
    plan::{Owners, Plan, Span},
};
use crate::{
    dialects::catalog::{DialectCatalog, Shows},
    exposition::{
        decoder::{Decoder, LeftOut},
        oddities::Unknown,
        pool::SeriesKey,
    },
    plausible::{self, Doubts},
    remote::collect_filter::Collectors,
};
use manytop_plugin::{
    file_systems::{self, Class},
    provider::Selection,
    reading::{DeviceReading, Kind},
    vocabulary::{CELSIUS, DISK, TEMPERATURE, TYPE},
};
use std::{
    cell::RefCell,
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// Understands the bodies of one remote, one after the other.
#[derive(Debug)]
pub struct ScrapeParser {
    decoder: Decoder,
    plan: Arc<Plan>,
    owners: Owners,
    fahrenheit: bool,
}

/// A body, understood.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct ParsedScrape {
    /// What was wanted of it; equal kinds follow each other.
    pub readings: Vec<DeviceReading>,
    /// The dialects it was understood by, the highest rank first.
    pub dialects: Vec<&'static str>,
    /// Other hosts in the body, by the names of their labels.
    pub hosts: Vec<ParsedHost>,
    /// What was too much to be read.
    pub left_out: LeftOut,
    /// Which figures cannot be true, and what became of them.
    pub notes: Vec<String>,
    /// How many lines cannot be read.
    pub unread: usize,
    /// The first of them, cleaned and cut.
    pub first_unread: String,
    /// Where no series is known: how many there are, and how their names begin.
    pub seen: Option<(usize, String)>,
    /// Wanted kinds of which there are series and none that a dialect knows, each with the name of one.
    pub not_read: Vec<(Kind, String)>,
}

/// The readings of one of several hosts in a body.
#[derive(Clone, PartialEq, Debug)]
pub struct ParsedHost {
    /// Its name, as the body has it.
    pub name: Arc<str>,
    /// What was wanted of it; equal kinds follow each other.
    pub readings: Vec<DeviceReading>,
    /// The dialects it was understood by, the highest rank first.
    pub dialects: Vec<&'static str>,
}

impl ScrapeParser {
    /// A parser that has read nothing yet. `fahrenheit`: temperatures of dialects that do not
    /// say their scale are in degrees Fahrenheit.
    pub fn new(catalog: Arc<DialectCatalog>, fahrenheit: bool) -> ScrapeParser {
        let decoder = Decoder::new(catalog);
        ScrapeParser { decoder, plan: Arc::default(), owners: Owners::default(), fahrenheit }
    }

    /// What all remotes share.
    pub fn catalog(&self) -> &Arc<DialectCatalog> {
        self.decoder.catalog()
    }

    /// Before the first chunk of a body. Tables that were read from files since the last one are taken over.
    pub fn begin(&mut self) {
        if let Some(newer) = self.catalog().newer() {
            self.decoder = Decoder::new(newer);
            (self.plan, self.owners) = (Arc::default(), Owners::default());
        }
        self.decoder.begin();
    }

    /// The next chunk of the body, cut anywhere.
    pub fn feed(&mut self, chunk: &[u8]) {
        self.decoder.feed(chunk);
    }

    /// After the last chunk.
    pub fn end(&mut self, want: &Selection) -> ParsedScrape {
        let before = self.plan.clone();
        if self.decoder.end() {
            let plan = Plan::new(self.decoder.series());
            self.plan = self.decoder.catalog().plans().share(plan);
        }
        self.owners.settle(before.spans(), self.plan.spans());
        let mut scrape =
            ParsedScrape { left_out: self.decoder.left_out(), ..ParsedScrape::default() };
        let doubts = RefCell::default();
        let shows = self.decoder.catalog().shows();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
        let mut all = Gathered::default();
        for (at, span) in self.plan.spans().iter().enumerate() {
            let owns = self.owners.owns(self.plan.spans(), at);
            if !owns && !span.section.adds() {
                continue;
            }
            if !want.kind(span.section.kind()) {
                if !span.section.names_hosts() {
                    all.add_dialect(span.host.as_ref(), span.dialect);
                }
                continue;
            }
            let slots = Slots { now, ..self.slots(span, &doubts) };
            let (hosts, mut readings): (Vec<_>, Vec<_>) =
                span.section.finish(&slots).into_iter().unzip();
            plausible::screen(&mut readings, &mut doubts.borrow_mut());
            if !span.section.names_hosts() {
                all.add_dialect(span.host.as_ref(), span.dialect);
            }
            for (host, reading) in hosts.into_iter().zip(readings) {
                let known =
                    reading.values.iter().next().is_some() || reading.texts.iter().next().is_some();
                if known && is_shown(&reading, shows) {
                    all.add(host.as_ref().or(span.host.as_ref()), span.dialect, reading, owns);
                }
            }
        }
        if all.is_empty() {
            self.plan.spans().iter().for_each(|span| all.add_dialect(None, span.dialect));
        }
        (scrape.readings, scrape.dialects, scrape.hosts) = all.finish();
        scrape.notes = doubts.into_inner().into_notes();
        let (unread, first) = self.decoder.unread();
        (scrape.unread, scrape.first_unread) = (unread, first.to_owned());
        scrape.seen = self.decoder.seen();
        scrape.not_read = self.not_read(want);
        scrape
    }

    /// Wanted kinds of which the last body has series and none that is known. Of the names that begin as known
    /// ones do, only those are kept.
    fn not_read(&mut self, want: &Selection) -> Vec<(Kind, String)> {
        let mut all: Vec<(Kind, String)> = Vec::new();
        if self.decoder.unknown().is_empty() {
            return all;
        }
        let (catalog, plan) = (self.catalog().clone(), self.plan.clone());
        let kind = |series: &[Arc<SeriesKey>], unknown: &Unknown| {
            let kind = catalog.hints().section(unknown.hint, series)?.kind();
            plan.spans().iter().all(|span| span.section.kind() != kind).then_some(kind)
        };
        self.decoder.retain_unknown(|series, unknown| kind(series, unknown).is_some());
        for unknown in self.decoder.unknown() {
            let Some(kind) = kind(self.decoder.series(), unknown) else { continue };
            if want.kind(kind) && all.iter().all(|(known, _)| *known != kind) {
                all.push((kind, unknown.name.to_string()));
            }
        }
        all
    }

    /// Whether all lines of the next body are looked at: at once where the last one had none that is wanted.
    pub fn looks_next(&self) -> bool {
        self.decoder.looks()
    }

    /// Whether some wanted series of the last body is such a one; of many, three are looked at.
    pub fn any_key(&self, is: impl Fn(&[u8]) -> bool) -> bool {
        let series = self.decoder.series();
        let last = series.len().saturating_sub(1);
        [0, last / 2, last].iter().filter_map(|at| series.get(*at)).any(|key| is(key.bytes()))
    }

    /// The highest rank of these dialects; 0 for none.
    pub fn rank(&self, dialects: &[&'static str]) -> u8 {
        let known = self.catalog().dialects().iter();
        known.filter(|d| dialects.contains(&d.name())).map(|d| d.rank()).max().unwrap_or_default()
    }

    /// Whether the last body had that kind.
    pub fn has_kind(&self, kind: Kind) -> bool {
        self.plan.spans().iter().any(|span| span.section.kind() == kind)
    }

    /// Whether the last body spoke several dialects.
    pub fn is_mixed(&self) -> bool {
        let [first, others @ ..] = self.plan.spans() else { return false };
        others.iter().any(|span| !std::ptr::eq(span.dialect, first.dialect))
    }

    /// What its server lists to choose from, if the last body did.
    pub fn offer(&self) -> Option<Collectors> {
        let spans = self.plan.spans();
        let (span, choice) = spans.iter().find_map(|span| {
            let choice = span.dialect.choice()?;
            std::ptr::eq(span.section, choice.listing()).then_some((span, choice))
        })?;
        let doubts = RefCell::default();
        let listed = self.slots(span, &doubts);
        let names = listed.devices().map(|listed| &**listed.name());
        Some(Collectors::new(span.dialect, choice, names, |kind| self.has_kind(kind)))
    }

    /// The values of a span.
    fn slots<'a>(&'a self, span: &Span, doubts: &'a RefCell<Doubts>) -> Slots<'a> {
        Slots {
            series: self.decoder.series(),
            values: self.decoder.values(),
            places: self.plan.places(span),
            fahrenheit: self.fahrenheit,
            shows: self.decoder.catalog().shows(),
            now: 0.0,
            doubts,
        }
    }

    /// A whole body at once.
    pub fn read(&mut self, body: &[u8], want: &Selection) -> ParsedScrape {
        self.begin();
        self.feed(body);
        self.end(want)
    }

    /// What it keeps between two bodies, in bytes; what all remotes share is not among it.
    pub fn footprint(&self) -> usize {
        size_of::<ScrapeParser>() - size_of::<Decoder>()
            + self.decoder.footprint()
            + self.owners.footprint()
    }

    /// The decoder, for measurements.
    pub fn decoder(&mut self) -> &mut Decoder {
        &mut self.decoder
    }
}

/// File systems that are not storage are shown on request only, and a sensor only with a temperature, by the
/// same rule for all dialects.
fn is_shown(reading: &DeviceReading, shows: Shows) -> bool {
    if reading.kind == TEMPERATURE {
        return reading.values.get(&CELSIUS).is_some();
    }
    if reading.kind != DISK {
        return true;
    }
    match reading.texts.get(&TYPE).map_or(Class::Storage, |kind| file_systems::class(kind)) {
        Class::Storage => true,
        Class::Image | Class::Virtual => shows.with_virtual,
        Class::Kernel => false,
    }
}
