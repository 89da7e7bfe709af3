//! Alerts over time: pending, firing, resolved, acknowledged, restored.

use super::*;
use crate::{
    alert::Severity,
    clock::Moment,
    filter::{Compare, Expression, Term},
    host_metric::Limits,
    provider::{Class, Failure},
    reading::{DeviceReading, PollResult, SourceReadings},
    source::Source,
    store::{Described, Store, Update},
    view::Snapshot,
    vocabulary as v,
};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A store with hosts, on a simulated clock.
struct Fleet {
    store: Store,
    ids: Vec<usize>,
}

impl Fleet {
    fn new(names: &[&str], tags: &[&str]) -> Fleet {
        let mut store = Store::new();
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        let add = |name: &&str| {
            store.add(Described {
                provider: "remote",
                source: Source::named(name),
                interval: Duration::from_secs(1),
                tags: tags.clone().into(),
                groups: Default::default(),
                expected_offline: *name == "lab",
                many: false,
                has_past: false,
                attached: false,
            })
        };
        let ids = names.iter().map(add).collect();
        Fleet { store, ids }
    }

    fn answer(&mut self, nth: usize, second: u64, readings: Vec<DeviceReading>) {
        let at = Moment::from_secs(second);
        let result = Ok(PollResult::of(vec![SourceReadings::own(at, readings)]));
        let instance = self.ids[nth];
        self.store.take(Update { instance, at, took: None, result, retry: None });
    }

    fn fail(&mut self, nth: usize, second: u64) {
        let result = Err(Failure::new(Class::Unreachable, "connection refused"));
        let (instance, at) = (self.ids[nth], Moment::from_secs(second));
        self.store.take(Update { instance, at, took: None, result, retry: None });
    }

    fn snapshot(&self) -> Snapshot {
        self.store.snapshot()
    }
}

fn disk(name: &str, percent: f64) -> DeviceReading {
    DeviceReading::new(v::DISK, name).with(&v::PERCENT, percent).text(&v::MOUNTS, "/data")
}

fn process(pid: &str, generation: u64, command: &str) -> DeviceReading {
    DeviceReading::new(v::PROCESS, pid)
        .in_generation(generation)
        .text(&v::NAME, "python3")
        .text(&v::COMMAND, command)
}

fn wall(second: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(1_700_000_000 + second)
}

fn rule(name: &str, probe: Probe, hold: u64) -> AlertRule {
    AlertRule {
        probe: Some(probe),
        hold: Duration::from_secs(hold),
        severity: Severity::Critical,
        ..AlertRule::without_condition(name.into())
    }
}

fn full() -> Probe {
    Probe::Filter(Expression::Term(Term::DeviceMetric(v::DISK, &v::PERCENT, Compare::More, 90.0)))
}

fn down() -> Probe {
    Probe::Filter(Expression::parse("state=down").unwrap().unwrap())
}

fn tracker(all: Vec<AlertRule>, saved: SavedAlerts) -> AlertTracker {
    let watched = Some(AlertRule::without_condition("process".into()));
    AlertTracker::new(AlertRules { all, watched }, Limits::default(), saved, Moment::from_secs(0))
}

fn observe(tracker: &mut AlertTracker, hosts: &Fleet, second: u64) -> Vec<String> {
    let events = tracker.observe(&hosts.snapshot(), Moment::from_secs(second), wall(second));
    events.iter().map(|e| format!("{} {}", e.change.word(), e.line())).collect()
}

#[test]
fn an_alert_fires_after_its_time_and_ends_after_it() {
    let mut hosts = Fleet::new(&["db"], &[]);
    let mut tracker = tracker(vec![rule("full", full(), 10)], SavedAlerts::default());
    for second in 1..10 {
        hosts.answer(0, second, vec![disk("sda", 93.0), disk("sdb", 20.0)]);
        assert!(observe(&mut tracker, &hosts, second).is_empty(), "{second}");
    }
    hosts.answer(0, 10, vec![disk("sda", 50.0)]);
    assert!(observe(&mut tracker, &hosts, 10).is_empty(), "it begins again");
    let mut fired = Vec::new();
    for second in 11..30 {
        hosts.answer(0, second, vec![disk("sda", 93.0)]);
        let news = observe(&mut tracker, &hosts, second);
        fired.extend(news.into_iter().map(|line| (second, line)));
    }
    assert_eq!(fired, [(21, "firing full: db /data percent 93 %".to_owned())]);
    assert_eq!(tracker.board(wall(29)).firing.len(), 1);
    let mut ended = Vec::new();
    for second in 30..45 {
        hosts.answer(0, second, vec![disk("sda", if second == 33 { 95.0 } else { 50.0 })]);
        let news = observe(&mut tracker, &hosts, second);
        ended.extend(news.into_iter().map(|line| (second, line)));
    }
    assert_eq!(ended, [(44, "resolved full: db resolved after 23s".to_owned())]);
    assert_eq!(tracker.board(wall(45)).recent, 1);
}

#[test]
fn an_unknown_condition_keeps_the_state() {
    let mut hosts = Fleet::new(&["db"], &[]);
    let mut tracker = tracker(vec![rule("full", full(), 0)], SavedAlerts::default());
    hosts.answer(0, 1, vec![disk("sda", 93.0)]);
    assert_eq!(observe(&mut tracker, &hosts, 1).len(), 1);
    for second in 2..60 {
        hosts.fail(0, second);
        assert!(observe(&mut tracker, &hosts, second).is_empty(), "{second}");
    }
    assert_eq!(tracker.board(wall(60)).firing.len(), 1, "the host's death does not resolve it");
    hosts.answer(0, 61, vec![disk("sda", 40.0)]);
    assert_eq!(observe(&mut tracker, &hosts, 61).len(), 1);
    hosts.answer(0, 62, vec![disk("sda", 93.0)]);
    observe(&mut tracker, &hosts, 62);
    hosts.answer(0, 63, vec![disk("sdb", 1.0)]);
    let news = observe(&mut tracker, &hosts, 63);
    assert!(news[0].starts_with("resolved full: db"), "an unmounted disk is over: {news:?}");
}

#[test]
fn many_equal_alerts_are_one_notice_with_count_and_shared_group() {
    let names: Vec<String> = (0..300).map(|n| format!("web-{n}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).chain(["lab"]).collect();
    let mut hosts = Fleet::new(&names, &["web"]);
    let mut tracker = tracker(vec![rule("host-down", down(), 0)], SavedAlerts::default());
    (0..names.len()).for_each(|nth| hosts.answer(nth, 1, Vec::new()));
    let mut notices = Notices::default();
    let mut sent = Vec::new();
    for second in 2..40 {
        (0..names.len())
            .filter(|nth| second > 3 || nth % 2 == 0)
            .for_each(|n| hosts.fail(n, second));
        let events = tracker.observe(&hosts.snapshot(), Moment::from_secs(second), wall(second));
        events.into_iter().for_each(|event| notices.add(event));
        sent.extend(notices.due(wall(second)));
    }
    let lines: Vec<String> = sent.iter().map(Notice::line).collect();
    assert_eq!(lines.len(), 1, "{lines:?}");
    let expected = "host-down: 300 alerts of web: web-0 web-1 web-2 …";
    assert!(lines[0].starts_with(expected), "expected hosts may be down: {lines:?}");
    let json = sent[0].to_json();
    assert_eq!((json["count"].as_u64(), json["group"].as_str()), (Some(300), Some("web")));
    assert_eq!(json["alerts"].as_array().map(Vec::len), Some(100), "the list is bounded");
}

#[test]
fn a_restart_restores_what_fires_and_does_not_tell_it_again() {
    let mut hosts = Fleet::new(&["db"], &[]);
    let mut first = tracker(vec![rule("host-down", down(), 0)], SavedAlerts::default());
    hosts.fail(0, 1);
    assert_eq!(observe(&mut first, &hosts, 1).len(), 1);
    first.acknowledged.add(AckEntry {
        target: AckTarget::Host(Source::named("db")),
        at: wall(1),
        until: Some(wall(100)),
    });
    let text = first.saved().to_text();
    let saved = SavedAlerts::parse(&text).unwrap();
    assert_eq!(saved, first.saved());
    let mut second = tracker(vec![rule("host-down", down(), 0)], saved);
    assert!(observe(&mut second, &hosts, 2).is_empty());
    let firing = second.board(wall(2)).firing;
    assert!(firing.len() == 1 && firing[0].acknowledged);
    assert_eq!(firing[0].since, wall(1));
    hosts.answer(0, 3, Vec::new());
    let news = observe(&mut second, &hosts, 3);
    assert_eq!(news, ["resolved host-down: db resolved after 2s"]);
    for (text, says) in [("{", "not JSON"), ("{}", "version"), ("{\"version\":2}", "got 2")] {
        assert!(SavedAlerts::parse(text).unwrap_err().contains(says), "{text}");
    }
}

#[test]
fn a_restart_does_not_restore_alerts_of_hosts_that_left_the_config() {
    let mut hosts = Fleet::new(&["db", "web"], &[]);
    let mut first = tracker(vec![rule("host-down", down(), 0)], SavedAlerts::default());
    hosts.fail(0, 1);
    hosts.fail(1, 1);
    assert_eq!(observe(&mut first, &hosts, 1).len(), 2);
    let saved = first.saved();
    let mut hosts = Fleet::new(&["db"], &[]);
    hosts.fail(0, 2);
    let mut second = tracker(vec![rule("host-down", down(), 0)], saved);
    assert!(second.board(wall(2)).firing.is_empty(), "no host is known yet");
    assert!(observe(&mut second, &hosts, 2).is_empty());
    let firing = |tracker: &AlertTracker| -> Vec<String> {
        let firing = tracker.board(wall(2)).firing;
        firing.iter().map(|alert| alert.source.name().to_owned()).collect()
    };
    assert_eq!(firing(&second), ["db"]);
    assert_eq!(second.saved().firing.len(), 2, "a relay may still name it");
    hosts.fail(0, 200);
    assert!(observe(&mut second, &hosts, 200).is_empty(), "it has not recovered");
    assert_eq!((firing(&second), second.saved().firing.len()), (vec!["db".to_owned()], 1));
}

#[test]
fn an_acknowledgement_ends_with_its_time_or_with_recovery() {
    let mut hosts = Fleet::new(&["db"], &[]);
    let mut tracker = tracker(vec![rule("full", full(), 0)], SavedAlerts::default());
    hosts.answer(0, 1, vec![disk("sda", 93.0)]);
    observe(&mut tracker, &hosts, 1);
    let alert = AckTarget::Alert {
        rule: "full".into(),
        source: Source::named("db"),
        device: Some("sda".into()),
    };
    let entry = |target, until| AckEntry { target, at: wall(1), until };
    tracker.acknowledged.add(entry(alert.clone(), None));
    tracker.acknowledged.add(entry(AckTarget::Host(Source::named("db")), Some(wall(5))));
    observe(&mut tracker, &hosts, 2);
    assert_eq!(tracker.acknowledged.entries().len(), 2);
    hosts.answer(0, 5, vec![disk("sda", 93.0)]);
    observe(&mut tracker, &hosts, 5);
    assert_eq!(tracker.acknowledged.entries()[0].target, alert, "the other's time has passed");
    hosts.answer(0, 6, vec![disk("sda", 3.0)]);
    observe(&mut tracker, &hosts, 6);
    assert!(tracker.acknowledged.entries().is_empty(), "it has recovered");
}

#[test]
fn a_process_that_ends_is_told_once() {
    let mut hosts = Fleet::new(&["gpu"], &[]);
    let text = crate::filter::TextTest::Holds("train.py".into());
    let field = crate::filter::DeviceField::Text(&v::COMMAND);
    let term = Term::DeviceText(v::PROCESS, field, text);
    let when = Probe::Filter(Expression::Term(term));
    let gone = AlertRule { gone: true, ..rule("train", when, 0) };
    let mut tracker = tracker(vec![gone], SavedAlerts::default());
    let others = || process("1", 7, "init");
    hosts.answer(0, 1, vec![others(), process("42", 100, "python3 train.py")]);
    assert!(observe(&mut tracker, &hosts, 1).is_empty());
    let watch = ProcessWatch {
        source: Source::named("gpu"),
        pid: "42".into(),
        generation: 100,
        name: "python3".into(),
        since: Moment::from_secs(1),
        ran: Some(Duration::from_secs(11_400)),
    };
    assert!(tracker.watch(watch.clone()), "watched");
    assert!(!tracker.watch(watch.clone()), "no longer");
    tracker.watch(watch);
    for second in 2..30 {
        hosts.fail(0, second);
        assert!(observe(&mut tracker, &hosts, second).is_empty(), "unknown while it is down");
    }
    // the same pid, another process
    hosts.answer(0, 121, vec![others(), process("42", 900, "sleep 9")]);
    let news = observe(&mut tracker, &hosts, 121);
    assert_eq!(news.len(), 2, "{news:?}");
    assert!(news[0].contains("train: gpu python3 (42) command python3 train.py ended"), "{news:?}");
    assert!(news[1].ends_with("process: gpu python3 (42) exit after 3h12m"), "{news:?}");
    hosts.answer(0, 122, vec![others()]);
    assert!(observe(&mut tracker, &hosts, 122).is_empty());
}

#[test]
fn an_event_reads_back_from_its_json() {
    let mut hosts = Fleet::new(&["db"], &["prod"]);
    let mut tracker = tracker(vec![rule("full", full(), 0)], SavedAlerts::default());
    hosts.answer(0, 1, vec![disk("sda", 93.0)]);
    observe(&mut tracker, &hosts, 1);
    let event = tracker.events().next().unwrap();
    assert_eq!(AlertEvent::from_json(&event.to_json()).as_ref(), Some(event));
    assert_eq!(AlertEvent::from_json(&serde_json::json!({"at_ms": 1})), None);
}
