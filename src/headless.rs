//! Without a screen: exports until a signal ends it, and sleeps while nobody asks.

use crate::exporter::Export;
use manytop_core::{
    engine::{Demands, Engine, Instance},
    registry::Registry,
};
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGTERM},
    iterator::Signals,
};
use std::{
    io::{self, Write},
    process::ExitCode,
};

/// Runs until it is told to end; answers under way are given first.
pub fn run(
    instances: Vec<Instance>,
    registry: &Registry,
    export: Export,
    notes: &[String],
) -> io::Result<ExitCode> {
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGHUP])?;
    let engine = Engine::start(instances, || {})?;
    let told = export.listening.told.clone();
    let exporter = export.start(&engine, registry);
    engine.demand(Demands { demands: vec![exporter.demand()], frame: None });
    exporter.begin(&engine);
    let mut err = io::stderr().lock();
    for note in notes {
        let _ = writeln!(err, "note: {note}");
    }
    let _ = writeln!(err, "{told}"); // it serves all the same when nobody reads this
    drop(err);
    signals.forever().next();
    drop(exporter); // while the engine still answers
    Ok(ExitCode::SUCCESS)
}
