//! The explorer: all that a host serves on the screen, and a metric of it kept in the config.

use crate::{
    bodies,
    farm::Farm,
    home::{Home, wait_for},
    peers::{Peer, Redis},
    terminal::{PATIENCE, Terminal},
};
use std::fs;

#[test]
fn a_metric_is_found_kept_and_shown() {
    let (home, farm) = (Home::new(), Farm::new());
    let body = "# HELP redis_connected_clients Number of clients.\n# TYPE redis_connected_clients gauge\n\
                redis_connected_clients 12\nredis_up 1\ngo_goroutines 7\n";
    let remote = farm.serve(bodies::text(body));
    let config = home.write("a.conf", format!("nolocal=true\nremote-cache-url={}\n", remote.url()));
    let args = ["-C", config.to_str().unwrap()].map(std::ffi::OsStr::new);
    let terminal = Terminal::run(&home, (120, 40), &args);
    terminal.wait_for_text(&["answers with 3 series"]);
    terminal.press(&["x"]);
    terminal.wait_for_text(&["all that it serves", "redis_connected_clients", "3 of 3"]);
    terminal.type_text("number");
    terminal.wait_for_text(&["1 of 3", "Number of clients."]);
    terminal.press(&["Enter"]);
    let watch = "watch-redis_connected_clients-metric=redis_connected_clients\n\
                 watch-redis_connected_clients-hosts=cache\n";
    wait_for("the watch", PATIENCE, || {
        fs::read_to_string(&config).ok().filter(|text| text.ends_with(watch))
    });
    terminal.wait_for("the host is live", |screen| !screen.contains("answers with 3 series"));
    terminal.press(&["q"]);
    terminal.wait_for_end();
}

#[test]
fn a_real_redis_goes_from_unread_to_a_watch_that_an_alert_is_about() {
    let (home, redis) = (Home::new(), Redis::new());
    let exporter = Peer::redis_exporter(&redis);
    let lines = format!(
        "nolocal=true\nremote-cache-url=http://{}/metrics\n\
         alert-clients-when=watch.redis_connected_clients>0\n",
        exporter.address()
    );
    let config = home.write("a.conf", lines);
    let args = ["-C", config.to_str().unwrap()].map(std::ffi::OsStr::new);
    let terminal = Terminal::run(&home, (120, 40), &args);
    terminal.wait_for_text(&["unread", "redis_*"]);
    terminal.press(&["x"]);
    // so many that groups are closed at first
    terminal.wait_for_text(&["all that it serves", "▸ redis_*"]);
    terminal.press(&["End", "Right"]);
    terminal.wait_for_text(&["▾ redis_*", "close it"]);
    terminal.type_text("connected_clients");
    terminal.wait_for_text(&["redis_connected_clients", "watch it"]);
    terminal.press(&["Enter"]);
    // the alert names the metric and its value
    terminal.wait_for_text(&["redis_connected_clients value 1"]);
    terminal.press(&["q"]);
    terminal.wait_for_end();
}
