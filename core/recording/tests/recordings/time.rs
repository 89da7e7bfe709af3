//! Steps, marks, graphs and clocks.

use crate::scene::{Fed, Folder, at, event, replay, writer};
use manytop_core::{
    history::{Series, Window},
    past::{MarkKind, PastStore},
    vocabulary as v,
};
use manytop_recording::EventKind;
use std::time::Duration;

#[test]
fn steps_and_marks_are_found_without_unpacking_all() {
    let folder = Folder::new("steps");
    let (mut fed, mut writer) = (Fed::new(), writer(&folder.0));
    for step in 0..400 {
        fed.step(step, &mut writer);
        if step == 205 {
            writer.event(at(step), event(EventKind::Down, Some("db-1"), "refused"));
        }
        writer.flush().unwrap();
    }
    let mut replay = replay(&folder.0);
    let (first, last) = replay.span().unwrap();
    assert_eq!(last.since(first), at(399).since(at(0)));
    let moment = |step| first + at(step).since(at(0));
    assert_eq!(replay.sample_before(moment(300)), Some(moment(299)));
    assert_eq!(replay.sample_before(moment(301)), Some(moment(300)), "over the end of a block");
    assert_eq!(replay.sample_after(moment(299)), Some(moment(300)));
    assert_eq!(replay.sample_after(moment(399)), None);
    assert_eq!(replay.sample_before(moment(0)), None);
    let marks = replay.marks(first, last);
    let found: Vec<_> = marks.iter().map(|m| (m.at, m.kind, m.what.as_str())).collect();
    assert_eq!(found, [(moment(205), MarkKind::Down, "refused")]);
    let wall = replay.wall(moment(77));
    let back = replay.moment(wall);
    assert!(back.since(moment(77)).max(moment(77).since(back)) < Duration::from_millis(2));
}

#[test]
fn graphs_have_every_sample_from_the_first_on() {
    let folder = Folder::new("graphs");
    let (mut fed, mut writer) = (Fed::new(), writer(&folder.0));
    for step in 0..30 {
        fed.step(step, &mut writer);
        writer.flush().unwrap();
    }
    writer.close().unwrap();
    let mut replay = replay(&folder.0);
    let (first, last) = replay.span().unwrap();
    let snapshot = replay.at(last);
    for view in &snapshot.sources {
        assert_eq!(view.history.first(), Some(first));
        let window = Window { bucket: Duration::from_secs(1), buckets: 31 };
        let series = Series::whole(v::MEMORY, &v::USED_BYTES);
        let second = Duration::from_secs(1);
        let buckets = view.history.buckets(&series, last, window, second).unwrap();
        assert_eq!(buckets.iter().flatten().count(), 30, "{buckets:?}");
    }
}

#[test]
fn an_alert_of_less_than_a_second_fires_at_its_mark_and_not_at_the_end() {
    let folder = Folder::new("alert");
    let (mut fed, mut writer) = (Fed::new(), writer(&folder.0));
    let alert = |kind, text: &str| event(kind, Some("db-1"), &format!("full of db-1: {text}"));
    for step in 0..10 {
        fed.step(step, &mut writer);
        match step {
            4 => {
                writer.event(at(4), alert(EventKind::Critical, "mem 93 %"));
                let end = at(4) + Duration::from_millis(900);
                writer.event(end, alert(EventKind::Resolved, "resolved after 1s"));
            }
            7 => {
                // a device that was watched: it begins and ends at once
                writer.event(at(7), alert(EventKind::Warning, "sleep (7) exit"));
                writer.event(at(7), alert(EventKind::Resolved, "ended"));
            }
            _ => {}
        }
        writer.flush().unwrap();
    }
    let mut replay = replay(&folder.0);
    let (first, last) = replay.span().unwrap();
    let marks = replay.marks(first, last);
    let began = marks.iter().find(|mark| mark.kind == MarkKind::Critical).unwrap().at;
    let mut texts = |at| {
        let board = replay.alerts(at).unwrap();
        board.firing.into_iter().map(|alert| alert.text).collect::<Vec<_>>()
    };
    assert_eq!(texts(began), ["mem 93 %"]);
    assert_eq!(texts(began.before(Duration::from_millis(500))), ["mem 93 %"], "its sample");
    assert_eq!(texts(began + Duration::from_millis(950)), [""; 0]);
    assert_eq!(texts(last), [""; 0]);
    assert_eq!(texts(first + at(7).since(at(0))), [""; 0]);
}

#[test]
fn a_clock_that_is_set_neither_hides_nor_reorders_samples() {
    const HOUR: i64 = 3_600_000_000_000;
    const CLOCK: i64 = 1_795_000_000_000_000_000;
    let folder = Folder::new("clock");
    let mut writer = writer(&folder.0);
    let mut fed = Fed::new();
    // an hour back, as at the end of summer time, then two hours on
    let clock = |step: u64| match step {
        0..100 => CLOCK,
        100..200 => CLOCK - HOUR,
        _ => CLOCK + HOUR,
    };
    for step in 0..300 {
        let snapshot = fed.answer(step);
        writer.copy(&snapshot, clock(step));
        writer.flush().unwrap();
    }
    writer.close().unwrap();
    let mut replay = replay(&folder.0);
    let (first, last) = replay.span().unwrap();
    let mut samples = vec![first];
    while let Some(next) = replay.sample_after(*samples.last().unwrap()) {
        samples.push(next);
    }
    assert_eq!((samples.len(), samples.last()), (300, Some(&last)));
    let mut walls = Vec::new();
    replay.scan(first, last, |frame| {
        walls.push((frame.at, frame.wall));
        true
    });
    let at_step = |step: u64| {
        let nanos = at(step).as_nanos().saturating_add_signed(clock(step));
        std::time::UNIX_EPOCH + Duration::from_nanos(nanos)
    };
    let off = |wall: std::time::SystemTime, step| {
        wall.duration_since(at_step(step)).unwrap_or_else(|early| early.duration())
    };
    for step in [0, 99, 100, 199, 200, 299] {
        let moment = first + at(step).since(at(0));
        let (_, wall) = walls.iter().find(|(at, _)| *at == moment).unwrap();
        assert!(off(*wall, step) < Duration::from_millis(2), "step {step}: {wall:?}");
    }
}
