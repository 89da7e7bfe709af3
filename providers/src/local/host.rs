//! The machine as a whole: load, stalls, uptime, tasks, limits of a container, and what it is.
//!
//! Reads `/proc/loadavg`, `/proc/uptime`, `/proc/vmstat` and `/proc/pressure/*`;
//! `/proc/sys/kernel/{hostname,ostype,osrelease}`; once, the model of the processor from
//! `/proc/cpuinfo` and the distribution from `/etc/os-release`; on demand `/proc/stat`.
//!
//! There is one device, without a name. `load1`, `load5`, `load15` and `uptime_seconds` are the
//! kernel's own figures. `tasks` counts every thread of every process, `running` those that run or
//! wait for a processor, the one that reads the figure among them: that is how the kernel counts in
//! loadavg, and what load is made of. `cpu_stalled_percent`, `io_stalled_percent` and
//! `memory_stalled_percent` are the share of time in which some task had to wait (`some` in PSI), from the
//! kernel's totals. `oom_kills` counts since the start. Read on demand are `switches`, `interrupts`,
//! `forks` and `blocked`. Texts are `hostname`, `kernel` (name and release),
//! `processor` and `distribution`; each is absent where no file tells it.
//!
//! Where systemd runs the machine, `failed_units` and their names (`failed`) are asked of it every 10
//! seconds over the system's message bus.
//!
//! In a container (its cgroup, of version 2, has a quota `cpu.max` or may run on some processors only)
//! `limit_cpus` is how many processors' time it may use, and `limit_percent`, `limit_user_percent` and
//! `limit_system_percent` what it uses of that: the mean of all processors is replaced by it.
//! `throttled_percent` is the share of its periods in which it was held up. Stalls are the container's own.
//! The text `container` says what it is: `docker`, `podman`, `kubernetes`, `lxc`.
//!
//! | option | default | |
//! |---|---|---|
//! | `via` | `kernel` on Linux | `kernel` reads the files above, `sysinfo` gives load, uptime and names alone |
//! | `root` | `/` | the folder that holds `proc`, `sys` and `etc` |
//!
//! Without `/proc/loadavg` the poll fails.

mod container;
mod counts;
mod distribution;
#[cfg(target_os = "linux")]
mod systemd;
#[cfg(not(target_os = "linux"))]
#[path = "host/no_systemd.rs"]
mod systemd;

use crate::local::{
    procfs::{self, BACKEND, Backend, ROOT, ReusedFile, Root},
    sysinfo,
};
use container::OwnContainer;
pub use container::quota;
use counts::Pressure;
use manytop_plugin::{
    clock::Moment,
    inventory,
    options::Options,
    provider::{BuildError, Failure, Plugin, Provides, Reader, Selection},
    reading::{DeviceReading, PollResult},
    vocabulary as v,
};
use std::sync::Arc;

inventory::submit! {
    Plugin::reads("host", "The machine as a whole: load, uptime, tasks, and what it is.", build)
        .yields(&[Provides::new(v::HOST, &[
            &v::LOAD1, &v::LOAD5, &v::LOAD15, &v::UPTIME_SECONDS, &v::TASKS, &v::RUNNING, &v::BLOCKED,
            &v::CPU_STALLED_SECONDS, &v::IO_STALLED_SECONDS, &v::MEMORY_STALLED_SECONDS,
            &v::SWITCHES, &v::INTERRUPTS, &v::FORKS, &v::OOM_KILLS, &v::FAILED_UNITS, &v::LIMIT_CPUS,
            &v::LIMIT_USED_SECONDS, &v::LIMIT_USER_SECONDS, &v::LIMIT_SYSTEM_SECONDS,
            &v::PERIODS, &v::THROTTLED_PERIODS,
        ]).texts(&[
            &v::HOSTNAME, &v::KERNEL, &v::PROCESSOR, &v::DISTRIBUTION, &v::FAILED, &v::CONTAINER,
        ]).on_demand(counts::ON_DEMAND)])
        .options(&[BACKEND.spec(), ROOT.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    Ok(match procfs::way(options)? {
        Backend::Kernel(root) => below(root),
        Backend::Sysinfo => Box::new(sysinfo::SysinfoHost::new()?),
    })
}

/// The reader of the files below that root.
pub fn below(root: Root) -> Box<dyn Reader> {
    Box::new(Machine::below(root))
}

struct Machine {
    loadavg: ReusedFile,
    uptime: ReusedFile,
    stat: ReusedFile,
    vmstat: ReusedFile,
    pressure: Pressure,
    container: OwnContainer,
    systemd: Option<systemd::Systemd>,
    hostname: ReusedFile,
    /// The name as last read, shared for as long as it stays.
    called: Option<Arc<str>>,
    device: Arc<str>,
    kernel: Option<Arc<str>>,
    processor: Option<Arc<str>>,
    distribution: Option<Arc<str>>,
}

impl Machine {
    fn below(root: Root) -> Machine {
        let kernel = |file: &str| root.text(format!("proc/sys/kernel/{file}"));
        let named = kernel("ostype").zip(kernel("osrelease"));
        Machine {
            loadavg: root.file("proc/loadavg"),
            uptime: root.file("proc/uptime"),
            stat: root.file("proc/stat"),
            vmstat: root.file("proc/vmstat"),
            pressure: Pressure::below(&root),
            container: OwnContainer::below(&root),
            systemd: systemd::Systemd::of(&root),
            hostname: root.file("proc/sys/kernel/hostname"),
            called: None,
            device: "".into(),
            kernel: named.map(|(name, release)| format!("{name} {release}").into()),
            processor: root.text("proc/cpuinfo").and_then(|t| model(&t)).map(Arc::from),
            distribution: distribution::of(&root).map(Arc::from),
        }
    }
}

impl Reader for Machine {
    fn read(&mut self, want: &Selection) -> Result<PollResult, Failure> {
        let path = self.loadavg.path().to_owned();
        let bytes = self.loadavg.read_once().map_err(|e| procfs::unreadable(&path, &e))?;
        let load = Load::parse(bytes);
        let uptime = self.uptime.read_once().ok();
        let uptime = uptime.and_then(|t| procfs::words(t).next()).and_then(procfs::decimal);
        if let Ok(name) = self.hostname.read_once().map(<[u8]>::trim_ascii)
            && self.called.as_ref().is_none_or(|called| called.as_bytes() != name)
        {
            self.called = (!name.is_empty()).then(|| String::from_utf8_lossy(name).into());
        }
        let mut reading = DeviceReading::new(v::HOST, self.device.clone())
            .with_some(&v::LOAD1, load.averages[0])
            .with_some(&v::LOAD5, load.averages[1])
            .with_some(&v::LOAD15, load.averages[2])
            .with_some(&v::UPTIME_SECONDS, uptime)
            .with_some(&v::TASKS, load.tasks)
            .with_some(&v::RUNNING, load.running)
            .with_some(&v::OOM_KILLS, self.vmstat.read_to_end().ok().and_then(counts::oom_kills));
        if counts::ON_DEMAND.iter().any(|name| want.has(v::HOST, name))
            && let Ok(stat) = self.stat.read_to_end()
        {
            reading = counts::tell_counts(stat, reading);
        }
        reading = self.container.tell(reading, &mut self.pressure);
        if let Some(failed) = self.systemd.as_mut().and_then(|s| s.failed(Moment::now())) {
            reading.values.set(&v::FAILED_UNITS, failed.count);
            failed.names.into_iter().for_each(|names| reading.texts.set(&v::FAILED, names));
        }
        let texts = [
            (&v::HOSTNAME, &self.called),
            (&v::KERNEL, &self.kernel),
            (&v::PROCESSOR, &self.processor),
            (&v::DISTRIBUTION, &self.distribution),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                reading.texts.set(name, text.clone());
            }
        }
        Ok(PollResult::now(vec![reading]))
    }
}

/// `0.31 0.23 0.59 1/93 9778`: three averages, running/all tasks, the last pid.
#[derive(PartialEq, Debug)]
struct Load {
    averages: [Option<f64>; 3],
    running: Option<f64>,
    tasks: Option<f64>,
}

impl Load {
    fn parse(loadavg: &[u8]) -> Load {
        let mut words = procfs::words(loadavg.trim_ascii());
        let averages = [(); 3].map(|()| words.next().and_then(procfs::decimal));
        let mut counts = words.next().unwrap_or_default().split(|b| *b == b'/');
        let mut count = || counts.next().and_then(procfs::number).map(|n| n as f64);
        Load { averages, running: count(), tasks: count() }
    }
}

/// The model of the processors; ARM's kernels tell it under other names, or not at all.
fn model(cpuinfo: &str) -> Option<String> {
    ["model name", "cpu model", "uarch", "cpu"].iter().find_map(|key| {
        cpuinfo.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            let value = value.trim();
            (name.trim() == *key && !value.is_empty())
                .then(|| value.split_whitespace().collect::<Vec<_>>().join(" "))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_loadavg_is_read_and_what_does_not_is_absent() {
        let load = Load::parse(b"0.31 0.23 0.59 1/93 9778\n");
        let averages = [Some(0.31), Some(0.23), Some(0.59)];
        assert_eq!(load, Load { averages, running: Some(1.0), tasks: Some(93.0) });
        let load = Load::parse(b"0.31");
        assert_eq!((load.averages[1], load.running, load.tasks), (None, None, None));
    }

    #[test]
    fn the_model_is_found_under_its_several_names() {
        let x86 = "processor\t: 0\nmodel\t\t: 2\nmodel name\t: AMD  EPYC\n";
        assert_eq!(model(x86).as_deref(), Some("AMD EPYC"));
        let power = "processor : 0\ncpu\t\t: POWER9 (raw)\n";
        assert_eq!(model(power).as_deref(), Some("POWER9 (raw)"));
        assert_eq!(model("processor : 0\nBogoMIPS : 50.00\n"), None);
    }
}
