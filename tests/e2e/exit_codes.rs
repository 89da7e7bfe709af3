//! Exit codes and one-line messages, for scripts: 0 all live, 3 a source is not, 2 usage or config,
//! 1 runtime.

use crate::{
    bodies::{self, Gotop},
    farm::{Farm, Manner},
    home::Home,
};
use std::{ffi::OsStr, time::Duration};

/// A port without a listener: it is the port for discarding, and nothing in a test binds it.
const NOBODY: &str = "http://127.0.0.1:9/metrics";

#[test]
fn no_terminal_is_said_in_one_line_that_names_once() {
    let home = Home::new();
    let done = home.run::<&str>(&[]).expect(2);
    assert_eq!(done.stdout, "", "nothing but the message");
    assert_eq!(done.stderr.lines().count(), 1, "{}", done.stderr);
    for word in ["not a terminal", "--once"] {
        assert!(done.stderr.contains(word), "{word:?} is missing: {}", done.stderr);
    }
}

#[test]
fn once_is_0_when_every_source_is_live() {
    let home = Home::new();
    let farm = Farm::new();
    let remote = farm.serve(bodies::gotop(Gotop::default()));
    let once = home.once(&format!("remote-Jerry-url={}\n", remote.url()), &[] as &[&str], 0);
    assert_eq!((once.state("local"), once.state("Jerry")), ("live", "live"));
    let json = once.whole();
    assert_eq!(json["manytop"], env!("CARGO_PKG_VERSION"));
    let at = json["at"].as_str().unwrap();
    assert!(at.len() == 20 && at.ends_with('Z') && at.as_bytes()[10] == b'T', "{at}");
    let jerry = once.source("Jerry");
    assert_eq!(jerry["provider"], "remote");
    assert_eq!(jerry["dialects"], serde_json::json!(["gotop"]));
    assert!(jerry["error"].is_null(), "{jerry}");
    assert!(jerry["age_seconds"].as_f64().is_some_and(|age| (0.0..10.0).contains(&age)), "{jerry}");
    assert_eq!(once.source("local")["provider"], "local");
}

#[test]
fn once_is_3_when_a_source_is_not_live_and_says_why() {
    let home = Home::new();
    let farm = Farm::new();
    let good = farm.serve(bodies::gotop(Gotop::default()));
    let config = format!("remote-good-url={}\nremote-gone-url={NOBODY}\n", good.url());
    let once = home.once(&config, &[] as &[&str], 3);
    assert_eq!((once.state("good"), once.state("gone")), ("live", "down"));
    let error = once.source("gone")["error"].as_str().unwrap().to_owned();
    assert!(error.contains("connection refused"), "{error}");
    assert_eq!(once.labels("gone"), [], "nothing was read, and nothing is invented");
}

#[test]
fn a_host_that_is_expected_to_be_off_is_no_failure() {
    let home = Home::new();
    let config = format!("remote-gone-url={NOBODY}\nremote-gone-expected_offline=true\n");
    let once = home.once(&config, &["--no-local"], 0);
    assert_eq!(once.state("gone"), "down");
}

#[test]
fn once_ends_although_a_remote_never_answers() {
    let home = Home::new();
    let farm = Farm::new();
    let hangs = farm.remote(Manner::Hang);
    let good = farm.serve(bodies::gotop(Gotop::default()));
    let config = format!(
        "remote-hangs-url={}\nremote-hangs-timeout=1\nremote-good-url={}\n",
        hangs.url(),
        good.url()
    );
    let once = home.once(&config, &[] as &[&str], 3);
    assert_eq!(once.state("good"), "live");
    assert_ne!(once.state("hangs"), "live");
    assert!(once.source("hangs")["error"].as_str().is_some_and(|e| e.contains("no answer")));
}

#[test]
fn once_draws_a_frame_of_the_size_asked_for() {
    let home = Home::new();
    for (size, width, height) in [("160x48", 160, 48), ("80x24", 80, 24), ("40x10", 40, 10)] {
        let done = home.run(&["--once", "--size", size]).expect(0);
        let lines: Vec<&str> = done.stdout.lines().collect();
        assert_eq!(lines.len(), height, "{size}:\n{}", done.stdout);
        let widest = lines.iter().map(|line| line.chars().count()).max();
        assert!(widest.is_some_and(|w| w <= width), "{size}: {widest:?}\n{}", done.stdout);
        assert!(!done.stdout.contains('\u{1b}'), "no escape sequences in a pipe");
        assert!(done.stdout.to_lowercase().contains("cpu"), "{}", done.stdout);
    }
}

#[test]
fn the_command_line_answers_for_itself() {
    let home = Home::new();
    for flag in ["--version", "-V"] {
        let version = home.run(&[flag]).expect(0).stdout;
        assert_eq!(version.trim(), concat!("manytop ", env!("CARGO_PKG_VERSION")));
    }
    let help = home.run(&["--help"]).expect(0).stdout;
    for flag in ["--once", "--check-config", "--no-local", "--remote", "--list"] {
        assert!(help.contains(flag), "{flag} is missing:\n{help}");
    }
    let wrong = home.run(&["--onze"]).expect(2);
    assert!(wrong.stderr.contains("--onze") && wrong.stderr.contains("--once"), "{}", wrong.stderr);
    home.run(&["--once=xml"]).expect(2);
    home.run(&["--once", "--size", "wide"]).expect(2);
}

#[test]
fn lists_name_what_there_is() {
    let home = Home::new();
    let providers = home.run(&["--list", "providers"]).expect(0).stdout;
    for name in
        ["cpu", "memory", "temperature", "network", "disk", "process", "power", "host", "remote"]
    {
        assert!(providers.contains(name), "{name} is missing:\n{providers}");
    }
    let widgets = home.run(&["--list", "widgets"]).expect(0).stdout;
    for name in ["cpu", "mem", "temp", "net", "disk", "procs", "batt", "power", "hosts", "devices"]
    {
        assert!(widgets.contains(name), "{name} is missing:\n{widgets}");
    }
    let layouts = home.run(&["--list", "layouts"]).expect(0).stdout;
    for name in ["default", "gotop", "minimal", "battery", "procs", "kitchensink", "htop", "disk"] {
        assert!(layouts.contains(name), "{name} is missing:\n{layouts}");
    }
    let options = home.run(&["--list", "options"]).expect(0).stdout;
    for name in ["updateinterval", "remote-NAME-url", "-refresh"] {
        assert!(options.contains(name), "{name} is missing:\n{options}");
    }
    home.run(&["--list", "nonsense"]).expect(2);
}

#[test]
fn check_config_is_0_for_a_good_one_and_asks_nobody() {
    let home = Home::new();
    let farm = Farm::new();
    let remote = farm.serve(bodies::gotop(Gotop::default()));
    let config = home.write(
        "good.conf",
        format!("# mine\nremote-Jerry-url={}\nremote-Jerry-refresh=2\n", remote.url()),
    );
    home.run(&[OsStr::new("--check-config"), OsStr::new("-C"), config.as_os_str()]).expect(0);
    assert_eq!(remote.requests(), 0, "a check of the config connects to nobody");
}

#[test]
fn a_broken_config_ends_everything_with_2() {
    let home = Home::new();
    let config = home.write("broken.conf", "remote-Jerry-refresh=2\n");
    let message = "broken.conf:1: remote Jerry has refresh but no url; \
                   add remote-Jerry-url=https://HOST/metrics";
    for first in ["--check-config", "--once", "--once=json"] {
        let done = home.run(&[OsStr::new(first), OsStr::new("-C"), config.as_os_str()]).expect(2);
        assert!(done.stderr.contains(message), "{first}: {}", done.stderr);
        assert_eq!(done.stdout, "", "{first}");
    }
    let absent = home.run(&["--once", "-C", "nowhere.conf"]).expect(2);
    assert!(absent.stderr.contains("nowhere.conf"), "{}", absent.stderr);
}

#[test]
fn a_remote_can_stand_on_the_command_line_but_no_password() {
    let home = Home::new();
    let farm = Farm::new();
    let remote = farm.serve(bodies::gotop(Gotop::default()));
    let arg = format!("Jerry={}", remote.url());
    let done = home.run(&["--once=json", "--no-local", "--remote", &arg]).expect(0);
    let once = crate::once::Once::read(done);
    assert_eq!(once.sources().len(), 1);
    assert_eq!(once.state("Jerry"), "live");

    let arg = "Jerry=http://anna:geheim@127.0.0.1:9/metrics";
    let done = home.run(&["--once=json", "--remote", arg]).expect(2);
    assert!(!done.stderr.contains("geheim"), "the password is repeated: {}", done.stderr);
}

#[test]
fn write_config_keeps_remotes_and_overwrites_nothing_without_force() {
    let home = Home::new();
    let env = [("HOST_OF_JERRY", "127.0.0.1")];
    let text = "remote-Jerry-url=http://${HOST_OF_JERRY}:9/metrics\n";
    let file = home.write(".config/manytop/manytop.conf", text);
    let done = home.run_with(&["--write-config", "--mbps"], &env);
    assert_eq!(done.code, Some(2), "{} {}", done.stdout, done.stderr);
    assert!(done.stderr.contains("--force"), "{}", done.stderr);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), text);
    home.run_with(&["--write-config", "--mbps", "--force"], &env).expect(0);
    let written = std::fs::read_to_string(&file).unwrap();
    assert!(written.contains("remote-Jerry-url=http://${HOST_OF_JERRY}:9/metrics"), "{written}");
    assert!(written.contains("mbps=true"), "{written}");
    home.run_with(&["--check-config"], &env).expect(0);
    let new = home.path().join("new.conf").display().to_string();
    home.run_with(&["--write-config", "-C", &new], &env).expect(0);
    assert!(std::fs::read_to_string(&new).unwrap().contains("${HOST_OF_JERRY}"));
}

#[test]
fn once_is_not_slower_than_its_deadline() {
    // 2 x the time-out, and the gap between two polls: an upper bound that is a promise to scripts.
    let home = Home::new();
    let farm = Farm::new();
    let hangs = farm.remote(Manner::HeadersThenSilence);
    let config = home
        .write("slow.conf", format!("remote-hangs-url={}\nremote-hangs-timeout=1\n", hangs.url()));
    let args = [OsStr::new("--once=json"), OsStr::new("--no-local"), OsStr::new("-C")];
    let done = home.run(&[&args[..], &[config.as_os_str()]].concat()).expect(3);
    assert!(done.took < Duration::from_secs(10), "{:?}", done.took);
}
