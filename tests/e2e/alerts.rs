//! Alerts with the real program: the same on a screen and without one, through a real Alertmanager.

use crate::{
    bodies::{self, Gotop},
    farm::{Farm, Manner, Remote},
    home::{Home, binary, wait_for},
    peers::{Peer, curl},
    ports::Reserved,
    terminal::{PATIENCE, Terminal},
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

/// A notice waits for its equals; a rule may have a time of its own.
pub const LONG: Duration = Duration::from_secs(60);

/// A manytop without a screen, gone with the test; what it says is in `said`.
pub struct Headless {
    pub child: Child,
}

impl Headless {
    pub fn start(home: &Home) -> Headless {
        let said = fs::File::create(home.path().join("said")).unwrap();
        let mut command = Command::new(binary());
        command.arg("--headless").env_clear().envs(home.env()).current_dir(home.path());
        let child = command.stdin(Stdio::null()).stderr(said).spawn().unwrap();
        Headless { child }
    }
}

impl Drop for Headless {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes a config with one remote, and a layout with its alerts.
pub fn configure(home: &Home, remote: &Remote) -> PathBuf {
    let config = format!("nolocal=true\nremote-db-url={}\n", remote.url());
    home.write(".config/manytop/manytop.conf", config);
    home.write("hosts.layout", "hosts\nalerts\n")
}

/// A body in which memory is so full.
pub fn memory(percent: f64) -> Manner {
    Manner::Serve(bodies::gotop(Gotop { main: percent, ..Gotop::default() }))
}

/// A script that adds what it is told to a file, a line each.
pub fn teller(home: &Home) -> String {
    let file = home.path().join("told");
    let script = format!(
        "#!/bin/sh\nprintf '%s %s %s %s\\n' \"$MANYTOP_CHANGE\" \"$MANYTOP_SOURCE\" \"$1\" \"$(cat)\" >> {}\n",
        file.display()
    );
    let path = home.write("tell", script);
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs::set_permissions(&path, mode).unwrap();
    path.display().to_string()
}

/// The lines that the script has written.
pub fn told(home: &Home) -> Vec<String> {
    let text = fs::read_to_string(home.path().join("told")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

/// The config of a rule that runs the script.
pub fn config(home: &Home, remote: &Remote) -> String {
    format!(
        "nolocal=true\nalerts=off\nremote-db-url={}\nremote-db-tags=prod\n\
         alert-full-when=mem>90 & #prod\nalert-full-severity=critical\n\
         alert-full-run={} \"two words; $(x)\"\n",
        remote.url(),
        teller(home)
    )
}

/// Waits for the nth line of the script.
pub fn nth_told(home: &Home, nth: usize) -> String {
    wait_for(&format!("line {nth}"), LONG, || told(home).get(nth).cloned())
}

#[test]
fn a_rule_runs_its_program_on_a_screen_and_without_one() {
    let farm = Farm::new();
    for with_screen in [false, true] {
        let home = Home::new();
        let remote = farm.remote(memory(50.0));
        home.write(".config/manytop/manytop.conf", config(&home, &remote));
        let layout = home.write("hosts.layout", "hosts\nalerts\n");
        let args = ["-l".as_ref(), layout.as_os_str()];
        let screen = with_screen.then(|| Terminal::run(&home, (160, 48), &args));
        let headless = (!with_screen).then(|| Headless::start(&home));
        wait_for("a request", PATIENCE, || (!remote.seen().is_empty()).then_some(()));
        remote.now(memory(93.0));
        let line = nth_told(&home, 0);
        let json = line.strip_prefix("firing db two words; $(x) ").expect("one argument");
        let notice: Value = serde_json::from_str(json).unwrap();
        assert_eq!(notice["rule"], "full", "{notice}");
        assert_eq!(notice["severity"], "critical", "{notice}");
        assert_eq!(notice["count"], 1, "{notice}");
        assert_eq!(notice["alerts"][0]["source"], "db", "{notice}");
        assert_eq!(notice["alerts"][0]["text"], "mem 93 %", "{notice}");
        if let Some(screen) = &screen {
            screen.wait_for_text(&["alerts", "1 firing", "mem 93 %"]);
        }
        // a restart restores what fires and does not tell it again
        let state = home.path().join(".state/manytop/alerts.json");
        wait_for("the state", PATIENCE, || {
            fs::read_to_string(&state).ok().filter(|text| text.contains("\"full\""))
        });
        drop((screen, headless));
        let again = Headless::start(&home);
        let before = remote.seen().len();
        wait_for("polls", PATIENCE, || (remote.seen().len() > before + 3).then_some(()));
        remote.now(memory(10.0));
        let line = nth_told(&home, 1);
        assert!(line.starts_with("resolved db "), "{line}");
        assert_eq!(told(&home).len(), 2);
        drop(again);
    }
}

/// A body in which memory is so full, and so full, by turns.
fn flapping(percents: [f64; 2]) -> Manner {
    let bodies = percents.map(|main| bodies::gotop(Gotop { main, ..Gotop::default() }));
    Manner::Serve(Arc::new(move |n, elapsed| bodies[n % 2](n, elapsed)))
}

#[test]
fn a_value_that_flaps_around_its_limit_sends_one_notice() {
    let (home, farm) = (Home::new(), Farm::new());
    let remote = farm.remote(flapping([93.0, 50.0]));
    let damped = "alert-full-for=2s\nalert-full-until=mem<80\nremote-db-refresh=250ms\n";
    home.write(".config/manytop/manytop.conf", config(&home, &remote) + damped);
    let _headless = Headless::start(&home);
    // more than twice the time of the rule
    let answers = |count: usize| {
        let before = remote.seen().len();
        let enough = || (remote.seen().len() >= before + count).then_some(());
        wait_for("more answers", LONG, enough);
    };
    answers(20);
    assert_eq!(told(&home), Vec::<String>::new(), "it was over the limit for one answer only");
    remote.now(memory(93.0));
    assert!(nth_told(&home, 0).starts_with("firing db "));
    // below the limit, and not below its end
    remote.now(flapping([93.0, 85.0]));
    answers(20);
    // below its end, and not for long enough
    remote.now(flapping([93.0, 50.0]));
    answers(20);
    assert_eq!(told(&home).len(), 1, "{:?}", told(&home));
    remote.now(memory(10.0));
    assert!(nth_told(&home, 1).starts_with("resolved db "));
    assert_eq!(told(&home).len(), 2, "{:?}", told(&home));
}

#[test]
fn alerts_of_hosts_that_left_the_config_do_not_come_back() {
    let (home, farm) = (Home::new(), Farm::new());
    let remote = farm.remote(memory(97.0));
    let layout = home.write("hosts.layout", "hosts\nalerts\n");
    let config = |name: &str, remote: &Remote| {
        let rule = "alerts=off\nalert-full-when=mem>90";
        let config = format!("nolocal=true\n{rule}\nremote-{name}-url={}\n", remote.url());
        home.write(".config/manytop/manytop.conf", config);
    };
    config("db", &remote);
    let args = ["-l".as_ref(), layout.as_os_str()];
    let terminal = Terminal::run(&home, (160, 48), &args);
    terminal.wait_for_text(&["1 firing", "db"]);
    let state = home.path().join(".state/manytop/alerts.json");
    let saved = || fs::read_to_string(&state).unwrap_or_default();
    wait_for("the state", PATIENCE, || saved().contains("\"db\"").then_some(()));
    drop(terminal);
    let other = farm.remote(memory(20.0));
    config("other", &other);
    let terminal = Terminal::run(&home, (160, 48), &args);
    let screen = terminal.wait_for_text(&["other", "live"]);
    assert!(!screen.contains("db") && !screen.contains("1 firing"), "{screen}");
}

/// The alerts that Alertmanager lists, by state.
fn listed(front: &Front) -> Vec<(String, String)> {
    let done = curl(&["-k", "-u", "me:correct-horse", &format!("{}/api/v2/alerts", front.url)]);
    let all: Value = serde_json::from_str(&done.stdout).unwrap_or_default();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let alert = |a: &Value| (text(&a["labels"]["instance"]), text(&a["status"]["state"]));
    all.as_array().into_iter().flatten().map(alert).collect()
}

/// Alertmanager's address behind a Caddy with TLS and a password.
struct Front {
    caddy: Peer,
    url: String,
}

#[test]
fn alertmanager_behind_tls_and_a_password_gets_silences_and_resolves_alerts() {
    let (home, farm) = (Home::new(), Farm::new());
    let place = Reserved::new();
    // correct-horse
    let hash = "$2y$04$abcdefghijklmnopqrstuuPoaPXzWjiVz4HaNq2LJXksWbO79E.S6";
    let caddy = Peer::caddy_tls(
        "",
        &format!("basicauth {{\nme {hash}\n}}\ntls internal\nreverse_proxy {}", place.address()),
    );
    let url = format!("https://localhost:{}", caddy.address().port());
    let front = Front { caddy, url };
    let password = home.write("password", "correct-horse\n");
    let remote = farm.remote(memory(93.0));
    home.write(
        ".config/manytop/manytop.conf",
        format!(
            "nolocal=true\nalerts=off\nremote-db-url={}\nalert-full-when=mem>90\n\
             alert-full-webhook={}\nalert-full-webhook_form=alertmanager\n\
             alert-full-webhook_username=me\nalert-full-webhook_password_file={}\n\
             alert-full-webhook_ca_file={}\n",
            remote.url(),
            front.url,
            password.display(),
            front.caddy.authority()
        ),
    );
    let _headless = Headless::start(&home);
    // it is down at first: the notice is kept
    let said = || fs::read_to_string(home.path().join("said")).unwrap_or_default();
    wait_for("a first failure", LONG, || said().contains("it is tried again").then_some(()));
    let manager = Peer::alertmanager_at(place.address());
    let is = |state: &str| listed(&front) == [("db".to_owned(), state.to_owned())];
    wait_for("the alert", LONG, || is("active").then_some(()));
    assert!(said().contains("answers again"), "{}", said());
    let silence = "{\"matchers\":[{\"name\":\"alertname\",\"value\":\"full\",\"isRegex\":false,\"isEqual\":true}],\
         \"startsAt\":\"2020-01-01T00:00:00Z\",\"endsAt\":\"2099-01-01T00:00:00Z\",\"createdBy\":\"t\",\"comment\":\"t\"}";
    let silences = format!("http://{}/api/v2/silences", manager.address());
    curl(&["-H", "Content-Type: application/json", "-d", silence, &silences]).expect(0);
    wait_for("the silence", LONG, || is("suppressed").then_some(()));
    remote.now(memory(10.0));
    wait_for("its end", LONG, || listed(&front).is_empty().then_some(()));
}

#[test]
fn an_acknowledgement_is_asked_for_listed_lifted_and_survives() {
    let (home, farm) = (Home::new(), Farm::new());
    let remote = farm.remote(memory(97.0));
    let layout = configure(&home, &remote);
    let args = ["-l".as_ref(), layout.as_os_str()];
    let terminal = Terminal::run(&home, (160, 48), &args);
    terminal.wait_for_text(&["mem 97 > 95"]);
    terminal.press(&["a"]);
    terminal.wait_for_text(&["until:", "until it recovers"]);
    terminal.type_text("2x");
    terminal.wait_for_text(&["expected a time"]);
    terminal.press(&["BSpace"]);
    terminal.type_text("h");
    terminal.wait_for_text(&["for 2h"]);
    terminal.press(&["Enter"]);
    terminal.wait_for_text(&["acknowledged for 2h00m: db"]);
    let state = home.path().join(".state/manytop/alerts.json");
    let saved = wait_for("the state", PATIENCE, || fs::read_to_string(&state).ok());
    assert!(saved.contains("\"until_ms\": 1"), "{saved}");
    drop(terminal);
    let terminal = Terminal::run(&home, (160, 48), &args);
    terminal.wait_for_text(&["mem 97 > 95"]);
    terminal.press(&["A"]);
    terminal.wait_for_text(&["acknowledged", "for another 1h59m"]);
    terminal.press(&["Enter"]);
    terminal.wait_for_text(&["no longer acknowledged: db"]);
    terminal.press(&["A"]);
    terminal.wait_for_text(&["nothing is acknowledged"]);
}

#[test]
fn a_watched_process_is_told_when_it_ends() {
    let home = Home::new();
    home.write(
        ".config/manytop/manytop.conf",
        format!("alerts=off\nalert-process-run={} x\n", teller(&home)),
    );
    let mut sleeper = Command::new("sleep").arg("98765").spawn().unwrap();
    let terminal = Terminal::run(&home, (160, 48), &["-l", "procs"]);
    terminal.wait_for_text(&["procs"]);
    terminal.press(&["/"]);
    terminal.type_text("98765");
    terminal.wait_for_text(&["sleep 98765"]);
    terminal.press(&["Enter", "w"]);
    terminal.wait_for_text(&["watched until it ends: sleep"]);
    sleeper.kill().unwrap();
    sleeper.wait().unwrap();
    terminal.wait_for_text(&["exit after"]);
    let line = nth_told(&home, 0);
    assert!(line.starts_with("ended local x ") && line.contains("exit after"), "{line}");
}

#[test]
fn the_past_has_what_fired_then_on_the_screen_and_in_a_recording() {
    let (home, farm) = (Home::new(), Farm::new());
    let remote = farm.remote(memory(50.0));
    let folder = home.path().join("recording");
    let rule = "alert-full-when=mem>90\nalert-full-severity=critical";
    let config = format!(
        "nolocal=true\nalerts=off\nremote-db-url={}\n{rule}\nrecord={}\n",
        remote.url(),
        folder.display()
    );
    home.write(".config/manytop/manytop.conf", config);
    let layout = home.write("hosts.layout", "hosts\nalerts\n");
    let args = ["-l".as_ref(), layout.as_os_str()];
    let terminal = Terminal::run(&home, (160, 48), &args);
    wait_for("a request", PATIENCE, || (!remote.seen().is_empty()).then_some(()));
    remote.now(memory(93.0));
    terminal.wait_for_text(&["1 firing", "mem 93 %"]);
    remote.now(memory(10.0));
    terminal.wait_for("its end", |screen| !screen.contains("1 firing"));
    terminal.press(&["{"]);
    terminal.wait_for_text(&["1 firing", "mem 93 %"]);
    terminal.press(&["f"]);
    terminal.wait_for("the present", |screen| !screen.contains("1 firing"));
    drop(terminal);
    let folder = folder.display().to_string();
    let dump = wait_for("the end of the alert in the recording", PATIENCE, || {
        let done = home.run(&["--replay", &folder, "--dump=jsonl", "--kind", "none"]);
        done.stdout.contains("full of db: resolved after").then_some(done.stdout)
    });
    let began = dump.lines().find(|line| line.contains("full of db: mem 93 %"));
    assert!(began.is_some_and(|line| line.contains("\"critical\"")), "{dump}");
    let replay = ["--replay".as_ref(), folder.as_ref(), "-l".as_ref(), layout.as_os_str()];
    let terminal = Terminal::run(&home, (160, 48), &replay);
    terminal.wait_for("the end of the recording", |s| {
        s.contains("recorded") && !s.contains("1 firing")
    });
    terminal.press(&["{"]);
    terminal.wait_for_text(&["1 firing", "mem 93 %"]);
}

#[test]
fn a_wrong_rule_is_refused_with_file_line_and_column() {
    let home = Home::new();
    let file = home.write(
        "wrong.conf",
        "nolocal=true\nalert-a-when=disk.percnt>90\nalert-b-when=cpu>5m\nalert-c-for=5m\n\
         alert-hsot-down-bell=true\nalert-d-when=cpu>9\nalert-d-hosts=cpu>\n\
         hook-h-key=y\n\
         hook-i-run=ssh root@{host}\n",
    );
    let file = file.display();
    let done = home.run(&["-C", &file.to_string(), "--check-config"]).expect(2);
    for says in [
        ":2: alert-a-when: column 1: unknown word \"percnt\" of disk; did you mean \"percent\"?",
        ":3: alert-b-when: column 5: cpu is a percentage",
        ":4: alert c has no condition; add alert-c-when=FILTER",
        ":5: alert hsot-down has no condition",
        "did you mean the built-in rule \"host-down\"?",
        ":7: alert-d-hosts: column 4: a value is missing",
        ":8: hook h has no program; add hook-h-run=PROGRAM ARGS",
        ":9: hook-i-run: {host} is a whole argument",
    ] {
        assert!(done.stderr.contains(says), "{says}\n--- in\n{}", done.stderr);
    }
    let file = home.write("webhook.conf", "alert-e-when=cpu>9\nalert-e-webhook=ftp://x\n");
    let done = home.run(&["-C", &file.display().to_string(), "--check-config"]).expect(2);
    let says = ":2: alert-e-webhook: only http:// and https:// are understood";
    assert!(done.stderr.contains(says), "{}", done.stderr);
    let done = home.run(&["--headless"]).expect(2);
    assert!(done.stderr.contains("-run or -webhook"), "{}", done.stderr);
    let listed = home.run(&["--list", "alerts"]).expect(0).stdout;
    assert!(listed.contains("host-down") && listed.contains("critical"), "{listed}");
    assert!(!Path::new(&home.path().join(".state/manytop/alerts.json")).exists());
}
