//! Where to listen: what can be written as an address, and what it binds.
//!
//! A port without an address listens on this machine only. Listening on the network must be spelled out.

use std::{
    fmt::Write as _,
    io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, ToSocketAddrs},
};

/// So many may wait to be taken; more have to try again.
const WAITING: i32 = 4096;

/// Open sockets, and what to tell about them.
#[derive(Debug)]
pub struct Listening {
    /// At least one.
    pub listeners: Vec<TcpListener>,
    /// `listening on 127.0.0.1:8089 (…)`.
    pub told: String,
}

/// Whether that is an address at all, without opening anything. The error is as that of [`listen`].
pub fn check(address: &str, given: &str) -> Result<(), String> {
    split(address).map(drop).map_err(|problem| format!("{given}: {problem}"))
}

/// Opens what is written as an address. `given` is how it was given: `-x :8089`. The error is one line that
/// begins with it.
pub fn listen(address: &str, given: &str) -> Result<Listening, String> {
    let wrong = |problem: String| format!("{given}: {problem}");
    let (host, port) = split(address).map_err(wrong)?;
    let Some(host) = host else { return on_this_machine(port).map_err(wrong) };
    let addresses = (host, port).to_socket_addrs();
    let addresses: Vec<SocketAddr> =
        addresses.map_err(|_| wrong(format!("there is no address {host:?} here")))?.collect();
    let mut listeners = Vec::new();
    for address in &addresses {
        match open(*address) {
            Ok(listener) => listeners.push(listener),
            // a name that means ::1 too is fine without it
            Err(_) if address.ip() == Ipv6Addr::LOCALHOST && addresses.len() > 1 => {}
            Err(e) => return Err(wrong(problem(&e, *address))),
        }
    }
    if listeners.is_empty() {
        return Err(wrong(format!("there is no address {host:?} here")));
    }
    let told = told(&listeners, "").map_err(|e| wrong(e.to_string()))?;
    Ok(Listening { listeners, told })
}

/// `8089`, `:8089`, `HOST:8089`, `[::1]:8089`.
fn split(address: &str) -> Result<(Option<&str>, u16), String> {
    let advice = "write :8089 for this machine only, 0.0.0.0:8089 for the network";
    let (host, port) = address.rsplit_once(':').unwrap_or(("", address));
    // not repeated: a password may be among what was meant for a host
    let port = port.parse().map_err(|_| match port.contains('@') {
        true => advice.to_owned(),
        false => format!("{port:?} is not a port; {advice}"),
    })?;
    let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
        Some(inside) => inside,
        None if host.contains(':') => return Err(format!("write [{host}]:{port}")),
        None => host,
    };
    Ok((Some(host).filter(|h| !h.is_empty() && *h != "localhost"), port))
}

/// IPv4's loopback, and IPv6's where there is one.
fn on_this_machine(port: u16) -> Result<Listening, String> {
    let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    let first = open(address).map_err(|e| problem(&e, address))?;
    let port = first.local_addr().map_err(|e| e.to_string())?.port();
    let second = open(SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), port));
    let only = format!(" (this machine only; 0.0.0.0:{port} for the network)");
    let told = told(std::slice::from_ref(&first), &only).map_err(|e| e.to_string())?;
    Ok(Listening { listeners: [first].into_iter().chain(second.ok()).collect(), told })
}

/// So many bytes of answers wait in the kernel for a peer to take them.
const UNTAKEN: usize = 128 * 1024;

fn open(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    // what the standard library has asked for is full in no time
    rustix::net::listen(&listener, WAITING)?;
    // connections have from it what it has
    rustix::net::sockopt::set_tcp_nodelay(&listener, true)?;
    // unread answers would fill some megabytes of the kernel's memory
    rustix::net::sockopt::set_socket_send_buffer_size(&listener, UNTAKEN)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn told(listeners: &[TcpListener], remark: &str) -> io::Result<String> {
    let mut told = "listening on".to_owned();
    for (nth, listener) in listeners.iter().enumerate() {
        let comma = if nth == 0 { "" } else { "," };
        let _ = write!(told, "{comma} {}", listener.local_addr()?);
    }
    Ok(told + remark)
}

fn problem(error: &io::Error, address: SocketAddr) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!("port already in use on {}", address.ip()),
        io::ErrorKind::PermissionDenied => {
            format!("no right to port {}; take one from 1024 up", address.port())
        }
        io::ErrorKind::AddrNotAvailable => format!("this machine has no address {}", address.ip()),
        _ => format!("{address}: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_alone_is_this_machine_only() {
        for text in ["8089", ":8089", "localhost:8089"] {
            assert_eq!(split(text), Ok((None, 8089)), "{text}");
        }
        assert_eq!(split("0.0.0.0:8089"), Ok((Some("0.0.0.0"), 8089)));
        assert_eq!(split("[::1]:8089"), Ok((Some("::1"), 8089)));
    }

    #[test]
    fn what_is_no_address_is_told_with_what_was_given() {
        let wrong = |text: &str| listen(text, &format!("-x {text}")).unwrap_err();
        let no_port = wrong("localhost");
        assert!(
            no_port.starts_with("-x localhost: \"localhost\" is not a port; write :8089"),
            "{no_port}"
        );
        assert!(wrong(":70000").contains("\"70000\" is not a port"));
        assert_eq!(wrong("::1:8089"), "-x ::1:8089: write [::1]:8089");
        assert_eq!(wrong("192.0.2.1:0"), "-x 192.0.2.1:0: this machine has no address 192.0.2.1");
    }

    #[test]
    fn a_busy_port_is_told_and_one_that_is_free_is_taken() {
        let taken = listen(":0", "-x :0").unwrap();
        let port = taken.listeners[0].local_addr().unwrap().port();
        assert_eq!(
            taken.told,
            format!(
                "listening on 127.0.0.1:{port} (this machine only; 0.0.0.0:{port} for the network)"
            )
        );
        let busy = listen(&port.to_string(), "-x X").unwrap_err();
        assert_eq!(busy, "-x X: port already in use on 127.0.0.1");
    }
}
