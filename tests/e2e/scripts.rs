//! What scripts and cron rely on: a full disk is an error, a check of the config means what the start does, a frame
//! that is printed holds what it shows, and no message repeats a secret.

use crate::{
    bodies::{self, Gotop},
    exporter::Exporter,
    farm::Farm,
    home::{Done, Home, binary, finish, wait_for},
    pty::{Pty, Start},
    terminal::PATIENCE,
};
use std::{fs::File, process::Command, time::Duration};

/// A word of which no message holds a part.
const SECRET: &str = "s3cr3t";

/// Runs the binary by a shell, which sees it as `"$@"`.
fn by_shell(home: &Home, script: &str, args: &[&str]) -> Done {
    let mut command = Command::new("bash");
    command.args(["-c", script, "bash"]).arg(binary()).args(args);
    command.env_clear().envs(home.env()).current_dir(home.path());
    finish(&mut command, Duration::from_secs(60))
}

#[test]
fn what_cannot_be_printed_is_an_error() {
    let home = Home::new();
    for (args, code) in [
        (&["--help"][..], 1),
        (&["--version"], 1),
        (&["--list", "providers"], 1),
        (&["--list", "devices", "--no-local"], 1),
        (&["--check-config"], 1),
        (&["--write-config"], 1),
        (&["--once"], 1),
        (&["--once=json"], 1),
        (&["--once=prometheus"], 1),
        (&["--check"], 3),
        (&["--check=json"], 3),
        (&["--check", "--help"], 3),
    ] {
        let done = by_shell(&home, "exec \"$@\" >/dev/full", args);
        assert_eq!(done.code, Some(code), "{args:?}: {}", done.stderr);
        assert!(
            done.stderr.contains("cannot write to standard output"),
            "{args:?}: {}",
            done.stderr
        );
    }
}

#[test]
fn a_reader_that_has_enough_changes_no_status() {
    let home = Home::new();
    let piped = "\"$@\" 2>/dev/null | true; exit ${PIPESTATUS[0]}";
    by_shell(&home, piped, &["--list", "options"]).expect(0);
    let down = "gone=http://127.0.0.1:9/metrics";
    by_shell(&home, piped, &["--once=json", "--no-local", "--remote", down]).expect(3);
    by_shell(&home, piped, &["--check", "--no-local", "--remote", down]).expect(2);
}

#[test]
fn no_message_repeats_a_secret_or_a_control_character() {
    let home = Home::new();
    let user = format!("user:{SECRET}@host");
    let odd = format!("user:my {SECRET}\n\x1b[2J'{SECRET}@host");
    let url = format!("http://user:{SECRET}/{SECRET}@host/metrics");
    let key = format!("remote-J-password={SECRET}");
    home.write(&format!("{user} list"), "");
    let mut cases: Vec<Vec<String>> = Vec::new();
    for word in [&user, &odd, &url, &key] {
        for flag in [
            "",
            "--list",
            "--size",
            "--rate",
            "--limit",
            "--set",
            "--remote",
            "--once",
            "--check",
            "-C",
            "-l",
            "-c",
            "-x",
            "-i",
            "--export-names",
            "--graphscale",
            "--onze",
            "--help-me",
            "-S",
            "-Q",
        ] {
            cases.push(match flag {
                "" => vec![word.clone()],
                "--once" | "--check" => vec![format!("{flag}={word}")],
                _ => vec!["--check-config".into(), flag.into(), word.clone()],
            });
            cases.push(vec!["--check-config".into(), format!("{flag}={word}")]);
        }
        cases.push(vec![format!("@{word}")]);
        cases.push(vec!["--set".into(), format!("groups={word}"), "--check-config".into()]);
        cases.push(vec!["--remote".into(), format!("J={word}"), "--check-config".into()]);
    }
    cases.push(vec!["--set".into(), format!("remote-J-password {SECRET}")]);
    cases.push(vec!["--check-config".into(), format!("{user} list")]);
    for args in cases {
        let done = home.run(&args);
        let said = format!("{}{}", done.stdout, done.stderr);
        assert!(!said.contains(SECRET) && !said.contains("my "), "{args:?}: {said}");
        let control = said.chars().find(|c| c.is_control() && *c != '\n');
        assert_eq!(control, None, "{args:?}: {said:?}");
        assert!(said.lines().all(|line| !line.starts_with('\'')), "{args:?}: {said}");
    }
}

/// How a start on a terminal went: the code that it ended with, or nothing when it shows a frame.
fn refusal(pty: &mut Pty) -> Option<i32> {
    wait_for("a frame or an end", PATIENCE, || {
        let shows = pty.text().contains("\x1b[?2026l");
        (shows || !pty.is_running()).then_some(())
    });
    let is_running = pty.is_running();
    if is_running { None } else { Some(pty.wait_for_end()) }
}

#[test]
fn a_check_of_the_config_says_what_the_start_says() {
    let home = Home::new();
    let many = "cpu mem\n".repeat(101);
    for (config, layout, fine) in [
        ("", "cpu\n", true),
        ("mbps=true\nlimits=cpu=80,90 took=,2s\n", "2:cpu mem/2\n", true),
        ("metricsexportport=:0\n", "cpu\n", true),
        ("metricsexportport=nonsense\n", "cpu\n", false),
        ("metricsexportport=99999\n", "cpu\n", false),
        ("metricsexportport=::1:8089\n", "cpu\n", false),
        ("headless=true\n", "cpu\n", false),
        ("limits=cpu=90,80\n", "cpu\n", false),
        ("limits=cpu=much\n", "cpu\n", false),
        ("high=99\ncritical=98\n", "cpu\n", false),
        ("charset=latin1\n", "cpu\n", false),
        ("widget-procs-sort=size\n", "cpu\n", false),
        ("colorscheme=nrod\n", "cpu\n", false),
        ("", "cpu@\n", false),
        ("", "cpuu\n", false),
        ("", "# nothing\n", false),
        ("", &many, false),
    ] {
        home.write("c.conf", config);
        home.write("mine", layout);
        let args = ["-C", "c.conf", "-l", "./mine"];
        let checked = home.run(&[&["--check-config"], &args[..]].concat());
        let mut pty = Start { args: &args, ..Start::default() }.run(&home);
        let refused = refusal(&mut pty);
        let expected = if fine { (Some(0), None) } else { (Some(2), Some(2)) };
        assert_eq!((checked.code, refused), expected, "{config:?} {layout:?}: {}", checked.stderr);
        if !fine {
            // what it wrote arrives after its end
            let said = wait_for("the refusal", PATIENCE, || {
                let said = pty.text().replace('\r', "");
                said.ends_with('\n').then_some(said)
            });
            assert_eq!(said, checked.stderr, "{config:?} {layout:?}");
        }
    }
    home.write("mine", "mem\n");
    let from_input = |args: &[&str]| {
        let before = &["sh", "-c", "exec \"$@\" -l - <mine", "sh"];
        let mut pty = Start { before, args, ..Start::default() }.run(&home);
        refusal(&mut pty)
    };
    assert_eq!((from_input(&["--check-config"]), from_input(&[])), (Some(0), None));
}

#[test]
fn a_printed_frame_holds_the_boxes_of_the_host_under_the_cursor() {
    let (home, farm) = (Home::new(), Farm::new());
    let busy = |nth| if nth == 7 { 91 } else { 20 };
    let body =
        |nth| farm.serve(bodies::gotop(Gotop { cores: vec![busy(nth)], ..Gotop::default() }));
    let remotes: Vec<_> = (0..12).map(body).collect();
    let mut args = vec!["--export-remotes".to_owned(), "--no-local".into()];
    for (nth, remote) in remotes.iter().enumerate() {
        args.extend(["--remote".into(), format!("h{nth}={}", remote.url())]);
    }
    // which hosts there are it tells only when it answers, and the worst comes first where not all have room
    let relay = Exporter::start(&args);
    let layout = home.write("mine", "hosts\ncpu@> net@>\n").display().to_string();
    let remote = format!("site=http://{}/metrics", relay.address());
    let args = ["--once", "--no-local", "--size", "140x20", "-l", &layout, "--remote", &remote];
    let frame = home.run(&args).stdout;
    let boxes: Vec<&str> = frame.lines().skip_while(|line| !line.contains('╰')).collect();
    let boxes = boxes.join("\n");
    assert!(frame.contains("│▌! h7 "), "the cursor:\n{frame}");
    assert!(boxes.contains("▌h7 ─ 2 cpu ─ 91 %"), "{frame}");
    assert!(boxes.contains("▌h7 ─ 3 net ─ all") && boxes.contains("▼"), "{frame}");
}

#[test]
fn one_source_is_not_sources() {
    let home = Home::new();
    let checked = home.run(&["--check-config"]).expect(0).stdout;
    assert!(checked.contains("fine; 1 source: local"), "{checked}");
    let two = home.run(&["--check-config", "web1:9"]).expect(0).stdout;
    assert!(two.contains("fine; 2 sources: local web1"), "{two}");
}

#[test]
fn processes_by_sysinfo_have_their_cpu_and_no_threads() {
    let home = Home::new();
    let mut busy = Command::new("bash");
    busy.args(["-c", "while :; do :; done"]);
    let mut busy = busy.stdout(File::open("/dev/null").unwrap()).spawn().unwrap();
    let once = home.once("process-via=sysinfo\n", &[] as &[&str], 0);
    let _ = busy.kill();
    let pid = busy.wait().map(|_| busy.id()).unwrap().to_string();
    assert!(once.value("local", "process", &pid, "percent") > 5.0);
    // a thread has a folder of its own below its process's, and none beside it that is listed
    let listed = once.devices_of("local", "process");
    let is_thread = |pid: &str| {
        let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        let group = status.lines().find_map(|line| line.strip_prefix("Tgid:"));
        group.is_some_and(|group| group.trim() != pid)
    };
    let threads: Vec<&str> =
        listed.iter().filter_map(|d| d["device"].as_str()).filter(|pid| is_thread(pid)).collect();
    assert!(threads.is_empty(), "{threads:?}");
}
