//! A real node_exporter as a remote. Its text is recorded on the way, and what the program makes of it
//! is compared with a reading of the same text that shares no code with it.

use crate::{
    farm::{Farm, Manner, Remote},
    home::{Home, wait_for},
    once::near,
    peers::Peer,
    terminal::{PATIENCE, Terminal},
};
use std::collections::BTreeMap;

/// `name{labels}` → value, read as simply as can be.
type Body = BTreeMap<String, f64>;

fn read(text: &str) -> Body {
    let series = text.lines().filter(|line| !line.starts_with('#'));
    series
        .filter_map(|line| line.rsplit_once(' '))
        .filter_map(|(name, value)| Some((name.to_owned(), value.parse().ok()?)))
        .collect()
}

fn label<'a>(series: &'a str, name: &str) -> &'a str {
    let (_, rest) = series.split_once(&format!("{name}=\"")).unwrap();
    rest.split('"').next().unwrap()
}

/// All series of a metric.
fn family<'a>(body: &'a Body, metric: &str) -> impl Iterator<Item = (&'a str, f64)> {
    let start = format!("{metric}{{");
    body.iter().filter(move |(s, _)| s.starts_with(&start)).map(|(s, v)| (s.as_str(), *v))
}

#[test]
fn its_values_agree_with_an_independent_reading_of_its_text() {
    let home = Home::new();
    let farm = Farm::new();
    let exporter = Peer::node_exporter();
    let remote = farm.remote(Manner::Forward(exporter.address()));
    let config = format!("remote-vm-url={}\n", remote.url());
    let once = home.once(&config, &["--no-local"], 0);
    assert_eq!(once.source("vm")["dialects"], serde_json::json!(["node_exporter"]));

    let answers: Vec<_> = remote
        .seen()
        .into_iter()
        .filter_map(|seen| Some((seen.at, seen.target, seen.answer?)))
        .filter(|(.., (status, _))| *status == 200)
        .collect();
    let [.., (t0, _, (_, first)), (t1, target, (_, last))] = &answers[..] else {
        panic!("{} good answers, two are needed for a rate", answers.len());
    };
    // The second is for what manytop has a use for, and must tell as much of that.
    assert!(asked(target).contains(&"meminfo") && last.len() < first.len(), "{target}");
    let (first, last, span) = (read(first), read(last), t1.duration_since(*t0).as_secs_f64());

    cpu(&once, &first, &last);
    memory(&once, &last);
    disk(&once, &last);
    network(&once, &first, &last, span);
    let load = once.device("vm", "host", "");
    assert!(near(load["values"]["load1"].as_f64().unwrap(), last["node_load1"]), "{load}");
}

/// The collectors that a request names.
fn asked(target: &str) -> Vec<&str> {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    query.split('&').filter_map(|pair| pair.strip_prefix("collect%5B%5D=")).collect()
}

/// Good answers so far: what was asked for, and what came.
fn answers(remote: &Remote) -> Vec<(Vec<String>, Body)> {
    let names = |target: &str| asked(target).into_iter().map(str::to_owned).collect();
    let good = remote.seen().into_iter().filter_map(|seen| match seen.answer {
        Some((200, text)) => Some((names(&seen.target), read(&text))),
        _ => None,
    });
    good.collect()
}

/// A screen with that layout and the remote as `vm`, of which so much history is kept.
fn screen_of(home: &Home, remote: &Remote, layout: &str, history: &str) -> Terminal {
    let layout = home.write("layout", layout);
    let config =
        home.write("vm.conf", format!("remote-vm-url={}\nhistory={history}\n", remote.url()));
    let args = ["-C", config.to_str().unwrap(), "-l", layout.to_str().unwrap()];
    Terminal::run(home, (100, 30), &args.map(std::ffi::OsStr::new))
}

#[test]
fn it_is_asked_for_what_a_layout_shows() {
    let (home, farm) = (Home::new(), Farm::new());
    let exporter = Peer::node_exporter();
    let remote = farm.remote(Manner::Forward(exporter.address()));
    let terminal = screen_of(&home, &remote, "mem@vm\n", "off");
    let seen = wait_for("three answers", PATIENCE, || {
        Some(answers(&remote)).filter(|answers| answers.len() >= 3)
    });
    let [(whole, first), parts @ ..] = &seen[..] else { unreachable!() };
    assert!(whole.is_empty(), "{whole:?}");
    for (names, body) in parts {
        // the box shows how long tasks wait for memory, too
        assert_eq!(*names, ["meminfo", "pressure"]);
        assert!(!body.keys().any(|series| series.starts_with("node_cpu")));
        assert!(body.len() < first.len() / 2, "{} of {} series", body.len(), first.len());
    }
    terminal.wait_for("memory of the last answer", |screen| {
        let Some((_, last)) = answers(&remote).pop() else { return false };
        let total = last["node_memory_MemTotal_bytes"];
        let used = total - last["node_memory_MemAvailable_bytes"];
        screen.contains(&format!("{:.0} %", 100.0 * used / total))
    });
    terminal.press(&["q"]);
    terminal.wait_for_end();
}

#[test]
fn history_asks_for_the_figures_of_a_host_whatever_is_shown() {
    let (home, farm) = (Home::new(), Farm::new());
    let exporter = Peer::node_exporter();
    let remote = farm.remote(Manner::Forward(exporter.address()));
    let terminal = screen_of(&home, &remote, "mem@vm\n", "10m");
    wait_for("a question for more than memory", PATIENCE, || {
        let seen = answers(&remote);
        let is_more = |(names, _): &(Vec<String>, Body)| {
            ["cpu", "filesystem", "meminfo"].iter().all(|wanted| names.iter().any(|n| n == wanted))
        };
        (seen.iter().any(is_more) || seen.iter().filter(|(n, _)| n.is_empty()).count() > 3)
            .then_some(())
    });
    terminal.press(&["q"]);
    terminal.wait_for_end();
}

#[test]
fn one_that_loses_a_collector_is_asked_for_the_rest_without_an_error() {
    let (home, farm) = (Home::new(), Farm::new());
    let (all, fewer) = (Peer::node_exporter(), Peer::node_exporter_without("diskstats"));
    let remote = farm.remote(Manner::Forward(all.address()));
    let terminal = screen_of(&home, &remote, "disk@vm\n", "off");
    let named = |names: &'static [&str]| {
        wait_for("that question", PATIENCE, || {
            answers(&remote).iter().any(|(asked, _)| asked == names).then_some(())
        });
    };
    named(&["diskstats", "filesystem"]);
    let before = remote.requests();
    remote.now(Manner::Forward(fewer.address()));
    named(&["filesystem"]);
    let after = remote.seen().split_off(before);
    let all = after.iter().filter_map(|seen| seen.answer.as_ref());
    let refused: Vec<_> = all.filter(|(status, _)| *status != 200).map(|(s, _)| *s).collect();
    assert_eq!(refused, [400], "refused once, and made good at once");
    let screen = terminal.screen();
    assert!(!screen.contains("400"), "{screen}");
    terminal.press(&["q"]);
    terminal.wait_for_end();
}

type Once = crate::once::Once;

fn cpu(once: &Once, first: &Body, last: &Body) {
    let mut cpus: BTreeMap<&str, (f64, f64)> = BTreeMap::new();
    for (series, now) in family(last, "node_cpu_seconds_total") {
        let step = now - first.get(series).copied().unwrap_or(now);
        let (busy, all) = cpus.entry(label(series, "cpu")).or_default();
        *all += step;
        if !matches!(label(series, "mode"), "idle" | "iowait") {
            *busy += step;
        }
    }
    assert!(!cpus.is_empty());
    assert_eq!(once.devices_of("vm", "cpu").len(), cpus.len());
    for (cpu, (busy, all)) in cpus {
        let got = once.value("vm", "cpu", &format!("CPU{cpu}"), "percent");
        let expected = 100.0 * busy / all;
        assert!((got - expected).abs() < 0.01, "CPU{cpu}: {got}, not {expected}");
    }
}

fn memory(once: &Once, last: &Body) {
    let total = last["node_memory_MemTotal_bytes"];
    let used = total - last["node_memory_MemAvailable_bytes"];
    let get = |quantity| once.value("vm", "memory", "Main", quantity);
    assert!(near(get("total_bytes"), total));
    assert!(near(get("used_bytes"), used), "{} is not {used}", get("used_bytes"));
    assert!(near(get("percent"), 100.0 * used / total));
    let swap = last["node_memory_SwapTotal_bytes"];
    assert!(near(once.value("vm", "memory", "Swap", "total_bytes"), swap));
    let percent = once.device("vm", "memory", "Swap")["values"].get("percent");
    assert_eq!(percent.is_some_and(|p| !p.is_null()), swap > 0.0, "a share of nothing");
}

fn disk(once: &Once, last: &Body) {
    let mut compared = 0;
    for (series, size) in family(last, "node_filesystem_size_bytes") {
        let Some(device) = label(series, "device").strip_prefix("/dev/") else { continue };
        let Some(disk) = once.find("vm", "disk", device) else { continue };
        let mounts = disk["texts"]["mounts"].as_str().unwrap_or_default();
        if mounts.split([',', ' ']).next() != Some(label(series, "mountpoint")) {
            continue;
        }
        let of = |metric: &str| last[&series.replace("node_filesystem_size_bytes", metric)];
        let used = size - of("node_filesystem_free_bytes");
        let avail = of("node_filesystem_avail_bytes");
        let get = |quantity| once.value("vm", "disk", device, quantity);
        assert!(near(get("total_bytes"), size), "{device}");
        assert!(near(get("used_bytes"), used), "{device}");
        assert!(near(get("percent"), 100.0 * used / (used + avail)), "{device}, as df has it");
        compared += 1;
    }
    assert!(compared > 0, "no disk to compare: {:?}", once.labels("vm"));
}

fn network(once: &Once, first: &Body, last: &Body, span: f64) {
    let mut compared = 0;
    for (series, now) in family(last, "node_network_receive_bytes_total") {
        let device = label(series, "device");
        let Some(entry) = once.find("vm", "network", device) else { continue };
        let got = entry["values"]["received_bytes_per_second"].as_f64().unwrap();
        let expected = (now - first[series]) / span;
        // The program's clock and the farm's are not read at the same instant.
        assert!((got - expected).abs() <= 0.2 * expected + 1.0, "{device}: {got}, not {expected}");
        compared += 1;
    }
    assert!(compared > 0, "no interface to compare: {:?}", once.labels("vm"));
}
