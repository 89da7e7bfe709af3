//! The past that is kept in memory: of each source in its own history.

use super::{Backing, Mark, MarkKind, PastStore};
use crate::{
    clock::Moment,
    history::{Series, Window},
    source::Source,
    view::{Snapshot, SourceView},
    vocabulary::{CPU, PERCENT},
};
use std::{
    sync::Arc,
    time::{Duration, SystemTime},
};

/// The instances of a machine are read within one tick; answers that are closer belong to one sample.
const TICK: Duration = Duration::from_millis(120);
/// The first number of a snapshot of the past: the store's own count from 1.
const NUMBERS: u64 = 1 << 63;

/// What the histories of the sources of a snapshot hold.
#[derive(Debug)]
pub struct MemoryPast {
    live: Snapshot,
    made: u64,
    last: Option<(Moment, Arc<Snapshot>)>,
}

impl MemoryPast {
    /// The past of the sources of a snapshot of the present.
    pub fn new(live: &Snapshot) -> MemoryPast {
        MemoryPast { live: live.clone(), made: NUMBERS, last: None }
    }

    /// The source that gives the steps: this machine, else the first with a past.
    fn clock(&self) -> Option<&SourceView> {
        let sources = || self.live.sources.iter().map(|source| &**source);
        let has = |source: &&SourceView| source.history.first().is_some();
        sources().find(|s| s.source == Source::Local).filter(has).or_else(|| sources().find(has))
    }
}

/// Whether an engine has told nothing else of the past of a source between two snapshots.
fn has_same_window((now, before): (&Arc<SourceView>, &Arc<SourceView>)) -> bool {
    let window = |view: &SourceView| {
        let window = view.engine_past.as_ref()?.window.as_ref()?;
        Some((view.order, window.until, window.problem.is_some()))
    };
    window(now) == window(before)
}

impl PastStore for MemoryPast {
    fn update(&mut self, live: &Snapshot) {
        if live.number != self.live.number {
            let same = live.sources.len() == self.live.sources.len()
                && live.sources.iter().zip(&self.live.sources).all(has_same_window);
            self.live = live.clone();
            if !same {
                self.last = None;
            }
        }
    }

    fn backing(&self) -> Backing {
        Backing::Memory
    }

    fn span(&mut self) -> Option<(Moment, Moment)> {
        let histories = || self.live.sources.iter().map(|source| &source.history);
        let first = histories().filter_map(|history| history.first()).min()?;
        Some((first, histories().filter_map(|history| history.last()).max()?))
    }

    fn at(&mut self, at: Moment) -> Arc<Snapshot> {
        if let Some((_, shown)) = self.last.as_ref().filter(|(known, _)| *known == at) {
            return shown.clone();
        }
        self.made += 1;
        let shown = Arc::new(self.live.past(at, self.made));
        self.last = Some((at, shown.clone()));
        shown
    }

    fn sample_before(&mut self, at: Moment) -> Option<Moment> {
        let history = &self.clock()?.history;
        let mut from = at;
        loop {
            let before = history.answer_before(from)?;
            if from.since(before) >= TICK {
                return Some(before);
            }
            from = before;
        }
    }

    fn sample_after(&mut self, at: Moment) -> Option<Moment> {
        let history = &self.clock()?.history;
        let mut after = history.answer_after(at)?;
        while let Some(next) = history.answer_after(after).filter(|next| next.since(after) < TICK) {
            after = next;
        }
        Some(after)
    }

    fn marks(&mut self, from: Moment, to: Moment) -> Vec<Mark> {
        let mut marks = Vec::new();
        for source in self.live.sources.iter().filter(|source| !source.is_front()) {
            marks.extend(source.history.outages(from, to).into_iter().map(|outage| Mark {
                at: outage.since,
                kind: if outage.is_down { MarkKind::Down } else { MarkKind::Stale },
                source: Some(source.source.clone()),
                what: outage.reason,
            }));
        }
        marks.sort_by_key(|mark| mark.at);
        // the readers of one machine go silent together
        marks.dedup_by(|later, first| {
            later.source == first.source && later.at.since(first.at) < Duration::from_secs(10)
        });
        marks
    }

    fn overview(&mut self, from: Moment, to: Moment, parts: usize) -> Vec<Option<f64>> {
        let nothing = || vec![None; parts];
        let (Some(source), Ok(count)) = (self.clock(), u32::try_from(parts.max(1))) else {
            return nothing();
        };
        let bucket = (to.since(from) / count).max(Duration::from_millis(1));
        let interval = source.health(CPU).map_or(Duration::from_secs(1), |health| health.interval);
        let window = Window { bucket, buckets: parts };
        let series = Series::whole(CPU, &PERCENT);
        source.history.buckets(&series, to, window, interval.max(bucket)).unwrap_or_else(nothing)
    }

    fn wall(&self, at: Moment) -> SystemTime {
        let (now, wall) = (Moment::now(), SystemTime::now());
        if at > now { wall + at.since(now) } else { wall - now.since(at) }
    }

    fn moment(&self, wall: SystemTime) -> Moment {
        let (now, present) = (Moment::now(), SystemTime::now());
        match present.duration_since(wall) {
            Ok(ago) => now.before(ago),
            Err(ahead) => now + ahead.duration(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        health::State,
        model::store::{KeptPast, Store, tests as fed},
        vocabulary::LOAD1,
    };
    use manytop_plugin::reading::DeviceReading;

    fn at(seconds: f64) -> Moment {
        Moment::from_nanos((seconds * 1e9) as u64)
    }

    fn store() -> Store {
        let mut store = Store::new();
        let past = KeptPast {
            span: Duration::from_secs(600),
            memory: 32 << 20,
            devices: Arc::new(|_, _| true),
            told: Duration::ZERO,
        };
        store.set_past(Some(past), at(1.0));
        store
    }

    #[test]
    fn the_screen_of_an_instant_has_the_values_that_were_live() {
        let mut store = store();
        let ids = ["a", "b"].map(|name| store.add(fed::remote(name)));
        let mut live = Vec::new();
        for t in 10..40 {
            let load =
                DeviceReading::new(crate::vocabulary::HOST, "").with(&LOAD1, 0.01 * f64::from(t));
            let cores = (0..3).map(|n| fed::cpu(n, f64::from(t * (n as i32 + 1)) / 7.0));
            store.take(fed::good(ids[0], t as u64, cores.chain([load]).collect()));
            match t {
                20..30 => store.take(fed::bad(ids[1], t as u64, "refused")),
                _ => store.take(fed::good(ids[1], t as u64, vec![fed::cpu(0, f64::from(t))])),
            };
            live.push((Moment::from_secs(t as u64), store.snapshot()));
        }
        let mut past = MemoryPast::new(&store.snapshot());
        for (t, live) in live {
            let then = past.at(t);
            assert_eq!(then.sources.len(), live.sources.len());
            for (then, live) in then.sources.iter().zip(&live.sources) {
                assert_eq!(then.state(t), live.state(t), "{} at {t:?}", live.source);
                let why = |s: &SourceView| s.failure(t).map(|f| f.reason().to_owned());
                assert_eq!(why(then), why(live));
                let figures = |s: &SourceView| {
                    let all = s.instances.iter().flat_map(|i| i.all());
                    let of = |d: &crate::view::Device| {
                        let values = d.values.iter().map(|(m, v)| (m.name(), v as f32));
                        (d.name.clone(), values.collect::<Vec<_>>())
                    };
                    all.map(of).collect::<Vec<_>>()
                };
                assert_eq!(figures(then), figures(live), "{} at {t:?}", live.source);
                let cpu = |s: &SourceView| s.summary.cpu.map(|cpu| cpu as f32);
                assert_eq!(cpu(then), cpu(live));
            }
        }
        let marks = past.marks(at(0.0), at(40.0));
        let shown: Vec<_> = marks.iter().map(|m| (m.at, m.kind, &*m.what)).collect();
        assert_eq!(shown, [(at(24.0), MarkKind::Down, "refused")]);
        assert_eq!(past.marks(at(30.0), at(40.0)), []);
        assert_eq!(past.span(), Some((at(10.0), at(39.0))));
        assert_eq!(past.at(at(25.5)).sources[1].state(at(25.5)), State::Down);
    }

    #[test]
    fn a_step_is_one_sample_of_all_readers() {
        let mut store = store();
        let local = |provider| crate::model::store::Described {
            provider,
            source: Source::Local,
            ..fed::remote("x")
        };
        let ids = ["cpu", "memory"].map(|provider| store.add(local(provider)));
        for t in [10.0, 11.0, 12.0] {
            for (id, late) in ids.into_iter().zip([0.0, 0.03]) {
                let mut update = fed::good(id, 0, vec![fed::cpu(0, t)]);
                update.at = at(t + late);
                if let Ok(answer) = &mut update.result {
                    answer.parts[0].read_at = update.at;
                }
                store.take(update);
            }
        }
        let mut past = MemoryPast::new(&store.snapshot());
        assert_eq!(past.sample_before(at(12.03)), Some(at(11.03)));
        assert_eq!(past.sample_before(at(11.03)), Some(at(10.03)));
        assert_eq!(past.sample_before(at(10.03)), None);
        assert_eq!(past.sample_after(at(10.03)), Some(at(11.03)));
        assert_eq!(past.sample_after(at(12.03)), None);
        let numbers = [at(10.5), at(11.5), at(11.5)].map(|t| past.at(t).number);
        assert!(numbers[0] != numbers[1] && numbers[1] == numbers[2]);
    }

    #[test]
    fn memory_is_bounded_and_what_is_oldest_goes() {
        let mut store = Store::new();
        let past = KeptPast {
            span: Duration::from_secs(6000),
            memory: 1 << 20,
            devices: Arc::new(|_, _| true),
            told: Duration::ZERO,
        };
        store.set_past(Some(past), at(1.0));
        let id = store.add(fed::remote("a"));
        for t in 10..2000_u64 {
            let value = |n: u32| ((t * 31 + u64::from(n) * 17) % 97) as f64;
            store.take(fed::good(id, t, (0..200).map(|n| fed::cpu(n, value(n))).collect()));
        }
        assert!(store.history_bytes() < 3 << 20, "{}", store.history_bytes());
        let mut past = MemoryPast::new(&store.snapshot());
        let (first, last) = past.span().unwrap();
        assert_eq!(last, at(1999.0));
        let reach = last.since(first);
        assert!((60..1000).contains(&reach.as_secs()), "{reach:?}");
    }

    #[test]
    fn the_figures_of_five_hundred_hosts_fit_into_the_default_memory() {
        let mut store = Store::new();
        let past = KeptPast {
            span: Duration::from_secs(600),
            memory: 32 << 20,
            devices: Arc::new(|_, _| false),
            told: Duration::ZERO,
        };
        store.set_past(Some(past), at(1.0));
        let hosts = 50;
        let ids: Vec<usize> =
            (0..hosts).map(|n| store.add(fed::remote(&format!("host-{n}")))).collect();
        for t in 10..700 {
            for id in &ids {
                let busy = ((t * 31 + *id as u64 * 17) % 97) as f64;
                store.take(fed::good(*id, t, (0..4).map(|n| fed::cpu(n, busy)).collect()));
            }
        }
        let of_all = store.history_bytes() * 500 / hosts;
        assert!(of_all < 32 << 20, "{of_all}");
        assert_eq!(
            MemoryPast::new(&store.snapshot()).span().map(|(_, last)| last),
            Some(at(699.0))
        );
    }

    #[test]
    fn a_moment_has_a_time_on_the_wall() {
        let past = MemoryPast::new(&Store::new().snapshot());
        let now = Moment::now();
        let back = past.moment(past.wall(now.before(Duration::from_secs(60))));
        let off = now.since(back).as_secs_f64();
        assert!((59.0..61.0).contains(&off), "{off}");
    }
}
