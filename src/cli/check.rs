//! `--check`: asks all sources, compares with limits and alert rules, and answers as monitoring plugins do: one
//! line, `STATUS - text | performance data`, a line for each problem after it, and the exit status.

use crate::{
    cli::{CheckFormat, once},
    messages,
};
use manytop_core::{
    alert::Severity,
    alerts::{AlertRules, AlertTracker, SavedAlerts},
    clock::Moment,
    engine::{Demand, Demands, Engine, EngineInstance},
    fleet_stats::FleetStats,
    health::State,
    host_metric::{Grade, HostMetric, Limit},
    host_stats::HostStats,
    provider::Selection,
    reading::Kind,
    text::counted,
    view::{Settings, Snapshot, SourceView},
    widget::Wants,
};
use serde_json::{Value, json};
use std::{fmt, io, process::ExitCode, sync::Arc, time::SystemTime};

/// The result; the exit status.
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
struct CheckProblem<'a> {
    source: &'a SourceView,
    status: Status,
    /// `down`, `unread`, `alert`, or the word of a figure.
    what: &'static str,
    /// The rule of an alert.
    rule: Option<Arc<str>>,
    value: Option<f64>,
    limit: Option<f64>,
    text: String,
}

/// What was found.
struct CheckResult<'a> {
    status: Status,
    text: String,
    problems: Vec<CheckProblem<'a>>,
    totals: &'a FleetStats,
}

/// Asks, compares, prints.
pub fn run(
    instances: Vec<EngineInstance>,
    settings: &Settings,
    rules: AlertRules,
    format: CheckFormat,
) -> io::Result<ExitCode> {
    // what figures are made of; a provider that gives nothing of that is asked whether it is there
    let mut want = Selection::kinds(&HostStats::KINDS);
    let silent = |i: &&EngineInstance| want.of(i.job.plugin()).is_empty();
    let others: Vec<Kind> =
        instances.iter().filter(silent).flat_map(|i| i.job.plugin().kinds()).collect();
    want.join(&Selection::kinds(&others));
    let wants = Wants { want, history: Vec::new() };
    let all = Arc::new(|_: &_, _: &[String]| true);
    let mut demands =
        vec![Demand { selects: all, wants, scheduled: false, closely: false, past: None }];
    let of_rules = tracker(&rules, settings, Moment::now()).demands();
    demands.extend(of_rules.into_iter().map(|demand| Demand { scheduled: false, ..demand }));
    let times = once::PollTimes::of(&instances);
    let engine = Engine::start(instances, || {})?;
    engine.demand(Demands { demands, frame: None, past: None });
    let (_, asked, snapshot) = times.ask_twice(&engine);
    // sources that have answered since then are well, however long the slowest took
    print(&snapshot, asked, (settings, &rules), format)
}

/// A tracker of rules for one look.
fn tracker(rules: &AlertRules, settings: &Settings, now: Moment) -> AlertTracker {
    let saved = SavedAlerts::default();
    AlertTracker::new(rules.for_one_look(), settings.limits.clone(), saved, now)
}

/// Compares a snapshot with limits and rules and prints what was found.
///
/// # Errors
/// Standard output cannot be written.
pub fn print(
    snapshot: &Snapshot,
    now: Moment,
    (settings, rules): (&Settings, &AlertRules),
    format: CheckFormat,
) -> io::Result<ExitCode> {
    let found = judge(snapshot, now, settings, rules);
    match format {
        CheckFormat::Text => messages::print(&text(&found, settings))?,
        CheckFormat::Json => {
            let document = serde_json::to_string_pretty(&document(&found, settings))?;
            messages::print_bytes((document + "\n").as_bytes())?;
        }
    }
    Ok(ExitCode::from(found.status as u8))
}

fn judge<'a>(
    snapshot: &'a Snapshot,
    now: Moment,
    settings: &Settings,
    rules: &AlertRules,
) -> CheckResult<'a> {
    let totals = snapshot.totals(now, &settings.limits);
    let mut problems = Vec::new();
    for source in snapshot.sources.iter().map(|s| &**s) {
        match source.state(now) {
            State::Live | State::Idle | State::Late => {}
            _ if source.expected_offline => continue,
            State::Unread => problems.push(unread(source, now)),
            // for a single check, a source that never answered in time counts as down
            state => problems.push(unanswered(source, state, now)),
        }
        problems.extend(settings.limits.all_over(source, now).map(|over| CheckProblem {
            source,
            status: if over.grade == Grade::Critical { Status::Critical } else { Status::Warning },
            what: over.measure.word(),
            rule: None,
            value: Some(over.value),
            limit: Some(over.limit),
            text: over.show(settings).to_string(),
        }));
    }
    let fired = tracker(rules, settings, now).observe(snapshot, now, SystemTime::now());
    problems.extend(fired.into_iter().filter_map(|event| {
        let source = snapshot.sources.iter().find(|view| view.source == event.source)?;
        Some(CheckProblem {
            source,
            status: match event.severity {
                Severity::Critical => Status::Critical,
                Severity::Warning => Status::Warning,
            },
            what: "alert",
            text: format!("{}: {}", event.rule, event.text),
            rule: Some(event.rule),
            value: None,
            limit: None,
        })
    }));
    let rank =
        |p: &CheckProblem<'_>| (p.status != Status::Critical, p.what != "down", p.source.order);
    problems.sort_by_key(rank);
    let answered = [State::Live, State::Late, State::Idle, State::Unread]
        .map(|s| totals.state(s))
        .iter()
        .sum();
    let (status, text) = match (problems.first(), answered) {
        (None, 0_usize) => (Status::Unknown, "no source to check".to_owned()),
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
    CheckResult { status, text, problems, totals }
}

fn unanswered(source: &SourceView, state: State, now: Moment) -> CheckProblem<'_> {
    let reason = source.failure(now).map_or("no answer", |failure| failure.reason());
    let word = if state == State::Stale { "stale" } else { "DOWN" };
    let text = format!("{word}: {reason}");
    let (value, limit, rule) = (None, None, None);
    CheckProblem { source, status: Status::Critical, what: "down", value, limit, rule, text }
}

/// It answers, so that this is a warning.
fn unread(source: &SourceView, now: Moment) -> CheckProblem<'_> {
    let reason = source.failure(now).map_or("nothing is known", |failure| failure.reason());
    let text = format!("unread: {reason}");
    let (value, limit, rule) = (None, None, None);
    CheckProblem { source, status: Status::Warning, what: "unread", value, limit, rule, text }
}

/// `300 sources: 294 live, 6 down`
fn counts(totals: &FleetStats) -> String {
    let mut text = format!("{}:", counted(totals.sources, "source"));
    let states = [
        State::Live,
        State::Late,
        State::Idle,
        State::Starting,
        State::Unread,
        State::Stale,
        State::Down,
    ];
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
fn performance(totals: &FleetStats, settings: &Settings) -> Vec<String> {
    let all = totals.sources;
    let mut data = vec![
        format!("live={};;;0;{all}", totals.state(State::Live)),
        format!("down={};;;0;{all}", totals.state(State::Down)),
    ];
    for measure in HostMetric::ALL {
        let spread = totals.spread(measure);
        let Some(mean) = spread.mean().filter(|_| reported(measure)) else { continue };
        let unit = match measure {
            m if m.is_percent() => "%",
            HostMetric::Took => "s",
            _ => "",
        };
        let Limit { warning, critical } = settings.limits.get(measure);
        let bound = |limit: Option<f64>| limit.map(|l| format!("{l}")).unwrap_or_default();
        let most = if measure.is_percent() { "100" } else { "" };
        for (name, value) in [("mean", mean), ("p95", spread.p95), ("max", spread.most)] {
            let (word, value) = (measure.word(), (value * 1000.0).round() / 1000.0 + 0.0);
            let (warning, critical) = (bound(warning), bound(critical));
            data.push(format!("{word}_{name}={value}{unit};{warning};{critical};0;{most}"));
        }
        data.push(format!("{}_over={};;;0;{all}", measure.word(), spread.over));
    }
    data
}

/// What says something over a whole fleet.
fn reported(measure: HostMetric) -> bool {
    !matches!(measure, HostMetric::Uptime | HostMetric::Age)
}

/// The first line, and a line for each problem. `|` divides text from data: in a text it is a `/`.
fn text(found: &CheckResult<'_>, settings: &Settings) -> String {
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

fn document(found: &CheckResult<'_>, settings: &Settings) -> Value {
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
                "rule": p.rule.as_deref(),
                "value": p.value,
                "limit": p.limit,
                "text": p.text,
            })
        })
        .collect();
    let figures: serde_json::Map<String, Value> = HostMetric::ALL
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
            "unread": totals.state(State::Unread),
            "down": totals.state(State::Down),
            "offline": totals.offline,
        },
        "figures": figures,
        "problems": problems,
    })
}
