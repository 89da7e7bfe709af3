//! `--check`: asks everybody, compares with limits, and answers as monitoring plugins do: one line, `STATUS -
//! text | performance data`, a line for each problem after it, and the exit status.

use crate::{cli::CheckFormat, once};
use manytop_core::{
    clock::Moment,
    engine::{Demand, Demands, Engine, Instance},
    health::State,
    measure::{Grade, Limit, Measure},
    provider::Want,
    reading::Kind,
    summary::Summary,
    totals::Totals,
    view::{Settings, Snapshot, SourceView},
    widget::Wants,
};
use serde_json::{Value, json};
use std::{
    fmt,
    io::{self, Write},
    process::ExitCode,
    sync::Arc,
};

/// How it stands; the exit status.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Status {
    Ok = 0,
    Warning = 1,
    Critical = 2,
    Unknown = 3,
}

/// The exit status when there is nothing to say: usage errors too.
pub const UNKNOWN: u8 = Status::Unknown as u8;

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Status::Ok => "OK",
            Status::Warning => "WARNING",
            Status::Critical => "CRITICAL",
            Status::Unknown => "UNKNOWN",
        })
    }
}

/// One thing that is wrong with one source.
struct Problem<'a> {
    source: &'a SourceView,
    status: Status,
    /// `down`, or the word of a figure.
    what: &'static str,
    value: Option<f64>,
    limit: Option<f64>,
    text: String,
}

/// What was found.
struct Found<'a> {
    status: Status,
    text: String,
    problems: Vec<Problem<'a>>,
    totals: &'a Totals,
}

/// Asks, compares, prints.
pub fn run(
    instances: Vec<Instance>,
    settings: &Settings,
    format: CheckFormat,
) -> io::Result<ExitCode> {
    // what figures are made of; a provider that gives nothing of that is asked whether it is there
    let mut want = Want::kinds(&Summary::KINDS);
    let silent = |i: &&Instance| want.of(i.job.plugin()).is_empty();
    let others: Vec<Kind> =
        instances.iter().filter(silent).flat_map(|i| i.job.plugin().kinds()).collect();
    want.join(&Want::kinds(&others));
    let wants = Wants { want, history: Vec::new() };
    let all = Arc::new(|_: &_, _: &[String]| true);
    let demands = vec![Demand { selects: all, wants, scheduled: false, closely: false }];
    let times = once::Times::of(&instances);
    let engine = Engine::start(instances, || {})?;
    engine.demand(Demands { demands, frame: None });
    let (_, asked, snapshot) = times.ask_twice(&engine);
    // whoever has answered since then is well, however long the slowest kept us
    let found = judge(&snapshot, asked, settings);
    let mut out = io::stdout().lock();
    match format {
        CheckFormat::Text => out.write_all(text(&found, settings).as_bytes())?,
        CheckFormat::Json => {
            serde_json::to_writer_pretty(&mut out, &document(&found, settings))?;
            out.write_all(b"\n")?;
        }
    }
    Ok(ExitCode::from(found.status as u8))
}

fn judge<'a>(snapshot: &'a Snapshot, now: Moment, settings: &Settings) -> Found<'a> {
    let totals = snapshot.totals(now, &settings.limits);
    let mut problems = Vec::new();
    for source in snapshot.sources.iter().map(|s| &**s) {
        match source.state(now) {
            State::Live | State::Idle | State::Late => {}
            _ if source.expected_offline => continue,
            // one that never answered in time is as good as down for who only looks once
            state => problems.push(unanswered(source, state, now)),
        }
        problems.extend(settings.limits.all_over(source, now).map(|over| Problem {
            source,
            status: if over.grade == Grade::Critical { Status::Critical } else { Status::Warning },
            what: over.measure.word(),
            value: Some(over.value),
            limit: Some(over.limit),
            text: over.show(settings).to_string(),
        }));
    }
    let rank = |p: &Problem<'_>| (p.status != Status::Critical, p.what != "down", p.source.order);
    problems.sort_by_key(rank);
    let answered = [State::Live, State::Late, State::Idle].map(|s| totals.state(s)).iter().sum();
    let (status, text) = match (problems.first(), answered) {
        (_, 0_usize) if totals.sources == totals.offline => {
            (Status::Unknown, "no source to check".to_owned())
        }
        (None, _) => (Status::Ok, counts(totals)),
        (Some(worst), _) => {
            let first = format!("{} {}", worst.source.source, worst.text);
            let more = match problems.len() - 1 {
                0 => String::new(),
                n => format!(" and {n} more"),
            };
            (worst.status, format!("{}; {first}{more}", counts(totals)))
        }
    };
    Found { status, text, problems, totals }
}

fn unanswered(source: &SourceView, state: State, now: Moment) -> Problem<'_> {
    let reason = source.failure(now).map_or("no answer", |failure| failure.reason());
    let word = if state == State::Stale { "stale" } else { "DOWN" };
    let text = format!("{word}: {reason}");
    Problem { source, status: Status::Critical, what: "down", value: None, limit: None, text }
}

/// `300 sources: 294 live, 6 down`
fn counts(totals: &Totals) -> String {
    let plural = if totals.sources == 1 { "" } else { "s" };
    let mut text = format!("{} source{plural}:", totals.sources);
    let states =
        [State::Live, State::Late, State::Idle, State::Starting, State::Stale, State::Down];
    let known = states.map(|state| (totals.state(state), state.word()));
    let offline = [(totals.offline, "offline")];
    let parts: Vec<String> = known
        .iter()
        .chain(&offline)
        .filter(|(n, _)| *n > 0)
        .map(|(n, word)| format!(" {n} {word}"))
        .collect();
    text += &parts.join(",");
    text
}

/// The figures of the performance data: label, value, unit, limits, least and most.
fn performance(totals: &Totals, settings: &Settings) -> Vec<String> {
    let all = totals.sources;
    let mut data = vec![
        format!("live={};;;0;{all}", totals.state(State::Live)),
        format!("down={};;;0;{all}", totals.state(State::Down)),
    ];
    for measure in Measure::ALL {
        let spread = totals.spread(measure);
        let Some(mean) = spread.mean().filter(|_| reported(measure)) else { continue };
        let unit = match measure {
            m if m.is_percent() => "%",
            Measure::Took => "s",
            _ => "",
        };
        let Limit { warning, critical } = settings.limits.get(measure);
        let bound = |limit: Option<f64>| limit.map(|l| format!("{l}")).unwrap_or_default();
        let most = if measure.is_percent() { "100" } else { "" };
        for (name, value) in [("mean", mean), ("p95", spread.p95), ("max", spread.most)] {
            let (word, value) = (measure.word(), (value * 1000.0).round() / 1000.0);
            let (warning, critical) = (bound(warning), bound(critical));
            data.push(format!("{word}_{name}={value}{unit};{warning};{critical};0;{most}"));
        }
        data.push(format!("{}_over={};;;0;{all}", measure.word(), spread.over));
    }
    data
}

/// What says something over a whole fleet.
fn reported(measure: Measure) -> bool {
    !matches!(measure, Measure::Uptime | Measure::Age)
}

/// The first line, and a line for each problem. `|` divides text from data: in a text it is a `/`.
fn text(found: &Found<'_>, settings: &Settings) -> String {
    let clean = |text: &str| text.replace('|', "/");
    let data = performance(found.totals, settings).join(" ");
    let mut text = format!("{} - {} | {data}\n", found.status, clean(&found.text));
    for problem in &found.problems {
        let line = format!("{}: {} {}", problem.status, problem.source.source, problem.text);
        text += &clean(&line);
        text.push('\n');
    }
    text
}

fn document(found: &Found<'_>, settings: &Settings) -> Value {
    let totals = found.totals;
    let problems: Vec<Value> = found
        .problems
        .iter()
        .map(|p| {
            json!({
                "source": p.source.source.name(),
                "tags": &*p.source.tags,
                "status": p.status.to_string(),
                "what": p.what,
                "value": p.value,
                "limit": p.limit,
                "text": p.text,
            })
        })
        .collect();
    let figures: serde_json::Map<String, Value> = Measure::ALL
        .into_iter()
        .filter(|m| reported(*m) && totals.spread(*m).known > 0)
        .map(|m| {
            let (spread, limit) = (totals.spread(m), settings.limits.get(m));
            let value = json!({
                "known": spread.known,
                "mean": spread.mean(),
                "p95": spread.p95,
                "max": spread.most,
                "over": spread.over,
                "warning": limit.warning,
                "critical": limit.critical,
            });
            (m.word().to_owned(), value)
        })
        .collect();
    json!({
        "manytop": env!("CARGO_PKG_VERSION"),
        "status": found.status.to_string(),
        "code": found.status as u8,
        "text": found.text,
        "sources": {
            "all": totals.sources,
            "live": totals.state(State::Live),
            "late": totals.state(State::Late),
            "stale": totals.state(State::Stale),
            "starting": totals.state(State::Starting),
            "idle": totals.state(State::Idle),
            "down": totals.state(State::Down),
            "offline": totals.offline,
        },
        "figures": figures,
        "problems": problems,
    })
}
