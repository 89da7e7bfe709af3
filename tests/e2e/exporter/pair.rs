//! Two manytops, one reading the other as Jerry.

use super::{Exporter, recorded};
use crate::{
    home::{Done, Home},
    once::Once,
    terminal::{Terminal, has_box},
};
use std::collections::BTreeMap;

const KINDS: [&str; 7] = ["cpu", "memory", "temperature", "network", "disk", "power", "host"];

type Devices = BTreeMap<(String, String), serde_json::Value>;

/// What is known of a source's devices: values and texts.
fn devices(once: &Once, source: &str) -> Devices {
    let all = KINDS.iter().flat_map(|kind| once.devices_of(source, kind));
    all.map(|d| {
        let word = |key: &str| d[key].as_str().unwrap().to_owned();
        let known = serde_json::json!({"values": d["values"], "texts": d["texts"]});
        ((word("kind"), word("device")), known)
    })
    .collect()
}

#[test]
fn a_remote_manytop_is_known_as_it_knows_itself() {
    let tree = recorded("laptop");
    let exporter = Exporter::start(&tree);
    let home = Home::new();
    let local: Vec<String> = [vec!["--once=json".to_owned()], tree].concat();
    let local: Done = home.run(&local).expect(0);
    let local = devices(&Once::read(local), "local");
    let config = format!("remote-Jerry-url=http://{}/metrics\n", exporter.address());
    let remote = home.once(&config, &["--no-local"], 0);
    let dialects = remote.source("Jerry")["dialects"].to_string();
    assert_eq!(dialects, "[\"manytop\",\"node_exporter\"]");
    let remote = devices(&remote, "Jerry");
    let names = |d: &Devices| d.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&remote), names(&local));
    for (device, own) in &local {
        equal(device, own, &remote[device]);
    }
}

/// Equal but for what a difference of two times costs.
fn equal(device: &(String, String), own: &serde_json::Value, read: &serde_json::Value) {
    let (mut own, mut read) = (own.clone(), read.clone());
    let uptime = |v: &mut serde_json::Value| {
        let known = v["values"].as_object_mut().unwrap().remove("uptime_seconds");
        known.and_then(|u| u.as_f64()).unwrap_or_default()
    };
    let (a, b) = (uptime(&mut own), uptime(&mut read));
    assert!((a - b).abs() < 1e-3, "{device:?}: up for {a} and {b}");
    assert_eq!(read, own, "{device:?}");
}

#[test]
fn jerry_is_drawn_like_this_machine() {
    let exporter = Exporter::start::<&str>(&[]);
    let home = Home::new();
    let config = home.write(
        "jerry.conf",
        format!("remote-Jerry-url=http://{}/metrics\nlayout=gotop\n", exporter.address()),
    );
    let config = config.to_str().unwrap().to_owned();
    let terminal = Terminal::run(&home, (160, 50), &["--no-local", "-C", &config]);
    terminal.wait_for("its boxes", |screen| {
        ["cpu", "mem"].iter().all(|name| has_box(screen, "Jerry", name))
    });
    terminal.wait_for_text(&["■ user", "■ used", "swap"]);
    let own = home.run(&["--once=json"]).expect(0);
    let own = Once::read(own);
    for kind in ["network", "disk"] {
        let first = own.devices_of("local", kind).into_iter().next();
        // a disk is shown by its mount point
        let mounted = |d: &serde_json::Value| {
            let mounts = d["texts"]["mounts"].as_str()?;
            Some(mounts.split(' ').next()?.to_owned())
        };
        let name =
            first.map(|d| mounted(d).unwrap_or_else(|| d["device"].as_str().unwrap().to_owned()));
        if let Some(name) = name {
            terminal.wait_for_text(&[&name]);
        }
    }
    terminal.expect_answers_keys();
}
