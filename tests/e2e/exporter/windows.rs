//! Percentages: every scraper's are over at least a second, however often another one asks.

use super::{Exporter, value};
use std::{
    thread::sleep,
    time::{Duration, Instant},
};

/// How busy the first processor was between two bodies.
fn busy_between(first: &str, second: &str) -> f64 {
    let mode = |body: &str, mode: &str| {
        value(body, &format!("node_cpu_seconds_total{{cpu=\"0\",mode=\"{mode}\"}}")).unwrap()
    };
    let modes = ["idle", "iowait", "irq", "nice", "softirq", "steal", "system", "user"];
    let grown = |m: &str| mode(second, m) - mode(first, m);
    let all: f64 = modes.iter().map(|m| grown(m)).sum();
    100.0 * (all - grown("idle") - grown("iowait")) / all
}

#[test]
fn two_scrapers_do_not_disturb_each_other() {
    let exporter = Exporter::start::<&str>(&[]);
    let began = Instant::now();
    let mut bodies: Vec<String> = vec![exporter.scrape()];
    // the slow one asks at the beginning and after five seconds, the other every 0.3 s
    for nth in 1..=17 {
        let at = Duration::from_millis(300 * nth);
        sleep(at.saturating_sub(began.elapsed()));
        bodies.push(exporter.scrape());
        let body = bodies.last().unwrap();
        if nth < 5 {
            continue;
        }
        // over one of the windows between this sample and those kept
        let told = value(body, "gotop_cpu_CPU0").unwrap();
        let windows: Vec<f64> =
            bodies[..bodies.len() - 1].iter().map(|first| busy_between(first, body)).collect();
        let kept = &windows[windows.len() - 4..windows.len() - 2];
        assert!(
            kept.iter().any(|w| (w - told).abs() <= 1.5),
            "{told} is over none of the longer windows: {windows:?}"
        );
    }
}
