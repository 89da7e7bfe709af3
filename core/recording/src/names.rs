//! The words of a recording: kinds, quantities and texts, as this program knows them.
//!
//! A recording says of each quantity what it is. A word that no plugin of this program has, or that means
//! something else here, becomes a quantity of its own with the meaning of the recording.

use crate::{
    error::Damage,
    wire::{ByteReader, put_str, put_u64},
};
use manytop_core::{
    reading::{Kind, Metric, MetricType, Text, Unit},
    registry::Registry,
};
use std::collections::HashMap;

/// So many words that no plugin has are taken from recordings.
const MOST_FOREIGN: usize = 10_000;
/// A word has at most so many bytes.
const LONGEST: usize = 512;

/// All units, by their numbers in a recording. New ones go to the end.
const UNITS: [Unit; 10] = [
    Unit::Percent,
    Unit::Bytes,
    Unit::BytesPerSecond,
    Unit::Hertz,
    Unit::Celsius,
    Unit::Seconds,
    Unit::Watts,
    Unit::Volts,
    Unit::Joules,
    Unit::Count,
];

/// Forms of quantities, by their numbers in a recording.
const GAUGE: u8 = 0;
const COUNTER: u8 = 1;
const SHARE: u8 = 2;
const ELAPSED: u8 = 3;
const MEAN: u8 = 4;
const TOTAL: u8 = 5;

fn unit_number(unit: Unit) -> u8 {
    UNITS.iter().position(|known| *known == unit).unwrap_or(UNITS.len() - 1) as u8
}

fn form_number(form: &MetricType) -> u8 {
    match form {
        MetricType::Gauge => GAUGE,
        MetricType::Counter { .. } => COUNTER,
        MetricType::Share { .. } => SHARE,
        MetricType::Elapsed { .. } => ELAPSED,
        MetricType::Mean { .. } => MEAN,
        MetricType::Total => TOTAL,
    }
}

/// The quantities that a form names, in the order in which they are written.
pub(crate) fn others(metric: &Metric) -> Vec<&'static Metric> {
    match *metric.form() {
        MetricType::Gauge | MetricType::Total => Vec::new(),
        MetricType::Counter { rate, .. } => vec![rate],
        MetricType::Elapsed { percent } => vec![percent],
        MetricType::Share { of, percent } => vec![of, percent],
        MetricType::Mean { of, mean } => vec![of, mean],
    }
}

/// Appends what a quantity is; `number` gives the numbers of the others.
pub(crate) fn put_metric(out: &mut Vec<u8>, metric: &Metric, number: impl Fn(&Metric) -> u64) {
    put_str(out, metric.name());
    out.push(unit_number(metric.unit()));
    out.push(form_number(metric.form()));
    if let MetricType::Counter { factor, .. } = metric.form() {
        out.extend_from_slice(&factor.to_le_bytes());
    }
    others(metric).into_iter().for_each(|other| put_u64(out, number(other)));
}

/// The words that this program knows, and those that recordings have added.
#[derive(Default)]
pub struct NameCatalog {
    words: HashMap<&'static str, &'static str>,
    kinds: HashMap<&'static str, Kind>,
    metrics: HashMap<&'static str, Vec<&'static Metric>>,
    texts: HashMap<&'static str, &'static Text>,
    foreign: usize,
}

impl NameCatalog {
    /// The words of all plugins of this program.
    pub fn new(registry: &Registry) -> NameCatalog {
        let mut catalog = NameCatalog::default();
        for plugin in registry.providers() {
            catalog.words.insert(plugin.name(), plugin.name());
            catalog.kinds.extend(plugin.kinds().map(|kind| (kind.word(), kind)));
            for yields in plugin.what() {
                yields.quantities().iter().for_each(|metric| catalog.know(metric));
                for text in yields.text_names() {
                    catalog.texts.insert(text.name(), text);
                }
            }
        }
        catalog
    }

    fn know(&mut self, metric: &'static Metric) {
        let known = self.metrics.entry(metric.name()).or_default();
        if known.is_empty() {
            known.push(metric);
            others(metric).into_iter().for_each(|other| self.know(other));
        }
    }

    /// Any word, for good: a recording has few.
    pub(crate) fn word(&mut self, word: &str) -> Result<&'static str, Damage> {
        if let Some(known) = self.words.get(word) {
            return Ok(known);
        }
        if self.foreign >= MOST_FOREIGN || word.len() > LONGEST {
            return Err(Damage("has too many unknown words, or a word that is too long"));
        }
        self.foreign += 1;
        let word: &'static str = Box::leak(word.to_owned().into_boxed_str());
        self.words.insert(word, word);
        Ok(word)
    }

    /// A kind.
    pub(crate) fn kind(&mut self, word: &str, transient: bool) -> Result<Kind, Damage> {
        if let Some(known) = self.kinds.get(word) {
            return Ok(*known);
        }
        let word = self.word(word)?;
        let kind = Kind::new(word);
        let kind = if transient { kind.transient() } else { kind };
        self.kinds.insert(word, kind);
        Ok(kind)
    }

    /// A text's name.
    pub(crate) fn text(&mut self, name: &str, long: bool) -> Result<&'static Text, Damage> {
        if let Some(known) = self.texts.get(name) {
            return Ok(known);
        }
        let name = self.word(name)?;
        let text = Text::new(name, "");
        let text: &'static Text = Box::leak(Box::new(if long { text.long() } else { text }));
        self.texts.insert(name, text);
        Ok(text)
    }

    /// Reads a quantity, as [`put_metric`] wrote it; `numbered` are those that were read before.
    pub(crate) fn metric(
        &mut self,
        reader: &mut ByteReader<'_>,
        numbered: &[&'static Metric],
    ) -> Result<&'static Metric, Damage> {
        let name = reader.str()?;
        let unit = *UNITS.get(usize::from(reader.byte()?)).ok_or(Damage("has an unknown unit"))?;
        let form = reader.byte()?;
        let factor = if form == COUNTER { f64::from_le_bytes(reader.array()?) } else { 0.0 };
        let mut other = || {
            let number = reader.index()?;
            numbered.get(number).copied().ok_or(Damage("names a quantity that it does not have"))
        };
        let wanted = match form {
            GAUGE | TOTAL => Vec::new(),
            COUNTER | ELAPSED => vec![other()?],
            SHARE | MEAN => vec![other()?, other()?],
            _ => return Err(Damage("has an unknown form of quantity")),
        };
        let is = |metric: &&&'static Metric| {
            let own_factor = match metric.form() {
                MetricType::Counter { factor, .. } => *factor,
                _ => factor,
            };
            let same = |a: &'static Metric, b: &&'static Metric| a.name() == b.name();
            let named = others(metric);
            unit_number(metric.unit()) == unit_number(unit)
                && form_number(metric.form()) == form
                && own_factor == factor
                && named.len() == wanted.len()
                && named.into_iter().zip(&wanted).all(|(a, b)| same(a, b))
        };
        if let Some(known) = self.metrics.get(name).and_then(|all| all.iter().find(is)) {
            return Ok(known);
        }
        let word = self.word(name)?;
        if self.foreign >= MOST_FOREIGN {
            return Err(Damage("gives too many meanings to words"));
        }
        self.foreign += 1;
        let of = |nth: usize| wanted.get(nth).copied().ok_or(Damage("lacks a quantity"));
        let metric = match form {
            GAUGE => Metric::gauge(word, unit, ""),
            COUNTER if factor == 100.0 => Metric::work(word, of(0)?, ""),
            COUNTER => Metric::counter(word, unit, of(0)?, ""),
            SHARE => Metric::share(word, unit, of(0)?, of(1)?, ""),
            ELAPSED => Metric::elapsed(word, of(0)?, ""),
            MEAN => Metric::mean(word, unit, of(0)?, of(1)?, ""),
            _ => Metric::total(word, unit, ""),
        };
        let metric: &'static Metric = Box::leak(Box::new(metric));
        self.metrics.entry(word).or_default().push(metric);
        Ok(metric)
    }
}
