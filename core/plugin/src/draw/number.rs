//! Numbers for the eye: short, aligned by their last column, and never a lie. What is not a finite
//! number is drawn as `-`, what is old with a `?` behind it.
//!
//! This is the one place that says what a prefix means. Amounts of bytes go by powers of 1024 and are written
//! `K M G T`, as in `df -h`, `free -h` and htop; rates, frequencies and counts by powers of 1000, `k M G T`, as
//! in `ip -h` and iftop.

use crate::{reading::Unit, view::Settings};
use std::{
    fmt::{self, Write},
    ops::Deref,
};

/// A short text on the stack.
#[derive(Clone, Copy, Default)]
pub struct ShortStr {
    bytes: [u8; ShortStr::ROOM],
    len: u8,
}

impl ShortStr {
    const ROOM: usize = 31;

    /// Formats; what does not fit is cut off.
    pub fn of(arguments: fmt::Arguments<'_>) -> ShortStr {
        let mut figure = ShortStr::default();
        // An error says only that the text was cut.
        let _ = figure.write_fmt(arguments);
        figure
    }

    /// Shown for an unknown value.
    pub fn unknown() -> ShortStr {
        ShortStr::of(format_args!("-"))
    }

    /// With a `?` behind it if it is `old`.
    #[must_use]
    pub fn aged(mut self, old: bool) -> ShortStr {
        if old && &*self != "-" {
            let _ = self.write_char('?');
        }
        self
    }
}

impl Write for ShortStr {
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

impl Deref for ShortStr {
    type Target = str;
    fn deref(&self) -> &str {
        std::str::from_utf8(&self.bytes[..usize::from(self.len)]).unwrap_or_default()
    }
}

impl fmt::Display for ShortStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self)
    }
}

impl fmt::Debug for ShortStr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// What the prefixes of a number stand for.
struct PrefixScale {
    base: f64,
    prefixes: [&'static str; 9],
}

/// Rates, frequencies and counts.
const DECIMAL: PrefixScale =
    PrefixScale { base: 1000.0, prefixes: ["", "k", "M", "G", "T", "P", "E", "Z", "Y"] };
/// Amounts of bytes.
const BINARY: PrefixScale =
    PrefixScale { base: 1024.0, prefixes: ["", "K", "M", "G", "T", "P", "E", "Z", "Y"] };

impl PrefixScale {
    /// A number scaled so that it is below a thousand, and its prefix.
    fn scaled(&self, value: f64) -> (f64, &'static str) {
        let mut scaled = value;
        let mut prefixes = self.prefixes.iter();
        let mut prefix = prefixes.next().unwrap_or(&"");
        // 999.5 would be rounded to four digits.
        while scaled.abs() >= 999.5 {
            let Some(next) = prefixes.next() else { break };
            scaled /= self.base;
            prefix = next;
        }
        (scaled, prefix)
    }

    /// With a tenth below `tenths`, but not of a number without a prefix.
    fn spaced(&self, value: f64, tenths: f64, space: &str, unit: &str) -> ShortStr {
        if !value.is_finite() {
            return ShortStr::unknown();
        }
        let (n, prefix) = self.scaled(value);
        if n.abs() >= 1e6 {
            ShortStr::of(format_args!("{value:.0e}{space}{unit}"))
        } else {
            let decimals = usize::from(!prefix.is_empty() && n.abs() < tenths);
            ShortStr::of(format_args!("{}{space}{prefix}{unit}", fixed(n, decimals)))
        }
    }
}

/// So many decimals. What is rounded to zero has no sign.
pub fn fixed(value: f64, decimals: usize) -> ShortStr {
    let figure = ShortStr::of(format_args!("{value:.decimals$}"));
    let zero = figure.strip_prefix('-').filter(|text| text.bytes().all(|b| b"0.".contains(&b)));
    zero.map_or(figure, |zero| ShortStr::of(format_args!("{zero}")))
}

/// An amount of bytes in up to four columns: `0`, `512`, `5.6K`, `36M`, `310K`.
pub fn bytes(value: f64) -> ShortStr {
    BINARY.spaced(value, 9.95, "", "")
}

/// One digit more, for sizes that people know: `0.4G`, `10.1G`, `128G`.
pub fn size(value: f64) -> ShortStr {
    BINARY.spaced(value, 99.95, "", "")
}

/// Bytes in use of a total, in the total's unit: `10.1/16.0G`, `53/252G`.
pub fn used_of(used: f64, total: f64) -> ShortStr {
    let (t, prefix) = BINARY.scaled(total);
    if !used.is_finite() || !total.is_finite() || t.abs() >= 1e6 {
        return ShortStr::unknown();
    }
    let u = if total == 0.0 { used } else { used / (total / t) };
    let decimals = usize::from(!prefix.is_empty() && t.abs() < 99.95);
    ShortStr::of(format_args!("{}/{}{prefix}", fixed(u, decimals), fixed(t, decimals)))
}

/// A rate in four columns and without its unit, for tables: `0`, `9.1k`, `1.2M`; in bits if `bits`.
pub fn rate(bytes_per_second: f64, bits: bool) -> ShortStr {
    DECIMAL.spaced(bytes_per_second * if bits { 8.0 } else { 1.0 }, 9.95, "", "")
}

/// A rate with its unit: `0 B/s`, `5.6 kB/s`, `45 kb/s`.
pub fn rate_with_unit(bytes_per_second: f64, bits: bool) -> ShortStr {
    let (value, unit) =
        if bits { (bytes_per_second * 8.0, "b/s") } else { (bytes_per_second, "B/s") };
    DECIMAL.spaced(value, 9.95, " ", unit)
}

/// A whole percentage, without the sign.
pub fn percent(value: f64) -> ShortStr {
    whole(value)
}

/// A percentage with a tenth below 100: `1.0`, `99.9`, `100`, `1600`.
pub fn percent_fine(value: f64) -> ShortStr {
    if value.is_finite() && value.abs() < 99.95 { fixed(value, 1) } else { whole(value) }
}

fn whole(value: f64) -> ShortStr {
    if !value.is_finite() {
        ShortStr::unknown()
    } else if value.abs() >= 1e7 {
        ShortStr::of(format_args!("{value:.0e}"))
    } else {
        fixed(value.round(), 0)
    }
}

/// A number of things, or one without a unit: `0.3`, `3.1`, `41`, `12k`.
pub fn count(value: f64) -> ShortStr {
    if value.is_finite() && value.abs() < 9.95 && value.fract().abs() >= 0.05 {
        fixed(value, 1)
    } else {
        DECIMAL.spaced(value, 9.95, "", "")
    }
}

/// A span of time by its largest unit: `12s`, `3m`, `1h24m`, `41d`.
pub fn span(seconds: f64) -> ShortStr {
    if !seconds.is_finite() || seconds < 0.0 {
        return ShortStr::unknown();
    }
    let s = seconds as u64;
    match s {
        0..60 => ShortStr::of(format_args!("{s}s")),
        60..3600 => ShortStr::of(format_args!("{}m", s / 60)),
        3600..86_400 => ShortStr::of(format_args!("{}h{:02}m", s / 3600, s / 60 % 60)),
        _ => DECIMAL.spaced((s / 86_400) as f64, 9.95, "", "d"),
    }
}

/// A short span of time in four columns: `8ms`, `240ms` would not fit, so `0.2s`, `5.0s`, `12s`.
pub fn short_span(seconds: f64) -> ShortStr {
    match seconds {
        s if !s.is_finite() || s < 0.0 => ShortStr::unknown(),
        s if s < 0.0995 => ShortStr::of(format_args!("{:.0}ms", s * 1000.0)),
        s if s < 9.95 => ShortStr::of(format_args!("{s:.1}s")),
        s => span(s.round()),
    }
}

/// Processor time: `0:06`, `83:20`, `27h46`.
pub fn work(seconds: f64) -> ShortStr {
    if !seconds.is_finite() || seconds < 0.0 {
        return ShortStr::unknown();
    }
    let s = seconds as u64;
    match s {
        0..6000 => ShortStr::of(format_args!("{}:{:02}", s / 60, s % 60)),
        6000..360_000 => ShortStr::of(format_args!("{}h{:02}", s / 3600, s / 60 % 60)),
        _ => span(seconds),
    }
}

/// A temperature without its letter: `61°`.
pub fn degrees(celsius: f64, fahrenheit: bool) -> ShortStr {
    let value = if fahrenheit { celsius * 1.8 + 32.0 } else { celsius };
    if value.is_finite() {
        ShortStr::of(format_args!("{}°", whole(value)))
    } else {
        ShortStr::unknown()
    }
}

/// A temperature: `47°C`, `117°F`.
pub fn temperature(celsius: f64, fahrenheit: bool) -> ShortStr {
    let mut figure = degrees(celsius, fahrenheit);
    if &*figure != "-" {
        let _ = figure.write_char(if fahrenheit { 'F' } else { 'C' });
    }
    figure
}

/// A frequency: `2.3 GHz`.
pub fn frequency(hertz: f64) -> ShortStr {
    DECIMAL.spaced(hertz, 9.95, " ", "Hz")
}

/// A value of any quantity, with its unit, as the settings want it.
pub fn with_unit(value: f64, unit: Unit, settings: &Settings) -> ShortStr {
    match unit {
        Unit::Percent => match percent(value) {
            known if &*known != "-" => ShortStr::of(format_args!("{known} %")),
            unknown => unknown,
        },
        // bytes alone need a unit; a prefix says it of the others, as in `df -h`
        Unit::Bytes if value.abs() < 999.5 => BINARY.spaced(value, 99.95, "", "B"),
        Unit::Bytes => size(value),
        Unit::BytesPerSecond => rate_with_unit(value, settings.bits),
        Unit::Hertz => frequency(value),
        Unit::Celsius => temperature(value, settings.fahrenheit),
        Unit::Seconds => span(value),
        Unit::Watts => physical(value, "W"),
        Unit::Volts => physical(value, "V"),
        Unit::Joules => physical(value, "J"),
        Unit::Count => count(value),
    }
}

/// `12.3 W`, `230 V`, `1.2 kW`.
fn physical(value: f64, unit: &str) -> ShortStr {
    if value.is_finite() && value.abs() < 99.95 {
        ShortStr::of(format_args!("{} {unit}", fixed(value, 1)))
    } else {
        DECIMAL.spaced(value, 9.95, " ", unit)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_short_and_keeps_its_meaning() {
        let all = |f: &dyn Fn(f64) -> ShortStr, of: &[f64]| {
            of.iter().map(|&v| f(v).to_string()).collect::<Vec<_>>().join(" ")
        };
        let mib = 1024.0 * 1024.0;
        assert_eq!(
            all(
                &|v| rate(v, false),
                &[0.0, 512.0, 999.4, 999.6, 5600.0, 9_960.0, 310e3, 1.2e6, 88e6]
            ),
            "0 512 999 1.0k 5.6k 10k 310k 1.2M 88M"
        );
        assert_eq!(
            all(&bytes, &[999.0, 5734.4, 16.0 * mib, 1.25 * 1024.0 * mib]),
            "999 5.6K 16M 1.2G"
        );
        assert_eq!(all(&size, &[10_342.0 * mib, 131_072.0 * mib]), "10.1G 128G");
        assert_eq!(&*used_of(10_342.0 * mib, 16_384.0 * mib), "10.1/16.0G");
        assert_eq!(&*used_of(53e9, 252e9), "49/235G");
        assert_eq!(&*used_of(0.0, 0.0), "0/0");
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
    fn amounts_go_by_1024_and_rates_by_1000_whatever_draws_them() {
        let with_unit = |value, unit| with_unit(value, unit, &Settings::default());
        let two = 2.0 * 1024_f64.powi(4);
        let amounts = [size(two), bytes(two), used_of(two, two), with_unit(two, Unit::Bytes)];
        assert_eq!(amounts.map(|f| f.to_string()), ["2.0T", "2.0T", "2.0/2.0T", "2.0T"]);
        assert_eq!([0.0, 2048.0].map(|v| with_unit(v, Unit::Bytes).to_string()), ["0B", "2.0K"]);
        let rates = [rate(2.2e3, false), with_unit(2.2e3, Unit::BytesPerSecond)];
        assert_eq!(rates.map(|f| f.to_string()), ["2.2k", "2.2 kB/s"]);
    }

    #[test]
    fn what_is_rounded_to_zero_has_no_sign() {
        let shown = |v| {
            let units = [Unit::Percent, Unit::Bytes, Unit::Celsius, Unit::Watts, Unit::Count];
            units.map(|unit| with_unit(v, unit, &Settings::default()).to_string()).join(" ")
        };
        assert_eq!([-0.0, -0.04].map(shown), ["0 % 0B 0°C 0.0 W 0"; 2]);
        assert_eq!(shown(-0.3), "0 % 0B 0°C -0.3 W -0.3");
        assert_eq!(&*percent_fine(-0.01), "0.0");
        assert_eq!(&*used_of(-1.0, 1e13), "0.0/9.1T");
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
            Unit::Joules,
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
                assert!(!used_of(value, 1e9).is_empty());
                assert!(!used_of(1.0, value).is_empty());
            }
        }
        assert_eq!(&*rate(1e300, false), "1e300");
    }
}
