//! The quantities and texts of kinds by their names, for tables.

use manytop_plugin::{
    inventory,
    provider::{Plugin, Provides},
    reading::{Kind, Metric, Text, Unit},
    vocabulary as v,
};
use std::sync::{Mutex, PoisonError};

/// Kinds of which no provider of this machine may tell, and what is more than those do.
pub const MORE: &[(Kind, &[&Metric], &[&Text])] = &[
    (
        v::GPU,
        &[
            &v::PERCENT,
            &v::USED_BYTES,
            &v::TOTAL_BYTES,
            &v::CELSIUS,
            &v::WATTS,
            &v::MAX_WATTS,
            &v::FREQUENCY_HERTZ,
            &v::FAN_PERCENT,
            &v::ENCODER_PERCENT,
            &v::DECODER_PERCENT,
        ],
        &[&v::MODEL],
    ),
    (
        v::CONTAINER_KIND,
        &[
            &v::CPU_SECONDS,
            &v::USED_BYTES,
            &v::LIMIT_BYTES,
            &v::LIMIT_CPUS,
            &v::READ_BYTES,
            &v::WRITTEN_BYTES,
        ],
        &[&v::IMAGE, &v::POD],
    ),
    (
        v::STORAGE,
        &[&v::ERRORS, &v::RESYNC_PERCENT, &v::WEAR_PERCENT, &v::CELSIUS],
        &[&v::STATE, &v::MODEL],
    ),
    (v::METRIC, &[&v::METRIC_VALUE, &v::METRIC_COUNTER], &[&v::VALUE_UNIT]),
    (v::HOST, &[&v::CPU_STALLED_PERCENT, &v::IO_STALLED_PERCENT, &v::MEMORY_STALLED_PERCENT], &[]),
    (v::DISK, &[&v::LATENCY_SECONDS, &v::BUSY_PERCENT, &v::READS_RATE, &v::WRITES_RATE], &[]),
    (v::FAN, &[&v::RPM, &v::MAX_RPM, &v::PERCENT], &[]),
];

/// Words that were made for tables. They live as long as the program.
static MADE: Mutex<(Vec<Kind>, Vec<&'static Metric>, Vec<&'static Text>)> =
    Mutex::new((Vec::new(), Vec::new(), Vec::new()));

fn provided() -> impl Iterator<Item = &'static Provides> {
    inventory::iter::<Plugin>.into_iter().flat_map(Plugin::what)
}

/// The kind of that word, and whether it was known before.
pub fn kind(word: &str) -> (Kind, bool) {
    let known = provided().map(Provides::kind).chain(MORE.iter().map(|(kind, ..)| *kind));
    if let Some(kind) = known.into_iter().find(|kind| kind.word() == word) {
        return (kind, true);
    }
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(kind) = made.0.iter().find(|kind| kind.word() == word) {
        return (*kind, false);
    }
    let kind = Kind::new(word.to_owned().leak());
    made.0.push(kind);
    (kind, false)
}

/// The quantities of a kind, those that are derived from counters among them.
fn quantities(kind: Kind) -> impl Iterator<Item = &'static Metric> {
    let own = provided().filter(move |p| p.kind() == kind).flat_map(|p| p.quantities());
    let more = MORE.iter().filter(move |(k, ..)| *k == kind).flat_map(|(_, more, _)| more.iter());
    own.chain(more)
        .flat_map(|metric| [Some(*metric), metric.form().derived(), metric.form().of()])
        .flatten()
}

/// All quantities that have a meaning already: a name has one unit everywhere.
fn anywhere(name: &str) -> Option<&'static Metric> {
    let all = provided().flat_map(Provides::quantities);
    let more = MORE.iter().flat_map(|(_, more, _)| more.iter());
    let all = all.chain(more).flat_map(|m| [Some(*m), m.form().derived(), m.form().of()]).flatten();
    all.into_iter().find(|metric| metric.name() == name)
}

/// The quantity of a kind.
///
/// # Errors
/// A known kind has none of that name; then the nearest is named. Or the name has another unit elsewhere.
pub fn quantity(
    kind: Kind,
    is_known: bool,
    name: &str,
    unit: Option<&str>,
    counter: bool,
) -> Result<&'static Metric, String> {
    if let Some(metric) = quantities(kind).find(|metric| metric.name() == name) {
        return Ok(metric);
    }
    if is_known && unit.is_none() {
        let names: Vec<&str> = quantities(kind).map(Metric::name).collect();
        let nearest = manytop_plugin::spelling::nearest(name, names.iter().copied());
        let hint = nearest.map_or_else(
            || "; a new one needs a unit".to_owned(),
            |name| format!("; did you mean {name:?}?"),
        );
        return Err(format!("unknown quantity {name:?} of {}{hint}", kind.word()));
    }
    let unit = match unit {
        Some(word) => self::unit(word)?,
        None => Unit::Count,
    };
    if let Some(other) = anywhere(name) {
        let same = other.unit() == unit && other.is_gauge() != counter;
        return if same {
            Ok(other)
        } else {
            Err(format!("the quantity {name:?} has another unit or type elsewhere"))
        };
    }
    made(name, unit, counter)
}

fn made(name: &str, unit: Unit, counter: bool) -> Result<&'static Metric, String> {
    const HELP: &str = "A quantity of a table in the folder of dialects.";
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut find = |name: String, new: &dyn Fn(&'static str) -> Metric| match made
        .1
        .iter()
        .find(|metric| metric.name() == name)
    {
        Some(known) if known.unit() == unit || counter => Ok(*known),
        Some(_) => Err(format!("the quantity {name:?} has another unit or type elsewhere")),
        None => {
            let metric: &'static Metric = Box::leak(Box::new(new(name.leak())));
            made.1.push(metric);
            Ok(metric)
        }
    };
    if !counter {
        return find(name.to_owned(), &|name| Metric::gauge(name, unit, HELP));
    }
    let per_second = if unit == Unit::Bytes { Unit::BytesPerSecond } else { Unit::Count };
    let rate = find(format!("{name}_per_second"), &|name| Metric::gauge(name, per_second, HELP))?;
    find(name.to_owned(), &|name| Metric::counter(name, unit, rate, HELP))
}

/// The text of a kind; one that is not known is a new one.
pub fn text(kind: Kind, name: &str) -> &'static Text {
    let own = provided().filter(|p| p.kind() == kind).flat_map(|p| p.text_names());
    let more = MORE.iter().filter(|(k, ..)| *k == kind).flat_map(|(.., more)| more.iter());
    if let Some(text) = own.chain(more).find(|text| text.name() == name) {
        return text;
    }
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(text) = made.2.iter().find(|text| text.name() == name) {
        return text;
    }
    let name: &'static str = name.to_owned().leak();
    let text: &'static Text =
        Box::leak(Box::new(Text::new(name, "A text of a table in the folder of dialects.")));
    made.2.push(text);
    text
}

/// The unit of that word.
///
/// # Errors
/// The quantity is unknown; the error names the known ones.
pub fn unit(word: &str) -> Result<Unit, String> {
    const UNITS: [(&str, Unit); 8] = [
        ("bytes", Unit::Bytes),
        ("bytes_per_second", Unit::BytesPerSecond),
        ("celsius", Unit::Celsius),
        ("count", Unit::Count),
        ("hertz", Unit::Hertz),
        ("percent", Unit::Percent),
        ("seconds", Unit::Seconds),
        ("watts", Unit::Watts),
    ];
    let found = UNITS.iter().find(|(known, _)| *known == word);
    found.map(|(_, unit)| *unit).ok_or_else(|| {
        let words: Vec<&str> = UNITS.iter().map(|(word, _)| *word).collect();
        format!("unknown unit {word:?}; expected one of {}", words.join(", "))
    })
}
