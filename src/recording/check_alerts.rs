//! `--check-alerts`: when each rule of the config would have fired over a recording.

use crate::{
    cli::{CheckFormat, ReplayArgs},
    messages,
    recording::dump::{Progress, Selected, rfc3339},
};
use manytop_core::{
    alert::Severity,
    alerts::{AlertChange, AlertEvent, AlertRule, AlertRules, AlertTracker, SavedAlerts},
    clock::Moment,
    draw::number::span,
    host_metric::Limits,
    past::PastStore,
    source::Source,
    view::Snapshot,
};
use manytop_recording::{EventKind, ReplayStore};
use serde_json::{Value, json};
use std::{
    fmt::Write as _,
    io,
    sync::Arc,
    time::{Duration, SystemTime},
};

/// Between two samples that lie further apart the rules are tested too: a host that is down has no samples.
const LOOK: Duration = Duration::from_secs(5);

/// One time that a rule would have fired.
struct Fired {
    rule: Arc<str>,
    source: Source,
    device: Option<Arc<str>>,
    text: String,
    began: SystemTime,
    /// `None`: it fires at the end of the span.
    ended: Option<SystemTime>,
}

impl Fired {
    /// How long it fired; `None` where it goes on.
    fn lasted(&self) -> Option<Duration> {
        Some(self.ended?.duration_since(self.began).unwrap_or_default())
    }
}

/// Prints when each rule would have fired.
///
/// # Errors
/// Standard output cannot be written.
pub fn run(
    store: &mut ReplayStore,
    span: (Moment, Moment),
    args: &ReplayArgs,
    (rules, limits): (&AlertRules, &Limits),
    format: CheckFormat,
) -> io::Result<()> {
    let fired = replay(store, span, args, (rules, limits));
    let walls = (store.wall(span.0), store.wall(span.1));
    messages::print(&match format {
        CheckFormat::Json => serde_json::to_string_pretty(&document(rules, &fired, walls))? + "\n",
        CheckFormat::Text => text(rules, &fired, walls),
    })
}

/// Lets the rules observe all that was recorded in a span.
fn replay(
    store: &mut ReplayStore,
    (from, to): (Moment, Moment),
    args: &ReplayArgs,
    (rules, limits): (&AlertRules, &Limits),
) -> Vec<Fired> {
    let tracker = |saved, at| AlertTracker::new(rules.clone(), limits.clone(), saved, at);
    let mut progress = Progress::new(from, to);
    let selected = Selected::new(args);
    // what was not recorded while manytop did not run is not the hosts' fault
    let starts = store.index().events(from, to);
    let starts = starts.filter(|(at, event)| event.kind == EventKind::Started && *at > from);
    let starts: Vec<Moment> = starts.map(|(at, _)| *at).collect();
    let mut starts = starts.into_iter().peekable();
    let mut fired = Vec::new();
    let mut alerts = tracker(SavedAlerts::default(), from);
    let mut at = from;
    loop {
        progress.at(at);
        let snapshot = store.state_at(at);
        let snapshot = chosen(&snapshot, &selected);
        let wall = store.wall(at);
        for event in alerts.observe(&snapshot, at, wall) {
            add(&mut fired, event);
        }
        if at >= to {
            break;
        }
        let next = store.sample_after(at).map_or(to, |next| next.min(to));
        at = match starts.next_if(|start| *start <= next) {
            Some(start) => {
                alerts = tracker(alerts.saved(), start);
                start.max(at)
            }
            None => next.min(at + LOOK),
        };
    }
    progress.end();
    fired
}

/// The sources that `--source` chooses.
fn chosen(snapshot: &Snapshot, selected: &Selected<'_>) -> Snapshot {
    let mut chosen = snapshot.clone();
    chosen.sources.retain(|view| selected.has_source(&view.source));
    chosen
}

fn add(fired: &mut Vec<Fired>, event: AlertEvent) {
    let is_same = |other: &&mut Fired| {
        other.ended.is_none()
            && (&other.rule, &other.source, &other.device)
                == (&event.rule, &event.source, &event.device)
    };
    if event.change == AlertChange::Resolved {
        if let Some(open) = fired.iter_mut().rev().find(is_same) {
            open.ended = Some(event.at);
        }
        return;
    }
    let ended = (event.change == AlertChange::Ended).then_some(event.at);
    let AlertEvent { rule, source, device, text, at: began, .. } = event;
    fired.push(Fired { rule, source, device, text, began, ended });
}

/// The rules with what fired of each, in the order of the rules.
fn by_rule<'a>(
    rules: &'a AlertRules,
    fired: &'a [Fired],
) -> impl Iterator<Item = (&'a AlertRule, Vec<&'a Fired>)> {
    rules.all.iter().map(|rule| (rule, fired.iter().filter(|f| f.rule == rule.name).collect()))
}

fn document(rules: &AlertRules, fired: &[Fired], walls: (SystemTime, SystemTime)) -> Value {
    let alert = |fired: &&Fired| {
        json!({
            "source": fired.source.name(),
            "device": fired.device.as_deref(),
            "text": fired.text,
            "from": rfc3339(fired.began),
            "to": fired.ended.map(rfc3339),
            "seconds": fired.lasted().map(|lasted| lasted.as_secs_f64()),
        })
    };
    let rule = |(rule, fired): (&AlertRule, Vec<&Fired>)| {
        json!({
            "rule": &*rule.name,
            "severity": rule.severity.word(),
            "about": rule.about,
            "known": rule.probe.is_some(),
            "fired": fired.len(),
            "alerts": fired.iter().map(alert).collect::<Vec<_>>(),
        })
    };
    let rules: Vec<Value> = by_rule(rules, fired).map(rule).collect();
    json!({ "from": rfc3339(walls.0), "to": rfc3339(walls.1), "rules": rules })
}

fn text(rules: &AlertRules, fired: &[Fired], walls: (SystemTime, SystemTime)) -> String {
    let shown = |wall: SystemTime| {
        let wall: chrono::DateTime<chrono::Local> = wall.into();
        wall.format("%Y-%m-%d %H:%M:%S").to_string()
    };
    let mut out = format!("{} to {}\n", shown(walls.0), shown(walls.1));
    let wide = rules.all.iter().map(|rule| rule.name.chars().count()).max().unwrap_or(0);
    for (rule, fired) in by_rule(rules, fired) {
        let times = match (rule.probe.is_some(), fired.len()) {
            (false, _) => "unknown: no provider reads it".to_owned(),
            (true, 0) => "never".to_owned(),
            (true, 1) => "once".to_owned(),
            (true, times) => format!("{times} times"),
        };
        let severity = match rule.severity {
            Severity::Warning => "warning ",
            Severity::Critical => "critical",
        };
        let _ = writeln!(out, "{:<wide$}  {severity}  {times}", rule.name);
        for fired in fired {
            let lasted = match fired.lasted() {
                Some(lasted) => format!("for {}", span(lasted.as_secs_f64())),
                None => "to the end".to_owned(),
            };
            let (began, source) = (shown(fired.began), &fired.source);
            let line = format!("  {began}  {lasted:<10}  {source} {}", fired.text);
            let _ = writeln!(out, "{}", line.trim_end());
        }
    }
    out
}
