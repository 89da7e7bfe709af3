//! What other exporters serve, by their recorded bodies: the rows of docs/what-you-have.md.

use crate::{
    bodies,
    farm::Farm,
    home::{Home, wait_for},
    once::{Once, near},
    peers::{Peer, Snmpd},
    terminal::PATIENCE,
};
use std::{fs, thread};

macro_rules! body {
    ($name:literal) => {
        include_str!(concat!("../../providers/src/dialects/bodies/", $name, ".txt"))
    };
}

/// Name, body, dialect, and a value: kind, device, quantity.
type Row =
    (&'static str, &'static str, &'static str, (&'static str, &'static str, &'static str), f64);

const ROWS: [Row; 13] = [
    ("mac", body!("mac"), "node_exporter", ("power", "InternalBattery-0", "percent"), 87.0),
    ("freebsd", body!("freebsd"), "node_exporter", ("temperature", "cpu0", "celsius"), 51.0),
    ("windows", body!("windows"), "windows_exporter", ("disk", "C:", "percent"), 60.0),
    ("dcgm", body!("dcgm"), "dcgm", ("gpu", "gpu0", "percent"), 97.0),
    ("allsmi", body!("allsmi-mock"), "all-smi", ("gpu", "gpu7", "percent"), 27.33),
    (
        "kubelet",
        body!("kubelet-resource"),
        "kubelet",
        ("container", "kube-system/coredns-1/coredns", "used_bytes"),
        1.7e7,
    ),
    ("switch", body!("snmp"), "snmp_exporter", ("host", "", "uptime_seconds"), 28.03),
    ("netdata", body!("netdata"), "netdata", ("host", "", "load1"), 1.4117474),
    ("ipmi", body!("ipmi"), "ipmi", ("fan", "Fan1", "rpm"), 4560.0),
    ("ups", body!("nut"), "nut", ("power", "ups", "percent"), 100.0),
    ("collectd", body!("collectd"), "collectd", ("host", "", "uptime_seconds"), 13283.0),
    ("telegraf", body!("telegraf"), "telegraf", ("disk", "sda1", "percent"), 44.0),
    ("glances", body!("glances"), "glances", ("cpu", "CPU0", "percent"), 100.0),
];

#[test]
fn each_exporter_is_understood_by_one_line_of_config() {
    let (home, farm) = (Home::new(), Farm::new());
    let remotes: Vec<_> =
        ROWS.iter().map(|(name, body, ..)| (name, farm.serve(bodies::text(*body)))).collect();
    let lines =
        remotes.iter().map(|(name, remote)| format!("remote-{name}-url={}\n", remote.url()));
    let once = home.once(&lines.collect::<String>(), &["--no-local"], 0);
    for (name, _, dialect, (kind, device, quantity), value) in ROWS {
        assert_eq!(once.source(name)["dialects"], serde_json::json!([dialect]), "{name}");
        let found = once.value(name, kind, device, quantity);
        assert!(near(found, value), "{name}: {found} is not {value}");
    }
}

/// Cells of each row of the guide's first table.
fn rows_of_the_guide() -> Vec<Vec<String>> {
    let guide = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/what-you-have.md"));
    let guide = guide.unwrap();
    let rows = guide.lines().skip_while(|line| !line.starts_with("|---")).skip(1);
    let rows = rows.take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split(" | ").map(|cell| cell.trim().to_owned()).collect())
        .collect()
}

#[test]
fn each_line_of_the_guide_is_a_valid_config() {
    let home = Home::new();
    let token = home.write("token", "x").display().to_string();
    let rows = rows_of_the_guide();
    assert!(rows.len() > 20, "{rows:?}");
    for row in &rows {
        let [what, line, ..] = &row[..] else { panic!("{row:?}") };
        let keys = line.split('`').skip(1).step_by(2).map(|key| match key.contains('=') {
            true => key.to_owned(),
            false => format!("{key}={token}"),
        });
        let config = keys.collect::<Vec<_>>().join("\n");
        let config = ["HOST:PORT", "EXPORTER", "SWITCH", "HOST"]
            .into_iter()
            .zip(["h:9000", "exporter", "switch", "h"])
            .fold(config, |config, (word, name)| config.replace(word, name))
            .replace("NAME", "box");
        let file = home.write("guide.conf", config + "\n");
        let done = home.run(&["--check-config", "-C", file.to_str().unwrap()]);
        assert_eq!(done.code, Some(0), "{what}: {}", done.stderr);
    }
}

#[test]
fn the_guide_names_the_programs_that_the_tests_start() {
    let peers = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/run")).unwrap();
    for row in rows_of_the_guide() {
        let tested = row.last().unwrap();
        let own = ["recorded body", "written body", "farm", "manytop"].contains(&tested.as_str());
        let programs = tested.split(", ").map(|name| name.to_lowercase().replace('_', "-"));
        let is_started = |name: &String| peers.contains(&format!("{name}:"));
        assert!(own || programs.clone().all(|name| is_started(&name)), "{row:?}");
    }
}

#[test]
fn each_host_of_a_federated_page_is_a_source() {
    let (home, farm) = (Home::new(), Farm::new());
    let page = "node_load1{instance=\"web1:9100\",job=\"node\"} 2.1\n\
                node_load1{instance=\"web2:9100\",job=\"node\"} 1.05\n\
                node_memory_MemTotal_bytes{instance=\"web1:9100\",job=\"node\"} 4000\n\
                node_memory_MemAvailable_bytes{instance=\"web1:9100\",job=\"node\"} 3000\n";
    let remote = farm.serve(bodies::text(page));
    let once = home.once(&format!("remote-fed-url={}\n", remote.url()), &["--no-local"], 0);
    assert!(near(once.value("web1", "host", "", "load1"), 2.1));
    assert!(near(once.value("web2", "host", "", "load1"), 1.05));
    assert!(near(once.value("web1", "memory", "Main", "percent"), 25.0));
    assert!(once.find("web2", "memory", "Main").is_none());
}

#[test]
fn several_addresses_of_a_host_are_one_source_and_one_that_fails_is_named() {
    let (home, farm) = (Home::new(), Farm::new());
    let machine = farm.serve(bodies::text("node_load1 1.5\n"));
    let gpus = farm.serve(bodies::text(body!("dcgm")));
    let config = format!("remote-db1-url={} {}\n", machine.url(), gpus.url());
    let once = home.once(&config, &["--no-local"], 0);
    assert!(near(once.value("db1", "host", "", "load1"), 1.5));
    assert!(near(once.value("db1", "gpu", "gpu0", "percent"), 97.0));
    gpus.now(crate::farm::Manner::Status(404));
    let file = home.write("two.conf", &config);
    let args = ["--once=json", "--no-local", "-C", file.to_str().unwrap()];
    let done = home.run(&args).expect(0);
    assert!(done.stderr.contains("404"), "{}", done.stderr);
}

#[test]
fn what_no_dialect_reads_is_unread_and_a_table_beside_the_config_reads_it() {
    let (home, farm) = (Home::new(), Farm::new());
    let body = "# HELP redis_connected_clients Clients.\n# TYPE redis_connected_clients gauge\n\
                redis_connected_clients 12\nredis_db_keys{db=\"db0\"} 3\nredis_db_keys{db=\"db1\"} 4\n\
                go_goroutines 7\n";
    let remote = farm.serve(bodies::text(body));
    let line = format!("remote-cache-url={}\n", remote.url());
    let once = home.once(&line, &["--no-local"], 3);
    assert_eq!(once.state("cache"), "unread");
    let error = once.source("cache")["error"].as_str().unwrap().to_owned();
    assert!(
        error.starts_with("answers with 4 series: redis_*, go_*; no dialect reads them"),
        "{error}"
    );
    let file = home.write("cache.conf", &line);
    let config = file.to_str().unwrap();
    let check = home.run(&["--check", "--no-local", "-C", config]).expect(1);
    assert!(check.stdout.contains("unread: answers with 4 series"), "{}", check.stdout);
    let list = home.run(&["--list", "metrics", "-C", config, "cache"]).expect(0);
    assert_eq!(
        list.stdout,
        "# redis_connected_clients: gauge; Clients.\nredis_connected_clients 12\n\
         redis_db_keys{db=\"db0\"} 3\nredis_db_keys{db=\"db1\"} 4\ngo_goroutines 7\n"
    );

    let watches = "watch-keys-metric=redis_db_keys\nwatch-keys-sum=db\nwatch-keys-hosts=ca*\n\
                   watch-other-metric=go_goroutines\nwatch-other-hosts=db\n";
    let once = home.once(&format!("{line}{watches}"), &["--no-local"], 0);
    assert!(near(once.value("cache", "metric", "keys", "value"), 7.0));
    assert!(once.find("cache", "metric", "other").is_none());

    fs::create_dir_all(home.path().join("dialects")).unwrap();
    let table = include_str!("../../examples/dialects/redis.toml");
    home.write("dialects/redis.toml", table);
    let done = home.run(&["--once=json", "--no-local", "-C", config]).expect(0);
    let once = Once::read(done);
    assert_eq!(once.source("cache")["dialects"], serde_json::json!(["redis"]));
    assert!(near(once.value("cache", "redis", "redis", "clients"), 12.0));
    assert!(near(once.value("cache", "redis", "redis", "keys"), 7.0));

    home.write(
        "dialects/redis.toml",
        table.replace("[[series]]\nmetric = [", "[[series]]\nmetrik = ["),
    );
    let done = home.run(&["--check-config", "-C", config]).expect(2);
    let line = table.lines().position(|line| line.starts_with("metric = [")).unwrap() + 1;
    let place = format!("redis.toml:{line}: unknown field `metrik`");
    assert!(done.stderr.contains(&place), "{}", done.stderr);
}

#[test]
fn the_tables_of_the_examples_are_well_formed() {
    let home = Home::new();
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/dialects");
    fs::create_dir_all(home.path().join("dialects")).unwrap();
    for file in fs::read_dir(folder).unwrap().flatten() {
        let name = format!("dialects/{}", file.file_name().to_str().unwrap());
        home.write(&name, fs::read_to_string(file.path()).unwrap());
    }
    let config = home.write("empty.conf", "nolocal=false\n");
    home.run(&["--check-config", "-C", config.to_str().unwrap()]).expect(0);
}

/// Sources of a config, once that value is there. Exporters collect some figures after they have begun to answer.
#[track_caller]
fn once_with(home: &Home, config: &str, value: (&str, &str, &str, &str)) -> Once {
    let (source, kind, device, quantity) = value;
    wait_for(&format!("{quantity} of {source}"), 3 * PATIENCE, || {
        let file = home.write("real.conf", config);
        let done = home.run(&["--once=json", "--no-local", "-C", file.to_str().unwrap()]);
        let once = Once::read(done);
        once.find(source, kind, device)?["values"][quantity].as_f64().map(|_| once)
    })
}

/// Bytes of this machine's memory.
fn own_memory() -> f64 {
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap();
    let kib = meminfo.split_whitespace().nth(1).unwrap();
    kib.parse::<f64>().unwrap() * 1024.0
}

#[test]
fn real_agents_of_this_machine_are_understood() {
    let peers = [
        ("netdata", Peer::netdata(), "/api/v1/allmetrics?format=prometheus"),
        ("collectd", Peer::collectd(), "/metrics"),
        ("glances", Peer::glances(), "/metrics"),
    ];
    thread::scope(|scope| {
        for (name, peer, path) in &peers {
            scope.spawn(move || {
                let home = Home::new();
                let config = format!("remote-box-url=http://{}{path}\n", peer.address());
                let once = once_with(&home, &config, ("box", "memory", "Main", "total_bytes"));
                assert_eq!(once.source("box")["dialects"], serde_json::json!([name]), "{name}");
                let total = once.value("box", "memory", "Main", "total_bytes");
                assert!((total / own_memory() - 1.0).abs() < 0.02, "{name}: {total}");
                let once = once_with(&home, &config, ("box", "host", "", "load1"));
                assert!(once.value("box", "host", "", "load1") >= 0.0, "{name}");
                assert!(!once.devices_of("box", "disk").is_empty(), "{name}");
                assert!(!once.devices_of("box", "network").is_empty(), "{name}");
            });
        }
    });
}

#[test]
fn a_real_snmp_daemon_is_a_switch() {
    let (home, snmpd, exporter) = (Home::new(), Snmpd::new(), Peer::snmp_exporter());
    let config = format!(
        "remote-switch-url=http://{}/snmp?module=if_mib&target={}\n",
        exporter.address(),
        snmpd.target
    );
    let once = home.once(&config, &["--no-local"], 0);
    assert_eq!(once.source("switch")["dialects"], serde_json::json!(["snmp_exporter"]));
    assert!(once.value("switch", "host", "", "uptime_seconds") < 600.0, "it has just begun");
    let lo =
        once.find("switch", "network", "lo").or_else(|| once.find("switch", "network", "eth0"));
    assert!(lo.is_some(), "{:?}", once.devices_of("switch", "network"));
}

#[test]
fn a_real_process_exporter_is_understood() {
    let home = Home::new();
    let exporter = Peer::process_exporter();
    let config = format!("remote-groups-url=http://{}/metrics\n", exporter.address());
    let once = home.once(&config, &["--no-local"], 0);
    assert_eq!(once.source("groups")["dialects"], serde_json::json!(["process-exporter"]));
    let groups = once.devices_of("groups", "process");
    let own = groups.iter().find(|group| {
        group["device"].as_str().is_some_and(|name| name.starts_with("prometheus-proc"))
    });
    let own = own.unwrap_or_else(|| panic!("{groups:?}"));
    assert!(own["values"]["bytes"].as_f64().unwrap() > 0.0, "{own}");
}
