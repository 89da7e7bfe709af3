//! The store, fed by hand.

use super::*;
use crate::{
    health::State,
    history::Series,
    reading::DeviceReading,
    vocabulary::{COMMAND, CPU, CPU_SECONDS, HOST, LOAD1, MEMORY, PERCENT, PROCESS, STATE},
};

pub(in crate::model) fn remote(name: &str) -> Described {
    Described {
        provider: "remote",
        source: Source::named(name),
        interval: Duration::from_secs(1),
        tags: Arc::default(),
        groups: Default::default(),
        expected_offline: false,
        many: false,
        has_past: false,
        attached: false,
    }
}

pub(in crate::model) fn at(t: u64) -> Moment {
    Moment::from_secs(t)
}

pub(in crate::model) fn good(instance: usize, t: u64, readings: Vec<DeviceReading>) -> Update {
    let answer = PollResult::of(vec![SourceReadings::own(at(t), readings)]);
    Update { instance, at: at(t), result: Ok(answer), retry: None, took: None }
}

pub(in crate::model) fn bad(instance: usize, t: u64, why: &str) -> Update {
    let failure = Failure::new(Class::Unreachable, why);
    Update { instance, at: at(t), result: Err(failure), retry: Some(at(t + 8)), took: None }
}

pub(in crate::model) fn cpu(n: u32, percent: f64) -> DeviceReading {
    DeviceReading::new(CPU, format!("CPU{n}")).with(&PERCENT, percent)
}

fn names(store: &Store, source: usize) -> Vec<String> {
    let view = &store.snapshot().sources[source];
    view.instances.iter().flat_map(|i| i.all().iter().map(|d| d.name.to_string())).collect()
}

#[test]
fn names_that_join_to_one_label_stay_two_devices() {
    let mut store = Store::new();
    let (a, b) = (store.add(remote("Jerry")), store.add(remote("Jerry-2")));
    store.take(good(a, 1, vec![DeviceReading::new(CPU, "2-CPU0").with(&PERCENT, 1.0)]));
    store.take(good(b, 1, vec![DeviceReading::new(CPU, "CPU0").with(&PERCENT, 2.0)]));
    let sources = store.snapshot().sources;
    let label = |s: &SourceView| {
        let d = s.devices(CPU).next().unwrap();
        (s.source.label(&d.name), d.value(&PERCENT).unwrap())
    };
    assert_eq!(label(&sources[0]), ("Jerry-2-CPU0".to_owned(), 1.0));
    assert_eq!(label(&sources[1]), ("Jerry-2-CPU0".to_owned(), 2.0));
}

#[test]
fn one_source_is_fed_by_many_instances() {
    let mut store = Store::new();
    let local = |provider| Described { provider, source: Source::Local, ..remote("x") };
    let (a, b) = (store.add(local("cpu")), store.add(local("host")));
    store.take(good(a, 1, vec![cpu(0, 50.0)]));
    store.take(good(b, 1, vec![DeviceReading::new(HOST, "").with(&LOAD1, 0.5)]));
    store.take(good(a, 2, vec![cpu(0, 60.0)]));
    let snapshot = store.snapshot();
    assert_eq!(snapshot.sources.len(), 1);
    assert_eq!(snapshot.sources[0].summary.cpu, Some(60.0));
    assert_eq!(snapshot.sources[0].summary.load, Some(0.5), "the other's devices stay");
}

#[test]
fn one_hung_instance_does_not_take_the_machine_down() {
    let mut store = Store::new();
    let local = |provider| Described { provider, source: Source::Local, ..remote("x") };
    let (a, b) = (store.add(local("cpu")), store.add(local("disk")));
    store.take(good(a, 100, vec![cpu(0, 50.0)]));
    store.take(bad(b, 100, "hung"));
    assert_eq!(store.snapshot().sources[0].state(at(100)), State::Stale);
    store.take(bad(a, 200, "hung"));
    assert_eq!(store.snapshot().sources[0].state(at(200)), State::Down);
}

#[test]
fn a_failure_shows_its_reason_beside_the_time_of_the_last_good_answer() {
    let mut store = Store::new();
    let id = store.add(remote("nas"));
    assert!(store.take(good(id, 10, vec![cpu(0, 5.0)])), "the first answer is news");
    assert!(!store.take(good(id, 11, vec![cpu(0, 5.0)])));
    assert!(store.take(bad(id, 12, "refused")), "a new failure is news");
    assert!(!store.take(bad(id, 13, "refused")), "the same failure again is none");
    let view = &store.snapshot().sources[0];
    assert_eq!(view.failure(at(13)).unwrap().reason(), "refused");
    assert_eq!(view.age(at(13)), Some(Duration::from_secs(2)));
    assert_eq!(view.instances[0].health.failing_since, Some(at(12)));
    assert_eq!(view.state(at(17)), State::Down);
    assert!(store.take(good(id, 18, vec![cpu(0, 5.0)])), "a recovery is news");
    assert_eq!(store.snapshot().sources[0].state(at(18)), State::Live);
}

#[test]
fn absent_hardware_is_no_failure() {
    let mut store = Store::new();
    let id = store.add(remote("x"));
    let result = Err(Failure::absent());
    store.take(Update { instance: id, at: at(1), result, retry: None, took: None });
    assert_eq!(store.snapshot().sources[0].state(at(1)), State::Live);
}

#[test]
fn a_device_that_disappears_ages_out_but_a_process_is_gone_at_once() {
    let mut store = Store::new();
    let id = store.add(remote("x"));
    let process = DeviceReading::new(PROCESS, "7").in_generation(1);
    store.take(good(id, 10, vec![cpu(0, 1.0), cpu(1, 2.0), process]));
    store.take(good(id, 11, vec![cpu(0, 1.0)]));
    assert_eq!(names(&store, 0), ["CPU0", "CPU1"]);
    let (theme, settings) = Default::default();
    let snapshot = store.snapshot();
    let view = crate::view::View::new(&snapshot.sources, at(11), &theme, &settings);
    let old: Vec<_> = view.devices(CPU).map(|s| s.old).collect();
    assert_eq!(old, [false, true]);
    store.take(good(id, 16, vec![cpu(0, 1.0)]));
    assert_eq!(names(&store, 0), ["CPU0"]);
}

#[test]
fn a_repeated_key_keeps_the_first_and_is_counted() {
    let mut store = Store::new();
    let id = store.add(remote("x"));
    store.take(good(id, 1, vec![cpu(0, 1.0), cpu(0, 9.0), cpu(1, 2.0)]));
    let view = &store.snapshot().sources[0];
    assert_eq!(view.instances[0].repeated, 1);
    assert_eq!(view.device(CPU, "CPU0").unwrap().value(&PERCENT), Some(1.0));
}

#[test]
fn words_of_strangers_are_cleaned_whoever_read_them() {
    let mut store = Store::new();
    let id = store.add(remote("x"));
    let hostile = |seconds| {
        DeviceReading::new(PROCESS, "7\u{1b}[2J")
            .with(&CPU_SECONDS, seconds)
            .text(&COMMAND, format!("sh \u{202e}{}", "x".repeat(50_000)))
            .text(&STATE, "x".repeat(5000))
    };
    store.take(good(id, 1, vec![hostile(1.0)]));
    store.take(good(id, 2, vec![hostile(1.5)]));
    let view = &store.snapshot().sources[0];
    let device = view.devices(PROCESS).next().unwrap();
    assert_eq!(&*device.name, "7\u{fffd}[2J");
    assert_eq!(device.value(&PERCENT), Some(50.0), "it is found again by its clean name");
    let command = device.text(&COMMAND).unwrap();
    assert!(command.starts_with("sh \u{fffd}x"));
    assert_eq!(command.chars().count(), super::devices::LONGEST_LONG_TEXT);
    let state = device.text(&STATE).unwrap();
    assert_eq!(state.chars().count(), super::devices::LONGEST_TEXT);
}

#[test]
fn an_older_part_fills_history_only() {
    let mut store = Store::new();
    let keep =
        Keep { kind: CPU, quantity: &PERCENT, each_device: true, span: Duration::from_secs(60) };
    store.set_kept(vec![KeptSeries { selects: Arc::new(|_, _| true), keep }]);
    let id = store.add(remote("x"));
    store.take(good(id, 20, vec![cpu(0, 20.0)]));
    store.take(good(id, 19, vec![cpu(0, 19.0)]));
    let view = store.snapshot().sources[0].clone();
    let device = view.device(CPU, "CPU0").unwrap();
    assert_eq!(device.value(&PERCENT), Some(20.0));
    let window = crate::history::Window { bucket: Duration::from_secs(1), buckets: 2 };
    let line = view.history.buckets(
        &Series::of(CPU, &device.name, &PERCENT),
        at(20),
        window,
        Duration::from_secs(1),
    );
    assert_eq!(line.unwrap(), [Some(19.0), Some(20.0)]);
}

#[test]
fn an_instance_may_stand_for_many_sources() {
    let mut store = Store::new();
    let id = store.add(remote("site"));
    let part = |name: &str, t| SourceReadings {
        member: Some(name.into()),
        ..SourceReadings::own(at(t), vec![DeviceReading::new(MEMORY, "Main").with(&PERCENT, 1.0)])
    };
    let answer = PollResult::of(vec![part("a", 10), part("b", 4)]);
    store.take(Update { instance: id, at: at(10), result: Ok(answer), retry: None, took: None });
    let sources = store.snapshot().sources;
    let states: Vec<_> =
        sources.iter().map(|s| (s.source.name().to_owned(), s.state(at(10)))).collect();
    assert_eq!(states[1..], [("a".into(), State::Live), ("b".into(), State::Stale)]);
    store.remove(id);
    assert!(store.snapshot().sources.is_empty());
}

pub(super) fn told(id: usize, t: u64, answer: PollResult) -> Update {
    Update { instance: id, at: at(t), result: Ok(answer), retry: None, took: None }
}

#[test]
fn a_member_that_fails_is_down_with_its_own_reason_and_one_that_is_gone_is_forgotten() {
    let mut store = Store::new();
    let id = store.add(remote("site"));
    let part = |name: &str, t| SourceReadings {
        member: Some(name.into()),
        interval: Some(Duration::from_secs(15)),
        ..SourceReadings::own(at(t), vec![DeviceReading::new(MEMORY, "Main").with(&PERCENT, 1.0)])
    };
    let failed = |name: &str| (Arc::from(name), Failure::new(Class::Unreachable, "no route"));
    store.take(told(id, 10, PollResult::of(vec![part("a", 10), part("b", 10)])));
    store.take(told(
        id,
        50,
        PollResult {
            failed: vec![failed("b"), failed("c")],
            ..PollResult::of(vec![part("a", 40)])
        },
    ));
    let state = |store: &Store, name: &str, t| {
        let all = store.snapshot().sources;
        let found = all.iter().find(|s| s.source.name() == name).cloned();
        let why = |s: &SourceView| s.failure(at(t)).map(|f| f.reason().to_owned());
        found.map(|s| (s.state(at(t)), why(&s)))
    };
    let why = Some("no route".to_owned());
    assert_eq!(state(&store, "site", 50), Some((State::Live, None)));
    assert_eq!(state(&store, "a", 50), Some((State::Live, None)), "its own interval is 15 s");
    assert_eq!(state(&store, "b", 50), Some((State::Late, why.clone())), "by its own age");
    assert_eq!(state(&store, "b", 56), Some((State::Down, why.clone())));
    assert_eq!(state(&store, "c", 50), Some((State::Down, why)), "never heard of before");
    let gone = vec!["c".into(), "site".into()];
    store.take(told(id, 60, PollResult { gone, ..PollResult::of(vec![part("b", 60)]) }));
    assert_eq!(state(&store, "b", 60), Some((State::Live, None)), "it is back");
    assert_eq!(state(&store, "c", 60), None);
    assert!(state(&store, "site", 60).is_some(), "the instance's own source never goes so");
}

#[test]
fn what_is_told_of_the_past_fills_graphs_with_rates_too() {
    let mut store = Store::new();
    let keep = Keep {
        kind: PROCESS,
        quantity: &PERCENT,
        each_device: true,
        span: Duration::from_secs(60),
    };
    store.set_kept(vec![KeptSeries { selects: Arc::new(|_, _| true), keep }]);
    let id = store.add(remote("site"));
    let part = |t, worked| SourceReadings {
        member: Some("a".into()),
        ..SourceReadings::own(
            at(t),
            vec![DeviceReading::new(PROCESS, "7").with(&CPU_SECONDS, worked)],
        )
    };
    store.take(told(id, 40, PollResult::of(vec![part(40, 9.0)])));
    let past = vec![part(10, 1.0), part(20, 2.0), part(30, 7.0)];
    store.take(told(id, 41, PollResult::of(past)));
    let view = store.snapshot().sources[1].clone();
    let window = crate::history::Window { bucket: Duration::from_secs(10), buckets: 4 };
    let series = Series::of(PROCESS, &"7".into(), &PERCENT);
    let line = view.history.buckets(&series, at(40), window, Duration::from_secs(1)).unwrap();
    assert_eq!(line, [None, Some(10.0), Some(50.0), None]);
    assert_eq!(view.device(PROCESS, "7").unwrap().value(&CPU_SECONDS), Some(9.0), "not the past");
}

pub(in crate::model) fn member(name: &str, t: u64, seconds: f64) -> SourceReadings {
    SourceReadings {
        member: Some(name.into()),
        ..SourceReadings::own(at(t), vec![counted(seconds)])
    }
}

pub(in crate::model) fn members(instance: usize, t: u64, parts: Vec<SourceReadings>) -> Update {
    Update { instance, at: at(t), result: Ok(PollResult::of(parts)), retry: None, took: None }
}

fn counted(seconds: f64) -> DeviceReading {
    DeviceReading::new(CPU, "CPU0").with(&CPU_SECONDS, seconds)
}

/// What is counted of a source's processor, and what is derived of that.
fn busy(store: &Store, source: usize) -> (Option<f64>, Option<f64>) {
    let sources = store.snapshot().sources;
    let device = sources[source].device(CPU, "CPU0").unwrap();
    (device.value(&CPU_SECONDS), device.value(&PERCENT))
}

#[test]
fn who_asks_something_else_has_no_spike_and_no_members_of_before() {
    let mut store = Store::new();
    let id = store.add(remote("prom"));
    store.take(members(id, 1, vec![member("a", 1, 10.0), member("b", 1, 10.0)]));
    store.take(bad(id, 2, "refused"));
    store.change(
        id,
        Described { tags: ["new".to_owned()].as_slice().into(), ..remote("prom") },
        true,
        true,
    );
    let sources = store.snapshot().sources;
    let shown = |s: &SourceView| (s.source.name().to_owned(), s.failure(at(2)).is_some());
    let all: Vec<_> = sources.iter().map(|s| shown(s)).collect();
    assert_eq!(all, ["prom", "a", "b"].map(|name| (name.to_owned(), false)));
    assert!(sources.iter().all(|s| s.tags.len() == 1));
    // another machine of the same name, its clock behind: counters that have grown are not this one's
    store.take(members(id, 3, vec![member("a", 0, 900.0), member("c", 3, 1.0)]));
    let sources = store.snapshot().sources;
    let names: Vec<_> = sources.iter().map(|s| s.source.name()).collect();
    assert_eq!(names, ["prom", "a", "c"]);
    assert_eq!(busy(&store, 1), (Some(900.0), None), "nothing is derived");
    store.take(members(id, 5, vec![member("a", 2, 901.0)]));
    assert_eq!(store.snapshot().sources.len(), 3, "only the first answer decides");
}

#[test]
fn members_belong_to_groups_by_names_of_their_own() {
    let mut store = Store::new();
    let groups = crate::groups::Groups::of(&["web:web-*".to_owned(), "all:*".to_owned()]);
    let tags = ["site".to_owned()].as_slice().into();
    let id = store.add(Described { tags, groups: groups.clone(), ..remote("prom") });
    store.take(members(id, 1, vec![member("web-1", 1, 10.0), member("db", 1, 10.0)]));
    let tags = |store: &Store| {
        let sources = store.snapshot().sources;
        sources.iter().map(|s| s.tags.join(" ")).collect::<Vec<_>>()
    };
    assert_eq!(tags(&store), ["site all", "site web all", "site all"]);
    store.change(id, Described { groups, ..remote("prom") }, false, false);
    assert_eq!(tags(&store), ["all", "web all", "all"]);
}

#[test]
fn another_interval_goes_on_deriving() {
    let mut store = Store::new();
    let id = store.add(remote("a"));
    store.take(good(id, 1, vec![counted(0.0)]));
    let slow = Described { interval: Duration::from_secs(60), ..remote("a") };
    store.change(id, slow, true, false);
    store.take(good(id, 2, vec![counted(0.5)]));
    assert_eq!(busy(&store, 0), (Some(0.5), Some(50.0)));
    assert_eq!(store.snapshot().sources[0].state(at(60)), State::Live);
}

#[test]
fn what_a_person_knows_of_a_source_is_forgotten_when_it_recovers() {
    let mut store = Store::new();
    let (a, ups) =
        (store.add(remote("a")), store.add(Described { provider: "ups", ..remote("a") }));
    let knows = |store: &Store| store.snapshot().sources[0].acknowledged;
    store.take(good(a, 1, vec![cpu(0, 1.0)]));
    store.take(good(ups, 1, vec![]));
    store.take(bad(a, 20, "refused"));
    store.acknowledge(&Source::named("a"), true);
    store.take(good(ups, 20, vec![])); // it had been silent as well
    assert!(!knows(&store));
    store.acknowledge(&Source::named("a"), true);
    store.take(good(ups, 21, vec![]));
    store.take(bad(a, 21, "refused"));
    assert!(knows(&store), "who was well all the time has not recovered");
    store.take(good(a, 22, vec![cpu(0, 1.0)]));
    assert!(!knows(&store));
    store.acknowledge(&Source::named("b"), true); // nobody
}

#[test]
fn a_picture_is_added_up_once_and_finds_a_source_by_its_name() {
    let mut store = Store::new();
    let ids = ["x", "y", "z"].map(|name| store.add(remote(name)));
    store.take(good(ids[0], 10, vec![cpu(0, 10.0)]));
    store.take(good(ids[1], 10, vec![cpu(0, 90.0)]));
    store.take(bad(ids[2], 10, "refused"));
    let limits = Default::default();
    let snapshot = store.snapshot();
    let totals = snapshot.totals(at(10), &limits);
    assert_eq!((totals.sources, totals.state(State::Live), totals.state(State::Down)), (3, 2, 1));
    let cpu = totals.spread(crate::host_metric::HostMetric::Cpu);
    assert_eq!((cpu.known, cpu.mean(), cpu.over), (2, Some(50.0), 1));
    assert!(std::ptr::eq(totals, snapshot.totals(at(99), &limits)), "not once more");
    assert_eq!(snapshot.find(&Source::named("y")).unwrap().source, Source::named("y"));
    store.remove(ids[1]);
    let next = store.snapshot();
    assert!(next.find(&Source::named("y")).is_none() && next.number > snapshot.number);
    assert_eq!(next.find(&Source::named("z")).unwrap().source, Source::named("z"));
}
