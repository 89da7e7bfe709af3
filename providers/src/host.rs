//! The machine as a whole: load, uptime, tasks, and what it is.
//!
//! Reads `/proc/loadavg` and `/proc/uptime`; `/proc/sys/kernel/{hostname,ostype,osrelease}`; the
//! model of the processor from `/proc/cpuinfo`, once.
//!
//! There is one device, without a name. `load1`, `load5`, `load15` and `uptime_seconds` are the
//! kernel's own figures. `tasks` counts every thread of every process, `running` those that run or
//! wait for a processor, the one that reads the figure among them: that is how the kernel counts in
//! loadavg, and what load is made of. Texts are `hostname`, `kernel` (name and release) and
//! `processor`; each is absent where no file tells it.
//!
//! | option | default | |
//! |---|---|---|
//! | `via` | `kernel` on Linux | `kernel` reads the files above, `sysinfo` counts no tasks |
//! | `root` | `/` | the folder that holds `proc` |
//!
//! Without `/proc/loadavg` the poll fails.

use crate::{
    kernel::{self, KeptFile, ROOT, Root, VIA, Way},
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
    Plugin::reads("host", "The machine as a whole: load, uptime, tasks, and what it is.", build)
        .yields(&[Yields::new(v::HOST, &[
            &v::LOAD1, &v::LOAD5, &v::LOAD15, &v::UPTIME_SECONDS, &v::TASKS, &v::RUNNING,
        ]).texts(&[&v::HOSTNAME, &v::KERNEL, &v::PROCESSOR])])
        .options(&[VIA.spec(), ROOT.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    Ok(match kernel::way(options)? {
        Way::Kernel(root) => Box::new(Machine::below(root)),
        Way::Sysinfo => Box::new(portable::Machine::new()?),
    })
}

struct Machine {
    loadavg: KeptFile,
    uptime: KeptFile,
    hostname: KeptFile,
    /// The name as last read, shared for as long as it stays.
    called: Option<Arc<str>>,
    device: Arc<str>,
    kernel: Option<Arc<str>>,
    processor: Option<Arc<str>>,
}

impl Machine {
    fn below(root: Root) -> Machine {
        let kernel = |file: &str| root.text(format!("proc/sys/kernel/{file}"));
        let named = kernel("ostype").zip(kernel("osrelease"));
        Machine {
            loadavg: root.file("proc/loadavg"),
            uptime: root.file("proc/uptime"),
            hostname: root.file("proc/sys/kernel/hostname"),
            called: None,
            device: "".into(),
            kernel: named.map(|(name, release)| format!("{name} {release}").into()),
            processor: root.text("proc/cpuinfo").and_then(|t| model(&t)).map(Arc::from),
        }
    }
}

impl Reader for Machine {
    fn read(&mut self, _: &Want) -> Result<Answer, Failure> {
        let path = self.loadavg.path().to_owned();
        let bytes = self.loadavg.record().map_err(|e| kernel::unreadable(&path, &e))?;
        let load = Load::parse(bytes);
        let uptime = self.uptime.record().ok();
        let uptime = uptime.and_then(|t| kernel::words(t).next()).and_then(kernel::decimal);
        if let Ok(name) = self.hostname.record().map(<[u8]>::trim_ascii)
            && self.called.as_ref().is_none_or(|called| called.as_bytes() != name)
        {
            self.called = (!name.is_empty()).then(|| String::from_utf8_lossy(name).into());
        }
        let mut reading = Reading::new(v::HOST, self.device.clone())
            .with_some(&v::LOAD1, load.averages[0])
            .with_some(&v::LOAD5, load.averages[1])
            .with_some(&v::LOAD15, load.averages[2])
            .with_some(&v::UPTIME_SECONDS, uptime)
            .with_some(&v::TASKS, load.tasks)
            .with_some(&v::RUNNING, load.running);
        let texts = [
            (&v::HOSTNAME, &self.called),
            (&v::KERNEL, &self.kernel),
            (&v::PROCESSOR, &self.processor),
        ];
        for (name, text) in texts {
            if let Some(text) = text {
                reading.texts.set(name, text.clone());
            }
        }
        Ok(Answer::now(vec![reading]))
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
        let mut words = kernel::words(loadavg.trim_ascii());
        let averages = [(); 3].map(|()| words.next().and_then(kernel::decimal));
        let mut counts = words.next().unwrap_or_default().split(|b| *b == b'/');
        let mut count = || counts.next().and_then(kernel::number).map(|n| n as f64);
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
