//! `--once`: asks everybody, twice where rates are wanted, prints, and says by its exit status whether
//! all are well.

use crate::{
    cli::Output,
    exporter::{page::Contents, sample::EarlierSamples},
    messages, picture,
    tui::{dashboard::Dashboard, dashboard_config::DashboardConfig, glyphs::Glyphs},
};
use manytop_core::{
    clock::Moment,
    engine::{Demand, Demands, Engine, EngineInstance, Sampled},
    health::State,
    ratatui_core::{buffer::Buffer, layout::Rect},
    registry::Registry,
    view::{Device, Snapshot, SourceView},
    widget::Wants,
};
use serde_json::{Map, Value, json};
use std::{
    io,
    process::ExitCode,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// Exit status when a source is not live.
const NOT_LIVE: u8 = 3;
/// Rates are taken over at most this long.
const LONGEST_GAP: Duration = Duration::from_secs(1);

/// The most rounds until what a frame shows is what was asked for.
const ROUNDS: usize = 6;

/// The frame that is printed.
#[derive(Clone, Copy, Debug)]
pub struct PrintedFrame {
    /// Columns and rows.
    pub size: (u16, u16),
    /// The characters that may stand in it.
    pub glyphs: Glyphs,
}

/// Asks and prints.
pub fn run(
    instances: Vec<EngineInstance>,
    parts: DashboardConfig,
    output: Output,
    contents: Contents,
    frame: PrintedFrame,
) -> io::Result<ExitCode> {
    let times = PollTimes::of(&instances);
    let want = match output {
        Output::Prometheus => contents.want(&parts.registry),
        Output::Text | Output::Svg | Output::Json => parts.registry.everything(|_| true),
    };
    let engine = Engine::start(instances, || {})?;
    if matches!(output, Output::Text | Output::Svg) {
        let board = Dashboard::new(parts, &engine.view()).map_err(io::Error::other)?;
        let (text, now, snapshot) = draw_settled(&engine, board, times, frame, output);
        messages::print_bytes(text.as_bytes())?;
        return Ok(ended(&snapshot, now));
    }
    let wants = Wants { want, history: Vec::new() };
    let demand = Demand {
        selects: Arc::new(|_, _| true),
        wants,
        scheduled: false,
        closely: false,
        past: None,
    };
    engine.demand(Demands { demands: vec![demand], frame: None, past: None });
    let (first, now, snapshot) = times.ask_twice(&engine);
    let text = match output {
        Output::Prometheus => {
            let mut past = EarlierSamples::default();
            let mut sample = |snapshot: &Snapshot| {
                past.sample(Sampled {
                    snapshot: snapshot.clone(),
                    late: Vec::new(),
                    at: Moment::now(),
                })
            };
            sample(&first);
            contents.page(&sample(&snapshot), SystemTime::now())
        }
        Output::Json | Output::Text | Output::Svg => {
            let document = document(&snapshot, now, Moment::now(), chrono::Utc::now());
            serde_json::to_string_pretty(&document)? + "\n"
        }
    };
    messages::print_bytes(text.as_bytes())?;
    Ok(ended(&snapshot, now))
}

/// The frame as text, once everything in it was asked for twice: which widgets there are, what they want and of which
/// host depends on the room they have and on what the hosts answer. Also when it was asked last, and the picture.
fn draw_settled(
    engine: &Engine,
    mut board: Dashboard,
    times: PollTimes,
    frame: PrintedFrame,
    output: Output,
) -> (String, Moment, Arc<Snapshot>) {
    let render = |board: &mut Dashboard, snapshot: &Snapshot, now| match output {
        Output::Svg => picture::svg(&cells(board, snapshot, now, frame), board.theme()),
        _ => text(&cells(board, snapshot, now, frame)),
    };
    let demand = |board: &Dashboard| {
        let unscheduled = |d| Demand { scheduled: false, ..d };
        let demands = board.demands().into_iter().map(unscheduled).collect();
        engine.demand(Demands { demands, frame: None, past: None });
        board.wants()
    };
    let (mut now, mut snapshot) = (Moment::now(), engine.view());
    let mut drawn = render(&mut board, &snapshot, now);
    let mut wanted = demand(&board);
    let until = now + 2 * times.timeout + times.gap;
    let mut rounds = 0;
    for round in 1..=ROUNDS {
        now = Moment::now();
        let left = if round <= 2 { times.timeout } else { until.since(now) };
        engine.sample(times.timeout.min(left));
        snapshot = engine.view();
        board.adapt(&snapshot, now);
        // boxes follow the cursor of a list that is sorted while it is drawn
        cells(&mut board, &snapshot, now, frame);
        drawn = render(&mut board, &snapshot, now);
        rounds += 1;
        if board.wants() != wanted {
            wanted = demand(&board);
            rounds = 0;
        }
        if rounds >= 2 || (round >= 2 && Moment::now() + times.gap >= until) {
            break;
        }
        // a rate is not taken over less
        std::thread::sleep(times.gap);
    }
    (drawn, now, snapshot)
}

/// Says what there is to say of the sources, and how it ends.
pub fn ended(snapshot: &Snapshot, now: Moment) -> ExitCode {
    for source in &snapshot.sources {
        let notes = source
            .notes()
            .chain(source.left_out())
            .map(|note| format!("note: {}: {note}", source.source));
        notes.for_each(|note| messages::tell(&note));
    }
    let fine =
        |s: &SourceView| s.expected_offline || matches!(s.state(now), State::Live | State::Idle);
    let all = snapshot.sources.iter().all(|s| fine(s));
    if all { ExitCode::SUCCESS } else { ExitCode::from(NOT_LIVE) }
}

/// How long to wait for an answer, and between two polls.
#[derive(Clone, Copy)]
pub struct PollTimes {
    timeout: Duration,
    gap: Duration,
}

impl PollTimes {
    /// As long as the slowest of these may take.
    pub fn of(instances: &[EngineInstance]) -> PollTimes {
        let timeout = instances.iter().map(|i| i.timeout).max().unwrap_or_default();
        let gap = instances.iter().map(|i| i.refresh.min(LONGEST_GAP)).max().unwrap_or_default();
        PollTimes { timeout, gap }
    }

    /// Asks everybody twice, for rates: the first picture, when it asked again, and the second. How others
    /// are is judged as of then: a slow source does not make the others late.
    pub fn ask_twice(self, engine: &Engine) -> (Arc<Snapshot>, Moment, Arc<Snapshot>) {
        engine.sample(self.timeout);
        let first = engine.view();
        std::thread::sleep(self.gap);
        let asked = Moment::now();
        engine.sample(self.timeout);
        (first, asked, engine.view())
    }
}

/// A frame.
pub fn cells(
    board: &mut Dashboard,
    snapshot: &Snapshot,
    now: Moment,
    frame: PrintedFrame,
) -> Buffer {
    let (width, height) = frame.size;
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    board.draw(snapshot, now, area, &mut buffer);
    frame.glyphs.fit(&mut buffer);
    buffer
}

/// A frame as lines of text.
pub fn text(buffer: &Buffer) -> String {
    let mut text = String::new();
    for row in buffer.content.chunks(usize::from(buffer.area.width).max(1)) {
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
pub fn document(
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
        "unread_lines": source.instances.iter().map(|i| i.unread_lines).sum::<usize>(),
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
    instances: Vec<EngineInstance>,
    registry: &Registry,
) -> io::Result<Vec<(String, Vec<String>)>> {
    let timeout = instances.iter().map(|i| i.timeout).max().unwrap_or_default();
    let engine = Engine::start(instances, || {})?;
    let want = registry.everything(|_| true);
    let mut lists = Vec::new();
    let wants = Wants { want: want.clone(), history: Vec::new() };
    let demands = vec![Demand {
        selects: Arc::new(|_, _| true),
        wants,
        scheduled: false,
        closely: false,
        past: None,
    }];
    engine.demand(Demands { demands, frame: None, past: None });
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
