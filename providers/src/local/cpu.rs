//! Logical processors: how busy each is and with what, its clock rate, its temperature.
//!
//! Reads `/proc/stat`; the clock rate from `/sys/devices/system/cpu/cpuN/cpufreq/scaling_cur_freq`,
//! or from `/proc/cpuinfo` where there is no frequency scaling.
//!
//! Devices are `CPU0` upwards, as the kernel numbers them: a processor that is switched off leaves
//! a gap. In a container with a cgroup that allows only some (`cpuset.cpus.effective`) the others are left out.
//! Time is handed over as the kernel's counters: `busy_seconds` is all but idle and iowait,
//! guest time not counted twice, and core derives `percent` from it as a share of `total_seconds`;
//! `user_percent` (user and nice), `system_percent` (the kernel and its interrupts) and `steal_percent`
//! add up to it, `iowait_percent` comes on top. A mode that an old kernel does not know is absent.
//! `frequency_hertz` is absent where no file tells it. The text `type` is `P` or `E` where processors
//! differ (`/sys/devices/cpu_core`, `cpu_atom`), on ARM also `M` between them (`cpu_capacity`).
//!
//! `celsius` is read on demand: the sensor of the core (`coretemp`), or that of its chiplet (`k10temp`,
//! `zenpower`).
//!
//! | option | default | |
//! |---|---|---|
//! | `via` | `kernel` on Linux | `kernel` reads the files above. `sysinfo` gives `percent` (from the second poll on) and the clock rate, and no times: it has neither iowait nor steal |
//! | `root` | `/` | the folder that holds `proc` and `sys` |
//!
//! A machine always has a processor: without `/proc/stat` the poll fails.

mod heat;
mod topology;

use crate::local::{
    procfs::{self, BACKEND, Backend, ROOT, ReusedFile, Root, TICKS_PER_SECOND},
    sysinfo,
};
use heat::Heat;
use manytop_plugin::{
    inventory,
    options::Options,
    provider::{BuildError, Failure, Plugin, Provides, Reader, Selection},
    reading::{DeviceReading, PollResult},
    vocabulary as v,
};
use std::{collections::BTreeSet, sync::Arc};

inventory::submit! {
    Plugin::reads("cpu", "How busy each logical processor is, and its clock rate.", build)
        .yields(&[Provides::new(v::CPU, &[
            &v::TOTAL_SECONDS, &v::BUSY_SECONDS, &v::USER_SECONDS, &v::NICE_SECONDS,
            &v::SYSTEM_SECONDS, &v::IDLE_SECONDS, &v::IOWAIT_SECONDS, &v::IRQ_SECONDS,
            &v::SOFTIRQ_SECONDS, &v::STEAL_SECONDS, &v::USER_WORK_SECONDS, &v::SYSTEM_WORK_SECONDS,
            &v::PERCENT, &v::FREQUENCY_HERTZ, &v::CELSIUS,
        ]).texts(&[&v::TYPE]).on_demand(&[v::CELSIUS.name()])])
        .options(&[BACKEND.spec(), ROOT.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    Ok(match procfs::way(options)? {
        Backend::Kernel(root) => below(root),
        Backend::Sysinfo => Box::new(sysinfo::SysinfoProcessors::new()?),
    })
}

/// The reader of the files below that root.
pub fn below(root: Root) -> Box<dyn Reader> {
    Box::new(Processors::below(root))
}

struct Processors {
    root: Root,
    stat: ReusedFile,
    cpuinfo: ReusedFile,
    known: Vec<Processor>,
    heat: Heat,
    /// Those on which a container may run.
    allowed: Option<BTreeSet<u64>>,
    polls: u32,
}

struct Processor {
    number: u64,
    device: Arc<str>,
    class: Option<Arc<str>>,
    clock: FrequencySource,
}

/// Where a processor's clock rate is told.
enum FrequencySource {
    Scaled(ReusedFile),
    /// In cpuinfo, as last read there.
    Listed(Option<f64>),
}

/// cpuinfo is a long text; its numbers hardly change without frequency scaling.
const POLLS_PER_CPUINFO: u32 = 10;
/// A container's processors change seldom.
const POLLS_PER_LIMIT: u32 = 30;

impl Processors {
    fn below(root: Root) -> Processors {
        let (stat, cpuinfo) = (root.file("proc/stat"), root.file("proc/cpuinfo"));
        let (heat, allowed) = (Heat::default(), None);
        Processors { root, stat, cpuinfo, known: Vec::new(), heat, allowed, polls: 0 }
    }
}

impl Reader for Processors {
    fn read(&mut self, want: &Selection) -> Result<PollResult, Failure> {
        if self.polls.is_multiple_of(POLLS_PER_LIMIT) {
            self.allowed = topology::allowed(&self.root);
        }
        let path = self.stat.path().to_owned();
        // The processors stand first; the long line of interrupts behind them is not for us.
        let bytes = self
            .stat
            .read_until(|bytes| memchr::memmem::find(bytes, b"\nintr").is_some())
            .map_err(|e| procfs::unreadable(&path, &e))?;
        let mut times: Vec<CpuTimes> = times(bytes).collect();
        if times.is_empty() {
            return Err(procfs::not_understood(&path, "a line cpu0"));
        }
        if let Some(allowed) = &self.allowed
            && times.iter().any(|t| allowed.contains(&t.number))
        {
            times.retain(|t| allowed.contains(&t.number));
        }
        if !times.iter().map(|t| t.number).eq(self.known.iter().map(|p| p.number)) {
            self.meet(&times);
        }
        let with_heat = want.expensive(v::CPU, &v::CELSIUS);
        if with_heat {
            self.heat.read(&self.root, times.iter().map(|t| t.number), self.polls);
        }
        let heat = &self.heat;
        let readings =
            times.iter().zip(&mut self.known).enumerate().map(|(nth, (times, known))| {
                let celsius = if with_heat { heat.celsius(nth) } else { None };
                let mut reading = times
                    .reading(known.device.clone())
                    .with_some(&v::FREQUENCY_HERTZ, known.clock.hertz())
                    .with_some(&v::CELSIUS, celsius);
                if let Some(class) = &known.class {
                    reading.texts.set(&v::TYPE, class.clone());
                }
                reading
            });
        let answer = PollResult::now(readings.collect());
        self.polls = self.polls.wrapping_add(1);
        if self.polls.is_multiple_of(POLLS_PER_CPUINFO) {
            self.read_cpuinfo();
        }
        Ok(answer)
    }
}

impl Processors {
    /// Processors come and go by being switched on and off.
    fn meet(&mut self, times: &[CpuTimes]) {
        let numbers: Vec<u64> = times.iter().map(|t| t.number).collect();
        let classes = topology::types(&self.root, &numbers);
        self.known = numbers
            .into_iter()
            .zip(classes)
            .map(|(number, class)| {
                let scaling =
                    format!("sys/devices/system/cpu/cpu{number}/cpufreq/scaling_cur_freq");
                let clock = match self.root.path(&scaling) {
                    path if path.exists() => FrequencySource::Scaled(ReusedFile::at(path)),
                    _ => FrequencySource::Listed(None),
                };
                Processor { number, device: format!("CPU{number}").into(), class, clock }
            })
            .collect();
        self.read_cpuinfo();
    }

    fn read_cpuinfo(&mut self) {
        if self.known.iter().all(|p| matches!(p.clock, FrequencySource::Scaled(_))) {
            return;
        }
        let listed = self.cpuinfo.read_to_end().map(listed_hertz).unwrap_or_default();
        for Processor { number, clock, .. } in &mut self.known {
            if let FrequencySource::Listed(hertz) = clock {
                *hertz = listed.iter().find(|(n, _)| n == number).map(|&(_, hertz)| hertz);
            }
        }
    }
}

impl FrequencySource {
    fn hertz(&mut self) -> Option<f64> {
        match self {
            FrequencySource::Scaled(file) => {
                let kilohertz = procfs::number(file.read_once().ok()?.trim_ascii())?;
                Some(kilohertz as f64 * 1000.0)
            }
            FrequencySource::Listed(hertz) => *hertz,
        }
    }
}

/// A line of /proc/stat, in ticks: user, nice, system, idle, iowait, irq, softirq, steal. The guest
/// columns after these are already counted in user and nice.
struct CpuTimes {
    number: u64,
    ticks: [Option<u64>; 8],
}

/// The processors of /proc/stat, in its order.
fn times(stat: &[u8]) -> impl Iterator<Item = CpuTimes> {
    procfs::lines(stat).take_while(|line| line.starts_with(b"cpu")).filter_map(|line| {
        let mut words = procfs::words(line);
        let number = procfs::number(words.next()?.strip_prefix(b"cpu")?)?;
        let mut ticks = [None; 8];
        for (tick, word) in ticks.iter_mut().zip(words) {
            *tick = procfs::number(word);
        }
        Some(CpuTimes { number, ticks })
    })
}

impl CpuTimes {
    fn reading(&self, device: Arc<str>) -> DeviceReading {
        let seconds = |i: usize| self.ticks[i].map(|t| t as f64 / TICKS_PER_SECOND);
        let sum = |of: &[usize]| {
            let ticks: u64 = of.iter().filter_map(|&i| self.ticks[i]).sum();
            ticks as f64 / TICKS_PER_SECOND
        };
        DeviceReading::new(v::CPU, device)
            .with(&v::TOTAL_SECONDS, sum(&[0, 1, 2, 3, 4, 5, 6, 7]))
            .with(&v::BUSY_SECONDS, sum(&[0, 1, 2, 5, 6, 7]))
            .with(&v::USER_WORK_SECONDS, sum(&[0, 1]))
            .with(&v::SYSTEM_WORK_SECONDS, sum(&[2, 5, 6]))
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
    for line in procfs::lines(cpuinfo) {
        let Some(colon) = memchr::memchr(b':', line) else { continue };
        let (key, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
        match key {
            b"processor" => number = procfs::number(value),
            b"cpu MHz" => {
                found.extend(number.zip(procfs::decimal(value).map(|mhz| mhz * 1e6)));
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
        assert_eq!(reading.values.get(&v::USER_WORK_SECONDS), Some(5.0));
        assert_eq!(reading.values.get(&v::SYSTEM_WORK_SECONDS), Some(2.3));
    }

    #[test]
    fn an_old_kernels_missing_modes_are_absent() {
        let reading = times(b"cpu0 1 2 3 4\n").next().unwrap().reading("CPU0".into());
        assert_eq!(reading.values.get(&v::TOTAL_SECONDS), Some(0.1));
        assert_eq!(reading.values.get(&v::STEAL_SECONDS), None);
    }
}
