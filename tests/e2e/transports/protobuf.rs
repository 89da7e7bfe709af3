//! A Prometheus that prefers protobuf: version 2.42 does so when it is to read native histograms.

use crate::{
    exporter::{Exporter, prometheus::query},
    home::wait_for,
    peers::{Peer, curl},
};
use serde_json::Value;
use std::time::Duration;

#[test]
fn a_prometheus_that_prefers_protobuf_reads_the_same() {
    let exporter = Exporter::start::<&str>(&[]);
    // between them, to see what is spoken
    let site = format!("log {{\noutput file access.log\n}}\nreverse_proxy {}", exporter.address());
    let caddy = Peer::caddy(&site);
    let args = ["--enable-feature=native-histograms"];
    let prometheus = Peer::prometheus_with(&[caddy.address()], &args);
    let up = || query(&prometheus, "up").first()?["value"][1].as_str().map(str::to_owned);
    wait_for("a scrape", Duration::from_secs(60), || up().filter(|up| up == "1"));

    let value = |wanted: &str| {
        let found = query(&prometheus, wanted);
        assert_eq!(found.len(), 1, "{wanted}: {found:?}");
        found[0]["value"][1].as_str().unwrap().parse::<f64>().unwrap()
    };
    let page = exporter.scrape();
    let lines = page.lines().filter(|line| !line.starts_with('#')).count();
    assert_eq!(value("scrape_samples_scraped"), lines as f64, "{page}");
    let total = "node_memory_MemTotal_bytes";
    assert_eq!(Some(value(total)), crate::exporter::value(&page, total));
    assert!(value("gotop_memory_Main") > 0.0);
    assert!(value("count(node_cpu_seconds_total{mode=\"idle\",cpu=\"0\"})") > 0.0);

    let log = caddy.access_log();
    let kind = |entry: &Value| entry["resp_headers"]["Content-Type"][0].as_str().map(str::to_owned);
    let scrapes: Vec<_> = log.iter().filter(|e| e["request"]["uri"] == "/metrics").collect();
    assert!(!scrapes.is_empty());
    for scrape in scrapes {
        let kind = kind(scrape).unwrap();
        assert!(kind.starts_with("application/vnd.google.protobuf; proto="), "{kind}");
    }
}

#[test]
fn text_is_what_everybody_else_gets() {
    let exporter = Exporter::start::<&str>(&[]);
    let url = format!("http://{}/metrics", exporter.address());
    let kind = |accept: &str| {
        let accept = format!("Accept: {accept}");
        let args = ["-o", "/dev/null", "-w", "%{content_type}", "-H", &accept, &url];
        curl(&args).expect(0).stdout
    };
    let protobuf =
        "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=";
    let text = "text/plain; version=0.0.4; charset=utf-8";
    assert_eq!(kind(""), text);
    assert_eq!(kind("*/*"), text);
    assert_eq!(kind(&format!("{protobuf}compact-text")), text);
    assert_eq!(kind(&format!("text/plain,{protobuf}delimited;q=0.5")), text);
    assert!(kind(&format!("{protobuf}delimited")).starts_with("application/vnd.google.protobuf"));
}
