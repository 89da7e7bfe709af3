//! What other files than meminfo tell of memory: traffic of the swap space, compressed swap, ZFS's cache.

use crate::local::procfs::{self, ReusedFile, Root};
use std::path::Path;

/// Polls after which it is looked whether there is compressed swap or a cache of ZFS's.
const POLLS_PER_SEARCH: u32 = 60;

/// The files, kept open.
pub struct MemoryExtras {
    root: Root,
    vmstat: ReusedFile,
    swaps: ReusedFile,
    arcstats: ReusedFile,
    zram: Vec<ReusedFile>,
    has_arc: bool,
    polls: u32,
}

/// What they say.
#[derive(Clone, Copy, Default, PartialEq, Debug)]
pub struct Told {
    /// Bytes read back from the swap space, and written to it.
    pub swapped: [Option<f64>; 2],
    /// Pages that a process had to wait for.
    pub page_ins: Option<f64>,
    /// What compressed swap holds, and the memory it takes.
    pub zram: Option<[f64; 2]>,
    /// The size of ZFS's cache, and what it keeps in any case.
    pub arc: Option<[f64; 2]>,
}

impl MemoryExtras {
    /// Below that root; nothing is opened yet.
    pub fn below(root: &Root) -> MemoryExtras {
        MemoryExtras {
            root: root.clone(),
            vmstat: root.file("proc/vmstat"),
            swaps: root.file("proc/swaps"),
            arcstats: root.file("proc/spl/kstat/zfs/arcstats"),
            zram: Vec::new(),
            has_arc: false,
            polls: 0,
        }
    }

    /// Reads them; what is not there is absent.
    pub fn read(&mut self) -> Told {
        if self.polls.is_multiple_of(POLLS_PER_SEARCH) {
            self.has_arc = self.arcstats.path().exists();
            let zram = self.swaps.read_to_end().map(compressed).unwrap_or_default();
            let path = |name: &String| self.root.path(Path::new("sys/block").join(name));
            self.zram =
                zram.iter().map(|name| ReusedFile::at(path(name).join("mm_stat"))).collect();
        }
        self.polls = self.polls.wrapping_add(1);
        let mut told = Told::default();
        if let Ok(vmstat) = self.vmstat.read_to_end() {
            told.read_vmstat(vmstat);
            let page = self.root.page_bytes();
            told.swapped = told.swapped.map(|pages| pages.zip(page).map(|(n, page)| n * page));
        }
        for file in &mut self.zram {
            let Some([holds, takes]) = file.read_once().ok().and_then(compression) else {
                continue;
            };
            let [all_held, all_taken] = told.zram.unwrap_or_default();
            told.zram = Some([all_held + holds, all_taken + takes]);
        }
        if self.has_arc {
            told.arc = self.arcstats.read_to_end().ok().and_then(cache);
        }
        told
    }
}

impl Told {
    /// Swapped are pages at first.
    fn read_vmstat(&mut self, vmstat: &[u8]) {
        let mut open = 3;
        for line in procfs::lines(vmstat) {
            let mut words = procfs::words(line);
            let fact = match words.next().unwrap_or_default() {
                b"pswpin" => &mut self.swapped[0],
                b"pswpout" => &mut self.swapped[1],
                b"pgmajfault" => &mut self.page_ins,
                _ => continue,
            };
            *fact = words.next().and_then(procfs::number).map(|n| n as f64);
            open -= 1;
            if open == 0 {
                break;
            }
        }
    }

    /// How much of ZFS's cache could be given up.
    pub fn spare_arc(&self) -> f64 {
        self.arc.map_or(0.0, |[size, least]| (size - least).max(0.0))
    }
}

/// The compressed devices among those of /proc/swaps: file name, type, size, used, priority.
fn compressed(swaps: &[u8]) -> Vec<String> {
    let device = |line: &[u8]| {
        let name = procfs::words(line).next()?.strip_prefix(b"/dev/")?;
        let number = name.strip_prefix(b"zram")?;
        procfs::number(number).map(|n| format!("zram{n}"))
    };
    procfs::lines(swaps).filter_map(device).collect()
}

/// mm_stat: bytes held, bytes compressed, bytes of memory taken, and more.
fn compression(stat: &[u8]) -> Option<[f64; 2]> {
    let mut words = procfs::words(stat.trim_ascii());
    let mut next = |skip| words.nth(skip).and_then(procfs::number).map(|n| n as f64);
    Some([next(0)?, next(1)?])
}

/// arcstats: name, type, value.
fn cache(stats: &[u8]) -> Option<[f64; 2]> {
    let find = |key: &[u8]| {
        let line = procfs::lines(stats).find(|line| procfs::words(line).next() == Some(key))?;
        procfs::words(line).nth(2).and_then(procfs::number).map(|n| n as f64)
    };
    Some([find(b"size")?, find(b"c_min").unwrap_or(0.0)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_files_are_read() {
        let mut told = Told::default();
        told.read_vmstat(
            b"nr_free_pages 5\npswpin 3\npswpout 4\npgfault 9\npgmajfault 7\noom_kill 1\n",
        );
        assert_eq!((told.swapped, told.page_ins), ([Some(3.0), Some(4.0)], Some(7.0)));
        let swaps = b"Filename\tType\tSize\tUsed\tPriority\n/dev/zram0 partition 8 0 100\n\
            /dev/sda2 partition 8 0 -2\n/dev/zramX file 1 0 1\n/zram7 file 1 0 1\n";
        assert_eq!(compressed(swaps), ["zram0"]);
        let stat = b"  2400000   600000   700000        0   700000     10        0        0\n";
        assert_eq!(compression(stat), Some([2_400_000.0, 700_000.0]));
        assert_eq!(compression(b"5"), None);
        let arc =
            b"13 1 0x01 96 26112 8 9\nname type data\nhits 4 5\nc_min 4 100\nc 4 7\nsize 4 900\n";
        assert_eq!(cache(arc), Some([900.0, 100.0]));
        told.arc = Some([50.0, 100.0]);
        assert_eq!(told.spare_arc(), 0.0);
    }
}
