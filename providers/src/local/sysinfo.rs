//! The same providers by the sysinfo crate: what there is elsewhere than on Linux, and on Linux
//! with `via=sysinfo`.
//!
//! On Linux the kernel's files are read instead, for two reasons. Cost: sysinfo opens every file
//! again and reads more of them than are shown (eleven for a network interface). And facts: it has
//! no iowait and steal, no buffers and cached, no battery, no free blocks beside the available
//! ones, and no root other than `/`. `cargo run --release -p manytop-providers --example cost`
//! prints both ways.

use crate::{
    local::{
        disk::{MountFilter, Space},
        memory::MemInfo,
        network,
        procfs::BACKEND,
    },
    natural,
    plausible::{self, Doubts},
    sensors::{self, FoundSensor},
};
use manytop_plugin::{
    clock::Moment,
    provider::{BuildError, Failure, Reader, Selection},
    reading::{DeviceReading, PollResult},
    vocabulary as v,
};
use std::{collections::HashSet, sync::Arc};
use sysinfo::{
    Components, CpuRefreshKind, Disks as DiskList, MemoryRefreshKind, Networks, ProcessRefreshKind,
    ProcessesToUpdate, System, UpdateKind, Users,
};

/// sysinfo gives percentages, measured from one refresh to the next, instead of counters.
pub struct SysinfoProcessors {
    system: System,
    refreshed: Option<Moment>,
    measured: bool,
}

impl SysinfoProcessors {
    /// Nothing is read yet.
    pub fn new() -> Result<SysinfoProcessors, BuildError> {
        Ok(SysinfoProcessors { system: known(System::new())?, refreshed: None, measured: false })
    }
}

impl Reader for SysinfoProcessors {
    fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
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
            // `cpu3` is one of those that are on; Windows counts from 1, `CPU 1`
            let number =
                cpu.name().strip_prefix("cpu").and_then(|number| number.trim().parse().ok());
            let number: usize = number.unwrap_or(n);
            let megahertz = Some(cpu.frequency()).filter(|f| *f > 0);
            DeviceReading::new(v::CPU, format!("CPU{number}"))
                .with_some(&v::PERCENT, self.measured.then(|| f64::from(cpu.usage())))
                .with_some(&v::FREQUENCY_HERTZ, megahertz.map(|f| f as f64 * 1e6))
        });
        let (mut readings, mut doubts) = (readings.collect::<Vec<_>>(), Doubts::default());
        plausible::screen(&mut readings, &mut doubts);
        Ok(doubts.answer(readings))
    }
}

/// Main memory and swap space.
pub struct SysinfoMemory(System);

impl SysinfoMemory {
    /// Nothing is read yet.
    pub fn new() -> Result<SysinfoMemory, BuildError> {
        Ok(SysinfoMemory(known(System::new())?))
    }
}

impl Reader for SysinfoMemory {
    fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
        let memory = &mut self.0;
        memory.refresh_memory_specifics(MemoryRefreshKind::everything());
        let bytes = |bytes: u64| Some(bytes as f64);
        let facts = MemInfo {
            total: bytes(memory.total_memory()),
            available: bytes(memory.available_memory()),
            free: bytes(memory.free_memory()),
            swap_total: bytes(memory.total_swap()),
            swap_free: bytes(memory.free_swap()),
            ..MemInfo::default()
        };
        let mut doubts = Doubts::default();
        let main = facts.main(v::MAIN, &mut doubts);
        let swap = facts.swap(v::SWAP, &mut doubts);
        Ok(doubts.answer(vec![main, swap]))
    }
}

/// Temperatures, named after sysinfo's labels: `coretemp Core 0` is `coretemp_core0`.
pub struct SysinfoSensors(Components);

impl SysinfoSensors {
    /// Nothing is read yet.
    pub fn new() -> Result<SysinfoSensors, BuildError> {
        Ok(SysinfoSensors(known(Components::new())?))
    }
}

impl Reader for SysinfoSensors {
    fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
        self.0.refresh(true);
        let named = |label: &str| match label.trim().to_lowercase().split_once(' ') {
            Some((chip, sensor)) => format!("{chip}_{}", sensor.replace(' ', "")),
            None => label.trim().to_lowercase(),
        };
        let mut found: Vec<_> = (self.0.iter().zip(1..))
            .map(|(component, number)| FoundSensor {
                name: named(component.label()),
                chip: component.id().unwrap_or_default().to_owned(),
                number: format!("{number}"),
                sensor: component.temperature(),
            })
            .collect();
        sensors::tell_apart(&mut found, &mut HashSet::new());
        let readings = found.into_iter().filter_map(|f| {
            Some(DeviceReading::new(v::TEMPERATURE, f.name).with(&v::CELSIUS, f64::from(f.sensor?)))
        });
        in_order(readings.collect(), Doubts::default())
    }
}

/// Network interfaces.
pub struct SysinfoInterfaces(Networks);

impl SysinfoInterfaces {
    /// Nothing is read yet.
    pub fn new() -> Result<SysinfoInterfaces, BuildError> {
        Ok(SysinfoInterfaces(known(Networks::new())?))
    }
}

impl Reader for SysinfoInterfaces {
    fn read(&mut self, want: &Selection) -> Result<PollResult, Failure> {
        self.0.refresh(true);
        let with_addresses = want.dear_text(v::NETWORK, &v::ADDRESSES);
        let readings = self.0.iter().map(|(name, data)| {
            let mut reading = DeviceReading::new(v::NETWORK, &*name.to_string_lossy())
                .with(&v::RECEIVED_BYTES, data.total_received() as f64)
                .with(&v::SENT_BYTES, data.total_transmitted() as f64)
                .with(&v::RECEIVED_ERRORS, data.total_errors_on_received() as f64)
                .with(&v::SENT_ERRORS, data.total_errors_on_transmitted() as f64);
            if let Some(addresses) = network::addresses(data).filter(|_| with_addresses) {
                reading.texts.set(&v::ADDRESSES, addresses);
            }
            reading
        });
        in_order(readings.collect(), Doubts::default())
    }
}

/// Disks. sysinfo does not tell free blocks from available ones, so that statvfs is asked where there
/// is one, and used is total less available where it is missing.
pub struct SysinfoDisks {
    list: DiskList,
    wanted: MountFilter,
}

impl SysinfoDisks {
    /// Nothing is read yet.
    pub fn new(wanted: MountFilter) -> Result<SysinfoDisks, BuildError> {
        Ok(SysinfoDisks { list: known(DiskList::new())?, wanted })
    }
}

impl Reader for SysinfoDisks {
    fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
        self.list.refresh(true);
        let mut disks: Vec<_> = self
            .list
            .iter()
            .map(|d| (d.mount_point().to_string_lossy(), d.file_system().to_string_lossy(), d))
            .filter(|(path, filesystem, _)| self.wanted.mount(path, filesystem))
            .collect();
        disks.sort_by_key(|(path, _, _)| path.len());
        let mut readings: Vec<DeviceReading> = Vec::new();
        let mut doubts = Doubts::default();
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
            let by_statvfs = crate::local::disk::space_of(disk.mount_point());
            // Without statvfs, used is total less available.
            let known = Space { size, available: Some(available), ..Space::default() };
            let space = by_statvfs.unwrap_or(known);
            let image = space.is_fuse_image(&filesystem, disk.is_read_only());
            if space.size == 0.0 || (image && !self.wanted.with_virtual) {
                continue;
            }
            let mut reading = DeviceReading::new(v::DISK, device)
                .with(&v::READ_BYTES, disk.usage().total_read_bytes as f64)
                .with(&v::WRITTEN_BYTES, disk.usage().total_written_bytes as f64)
                .text(&v::MOUNTS, mount)
                .text(&v::TYPE, &*filesystem);
            space.tell(&mut reading, &mut doubts);
            if image {
                reading.values.remove(&v::PERCENT);
            }
            readings.push(reading);
        }
        in_order(readings, doubts)
    }
}

/// Processes, without their threads.
pub struct SysinfoProcesses {
    system: System,
    users: Users,
}

impl SysinfoProcesses {
    /// Nothing is read yet.
    pub fn new() -> Result<SysinfoProcesses, BuildError> {
        Ok(SysinfoProcesses { system: known(System::new())?, users: known(Users::new())? })
    }
}

impl Reader for SysinfoProcesses {
    fn read(&mut self, want: &Selection) -> Result<PollResult, Failure> {
        let mut what = ProcessRefreshKind::nothing()
            .without_tasks() // threads, each as a process of its own
            .with_cpu()
            .with_memory()
            .with_user(UpdateKind::OnlyIfNotSet)
            .with_cmd(UpdateKind::OnlyIfNotSet);
        let traffic = want.expensive(v::PROCESS, &v::READ_BYTES)
            || want.expensive(v::PROCESS, &v::WRITTEN_BYTES);
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
            let mut reading = DeviceReading::new(v::PROCESS, p.pid().to_string())
                .in_generation(p.start_time())
                .with(&v::CPU_SECONDS, p.accumulated_cpu_time() as f64 / 1000.0)
                .with(&v::RESIDENT_BYTES, p.memory() as f64)
                .with(&v::STARTED_SECONDS, p.start_time() as f64)
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
        Ok(PollResult::now(readings.collect()))
    }
}

/// The machine as a whole; sysinfo does not count its tasks.
pub struct SysinfoHost {
    device: Arc<str>,
    kernel: Option<String>,
    processor: Option<String>,
}

impl SysinfoHost {
    /// What never changes is asked now.
    pub fn new() -> Result<SysinfoHost, BuildError> {
        let mut system = known(System::new())?;
        system.refresh_cpu_list(CpuRefreshKind::nothing());
        let brand = system.cpus().first().map(|cpu| cpu.brand().trim().to_owned());
        let release = System::kernel_version().ok();
        let kernel = match std::env::consts::OS {
            "linux" => Some("Linux".to_owned()), // sysinfo has the distribution's name
            _ => System::name().ok(),
        };
        Ok(SysinfoHost {
            device: "".into(),
            kernel: kernel.zip(release).map(|(name, release)| format!("{name} {release}")),
            processor: brand.filter(|b| !b.is_empty()),
        })
    }
}

impl Reader for SysinfoHost {
    fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
        let mut reading = DeviceReading::new(v::HOST, self.device.clone())
            .with_some(&v::UPTIME_SECONDS, System::uptime().ok().map(|s| s as f64));
        // of Windows, which counts none, sysinfo takes samples, and has zeros before
        let counts_load = std::env::consts::OS != "windows";
        if let Some(Ok(load)) = counts_load.then(System::load_average) {
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
        Ok(PollResult::now(vec![reading]))
    }
}

/// On a platform that sysinfo does not know there is no such provider.
fn known<T>(made: Result<T, sysinfo::Error>) -> Result<T, BuildError> {
    made.map_err(|e| BuildError::new(BACKEND.spec(), format!("sysinfo says: {e}")))
}

/// In natural order, without what cannot be true.
fn in_order(mut readings: Vec<DeviceReading>, mut doubts: Doubts) -> Result<PollResult, Failure> {
    plausible::screen(&mut readings, &mut doubts);
    readings.retain(|r| r.values.iter().next().is_some() || r.texts.iter().next().is_some());
    if readings.is_empty() && doubts.is_empty() {
        return Err(Failure::absent());
    }
    readings.sort_by(|a, b| natural::order(&a.device, &b.device));
    Ok(doubts.answer(readings))
}
