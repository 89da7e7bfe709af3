//! `--once=json`, read back: what the program says it knows.

use crate::home::{Done, Home};
use serde_json::Value;
use std::ffi::OsStr;

pub struct Once(Value);

impl Home {
    /// Runs `--once=json` with a config, and reads what it prints. `code` is what it must end with.
    #[track_caller]
    pub fn once<A: AsRef<OsStr>>(&self, config: &str, args: &[A], code: i32) -> Once {
        let config = self.write("once.conf", config);
        let mut all = vec![OsStr::new("--once=json"), OsStr::new("-C"), config.as_os_str()];
        all.extend(args.iter().map(AsRef::as_ref));
        Once::read(self.run(&all).expect(code))
    }
}

impl Once {
    #[track_caller]
    pub fn read(done: Done) -> Once {
        let value = serde_json::from_str(&done.stdout)
            .unwrap_or_else(|e| panic!("no JSON: {e}\n{}\n{}", done.stdout, done.stderr));
        Once(value)
    }

    #[track_caller]
    fn list(&self, name: &str) -> &[Value] {
        self.0[name].as_array().unwrap_or_else(|| panic!("no list {name:?} in {}", self.0))
    }

    pub fn sources(&self) -> &[Value] {
        self.list("sources")
    }

    pub fn devices(&self) -> &[Value] {
        self.list("devices")
    }

    pub fn whole(&self) -> &Value {
        &self.0
    }

    /// Whether there is a source of that name.
    pub fn has(&self, name: &str) -> bool {
        self.sources().iter().any(|source| source["name"] == name)
    }

    /// The entry of a source.
    #[track_caller]
    pub fn source(&self, name: &str) -> &Value {
        let mut found = self.sources().iter().filter(|s| s["name"] == name);
        let source = found.next().unwrap_or_else(|| panic!("no source {name:?} in {}", self.0));
        assert!(found.next().is_none(), "source {name:?} twice");
        source
    }

    #[track_caller]
    pub fn state(&self, source: &str) -> &str {
        self.source(source)["state"].as_str().unwrap()
    }

    /// The entry of a device, if there is one.
    #[track_caller]
    pub fn find(&self, source: &str, kind: &str, device: &str) -> Option<&Value> {
        let mut found = self
            .devices()
            .iter()
            .filter(|d| d["source"] == source && d["kind"] == kind && d["device"] == device);
        let first = found.next();
        assert!(found.next().is_none(), "{source} {kind} {device} twice");
        first
    }

    /// The entry of a device.
    #[track_caller]
    pub fn device(&self, source: &str, kind: &str, device: &str) -> &Value {
        self.find(source, kind, device).unwrap_or_else(|| {
            panic!("no {source} {kind} {device}; there are {:#?}", self.labels(source))
        })
    }

    /// One value of a device.
    #[track_caller]
    pub fn value(&self, source: &str, kind: &str, device: &str, quantity: &str) -> f64 {
        let device = self.device(source, kind, device);
        device["values"][quantity].as_f64().unwrap_or_else(|| panic!("no {quantity} in {device}"))
    }

    /// All labels of a source, with their kinds.
    pub fn labels(&self, source: &str) -> Vec<(String, String)> {
        let of = |d: &Value, key: &str| d[key].as_str().unwrap_or_default().to_owned();
        self.devices()
            .iter()
            .filter(|d| d["source"] == source)
            .map(|d| (of(d, "kind"), of(d, "label")))
            .collect()
    }

    /// The devices of a kind.
    pub fn devices_of(&self, source: &str, kind: &str) -> Vec<&Value> {
        self.devices().iter().filter(|d| d["source"] == source && d["kind"] == kind).collect()
    }
}

/// Whether two values are equal but for rounding.
pub fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-6 * a.abs().max(b.abs()).max(1.0)
}
