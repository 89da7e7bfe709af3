//! Many hostile clients at once: their cost is bounded, and a good client is served all the while.

use super::Exporter;
use crate::{
    bodies::{self, Gotop},
    farm::Farm,
    home::{binary, peak_memory, wait_for},
    terminal::PATIENCE,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{
    collections::VecDeque,
    fs,
    io::{Read as _, Write as _},
    net::SocketAddr,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpSocket, TcpStream},
    runtime::Builder,
    sync::oneshot,
    task::JoinSet,
    time::sleep,
};

/// Connections that it has at a time, and what it needs besides.
const DESCRIPTORS: usize = 256 + 64;

/// What it holds of the machine: bytes of memory at most so far, and descriptors now.
fn holds(exporter: &Exporter) -> (usize, usize) {
    let pid = exporter.pid();
    (peak_memory(pid), fs::read_dir(format!("/proc/{pid}/fd")).unwrap().count())
}

/// Scrapes until the siege is over, 20 times at least, and sees what the exporter holds meanwhile.
fn expect_served(exporter: &Exporter, siege: &Siege, least: usize) {
    let (before, _) = holds(exporter);
    let (mut served, began) = (0, Instant::now());
    while served < 20 || (siege.done() < least && began.elapsed() < PATIENCE * 3) {
        let body = good_client(exporter.address())
            .unwrap_or_else(|e| panic!("not served after {served} times: {e}"));
        assert!(body.starts_with("HTTP/1.1 200 ") && body.contains("node_load1 "), "{body}");
        served += 1;
        let (_, descriptors) = holds(exporter);
        assert!(descriptors < DESCRIPTORS, "{descriptors} descriptors");
        thread::sleep(Duration::from_millis(2)); // the attackers need the processors too
    }
    assert!(siege.done() >= least, "the siege was none: {} of {least}", siege.done());
    let more = holds(exporter).0.saturating_sub(before);
    assert!(more < 48 << 20, "{more} bytes more");
}

/// One scrape, with the patience that Prometheus has.
fn good_client(at: SocketAddr) -> Result<String, String> {
    const PATIENCE: Duration = Duration::from_secs(10);
    let began = Instant::now();
    let mut body = String::new();
    let mut answer = || -> std::io::Result<()> {
        let mut stream = std::net::TcpStream::connect_timeout(&at, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
        stream.read_to_string(&mut body).map(drop)
    };
    answer().map_err(|e| format!("{e} after {:?}", began.elapsed()))?;
    if body.is_empty() { Err(format!("hung up after {:?}", began.elapsed())) } else { Ok(body) }
}

/// What one attacker does with a connection, until it ends.
#[derive(Clone, Copy)]
enum Manner {
    /// Sends nothing.
    Silent,
    /// Sends a head a byte at a time, and never its end.
    Drips,
    /// Asks again and again, and takes no answer.
    NeverReads,
    /// Asks as fast as it is answered.
    Asks,
}

/// Attackers on a thread of their own, gone with the test.
struct Siege {
    count: Arc<AtomicUsize>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Siege {
    /// So many connections in all, at most `held` at a time, from so many addresses of this machine. A client
    /// that lost its connection connects again.
    fn lay(at: SocketAddr, manner: Manner, all: usize, held: usize, addresses: u8) -> Siege {
        let count = Arc::new(AtomicUsize::new(0));
        let (stop, stopped) = oneshot::channel();
        let counted = count.clone();
        let thread = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                tokio::select! {
                    () = attack(at, manner, (all, held), addresses, counted) => {}
                    _ = stopped => {}
                }
            });
        });
        Siege { count, stop: Some(stop), thread: Some(thread) }
    }

    /// Connections that were made, or answers that were taken.
    fn done(&self) -> usize {
        self.count.load(Relaxed)
    }
}

impl Drop for Siege {
    fn drop(&mut self) {
        drop(self.stop.take());
        let _ = self.thread.take().unwrap().join();
    }
}

async fn attack(
    at: SocketAddr,
    manner: Manner,
    (all, held): (usize, usize),
    addresses: u8,
    count: Arc<AtomicUsize>,
) {
    let mut tasks = JoinSet::new();
    let mut order = VecDeque::new();
    for nth in 0..all {
        // the first address is also that of the good client
        let from = SocketAddr::from(([127, 0, 0, 1 + (nth % usize::from(addresses)) as u8], 0));
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(from).unwrap();
        if matches!(manner, Manner::NeverReads) {
            socket.set_recv_buffer_size(4096).unwrap(); // it has no use for more
        }
        let Ok(stream) = socket.connect(at).await else { continue };
        if !matches!(manner, Manner::Asks) {
            count.fetch_add(1, Relaxed);
        }
        let task = tasks.spawn(act(stream, manner, count.clone()));
        order.push_back(task);
        if order.len() > held {
            order.pop_front().unwrap().abort();
        }
        if nth % 64 == 0 {
            tokio::task::yield_now().await;
        }
    }
    while tasks.join_next().await.is_some() {}
    std::future::pending().await
}

async fn act(mut stream: TcpStream, manner: Manner, count: Arc<AtomicUsize>) {
    const ASKS: &[u8] = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n";
    match manner {
        Manner::Silent => drop(stream.read(&mut [0; 64]).await),
        Manner::Drips => {
            let mut head = b"GET /metrics HTTP/1.1\r\nX: ".iter().chain(std::iter::repeat(&b'x'));
            while stream.write_all(&[*head.next().unwrap()]).await.is_ok() {
                sleep(Duration::from_millis(200)).await;
            }
        }
        Manner::NeverReads => while stream.write_all(ASKS).await.is_ok() {},
        Manner::Asks => {
            let mut answer = vec![0; 256 * 1024];
            loop {
                if stream.write_all(ASKS).await.is_err() {
                    return;
                }
                let (mut got, mut end) = (0, None);
                while end.is_none_or(|end| got < end) {
                    match stream.read(&mut answer[got..]).await {
                        Ok(n) if n > 0 => got += n,
                        _ => return,
                    }
                    end = end.or_else(|| length(&answer[..got]));
                }
                count.fetch_add(1, Relaxed);
            }
        }
    }
}

/// How long an answer is, once its head is there.
fn length(answer: &[u8]) -> Option<usize> {
    let text = String::from_utf8_lossy(answer);
    let (head, _) = text.split_once("\r\n\r\n")?;
    let length = head.to_lowercase();
    let length = length.lines().find_map(|l| l.strip_prefix("content-length: ")?.parse().ok());
    Some(head.len() + 4 + length.unwrap_or(0))
}

/// As many descriptors as this test may have.
fn descriptors() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
    getrlimit(Resource::Nofile).current.map_or(1 << 20, |n| n as usize)
}

fn ready() -> Exporter {
    let exporter = Exporter::start::<&str>(&[]);
    exporter.scrape();
    exporter
}

#[test]
#[ignore = "needs a machine that does nothing else"]
fn ten_thousand_connections_keep_nobody_out() {
    let held = descriptors().saturating_sub(1000).min(10_000);
    let exporter = ready();
    let siege = Siege::lay(exporter.address(), Manner::Silent, 10_000, held, 100);
    expect_served(&exporter, &siege, 9_000);
    drop(siege);
    let few = || (holds(&exporter).1 < 64).then_some(());
    wait_for("their descriptors to be given back", PATIENCE, few);
}

#[test]
fn heads_that_drip_keep_nobody_out_from_one_address_or_many() {
    descriptors();
    for addresses in [1, 50] {
        let exporter = ready();
        let siege = Siege::lay(exporter.address(), Manner::Drips, 1000, 1000, addresses);
        expect_served(&exporter, &siege, 1000);
    }
}

#[test]
fn who_never_reads_an_answer_keeps_nobody_out_and_is_hung_up_on() {
    descriptors();
    let exporter = ready();
    let siege = Siege::lay(exporter.address(), Manner::NeverReads, 600, 600, 20);
    expect_served(&exporter, &siege, 600);
    // they hold on; it does not
    let few = || (holds(&exporter).1 < 64).then_some(());
    wait_for("them to be hung up on", PATIENCE * 2, few);
}

#[test]
fn who_asks_without_end_is_answered_slowly_and_nobody_is_asked_for_it_more_often() {
    let farm = Farm::new();
    let bob = farm.serve(bodies::gotop(Gotop::default()));
    let exporter =
        Exporter::start(&["--export-remotes", "--remote", &format!("Bob={}", bob.url())]);
    exporter.scrape();
    let (asked, began) = (bob.requests(), Instant::now());
    let siege = Siege::lay(exporter.address(), Manner::Asks, 16, 16, 1);
    expect_served(&exporter, &siege, 1000);
    let seconds = began.elapsed().as_secs_f64() + 1.0;
    // a sample is shared for a quarter of a second
    let samples = (bob.requests() - asked) as f64;
    assert!(samples <= seconds * 4.0 + 1.0, "{samples} samples in {seconds} s");
    // 20 at once, then 50 a second
    let (answers, most) = (siege.done() as f64, 16.0 * (20.0 + 50.0 * seconds));
    assert!(answers <= most, "{answers} answers in {seconds} s");
}

#[test]
fn with_few_descriptors_a_good_client_is_served_too() {
    let mut few = Command::new("sh");
    few.args(["-c", "ulimit -n 60 && exec \"$@\"", "sh"]).arg(binary());
    let exporter = Exporter::start_by::<&str>(few, "127.0.0.1:0", &[]);
    exporter.scrape();
    let siege = Siege::lay(exporter.address(), Manner::Silent, 300, 300, 50);
    expect_served(&exporter, &siege, 300);
}
