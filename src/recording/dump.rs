//! `--dump`: all that a recording holds, printed as it is read: no more than one block is in memory.

use crate::{
    cli::ReplayArgs,
    messages,
    recording::{mask::Masker, openmetrics},
};
use manytop_core::{clock::Moment, glob, past::PastStore, source::Source, view::Device};
use manytop_recording::{
    FrameContent, NameCatalog, RecordedEvent, RecordingOptions, RecordingWriter, ReplayStore,
};
use serde_json::{Map, Value, json};
use std::{
    borrow::Cow,
    collections::VecDeque,
    io::{self, BufWriter, Write},
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// How `--dump` prints.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DumpFormat {
    /// A value a line: time, source, kind, device, quantity, value.
    Csv,
    /// A device a line, as an object.
    JsonLines,
    /// For `promtool tsdb create-blocks-from openmetrics`.
    OpenMetrics,
}

/// What `--source` and `--kind` choose, and how it is masked.
pub struct Selected<'a> {
    args: &'a ReplayArgs,
    masker: Option<Masker>,
}

impl<'a> Selected<'a> {
    /// What the flags choose.
    pub fn new(args: &'a ReplayArgs) -> Selected<'a> {
        Selected { args, masker: args.mask.then(Masker::default) }
    }

    /// Whether a source is chosen.
    pub fn has_source(&self, source: &Source) -> bool {
        let chosen = &self.args.sources;
        chosen.is_empty() || chosen.iter().any(|pattern| glob::matches(pattern, source.name()))
    }

    /// Whether a kind is chosen.
    pub fn has_kind(&self, device: &Device) -> bool {
        let chosen = &self.args.kinds;
        chosen.is_empty() || chosen.iter().any(|kind| kind == device.kind.word())
    }

    /// The name of a source as it is printed.
    pub fn source(&mut self, source: &Source) -> String {
        match &mut self.masker {
            Some(masker) => masker.source(source).name().to_owned(),
            None => source.name().to_owned(),
        }
    }

    /// A device as it is printed.
    pub fn device<'d>(&mut self, device: &'d Device) -> Cow<'d, Device> {
        match &mut self.masker {
            Some(masker) => Cow::Owned(masker.device(device)),
            None => Cow::Borrowed(device),
        }
    }

    /// Words of an event as they are printed.
    pub fn words(&mut self, text: &str) -> String {
        match &mut self.masker {
            Some(masker) => masker.words(text),
            None => text.to_owned(),
        }
    }
}

/// The seconds since 1970, to the millisecond.
pub fn seconds(wall: SystemTime) -> f64 {
    let millis = wall.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
    millis as f64 / 1000.0
}

/// A time as RFC 3339, to the millisecond.
pub fn rfc3339(wall: SystemTime) -> String {
    let at: chrono::DateTime<chrono::Utc> = wall.into();
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

/// Prints a span.
///
/// # Errors
/// Standard output cannot be written. A reader that closes its end has enough.
pub fn run(
    store: &mut ReplayStore,
    (from, to): (Moment, Moment),
    args: &ReplayArgs,
    format: DumpFormat,
) -> io::Result<()> {
    let mut progress = Progress::new(from, to);
    let printed = messages::stream(|out| {
        let mut out = BufWriter::with_capacity(1 << 16, out);
        let mut selected = Selected::new(args);
        if format == DumpFormat::Csv {
            out.write_all(b"time,source,kind,device,quantity,value\n")?;
        }
        if format == DumpFormat::OpenMetrics {
            openmetrics::write(store, (from, to), &mut selected, &mut progress, &mut out)?;
            return out.flush();
        }
        let mut failed = None;
        store.scan(from, to, |frame| {
            progress.at(frame.at);
            let time = rfc3339(frame.wall);
            let written = match frame.what {
                FrameContent::Readings(source, _) if selected.has_source(source) => {
                    let name = selected.source(source);
                    // what an answer no longer had is not of this time
                    let newest = frame.devices().map(|d| d.read_at).max();
                    let mut devices = frame.devices().filter(|d| Some(d.read_at) == newest);
                    devices.try_for_each(|device| {
                        if !selected.has_kind(device) {
                            return Ok(());
                        }
                        let device = selected.device(device);
                        match format {
                            DumpFormat::Csv => csv(&mut out, &time, &name, &device),
                            _ => json_line(&mut out, &time, &name, &device),
                        }
                    })
                }
                FrameContent::Event(event) if format == DumpFormat::JsonLines => {
                    let source = event.source.as_deref().map(Source::named);
                    let source = source.map(|source| selected.source(&source));
                    let event = json!({
                        "time": time,
                        "event": event.kind.word(),
                        "source": source,
                        "text": selected.words(&event.text),
                    });
                    writeln!(out, "{event}")
                }
                _ => Ok(()),
            };
            failed = written.err();
            failed.is_none()
        });
        match failed {
            Some(error) => Err(error),
            None => out.flush(),
        }
    });
    progress.end();
    printed
}

fn csv(out: &mut impl Write, time: &str, source: &str, device: &Device) -> io::Result<()> {
    let (source, name) = (quoted(source), quoted(&device.name));
    for (metric, value) in device.values.iter().filter(|(metric, _)| metric.is_gauge()) {
        let (kind, metric) = (device.kind.word(), metric.name());
        writeln!(out, "{time},{source},{kind},{name},{metric},{value}")?;
    }
    Ok(())
}

/// A field of CSV. What a spreadsheet would take for a formula is marked as a text.
fn quoted(text: &str) -> Cow<'_, str> {
    let is_formula = text.starts_with(['=', '+', '-', '@']);
    match is_formula || text.contains([',', '"', '\n', '\r']) {
        false => Cow::Borrowed(text),
        true => {
            let mark = if is_formula { "'" } else { "" };
            Cow::Owned(format!("\"{mark}{}\"", text.replace('"', "\"\"")))
        }
    }
}

fn json_line(out: &mut impl Write, time: &str, source: &str, device: &Device) -> io::Result<()> {
    let gauges = device.values.iter().filter(|(metric, _)| metric.is_gauge());
    let values: Map<String, Value> = gauges.map(|(m, v)| (m.name().to_owned(), json!(v))).collect();
    let texts: Map<String, Value> =
        device.texts.iter().map(|(t, v)| (t.name().to_owned(), json!(&**v))).collect();
    let line = json!({
        "time": time,
        "source": source,
        "kind": device.kind.word(),
        "device": &*device.name,
        "values": values,
        "texts": texts,
    });
    writeln!(out, "{line}")
}

/// Writes another recording of a span, masked where that is asked for.
///
/// # Errors
/// The folder cannot be written, or holds a recording already.
pub fn copy(
    store: &mut ReplayStore,
    (from, to): (Moment, Moment),
    args: &ReplayArgs,
    folder: &Path,
) -> Result<(), String> {
    let mut entries = std::fs::read_dir(folder).into_iter().flatten();
    if entries.any(|entry| entry.is_ok()) {
        return Err(format!("--copy: {} is not empty; name another folder", folder.display()));
    }
    let (kinds, sources) = (args.kinds.clone(), args.sources.clone());
    let options = RecordingOptions {
        folder: folder.to_owned(),
        keep: Duration::MAX,
        size: u64::MAX,
        mode: 0o600,
        kinds: Arc::new(move |kind| kinds.is_empty() || kinds.iter().any(|k| k == kind.word())),
        // sources are chosen before they are masked
        sources: Arc::new(|_| true),
        every: Duration::ZERO,
        processes: Duration::ZERO,
    };
    let writer = RecordingWriter::open(options, &mut NameCatalog::default());
    let mut writer = writer.map_err(|error| format!("--copy: {error}"))?;
    let failed = |e: io::Error| format!("--copy: cannot write to {}: {e}", folder.display());
    let mut masker = args.mask.then(Masker::default);
    let mut progress = Progress::new(from, to);
    let mut events: VecDeque<(Moment, RecordedEvent)> =
        store.index().events(from, to).cloned().collect();
    let mut at = Some(from);
    while let Some(moment) = at.filter(|at| *at <= to) {
        progress.at(moment);
        let mut snapshot = (*store.state_at(moment)).clone();
        snapshot.sources.retain(|view| {
            sources.is_empty() || sources.iter().any(|p| glob::matches(p, view.source.name()))
        });
        if let Some(masker) = &mut masker {
            snapshot = masker.snapshot(&snapshot);
        }
        let clock = store.wall(moment).duration_since(UNIX_EPOCH).unwrap_or_default();
        let clock = (clock.as_nanos() as u64).wrapping_sub(moment.as_nanos()) as i64;
        writer.copy(&snapshot, clock);
        while events.front().is_some_and(|(at, _)| *at <= moment) {
            let Some((_, mut event)) = events.pop_front() else { break };
            if let Some(masker) = &mut masker {
                let source =
                    event.source.as_deref().map(|name| masker.source(&Source::named(name)));
                event.source = source.map(|source| source.name().into());
                event.text = masker.words(&event.text);
            }
            writer.event(moment, event);
        }
        writer.flush().map_err(failed)?;
        at = store.sample_after(moment);
    }
    progress.end();
    writer.close().map_err(failed)
}

/// How far it is, on standard error where that is a terminal.
pub struct Progress {
    span: (Moment, Moment),
    shown: Option<u128>,
}

impl Progress {
    /// For a span.
    pub fn new(from: Moment, to: Moment) -> Progress {
        Progress { span: (from, to), shown: messages::shows_progress().then_some(101) }
    }

    /// It has come to this moment.
    pub fn at(&mut self, at: Moment) {
        let Some(shown) = &mut self.shown else { return };
        let (from, to) = self.span;
        let percent = 100 * at.since(from).as_nanos() / to.since(from).as_nanos().max(1);
        if percent != *shown {
            *shown = percent;
            messages::progress(&format!("{percent} %"));
        }
    }

    /// It has come to its end.
    pub fn end(&mut self) {
        if self.shown.take().is_some() {
            messages::progress("");
        }
    }
}
