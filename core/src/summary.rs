//! One row of figures for a source, computed once an answer and read on every frame.

use crate::{
    reading::{Kind, Quantity, Unit},
    view::Device,
    vocabulary as v,
};
use std::sync::Arc;

/// The figures; each is absent where it is not known.
#[derive(Clone, Default, PartialEq, Debug)]
pub struct Summary {
    /// Mean of all processors, percent.
    pub cpu: Option<f64>,
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
    /// The fullest disk (its mount point, or its name) and its percentage.
    pub disk: Option<(Arc<str>, f64)>,
    /// Received over all real interfaces, bytes a second.
    pub received: Option<f64>,
    /// Sent over all real interfaces, bytes a second.
    pub sent: Option<f64>,
    /// The hottest sensor, degrees Celsius.
    pub celsius: Option<f64>,
    /// Load average over one minute.
    pub load: Option<f64>,
    /// Seconds since it was started.
    pub uptime: Option<f64>,
}

impl Summary {
    /// The figures of some devices.
    pub fn of<'a>(devices: impl Iterator<Item = &'a Device>) -> Summary {
        let mut s = Summary::default();
        let mut busy = 0.0;
        let mut known = 0_u32;
        for d in devices {
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
                if let Some(percent) = d.value(&v::PERCENT) {
                    let mounts = d.text(&v::MOUNTS).and_then(|m| m.split(' ').next());
                    let name = mounts.map_or_else(|| d.name.clone(), Arc::from);
                    keep_highest(&mut s.disk, &name, percent);
                }
            } else if d.kind == v::NETWORK && !is_virtual(&d.name) {
                add(&mut s.received, d.value(&v::RECEIVED_RATE));
                add(&mut s.sent, d.value(&v::SENT_RATE));
            } else if d.kind == v::TEMPERATURE {
                s.celsius = match (s.celsius, d.value(&v::CELSIUS)) {
                    (Some(a), Some(b)) => Some(a.max(b)),
                    (a, b) => a.or(b),
                };
            } else if d.kind == v::HOST {
                s.load = d.value(&v::LOAD1);
                s.uptime = d.value(&v::UPTIME_SECONDS);
            }
        }
        s.cpu = (known > 0).then(|| busy / f64::from(known));
        s
    }

    /// One number for a quantity over all devices of a kind, for the graph of a whole source: the mean
    /// of percentages, the highest temperature, else the sum.
    pub fn whole(&self, kind: Kind, quantity: &Quantity, devices: &[Device]) -> Option<f64> {
        if kind == v::CPU && *quantity == v::PERCENT {
            return self.cpu;
        } else if kind == v::MEMORY && *quantity == v::PERCENT {
            return self.memory;
        } else if kind == v::NETWORK && *quantity == v::RECEIVED_RATE {
            return self.received;
        } else if kind == v::NETWORK && *quantity == v::SENT_RATE {
            return self.sent;
        }
        let values = || devices.iter().filter_map(|d| d.value(quantity));
        let known = values().count();
        (known > 0).then(|| match quantity.unit() {
            Unit::Percent => values().sum::<f64>() / known as f64,
            Unit::Celsius => values().fold(f64::MIN, f64::max),
            _ => values().sum(),
        })
    }

    /// The kinds from which the figures come.
    pub const KINDS: [Kind; 6] = [v::CPU, v::MEMORY, v::DISK, v::NETWORK, v::TEMPERATURE, v::HOST];
}

/// Interfaces whose traffic is somebody else's too: loopback, bridges, the ends of containers' pairs.
fn is_virtual(name: &str) -> bool {
    name == "lo" || ["veth", "docker", "br-", "virbr", "ifb"].iter().any(|p| name.starts_with(p))
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
