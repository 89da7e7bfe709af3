//! Network interfaces: bytes received and sent, packets lost, and the speed of the link.
//!
//! Reads `/proc/net/dev`; once in a while `/sys/class/net/*/{speed,operstate}` and `/proc/net/wireless`.
//!
//! A device is an interface by its name, in natural order, loopback and virtual ones among them.
//! Its `received_bytes` and `sent_bytes` are the kernel's counters; core derives the rates, and those of
//! `received_errors`, `received_drops`, `sent_errors` and `sent_drops`. `link_bytes_per_second` is the
//! speed of the link, where the interface is hardware or a bond: what is only software claims one that it
//! does not have. The text `link` says it in words (`2.5 Gbit/s`), or `down`, or `wireless -56 dBm`.
//! `addresses` are asked for on demand.
//!
//! | option | default | |
//! |---|---|---|
//! | `via` | `kernel` on Linux | `kernel` reads the files above; `sysinfo` reads the same counters one file each, and knows no links |
//! | `root` | `/` | the folder that holds `proc` and `sys`; below another than `/` there are no addresses |
//!
//! On a machine without any interface the hardware counts as absent.

mod addresses;
mod link;

use crate::{
    local::{
        procfs::{self, BACKEND, Backend, ROOT, ReusedFile, Root, SharedNames},
        sysinfo,
    },
    natural,
};
use addresses::InterfaceAddresses;
pub use addresses::text as addresses;
use link::Links;
use manytop_plugin::{
    inventory,
    options::Options,
    provider::{BuildError, Failure, Plugin, Provides, Reader, Selection},
    reading::{DeviceReading, Metric, PollResult},
    vocabulary as v,
};

inventory::submit! {
    Plugin::reads("network", "Bytes received and sent by each network interface, and its link.", build)
        .yields(&[Provides::new(v::NETWORK, &[
            &v::RECEIVED_BYTES, &v::SENT_BYTES, &v::RECEIVED_ERRORS, &v::RECEIVED_DROPS,
            &v::SENT_ERRORS, &v::SENT_DROPS, &v::LINK_RATE,
        ]).texts(&[&v::LINK, &v::ADDRESSES]).on_demand(&[v::ADDRESSES.name()])])
        .options(&[BACKEND.spec(), ROOT.spec()])
}

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    Ok(match procfs::way(options)? {
        Backend::Kernel(root) => below(root),
        Backend::Sysinfo => Box::new(sysinfo::SysinfoInterfaces::new()?),
    })
}

/// The reader of the files below that root.
pub fn below(root: Root) -> Box<dyn Reader> {
    Box::new(Interfaces {
        table: root.own("net/dev"),
        names: SharedNames::default(),
        links: Links::below(&root),
        addresses: root.is_this_machine().then(InterfaceAddresses::default),
    })
}

struct Interfaces {
    table: ReusedFile,
    names: SharedNames,
    links: Links,
    addresses: Option<InterfaceAddresses>,
}

impl Reader for Interfaces {
    fn read(&mut self, want: &Selection) -> Result<PollResult, Failure> {
        let path = self.table.path().to_owned();
        let bytes = self.table.read_to_end().map_err(|e| procfs::unreadable(&path, &e))?;
        self.names.rewind();
        let mut readings: Vec<_> = counters(bytes)
            .map(|(name, counters)| {
                let reading = DeviceReading::new(v::NETWORK, self.names.share(name));
                let known = COUNTERS.iter().zip(counters);
                known.fold(reading, |reading, ((quantity, _), n)| reading.with_some(quantity, n))
            })
            .collect();
        if readings.is_empty() {
            return Err(Failure::absent());
        }
        readings.sort_by(|a, b| natural::order(&a.device, &b.device));
        self.links.tell(&mut readings);
        if let Some(addresses) = &mut self.addresses
            && want.dear_text(v::NETWORK, &v::ADDRESSES)
        {
            addresses.tell(&mut readings);
        }
        Ok(PollResult::now(readings))
    }
}

/// The counters, and their columns behind the colon: eight tell what came in, eight what went out.
const COUNTERS: [(&Metric, usize); 6] = [
    (&v::RECEIVED_BYTES, 0),
    (&v::SENT_BYTES, 8),
    (&v::RECEIVED_ERRORS, 2),
    (&v::RECEIVED_DROPS, 3),
    (&v::SENT_ERRORS, 10),
    (&v::SENT_DROPS, 11),
];

/// The rows of /proc/net/dev: name, and its counters. Old kernels leave no blank behind the colon.
fn counters(table: &[u8]) -> impl Iterator<Item = (&[u8], [Option<f64>; COUNTERS.len()])> {
    procfs::lines(table).filter_map(|line| {
        let colon = memchr::memchr(b':', line)?;
        let mut columns = [None; 12];
        for (column, word) in columns.iter_mut().zip(procfs::words(&line[colon + 1..])) {
            *column = procfs::number(word).map(|n| n as f64);
        }
        Some((line[..colon].trim_ascii(), COUNTERS.map(|(_, column)| columns[column])))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_without_a_blank_behind_the_colon_is_read() {
        let table = b"Inter-|   Receive\n face |bytes\n  eth0:1 2 3 4 5 6 7 8 9 10\n lo: 5\n";
        let rows: Vec<_> = counters(table).collect();
        let of_eth0 = [Some(1.0), Some(9.0), Some(3.0), Some(4.0), None, None];
        assert_eq!(rows[0], (&b"eth0"[..], of_eth0));
        assert_eq!(rows[1], (&b"lo"[..], [Some(5.0), None, None, None, None, None]));
        assert_eq!(rows.len(), 2);
    }
}
