//! Parts of the machine that tell how much power they draw: processors by RAPL, others by their chips.

use crate::{
    local::files::FilePath,
    local::hwmon,
    local::procfs::{self, ReusedFile, Root},
    plausible::MOST_WATTS,
};
use manytop_plugin::{reading::DeviceReading, vocabulary as v};
use std::sync::Arc;

/// A part, and its file.
pub struct Rail {
    device: Arc<str>,
    part: Option<Arc<str>>,
    most: Option<f64>,
    file: ReusedFile,
    tells: Tells,
}

/// What the file counts, in millionths.
enum Tells {
    /// Watts, now.
    Watts,
    /// Joules, up to where the counter begins again.
    Joules { range: f64, last: f64, before: f64 },
}

/// All of them, in the order of their names.
pub fn search(root: &Root) -> Vec<Rail> {
    let mut rails = zones(root);
    let inputs = hwmon::inputs(root, "power", &["input", "average"]);
    // a battery's chip repeats what the battery says itself
    let inputs = inputs.into_iter().filter(|i| i.part.as_deref() != Some("battery"));
    rails.extend(inputs.map(|input| {
        let file = Some(input.file("input")).filter(|f| f.exists());
        let caps = ["cap", "max", "crit"].iter().find_map(|cap| input.fact(cap));
        Rail {
            most: caps.and_then(watts),
            file: ReusedFile::at(file.unwrap_or_else(|| input.file("average"))),
            tells: Tells::Watts,
            device: input.device,
            part: input.part,
        }
    }));
    rails.sort_by(|a, b| crate::natural::order(&a.device, &b.device));
    rails
}

/// Packages, memory, and the platform as a whole, `/sys/class/powercap/intel-rapl:*` (AMD's too). The
/// counters are root's alone on most machines: what cannot be read is left out.
fn zones(root: &Root) -> Vec<Rail> {
    let class = root.path("sys/class/powercap");
    let rail = |zone: String| {
        let of = zone.strip_prefix("intel-rapl:")?.to_owned();
        let folder = class.join(&zone);
        let name = procfs::text(&folder.join("name"))?;
        let (device, part) = match (&*name, of.split_once(':')) {
            ("psys", None) => ("platform".to_owned(), None),
            (_, None) => (name, Some("cpu")),
            ("dram", Some((package, _))) => (format!("dram-{package}"), Some("memory")),
            _ => return None,
        };
        let mut file = ReusedFile::at(folder.join("energy_uj"));
        file.read_once().ok()?;
        let fact = |file: &str| fact(&folder, file);
        let range = fact("max_energy_range_uj").unwrap_or(0.0);
        let tells = Tells::Joules { range, last: 0.0, before: 0.0 };
        let most = fact("constraint_0_power_limit_uw").and_then(watts);
        Some(Rail { device: device.into(), part: part.map(Arc::from), most, file, tells })
    };
    procfs::names(&class).into_iter().filter_map(rail).collect()
}

fn fact(folder: &FilePath, file: &str) -> Option<f64> {
    procfs::decimal(procfs::text(&folder.join(file))?.as_bytes())
}

fn watts(microwatts: f64) -> Option<f64> {
    Some(microwatts / 1e6).filter(|watts| *watts > 0.0 && *watts < MOST_WATTS)
}

impl Rail {
    /// Its name.
    pub fn device(&self) -> &Arc<str> {
        &self.device
    }

    /// What it says now; `None` when it does not answer.
    pub fn reading(&mut self) -> Option<DeviceReading> {
        let now = procfs::decimal(self.file.read_once().ok()?)?;
        let reading = DeviceReading::new(v::POWER, self.device.clone());
        let reading = match &mut self.tells {
            Tells::Watts if now == 0.0 => reading.with(&v::WATTS, 0.0),
            Tells::Watts => reading.with(&v::WATTS, watts(now)?),
            Tells::Joules { range, last, before } => {
                *before += if now < *last { *range } else { 0.0 };
                *last = now;
                reading.with(&v::ENERGY_JOULES, (*before + now) / 1e6)
            }
        };
        let reading = reading.with_some(&v::MAX_WATTS, self.most);
        Some(match &self.part {
            Some(part) => reading.text(&v::PART, part.clone()),
            None => reading,
        })
    }
}
