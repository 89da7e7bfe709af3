//! What the farm serves: the recorded answer of a real gotop with counters that move, a machine of a
//! node_exporter's making, and plain texts.

use std::{sync::Arc, time::Duration};

/// The n-th answer of a remote (the first is 1), so long after it was started.
pub type Body = Arc<dyn Fn(usize, Duration) -> String + Send + Sync>;

/// Always the same.
pub fn text(text: impl Into<String>) -> Body {
    let text = text.into();
    Arc::new(move |_, _| text.clone())
}

/// The same body, with time standing still.
pub fn still(body: Body) -> Body {
    Arc::new(move |_, _| body(1, Duration::ZERO))
}

const GOTOP: &str = include_str!("../../providers/tests/exposition/gotop-4.2.0.prom");
const NODE: &str = include_str!("../../providers/tests/exposition/node_exporter-1.5.0.prom");

/// The name of the machine in the recorded answer of [`node_exporter`].
pub const NODE_NAME: &str = "vm";

/// Bytes that the gotop of the farm receives and sends each second.
pub const GOTOP_RECEIVES: u64 = 250_000;
pub const GOTOP_SENDS: u64 = 40_000;

/// What a gotop of the farm reports.
#[derive(Clone)]
pub struct Gotop {
    pub cores: Vec<u32>,
    pub main: f64,
    pub swap: f64,
    pub disk: f64,
}

impl Default for Gotop {
    fn default() -> Gotop {
        Gotop { cores: vec![37, 58], main: 61.5, swap: 12.25, disk: 0.83 }
    }
}

/// The answer of a gotop that is over no limit.
pub fn within_limits() -> Body {
    gotop(Gotop { disk: 0.42, ..Gotop::default() })
}

/// The recorded answer of gotop 4.2.0 with these values in it, and its network counters going on once
/// a second, as gotop's do.
pub fn gotop(values: Gotop) -> Body {
    Arc::new(move |_, elapsed| {
        let seconds = elapsed.as_secs();
        let mut out = String::new();
        for line in GOTOP.lines() {
            let name = line.split(' ').next().unwrap_or_default();
            match name {
                "gotop_cpu_CPU0" => {
                    for (n, percent) in values.cores.iter().enumerate() {
                        out.push_str(&format!("gotop_cpu_CPU{n} {percent}\n"));
                    }
                }
                "gotop_cpu_CPU1" => {}
                "gotop_memory_Main" => out.push_str(&format!("{name} {}\n", values.main)),
                "gotop_memory_Swap" => out.push_str(&format!("{name} {}\n", values.swap)),
                "gotop_disk_:dev:vda" => out.push_str(&format!("{name} {}\n", values.disk)),
                "gotop_net_recv" => {
                    out.push_str(&format!("{name} {}\n", 4846 + seconds * GOTOP_RECEIVES));
                }
                "gotop_net_sent" => {
                    out.push_str(&format!("{name} {}\n", 4957 + seconds * GOTOP_SENDS));
                }
                _ => {
                    out.push_str(line);
                    out.push('\n');
                }
            }
        }
        out
    })
}

/// The recorded answer of node_exporter 1.5.0 with processors that go on: processor 0 works a tenth of
/// the time, processor 1 half of it.
pub fn node_exporter() -> Body {
    Arc::new(move |_, elapsed| {
        let t = elapsed.as_secs_f64();
        let mut out = String::with_capacity(NODE.len());
        for line in NODE.lines() {
            let moved = [("0", 0.1), ("1", 0.5)].into_iter().find_map(|(cpu, share)| {
                let series = |mode: &str| {
                    format!("node_cpu_seconds_total{{cpu=\"{cpu}\",mode=\"{mode}\"}} ")
                };
                let add = |mode: &str, by: f64| {
                    let rest = line.strip_prefix(&series(mode))?;
                    let value: f64 = rest.parse().ok()?;
                    Some(format!("{}{}", series(mode), value + by))
                };
                add("user", t * share).or_else(|| add("idle", t * (1.0 - share)))
            });
            out.push_str(moved.as_deref().unwrap_or(line));
            out.push('\n');
        }
        out
    })
}

#[test]
fn bodies_move() {
    let body = gotop(Gotop::default());
    let (first, later) = (body(1, Duration::ZERO), body(2, Duration::from_millis(2500)));
    assert!(first.contains("gotop_cpu_CPU0 37\n") && first.contains("gotop_net_recv 4846\n"));
    assert!(later.contains("gotop_net_recv 504846\n"), "{later}");
    assert_eq!(first.lines().count(), later.lines().count());
    let body = node_exporter();
    assert_ne!(body(1, Duration::ZERO), body(2, Duration::from_secs(1)));
    assert_eq!(body(1, Duration::ZERO).lines().count(), NODE.lines().count());
}
