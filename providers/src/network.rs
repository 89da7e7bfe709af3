//! Network interfaces: bytes received and sent.
//!
//! Reads `/proc/net/dev`.
//!
//! A device is an interface by its name, in natural order, loopback and virtual ones among them.
//! Its `received_bytes` and `sent_bytes` are the kernel's counters; core derives the rates.
//!
//! | option | default | |
//! |---|---|---|
//! | `via` | `kernel` on Linux | `kernel` reads the file above; `sysinfo` reads the same counters one file each |
//! | `root` | `/` | the folder that holds `proc` |
//!
//! On a machine without any interface the hardware counts as absent.

use crate::{
    kernel::{self, KeptFile, Names, ROOT, VIA, Way},
    natural, portable,
};
use manytop_core::{
    inventory,
    options::Options,
    provider::{BuildError, Failure, Plugin, Reader, Want, Yields},
    reading::{Answer, Reading},
    vocabulary as v,
};

inventory::submit! {
    Plugin::reads("network", "Bytes received and sent by each network interface.", build)
        .yields(&[Yields::new(v::NETWORK, &[&v::RECEIVED_BYTES, &v::SENT_BYTES])])
        .options(&[VIA.spec(), ROOT.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    Ok(match kernel::way(options)? {
        Way::Kernel(root) => {
            Box::new(Interfaces { table: root.own("net/dev"), names: Names::default() })
        }
        Way::Sysinfo => Box::new(portable::Interfaces::new()?),
    })
}

struct Interfaces {
    table: KeptFile,
    names: Names,
}

impl Reader for Interfaces {
    fn read(&mut self, _: &Want) -> Result<Answer, Failure> {
        let path = self.table.path().to_owned();
        let bytes = self.table.table().map_err(|e| kernel::unreadable(&path, &e))?;
        self.names.rewind();
        let mut readings: Vec<_> = counters(bytes)
            .map(|(name, received, sent)| {
                Reading::new(v::NETWORK, self.names.share(name))
                    .with_some(&v::RECEIVED_BYTES, received)
                    .with_some(&v::SENT_BYTES, sent)
            })
            .collect();
        if readings.is_empty() {
            return Err(Failure::absent());
        }
        readings.sort_by(|a, b| natural::order(&a.device, &b.device));
        Ok(Answer::now(readings))
    }
}

/// The rows of /proc/net/dev: name, bytes received, bytes sent. Behind the colon eight columns tell
/// what came in and eight what went out; old kernels leave no blank there.
fn counters(table: &[u8]) -> impl Iterator<Item = (&[u8], Option<f64>, Option<f64>)> {
    kernel::lines(table).filter_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        let mut words = kernel::words(&line[colon + 1..]);
        let mut bytes = |skip| words.nth(skip).and_then(kernel::number).map(|n| n as f64);
        Some((line[..colon].trim_ascii(), bytes(0), bytes(7)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_without_a_blank_behind_the_colon_is_read() {
        let table = b"Inter-|   Receive\n face |bytes\n  eth0:1 2 3 4 5 6 7 8 9 10\n lo: 5\n";
        let rows: Vec<_> = counters(table).collect();
        assert_eq!(rows[0], (&b"eth0"[..], Some(1.0), Some(9.0)));
        assert_eq!(rows[1], (&b"lo"[..], Some(5.0), None));
        assert_eq!(rows.len(), 2);
    }
}
