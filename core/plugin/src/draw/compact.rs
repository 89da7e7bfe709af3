//! Numbers in at most four cells, as tables and titles have them; the unit is in the head, once.
//!
//! | what | how |
//! |---|---|
//! | bytes, rates | `0 812 9.4k 48M 1.2G` |
//! | percent | `7 44 100`, a sign in the cell behind it |
//! | CPU % of a process | `0.4 98.6 312 1600` |
//! | milliseconds | `0.3 9.9 18 840`, then `2.1s` |
//! | ages | `12s 4m 3h 41d 3y` |

use super::number::{self, ShortStr};

/// Bytes, or bytes a second, by powers of 1000: `812`, `9.4k`, `48M`, `1.2G`; `-` for what is not finite.
pub fn bytes(value: f64) -> ShortStr {
    number::rate(value, false)
}

/// Bytes of memory, by powers of 1024.
pub fn memory(bytes: f64) -> ShortStr {
    number::bytes(bytes)
}

/// A whole percentage.
pub fn percent(value: f64) -> ShortStr {
    number::percent(value)
}

/// The share of a core that a process takes, with a tenth below 100.
pub fn process(percent: f64) -> ShortStr {
    number::percent_fine(percent)
}

/// Milliseconds: one decimal below 10, seconds from 1000.
pub fn millis(value: f64) -> ShortStr {
    match value {
        v if !v.is_finite() || v < 0.0 => ShortStr::unknown(),
        v if v < 9.95 => ShortStr::of(format_args!("{v:.1}")),
        v if v < 999.5 => ShortStr::of(format_args!("{v:.0}")),
        v if v < 9_950.0 => ShortStr::of(format_args!("{:.1}s", v / 1000.0)),
        v => age(v / 1000.0),
    }
}

/// An age or a span by its largest unit.
pub fn age(seconds: f64) -> ShortStr {
    const YEAR: u64 = 365 * 86_400;
    if !seconds.is_finite() || seconds < 0.0 {
        return ShortStr::unknown();
    }
    let s = seconds as u64;
    let (n, unit) = match s {
        0..60 => (s, 's'),
        60..3600 => (s / 60, 'm'),
        3600..86_400 => (s / 3600, 'h'),
        _ if s < 1000 * 86_400 => (s / 86_400, 'd'),
        _ => ((s / YEAR).min(999), 'y'),
    };
    ShortStr::of(format_args!("{n}{unit}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(format: fn(f64) -> ShortStr, values: &[f64]) -> String {
        values.iter().map(|v| format(*v).to_string()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn numbers_are_those_of_the_frames() {
        assert_eq!(all(bytes, &[0.0, 812.0, 9.4e3, 48.2e6, 1.2e9]), "0 812 9.4k 48M 1.2G");
        assert_eq!(all(bytes, &[4.2e6, 820e3, 31e6, 999.6, 9.96e6]), "4.2M 820k 31M 1.0k 10M");
        assert_eq!(all(memory, &[1024.0 * 1024.0 * 710.0, 1.2 * 1073741824.0]), "710M 1.2G");
        assert_eq!(all(process, &[0.0, 98.6, 99.96, 312.0]), "0.0 98.6 100 312");
        assert_eq!(all(millis, &[0.3, 9.94, 9.96, 18.0, 840.4, 2100.0]), "0.3 9.9 10 18 840 2.1s");
        let day = 86_400.0;
        let ages = [0.0, 12.9, 240.0, 3.5 * 3600.0, 41.2 * day, 999.0 * day, 1200.0 * day];
        assert_eq!(all(age, &ages), "0s 12s 4m 3h 41d 999d 3y");
    }

    #[test]
    fn no_number_takes_more_than_four_cells() {
        let formats = [bytes, memory, millis, age];
        for format in formats {
            for power in -3..15 {
                for n in [1.0, 1.05, 4.4, 9.94, 9.95, 9.96, 9.994, 9.996] {
                    let shown = format(n * 10_f64.powi(power));
                    assert!(shown.len() <= 4, "{shown}");
                }
            }
            for wild in [f64::NAN, f64::INFINITY, -f64::INFINITY] {
                assert_eq!(&*format(wild), "-");
            }
        }
    }
}
