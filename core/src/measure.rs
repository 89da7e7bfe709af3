//! The figures of a source by their words: what a table of hosts is sorted and filtered by, what limits
//! are set for, and what is added up over many sources.

use crate::{
    clock::Moment,
    draw::number::{self, Figure},
    health::State,
    reading::Kind,
    theme::Levels,
    view::{Settings, SourceView},
    vocabulary as v,
};

/// One figure of a source.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Measure {
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

impl Measure {
    /// All of them.
    pub const ALL: [Measure; 10] = [
        Measure::Cpu,
        Measure::Memory,
        Measure::Disk,
        Measure::Celsius,
        Measure::Load,
        Measure::Received,
        Measure::Sent,
        Measure::Uptime,
        Measure::Age,
        Measure::Took,
    ];

    /// Its word, in filters, limits and keys.
    pub const fn word(self) -> &'static str {
        match self {
            Measure::Cpu => "cpu",
            Measure::Memory => "mem",
            Measure::Disk => "disk",
            Measure::Celsius => "temp",
            Measure::Load => "load",
            Measure::Received => "rx",
            Measure::Sent => "tx",
            Measure::Uptime => "up",
            Measure::Age => "age",
            Measure::Took => "took",
        }
    }

    /// The one of that word; case does not matter.
    pub fn of(word: &str) -> Option<Measure> {
        Measure::ALL.into_iter().find(|m| m.word().eq_ignore_ascii_case(word))
    }

    /// Its value. Of a source that is down only age and duration are known.
    pub fn value(self, source: &SourceView, now: Moment) -> Option<f64> {
        match self {
            Measure::Age | Measure::Took => self.last(source, now),
            _ if source.state(now) == State::Down => None,
            _ => self.last(source, now),
        }
    }

    /// Its last value, whether or not that is still true.
    pub(crate) fn last(self, source: &SourceView, now: Moment) -> Option<f64> {
        let s = &source.summary;
        let value = match self {
            Measure::Cpu => s.cpu,
            Measure::Memory => s.memory,
            Measure::Disk => s.disk.as_ref().map(|d| d.1),
            Measure::Celsius => s.celsius,
            Measure::Load => s.load,
            Measure::Received => s.received,
            Measure::Sent => s.sent,
            Measure::Uptime => s.uptime,
            Measure::Age => source.age(now).map(|a| a.as_secs_f64()),
            Measure::Took => source.took().map(|t| t.as_secs_f64()),
        };
        value.filter(|v| v.is_finite())
    }

    /// The kind of devices it is of.
    const fn kind(self) -> Option<Kind> {
        Some(match self {
            Measure::Cpu => v::CPU,
            Measure::Memory => v::MEMORY,
            Measure::Disk => v::DISK,
            Measure::Celsius => v::TEMPERATURE,
            Measure::Load | Measure::Uptime => v::HOST,
            Measure::Received | Measure::Sent => v::NETWORK,
            Measure::Age | Measure::Took => return None,
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

    /// Its value for the eye.
    pub fn show(self, value: f64, settings: &Settings) -> Figure {
        match self {
            Measure::Cpu | Measure::Memory | Measure::Disk => number::percent(value),
            Measure::Celsius => number::degrees(value, settings.fahrenheit),
            Measure::Load => number::count(value),
            Measure::Received | Measure::Sent => number::rate(value, settings.bits),
            Measure::Uptime | Measure::Age => number::span(value),
            Measure::Took => number::brief(value),
        }
    }

    /// How high it is between nothing and all, 0 to 100, where it has such a scale by itself.
    pub const fn is_percent(self) -> bool {
        matches!(self, Measure::Cpu | Measure::Memory | Measure::Disk)
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
    pub measure: Measure,
    /// What it is.
    pub value: f64,
    /// The limit that it is over.
    pub limit: f64,
    /// How bad that is.
    pub grade: Grade,
}

impl Over {
    /// `mem 96 > 95`.
    pub fn show(&self, settings: &Settings) -> Figure {
        let show = |value| self.measure.show(value, settings);
        let (value, limit) = (show(self.value), show(self.limit));
        let word = self.measure.word();
        match *value == *limit && self.measure.is_percent() {
            // rounded, they would be equal
            true => Figure::of(format_args!("{word} {:.1} > {limit}", self.value)),
            false => Figure::of(format_args!("{word} {value} > {limit}")),
        }
    }
}

/// The limits of the figures of a source.
#[derive(Clone, PartialEq, Debug)]
pub struct Limits([Limit; Measure::ALL.len()]);

impl Default for Limits {
    fn default() -> Limits {
        Limits::of(&Levels::default())
    }
}

impl Limits {
    /// The levels at which colours turn, for all that is a percentage, and for temperatures.
    pub fn of(levels: &Levels) -> Limits {
        let level = Limit { warning: Some(levels.high), critical: Some(levels.critical) };
        let leveled = |m: Measure| m.is_percent() || m == Measure::Celsius;
        Limits(Measure::ALL.map(|m| if leveled(m) { level } else { Limit::default() }))
    }

    /// The limits of a figure.
    pub fn get(&self, measure: Measure) -> Limit {
        self.0[measure as usize]
    }

    /// Sets those of a figure.
    pub fn set(&mut self, measure: Measure, limit: Limit) {
        self.0[measure as usize] = limit;
    }

    /// Sets one as it is written: `disk=80,90`, `load=16`, `took=500ms,2s`; of two, either may be left
    /// out, `mem=,95`, and without any there is no limit.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn put(&mut self, text: &str) -> Result<(), String> {
        let (word, values) = text.split_once('=').ok_or_else(|| {
            format!("{text:?} is no limit; write FIGURE=WARNING,CRITICAL, as in disk=80,90")
        })?;
        let measure = Measure::of(word.trim()).ok_or_else(|| {
            let words: Vec<_> = Measure::ALL.iter().map(|m| m.word()).collect();
            format!("{:?} is no figure; there are {}", word.trim(), words.join(" "))
        })?;
        let (warning, critical) = values.split_once(',').unwrap_or((values, ""));
        let read = |text: &str| match text.trim() {
            "" => Ok(None),
            text => quantity(text).map(Some).ok_or_else(|| format!("{text:?} is no number")),
        };
        let limit = Limit { warning: read(warning)?, critical: read(critical)? };
        if let (Some(warning), Some(critical)) = (limit.warning, limit.critical)
            && warning > critical
        {
            return Err(format!("{text:?}: the first limit is higher than the second"));
        }
        self.set(measure, limit);
        Ok(())
    }

    /// How bad a value is.
    pub fn grade(&self, measure: Measure, value: f64) -> Grade {
        self.over(measure, value).map_or(Grade::Fine, |over| over.grade)
    }

    /// The worse of the limits that a value is over.
    pub fn over(&self, measure: Measure, value: f64) -> Option<Over> {
        let Limit { warning, critical } = self.get(measure);
        let over = |limit: Option<f64>, grade| {
            let limit = limit.filter(|limit| value > *limit)?;
            Some(Over { measure, value, limit, grade })
        };
        over(critical, Grade::Critical).or_else(|| over(warning, Grade::Warning))
    }

    /// All limits that a source is over, in the order of [`Measure::ALL`].
    pub fn all_over<'a>(
        &'a self,
        source: &'a SourceView,
        now: Moment,
    ) -> impl Iterator<Item = Over> + 'a {
        Measure::ALL.into_iter().filter_map(move |m| {
            if self.get(m) == Limit::default() {
                return None;
            }
            self.over(m, m.value(source, now)?)
        })
    }

    /// How high a source is against its limits: the highest of value by limit, 1 for one that has
    /// reached a limit to act on.
    pub fn level(&self, source: &SourceView, now: Moment) -> f64 {
        let level = |m: &Measure| {
            let Limit { warning, critical } = self.get(*m);
            let limit = critical.or(warning).filter(|limit| *limit > 0.0)?;
            Some(m.value(source, now)? / limit)
        };
        Measure::ALL.iter().filter_map(level).fold(0.0, f64::max)
    }
}

/// A number with an optional unit: `80`, `80%`, `1.5M`, `90s`, `500ms`, `2d`. Bytes go by thousands, time
/// is in seconds.
pub fn quantity(text: &str) -> Option<f64> {
    let end = text.find(|c: char| c.is_alphabetic() || c == '%' || c == '°').unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let value: f64 = digits.trim().parse().ok()?;
    let factor = match unit {
        "" | "%" | "s" | "°" | "B" => 1.0,
        "ms" => 1e-3,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        "k" | "K" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        _ => return None,
    };
    Some(value * factor).filter(|v| v.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_units() {
        let read = |text| quantity(text).unwrap();
        assert_eq!(
            ["80", "80%", "1.5M", "90s", "500ms", "2d", "-3"].map(read),
            [80.0, 80.0, 1.5e6, 90.0, 0.5, 172_800.0, -3.0]
        );
        for wrong in ["", "x", "8x", "1 2", "%", "inf", "nan"] {
            assert_eq!(quantity(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn limits_are_read_and_say_what_is_wrong() {
        let mut limits = Limits::default();
        limits.put("disk=80,90").unwrap();
        limits.put("took=,2s").unwrap();
        limits.put("cpu=").unwrap();
        let over = |m, value| limits.over(m, value).map(|o| (o.limit, o.grade));
        assert_eq!(over(Measure::Disk, 90.5), Some((90.0, Grade::Critical)));
        assert_eq!(over(Measure::Disk, 90.0), Some((80.0, Grade::Warning)));
        assert_eq!(over(Measure::Disk, 80.0), None);
        assert_eq!(over(Measure::Took, 1.9), None);
        assert_eq!(over(Measure::Cpu, 100.0), None);
        assert_eq!(over(Measure::Memory, 96.0), Some((95.0, Grade::Critical)));
        for (wrong, says) in [
            ("disk", "FIGURE=WARNING,CRITICAL"),
            ("disc=1,2", "there are cpu mem disk"),
            ("disk=x", "\"x\" is no number"),
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
        assert_eq!(show(Measure::Memory, 96.2), "mem 96 > 95");
        assert_eq!(show(Measure::Memory, 95.3), "mem 95.3 > 95");
        assert_eq!(show(Measure::Celsius, 84.0), "temp 84° > 80°");
    }
}
