//! The figures of a source by their words: what a table of hosts is sorted and filtered by, what limits
//! are set for, and what is added up over many sources.

mod quantity;

pub use quantity::quantity;

use crate::{
    clock::Moment, health::State, reading::Kind, source::Source, theme::Levels, view::SourceView,
    vocabulary as v,
};
use std::{collections::HashMap, sync::Arc};

/// One figure of a source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HostMetric {
    /// Mean of all processors, percent.
    Cpu,
    /// Main memory, percent.
    Memory,
    /// The fullest disk, percent.
    Disk,
    /// The hottest sensor, degrees Celsius.
    Celsius,
    /// Load average over one minute.
    Load,
    /// Received, bytes a second.
    Received,
    /// Sent, bytes a second.
    Sent,
    /// Seconds since it was started.
    Uptime,
    /// Seconds since its last good answer.
    Age,
    /// Seconds that the last attempt to ask it took.
    Took,
}

impl HostMetric {
    /// All of them.
    pub const ALL: [HostMetric; 10] = [
        HostMetric::Cpu,
        HostMetric::Memory,
        HostMetric::Disk,
        HostMetric::Celsius,
        HostMetric::Load,
        HostMetric::Received,
        HostMetric::Sent,
        HostMetric::Uptime,
        HostMetric::Age,
        HostMetric::Took,
    ];

    /// Its word, in filters, limits and keys.
    pub const fn word(self) -> &'static str {
        match self {
            HostMetric::Cpu => "cpu",
            HostMetric::Memory => "mem",
            HostMetric::Disk => "disk",
            HostMetric::Celsius => "temp",
            HostMetric::Load => "load",
            HostMetric::Received => "rx",
            HostMetric::Sent => "tx",
            HostMetric::Uptime => "up",
            HostMetric::Age => "age",
            HostMetric::Took => "took",
        }
    }

    /// The one of that word; case does not matter.
    pub fn of(word: &str) -> Option<HostMetric> {
        HostMetric::ALL.into_iter().find(|m| m.word().eq_ignore_ascii_case(word))
    }

    /// Its value. Of a source that is down or not understood only age and duration are known.
    pub fn value(self, source: &SourceView, now: Moment) -> Option<f64> {
        match self {
            HostMetric::Age | HostMetric::Took => self.last(source, now),
            _ if matches!(source.state(now), State::Down | State::Unread) => None,
            _ => self.last(source, now),
        }
    }

    /// Its last value, whether or not that is still true.
    #[doc(hidden)]
    pub fn last(self, source: &SourceView, now: Moment) -> Option<f64> {
        let s = &source.summary;
        let value = match self {
            HostMetric::Cpu => s.cpu,
            HostMetric::Memory => s.memory,
            HostMetric::Disk => s.disk.as_ref().map(|d| d.1),
            HostMetric::Celsius => s.celsius,
            HostMetric::Load => s.load,
            HostMetric::Received => s.received,
            HostMetric::Sent => s.sent,
            HostMetric::Uptime => s.uptime,
            HostMetric::Age => source.age(now).map(|a| a.as_secs_f64()),
            HostMetric::Took => source.took().map(|t| t.as_secs_f64()),
        };
        value.filter(|v| v.is_finite())
    }

    /// The kind of devices it is of.
    const fn kind(self) -> Option<Kind> {
        Some(match self {
            HostMetric::Cpu => v::CPU,
            HostMetric::Memory => v::MEMORY,
            HostMetric::Disk => v::DISK,
            HostMetric::Celsius => v::TEMPERATURE,
            HostMetric::Load | HostMetric::Uptime => v::HOST,
            HostMetric::Received | HostMetric::Sent => v::NETWORK,
            HostMetric::Age | HostMetric::Took => return None,
        })
    }

    /// Whether its value is old: that of the instance it comes from, since a disk that hangs makes no
    /// processor older.
    pub fn is_old(self, source: &SourceView, now: Moment) -> bool {
        let Some(kind) = self.kind() else { return false };
        match source.health(kind) {
            Some(health) => health.state(now).is_old(),
            None => source.state(now).is_old(),
        }
    }

    /// How high it is between nothing and all, 0 to 100, where it has such a scale by itself.
    pub const fn is_percent(self) -> bool {
        matches!(self, HostMetric::Cpu | HostMetric::Memory | HostMetric::Disk)
    }
}

/// How bad a figure is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub enum Grade {
    /// Within its limits.
    #[default]
    Fine,
    /// Over the first.
    Warning,
    /// Over the second.
    Critical,
}

/// From which values on a figure is to be looked at, and to be acted on.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Limit {
    /// To be looked at above this.
    pub warning: Option<f64>,
    /// To be acted on above this.
    pub critical: Option<f64>,
}

/// A figure that is over a limit.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Over {
    /// Which.
    pub measure: HostMetric,
    /// What it is.
    pub value: f64,
    /// The limit that it is over.
    pub limit: f64,
    /// How bad that is.
    pub grade: Grade,
}

/// The limits of the figures of a source.
#[derive(Clone, PartialEq, Debug)]
pub struct Limits {
    all: [Limit; HostMetric::ALL.len()],
    /// Hosts with limits of their own.
    hosts: Arc<HashMap<Source, Vec<(HostMetric, Limit)>>>,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits::of(&Levels::default())
    }
}

impl Limits {
    /// The levels at which colours turn, for all that is a percentage, and for temperatures.
    pub fn of(levels: &Levels) -> Limits {
        let level = Limit { warning: Some(levels.high), critical: Some(levels.critical) };
        let leveled = |m: HostMetric| m.is_percent() || m == HostMetric::Celsius;
        let all = HostMetric::ALL.map(|m| if leveled(m) { level } else { Limit::default() });
        Limits { all, hosts: Arc::default() }
    }

    /// The limits of a figure.
    pub fn get(&self, measure: HostMetric) -> Limit {
        self.all[measure as usize]
    }

    /// Sets those of a figure.
    pub fn set(&mut self, measure: HostMetric, limit: Limit) {
        self.all[measure as usize] = limit;
    }

    /// The limits of a figure of one host: its own, else those of all.
    pub fn for_host(&self, source: &Source, measure: HostMetric) -> Limit {
        let own = if self.hosts.is_empty() { None } else { self.hosts.get(source) };
        let own = own.and_then(|own| own.iter().find(|(metric, _)| *metric == measure));
        own.map_or_else(|| self.get(measure), |(_, limit)| *limit)
    }

    /// Sets limits of one host as they are written, between blanks: `disk=80,90 load=16`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn put_for_host(&mut self, source: &Source, text: &str) -> Result<(), String> {
        let own = Arc::make_mut(&mut self.hosts).entry(source.clone()).or_default();
        for text in text.split_whitespace() {
            let (measure, limit) = read(text)?;
            own.retain(|(metric, _)| *metric != measure);
            own.push((measure, limit));
        }
        Ok(())
    }

    /// Sets one as it is written: `disk=80,90`, `load=16`, `took=500ms,2s`; of two, either may be left
    /// out, `mem=,95`, and a metric without one is never over a limit.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn put(&mut self, text: &str) -> Result<(), String> {
        let (measure, limit) = read(text)?;
        self.set(measure, limit);
        Ok(())
    }

    /// How bad a value is.
    pub fn grade(&self, measure: HostMetric, value: f64) -> Grade {
        self.over(measure, value).map_or(Grade::Fine, |over| over.grade)
    }

    /// How bad a value of a host is.
    pub fn grade_for(&self, source: &Source, measure: HostMetric, value: f64) -> Grade {
        over(self.for_host(source, measure), measure, value).map_or(Grade::Fine, |o| o.grade)
    }

    /// The worse of the limits that a value is over.
    pub fn over(&self, measure: HostMetric, value: f64) -> Option<Over> {
        over(self.get(measure), measure, value)
    }

    /// All limits that a source is over, in the order of [`HostMetric::ALL`].
    pub fn all_over<'a>(
        &'a self,
        source: &'a SourceView,
        now: Moment,
    ) -> impl Iterator<Item = Over> + 'a {
        HostMetric::ALL.into_iter().filter_map(move |m| {
            let limit = self.for_host(&source.source, m);
            if limit == Limit::default() {
                return None;
            }
            over(limit, m, m.value(source, now)?)
        })
    }

    /// Whether a source is over a limit, or has other [trouble](crate::trouble).
    pub fn is_over(&self, source: &SourceView, now: Moment) -> bool {
        !source.summary.trouble.is_empty() || self.all_over(source, now).next().is_some()
    }

    /// How high a source is against its limits: the highest of value by limit, 1 for one that has
    /// reached a limit to act on.
    pub fn level(&self, source: &SourceView, now: Moment) -> f64 {
        let level = |m: &HostMetric| {
            let Limit { warning, critical } = self.for_host(&source.source, *m);
            let limit = critical.or(warning).filter(|limit| *limit > 0.0)?;
            Some(m.value(source, now)? / limit)
        };
        HostMetric::ALL.iter().filter_map(level).fold(0.0, f64::max)
    }
}

/// The worse of two limits that a value is over.
fn over(limits: Limit, measure: HostMetric, value: f64) -> Option<Over> {
    let over = |limit: Option<f64>, grade| {
        let limit = limit.filter(|limit| value > *limit)?;
        Some(Over { measure, value, limit, grade })
    };
    over(limits.critical, Grade::Critical).or_else(|| over(limits.warning, Grade::Warning))
}

/// Reads a limit: `disk=80,90`.
fn read(text: &str) -> Result<(HostMetric, Limit), String> {
    let (word, values) = text.split_once('=').ok_or_else(|| {
        format!("{text:?} is not a limit; write FIGURE=WARNING,CRITICAL, as in disk=80,90")
    })?;
    let measure = HostMetric::of(word.trim()).ok_or_else(|| {
        let words: Vec<_> = HostMetric::ALL.iter().map(|m| m.word()).collect();
        format!("{:?} is not a figure; known are {}", word.trim(), words.join(" "))
    })?;
    let (warning, critical) = values.split_once(',').unwrap_or((values, ""));
    let read = |text: &str| match text.trim() {
        "" => Ok(None),
        text => quantity(text).map(Some).ok_or_else(|| format!("{text:?} is not a number")),
    };
    let limit = Limit { warning: read(warning)?, critical: read(critical)? };
    if let (Some(warning), Some(critical)) = (limit.warning, limit.critical)
        && warning > critical
    {
        return Err(format!("{text:?}: the first limit is higher than the second"));
    }
    Ok((measure, limit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::Settings;

    #[test]
    fn limits_are_read_and_say_what_is_wrong() {
        let mut limits = Limits::default();
        limits.put("disk=80,90").unwrap();
        limits.put("took=,2s").unwrap();
        limits.put("cpu=").unwrap();
        let over = |m, value| limits.over(m, value).map(|o| (o.limit, o.grade));
        assert_eq!(over(HostMetric::Disk, 90.5), Some((90.0, Grade::Critical)));
        assert_eq!(over(HostMetric::Disk, 90.0), Some((80.0, Grade::Warning)));
        assert_eq!(over(HostMetric::Disk, 80.0), None);
        assert_eq!(over(HostMetric::Took, 1.9), None);
        assert_eq!(over(HostMetric::Cpu, 100.0), None);
        assert_eq!(over(HostMetric::Memory, 96.0), Some((95.0, Grade::Critical)));
        for (wrong, says) in [
            ("disk", "FIGURE=WARNING,CRITICAL"),
            ("disc=1,2", "known are cpu mem disk"),
            ("disk=x", "\"x\" is not a number"),
            ("disk=9,8", "higher than the second"),
        ] {
            let error = limits.put(wrong).unwrap_err();
            assert!(error.contains(says), "{wrong}: {error}");
        }
    }

    #[test]
    fn what_is_over_a_limit_looks_as_if_it_were() {
        let (limits, settings) = (Limits::default(), Settings::default());
        let show = |m, value| limits.over(m, value).unwrap().show(&settings).to_string();
        assert_eq!(show(HostMetric::Memory, 96.2), "mem 96 > 95");
        assert_eq!(show(HostMetric::Memory, 95.3), "mem 95.3 > 95");
        assert_eq!(show(HostMetric::Celsius, 84.0), "temp 84° > 80°");
    }
}
