//! Times of the wall clock.

use manytop_core::clock::Moment;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// The time on the wall clock.
pub(crate) fn wall_of(at: Moment, clock: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_nanos(at.as_nanos().saturating_add_signed(clock))
}

/// A time for messages: UTC, to the second.
pub(crate) fn shown(wall: SystemTime) -> String {
    let seconds = wall.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let (days, of_day) = (seconds / 86_400, seconds % 86_400);
    // the civil calendar, counted from 1 March of the year 0
    let shifted = days as i64 + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_of_year = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_of_year + 2) / 5 + 1;
    let month = if month_of_year < 10 { month_of_year + 3 } else { month_of_year - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let (hour, minute, second) = (of_day / 3600, of_day / 60 % 60, of_day % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}
