//! `--once`: asks everybody, twice where rates are wanted, prints, and says by its exit status whether
//! all are well.

use crate::{
    cli::Output,
    dashboard::{board::Board, parts::Parts},
    exporter::{page::Contents, sample::Past},
};
use manytop_core::{
    clock::Moment,
    engine::{Demand, Demands, Engine, Instance, Sampled},
    health::State,
    provider::Want,
    ratatui_core::{buffer::Buffer, layout::Rect},
    registry::Registry,
    view::{Device, Snapshot, SourceView},
    widget::Wants,
};
use serde_json::{Map, Value, json};
use std::{
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// Exit status when a source is not live.
const NOT_LIVE: u8 = 3;
/// Rates are taken over at most this long.
const LONGEST_GAP: Duration = Duration::from_secs(1);

/// Asks and prints.
pub fn run(
    instances: Vec<Instance>,
    parts: Parts,
    output: Output,
    contents: Contents,
    size: (u16, u16),
) -> io::Result<ExitCode> {
    let times = Times::of(&instances);
    let want = match output {
        Output::Prometheus => contents.want(&parts.registry),
        Output::Text | Output::Json => everything(&parts.registry),
    };
    let engine = Engine::start(instances, || {})?;
    let mut board = Board::new(parts, &engine.view()).map_err(io::Error::other)?;
    let demands = match output {
        Output::Text => {
            // what widgets want depends on the room they have
            text(&mut board, &engine.view(), Moment::now(), size);
            let unscheduled = |d| Demand { scheduled: false, ..d };
            board.demands().into_iter().map(unscheduled).collect()
        }
        Output::Json | Output::Prometheus => vec![Demand {
            selects: Arc::new(|_, _| true),
            wants: Wants { want, history: Vec::new() },
            scheduled: false,
            closely: false,
        }],
    };
    engine.demand(Demands { demands, frame: None });
    let (first, now, snapshot) = times.ask_twice(&engine);
    let mut out = io::stdout().lock();
    match output {
        Output::Text => {
            board.adapt(&snapshot, now);
            out.write_all(text(&mut board, &snapshot, now, size).as_bytes())?;
        }
        Output::Json => {
            let document = document(&snapshot, now, Moment::now(), chrono::Utc::now());
            serde_json::to_writer_pretty(&mut out, &document)?;
            out.write_all(b"\n")?;
        }
        Output::Prometheus => {
            let mut past = Past::default();
            let mut sample = |snapshot: &Snapshot| {
                past.sample(Sampled {
                    snapshot: snapshot.clone(),
                    late: Vec::new(),
                    at: Moment::now(),
                })
            };
            sample(&first);
            out.write_all(contents.page(&sample(&snapshot), SystemTime::now()).as_bytes())?;
        }
    }
    tell_notes(&snapshot)?;
    let fine =
        |s: &SourceView| s.expected_offline || matches!(s.state(now), State::Live | State::Idle);
    let all = snapshot.sources.iter().all(|s| fine(s));
    Ok(if all { ExitCode::SUCCESS } else { ExitCode::from(NOT_LIVE) })
}

/// How long to wait for who is asked, and between two questions.
#[derive(Clone, Copy)]
pub struct Times {
    timeout: Duration,
    gap: Duration,
}

impl Times {
    /// As long as the slowest of these may take.
    pub fn of(instances: &[Instance]) -> Times {
        let timeout = instances.iter().map(|i| i.timeout).max().unwrap_or_default();
        let gap = instances.iter().map(|i| i.refresh.min(LONGEST_GAP)).max().unwrap_or_default();
        Times { timeout, gap }
    }

    /// Asks everybody twice, for rates: the first picture, when it asked again, and the second. How others
    /// are is judged as of then: nobody is late because of one that keeps us waiting.
    pub fn ask_twice(self, engine: &Engine) -> (Arc<Snapshot>, Moment, Arc<Snapshot>) {
        engine.sample(self.timeout);
        let first = engine.view();
        std::thread::sleep(self.gap);
        let asked = Moment::now();
        engine.sample(self.timeout);
        (first, asked, engine.view())
    }
}

/// What a person should know of a source although it answers goes to standard error.
fn tell_notes(snapshot: &Snapshot) -> io::Result<()> {
    let mut err = io::stderr().lock();
    for source in &snapshot.sources {
        for note in source.notes() {
            writeln!(err, "note: {}: {note}", source.source)?;
        }
    }
    Ok(())
}

/// All kinds that anybody registered, for who wants everything that can be had.
pub fn everything(registry: &Registry) -> Want {
    let kinds = registry.providers().iter().flat_map(|p| p.kinds());
    Want::kinds(&kinds.collect::<Vec<_>>())
}

/// A frame as lines of text.
fn text(
    board: &mut Board,
    snapshot: &Snapshot,
    now: Moment,
    (width, height): (u16, u16),
) -> String {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    board.draw(snapshot, now, area, &mut buffer);
    let mut text = String::new();
    for row in buffer.content.chunks(usize::from(width)) {
        let mut line = String::new();
        let mut skip = 0;
        for cell in row {
            if skip == 0 {
                line.push_str(cell.symbol());
                skip = manytop_core::draw::text::width(cell.symbol()).max(1);
            }
            skip -= 1; // the second column of a wide character holds nothing
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

/// The document, as docs/reference describes it: states as of `judged`, ages as of `now`.
fn document(
    snapshot: &Snapshot,
    judged: Moment,
    now: Moment,
    at: chrono::DateTime<chrono::Utc>,
) -> Value {
    let sources: Vec<Value> = snapshot.sources.iter().map(|s| source(s, judged, now)).collect();
    let up = snapshot.sources.iter().filter(|s| s.state(judged) != State::Down);
    let devices: Vec<Value> = up
        .flat_map(|s| s.instances.iter().flat_map(move |i| i.all().iter().map(move |d| (s, d))))
        .map(|(s, d)| device(s, d))
        .collect();
    json!({
        "manytop": env!("CARGO_PKG_VERSION"),
        "at": at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
        "sources": sources,
        "devices": devices,
    })
}

fn source(source: &SourceView, judged: Moment, now: Moment) -> Value {
    json!({
        "name": source.source.name(),
        "provider": source.provider(),
        "state": source.state(judged).word(),
        "age_seconds": source.age(now).map(|age| age.as_secs_f64()),
        "dialects": source.dialects(),
        "error": source.failure(judged).map(ToString::to_string),
    })
}

fn device(source: &SourceView, device: &Device) -> Value {
    let gauges = device.values.iter().filter(|(q, _)| q.is_gauge());
    let values: Map<String, Value> = gauges.map(|(q, v)| (q.name().to_owned(), json!(v))).collect();
    let texts: Map<String, Value> =
        device.texts.iter().map(|(t, v)| (t.name().to_owned(), json!(&**v))).collect();
    json!({
        "label": source.source.label(&device.name),
        "source": source.source.name(),
        "kind": device.kind.word(),
        "device": &*device.name,
        "values": values,
        "texts": texts,
    })
}

/// The labels of all devices by kind, for `--list devices`.
pub fn labels(
    instances: Vec<Instance>,
    registry: &Registry,
) -> io::Result<Vec<(String, Vec<String>)>> {
    let timeout = instances.iter().map(|i| i.timeout).max().unwrap_or_default();
    let engine = Engine::start(instances, || {})?;
    let want = everything(registry);
    let mut lists = Vec::new();
    let wants = Wants { want: want.clone(), history: Vec::new() };
    let demands =
        vec![Demand { selects: Arc::new(|_, _| true), wants, scheduled: false, closely: false }];
    engine.demand(Demands { demands, frame: None });
    engine.sample(timeout);
    let snapshot = engine.view();
    for kind in want.iter() {
        let labels: Vec<String> = snapshot
            .sources
            .iter()
            .flat_map(|s| s.devices(kind).map(|d| s.source.label(&d.name)))
            .collect();
        lists.push((kind.word().to_owned(), labels));
    }
    Ok(lists)
}
