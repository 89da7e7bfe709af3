//! Which figures can be true: one set of rules for this machine's readers and for all dialects of remotes.
//!
//! A figure that cannot be true is left out or derived from those that agree, and [`Doubts`] says which
//! and why. Formulas check what they are given (`disk::Space`, `memory::MemInfo`, `power`); [`screen`]
//! goes over finished readings, for dialects of programs that do the arithmetic themselves.

use manytop_plugin::{
    clock::Moment,
    reading::{DeviceReading, Kind, Metric, PollResult, SourceReadings},
    text::clean,
    vocabulary as v,
};
use std::fmt;

/// Colder than the coldest air on Earth, where drivers report -273.15, -128 or -300.
const COLDEST: f64 = -90.0;
/// Hotter than any electronics bear, where drivers report 249, 255 or 65261.85.
const HOTTEST: f64 = 200.0;
/// What an eight-bit sensor reports when its input is open.
const OPEN_INPUT: std::ops::RangeInclusive<f64> = 127.0..=128.0;

/// Whether a sensor can have that temperature, in degrees Celsius.
pub fn is_temperature(celsius: f64) -> bool {
    (COLDEST..HOTTEST).contains(&celsius) && !OPEN_INPUT.contains(&celsius)
}

/// A part of a total; `None` where it is negative or larger. What exceeds the total by a rounding step is
/// the total.
pub fn part(value: f64, total: f64) -> Option<f64> {
    (value >= 0.0 && value <= total * (1.0 + 1e-6)).then(|| value.min(total))
}

/// A percentage of a whole; `None` where it is negative or more than all. What exceeds 100 by a rounding
/// step is 100.
pub fn percentage(value: f64) -> Option<f64> {
    (0.0..=100.5).contains(&value).then(|| value.min(100.0))
}

/// From 2^63 on a number of bytes is a negative one that was written without its sign.
const WRAPPED: f64 = 9_223_372_036_854_775_808.0;

/// What of an answer was left out or replaced because it cannot be true.
#[derive(Default, Debug)]
pub struct Doubts {
    notes: Vec<String>,
    more: usize,
}

/// More figures of one answer are counted, and not named.
const MOST_NOTES: usize = 6;

impl Doubts {
    /// A figure of a device, and what became of it. The name is in double quotes, so that the log names
    /// each device once.
    pub fn add(&mut self, kind: Kind, device: &str, what: fmt::Arguments<'_>) {
        if self.notes.len() == MOST_NOTES {
            self.more += 1;
            return;
        }
        let device = clean(device).replace('"', "'");
        self.notes.push(format!("{} \"{device}\": {what}", kind.word()));
    }

    /// Whether that can be a number of bytes, or is a negative one without its sign. Then a note names it.
    pub fn is_amount(
        &mut self,
        (kind, device): (Kind, &str),
        (quantity, value): (&Metric, f64),
    ) -> bool {
        let fits = value < WRAPPED;
        if !fits {
            let what = format_args!("{} {value} is more than exists; {LEFT_OUT}", quantity.name());
            self.add(kind, device, what);
        }
        fits
    }

    /// The part of a total, or `None` and a note that ends with what follows from it.
    pub fn part(
        &mut self,
        (kind, device): (Kind, &str),
        (quantity, value): (&Metric, Option<f64>),
        total: f64,
        follows: &str,
    ) -> Option<f64> {
        let value = value?;
        let fits = part(value, total);
        if fits.is_none() {
            let (name, of) = (quantity.name(), v::TOTAL_BYTES.name());
            let what = format_args!("{name} {value} is not between 0 and {of} {total}; {follows}");
            self.add(kind, device, what);
        }
        fits
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.notes.is_empty()
    }

    /// An answer of this machine's own source, read now.
    pub fn answer(self, readings: Vec<DeviceReading>) -> PollResult {
        self.answer_at(Moment::now(), readings)
    }

    /// An answer of this machine's own source, read at that moment.
    pub fn answer_at(self, read_at: Moment, readings: Vec<DeviceReading>) -> PollResult {
        PollResult::of(vec![SourceReadings {
            left_out: self.into_notes(),
            ..SourceReadings::own(read_at, readings)
        }])
    }

    /// As notes of an answer.
    pub fn into_notes(self) -> Vec<String> {
        let Doubts { mut notes, more } = self;
        match more {
            0 => {}
            1 => notes.push("1 more figure cannot be true and is left out".into()),
            _ => notes.push(format!("{more} more figures cannot be true and are left out")),
        }
        notes
    }
}

/// What a note says of a figure that nothing takes the place of.
pub const LEFT_OUT: &str = "it is left out";

/// Takes figures that cannot be true out of finished readings.
pub fn screen(readings: &mut [DeviceReading], doubts: &mut Doubts) {
    for reading in readings {
        let is = |kinds: &[Kind]| kinds.contains(&reading.kind);
        if is(&[v::TEMPERATURE]) {
            temperature(reading, doubts);
        } else if is(&[v::CPU, v::POWER]) {
            temperature(reading, doubts);
            percent(reading, doubts);
            watts(reading, doubts);
        } else if is(&[v::MEMORY, v::DISK]) {
            parts(reading, doubts);
            percent(reading, doubts);
        } else if is(&[v::GPU]) {
            temperature(reading, doubts);
            parts(reading, doubts);
            percent(reading, doubts);
            watts(reading, doubts);
        } else if is(&[v::FAN]) {
            at_most(reading, (&v::RPM, MOST_RPM), "rpm", doubts);
        }
    }
}

/// What draws more is not a machine. Drivers and DCGM write numbers beyond it for what they do not know.
pub const MOST_WATTS: f64 = 100_000.0;

/// The fastest fans of servers turn less than 40,000 times a minute; chips without a fan report 65535 and more.
pub const MOST_RPM: f64 = 45_000.0;

fn watts(reading: &mut DeviceReading, doubts: &mut Doubts) {
    at_most(reading, (&v::WATTS, MOST_WATTS), "W", doubts);
}

/// Takes a figure out that is negative or beyond that bound.
fn at_most(
    reading: &mut DeviceReading,
    (metric, most): (&Metric, f64),
    unit: &str,
    doubts: &mut Doubts,
) {
    let implausible = |value: &f64| !(0.0..=most).contains(value);
    if let Some(value) = reading.values.get(metric).filter(implausible) {
        reading.values.remove(metric);
        let what = format_args!("{value} {unit} is implausible; {LEFT_OUT}");
        doubts.add(reading.kind, &reading.device, what);
    }
}

fn temperature(reading: &mut DeviceReading, doubts: &mut Doubts) {
    if let Some(celsius) = reading.values.get(&v::CELSIUS).filter(|c| !is_temperature(*c)) {
        reading.values.remove(&v::CELSIUS);
        let what = format_args!("{celsius} °C is implausible; {LEFT_OUT}");
        doubts.add(reading.kind, &reading.device, what);
    }
}

fn percent(reading: &mut DeviceReading, doubts: &mut Doubts) {
    let Some(value) = reading.values.get(&v::PERCENT).filter(|p| *p > 100.0) else { return };
    reading.values.remove(&v::PERCENT);
    match percentage(value) {
        Some(all) => reading.values.set(&v::PERCENT, all),
        None => {
            let what = format_args!("{value} % is more than all; {LEFT_OUT}");
            doubts.add(reading.kind, &reading.device, what);
        }
    }
}

fn parts(reading: &mut DeviceReading, doubts: &mut Doubts) {
    let of = (reading.kind, &*reading.device.clone());
    let mut total = reading.values.get(&v::TOTAL_BYTES);
    if total.is_some_and(|total| !doubts.is_amount(of, (&v::TOTAL_BYTES, total))) {
        reading.values.remove(&v::TOTAL_BYTES);
        reading.values.remove(&v::PERCENT);
        total = None;
    }
    for quantity in [
        &v::USED_BYTES,
        &v::AVAILABLE_BYTES,
        &v::FREE_BYTES,
        &v::BUFFERS_BYTES,
        &v::CACHED_BYTES,
        &v::SHARED_BYTES,
        &v::RECLAIMABLE_BYTES,
        &v::ARC_BYTES,
        &v::ARC_LEAST_BYTES,
    ] {
        let Some(value) = reading.values.get(quantity) else { continue };
        match total {
            None if !doubts.is_amount(of, (quantity, value)) => reading.values.remove(quantity),
            Some(most) if value > most => {
                match doubts.part(of, (quantity, Some(value)), most, LEFT_OUT) {
                    Some(all) => reading.values.set(quantity, all),
                    None => reading.values.remove(quantity),
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_plugin::testing::lines;

    #[test]
    fn placeholders_of_drivers_are_not_temperatures() {
        let placeholders =
            [-273.15, -300.0, -128.0, 65261.85, 249.0, 255.0, 127.0, 127.5, 128.0, f64::NAN];
        for celsius in placeholders {
            assert!(!is_temperature(celsius), "{celsius}");
        }
        for celsius in [-55.0, -40.0, -5.3, 0.0, 20.0, 105.0, 125.0] {
            assert!(is_temperature(celsius), "{celsius}");
        }
    }

    #[test]
    fn a_part_is_within_its_total_but_for_a_rounding_step() {
        assert_eq!(part(5.0, 10.0), Some(5.0));
        assert_eq!(part(10.000_001, 10.0), Some(10.0));
        assert_eq!(part(1.8e19, 8.8e11), None);
        assert_eq!(part(-1.0, 10.0), None);
        assert_eq!(part(0.0, 0.0), Some(0.0));
        assert_eq!(percentage(100.2), Some(100.0));
        assert_eq!(percentage(652.0), None);
    }

    #[test]
    fn finished_readings_lose_what_cannot_be_true_and_notes_name_it() {
        let mut readings = [
            DeviceReading::new(v::TEMPERATURE, "x\"1").with(&v::CELSIUS, -128.0),
            DeviceReading::new(v::CPU, "CPU0").with(&v::PERCENT, 100.1),
            DeviceReading::new(v::MEMORY, "Main")
                .with(&v::PERCENT, 652.0)
                .with(&v::USED_BYTES, 7.0)
                .with(&v::TOTAL_BYTES, 5.0)
                .with(&v::FREE_BYTES, 1.0),
            DeviceReading::new(v::MEMORY, "Swap").with(&v::FREE_BYTES, 1.9e19),
            DeviceReading::new(v::PROCESS, "7").with(&v::PERCENT, 380.0),
            DeviceReading::new(v::GPU, "gpu0")
                .with(&v::PERCENT, 2_147_483_632.0)
                .with(&v::WATTS, 1.4e14)
                .with(&v::CELSIUS, 61.0),
            DeviceReading::new(v::FAN, "fan1").with(&v::RPM, 65_535.0),
            DeviceReading::new(v::FAN, "fan2").with(&v::RPM, 21_000.0),
        ];
        let mut doubts = Doubts::default();
        screen(&mut readings, &mut doubts);
        assert_eq!(
            lines(&readings),
            "x\"1\nCPU0 percent=100\nMain total_bytes=5 free_bytes=1\nSwap\n7 percent=380\n\
             gpu0 celsius=61\nfan1\nfan2 rpm=21000\n"
        );
        assert_eq!(
            doubts.into_notes(),
            [
                "temperature \"x'1\": -128 °C is implausible; it is left out",
                "memory \"Main\": used_bytes 7 is not between 0 and total_bytes 5; it is left out",
                "memory \"Main\": 652 % is more than all; it is left out",
                "memory \"Swap\": free_bytes 19000000000000000000 is more than exists; it is left out",
                "gpu \"gpu0\": 2147483632 % is more than all; it is left out",
                "gpu \"gpu0\": 140000000000000 W is implausible; it is left out",
                "1 more figure cannot be true and is left out",
            ]
        );
    }

    #[test]
    fn many_doubts_are_counted() {
        let mut doubts = Doubts::default();
        for n in 0..20 {
            doubts.add(v::TEMPERATURE, &format!("t{n}"), format_args!("no"));
        }
        let notes = doubts.into_notes();
        assert_eq!(notes.len(), 7);
        assert_eq!(notes[6], "14 more figures cannot be true and are left out");
    }
}
