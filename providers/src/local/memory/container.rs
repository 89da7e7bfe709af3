//! A container's memory: what its cgroup allows and uses, where that is less than the machine has.

use super::MemInfo;
use crate::{
    local::cgroup,
    local::files::FilePath,
    local::procfs::{ReusedFile, Root},
};

/// Polls after which it is looked again whether there is a limit.
const POLLS_PER_SEARCH: u32 = 30;

/// The files of the cgroup that holds for this machine, if any does.
pub struct MemoryCgroup {
    root: Root,
    files: Option<MemoryCgroupFiles>,
    polls: u32,
}

struct MemoryCgroupFiles {
    folder: FilePath,
    most: ReusedFile,
    current: ReusedFile,
    stat: ReusedFile,
    swap_most: ReusedFile,
    swap_current: ReusedFile,
}

impl MemoryCgroup {
    /// Below that root; nothing is opened yet.
    pub fn below(root: &Root) -> MemoryCgroup {
        MemoryCgroup { root: root.clone(), files: None, polls: 0 }
    }

    /// Puts the container's figures in the place of the machine's, where it has a limit below the
    /// machine's size. Returns whether it has.
    pub fn limit(&mut self, facts: &mut MemInfo) -> bool {
        if self.polls.is_multiple_of(POLLS_PER_SEARCH) {
            let folder = cgroup::of_container(&self.root);
            if folder.as_ref() != self.files.as_ref().map(|files| &files.folder) {
                self.files = folder.map(MemoryCgroupFiles::new);
            }
        }
        self.polls = self.polls.wrapping_add(1);
        let limited = self.files.as_mut().and_then(|files| files.read(facts));
        limited.map(|limited| *facts = limited).is_some()
    }
}

impl MemoryCgroupFiles {
    fn new(folder: FilePath) -> MemoryCgroupFiles {
        let file = |name: &str| ReusedFile::at(folder.join(name));
        let (most, current, stat) =
            (file("memory.max"), file("memory.current"), file("memory.stat"));
        let (swap_most, swap_current) = (file("memory.swap.max"), file("memory.swap.current"));
        MemoryCgroupFiles { folder, most, current, stat, swap_most, swap_current }
    }

    fn read(&mut self, machine: &MemInfo) -> Option<MemInfo> {
        let most = self.most.read_once().ok().and_then(cgroup::limit)?;
        if machine.total.is_some_and(|total| most >= total) {
            return None;
        }
        let current = self.current.read_once().ok().and_then(cgroup::limit)?;
        let swap = (
            self.swap_most.read_once().ok().and_then(cgroup::limit),
            self.swap_current.read_once().ok().and_then(cgroup::limit),
        );
        Some(limited(machine, most, current, self.stat.read_to_end().unwrap_or_default(), swap))
    }
}

/// The container's figures. Used is what its cgroup holds less the files that were not touched lately,
/// as `docker stats` has it.
fn limited(
    machine: &MemInfo,
    most: f64,
    current: f64,
    stat: &[u8],
    (swap_most, swap_current): (Option<f64>, Option<f64>),
) -> MemInfo {
    let fact = |key| cgroup::value(stat, key);
    let free = (most - current).max(0.0);
    let idle = fact("inactive_file").unwrap_or(0.0).min(current);
    let swap_total = match (swap_most, machine.swap_total) {
        (Some(most), Some(all)) => Some(all.min(most)),
        (most, all) => all.or(most),
    };
    let swap_free = match (swap_total, swap_current) {
        (Some(total), Some(used)) => Some((total - used).max(0.0)),
        _ => machine.swap_free,
    };
    MemInfo {
        total: Some(most),
        available: Some(free + idle),
        free: Some(free),
        buffers: None,
        cached: fact("file"),
        shared: fact("shmem"),
        reclaimable: fact("slab_reclaimable"),
        swap_total,
        swap_free,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_the_size_and_files_that_rest_are_not_used() {
        let machine =
            MemInfo { swap_total: Some(1000.0), swap_free: Some(9.0), ..MemInfo::default() };
        let stat = b"anon 300\nfile 250\nshmem 50\ninactive_file 150\nslab_reclaimable 20\n";
        let facts = limited(&machine, 1000.0, 600.0, stat, (Some(200.0), Some(30.0)));
        assert_eq!((facts.total, facts.available), (Some(1000.0), Some(550.0)));
        assert_eq!((facts.free, facts.shared), (Some(400.0), Some(50.0)));
        assert_eq!((facts.swap_total, facts.swap_free), (Some(200.0), Some(170.0)));
        let facts = limited(&machine, 1000.0, 600.0, b"", (None, Some(30.0)));
        assert_eq!((facts.available, facts.cached), (Some(400.0), None));
        assert_eq!((facts.swap_total, facts.swap_free), (Some(1000.0), Some(970.0)));
    }
}
