//! The keys of recordings: what is recorded, how often, and how much of it is kept.

use super::globals;
use crate::{
    glob,
    options::{Options, duration},
    reading::Kind,
    source::Source,
};
use std::{path::PathBuf, time::Duration};

/// Above so many sources, answers are recorded at [`FLEET_EVERY`] only.
pub const MANY_SOURCES: usize = 50;
/// How often answers of many sources are recorded.
pub const FLEET_EVERY: Duration = Duration::from_secs(10);
/// What is kept for less time is not worth a file.
const SHORTEST: Duration = Duration::from_secs(60);
/// A recording that may take fewer bytes has no room for a block.
const LEAST: u64 = 1 << 20;

/// Where to record into.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum RecordFolder {
    /// The usual place.
    Default,
    /// This folder.
    Named(PathBuf),
}

/// What the keys of recordings say.
#[derive(Clone, PartialEq, Debug)]
pub struct RecordSettings {
    /// Where to; `None`: nothing is recorded.
    pub folder: Option<RecordFolder>,
    kinds: Vec<String>,
    sources: Vec<String>,
    /// How often answers are recorded; `None`: by the number of sources.
    pub every: Option<Duration>,
    /// How often processes are recorded; zero: with every answer; `None`: not at all.
    pub processes: Option<Duration>,
    /// How long.
    pub keep: Duration,
    /// How many bytes.
    pub size: u64,
    /// The mode of the files.
    pub mode: u32,
}

impl RecordSettings {
    /// What the global keys say.
    pub fn new(globals: &Options) -> RecordSettings {
        let record = globals.get(&globals::RECORD);
        let folder = match record.to_ascii_lowercase().as_str() {
            "" | "false" | "no" | "off" | "0" => None,
            "true" | "yes" | "on" | "1" => Some(RecordFolder::Default),
            _ => Some(RecordFolder::Named(home(&record))),
        };
        // what is wrong was refused when the keys were read
        RecordSettings {
            folder,
            kinds: globals.get(&globals::RECORDKINDS),
            sources: globals.get(&globals::RECORDSOURCES),
            every: auto(&globals.get(&globals::RECORDEVERY)).ok().flatten(),
            processes: match globals.get(&globals::RECORDPROCESSES).as_str() {
                "off" => None,
                text => Some(auto(text).ok().flatten().unwrap_or_default()),
            },
            keep: long(&globals.get(&globals::RECORDKEEP)).unwrap_or(SHORTEST),
            size: globals::bytes(&globals.get(&globals::RECORDSIZE)).unwrap_or(LEAST),
            mode: octal(&globals.get(&globals::RECORDMODE)).unwrap_or(0o600),
        }
    }

    /// Whether a kind is recorded.
    pub fn has_kind(&self, kind: Kind) -> bool {
        !kind.is_private() && chosen(&self.kinds, |word| word == kind.word())
    }

    /// Whether a source is recorded.
    pub fn has_source(&self, source: &Source, tags: &[String]) -> bool {
        chosen(&self.sources, |word| match word.strip_prefix('#') {
            Some(tag) => tags.iter().any(|own| own == tag),
            None => glob::matches(word, source.name()),
        })
    }

    /// How often answers of so many sources are recorded.
    pub fn every_of(&self, sources: usize) -> Duration {
        match self.every {
            Some(every) => every,
            None if sources > MANY_SOURCES => FLEET_EVERY,
            None => Duration::ZERO,
        }
    }
}

/// Whether a list chooses something: those with `!` leave out; without others, all else is chosen.
fn chosen(list: &[String], is: impl Fn(&str) -> bool) -> bool {
    let words = || list.iter().map(|word| word.trim()).filter(|word| !word.is_empty());
    if words().filter_map(|word| word.strip_prefix('!')).any(&is) {
        return false;
    }
    let mut named = words().filter(|word| !word.starts_with('!')).peekable();
    named.peek().is_none() || named.any(|word| word.eq_ignore_ascii_case("all") || is(word))
}

fn home(text: &str) -> PathBuf {
    match (text.strip_prefix("~/"), crate::file::home()) {
        (Some(rest), Some(home)) => PathBuf::from(home).join(rest),
        _ => PathBuf::from(text),
    }
}

fn auto(text: &str) -> Result<Option<Duration>, String> {
    if text == "auto" {
        return Ok(None);
    }
    let every = duration(text);
    every.map(Some).map_err(|_| format!("expected auto or a time like 5s, got {text:?}"))
}

/// A time in any unit, days included.
fn long(text: &str) -> Result<Duration, String> {
    let wrong = || format!("expected a time like 12h or 7d, got {text:?}");
    let time = match text.strip_suffix('d') {
        Some(days) => {
            let days = days.trim().parse::<f64>().map_err(|_| wrong())?;
            Duration::try_from_secs_f64(days * 86_400.0).map_err(|_| wrong())?
        }
        None => duration(text).map_err(|_| wrong())?,
    };
    if time < SHORTEST {
        Err(format!("{text:?} is too short; expected 1m or more"))
    } else {
        Ok(time)
    }
}

fn octal(text: &str) -> Result<u32, String> {
    let mode = u32::from_str_radix(text, 8).ok().filter(|mode| mode & !0o666 == 0);
    let mode = mode.filter(|mode| mode & 0o600 == 0o600);
    mode.ok_or_else(|| format!("expected a mode like 0600 or 0640, got {text:?}"))
}

pub(super) fn every(text: &str) -> Result<String, String> {
    auto(text).map(|_| text.to_owned())
}

pub(super) fn processes(text: &str) -> Result<String, String> {
    if text == "off" { Ok(text.to_owned()) } else { every(text) }
}

pub(super) fn keep(text: &str) -> Result<String, String> {
    long(text).map(|_| text.to_owned())
}

pub(super) fn size(text: &str) -> Result<String, String> {
    match globals::bytes(text)? {
        bytes if bytes < LEAST => Err(format!("{text:?} is too small; expected 1M or more")),
        _ => Ok(text.to_owned()),
    }
}

pub(super) fn mode(text: &str) -> Result<String, String> {
    octal(text).map(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_choose_and_leave_out() {
        let list = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        let has = |text: &str, word: &str| chosen(&list(text), |w| glob::matches(w, word));
        assert!(has("all", "a") && has("", "a") && has("a,b", "b") && has("web-*", "web-1"));
        assert!(!has("a,b", "c") && !has("!a", "a") && !has("all,!web-*", "web-1"));
        assert!(has("!a", "b") && has("all,!web-*", "db"));
    }

    #[test]
    fn times_sizes_and_modes_are_checked() {
        assert_eq!(long("7d"), Ok(Duration::from_secs(7 * 86_400)));
        assert_eq!(long("12h"), Ok(Duration::from_secs(12 * 3600)));
        for wrong in ["7 days", "0d", "-1d", "1s", ""] {
            assert!(long(wrong).is_err(), "{wrong}");
        }
        assert_eq!(octal("0640"), Ok(0o640));
        for wrong in ["0777", "0400", "rw", "9", "0100600"] {
            assert!(octal(wrong).is_err(), "{wrong}");
        }
        assert!(size("100K").is_err() && size("1G").is_ok());
        assert!(every("auto").is_ok() && every("5s").is_ok() && every("often").is_err());
        assert!(processes("off").is_ok() && every("off").is_err());
    }
}
