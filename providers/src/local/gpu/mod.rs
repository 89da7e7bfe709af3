//! Graphics processors: work, memory, temperature, power, clock, fan.
//!
//! NVIDIA's are read by NVML (`libnvidia-ml.so.1`), which is loaded when there is such a card. AMD's are read
//! from `/sys/class/drm/card*/device/{gpu_busy_percent,mem_info_vram_*}` and the chip's own
//! `hwmon/hwmon*/{temp1_input,power1_*,freq1_input,pwm1,fan1_*}`; Intel's (i915, xe) from
//! `/sys/class/drm/card*/{gt_act_freq_mhz,device/tile0/gt0/freq0/act_freq}`, its chip, and from what
//! `/proc/PID/fdinfo` says of the programs that use it.
//!
//! A device is `gpu0`, `gpu1`, …: NVIDIA's as `nvidia-smi` numbers them, then the others in the order of their
//! cards. `percent` is how much of the time it works: NVML's and amdgpu's own figure; of Intel's the busiest
//! engine's (`busy_seconds` of `total_seconds`), of the programs whose files this user may read. `used_bytes` of
//! `total_bytes` is memory of its own. `celsius`, `watts` of `max_watts`, `frequency_hertz`, `fan_percent`,
//! `encoder_percent` and `decoder_percent` are present where the driver has them; `energy_joules` where it
//! counts energy. The text `model` is the driver's, else that of the machine's list `pci.ids`. A card that is
//! suspended is not woken: it is absent until a program uses it.
//!
//! | option | default | |
//! |---|---|---|
//! | `nvml` | found | NVIDIA's library, where it is not among the system's |
//! | `root` | `/` | the folder that holds `proc`, `sys` and `usr` |
//!
//! This is tested with recorded trees and with a library in the place of NVML; no real GPU was at hand. On
//! a machine without one the hardware counts as absent. Cards are searched for once in 30 polls.

mod card;
mod clients;
mod nvidia;
mod pci;

use crate::local::procfs::{ROOT, Root};
use card::Card;
use manytop_plugin::{
    inventory,
    options::{Opt, Options},
    provider::{BuildError, Failure, Plugin, Provides, Reader, Selection},
    reading::{DeviceReading, PollResult},
    vocabulary as v,
};
use nvidia::Nvidia;
use std::path::PathBuf;

static NVML: Opt<Option<PathBuf>> = Opt::<Option<PathBuf>>::optional(
    "nvml",
    "NVIDIA's library libnvidia-ml.so.1, where it is not among the system's",
);

inventory::submit! {
    Plugin::reads("gpu", "Work, memory, temperature and power of graphics processors.", build)
        .yields(&[Provides::new(v::GPU, &[
            &v::PERCENT, &v::BUSY_SECONDS, &v::TOTAL_SECONDS, &v::USED_BYTES, &v::TOTAL_BYTES,
            &v::CELSIUS, &v::WATTS, &v::MAX_WATTS, &v::ENERGY_JOULES, &v::FREQUENCY_HERTZ,
            &v::FAN_PERCENT, &v::ENCODER_PERCENT, &v::DECODER_PERCENT,
        ]).texts(&[&v::MODEL])])
        .options(&[NVML.spec(), ROOT.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    let root = Root::of(options)?;
    let nvidia = Nvidia::new(&root, options.get(&NVML));
    Ok(Box::new(Gpus { root, nvidia, cards: Vec::new(), until_search: 0 }))
}

const POLLS_PER_SEARCH: u32 = 30;

struct Gpus {
    root: Root,
    nvidia: Nvidia,
    cards: Vec<Card>,
    until_search: u32,
}

impl Reader for Gpus {
    fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
        let searches = self.until_search == 0;
        if searches {
            card::search(&self.root, &mut self.cards);
            self.until_search = POLLS_PER_SEARCH;
        }
        self.until_search -= 1;
        let mut readings = self.nvidia.read(&self.cards, searches)?;
        let mut number = readings.len().max(self.nvidia.count());
        let is_nvidia = self.nvidia.count() > 0;
        for card in self.cards.iter_mut().filter(|card| !(is_nvidia && card.is_nvidia())) {
            readings.extend(card.read(&self.root, format!("gpu{number}"), searches));
            number += 1;
        }
        if number == 0 { Err(Failure::absent()) } else { Ok(PollResult::now(readings)) }
    }
}

/// A reading of a GPU.
fn reading(device: impl Into<std::sync::Arc<str>>, model: Option<&str>) -> DeviceReading {
    let reading = DeviceReading::new(v::GPU, device);
    match model {
        Some(model) => reading.text(&v::MODEL, model),
        None => reading,
    }
}
