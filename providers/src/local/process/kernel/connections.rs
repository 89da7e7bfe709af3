//! Network connections of one process: the sockets among its open files, what `/proc/PID/net` has on them, and
//! what they have carried.

use super::{details::part, network::SocketOwners};
use crate::local::procfs::Root;
use manytop_plugin::{reading::DeviceReading, vocabulary as v};
use std::{
    collections::HashSet,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
};

/// Tables are not read further than this, in bytes.
const LONGEST: u64 = 4 << 20;

/// The connections of a process that has these targets open, as far as they can be read.
pub fn of<'a>(
    root: &Root,
    pid: u32,
    targets: impl Iterator<Item = &'a str>,
    carried: &SocketOwners,
) -> Vec<DeviceReading> {
    let socket = |target: &'a str| target.strip_prefix("socket:[")?.strip_suffix(']')?.parse().ok();
    let sockets: HashSet<u64> = targets.filter_map(socket).collect();
    if sockets.is_empty() {
        return Vec::new();
    }
    let mut found = Vec::new();
    for protocol in ["tcp", "tcp6", "udp", "udp6"] {
        let path = root.path(format!("proc/{pid}/net/{protocol}"));
        let Ok(table) = path.read(LONGEST) else { continue };
        let table = String::from_utf8_lossy(&table);
        for line in table.lines().skip(1) {
            let Some(connection) = TcpConnection::parse(line) else { continue };
            if !sockets.contains(&connection.inode) {
                continue;
            }
            let state = connection.state(protocol.starts_with("udp"));
            let bytes = carried.bytes(connection.inode);
            found.push(
                part(v::CONNECTION, pid, connection.inode)
                    .with_some(&v::RECEIVED_BYTES, bytes.map(|[received, _]| received as f64))
                    .with_some(&v::SENT_BYTES, bytes.map(|[_, sent]| sent as f64))
                    .text(&v::PROTOCOL, protocol)
                    .text(&v::STATE, state)
                    .text(&v::LOCAL, connection.local.to_string())
                    .text(&v::PEER, connection.peer.to_string()),
            );
        }
    }
    found
}

/// A line of `/proc/PID/net/tcp` and the like.
struct TcpConnection {
    local: SocketAddr,
    peer: SocketAddr,
    state: u8,
    inode: u64,
}

impl TcpConnection {
    fn parse(line: &str) -> Option<TcpConnection> {
        let mut words = line.split_ascii_whitespace().skip(1);
        let (local, peer) = (address(words.next()?)?, address(words.next()?)?);
        let state = u8::from_str_radix(words.next()?, 16).ok()?;
        let inode = words.nth(5)?.parse().ok()?;
        Some(TcpConnection { local, peer, state, inode })
    }

    fn state(&self, is_udp: bool) -> &'static str {
        match self.state {
            1 => "established",
            2 => "syn sent",
            3 => "syn received",
            4 | 5 => "closing",
            6 => "time wait",
            7 if is_udp => "open",
            7 => "closed",
            8 => "close wait",
            9 | 11 => "closing",
            10 => "listening",
            _ => "unknown",
        }
    }
}

/// An address as the kernel writes it: words of 32 bits in the order of the machine, and a port.
fn address(text: &str) -> Option<SocketAddr> {
    let (host, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let word = |at: usize| {
        let digits = host.get(8 * at..8 * at + 8)?;
        Some(u32::from_str_radix(digits, 16).ok()?.to_ne_bytes())
    };
    let ip = match host.len() {
        8 => IpAddr::V4(Ipv4Addr::from(word(0)?)),
        32 => {
            let mut bytes = [0; 16];
            for at in 0..4 {
                bytes[4 * at..4 * at + 4].copy_from_slice(&word(at)?);
            }
            let ip = Ipv6Addr::from(bytes);
            ip.to_ipv4_mapped().map_or(IpAddr::V6(ip), IpAddr::V4)
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::procfs::ROOT;
    use manytop_plugin::options::Options;
    use std::{net::TcpListener, process};

    #[test]
    #[cfg(target_endian = "little")]
    fn lines_of_the_kernel_are_read() {
        let line = "  1: 0100007F:1F90 0A00A8C0:C350 01 00000000:00000000 00:00000000 00000000  1000        0 4711 1 0000 20 4 30 10 -1";
        let connection = TcpConnection::parse(line).unwrap();
        assert_eq!(connection.local.to_string(), "127.0.0.1:8080");
        assert_eq!(connection.peer.to_string(), "192.168.0.10:50000");
        assert_eq!((connection.inode, connection.state(false)), (4711, "established"));
        let mapped = address("0000000000000000FFFF00000100007F:0050").unwrap();
        assert_eq!(mapped.to_string(), "127.0.0.1:80");
        for wrong in ["", "0: x", "0: 0100007F:1F90", "0: 01:1 01:1 01 0 0 0 0 0 1"] {
            assert!(TcpConnection::parse(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn a_listening_socket_of_this_process_is_found() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let local = listener.local_addr().unwrap().to_string();
        let links = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        let targets: Vec<String> = links
            .filter_map(|entry| std::fs::read_link(entry.path()).ok())
            .map(|path| path.to_string_lossy().into_owned())
            .collect();
        let root = Root::of(&Options::parse(&[ROOT.spec()], &[]).unwrap()).unwrap();
        let sockets = SocketOwners::below(&root);
        let all = of(&root, process::id(), targets.iter().map(String::as_str), &sockets);
        let own = |r: &&DeviceReading| r.texts.get(&v::LOCAL).is_some_and(|at| **at == *local);
        let found = all.iter().find(own).unwrap();
        assert_eq!(found.texts.get(&v::STATE).map(|s| &**s), Some("listening"));
    }
}
