//! All plugins that are linked into this program, sorted, checked once at start and in a test.

use crate::{
    provider::{self, Provides, Selection},
    reading::{Kind, Metric, MetricType},
    widget,
};
use std::{collections::BTreeMap, panic::Location};

/// What registered itself.
#[derive(Clone, Debug)]
pub struct Registry {
    providers: Vec<&'static provider::Plugin>,
    widgets: Vec<&'static widget::Plugin>,
}

impl Registry {
    /// Collects what is linked. `reserved` are words that no plugin may take: the global keys and
    /// core's own sections.
    ///
    /// # Errors
    /// Two plugins of one name, a name that is reserved or not one word, or one quantity name with
    /// two meanings. The message names both offenders with file and line.
    pub fn load(reserved: &[&str]) -> Result<Registry, String> {
        Registry::of(
            inventory::iter::<provider::Plugin>.into_iter().collect(),
            inventory::iter::<widget::Plugin>.into_iter().collect(),
            reserved,
        )
    }

    fn of(
        mut providers: Vec<&'static provider::Plugin>,
        mut widgets: Vec<&'static widget::Plugin>,
        reserved: &[&str],
    ) -> Result<Registry, String> {
        providers.sort_by_key(|p| (p.name(), p.at().file(), p.at().line()));
        widgets.sort_by_key(|w| (w.name(), w.at().file(), w.at().line()));
        unique("provider", providers.iter().map(|p| (p.name(), p.at())))?;
        unique("widget", widgets.iter().map(|w| (w.name(), w.at())))?;
        for (what, name, at) in providers
            .iter()
            .map(|p| ("provider", p.name(), p.at()))
            .chain(widgets.iter().map(|w| ("widget", w.name(), w.at())))
        {
            if name.is_empty() || name.contains(|c: char| c == '-' || c.is_whitespace()) {
                return Err(format!("{what} {name:?} at {at}: a name is one word without hyphens"));
            }
            if what == "provider" && reserved.contains(&name) {
                return Err(format!(
                    "provider {name:?} at {at}: the word is a key of manytop's own"
                ));
            }
        }
        one_meaning(&providers)?;
        Ok(Registry { providers, widgets })
    }

    /// All providers, by name.
    pub fn providers(&self) -> &[&'static provider::Plugin] {
        &self.providers
    }

    /// All widgets, by name.
    pub fn widgets(&self) -> &[&'static widget::Plugin] {
        &self.widgets
    }

    /// All that can be had of the kinds that `of` accepts, with all that is read on demand. Of devices
    /// that come and go by nature (processes) only what is read anyway: there may be thousands. Private
    /// kinds are left out.
    pub fn everything(&self, of: impl Fn(Kind) -> bool) -> Selection {
        let mut want = Selection::nothing();
        for plugin in &self.providers {
            let open = |kind: &Kind| !kind.is_private() && of(*kind);
            plugin.kinds().filter(open).for_each(|kind| want.add(kind, &[]));
            let lasting = |y: &&Provides| open(&y.kind()) && !y.kind().is_transient();
            let all = plugin.what().iter().filter(lasting);
            all.for_each(|yields| want.add(yields.kind(), yields.named_only()));
        }
        want
    }

    /// The provider of that name; case does not matter.
    pub fn provider(&self, name: &str) -> Option<&'static provider::Plugin> {
        self.providers.iter().copied().find(|p| p.name().eq_ignore_ascii_case(name))
    }

    /// The widget of that name; case does not matter.
    pub fn widget(&self, name: &str) -> Option<&'static widget::Plugin> {
        self.widgets.iter().copied().find(|w| w.name().eq_ignore_ascii_case(name))
    }
}

fn unique(
    what: &str,
    sorted: impl Iterator<Item = (&'static str, &'static Location<'static>)>,
) -> Result<(), String> {
    let mut last: Option<(&str, &Location<'_>)> = None;
    for (name, at) in sorted {
        match last {
            Some((n, first)) if n.eq_ignore_ascii_case(name) => {
                return Err(format!("{what} {name:?} is registered twice: at {first} and at {at}"));
            }
            _ => last = Some((name, at)),
        }
    }
    Ok(())
}

/// One name, one unit, one form.
fn one_meaning(providers: &[&'static provider::Plugin]) -> Result<(), String> {
    let mut seen: BTreeMap<&str, (&Metric, &provider::Plugin)> = BTreeMap::new();
    for plugin in providers {
        for quantity in plugin.what().iter().flat_map(|y| y.quantities()).copied() {
            let (first, owner) = *seen.entry(quantity.name()).or_insert((quantity, plugin));
            if first.unit() != quantity.unit() || !same_form(first.form(), quantity.form()) {
                return Err(format!(
                    "quantity {:?} has two meanings: {:?} {} in {owner:?}, {:?} {} in {plugin:?}",
                    quantity.name(),
                    first.unit(),
                    form_word(first.form()),
                    quantity.unit(),
                    form_word(quantity.form()),
                ));
            }
        }
    }
    Ok(())
}

fn same_form(a: &MetricType, b: &MetricType) -> bool {
    match (a, b) {
        (MetricType::Gauge, MetricType::Gauge) | (MetricType::Total, MetricType::Total) => true,
        (
            MetricType::Counter { rate: a, factor: f },
            MetricType::Counter { rate: b, factor: g },
        ) => a == b && f == g,
        (MetricType::Share { of: a, percent: p }, MetricType::Share { of: b, percent: q })
        | (MetricType::Mean { of: a, mean: p }, MetricType::Mean { of: b, mean: q }) => {
            a == b && p == q
        }
        (MetricType::Elapsed { percent: a }, MetricType::Elapsed { percent: b }) => a == b,
        _ => false,
    }
}

fn form_word(form: &MetricType) -> &'static str {
    match form {
        MetricType::Gauge => "gauge",
        MetricType::Counter { .. } => "counter",
        MetricType::Share { .. } => "share",
        MetricType::Elapsed { .. } => "share of time",
        MetricType::Mean { .. } => "mean",
        MetricType::Total => "total",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{provider::Plugin, reading::Unit};

    static BYTES: Metric = Metric::gauge("size", Unit::Bytes, "A size.");
    static PERCENT: Metric = Metric::gauge("size", Unit::Percent, "Not a size.");
    const NO_BUILD: provider::Build = provider::Build::Reads(|_| Ok(Box::new(Nothing)));
    struct Nothing;
    impl provider::Reader for Nothing {
        fn read(
            &mut self,
            _: &provider::Selection,
        ) -> Result<crate::reading::PollResult, provider::Failure> {
            Err(provider::Failure::absent())
        }
    }
    const fn plugin(name: &'static str, yields: &'static [Provides]) -> Plugin {
        match NO_BUILD {
            provider::Build::Reads(build) => Plugin::reads(name, "About.", build).yields(yields),
            provider::Build::Polls(build) => Plugin::polls(name, "About.", build),
        }
    }
    static A: Plugin = plugin("a", &[Provides::new(Kind::new("x"), &[&BYTES])]);
    static ALSO_A: Plugin = plugin("a", &[]);
    static B: Plugin = plugin("b", &[Provides::new(Kind::new("y"), &[&PERCENT])]);

    #[test]
    fn offenders_are_named_with_file_and_line() {
        let twice = Registry::of(vec![&A, &ALSO_A], vec![], &[]).unwrap_err();
        assert!(twice.starts_with("provider \"a\" is registered twice: at "), "{twice}");
        assert_eq!(twice.matches(file!()).count(), 2, "{twice}");
        let meaning = Registry::of(vec![&A, &B], vec![], &[]).unwrap_err();
        assert!(
            meaning.contains("\"size\" has two meanings: Bytes gauge in provider a"),
            "{meaning}"
        );
        let word = Registry::of(vec![&A], vec![], &["a"]).unwrap_err();
        assert!(word.contains("the word is a key of manytop's own"), "{word}");
    }

    #[test]
    fn plugins_are_sorted_by_name() {
        static SMALL: Plugin = plugin("aa", &[]);
        let registry = Registry::of(vec![&SMALL, &A], vec![], &[]).expect("no conflict");
        let names: Vec<_> = registry.providers().iter().map(|p| p.name()).collect();
        assert_eq!(names, ["a", "aa"]);
        assert!(registry.provider("AA").is_some());
    }
}
