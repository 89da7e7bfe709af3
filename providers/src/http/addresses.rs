//! The addresses of a host, and which of them is connected to: they race, by RFC 8305.

use crate::http::http1::HttpError;
use std::{
    future::poll_fn,
    io,
    net::{IpAddr, SocketAddr, ToSocketAddrs},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
    time::Duration,
};
use tokio::{
    net::TcpStream,
    task::{JoinHandle, spawn_blocking},
    time::sleep,
};

/// The time that an address has for itself before the next one is tried beside it (RFC 8305, section 8).
const HEAD_START: Duration = Duration::from_millis(250);

/// Where the connections of one remote lead: to the remote, or to the proxy before it.
#[derive(Debug)]
pub struct Route {
    /// A name or an address without brackets; with `%ZONE` at the end of an address that has one.
    host: String,
    port: u16,
    /// The address that won the last race of several.
    winner: Mutex<Option<IpAddr>>,
}

impl Route {
    /// A route on which no connection has been made yet. `host` may be in brackets.
    pub fn new(host: &str, zone: Option<&str>, port: u16) -> Arc<Route> {
        let mut host = bare(host).to_owned();
        if let Some(zone) = zone {
            host = format!("{host}%{zone}");
        }
        Arc::new(Route { host, port, winner: Mutex::new(None) })
    }

    /// Whether it leads to that host, which may be in brackets.
    pub fn leads_to(&self, host: &str) -> bool {
        self.host.eq_ignore_ascii_case(bare(host))
    }

    /// All addresses, in the order in which they are tried. Looks the name up.
    ///
    /// # Errors
    /// The look-up fails, or finds nothing.
    async fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        if let Ok(ip) = self.host.parse::<IpAddr>() {
            return Ok(vec![SocketAddr::new(ip, self.port)]);
        }
        let found = look_up(self.host.clone(), self.port).await?;
        if found.is_empty() {
            return Err(io::Error::new(io::ErrorKind::NotFound, "no address"));
        }
        let winner = *self.winner.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(order(found, winner))
    }

    /// A connection to the address that answers first.
    ///
    /// # Errors
    /// The name has no address, or no address takes a connection.
    pub async fn connect(&self) -> Result<TcpStream, HttpError> {
        let addresses = self.addresses().await.map_err(|e| HttpError::Name(e.to_string()))?;
        match addresses[..] {
            [only] => TcpStream::connect(only).await.map_err(HttpError::Connect),
            _ => Ok(self.race(&addresses).await.map_err(HttpError::Connect)?.1),
        }
    }

    /// The address that answers first; of several, a connection to it is made and closed. All
    /// addresses, where none of several answers.
    ///
    /// # Errors
    /// The name has no address.
    pub async fn settle(&self) -> io::Result<Vec<SocketAddr>> {
        let addresses = self.addresses().await?;
        // Without a port there is nothing to connect to.
        if addresses.len() > 1
            && self.port != 0
            && let Ok((winner, _)) = self.race(&addresses).await
        {
            return Ok(vec![winner]);
        }
        Ok(addresses)
    }

    async fn race(&self, addresses: &[SocketAddr]) -> io::Result<(SocketAddr, TcpStream)> {
        let connect = |address| async move { Ok((address, TcpStream::connect(address).await?)) };
        let won = race(addresses, connect).await?;
        *self.winner.lock().unwrap_or_else(PoisonError::into_inner) = Some(won.0.ip());
        Ok(won)
    }
}

fn bare(host: &str) -> &str {
    host.trim_start_matches('[').trim_end_matches(']')
}

/// A look-up that waits for a thread. Dropping it cancels one that has not begun: those of a silent name
/// server would heap up behind the few threads that look names up.
struct LookUp(JoinHandle<io::Result<Vec<SocketAddr>>>);

impl Drop for LookUp {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn look_up(host: String, port: u16) -> io::Result<Vec<SocketAddr>> {
    let look = move || (host.as_str(), port).to_socket_addrs().map(Iterator::collect);
    let mut task = LookUp(spawn_blocking(look));
    (&mut task.0).await.map_err(io::Error::other)?
}

/// The order in which addresses are tried: the last winner, then both families in turn, beginning with
/// the family that the look-up prefers (RFC 8305, section 4).
fn order(found: Vec<SocketAddr>, winner: Option<IpAddr>) -> Vec<SocketAddr> {
    let prefers_v6 = found.first().is_some_and(SocketAddr::is_ipv6);
    let (first, second): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|address| address.is_ipv6() == prefers_v6);
    let (mut first, mut second) = (first.into_iter(), second.into_iter());
    let mut ordered = Vec::with_capacity(first.len() + second.len());
    loop {
        let next = [first.next(), second.next()];
        if next == [None, None] {
            break;
        }
        ordered.extend(next.into_iter().flatten());
    }
    if let Some(at) = ordered.iter().position(|address| Some(address.ip()) == winner) {
        ordered[..=at].rotate_right(1);
    }
    ordered
}

/// The first connection that succeeds. An address is tried when the one before it has failed, or has
/// had its [`HEAD_START`]; those that were tried before go on beside it.
///
/// # Errors
/// All failed. Of their errors the last one that says more than "no route".
async fn race<T, F: Future<Output = io::Result<T>>>(
    addresses: &[SocketAddr],
    connect: impl Fn(SocketAddr) -> F,
) -> io::Result<T> {
    let mut waiting = addresses.iter();
    let mut tries: Vec<Pin<Box<F>>> = Vec::new();
    let mut failure: Option<io::Error> = None;
    loop {
        match waiting.next() {
            Some(address) => tries.push(Box::pin(connect(*address))),
            None if tries.is_empty() => {
                return Err(failure.unwrap_or_else(|| io::ErrorKind::NotFound.into()));
            }
            None => {}
        }
        let outcome = tokio::select! {
            outcome = first_of(&mut tries) => outcome,
            () = sleep(HEAD_START), if waiting.len() > 0 => continue,
        };
        match outcome {
            Ok(won) => return Ok(won),
            Err(error) => {
                failure = failure.filter(|_| is_no_route(&error)).or(Some(error));
            }
        }
    }
}

/// What the first of these that ends brings; it leaves the list.
async fn first_of<T, F: Future<Output = T>>(tries: &mut Vec<Pin<Box<F>>>) -> T {
    poll_fn(|context| {
        for at in 0..tries.len() {
            if let Poll::Ready(outcome) = tries[at].as_mut().poll(context) {
                drop(tries.remove(at));
                return Poll::Ready(outcome);
            }
        }
        Poll::Pending
    })
    .await
}

/// What a machine without IPv6 says of each IPv6 address, for example.
fn is_no_route(error: &io::Error) -> bool {
    use io::ErrorKind::{AddrNotAvailable, HostUnreachable, NetworkUnreachable};
    matches!(error.kind(), AddrNotAvailable | HostUnreachable | NetworkUnreachable)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;

    fn addresses(texts: &[&str]) -> Vec<SocketAddr> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn families_take_turns_and_the_last_winner_is_first() {
        let found =
            addresses(&["[2001:db8::1]:9", "[2001:db8::2]:9", "192.0.2.1:9", "192.0.2.2:9"]);
        let shown = |winner: Option<&str>| -> Vec<String> {
            let winner = winner.map(|ip| ip.parse().unwrap());
            order(found.clone(), winner).iter().map(|a| a.ip().to_string()).collect()
        };
        assert_eq!(shown(None), ["2001:db8::1", "192.0.2.1", "2001:db8::2", "192.0.2.2"]);
        let winner = Some("192.0.2.2");
        assert_eq!(shown(winner), ["192.0.2.2", "2001:db8::1", "192.0.2.1", "2001:db8::2"]);
        assert_eq!(shown(Some("192.0.2.9")), shown(None), "a winner that the name has lost");
    }

    /// What becomes of each address, by its last digit: 1 is silent, 2 refuses, 3 has no route, others answer.
    async fn play(texts: &[&str]) -> (io::Result<SocketAddr>, Vec<SocketAddr>) {
        let tried = RefCell::new(Vec::new());
        let connect = |address: SocketAddr| {
            tried.borrow_mut().push(address);
            async move {
                match address.port() {
                    1 => std::future::pending().await,
                    2 => Err(io::ErrorKind::ConnectionRefused.into()),
                    3 => Err(io::ErrorKind::NetworkUnreachable.into()),
                    _ => Ok(address),
                }
            }
        };
        let outcome = race(&addresses(texts), connect).await;
        (outcome, tried.into_inner())
    }

    fn block_on<T>(work: impl Future<Output = T>) -> T {
        tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
    }

    #[test]
    fn silent_addresses_do_not_keep_the_one_that_answers() {
        block_on(async {
            let (won, tried) = play(&["192.0.2.1:1", "192.0.2.2:1", "192.0.2.3:9"]).await;
            assert_eq!((won.unwrap().port(), tried.len()), (9, 3));
            let (won, tried) = play(&["192.0.2.1:9", "192.0.2.2:1"]).await;
            assert_eq!((won.unwrap().port(), tried.len()), (9, 1), "the first is enough");
            let (won, tried) = play(&["192.0.2.1:2", "192.0.2.2:3", "192.0.2.3:9"]).await;
            assert_eq!((won.unwrap().port(), tried.len()), (9, 3));
        });
    }

    #[test]
    fn the_winner_is_remembered_and_the_proxy_or_host_is_known_by_its_name() {
        let closed: SocketAddr = "127.0.0.2:1".parse().unwrap();
        let listener = std::net::TcpListener::bind(("127.0.0.3", 0)).unwrap();
        let there = listener.local_addr().unwrap();
        let route = Route::new("Twin.test", None, there.port());
        let (won, _) = block_on(route.race(&[closed, there])).unwrap();
        assert_eq!((won, *route.winner.lock().unwrap()), (there, Some(there.ip())));
        assert!(route.leads_to("twin.test") && !route.leads_to("other.test"));
        assert!(Route::new("[::1]", None, 1).leads_to("::1"));
    }

    #[test]
    fn of_all_failures_the_one_that_says_most_is_kept() {
        block_on(async {
            for order in [["192.0.2.1:2", "192.0.2.2:3"], ["192.0.2.1:3", "192.0.2.2:2"]] {
                let (won, _) = play(&order).await;
                assert_eq!(won.unwrap_err().kind(), io::ErrorKind::ConnectionRefused);
            }
            assert_eq!(play(&[]).await.0.unwrap_err().kind(), io::ErrorKind::NotFound);
        });
    }
}
