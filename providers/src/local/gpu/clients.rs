//! How busy an Intel card is, by the programs that use it: `/proc/PID/fdinfo/N`.
//!
//! i915 counts nanoseconds for each engine, xe cycles of each engine and cycles that have passed. A program
//! that opens the card twice shows the same client twice.

use crate::local::procfs::{self, ReusedFile, Root};
use manytop_plugin::{clock::Moment, reading::DeviceReading, vocabulary as v};
use std::collections::{BTreeMap, HashMap};

/// Descriptors of the card that are read.
const MOST_CLIENTS: usize = 1024;
/// Where links to cards lead.
const DEVICES: &str = "/dev/dri/";

/// The programs that use a card, and what they have used of it.
pub struct DrmClients {
    slot: String,
    files: Vec<ReusedFile>,
    /// What each client had used of each engine at the last look.
    last: HashMap<u64, BTreeMap<String, EngineWork>>,
    looked_at: Option<Moment>,
    began: Option<Moment>,
    /// Seconds that the busiest engine has worked.
    busy: f64,
}

/// What a client has used of an engine.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
struct EngineWork {
    /// Seconds, where they are counted.
    seconds: Option<f64>,
    /// Cycles used, and cycles that have passed.
    cycles: Option<f64>,
    total: Option<f64>,
    /// WorkByClient of this class.
    capacity: f64,
}

/// What one descriptor says.
#[derive(PartialEq, Default, Debug)]
struct DrmClient {
    id: u64,
    slot: String,
    engines: BTreeMap<String, EngineWork>,
    /// Memory of the card's own, in bytes.
    bytes: Option<f64>,
}

impl DrmClients {
    /// Of the card in that slot of the PCI bus.
    pub fn new(slot: &str) -> DrmClients {
        DrmClients {
            slot: slot.to_owned(),
            files: Vec::new(),
            last: HashMap::new(),
            looked_at: None,
            began: None,
            busy: 0.0,
        }
    }

    /// Adds how long the busiest engine has worked, and the memory that is used.
    pub fn tell(&mut self, root: &Root, reading: DeviceReading, searches: bool) -> DeviceReading {
        if searches {
            self.files = search(root);
        }
        let mut clients = HashMap::new();
        let slot = &self.slot;
        self.files.retain_mut(|file| match file.read_to_end() {
            Ok(text) => {
                let client = parse(&String::from_utf8_lossy(text));
                if client.slot == *slot {
                    clients.insert(client.id, client);
                    return true;
                }
                false
            }
            Err(_) => false,
        });
        let now = Moment::now();
        let bytes = clients.values().filter_map(|c| c.bytes).reduce(|a, b| a + b);
        let engines = clients.into_iter().map(|(id, client)| (id, client.engines)).collect();
        let passed = self.looked_at.replace(now).map_or(0.0, |then| now.since(then).as_secs_f64());
        self.busy += busiest(&self.last, &engines, passed);
        self.last = engines;
        let began = *self.began.get_or_insert(now);
        let reading = reading.with_some(&v::USED_BYTES, bytes);
        // without a program that may be looked at it is not known how busy it is
        if self.files.is_empty() && self.busy == 0.0 {
            return reading;
        }
        reading
            .with(&v::BUSY_SECONDS, self.busy)
            .with(&v::TOTAL_SECONDS, now.since(began).as_secs_f64())
    }
}

/// The descriptors of all programs that are open on a card, of those that this user may see.
fn search(root: &Root) -> Vec<ReusedFile> {
    let proc = root.path("proc");
    let mut found = Vec::new();
    for pid in proc.names().into_iter().filter(|name| procfs::number(name.as_bytes()).is_some()) {
        let folder = proc.join(&pid);
        let links = folder.join("fd");
        for number in links.names() {
            let target = links.join(&number).read_link();
            if target.is_ok_and(|target| target.to_string_lossy().starts_with(DEVICES)) {
                found.push(ReusedFile::at(folder.join("fdinfo").join(number)));
            }
            if found.len() >= MOST_CLIENTS {
                return found;
            }
        }
    }
    found
}

type WorkByClient = HashMap<u64, BTreeMap<String, EngineWork>>;

/// The seconds that the busiest class of engines has worked between two looks.
fn busiest(last: &WorkByClient, now: &WorkByClient, passed: f64) -> f64 {
    let mut classes: HashMap<&str, f64> = HashMap::new();
    for (id, engines) in now {
        let Some(before) = last.get(id) else { continue };
        for (class, engine) in engines {
            let Some(then) = before.get(class) else { continue };
            let grown = |now: Option<f64>, then: Option<f64>| Some((now? - then?).max(0.0));
            let seconds = match grown(engine.seconds, then.seconds) {
                Some(seconds) => seconds,
                None => {
                    let total = grown(engine.total, then.total).filter(|total| *total > 0.0);
                    let share = grown(engine.cycles, then.cycles).zip(total);
                    share.map_or(0.0, |(cycles, total)| cycles / total * passed)
                }
            };
            *classes.entry(class).or_default() += seconds / engine.capacity.max(1.0);
        }
    }
    classes.into_values().fold(0.0, f64::max).min(passed)
}

fn parse(text: &str) -> DrmClient {
    let mut client = DrmClient::default();
    for (key, value) in text.lines().filter_map(|line| line.split_once(':')) {
        let value = value.trim();
        let Some(key) = key.strip_prefix("drm-") else { continue };
        let number = || procfs::decimal(value.split_ascii_whitespace().next()?.as_bytes());
        let engine = |client: &mut DrmClient, class: &str, set: &dyn Fn(&mut EngineWork, f64)| {
            if let Some(number) = number() {
                set(client.engines.entry(class.to_owned()).or_default(), number);
            }
        };
        match key {
            "client-id" => client.id = procfs::number(value.as_bytes()).unwrap_or_default(),
            "pdev" => client.slot = value.to_owned(),
            _ => {
                if let Some(class) = key.strip_prefix("engine-capacity-") {
                    engine(&mut client, class, &|e, n| e.capacity = n);
                } else if let Some(class) = key.strip_prefix("engine-") {
                    engine(&mut client, class, &|e, n| e.seconds = Some(n / 1e9));
                } else if let Some(class) = key.strip_prefix("total-cycles-") {
                    engine(&mut client, class, &|e, n| e.total = Some(n));
                } else if let Some(class) = key.strip_prefix("cycles-") {
                    engine(&mut client, class, &|e, n| e.cycles = Some(n));
                } else if key.starts_with("resident-vram") || key.starts_with("resident-local") {
                    let unit = match value.rsplit(' ').next() {
                        Some("KiB") => 1024.0,
                        Some("MiB") => 1048576.0,
                        _ => 1.0,
                    };
                    client.bytes = number().map(|n| client.bytes.unwrap_or(0.0) + n * unit);
                }
            }
        }
    }
    client
}

#[cfg(test)]
mod tests {
    use super::*;

    fn engines(texts: &[&str]) -> WorkByClient {
        texts.iter().map(|text| parse(text)).map(|client| (client.id, client.engines)).collect()
    }

    #[test]
    fn nanoseconds_of_the_busiest_engine_are_counted() {
        let text = |id: u64, render: u64, video: u64| {
            format!(
                "pos:\t0\ndrm-driver:\ti915\ndrm-pdev:\t0000:00:02.0\ndrm-client-id:\t{id}\n\
                 drm-engine-render:\t{render} ns\ndrm-engine-video:\t{video} ns\n\
                 drm-engine-capacity-video:\t2\ndrm-resident-local0:\t2048 KiB\n"
            )
        };
        let client = parse(&text(7, 5, 5));
        assert_eq!((&*client.slot, client.id, client.bytes), ("0000:00:02.0", 7, Some(2097152.0)));
        let before = engines(&[&text(1, 0, 0), &text(2, 100_000_000, 0)]);
        let now = engines(&[
            &text(1, 200_000_000, 900_000_000),
            &text(2, 300_000_000, 0),
            &text(3, 9, 9),
        ]);
        assert_eq!(busiest(&before, &now, 1.0), 0.45, "two video engines work at the same time");
        assert_eq!(busiest(&before, &now, 0.1), 0.1, "never more than has passed");
        assert_eq!(busiest(&now, &before, 1.0), 0.0, "a client that began again adds nothing");
    }

    #[test]
    fn cycles_are_a_share_of_those_that_have_passed() {
        let text = |used: u64, all: u64| {
            format!("drm-client-id:\t1\ndrm-cycles-rcs:\t{used}\ndrm-total-cycles-rcs:\t{all}\n")
        };
        let (before, now) = (engines(&[&text(0, 1000)]), engines(&[&text(250, 2000)]));
        assert_eq!(busiest(&before, &now, 2.0), 0.5);
        assert_eq!(busiest(&before, &before, 2.0), 0.0);
    }
}
