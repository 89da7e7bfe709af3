//! NVIDIA's cards, by NVML: a library of the driver's that is loaded at run time.

use super::{card::Card, reading};
use crate::local::procfs::Root;
use manytop_plugin::{
    provider::{Class, Failure},
    reading::DeviceReading,
    vocabulary as v,
};
use nvml_wrapper::{
    Device, Nvml,
    enum_wrappers::device::{Clock, TemperatureSensor},
    error::NvmlError,
};
use std::{ffi::OsStr, path::PathBuf};

/// The names under which the library is found, the one that drivers install first.
const LIBRARIES: [&str; 2] = ["libnvidia-ml.so.1", "libnvidia-ml.so"];
const MILLI: f64 = 1e-3;
const MEGA: f64 = 1e6;

/// The library, once it is loaded.
pub struct Nvidia {
    named: Option<PathBuf>,
    /// Where a driver shows that it is loaded.
    driver: Option<Root>,
    nvml: Option<Nvml>,
    count: usize,
}

impl Nvidia {
    /// Nothing is loaded yet. Of another machine's files there is no library to load, unless one is named.
    pub fn new(root: &Root, named: Option<PathBuf>) -> Nvidia {
        let driver = root.is_this_machine().then(|| root.clone());
        Nvidia { named, driver, nvml: None, count: 0 }
    }

    /// How many cards it has found.
    pub fn count(&self) -> usize {
        self.count
    }

    /// A reading of each card that is awake.
    pub fn read(&mut self, cards: &[Card], searches: bool) -> Result<Vec<DeviceReading>, Failure> {
        // a question to a card that is suspended would wake it
        let mut own = cards.iter().filter(|card| card.is_nvidia()).peekable();
        if own.peek().is_some() && own.all(Card::is_suspended) {
            return Ok(Vec::new());
        }
        if self.nvml.is_none() && searches && self.is_there() {
            self.nvml = Some(self.load()?);
        }
        let Some(nvml) = &self.nvml else { return Ok(Vec::new()) };
        let read = || -> Result<Vec<DeviceReading>, NvmlError> {
            let count = nvml.device_count()?;
            // one that fell off the bus must not hide the others
            let devices =
                (0..count).map(|n| nvml.device_by_index(n).map(|d| of_device(n, &d)).ok());
            Ok(devices.map(|found| found.unwrap_or_else(|| reading("", None))).collect())
        };
        match read() {
            Ok(readings) => {
                self.count = readings.len();
                Ok(readings.into_iter().filter(|r| !r.device.is_empty()).collect())
            }
            // the driver was replaced or unloaded: the library is loaded again at the next search
            Err(error) => {
                self.nvml = None;
                Err(failure(&error))
            }
        }
    }

    fn is_there(&self) -> bool {
        let shows = |root: &Root| {
            ["proc/driver/nvidia/version", "dev/nvidiactl", "dev/dxg"]
                .iter()
                .any(|path| root.path(path).exists())
        };
        self.named.is_some() || self.driver.as_ref().is_some_and(shows)
    }

    fn load(&self) -> Result<Nvml, Failure> {
        let init = |path: &OsStr| Nvml::builder().lib_path(path).init();
        if let Some(named) = &self.named {
            return init(named.as_os_str()).map_err(|e| {
                let why = format!("cannot load {}: {e}", named.display());
                Failure::new(Class::Unreachable, why).advise("check gpu-nvml")
            });
        }
        let mut last = None;
        for name in LIBRARIES {
            match init(OsStr::new(name)) {
                Ok(nvml) => return Ok(nvml),
                Err(error) => last = last.or(Some(error)),
            }
        }
        Err(last.map_or_else(Failure::absent, |error| failure(&error)))
    }
}

fn failure(error: &NvmlError) -> Failure {
    match error {
        NvmlError::LibloadingError(_) | NvmlError::LibraryNotFound => {
            Failure::new(Class::Unreachable, "NVIDIA's library is missing").advise(
                "install libnvidia-ml1 of the driver's version, or set gpu-nvml to its path",
            )
        }
        NvmlError::DriverNotLoaded => Failure::absent(),
        error => Failure::new(Class::Refused, format!("NVML: {error}")),
    }
}

fn of_device(number: u32, device: &Device<'_>) -> DeviceReading {
    let work = device.utilization_rates().ok().map(|rates| f64::from(rates.gpu));
    let memory = device.memory_info().ok();
    let celsius = device.temperature(TemperatureSensor::Gpu).ok().map(f64::from);
    let watts =
        |milliwatts: Result<u32, NvmlError>| milliwatts.ok().map(|mw| f64::from(mw) * MILLI);
    let clock = device.clock_info(Clock::Graphics).ok().map(|mhz| f64::from(mhz) * MEGA);
    let model = device.name().ok().filter(|name| !name.is_empty());
    reading(format!("gpu{number}"), model.as_deref())
        .with_some(&v::PERCENT, work)
        .with_some(&v::USED_BYTES, memory.as_ref().map(|m| m.used as f64))
        .with_some(&v::TOTAL_BYTES, memory.as_ref().map(|m| m.total as f64))
        .with_some(&v::CELSIUS, celsius)
        .with_some(&v::WATTS, watts(device.power_usage()))
        .with_some(&v::MAX_WATTS, watts(device.enforced_power_limit()))
        .with_some(&v::FREQUENCY_HERTZ, clock)
        .with_some(&v::FAN_PERCENT, device.fan_speed(0).ok().map(f64::from))
        .with_some(
            &v::ENCODER_PERCENT,
            device.encoder_utilization().ok().map(|info| f64::from(info.utilization)),
        )
        .with_some(
            &v::DECODER_PERCENT,
            device.decoder_utilization().ok().map(|info| f64::from(info.utilization)),
        )
}
