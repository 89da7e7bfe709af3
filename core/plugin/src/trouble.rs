//! What is wrong with a host besides its limits, in words: a slow disk, a swap storm, a failed unit. Found
//! once an answer, and read by the header, the table of hosts and the map.

use crate::{draw::compact, reading::Kind, view::Device, vocabulary as v};

/// Something that is wrong with a host.
#[derive(Clone, PartialEq, Debug)]
pub struct Trouble {
    /// How urgent it is: the highest comes first.
    pub weight: f64,
    /// What is the case: `sda answers in 84 ms`.
    pub words: String,
}

impl Trouble {
    /// From this weight on it is critical.
    pub const CRITICAL: f64 = 2.5;

    /// Whether it cannot wait.
    pub fn is_critical(&self) -> bool {
        self.weight >= Trouble::CRITICAL
    }
}

/// Inodes in use from which a file system is short of them, percent.
const INODES: f64 = 90.0;
/// Latency from which a disk is slow, seconds, and how busy it is then at the least, percent: the only write
/// of a second may take long.
const SLOW: (f64, f64) = (0.05, 50.0);
/// Bytes a second to the swap space from which memory is short.
const SWAPPING: f64 = 1e6;
/// Packets a second that may be dropped: those of protocols that the kernel does not know are.
const LOST: f64 = 10.0;
/// Errors a second on an interface.
const ERRORS: f64 = 1.0;
/// Time in which tasks waited for disks, percent.
const IO_STALLED: f64 = 20.0;
/// Time in which a container was held up at its processor limit, percent.
const THROTTLED: f64 = 10.0;
/// Processor time that a hypervisor gave to others, percent.
const STOLEN: f64 = 5.0;
/// Critical temperatures below this are placeholders of the sensor's chip.
const PLAUSIBLE: f64 = 20.0;

type Judge = fn(&Device, &mut Vec<Trouble>);

/// What looks at a device of a kind.
const JUDGES: [(Kind, Judge); 6] = [
    (v::DISK, disk),
    (v::MEMORY, memory),
    (v::NETWORK, network),
    (v::TEMPERATURE, sensor),
    (v::STORAGE, storage),
    (v::HOST, host),
];

/// Looks at the devices of a host, one after the other.
#[derive(Default, Debug)]
pub struct TroubleFinder {
    found: Vec<Trouble>,
    stolen: f64,
    processors: u32,
}

impl TroubleFinder {
    /// Looks at a device.
    pub fn look(&mut self, device: &Device) {
        if let Some(percent) = device.value(&v::STEAL_PERCENT) {
            self.stolen += percent;
            self.processors += 1;
        } else if let Some((_, judge)) = JUDGES.iter().find(|(kind, _)| *kind == device.kind) {
            judge(device, &mut self.found);
        }
    }

    /// What is wrong, the most urgent first.
    pub fn found(mut self) -> Vec<Trouble> {
        let mean = self.stolen / f64::from(self.processors.max(1));
        if mean >= STOLEN {
            put(&mut self.found, 1.6, format!("{mean:.0} % of the cpu is taken by others"));
        }
        self.found.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        self.found
    }
}

fn put(found: &mut Vec<Trouble>, weight: f64, words: String) {
    found.push(Trouble { weight, words });
}

fn disk(disk: &Device, found: &mut Vec<Trouble>) {
    if let Some(percent) = disk.value(&v::INODES_PERCENT).filter(|percent| *percent >= INODES) {
        let words = format!("{} {} % of inodes used", disk.place(), compact::percent(percent));
        put(found, 1.0 + percent / 100.0, words);
    }
    let busy = disk.value(&v::BUSY_PERCENT).is_none_or(|busy| busy >= SLOW.1);
    if let Some(seconds) = disk.value(&v::LATENCY_SECONDS).filter(|s| *s >= SLOW.0 && busy) {
        let latency = compact::millis(seconds * 1e3);
        let unit = if latency.ends_with('s') { "" } else { " ms" };
        put(found, 1.0 + seconds.min(0.9), format!("{} answers in {latency}{unit}", disk.name));
    }
}

fn memory(memory: &Device, found: &mut Vec<Trouble>) {
    if let Some(out) = memory.value(&v::OUT_RATE).filter(|out| *out >= SWAPPING) {
        put(found, 2.1, format!("swapping {}B/s", compact::bytes(out)));
    }
}

fn network(interface: &Device, found: &mut Vec<Trouble>) {
    let sum = |metrics: [&_; 2]| metrics.iter().filter_map(|m| interface.value(m)).sum::<f64>();
    let errors = sum([&v::RECEIVED_ERRORS_RATE, &v::SENT_ERRORS_RATE]);
    let lost = sum([&v::RECEIVED_DROPS_RATE, &v::SENT_DROPS_RATE]);
    let name = &interface.name;
    if errors >= ERRORS {
        put(found, 1.5, format!("{name}: {} errors a second", compact::bytes(errors)));
    } else if lost >= LOST {
        put(found, 1.4, format!("{name}: {} packets lost a second", compact::bytes(lost)));
    }
}

fn sensor(sensor: &Device, found: &mut Vec<Trouble>) {
    let critical = sensor.value(&v::CRITICAL_CELSIUS).filter(|c| *c > PLAUSIBLE);
    if let Some((now, critical)) = sensor.value(&v::CELSIUS).zip(critical)
        && now >= critical
    {
        put(found, 2.5, format!("{} is {now:.0} °C", sensor.name));
    }
}

fn storage(part: &Device, found: &mut Vec<Trouble>) {
    let state = part.text(&v::STATE).unwrap_or_default();
    let weight = match state {
        "failed" => 2.9,
        "failing" => 2.7,
        "degraded" => 2.6,
        "rebuilding" => 1.5,
        _ => return,
    };
    let words = match part.value(&v::RESYNC_PERCENT) {
        Some(percent) => format!("{} {state}, {} %", part.name, compact::percent(percent)),
        None => format!("{} {state}", part.name),
    };
    put(found, weight, words);
}

fn host(host: &Device, found: &mut Vec<Trouble>) {
    let value = |metric| host.value(metric).unwrap_or(0.0);
    let units = value(&v::FAILED_UNITS);
    if units > 0.0 {
        let first = host.text(&v::FAILED).and_then(|f| f.split(' ').next());
        let words = match (first, units) {
            (Some(first), 1.0) => format!("{first} failed"),
            (Some(first), _) => format!("{units:.0} units failed: {first} …"),
            (None, 1.0) => "a unit failed".to_owned(),
            (None, _) => format!("{units:.0} units failed"),
        };
        put(found, 1.9, words);
    }
    let stalled = value(&v::IO_STALLED_PERCENT);
    if stalled >= IO_STALLED {
        put(found, 1.7, format!("io stalled {stalled:.0} %"));
    }
    let throttled = value(&v::THROTTLED_PERCENT);
    if throttled >= THROTTLED {
        put(found, 1.8, format!("throttled {throttled:.0} % of the time"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        clock::Moment,
        derive,
        reading::{DeviceReading, Metric},
    };

    fn device(kind: Kind, name: &str, values: &[(&'static Metric, f64)]) -> Device {
        let reading = DeviceReading::new(kind, name);
        let reading = values.iter().fold(reading, |reading, (m, value)| reading.with(m, *value));
        derive::device(reading, None, Moment::from_secs(1))
    }

    fn found(devices: &[Device]) -> Vec<Trouble> {
        let mut finder = TroubleFinder::default();
        devices.iter().for_each(|device| finder.look(device));
        finder.found()
    }

    #[test]
    fn what_is_wrong_comes_in_words_and_the_most_urgent_first() {
        let devices = [
            device(v::CPU, "CPU0", &[(&v::STEAL_PERCENT, 12.0)]),
            device(v::CPU, "CPU1", &[(&v::STEAL_PERCENT, 2.0)]),
            device(v::DISK, "sda", &[(&v::LATENCY_SECONDS, 0.084), (&v::BUSY_PERCENT, 99.0)]),
            device(v::MEMORY, v::SWAP, &[(&v::OUT_RATE, 41e6)]),
            device(v::NETWORK, "eth0", &[(&v::RECEIVED_DROPS_RATE, 120.0)]),
            device(v::TEMPERATURE, "cpu", &[(&v::CELSIUS, 101.0), (&v::CRITICAL_CELSIUS, 100.0)]),
            device(v::HOST, "", &[(&v::FAILED_UNITS, 2.0), (&v::IO_STALLED_PERCENT, 31.4)]),
        ];
        let found = found(&devices);
        let words: Vec<&str> = found.iter().map(|trouble| trouble.words.as_str()).collect();
        let expected = [
            "cpu is 101 °C",
            "swapping 41MB/s",
            "2 units failed",
            "io stalled 31 %",
            "7 % of the cpu is taken by others",
            "eth0: 120 packets lost a second",
            "sda answers in 84 ms",
        ];
        assert_eq!(words, expected);
        let critical: Vec<bool> = found.iter().map(Trouble::is_critical).collect();
        assert_eq!(critical, [true, false, false, false, false, false, false]);
    }

    #[test]
    fn what_an_idle_machine_does_is_no_trouble() {
        let devices = [
            device(v::DISK, "sda", &[(&v::LATENCY_SECONDS, 0.4), (&v::BUSY_PERCENT, 1.0)]),
            device(v::NETWORK, "eth0", &[(&v::RECEIVED_DROPS_RATE, 0.8)]),
            device(v::MEMORY, v::SWAP, &[(&v::OUT_RATE, 4096.0)]),
            device(v::TEMPERATURE, "acpi", &[(&v::CELSIUS, 40.0), (&v::CRITICAL_CELSIUS, 0.0)]),
        ];
        assert_eq!(found(&devices), []);
    }
}
