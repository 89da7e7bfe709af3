//! The temperature of each core, where the processor's own sensors tell it.
//!
//! Intel's (`coretemp`) have a sensor a core, AMD's (`k10temp`, `zenpower`) one for each chiplet of
//! cores, which share their cache of the third level.

use crate::{
    local::{
        files::FilePath,
        procfs::{self, ReusedFile, Root},
    },
    plausible,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// Polls after which sensors are looked for again, where one does not answer or none was found.
const POLLS_PER_SEARCH: u32 = 60;

/// The sensors of all cores.
#[derive(Default)]
pub struct Heat {
    sensors: Vec<ReusedFile>,
    /// By the place of a processor, the place of its sensor.
    places: Vec<Option<usize>>,
    celsius: Vec<Option<f64>>,
    searched: Option<u32>,
    numbers: Vec<u64>,
}

impl Heat {
    /// Reads the sensors of these processors, each once.
    pub fn read(&mut self, root: &Root, numbers: impl Iterator<Item = u64> + Clone, poll: u32) {
        let due = |last: u32| poll.wrapping_sub(last) >= POLLS_PER_SEARCH;
        let failing = self.celsius.is_empty() || self.celsius.iter().any(Option::is_none);
        let other = !self.numbers.iter().copied().eq(numbers.clone());
        if other || self.searched.is_none_or(|last| failing && due(last)) {
            self.searched = Some(poll);
            self.numbers = numbers.collect();
            self.search(root);
        }
        self.celsius.clear();
        self.celsius.extend(self.sensors.iter_mut().map(celsius));
    }

    /// What was read for the processor at that place.
    pub fn celsius(&self, place: usize) -> Option<f64> {
        let sensor = self.places.get(place).copied().flatten()?;
        self.celsius.get(sensor).copied().flatten()
    }

    fn search(&mut self, root: &Root) {
        let chips = chips(root);
        let cores: Vec<Core> = match chips.is_empty() {
            true => Vec::new(),
            false => self.numbers.iter().map(|number| Core::read(root, *number)).collect(),
        };
        let files = sensors(&chips, &cores);
        self.sensors.clear();
        let mut known: BTreeMap<&Path, usize> = BTreeMap::new();
        self.places.clear();
        for file in &files {
            let place = file.as_ref().map(|file| {
                *known.entry(file.as_path()).or_insert_with(|| {
                    self.sensors.push(ReusedFile::at(file.clone()));
                    self.sensors.len() - 1
                })
            });
            self.places.push(place);
        }
    }
}

fn celsius(sensor: &mut ReusedFile) -> Option<f64> {
    let thousandths = procfs::decimal(sensor.read_once().ok()?)?;
    // a core that sleeps may tell nonsense
    Some(thousandths / 1000.0).filter(|celsius| plausible::is_temperature(*celsius))
}

/// A chip that tells temperatures of cores: the labels of its sensors and their files.
#[derive(Debug)]
struct Chip {
    amd: bool,
    labels: Vec<(String, FilePath)>,
}

/// Where a processor sits.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
struct Core {
    package: Option<u64>,
    core: Option<u64>,
    cache: Option<u64>,
}

impl Core {
    fn read(root: &Root, number: u64) -> Core {
        let folder = format!("sys/devices/system/cpu/cpu{number}");
        let fact = |file: &str| {
            root.text(format!("{folder}/{file}")).and_then(|t| procfs::number(t.as_bytes()))
        };
        Core {
            package: fact("topology/physical_package_id"),
            core: fact("topology/core_id"),
            cache: fact("cache/index3/id"),
        }
    }
}

fn chips(root: &Root) -> Vec<Chip> {
    let class = root.path("sys/class/hwmon");
    let chip = |folder: &FilePath| {
        let name = procfs::text(&folder.join("name"))?;
        let amd = matches!(&*name, "k10temp" | "zenpower");
        if !amd && name != "coretemp" {
            return None;
        }
        let labels = procfs::names(folder).into_iter().filter_map(|file| {
            let input = folder.join(file.strip_suffix("_label")?.to_owned() + "_input");
            let label = procfs::text(&folder.join(&file))?;
            Some((label, input))
        });
        Some(Chip { amd, labels: labels.collect() })
    };
    // in the order of their devices, as packages are
    let mut folders: Vec<_> = procfs::names(&class).iter().map(|name| class.join(name)).collect();
    folders.sort_by_cached_key(|folder| folder.join("device").read_link().ok());
    folders.iter().filter_map(chip).collect()
}

/// The file of each core's sensor.
fn sensors(chips: &[Chip], cores: &[Core]) -> Vec<Option<FilePath>> {
    let packages: BTreeSet<u64> = cores.iter().filter_map(|c| c.package).collect();
    let alone = chips.len() == 1 && packages.len() < 2;
    cores
        .iter()
        .map(|core| {
            let nth = packages.iter().position(|p| Some(*p) == core.package);
            let chip = match core.package.and_then(|package| named(chips, package)) {
                Some(chip) => chip,
                None if alone => chips.first()?,
                // without a name, chips and packages are in one order, if there are as many
                None if chips.len() == packages.len() => chips.get(nth?)?,
                None => return None,
            };
            if chip.amd { chiplet(chip, core, cores) } else { intel(chip, core) }
        })
        .collect()
}

/// The chip that says which package it is of.
fn named(chips: &[Chip], package: u64) -> Option<&Chip> {
    let label = format!("Package id {package}");
    chips.iter().find(|chip| chip.labels.iter().any(|(l, _)| *l == label))
}

fn intel(chip: &Chip, core: &Core) -> Option<FilePath> {
    let label = format!("Core {}", core.core?);
    chip.labels.iter().find(|(l, _)| *l == label).map(|(_, file)| file.clone())
}

/// Chiplets are numbered like the caches of the third level, of which each has one or several.
fn chiplet(chip: &Chip, core: &Core, cores: &[Core]) -> Option<FilePath> {
    let mut chiplets: Vec<(u64, &FilePath)> = chip
        .labels
        .iter()
        .filter_map(|(label, file)| {
            Some((procfs::number(label.strip_prefix("Tccd")?.as_bytes())?, file))
        })
        .collect();
    chiplets.sort_by_key(|(number, _)| *number);
    let caches: BTreeSet<u64> =
        cores.iter().filter(|c| c.package == core.package).filter_map(|c| c.cache).collect();
    let nth = caches.iter().position(|cache| Some(*cache) == core.cache)?;
    if chiplets.is_empty() || !caches.len().is_multiple_of(chiplets.len()) {
        return None;
    }
    let (_, file) = chiplets.get(nth / (caches.len() / chiplets.len()))?;
    Some((*file).clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    fn chip(amd: bool, labels: &[&str]) -> Chip {
        let label = |l: &&str| ((*l).to_owned(), PathBuf::from(format!("{l}!")).into());
        Chip { amd, labels: labels.iter().map(label).collect() }
    }

    fn core(package: u64, core: u64, cache: u64) -> Core {
        Core { package: Some(package), core: Some(core), cache: Some(cache) }
    }

    fn files(chips: &[Chip], cores: &[Core]) -> Vec<String> {
        let files = sensors(chips, cores).into_iter();
        files.map(|file| file.map_or("-".into(), |file| file.display().to_string())).collect()
    }

    #[test]
    fn intels_cores_are_found_by_package_and_number() {
        let chips = [
            chip(false, &["Package id 1", "Core 0", "Core 8"]),
            chip(false, &["Package id 0", "Core 4"]),
        ];
        let cores = [core(0, 4, 0), core(1, 8, 0), core(1, 0, 0), core(0, 0, 0)];
        assert_eq!(files(&chips, &cores), ["Core 4!", "Core 8!", "Core 0!", "-"]);
    }

    #[test]
    fn amds_cores_share_the_sensor_of_their_chiplet() {
        let one = [chip(true, &["Tctl", "Tccd1"])];
        assert_eq!(files(&one, &[core(0, 0, 0), core(0, 1, 0)]), ["Tccd1!", "Tccd1!"]);
        // two caches on each chiplet, and numbers with a gap
        let two = [chip(true, &["Tctl", "Tccd10", "Tccd2"])];
        let cores = [core(0, 0, 0), core(0, 1, 1), core(0, 2, 4), core(0, 3, 5)];
        assert_eq!(files(&two, &cores), ["Tccd2!", "Tccd2!", "Tccd10!", "Tccd10!"]);
        assert_eq!(files(&two, &[core(0, 0, 0)]), ["-"], "one cache, two chiplets: unknown which");
        let no_chiplet = [chip(true, &["Tctl"])];
        assert_eq!(files(&no_chiplet, &[core(0, 0, 0)]), ["-"]);
    }

    #[test]
    fn of_several_packages_the_nth_has_the_nth_chip() {
        let chips = [chip(true, &["Tccd1"]), chip(true, &["Tccd1", "Tccd2"])];
        let cores = [core(0, 0, 0), core(1, 0, 8), core(1, 1, 9)];
        assert_eq!(files(&chips, &cores), ["Tccd1!", "Tccd1!", "Tccd2!"]);
        assert_eq!(files(&chips[..1], &cores), ["-", "-", "-"], "a chip is missing");
    }
}
