//! The engine with readers and providers that hang, break and are slow.
#![allow(clippy::unwrap_used)]

mod away;
mod reconfigure;

use manytop_core::{
    clock::Moment,
    engine::{Demand, Demands, Engine, EngineInstance, Job},
    health::State,
    options::Options,
    provider::{Class, Failure, Plugin, Polling, Provider, Provides, Reader, Selection, Waiting},
    reading::{DeviceReading, Kind, PollResult},
    source::Source,
    view::SourceView,
    vocabulary::{CPU, DISK, LOAD1, PERCENT},
    widget::Wants,
};
use std::{
    sync::{
        Arc, Condvar, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::Notify;

const PATIENCE: Duration = Duration::from_secs(20);

/// Waits until `what` holds; says `why` when it never does.
fn wait_for<T>(why: &str, mut what: impl FnMut() -> Option<T>) -> T {
    let started = Instant::now();
    loop {
        if let Some(found) = what() {
            return found;
        }
        assert!(started.elapsed() < PATIENCE, "never: {why}");
        std::thread::park_timeout(Duration::from_millis(2));
    }
}

fn instance(plugin: &'static Plugin, source: &str) -> EngineInstance {
    EngineInstance {
        name: None,
        source: Source::named(source),
        refresh: Duration::from_millis(50),
        timeout: Duration::from_millis(200),
        tags: [].into(),
        groups: Default::default(),
        expected_offline: false,
        closely: None,
        job: Job::new(plugin, Options::default()).unwrap(),
    }
}

fn demand(kinds: &[Kind], scheduled: bool) -> Demands {
    let wants = Wants { want: Selection::kinds(kinds), history: vec![] };
    let demands = vec![Demand {
        selects: Arc::new(|_, _| true),
        wants,
        scheduled,
        closely: false,
        past: None,
    }];
    Demands { demands, frame: Some(Duration::from_millis(20)), past: None }
}

fn source(engine: &Engine, name: &str) -> Arc<SourceView> {
    let view = engine.view();
    view.sources.iter().find(|s| s.source.name() == name).unwrap().clone()
}

fn failure(engine: &Engine, name: &str) -> Option<Class> {
    source(engine, name).failure(Moment::now()).map(|f| f.class())
}

fn answer(kind: Kind, value: f64) -> Result<PollResult, Failure> {
    Ok(PollResult::now(vec![DeviceReading::new(kind, "x").with(&PERCENT, value)]))
}

#[test]
fn a_reader_that_hangs_is_late_alone_and_is_welcome_when_it_returns() {
    static GATE: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());
    static READS: AtomicUsize = AtomicUsize::new(0);
    static HUNG: AtomicUsize = AtomicUsize::new(0);
    struct Hangs;
    impl Reader for Hangs {
        fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
            HUNG.fetch_add(1, Ordering::SeqCst);
            let mut open = GATE.0.lock().unwrap();
            while !*open {
                open = GATE.1.wait(open).unwrap();
            }
            answer(DISK, 1.0)
        }
    }
    struct Quick;
    impl Reader for Quick {
        fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
            answer(CPU, READS.fetch_add(1, Ordering::SeqCst) as f64)
        }
    }
    static HANGS: Plugin =
        Plugin::reads("hangs", "", |_| Ok(Box::new(Hangs))).yields(&[Provides::new(DISK, &[])]);
    static QUICK: Plugin =
        Plugin::reads("quick", "", |_| Ok(Box::new(Quick))).yields(&[Provides::new(CPU, &[])]);
    let instances = vec![instance(&HANGS, "stuck"), instance(&QUICK, "well")];
    let engine = Engine::start(instances, || {}).unwrap();
    engine.demand(demand(&[CPU, DISK], true));
    wait_for("the time-out of the one that hangs", || {
        (failure(&engine, "stuck") == Some(Class::Timeout)).then_some(())
    });
    let before = READS.load(Ordering::SeqCst);
    wait_for("ten more reads of the other", || {
        (READS.load(Ordering::SeqCst) > before + 10).then_some(())
    });
    assert_eq!(HUNG.load(Ordering::SeqCst), 1, "it is never asked again before it returns");
    assert_eq!(source(&engine, "well").state(Moment::now()), State::Live);
    *GATE.0.lock().unwrap() = true;
    GATE.1.notify_all();
    wait_for("the one that hung", || {
        (source(&engine, "stuck").state(Moment::now()) == State::Live).then_some(())
    });
}

#[test]
fn what_breaks_says_so_and_is_built_anew() {
    static BUILT: AtomicUsize = AtomicUsize::new(0);
    struct Breaks(usize);
    impl Provider for Breaks {
        fn poll<'a>(&'a mut self, _: &'a Selection) -> Polling<'a> {
            Box::pin(async move {
                assert!(self.0 != 1, "the first one is faulty");
                answer(CPU, 1.0)
            })
        }
    }
    struct BreaksToo(usize);
    impl Reader for BreaksToo {
        fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
            assert!(self.0 != 2, "the second one is faulty");
            answer(CPU, 2.0)
        }
    }
    static POLLS: Plugin = Plugin::polls("polls", "", |_| {
        Ok(Box::new(Breaks(BUILT.fetch_add(1, Ordering::SeqCst) + 1)))
    })
    .yields(&[Provides::new(CPU, &[])]);
    static READS: Plugin = Plugin::reads("reads", "", |_| {
        Ok(Box::new(BreaksToo(BUILT.fetch_add(1, Ordering::SeqCst) + 1)))
    })
    .yields(&[Provides::new(CPU, &[])]);
    let engine = Engine::start(vec![instance(&POLLS, "a"), instance(&READS, "b")], || {}).unwrap();
    engine.demand(demand(&[CPU], false));
    engine.sample(Duration::from_secs(5));
    for name in ["a", "b"] {
        let source = source(&engine, name);
        let why = source.failure(Moment::now()).unwrap();
        assert_eq!(why.class(), Class::Panicked);
        assert!(why.reason().contains("one is faulty"), "{why}");
    }
    engine.sample(Duration::from_secs(5));
    assert_eq!(source(&engine, "a").state(Moment::now()), State::Live);
    assert_eq!(source(&engine, "b").state(Moment::now()), State::Live);
    assert_eq!(BUILT.load(Ordering::SeqCst), 4);
}

#[test]
fn nobody_is_asked_for_what_nobody_wants() {
    static POLLS: AtomicUsize = AtomicUsize::new(0);
    static KINDS: Mutex<Vec<Vec<Kind>>> = Mutex::new(Vec::new());
    struct Counts;
    impl Provider for Counts {
        fn poll<'a>(&'a mut self, want: &'a Selection) -> Polling<'a> {
            POLLS.fetch_add(1, Ordering::SeqCst);
            KINDS.lock().unwrap().push(want.iter().collect());
            Box::pin(async { answer(CPU, 1.0) })
        }
    }
    static COUNTS: Plugin = Plugin::polls("counts", "", |_| Ok(Box::new(Counts)))
        .yields(&[Provides::new(CPU, &[]), Provides::new(DISK, &[&LOAD1])]);
    let mut counts = instance(&COUNTS, "a");
    counts.refresh = Duration::from_secs(3600);
    let engine = Engine::start(vec![counts], || {}).unwrap();
    assert_eq!(source(&engine, "a").state(Moment::now()), State::Starting, "known before asked");
    engine.demand(demand(&[Kind::new("other")], true));
    engine.sample(Duration::from_secs(5));
    assert_eq!(POLLS.load(Ordering::SeqCst), 0);
    assert_eq!(source(&engine, "a").state(Moment::now()), State::Idle);
    engine.demand(demand(&[CPU], true));
    wait_for("a poll as soon as it is wanted", || {
        (POLLS.load(Ordering::SeqCst) == 1).then_some(())
    });
    engine.demand(demand(&[CPU, DISK], true));
    wait_for("a poll as soon as more is wanted, an hour before its turn", || {
        (POLLS.load(Ordering::SeqCst) == 2).then_some(())
    });
    assert_eq!(*KINDS.lock().unwrap(), [vec![CPU], vec![CPU, DISK]]);
    engine.demand(demand(&[CPU], true));
    engine.sample(Duration::from_secs(5));
    let polls = POLLS.load(Ordering::SeqCst);
    assert!(polls <= 3, "less is wanted, so nothing is asked but the sample: {polls}");
}

#[test]
fn a_slow_answer_is_waited_for_and_never_asked_for_twice_at_once() {
    static AT_ONCE: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    static ENDED: AtomicUsize = AtomicUsize::new(0);
    struct Slow;
    impl Provider for Slow {
        fn poll<'a>(&'a mut self, _: &'a Selection) -> Polling<'a> {
            Box::pin(async {
                let now = AT_ONCE.fetch_add(1, Ordering::SeqCst) + 1;
                MOST.fetch_max(now, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(120)).await;
                AT_ONCE.fetch_sub(1, Ordering::SeqCst);
                ENDED.fetch_add(1, Ordering::SeqCst);
                answer(CPU, 1.0)
            })
        }
    }
    static SLOW: Plugin =
        Plugin::polls("slow", "", |_| Ok(Box::new(Slow))).yields(&[Provides::new(CPU, &[])]);
    let engine = Engine::start(vec![instance(&SLOW, "a")], || {}).unwrap();
    engine.demand(demand(&[CPU], true));
    wait_for("five slow answers", || (ENDED.load(Ordering::SeqCst) >= 5).then_some(()));
    assert_eq!(MOST.load(Ordering::SeqCst), 1);
}

#[test]
fn a_source_that_waits_for_its_turn_is_not_failing() {
    static TURN: Notify = Notify::const_new();
    static WAITED: AtomicUsize = AtomicUsize::new(0);
    struct Queued;
    impl Provider for Queued {
        fn turn(&mut self) -> Option<Waiting<'_>> {
            Some(Box::pin(async {
                if WAITED.fetch_add(1, Ordering::SeqCst) == 0 {
                    TURN.notified().await;
                }
            }))
        }
        fn poll<'a>(&'a mut self, _: &'a Selection) -> Polling<'a> {
            Box::pin(async { answer(CPU, 1.0) })
        }
    }
    struct Never;
    impl Provider for Never {
        fn poll<'a>(&'a mut self, _: &'a Selection) -> Polling<'a> {
            Box::pin(std::future::pending())
        }
    }
    static QUEUED: Plugin =
        Plugin::polls("queued", "", |_| Ok(Box::new(Queued))).yields(&[Provides::new(CPU, &[])]);
    static NEVER: Plugin =
        Plugin::polls("never", "", |_| Ok(Box::new(Never))).yields(&[Provides::new(CPU, &[])]);
    let timeout = Duration::from_millis(50);
    let queued = EngineInstance { timeout, ..instance(&QUEUED, "queued") };
    let never = EngineInstance { timeout: timeout * 4, ..instance(&NEVER, "never") };
    let engine = Engine::start(vec![queued, never], || {}).unwrap();
    engine.demand(demand(&[CPU], true));
    wait_for("the wait", || (WAITED.load(Ordering::SeqCst) == 1).then_some(()));
    wait_for("the other to fail", || source(&engine, "never").failure(Moment::now()).map(drop));
    assert_eq!(source(&engine, "queued").state(Moment::now()), State::Starting);
    TURN.notify_one();
    wait_for("its answer", || {
        (source(&engine, "queued").state(Moment::now()) == State::Live).then_some(())
    });
}

#[test]
fn a_sample_says_who_was_late_and_nobody_else_hears_of_it() {
    struct Never;
    impl Provider for Never {
        fn poll<'a>(&'a mut self, _: &'a Selection) -> Polling<'a> {
            Box::pin(std::future::pending())
        }
    }
    struct Quick;
    impl Reader for Quick {
        fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
            answer(CPU, 1.0)
        }
    }
    static NEVER: Plugin =
        Plugin::polls("never", "", |_| Ok(Box::new(Never))).yields(&[Provides::new(CPU, &[])]);
    static QUICK: Plugin =
        Plugin::reads("quick", "", |_| Ok(Box::new(Quick))).yields(&[Provides::new(CPU, &[])]);
    let slow = EngineInstance { timeout: PATIENCE, ..instance(&NEVER, "slow") };
    let engine = Engine::start(vec![slow, instance(&QUICK, "well")], || {}).unwrap();
    engine.demand(Demands { frame: None, ..demand(&[CPU], false) });
    let (told, hears) = std::sync::mpsc::channel();
    let sampler = engine.sampler();
    engine.spawn(async move {
        let _ = told.send(sampler.sample(Duration::from_millis(100)).await);
    });
    let sampled = hears.recv_timeout(PATIENCE).unwrap().unwrap();
    assert_eq!(sampled.late, [0]);
    let percent = sampled.snapshot.sources[1].device(CPU, "x").unwrap().value(&PERCENT);
    assert_eq!(percent, Some(1.0));
    assert!(source(&engine, "well").device(CPU, "x").is_none(), "no picture was published");
}
