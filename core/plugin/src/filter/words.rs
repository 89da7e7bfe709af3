//! The words of a filter: figures of hosts, and quantities and texts of devices by kind, as the linked
//! providers declare them.

use super::DeviceField;
use crate::{
    host_metric::HostMetric,
    provider::Plugin,
    reading::{Kind, Metric, Text, Unit},
    spelling::nearest,
    vocabulary as v,
};

/// Short words for processes, and the names of what they mean.
const PROCESS: [(&str, &str); 15] = [
    ("cpu", "percent"),
    ("mem", "memory_percent"),
    ("rss", "bytes"),
    ("pss", "pss_bytes"),
    ("swap", "swap_bytes"),
    ("read", "read_bytes_per_second"),
    ("write", "written_bytes_per_second"),
    ("written", "written_bytes_per_second"),
    ("received", "received_bytes_per_second"),
    ("rx", "received_bytes_per_second"),
    ("sent", "sent_bytes_per_second"),
    ("tx", "sent_bytes_per_second"),
    ("time", "cpu_seconds"),
    ("cmd", "command"),
    ("pid", NAME),
];

/// The texts by which a device is known besides its name.
pub(super) fn names(kind: Kind) -> &'static [&'static Text] {
    static OF_PROCESS: [&Text; 3] = [&v::NAME, &v::COMMAND, &v::USER];
    if kind == v::PROCESS { &OF_PROCESS } else { &[] }
}

/// Whether devices of a kind say when they were started.
pub(super) fn have_age(kind: Kind) -> bool {
    metrics(kind).any(|metric| *metric == v::STARTED_SECONDS)
}

/// The word for the name of a device.
const NAME: &str = "device";

/// What a number can be counted in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Dimension {
    Percent,
    Bytes,
    Time,
    Degrees,
    Plain,
}

impl Dimension {
    pub(super) const fn of_host(metric: HostMetric) -> Dimension {
        match metric {
            HostMetric::Cpu | HostMetric::Memory | HostMetric::Disk => Dimension::Percent,
            HostMetric::Celsius => Dimension::Degrees,
            HostMetric::Load => Dimension::Plain,
            HostMetric::Received | HostMetric::Sent => Dimension::Bytes,
            HostMetric::Uptime | HostMetric::Age | HostMetric::Took => Dimension::Time,
        }
    }

    pub(super) const fn of(unit: Unit) -> Dimension {
        match unit {
            Unit::Percent => Dimension::Percent,
            Unit::Bytes | Unit::BytesPerSecond => Dimension::Bytes,
            Unit::Seconds => Dimension::Time,
            Unit::Celsius => Dimension::Degrees,
            Unit::Hertz | Unit::Watts | Unit::Volts | Unit::Joules | Unit::Count => {
                Dimension::Plain
            }
        }
    }

    /// What a number of it is, for people.
    const fn words(self) -> &'static str {
        match self {
            Dimension::Percent => "a percentage (90, 90%)",
            Dimension::Bytes => "a number of bytes (500k, 20M, 1.5G)",
            Dimension::Time => "a time (500ms, 90s, 5m, 12h, 2d)",
            Dimension::Degrees => "degrees Celsius (80, 80°)",
            Dimension::Plain => "a number (16, 2.5, 10k)",
        }
    }

    /// Checks that a number is written in a unit of this.
    pub(super) fn check(self, word: &str, text: &str) -> Result<(), String> {
        let unit = text.trim_start_matches(|c: char| c.is_ascii_digit() || "+-. ".contains(c));
        let fits = match unit {
            "" => true,
            "%" => self == Dimension::Percent,
            "°" => self == Dimension::Degrees,
            "ms" | "s" | "m" | "min" | "h" | "d" => self == Dimension::Time,
            "B" => self == Dimension::Bytes,
            "k" | "K" | "M" | "G" | "T" => matches!(self, Dimension::Bytes | Dimension::Plain),
            _ => true,
        };
        match fits {
            true => Ok(()),
            false => Err(format!("{word} is {}; got {text:?}", self.words())),
        }
    }
}

/// What a word of a kind names.
pub(super) enum DeviceWord {
    Metric(&'static Metric),
    Field(DeviceField),
}

fn plugins() -> impl Iterator<Item = &'static Plugin> {
    inventory::iter::<Plugin>.into_iter()
}

/// All kinds that a provider declares, by word.
fn kinds() -> Vec<Kind> {
    let mut kinds: Vec<Kind> =
        plugins().flat_map(Plugin::kinds).filter(|kind| !kind.is_private()).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

fn metrics(kind: Kind) -> impl Iterator<Item = &'static Metric> {
    let provided = plugins().flat_map(Plugin::what).filter(move |one| one.kind() == kind);
    let all = provided.flat_map(|one| one.quantities().iter().copied());
    all.flat_map(|metric| [Some(metric), metric.form().derived()]).flatten()
}

fn texts(kind: Kind) -> impl Iterator<Item = &'static Text> {
    let provided = plugins().flat_map(Plugin::what).filter(move |one| one.kind() == kind);
    provided.flat_map(|one| one.text_names().iter().copied())
}

/// The counter that a quantity of a kind is derived from.
pub(super) fn counter_of(kind: Kind, metric: &Metric) -> Option<&'static Metric> {
    metrics(kind).find(|one| one.form().derived() == Some(metric))
}

/// Finds `KIND.WORD`.
///
/// # Errors
/// The kind or the word is unknown; the error lists the known ones.
pub(super) fn device(kind: &str, word: &str) -> Result<(Kind, DeviceWord), String> {
    let all = kinds();
    let Some(kind) = all.iter().copied().find(|k| k.word().eq_ignore_ascii_case(kind)) else {
        let words: Vec<&str> = all.iter().map(|kind| kind.word()).collect();
        return Err(format!("unknown kind {kind:?}; known are {}", words.join(" ")));
    };
    Ok((kind, device_of(kind, word)?))
}

/// Finds a word of a kind.
///
/// # Errors
/// The word is unknown; the error lists the known ones.
pub(super) fn device_of(kind: Kind, word: &str) -> Result<DeviceWord, String> {
    let word = word.to_lowercase();
    let short = PROCESS.iter().find(|(short, _)| kind.word() == "process" && *short == word);
    let name = short.map_or(word.as_str(), |(_, name)| name);
    if name == NAME {
        return Ok(DeviceWord::Field(DeviceField::Name));
    }
    let is_open = metrics(kind).next().is_none() && texts(kind).next().is_none();
    if is_open {
        // a kind that only remotes have: its words are those of all kinds
        let everywhere = || plugins().flat_map(Plugin::what);
        let mut names = everywhere().flat_map(|one| one.text_names().iter().copied());
        if let Some(text) = names.find(|text| text.name() == name) {
            return Ok(DeviceWord::Field(DeviceField::Text(text)));
        }
        let mut all = everywhere().flat_map(|one| metrics(one.kind()));
        if let Some(metric) = all.find(|metric| metric.name() == name) {
            return Ok(DeviceWord::Metric(metric));
        }
    }
    if let Some(text) = texts(kind).find(|text| text.name() == name) {
        return Ok(DeviceWord::Field(DeviceField::Text(text)));
    }
    if let Some(metric) = metrics(kind).find(|metric| metric.name() == name) {
        return Ok(DeviceWord::Metric(metric));
    }
    let gauges = metrics(kind).filter(|metric| metric.is_gauge()).map(Metric::name);
    let is_short = |name: &&str| kind != v::PROCESS || PROCESS.iter().all(|(_, long)| long != name);
    let names = gauges.chain(texts(kind).map(Text::name)).chain([NAME]).filter(is_short);
    let short = PROCESS.iter().filter(|_| kind == v::PROCESS).map(|(short, _)| *short);
    let mut words: Vec<&str> = names.chain(short).collect();
    words.sort_unstable();
    words.dedup();
    let near = nearest(&word, words.iter().copied());
    let near = near.map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
    Err(format!("unknown word {word:?} of {kind:?}{near}; known are {}", words.join(" ")))
}
