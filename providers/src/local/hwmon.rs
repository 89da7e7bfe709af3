//! The chips below `/sys/class/hwmon` and what they measure besides temperatures.

use crate::{
    local::{
        files::FilePath,
        procfs::{self, Root},
    },
    sensors::{self, FoundSensor},
};
use std::{collections::HashSet, sync::Arc};

/// Something that a chip measures.
#[derive(Clone, PartialEq, Debug)]
pub struct HwmonInput {
    /// Chip and label, told apart from others of the same name: `nct6775_fan2`.
    pub device: Arc<str>,
    /// What it belongs to.
    pub part: Option<Arc<str>>,
    /// The path of its files up to the underscore: `…/hwmon3/fan2`.
    base: FilePath,
}

impl HwmonInput {
    /// One of its files: `input`, `max`.
    pub fn file(&self, what: &str) -> FilePath {
        self.base.with_suffix(&format!("_{what}"))
    }

    /// A number that hardly changes.
    pub fn fact(&self, what: &str) -> Option<f64> {
        procfs::decimal(procfs::text(&self.file(what))?.as_bytes())
    }
}

/// All inputs of a sort (`fan`, `power`) that have one of these files, in the order of their names.
pub fn inputs(root: &Root, sort: &str, files: &[&str]) -> Vec<HwmonInput> {
    let class = root.path("sys/class/hwmon");
    let mut found: Vec<FoundSensor<HwmonInput>> = Vec::new();
    for hwmon in procfs::names(&class) {
        let folder = class.join(&hwmon);
        let Some(chip) = procfs::text(&folder.join("name")) else { continue };
        let id = id(&folder).unwrap_or(hwmon);
        let part = part(&chip, &folder).map(Arc::from);
        for number in numbers(&folder, sort, files) {
            let base = folder.join(&number);
            let mut input = HwmonInput { device: "".into(), part: part.clone(), base };
            let label = procfs::text(&input.file("label"));
            input.part = of_label(label.as_deref(), input.part);
            let name = plain(&format!("{chip}_{}", label.as_deref().unwrap_or(&number)));
            found.push(FoundSensor { name, chip: plain(&id), number, sensor: input });
        }
    }
    sensors::tell_apart(&mut found, &mut HashSet::new());
    found.sort_by(|a, b| crate::natural::order(&a.name, &b.name));
    found
        .into_iter()
        .map(|found| HwmonInput { device: found.name.into(), ..found.sensor })
        .collect()
}

/// `fan1`, `fan2`: what has one of the files.
fn numbers(folder: &FilePath, sort: &str, files: &[&str]) -> Vec<String> {
    let names = procfs::names(folder);
    let number = |name: &String| {
        let (base, file) = name.split_once('_')?;
        let number = base.strip_prefix(sort)?;
        (files.contains(&file) && procfs::number(number.as_bytes()).is_some())
            .then(|| base.to_owned())
    };
    let mut all: Vec<_> = names.iter().filter_map(number).collect();
    all.dedup();
    all
}

/// What the chip belongs to, which is the same after every boot; the number behind `hwmon` is not.
fn id(folder: &FilePath) -> Option<String> {
    let link = folder.join("device").read_link().ok()?;
    Some(link.file_name()?.to_str()?.to_owned())
}

/// In lower case, without blanks.
fn plain(name: &str) -> String {
    name.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect()
}

/// What a chip measures, by its driver's name and by what it is attached to: `cpu`, `gpu`, `memory`,
/// `board`, `battery`, a disk or an interface by its name; `None` where that is unknown.
pub fn part(chip: &str, folder: &FilePath) -> Option<String> {
    let device = folder.join("device");
    if chip == "nvme" {
        return id(folder);
    }
    if chip == "drivetemp" {
        return procfs::names(&device.join("block")).into_iter().next();
    }
    if let Some(interface) = procfs::names(&device.join("net")).into_iter().next() {
        return Some(interface);
    }
    if procfs::text(&device.join("type")).as_deref() == Some("Battery") {
        return Some("battery".into());
    }
    of_driver(chip).map(str::to_owned)
}

/// A board's chip measures more than the board: its label may say what.
pub fn of_label(label: Option<&str>, part: Option<Arc<str>>) -> Option<Arc<str>> {
    let label = label.unwrap_or_default().to_ascii_lowercase();
    let said = ["cpu", "gpu"].into_iter().find(|word| label.starts_with(word));
    match (part.as_deref(), said) {
        (None | Some("board"), Some(word)) => Some(word.into()),
        _ => part,
    }
}

/// Beginnings of drivers' names, and what these drivers are for.
const DRIVERS: &[(&str, &str)] = &[
    ("coretemp", "cpu"),
    ("k8temp", "cpu"),
    ("k10temp", "cpu"),
    ("zenpower", "cpu"),
    ("via_cputemp", "cpu"),
    ("cpu", "cpu"),
    ("soc", "cpu"),
    ("x86_pkg_temp", "cpu"),
    ("bigcore", "cpu"),
    ("littlecore", "cpu"),
    ("amdgpu", "gpu"),
    ("radeon", "gpu"),
    ("nouveau", "gpu"),
    ("i915", "gpu"),
    ("xe", "gpu"),
    ("gpu", "gpu"),
    ("spd5118", "memory"),
    ("jc42", "memory"),
    ("acpi", "board"),
    ("pch_", "board"),
    ("nct", "board"),
    ("it8", "board"),
    ("w83", "board"),
    ("f71", "board"),
    ("sch5", "board"),
    ("asus", "board"),
    ("thinkpad", "board"),
    ("dell_", "board"),
    ("hp", "board"),
    ("applesmc", "board"),
    ("gigabyte", "board"),
];

/// What a driver, or a thermal zone of that type, is for.
pub fn of_driver(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    DRIVERS.iter().find(|(begins, _)| name.starts_with(begins)).map(|(_, part)| *part)
}
