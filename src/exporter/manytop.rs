//! `manytop_<kind>_<quantity>{source,device}`: what neither gotop's names nor node_exporter's can carry.
//! That is all of a relayed source, and of this machine the kinds that they do not know.
//!
//! Counters are handed over as counters (`_total`), and what is derived of them is left to the reader.
//! The texts of a device are the labels of its `manytop_<kind>_info`.

use super::{
    node,
    page::Contents,
    sample::ExportSample,
    text::{Families, Type},
};
use manytop_core::{
    naming,
    reading::Metric,
    source::Source,
    view::{Device, SourceView},
    vocabulary as v,
};

/// Adds the samples of this machine, and of all others that are up where they are requested. A user may
/// look at processes on a screen, which makes them no more public.
pub fn write(sample: &ExportSample, contents: Contents, out: &mut Families) {
    let told = |source: &&SourceView| {
        source.source == Source::Local || (contents.remotes && sample.is_up(source))
    };
    for source in sample.sources().filter(told) {
        // this machine's own facts are said in other names too
        let besides = contents.node && source.source == Source::Local;
        let devices = sample.devices(source);
        let devices = devices.filter(|d| contents.processes || d.kind != v::PROCESS);
        let devices = devices.filter(|d| !d.kind.is_private());
        for device in devices {
            write_device(source, device, besides && node::tells_all(device), out);
        }
    }
}

/// `besides`: only what is not said in node_exporter's names.
fn write_device(source: &SourceView, device: &Device, besides: bool, out: &mut Families) {
    let (source, name) = (source.source.name(), &*device.name);
    let labels = [(naming::SOURCE, source), (naming::DEVICE, name)];
    let values = device.values.iter().filter(|(q, _)| !is_derived(q, device));
    for (quantity, value) in values.filter(|(q, _)| !(besides && node::tells(device, q))) {
        let form = if quantity.is_gauge() { Type::Gauge } else { Type::Counter };
        let name = naming::metric(device.kind, quantity);
        out.add(&name, (form, quantity.help()), &labels, value);
    }
    // what a person typed may hold a password
    let texts = device.texts.iter().filter(|(text, _)| **text != v::COMMAND);
    let texts = texts.filter(|(text, _)| !(besides && node::tells_text(device, text)));
    let names: Vec<_> = texts.map(|(text, value)| (naming::legal(text.name()), value)).collect();
    if !names.is_empty() {
        let texts = names.iter().map(|(name, value)| (&**name, &***value));
        let all: Vec<_> = labels.into_iter().chain(texts).collect();
        out.add(&naming::info(device.kind), (Type::Gauge, "What is known in words."), &all, 1.0);
    }
}

/// Whether core made it of a counter that is said itself.
fn is_derived(quantity: &Metric, device: &Device) -> bool {
    device.values.iter().any(|(counter, _)| counter.form().derived() == Some(quantity))
}

#[cfg(test)]
mod tests {
    use super::{
        super::sample::{EarlierSamples, tests::TestMachine},
        *,
    };
    use manytop_core::{
        clock::Moment,
        reading::{DeviceReading, Kind, Text, Unit},
    };

    static CHARGE: Metric = Metric::gauge("charge", Unit::Percent, "Charge.");
    static LINE: Text = Text::new("line-state", "The line.");

    fn said(readings: Vec<DeviceReading>, relayed: Vec<DeviceReading>) -> String {
        let at = Moment::from_secs(9);
        let mut machine = TestMachine::new("local");
        let jerry = machine.join("Jerry");
        machine.sampled(at, readings);
        let sampled = machine.sampled_of(jerry, at, relayed);
        let (mut families, mut text) = (Families::default(), String::new());
        let contents =
            Contents { gotop: false, node: true, manytop: true, processes: true, remotes: true };
        write(&EarlierSamples::default().sample(sampled), contents, &mut families);
        families.write(&mut text);
        text
    }

    #[test]
    fn of_this_machine_only_what_others_cannot_carry() {
        let ups = DeviceReading::new(Kind::new("ups"), "rack")
            .with(&CHARGE, 80.0)
            .text(&LINE, "on \"mains\"");
        let sensor = DeviceReading::new(v::TEMPERATURE, "acpitz").with(&v::CELSIUS, 27.5);
        let memory = DeviceReading::new(v::MEMORY, v::MAIN).with(&v::TOTAL_BYTES, 5.0);
        assert_eq!(
            said(vec![ups, sensor, memory], vec![]),
            "# HELP manytop_ups_charge_percent Charge.\n# TYPE manytop_ups_charge_percent gauge\n\
             manytop_ups_charge_percent{source=\"local\",device=\"rack\"} 80\n\
             # HELP manytop_ups_info What is known in words.\n# TYPE manytop_ups_info gauge\n\
             manytop_ups_info{source=\"local\",device=\"rack\",line_state=\"on \\\"mains\\\"\"} 1\n\
             # HELP manytop_temperature_celsius Temperature.\n# TYPE manytop_temperature_celsius gauge\n\
             manytop_temperature_celsius{source=\"local\",device=\"acpitz\"} 27.5\n"
        );
    }

    #[test]
    fn of_another_all_and_counters_as_counters() {
        let cpu = DeviceReading::new(v::CPU, "CPU0")
            .with(&v::BUSY_SECONDS, 5.0)
            .with(&v::TOTAL_SECONDS, 50.0)
            .with(&v::PERCENT, 12.0)
            .with(&v::FREQUENCY_HERTZ, 2e9);
        let text = said(vec![], vec![cpu]);
        let lines: Vec<_> = text.lines().filter(|l| !l.starts_with('#')).collect();
        assert_eq!(
            lines,
            [
                "manytop_cpu_busy_seconds_total{source=\"Jerry\",device=\"CPU0\"} 5",
                "manytop_cpu_total_seconds_total{source=\"Jerry\",device=\"CPU0\"} 50",
                "manytop_cpu_frequency_hertz{source=\"Jerry\",device=\"CPU0\"} 2000000000",
            ]
        );
        assert!(text.contains("# TYPE manytop_cpu_busy_seconds_total counter\n"));
    }

    #[test]
    fn command_lines_stay_here() {
        let process = DeviceReading::new(v::PROCESS, "7")
            .with(&v::RESIDENT_BYTES, 10.0)
            .text(&v::NAME, "mysql")
            .text(&v::COMMAND, "mysql --password=secret");
        let text = said(vec![process], vec![]);
        assert!(text.contains("manytop_process_bytes{source=\"local\",device=\"7\"} 10"), "{text}");
        assert!(text.contains("name=\"mysql\"") && !text.contains("secret"), "{text}");
    }
}
