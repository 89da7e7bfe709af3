//! Core's own sections with a NAME: `alert-NAME-option` and `hook-NAME-option`.

use super::{
    Config,
    key::{ALL, ConfigKey},
    key_target::KeyTarget,
    placed,
    resolve::Resolution,
    setting::Givens,
};
use crate::{
    config::location::Location,
    options::{Options, Spec},
};
use std::{collections::BTreeMap, sync::Arc};

pub use super::section_options::{alert, hook};

/// A section of core's own.
#[derive(Debug)]
pub struct KeySection {
    /// The first word of its keys.
    pub word: &'static str,
    /// One sentence.
    pub about: &'static str,
    /// Its options.
    pub specs: &'static [&'static Spec],
}

/// All of them.
pub static SECTIONS: [KeySection; 2] = [
    KeySection { word: "alert", about: "Rules of alerts", specs: alert::SPECS },
    KeySection { word: "hook", about: "Programs that a key starts", specs: hook::SPECS },
];

/// The section of that word.
pub(super) fn section(word: &str) -> Option<&'static KeySection> {
    SECTIONS.iter().find(|section| section.word == word)
}

/// The options of one NAME of a section, complete.
#[derive(Clone, Debug)]
pub struct NamedOptions {
    /// The section's word.
    pub section: &'static str,
    /// Its NAME.
    pub name: Arc<str>,
    /// The options, those of NAME `*` below them.
    pub options: Options,
    /// Where its first key is; `None` for NAME `*` where it has none.
    pub place: Option<Location>,
    given: Givens,
}

impl NamedOptions {
    /// Whether an option has a value in the config, its own or that of NAME `*`.
    pub fn is_given(&self, option: &Spec) -> bool {
        self.given.get(option.name()).is_some()
    }
}

impl Config {
    /// What is wrong with an option of a section, with the place and the key.
    pub fn section_error(&self, named: &NamedOptions, option: &Spec, problem: &str) -> String {
        let key = ConfigKey::named(named.section, &named.name, option.name());
        placed(named.given.get(option.name()), &key, problem)
    }

    /// The options of a section, by NAME in the order of the files; NAME `*` last, always there.
    pub fn section(&self, word: &str) -> impl Iterator<Item = &NamedOptions> + '_ {
        let all = self.sections.iter().filter(|named| named.section == word);
        all.collect::<Vec<_>>().into_iter()
    }
}

impl Resolution<'_> {
    /// The options of core's sections.
    pub(super) fn sections(&mut self, given: &BTreeMap<KeyTarget, Givens>) -> Vec<NamedOptions> {
        let mut result = Vec::new();
        for section in &SECTIONS {
            let of = |name: &str| KeyTarget::Section(section.word, name.to_owned());
            let all = given.get(&of(ALL)).cloned().unwrap_or_default();
            let base = self.options(section.specs.iter().copied(), &all);
            let mut names: Vec<_> = given
                .iter()
                .filter_map(|(target, own)| match target {
                    KeyTarget::Section(word, name) if *word == section.word && name != ALL => {
                        Some((own.first()?.order, name, own))
                    }
                    _ => None,
                })
                .collect();
            names.sort_by_key(|(order, ..)| *order);
            for (_, name, own) in names {
                let mut options = base.above();
                self.lay_over(&mut options, section.specs, own);
                let place = own.first().map(|first| first.place.clone());
                let mut given = own.clone();
                given.fall_back(&all);
                let (section, name) = (section.word, name.as_str().into());
                result.push(NamedOptions { section, name, options, place, given });
            }
            let place = all.first().map(|first| first.place.clone());
            let (section, name) = (section.word, ALL.into());
            result.push(NamedOptions { section, name, options: base, place, given: all });
        }
        result
    }
}
