//! A real Prometheus.

use super::Exporter;
use crate::{
    home::wait_for,
    peers::{Peer, get},
};
use serde_json::Value;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(60);

/// What it answers to a query.
pub fn query(prometheus: &Peer, query: &str) -> Vec<Value> {
    let escaped: String = query.bytes().map(|b| format!("%{b:02X}")).collect();
    let (status, body) =
        get(prometheus.address(), &format!("/api/v1/query?query={escaped}")).unwrap();
    assert_eq!(status, 200, "{query}: {body}");
    let answer: Value = serde_json::from_str(&body).unwrap();
    answer["data"]["result"].as_array().unwrap().clone()
}

/// What dashboards for node_exporter ask.
const DASHBOARD: &[&str] = &[
    "sum by (mode) (irate(node_cpu_seconds_total{mode!=\"idle\"}[15s]))",
    "100 - avg(rate(node_cpu_seconds_total{mode=\"idle\"}[15s])) * 100",
    "count(count by (cpu) (node_cpu_seconds_total))",
    "100 * (1 - node_memory_MemAvailable_bytes / node_memory_MemTotal_bytes)",
    "node_memory_MemTotal_bytes - node_memory_MemFree_bytes - (node_memory_Cached_bytes + \
     node_memory_Buffers_bytes + node_memory_SReclaimable_bytes)",
    "node_memory_SwapTotal_bytes - node_memory_SwapFree_bytes",
    "100 - node_filesystem_avail_bytes{fstype!=\"rootfs\"} * 100 / node_filesystem_size_bytes",
    "irate(node_disk_read_bytes_total{device=~\".+\"}[15s])",
    "irate(node_disk_written_bytes_total[15s])",
    "irate(node_network_receive_bytes_total[15s]) * 8",
    "irate(node_network_transmit_bytes_total[15s]) * 8",
    "node_load1 / scalar(count(count by (cpu) (node_cpu_seconds_total)))",
    "node_time_seconds - node_boot_time_seconds",
    "node_uname_info{nodename=~\".+\",sysname=\"Linux\"}",
];

#[test]
fn it_is_up_and_dashboards_have_their_data() {
    let exporter = Exporter::start::<&str>(&[]);
    let prometheus = Peer::prometheus(&[exporter.address()]);
    wait_for("ten scrapes", PATIENCE, || {
        let scrapes = query(&prometheus, "count_over_time(node_load1[1m])");
        let count = scrapes.first()?["value"][1].as_str()?.parse::<f64>().ok()?;
        (count >= 10.0).then_some(())
    });
    let up = query(&prometheus, "up");
    assert_eq!((up.len(), up[0]["value"][1].as_str()), (1, Some("1")), "{up:?}");
    for wanted in DASHBOARD {
        assert!(!query(&prometheus, wanted).is_empty(), "no data: {wanted}");
    }
    compare_rates(&prometheus);
}

/// Between two scrapes, the growth of the times is what was told as percent at the second.
fn compare_rates(prometheus: &Peer) {
    let points = |wanted: &str| -> Vec<(f64, f64)> {
        let found = query(prometheus, wanted);
        let values = found[0]["values"].as_array().unwrap().clone();
        let number = |v: &Value| v.as_str().unwrap().parse().unwrap();
        values.iter().map(|v| (v[0].as_f64().unwrap(), number(&v[1]))).collect()
    };
    let told = points("gotop_cpu_CPU0[1m]");
    let mode =
        |mode: &str| points(&format!("node_cpu_seconds_total{{cpu=\"0\",mode=\"{mode}\"}}[1m]"));
    let modes = ["idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"].map(mode);
    let at = |points: &[(f64, f64)], time: f64| points.iter().find(|p| p.0 == time).unwrap().1;
    let busy = |from: f64, to: f64| {
        let grown = modes.each_ref().map(|points| at(points, to) - at(points, from));
        let all: f64 = grown.iter().sum();
        100.0 * (all - grown[0] - grown[1]) / all
    };
    for nth in 3..told.len() - 1 {
        let (time, percent) = told[nth];
        // scrapes are a second apart, give or take: the window is one of them or two
        let windows = [1, 2].map(|back| busy(told[nth - back].0, time));
        assert!(
            windows.iter().any(|w| (w.trunc() - percent).abs() <= 1.0),
            "told {percent} %, between scrapes it was {windows:?}"
        );
    }
}
