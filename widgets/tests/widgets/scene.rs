//! Sources with a past, made the way the engine makes them: by feeding answers to a store.

use crate::machine::Machine;
use manytop_core::{
    clock::Moment,
    inventory,
    options::Options,
    provider::{Class, Failure},
    ratatui_core::{buffer::Buffer, layout::Rect},
    reading::{DeviceReading, Kind, Metric, PollResult, SourceReadings, Text, Unit},
    source::Source,
    store::{Described, KeptSeries, Store, Update},
    theme::Theme,
    view::{Settings, Snapshot, View},
    vocabulary as v,
    widget::{Keep, Key, Move, Outcome, Plugin, Widget},
};
use std::{sync::Arc, time::Duration};

/// The present of every scene.
pub const NOW: u64 = 10_000;

/// Sources at one moment, and how to show them.
pub struct Scene {
    pub snapshot: Snapshot,
    pub now: u64,
    pub theme: Theme,
    pub settings: Settings,
}

impl Scene {
    pub fn view(&self) -> View<'_> {
        let (sources, now) = (&self.snapshot.sources, Moment::from_secs(self.now));
        let mut view = View::new(sources, now, &self.theme, &self.settings);
        view.focused = true;
        view
    }
}

/// A widget as a layout would make it.
pub fn widget(name: &str, options: &[(&str, &str)]) -> Box<dyn Widget> {
    let plugin = inventory::iter::<Plugin>.into_iter().find(|p| p.name() == name).unwrap();
    plugin.build(&Options::parse(plugin.specs(), options).unwrap()).unwrap()
}

/// All words, sorted.
pub fn words() -> Vec<&'static str> {
    let mut words: Vec<_> = inventory::iter::<Plugin>.into_iter().map(|p| p.name()).collect();
    words.sort_unstable();
    words
}

/// The rows of a buffer as text; what a wide character covers is left out.
pub fn lines(buffer: &Buffer) -> Vec<String> {
    let width = usize::from(buffer.area.width).max(1);
    let line = |cells: &[manytop_core::ratatui_core::buffer::Cell]| {
        let text: String = cells.iter().map(|c| c.symbol()).collect();
        text.trim_end().to_owned()
    };
    buffer.content.chunks(width).map(line).collect()
}

/// What a widget draws at that size.
pub fn drawn(widget: &mut dyn Widget, scene: &Scene, width: u16, height: u16) -> Vec<String> {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    widget.draw(&scene.view(), area, &mut buffer);
    lines(&buffer)
}

/// A store that is being fed.
pub struct Feed(pub Store);

impl Feed {
    pub fn new() -> Feed {
        let mut store = Store::new();
        let keep = |kind, quantity, each_device| KeptSeries {
            selects: Arc::new(|_, _| true),
            keep: Keep { kind, quantity, each_device, span: Duration::from_secs(600) },
        };
        store.set_kept(vec![
            keep(v::CPU, &v::PERCENT, true),
            keep(v::CPU, &v::PERCENT, false),
            keep(v::MEMORY, &v::PERCENT, true),
            keep(v::NETWORK, &v::RECEIVED_RATE, true),
            keep(v::NETWORK, &v::SENT_RATE, true),
            keep(v::POWER, &v::PERCENT, true),
            keep(v::GPU, &v::PERCENT, true),
            keep(v::CONTAINER_KIND, &v::PERCENT, true),
            keep(v::METRIC, &v::METRIC_VALUE, true),
        ]);
        Feed(store)
    }

    pub fn source(&mut self, name: &str) -> usize {
        self.tagged(name, &[])
    }

    pub fn tagged(&mut self, name: &str, tags: &[&str]) -> usize {
        let tags: Vec<String> = tags.iter().map(|tag| (*tag).to_owned()).collect();
        self.0.add(Described {
            provider: if name == "local" { "local" } else { "remote" },
            source: Source::named(name),
            interval: Duration::from_secs(1),
            tags: tags.into(),
            groups: Default::default(),
            expected_offline: false,
            many: false,
            has_past: false,
            attached: false,
        })
    }

    pub fn good(&mut self, instance: usize, t: u64, readings: Vec<DeviceReading>) {
        self.good_but(instance, t, readings, &[]);
    }

    /// A good answer that a person should know something about.
    pub fn good_but(
        &mut self,
        instance: usize,
        t: u64,
        readings: Vec<DeviceReading>,
        notes: &[&str],
    ) {
        let at = Moment::from_secs(t);
        let notes = notes.iter().map(|note| (*note).to_owned()).collect();
        let answer =
            PollResult { notes, ..PollResult::of(vec![SourceReadings::own(at, readings)]) };
        self.0.take(Update { instance, at, result: Ok(answer), retry: None, took: None });
    }

    pub fn bad(&mut self, instance: usize, t: u64, why: &str) {
        let result = Err(Failure::new(Class::Unreachable, why));
        let retry = Some(Moment::from_secs(NOW + 8));
        self.0.take(Update { instance, at: Moment::from_secs(t), result, retry, took: None });
    }

    /// Answers of a machine, one a second, up to and with `last`.
    pub fn machine(&mut self, instance: usize, last: u64, machine: &Machine) {
        for t in last - machine.past..=last {
            self.good(instance, t, machine.readings(t));
        }
    }

    pub fn scene(self) -> Scene {
        self.scene_at(NOW)
    }

    /// What there is at another moment.
    pub fn scene_at(&self, now: u64) -> Scene {
        Scene {
            snapshot: self.0.snapshot(),
            now,
            theme: Theme::default(),
            settings: Settings::default(),
        }
    }
}

/// This machine alone: no swap, no sensor.
pub fn one() -> Scene {
    let mut feed = Feed::new();
    let local = feed.source("local");
    feed.machine(local, NOW, &Machine { processes: 75, ..Machine::default() });
    feed.scene()
}

/// This machine and four remotes, one of them stale, one down.
pub fn four() -> Scene {
    let mut feed = Feed::new();
    let names = ["local", "Jerry", "nas", "pi4", "web-1"];
    let [local, jerry, nas, pi4, web] = names.map(|n| feed.source(n));
    feed.machine(local, NOW, &Machine { processes: 75, ..Machine::default() });
    let disks = &[("sda", "/srv", 71.0), ("sdb1", "/", 22.0)];
    let busy = Machine {
        cores: 8,
        busy: 41.0,
        memory: (10.1, Some(16.0)),
        swap: 0.08,
        bytes_per_second: 1.2e6,
        disks,
        celsius: Some(61.0),
        ..Machine::default()
    };
    feed.machine(jerry, NOW - 1, &busy);
    let stale = Machine {
        cores: 4,
        busy: 12.0,
        memory: (3.2, Some(8.0)),
        swap: 0.001,
        bytes_per_second: 9000.0,
        disks: &[("md0", "/tank", 88.0)],
        celsius: Some(51.0),
        ..Machine::default()
    };
    feed.machine(nas, NOW - 12, &stale);
    feed.machine(pi4, NOW - 180, &Machine { busy: 97.0, ..Machine::default() });
    feed.bad(pi4, NOW - 179, "connection refused");
    let web_1 = Machine { cores: 4, busy: 9.0, memory: (0.9, Some(4.0)), ..Machine::default() };
    feed.machine(web, NOW, &web_1);
    feed.scene()
}

/// A real gotop tells memory in percent, and network as a whole.
pub fn gotop() -> Scene {
    let mut feed = Feed::new();
    let jerry = feed.source("Jerry");
    let machine = Machine {
        busy: 18.0,
        memory: (63.4, None),
        swap: 4.2,
        interfaces: &["all"],
        disks: &[],
        ..Machine::default()
    };
    for t in NOW - 30..=NOW {
        let mut readings = machine.readings(t);
        readings.retain(|r| r.kind != v::HOST);
        readings.push(DeviceReading::new(v::DISK, "vda").with(&v::PERCENT, 15.0));
        feed.good(jerry, t, readings);
    }
    feed.scene()
}

/// Sixty-four cores, sensors, batteries, swap in use.
pub fn big() -> Scene {
    let mut feed = Feed::new();
    let local = feed.source("local");
    let machine = Machine {
        cores: 64,
        busy: 62.0,
        memory: (240.0, Some(256.0)),
        swap: 1.9,
        interfaces: &["eth0", "eth1", "lo"],
        bytes_per_second: 88e6,
        celsius: Some(96.0),
        ..Machine::default()
    };
    for t in NOW - 130..=NOW {
        let mut readings = machine.readings(t);
        for (name, percent) in [("BAT0", 80.0), ("BAT1", 4.0)] {
            readings.push(
                DeviceReading::new(v::POWER, name)
                    .with(&v::PERCENT, percent)
                    .with(&v::WATTS, 12.3)
                    .text(&v::STATE, "discharging"),
            );
        }
        feed.good(local, t, readings);
    }
    feed.scene()
}

/// Three hundred remotes.
pub fn fleet() -> Scene {
    let mut feed = Feed::new();
    for n in 0..300 {
        let source = feed.source(&format!("web-{n}.example.com:9100"));
        let machine = Machine {
            cores: 4,
            busy: (n * 7 % 100) as f64,
            memory: ((n % 16) as f64, Some(16.0)),
            past: 5,
            ..Machine::default()
        };
        let last = NOW - [0, 14, 240][usize::from(n % 100 == 17) + 2 * usize::from(n % 50 == 49)];
        feed.machine(source, last, &machine);
        if n % 50 == 49 {
            feed.bad(source, NOW, "401: wrong user or password");
        }
    }
    feed.scene()
}

/// Kinds that no widget draws.
pub fn open_kinds() -> Scene {
    static CHARGE: Metric = Metric::gauge("charge_percent", Unit::Percent, "Charge.");
    static VOLTS: Metric = Metric::gauge("input_volts", Unit::Volts, "Input.");
    static STATUS: Text = Text::new("status", "What it is doing.");
    const UPS: Kind = Kind::new("ups");
    let mut feed = Feed::new();
    let [local, jerry] = ["local", "Jerry"].map(|n| feed.source(n));
    let ups = |name: &str, charge| {
        DeviceReading::new(UPS, name)
            .with(&CHARGE, charge)
            .with(&VOLTS, 231.4)
            .text(&STATUS, "on line")
    };
    feed.good(local, NOW, vec![ups("rack", 100.0), ups("desk", 7.0)]);
    let fan = DeviceReading::new(Kind::new("fan"), "fan1").with(&v::TASKS, 1200.0);
    feed.good(jerry, NOW - 20, vec![ups("rack", 55.0), fan]);
    feed.scene()
}

/// Names and numbers that were made to hurt.
pub fn hostile() -> Scene {
    let mut feed = Feed::new();
    let long = "x".repeat(100_000);
    let names = [
        long.as_str(),
        "日本語日本語日本語日本語",
        "local-CPU0",
        "a\u{301}\u{301}\u{301}",
        "Jerry",
    ];
    for (n, name) in names.into_iter().enumerate() {
        let source = feed.source(name);
        for t in NOW - 3..=NOW {
            let mut all = Vec::new();
            for kind in crate::kinds::ALL {
                let values = [1e308, -1e308, 0.0, 1e-300, f64::MAX];
                for (m, value) in values.into_iter().enumerate() {
                    let device = if m == 1 { long.clone() } else { format!("日本{m}") };
                    let quantities = [
                        &v::PERCENT,
                        &v::USED_BYTES,
                        &v::TOTAL_BYTES,
                        &v::CACHED_BYTES,
                        &v::FREQUENCY_HERTZ,
                        &v::CELSIUS,
                        &v::WATTS,
                        &v::LOAD1,
                        &v::UPTIME_SECONDS,
                        &v::RESIDENT_BYTES,
                        &v::RECEIVED_BYTES,
                        &v::SENT_BYTES,
                        &v::READ_BYTES,
                        &v::CPU_SECONDS,
                        &v::RECEIVED_RATE,
                        &v::SENT_RATE,
                        &v::READ_RATE,
                        &v::WRITTEN_RATE,
                        &v::MEMORY_PERCENT,
                    ];
                    let mut reading = DeviceReading::new(kind, device);
                    for (q, quantity) in quantities.into_iter().enumerate() {
                        reading =
                            reading.with(quantity, if q % 3 == n % 3 { -value } else { value });
                    }
                    for text in
                        [&v::NAME, &v::COMMAND, &v::USER, &v::STATE, &v::MOUNTS, &v::PROCESSOR]
                    {
                        reading = reading.text(text, format!("{long}\u{1b}[31m日"));
                    }
                    all.push(reading);
                }
            }
            feed.good(source, t, all);
        }
        if n == 4 {
            feed.bad(source, NOW, &long);
        }
    }
    feed.scene()
}

/// No source has answered yet, or there is no source.
pub fn silent(names: &[&str]) -> Scene {
    let mut feed = Feed::new();
    for name in names {
        feed.source(name);
    }
    feed.scene()
}

/// Presses a key as the application would: typed text, Esc, the widget's commands by their default
/// keys, the moves of lists.
pub fn press_key(widget: &mut dyn Widget, view: &View<'_>, key: Key) -> Outcome {
    if widget.is_typing() {
        return widget.on_key(key, view);
    }
    if key == Key::Esc {
        return widget.on_escape(view);
    }
    let named = |keys: &str| keys.split(' ').any(|k| k.parse() == Ok(key));
    let plugins = inventory::iter::<Plugin>.into_iter();
    for command in plugins.flat_map(|plugin| plugin.command_list()) {
        if named(command.default_keys()) {
            let outcome = widget.on_command(command.name(), view);
            if outcome != Outcome::Ignored {
                return outcome;
            }
        }
    }
    let to = match key {
        Key::Char('j') | Key::Down => Move::Down,
        Key::Char('k') | Key::Up => Move::Up,
        Key::Char('G') => Move::Last,
        Key::Home => Move::First,
        _ => return Outcome::Ignored,
    };
    widget.on_move(to, view)
}
