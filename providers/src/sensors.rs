//! Sensors as readers and dialects find them: how equal names are told apart, and which
//! thermal zones a chip covers.

use std::collections::{BTreeMap, HashMap, HashSet};

/// A sensor that was found, before it is known whether its name is its own.
pub struct FoundSensor<T> {
    /// What it is called.
    pub name: String,
    /// The address of its chip; empty where it is not known.
    pub chip: String,
    /// Its number on that chip.
    pub number: String,
    /// What reads it, or what it says.
    pub sensor: T,
}

/// Gives all sensors different names. Equal names get the address of the chip, names that are still equal
/// the sensor's number, and what is equal even then is counted. `shared` remembers names that several
/// have had at one time: when one of them goes, the other keeps its longer name.
pub fn tell_apart<T>(found: &mut [FoundSensor<T>], shared: &mut HashSet<String>) {
    lengthen(found, shared, |f| &f.chip);
    lengthen(found, shared, |f| &f.number);
    let mut taken: HashSet<String> = HashSet::new();
    let mut counts: HashMap<String, usize> = HashMap::new();
    for f in found {
        while taken.contains(&f.name) {
            let count = counts.entry(f.name.clone()).or_insert(1);
            *count += 1;
            let counted = format!("{}_{count}", f.name);
            if !taken.contains(&counted) {
                f.name = counted;
            }
        }
        taken.insert(f.name.clone());
    }
}

/// Adds to every name that occurs twice what may tell its bearers apart.
fn lengthen<T>(
    found: &mut [FoundSensor<T>],
    shared: &mut HashSet<String>,
    by: impl Fn(&FoundSensor<T>) -> &String,
) {
    let mut seen = HashSet::new();
    shared.extend(found.iter().filter(|f| !seen.insert(&f.name)).map(|f| f.name.clone()));
    for f in found {
        if shared.contains(&f.name) && !by(f).is_empty() {
            f.name = format!("{}_{}", f.name, by(f));
        }
    }
}

/// What Intel's package sensor is called as a thermal zone.
const PACKAGE_ZONE: &str = "x86_pkg_temp";

/// How many zones of a type the chips cover.
#[derive(Default)]
pub struct Covered(BTreeMap<String, usize>);

impl Covered {
    /// A chip, and the labels of its temperature sensors (empty where a sensor has none). The kernel
    /// registers zones as a chip of the zones' type, with a sensor for each; a sensor of coretemp for a whole
    /// package is the zone `x86_pkg_temp`.
    pub fn add<'a>(&mut self, chip: &str, labels: impl Iterator<Item = &'a str>) {
        let (mut sensors, mut packages) = (0, 0);
        for label in labels {
            sensors += 1;
            let label = squeezed(label);
            packages +=
                usize::from(label.starts_with("packageid") || label.starts_with("physicalid"));
        }
        if sensors > 0 {
            *self.0.entry(key(chip)).or_default() += sensors;
        }
        if packages > 0 && key(chip) == "coretemp" {
            *self.0.entry(PACKAGE_ZONE.to_owned()).or_default() += packages;
        }
    }

    /// Whether the next zone of that type is covered. Zones are asked for in the order of their numbers.
    pub fn next(&mut self, zone: &str) -> bool {
        let Some(left) = self.0.get_mut(&key(zone)).filter(|left| **left > 0) else { return false };
        *left -= 1;
        true
    }
}

/// A chip's name allows for no hyphen and no blank: the zone `cpu-thermal` is the chip `cpu_thermal`.
fn key(name: &str) -> String {
    let letter = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    name.trim().chars().map(letter).collect()
}

/// `Core 0`, which some versions write `core_0`, as `core0`.
pub fn squeezed(label: &str) -> String {
    label.chars().filter(|c| !c.is_whitespace() && *c != '_').flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(sensors: &[(&str, &str, &str)], shared: &mut HashSet<String>) -> Vec<String> {
        let found = |(name, chip, number): &(&str, &str, &str)| FoundSensor {
            name: (*name).to_owned(),
            chip: (*chip).to_owned(),
            number: (*number).to_owned(),
            sensor: (),
        };
        let mut all: Vec<_> = sensors.iter().map(found).collect();
        tell_apart(&mut all, shared);
        all.into_iter().map(|f| f.name).collect()
    }

    #[test]
    fn equal_names_get_the_chip_then_the_number_then_a_count() {
        let mut shared = HashSet::new();
        let chips = [("nvme", "nvme0", "temp1"), ("nvme", "nvme1", "temp1"), ("cpu", "a", "temp1")];
        assert_eq!(named(&chips, &mut shared), ["nvme_nvme0", "nvme_nvme1", "cpu"]);
        assert_eq!(named(&chips[1..], &mut shared), ["nvme_nvme1", "cpu"], "it keeps its name");
        let one_chip = [("x", "c", "temp1"), ("x", "c", "temp2")];
        assert_eq!(named(&one_chip, &mut HashSet::new()), ["x_c_temp1", "x_c_temp2"]);
        let equal = [("x", "c", "temp1"); 3];
        let names = named(&equal, &mut HashSet::new());
        assert_eq!(names, ["x_c_temp1", "x_c_temp1_2", "x_c_temp1_3"]);
        let taken = [("x_c_1_2", "c", "1"), ("x", "c", "1"), ("x", "c", "1")];
        let names = named(&taken, &mut HashSet::new());
        assert_eq!(names, ["x_c_1_2", "x_c_1", "x_c_1_3"]);
    }

    #[test]
    fn a_zone_is_covered_by_a_chip_of_its_type_and_by_nothing_else() {
        let mut covered = Covered::default();
        covered.add("nvme", ["Composite"].into_iter());
        covered.add("acpitz", [""].into_iter());
        covered.add("cpu_thermal", [""].into_iter());
        covered.add("coretemp", ["Package id 0", "Core 0"].into_iter());
        let zones =
            ["soc-thermal", "acpitz", "acpitz", "cpu-thermal", "x86_pkg_temp", "x86_pkg_temp"];
        assert_eq!(
            zones.map(|zone| covered.next(zone)),
            [false, true, false, true, true, false],
            "one chip covers as many zones as it has sensors"
        );
    }
}
