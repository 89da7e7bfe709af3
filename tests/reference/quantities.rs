//! docs/reference/quantities.md: what is measured, by kind, with the names that stand in JSON.

use crate::markdown::{self, code, codes, table};
use manytop_core::{
    reading::{Metric, MetricType, Text, Unit},
    registry::Registry,
};
use std::collections::BTreeMap;

/// Where these names are met.
const JSON: &str = r#"`manytop --once=json` prints one document:

```json
{"manytop": "0.1.0", "at": "2026-11-22T08:00:00Z",
 "sources": [{"name": "Jerry", "provider": "remote", "state": "live", "age_seconds": 0.12,
              "dialects": ["gotop"], "unread_lines": 0, "error": null}],
 "devices": [{"label": "Jerry-CPU0", "source": "Jerry", "kind": "cpu", "device": "CPU0",
              "values": {"percent": 12.0}, "texts": {}}]}
```

`values` are gauges, and what is derived from counters; never a counter itself. A value that is not known is left out.
This machine is the source `local`, and its labels carry no prefix. Devices of a source that is down are left out.
`unread_lines` is how many lines of its last answer could not be read; the log and standard error show the first of them. Values are
in whole units, without prefixes: bytes, bytes per second, seconds, hertz, degrees Celsius.
"#;

/// The quantities of one kind, and their providers.
#[derive(Default)]
struct Documented {
    providers: Vec<&'static str>,
    quantities: Vec<&'static Metric>,
    texts: Vec<&'static Text>,
}

impl Documented {
    /// With what core derives of it right behind.
    fn add(&mut self, quantity: &'static Metric) {
        if self.quantities.contains(&quantity) {
            return;
        }
        self.quantities.push(quantity);
        let form = quantity.form();
        form.of().into_iter().chain(form.derived()).for_each(|other| self.add(other));
    }
}

pub fn page(registry: &Registry) -> String {
    let mut kinds: BTreeMap<&str, Documented> = BTreeMap::new();
    for plugin in registry.providers() {
        for yields in plugin.what() {
            let known = kinds.entry(yields.kind().word()).or_default();
            known.providers.push(plugin.name());
            yields.quantities().iter().for_each(|quantity| known.add(quantity));
            let new = yields.text_names().iter().filter(|t| !known.texts.contains(t));
            let new: Vec<_> = new.copied().collect();
            known.texts.extend(new);
        }
    }
    let mut text = format!("{JSON}\n");
    for (kind, known) in &kinds {
        text += &format!("## {kind}\n\nFrom {}.\n\n", codes(known.providers.iter().copied()));
        let row = |q: &&Metric| [code(q.name()), unit(q.unit()), form(q), q.help().to_owned()];
        text += &table(["quantity", "unit", "form", "meaning"], known.quantities.iter().map(row));
        if !known.texts.is_empty() {
            let row = |t: &&Text| [code(t.name()), t.help().to_owned()];
            text += &table(["text", "meaning"], known.texts.iter().map(row));
        }
    }
    markdown::page("Quantities", text.trim_end())
}

fn form(quantity: &Metric) -> String {
    match quantity.form() {
        MetricType::Gauge => "gauge".to_owned(),
        MetricType::Total => "counter".to_owned(),
        MetricType::Counter { rate, .. } => format!("counter; gives {}", code(rate.name())),
        MetricType::Share { of, percent } => {
            format!("counter; as a share of {} gives {}", code(of.name()), code(percent.name()))
        }
        MetricType::Elapsed { percent } => {
            format!("counter; as a share of time gives {}", code(percent.name()))
        }
        MetricType::Mean { of, mean } => {
            format!("counter; for each of {} gives {}", code(of.name()), code(mean.name()))
        }
    }
}

fn unit(unit: Unit) -> String {
    match unit {
        Unit::Percent => "percent",
        Unit::Bytes => "bytes",
        Unit::BytesPerSecond => "bytes a second",
        Unit::Hertz => "hertz",
        Unit::Celsius => "degrees Celsius",
        Unit::Seconds => "seconds",
        Unit::Watts => "watts",
        Unit::Volts => "volts",
        Unit::Joules => "joules",
        Unit::Count => "–",
    }
    .to_owned()
}
