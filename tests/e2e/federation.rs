//! Bodies and servers that hold the series of several targets: real ones, and what is sent to them.

use crate::{
    bodies,
    farm::{Farm, Manner, Then},
    home::{Done, Home, wait_for},
    once::Once,
    peers::{Peer, curl},
    terminal::{PATIENCE, Terminal},
};
use std::{
    ffi::OsStr,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

fn run(home: &Home, config: &str) -> Done {
    let config = home.write("site.conf", format!("nolocal=true\n{config}"));
    home.run(&[OsStr::new("--once=json"), OsStr::new("-C"), config.as_os_str()])
}

fn names(once: &Once) -> Vec<String> {
    let names = once.sources().iter().map(|source| source["name"].as_str().unwrap().to_owned());
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// A job with its targets: address, instance, more labels.
fn job(name: &str, more: &str, targets: &[(SocketAddr, &str, &str)]) -> String {
    let mut text = format!("  - job_name: {name}\n{more}    static_configs:\n");
    for (address, instance, labels) in targets {
        text += &format!("      - targets: [\"{address}\"]\n        labels: {{{labels}");
        if !instance.is_empty() {
            text += &format!("instance: \"{instance}\"");
        }
        text += "}\n";
    }
    text
}

fn scrapes(jobs: &[String]) -> String {
    format!("global:\n  scrape_interval: 1s\nscrape_configs:\n{}", jobs.concat())
}

fn push(gateway: &Peer, group: &str, total: u32) {
    let home = Home::new();
    let body = format!(
        "node_memory_MemTotal_bytes {total}\nnode_memory_MemAvailable_bytes {}\n",
        total / 2
    );
    let file = home.write("body", body).display().to_string();
    let url = format!("http://{}/metrics/{group}", gateway.address());
    curl(&["-f", "--data-binary", &format!("@{file}"), &url]).expect(0);
}

#[test]
fn a_federated_body_is_split_by_host_and_each_has_its_own_rates() {
    let farm = Farm::new();
    let (one, two) = (farm.serve(bodies::node_exporter()), farm.serve(bodies::node_exporter()));
    let site = "cluster: eu, ";
    let targets = [(one.address(), "web1:9100", site), (two.address(), "web2:9100", site)];
    let server = Peer::scraping("Prometheus", &scrapes(&[job("node", "", &targets)]));
    let config = format!(
        "remote-fed-url=http://{}/federate?match[]={{job=\"node\"}}\nremote-fed-tags={{cluster}}\n",
        server.address()
    );
    let home = Home::new();
    let once = wait_for("both hosts with rates", 3 * PATIENCE, || {
        let once = Once::read(run(&home, &config));
        let rate = |host| once.find(host, "cpu", "CPU1")?["values"]["percent"].as_f64();
        rate("web1").and(rate("web2")).map(|_| once)
    });
    assert_eq!(names(&once), ["fed", "web1", "web2"]);
    for host in ["web1", "web2"] {
        for (core, busy) in [("CPU0", 10.0), ("CPU1", 50.0)] {
            let percent = once.value(host, "cpu", core, "percent");
            assert!((percent - busy).abs() < 5.0, "{host}: {core} {percent}");
        }
        assert_eq!(once.state(host), "live");
    }
    assert_eq!(once.devices_of("fed", "cpu").len(), 0, "it is no host itself");
}

#[test]
fn a_page_that_only_serves_hosts_is_not_unread_itself() {
    let (home, farm) = (Home::new(), Farm::new());
    let of = |host: &str| {
        let line = |metric: &str, value: u64| {
            format!("node_memory_{metric}_bytes{{instance=\"{host}\",job=\"node\"}} {value}\n")
        };
        line("MemTotal", 8000) + &line("MemAvailable", 6000)
    };
    let page = farm.serve(bodies::text(of("web1:9100") + &of("web2:9100")));
    let config = format!("nolocal=true\nremote-fed-url={}\n", page.url());
    home.write(".config/manytop/manytop.conf", config);
    let terminal = Terminal::run::<&str>(&home, (160, 30), &[]);
    let row = |screen: &str, name: &str| {
        let name = format!(" {name} ");
        screen.lines().find(|line| line.contains(&name)).unwrap_or_default().to_owned()
    };
    terminal.wait_for("the page and its hosts to be live", |screen| {
        ["fed", "web1", "web2"].iter().all(|name| row(screen, name).contains("live"))
    });
}

#[test]
fn what_hosts_push_is_as_old_as_the_push_and_two_are_never_one() {
    let gateway = Peer::pushgateway();
    push(&gateway, "job/node/instance/web1", 1000);
    push(&gateway, "job/batch/host/b1", 2000);
    push(&gateway, "job/batch/host/b2", 4000);
    let home = Home::new();
    let config = format!("remote-pg-url=http://{}/metrics\n", gateway.address());
    let old = |once: &Once, host: &str| once.source(host)["age_seconds"].as_f64().unwrap_or(0.0);
    let once = wait_for("the pushes to be older than the answer", 2 * PATIENCE, || {
        let once = Once::read(run(&home, &config));
        (old(&once, "web1") > 2.0 && old(&once, "pg") < 1.0).then_some(once)
    });
    assert_eq!(names(&once), ["b1", "b2", "pg", "web1"]);
    for (host, total) in [("web1", 1000.0), ("b1", 2000.0), ("b2", 4000.0)] {
        assert_eq!(once.value(host, "memory", "Main", "total_bytes"), total, "{host}");
    }
}

#[test]
fn a_site_with_jobs_clusters_and_a_gateway_is_split_by_its_targets() {
    let farm = Farm::new();
    let serve = || farm.serve(bodies::node_exporter());
    let (one, two, three) = (serve(), serve(), serve());
    let other = farm.serve(bodies::text("app_requests_total{x=\"y\"} 1\n"));
    let gateway = Peer::pushgateway();
    push(&gateway, "job/node/instance/pushed", 1000);
    push(&gateway, "job/batch/host/b1", 2000);
    let (eu, us) = ("cluster: eu-1, ", "cluster: us-1, ");
    let config = scrapes(&[
        job("node", "", &[(one.address(), "web1:9100", eu), (two.address(), "web1:9100", us)]),
        job("again", "    scrape_interval: 2s\n", &[(three.address(), "web1:9101", us)]),
        job("app", "", &[(other.address(), "web1:80", us), (other.address(), "shop:80", us)]),
        job("push", "    honor_labels: true\n", &[(gateway.address(), "", "")]),
    ]);
    thread::scope(|scope| {
        for make in ["Prometheus", "VictoriaMetrics"] {
            let config = &config;
            scope.spawn(move || {
                let home = Home::new();
                let server = Peer::scraping(make, config);
                let config = format!(
                    "prometheus-site-url=http://127.0.0.1:9 http://{}\nprometheus-site-refresh=1\n\
                     prometheus-site-tags={{cluster}}\nprometheus-site-lookback=10m\n",
                    server.address()
                );
                let hosts = ["b1", "eu-1/web1", "pushed", "site", "us-1/web1"];
                let once = wait_for(&format!("all hosts of {make}"), 3 * PATIENCE, || {
                    let done = run(&home, &config);
                    let note = done.stderr.contains("is asked instead of 127.0.0.1:9");
                    let once = Once::read(done);
                    let rate = once.find("us-1/web1", "cpu", "CPU1")?["values"]["percent"].as_f64();
                    (names(&once) == hosts && rate.is_some() && note).then_some(once)
                });
                let busy = once.value("us-1/web1", "cpu", "CPU1", "percent");
                assert!((busy - 50.0).abs() < 8.0, "{make}: {busy}");
                assert_eq!(once.devices_of("us-1/web1", "cpu").len(), 2, "{make}: never added up");
                assert_eq!(once.value("b1", "memory", "Main", "total_bytes"), 2000.0, "{make}");
                let named = format!(
                    "{config}prometheus-site-name={{cluster}}-{{host}}\n\
                    prometheus-site-select={{cluster=~\"..-1\", job=\"node\"}}\n"
                );
                let once = Once::read(run(&home, &named));
                assert_eq!(names(&once), ["eu-1-web1", "site", "us-1-web1"], "{make}");
            });
        }
    });
}

/// An engine with so many hosts, which keeps the queries.
fn engine(hosts: usize) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let queries = Arc::new(Mutex::new(Vec::new()));
    let kept = queries.clone();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let kept = kept.clone();
            thread::spawn(move || serve(stream, hosts, &kept));
        }
    });
    (address, queries)
}

fn serve(mut stream: TcpStream, hosts: usize, kept: &Mutex<Vec<String>>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    for number in 0.. {
        let (mut length, mut line) = (0, String::new());
        while reader.read_line(&mut line).ok()? > 2 {
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().ok()?;
            }
            line.clear();
        }
        if length == 0 {
            return None;
        }
        let mut form = vec![0; length];
        reader.read_exact(&mut form).ok()?;
        kept.lock().unwrap().push(String::from_utf8(form).ok()?);
        let at = 1_800_000_000 + number;
        let one = |n: usize| {
            let own = format!("\"job\":\"node\",\"instance\":\"h{n}:9100\"");
            let series = |labels: &str, value: i32| {
                format!("{{\"metric\":{{{labels},{own}}},\"value\":[{at},\"{value}\"]}}")
            };
            [
                series("\"__name__\":\"up\"", 1),
                series("\"manytop\":\"taken\"", at),
                series("\"__name__\":\"node_memory_MemTotal_bytes\"", 1000),
                series("\"__name__\":\"node_memory_MemAvailable_bytes\"", 500),
            ]
            .join(",")
        };
        let all: Vec<String> = (0..hosts).map(one).collect();
        let body = format!(
            "{{\"status\":\"success\",\"data\":{{\"resultType\":\"vector\",\"result\":[{}]}}}}",
            all.join(",")
        );
        let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body.as_bytes()).ok()?;
    }
    Some(())
}

#[test]
fn two_thousand_hosts_are_one_query_an_interval() {
    let (address, queries) = engine(2_000);
    let home = Home::new();
    let config =
        format!("nolocal=true\nprometheus-site-url=http://{address}\nprometheus-site-refresh=1\n");
    let conf = home.write("many.conf", config).display().to_string();
    let layout = home.write("hosts.layout", "hosts\n").display().to_string();
    let terminal = Terminal::run(&home, (160, 20), &["-C", &conf, "-l", &layout]);
    terminal.wait("the hosts", 3 * PATIENCE, |screen| screen.contains("2000"));
    let asked = wait_for("ten intervals", 4 * PATIENCE, || {
        let asked = queries.lock().unwrap().clone();
        (asked.len() > 15).then_some(asked)
    });
    // the beginning asks for names, the pace, a minute ago, and the graphs
    let (begun, later) = asked.split_at(6);
    assert!(begun.iter().any(|query| query.contains("time=")));
    assert!(later.iter().all(|query| query.contains("taken")), "{later:?}");
}

#[test]
fn headers_of_a_file_are_sent_and_never_shown() {
    let farm = Farm::new();
    let body = "{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[]}}";
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let server =
        farm.remote(Manner::Raw(Arc::new(move |_| head.clone().into_bytes()), Then::Close));
    let home = Home::new();
    let file =
        home.write("headers", "# tenant\nX-Scope-OrgID: team-secret\n").display().to_string();
    let config = format!(
        "prometheus-site-url=http://{}\nprometheus-site-header_file={file}\n",
        server.address()
    );
    let done = run(&home, &config);
    assert!(!done.stderr.contains("team-secret"), "{}", done.stderr);
    let once = Once::read(done);
    assert!(!once.whole().to_string().contains("team-secret"));
    let head = server.seen()[0].head.to_lowercase();
    assert!(head.contains("\nx-scope-orgid: team-secret"), "{head}");
    home.write("headers", "Host: other\n");
    let config = home.write("wrong.conf", config);
    let args = [OsStr::new("--check-config"), OsStr::new("-C"), config.as_os_str()];
    let refused = home.run(&args).expect(2);
    assert!(refused.stderr.contains("prometheus-site-header_file"), "{}", refused.stderr);
    assert!(refused.stderr.contains(":1: manytop sets host itself"), "{}", refused.stderr);
}
