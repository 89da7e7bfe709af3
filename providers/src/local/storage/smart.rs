//! Drives by what `smartctl` or `nvme` print of them: one drive at a time, rarely, and without waiting.
//!
//! The program is started by one poll and its output taken by a later one. A drive that sleeps is not woken
//! (`smartctl -n standby`). Both programs need root on most machines; one that may not open a drive is asked
//! again as rarely as any other.

use super::StorageState;
use crate::{
    child::{Child, ProgramOutput},
    local::procfs::Root,
};
use manytop_plugin::{reading::DeviceReading, vocabulary as v};
use serde_json::Value;
use std::{
    collections::{BTreeMap, VecDeque},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

/// How long a program may take: a drive that spins up answers within that.
const LIMIT: Duration = Duration::from_secs(30);
/// The most that it may print, in bytes.
const MOST_OUTPUT: usize = 1 << 20;
/// Drives that are asked.
const MOST_DRIVES: usize = 128;
/// Where programs of the system are.
const FOLDERS: [&str; 6] =
    ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"];

/// The last answers of the drives, and those that wait for their turn.
pub struct Smart {
    smartctl: Option<PathBuf>,
    nvme: Option<PathBuf>,
    every: Duration,
    round: Option<Instant>,
    waiting: VecDeque<String>,
    running: Option<(String, Child)>,
    known: BTreeMap<String, Drive>,
}

/// What is known of a drive.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Drive {
    health: Option<StorageState>,
    model: Option<String>,
    errors: Option<f64>,
    wear: Option<f64>,
    celsius: Option<f64>,
}

impl Smart {
    /// With a program that was named, else with those that are found.
    pub fn new(named: Option<PathBuf>, every: Duration) -> Smart {
        let find = |name: &str| {
            FOLDERS.iter().map(|folder| Path::new(folder).join(name)).find(|path| path.is_file())
        };
        let (smartctl, nvme) = match named {
            Some(named) => (Some(named), None),
            None => (find("smartctl"), find("nvme")),
        };
        Smart {
            smartctl,
            nvme,
            every,
            round: None,
            waiting: VecDeque::new(),
            running: None,
            known: BTreeMap::new(),
        }
    }

    /// Whether there is a drive to ask and a program to ask it with.
    pub fn is_asking(&self) -> bool {
        self.running.is_some() || !self.waiting.is_empty()
    }

    /// Takes what has been printed and starts the next program. Returns what is known of all drives.
    pub fn advance(&mut self, root: &Root) -> impl Iterator<Item = DeviceReading> + '_ {
        if self.round.is_none_or(|began| began.elapsed() >= self.every) {
            let drives = drives(root);
            self.known.retain(|name, _| drives.contains(name));
            self.waiting = drives.into();
            self.round = Some(Instant::now());
        }
        if let Some((drive, child)) = &mut self.running {
            match child.advance() {
                Ok(None) => {}
                Ok(Some(output)) => {
                    if let Some(found) = parse(&output) {
                        self.known.insert(drive.clone(), found);
                    }
                    self.running = None;
                }
                Err(_) => self.running = None,
            }
        }
        while self.running.is_none()
            && let Some(drive) = self.waiting.pop_front()
        {
            self.running = self.start(&drive).map(|child| (drive, child));
        }
        self.known.iter().map(|(name, drive)| drive.reading(name))
    }

    fn start(&self, drive: &str) -> Option<Child> {
        let device = format!("/dev/{drive}");
        let words = |words: &[&str]| -> Vec<String> {
            words.iter().map(|word| (*word).to_owned()).chain([device.clone()]).collect()
        };
        let (program, arguments) = match (&self.smartctl, &self.nvme) {
            (Some(smartctl), _) => (smartctl, words(&["-j", "-i", "-H", "-A", "-n", "standby"])),
            (None, Some(nvme)) if drive.starts_with("nvme") => {
                (nvme, words(&["smart-log", "-o", "json"]))
            }
            _ => return None,
        };
        Child::start(program, &arguments, LIMIT, MOST_OUTPUT).ok()
    }
}

/// Disks and controllers of NVMe, by the names of their devices.
fn drives(root: &Root) -> Vec<String> {
    let disks = root.path("sys/block").names();
    let disks = disks.into_iter().filter(|name| name.starts_with("sd"));
    let controllers = root.path("sys/class/nvme").names();
    disks.chain(controllers).filter(|name| is_plain(name)).take(MOST_DRIVES).collect()
}

/// Whether it can be part of a path as it is.
fn is_plain(name: &str) -> bool {
    name.bytes().all(|b| b.is_ascii_alphanumeric())
}

/// What one of the programs printed as JSON; `None` where it could not read the drive.
fn parse(output: &ProgramOutput) -> Option<Drive> {
    let json: Value = serde_json::from_slice(&output.stdout).ok()?;
    let drive = if json.get("smartctl").is_some() { smartctl(&json) } else { nvme(&json) };
    (drive.health.is_some() || drive.errors.is_some()).then_some(drive)
}

fn number(json: &Value, path: &[&str]) -> Option<f64> {
    path.iter().try_fold(json, |json, key| json.get(key))?.as_f64()
}

fn smartctl(json: &Value) -> Drive {
    let log = json.get("nvme_smart_health_information_log").unwrap_or(&Value::Null);
    let passed = json.get("smart_status").and_then(|status| status.get("passed")?.as_bool());
    let warns = number(log, &["critical_warning"]).is_some_and(|bits| bits > 0.0);
    let table = json.get("ata_smart_attributes").and_then(|table| table.get("table")?.as_array());
    let attribute = |id: f64| {
        let rows = table.into_iter().flatten();
        let mut row = rows.filter(|row| number(row, &["id"]) == Some(id));
        row.next().and_then(|row| number(row, &["raw", "value"]))
    };
    // reallocated, pending and uncorrectable sectors, the numbers that drives agree on
    let sectors = [5.0, 197.0, 198.0].into_iter().filter_map(attribute).reduce(|a, b| a + b);
    let health = match (passed, warns) {
        (Some(false), _) | (_, true) => Some(StorageState::Failing),
        (Some(true), _) => Some(StorageState::Ok),
        (None, false) => None,
    };
    Drive {
        health,
        model: json.get("model_name").and_then(Value::as_str).map(str::to_owned),
        errors: number(log, &["media_errors"]).or(sectors),
        wear: number(log, &["percentage_used"])
            .or_else(|| number(json, &["endurance_used", "current_percent"])),
        celsius: number(json, &["temperature", "current"]),
    }
}

fn nvme(json: &Value) -> Drive {
    // newer releases print the bits as an object
    let bits = json.get("critical_warning");
    let bits = bits.and_then(|bits| bits.as_f64().or_else(|| bits.get("value")?.as_f64()));
    Drive {
        health: bits.map(|bits| if bits > 0.0 { StorageState::Failing } else { StorageState::Ok }),
        model: None,
        errors: number(json, &["media_errors"]),
        wear: number(json, &["percent_used"]),
        celsius: number(json, &["temperature"]).map(|kelvin| (kelvin - 273.15).round()),
    }
}

impl Drive {
    fn reading(&self, name: &str) -> DeviceReading {
        let reading = DeviceReading::new(v::STORAGE, name)
            .with_some(&v::ERRORS, self.errors)
            .with_some(&v::WEAR_PERCENT, self.wear)
            .with_some(&v::CELSIUS, self.celsius)
            .text(&v::TYPE, "drive");
        let reading = match &self.model {
            Some(model) => reading.text(&v::MODEL, model.as_str()),
            None => reading,
        };
        match self.health {
            Some(health) => reading.text(&v::STATE, health.word()),
            None => reading,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        let output = ProgramOutput {
            code: Some(0),
            stdout: text.as_bytes().to_vec(),
            stderr: String::new(),
        };
        let drive = parse(&output);
        drive.map(|d| manytop_plugin::testing::lines(&[d.reading("x")])).unwrap_or_default()
    }

    #[test]
    fn what_the_programs_print_is_read() {
        let sata = r#"{"smartctl":{"exit_status":8},"model_name":"WDC WD40","smart_status":{"passed":false},
            "ata_smart_attributes":{"table":[{"id":5,"raw":{"value":8}},{"id":197,"raw":{"value":2}},
            {"id":194,"raw":{"value":99}}]},"temperature":{"current":41}}"#;
        assert_eq!(
            said(sata),
            "x errors=10 celsius=41 type=\"drive\" model=\"WDC WD40\" state=\"failing\"\n"
        );
        let nvme = r#"{"smartctl":{},"smart_status":{"passed":true},"nvme_smart_health_information_log":
            {"critical_warning":0,"percentage_used":7,"media_errors":0}}"#;
        assert_eq!(said(nvme), "x errors=0 wear_percent=7 type=\"drive\" state=\"ok\"\n");
        let cli = r#"{"critical_warning":4,"temperature":313,"percent_used":91,"media_errors":3}"#;
        assert_eq!(
            said(cli),
            "x errors=3 wear_percent=91 celsius=40 type=\"drive\" state=\"failing\"\n"
        );
    }

    #[test]
    fn a_drive_that_may_not_be_read_says_nothing() {
        assert_eq!(said(r#"{"smartctl":{"exit_status":2,"messages":[]}}"#), "");
        assert_eq!(said("Permission denied"), "");
    }
}
