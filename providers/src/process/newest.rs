//! Whether there can be new processes, without listing them.

use crate::kernel::{self, KeptFile, Root};

/// The last pid that the kernel has given out in our own namespace, in the fifth word of loadavg.
/// Only where that and the folder belong together: not in a recording, not in another machine's tree.
pub struct NewestPid {
    loadavg: Option<KeptFile>,
    last: u64,
}

impl NewestPid {
    /// As far as the root is this machine's.
    pub fn below(root: &Root) -> NewestPid {
        const PROC_SUPER_MAGIC: u64 = 0x9fa0;
        let ours = || {
            let itself = std::fs::read_link(root.path("proc/self")).ok()?;
            let here = itself.to_str()?.parse() == Ok(std::process::id());
            let filesystem = rustix::fs::statfs(root.path("proc/loadavg")).ok()?;
            (here && filesystem.f_type as u64 == PROC_SUPER_MAGIC).then_some(())
        };
        let ours = root.is_this_machine() && ours().is_some();
        NewestPid { loadavg: ours.then(|| root.file("proc/loadavg")), last: 0 }
    }

    /// Whether there may be processes that were not there the last time.
    pub fn has_changed(&mut self) -> bool {
        let Some(file) = &mut self.loadavg else { return true };
        let newest = file.record().ok().and_then(|text| {
            let text = text.trim_ascii();
            kernel::number(text.rsplit(|b| *b == b' ').next()?)
        });
        let newest = newest.unwrap_or(0);
        let changed = newest == 0 || newest != self.last;
        self.last = newest;
        changed
    }
}
