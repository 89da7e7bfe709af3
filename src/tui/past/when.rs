//! Times as people write them: `03:12`, `-2h`, `yesterday 03:12`, `2026-11-25T03:12Z`.

use chrono::{
    DateTime, Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc,
};

/// How many days back a time of day is looked for: one of them may lack it.
const DAYS: u64 = 3;

/// What can be written, for errors and the prompt.
pub const FORMS: &str = "03:12, -2h, yesterday 03:12 or 2026-11-25T03:12Z";

/// The time that a text means at `now`, in the zone of `now`. A time of day is the latest such moment
/// before now.
///
/// # Errors
/// What was expected, where it is not a time; or that it lies ahead.
pub fn parse<Z: TimeZone>(text: &str, now: &DateTime<Z>) -> Result<DateTime<Utc>, String> {
    let found = find(text, now)?;
    match found <= now.with_timezone(&Utc) {
        true => Ok(found),
        false => Err(format!("{} lies ahead", text.trim())),
    }
}

/// As [`parse`], but a time with a date may be later than `now`.
///
/// # Errors
/// What was expected, where it is not a time.
pub fn find<Z: TimeZone>(text: &str, now: &DateTime<Z>) -> Result<DateTime<Utc>, String> {
    let text = text.trim();
    let found = match text.strip_prefix('-') {
        Some(span) => ago(span, now),
        None => absolute(text, now),
    };
    found.ok_or_else(|| format!("expected {FORMS}, got {text:?}"))
}

/// `2h`, `90s`, `1h30m`, `2d`.
fn ago<Z: TimeZone>(span: &str, now: &DateTime<Z>) -> Option<DateTime<Utc>> {
    let mut total = TimeDelta::zero();
    let mut rest = span.trim();
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest[..digits].parse().ok()?;
        let mut chars = rest[digits..].chars();
        let part = match chars.next()? {
            's' => TimeDelta::try_seconds(number),
            'm' => TimeDelta::try_minutes(number),
            'h' => TimeDelta::try_hours(number),
            'd' => TimeDelta::try_days(number),
            _ => None,
        }?;
        total = total.checked_add(&part)?;
        rest = chars.as_str().trim_start();
    }
    (!total.is_zero()).then(|| now.with_timezone(&Utc).checked_sub_signed(total))?
}

fn absolute<Z: TimeZone>(text: &str, now: &DateTime<Z>) -> Option<DateTime<Utc>> {
    let today = now.date_naive();
    if let Some(time) = time(text) {
        let days = (0..=DAYS).filter_map(|back| today.checked_sub_days(Days::new(back)));
        return days.filter_map(|day| latest(day.and_time(time), now)).next();
    }
    if let Some((word, rest)) = text.split_once(char::is_whitespace)
        && let Some(time) = time(rest.trim())
    {
        let day = match word.to_ascii_lowercase().as_str() {
            "today" => Some(today),
            "yesterday" => today.pred_opt(),
            word => NaiveDate::parse_from_str(word, "%Y-%m-%d").ok(),
        };
        if let Some(day) = day {
            return at(day.and_time(time), now);
        }
    }
    let spaced = text.replacen('T', " ", 1);
    let zoned = ["%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%d %H:%M%#z"];
    let utc = spaced.strip_suffix(['Z', 'z']).map(|text| format!("{text}+00:00"));
    let with_zone = utc.as_deref().unwrap_or(&spaced);
    if let Some(time) = zoned.iter().find_map(|f| DateTime::parse_from_str(with_zone, f).ok()) {
        return Some(time.with_timezone(&Utc));
    }
    let plain = ["%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M"];
    let local = plain.iter().find_map(|f| NaiveDateTime::parse_from_str(&spaced, f).ok())?;
    at(local, now)
}

fn time(text: &str) -> Option<NaiveTime> {
    ["%H:%M:%S", "%H:%M"].iter().find_map(|form| NaiveTime::parse_from_str(text, form).ok())
}

/// The later one of a time that the clock showed twice; the first moment after a time that it left out.
fn at<Z: TimeZone>(local: NaiveDateTime, now: &DateTime<Z>) -> Option<DateTime<Utc>> {
    let zone = now.timezone();
    let found = match zone.from_local_datetime(&local) {
        LocalResult::Single(time) => Some(time),
        LocalResult::Ambiguous(first, second) => {
            Some(if second.with_timezone(&Utc) <= now.with_timezone(&Utc) { second } else { first })
        }
        LocalResult::None => zone.from_local_datetime(&(local + TimeDelta::hours(1))).latest(),
    };
    found.map(|time| time.with_timezone(&Utc))
}

/// The latest moment before now at which the clock showed that; `None` on a day that left it out.
fn latest<Z: TimeZone>(local: NaiveDateTime, now: &DateTime<Z>) -> Option<DateTime<Utc>> {
    let now_utc = now.with_timezone(&Utc);
    let (first, second) = match now.timezone().from_local_datetime(&local) {
        LocalResult::Single(time) => (time.clone(), time),
        LocalResult::Ambiguous(first, second) => (first, second),
        LocalResult::None => return None,
    };
    let candidates = [second.with_timezone(&Utc), first.with_timezone(&Utc)];
    candidates.into_iter().find(|time| *time <= now_utc)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::FixedOffset;

    /// A zone like Berlin's in 2026: UTC+2 from 29 March 01:00 UTC to 25 October 01:00 UTC, else UTC+1.
    #[derive(Clone, Copy, Debug)]
    struct Berlin;

    fn offset(utc: &NaiveDateTime) -> FixedOffset {
        let at =
            |month, day| NaiveDate::from_ymd_opt(2026, month, day).unwrap().and_hms_opt(1, 0, 0);
        let summer = *utc >= at(3, 29).unwrap() && *utc < at(10, 25).unwrap();
        FixedOffset::east_opt(if summer { 7200 } else { 3600 }).unwrap()
    }

    impl TimeZone for Berlin {
        type Offset = FixedOffset;
        fn from_offset(_: &FixedOffset) -> Berlin {
            Berlin
        }
        fn offset_from_local_date(&self, _: &NaiveDate) -> LocalResult<FixedOffset> {
            LocalResult::None
        }
        fn offset_from_local_datetime(&self, local: &NaiveDateTime) -> LocalResult<FixedOffset> {
            let offsets = [7200, 3600].map(|secs| FixedOffset::east_opt(secs).unwrap());
            let fits = |of: &FixedOffset| offset(&(*local - *of)) == *of;
            match offsets.map(|of| fits(&of).then_some(of)) {
                [Some(first), Some(second)] => LocalResult::Ambiguous(first, second),
                [Some(one), None] | [None, Some(one)] => LocalResult::Single(one),
                [None, None] => LocalResult::None,
            }
        }
        fn offset_from_utc_date(&self, date: &NaiveDate) -> FixedOffset {
            offset(&date.and_hms_opt(0, 0, 0).unwrap())
        }
        fn offset_from_utc_datetime(&self, utc: &NaiveDateTime) -> FixedOffset {
            offset(utc)
        }
    }

    fn means(text: &str, now: &str) -> String {
        let now = DateTime::parse_from_rfc3339(now).unwrap().with_timezone(&Berlin);
        match parse(text, &now) {
            Ok(time) => time.format("%F %T").to_string(),
            Err(wrong) => wrong,
        }
    }

    #[test]
    fn a_time_of_day_is_the_latest_before_now() {
        let now = "2026-11-26T14:32:07+01:00";
        assert_eq!(means("03:12", now), "2026-11-26 02:12:00");
        assert_eq!(means("14:32:07", now), "2026-11-26 13:32:07");
        assert_eq!(means("14:33", now), "2026-11-25 13:33:00");
        assert_eq!(means("23:59:30", now), "2026-11-25 22:59:30");
        assert_eq!(means("today 03:12", now), "2026-11-26 02:12:00");
        assert_eq!(means("yesterday 03:12", now), "2026-11-25 02:12:00");
        assert_eq!(means("Yesterday  23:00", now), "2026-11-25 22:00:00");
    }

    #[test]
    fn spans_and_dates() {
        let now = "2026-11-26T14:32:07+01:00";
        assert_eq!(means("-2h", now), "2026-11-26 11:32:07");
        assert_eq!(means("-1h30m", now), "2026-11-26 12:02:07");
        assert_eq!(means("-90s", now), "2026-11-26 13:30:37");
        assert_eq!(means("-1d", now), "2026-11-25 13:32:07");
        assert_eq!(means("2026-11-25T03:12Z", now), "2026-11-25 03:12:00");
        assert_eq!(means("2026-11-25T03:12:44.5+05:30", now), "2026-11-24 21:42:44");
        assert_eq!(means("2026-11-25T03:12", now), "2026-11-25 02:12:00");
        assert_eq!(means("2026-11-25 03:12:01", now), "2026-11-25 02:12:01");
    }

    #[test]
    fn a_time_that_came_twice_is_the_later_one_that_has_passed() {
        assert_eq!(means("02:30", "2026-10-25T04:00:00+01:00"), "2026-10-25 01:30:00");
        assert_eq!(means("02:30", "2026-10-25T02:10:00+01:00"), "2026-10-25 00:30:00");
        assert_eq!(means("yesterday 02:30", "2026-10-26T12:00:00+01:00"), "2026-10-25 01:30:00");
    }

    #[test]
    fn a_time_that_was_left_out_is_that_of_the_day_before() {
        assert_eq!(means("02:30", "2026-03-29T12:00:00+02:00"), "2026-03-28 01:30:00");
        assert_eq!(means("2026-03-29 02:30", "2026-03-29T12:00:00+02:00"), "2026-03-29 01:30:00");
    }

    #[test]
    fn what_is_not_a_time_says_what_was_expected() {
        let now = "2026-11-26T14:32:07+01:00";
        for text in [
            "",
            "3",
            "25:00",
            "-2",
            "-2w",
            "-",
            "tomorrow 03:12",
            "2026-13-01T00:00Z",
            "-99999999999999999999h",
        ] {
            assert_eq!(means(text, now), format!("expected {FORMS}, got {text:?}"));
        }
        assert_eq!(means("2026-11-27T00:00Z", now), "2026-11-27T00:00Z lies ahead");
    }
}
