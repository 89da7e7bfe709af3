//! Recordings: what a headless manytop writes, what a crash or a full disk costs, and what others make of it.

use crate::{
    bodies::{self, Gotop},
    farm::{Farm, Manner},
    home::{Home, binary, finish, wait_for},
    needs,
    once::Once,
    peers::{Peer, get},
    terminal::{PATIENCE, Terminal, send},
};
use serde_json::Value;
use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, SystemTime},
};

/// A manytop that records, without a screen. Killed at the end of the test.
struct Recorder {
    child: Child,
    folder: PathBuf,
}

impl Recorder {
    fn start(home: &Home, more: &[&str]) -> Recorder {
        let folder = home.path().join("recordings");
        Recorder::start_in(home, &folder, more)
    }

    fn start_in(home: &Home, folder: &Path, more: &[&str]) -> Recorder {
        let log = home.path().join("recorder.log");
        let file = fs::File::create(&log).unwrap();
        let mut command = Command::new(binary());
        command.arg("--headless").arg(format!("--record={}", folder.display())).args(more);
        command.env_clear().envs(home.env()).stdin(Stdio::null());
        command.stdout(file.try_clone().unwrap()).stderr(file).current_dir(home.path());
        let child = command.spawn().unwrap();
        let recorder = Recorder { child, folder: folder.to_owned() };
        wait_for("the recording to begin", PATIENCE, || (recorder.bytes() > 2000).then_some(()));
        recorder
    }

    /// Bytes of the tail: what is written each second.
    fn bytes(&self) -> u64 {
        fs::metadata(self.folder.join("tail")).map_or(0, |about| about.len())
    }

    /// Waits for so many more pieces of the tail.
    fn wait_for_growth(&self, times: usize) {
        for _ in 0..times {
            let before = self.bytes();
            wait_for("the tail to grow", PATIENCE, || (self.bytes() != before).then_some(()));
        }
    }

    fn end(mut self, signal: &str) {
        send(signal, self.child.id());
        self.child.wait().unwrap();
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn replay(home: &Home, folder: &Path, more: &[&str]) -> crate::home::Done {
    let mut args = vec![OsStr::new("--replay"), folder.as_os_str()];
    args.extend(more.iter().map(OsStr::new));
    home.run(&args)
}

#[test]
fn a_killed_recorder_loses_two_seconds_at_most_and_the_next_one_goes_on() {
    let home = Home::new();
    let recorder = Recorder::start(&home, &[]);
    let folder = recorder.folder.clone();
    recorder.wait_for_growth(4);
    let mode = |name: &str| fs::metadata(folder.join(name)).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("tail"), mode("lock")), (0o600, 0o600));
    // a second writer is refused, a reader is not
    let second = format!("--record={}", folder.display());
    let refused = home.run(&["--headless", &second]).expect(1);
    assert!(refused.stderr.contains("another process (pid "), "{}", refused.stderr);
    let killed = SystemTime::now();
    recorder.end("KILL");
    let once = Once::read(replay(&home, &folder, &["--once=json"]));
    let at: chrono::DateTime<chrono::Utc> = once.whole()["at"].as_str().unwrap().parse().unwrap();
    let lost = killed.duration_since(SystemTime::from(at)).unwrap_or_default();
    // the document's time is in whole seconds
    assert!(lost < Duration::from_secs(3), "{lost:?} are lost");
    let value = once.value("local", "memory", "Main", "total_bytes");
    assert!(value > 1e8, "{value}");
    let again = Recorder::start(&home, &[]);
    let sealed = || folder.join("00000001.mtr").exists().then_some(());
    wait_for("the old tail to be a block", PATIENCE, sealed);
    again.end("TERM");
    let summary = replay(&home, &folder, &["--summary=json"]).expect(0);
    let summary: Value = serde_json::from_str(&summary.stdout).unwrap();
    let largest = &summary["processes_by_memory"][0];
    assert!(largest["memory_max_bytes"].as_f64().unwrap() > 1e6, "{summary}");
    let dump = replay(&home, &folder, &["--dump=jsonl"]).expect(0).stdout;
    let started = dump.lines().filter(|line| line.contains("\"event\":\"started\"")).count();
    assert_eq!(started, 2, "both runs are in one recording");
}

#[test]
fn a_remote_that_dies_is_in_the_recording_with_its_reason() {
    let (home, farm) = (Home::new(), Farm::new());
    let remote = farm.serve(bodies::gotop(Gotop::default()));
    let config = format!("remote-Jerry-url={}\nremote-Jerry-refresh=500ms\n", remote.url());
    let config = home.write("one.conf", config);
    let recorder = Recorder::start(&home, &["-C", config.to_str().unwrap()]);
    wait_for("answers", PATIENCE, || (remote.requests() >= 16).then_some(()));
    remote.now(Manner::Refuse);
    let folder = recorder.folder.clone();
    let events = || {
        let dump = replay(&home, &folder, &["--dump=jsonl", "--kind", "none"]).expect(0).stdout;
        dump.lines().filter(|line| line.contains("\"event\":\"down\"")).map(str::to_owned).next()
    };
    let down = wait_for("the death of Jerry", PATIENCE, events);
    assert!(down.contains("\"source\":\"Jerry\"") && down.contains("refused"), "{down}");
    let down: Value = serde_json::from_str(&down).unwrap();
    let time = down["time"].as_str().unwrap();
    recorder.end("TERM");
    let dead = Once::read(replay(&home, &folder, &["--once=json", "--at", time]).expect(3));
    assert_eq!(dead.state("Jerry"), "down");
    let alive = replay(&home, &folder, &["--once=json", "--at", &earlier(time)]);
    assert_eq!(Once::read(alive).state("Jerry"), "live");
    let masked = replay(&home, &folder, &["--dump=jsonl", "--mask"]).expect(0).stdout;
    assert!(masked.contains("\"source\":\"host-") && !masked.contains("Jerry"));
}

/// Eight seconds before.
fn earlier(time: &str) -> String {
    let time: chrono::DateTime<chrono::Utc> = time.parse().unwrap();
    (time - chrono::TimeDelta::seconds(8)).to_rfc3339()
}

#[test]
fn prometheus_takes_a_recording_and_answers_queries_over_it() {
    needs::program("promtool");
    let home = Home::new();
    let recorder = Recorder::start(&home, &[]);
    recorder.wait_for_growth(5);
    let folder = recorder.folder.clone();
    recorder.end("TERM");
    let dump = replay(&home, &folder, &["--dump=openmetrics", "--kind", "memory,cpu"]).expect(0);
    let input = home.write("recording.om", &dump.stdout);
    assert!(dump.stdout.ends_with("# EOF\n"));
    let blocks = home.path().join("blocks");
    let mut promtool = Command::new("promtool");
    promtool.args(["tsdb", "create-blocks-from", "openmetrics"]).arg(&input).arg(&blocks);
    finish(&mut promtool, PATIENCE).expect(0);
    let server = Peer::prometheus_over(&blocks);
    let last = dump.stdout.lines().rev().nth(1).unwrap();
    let time = last.rsplit(' ').next().unwrap();
    let query = format!("/api/v1/query?query=manytop_memory_total_bytes&time={time}");
    let answer = wait_for("an answer", PATIENCE, || {
        let (_, body) = get(server.address(), &query)?;
        let answer: Value = serde_json::from_str(&body).ok()?;
        answer["data"]["result"].as_array().filter(|list| !list.is_empty())?;
        Some(answer)
    });
    let result = &answer["data"]["result"];
    let of = |device: &str| {
        let list = result.as_array().unwrap().iter();
        let mut found = list.filter(|series| series["metric"]["device"] == *device);
        found.next().map(|series| series["value"][1].as_str().unwrap().parse::<f64>().unwrap())
    };
    let once = Once::read(replay(&home, &folder, &["--once=json"]));
    let recorded = once.value("local", "memory", "Main", "total_bytes");
    assert_eq!(of("Main"), Some(recorded));
}

#[test]
fn a_full_disk_stops_the_recording_with_one_message_and_it_goes_on_with_room() {
    needs::namespaces(&["--mount"]);
    let home = Home::new();
    let disk = home.path().join("disk");
    fs::create_dir_all(&disk).unwrap();
    let log = home.path().join("full.log");
    let script = format!(
        "mount -t tmpfs -o size=1m none {disk} && head -c 1016k /dev/zero > {disk}/ballast && \
         mkfifo {home}/go && {{ {program} --headless --record={disk}/r 2> {log} & pid=$!; \
         read _ < {home}/go; rm {disk}/ballast; read _ < {home}/go; kill $pid; wait $pid; \
         {program} --replay {disk}/r --dump csv > {home}/dump.csv; }}",
        disk = disk.display(),
        home = home.path().display(),
        program = binary().display(),
        log = log.display(),
    );
    let mut command = Command::new("unshare");
    command.args(["--mount", "bash", "-c", &script]).env_clear().envs(home.env());
    let mut child = command.stdin(Stdio::null()).spawn().unwrap();
    let said = || fs::read_to_string(&log).unwrap_or_default();
    let go = home.path().join("go");
    wait_for("the message", PATIENCE, || said().contains("recording stopped").then_some(()));
    let text = said();
    assert!(text.contains("No space left on device") && text.contains("trying again"), "{text}");
    fs::write(&go, "\n").unwrap();
    // it tries again every 10 s
    wait_for("it to go on", 3 * PATIENCE, || said().contains("recording goes on").then_some(()));
    assert_eq!(said().matches("recording stopped").count(), 1, "{}", said());
    fs::write(&go, "\n").unwrap();
    child.wait().unwrap();
    let dump = fs::read_to_string(home.path().join("dump.csv")).unwrap();
    assert!(dump.lines().count() > 20, "{dump}");
}

#[test]
fn a_recording_is_shown_on_the_screen_with_the_keys_of_time() {
    let home = Home::new();
    let recorder = Recorder::start(&home, &[]);
    recorder.wait_for_growth(4);
    let folder = recorder.folder.clone();
    recorder.end("TERM");
    let args = [OsStr::new("--replay"), folder.as_os_str()];
    let terminal = Terminal::run(&home, (160, 48), &args);
    let first = terminal.wait_for_text(&["PAST", "recorded", "cpu", "procs"]);
    terminal.press(&[","]);
    terminal.wait_for("another instant", |screen| screen.contains("PAST") && screen != first);
    terminal.press(&["q"]);
    assert_eq!(terminal.wait_for_end(), Some(0));
}

#[test]
fn the_demo_plays_and_says_that_it_is_one() {
    let home = Home::new();
    let terminal = Terminal::run(&home, (160, 48), &["--demo"]);
    terminal.wait_for_text(&["PLAY", "recorded: "]);
    terminal.press(&["q"]);
    assert_eq!(terminal.wait_for_end(), Some(0));
    let once = home.run(&["--demo", "--once=json"]);
    assert!(once.stdout.contains("\"sources\""), "{}", once.stderr);
}

#[test]
fn rules_say_when_they_would_have_fired_over_a_recording() {
    let (home, farm) = (Home::new(), Farm::new());
    let full = |percent| Manner::Serve(bodies::gotop(Gotop { main: percent, ..Gotop::default() }));
    let remote = farm.remote(full(50.0));
    let config = home.write("one.conf", format!("alerts=off\nremote-Jerry-url={}\n", remote.url()));
    let recorder = Recorder::start(&home, &["-C", config.to_str().unwrap()]);
    let polls = |times| {
        let before = remote.requests();
        wait_for("polls", PATIENCE, || (remote.requests() > before + times).then_some(()));
    };
    polls(2);
    remote.now(full(93.0));
    polls(3);
    remote.now(full(50.0));
    polls(2);
    let folder = recorder.folder.clone();
    recorder.end("TERM");
    // the rules of another config than that of the recording
    let rules = home.write(
        "rules.conf",
        "alerts=off\nalert-full-when=mem>90\nalert-never-when=mem>99\nalert-long-when=mem>90\n\
         alert-long-for=1h\n",
    );
    let check = |more: &[&str]| {
        let config = ["-C", rules.to_str().unwrap()];
        replay(&home, &folder, &[&config, more].concat())
    };
    let text = check(&["--check-alerts"]).expect(0).stdout;
    let of = |rule: &str| text.lines().find(|line| line.starts_with(rule)).unwrap().to_owned();
    assert!(of("full").ends_with("warning   once"), "{text}");
    assert!(of("never").ends_with("never") && of("long").ends_with("never"), "{text}");
    assert!(text.contains("Jerry mem 93 %"), "{text}");
    let found = check(&["--check-alerts=json"]).expect(0).stdout;
    let found: Value = serde_json::from_str(&found).unwrap();
    let alert = &found["rules"][0]["alerts"][0];
    let seconds = alert["seconds"].as_f64().unwrap();
    assert!((2.0..10.0).contains(&seconds), "{found}");
    let none = check(&["--check-alerts", "--source", "Tom"]).expect(0).stdout;
    assert!(!none.contains("once"), "{none}");
}

#[test]
fn flags_of_recordings_say_what_they_need() {
    let home = Home::new();
    let text = |args: &[&str]| home.run(args).expect(2).stderr;
    assert!(text(&["--dump", "csv"]).contains("--replay FOLDER"));
    assert!(text(&["--headless"]).contains("--record"));
    assert!(text(&["--replay", "/nonexistent", "--once"]).contains("cannot read /nonexistent"));
    assert!(text(&["--set", "record=true", "--set", "recordmode=0777"]).contains("0640"));
    let wrong = ["--check-config", "--record=/tmp/x", "--set", "recordkinds=cup"];
    assert!(text(&wrong).contains("did you mean \"cpu\"?"));
}

#[test]
fn the_walk_through_of_the_readme_works_on_the_recording_that_ships() {
    let home = Home::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/outage");
    let bytes = fs::metadata(folder.join("00000001.mtr")).unwrap().len();
    assert!(bytes < 300_000, "{bytes}");
    let summary = replay(&home, &folder, &["--summary=json"]).expect(0).stdout;
    let summary: Value = serde_json::from_str(&summary).unwrap();
    let outage = &summary["outages"][0];
    assert_eq!(outage["source"], "db-1", "{summary}");
    assert!(outage["from"].as_str().unwrap().starts_with("2026-11-25T03:12:"), "{outage}");
    let alerts = replay(&home, &folder, &["--check-alerts"]).expect(0).stdout;
    assert!(alerts.contains("db-1 down: connection refused"), "{alerts}");
    let script = format!(
        "exec env TZ=UTC {} --replay {} --at 03:12:30",
        binary().display(),
        folder.display()
    );
    let terminal = Terminal::script(&home, (160, 48), &script);
    terminal.wait_for_text(&["6 hosts", "1 DOWN", "Wed 25 Nov, 03:12:30"]);
    terminal.press(&["Enter"]);
    terminal.wait_for_text(&["  db-1  ", "─ down ", "nightly-import"]);
    terminal.press(&["{"]);
    terminal.wait_for_text(&["db-1: connection refused", "03:12:1"]);
    terminal.press(&["<"]);
    let before = terminal.wait_for_text(&["03:11:1", "nightly-import", "postgres"]);
    assert!(!before.contains("─ down "), "{before}");
    terminal.press(&["q"]);
    assert_eq!(terminal.wait_for_end(), Some(0));
}
