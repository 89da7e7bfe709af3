//! Batteries: charge, power and state.
//!
//! Reads `/sys/class/power_supply/*/uevent` of each supply that is a battery of the machine.
//!
//! A device is a battery by its name, `BAT0`. `percent` is the energy (or charge) that is left, of
//! what a full charge now holds, else the driver's own figure. `watts` is the power that flows in
//! or out, never negative; `state` says which: `charging`, `discharging`, `full`, `not charging`,
//! `unknown`. What a driver does not tell is absent.
//!
//! | option | default | |
//! |---|---|---|
//! | `root` | `/` | the folder that holds `sys` |
//! | `peripherals` | `false` | also batteries of mice, keyboards and the like |
//!
//! There is no `via`: sysinfo knows no batteries, so that elsewhere than on Linux there are none to
//! show. On a machine without a battery the hardware counts as absent. Batteries are looked for
//! once in 30 polls, and whenever one stops answering.

use crate::kernel::{self, KeptFile, ROOT, Root};
use manytop_core::{
    inventory,
    options::{Opt, Options},
    provider::{BuildError, Failure, Plugin, Reader, Want, Yields},
    reading::{Answer, Reading},
    vocabulary as v,
};
use std::{path::Path, sync::Arc};

static PERIPHERALS: Opt<bool> = Opt::<bool>::with_default(
    "peripherals",
    "false",
    "Also batteries of mice, keyboards and the like",
);

inventory::submit! {
    Plugin::reads("power", "Charge, power and state of batteries.", build)
        .yields(&[Yields::new(v::POWER, &[&v::PERCENT, &v::WATTS]).texts(&[&v::STATE])])
        .options(&[ROOT.spec(), PERIPHERALS.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    let (root, peripherals) = (Root::of(options)?, options.get(&PERIPHERALS));
    Ok(Box::new(Batteries { root, peripherals, known: Vec::new(), until_search: 0 }))
}

struct Batteries {
    root: Root,
    peripherals: bool,
    known: Vec<(Arc<str>, KeptFile)>,
    until_search: u32,
}

const POLLS_PER_SEARCH: u32 = 30;

impl Reader for Batteries {
    fn read(&mut self, _: &Want) -> Result<Answer, Failure> {
        if self.until_search == 0 {
            self.known = search(&self.root, self.peripherals);
            self.until_search = POLLS_PER_SEARCH;
        }
        self.until_search -= 1;
        if self.known.is_empty() {
            return Err(Failure::absent());
        }
        let mut readings = Vec::with_capacity(self.known.len());
        for (device, uevent) in &mut self.known {
            match uevent.record() {
                Ok(bytes) => readings.push(Facts::parse(bytes).reading(device.clone())),
                Err(_) => self.until_search = 0,
            }
        }
        Ok(Answer::now(readings))
    }
}

fn search(root: &Root, peripherals: bool) -> Vec<(Arc<str>, KeptFile)> {
    let class = root.path("sys/class/power_supply");
    let says = |folder: &Path, file: &str, word: &str| {
        kernel::text(&folder.join(file)).is_some_and(|t| t.eq_ignore_ascii_case(word))
    };
    kernel::names(&class)
        .into_iter()
        .map(|name| (class.join(&name), name))
        .filter(|(folder, _)| says(folder, "type", "Battery"))
        .filter(|(folder, _)| peripherals || !says(folder, "scope", "Device"))
        .map(|(folder, name)| (name.into(), KeptFile::at(folder.join("uevent"))))
        .collect()
}

/// What a battery's driver says, in millionths of the unit.
#[derive(Default)]
struct Facts<'a> {
    status: Option<&'a [u8]>,
    capacity: Option<f64>,
    energy: [Option<f64>; 2],
    charge: [Option<f64>; 2],
    power: Option<f64>,
    current: Option<f64>,
    voltage: Option<f64>,
}

impl<'a> Facts<'a> {
    fn parse(uevent: &'a [u8]) -> Facts<'a> {
        let mut facts = Facts::default();
        for line in kernel::lines(uevent) {
            let Some(fact) = line.strip_prefix(b"POWER_SUPPLY_") else { continue };
            let Some(at) = memchr::memchr(b'=', fact) else { continue };
            let (key, value) = (&fact[..at], &fact[at + 1..]);
            let place = match key {
                b"STATUS" => {
                    facts.status = Some(value);
                    continue;
                }
                b"CAPACITY" => &mut facts.capacity,
                b"ENERGY_NOW" => &mut facts.energy[0],
                b"ENERGY_FULL" => &mut facts.energy[1],
                b"CHARGE_NOW" => &mut facts.charge[0],
                b"CHARGE_FULL" => &mut facts.charge[1],
                b"POWER_NOW" => &mut facts.power,
                b"CURRENT_NOW" => &mut facts.current,
                b"VOLTAGE_NOW" => &mut facts.voltage,
                _ => continue,
            };
            *place = kernel::decimal(value);
        }
        facts
    }

    fn reading(&self, device: Arc<str>) -> Reading {
        let of = |[now, full]: [Option<f64>; 2]| Some(100.0 * now? / full.filter(|f| *f > 0.0)?);
        let percent = of(self.energy).or(of(self.charge)).or(self.capacity);
        // Some drivers give what flows out as a negative number.
        let flow = self.current.zip(self.voltage).map(|(i, u)| i * u / 1e6);
        let watts = self.power.or(flow).map(|microwatts| microwatts.abs() / 1e6);
        let reading = Reading::new(v::POWER, device)
            .with_some(&v::PERCENT, percent.map(|p| p.clamp(0.0, 100.0)))
            .with_some(&v::WATTS, watts);
        match self.status.map(|s| String::from_utf8_lossy(s).trim().to_lowercase()) {
            Some(state) if !state.is_empty() => reading.text(&v::STATE, state),
            _ => reading,
        }
    }
}
