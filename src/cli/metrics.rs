//! `--list metrics HOST`: every series that a host serves, with type, help and value.

use crate::{
    cli::{hosts, once},
    messages,
};
use manytop_core::{
    config::{Config, Request},
    engine::{Demand, Demands, Engine, EngineInstance},
    provider::Selection,
    reading::Kind,
    registry::Registry,
    view::SourceView,
    vocabulary as v,
    widget::Wants,
};
use std::{fmt::Write as _, io, process::ExitCode, sync::Arc};

/// The word after `--list`.
pub const WORD: &str = "metrics";

/// Adds the host that the command line names to what is asked for, unless the config has one of that NAME.
///
/// # Errors
/// No host is named, or several, or one that cannot be.
pub fn add(args: &[String], request: &mut Request, registry: &Registry) -> Result<String, String> {
    let [arg] = args else {
        return Err("--list metrics: name one host: manytop --list metrics HOST|URL|NAME".into());
    };
    if let Ok(config) = Config::load(request, registry) {
        let known = config.instances.iter().filter_map(|instance| instance.name.as_deref());
        if let Some(name) = known.into_iter().find(|name| *name == arg) {
            return Ok(name.to_owned());
        }
    }
    let found = hosts::read(args)?;
    for host in &found {
        let pair = format!("{}={}", host.name, host.url);
        request.named(&host.place, "remote", "url", &pair)?;
    }
    found.first().map(|host| host.name.clone()).ok_or_else(|| "--list metrics: no host".into())
}

/// Asks the host of that NAME, and prints its series.
pub fn run(instances: Vec<EngineInstance>, name: &str) -> io::Result<ExitCode> {
    let only = |instance: &EngineInstance| instance.name.as_deref() == Some(name);
    let instances: Vec<EngineInstance> = instances.into_iter().filter(only).collect();
    let times = once::PollTimes::of(&instances);
    let engine = Engine::start(instances, || {})?;
    let wants = Wants { want: Selection::kinds(&[v::SERIES]), history: Vec::new() };
    let selects = Arc::new(|_: &_, _: &[String]| true);
    let demands = vec![Demand { selects, wants, scheduled: false, closely: true, past: None }];
    engine.demand(Demands { demands, frame: None, past: None });
    let (_, now, snapshot) = times.ask_twice(&engine);
    let Some(source) = snapshot.sources.iter().find(|source| source.source.name() == name) else {
        return Ok(ExitCode::from(3));
    };
    let text = listed(source, v::SERIES);
    if text.is_empty() {
        let why = source.failure(now).map_or("no series".to_owned(), ToString::to_string);
        messages::tell(&format!("{name}: {why}"));
        return Ok(ExitCode::from(3));
    }
    messages::print(&text)?;
    Ok(ExitCode::SUCCESS)
}

/// A line for each series: name and labels, value, type and help; the latter where they change.
fn listed(source: &SourceView, kind: Kind) -> String {
    let mut out = String::new();
    let mut last = "";
    for series in source.devices(kind) {
        let name = series.name.split('{').next().unwrap_or_default();
        if name != last {
            let about = [series.text(&v::TYPE), series.text(&v::HELP)];
            let about: Vec<&str> = about.into_iter().flatten().collect();
            if !about.is_empty() {
                let _ = writeln!(out, "# {name}: {}", about.join("; "));
            }
        }
        last = name;
        let value = series
            .value(&v::METRIC_VALUE)
            .map_or_else(|| "-".to_owned(), |value| value.to_string());
        let _ = writeln!(out, "{} {value}", series.name);
    }
    out
}
