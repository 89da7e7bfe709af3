//! Logical processors: how busy each is, and its clock rate.
//!
//! Reads `/proc/stat`; the clock rate from `/sys/devices/system/cpu/cpuN/cpufreq/scaling_cur_freq`,
//! or from `/proc/cpuinfo` where there is no frequency scaling.
//!
//! Devices are `CPU0` upwards, as the kernel numbers them: a processor that is switched off leaves
//! a gap. Time is handed over as the kernel's counters: `busy_seconds` is all but idle and iowait,
//! guest time not counted twice, and core derives `percent` from it as a share of `total_seconds`.
//! A mode that an old kernel does not know is absent. `frequency_hertz` is absent where no file
//! tells it.
//!
//! | option | default | |
//! |---|---|---|
//! | `via` | `kernel` on Linux | `kernel` reads the files above. `sysinfo` gives `percent` (from the second poll on) and the clock rate, and no times: it has neither iowait nor steal |
//! | `root` | `/` | the folder that holds `proc` and `sys` |
//!
//! A machine always has a processor: without `/proc/stat` the poll fails.

use crate::{
    kernel::{self, KeptFile, ROOT, Root, TICKS_PER_SECOND, VIA, Way},
    portable,
};
use manytop_core::{
    inventory,
    options::Options,
    provider::{BuildError, Failure, Plugin, Reader, Want, Yields},
    reading::{Answer, Reading},
    vocabulary as v,
};
use std::sync::Arc;

inventory::submit! {
    Plugin::reads("cpu", "How busy each logical processor is, and its clock rate.", build)
        .yields(&[Yields::new(v::CPU, &[
            &v::TOTAL_SECONDS, &v::BUSY_SECONDS, &v::USER_SECONDS, &v::NICE_SECONDS,
            &v::SYSTEM_SECONDS, &v::IDLE_SECONDS, &v::IOWAIT_SECONDS, &v::IRQ_SECONDS,
            &v::SOFTIRQ_SECONDS, &v::STEAL_SECONDS, &v::PERCENT, &v::FREQUENCY_HERTZ,
        ])])
        .options(&[VIA.spec(), ROOT.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    Ok(match kernel::way(options)? {
        Way::Kernel(root) => Box::new(Processors::below(root)),
        Way::Sysinfo => Box::new(portable::Processors::new()?),
    })
}

struct Processors {
    root: Root,
    stat: KeptFile,
    cpuinfo: KeptFile,
    known: Vec<Processor>,
    polls: u32,
}

struct Processor {
    number: u64,
    device: Arc<str>,
    clock: Clock,
}

/// Where a processor's clock rate is told.
enum Clock {
    Scaled(KeptFile),
    /// In cpuinfo, as last read there.
    Listed(Option<f64>),
}

/// cpuinfo is a long text whose numbers hardly move where there is no scaling.
const POLLS_PER_CPUINFO: u32 = 10;

impl Processors {
    fn below(root: Root) -> Processors {
        let (stat, cpuinfo) = (root.file("proc/stat"), root.file("proc/cpuinfo"));
        Processors { root, stat, cpuinfo, known: Vec::new(), polls: 0 }
    }
}

impl Reader for Processors {
    fn read(&mut self, _: &Want) -> Result<Answer, Failure> {
        let path = self.stat.path().to_owned();
        // The processors stand first; the long line of interrupts behind them is not for us.
        let bytes = self
            .stat
            .record_until(|bytes| memchr::memmem::find(bytes, b"\nintr").is_some())
            .map_err(|e| kernel::unreadable(&path, &e))?;
        let times: Vec<Times> = times(bytes).collect();
        if times.is_empty() {
            return Err(kernel::not_understood(&path, "a line cpu0"));
        }
        if !times.iter().map(|t| t.number).eq(self.known.iter().map(|p| p.number)) {
            self.meet(&times);
        }
        let readings = times.iter().zip(&mut self.known).map(|(times, processor)| {
            let hertz = processor.clock.hertz();
            times.reading(processor.device.clone()).with_some(&v::FREQUENCY_HERTZ, hertz)
        });
        let answer = Answer::now(readings.collect());
        self.polls = self.polls.wrapping_add(1);
        if self.polls.is_multiple_of(POLLS_PER_CPUINFO) {
            self.read_cpuinfo();
        }
        Ok(answer)
    }
}

impl Processors {
    /// Processors come and go by being switched on and off.
    fn meet(&mut self, times: &[Times]) {
        self.known = times
            .iter()
            .map(|&Times { number, .. }| {
                let scaling =
                    format!("sys/devices/system/cpu/cpu{number}/cpufreq/scaling_cur_freq");
                let clock = match self.root.path(&scaling) {
                    path if path.exists() => Clock::Scaled(KeptFile::at(path)),
                    _ => Clock::Listed(None),
                };
                Processor { number, device: format!("CPU{number}").into(), clock }
            })
            .collect();
        self.read_cpuinfo();
    }

    fn read_cpuinfo(&mut self) {
        if self.known.iter().all(|p| matches!(p.clock, Clock::Scaled(_))) {
            return;
        }
        let listed = self.cpuinfo.table().map(listed_hertz).unwrap_or_default();
        for Processor { number, clock, .. } in &mut self.known {
            if let Clock::Listed(hertz) = clock {
                *hertz = listed.iter().find(|(n, _)| n == number).map(|&(_, hertz)| hertz);
            }
        }
    }
}

impl Clock {
    fn hertz(&mut self) -> Option<f64> {
        match self {
            Clock::Scaled(file) => {
                let kilohertz = kernel::number(file.record().ok()?.trim_ascii())?;
                Some(kilohertz as f64 * 1000.0)
            }
            Clock::Listed(hertz) => *hertz,
        }
    }
}

/// A line of /proc/stat, in ticks: user, nice, system, idle, iowait, irq, softirq, steal. The guest
/// columns after these are already counted in user and nice.
struct Times {
    number: u64,
    ticks: [Option<u64>; 8],
}

/// The processors of /proc/stat, in its order.
fn times(stat: &[u8]) -> impl Iterator<Item = Times> {
    kernel::lines(stat).take_while(|line| line.starts_with(b"cpu")).filter_map(|line| {
        let mut words = kernel::words(line);
        let number = kernel::number(words.next()?.strip_prefix(b"cpu")?)?;
        let mut ticks = [None; 8];
        for (tick, word) in ticks.iter_mut().zip(words) {
            *tick = kernel::number(word);
        }
        Some(Times { number, ticks })
    })
}

impl Times {
    fn reading(&self, device: Arc<str>) -> Reading {
        let seconds = |i: usize| self.ticks[i].map(|t| t as f64 / TICKS_PER_SECOND);
        let sum = |of: &[usize]| {
            let ticks: u64 = of.iter().filter_map(|&i| self.ticks[i]).sum();
            ticks as f64 / TICKS_PER_SECOND
        };
        Reading::new(v::CPU, device)
            .with(&v::TOTAL_SECONDS, sum(&[0, 1, 2, 3, 4, 5, 6, 7]))
            .with(&v::BUSY_SECONDS, sum(&[0, 1, 2, 5, 6, 7]))
            .with_some(&v::USER_SECONDS, seconds(0))
            .with_some(&v::NICE_SECONDS, seconds(1))
            .with_some(&v::SYSTEM_SECONDS, seconds(2))
            .with_some(&v::IDLE_SECONDS, seconds(3))
            .with_some(&v::IOWAIT_SECONDS, seconds(4))
            .with_some(&v::IRQ_SECONDS, seconds(5))
            .with_some(&v::SOFTIRQ_SECONDS, seconds(6))
            .with_some(&v::STEAL_SECONDS, seconds(7))
    }
}

/// The clock rates of /proc/cpuinfo: number of the processor, hertz.
fn listed_hertz(cpuinfo: &[u8]) -> Vec<(u64, f64)> {
    let mut found = Vec::new();
    let mut number = None;
    for line in kernel::lines(cpuinfo) {
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        let (key, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
        match key {
            b"processor" => number = kernel::number(value),
            b"cpu MHz" => {
                found.extend(number.zip(kernel::decimal(value).map(|mhz| mhz * 1e6)));
            }
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guest_time_is_in_user_time_already_and_iowait_is_no_work() {
        let stat = b"cpu  9 9 9 9\ncpu3 400 100 200 1000 300 10 20 70 250 50\nintr 1 2\n";
        let reading = times(stat).next().unwrap().reading("CPU3".into());
        assert_eq!(reading.values.get(&v::TOTAL_SECONDS), Some(21.0));
        assert_eq!(reading.values.get(&v::BUSY_SECONDS), Some(8.0));
        assert_eq!(reading.values.get(&v::USER_SECONDS), Some(4.0));
    }

    #[test]
    fn an_old_kernels_missing_modes_are_absent() {
        let reading = times(b"cpu0 1 2 3 4\n").next().unwrap().reading("CPU0".into());
        assert_eq!(reading.values.get(&v::TOTAL_SECONDS), Some(0.1));
        assert_eq!(reading.values.get(&v::STEAL_SECONDS), None);
    }
}
