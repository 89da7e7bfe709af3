//! Two networks that no other program is in, and a wire between them that loses and delays what a test
//! says: packets pass through this process, which hands on what it pleases.

use crate::home::{Home, wait_for};
use crate::needs;
use crate::terminal::PATIENCE;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use std::{
    collections::HashMap,
    fs::File,
    os::fd::AsFd,
    path::PathBuf,
    process::{Child, Command},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};
use tokio::{net::UnixDatagram, runtime::Builder, sync::oneshot, time::sleep};

/// What the wire does with packets from and to an address on the far side.
#[derive(Clone, Copy)]
pub enum Wire {
    Passes,
    Drops,
    /// Loses so many of a hundred packets, each way.
    Loses(u8),
    /// Hands on each packet after half of this, so that an answer comes after all of it.
    Delays(Duration),
}

/// A network namespace, held by a process of its own.
pub struct Network {
    holder: Child,
}

impl Network {
    /// With loopback, and a mount table of its own.
    pub fn new() -> Network {
        for program in ["ip", "nsenter", "setpriv", "unshare"] {
            needs::program(program);
        }
        // It goes with the thread that started it, however the test ends.
        let words = ["--pdeathsig", "KILL", "unshare", "-n", "-m", "--propagation", "private"];
        let holder =
            Command::new("setpriv").args(words).args(["sleep", "infinity"]).spawn().unwrap();
        let network = Network { holder };
        let own = std::fs::read_link("/proc/self/ns/mnt").unwrap();
        let theirs = format!("/proc/{}/ns/mnt", network.pid());
        wait_for("a network of our own (needs CAP_SYS_ADMIN)", PATIENCE, || {
            let link = std::fs::read_link(&theirs).ok()?;
            let comm = std::fs::read_to_string(format!("/proc/{}/comm", network.pid())).ok()?;
            (link != own && comm.trim() == "sleep").then_some(())
        });
        network.run(&["ip", "link", "set", "lo", "up"]);
        network
    }

    /// A process that is in it.
    pub fn pid(&self) -> u32 {
        self.holder.id()
    }

    /// What a command line has to begin with to be run there.
    pub fn prefix(&self) -> Vec<String> {
        let pid = self.pid().to_string();
        ["nsenter", "-t", &pid, "-n", "-m"].map(String::from).to_vec()
    }

    /// Connects it with `other`: both have a device `wire0`, with these addresses.
    pub fn join(&self, own: &[&str], other: &Network, theirs: &[&str]) {
        let there = other.holder.id().to_string();
        let veth = ["ip", "link", "add", "wire0", "type", "veth", "peer", "name", "wire0"];
        self.run(&[&veth[..], &["netns", &there]].concat());
        for (network, addresses) in [(self, own), (other, theirs)] {
            network.run(&["ip", "link", "set", "wire0", "up"]);
            for address in addresses {
                let add = ["ip", "address", "add", address, "dev", "wire0"];
                // IPv6 waits for nothing: the other end is known.
                let nodad: &[&str] = if address.contains(':') { &["nodad"] } else { &[] };
                network.run(&[&add[..], nodad].concat());
            }
        }
    }

    /// Runs a command there.
    #[track_caller]
    pub fn run(&self, words: &[&str]) {
        let prefix = self.prefix();
        let out = Command::new(&prefix[0]).args(&prefix[1..]).args(words).output().unwrap();
        assert!(out.status.success(), "{words:?}: {}", String::from_utf8_lossy(&out.stderr));
    }

    /// Runs a function with its sockets in that network; threads that it starts are there too.
    pub fn inside<T: Send>(&self, what: impl FnOnce() -> T + Send) -> T {
        let file = File::open(format!("/proc/{}/ns/net", self.pid())).unwrap();
        thread::scope(|scope| {
            let inside = scope.spawn(move || {
                let kind = Some(LinkNameSpaceType::Network);
                move_into_link_name_space(file.as_fd(), kind).unwrap();
                what()
            });
            inside.join().unwrap()
        })
    }

    /// Puts a file of the test in the place of one of the system's.
    #[track_caller]
    pub fn replace(&self, file: &str, by: &std::path::Path) {
        self.run(&["mount", "--bind", by.to_str().unwrap(), file]);
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

type Manners = Arc<Mutex<HashMap<[u8; 4], Wire>>>;

/// The wire between two networks.
pub struct Cable {
    ends: Vec<Child>,
    manners: Manners,
    stop: Option<oneshot::Sender<()>>,
}

impl Cable {
    /// From `near` at 10.77.0.1 to `far`, which has these addresses.
    pub fn new(home: &Home, near: &Network, far: &Network, addresses: &[&str]) -> Cable {
        needs::program("socat");
        let at = |name: &str| home.path().join(name);
        let manners = Manners::default();
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (stop, stopped) = oneshot::channel();
        let inside = runtime.enter();
        let near_end = Arc::new(UnixDatagram::bind(at("near-relay")).unwrap());
        let far_end = Arc::new(UnixDatagram::bind(at("far-relay")).unwrap());
        drop(inside);
        let mut ends = Vec::new();
        for (network, name, address) in [(near, "near", "10.77.0.1/24"), (far, "far", addresses[0])]
        {
            let prefix = network.prefix();
            // A datagram is a packet.
            let tun = format!("TUN:{address},tun-name=wire,iff-no-pi,iff-up");
            let peer = at(&format!("{name}-relay"));
            let unix = format!("UNIX-SENDTO:{},bind={}", peer.display(), at(name).display());
            let mut socat = Command::new("setpriv");
            socat.args(["--pdeathsig", "KILL"]).args(&prefix).args(["socat", &tun, &unix]);
            ends.push(socat.spawn().unwrap());
            wait_for("the wire's end", PATIENCE, || at(name).exists().then_some(()));
        }
        for address in &addresses[1..] {
            far.run(&["ip", "address", "add", address, "dev", "wire"]);
        }
        for (from, to, path) in
            [(&near_end, &far_end, at("far")), (&far_end, &near_end, at("near"))]
        {
            runtime.spawn(relay(from.clone(), to.clone(), path, manners.clone()));
        }
        thread::spawn(move || {
            let _ = runtime.block_on(stopped);
            runtime.shutdown_background();
        });
        Cable { ends, manners, stop: Some(stop) }
    }

    /// From now on this is what happens to packets of that far address.
    pub fn now(&self) -> impl Fn([u8; 4], Wire) + 'static {
        let manners = self.manners.clone();
        move |address, wire| {
            manners.lock().unwrap().insert(address, wire);
        }
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        drop(self.stop.take());
        for end in &mut self.ends {
            let _ = end.kill();
            let _ = end.wait();
        }
    }
}

async fn relay(from: Arc<UnixDatagram>, to: Arc<UnixDatagram>, path: PathBuf, manners: Manners) {
    let mut packet = [0; 8192];
    let mut dice = 1_u64;
    while let Ok(length) = from.recv(&mut packet).await {
        let packet = packet[..length].to_vec();
        if length < 20 || packet[0] >> 4 != 4 {
            continue; // nothing but IPv4 is spoken here
        }
        let (source, target) = (&packet[12..16], &packet[16..20]);
        let wire = {
            let manners = manners.lock().unwrap();
            manners.iter().find(|(at, _)| *at == source || *at == target).map(|(_, wire)| *wire)
        };
        match wire.unwrap_or(Wire::Passes) {
            Wire::Passes => drop(to.send_to(&packet, &path).await),
            Wire::Drops => {}
            Wire::Loses(of_a_hundred) => {
                dice = dice
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                if (dice >> 33) % 100 >= u64::from(of_a_hundred) {
                    let _ = to.send_to(&packet, &path).await;
                }
            }
            Wire::Delays(round) => {
                let (to, path) = (to.clone(), path.clone());
                tokio::spawn(async move {
                    sleep(round / 2).await;
                    let _ = to.send_to(&packet, &path).await;
                });
            }
        }
    }
}
