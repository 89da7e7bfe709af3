//! Addresses that belong to a test as long as it lasts.
//!
//! A port that is bound, read and dropped may go to another program before its own takes it. A [`Reserved`] address stays
//! bound by a socket that does not listen: the kernel gives its port to nothing that asks for any port, and connections
//! to it are refused. A program that names the address and sets SO_REUSEADDR, as every peer and the standard library
//! do, can listen there.

use crate::faults::network::Network;
use rustix::net::{
    AddressFamily, SocketFlags, SocketType, bind, getsockname, socket_with, sockopt,
};
use std::{
    fs, io,
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
    os::fd::OwnedFd,
    path::Path,
};

/// A reserved address of IPv4's loopback.
pub struct Reserved {
    address: SocketAddr,
    _sockets: Vec<OwnedFd>,
}

impl Reserved {
    pub fn new() -> Reserved {
        let (socket, address) = held((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        Reserved { address, _sockets: vec![socket] }
    }

    /// The same port on both loopbacks; on one where this machine has no IPv6.
    pub fn on_both() -> Reserved {
        if TcpListener::bind((Ipv6Addr::LOCALHOST, 0)).is_err() {
            return Reserved::new();
        }
        loop {
            let (first, address) = held((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
            if let Ok((second, _)) = held((Ipv6Addr::LOCALHOST, address.port()).into()) {
                return Reserved { address, _sockets: vec![first, second] };
            }
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn port(&self) -> u16 {
        self.address.port()
    }
}

fn held(address: SocketAddr) -> io::Result<(OwnedFd, SocketAddr)> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let socket = socket_with(family, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    sockopt::set_socket_reuseaddr(&socket, true)?;
    bind(&socket, &address)?;
    let address = getsockname(&socket)?.try_into()?;
    Ok((socket, address))
}

#[test]
fn a_reserved_address_refuses_connections_until_its_own_program_listens() {
    let place = Reserved::on_both();
    let refused = || std::net::TcpStream::connect(place.address()).map(drop).unwrap_err().kind();
    assert_eq!(refused(), io::ErrorKind::ConnectionRefused);
    let listener = TcpListener::bind(place.address()).unwrap();
    std::net::TcpStream::connect(place.address()).unwrap();
    drop(listener);
    assert_eq!(refused(), io::ErrorKind::ConnectionRefused);
}

/// In a network of four ports, three of them reserved, any port is the fourth, and then there is no other.
#[test]
fn a_reserved_port_is_given_to_no_other_socket() {
    as_root!();
    let network = Network::new();
    network.run(&["sh", "-c", "echo 40000 40003 >/proc/sys/net/ipv4/ip_local_port_range"]);
    network.inside(|| {
        let reserved = [(); 3].map(|()| Reserved::new());
        let other = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = other.local_addr().unwrap().port();
        assert!(reserved.iter().all(|place| place.port() != port));
        let none = TcpListener::bind("127.0.0.1:0").unwrap_err();
        assert_eq!(none.kind(), io::ErrorKind::AddrInUse);
    });
}

/// A port that is read and dropped in one breath is free for any other program.
#[test]
fn no_test_takes_a_port_by_dropping_what_holds_it() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            if path.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if name.ends_with(".rs") {
                let text = fs::read_to_string(&path).unwrap();
                let mut binds = text.split("::bind(").skip(1);
                let statement = |rest: &str| rest.split([';', '}']).next().unwrap().to_owned();
                if binds.any(|rest| statement(rest).contains(").local_addr()")) {
                    found.push(path);
                }
            }
        }
    }
    assert!(found.is_empty(), "ports::Reserved holds a port; {found:?}");
}
