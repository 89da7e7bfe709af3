//! What is exported at one moment: what has just been read, and the earlier samples that percentages are
//! taken against.
//!
//! A percentage is taken over the time since the newest of the four samples kept that is at least
//! a second old. So a frequent scraper does not shorten the window of others, and a scrape after
//! an hour gets the mean of that hour. Without such a sample it is the mean since the counters began.

use manytop_core::{
    clock::Moment,
    engine::Sampled,
    source::Source,
    view::{Device, InstanceView, Snapshot, SourceView},
    vocabulary as v,
};
use std::{
    collections::{HashMap, VecDeque},
    sync::Arc,
    time::Duration,
};

/// The shortest window of a percentage.
const WINDOW: Duration = Duration::from_secs(1);
/// Samples are a quarter of a second apart at least, so one of so many is old enough.
const KEPT: usize = 4;
/// gotop leaves the tunnel of a VPN out of its sums: what goes through goes over another interface too.
const NOT_SUMMED: &str = "tun0";

/// What was sampled before, and what is counted from sample to sample.
#[derive(Default)]
pub struct EarlierSamples {
    kept: VecDeque<Arc<Snapshot>>,
    interfaces: HashMap<Arc<str>, [f64; 2]>,
    traffic: [f64; 2],
}

/// All that is exported at one moment.
pub struct ExportSample {
    snapshot: Arc<Snapshot>,
    late: Vec<usize>,
    /// When that was.
    pub at: Moment,
    /// The newest first.
    past: Vec<Arc<Snapshot>>,
    /// Bytes received and sent through all interfaces since the first sample.
    pub traffic: [f64; 2],
}

impl EarlierSamples {
    /// Makes a sample of what has just been read.
    pub fn sample(&mut self, sampled: Sampled) -> ExportSample {
        let Sampled { snapshot, late, at } = sampled;
        let past = self.kept.iter().rev().cloned().collect();
        let mut sample =
            ExportSample { snapshot: Arc::new(snapshot), late, at, past, traffic: [0.0; 2] };
        self.count(&sample);
        sample.traffic = self.traffic;
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back(sample.snapshot.clone());
        sample
    }

    /// Adds what every interface has carried since the last sample. One that vanishes takes nothing
    /// away; one that appears, or with counters that were reset, counts from there.
    fn count(&mut self, sample: &ExportSample) {
        let Some(local) = sample.local() else { return };
        let mut interfaces = HashMap::new();
        for device in sample.devices(local).filter(|d| d.kind == v::NETWORK) {
            let counters = [&v::RECEIVED_BYTES, &v::SENT_BYTES].map(|q| device.value(q));
            let [Some(received), Some(sent)] = counters else { continue };
            let now = [received, sent];
            let before = self.interfaces.get(&device.name).copied().unwrap_or(now);
            interfaces.insert(device.name.clone(), now);
            if &*device.name != NOT_SUMMED {
                for ((sum, now), before) in self.traffic.iter_mut().zip(now).zip(before) {
                    *sum += (now - before).max(0.0);
                }
            }
        }
        self.interfaces = interfaces;
    }
}

impl ExportSample {
    /// This machine, if it is among the sources.
    pub fn local(&self) -> Option<&SourceView> {
        self.sources().find(|s| s.source == Source::Local)
    }

    /// All sources.
    pub fn sources(&self) -> impl Iterator<Item = &SourceView> {
        self.snapshot.sources.iter().map(|s| &**s)
    }

    /// The devices of a source that were read for this sample: nothing of an instance that was late or
    /// failed, and no device that its instance no longer has.
    pub fn devices<'a>(&'a self, source: &'a SourceView) -> impl Iterator<Item = &'a Device> {
        let answered =
            |i: &&Arc<InstanceView>| i.health.failure.is_none() && !self.late.contains(&i.id);
        source.instances.iter().filter(answered).flat_map(|instance| {
            let good = instance.health.last_good;
            instance.all().iter().filter(move |d| Some(d.read_at) >= good)
        })
    }

    /// Whether a source of elsewhere was read for this sample, or lately enough where it is read less often.
    pub fn is_up(&self, source: &SourceView) -> bool {
        let good = |i: &Arc<InstanceView>| {
            i.health.failure.is_none() && i.health.last_good.is_some() && !self.late.contains(&i.id)
        };
        source.instances.iter().any(good) && !source.state(self.at).is_old()
    }

    /// How busy a device of a source is: what it says itself, or what is derived of its counters.
    pub fn percent(&self, source: &SourceView, device: &Device) -> Option<f64> {
        let earlier = self.past.iter().find_map(|snapshot| {
            let source = snapshot.sources.iter().find(|s| s.source == source.source)?;
            let earlier = source.device(device.kind, &device.name)?;
            (device.read_at.since(earlier.read_at) >= WINDOW).then_some(earlier)
        });
        let derived = |earlier| device.since(earlier).get(&v::PERCENT);
        earlier
            .and_then(|earlier| derived(Some(earlier)))
            .or_else(|| derived(None))
            .or_else(|| device.value(&v::PERCENT))
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;
    use manytop_core::{
        reading::{DeviceReading, PollResult, SourceReadings},
        store::{Described, Store, Update},
    };

    /// Names that devices really have, and some unexpected ones.
    pub const WORDS: &[&str] = &[
        "eth0",
        "coretemp_core0",
        "acpitz",
        "a b",
        "ünï",
        "x\"y",
        "back\\slash",
        "c,d=e}",
        "-",
        "9",
        "nvme_composite_nvme0",
        "{device=\"x\"} 7 ",
    ];

    /// A store with one instance, of a machine that is read at the moments a test says.
    pub struct TestMachine {
        store: Store,
        id: usize,
    }

    impl TestMachine {
        pub fn new(source: &str) -> TestMachine {
            let mut store = Store::new();
            let id = add(&mut store, source);
            TestMachine { store, id }
        }

        /// Adds another source.
        pub fn join(&mut self, source: &str) -> usize {
            add(&mut self.store, source)
        }

        /// What is sampled when the machine says this at that moment.
        pub fn sampled(&mut self, at: Moment, readings: Vec<DeviceReading>) -> Sampled {
            self.sampled_of(self.id, at, readings)
        }

        pub fn sampled_of(
            &mut self,
            id: usize,
            at: Moment,
            readings: Vec<DeviceReading>,
        ) -> Sampled {
            let answer = PollResult::of(vec![SourceReadings::own(at, readings)]);
            self.store.take(Update {
                instance: id,
                at,
                result: Ok(answer),
                retry: None,
                took: None,
            });
            Sampled { snapshot: self.store.snapshot(), late: Vec::new(), at }
        }
    }

    fn add(store: &mut Store, source: &str) -> usize {
        store.add(Described {
            provider: "x",
            source: Source::named(source),
            interval: WINDOW,
            tags: Arc::default(),
            groups: Default::default(),
            expected_offline: false,
            many: false,
            has_past: false,
            attached: false,
        })
    }

    /// 10 % busy in the first 1000 s, and then as it is told.
    fn cpu(busy: f64, total: f64) -> Vec<DeviceReading> {
        let cpu = DeviceReading::new(v::CPU, "CPU0");
        vec![cpu.with(&v::BUSY_SECONDS, busy).with(&v::TOTAL_SECONDS, total)]
    }

    fn percent(sample: &ExportSample) -> f64 {
        let local = sample.local().unwrap();
        let device = sample.devices(local).next().unwrap();
        (sample.percent(local, device).unwrap() * 100.0).round() / 100.0
    }

    fn millis(ms: u64) -> Moment {
        Moment::from_nanos(ms * 1_000_000)
    }

    #[test]
    fn the_first_percentage_is_the_mean_since_boot() {
        let mut machine = TestMachine::new("local");
        let mut past = EarlierSamples::default();
        assert_eq!(
            percent(&past.sample(machine.sampled(millis(1_000_000), cpu(100.0, 1000.0)))),
            10.0
        );
        // half a second later there is still no sample that is old enough
        let soon = past.sample(machine.sampled(millis(1_000_500), cpu(100.5, 1000.5)));
        assert_eq!(percent(&soon), 10.04);
    }

    #[test]
    fn who_asks_often_does_not_shorten_the_window_of_another() {
        let mut machine = TestMachine::new("local");
        let mut past = EarlierSamples::default();
        // busy in every second second; asked every 300 ms
        let busy = |ms: u64| 100.0 + (ms / 2000) as f64 + (ms % 2000).min(1000) as f64 / 1000.0;
        for nth in 0..40 {
            let ms = nth * 300;
            let seconds = 1000.0 + ms as f64 / 1000.0;
            let sampled = machine.sampled(millis(1_000_000 + ms), cpu(busy(ms), seconds));
            let sample = past.sample(sampled);
            if nth >= 4 {
                let mean = (busy(ms) - busy(ms - 1200)) / 1.2 * 100.0;
                assert!((percent(&sample) - mean).abs() < 0.01, "{ms}: {}", percent(&sample));
            }
        }
    }

    #[test]
    fn after_an_idle_hour_it_is_the_mean_of_that_hour() {
        let mut machine = TestMachine::new("local");
        let mut past = EarlierSamples::default();
        past.sample(machine.sampled(millis(1_000_000), cpu(100.0, 1000.0)));
        let late = machine.sampled(millis(4_600_000), cpu(1900.0, 4600.0));
        assert_eq!(percent(&past.sample(late)), 50.0);
    }

    #[test]
    fn counters_that_began_anew_give_the_mean_since_then() {
        let mut machine = TestMachine::new("local");
        let mut past = EarlierSamples::default();
        past.sample(machine.sampled(millis(1_000_000), cpu(100.0, 1000.0)));
        let again = machine.sampled(millis(1_005_000), cpu(1.0, 4.0));
        assert_eq!(percent(&past.sample(again)), 25.0);
    }

    #[test]
    fn traffic_is_the_sum_of_increments_and_survives_an_interface() {
        let net = |name: &str, received: f64| {
            let net = DeviceReading::new(v::NETWORK, name).with(&v::RECEIVED_BYTES, received);
            net.with(&v::SENT_BYTES, received / 10.0)
        };
        let mut machine = TestMachine::new("local");
        let mut past = EarlierSamples::default();
        let mut sum =
            |t, readings| past.sample(machine.sampled(Moment::from_secs(t), readings)).traffic;
        assert_eq!(sum(10, vec![net("eth0", 1000.0), net("tun0", 1.0)]), [0.0, 0.0]);
        assert_eq!(sum(20, vec![net("eth0", 1500.0), net("tun0", 900.0)]), [500.0, 50.0]);
        assert_eq!(sum(30, vec![net("wg0", 70_000.0)]), [500.0, 50.0], "eth0 is gone, wg0 is new");
        assert_eq!(sum(40, vec![net("wg0", 70_100.0), net("eth0", 10.0)]), [600.0, 60.0]);
    }

    #[test]
    fn who_is_late_or_has_failed_or_is_gone_is_absent() {
        let mut machine = TestMachine::new("local");
        let mut past = EarlierSamples::default();
        let two = |t| {
            let readings =
                ["CPU0", "CPU1"].map(|n| DeviceReading::new(v::CPU, n).with(&v::PERCENT, 5.0));
            (Moment::from_secs(t), readings.to_vec())
        };
        let devices = |sample: &ExportSample| sample.devices(sample.local().unwrap()).count();
        let (at, readings) = two(10);
        let sampled = machine.sampled(at, readings);
        let late = Sampled { late: vec![machine.id], ..sampled.clone() };
        assert_eq!((devices(&past.sample(sampled)), devices(&past.sample(late))), (2, 0));
        let (at, mut readings) = two(11);
        readings.pop();
        assert_eq!(devices(&past.sample(machine.sampled(at, readings))), 1);
    }
}
