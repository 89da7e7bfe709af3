//! The clock of another machine, seen from here.

use manytop_plugin::clock::Moment;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Farther away than this is nowhere.
const FAR: Duration = Duration::from_secs(3600);

/// Turns another machine's time into moments of this one's clock.
#[derive(Clone, Copy, Default, Debug)]
pub struct RemoteClock(Option<(f64, Moment)>);

impl RemoteClock {
    /// It showed `shown` seconds at about `now`. Small differences are the way's and are left: what was
    /// taken once is to be of one moment, however often it is told.
    pub fn set(&mut self, shown: f64, now: Moment) {
        let expected = self.0.map(|(at, then)| at + now.since(then).as_secs_f64());
        // VictoriaMetrics shows whole seconds
        if expected.is_none_or(|expected| !(-1.5..=0.25).contains(&(shown - expected))) {
            self.0 = Some((shown, now));
        }
    }

    /// What it shows at a moment, in seconds; `None` before it was first seen.
    pub fn shown(&self, at: Moment) -> Option<f64> {
        let (shown, then) = self.0?;
        Some(shown + at.since(then).as_secs_f64() - then.since(at).as_secs_f64())
    }

    /// The moment at which it showed that; never one to come.
    pub fn moment(&self, at: f64) -> Moment {
        let Some((shown, then)) = self.0 else { return Moment::now() };
        let span = Duration::try_from_secs_f64((at - shown).abs()).unwrap_or(FAR);
        if at < shown { then.before(span) } else { (then + span).min(Moment::now()) }
    }
}

/// The offset of a server's clock that its `Date` tells by whole seconds, and that is taken for none.
const ROUNDED: f64 = 2.0;

/// A server's clock in seconds since 1970, by this machine's and the answer's `Date`.
pub fn server_time(date: Option<&str>) -> f64 {
    let own = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64();
    let Some(there) = date.and_then(http_date) else { return own };
    let offset = there + 0.5 - own;
    if offset.abs() <= ROUNDED { own } else { own + offset }
}

/// Reads `Thu, 26 Nov 2026 20:39:45 GMT`, as seconds since 1970.
fn http_date(text: &str) -> Option<f64> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = text.split_once(", ")?.1.split(' ');
    let day: i64 = words.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
    let name = words.next()?;
    let month = MONTHS.iter().zip(1..).find(|(known, _)| **known == name)?.1;
    let year: i64 = words.next()?.parse().ok().filter(|year| (1970..=9999).contains(year))?;
    let mut clock = words.next()?.split(':').map(str::parse::<i64>);
    let mut part = || clock.next()?.ok().filter(|part| (0..=60).contains(part));
    let seconds = (part()? * 60 + part()?) * 60 + part()?;
    if words.next() != Some("GMT") {
        return None;
    }
    // days of the Gregorian calendar, with years that begin in March
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some(((days - 719_468) * 86_400 + seconds) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_tells_a_servers_clock() {
        assert_eq!(http_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0.0));
        assert_eq!(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777.0));
        assert_eq!(http_date("Thu, 29 Feb 2024 12:00:00 GMT"), Some(1_709_208_000.0));
        for odd in
            ["", "yesterday", "Thu, 29 Feb 2024 12:00:00 CET", "Thu, 99 Feb 2024 12:00:00 GMT"]
        {
            assert_eq!(http_date(odd), None, "{odd}");
        }
        let far = server_time(Some("Thu, 01 Jan 1970 00:00:00 GMT"));
        assert!((0.0..2.0).contains(&far), "{far}: an hour of difference counts");
        assert!(server_time(None) > 1.7e9);
    }

    #[test]
    fn the_clock_is_left_alone_for_small_differences() {
        let mut clock = RemoteClock::default();
        let at = Moment::from_secs;
        clock.set(1000.0, at(50));
        clock.set(1009.9, at(60));
        assert_eq!(clock.moment(1001.0), at(51));
        assert_eq!((clock.shown(at(51)), clock.shown(at(49))), (Some(1001.0), Some(999.0)));
        clock.set(1030.0, at(70));
        assert_eq!(clock.moment(1029.0), at(69), "somebody has set it");
    }
}
