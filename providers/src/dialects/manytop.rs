//! What another manytop says in names of its own: `manytop_<kind>_<quantity>{source,device}`.
//!
//! The table is made of the kinds that the providers of this program yield, third parties included. Only what
//! the other side says of itself is read, not what it relays.

use super::tables::quantities;
use crate::dialects::{
    common_slots::INFO,
    dialect::{DevicePart, Dialect, DialectRow, Labelled, Section, Slot, Slots},
};
use manytop_plugin::{
    inventory,
    naming::{DEVICE, SOURCE, info, legal, metric},
    provider::{Plugin, Provides},
    reading::{DeviceReading, Kind, Metric, Text},
};
use std::sync::LazyLock;

inventory::submit! {
    Dialect::made("manytop", 3, || SECTIONS.1)
}

/// What is known of a kind.
struct NamedMetric {
    kind: Kind,
    quantities: Vec<&'static Metric>,
    texts: Vec<&'static Text>,
}

/// Made once; constant like a written table.
static SECTIONS: LazyLock<(&[NamedMetric], &[Section])> = LazyLock::new(|| {
    let known: &[NamedMetric] = known().leak();
    (known, known.iter().map(section).collect::<Vec<_>>().leak())
});

const OWN: &[(&str, &str)] = &[(SOURCE, "local")];

/// The kinds of this machine's providers, and those of which only dialects tell.
fn known() -> Vec<NamedMetric> {
    let mut all: Vec<NamedMetric> = Vec::new();
    let open = |yields: &&Provides| !yields.kind().is_private();
    for yields in inventory::iter::<Plugin>.into_iter().flat_map(Plugin::what).filter(open) {
        add(&mut all, yields.kind(), yields.quantities(), yields.text_names());
    }
    for (kind, quantities, texts) in quantities::MORE {
        add(&mut all, *kind, quantities, texts);
    }
    all
}

fn add(
    all: &mut Vec<NamedMetric>,
    kind: Kind,
    quantities: &[&'static Metric],
    texts: &[&'static Text],
) {
    let at = all.iter().position(|known| known.kind == kind).unwrap_or_else(|| {
        all.push(NamedMetric { kind, quantities: Vec::new(), texts: Vec::new() });
        all.len() - 1
    });
    let known = &mut all[at];
    for quantity in quantities {
        if !known.quantities.contains(quantity) {
            known.quantities.push(quantity);
        }
    }
    for text in texts {
        if !known.texts.contains(text) {
            known.texts.push(text);
        }
    }
}

fn section(known: &'static NamedMetric) -> Section {
    let row = |name: String, slot| {
        DialectRow::named(name.leak(), slot).has(OWN).of(DevicePart::Made(device))
    };
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

fn readings(slots: &Slots<'_>) -> Vec<DeviceReading> {
    let kind = slots.kind();
    let Some(known) = SECTIONS.0.iter().find(|known| Some(known.kind) == kind) else {
        return Vec::new();
    };
    let devices = slots.devices().map(|device| {
        let mut reading = DeviceReading::new(known.kind, device.name().clone());
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
    use crate::dialects::testing::decoded;
    use manytop_plugin::{
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
        assert_eq!(decoded(TEMPERATURE, body), "coretemp_core0 celsius=47.5\n");
        assert_eq!(decoded(CPU, body), "");
    }

    #[test]
    fn counters_and_texts_come_back_too() {
        let body = "manytop_power_percent{source=\"local\",device=\"BAT0\"} 80\n\
                    manytop_power_info{source=\"local\",device=\"BAT0\",state=\"charging\"} 1\n";
        let power = manytop_plugin::vocabulary::POWER;
        assert_eq!(decoded(power, body), "BAT0 percent=80 state=\"charging\"\n");
        let body = "manytop_cpu_busy_seconds_total{source=\"local\",device=\"CPU0\"} 7\n";
        assert_eq!(decoded(CPU, body), "CPU0 busy_seconds=7\n");
    }

    #[test]
    fn this_machine_is_called_what_the_exporter_calls_it() {
        assert_eq!(OWN, [(SOURCE, Source::Local.name())]);
    }

    #[test]
    fn kinds_that_only_dialects_tell_of_come_back_from_a_relay_too() {
        let body = "manytop_gpu_percent{source=\"local\",device=\"gpu0\"} 97\n\
                    manytop_container_cpu_seconds_total{source=\"local\",device=\"web\"} 5\n\
                    manytop_storage_info{source=\"local\",device=\"md0\",state=\"degraded\"} 1\n";
        use manytop_plugin::vocabulary::{CONTAINER_KIND, GPU, STORAGE};
        assert_eq!(decoded(GPU, body), "gpu0 percent=97\n");
        assert_eq!(decoded(CONTAINER_KIND, body), "web cpu_seconds=5\n");
        assert_eq!(decoded(STORAGE, body), "md0 state=\"degraded\"\n");
    }

    #[test]
    fn both_sorts_of_names_complete_one_device_and_keep_its_place() {
        use manytop_plugin::vocabulary::NETWORK;
        let body = "node_network_receive_bytes_total{device=\"eth0\"} 1\n\
                    node_network_receive_bytes_total{device=\"eth1\"} 2\n\
                    manytop_network_info{source=\"local\",device=\"eth1\",link=\"1 Gbit/s\"} 1\n";
        assert_eq!(
            decoded(NETWORK, body),
            "eth0 received_bytes=1\neth1 received_bytes=2 link=\"1 Gbit/s\"\n"
        );
    }
}
