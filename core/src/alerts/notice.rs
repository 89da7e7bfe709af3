//! Notices: equal changes within a few seconds are one, so that 300 hosts that are lost at once are one
//! message with a count and the group that they share.

use super::{AlertChange, AlertEvent};
use serde_json::{Value, json};
use std::{
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Equal changes within this time are one notice.
pub const WINDOW: Duration = Duration::from_secs(10);
/// A notice in JSON lists at most so many alerts; its count has all of them.
const LISTED: usize = 100;

/// One message about one or more alerts of a rule that changed alike.
#[derive(Clone, PartialEq, Debug)]
pub struct Notice {
    /// What happened.
    pub change: AlertChange,
    /// The rule's name.
    pub rule: Arc<str>,
    /// The changes, the first one first; never empty.
    pub events: Vec<AlertEvent>,
}

impl Notice {
    /// The group that all hosts of it are in, where there are several.
    pub fn group(&self) -> Option<&str> {
        let (first, rest) = self.events.split_first()?;
        let shared = |tag: &&String| rest.iter().all(|event| event.tags.contains(tag));
        (!rest.is_empty()).then(|| first.tags.iter().find(shared)).flatten().map(String::as_str)
    }

    /// As a line for people: `disk: db-3 /data 93 % > 90`, `host-down: 300 hosts (web): …`.
    pub fn line(&self) -> String {
        match self.events.as_slice() {
            [] => self.rule.to_string(),
            [one] => one.line(),
            [first, rest @ ..] => {
                let group = self.group().map(|tag| format!(" of {tag}")).unwrap_or_default();
                let word = match self.change {
                    AlertChange::Firing => "alerts",
                    AlertChange::Resolved => "alerts resolved",
                    AlertChange::Ended => "ended",
                };
                let count = rest.len() + 1;
                let names: Vec<&str> =
                    self.events.iter().take(3).map(|event| event.source.name()).collect();
                let more = if count > 3 { " …" } else { "" };
                let text = if first.text.is_empty() || self.change == AlertChange::Resolved {
                    String::new()
                } else {
                    format!("; the first: {}", first.text)
                };
                format!("{}: {count} {word}{group}: {}{more}{text}", self.rule, names.join(" "))
            }
        }
    }

    /// As JSON, for webhooks and for the standard input of programs.
    pub fn to_json(&self) -> Value {
        let listed = self.events.iter().take(LISTED).map(|event| {
            json!({
                "source": event.source.name(),
                "device": event.device.as_deref(),
                "since": timestamp(event.since),
                "at": timestamp(event.at),
                "text": event.text,
                "tags": &event.tags[..],
            })
        });
        let first = self.events.first();
        json!({
            "rule": &*self.rule,
            "change": self.change.word(),
            "severity": first.map(|event| event.severity.word()),
            "count": self.events.len(),
            "group": self.group(),
            "text": self.line(),
            "alerts": listed.collect::<Vec<_>>(),
        })
    }
}

/// A time as RFC 3339 in UTC, to the millisecond.
pub fn timestamp(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (seconds, millis) = (since.as_secs(), since.subsec_millis());
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    // the days of the civil calendar, counted from 1 March of year 0
    let shifted = days + 719_468;
    let (era, day) = (shifted / 146_097, shifted % 146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let part = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * part + 2) / 5 + 1;
    let month = if part < 10 { part + 3 } else { part - 9 };
    let year = year + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (rest / 3600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millis:03}Z")
}

/// Gathers events into notices.
#[derive(Default, Debug)]
pub struct Notices {
    open: Vec<(SystemTime, Notice)>,
}

impl Notices {
    /// Adds a change. Acknowledged ones are left out.
    pub fn add(&mut self, event: AlertEvent) {
        if event.acknowledged {
            return;
        }
        let equal = |notice: &Notice| notice.rule == event.rule && notice.change == event.change;
        match self.open.iter_mut().find(|(_, notice)| equal(notice)) {
            Some((_, notice)) => notice.events.push(event),
            None => {
                let (change, rule) = (event.change, event.rule.clone());
                let at = event.at;
                self.open.push((at, Notice { change, rule, events: vec![event] }));
            }
        }
    }

    /// The notices that are due; the end of a device is sent at once.
    pub fn due(&mut self, now: SystemTime) -> Vec<Notice> {
        let is_due = |(at, notice): &mut (SystemTime, Notice)| {
            let early = now < *at; // the clock was set back
            let waited = now.duration_since(*at).unwrap_or_default();
            early || waited >= WINDOW || notice.change == AlertChange::Ended
        };
        self.open.extract_if(.., is_due).map(|(_, notice)| notice).collect()
    }

    /// All notices, whether or not they are due.
    pub fn take(&mut self) -> Vec<Notice> {
        self.open.drain(..).map(|(_, notice)| notice).collect()
    }

    /// Whether a notice waits for equal changes.
    pub fn is_waiting(&self) -> bool {
        !self.open.is_empty()
    }
}
