//! `--replay`: a recording in the place of an engine, for one instant or for a span.

use crate::{
    cli::{CheckFormat, Output, ReplayArgs, check, once},
    exporter::{page::Contents, sample::EarlierSamples},
    messages, picture,
    recording::{check_alerts, dump, mask::Masker, summary},
    tui::{
        dashboard::{Archive, Dashboard},
        dashboard_config::DashboardConfig,
        past::when,
    },
};
use manytop_core::{
    alerts::AlertRules, clock::Moment, engine::Sampled, host_metric::Limits, past::PastStore,
    registry::Registry, view::Snapshot,
};
use manytop_recording::{NameCatalog, ReplayStore};
use std::{
    io,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

/// Rates of a page of metrics are taken over this long.
const GAP: Duration = Duration::from_secs(1);

/// Opens a recording.
///
/// # Errors
/// It is missing, or it cannot be read.
pub fn open(folder: &Path, registry: &Registry) -> Result<ReplayStore, String> {
    let store = ReplayStore::open(folder, NameCatalog::new(registry));
    store.map_err(|error| format!("--replay: {error}"))
}

/// The moment of a time on the command line; the end of the recording where none is given.
///
/// # Errors
/// It is not a time, or the recording does not reach it.
pub fn moment(store: &mut ReplayStore, flag: &str, text: Option<&str>) -> Result<Moment, String> {
    let (first, last) = store.span().ok_or("--replay: the recording is empty")?;
    let Some(text) = text else { return Ok(last) };
    let end: chrono::DateTime<chrono::Local> = store.wall(last).into();
    // spans and times of day count back from the end of the recording
    let time = when::find(text, &end).map_err(|e| format!("{flag}: {e}"))?;
    let at = store.moment(time.into());
    if (first..=last).contains(&at) {
        return Ok(at);
    }
    let shown = |at: Moment| {
        let wall: chrono::DateTime<chrono::Local> = store.wall(at).into();
        wall.format("%Y-%m-%d %H:%M:%S").to_string()
    };
    // a second beyond either end is meant to be the end
    let near = first.since(at).max(at.since(last)) <= Duration::from_secs(1);
    match near {
        true => Ok(at.clamp(first, last)),
        false => Err(format!(
            "{flag}: the recording has nothing of {text}: it reaches from {} to {}",
            shown(first),
            shown(last)
        )),
    }
}

/// Where a screen finds instants that its memory does not have: the first of these folders with a recording
/// that reaches them.
pub fn archive(folders: Vec<PathBuf>, registry: Registry) -> Archive {
    Box::new(move |time| {
        folders.iter().find_map(|folder| {
            let mut store = ReplayStore::open(folder, NameCatalog::new(&registry)).ok()?;
            let (first, last) = store.span()?;
            let at = store.moment(time.into());
            (first..=last).contains(&at).then(|| (Box::new(store) as Box<dyn PastStore>, at))
        })
    })
}

/// Says what could not be read.
pub fn tell_notices(store: &mut ReplayStore) {
    store.notices().iter().for_each(|notice| messages::tell(&format!("note: {notice}")));
}

/// `--replay FOLDER --once`: one instant, as it would have been printed then.
///
/// # Errors
/// Standard output cannot be written, or the instant is not in the recording.
pub fn once(
    mut store: ReplayStore,
    args: &ReplayArgs,
    parts: DashboardConfig,
    output: Output,
    contents: Contents,
    frame: once::PrintedFrame,
) -> Result<ExitCode, String> {
    let at = moment(&mut store, "--at", args.at.as_deref())?;
    let mut masker = args.mask.then(Masker::default);
    let mut snapshot = |store: &mut ReplayStore, at: Moment| -> Arc<Snapshot> {
        let snapshot = store.at(at);
        match &mut masker {
            Some(masker) => Arc::new(masker.snapshot(&snapshot)),
            None => snapshot,
        }
    };
    let wall = store.wall(at);
    let last = snapshot(&mut store, at);
    let text = match output {
        Output::Text | Output::Svg => {
            let mut board = Dashboard::new(parts, &last)?;
            board.adapt(&last, at);
            // boxes follow the cursor of a list that is sorted while it is drawn
            once::cells(&mut board, &last, at, frame);
            let cells = once::cells(&mut board, &last, at, frame);
            match output {
                Output::Svg => picture::svg(&cells, board.theme()),
                _ => once::text(&cells),
            }
        }
        Output::Json => {
            let document = once::document(&last, at, at, wall.into());
            serde_json::to_string_pretty(&document).map_err(|e| e.to_string())? + "\n"
        }
        Output::Prometheus => {
            let mut past = EarlierSamples::default();
            let mut sample = |snapshot: &Snapshot, at| {
                past.sample(Sampled { snapshot: snapshot.clone(), late: Vec::new(), at })
            };
            let before = store.sample_before(at.before(GAP)).unwrap_or(at);
            let first = snapshot(&mut store, before);
            sample(&first, before);
            contents.page(&sample(&last, at), wall)
        }
    };
    tell_notices(&mut store);
    messages::print_bytes(text.as_bytes()).map_err(|e| e.to_string())?;
    Ok(once::ended(&last, at))
}

/// `--replay FOLDER --check`: limits and rules, at one instant.
///
/// # Errors
/// As [`once`].
pub fn check(
    mut store: ReplayStore,
    args: &ReplayArgs,
    parts: &DashboardConfig,
    rules: &AlertRules,
    format: CheckFormat,
) -> Result<ExitCode, String> {
    let at = moment(&mut store, "--at", args.at.as_deref())?;
    let mut snapshot = store.state_at(at);
    if args.mask {
        snapshot = Arc::new(Masker::default().snapshot(&snapshot));
    }
    tell_notices(&mut store);
    check::print(&snapshot, at, (&parts.settings, rules), format).map_err(|e| e.to_string())
}

/// `--replay FOLDER --dump`, `--summary`, `--check-alerts`, `--copy`: a span.
///
/// # Errors
/// Standard output cannot be written, or the span is not in the recording.
pub fn span(
    mut store: ReplayStore,
    args: &ReplayArgs,
    task: &SpanTask,
    rules: (&AlertRules, &Limits),
) -> Result<ExitCode, String> {
    let (first, _) = store.span().ok_or("--replay: the recording is empty")?;
    let from = match &args.from {
        Some(text) => moment(&mut store, "--from", Some(text))?,
        None => first,
    };
    let to = moment(&mut store, "--to", args.to.as_deref())?;
    if to < from {
        return Err("--to is before --from".to_owned());
    }
    let failed = |e: io::Error| e.to_string();
    match task {
        SpanTask::Dump(format) => {
            dump::run(&mut store, (from, to), args, *format).map_err(failed)?
        }
        SpanTask::Summary(format) => {
            summary::run(&mut store, (from, to), args, *format).map_err(failed)?;
        }
        SpanTask::CheckAlerts(format) => {
            check_alerts::run(&mut store, (from, to), args, rules, *format).map_err(failed)?;
        }
        SpanTask::Copy(folder) => dump::copy(&mut store, (from, to), args, folder)?,
    }
    tell_notices(&mut store);
    Ok(ExitCode::SUCCESS)
}

/// What is made of a span.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SpanTask {
    /// All values, one after the other.
    Dump(dump::DumpFormat),
    /// What stands out.
    Summary(CheckFormat),
    /// When rules would have fired.
    CheckAlerts(CheckFormat),
    /// Another recording.
    Copy(PathBuf),
}

/// The recording that is built in, unpacked into a folder of its own.
///
/// # Errors
/// It cannot be unpacked.
pub fn demo(registry: &Registry) -> Result<ReplayStore, String> {
    ReplayStore::built_in(DEMO, NameCatalog::new(registry))
        .map_err(|error| format!("--demo: {error}"))
}

/// A segment: made by examples/demo/make.
const DEMO: &[u8] = include_bytes!("../../examples/demo/demo.mtr");
