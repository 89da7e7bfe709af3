//! An engine that is told to ask others than before.

use super::*;
use manytop_core::{
    history::{Series, Window},
    options::Opt,
    theme::Theme,
    view::{Settings, View},
    widget::Keep,
};
use std::collections::BTreeMap;

static VALUE: Opt<String> = Opt::<String>::with_default("value", "1", "What it answers");
static FILE: Opt<Option<std::path::PathBuf>> =
    Opt::<Option<std::path::PathBuf>>::optional("file", "");

/// Answers its value, and which of all that were ever built it is.
struct Answers {
    value: f64,
    built: usize,
    polls: &'static Mutex<BTreeMap<usize, usize>>,
}

impl Provider for Answers {
    fn poll<'a>(&'a mut self, _: &'a Selection) -> Polling<'a> {
        *self.polls.lock().unwrap().entry(self.built).or_default() += 1;
        let reading =
            DeviceReading::new(CPU, "x").with(&PERCENT, self.value).with(&LOAD1, self.built as f64);
        Box::pin(async { Ok(PollResult::now(vec![reading])) })
    }
}

/// A plugin of its own for each test, with its own count of what was built.
macro_rules! answers {
    ($plugin:ident, $polls:ident) => {
        static $polls: Mutex<BTreeMap<usize, usize>> = Mutex::new(BTreeMap::new());
        static $plugin: Plugin = Plugin::polls("answers", "", |options| {
            static BUILT: AtomicUsize = AtomicUsize::new(0);
            let value = options.get(&VALUE).parse().unwrap();
            let built = BUILT.fetch_add(1, Ordering::SeqCst);
            Ok(Box::new(Answers { value, built, polls: &$polls }))
        })
        .options(&[VALUE.spec(), FILE.spec()])
        .yields(&[Provides::new(CPU, &[&LOAD1])]);
    };
}

fn named(plugin: &'static Plugin, name: &str, given: &[(&str, &str)]) -> EngineInstance {
    let options = Options::parse(plugin.specs(), given).unwrap();
    EngineInstance {
        name: Some(name.into()),
        source: Source::named(name),
        refresh: Duration::from_millis(50),
        timeout: Duration::from_millis(200),
        tags: [].into(),
        groups: Default::default(),
        expected_offline: false,
        closely: None,
        job: Job::new(plugin, options).unwrap(),
    }
}

fn watched() -> Demands {
    let wants = Wants {
        want: Selection::kinds(&[CPU]),
        history: vec![Keep { kind: CPU, quantity: &PERCENT, each_device: true, span: PATIENCE }],
    };
    let demands = vec![Demand {
        selects: Arc::new(|_, _| true),
        wants,
        scheduled: true,
        closely: false,
        past: None,
    }];
    Demands { demands, frame: Some(Duration::from_millis(20)), past: None }
}

fn find(engine: &Engine, name: &str) -> Option<Arc<SourceView>> {
    engine.view().sources.iter().find(|s| s.source.name() == name).cloned()
}

/// The values of a source now, and the instance that gave them.
fn said(engine: &Engine, name: &str) -> Option<(f64, usize)> {
    let source = find(engine, name)?;
    let device = source.device(CPU, "x")?;
    Some((device.value(&PERCENT)?, device.value(&LOAD1)? as usize))
}

fn waits_for(engine: &Engine, name: &str, expected: (f64, usize)) {
    wait_for(name, || (said(engine, name) == Some(expected)).then_some(()));
}

/// The values in a source's graph, without gaps.
fn graph(engine: &Engine, name: &str) -> Vec<f64> {
    let source = find(engine, name).unwrap();
    let (theme, settings) = (Theme::default(), Settings::default());
    let view = View::new(std::slice::from_ref(&source), Moment::now(), &theme, &settings);
    let series = Series::of(CPU, &"x".into(), &PERCENT);
    let window = Window { bucket: Duration::from_millis(1), buckets: 30_000 };
    let mut values: Vec<f64> = view.graph(&source, &series, window).into_iter().flatten().collect();
    values.dedup();
    values
}

fn number(engine: &Engine, name: &str) -> (usize, usize) {
    let source = find(engine, name).unwrap();
    (source.order, source.instances[0].id)
}

#[test]
fn those_that_stay_go_on_and_what_changed_keeps_its_past() {
    answers!(PLUGIN, POLLS);
    let of = |name: &str, value: &str| named(&PLUGIN, name, &[("value", value)]);
    let first = vec![of("stays", "1"), of("changes", "2"), of("goes", "3")];
    let engine = Engine::start(first, || {}).unwrap();
    engine.demand(watched());
    waits_for(&engine, "stays", (1.0, 0));
    waits_for(&engine, "changes", (2.0, 1));
    waits_for(&engine, "goes", (3.0, 2));
    let before = ["stays", "changes"].map(|name| number(&engine, name));

    engine.reconfigure(vec![of("comes", "4"), of("changes", "5"), of("stays", "1")]);
    waits_for(&engine, "comes", (4.0, 3));
    waits_for(&engine, "changes", (5.0, 4));
    assert!(find(&engine, "goes").is_none());
    assert_eq!(said(&engine, "stays"), Some((1.0, 0)), "by the same one as ever");
    assert_eq!(["stays", "changes"].map(|name| number(&engine, name)), before);
    assert_eq!(graph(&engine, "changes"), [2.0, 5.0]);
    assert_eq!(graph(&engine, "stays"), [1.0]);
    let polls = POLLS.lock().unwrap().clone();
    wait_for("more of those that stayed", || {
        let now = POLLS.lock().unwrap().clone();
        assert_eq!((now[&1], now[&2]), (polls[&1], polls[&2]), "the old ones have ended");
        [0, 3, 4].iter().all(|built| now[built] > polls[built] + 2).then_some(())
    });
    assert!(!POLLS.lock().unwrap().contains_key(&5), "what was built to compare asks nobody");

    engine.reconfigure(vec![]);
    wait_for("nobody", || engine.view().sources.is_empty().then_some(()));
}

#[test]
fn an_interval_changes_without_losing_anything_and_tags_without_asking_anew() {
    answers!(PLUGIN, POLLS);
    let of = |name: &str| named(&PLUGIN, name, &[]);
    let engine = Engine::start(vec![of("timed"), of("tagged")], || {}).unwrap();
    engine.demand(watched());
    waits_for(&engine, "timed", (1.0, 0));
    waits_for(&engine, "tagged", (1.0, 1));
    let hour = EngineInstance { refresh: Duration::from_secs(3600), ..of("timed") };
    let tags =
        EngineInstance { tags: ["db".to_owned()].into(), expected_offline: true, ..of("tagged") };
    engine.reconfigure(vec![hour, tags]);
    waits_for(&engine, "timed", (1.0, 2));
    let tagged = find(&engine, "tagged").unwrap();
    assert!(tagged.expected_offline && *tagged.tags == ["db".to_owned()]);
    assert_eq!(said(&engine, "tagged"), Some((1.0, 1)));
    let health = find(&engine, "timed").unwrap().instances[0].health.clone();
    assert_eq!(health.interval, Duration::from_secs(3600));
    assert_eq!(POLLS.lock().unwrap()[&2], 1, "once an hour");
}

#[test]
fn a_file_that_an_option_names_is_read_anew_when_it_has_changed() {
    answers!(PLUGIN, POLLS);
    let path = std::env::temp_dir().join(format!("manytop-renewed-{}", std::process::id()));
    let of = |name| named(&PLUGIN, name, &[("file", path.to_str().unwrap())]);
    std::fs::write(&path, "old").unwrap();
    let engine = Engine::start(vec![of("a")], || {}).unwrap();
    engine.demand(watched());
    waits_for(&engine, "a", (1.0, 0));
    std::fs::write(&path, "newer").unwrap();
    engine.reconfigure(vec![of("a")]);
    waits_for(&engine, "a", (1.0, 1));
    std::fs::remove_file(path).unwrap();
    assert!(POLLS.lock().unwrap().contains_key(&1));
}

#[test]
fn an_attempt_under_way_ends_with_its_instance() {
    static ASKED: AtomicUsize = AtomicUsize::new(0);
    static DROPPED: AtomicUsize = AtomicUsize::new(0);
    struct Tells;
    impl Drop for Tells {
        fn drop(&mut self) {
            DROPPED.fetch_add(1, Ordering::SeqCst);
        }
    }
    struct Silent;
    impl Provider for Silent {
        fn poll<'a>(&'a mut self, _: &'a Selection) -> Polling<'a> {
            ASKED.fetch_add(1, Ordering::SeqCst);
            Box::pin(async {
                let _tells = Tells;
                std::future::pending().await
            })
        }
    }
    static SILENT: Plugin =
        Plugin::polls("silent", "", |_| Ok(Box::new(Silent))).yields(&[Provides::new(CPU, &[])]);
    answers!(PLUGIN, POLLS);
    let silent = EngineInstance { timeout: PATIENCE * 9, ..instance(&SILENT, "silent") };
    let engine = Engine::start(vec![silent, named(&PLUGIN, "well", &[])], || {}).unwrap();
    engine.demand(watched());
    wait_for("a request", || (ASKED.load(Ordering::SeqCst) == 1).then_some(()));
    engine.reconfigure(vec![named(&PLUGIN, "well", &[])]);
    wait_for("its end", || (DROPPED.load(Ordering::SeqCst) == 1).then_some(()));
    waits_for(&engine, "well", (1.0, 0));
    assert!(POLLS.lock().unwrap().contains_key(&0));
}

#[test]
fn a_source_of_several_goes_with_the_last_of_them() {
    answers!(ONE, POLLS);
    answers!(OTHER, POLLS_TOO);
    let both = || {
        let ups = EngineInstance { source: Source::named("rack"), ..named(&OTHER, "ups", &[]) };
        vec![named(&ONE, "rack", &[("value", "7")]), ups]
    };
    let engine = Engine::start(both(), || {}).unwrap();
    engine.demand(watched());
    wait_for("both", || {
        let rack = find(&engine, "rack")?;
        (rack.instances.iter().filter(|i| !i.all().is_empty()).count() == 2).then_some(())
    });
    engine.reconfigure(both().into_iter().take(1).collect());
    wait_for("one", || (find(&engine, "rack")?.instances.len() == 1).then_some(()));
    assert_eq!(said(&engine, "rack"), Some((7.0, 0)), "what the other one said stays");
    assert!(POLLS.lock().unwrap().len() == 1 && POLLS_TOO.lock().unwrap().len() == 1);
}
