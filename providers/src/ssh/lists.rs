//! Which files of a host are asked for, by what is wanted of it and how often they change.

use manytop_plugin::{provider::Selection, reading::Kind, vocabulary as v};

/// What is known of a host that decides which files it has.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct HostFeatures {
    /// It is a container with a cgroup (version 2) of its own.
    pub container: bool,
    /// It has compressed swap,
    pub zram: bool,
    /// and ZFS.
    pub zfs: bool,
}

/// Files that are read at each poll. Whether all lines of them are needed is said by [`whole`].
pub fn fast(want: &Selection, known: HostFeatures) -> Vec<&'static str> {
    let mut all = Vec::new();
    let wants = |kind: Kind| want.kind(kind);
    if wants(v::CPU) || whole(want) {
        all.push("/proc/stat");
    }
    if wants(v::MEMORY) {
        all.push("/proc/meminfo");
        all.extend(known.zram.then_some("/sys/block/zram*/mm_stat"));
        all.extend(known.zfs.then_some("/proc/spl/kstat/zfs/arcstats"));
    }
    if wants(v::MEMORY) || wants(v::HOST) {
        all.push("/proc/vmstat");
    }
    if wants(v::HOST) {
        all.extend(["/proc/loadavg", "/proc/uptime"]);
        match known.container {
            true => all.extend(CONTAINER_LOAD),
            false => all.extend(PRESSURE),
        }
    }
    if wants(v::MEMORY) && known.container {
        all.extend(CONTAINER_MEMORY);
    }
    if wants(v::NETWORK) {
        all.push("/proc/self/net/dev");
    }
    if wants(v::DISK) {
        all.push("/proc/diskstats");
    }
    all
}

/// Whether lines are wanted that [`fast`] files are asked without otherwise.
pub fn whole(want: &Selection) -> bool {
    let counts = [&v::INTERRUPTS, &v::SWITCHES, &v::FORKS, &v::BLOCKED];
    counts.iter().any(|count| want.expensive(v::HOST, count))
}

const PRESSURE: [&str; 3] = ["/proc/pressure/cpu", "/proc/pressure/io", "/proc/pressure/memory"];

const CONTAINER_LOAD: [&str; 6] = [
    "/sys/fs/cgroup/cpu.max",
    "/sys/fs/cgroup/cpu.stat",
    "/sys/fs/cgroup/cpuset.cpus.effective",
    "/sys/fs/cgroup/cpu.pressure",
    "/sys/fs/cgroup/io.pressure",
    "/sys/fs/cgroup/memory.pressure",
];

const CONTAINER_MEMORY: [&str; 5] = [
    "/sys/fs/cgroup/memory.max",
    "/sys/fs/cgroup/memory.current",
    "/sys/fs/cgroup/memory.stat",
    "/sys/fs/cgroup/memory.swap.max",
    "/sys/fs/cgroup/memory.swap.current",
];

/// Files that hardly change, read at the beginning and once in a while.
pub const STEADY: &[&str] = &[
    "/proc/sys/kernel/hostname",
    "/proc/sys/kernel/ostype",
    "/proc/sys/kernel/osrelease",
    "/etc/os-release",
    "/usr/lib/os-release",
    "/run/systemd/container",
    "/run/host/container-manager",
    "/sys/fs/cgroup/cgroup.type",
    "/sys/devices/system/cpu/online",
    "/sys/devices/cpu_core/cpus",
    "/sys/devices/cpu_atom/cpus",
    "/sys/devices/system/cpu/cpu*/cpu_capacity",
    "/sys/block/dm-*/dm/name",
    "/proc/self/mountinfo",
    "/proc/swaps",
    "/proc/spl/kstat/zfs/arcstats",
];

/// Processors, of which only some lines are of use.
pub const PROCESSORS: &[&str] = &["/proc/cpuinfo"];

/// What is there, and where links lead.
pub const LINKS: &[&str] = &[
    "/.dockerenv",
    "/run/.containerenv",
    "/var/run/secrets/kubernetes.io",
    "/sys/class/hwmon/hwmon*/device",
    "/sys/class/hwmon/hwmon*/device/block/*",
    "/sys/class/hwmon/hwmon*/device/net/*",
    "/sys/class/net/*/device",
    "/sys/class/net/*/bonding",
    "/sys/class/net/*/wireless",
    "/sys/class/net/*/phy80211",
];

/// Sensors, batteries and clock rates, with all that is said of them.
pub const SENSORS: &[&str] = &[
    "/sys/class/hwmon/hwmon*/name",
    "/sys/class/hwmon/hwmon*/device/type",
    "/sys/class/hwmon/hwmon*/temp*_label",
    "/sys/class/hwmon/hwmon*/temp*_max",
    "/sys/class/hwmon/hwmon*/temp*_crit",
    "/sys/class/hwmon/hwmon*/fan*_label",
    "/sys/class/hwmon/hwmon*/fan*_max",
    "/sys/class/hwmon/hwmon*/power*_label",
    "/sys/class/hwmon/hwmon*/power*_cap",
    "/sys/class/hwmon/hwmon*/power*_max",
    "/sys/class/hwmon/hwmon*/power*_crit",
    "/sys/class/thermal/thermal_zone*/type",
    "/sys/class/thermal/thermal_zone*/trip_point_*_type",
    "/sys/class/thermal/thermal_zone*/trip_point_*_temp",
    "/sys/class/power_supply/*/type",
    "/sys/class/power_supply/*/scope",
    "/sys/class/powercap/intel-rapl:*/name",
    "/sys/class/powercap/intel-rapl:*/max_energy_range_uj",
    "/sys/class/powercap/intel-rapl:*/constraint_0_power_limit_uw",
    "/sys/devices/system/cpu/cpu*/topology/physical_package_id",
    "/sys/devices/system/cpu/cpu*/topology/core_id",
    "/sys/devices/system/cpu/cpu*/cache/index3/id",
];

/// What of them moves.
pub const VALUES: &[&str] = &[
    "/sys/class/hwmon/hwmon*/temp*_input",
    "/sys/class/hwmon/hwmon*/temp*_fault",
    "/sys/class/hwmon/hwmon*/fan*_input",
    "/sys/class/hwmon/hwmon*/fan*_fault",
    "/sys/class/hwmon/hwmon*/power*_input",
    "/sys/class/hwmon/hwmon*/power*_average",
    "/sys/class/thermal/thermal_zone*/temp",
    "/sys/class/power_supply/*/uevent",
    "/sys/class/powercap/intel-rapl:*/energy_uj",
    "/sys/devices/system/cpu/cpu*/cpufreq/scaling_cur_freq",
];

/// The state and the speed of links.
pub const INTERFACES: &[&str] =
    &["/sys/class/net/*/operstate", "/sys/class/net/*/speed", "/proc/self/net/wireless"];

/// Names of users.
pub const USERS: &[&str] = &["/etc/passwd"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_wanted_is_asked_for() {
        assert!(fast(&Selection::nothing(), HostFeatures::default()).is_empty());
        let memory = fast(&Selection::kinds(&[v::MEMORY]), HostFeatures::default());
        assert_eq!(memory, ["/proc/meminfo", "/proc/vmstat"]);
        let container = HostFeatures { container: true, ..HostFeatures::default() };
        let host = fast(&Selection::kinds(&[v::HOST]), container);
        assert!(host.contains(&"/sys/fs/cgroup/cpu.stat") && !host.contains(&"/proc/pressure/io"));
        let mut counts = Selection::nothing();
        counts.add(v::HOST, &[v::SWITCHES.name()]);
        assert!(whole(&counts) && fast(&counts, HostFeatures::default()).contains(&"/proc/stat"));
    }
}
