//! Numbers for the eye: short, aligned by their last column, and never a lie. What is not a finite
//! number is drawn as `-`, what is old with a `?` behind it.

use crate::{reading::Unit, view::Settings};
use std::{
    fmt::{self, Write},
    ops::Deref,
};

/// A short text on the stack.
#[derive(Clone, Copy, Default)]
pub struct Figure {
    bytes: [u8; Figure::ROOM],
    len: u8,
}

impl Figure {
    const ROOM: usize = 31;

    /// Formats; what does not fit is cut off.
    pub fn of(arguments: fmt::Arguments<'_>) -> Figure {
        let mut figure = Figure::default();
        // An error says only that the text was cut.
        let _ = figure.write_fmt(arguments);
        figure
    }

    /// What stands where nothing is known.
    pub fn unknown() -> Figure {
        Figure::of(format_args!("-"))
    }

    /// With a `?` behind it if it is `old`.
    #[must_use]
    pub fn aged(mut self, old: bool) -> Figure {
        if old && &*self != "-" {
            let _ = self.write_char('?');
        }
        self
    }
}

impl Write for Figure {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        for c in text.chars() {
            let (from, to) = (usize::from(self.len), usize::from(self.len) + c.len_utf8());
            let Some(room) = self.bytes.get_mut(from..to) else { return Err(fmt::Error) };
            c.encode_utf8(room);
            self.len = to as u8;
        }
        Ok(())
    }
}

impl Deref for Figure {
    type Target = str;
    fn deref(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// What a thousand is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Thousand {
    /// 1000: rates, and disks as they are sold.
    Decimal,
    /// 1024: memory.
    Binary,
}

const PREFIXES: [&str; 9] = ["", "k", "M", "G", "T", "P", "E", "Z", "Y"];

/// A number scaled so that it is below a thousand, and its prefix.
fn scaled(value: f64, thousand: Thousand) -> (f64, &'static str) {
    let base: f64 = if thousand == Thousand::Binary { 1024.0 } else { 1000.0 };
    let mut scaled = value;
    let mut prefixes = PREFIXES.iter();
    let mut prefix = prefixes.next().unwrap_or(&"");
    // 999.5 would be rounded to four digits.
    while scaled.abs() >= 999.5 {
        let Some(next) = prefixes.next() else { break };
        scaled /= base;
        prefix = next;
    }
    (scaled, prefix)
}

/// Up to four columns: `0`, `512`, `5.6k`, `36M`, `310k`.
pub fn short(value: f64, thousand: Thousand) -> Figure {
    spaced(value, thousand, 9.95, "", "")
}

/// One digit more, for sizes that people know: `0.4G`, `10.1G`, `128G`.
pub fn size(value: f64, thousand: Thousand) -> Figure {
    spaced(value, thousand, 99.95, "", "")
}

fn spaced(value: f64, thousand: Thousand, tenths: f64, space: &str, unit: &str) -> Figure {
    if !value.is_finite() {
        return Figure::unknown();
    }
    let (n, prefix) = scaled(value, thousand);
    if n.abs() >= 1e6 {
        Figure::of(format_args!("{value:.0e}{space}{unit}"))
    } else if prefix.is_empty() || n.abs() >= tenths {
        Figure::of(format_args!("{:.0}{space}{prefix}{unit}", n + 0.0))
    } else {
        Figure::of(format_args!("{n:.1}{space}{prefix}{unit}"))
    }
}

/// Used of total, in the total's unit: `10.1/16.0G`, `53/252G`.
pub fn used_of(used: f64, total: f64, thousand: Thousand) -> Figure {
    let (t, prefix) = scaled(total, thousand);
    if !used.is_finite() || !total.is_finite() || t.abs() >= 1e6 {
        return Figure::unknown();
    }
    let u = if total == 0.0 { used } else { used / (total / t) };
    let tenths = usize::from(!prefix.is_empty() && t.abs() < 99.95);
    Figure::of(format_args!("{u:.tenths$}/{t:.tenths$}{prefix}"))
}

/// A rate in four columns and without its unit, for tables: `0`, `9.1k`, `1.2M`; in bits if `bits`.
pub fn rate(bytes_per_second: f64, bits: bool) -> Figure {
    short(bytes_per_second * if bits { 8.0 } else { 1.0 }, Thousand::Decimal)
}

/// A rate with its unit: `0 B/s`, `5.6 kB/s`, `45 kb/s`.
pub fn rate_with_unit(bytes_per_second: f64, bits: bool) -> Figure {
    let (value, unit) =
        if bits { (bytes_per_second * 8.0, "b/s") } else { (bytes_per_second, "B/s") };
    spaced(value, Thousand::Decimal, 9.95, " ", unit)
}

/// A whole percentage, without the sign.
pub fn percent(value: f64) -> Figure {
    whole(value)
}

/// A percentage with a tenth below 100: `1.0`, `99.9`, `100`, `1600`.
pub fn percent_fine(value: f64) -> Figure {
    if value.is_finite() && value.abs() < 99.95 {
        Figure::of(format_args!("{:.1}", value + 0.0))
    } else {
        whole(value)
    }
}

fn whole(value: f64) -> Figure {
    if !value.is_finite() {
        Figure::unknown()
    } else if value.abs() >= 1e7 {
        Figure::of(format_args!("{value:.0e}"))
    } else {
        // Zero has no sign.
        Figure::of(format_args!("{:.0}", value.round() + 0.0))
    }
}

/// A number of things, or one without a unit: `0.3`, `3.1`, `41`, `12k`.
pub fn count(value: f64) -> Figure {
    if value.is_finite() && value.abs() < 9.95 && value.fract().abs() >= 0.05 {
        Figure::of(format_args!("{value:.1}"))
    } else {
        short(value, Thousand::Decimal)
    }
}

/// A span of time by its largest unit: `12s`, `3m`, `1h24m`, `41d`.
pub fn span(seconds: f64) -> Figure {
    if !seconds.is_finite() || seconds < 0.0 {
        return Figure::unknown();
    }
    let s = seconds as u64;
    match s {
        0..60 => Figure::of(format_args!("{s}s")),
        60..3600 => Figure::of(format_args!("{}m", s / 60)),
        3600..86_400 => Figure::of(format_args!("{}h{:02}m", s / 3600, s / 60 % 60)),
        _ => spaced((s / 86_400) as f64, Thousand::Decimal, 9.95, "", "d"),
    }
}

/// A short span of time in four columns: `8ms`, `240ms` would not fit, so `0.2s`, `5.0s`, `12s`.
pub fn brief(seconds: f64) -> Figure {
    match seconds {
        s if !s.is_finite() || s < 0.0 => Figure::unknown(),
        s if s < 0.0995 => Figure::of(format_args!("{:.0}ms", s * 1000.0)),
        s if s < 9.95 => Figure::of(format_args!("{s:.1}s")),
        s => span(s.round()),
    }
}

/// Processor time: `0:06`, `83:20`, `27h46`.
pub fn work(seconds: f64) -> Figure {
    if !seconds.is_finite() || seconds < 0.0 {
        return Figure::unknown();
    }
    let s = seconds as u64;
    match s {
        0..6000 => Figure::of(format_args!("{}:{:02}", s / 60, s % 60)),
        6000..360_000 => Figure::of(format_args!("{}h{:02}", s / 3600, s / 60 % 60)),
        _ => span(seconds),
    }
}

/// A temperature without its letter: `61°`.
pub fn degrees(celsius: f64, fahrenheit: bool) -> Figure {
    let value = if fahrenheit { celsius * 1.8 + 32.0 } else { celsius };
    if value.is_finite() {
        Figure::of(format_args!("{}°", whole(value)))
    } else {
        Figure::unknown()
    }
}

/// A temperature: `47°C`, `117°F`.
pub fn temperature(celsius: f64, fahrenheit: bool) -> Figure {
    let mut figure = degrees(celsius, fahrenheit);
    if &*figure != "-" {
        let _ = figure.write_char(if fahrenheit { 'F' } else { 'C' });
    }
    figure
}

/// A frequency: `2.3 GHz`.
pub fn frequency(hertz: f64) -> Figure {
    spaced(hertz, Thousand::Decimal, 9.95, " ", "Hz")
}

/// A value of any quantity, with its unit, as the settings want it.
pub fn with_unit(value: f64, unit: Unit, settings: &Settings) -> Figure {
    match unit {
        Unit::Percent => match percent(value) {
            known if &*known != "-" => Figure::of(format_args!("{known} %")),
            unknown => unknown,
        },
        Unit::Bytes => spaced(value, Thousand::Decimal, 99.95, " ", "B"),
        Unit::BytesPerSecond => rate_with_unit(value, settings.bits),
        Unit::Hertz => frequency(value),
        Unit::Celsius => temperature(value, settings.fahrenheit),
        Unit::Seconds => span(value),
        Unit::Watts => physical(value, "W"),
        Unit::Volts => physical(value, "V"),
        Unit::Count => count(value),
    }
}

/// `12.3 W`, `230 V`, `1.2 kW`.
fn physical(value: f64, unit: &str) -> Figure {
    if value.is_finite() && value.abs() < 99.95 {
        Figure::of(format_args!("{:.1} {unit}", value + 0.0))
    } else {
        spaced(value, Thousand::Decimal, 9.95, " ", unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_short_and_keeps_its_meaning() {
        use Thousand::{Binary, Decimal};
        let all = |f: &dyn Fn(f64) -> Figure, of: &[f64]| {
            of.iter().map(|&v| f(v).to_string()).collect::<Vec<_>>().join(" ")
        };
        let mib = 1024.0 * 1024.0;
        assert_eq!(
            all(
                &|v| short(v, Decimal),
                &[0.0, 512.0, 999.4, 999.6, 5600.0, 9_960.0, 310e3, 1.2e6, 88e6]
            ),
            "0 512 999 1.0k 5.6k 10k 310k 1.2M 88M"
        );
        assert_eq!(all(&|v| short(v, Binary), &[16.0 * mib, 1.25 * 1024.0 * mib]), "16M 1.2G");
        assert_eq!(all(&|v| size(v, Binary), &[10_342.0 * mib, 131_072.0 * mib]), "10.1G 128G");
        assert_eq!(&*used_of(10_342.0 * mib, 16_384.0 * mib, Binary), "10.1/16.0G");
        assert_eq!(&*used_of(53e9, 252e9, Decimal), "53/252G");
        assert_eq!(&*used_of(0.0, 0.0, Binary), "0/0");
        assert_eq!(
            all(&|v| rate_with_unit(v, false), &[0.0, 5600.0, 1.2e6]),
            "0 B/s 5.6 kB/s 1.2 MB/s"
        );
        assert_eq!(&*rate_with_unit(5600.0, true), "45 kb/s");
        assert_eq!(all(&percent_fine, &[0.0, 1.04, 99.94, 99.96, 1600.0]), "0.0 1.0 99.9 100 1600");
        assert_eq!(all(&count, &[0.31, 3.12, 3.0, 41.2, 12_345.0]), "0.3 3.1 3 41 12k");
        assert_eq!(&*frequency(2.3e9), "2.3 GHz");
    }

    #[test]
    fn a_span_is_told_by_its_largest_unit() {
        let spans = [0.0, 12.9, 60.0, 179.0, 5040.0, 86_400.0, 41.5 * 86_400.0]
            .map(|s| span(s).to_string());
        assert_eq!(spans, ["0s", "12s", "1m", "2m", "1h24m", "1d", "41d"]);
        let times = [6.2, 5000.0, 99_960.0, 1e6].map(|s| work(s).to_string());
        assert_eq!(times, ["0:06", "83:20", "27h46", "11d"]);
    }

    #[test]
    fn temperatures_follow_the_scale() {
        assert_eq!(&*temperature(47.2, false), "47°C");
        assert_eq!(&*temperature(47.2, true), "117°F");
        assert_eq!(&*degrees(-0.2, false), "0°");
    }

    #[test]
    fn what_is_old_says_so_and_what_is_unknown_is_a_dash() {
        assert_eq!(&*percent(12.0).aged(true), "12?");
        assert_eq!(&*percent(12.0).aged(false), "12");
        assert_eq!(&*percent(f64::NAN).aged(true), "-");
    }

    #[test]
    fn no_number_breaks_it() {
        let settings = Settings::default();
        let units = [
            Unit::Percent,
            Unit::Bytes,
            Unit::BytesPerSecond,
            Unit::Hertz,
            Unit::Celsius,
            Unit::Seconds,
            Unit::Watts,
            Unit::Volts,
            Unit::Count,
        ];
        let values = [
            f64::NAN,
            f64::INFINITY,
            -f64::INFINITY,
            f64::MAX,
            f64::MIN,
            1e308,
            -1.0,
            1e-300,
            -0.0,
        ];
        for unit in units {
            for value in values {
                let shown = with_unit(value, unit, &settings).aged(true);
                assert!(!shown.is_empty() && shown.len() < 20, "{unit:?} {value}: {shown}");
                assert!(!shown.starts_with("-0"), "{unit:?} {value}: {shown}");
                assert!(!used_of(value, 1e9, Thousand::Binary).is_empty());
                assert!(!used_of(1.0, value, Thousand::Binary).is_empty());
            }
        }
        assert_eq!(&*short(1e300, Thousand::Decimal), "1e300");
    }
}
