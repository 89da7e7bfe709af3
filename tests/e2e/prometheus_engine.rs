//! A Prometheus server as the engine: real ones, of two makes, that scrape a real node_exporter and the farm.

use crate::{
    bodies::{self, Body, Gotop},
    farm::{Farm, Manner},
    home::{Home, wait_for},
    once::{Once, near},
    peers::{Peer, get},
    terminal::{PATIENCE, Terminal},
};
use std::{
    ffi::OsStr,
    net::SocketAddr,
    sync::Arc,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Starts a server that scrapes these.
type Start = fn(&[SocketAddr]) -> Peer;

/// The servers, by their makers' names.
const MAKES: [(&str, Start); 2] =
    [("Prometheus", Peer::prometheus), ("VictoriaMetrics", Peer::victoria_metrics)];

/// Plays a test with each make, at the same time.
fn with_each_make(test: impl Fn(&'static str, Start) + Sync) {
    thread::scope(|scope| {
        let test = &test;
        MAKES.iter().for_each(|(make, start)| drop(scope.spawn(move || test(make, *start))));
    });
}

fn config(server: &Peer) -> String {
    format!(
        "nolocal=true\nprometheus-site-url=http://{}\nprometheus-site-select={{job=\"node\"}}\n\
         prometheus-site-refresh=1\n",
        server.address()
    )
}

fn once(home: &Home, config: &str) -> Once {
    let config = home.write("site.conf", config);
    Once::read(home.run(&[OsStr::new("--once=json"), OsStr::new("-C"), config.as_os_str()]))
}

#[test]
fn all_hosts_of_a_server_are_read_at_once_and_in_every_dialect() {
    let farm = Farm::new();
    let real = Peer::node_exporter();
    let gotop = farm.serve(bodies::gotop(Gotop::default()));
    let node = farm.serve(bodies::node_exporter());
    let gone = farm.remote(Manner::Refuse);
    let targets = [real.address(), gotop.address(), node.address(), gone.address()];
    with_each_make(|make, start| {
        let home = Home::new();
        let server = start(&targets);
        // an address gives way to the name that a machine tells, unless another has the same
        let machine = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        let (machine, recorded) = (machine.trim(), bodies::NODE_NAME);
        let name = |at: usize| match at {
            0 if machine != recorded => machine.to_owned(),
            2 if machine != recorded => recorded.to_owned(),
            _ => targets[at].to_string(),
        };
        let once = wait_for(&format!("rates of {make}"), 3 * PATIENCE, || {
            let once = once(&home, &config(&server));
            let rate = once.find(&name(2), "cpu", "CPU1")?["values"]["percent"].as_f64();
            // until all are scraped, one may have a name alone that two share later
            let listed = (0..4).all(|nth| once.has(&name(nth)));
            let live = listed && (0..3).all(|nth| once.state(&name(nth)) == "live");
            (rate.is_some() && live).then_some(once)
        });
        assert_eq!(once.sources().len(), 5, "{make}: four hosts and the server itself");
        assert_eq!(once.state("site"), "live", "{make}");
        let dialects = |nth: usize| once.source(&name(nth))["dialects"].to_string();
        assert_eq!(
            [dialects(0), dialects(1), dialects(2)],
            ["[\"node_exporter\"]", "[\"gotop\"]", "[\"node_exporter\"]"]
        );
        assert_eq!(once.value(&name(1), "cpu", "CPU1", "percent"), 58.0, "{make}");
        for (core, busy) in [("CPU0", 10.0), ("CPU1", 50.0)] {
            let percent = once.value(&name(2), "cpu", core, "percent");
            assert!((percent - busy).abs() < 8.0, "{make}: {core} {percent}");
        }
        // the machine of the test, as the node_exporter itself has it
        let direct = home.once(
            &format!("remote-real-url=http://{}/metrics\n", real.address()),
            &["--no-local"],
            0,
        );
        let total = |once: &Once, source: &str| once.value(source, "memory", "Main", "total_bytes");
        assert!(near(total(&once, &name(0)), total(&direct, "real")), "{make}");
        let of = |once: &Once, source: &str| {
            let labels = once.labels(source);
            labels
                .into_iter()
                .map(|(kind, label)| (kind, label.replace(source, "")))
                .collect::<Vec<_>>()
        };
        assert_eq!(of(&once, &name(0)), of(&direct, "real"), "{make}: the same devices");
        let text = |once: &Once, source: &str| once.device(source, "host", "")["texts"].clone();
        assert_eq!(text(&once, &name(0)), text(&direct, "real"), "{make}");
        assert_eq!(once.state(&name(3)), "down", "{make}");
        let why = once.source(&name(3))["error"].to_string();
        assert!(why.contains("up is 0"), "{make}: {why}");
    });
}

#[test]
fn a_host_that_dies_is_told_by_the_age_of_its_samples_and_not_five_minutes_later() {
    let farm = Farm::new();
    with_each_make(|make, start| {
        let home = Home::new();
        let (dies, lives) = (
            farm.serve(bodies::gotop(Gotop::default())),
            farm.serve(bodies::gotop(Gotop::default())),
        );
        let server = start(&[dies.address(), lives.address()]);
        let conf = home.write("dies.conf", config(&server)).display().to_string();
        let layout = home.write("hosts.layout", "hosts\n").display().to_string();
        let terminal = Terminal::run(&home, (160, 20), &["-C", &conf, "-l", &layout]);
        let (dead, alive) = (dies.address().to_string(), lives.address().to_string());
        let row = |screen: &str, name: &str| {
            let found = screen.lines().find(|line| line.contains(name));
            found.map(str::to_owned).unwrap_or_default()
        };
        terminal.wait(&format!("both hosts of {make}"), 2 * PATIENCE, |screen| {
            [&dead, &alive].iter().all(|name| row(screen, name).contains("live"))
        });
        dies.now(Manner::Refuse);
        let screen = terminal.wait(&format!("{make} to tell of it"), 2 * PATIENCE, |screen| {
            row(screen, &dead).contains("DOWN") && row(screen, &alive).contains("live")
        });
        assert!(row(&screen, &dead).contains("up is 0"), "{make}:\n{screen}");
        dies.now(Manner::Serve(bodies::gotop(Gotop::default())));
        terminal.wait("its return", 2 * PATIENCE, |screen| row(screen, &dead).contains("live"));
    });
}

/// At first 90 % busy, and from the tenth answer on 5 %.
fn calmed() -> Body {
    let bodies = [90, 5].map(|n| bodies::gotop(Gotop { cores: vec![n, n], ..Gotop::default() }));
    Arc::new(move |n, elapsed| bodies[usize::from(n > 10)](n, elapsed))
}

#[test]
fn graphs_begin_with_what_the_server_remembers() {
    let farm = Farm::new();
    with_each_make(|make, start| {
        let home = Home::new();
        let host = farm.serve(calmed());
        let server = start(&[host.address()]);
        wait_for("the host to calm down", 2 * PATIENCE, || (host.requests() > 14).then_some(()));
        let conf = home.write("past.conf", config(&server)).display().to_string();
        let layout = home.write("cpu.layout", "cpu\n").display().to_string();
        let terminal = Terminal::run(&home, (100, 24), &["-C", &conf, "-l", &layout]);
        // nothing that comes from now on reaches the upper half of the graph
        terminal.wait_for(&format!("what was before, by {make}"), |screen| {
            let upper = screen.lines().skip(2).take(8).collect::<String>();
            screen.contains("127.0.0.1")
                && upper.chars().any(|c| ('\u{2801}'..='\u{28ff}').contains(&c))
        });
    });
}

/// How often a Prometheus was asked anything.
fn queries(server: &Peer) -> u64 {
    let (_, page) = get(server.address(), "/metrics").unwrap();
    let lines = page.lines().filter(|line| {
        line.starts_with("prometheus_http_requests_total{") && line.contains("/api/v1/query")
    });
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<u64>().ok()).sum()
}

#[test]
fn the_number_of_queries_does_not_grow_with_the_hosts() {
    let farm = Farm::new();
    let asked = |count: usize| {
        let home = Home::new();
        let remotes: Vec<_> = (0..count).map(|_| farm.serve(bodies::node_exporter())).collect();
        let targets: Vec<_> = remotes.iter().map(|r| r.address()).collect();
        let server = Peer::prometheus(&targets);
        wait_for("all to be scraped", 2 * PATIENCE, || {
            remotes.iter().all(|r| r.requests() > 3).then_some(())
        });
        let before = queries(&server);
        let once = once(&home, &config(&server).replace("refresh=1", "refresh=60"));
        assert_eq!(once.sources().len(), count + 1);
        queries(&server) - before
    };
    let asked = thread::scope(|scope| {
        let many = scope.spawn(|| asked(12));
        [asked(1), many.join().unwrap()]
    });
    // now, a minute ago, and names; then once more for now, as it looks twice
    assert!(asked[0] == asked[1] && asked[0] <= 4, "{asked:?}");
}

/// The busy time of a host's two processors, as OpenMetrics: percent between so many hours ago and so many.
fn busy(host: SocketAddr, spans: &[(u64, u64, u32)]) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let mut text = String::new();
    for core in ["CPU0", "CPU1"] {
        text.push_str(&format!("# TYPE gotop_cpu_{core} gauge\n"));
        for (from, to, percent) in spans {
            let times = (now - from * 3600..now - to * 3600).step_by(15);
            text.extend(times.map(|at| {
                format!("gotop_cpu_{core}{{instance=\"{host}\",job=\"node\"}} {percent} {at}\n")
            }));
        }
    }
    text + "# EOF\n"
}

#[test]
fn any_instant_of_an_opened_host_comes_from_its_engine() {
    let (home, farm) = (Home::new(), Farm::new());
    let host = farm.serve(bodies::gotop(Gotop { cores: vec![5, 5], ..Gotop::default() }));
    let past = busy(host.address(), &[(26, 22, 87), (4, 1, 41)]);
    let server = Peer::prometheus_with_past(&[host.address()], &past);
    let conf = home.write("past.conf", config(&server)).display().to_string();
    let terminal = Terminal::run(&home, (180, 48), &["-C", &conf]);
    terminal.wait_for_text(&["127.0.0.1", "live", "disk 83 > 80"]);
    terminal.press(&["Home"]);
    terminal.press(&["Enter"]);
    let shows = |screen: &str, percent: &str| {
        let title = screen.lines().find(|line| line.contains("cpu ─")).unwrap_or_default();
        title.contains(&format!("cpu ─ {percent} %"))
    };
    terminal.wait_for("the host to be opened", |screen| shows(screen, "5"));
    let go = |time: &str| {
        terminal.press(&["@"]);
        terminal.press(&["-"]);
        terminal.type_text(time);
        terminal.press(&["Enter"]);
    };
    for (time, percent) in [("1d", "87"), ("2h", "41")] {
        go(time);
        terminal.wait_for(&format!("{time} ago"), |screen| {
            ["PAST", "from the engine site"].iter().all(|word| screen.contains(word))
                && shows(screen, percent)
        });
    }
    for key in ["<", ",", ".", ">"] {
        terminal.press(&[key]);
        terminal.wait_for("its value after a step", |screen| shows(screen, "41"));
    }
    go("10d");
    terminal.wait_for_text(&["PAST", "site has nothing of this hour"]);
    terminal.press(&["f"]);
    terminal.wait_for("the present", |screen| !screen.contains("PAST") && shows(screen, "5"));
    terminal.press(&["q"]);
    terminal.wait_for_end();
}

#[test]
fn what_is_wrong_with_the_server_is_told_as_everywhere() {
    let home = Home::new();
    let farm = Farm::new();
    let exporter = farm.serve(bodies::text("up 1\n"));
    let server = Peer::prometheus(&[exporter.address()]);
    for (keys, why) in [
        (format!("url=http://{}\n", exporter.address()), "not the query API"),
        ("url=http://127.0.0.1:9\n".to_owned(), "connection refused"),
        (format!("url=http://{}/prometheus\n", server.address()), "404: no query API there"),
        (
            format!("url=http://{}\nprometheus-site-select={{job=\"none\"}}\n", server.address()),
            "the server knows no such hosts; see prometheus-site-select",
        ),
    ] {
        let once = once(&home, &format!("nolocal=true\nprometheus-site-{keys}"));
        assert_eq!(once.state("site"), "down", "{keys}");
        let error = once.source("site")["error"].to_string();
        assert!(error.contains(why), "{keys}: {error}");
    }
    for (keys, why) in [
        ("url=http://h/api/v1/query\n", "leave out /api/v1"),
        (
            "url=http://h\nprometheus-x-select=job=node\n",
            "wrong.conf:2: prometheus-x-select: expected braces",
        ),
        ("url=http://h\nprometheus-x-password=p\n", "see prometheus-x-username"),
    ] {
        let config = home.write("wrong.conf", format!("prometheus-x-{keys}"));
        let args = [OsStr::new("--check-config"), OsStr::new("-C"), config.as_os_str()];
        let refused = home.run(&args).expect(2);
        assert!(refused.stderr.contains(why), "{keys}: {}", refused.stderr);
    }
}

#[test]
fn an_answer_that_is_too_long_is_refused_and_not_kept() {
    let home = Home::new();
    let farm = Farm::new();
    let line = "x".repeat(1024 * 1024);
    let server = farm.serve(Arc::new(move |_, _: Duration| line.repeat(65)));
    let url = format!("http://{}", server.address());
    let once = once(&home, &format!("nolocal=true\nprometheus-site-url={url}\n"));
    let error = once.source("site")["error"].to_string();
    assert!(error.contains("longer than 64 MiB; divide the hosts"), "{error}");
}
