//! Cards of the kernel's DRM: amdgpu, i915, xe, and others as far as their chips tell of them.

use super::{clients::DrmClients, pci, reading};
use crate::local::{
    files::FilePath,
    procfs::{self, ReusedFile, Root},
};
use manytop_plugin::{
    reading::{DeviceReading, Metric},
    vocabulary as v,
};

/// A card.
pub struct Card {
    folder: FilePath,
    driver: String,
    /// `0000:03:00.0`.
    pub slot: String,
    vendor: u16,
    model: Option<String>,
    status: ReusedFile,
    gauges: Vec<Gauge>,
    fan: Option<CardFan>,
    clients: Option<DrmClients>,
}

/// A file that holds a number, and what one of its units is worth.
struct Gauge {
    quantity: &'static Metric,
    file: ReusedFile,
    factor: f64,
}

struct CardFan {
    now: ReusedFile,
    most: f64,
}

const NVIDIA: u16 = 0x10de;
const MILLI: f64 = 1e-3;
const MICRO: f64 = 1e-6;
const MEGA: f64 = 1e6;

/// Searches for cards; those that are still there keep what is known of them.
pub fn search(root: &Root, cards: &mut Vec<Card>) {
    let class = root.path("sys/class/drm");
    let mut before = std::mem::take(cards);
    for name in class.names() {
        let number = name.strip_prefix("card").and_then(|n| procfs::number(n.as_bytes()));
        if number.is_none() {
            continue; // a connector, or a render node
        }
        let folder = class.join(&name);
        let Some(uevent) = folder.join("device/uevent").text() else { continue };
        let fact = |key: &str| {
            uevent.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix('=')).map(str::trim)
        };
        let (Some(driver), slot) = (fact("DRIVER"), fact("PCI_SLOT_NAME").unwrap_or_default())
        else {
            continue;
        };
        let known =
            before.iter().position(|c| c.folder == folder && c.driver == driver && c.slot == slot);
        cards.push(match known {
            Some(at) => before.swap_remove(at),
            None => {
                Card::new(root, folder.clone(), driver, slot, fact("PCI_ID").unwrap_or_default())
            }
        });
    }
    // a virtual machine's frame buffer has no such file
    cards.retain(|card| card.is_nvidia() || !card.gauges.is_empty() || card.clients.is_some());
}

impl Card {
    fn new(root: &Root, folder: FilePath, driver: &str, slot: &str, id: &str) -> Card {
        let device = folder.join("device");
        let parts = id.split_once(':');
        let hex = |text: &str| u16::from_str_radix(text, 16).ok();
        let ids = parts.and_then(|(vendor, device)| hex(vendor).zip(hex(device)));
        let model = device.join("product_name").text();
        let model =
            model.or_else(|| ids.and_then(|(vendor, device)| pci::model(root, vendor, device)));
        let chips = device.join("hwmon");
        let chip = chips.names().into_iter().next().map(|name| chips.join(name));
        let intel = ["i915", "xe"].contains(&driver);
        Card {
            gauges: gauges(&folder, &device, chip.as_ref()),
            fan: chip.as_ref().and_then(CardFan::of_chip),
            clients: intel.then(|| DrmClients::new(slot)),
            status: ReusedFile::at(device.join("power/runtime_status")),
            vendor: ids.map_or(0, |(vendor, _)| vendor),
            driver: driver.to_owned(),
            slot: slot.to_owned(),
            model,
            folder,
        }
    }

    /// Whether NVML may know it.
    pub fn is_nvidia(&self) -> bool {
        self.vendor == NVIDIA
    }

    /// Whether it sleeps until a program uses it.
    pub fn is_suspended(&self) -> bool {
        let status = self.status.path().text();
        matches!(status.as_deref(), Some("suspended" | "suspending"))
    }

    /// A reading under that name; `None` while it is suspended.
    pub fn read(&mut self, root: &Root, name: String, searches: bool) -> Option<DeviceReading> {
        if self.is_suspended() {
            return None;
        }
        let mut found = reading(name, self.model.as_deref());
        for gauge in &mut self.gauges {
            let value = gauge.file.read_once().ok().and_then(procfs::decimal);
            found = found.with_some(gauge.quantity, value.map(|value| value * gauge.factor));
        }
        let fan = self.fan.as_mut().and_then(CardFan::percent);
        found = found.with_some(&v::FAN_PERCENT, fan);
        match &mut self.clients {
            Some(clients) => Some(clients.tell(root, found, searches)),
            None => Some(found),
        }
    }
}

impl CardFan {
    /// By its speed where its chip says the highest one, else by the share of the time that it is driven.
    fn of_chip(chip: &FilePath) -> Option<CardFan> {
        let fact = |name: &str| procfs::decimal(chip.join(name).text()?.as_bytes());
        let by = |now: &str, most: Option<f64>| {
            let most = most.filter(|most| *most > 0.0)?;
            let now = chip.join(now);
            now.exists().then(|| CardFan { now: ReusedFile::at(now), most })
        };
        by("fan1_input", fact("fan1_max")).or_else(|| by("pwm1", fact("pwm1_max").or(Some(255.0))))
    }

    fn percent(&mut self) -> Option<f64> {
        let now = self.now.read_once().ok().and_then(procfs::decimal)?;
        Some((100.0 * now / self.most).clamp(0.0, 100.0))
    }
}

/// The files that there are.
fn gauges(folder: &FilePath, device: &FilePath, chip: Option<&FilePath>) -> Vec<Gauge> {
    let mut all = Vec::new();
    let mut first = |quantity: &'static Metric, factor: f64, paths: &[Option<FilePath>]| {
        if let Some(path) = paths.iter().flatten().find(|path| path.exists()) {
            all.push(Gauge { quantity, file: ReusedFile::at(path.clone()), factor });
        }
    };
    let own = |name: &str| Some(device.join(name));
    let of_chip = |name: &str| chip.map(|chip| chip.join(name));
    first(&v::PERCENT, 1.0, &[own("gpu_busy_percent")]);
    first(&v::USED_BYTES, 1.0, &[own("mem_info_vram_used")]);
    first(
        &v::TOTAL_BYTES,
        1.0,
        &[own("mem_info_vram_total"), Some(folder.join("lmem_total_bytes"))],
    );
    first(&v::CELSIUS, MILLI, &[of_chip("temp1_input"), of_chip("temp2_input")]);
    first(&v::WATTS, MICRO, &[of_chip("power1_average"), of_chip("power1_input")]);
    if of_chip("power1_average").or(of_chip("power1_input")).is_some_and(|path| !path.exists()) {
        first(&v::ENERGY_JOULES, MICRO, &[of_chip("energy1_input")]);
    }
    first(&v::MAX_WATTS, MICRO, &[of_chip("power1_cap"), of_chip("power1_max")]);
    first(&v::FREQUENCY_HERTZ, 1.0, &[of_chip("freq1_input")]);
    let clocks = [
        Some(folder.join("gt_act_freq_mhz")),
        Some(folder.join("gt/gt0/rps_act_freq_mhz")),
        own("tile0/gt0/freq0/act_freq"),
    ];
    first(&v::FREQUENCY_HERTZ, MEGA, &clocks);
    all
}
