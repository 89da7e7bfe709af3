//! Section `watch`: single metrics of remotes that a user picked.

use crate::{
    config::setting::Givens,
    glob,
    options::{Opt, Options, Spec},
};

/// core's own section.
pub(super) const WATCH: &str = "watch";
/// The option of a provider that takes the NAMEs of watches.
pub(super) const TAKES: &str = "watch";

/// What is watched.
pub static METRIC: Opt<String> =
    Opt::<String>::required("metric", "The metric, with label matchers: redis_db_keys{db=\"db0\"}")
        .example("METRIC");
/// Of which hosts.
pub static HOSTS: Opt<Vec<String>> =
    Opt::<Vec<String>>::with_default("hosts", "*", "NAMEs of the hosts, or patterns with *");
/// Whether it counts.
pub static RATE: Opt<bool> =
    Opt::<bool>::with_default("rate", "false", "It is a counter: show what it grows by a second");
/// The source of the number.
pub static UNIT: Opt<String> =
    Opt::<String>::with_default("unit", "", "The unit that is shown behind the number");
/// What it is called.
pub static TITLE: Opt<String> = Opt::<String>::with_default("title", "", "What it is called");
/// The label over which it is added up.
pub static SUM: Opt<Option<String>> =
    Opt::<Option<String>>::optional("sum", "A label: series that differ in it are added up");
/// The label over which the highest counts.
pub static MAX: Opt<Option<String>> = Opt::<Option<String>>::optional(
    "max",
    "A label: of series that differ in it the highest counts",
);
/// The label over which the mean is taken.
pub static AVG: Opt<Option<String>> =
    Opt::<Option<String>>::optional("avg", "A label: the mean of series that differ in it");

pub(super) static SPECS: [&Spec; 8] = [
    METRIC.spec(),
    HOSTS.spec(),
    RATE.spec(),
    UNIT.spec(),
    TITLE.spec(),
    SUM.spec(),
    MAX.spec(),
    AVG.spec(),
];

/// One watch.
#[derive(Clone, Debug)]
pub struct Watching {
    /// Its NAME.
    pub name: String,
    /// The section's options.
    pub options: Options,
    pub(super) given: Givens,
}

impl Watching {
    /// Whether it is of the host of that NAME.
    pub fn is_of(&self, host: &str) -> bool {
        self.options.get(&HOSTS).iter().any(|pattern| glob::matches(pattern, host))
    }
}
