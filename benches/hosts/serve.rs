//! HTTP/1.1 with keep-alive, as little of it as scrapers need.

use super::{
    bodies::Kind,
    record::{Host, Record},
};
use std::{
    cell::RefCell,
    io,
    net::{IpAddr, SocketAddr},
    ops::RangeInclusive,
    rc::Rc,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    task::LocalSet,
};

/// A question is at most this long.
const QUESTION: usize = 4096;

struct Farm {
    began: Instant,
    kinds: RefCell<[Kind; 4]>,
    record: Record,
}

enum Answer {
    Bytes(Arc<[u8]>),
    Half(Arc<[u8]>),
    Never,
}

/// Serves until the process is ended.
///
/// # Errors
/// A port is taken, or there are no descriptors left.
pub async fn serve(ports: RangeInclusive<u16>, period: Duration) -> io::Result<()> {
    let kinds = [Kind::node(), Kind::node64(), Kind::gotop(), Kind::small()];
    let (began, record) = (Instant::now(), Record::new(period));
    let farm = Rc::new(Farm { began, kinds: RefCell::new(kinds), record });
    let local = LocalSet::new();
    for port in ports {
        let socket = TcpSocket::new_v4()?;
        socket.set_reuseaddr(true)?;
        socket.bind_device(Some(b"lo"))?;
        socket.bind(SocketAddr::from(([0, 0, 0, 0], port)))?;
        let listener = socket.listen(8192)?;
        let farm = farm.clone();
        local.spawn_local(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    continue;
                };
                let farm = farm.clone();
                tokio::task::spawn_local(async move {
                    let _ = connection(&farm, stream).await; // the client is gone
                });
            }
        });
    }
    local.await;
    Ok(())
}

async fn connection(farm: &Farm, mut stream: TcpStream) -> io::Result<()> {
    let address = stream.local_addr()?;
    stream.set_nodelay(true)?;
    let mut host = None;
    let mut question = Vec::new();
    loop {
        question.clear();
        question.reserve(512);
        while !question.ends_with(b"\r\n\r\n") {
            if stream.read_buf(&mut question).await? == 0 || question.len() > QUESTION {
                return Ok(());
            }
        }
        match farm.answer(&question, address, &mut host) {
            Answer::Bytes(bytes) => stream.write_all(&bytes).await?,
            Answer::Half(bytes) => return stream.write_all(&bytes[..bytes.len() / 2]).await,
            Answer::Never => std::future::pending().await,
        }
        // What an idle connection keeps is the client's affair here, not the farm's.
        question.shrink_to(512);
    }
}

impl Farm {
    fn answer(&self, question: &[u8], at: SocketAddr, host: &mut Option<Rc<Host>>) -> Answer {
        let path = question.split(|b| *b == b' ').nth(1).unwrap_or_default();
        let word = path.split(|b| matches!(b, b'/' | b'?')).nth(1).unwrap_or_default();
        let kind = match word {
            b"node" | b"cut" => 0,
            b"node64" => 1,
            b"gotop" => 2,
            // all-smi asks for /metrics, whatever it is told.
            b"small" | b"metrics" => 3,
            b"hang" => return Answer::Never,
            b"report" => return text("200 OK", &self.record.report()),
            b"reset" => {
                self.record.reset();
                return text("200 OK", "");
            }
            b"error" => return text("503 Service Unavailable", "on demand\n"),
            _ => return text("404 Not Found", "see the farm's own text for what there is\n"),
        };
        let host = host.get_or_insert_with(|| self.record.host(at));
        self.record.asked(host);
        let last = match at.ip() {
            IpAddr::V4(ip) => ip.octets()[3],
            IpAddr::V6(ip) => ip.octets()[15],
        };
        let variant = usize::from(last) + usize::from(at.port());
        let second = self.began.elapsed().as_secs();
        let answer = self.kinds.borrow_mut()[kind].answer(variant, second);
        if word == b"cut" { Answer::Half(answer) } else { Answer::Bytes(answer) }
    }
}

fn text(status: &str, body: &str) -> Answer {
    let length = body.len();
    let head = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {length}\r\n\r\n"
    );
    Answer::Bytes([head.as_bytes(), body.as_bytes()].concat().into())
}
