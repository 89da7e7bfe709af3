//! What another manytop says in names of its own: `manytop_<kind>_<quantity>{source,device}`.
//!
//! The table is made of the kinds that the providers of this program yield, whoever wrote them. Only what
//! the other side says of itself is heard, not what it relays.

use crate::remote::dialect::{Dialect, Labelled, Part, Row, Section, Slot, Slots};
use manytop_core::{
    inventory,
    naming::{DEVICE, SOURCE, info, legal, metric},
    provider::Plugin,
    reading::{Kind, Quantity, Reading, Text},
};
use std::sync::LazyLock;

inventory::submit! {
    Dialect::made("manytop", 3, || SECTIONS.1)
}

/// What is known of a kind.
struct Known {
    kind: Kind,
    quantities: Vec<&'static Quantity>,
    texts: Vec<&'static Text>,
}

/// Made once, and as constant as a table that somebody has written.
static SECTIONS: LazyLock<(&[Known], &[Section])> = LazyLock::new(|| {
    let known: &[Known] = known().leak();
    (known, known.iter().map(section).collect::<Vec<_>>().leak())
});

const INFO: Slot = Slot::new("info");
const OWN: &[(&str, &str)] = &[(SOURCE, "local")];

fn known() -> Vec<Known> {
    let mut all: Vec<Known> = Vec::new();
    for yields in inventory::iter::<Plugin>.into_iter().flat_map(Plugin::what) {
        let kind = yields.kind();
        let at = all.iter().position(|known| known.kind == kind).unwrap_or_else(|| {
            all.push(Known { kind, quantities: Vec::new(), texts: Vec::new() });
            all.len() - 1
        });
        let Known { quantities, texts, .. } = &mut all[at];
        let new = |q: &&&'static Quantity| !quantities.contains(*q);
        let found: Vec<_> = yields.quantities().iter().filter(new).copied().collect();
        quantities.extend(found);
        let new = |t: &&&'static Text| !texts.contains(*t);
        let found: Vec<_> = yields.text_names().iter().filter(new).copied().collect();
        texts.extend(found);
    }
    all
}

fn section(known: &'static Known) -> Section {
    let row = |name: String, slot| Row::named(name.leak(), slot).has(OWN).of(Part::Made(device));
    let numbers = known.quantities.iter();
    let mut rows: Vec<_> =
        numbers.map(|q| row(metric(known.kind, q), Slot::new(q.name()))).collect();
    if !known.texts.is_empty() {
        let labels: Vec<&str> =
            known.texts.iter().map(|t| &*legal(t.name()).into_owned().leak()).collect();
        rows.push(row(info(known.kind), INFO).keeps(labels.leak()));
    }
    Section::new(known.kind, rows.leak(), readings)
}

/// The machine as a whole is a device without a name.
fn device(series: &Labelled<'_>) -> Option<String> {
    Some(series.get(DEVICE).to_owned())
}

fn readings(slots: &Slots<'_>) -> Vec<Reading> {
    let kind = slots.kind();
    let Some(known) = SECTIONS.0.iter().find(|known| Some(known.kind) == kind) else {
        return Vec::new();
    };
    let devices = slots.devices().map(|device| {
        let mut reading = Reading::new(known.kind, device.name().clone());
        for quantity in &known.quantities {
            reading = reading.with_some(quantity, device.value(Slot::new(quantity.name())));
        }
        if let Some(info) = device.find(INFO) {
            for (nth, text) in known.texts.iter().enumerate() {
                let value = info.kept(nth);
                if !value.is_empty() {
                    reading.texts.set(text, value.clone());
                }
            }
        }
        reading
    });
    devices.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::dialects::testing::said;
    use manytop_core::{
        source::Source,
        vocabulary::{CPU, TEMPERATURE},
    };

    #[test]
    fn what_another_manytop_says_of_itself_is_read_and_what_it_relays_is_not() {
        let body = "manytop_temperature_celsius{source=\"local\",device=\"coretemp_core0\"} 47.5\n\
                    manytop_temperature_celsius{source=\"Bob\",device=\"acpitz\"} 20\n\
                    node_hwmon_temp_celsius{chip=\"coretemp_core0\",sensor=\"temp1\"} 47.5\n\
                    manytop_cpu_busy_seconds_total{source=\"Bob\",device=\"CPU0\"} 7\n\
                    node_load1 1\n";
        assert_eq!(said(TEMPERATURE, body), "coretemp_core0 celsius=47.5\n");
        assert_eq!(said(CPU, body), "");
    }

    #[test]
    fn counters_and_texts_come_back_too() {
        let body = "manytop_power_percent{source=\"local\",device=\"BAT0\"} 80\n\
                    manytop_power_info{source=\"local\",device=\"BAT0\",state=\"charging\"} 1\n";
        let power = manytop_core::vocabulary::POWER;
        assert_eq!(said(power, body), "BAT0 percent=80 state=\"charging\"\n");
        let body = "manytop_cpu_busy_seconds_total{source=\"local\",device=\"CPU0\"} 7\n";
        assert_eq!(said(CPU, body), "CPU0 busy_seconds=7\n");
    }

    #[test]
    fn this_machine_is_called_what_the_exporter_calls_it() {
        assert_eq!(OWN, [(SOURCE, Source::Local.name())]);
    }
}
