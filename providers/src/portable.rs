//! The same providers by the sysinfo crate: what there is elsewhere than on Linux, and on Linux
//! with `via=sysinfo`.
//!
//! On Linux the kernel's files are read instead, for two reasons. Cost: sysinfo opens every file
//! anew and reads more of them than are shown (eleven for a network interface). And facts: it has
//! no iowait and steal, no buffers and cached, no battery, no free blocks beside the available
//! ones, and no root other than `/`. `cargo run --release -p manytop-providers --example cost`
//! prints both ways.

use crate::{
    disk::{Space, Wanted},
    kernel::VIA,
    natural,
};
use manytop_core::{
    clock::Moment,
    provider::{BuildError, Failure, Reader, Want},
    reading::{Answer, Reading},
    vocabulary as v,
};
use std::{collections::HashMap, sync::Arc};
use sysinfo::{
    Components, CpuRefreshKind, Disks as DiskList, MemoryRefreshKind, Networks, ProcessRefreshKind,
    ProcessesToUpdate, System, UpdateKind, Users,
};

/// sysinfo gives percentages, measured from one refresh to the next, instead of counters.
pub struct Processors {
    system: System,
    refreshed: Option<Moment>,
    measured: bool,
}

impl Processors {
    /// Nothing is read yet.
    pub fn new() -> Result<Processors, BuildError> {
        Ok(Processors { system: known(System::new())?, refreshed: None, measured: false })
    }
}

impl Reader for Processors {
    fn read(&mut self, _: &Want) -> Result<Answer, Failure> {
        let now = Moment::now();
        // Asked again too soon, sysinfo repeats its last answer; the first one is always zero.
        let due = |last| now.since(last) >= sysinfo::MINIMUM_CPU_UPDATE_INTERVAL;
        if self.refreshed.is_none_or(due) {
            let what = CpuRefreshKind::nothing().with_usage().with_frequency();
            self.system.refresh_cpu_specifics(what);
            self.measured = self.refreshed.is_some();
            self.refreshed = Some(now);
        }
        let readings = self.system.cpus().iter().enumerate().map(|(n, cpu)| {
            let number = cpu.name().trim_start_matches(|c: char| !c.is_ascii_digit());
            let number = number.parse().unwrap_or(n);
            let megahertz = Some(cpu.frequency()).filter(|f| *f > 0);
            Reading::new(v::CPU, format!("CPU{number}"))
                .with_some(&v::PERCENT, self.measured.then(|| f64::from(cpu.usage())))
                .with_some(&v::FREQUENCY_HERTZ, megahertz.map(|f| f as f64 * 1e6))
        });
        Ok(Answer::now(readings.collect()))
    }
}

/// Main memory and swap space.
pub struct Memory(System);

impl Memory {
    /// Nothing is read yet.
    pub fn new() -> Result<Memory, BuildError> {
        Ok(Memory(known(System::new())?))
    }
}

impl Reader for Memory {
    fn read(&mut self, _: &Want) -> Result<Answer, Failure> {
        let memory = &mut self.0;
        memory.refresh_memory_specifics(MemoryRefreshKind::everything());
        let reading = |device: &str, used: u64, total: u64, free: u64| {
            Reading::new(v::MEMORY, device)
                .with_some(&v::PERCENT, (total > 0).then(|| 100.0 * used as f64 / total as f64))
                .with(&v::USED_BYTES, used as f64)
                .with(&v::TOTAL_BYTES, total as f64)
                .with(&v::FREE_BYTES, free as f64)
        };
        let (total, available) = (memory.total_memory(), memory.available_memory());
        let main = reading(v::MAIN, total.saturating_sub(available), total, memory.free_memory())
            .with(&v::AVAILABLE_BYTES, available as f64);
        let swap = reading(v::SWAP, memory.used_swap(), memory.total_swap(), memory.free_swap());
        Ok(Answer::now(vec![main, swap]))
    }
}

/// Temperatures, named after sysinfo's labels: `coretemp Core 0` is `coretemp_core0`.
pub struct Sensors(Components);

impl Sensors {
    /// Nothing is read yet.
    pub fn new() -> Result<Sensors, BuildError> {
        Ok(Sensors(known(Components::new())?))
    }
}

impl Reader for Sensors {
    fn read(&mut self, _: &Want) -> Result<Answer, Failure> {
        self.0.refresh(true);
        let named = |label: &str| match label.trim().to_lowercase().split_once(' ') {
            Some((chip, sensor)) => format!("{chip}_{}", sensor.replace(' ', "")),
            None => label.trim().to_lowercase(),
        };
        let mut times: HashMap<String, usize> = HashMap::new();
        for component in &self.0 {
            *times.entry(named(component.label())).or_default() += 1;
        }
        let readings = self.0.iter().filter_map(|component| {
            let celsius = component.temperature()?;
            let mut name = named(component.label());
            if let (Some(2..), Some(id)) = (times.get(&name), component.id()) {
                name = format!("{name}_{id}");
            }
            Some(Reading::new(v::TEMPERATURE, name).with(&v::CELSIUS, f64::from(celsius)))
        });
        in_order(readings.collect())
    }
}

/// Network interfaces.
pub struct Interfaces(Networks);

impl Interfaces {
    /// Nothing is read yet.
    pub fn new() -> Result<Interfaces, BuildError> {
        Ok(Interfaces(known(Networks::new())?))
    }
}

impl Reader for Interfaces {
    fn read(&mut self, _: &Want) -> Result<Answer, Failure> {
        self.0.refresh(true);
        let readings = self.0.iter().map(|(name, data)| {
            Reading::new(v::NETWORK, &*name.to_string_lossy())
                .with(&v::RECEIVED_BYTES, data.total_received() as f64)
                .with(&v::SENT_BYTES, data.total_transmitted() as f64)
        });
        in_order(readings.collect())
    }
}

/// Disks. sysinfo does not tell free blocks from available ones, so that statvfs is asked where there
/// is one, and used is total less available where there is none.
pub struct Disks {
    list: DiskList,
    wanted: Wanted,
}

impl Disks {
    /// Nothing is read yet.
    pub fn new(wanted: Wanted) -> Result<Disks, BuildError> {
        Ok(Disks { list: known(DiskList::new())?, wanted })
    }
}

impl Reader for Disks {
    fn read(&mut self, _: &Want) -> Result<Answer, Failure> {
        self.list.refresh(true);
        let mut disks: Vec<_> = self
            .list
            .iter()
            .map(|d| (d.mount_point().to_string_lossy(), d.file_system().to_string_lossy(), d))
            .filter(|(path, filesystem, _)| self.wanted.mount(path, filesystem))
            .collect();
        disks.sort_by_key(|(path, _, _)| path.len());
        let mut readings: Vec<Reading> = Vec::new();
        for (path, filesystem, disk) in disks {
            let source = disk.name().to_string_lossy();
            let device = match source.strip_prefix("/dev/") {
                Some(device) => device,
                None => &path,
            };
            if !self.wanted.device(device) {
                continue;
            }
            let mount = path.replace('\\', "\\134").replace(' ', "\\040");
            if let Some(known) = readings.iter_mut().find(|r| &*r.device == device) {
                let mounts = known.texts.get(&v::MOUNTS).map(|m| format!("{m} {mount}"));
                known.texts.set(&v::MOUNTS, mounts.unwrap_or(mount).into());
                continue;
            }
            let (size, available) = (disk.total_space() as f64, disk.available_space() as f64);
            let by_statvfs = crate::disk::space_of(disk.mount_point());
            let space = by_statvfs.unwrap_or(Space { size, free: available, available });
            if space.size == 0.0 {
                continue;
            }
            let mut reading = Reading::new(v::DISK, device)
                .with(&v::READ_BYTES, disk.usage().total_read_bytes as f64)
                .with(&v::WRITTEN_BYTES, disk.usage().total_written_bytes as f64)
                .text(&v::MOUNTS, mount)
                .text(&v::TYPE, &*filesystem);
            space.tell(&mut reading.values);
            readings.push(reading);
        }
        in_order(readings)
    }
}

/// Processes, without their threads.
pub struct Processes {
    system: System,
    users: Users,
}

impl Processes {
    /// Nothing is read yet.
    pub fn new() -> Result<Processes, BuildError> {
        Ok(Processes { system: known(System::new())?, users: known(Users::new())? })
    }
}

impl Reader for Processes {
    fn read(&mut self, want: &Want) -> Result<Answer, Failure> {
        let mut what = ProcessRefreshKind::nothing()
            .with_cpu()
            .with_memory()
            .with_user(UpdateKind::OnlyIfNotSet)
            .with_cmd(UpdateKind::OnlyIfNotSet);
        let traffic =
            want.dear(v::PROCESS, &v::READ_BYTES) || want.dear(v::PROCESS, &v::WRITTEN_BYTES);
        if traffic {
            what = what.with_disk_usage();
        }
        if self.system.total_memory() == 0 {
            self.system.refresh_memory();
            self.users.refresh();
        }
        self.system.refresh_processes_specifics(ProcessesToUpdate::All, true, what);
        let memory = self.system.total_memory() as f64;
        let mut processes: Vec<_> = self.system.processes().values().collect();
        processes.sort_by_key(|p| p.pid());
        let readings = processes.into_iter().map(|p| {
            let mut reading = Reading::new(v::PROCESS, p.pid().to_string())
                .in_epoch(p.start_time())
                .with(&v::CPU_SECONDS, p.accumulated_cpu_time() as f64 / 1000.0)
                .with(&v::RESIDENT_BYTES, p.memory() as f64)
                .with_some(&v::PARENT, p.parent().map(|pid| f64::from(pid.as_u32())))
                .text(&v::NAME, &*p.name().to_string_lossy())
                .text(&v::STATE, p.status().to_string().to_lowercase());
            if memory > 0.0 {
                reading.values.set(&v::MEMORY_PERCENT, 100.0 * p.memory() as f64 / memory);
            }
            if let Some(user) =
                p.effective_user_id().or(p.user_id()).and_then(|id| self.users.get_user_by_id(id))
            {
                reading.texts.set(&v::USER, user.name().into());
            }
            if !p.cmd().is_empty() {
                let command: Vec<_> = p.cmd().iter().map(|a| a.to_string_lossy()).collect();
                reading.texts.set(&v::COMMAND, command.join(" ").into());
            }
            if traffic {
                reading.values.set(&v::READ_BYTES, p.disk_usage().total_read_bytes as f64);
                reading.values.set(&v::WRITTEN_BYTES, p.disk_usage().total_written_bytes as f64);
            }
            reading
        });
        Ok(Answer::now(readings.collect()))
    }
}

/// The machine as a whole; sysinfo does not count its tasks.
pub struct Machine {
    device: Arc<str>,
    kernel: Option<String>,
    processor: Option<String>,
}

impl Machine {
    /// What never changes is asked now.
    pub fn new() -> Result<Machine, BuildError> {
        let mut system = known(System::new())?;
        system.refresh_cpu_list(CpuRefreshKind::nothing());
        let brand = system.cpus().first().map(|cpu| cpu.brand().trim().to_owned());
        let release = System::kernel_version().ok();
        let kernel = match cfg!(target_os = "linux") {
            true => Some("Linux".to_owned()),
            false => System::name().ok(),
        };
        Ok(Machine {
            device: "".into(),
            kernel: kernel.zip(release).map(|(name, release)| format!("{name} {release}")),
            processor: brand.filter(|b| !b.is_empty()),
        })
    }
}

impl Reader for Machine {
    fn read(&mut self, _: &Want) -> Result<Answer, Failure> {
        let mut reading = Reading::new(v::HOST, self.device.clone())
            .with_some(&v::UPTIME_SECONDS, System::uptime().ok().map(|s| s as f64));
        if let Ok(load) = System::load_average() {
            reading.values.set(&v::LOAD1, load.one);
            reading.values.set(&v::LOAD5, load.five);
            reading.values.set(&v::LOAD15, load.fifteen);
        }
        let texts = [
            (&v::HOSTNAME, System::host_name().ok()),
            (&v::KERNEL, self.kernel.clone()),
            (&v::PROCESSOR, self.processor.clone()),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                reading.texts.set(name, text.into());
            }
        }
        Ok(Answer::now(vec![reading]))
    }
}

/// On a platform that sysinfo does not know there is no such provider.
fn known<T>(made: Result<T, sysinfo::Error>) -> Result<T, BuildError> {
    made.map_err(|e| BuildError::new(VIA.spec(), format!("sysinfo says: {e}")))
}

fn in_order(mut readings: Vec<Reading>) -> Result<Answer, Failure> {
    if readings.is_empty() {
        return Err(Failure::absent());
    }
    readings.sort_by(|a, b| natural::order(&a.device, &b.device));
    Ok(Answer::now(readings))
}
