//! `--check`: status, text and performance data as monitoring plugins give them, against a farm in known
//! states.

use crate::{
    bodies::{self, Gotop},
    farm::{Farm, Manner, Remote},
    home::{Done, Home},
};
use serde_json::Value;

fn host(farm: &Farm, cpu: u32, disk: f64) -> Remote {
    let values = Gotop { cores: vec![cpu; 2], disk, ..Gotop::default() };
    farm.serve(bodies::still(bodies::gotop(values)))
}

fn check(home: &Home, config: &str, more: &[&str], code: i32) -> Done {
    let config = home.write("check.conf", config).display().to_string();
    let args = [&["--check", "--no-local", "-C", config.as_str()], more].concat();
    home.run(&args).expect(code)
}

fn three(farm: &Farm) -> String {
    let hosts =
        [("a", host(farm, 20, 0.30)), ("b", host(farm, 30, 0.40)), ("c", host(farm, 40, 0.93))];
    hosts.map(|(name, remote)| format!("remote-{name}-url={}\n", remote.url())).concat()
}

#[test]
fn all_is_well_within_the_limits() {
    let (home, farm) = (Home::new(), Farm::new());
    let done = check(&home, &three(&farm), &["--limit", "disk=95"], 0);
    let (text, data) = done.stdout.trim_end().split_once(" | ").unwrap();
    assert_eq!(text, "OK - 3 sources: 3 live");
    let data: Vec<&str> = data.split(' ').collect();
    for expected in [
        "live=3;;;0;3",
        "down=0;;;0;3",
        "cpu_mean=30%;80;95;0;100",
        "cpu_max=40%;80;95;0;100",
        "disk_max=93%;95;;0;100",
        "disk_over=0;;;0;3",
    ] {
        assert!(data.contains(&expected), "no {expected}: {data:?}");
    }
    assert_eq!(done.stdout.lines().count(), 1);
}

#[test]
fn a_limit_from_the_config_and_one_from_a_flag_decide_the_status() {
    let (home, farm) = (Home::new(), Farm::new());
    let config = three(&farm);
    let first = |done: &Done| done.stdout.split(" | ").next().unwrap().to_owned();
    let done = check(&home, &config, &[], 1);
    assert_eq!(first(&done), "WARNING - 3 sources: 3 live; c disk 93 > 80", "the config's high");
    assert_eq!(done.stdout.lines().nth(1), Some("WARNING: c disk 93 > 80"));
    let own = format!("{config}limits=disk=80,90 cpu=25\n");
    let done = check(&home, &own, &[], 2);
    assert_eq!(first(&done), "CRITICAL - 3 sources: 3 live; c disk 93 > 90 and 2 more");
    let lines: Vec<&str> = done.stdout.lines().skip(1).collect();
    let expected = ["CRITICAL: c disk 93 > 90", "WARNING: b cpu 30 > 25", "WARNING: c cpu 40 > 25"];
    assert_eq!(lines, expected);
    // a flag is laid over the config, figure by figure
    let done = check(&home, &own, &["--limit", "disk=,99"], 1);
    assert_eq!(first(&done), "WARNING - 3 sources: 3 live; b cpu 30 > 25 and 1 more");
}

#[test]
fn a_host_that_does_not_answer_is_critical_unless_it_may_be_off() {
    let (home, farm) = (Home::new(), Farm::new());
    let hangs = farm.remote(Manner::Hang);
    let refused = farm.remote(Manner::Refuse);
    let config = format!(
        "{}remote-hangs-url={}\nremote-hangs-timeout=6s\nremote-off-url={}\nlimits=disk=\n",
        three(&farm),
        hangs.url(),
        refused.url()
    );
    let done = check(&home, &config, &[], 2);
    let first = done.stdout.lines().next().unwrap();
    // however long the one that hangs keeps it, sources that have answered are live
    assert!(
        first.starts_with("CRITICAL - 5 sources: 3 live, 2 down; hangs DOWN: no answer"),
        "{first}"
    );
    assert!(done.stdout.contains("\nCRITICAL: off DOWN: connection refused"), "{}", done.stdout);
    assert!(first.contains(" down=2;;;0;5 "), "{first}");
    hangs.now(Manner::Serve(bodies::gotop(Gotop { disk: 0.1, ..Gotop::default() })));
    let config = format!("{config}remote-off-expected_offline=true\n");
    let done = check(&home, &config, &[], 0);
    assert!(done.stdout.starts_with("OK - 5 sources: 4 live, 1 offline | "), "{}", done.stdout);
}

#[test]
fn what_cannot_be_checked_is_unknown() {
    let home = Home::new();
    assert!(check(&home, "", &[], 3).stdout.starts_with("UNKNOWN - no source to check"));
    let off = "remote-off-url=http://127.0.0.1:9/metrics\nremote-off-expected_offline=true\n";
    check(&home, off, &[], 3);
    for wrong in [&["--onze"][..], &["--limit", "cpu"], &["--limit", "cpu=x"], &["--check=xml"]] {
        let args = [&["--check"], wrong].concat();
        let done = home.run(&args).expect(3);
        assert_eq!(done.stdout, "", "{wrong:?}");
        assert!(!done.stderr.is_empty(), "{wrong:?}");
    }
    let broken = check(&home, "remote-a-refresh=2\n", &[], 3);
    assert!(broken.stderr.contains("remote a has refresh but no url"), "{}", broken.stderr);
    home.run(&["--check", "--help"]).expect(0);
}

#[test]
fn as_json_it_says_the_same_and_more() {
    let (home, farm) = (Home::new(), Farm::new());
    let config = format!("{}remote-c-tags=db\n", three(&farm));
    let config = home.write("check.conf", config).display().to_string();
    let done = home.run(&["--check=json", "--no-local", "-C", &config]).expect(1);
    let json: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!((&json["status"], &json["code"]), (&"WARNING".into(), &1.into()));
    assert_eq!(json["sources"]["live"], 3);
    assert_eq!(json["figures"]["cpu"]["mean"], 30.0);
    assert_eq!(json["figures"]["disk"]["over"], 1);
    let problems = json["problems"].as_array().unwrap();
    assert_eq!(problems.len(), 1);
    let expected = serde_json::json!({
        "source": "c", "tags": ["db"], "status": "WARNING", "what": "disk",
        "rule": null, "value": 93.0, "limit": 80.0, "text": "disk 93 > 80",
    });
    assert_eq!(problems[0], expected);
}

#[test]
fn a_reason_cannot_pass_for_performance_data() {
    let (home, farm) = (Home::new(), Farm::new());
    let remote = host(&farm, 20, 0.30);
    let config = format!("[remote.\"a|b\"]\nurl = \"{}\"\n", remote.url());
    let config = home.write("check.toml", config).display().to_string();
    let done = home.run(&["--check", "--no-local", "--limit", "cpu=10", "-C", &config]).expect(1);
    let (text, data) = done.stdout.lines().next().unwrap().split_once(" | ").unwrap();
    assert_eq!(text, "WARNING - 1 source: 1 live; a/b cpu 20 > 10");
    assert!(data.starts_with("live=1;;;0;1 "), "{data}");
    assert_eq!(done.stdout.lines().nth(1), Some("WARNING: a/b cpu 20 > 10"));
}

#[test]
fn a_rule_that_fires_decides_the_status_whatever_its_time() {
    let (home, farm) = (Home::new(), Farm::new());
    let config = three(&farm);
    let rule = "alert-busy-when=cpu>35\nalert-busy-for=10m\n";
    let done = check(&home, &format!("{config}{rule}"), &["--limit", "disk=95"], 1);
    let expected = "WARNING: c busy: cpu 40 %";
    assert_eq!(done.stdout.lines().nth(1), Some(expected), "{}", done.stdout);
    let critical = format!("{config}{rule}alert-busy-severity=critical\n");
    let file = home.write("critical.conf", critical).display().to_string();
    let done =
        home.run(&["--check=json", "--no-local", "-C", &file, "--limit", "disk=95"]).expect(2);
    let found: Value = serde_json::from_str(&done.stdout).unwrap();
    let problem = &found["problems"][0];
    assert_eq!((&problem["what"], &problem["rule"]), (&"alert".into(), &"busy".into()), "{found}");
}
