//! A machine and a host, recorded, and what a widget sees of them.

use manytop_core::{
    clock::Moment,
    groups::Groups,
    past::PastStore,
    provider::{Class, Failure},
    reading::{DeviceReading, PollResult, SourceReadings},
    source::Source,
    store::{Described, Store, Update},
    view::{Snapshot, SourceView},
    vocabulary as v,
};
use manytop_recording::{
    EventKind, NameCatalog, RecordedEvent, RecordingOptions, RecordingWriter, ReplayStore,
};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// A folder of a test, removed at its end.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("manytop-rec-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub fn options(folder: &Path) -> RecordingOptions {
    RecordingOptions {
        folder: folder.to_owned(),
        keep: Duration::from_secs(7 * 86_400),
        size: 1 << 30,
        mode: 0o600,
        kinds: Arc::new(|_| true),
        sources: Arc::new(|_| true),
        every: Duration::ZERO,
        processes: Duration::ZERO,
    }
}

pub fn writer(folder: &Path) -> RecordingWriter {
    RecordingWriter::open(options(folder), &mut NameCatalog::default()).unwrap()
}

pub fn replay(folder: &Path) -> ReplayStore {
    ReplayStore::open(folder, NameCatalog::default()).unwrap()
}

pub fn described(source: Source) -> Described {
    Described {
        provider: "remote",
        source,
        interval: Duration::from_secs(1),
        tags: Arc::new(["web".to_owned()]),
        groups: Groups::default(),
        expected_offline: false,
        many: false,
        has_past: false,
        attached: false,
    }
}

/// A machine with values that move in every way.
pub fn readings(step: u64) -> Vec<DeviceReading> {
    let s = step as f64;
    let cpu = |n: u64| {
        DeviceReading::new(v::CPU, format!("CPU{n}"))
            .with(&v::BUSY_SECONDS, (s * 13.0 + n as f64 * 7.0).floor() / 100.0)
            .with(&v::TOTAL_SECONDS, (s * 100.0).floor() / 100.0)
    };
    let mut list: Vec<_> = (0..4).map(cpu).collect();
    list.push(
        DeviceReading::new(v::MEMORY, v::MAIN)
            .with(&v::USED_BYTES, 1e9 + (s * 4096.0))
            .with(&v::TOTAL_BYTES, 8e9)
            .with(&v::PERCENT, 100.0 * (1e9 + s * 4096.0) / 8e9),
    );
    let net = DeviceReading::new(v::NETWORK, "eth0").with(&v::RECEIVED_BYTES, s * 1500.0);
    list.push(net.with_resolution(Duration::from_secs(1)));
    // processes come, go, and are looked at now and then
    for pid in (step / 3)..(step / 3 + 20) {
        let looked = step.saturating_sub((step + pid) % 4);
        let process = DeviceReading::new(v::PROCESS, pid.to_string())
            .with(&v::CPU_SECONDS, (looked * (pid % 3)) as f64 / 100.0)
            .text(&v::NAME, format!("worker-{}", pid % 5))
            .in_generation(pid + 1);
        let process = match looked == step {
            true => process,
            false => process.read_at(at(looked)),
        };
        list.push(process);
    }
    list
}

/// The moment of a step.
pub fn at(step: u64) -> Moment {
    Moment::from_secs(50_000) + Duration::from_nanos(step * 1_000_003_217)
}

/// Everything of a source that a widget can see, as text, with moments relative to the snapshot.
pub fn seen(view: &SourceView, now: Moment) -> String {
    let mut text = format!(
        "{} {} {:?} {} {} {:?} {}\n",
        view.source,
        view.order,
        view.tags,
        view.expected_offline,
        view.acknowledged,
        view.remarks,
        view.state(now)
    );
    for i in &view.instances {
        let h = &i.health;
        text += &format!(
            "{} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}\n",
            i.provider,
            i.role,
            i.dialects,
            i.notes,
            h.interval,
            h.wanted,
            h.last_good.map(|t| now.since(t)),
            h.failure,
            h.failing_since.map(|t| now.since(t)),
            h.took.map(|t| t.as_micros())
        );
        for d in i.all() {
            let values: Vec<_> = d.values.iter().map(|(m, v)| (m.name(), v)).collect();
            let texts: Vec<_> = d.texts.iter().map(|(t, v)| (t.name(), v.clone())).collect();
            text += &format!(
                "{:?} {} {} {:?} {:?} {:?} {:?}\n",
                d.kind,
                d.name,
                d.generation,
                values,
                texts,
                now.since(d.read_at),
                now.since(d.counters_at)
            );
        }
    }
    text + &format!("{:?}", view.summary)
}

/// A store that is fed, and what its snapshots looked like.
pub struct Fed {
    pub store: Store,
    local: usize,
    remote: usize,
    pub kept: Vec<(Moment, Vec<String>)>,
}

impl Fed {
    pub fn new() -> Fed {
        let mut store = Store::new();
        let local = store.add(Described { provider: "cpu", ..described(Source::Local) });
        let remote = store.add(described(Source::named("db-1")));
        Fed { store, local, remote, kept: Vec::new() }
    }

    /// One second: both answer, or the remote fails.
    pub fn answer(&mut self, step: u64) -> Snapshot {
        let answer = |readings| {
            let mut part = SourceReadings::own(at(step), readings);
            part.dialects = vec!["node_exporter"];
            Ok(PollResult::of(vec![part]))
        };
        let fails = (200..240).contains(&step);
        let result = match fails {
            true => Err(Failure::new(Class::Unreachable, "refused").advise("is it running?")),
            false => answer(readings(step).into_iter().filter(|r| r.kind != v::PROCESS).collect()),
        };
        for (instance, result) in [(self.local, answer(readings(step))), (self.remote, result)] {
            self.store.take(Update {
                instance,
                at: at(step),
                result,
                retry: fails.then(|| at(step + 2)),
                took: Some(Duration::from_micros(1234 + step)),
            });
        }
        let mut snapshot = self.store.snapshot();
        snapshot.made = at(step);
        snapshot
    }

    /// The same, recorded.
    pub fn step(&mut self, step: u64, writer: &mut RecordingWriter) {
        let snapshot = self.answer(step);
        writer.take(&snapshot);
        let texts = snapshot.sources.iter().map(|view| seen(view, at(step))).collect();
        self.kept.push((at(step), texts));
    }
}

/// The moment in a recording that a moment of its making is.
pub fn in_recording(replay: &mut ReplayStore, fed: &Fed, moment: Moment) -> Moment {
    let (first, _) = replay.span().unwrap();
    first + moment.since(fed.kept[0].0)
}

pub fn compare(replay: &mut ReplayStore, fed: &Fed, steps: impl IntoIterator<Item = usize>) {
    for step in steps {
        let (moment, texts) = &fed.kept[step];
        let moment = in_recording(replay, fed, *moment);
        let snapshot = replay.at(moment);
        let got: Vec<_> = snapshot.sources.iter().map(|view| seen(view, moment)).collect();
        for (got, expected) in got.iter().zip(texts) {
            for (got, expected) in got.lines().zip(expected.lines()) {
                assert_eq!(got, expected, "step {step}");
            }
        }
        assert_eq!(got.len(), texts.len(), "step {step}");
    }
    assert_eq!(replay.notices(), Vec::<String>::new());
}

pub fn event(kind: EventKind, source: Option<&str>, text: &str) -> RecordedEvent {
    RecordedEvent { kind, source: source.map(Into::into), text: text.into() }
}
