//! Whether processes can have come or gone, without listing them.

use crate::local::procfs::{self, ReusedFile, Root};

/// The last pid that the kernel has given out in our own namespace, in the fifth word of loadavg, and the
/// fourth: how many tasks there are. Only where that and the folder belong together: not in a recording,
/// not in another machine's tree.
pub struct PidWatcher {
    loadavg: Option<ReusedFile>,
    last: u64,
    tasks: u64,
}

impl PidWatcher {
    /// As far as the root is this machine's.
    pub fn below(root: &Root) -> PidWatcher {
        const PROC_SUPER_MAGIC: u64 = 0x9fa0;
        let ours = || {
            let itself = root.path("proc/self").read_link().ok()?;
            let here = itself.to_str()?.parse() == Ok(std::process::id());
            let filesystem = rustix::fs::statfs(root.path("proc/loadavg").as_path()).ok()?;
            (here && filesystem.f_type as u64 == PROC_SUPER_MAGIC).then_some(())
        };
        let ours = root.is_this_machine() && ours().is_some();
        PidWatcher { loadavg: ours.then(|| root.file("proc/loadavg")), last: 0, tasks: 0 }
    }

    /// Whether there may be processes that were not there the last time, or no longer those that were.
    /// A task that ends while another begins changes the newest pid.
    pub fn has_changed(&mut self) -> bool {
        let Some(file) = &mut self.loadavg else { return true };
        let record = file.read_once().unwrap_or_default();
        let mut words = record.trim_ascii().rsplit(|b| *b == b' ').map(|word| {
            // of "1/75" the number of all
            procfs::number(word.rsplit(|b| *b == b'/').next()?)
        });
        let mut next = || words.next().flatten().unwrap_or(0);
        let (newest, tasks) = (next(), next());
        let changed = newest == 0 || (newest, tasks) != (self.last, self.tasks);
        (self.last, self.tasks) = (newest, tasks);
        changed
    }
}
