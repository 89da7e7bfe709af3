//! When which host was asked, and what that says of the client's punctuality.

use std::{
    cell::RefCell,
    collections::HashMap,
    fmt::Write,
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

/// What was measured of one host.
#[derive(Default)]
pub struct Host {
    /// Microseconds since the last reset at which it was asked.
    asked: RefCell<Vec<u64>>,
}

/// What was measured of all.
pub struct Record {
    began: RefCell<Instant>,
    hosts: RefCell<HashMap<SocketAddr, Rc<Host>>>,
    period: Duration,
}

impl Record {
    /// A record of clients that should ask once a `period`.
    pub fn new(period: Duration) -> Record {
        Record { began: RefCell::new(Instant::now()), hosts: RefCell::default(), period }
    }

    /// The host at that address.
    pub fn host(&self, address: SocketAddr) -> Rc<Host> {
        self.hosts.borrow_mut().entry(address).or_default().clone()
    }

    /// Writes down that a host was asked now.
    pub fn asked(&self, host: &Host) {
        host.asked.borrow_mut().push(self.began.borrow().elapsed().as_micros() as u64);
    }

    /// Forgets what was measured.
    pub fn reset(&self) {
        *self.began.borrow_mut() = Instant::now();
        self.hosts.borrow_mut().retain(|_, host| {
            host.asked.borrow_mut().clear();
            Rc::strong_count(host) > 1
        });
    }

    /// What was measured since the last reset, a name and a number a line. The lateness of a request
    /// is the time since the host's last one beyond the period; times are in milliseconds.
    pub fn report(&self) -> String {
        let period = self.period.as_micros() as u64;
        let span = self.began.borrow().elapsed();
        let (mut requests, mut asked, mut fewest) = (0, 0, usize::MAX);
        let mut late: Vec<u64> = Vec::new();
        for host in self.hosts.borrow().values() {
            let times = host.asked.borrow();
            if times.is_empty() {
                continue;
            }
            asked += 1;
            requests += times.len();
            fewest = fewest.min(times.len());
            late.extend(times.windows(2).map(|pair| (pair[1] - pair[0]).saturating_sub(period)));
            // One that is not asked again is late, too.
            let silent = span.as_micros() as u64 - times.last().unwrap();
            late.extend((silent > 2 * period).then(|| silent - period));
        }
        late.sort_unstable();
        let at = |share: f64| {
            let nth = (late.len() as f64 * share) as usize;
            late.get(nth.min(late.len().saturating_sub(1))).map_or(0.0, |us| *us as f64 / 1e3)
        };
        let mut text = String::new();
        let _ = writeln!(text, "seconds {:.1}", span.as_secs_f64());
        let _ = writeln!(text, "hosts {asked}");
        let _ = writeln!(text, "requests {requests}");
        let _ = writeln!(text, "fewest_of_a_host {}", if asked == 0 { 0 } else { fewest });
        let rate = requests as f64 / f64::from(asked.max(1)) / span.as_secs_f64();
        let _ = writeln!(text, "requests_a_host_a_second {rate:.3}");
        for (name, share) in [("p50", 0.5), ("p99", 0.99), ("max", 1.0)] {
            let _ = writeln!(text, "lateness_{name} {:.1}", at(share));
        }
        text
    }
}
