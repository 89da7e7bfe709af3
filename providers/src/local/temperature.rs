//! Temperature sensors of processors, disks and boards.
//!
//! Reads `/sys/class/hwmon/hwmon*/{name,temp*_label,temp*_input,temp*_fault}`, and
//! `/sys/class/thermal/thermal_zone*/{type,temp}` of the zones that no chip covers: the kernel shows most
//! zones as a chip of the same name too, and the sensor of a whole Intel processor as `x86_pkg_temp`. When it
//! looks for sensors, it reads their limits: `temp*_max` and `temp*_crit`, of zones `trip_point_*`.
//!
//! A device is named after chip and label, in lower case and without blanks: `coretemp_core0`. A
//! sensor without a label bears its chip's name, and its own number too where the chip has more of
//! them (`acpitz_temp2`). Equal names get the chip's id: `nvme_composite_nvme0`,
//! `nvme_composite_nvme1`, then the sensor's number, then a count. They stand in the natural order of
//! these names. The quantity is `celsius`; `high_celsius` and `critical_celsius` are the sensor's own limits,
//! where its chip sets any (of a zone, its trip points `hot` or else `passive`, and `critical`). The text
//! `part` says what the sensor belongs to: `cpu`, `gpu`, `memory`, `board`, `battery`, a disk or an interface
//! by its name. A sensor that reports a fault, or does not answer (a disk asleep), is absent for that poll. So
//! is one with an implausible value (below -90 °C, 127 to 128, from 200 on: what drivers say of an input that
//! is not connected); a note names it.
//!
//! | option | default | |
//! |---|---|---|
//! | `via` | `kernel` on Linux | `kernel` reads the files above, `sysinfo` names the sensors its own way |
//! | `root` | `/` | the folder that holds `sys` |
//!
//! Most virtual machines have no sensor: then the hardware counts as absent. New chips are looked
//! for once in 30 polls, and whenever a sensor stops answering.

mod limits;

use crate::{
    local::{
        files::FilePath,
        hwmon,
        procfs::{self, BACKEND, Backend, ROOT, ReusedFile, Root},
        sysinfo,
    },
    plausible::{self, Doubts},
    sensors::{self, Covered},
};
use limits::TemperatureLimits;
use manytop_plugin::{
    inventory,
    options::Options,
    provider::{BuildError, Failure, Plugin, Provides, Reader, Selection},
    reading::{DeviceReading, PollResult},
    vocabulary as v,
};
use std::{collections::HashSet, path::Path, sync::Arc};

inventory::submit! {
    Plugin::reads("temperature", "Temperature sensors of processors, disks and boards.", build)
        .yields(&[Provides::new(v::TEMPERATURE, &[
            &v::CELSIUS, &v::HIGH_CELSIUS, &v::CRITICAL_CELSIUS,
        ]).texts(&[&v::PART])])
        .options(&[BACKEND.spec(), ROOT.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    Ok(match procfs::way(options)? {
        Backend::Kernel(root) => below(root),
        Backend::Sysinfo => Box::new(sysinfo::SysinfoSensors::new()?),
    })
}

/// The reader of the files below that root.
pub fn below(root: Root) -> Box<dyn Reader> {
    Box::new(Sensors { root, known: Vec::new(), shared: HashSet::new(), until_search: 0 })
}

struct Sensors {
    root: Root,
    known: Vec<Sensor>,
    /// Names that two sensors have had at one time. When one of them goes, the other stays what it is
    /// called.
    shared: HashSet<String>,
    until_search: u32,
}

struct Sensor {
    device: Arc<str>,
    input: ReusedFile,
    fault: Option<ReusedFile>,
    limits: TemperatureLimits,
    /// It did when it was asked last.
    answered: bool,
}

const POLLS_PER_SEARCH: u32 = 30;

impl Reader for Sensors {
    fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
        if self.until_search == 0 {
            self.known = search(&self.root, &mut self.shared);
            self.until_search = POLLS_PER_SEARCH;
        }
        self.until_search -= 1;
        if self.known.is_empty() {
            return Err(Failure::absent());
        }
        let mut readings = Vec::with_capacity(self.known.len());
        for sensor in &mut self.known {
            let celsius = sensor.celsius();
            if let Some(celsius) = celsius {
                let reading = DeviceReading::new(v::TEMPERATURE, sensor.device.clone());
                readings.push(sensor.limits.tell(reading.with(&v::CELSIUS, celsius)));
            } else if sensor.answered {
                self.until_search = 0;
            }
            sensor.answered = celsius.is_some();
        }
        let mut doubts = Doubts::default();
        plausible::screen(&mut readings, &mut doubts);
        readings.retain(|reading| reading.values.get(&v::CELSIUS).is_some());
        Ok(doubts.answer(readings))
    }
}

impl Sensor {
    fn new(input: ReusedFile, fault: Option<ReusedFile>, limits: TemperatureLimits) -> Sensor {
        Sensor { device: "".into(), input, fault, limits, answered: false }
    }

    fn celsius(&mut self) -> Option<f64> {
        let faulty = self.fault.as_mut().and_then(|f| f.read_once().ok().map(<[u8]>::trim_ascii));
        if faulty.is_some_and(|fault| fault != b"0") {
            return None;
        }
        Some(procfs::decimal(self.input.read_once().ok()?)? / 1000.0)
    }
}

type FoundTemperature = sensors::FoundSensor<Sensor>;

/// All sensors of all chips, in the order of their names: the numbers behind `hwmon`, which give the order in which
/// they are found, change from boot to boot.
fn search(root: &Root, shared: &mut HashSet<String>) -> Vec<Sensor> {
    let class = root.path("sys/class/hwmon");
    let mut covered = Covered::default();
    let chips = procfs::names(&class);
    let chips = chips.iter().flat_map(|chip| sensors(&class.join(chip), chip, &mut covered));
    let mut found: Vec<FoundTemperature> = chips.collect();
    found.extend(zones(root, &mut covered));
    sensors::tell_apart(&mut found, shared);
    found.sort_by(|a, b| crate::natural::order(&a.name, &b.name));
    let named = |f: FoundTemperature| Sensor { device: f.name.into(), ..f.sensor };
    found.into_iter().map(named).collect()
}

/// The sensors of a chip.
fn sensors(folder: &FilePath, hwmon: &str, covered: &mut Covered) -> Vec<FoundTemperature> {
    let Some(name) = procfs::text(&folder.join("name")) else { return Vec::new() };
    // What the chip belongs to is the same after every boot; the number behind `hwmon` is not.
    let id = folder.join("device").read_link().ok();
    let chip = id.as_deref().and_then(Path::file_name).and_then(|n| n.to_str()).unwrap_or(hwmon);
    let part = hwmon::part(&name, folder).map(Arc::<str>::from);
    let names = procfs::names(folder);
    let inputs: Vec<&str> =
        names.iter().filter_map(|n| n.strip_suffix("_input")).filter(|n| is_temp(n)).collect();
    let labels: Vec<_> = inputs.iter().map(|temp| label(folder, temp)).collect();
    covered.add(&name, labels.iter().map(|label| label.as_deref().unwrap_or_default()));
    let alone = labels.iter().filter(|label| label.is_none()).count() < 2;
    inputs
        .iter()
        .zip(&labels)
        .map(|(temp, label)| {
            let file = |what: &str| folder.join(format!("{temp}_{what}"));
            let name = match label {
                Some(label) => plain(&format!("{name}_{label}")),
                None if alone => plain(&name),
                None => plain(&format!("{name}_{temp}")),
            };
            let fault = Some(file("fault")).filter(|f| f.exists()).map(ReusedFile::at);
            let limits = TemperatureLimits::of_chip(|what| file(what), part.clone());
            let sensor = Sensor::new(ReusedFile::at(file("input")), fault, limits);
            FoundTemperature { name, chip: plain(chip), number: (*temp).to_owned(), sensor }
        })
        .collect()
}

fn is_temp(name: &str) -> bool {
    name.strip_prefix("temp").is_some_and(|n| procfs::number(n.as_bytes()).is_some())
}

fn label(folder: &FilePath, temp: &str) -> Option<String> {
    procfs::text(&folder.join(format!("{temp}_label")))
}

/// The thermal zones that no chip covers.
fn zones(root: &Root, covered: &mut Covered) -> Vec<FoundTemperature> {
    let class = root.path("sys/class/thermal");
    let folders = procfs::names(&class).into_iter().filter(|n| n.starts_with("thermal_zone"));
    folders
        .filter_map(|zone| {
            let kind = procfs::text(&class.join(&zone).join("type"))?;
            if covered.next(&kind) {
                return None;
            }
            let name = plain(&kind);
            let input = ReusedFile::at(class.join(&zone).join("temp"));
            let limits = TemperatureLimits::of_zone(&class.join(&zone), &name);
            let sensor = Sensor::new(input, None, limits);
            Some(FoundTemperature { name, chip: zone.clone(), number: zone, sensor })
        })
        .collect()
}

/// In lower case, without blanks.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}
