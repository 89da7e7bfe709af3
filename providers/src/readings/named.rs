//! Quantities of any kind by the names of manytop's own exporter: `manytop_KIND_QUANTITY{device="NAME"}`.

use manytop_plugin::{
    inventory, naming,
    provider::{Plugin, Provides},
    reading::{DeviceReading, Kind, Metric, Text},
    vocabulary as v,
};
use std::sync::Arc;

/// What every name of the exporter begins with.
const BEGIN: &str = "manytop_";

/// NamedDevices that were named, in the order of their first value.
#[derive(Default)]
pub struct NamedDevices(Vec<DeviceReading>);

/// The kinds of other providers, those of processes' details left out.
pub fn kinds() -> Vec<Kind> {
    let mut all: Vec<Kind> = provided().map(Provides::kind).collect();
    all.sort();
    all.dedup();
    all.retain(|kind| *kind != v::METRIC);
    all
}

fn provided() -> impl Iterator<Item = &'static Provides> {
    let all = inventory::iter::<Plugin>.into_iter().flat_map(Plugin::what);
    all.filter(|provides| !provides.kind().is_private())
}

enum NameMeaning {
    Metric(Kind, &'static Metric),
    Info(Kind),
}

fn find(name: &str) -> Option<NameMeaning> {
    provided().find_map(|provides| {
        let kind = provides.kind();
        let mut metrics = provides.quantities().iter();
        match metrics.find(|metric| naming::metric(kind, metric) == name) {
            Some(metric) => Some(NameMeaning::Metric(kind, metric)),
            None => (naming::info(kind) == name).then_some(NameMeaning::Info(kind)),
        }
    })
}

fn texts(kind: Kind) -> impl Iterator<Item = &'static Text> {
    let all = provided().filter(move |provides| provides.kind() == kind);
    all.flat_map(|provides| provides.text_names().iter().copied())
}

impl NamedDevices {
    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Takes a sample; `false` where its name is not that of a quantity.
    pub fn put(&mut self, name: &str, labels: &[(&str, &str)], value: f64) -> bool {
        let Some(named) = name.starts_with(BEGIN).then(|| find(name)).flatten() else {
            return false;
        };
        let label = |name: &str| labels.iter().find(|(n, _)| *n == name).map(|(_, value)| *value);
        let device = label(naming::DEVICE).unwrap_or_default();
        match named {
            NameMeaning::Metric(kind, metric) => {
                self.device(kind, device).values.set(metric, value)
            }
            NameMeaning::Info(kind) => {
                let found: Vec<(&Text, Arc<str>)> = texts(kind)
                    .filter_map(|text| Some((text, label(&naming::legal(text.name()))?.into())))
                    .collect();
                let device = self.device(kind, device);
                found.into_iter().for_each(|(text, value)| device.texts.set(text, value));
            }
        }
        true
    }

    fn device(&mut self, kind: Kind, name: &str) -> &mut DeviceReading {
        let all = &mut self.0;
        let at = all.iter().position(|r| r.kind == kind && *r.device == *name);
        let at = at.unwrap_or_else(|| {
            all.push(DeviceReading::new(kind, name));
            all.len() - 1
        });
        &mut all[at]
    }

    /// The readings, those of one kind together.
    pub fn into_readings(mut self) -> Vec<DeviceReading> {
        self.0.sort_by_key(|reading| reading.kind);
        self.0
    }
}
