//! A machine with containers, GPUs, arrays, fans, and readings of its owner's making.

use crate::scene::{Feed, NOW, Scene, lines, press_key, widget};
use manytop_core::{
    ratatui_core::{buffer::Buffer, layout::Rect},
    reading::{DeviceReading, Kind},
    source::Source,
    view::{DeviceLog, LogLine},
    vocabulary as v,
    widget::{Key, Widget},
};

/// Kinds that a hostile source fills, those that no widget knows among them.
pub const ALL: [Kind; 15] = [
    v::CPU,
    v::MEMORY,
    v::DISK,
    v::NETWORK,
    v::TEMPERATURE,
    v::POWER,
    v::PROCESS,
    v::HOST,
    v::FAN,
    v::GPU,
    v::CONTAINER_KIND,
    v::STORAGE,
    v::METRIC,
    v::TEXT_LINE,
    Kind::new("odd"),
];

const GIB: f64 = 1024.0 * 1024.0 * 1024.0;

fn containers() -> Vec<DeviceReading> {
    let of = |name: &str, kind: &str, percent: f64, gib: f64| {
        DeviceReading::new(v::CONTAINER_KIND, name)
            .with(&v::PERCENT, percent)
            .with(&v::USED_BYTES, gib * GIB)
            .text(&v::TYPE, kind)
    };
    vec![
        of("cache", "podman", 0.0, 0.1).text(&v::IMAGE, "docker.io/library/redis:7"),
        of("nginx.service", "service", 3.4, 0.05),
        of("shop/api-7f9/server", "kubernetes", 41.0, 0.48)
            .with(&v::LIMIT_BYTES, 0.5 * GIB)
            .text(&v::POD, "shop/api-7f9"),
        of("web", "docker", 187.0, 1.2)
            .with(&v::LIMIT_BYTES, 2.0 * GIB)
            .with(&v::LIMIT_CPUS, 2.0)
            .text(&v::IMAGE, "nginx:1.27"),
    ]
}

fn storage() -> Vec<DeviceReading> {
    let of = |name: &str, kind: &str, state: &str| {
        DeviceReading::new(v::STORAGE, name).text(&v::TYPE, kind).text(&v::STATE, state)
    };
    vec![
        of("md0", "raid1", "degraded").with(&v::ERRORS, 0.0),
        of("md1", "raid5", "rebuilding").with(&v::RESYNC_PERCENT, 12.6),
        of("tank", "zfs", "ok"),
        of("nvme0", "drive", "ok").with(&v::WEAR_PERCENT, 91.0).with(&v::CELSIUS, 41.0),
        of("sda", "drive", "failing").with(&v::ERRORS, 10.0).text(&v::MODEL, "WDC WD40EFRX"),
    ]
}

fn gpu(name: &str, percent: f64) -> DeviceReading {
    DeviceReading::new(v::GPU, name)
        .with(&v::PERCENT, percent)
        .with(&v::USED_BYTES, 5.2 * GIB)
        .with(&v::TOTAL_BYTES, 16.0 * GIB)
        .with(&v::CELSIUS, 71.0)
        .with(&v::WATTS, 180.0)
        .with(&v::MAX_WATTS, 255.0)
        .with(&v::FREQUENCY_HERTZ, 2.45e9)
        .with(&v::FAN_PERCENT, 45.0)
        .text(&v::MODEL, "Radeon RX 6800")
}

fn others() -> Vec<DeviceReading> {
    let metric =
        |name: &str, value: f64| DeviceReading::new(v::METRIC, name).with(&v::METRIC_VALUE, value);
    vec![
        DeviceReading::new(v::FAN, "nct6775_fan2").with(&v::RPM, 1420.0).text(&v::PART, "cpu"),
        DeviceReading::new(v::FAN, "nct6775_fan3").with(&v::RPM, 0.0).with(&v::MAX_RPM, 2000.0),
        metric("living room", 21.5).text(&v::VALUE_UNIT, "°C"),
        metric("backup_bytes", 7e9),
        DeviceReading::new(v::TEXT_LINE, "1").text(&v::LINE, "Backup finished at noon"),
        DeviceReading::new(v::TEXT_LINE, "2").text(&v::LINE, "3 of 4 disks are well"),
    ]
}

/// One GPU, or two.
pub fn scene(gpus: u32) -> Scene {
    let mut feed = Feed::new();
    let local = feed.source("local");
    for t in NOW - 60..=NOW {
        let mut readings = containers();
        readings.extend(storage());
        let work = |n: u32| ((t + u64::from(n) * 31) % 60) as f64 * 1.6;
        readings.extend((0..gpus).map(|n| gpu(&format!("gpu{n}"), work(n))));
        readings.extend(others());
        feed.good(local, t, readings);
    }
    feed.scene()
}

#[test]
fn the_details_of_a_service_have_its_facts_and_its_last_lines_of_the_journal() {
    let scene = scene(1);
    let mut container = widget("container", &[]);
    let line = |n: u32| LogLine { at: format!("14:32:{n:02}"), text: format!("GET /{n}") };
    let log = DeviceLog {
        source: Source::Local,
        kind: v::CONTAINER_KIND,
        device: "nginx.service".into(),
        lines: (0..20).map(line).collect(),
    };
    let draw = |container: &mut dyn Widget| {
        let area = Rect::new(0, 0, 96, 24);
        let mut buffer = Buffer::empty(area);
        let mut view = scene.view();
        (view.log, view.focused) = (Some(&log), true);
        container.draw(&view, area, &mut buffer);
        lines(&buffer)
    };
    let has_details = |lines: &[String]| lines.iter().any(|line| line.starts_with("─ "));
    assert!(!has_details(&draw(&mut *container)));
    assert!(
        container.wants().want.devices(v::CONTAINER_KIND).is_empty(),
        "nothing is read for them"
    );
    press_key(&mut *container, &scene.view(), Key::Enter);
    let web = draw(&mut *container);
    assert!(web[1].starts_with("▌web"), "{web:#?}");
    assert!(web.iter().any(|line| line.starts_with("─ web ─")), "{web:#?}");
    assert!(web.iter().any(|line| line.contains("image") && line.contains("nginx:1.27")));
    assert!(!web.iter().any(|line| line.contains("GET")), "of another one: {web:#?}");
    assert_eq!(container.wants().want.devices(v::CONTAINER_KIND), ["web".into()]);
    // the busiest come first: the fourth is the service
    (0..3).for_each(|_| drop(press_key(&mut *container, &scene.view(), Key::Char('j'))));
    let nginx = draw(&mut *container);
    assert!(nginx.iter().any(|line| line.starts_with("─ nginx.service ─")), "{nginx:#?}");
    assert!(nginx.iter().any(|line| line.starts_with("─ journal ─")), "{nginx:#?}");
    let last = nginx.iter().rfind(|line| !line.trim().is_empty()).unwrap();
    assert!(last.contains("14:32:19 GET /19"), "the newest is the last: {nginx:#?}");
    press_key(&mut *container, &scene.view(), Key::Esc);
    assert!(!has_details(&draw(&mut *container)));
}
