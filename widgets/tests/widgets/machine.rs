//! A machine that tells made-up figures, the same in every run.

use manytop_core::{reading::DeviceReading, vocabulary as v};

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

/// A machine that is as busy as its figures say.
pub struct Machine {
    pub cores: u64,
    pub busy: f64,
    /// Used and total, GiB; a total of none gives percent only.
    pub memory: (f64, Option<f64>),
    pub swap: f64,
    pub interfaces: &'static [&'static str],
    pub bytes_per_second: f64,
    /// Device, mount, percent.
    pub disks: &'static [(&'static str, &'static str, f64)],
    pub celsius: Option<f64>,
    pub processes: u64,
    pub past: u64,
}

impl Default for Machine {
    fn default() -> Machine {
        Machine {
            cores: 2,
            busy: 4.0,
            memory: (0.4, Some(23.5)),
            swap: 0.0,
            interfaces: &["eth0"],
            bytes_per_second: 5600.0,
            disks: &[("vda1", "/", 21.0)],
            celsius: None,
            processes: 0,
            past: 130,
        }
    }
}

/// Something that goes up and down and is the same in every run.
fn wave(t: u64, seed: u64) -> f64 {
    let mut x = t.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ seed.wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x ^= x >> 29;
    x = x.wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^= x >> 32;
    (x % 1000) as f64 / 1000.0
}

impl Machine {
    pub fn readings(&self, t: u64) -> Vec<DeviceReading> {
        let mut all = Vec::new();
        for core in 0..self.cores {
            let share = 0.4 + 0.8 * wave(t / 5, core) + 0.4 * wave(t, core + 99);
            let percent = (self.busy * share).min(100.0);
            let name = format!("CPU{core}");
            all.push(
                DeviceReading::new(v::CPU, name)
                    .with(&v::PERCENT, percent)
                    .with(&v::FREQUENCY_HERTZ, 2.3e9),
            );
        }
        all.extend(self.memory_readings());
        for (n, interface) in self.interfaces.iter().enumerate() {
            // It never decreases: half of it is steady.
            let total = |seed: u64| self.bytes_per_second * (t as f64 + 0.5 * wave(t, seed));
            all.push(
                DeviceReading::new(v::NETWORK, *interface)
                    .with(&v::RECEIVED_BYTES, 31e9 + total(n as u64))
                    .with(&v::SENT_BYTES, 4e9 + total(n as u64 + 7)),
            );
        }
        for (device, mount, percent) in self.disks {
            all.push(
                DeviceReading::new(v::DISK, *device)
                    .with(&v::PERCENT, *percent)
                    .with(&v::USED_BYTES, 252e9 * percent / 100.0)
                    .with(&v::TOTAL_BYTES, 252e9)
                    .with(&v::READ_BYTES, 1e9)
                    .with(&v::WRITTEN_BYTES, 48e3 * t as f64)
                    .text(&v::MOUNTS, *mount),
            );
        }
        if let Some(celsius) = self.celsius {
            for sensor in 0..self.cores {
                let name = format!("coretemp_core{sensor}");
                let celsius = celsius - sensor as f64;
                all.push(DeviceReading::new(v::TEMPERATURE, name).with(&v::CELSIUS, celsius));
            }
        }
        all.push(
            DeviceReading::new(v::HOST, "")
                .with(&v::LOAD1, 0.31)
                .with(&v::UPTIME_SECONDS, 5040.0)
                .text(&v::PROCESSOR, "Xeon 2.3 GHz"),
        );
        all.extend((0..self.processes).map(|n| process(n, t)));
        all
    }

    fn memory_readings(&self) -> [DeviceReading; 2] {
        let (used, total) = self.memory;
        let main = DeviceReading::new(v::MEMORY, v::MAIN);
        let main = match total {
            Some(total) => main
                .with(&v::PERCENT, 100.0 * used / total)
                .with(&v::USED_BYTES, used * GIB)
                .with(&v::TOTAL_BYTES, total * GIB)
                .with(&v::CACHED_BYTES, used / 4.0 * GIB),
            None => main.with(&v::PERCENT, used),
        };
        let swap = DeviceReading::new(v::MEMORY, v::SWAP);
        let swap = match total {
            None => swap.with(&v::PERCENT, self.swap),
            Some(_) if self.swap == 0.0 => swap.with(&v::TOTAL_BYTES, 0.0),
            Some(_) => swap
                .with(&v::PERCENT, 100.0 * self.swap / 2.0)
                .with(&v::USED_BYTES, self.swap * GIB)
                .with(&v::TOTAL_BYTES, 2.0 * GIB),
        };
        [main, swap]
    }
}

/// The n-th process: the lower, the busier.
pub fn process(n: u64, t: u64) -> DeviceReading {
    const NAMES: [&str; 5] = ["caddy", "exporter", "bash", "sshd", "postgres"];
    let name = NAMES[n as usize % NAMES.len()];
    let seconds = 1000.0 / (n + 1) as f64 + t as f64 / 100.0 / (n + 1) as f64;
    DeviceReading::new(v::PROCESS, (1000 + 37 * n).to_string())
        .in_generation(5000 + n)
        .with(&v::CPU_SECONDS, seconds)
        .with(&v::RESIDENT_BYTES, (1 + n) as f64 * 1024.0 * 1024.0)
        .with(&v::READ_BYTES, 4096.0)
        .with(&v::WRITTEN_BYTES, if n == 1 { 9100.0 * t as f64 } else { 0.0 })
        .text(&v::NAME, name)
        .text(&v::COMMAND, format!("/usr/bin/{name} --number {n}"))
        .text(&v::USER, if n.is_multiple_of(3) { "root" } else { "postgres" })
}
