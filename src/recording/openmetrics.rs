//! A recording as OpenMetrics with times, for `promtool tsdb create-blocks-from openmetrics`.

use super::dump::{Progress, Selected, seconds};
use manytop_core::{
    clock::Moment,
    naming::{self, DEVICE, SOURCE, SOURCE_UP},
    source::Source,
    vocabulary::{NAME, PROCESS},
};
use manytop_recording::{EventKind, FrameContent, ReplayStore};
use std::{
    collections::HashMap,
    io::{self, Write},
    time::SystemTime,
};

/// A label's value, with what the format escapes.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Writes a span, oldest first: in the order of time for every series.
///
/// # Errors
/// It cannot be written.
pub fn write(
    store: &mut ReplayStore,
    (from, to): (Moment, Moment),
    selected: &mut Selected<'_>,
    progress: &mut Progress,
    out: &mut impl Write,
) -> io::Result<()> {
    let mut result = Ok(());
    // a series has one sample a millisecond, and the wall clock may have been set back
    let mut last: HashMap<(Source, usize), SystemTime> = HashMap::new();
    store.scan(from, to, |frame| {
        progress.at(frame.at);
        result = (|| match frame.what {
            FrameContent::Readings(source, feed) if selected.has_source(source) => {
                let before = last.entry((source.clone(), feed)).or_insert(SystemTime::UNIX_EPOCH);
                if seconds(frame.wall) <= seconds(*before) {
                    return Ok(());
                }
                *before = frame.wall;
                let time = seconds(frame.wall);
                let name = escaped(&selected.source(source));
                let newest = frame.devices().map(|d| d.read_at).max();
                for device in frame.devices().filter(|d| Some(d.read_at) == newest) {
                    if !selected.has_kind(device) {
                        continue;
                    }
                    let device = selected.device(device);
                    let mut labels =
                        format!("{SOURCE}=\"{name}\",{DEVICE}=\"{}\"", escaped(&device.name));
                    if let Some(program) = device.text(&NAME).filter(|_| device.kind == PROCESS) {
                        labels += &format!(",name=\"{}\"", escaped(program));
                    }
                    for (metric, value) in device.values.iter() {
                        let metric = naming::metric(device.kind, metric);
                        writeln!(out, "{metric}{{{labels}}} {value} {time:.3}")?;
                    }
                }
                Ok(())
            }
            FrameContent::Event(event) => {
                let up = match event.kind {
                    EventKind::Down => 0,
                    EventKind::Recovered => 1,
                    _ => return Ok(()),
                };
                let Some(source) = event.source.as_deref().map(Source::named) else {
                    return Ok(());
                };
                if !selected.has_source(&source) {
                    return Ok(());
                }
                let (name, time) = (escaped(&selected.source(&source)), seconds(frame.wall));
                writeln!(out, "{SOURCE_UP}{{{SOURCE}=\"{name}\"}} {up} {time:.3}")
            }
            FrameContent::Readings(..) => Ok(()),
        })();
        result.is_ok()
    });
    result?;
    out.write_all(b"# EOF\n")
}
