//! What the programs of `benches/scale` are given to do, and what is expected of manytop.

use crate::support::which;
use std::path::PathBuf;

/// The client.
#[derive(Clone, Copy, PartialEq)]
pub enum Program {
    Manytop,
    Prometheus,
    Vmagent,
    AllSmi,
}

impl Program {
    pub fn name(self) -> &'static str {
        match self {
            Program::Manytop => "manytop",
            Program::Prometheus => "Prometheus",
            Program::Vmagent => "vmagent",
            Program::AllSmi => "all-smi",
        }
    }

    /// Where it is, if it is.
    pub fn path(self) -> Option<PathBuf> {
        match self {
            Program::Manytop => Some(PathBuf::from(env!("CARGO_BIN_EXE_manytop"))),
            Program::Prometheus => which("prometheus"),
            Program::Vmagent => which("vmagent"),
            Program::AllSmi => which("all-smi"),
        }
    }
}

/// Hosts that are asked: how many, what they answer, which share of them does not.
pub struct Work {
    pub key: &'static str,
    pub title: &'static str,
    pub hosts: usize,
    pub path: &'static str,
    /// Of ten hosts, one hangs and one refuses.
    pub faulty: bool,
    pub programs: &'static [Program],
    /// manytop's share of a peer's processor time, at most.
    pub bar: Option<(f64, Program)>,
    /// manytop's memory, in MiB, at most.
    pub memory: Option<f64>,
}

/// The table.
pub const WORK: &[Work] = &[
    Work {
        key: "node",
        title: "500 node_exporter hosts, 58 kB each",
        hosts: 500,
        path: "/node/metrics",
        faulty: false,
        programs: &[Program::Manytop, Program::Prometheus, Program::Vmagent],
        bar: Some((0.12, Program::Prometheus)),
        memory: Some(64.0),
    },
    Work {
        key: "node64",
        title: "500 such hosts with 64 cores, 157 kB each",
        hosts: 500,
        path: "/node64/metrics",
        faulty: false,
        programs: &[Program::Manytop, Program::Prometheus, Program::Vmagent],
        bar: Some((0.12, Program::Prometheus)),
        memory: Some(160.0),
    },
    Work {
        key: "gotop",
        title: "500 gotop hosts, 2.3 kB each",
        hosts: 500,
        path: "/gotop/metrics",
        faulty: false,
        programs: &[Program::Manytop, Program::Prometheus, Program::Vmagent],
        bar: Some((0.3, Program::Vmagent)),
        memory: None,
    },
    Work {
        key: "small",
        title: "100 hosts, 60 lines each",
        hosts: 100,
        path: "/small/metrics",
        faulty: false,
        programs: &[Program::Manytop, Program::AllSmi],
        bar: Some((0.3, Program::AllSmi)),
        memory: None,
    },
    Work {
        key: "faulty",
        title: "5,000 gotop hosts, 10 % hanging, 10 % refusing",
        hosts: 5000,
        path: "/gotop/metrics",
        faulty: true,
        programs: &[Program::Manytop],
        bar: None,
        memory: Some(200.0),
    },
];
