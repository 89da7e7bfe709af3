//! One row of figures for a source, computed once an answer and read on every frame.

use crate::{
    file_systems,
    interfaces::{self, TOTALED},
    reading::{Kind, Metric, Unit},
    trouble::{Trouble, TroubleFinder},
    view::Device,
    vocabulary as v,
};
use std::sync::Arc;

/// The figures; each is absent where it is not known.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct HostStats {
    /// Mean of all processors, percent; in a container with a limit, what it uses of that.
    pub cpu: Option<f64>,
    /// What a container uses of its limit in user mode and in the kernel, percent.
    pub(crate) limited: Option<[Option<f64>; 2]>,
    /// The busiest processor and its percentage.
    pub hottest: Option<(Arc<str>, f64)>,
    /// How many processors there are.
    pub cores: usize,
    /// Main memory, percent.
    pub memory: Option<f64>,
    /// Main memory, bytes used.
    pub memory_used: Option<f64>,
    /// Main memory, bytes.
    pub memory_total: Option<f64>,
    /// The fullest disk (its mount point, or its name) and its percentage. File systems that never
    /// alarm do not count.
    pub disk: Option<(Arc<str>, f64)>,
    /// Received over all ports, bytes a second; over the lowest layer of interfaces where there are none.
    pub received: Option<f64>,
    /// Sent over the same interfaces, bytes a second.
    pub sent: Option<f64>,
    /// The hottest sensor, degrees Celsius.
    pub celsius: Option<f64>,
    /// Load average over one minute.
    pub load: Option<f64>,
    /// Seconds since it was started.
    pub uptime: Option<f64>,
    /// What is wrong with it besides its limits, the most urgent first.
    pub trouble: Vec<Trouble>,
}

impl HostStats {
    /// The figures of some devices.
    pub fn of<'a>(devices: impl Iterator<Item = &'a Device>) -> HostStats {
        let mut s = HostStats::default();
        let mut finder = TroubleFinder::default();
        let mut traffic = [[None; 2]; TOTALED.len()];
        let mut busy = 0.0;
        let mut known = 0_u32;
        for d in devices {
            finder.look(d);
            if d.kind == v::CPU {
                s.cores += 1;
                if let Some(percent) = d.value(&v::PERCENT) {
                    busy += percent;
                    known += 1;
                    keep_highest(&mut s.hottest, &d.name, percent);
                }
            } else if d.kind == v::MEMORY && &*d.name == v::MAIN {
                s.memory = d.value(&v::PERCENT);
                s.memory_used = d.value(&v::USED_BYTES);
                s.memory_total = d.value(&v::TOTAL_BYTES);
            } else if d.kind == v::DISK {
                let alarms = d.text(&v::TYPE).is_none_or(file_systems::alarms);
                if let Some(percent) = d.value(&v::PERCENT).filter(|_| alarms) {
                    keep_highest(&mut s.disk, &d.place().into(), percent);
                }
            } else if d.kind == v::NETWORK {
                let layer = interfaces::layer(&d.name);
                if let Some(at) = TOTALED.iter().position(|known| *known == layer) {
                    add(&mut traffic[at][0], d.value(&v::RECEIVED_RATE));
                    add(&mut traffic[at][1], d.value(&v::SENT_RATE));
                }
            } else if d.kind == v::TEMPERATURE {
                s.celsius = match (s.celsius, d.value(&v::CELSIUS)) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    (a, b) => a.or(b),
                };
            } else if d.kind == v::HOST {
                s.load = d.value(&v::LOAD1);
                s.uptime = d.value(&v::UPTIME_SECONDS);
                if d.value(&v::LIMIT_CPUS).is_some() {
                    s.cpu = d.value(&v::LIMIT_PERCENT);
                    let parts = [&v::LIMIT_USER_PERCENT, &v::LIMIT_SYSTEM_PERCENT];
                    s.limited = Some(parts.map(|q| d.value(q)));
                }
            }
        }
        s.trouble = finder.found();
        let lowest = traffic.into_iter().find(|sums| *sums != [None; 2]);
        [s.received, s.sent] = lowest.unwrap_or_default();
        if s.limited.is_none() {
            s.cpu = (known > 0).then(|| busy / f64::from(known));
        }
        s
    }

    /// One number for a quantity over all devices of a kind, for the graph of a whole source: the mean
    /// of percentages, the highest of temperatures, frequencies and times, else the sum.
    pub fn whole(&self, kind: Kind, quantity: &Metric, devices: &[Device]) -> Option<f64> {
        if kind == v::CPU && *quantity == v::PERCENT {
            return self.cpu;
        } else if kind == v::MEMORY && *quantity == v::PERCENT {
            return self.memory;
        } else if kind == v::NETWORK && *quantity == v::RECEIVED_RATE {
            return self.received;
        } else if kind == v::NETWORK && *quantity == v::SENT_RATE {
            return self.sent;
        }
        if let Some([user, system]) = self.limited.filter(|_| kind == v::CPU) {
            // the processors are the machine's, the container's are only these
            if *quantity == v::USER_PERCENT {
                return user;
            } else if *quantity == v::SYSTEM_PERCENT {
                return system;
            } else if *quantity == v::IOWAIT_PERCENT || *quantity == v::STEAL_PERCENT {
                return None;
            }
        }
        let values = || devices.iter().filter_map(|d| d.value(quantity));
        let known = values().count();
        (known > 0).then(|| match quantity.unit() {
            Unit::Percent => values().sum::<f64>() / known as f64,
            Unit::Celsius | Unit::Hertz | Unit::Seconds => values().fold(f64::MIN, f64::max),
            _ => values().sum(),
        })
    }

    /// The kinds from which the figures come.
    pub const KINDS: [Kind; 6] = [v::CPU, v::MEMORY, v::DISK, v::NETWORK, v::TEMPERATURE, v::HOST];
}

fn keep_highest(best: &mut Option<(Arc<str>, f64)>, name: &Arc<str>, value: f64) {
    if best.as_ref().is_none_or(|(_, b)| value > *b) {
        *best = Some((name.clone(), value));
    }
}

fn add(sum: &mut Option<f64>, value: Option<f64>) {
    if let Some(value) = value {
        *sum = Some(sum.unwrap_or(0.0) + value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{clock::Moment, derive, reading::DeviceReading};

    fn received(interfaces: &[(&str, f64)]) -> Option<f64> {
        let device = |(name, rate): &(&str, f64)| {
            let reading = DeviceReading::new(v::NETWORK, *name).with(&v::RECEIVED_RATE, *rate);
            derive::device(reading, None, Moment::from_secs(1))
        };
        let devices: Vec<Device> = interfaces.iter().map(device).collect();
        HostStats::of(devices.iter()).received
    }

    #[test]
    fn a_byte_that_crosses_several_interfaces_is_counted_once() {
        let ports = [("eno1", 10.0), ("eno2", 20.0)];
        let above = [
            ("bond0", 30.0),
            ("bond0.7", 5.0),
            ("vmbr0", 30.0),
            ("fwbr100i0", 7.0),
            ("tap100i0", 7.0),
            ("docker0", 3.0),
            ("veth1a2b", 3.0),
            ("wg0", 4.0),
            ("lo", 99.0),
        ];
        assert_eq!(received(&[&ports[..], &above].concat()), Some(30.0));
        assert_eq!(received(&above), Some(30.0), "the lowest layer that is listed");
        assert_eq!(received(&[("br-lan", 8.0), ("lo", 1.0)]), Some(8.0));
        assert_eq!(received(&[("lo", 1.0), ("veth1a2b", 3.0)]), None);
    }
}
