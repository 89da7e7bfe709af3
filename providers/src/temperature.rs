//! Temperature sensors of processors, disks and boards.
//!
//! Reads `/sys/class/hwmon/hwmon*/{name,temp*_label,temp*_input,temp*_fault}`; where no chip has a
//! sensor, `/sys/class/thermal/thermal_zone*/{type,temp}`.
//!
//! A device is named after chip and label, in lower case and without blanks: `coretemp_core0`. A
//! sensor without a label bears its chip's name, and its own number too where the chip has more of
//! them (`acpitz_temp2`). Equal names get the chip's id: `nvme_composite_nvme0`,
//! `nvme_composite_nvme1`. They stand in the natural order of these names. The quantity is
//! `celsius`. A sensor that reports a fault, or does not answer (a disk asleep), is absent for that
//! poll.
//!
//! | option | default | |
//! |---|---|---|
//! | `via` | `kernel` on Linux | `kernel` reads the files above, `sysinfo` names the sensors its own way |
//! | `root` | `/` | the folder that holds `sys` |
//!
//! Most virtual machines have no sensor: then the hardware counts as absent. New chips are looked
//! for once in 30 polls, and whenever a sensor stops answering.

use crate::{
    kernel::{self, KeptFile, ROOT, Root, VIA, Way},
    portable,
};
use manytop_core::{
    inventory,
    options::Options,
    provider::{BuildError, Failure, Plugin, Reader, Want, Yields},
    reading::{Answer, Reading},
    vocabulary as v,
};
use std::{collections::HashSet, fs, path::Path, sync::Arc};

inventory::submit! {
    Plugin::reads("temperature", "Temperature sensors of processors, disks and boards.", build)
        .yields(&[Yields::new(v::TEMPERATURE, &[&v::CELSIUS])])
        .options(&[VIA.spec(), ROOT.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    Ok(match kernel::way(options)? {
        Way::Kernel(root) => {
            Box::new(Sensors { root, known: Vec::new(), shared: HashSet::new(), until_search: 0 })
        }
        Way::Sysinfo => Box::new(portable::Sensors::new()?),
    })
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
    input: KeptFile,
    fault: Option<KeptFile>,
}

const POLLS_PER_SEARCH: u32 = 30;

impl Reader for Sensors {
    fn read(&mut self, _: &Want) -> Result<Answer, Failure> {
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
            match sensor.celsius() {
                Some(celsius) => readings.push(
                    Reading::new(v::TEMPERATURE, sensor.device.clone()).with(&v::CELSIUS, celsius),
                ),
                None => self.until_search = 0,
            }
        }
        Ok(Answer::now(readings))
    }
}

impl Sensor {
    fn celsius(&mut self) -> Option<f64> {
        let faulty = self.fault.as_mut().and_then(|f| f.record().ok().map(<[u8]>::trim_ascii));
        if faulty.is_some_and(|fault| fault != b"0") {
            return None;
        }
        let thousandths = kernel::decimal(self.input.record().ok()?)?;
        Some(thousandths / 1000.0).filter(|celsius| *celsius > ABSOLUTE_ZERO)
    }
}

const ABSOLUTE_ZERO: f64 = -273.15;

/// A sensor that was found, before it is known whether its name is its own.
struct Found {
    name: String,
    chip: String,
    number: String,
    sensor: Sensor,
}

/// All sensors of all chips, in the order of their names: the numbers behind `hwmon`, in whose order
/// they are found, change from boot to boot.
fn search(root: &Root, shared: &mut HashSet<String>) -> Vec<Sensor> {
    let class = root.path("sys/class/hwmon");
    let mut found: Vec<Found> =
        kernel::names(&class).iter().flat_map(|chip| sensors(&class.join(chip), chip)).collect();
    if found.is_empty() {
        found = zones(root);
    }
    tell_apart(&mut found, shared, |f| f.chip.clone());
    tell_apart(&mut found, shared, |f| f.number.clone());
    found.sort_by(|a, b| crate::natural::order(&a.name, &b.name));
    let named = |f: Found| Sensor { device: f.name.into(), ..f.sensor };
    found.into_iter().map(named).collect()
}

/// Adds to every name that occurs twice what tells its bearers apart.
fn tell_apart(found: &mut [Found], shared: &mut HashSet<String>, by: impl Fn(&Found) -> String) {
    let mut seen = HashSet::new();
    shared.extend(found.iter().filter(|f| !seen.insert(&f.name)).map(|f| f.name.clone()));
    for f in found {
        if shared.contains(&f.name) {
            f.name = format!("{}_{}", f.name, by(f));
        }
    }
}

fn sensors(folder: &Path, hwmon: &str) -> Vec<Found> {
    let Some(name) = kernel::text(&folder.join("name")) else { return Vec::new() };
    // What the chip belongs to is the same after every boot; the number behind `hwmon` is not.
    let id = fs::read_link(folder.join("device")).ok();
    let chip = id.as_deref().and_then(Path::file_name).and_then(|n| n.to_str()).unwrap_or(hwmon);
    let names = kernel::names(folder);
    let inputs: Vec<&str> =
        names.iter().filter_map(|n| n.strip_suffix("_input")).filter(|n| is_temp(n)).collect();
    let unlabelled = |temp: &&&str| !folder.join(format!("{temp}_label")).exists();
    let alone = inputs.iter().filter(unlabelled).count() < 2;
    inputs
        .iter()
        .map(|temp| {
            let file = |what: &str| folder.join(format!("{temp}_{what}"));
            let name = match kernel::text(&file("label")) {
                Some(label) => plain(&format!("{name}_{label}")),
                None if alone => plain(&name),
                None => plain(&format!("{name}_{temp}")),
            };
            let fault = Some(file("fault")).filter(|f| f.exists()).map(KeptFile::at);
            let sensor = Sensor { device: "".into(), input: KeptFile::at(file("input")), fault };
            Found { name, chip: plain(chip), number: (*temp).to_owned(), sensor }
        })
        .collect()
}

fn is_temp(name: &str) -> bool {
    name.strip_prefix("temp").is_some_and(|n| kernel::number(n.as_bytes()).is_some())
}

fn zones(root: &Root) -> Vec<Found> {
    let class = root.path("sys/class/thermal");
    let folders = kernel::names(&class).into_iter().filter(|n| n.starts_with("thermal_zone"));
    folders
        .filter_map(|zone| {
            let name = plain(&kernel::text(&class.join(&zone).join("type"))?);
            let input = KeptFile::at(class.join(&zone).join("temp"));
            let sensor = Sensor { device: "".into(), input, fault: None };
            Some(Found { name, chip: zone.clone(), number: zone, sensor })
        })
        .collect()
}

/// In lower case, without blanks.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}
