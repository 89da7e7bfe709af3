//! What a poll of each local provider costs: processor time in microseconds, the kernel's way and
//! sysinfo's. `cargo run --release -p manytop-providers --example cost [polls] [provider]`

#![allow(clippy::print_stdout)]

use manytop_core::{
    options::Options,
    provider::{Build, Plugin, Reader, Selection},
    registry::Registry,
    vocabulary as v,
};
use manytop_providers as _;
use std::{thread, time::Duration};

fn main() -> Result<(), String> {
    let polls = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(20);
    let only = std::env::args().nth(2);
    let registry = Registry::load(&[])?;
    println!("µs of processor time a poll (median of {polls})");
    println!(
        "{:<14}{:>10}{:>10}{:>10}{:>10}  devices",
        "provider", "first", "kernel", "first", "sysinfo"
    );
    for name in ["cpu", "memory", "temperature", "network", "disk", "process", "power", "host"] {
        if only.as_ref().is_some_and(|only| only != name) {
            continue;
        }
        let plugin = registry.provider(name).ok_or(format!("{name} is not registered"))?;
        let want = Selection::kinds(&[plugin.what()[0].kind()]);
        line(name, plugin, &want, polls)?;
        if name == "process" {
            let mut traffic = Selection::nothing();
            traffic.add(v::PROCESS, &[v::READ_BYTES.name()]);
            line("process + io", plugin, &traffic, polls)?;
            let mut network = Selection::nothing();
            network.add(v::PROCESS, &[v::RECEIVED_BYTES.name()]);
            line("process + tcp", plugin, &network, polls)?;
        }
    }
    Ok(())
}

fn line(name: &str, plugin: &Plugin, want: &Selection, polls: usize) -> Result<(), String> {
    print!("{name:<14}");
    let mut devices = 0;
    for via in ["kernel", "sysinfo"] {
        let options = Options::parse(plugin.specs(), &[("via", via)]);
        let Ok(options) = options.or_else(|e| match via {
            "kernel" => Options::parse(plugin.specs(), &[]),
            _ => Err(e),
        }) else {
            print!("{:>10}{:>10}", "-", "-");
            continue;
        };
        let Build::Reads(build) = plugin.build() else { return Err(format!("{name} polls")) };
        let mut reader = build(&options).map_err(|e| e.to_string())?;
        let first = cost(&mut *reader, want, &mut devices);
        let mut costs = Vec::new();
        for _ in 0..polls {
            // sysinfo measures processors no more often, and caches should be as cold as in life.
            thread::sleep(Duration::from_millis(250));
            costs.push(cost(&mut *reader, want, &mut devices));
        }
        costs.sort_by(f64::total_cmp);
        let median = costs.get(costs.len() / 2).copied().unwrap_or(f64::NAN);
        print!("{first:>10.1}{median:>10.1}");
    }
    println!("  {devices}");
    Ok(())
}

fn cost(reader: &mut dyn Reader, want: &Selection, devices: &mut usize) -> f64 {
    let before = processor_time();
    let answer = reader.read(want);
    let spent = processor_time() - before;
    *devices = answer.map_or(0, |a| a.parts.iter().map(|p| p.readings.len()).sum());
    spent
}

fn processor_time() -> f64 {
    let t = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    t.tv_sec as f64 * 1e6 + t.tv_nsec as f64 / 1e3
}
