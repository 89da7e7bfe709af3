//! The local providers, through the plugins that are registered: on this machine and on recorded
//! trees.

#![allow(clippy::unwrap_used)]

mod agree;
mod command;
mod golden;
mod gpu;
mod options;
mod storage;
mod sysinfo;

use manytop_core::{
    inventory,
    options::Options,
    provider::{Build, Failure, Plugin, Reader, Selection},
    reading::{DeviceReading, Metric, SourceReadings, Text},
    vocabulary as v,
};
use manytop_providers as _;

const LOCAL: [&str; 12] = [
    "cpu",
    "memory",
    "temperature",
    "fan",
    "network",
    "disk",
    "process",
    "power",
    "host",
    "container",
    "storage",
    "gpu",
];

/// The plugin of that name.
fn plugin(name: &str) -> &'static Plugin {
    inventory::iter::<Plugin>
        .into_iter()
        .find(|p| p.name() == name)
        .unwrap_or_else(|| panic!("{name} is not registered"))
}

/// A reader made by the plugin itself.
fn reader(name: &str, given: &[(&str, &str)]) -> Box<dyn Reader> {
    let plugin = plugin(name);
    let options = Options::parse(plugin.specs(), given).unwrap();
    match plugin.build() {
        Build::Reads(build) => build(&options).map_err(|e| e.to_string()).unwrap(),
        Build::Polls(_) => panic!("{name} does not read"),
    }
}

/// The readings of a poll that wants all of the provider's kind, what is dear to read included.
fn poll(name: &str, reader: &mut dyn Reader) -> Result<Vec<DeviceReading>, Failure> {
    part(name, reader).map(|part| part.readings)
}

/// All that such a poll says.
fn part(name: &str, reader: &mut dyn Reader) -> Result<SourceReadings, Failure> {
    let mut want = Selection::nothing();
    for yields in plugin(name).what() {
        want.add(yields.kind(), yields.named_only());
    }
    // the process of which recorded trees hold all there is to know
    want.add_device(v::PROCESS, "42");
    let mut answer = reader.read(&want)?;
    assert_eq!(answer.parts.len(), 1, "{name}: this machine is one source");
    Ok(answer.parts.remove(0))
}

/// One poll of a fresh reader.
fn once(name: &str, given: &[(&str, &str)]) -> Vec<DeviceReading> {
    poll(name, &mut *reader(name, given)).unwrap()
}

fn device<'r>(readings: &'r [DeviceReading], name: &str) -> &'r DeviceReading {
    readings.iter().find(|r| &*r.device == name).unwrap_or_else(|| {
        let names: Vec<_> = readings.iter().map(|r| &*r.device).collect();
        panic!("no device {name} among {names:?}")
    })
}

trait Says {
    fn number(&self, quantity: &Metric) -> f64;
    fn text_of(&self, text: &Text) -> &str;
}

impl Says for DeviceReading {
    fn number(&self, quantity: &Metric) -> f64 {
        self.values.get(quantity).unwrap_or_else(|| panic!("no {} of {self:?}", quantity.name()))
    }

    fn text_of(&self, text: &Text) -> &str {
        self.texts.get(text).unwrap_or_else(|| panic!("no {} of {self:?}", text.name()))
    }
}
