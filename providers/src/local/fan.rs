//! Fans: how fast they turn.
//!
//! Reads `/sys/class/hwmon/hwmon*/{name,fan*_input,fan*_label,fan*_max,fan*_fault}`.
//!
//! A device is named after chip and label, in lower case and without blanks, `thinkpad_fan1`; equal
//! names get the chip's id. `rpm` is revolutions a minute, `max_rpm` the most that the fan is made for,
//! where its chip says so. The text `part` says what it cools: `cpu`, `gpu`, `board`. A fan that reports
//! a fault, or does not answer, is absent for that poll, and so is one of more than 45,000 rpm, which is what chips
//! say of no fan; a note names it.
//!
//! | option | default | |
//! |---|---|---|
//! | `root` | `/` | the folder that holds `sys` |
//!
//! There is no `via`: sysinfo knows no fans. On a machine without one the hardware counts as absent. New
//! chips are looked for once in 30 polls.

use crate::{
    local::hwmon,
    local::procfs::{self, ROOT, ReusedFile, Root},
    plausible::{self, Doubts, MOST_RPM},
};
use manytop_plugin::{
    inventory,
    options::Options,
    provider::{BuildError, Failure, Plugin, Provides, Reader, Selection},
    reading::{DeviceReading, PollResult},
    vocabulary as v,
};
use std::sync::Arc;

inventory::submit! {
    Plugin::reads("fan", "How fast fans turn.", build)
        .yields(&[Provides::new(v::FAN, &[&v::RPM, &v::MAX_RPM]).texts(&[&v::PART])])
        .options(&[ROOT.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    Ok(below(Root::of(options)?))
}

/// The reader of the files below that root.
pub fn below(root: Root) -> Box<dyn Reader> {
    Box::new(FanReader { root, known: Vec::new(), until_search: 0 })
}

struct FanReader {
    root: Root,
    known: Vec<Fan>,
    until_search: u32,
}

struct Fan {
    device: Arc<str>,
    part: Option<Arc<str>>,
    most: Option<f64>,
    input: ReusedFile,
    fault: Option<ReusedFile>,
}

const POLLS_PER_SEARCH: u32 = 30;
impl Reader for FanReader {
    fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
        if self.until_search == 0 {
            self.known = search(&self.root);
            self.until_search = POLLS_PER_SEARCH;
        }
        self.until_search -= 1;
        if self.known.is_empty() {
            return Err(Failure::absent());
        }
        let mut readings: Vec<_> = self.known.iter_mut().filter_map(Fan::reading).collect();
        let mut doubts = Doubts::default();
        plausible::screen(&mut readings, &mut doubts);
        readings.retain(|reading| reading.values.get(&v::RPM).is_some());
        Ok(doubts.answer(readings))
    }
}

fn search(root: &Root) -> Vec<Fan> {
    let inputs = hwmon::inputs(root, "fan", &["input"]);
    let fan = |input: hwmon::HwmonInput| Fan {
        most: input.fact("max").filter(|max| *max > 0.0 && *max < MOST_RPM),
        input: ReusedFile::at(input.file("input")),
        fault: Some(input.file("fault")).filter(|f| f.exists()).map(ReusedFile::at),
        device: input.device,
        part: input.part,
    };
    inputs.into_iter().map(fan).collect()
}

impl Fan {
    fn reading(&mut self) -> Option<DeviceReading> {
        let faulty = self.fault.as_mut().and_then(|f| f.read_once().ok().map(<[u8]>::trim_ascii));
        if faulty.is_some_and(|fault| fault != b"0") {
            return None;
        }
        let rpm = procfs::decimal(self.input.read_once().ok()?)?;
        let reading = DeviceReading::new(v::FAN, self.device.clone())
            .with(&v::RPM, rpm)
            .with_some(&v::MAX_RPM, self.most);
        Some(match &self.part {
            Some(part) => reading.text(&v::PART, part.clone()),
            None => reading,
        })
    }
}
