//! Files that other programs write: node_exporter's textfile folder.
//!
//! Reads every `*.prom` in the folder `dir` at each poll: Prometheus text, as for node_exporter's textfile
//! collector, and the lines that the provider `command` knows, text left out. Values are devices of the kind
//! `metric` of this machine, or of any kind by manytop's own names.
//!
//! ```conf needs-host
//! textfile-dir=/var/lib/prometheus/node-exporter
//! ```
//!
//! | option | default | |
//! |---|---|---|
//! | `dir` | none | the folder; without one there is nothing to read |
//!
//! A file that cannot be read, is not UTF-8, or is longer than 1 MiB is left out, and a note names it. At most 200
//! files and 2,000 values are read.

use crate::readings::{self, OwnReadings};
use manytop_core::file;
use manytop_plugin::{
    inventory,
    options::{Opt, Options},
    provider::{BuildError, Class, Failure, Plugin, Provides, Reader, Selection},
    reading::PollResult,
    vocabulary as v,
};
use std::{fs, path::PathBuf};

static DIR: Opt<Option<PathBuf>> =
    Opt::<Option<PathBuf>>::optional("dir", "The folder that holds files *.prom");

inventory::submit! {
    Plugin::reads("textfile", "Values from files that other programs write.", build)
        .yields(&[
            Provides::new(v::METRIC, &[&v::METRIC_VALUE, &v::METRIC_COUNTER]).texts(&[&v::VALUE_UNIT]),
        ])
        .yields_any(readings::kinds)
        .options(&[DIR.spec()])
}

/// The longest file that is read, in bytes.
const LONGEST: u64 = 1 << 20;
/// Files that are read.
const MOST_FILES: usize = 200;

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    let folder = options.get(&DIR);
    if let Some(folder) = folder.as_ref().filter(|folder| !folder.is_dir()) {
        let problem = format!("{} is not a folder", folder.display());
        return Err(BuildError::new(DIR.spec(), problem));
    }
    Ok(Box::new(Textfile { folder }))
}

struct Textfile {
    folder: Option<PathBuf>,
}

impl Reader for Textfile {
    fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
        let folder = self.folder.as_ref().ok_or_else(Failure::absent)?;
        let entries = fs::read_dir(folder).map_err(|error| {
            let reason = format!("cannot read {}: {error}", folder.display());
            Failure::new(Class::Unreachable, reason).advise("check textfile-dir")
        })?;
        let paths = entries.flatten().map(|entry| entry.path());
        let mut paths: Vec<PathBuf> =
            paths.filter(|path| path.extension().is_some_and(|end| end == "prom")).collect();
        paths.sort();
        paths.truncate(MOST_FILES);
        let (mut collected, mut notes) = (OwnReadings::default(), Vec::new());
        for path in &paths {
            let read = file::read(path, LONGEST).and_then(file::text);
            match read.map_err(|e| e.to_string()).and_then(|text| collected.read(&text, false)) {
                Ok(()) => {}
                Err(why) => notes.push(format!("textfile: {}: {why}", path.display())),
            }
        }
        if collected.left_out > 0 {
            notes.push("textfile: some lines are left out: no values, too many, or twice".into());
        }
        let mut result = PollResult::now(collected.into_readings());
        result.notes = notes;
        Ok(result)
    }
}
