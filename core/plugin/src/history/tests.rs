//! Series, graphs and instants, fed by hand.

use super::*;
use crate::{
    provider::{Class, Failure},
    reading::DeviceReading,
    source::Source,
    view::{Device, InstanceView, Role, SourceView},
    vocabulary::{CPU, PERCENT, PROCESS, STATE},
};

const SECOND: Duration = Duration::from_secs(1);

fn at(seconds: f64) -> Moment {
    Moment::from_nanos((seconds * 1e9) as u64)
}

/// Devices of one kind, as they are with an answer.
fn devices(read: Moment, all: &[(&str, f64)], kind: Kind) -> Devices {
    let device = |(name, value): &(&str, f64)| {
        let reading = DeviceReading::new(kind, *name).with(&PERCENT, *value).text(&STATE, "R");
        crate::derive::device(reading, None, read)
    };
    let list: Vec<Device> = all.iter().map(device).collect();
    let kinds = vec![(kind, 0..list.len())];
    Devices { list, kinds }
}

fn record(history: &History, seconds: f64, devices: &Devices, minutes: bool, span: Duration) {
    let keep = KeptKind { span, each_device: true, minutes };
    history.record(&Recorded {
        id: 0,
        provider: "cpu",
        at: at(seconds),
        devices,
        summary: &HostStats::of(devices.list.iter()),
        keeps: &|_| Some(keep),
        summary_span: Some(span),
        span,
    });
}

fn put(history: &History, seconds: f64, value: f64) {
    let devices = devices(at(seconds), &[("CPU0", value)], CPU);
    record(history, seconds, &devices, true, 600 * SECOND);
}

fn samples(all: &[(f64, f64)]) -> History {
    let history = History::default();
    all.iter().for_each(|&(t, v)| put(&history, t, v));
    history
}

fn buckets(history: &History, now: f64, window: Window, interval: Duration) -> Vec<Option<f64>> {
    let series = Series::of(CPU, &"CPU0".into(), &PERCENT);
    history.buckets(&series, at(now), window, interval).unwrap()
}

fn window(buckets: usize) -> Window {
    Window { bucket: SECOND, buckets }
}

#[test]
fn a_sample_keeps_its_bucket_while_the_window_moves() {
    let line = samples(&[(10.1, 1.0), (11.1, 2.0), (12.1, 3.0)]);
    let shown = |t| buckets(&line, t, window(3), SECOND);
    assert_eq!(shown(12.2), [Some(1.0), Some(2.0), Some(3.0)]);
    assert_eq!(shown(12.9), [Some(1.0), Some(2.0), Some(3.0)]);
    assert_eq!(shown(13.1), [Some(2.0), Some(3.0), Some(3.0)], "held until the next is due");
    assert_eq!(shown(14.0), [Some(3.0), Some(3.0), None], "then it is a gap");
    assert_eq!(shown(11.2), [None, Some(1.0), Some(2.0)], "nothing of what came later");
}

#[test]
fn a_slow_source_is_bridged_and_an_outage_is_not() {
    let line = samples(&[(10.0, 1.0), (12.0, 2.0), (20.0, 3.0)]);
    let got = buckets(&line, 20.0, window(11), 2 * SECOND);
    let some = |v: f64| Some(v);
    assert_eq!(got[..6], [some(1.0), some(1.0), some(2.0), some(2.0), some(2.0), some(2.0)]);
    assert_eq!(got[6..], [None, None, None, None, some(3.0)]);
}

#[test]
fn a_value_that_does_not_change_has_no_gap_where_it_was_read_and_one_in_an_outage() {
    let steady: Vec<_> = (10..15).chain(20..22).map(|t| (f64::from(t), 7.0)).collect();
    let got = buckets(&samples(&steady), 21.0, window(12), SECOND);
    let known: Vec<bool> = got.iter().map(Option::is_some).collect();
    assert_eq!(known[..6], [true; 6], "{got:?}");
    assert_eq!(known[6..], [false, false, false, false, true, true]);
}

#[test]
fn an_older_answer_fills_the_past_in_its_place() {
    let line = samples(&[(10.0, 1.0), (12.0, 3.0), (11.0, 2.0), (11.0, 9.0)]);
    assert_eq!(buckets(&line, 12.0, window(3), SECOND), [Some(1.0), Some(2.0), Some(3.0)]);
}

#[test]
fn a_line_is_bounded_by_its_span() {
    let history = History::default();
    for t in 0..5000 {
        let devices = devices(at(f64::from(t)), &[("CPU0", f64::from(t % 7))], CPU);
        record(&history, f64::from(t), &devices, false, 60 * SECOND);
    }
    assert!(history.first().unwrap() >= at(4999.0 - 80.0));
    assert!(history.bytes() < 12 * 1024, "{}", history.bytes());
    history.forget_before(at(4990.0));
    assert_eq!(history.first(), Some(at(4990.0)));
}

#[test]
fn several_samples_in_a_bucket_are_averaged() {
    let line = samples(&[(10.0, 10.0), (10.5, 20.0)]);
    assert_eq!(buckets(&line, 10.5, window(1), Duration::from_millis(500)), [Some(15.0)]);
}

#[test]
fn minutes_go_on_where_the_samples_end() {
    let line = History::default();
    for t in 30..660 {
        put(&line, f64::from(t), f64::from(t / 60));
    }
    line.forget_before(at(600.0));
    let minute = Window { bucket: 60 * SECOND, buckets: 11 };
    // the first minute is not whole
    let expected: Vec<_> = (0..11).map(|n| Some(f64::from(n)).filter(|n| *n > 0.0)).collect();
    assert_eq!(buckets(&line, 659.0, minute, SECOND), expected);
    let fine = buckets(&line, 659.0, window(120), SECOND);
    assert_eq!((fine[0], fine[119]), (Some(9.0), Some(10.0)));
    let series = Series::of(CPU, &"CPU0".into(), &PERCENT);
    assert_eq!(line.peak(&series, at(0.0), at(660.0)), Some(9.0));
    assert_eq!(line.peak(&Series::whole(CPU, &PERCENT), at(0.0), at(660.0)), Some(9.0));
    assert_eq!(line.peak(&series, at(60.0), at(240.0)), Some(3.0));
    line.halve_minutes();
    assert_eq!(buckets(&line, 659.0, minute, SECOND)[..5], [None, None, None, None, None]);
}

#[test]
fn what_devices_lack_comes_from_the_figures_of_the_source() {
    let history = History::default();
    for t in 0..30 {
        let devices = devices(at(f64::from(t)), &[("CPU0", f64::from(t))], CPU);
        // the host is open for ten seconds
        let keep = KeptKind { span: 600 * SECOND, each_device: true, minutes: false };
        history.record(&Recorded {
            id: 0,
            provider: "cpu",
            at: at(f64::from(t)),
            devices: &devices,
            summary: &HostStats::of(devices.list.iter()),
            keeps: &|_| (10..20).contains(&t).then_some(keep),
            summary_span: Some(600 * SECOND),
            span: 600 * SECOND,
        });
    }
    let series = Series::whole(CPU, &PERCENT);
    let whole = history.buckets(&series, at(29.0), window(30), SECOND).unwrap();
    assert_eq!(whole.iter().flatten().count(), 30, "{whole:?}");
    let core = Series::of(CPU, &"CPU0".into(), &PERCENT);
    let core = history.buckets(&core, at(29.0), window(30), SECOND).unwrap();
    assert!(core.iter().flatten().count() < 15, "{core:?}");
}

#[test]
fn nothing_is_drawn_before_the_first_sample() {
    let line = History::default();
    for t in 50..70 {
        put(&line, f64::from(t), 1.0);
    }
    let drawn = buckets(&line, 69.0, window(60), SECOND);
    assert_eq!(drawn.iter().flatten().count(), 20);
}

#[test]
fn busy_values_take_few_bytes_and_steady_ones_next_to_none() {
    let history = History::default();
    for t in 0..600 {
        let t = f64::from(t);
        let names: Vec<String> = (0..100).map(|n| format!("CPU{n}")).collect();
        let busy = |n: usize| if n < 10 { t / 8.0 % 97.0 } else { 5.0 };
        let all: Vec<_> = names.iter().enumerate().map(|(n, name)| (&**name, busy(n))).collect();
        record(&history, t, &devices(at(t), &all, CPU), false, 600 * SECOND);
    }
    // a series grows by doubling; each device has a name and texts; the figures have twelve columns
    let (busy, figures) = (10 * 600 * 8, 600 * 52);
    assert!(history.bytes() < 2 * (busy + figures) + 100 * 500, "{}", history.bytes());
}

fn view(history: &History) -> SourceView {
    let instance = InstanceView {
        id: 0,
        provider: "cpu",
        health: Health::new(SECOND),
        dialects: Vec::new(),
        notes: Vec::new(),
        left_out: Vec::new(),
        repeated: 0,
        unread_lines: 0,
        role: Role::Single,
        devices: Arc::default(),
    };
    SourceView {
        source: Source::named("web"),
        order: 0,
        tags: Arc::default(),
        labels: Arc::default(),
        expected_offline: false,
        acknowledged: false,
        remarks: Vec::new(),
        instances: vec![Arc::new(instance)],
        summary: HostStats::default(),
        history: history.clone(),
        engine_past: None,
    }
}

#[test]
fn a_source_is_shown_as_it_was() {
    let history = History::default();
    let mut health = Health::new(SECOND);
    let mut answer = |t: f64, all: &[(&str, f64)]| {
        record(&history, t, &devices(at(t), all, CPU), false, 600 * SECOND);
        health.last_good = Some(at(t));
        history.record_health(0, "cpu", at(t), &health);
    };
    answer(100.0, &[("CPU0", 0.45), ("CPU1", 17.3)]);
    answer(101.0, &[("CPU0", 99.9), ("CPU1", 17.3)]);
    answer(102.0, &[("CPU1", 17.3)]);
    let failure = Arc::new(Failure::new(Class::Unreachable, "refused"));
    let failing = Health { failure: Some(failure), failing_since: Some(at(103.0)), ..health };
    history.record_health(0, "cpu", at(103.0), &failing);
    let view = view(&history);
    let shown = |t: f64| {
        let past = view.past(at(t)).unwrap();
        let all = past.devices(CPU).map(|d| (d.name.to_string(), d.value(&PERCENT).unwrap()));
        (all.collect::<Vec<_>>(), past.state(at(t)), past.summary.hottest.map(|(_, value)| value))
    };
    use crate::health::State::{Down, Live};
    let two = |a: f64| vec![("CPU0".to_owned(), a), ("CPU1".to_owned(), 17.3)];
    assert_eq!(shown(100.9), (two(0.45), Live, Some(17.3)), "as it was read, digit by digit");
    assert_eq!(shown(101.0), (two(99.9), Live, Some(99.9)));
    let gone = vec![("CPU1".to_owned(), 17.3), ("CPU0".to_owned(), 99.9)];
    assert_eq!(shown(102.0), (gone, Live, Some(17.3)), "what disappears ages out");
    assert_eq!(shown(103.5).1, Live, "one failure does not change the state");
    assert_eq!(shown(110.0).1, Down);
    let past = view.past(at(110.0)).unwrap();
    assert_eq!(past.failure(at(110.0)).unwrap().reason(), "refused");
    assert!(view.past(at(99.0)).is_none(), "nothing was known");
    let outages = history.outages(at(0.0), at(111.0));
    assert_eq!(outages.len(), 1, "{outages:?}");
    assert_eq!((outages[0].since, outages[0].is_down), (at(107.0), true));
    assert_eq!(outages[0].reason, "refused");
}

#[test]
fn a_process_is_there_while_it_ran() {
    let history = History::default();
    for (t, all) in [(10.0, &[("7", 1.0)][..]), (11.0, &[("8", 2.0)]), (12.0, &[("7", 3.0)])] {
        record(&history, t, &devices(at(t), all, PROCESS), false, 600 * SECOND);
    }
    let view = view(&history);
    let pids = |t: f64| {
        let past = view.past(at(t)).unwrap();
        let of = |d: &Device| (d.name.to_string(), d.text(&STATE) == Some("R"));
        past.devices(PROCESS).map(of).collect::<Vec<_>>()
    };
    let one = |pid: &str| vec![(pid.to_owned(), true)];
    assert_eq!([10.0, 11.5, 12.0].map(pids), [one("7"), one("8"), one("7")]);
}

#[test]
fn steps_go_from_answer_to_answer() {
    let history = samples(&[(10.0, 1.0), (11.0, 1.0), (13.0, 2.0)]);
    assert_eq!(history.answer_before(at(13.0)), Some(at(11.0)));
    assert_eq!(history.answer_before(at(10.0)), None);
    assert_eq!(history.answer_after(at(11.0)), Some(at(13.0)));
    assert_eq!(history.answer_after(at(13.5)), None);
}

#[test]
fn the_figures_of_a_host_give_the_graph_of_the_whole() {
    let history = History::default();
    for t in [10.0, 11.0] {
        let devices = devices(at(t), &[("CPU0", 30.0), ("CPU1", 40.0)], CPU);
        history.record(&Recorded {
            id: 0,
            provider: "remote",
            at: at(t),
            devices: &devices,
            summary: &HostStats::of(devices.list.iter()),
            keeps: &|_| None,
            summary_span: Some(60 * SECOND),
            span: 60 * SECOND,
        });
    }
    let series = Series::whole(CPU, &PERCENT);
    let got = history.buckets(&series, at(11.0), window(2), SECOND);
    assert_eq!(got, Some(vec![Some(35.0), Some(35.0)]));
    let past = view(&history).past(at(10.0)).unwrap();
    assert_eq!((past.summary.cpu, past.summary.cores), (Some(35.0), 2));
    assert_eq!(past.summary.hottest, Some(("CPU1".into(), 40.0)));
    assert_eq!(past.devices(CPU).count(), 0, "no device is kept");
}

#[test]
fn a_clock_of_weeks_is_moved() {
    let history = History::default();
    let day = 24.0 * 3600.0;
    for t in [100.0 * day, 120.0 * day, 121.9 * day, 122.5 * day] {
        put(&history, t, 1.0);
    }
    put(&history, 122.5 * day + 1.0, 4.0);
    assert_eq!(history.last(), Some(at(122.5 * day + 1.0)));
    assert_eq!(buckets(&history, 122.5 * day + 1.0, window(2), SECOND), [Some(1.0), Some(4.0)]);
}
