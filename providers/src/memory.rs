//! Main memory and swap space: how much there is and how much is in use.
//!
//! Reads `/proc/meminfo`.
//!
//! Devices are `Main` and `Swap`. Of the main memory `used_bytes` is total less available, which is
//! what programs hold and could not be given up without swapping; `buffers_bytes`,
//! `cached_bytes` and `reclaimable_bytes` are the kernel's own figures (cached counts shared memory
//! too). Of the swap space it is total less free. `percent` is used of total. `Swap` is always there: on a machine without
//! swap its total is 0 and it has no percent. A kernel older than 3.14 does not say what is
//! available: then used and percent are absent.
//!
//! | option | default | |
//! |---|---|---|
//! | `via` | `kernel` on Linux | `kernel` reads the file above, `sysinfo` has neither buffers nor cached |
//! | `root` | `/` | the folder that holds `proc` |
//!
//! A machine always has memory: without `/proc/meminfo` the poll fails.

use crate::{
    kernel::{self, KeptFile, ROOT, VIA, Way},
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
    Plugin::reads("memory", "How much main memory and swap space is in use.", build)
        .yields(&[Yields::new(v::MEMORY, &[
            &v::PERCENT, &v::USED_BYTES, &v::TOTAL_BYTES, &v::AVAILABLE_BYTES, &v::FREE_BYTES,
            &v::BUFFERS_BYTES, &v::CACHED_BYTES, &v::RECLAIMABLE_BYTES,
        ])])
        .options(&[VIA.spec(), ROOT.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    Ok(match kernel::way(options)? {
        Way::Kernel(root) => {
            let meminfo = root.file("proc/meminfo");
            Box::new(Memory { meminfo, main: v::MAIN.into(), swap: v::SWAP.into() })
        }
        Way::Sysinfo => Box::new(portable::Memory::new()?),
    })
}

struct Memory {
    meminfo: KeptFile,
    main: Arc<str>,
    swap: Arc<str>,
}

impl Reader for Memory {
    fn read(&mut self, _: &Want) -> Result<Answer, Failure> {
        let path = self.meminfo.path().to_owned();
        let bytes = self.meminfo.record().map_err(|e| kernel::unreadable(&path, &e))?;
        let facts = Facts::parse(bytes);
        if facts.total.is_none() {
            return Err(kernel::not_understood(&path, "MemTotal"));
        }
        Ok(Answer::now(facts.readings(&self.main, &self.swap)))
    }
}

/// What /proc/meminfo says, in bytes.
#[derive(Default, Debug)]
pub struct Facts {
    /// Main memory that the kernel can use.
    pub total: Option<f64>,
    /// What could be given out without swapping.
    pub available: Option<f64>,
    /// What nobody uses for anything.
    pub free: Option<f64>,
    /// Raw disk blocks.
    pub buffers: Option<f64>,
    /// Files' contents, shared memory among them.
    pub cached: Option<f64>,
    /// Memory of the kernel's own that it could give up.
    pub reclaimable: Option<f64>,
    /// Swap space.
    pub swap_total: Option<f64>,
    /// Swap space that nothing occupies.
    pub swap_free: Option<f64>,
}

impl Facts {
    /// Reads the text of /proc/meminfo.
    pub fn parse(meminfo: &[u8]) -> Facts {
        let mut facts = Facts::default();
        let mut open = 8;
        for line in kernel::lines(meminfo) {
            let mut words = kernel::words(line);
            let fact = match words.next().unwrap_or_default() {
                b"MemTotal:" => &mut facts.total,
                b"MemAvailable:" => &mut facts.available,
                b"MemFree:" => &mut facts.free,
                b"Buffers:" => &mut facts.buffers,
                b"Cached:" => &mut facts.cached,
                b"SReclaimable:" => &mut facts.reclaimable,
                b"SwapTotal:" => &mut facts.swap_total,
                b"SwapFree:" => &mut facts.swap_free,
                _ => continue,
            };
            *fact = words.next().and_then(kernel::number).map(|kib| kib as f64 * 1024.0);
            open -= 1;
            if open == 0 {
                break;
            }
        }
        facts
    }

    fn readings(&self, main: &Arc<str>, swap: &Arc<str>) -> Vec<Reading> {
        let used = less(self.total, self.available);
        let swap_used = less(self.swap_total, self.swap_free);
        vec![
            Reading::new(v::MEMORY, main.clone())
                .with_some(&v::PERCENT, percent(used, self.total))
                .with_some(&v::USED_BYTES, used)
                .with_some(&v::TOTAL_BYTES, self.total)
                .with_some(&v::AVAILABLE_BYTES, self.available)
                .with_some(&v::FREE_BYTES, self.free)
                .with_some(&v::BUFFERS_BYTES, self.buffers)
                .with_some(&v::CACHED_BYTES, self.cached)
                .with_some(&v::RECLAIMABLE_BYTES, self.reclaimable),
            Reading::new(v::MEMORY, swap.clone())
                .with_some(&v::PERCENT, percent(swap_used, self.swap_total))
                .with_some(&v::USED_BYTES, swap_used)
                .with(&v::TOTAL_BYTES, self.swap_total.unwrap_or(0.0))
                .with_some(&v::FREE_BYTES, self.swap_free),
        ]
    }
}

fn less(whole: Option<f64>, rest: Option<f64>) -> Option<f64> {
    Some((whole? - rest?).max(0.0))
}

/// Of nothing there is no percentage.
fn percent(used: Option<f64>, total: Option<f64>) -> Option<f64> {
    let total = total.filter(|t| *t > 0.0)?;
    Some(100.0 * used? / total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_does_not_say_is_absent() {
        let readings = Facts::parse(b"MemTotal: 1000 kB\nMemFree: 600 kB\n")
            .readings(&v::MAIN.into(), &v::SWAP.into());
        let main = &readings[0].values;
        assert_eq!(main.get(&v::TOTAL_BYTES), Some(1_024_000.0));
        assert_eq!((main.get(&v::USED_BYTES), main.get(&v::PERCENT)), (None, None));
        let swap = &readings[1].values;
        assert_eq!((swap.get(&v::TOTAL_BYTES), swap.get(&v::PERCENT)), (Some(0.0), None));
    }
}
