//! What fired at a moment of the past.

use super::{AlertChange, AlertEvent};
use crate::{
    alert::{ActiveAlert, AlertBoard},
    clock::Moment,
    source::Source,
};
use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// Alerts that began within this time are recent.
pub const RECENT: Duration = Duration::from_secs(600);
/// An alert is observed at most so long after the sample that it is about: at the moment of that sample it
/// fires already.
pub const LAG: Duration = Duration::from_secs(1);

/// What identifies an alert.
type AlertIdentity = (Arc<str>, Source, Option<Arc<str>>);

/// The time for which an alert fired.
#[derive(Clone, PartialEq, Debug)]
struct AlertSpan {
    alert: ActiveAlert,
    /// `None`: before the first moment that is known.
    began: Option<Moment>,
    /// `None`: it fires now.
    ended: Option<Moment>,
}

impl AlertSpan {
    fn holds(&self, at: Moment) -> bool {
        self.began.is_none_or(|began| began <= at + LAG) && self.ended.is_none_or(|end| at < end)
    }

    fn is_recent(&self, at: Moment) -> bool {
        self.began.is_some_and(|began| began <= at && at.since(began) < RECENT)
    }
}

/// Alerts with the moments at which they began and ended, as far back as they are kept. A clock that is set
/// changes nothing about it.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct AlertPast {
    /// In the order in which they began.
    spans: Vec<AlertSpan>,
    /// From when on all alerts are known; `None`: as far back as this program ran.
    from: Option<Moment>,
}

impl AlertPast {
    /// The past of these changes, the oldest first, and of what fires now. An alert has the text with
    /// which it began.
    pub fn new<'a>(
        events: impl Iterator<Item = &'a (Moment, AlertEvent)>,
        firing: Vec<ActiveAlert>,
        from: Option<Moment>,
    ) -> AlertPast {
        let mut spans: Vec<AlertSpan> = Vec::new();
        let mut open: HashMap<AlertIdentity, usize> = HashMap::new();
        for (at, event) in events {
            let id = (event.rule.clone(), event.source.clone(), event.device.clone());
            match (event.change, open.remove(&id)) {
                (AlertChange::Firing, _) => {
                    open.insert(id, spans.len());
                    let alert = alert_of(event);
                    spans.push(AlertSpan { alert, began: Some(*at), ended: None });
                }
                (AlertChange::Resolved, Some(nth)) => spans[nth].ended = Some(*at),
                // it fired before the first change that is kept: its values of then are not known
                (AlertChange::Resolved, None) => {
                    let alert = ActiveAlert { text: String::new(), ..alert_of(event) };
                    let fired = event.at.duration_since(event.since).unwrap_or_default();
                    let began = Some(at.before(fired));
                    spans.push(AlertSpan { alert, began, ended: Some(*at) });
                }
                (AlertChange::Ended, _) => {}
            }
        }
        for alert in firing {
            let id = (alert.rule.clone(), alert.source.clone(), alert.device.clone());
            if !open.contains_key(&id) {
                let alert = ActiveAlert { text: String::new(), ..alert };
                spans.push(AlertSpan { alert, began: None, ended: None });
            }
        }
        AlertPast { spans, from }
    }

    /// What fired at a moment, the newest first; `wall` is the time on the wall clock then.
    pub fn at(&self, at: Moment, wall: SystemTime) -> AlertBoard {
        if self.from.is_some_and(|from| at < from) {
            return AlertBoard { at: Some(wall), is_unknown: true, ..AlertBoard::default() };
        }
        let fired = self.spans.iter().filter(|span| span.holds(at));
        let mut firing: Vec<ActiveAlert> = fired.map(|span| span.alert.clone()).collect();
        firing.sort_by_key(|alert| std::cmp::Reverse(alert.since));
        let recent = self.spans.iter().filter(|span| span.is_recent(at)).count();
        AlertBoard { firing, recent, at: Some(wall), is_unknown: false }
    }
}

fn alert_of(event: &AlertEvent) -> ActiveAlert {
    ActiveAlert {
        rule: event.rule.clone(),
        severity: event.severity,
        source: event.source.clone(),
        device: event.device.clone(),
        since: event.since,
        text: event.text.clone(),
        acknowledged: event.acknowledged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::Severity;

    fn wall(second: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(second)
    }

    fn event(change: AlertChange, since: u64, now: u64, text: &str) -> (Moment, AlertEvent) {
        let event = AlertEvent {
            at: wall(now),
            change,
            rule: "full".into(),
            severity: Severity::Critical,
            source: Source::named("db"),
            device: None,
            since: wall(since),
            text: text.into(),
            tags: Arc::default(),
            acknowledged: false,
        };
        (Moment::from_secs(now), event)
    }

    fn at(past: &AlertPast, second: u64) -> AlertBoard {
        past.at(Moment::from_secs(second), wall(second))
    }

    fn texts(past: &AlertPast, second: u64) -> Vec<String> {
        at(past, second).firing.into_iter().map(|alert| alert.text).collect()
    }

    #[test]
    fn an_alert_fires_from_its_beginning_to_its_end_with_its_first_values() {
        let events = [
            event(AlertChange::Resolved, 50, 90, "mem 99 %"),
            event(AlertChange::Firing, 100, 100, "mem 93 %"),
            event(AlertChange::Resolved, 100, 200, "mem 97 %"),
            event(AlertChange::Firing, 1000, 1000, "mem 94 %"),
        ];
        let now = alert_of(&event(AlertChange::Firing, 1000, 1000, "mem 98 %").1);
        let past = AlertPast::new(events.iter(), vec![now], Some(Moment::from_secs(20)));
        assert_eq!(texts(&past, 60), [""], "the values of an alert from before are not known");
        assert_eq!(texts(&past, 95), [""; 0]);
        assert_eq!(texts(&past, 99), ["mem 93 %"], "the sample that it is about");
        assert_eq!(texts(&past, 100), ["mem 93 %"]);
        assert_eq!(texts(&past, 200), [""; 0]);
        assert_eq!(texts(&past, 2000), ["mem 94 %"]);
        assert_eq!((at(&past, 250).recent, at(&past, 750).recent), (2, 0));
        assert!(at(&past, 10).is_unknown && !at(&past, 20).is_unknown);
    }

    #[test]
    fn an_alert_that_was_restored_fires_at_any_moment() {
        let now = alert_of(&event(AlertChange::Firing, 1000, 1000, "mem 98 %").1);
        let past = AlertPast::new([].iter(), vec![now], None);
        assert_eq!(texts(&past, 2), [""]);
    }
}
