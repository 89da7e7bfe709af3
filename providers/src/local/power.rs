//! Batteries, and parts of the machine that tell how much power they draw.
//!
//! Reads `/sys/class/power_supply/*/uevent` of each supply that is a battery of the machine, a UPS among them;
//! `/sys/class/powercap/intel-rapl:*/energy_uj`, and `/sys/class/hwmon/hwmon*/power*_{input,average}`.
//!
//! A battery is a device by its name, `BAT0`. `percent` is the energy (or charge) that is left, of
//! what a full charge now holds, else the driver's own figure. `watts` is the power that flows in
//! or out, never negative; `state` says which: `charging`, `discharging`, `full`, `not charging`,
//! `unknown`. What a driver does not tell is absent. An empty bay is not a battery; where energy or charge
//! are more than a full charge, the driver's own figure is shown, and a note says so.
//!
//! A part has `watts` alone, the most that it may draw (`max_watts`) where its chip says so, and the text
//! `part`: what it is of. From a processor's counter (`energy_joules` of `package-0`, `dram-0`, `platform`)
//! core derives `watts`; most kernels let only root read it. Other parts are named after chip and label
//! (`amdgpu_ppt`).
//!
//! | option | default | |
//! |---|---|---|
//! | `root` | `/` | the folder that holds `sys` |
//! | `peripherals` | `false` | also batteries of mice, keyboards and the like; of remotes too |
//!
//! There is no `via`: sysinfo knows no batteries, so that elsewhere than on Linux there are none to
//! show. On a machine without any of these the hardware counts as absent. They are looked for
//! once in 30 polls, and whenever one stops answering.

mod rails;

use crate::{
    local::{
        files::FilePath,
        procfs::{self, ROOT, ReusedFile, Root},
    },
    plausible::{Doubts, LEFT_OUT},
};
use manytop_plugin::{
    inventory,
    options::{Opt, Options},
    provider::{BuildError, Failure, Plugin, Provides, Reader, Selection},
    reading::{DeviceReading, PollResult},
    vocabulary as v,
};
use rails::Rail;
use std::sync::Arc;

static PERIPHERALS: Opt<bool> = Opt::<bool>::with_default(
    "peripherals",
    "false",
    "Also batteries of mice, keyboards and the like; of remotes too",
);

inventory::submit! {
    Plugin::reads("power", "Charge, power and state of batteries, and what parts of the machine draw.", build)
        .yields(&[
            Provides::new(v::POWER, &[&v::PERCENT, &v::WATTS, &v::MAX_WATTS, &v::ENERGY_JOULES])
                .texts(&[&v::STATE, &v::PART]),
        ])
        .options(&[ROOT.spec(), PERIPHERALS.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    Ok(below(Root::of(options)?, options.get(&PERIPHERALS)))
}

/// The reader of the files below that root.
pub fn below(root: Root, peripherals: bool) -> Box<dyn Reader> {
    let (known, rails) = (Vec::new(), Vec::new());
    Box::new(Batteries { root, peripherals, known, rails, until_search: 0 })
}

struct Batteries {
    root: Root,
    peripherals: bool,
    known: Vec<(Arc<str>, ReusedFile)>,
    rails: Vec<Rail>,
    until_search: u32,
}

const POLLS_PER_SEARCH: u32 = 30;

impl Reader for Batteries {
    fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
        if self.until_search == 0 {
            self.known = search(&self.root, self.peripherals);
            self.search_rails();
            self.until_search = POLLS_PER_SEARCH;
        }
        self.until_search -= 1;
        if self.known.is_empty() && self.rails.is_empty() {
            return Err(Failure::absent());
        }
        let mut readings = Vec::with_capacity(self.known.len() + self.rails.len());
        let mut doubts = Doubts::default();
        for (device, uevent) in &mut self.known {
            match uevent.read_once() {
                Ok(bytes) => {
                    let facts = SupplyInfo::parse(bytes);
                    if !facts.absent && (self.peripherals || !facts.of_a_peripheral) {
                        readings.push(facts.reading(device.clone(), &mut doubts));
                    }
                }
                Err(_) => self.until_search = 0,
            }
        }
        readings.extend(self.rails.iter_mut().filter_map(Rail::reading));
        // Bays may be empty: a laptop may run without a battery.
        if readings.is_empty() && self.until_search > 0 {
            return Err(Failure::absent());
        }
        Ok(doubts.answer(readings))
    }
}

impl Batteries {
    /// Parts that are known keep what they have counted.
    fn search_rails(&mut self) {
        let found = rails::search(&self.root);
        let devices = |rails: &[Rail]| rails.iter().map(|r| r.device().clone()).collect::<Vec<_>>();
        if devices(&found) != devices(&self.rails) {
            self.rails = found;
        }
    }
}

/// The charge of a battery in percent: the first of several figures that can be true. A little more than a
/// full charge, where there is nothing better, is a full charge.
pub fn charge(figures: &[Option<f64>], device: &str, doubts: &mut Doubts) -> Option<f64> {
    let known = || figures.iter().copied().flatten();
    let fine = known().find(|percent| (0.0..=100.0).contains(percent));
    let found = fine.or_else(|| known().find(|p| (100.0..=OVERFULL).contains(p)).map(|_| 100.0));
    let odd = known().take_while(|p| Some(*p) != fine).find(|p| !(0.0..=OVERFULL).contains(p));
    match (odd, found) {
        (Some(odd), Some(shown)) => {
            let what = format_args!("{odd} % is not a charge; the driver's {shown} % is shown");
            doubts.add(v::POWER, device, what);
        }
        (Some(odd), None) => {
            doubts.add(v::POWER, device, format_args!("{odd} % is not a charge; {LEFT_OUT}"));
        }
        (None, _) => {}
    }
    found
}

/// A battery that has shrunk since its full charge was measured can hold a little more than that.
const OVERFULL: f64 = 105.0;

/// What flows into or out of a battery, in watts: the first of several figures that can be true.
pub fn flow(figures: &[Option<f64>], device: &str, doubts: &mut Doubts) -> Option<f64> {
    // Some drivers give what flows out as a negative number; the state tells the direction.
    let known = || figures.iter().copied().flatten().map(f64::abs);
    let found = known().find(|watts| *watts <= MOST_WATTS);
    if let (None, Some(odd)) = (found, known().next()) {
        let what = format_args!("{odd} W is more than a battery gives; {LEFT_OUT}");
        doubts.add(v::POWER, device, what);
    }
    found
}

/// The largest chargers of notebooks give 330 W.
const MOST_WATTS: f64 = 400.0;

/// What is left of what a full charge holds, in percent.
pub fn ratio(now: Option<f64>, full: Option<f64>) -> Option<f64> {
    Some(100.0 * now? / full.filter(|full| *full > 0.0)?)
}

fn search(root: &Root, peripherals: bool) -> Vec<(Arc<str>, ReusedFile)> {
    let class = root.path("sys/class/power_supply");
    let says = |folder: &FilePath, file: &str, word: &str| {
        procfs::text(&folder.join(file)).is_some_and(|t| t.eq_ignore_ascii_case(word))
    };
    procfs::names(&class)
        .into_iter()
        .map(|name| (class.join(&name), name))
        .filter(|(folder, _)| says(folder, "type", "Battery") || says(folder, "type", "UPS"))
        .filter(|(folder, _)| peripherals || !says(folder, "scope", "Device"))
        .map(|(folder, name)| (name.into(), ReusedFile::at(folder.join("uevent"))))
        .collect()
}

/// What a battery's driver says, in millionths of the unit.
#[derive(Default)]
struct SupplyInfo<'a> {
    status: Option<&'a [u8]>,
    /// The bay is empty.
    absent: bool,
    /// It drives a mouse, a keyboard or the like.
    of_a_peripheral: bool,
    capacity: Option<f64>,
    energy: [Option<f64>; 2],
    charge: [Option<f64>; 2],
    power: Option<f64>,
    current: Option<f64>,
    voltage: Option<f64>,
}

impl<'a> SupplyInfo<'a> {
    fn parse(uevent: &'a [u8]) -> SupplyInfo<'a> {
        let mut facts = SupplyInfo::default();
        for line in procfs::lines(uevent) {
            let Some(fact) = line.strip_prefix(b"POWER_SUPPLY_") else { continue };
            let Some(at) = memchr::memchr(b'=', fact) else { continue };
            let (key, value) = (&fact[..at], &fact[at + 1..]);
            let place = match key {
                b"STATUS" => {
                    facts.status = Some(value);
                    continue;
                }
                b"PRESENT" => {
                    facts.absent = value.trim_ascii() == b"0";
                    continue;
                }
                b"SCOPE" => {
                    facts.of_a_peripheral = value.trim_ascii().eq_ignore_ascii_case(b"Device");
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
            *place = procfs::decimal(value);
        }
        facts
    }

    fn reading(&self, device: Arc<str>, doubts: &mut Doubts) -> DeviceReading {
        let [energy, charged] = [self.energy, self.charge].map(|[now, full]| ratio(now, full));
        let percent = charge(&[energy, charged, self.capacity], &device, doubts);
        let watts = self.power.map(|microwatts| microwatts / 1e6);
        let product = self.current.zip(self.voltage).map(|(i, u)| i * u / 1e12);
        let watts = flow(&[watts, product], &device, doubts);
        let reading = DeviceReading::new(v::POWER, device)
            .with_some(&v::PERCENT, percent)
            .with_some(&v::WATTS, watts);
        match self.status.map(|s| String::from_utf8_lossy(s).trim().to_lowercase()) {
            Some(state) if !state.is_empty() => reading.text(&v::STATE, state),
            _ => reading,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_plugin::testing::lines;

    fn told(uevent: &str) -> (String, Vec<String>) {
        let mut doubts = Doubts::default();
        let reading = SupplyInfo::parse(uevent.as_bytes()).reading("BAT0".into(), &mut doubts);
        (lines(&[reading]), doubts.into_notes())
    }

    #[test]
    fn a_charge_beyond_the_full_one_falls_back_to_the_drivers_figure() {
        let full = "POWER_SUPPLY_CHARGE_NOW=6520000\nPOWER_SUPPLY_CHARGE_FULL=1000000\n";
        let (said, notes) = told(&format!("{full}POWER_SUPPLY_CAPACITY=95\n"));
        assert_eq!(said, "BAT0 percent=95\n");
        assert_eq!(notes, ["power \"BAT0\": 652 % is not a charge; the driver's 95 % is shown"]);
        let (said, notes) = told(&format!("{full}POWER_SUPPLY_CAPACITY=652\n"));
        assert_eq!(said, "BAT0\n");
        assert_eq!(notes, ["power \"BAT0\": 652 % is not a charge; it is left out"]);
    }

    #[test]
    fn a_little_more_than_full_is_full_and_no_full_charge_is_not_a_whole() {
        let over = "POWER_SUPPLY_ENERGY_NOW=50500000\nPOWER_SUPPLY_ENERGY_FULL=50000000\n";
        assert_eq!(told(over), ("BAT0 percent=100\n".into(), vec![]));
        let (said, notes) = told(&format!("{over}POWER_SUPPLY_CAPACITY=99\n"));
        assert_eq!((said.as_str(), notes.len()), ("BAT0 percent=99\n", 0));
        let none = "POWER_SUPPLY_ENERGY_NOW=48620000\nPOWER_SUPPLY_ENERGY_FULL=0\n";
        assert_eq!(told(&format!("{none}POWER_SUPPLY_CAPACITY=89\n")).0, "BAT0 percent=89\n");
    }

    #[test]
    fn a_flow_that_no_battery_bears_is_taken_from_current_and_voltage_or_left_out() {
        let power = "POWER_SUPPLY_POWER_NOW=640710000\n";
        let (said, notes) = told(power);
        assert_eq!(said, "BAT0\n");
        assert_eq!(
            notes,
            ["power \"BAT0\": 640.71 W is more than a battery gives; it is left out"]
        );
        let (said, notes) = told(&format!(
            "{power}POWER_SUPPLY_CURRENT_NOW=-2000000\nPOWER_SUPPLY_VOLTAGE_NOW=12000000\n"
        ));
        assert_eq!((said.as_str(), notes.len()), ("BAT0 watts=24\n", 0));
    }
}
