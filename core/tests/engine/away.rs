//! Time in which manytop itself was kept from running is not a fault of the sources.

use super::*;

#[test]
fn a_blocked_engine_makes_no_source_worse() {
    static POLLS: AtomicUsize = AtomicUsize::new(0);
    static BLOCKED: AtomicUsize = AtomicUsize::new(0);
    static GATE: (Mutex<bool>, Condvar) = (Mutex::new(false), Condvar::new());
    /// Answers at first, and then keeps silent.
    struct Silent;
    impl Provider for Silent {
        fn poll<'a>(&'a mut self, _: &'a Selection) -> Polling<'a> {
            match POLLS.fetch_add(1, Ordering::SeqCst) {
                0..3 => Box::pin(async { answer(CPU, 1.0) }),
                _ => Box::pin(std::future::pending()),
            }
        }
    }
    /// Keeps the engine's thread, once the other has answered.
    struct Blocks;
    impl Provider for Blocks {
        fn poll<'a>(&'a mut self, _: &'a Selection) -> Polling<'a> {
            if POLLS.load(Ordering::SeqCst) == 3 && BLOCKED.fetch_add(1, Ordering::SeqCst) == 0 {
                let mut open = GATE.0.lock().unwrap();
                while !*open {
                    open = GATE.1.wait(open).unwrap();
                }
            }
            Box::pin(async { answer(CPU, 2.0) })
        }
    }
    static SILENT: Plugin =
        Plugin::polls("silent", "", |_| Ok(Box::new(Silent))).yields(&[Provides::new(CPU, &[])]);
    static BLOCKS: Plugin =
        Plugin::polls("blocks", "", |_| Ok(Box::new(Blocks))).yields(&[Provides::new(CPU, &[])]);
    let silent = EngineInstance { timeout: PATIENCE, ..instance(&SILENT, "silent") };
    let engine = Engine::start(vec![silent, instance(&BLOCKS, "blocks")], || {}).unwrap();
    engine.demand(demand(&[CPU], true));
    wait_for("the engine to be blocked", || (BLOCKED.load(Ordering::SeqCst) > 0).then_some(()));
    let before = engine.view();
    let blocked = Instant::now();
    wait_for("longer than a source may be silent", || {
        (blocked.elapsed() > Duration::from_millis(1500)).then_some(())
    });
    let frame = Duration::from_millis(20);
    assert_eq!(
        before.moment(Moment::now(), frame),
        before.made,
        "no picture since: nothing is known"
    );
    *GATE.0.lock().unwrap() = true;
    GATE.1.notify_all();
    let next = wait_for("the next picture", || {
        let next = engine.view();
        (next.number > before.number).then_some(next)
    });
    assert_eq!(next.moment(next.made, frame), next.made);
    let silent = next.sources.iter().find(|s| s.source.name() == "silent").unwrap();
    assert!(silent.age(next.made) > Some(Duration::from_millis(1500)), "ages count the time");
    assert_eq!(silent.state(next.made), State::Live, "states do not");
    wait_for("its own silence to count", || {
        (source(&engine, "silent").state(Moment::now()) == State::Late).then_some(())
    });
}
