//! What an engine tells of a span of the past: kept beside the memory's own past, one span at a time.

use super::{Store, devices::devices};
use crate::{
    health::Health,
    history::{History, KeptKind, Recorded},
    host_stats::HostStats,
    masking,
    reading::{PastWindow, SourceReadings},
    source::Source,
    view::{Devices, EnginePast, EngineWindow},
};
use std::{sync::Arc, time::Duration};

/// It takes at most this part of the memory for the past.
const SHARE: u64 = 4;

impl Store {
    /// An engine serves the past of a source.
    pub(super) fn set_engine(&mut self, number: usize, engine: &Source) {
        if let Some(entry) = self.sources.get_mut(&number) {
            let past = EnginePast { engine: engine.clone(), window: None };
            Arc::make_mut(entry).engine_past = Some(past);
        }
    }

    /// Takes a span of the past of a member. The span of before is dropped, whatever source it was of.
    pub(super) fn take_window(&mut self, id: usize, told: Option<PastWindow>) {
        let Some(told) = told else { return };
        let Some((number, described)) = self.member(id, Some(&told.member)) else { return };
        let most = self.keeper.past.as_ref().map_or(u64::MAX, |past| past.memory / SHARE);
        let (until, span) = (told.until, told.span);
        let (history, problem) = match told.readings {
            Ok(parts) => {
                let history = recorded(id, described.provider, parts, span);
                match history.bytes() as u64 > most {
                    true => (History::default(), Some("more than historymemory holds".to_owned())),
                    false => (history, None),
                }
            }
            Err(why) => (History::default(), Some(masking::line(&why))),
        };
        let window = EngineWindow { until, span, history, problem };
        for (other, entry) in &mut self.sources {
            let old = entry.engine_past.as_ref().is_some_and(|past| past.window.is_some());
            if (old || *other == number)
                && let Some(past) = &mut Arc::make_mut(entry).engine_past
            {
                past.window = (*other == number).then(|| window.clone());
            }
        }
    }
}

/// A history of its own, of readings that are older than all others.
fn recorded(
    id: usize,
    provider: &'static str,
    parts: Vec<SourceReadings>,
    span: Duration,
) -> History {
    let history = History::default();
    let mut before = Devices::default();
    for part in parts {
        let (at, interval) = (part.read_at, part.interval);
        let (made, _) = devices(&before, part, Duration::ZERO);
        history.record_health(id, provider, at, &Health::new(interval.unwrap_or_default()));
        history.record(&Recorded {
            id,
            provider,
            at,
            devices: &made,
            summary: &HostStats::of(made.list.iter()),
            keeps: &|_| Some(KeptKind { span, each_device: true, minutes: false }),
            summary_span: None,
            span: 2 * span,
        });
        before = made;
    }
    history
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        health::State,
        history::Series,
        model::{
            past::{MemoryPast, PastStore},
            store::{
                Described, KeptPast,
                tests::{at, cpu, member, members, remote},
            },
        },
        vocabulary::{CPU, PERCENT},
    };

    fn window(name: &str, readings: Result<Vec<SourceReadings>, String>) -> PastWindow {
        let span = Duration::from_secs(3600);
        PastWindow { member: name.into(), until: at(7200), span, readings }
    }

    fn part(name: &str, t: u64, busy: f64) -> SourceReadings {
        let interval = Some(Duration::from_secs(15));
        let own = SourceReadings::own(at(t), vec![cpu(0, busy)]);
        SourceReadings { member: Some(name.into()), interval, ..own }
    }

    /// An engine that serves two hosts, from a day later on.
    fn store() -> (Store, usize) {
        let mut store = Store::new();
        let past = KeptPast {
            span: Duration::from_secs(600),
            memory: 4 << 20,
            devices: Arc::new(|_, _| true),
            told: Duration::ZERO,
        };
        store.set_past(Some(past), at(1));
        let id = store.add(Described { many: true, has_past: true, ..remote("site") });
        let now = vec![member("web", 90_000, 1.0), member("db", 90_000, 1.0)];
        store.take(members(id, 90_000, now));
        (store, id)
    }

    fn of(store: &Store, name: &str, t: u64) -> (Option<f64>, State) {
        let shown = MemoryPast::new(&store.snapshot()).at(at(t));
        let view = shown.find(&Source::named(name)).expect("it is listed");
        let value = view.device(CPU, "CPU0").and_then(|device| device.value(&PERCENT));
        (value, view.state(at(t)))
    }

    #[test]
    fn a_window_of_an_engine_shows_instants_before_memory_begins() {
        let (mut store, id) = store();
        assert_eq!(of(&store, "web", 7000), (None, State::Idle), "not asked for yet");
        let parts = (0..=240).map(|n| part("web", 3600 + n * 15, n as f64)).collect();
        store.take_window(id, Some(window("web", Ok(parts))));
        assert_eq!(of(&store, "web", 3600), (Some(0.0), State::Live));
        assert_eq!(of(&store, "web", 3630), (Some(2.0), State::Live));
        assert_eq!(of(&store, "web", 3644), (Some(2.0), State::Live));
        assert_eq!(of(&store, "web", 3599), (None, State::Idle), "before the window");
        assert_eq!(of(&store, "db", 3630), (None, State::Idle));
        assert_eq!(of(&store, "web", 90_000).1, State::Live, "the memory's own past");
        let view = store.snapshot().find(&Source::named("web")).unwrap().past(at(3645)).unwrap();
        let buckets = crate::history::Window { bucket: Duration::from_secs(15), buckets: 3 };
        let series = Series::whole(CPU, &PERCENT);
        let line = view.history.buckets(&series, at(3645), buckets, Duration::from_secs(15));
        assert_eq!(line, Some(vec![Some(1.0), Some(2.0), Some(3.0)]));
    }

    #[test]
    fn one_window_is_kept_within_the_memory() {
        let (mut store, id) = store();
        store.take_window(id, Some(window("web", Ok(vec![part("web", 7000, 5.0)]))));
        store.take_window(id, Some(window("db", Err("cut off".to_owned()))));
        let past = |name: &str| {
            let view = store.snapshot().find(&Source::named(name)).unwrap().clone();
            view.engine_past.clone().unwrap().window
        };
        assert!(past("web").is_none(), "of another host");
        assert_eq!(past("db").unwrap().problem.as_deref(), Some("cut off"));
        let wide = |t| SourceReadings {
            readings: (0..600).map(|n| cpu(n, (u64::from(n) * t % 97) as f64)).collect(),
            ..part("web", t, 0.0)
        };
        let parts = (0..1000).map(|n| wide(3600 + n)).collect();
        store.take_window(id, Some(window("web", Ok(parts))));
        let view = store.snapshot().find(&Source::named("web")).unwrap().clone();
        let kept = view.engine_past.clone().unwrap().window.unwrap();
        assert_eq!(kept.problem.as_deref(), Some("more than historymemory holds"));
        assert_eq!(kept.history.bytes(), History::default().bytes());
    }
}
