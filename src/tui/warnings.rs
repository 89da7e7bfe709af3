//! What is wrong with a machine stays in the first row for a while: what comes and goes every second could
//! not be read.

use manytop_core::{clock::Moment, source::Source};
use std::time::Duration;

/// How long a warning stays at the least.
const STAYS: Duration = Duration::from_secs(10);

/// A warning: how urgent it is, and its words.
pub type Warning = (f64, String);

/// The warnings of the machine in the first row.
#[derive(Default, Debug)]
pub struct Warnings {
    source: Option<Source>,
    held: Vec<(Warning, Moment)>,
}

impl Warnings {
    /// The warnings of now and those that were there in the last seconds, the most urgent first.
    pub fn hold(&mut self, source: &Source, found: Vec<Warning>, now: Moment) -> Vec<Warning> {
        if self.source.as_ref() != Some(source) {
            *self = Warnings { source: Some(source.clone()), held: Vec::new() };
        }
        self.held.retain(|((_, old), seen)| {
            let is_there = found.iter().any(|(_, new)| subject(new).eq(subject(old)));
            !is_there && *seen <= now && now.since(*seen) < STAYS
        });
        self.held.extend(found.into_iter().map(|warning| (warning, now)));
        self.held.sort_by(|((a, _), _), ((b, _), _)| b.total_cmp(a));
        self.held.iter().map(|(warning, _)| warning.clone()).collect()
    }
}

/// What a warning is about: its words without the figures.
fn subject(words: &str) -> impl Iterator<Item = char> + '_ {
    words.chars().filter(|c| !c.is_ascii_digit() && *c != '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_warning_stays_for_ten_seconds_with_its_newest_figure() {
        let mut warnings = Warnings::default();
        let mut at = |seconds: u64, found: &[(f64, &str)]| {
            let found = found.iter().map(|(weight, words)| (*weight, (*words).to_owned()));
            let shown =
                warnings.hold(&Source::Local, found.collect(), Moment::from_secs(100 + seconds));
            shown.into_iter().map(|(_, words)| words).collect::<Vec<_>>()
        };
        assert_eq!(at(0, &[(1.1, "sda answers in 84 ms")]), ["sda answers in 84 ms"]);
        assert_eq!(at(1, &[(1.1, "sda answers in 91 ms")]), ["sda answers in 91 ms"]);
        let both = at(5, &[(2.0, "/srv 93 % full")]);
        assert_eq!(both, ["/srv 93 % full", "sda answers in 91 ms"], "the most urgent first");
        assert_eq!(at(11, &[(2.0, "/srv 93 % full")]), ["/srv 93 % full"]);
    }

    #[test]
    fn another_machine_has_warnings_of_its_own() {
        let mut warnings = Warnings::default();
        let now = Moment::from_secs(100);
        warnings.hold(&Source::Local, vec![(1.0, "io stalled 31 %".to_owned())], now);
        assert_eq!(warnings.hold(&Source::named("db"), Vec::new(), now), []);
    }
}
