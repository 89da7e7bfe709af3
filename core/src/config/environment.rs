//! The environment as a layer between the files and the command line: `MANYTOP_THEME=light` sets the global
//! key `theme`.

use super::{
    globals::{GLOBALS, RETIRED, global},
    key::ConfigKey,
    request::Flag,
};
use crate::spelling::nearest;
use config::{Environment, Source};
use std::{
    collections::{BTreeMap, HashMap},
    ffi::{OsStr, OsString},
};

/// What the names of such variables begin with.
const PREFIX: &str = "MANYTOP";

/// Variables with other uses: the config file, and those that programs of alerts are started with.
const OTHERS: [&str; 10] =
    ["config", "alert", "at", "change", "count", "device", "group", "severity", "source", "text"];

/// What the environment sets, and notes on variables that look like keys and are none.
#[derive(Default)]
pub(super) struct EnvironmentSettings {
    pub(super) flags: Vec<Flag>,
    pub(super) notes: Vec<String>,
}

/// The key of a variable, in small letters.
fn word(name: &OsStr) -> Option<String> {
    let word = name.to_str()?.strip_prefix(PREFIX)?.strip_prefix('_')?;
    Some(word.to_ascii_lowercase())
}

/// Whether a variable sets a key.
pub(super) fn is_key(name: &OsStr) -> bool {
    word(name).is_some_and(|word| global(&word).is_some())
}

/// What messages call the variable of a key.
fn shown(word: &str) -> String {
    format!("${PREFIX}_{}", word.to_ascii_uppercase())
}

/// The keys that the environment sets. An empty variable sets nothing.
pub(super) fn read(environment: &BTreeMap<OsString, OsString>) -> EnvironmentSettings {
    let ours = environment.iter().filter(|(name, _)| word(name).is_some());
    let ours: HashMap<String, String> = ours
        .map(|(name, value)| (name.to_string_lossy().into(), value.to_string_lossy().into()))
        .collect();
    if ours.is_empty() {
        return EnvironmentSettings::default();
    }
    let reader = Environment::with_prefix(PREFIX).prefix_separator("_").ignore_empty(true);
    let table = reader.source(Some(ours)).collect().unwrap_or_default();
    let mut table: Vec<_> = table.into_iter().collect();
    table.sort_by(|a, b| a.0.cmp(&b.0));
    let mut found = EnvironmentSettings::default();
    for (word, value) in table {
        if global(&word).is_some() || RETIRED.iter().any(|(retired, _)| *retired == word) {
            let (flag, key) = (shown(&word), ConfigKey::Global(word));
            found.flags.push(Flag { flag, key, value: value.kind.to_string() });
        } else if !OTHERS.contains(&&*word)
            && let Some(meant) = nearest(&word, GLOBALS.iter().map(|g| g.spec().name()))
        {
            let (word, meant) = (shown(&word), shown(meant));
            found.notes.push(format!("{word} sets nothing: did you mean {meant}?"));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pairs: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let pairs = pairs.iter().map(|(name, value)| ((*name).into(), (*value).into()));
        let EnvironmentSettings { flags, notes } = read(&pairs.collect());
        let pair = |flag: &Flag| format!("{} {}={}", flag.flag, flag.key.option(), flag.value);
        (flags.iter().map(pair).collect(), notes)
    }

    #[test]
    fn variables_with_the_names_of_global_keys_set_them() {
        let pairs = [
            ("MANYTOP_THEME", "light"),
            ("MANYTOP_UPDATEINTERVAL", "2s"),
            ("MANYTOP_LAYOUT", ""),
            ("MANYTOP_CONFIG", "x.conf"),
            ("MANYTOP_GROUP", "web"),
            ("MANYTOP_ALERT", "disk"),
            ("MANYTOPTHEME", "dark"),
            ("THEME", "dark"),
        ];
        let (set, notes) = found(&pairs);
        assert_eq!(
            set,
            ["$MANYTOP_THEME theme=light", "$MANYTOP_UPDATEINTERVAL updateinterval=2s"]
        );
        assert_eq!(notes, [] as [&str; 0], "programs of alerts are started with some of these");
    }

    #[test]
    fn a_misspelt_variable_is_named() {
        let (set, notes) = found(&[("MANYTOP_THEEM", "light")]);
        assert_eq!(set, [] as [&str; 0]);
        assert_eq!(notes, ["$MANYTOP_THEEM sets nothing: did you mean $MANYTOP_THEME?"]);
    }
}
