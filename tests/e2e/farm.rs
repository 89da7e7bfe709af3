//! A farm of exporters inside the test: HTTP/1.1 with keep-alive on ports of 127.0.0.1, every request
//! kept for counting, and faults on demand.
//!
//! What a remote does is a [`Manner`]; a test changes it while the program reads.

use crate::bodies::Body;
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
    runtime::{Builder, Handle},
    sync::{oneshot, watch},
    time::sleep,
};

/// How a remote treats requests.
#[derive(Clone)]
pub enum Manner {
    /// Answers with 200 and a body.
    Serve(Body),
    /// Answers with another status, and the body that servers usually send with it.
    Status(u16),
    /// Answers with 200 and this, as text/html.
    Html(&'static str),
    /// Answers with 302 to this place.
    Redirect(String),
    /// Asks for a user name and a password, then serves.
    Password { authorization: &'static str, body: Body },
    /// The port has no listener.
    Refuse,
    /// Takes connections and never answers.
    Hang,
    /// Sends the headers and then nothing.
    HeadersThenSilence,
    /// Sends the body a byte a second.
    Drip(Body),
    /// Closes the connection in the middle of the body.
    ResetInBody(Body),
    /// Waits, then serves.
    After(Duration, Body),
    /// Hands the request on to a real exporter, and keeps what came back.
    Forward(SocketAddr),
    /// Sends these bytes, headers and all.
    Raw(Bytes, Then),
    /// Sends a head, and then the same bytes again and again, as chunks where the head says so.
    Flood { head: &'static str, bytes: Arc<[u8]>, chunked: bool },
}

/// The n-th answer of a remote, byte for byte.
pub type Bytes = Arc<dyn Fn(usize) -> Vec<u8> + Send + Sync>;

/// What follows [`Manner::Raw`].
#[derive(Clone, Copy)]
pub enum Then {
    /// The next request.
    Keep,
    /// The end of the connection.
    Close,
    /// The end of it, with a reset.
    Reset,
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Seen {
    pub at: Instant,
    /// Path and query, as they were sent.
    pub target: String,
    /// All header lines.
    pub head: String,
    /// What a [`Manner::Forward`] got for it: status and body.
    pub answer: Option<(u16, String)>,
}

struct Shared {
    began: Instant,
    seen: Mutex<Vec<Seen>>,
    manner: watch::Sender<Manner>,
}

/// One exporter of the farm.
#[derive(Clone)]
pub struct Remote {
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// The farm; all its exporters are gone when it is dropped.
pub struct Farm {
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Farm {
    pub fn new() -> Farm {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let _ = runtime.block_on(stopped);
            runtime.shutdown_background();
        });
        Farm { handle, stop: Some(stop), thread: Some(thread) }
    }

    /// A new exporter on a port of its own.
    pub fn remote(&self, manner: Manner) -> Remote {
        self.remote_at("127.0.0.1:0".parse().unwrap(), manner)
    }

    /// A new exporter at that address; port 0 is a port of its own.
    pub fn remote_at(&self, address: SocketAddr, manner: Manner) -> Remote {
        let refuses = matches!(manner, Manner::Refuse);
        // On the farm's own thread, which may be in a network of its own.
        let (made, place) = std::sync::mpsc::channel();
        self.handle.spawn(async move {
            let place = socket(address);
            let address = place.local_addr().unwrap();
            let first = (!refuses).then(|| socket(address).listen(1024).unwrap());
            let _ = made.send((address, place, first));
        });
        let (address, place, first) = place.recv().unwrap();
        let (manner, watched) = watch::channel(manner);
        let shared =
            Arc::new(Shared { began: Instant::now(), seen: Mutex::new(Vec::new()), manner });
        self.handle.spawn(listen(address, (place, first), watched, shared.clone()));
        Remote { address, shared }
    }

    /// A new exporter that serves.
    pub fn serve(&self, body: Body) -> Remote {
        self.remote(Manner::Serve(body))
    }
}

impl Drop for Farm {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Remote {
    pub fn url(&self) -> String {
        format!("http://{}/metrics", self.address)
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All requests so far.
    pub fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// How many requests so far.
    pub fn requests(&self) -> usize {
        self.shared.seen.lock().unwrap().len()
    }

    /// From now on it does this; answers under way are broken off.
    pub fn now(&self, manner: Manner) {
        self.shared.manner.send_replace(manner);
    }
}

/// A socket at an address, which others may share.
fn socket(address: SocketAddr) -> TcpSocket {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
    let socket = socket.unwrap();
    socket.set_reuseport(true).unwrap();
    socket.bind(address).unwrap();
    socket
}

/// Listens while the manner is not to refuse. `_place` holds the address while the port is closed, so that
/// no other server takes it.
async fn listen(
    address: SocketAddr,
    (_place, mut first): (TcpSocket, Option<TcpListener>),
    mut manner: watch::Receiver<Manner>,
    shared: Arc<Shared>,
) {
    loop {
        if matches!(*manner.borrow_and_update(), Manner::Refuse) {
            if manner.changed().await.is_err() {
                return;
            }
            continue;
        }
        let taken = first.take().unwrap_or_else(|| socket(address).listen(1024).unwrap());
        loop {
            tokio::select! {
                accepted = taken.accept() => if let Ok((stream, _)) = accepted {
                    tokio::spawn(converse(stream, manner.clone(), shared.clone()));
                },
                changed = manner.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    if matches!(*manner.borrow_and_update(), Manner::Refuse) {
                        break;
                    }
                }
            }
        }
    }
}

/// One connection: request after request, until either side closes it or the manner changes.
async fn converse(mut stream: TcpStream, mut manner: watch::Receiver<Manner>, shared: Arc<Shared>) {
    let _ = stream.set_nodelay(true);
    let mut buffer = Vec::new();
    loop {
        let head = tokio::select! {
            biased;
            // A connection that waits for its next request survives, unless the port is to be closed.
            changed = manner.changed() => {
                if changed.is_err() || matches!(*manner.borrow(), Manner::Refuse) {
                    return;
                }
                continue;
            }
            head = request(&mut stream, &mut buffer) => match head {
                Some(head) => head,
                None => return,
            },
        };
        let current = manner.borrow_and_update().clone();
        tokio::select! {
            biased;
            kept = respond(&mut stream, &head, &current, &shared) => if !kept {
                return;
            },
            _ = manner.changed() => return,
        }
    }
}

/// Answers one request; whether the connection can go on.
async fn respond(stream: &mut TcpStream, head: &str, manner: &Manner, shared: &Shared) -> bool {
    let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let n = {
        let mut seen = shared.seen.lock().unwrap();
        seen.push(Seen { at: Instant::now(), target, head: head.to_owned(), answer: None });
        seen.len()
    };
    let text = |body: &Body| body(n, shared.began.elapsed());
    const OK: &str = "200 OK";
    const PROMETHEUS: &str = "text/plain; version=0.0.4; charset=utf-8";
    let whole = match manner {
        Manner::Serve(body) => answer(OK, PROMETHEUS, "", &text(body)),
        Manner::After(span, body) => {
            sleep(*span).await;
            answer(OK, PROMETHEUS, "", &text(body))
        }
        Manner::Status(code) => {
            answer(&format!("{code} No"), "text/html", "", "<html><body>no</body></html>")
        }
        Manner::Html(page) => answer(OK, "text/html; charset=utf-8", "", page),
        Manner::Redirect(to) => {
            answer("302 Found", "text/plain", &format!("Location: {to}\r\n"), "")
        }
        Manner::Password { authorization, body } => {
            let wanted = format!("authorization: basic {authorization}").to_lowercase();
            if head.lines().any(|line| line.to_lowercase() == wanted) {
                answer(OK, PROMETHEUS, "", &text(body))
            } else {
                let ask = "WWW-Authenticate: Basic realm=\"farm\"\r\n";
                answer("401 Unauthorized", "text/plain", ask, "")
            }
        }
        Manner::Refuse => return false,
        Manner::Hang => std::future::pending().await,
        Manner::HeadersThenSilence => {
            let head = answer(OK, PROMETHEUS, "", &"x".repeat(1000));
            let end = head.find("\r\n\r\n").unwrap() + 4;
            let _ = stream.write_all(&head.as_bytes()[..end]).await;
            std::future::pending().await
        }
        Manner::Drip(body) => {
            for byte in answer(OK, PROMETHEUS, "", &text(body)).into_bytes() {
                if stream.write_all(&[byte]).await.is_err() {
                    return false;
                }
                sleep(Duration::from_secs(1)).await;
            }
            return true;
        }
        Manner::ResetInBody(body) => {
            let whole = answer(OK, PROMETHEUS, "", &text(body));
            let _ = stream.write_all(&whole.as_bytes()[..whole.len() - 20]).await;
            return false;
        }
        Manner::Forward(to) => match forward(*to, head).await {
            Some((status, body)) => {
                let whole = answer(&format!("{status} Forwarded"), PROMETHEUS, "", &body);
                shared.seen.lock().unwrap()[n - 1].answer = Some((status, body));
                whole
            }
            None => answer("502 Bad Gateway", "text/plain", "", ""),
        },
        Manner::Raw(bytes, then) => {
            let sent = stream.write_all(&bytes(n)).await.is_ok();
            match then {
                Then::Keep => return sent,
                Then::Close => return false,
                Then::Reset => {
                    let _ = stream.set_zero_linger();
                    return false;
                }
            }
        }
        Manner::Flood { head, bytes, chunked } => {
            let size = if *chunked { format!("{:x}\r\n", bytes.len()) } else { String::new() };
            let end: &[u8] = if *chunked { b"\r\n" } else { b"" };
            let mut sent = stream.write_all(head.as_bytes()).await;
            while sent.is_ok() {
                sent = stream.write_all(&[size.as_bytes(), bytes, end].concat()).await;
            }
            return false;
        }
    };
    stream.write_all(whole.as_bytes()).await.is_ok()
}

/// The next request's head; `None` when the other side has closed.
async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<String> {
    loop {
        if let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
            buffer.drain(..end + 4);
            return Some(head);
        }
        if stream.read_buf(buffer).await.ok()? == 0 {
            return None;
        }
    }
}

fn answer(status: &str, kind: &str, more: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{more}\r\n{body}"
    )
}

/// Asks a real exporter the same, without compression, and gives status and body.
async fn forward(to: SocketAddr, head: &str) -> Option<(u16, String)> {
    let target = head.split(' ').nth(1)?;
    let mut stream = TcpStream::connect(to).await.ok()?;
    let ask = format!("GET {target} HTTP/1.0\r\nHost: {to}\r\nAccept: text/plain\r\n\r\n");
    stream.write_all(ask.as_bytes()).await.ok()?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.ok()?;
    let text = String::from_utf8(bytes).ok()?;
    let (head, body) = text.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().ok()?, body.to_owned()))
}

#[cfg(test)]
mod tests;
