//! docs/reference/quantities.md: what is measured, by kind, with the names that stand in JSON.

use crate::markdown::{self, code, codes, table};
use manytop_core::{
    reading::{Form, Quantity, Text, Unit},
    registry::Registry,
};
use std::collections::BTreeMap;

/// Where these names are met.
const JSON: &str = r#"`manytop --once=json` prints one document:

```json
{"manytop": "0.1.0", "at": "2026-11-22T08:00:00Z",
 "sources": [{"name": "Jerry", "provider": "remote", "state": "live", "age_seconds": 0.12,
              "dialects": ["gotop"], "error": null}],
 "devices": [{"label": "Jerry-CPU0", "source": "Jerry", "kind": "cpu", "device": "CPU0",
              "values": {"percent": 12.0}, "texts": {}}]}
```

`values` are gauges, and what is derived from counters; never a counter itself. A value that is not known is left out.
This machine is the source `local`, and its labels carry no prefix. Devices of a source that is down are left out.
"#;

/// What there is of one kind, and by whom.
#[derive(Default)]
struct Known {
    providers: Vec<&'static str>,
    quantities: Vec<&'static Quantity>,
    texts: Vec<&'static Text>,
}

impl Known {
    /// With what core derives of it right behind.
    fn add(&mut self, quantity: &'static Quantity) {
        if self.quantities.contains(&quantity) {
            return;
        }
        self.quantities.push(quantity);
        match quantity.form() {
            Form::Counter { rate, .. } => self.add(rate),
            Form::Share { of, percent } => {
                self.add(of);
                self.add(percent);
            }
            Form::Gauge | Form::Total => {}
        }
    }
}

pub fn page(registry: &Registry) -> String {
    let mut kinds: BTreeMap<&str, Known> = BTreeMap::new();
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
        let row = |q: &&Quantity| [code(q.name()), unit(q.unit()), form(q), q.help().to_owned()];
        text += &table(["quantity", "unit", "form", "meaning"], known.quantities.iter().map(row));
        if !known.texts.is_empty() {
            let row = |t: &&Text| [code(t.name()), t.help().to_owned()];
            text += &table(["text", "meaning"], known.texts.iter().map(row));
        }
    }
    markdown::page("Quantities", text.trim_end())
}

fn form(quantity: &Quantity) -> String {
    match quantity.form() {
        Form::Gauge => "gauge".to_owned(),
        Form::Total => "counter".to_owned(),
        Form::Counter { rate, .. } => format!("counter; gives {}", code(rate.name())),
        Form::Share { of, percent } => {
            format!("counter; as a share of {} gives {}", code(of.name()), code(percent.name()))
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
        Unit::Count => "–",
    }
    .to_owned()
}
