//! Lines that cannot be read are counted and the first is shown; what can be read of the same answer is.

use crate::{
    bodies,
    farm::{Farm, Manner, Remote},
    home::{Home, wait_for},
    terminal::{PATIENCE, Terminal},
};
use std::fs;

const DECIMAL_COMMAS: &str = "node_memory_MemTotal_bytes 8,000000e+09\n\
    node_memory_MemAvailable_bytes 6,000000e+09\nnode_memory_MemFree_bytes 4e+09\nnode_load1 0.5\n";

fn config(remotes: &[(&str, &Remote)]) -> String {
    let line = |(name, remote): &(&str, &Remote)| format!("remote-{name}-url={}\n", remote.url());
    remotes.iter().map(line).collect()
}

#[test]
fn unread_lines_are_counted_by_source_and_the_rest_is_shown() {
    let (home, farm) = (Home::new(), Farm::new());
    let serve = |body: &str| farm.serve(bodies::text(body));
    let sound =
        "node_memory_MemTotal_bytes 8e+09\nnode_memory_MemAvailable_bytes 6e+09\nnode_load1 -0\n";
    let [comma, mark, ended, returns, unknown] = [
        serve(DECIMAL_COMMAS),
        serve(&format!("\u{feff}{sound}")),
        serve(&format!("{sound}# EOF\nnode_load5 99\n")),
        serve(&sound.replace('\n', "\r")),
        serve("node_load1 1\nnode_memory_real_bytes 5\n"),
    ];
    let remotes = [
        ("comma", &comma),
        ("mark", &mark),
        ("ended", &ended),
        ("returns", &returns),
        ("unknown", &unknown),
    ];
    let config = home.write("fleet.conf", config(&remotes));
    let args = ["--once=json", "--no-local", "-C", config.to_str().unwrap()];
    let done = home.run(&args).expect(0);
    let said = done.stderr.clone();
    let once = crate::once::Once::read(done);
    assert_eq!(once.source("comma")["unread_lines"], 2);
    assert_eq!(once.value("comma", "memory", "Main", "free_bytes"), 4e9);
    assert!(once.device("comma", "memory", "Main")["values"]["percent"].is_null());
    for name in ["mark", "ended", "returns"] {
        assert_eq!(once.source(name)["unread_lines"], 0, "{name}");
        assert_eq!(once.value(name, "memory", "Main", "percent"), 25.0, "{name}");
        let load = once.value(name, "host", "", "load1");
        assert!(load == 0.0 && load.is_sign_positive(), "{name}: {load}");
    }
    assert!(once.device("ended", "host", "")["values"]["load5"].is_null());
    for note in [
        "note: comma: 2 lines cannot be read, the first: node_memory_MemTotal_bytes 8,000000e+09\n",
        "note: unknown: no memory: names such as \"node_memory_real_bytes\" are not read\n",
    ] {
        assert!(said.contains(note), "{said}");
    }
}

#[test]
fn the_log_has_the_first_unread_line_once() {
    let (home, farm) = (Home::new(), Farm::new());
    let comma = farm.serve(bodies::text(DECIMAL_COMMAS));
    let config = format!("nolocal=true\n{}", config(&[("comma", &comma)]));
    home.write(".config/manytop/manytop.conf", config);
    let terminal = Terminal::run::<&str>(&home, (120, 30), &[]);
    terminal.wait_for_text(&["● live", "!1 L log"]);
    terminal.press(&["L"]);
    let line = "comma: 2 lines cannot be read, the first: node_memory_MemTotal_bytes 8,000000e+09";
    terminal.wait_for_text(&[line]);
    let log = home.path().join(".state/manytop/manytop.log");
    let log = wait_for("the log", PATIENCE, || fs::read_to_string(&log).ok());
    assert_eq!(log.matches(line).count(), 1, "{log}");
}

#[test]
fn a_host_that_was_understood_and_now_serves_unknown_names_is_unread() {
    let (home, farm) = (Home::new(), Farm::new());
    let remote = farm.serve(bodies::node_exporter());
    let config = format!("nolocal=true\n{}", config(&[("web1", &remote)]));
    home.write(".config/manytop/manytop.conf", config);
    let terminal = Terminal::run::<&str>(&home, (160, 30), &[]);
    terminal.wait_for_text(&["● live"]);
    remote.now(Manner::Serve(bodies::text("redis_up 1\nredis_connected_clients 3\n")));
    terminal.wait_for_text(&["unread", "answers with 2 series: redis_*"]);
    remote.now(Manner::Serve(bodies::node_exporter()));
    terminal.wait_for_text(&["● live"]);
}
