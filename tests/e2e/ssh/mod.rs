//! Hosts over ssh, against a real sshd: shells, hostile contents, sessions that end or hang.

mod failures;
mod signals;
mod sshd;

use crate::{
    home::{Home, wait_for},
    needs,
    once::{Once, near},
    terminal::{PATIENCE, send},
};
use sshd::{Sshd, is_gone, zombies};
use std::{
    fs,
    os::unix::{ffi::OsStrExt, process::CommandExt},
    path::Path,
    process::{Child, Command},
};

/// A folder in which every program of a small system is busybox.
fn busybox(home: &Home) -> String {
    needs::program("busybox");
    let folder = home.path().join("applets");
    fs::create_dir_all(&folder).unwrap();
    for applet in ["sh", "grep", "cat", "df", "ls", "uname"] {
        std::os::unix::fs::symlink("/usr/bin/busybox", folder.join(applet)).unwrap();
    }
    folder.display().to_string()
}

/// What both are is this machine: what one says of it, the other says too.
#[track_caller]
fn expect_like_local(once: &Once, shell: &str) {
    let both = |kind, device, quantity| {
        ["local", "box"].map(|source| once.value(source, kind, device, quantity))
    };
    let [local, remote] = both("memory", "Main", "total_bytes");
    assert_eq!(local, remote, "{shell}");
    let [local, remote] = both("host", "", "uptime_seconds");
    assert!((local - remote).abs() < 20.0, "{shell}: {local} {remote}");
    let names = |source, kind| -> Vec<String> {
        let devices = once.devices_of(source, kind).into_iter();
        devices.map(|device| device["device"].as_str().unwrap().to_owned()).collect()
    };
    for kind in ["cpu", "network", "disk", "temperature", "power"] {
        assert_eq!(names("local", kind), names("box", kind), "{shell}: {kind}");
    }
    for disk in once.devices_of("local", "disk") {
        let name = disk["device"].as_str().unwrap();
        let [local, remote] = both("disk", name, "total_bytes");
        assert!(near(local, remote), "{shell}: {name}: {local} {remote}");
        let inodes = |source| once.device(source, "disk", name)["values"]["inodes"].clone();
        assert_eq!(inodes("local"), inodes("box"), "{shell}: {name}");
        let texts = |source| once.device(source, "disk", name)["texts"].to_string();
        assert_eq!(texts("local"), texts("box"), "{shell}");
    }
    for text in ["hostname", "kernel", "processor", "distribution"] {
        let of = |source| once.device(source, "host", "")["texts"][text].to_string();
        assert_eq!(of("local"), of("box"), "{shell}: {text}");
    }
    assert!(once.value("box", "cpu", "CPU0", "percent") >= 0.0);
    assert_eq!(once.source("box")["dialects"].to_string(), "[\"ssh\"]");
}

#[test]
fn every_usual_shell_says_what_this_machine_says_of_itself() {
    let applets = Home::new();
    let busybox = format!("PATH={} exec /usr/bin/busybox sh", busybox(&applets));
    for shell in ["exec dash", "exec bash --posix", "exec bash", &busybox] {
        let sshd = Sshd::forcing(shell);
        expect_like_local(&sshd.once("", &[], 0), shell);
    }
    let greeting = "echo Welcome to this host; echo >&2 Careful; exec sh";
    for shell in [greeting, "read line; exec sh"] {
        expect_like_local(&Sshd::forcing(shell).once("", &[], 0), shell);
    }
}

/// A process of any name and arguments.
struct Hostile(Child, Home);

impl Hostile {
    fn new(name: &[u8], argument: &[u8]) -> Hostile {
        let home = Home::new();
        let program = home.path().join(std::ffi::OsStr::from_bytes(name));
        fs::copy("/usr/bin/tail", &program).unwrap();
        let mut command = Command::new(&program);
        let argument = std::ffi::OsStr::from_bytes(argument);
        // tail waits for more of a file that does not grow
        command.arg0(argument).args(["-f", "/dev/null"]);
        Hostile(command.spawn().unwrap(), home)
    }
}

impl Drop for Hostile {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn names_and_arguments_of_processes_forge_nothing() {
    let sshd = Sshd::new();
    let forged =
        b"\n@0123 - 1 0\n/proc/1/stat:1 (init) R 0\n\n@$n + 1\n%A%B $(reboot) `reboot`\xff\x1b[31m";
    let processes = [
        Hostile::new(b"x) S\n9 (y", forged),
        Hostile::new(b"\xff\xfe\nnr_", b"/proc/meminfo:MemTotal: 1 kB"),
    ];
    let once = sshd.once("", &[], 0);
    expect_like_local(&once, "hostile processes");
    for process in &processes {
        let pid = process.0.id().to_string();
        let [local, remote] =
            ["local", "box"].map(|source| once.device(source, "process", &pid)["texts"].clone());
        for text in ["name", "command", "user"] {
            assert_eq!(local[text], remote[text], "{text} of {pid}");
        }
    }
    assert!(processes[0].1.path().exists());
}

#[test]
fn nothing_is_written_there_and_nothing_stays_of_it() {
    let sshd = Sshd::new();
    let once = sshd.once("", &["--no-local"], 0);
    assert_eq!(once.state("box"), "live");
    wait_for("the session to end", PATIENCE, || sshd.shells().is_empty().then_some(()));
    wait_for("ssh to end", PATIENCE, || sshd.clients().is_empty().then_some(()));
    assert_eq!(sshd.log().matches("Accepted publickey").count(), 1, "one log-in for two polls");
}

#[test]
fn a_killed_program_leaves_neither_ssh_nor_shell() {
    let sshd = Sshd::new();
    let screen = sshd.screen("");
    sshd.wait_for_session();
    let (clients, shells) = (sshd.clients(), sshd.shells());
    assert!(!clients.is_empty() && !shells.is_empty(), "{clients:?} {shells:?}");
    send("KILL", screen.program());
    for pid in clients.iter().chain(&shells) {
        wait_for("all of it to be gone", PATIENCE, || is_gone(*pid).then_some(()));
    }
}

#[test]
fn a_link_that_is_killed_is_made_again_and_waited_for() {
    let sshd = Sshd::new();
    let screen = sshd.screen("");
    sshd.wait_for_session();
    for _ in 0..3 {
        let first = sshd.shells();
        for pid in sshd.clients() {
            send("KILL", pid);
        }
        wait_for("another session", 2 * PATIENCE, || {
            let now = sshd.shells();
            (!now.is_empty() && now.iter().all(|pid| !first.contains(pid))).then_some(())
        });
    }
    let program = screen.program();
    wait_for("no zombie", PATIENCE, || (zombies(program) == 0).then_some(()));
    assert_eq!(sshd.clients().len(), 1, "one ssh at a time");
}

#[test]
fn a_stopped_shell_and_a_stopped_sshd_are_noticed_and_left() {
    let sshd = Sshd::new();
    let screen = sshd.screen("remote-box-timeout=2\n");
    sshd.wait_for_session();
    for stop in [Sshd::shells as fn(&Sshd) -> Vec<u32>, Sshd::sessions] {
        let (mut stopped, clients) = (stop(&sshd), sshd.clients());
        // a child of the shell may have ended since it was listed
        stopped.retain(|pid| {
            let args = ["-s", "STOP", &pid.to_string()];
            std::process::Command::new("kill").args(args).status().unwrap().success()
        });
        assert!(!stopped.is_empty());
        for pid in clients {
            wait_for("the hanging ssh to be killed", PATIENCE, || is_gone(pid).then_some(()));
        }
        wait_for("another session", 2 * PATIENCE, || {
            sshd.shells().iter().any(|pid| !stopped.contains(pid)).then_some(())
        });
        stopped.iter().for_each(|pid| send("CONT", *pid));
        screen.wait("the host to live again", 2 * PATIENCE, |screen| screen.contains("live"));
        for pid in stopped {
            wait_for("the stopped ones to end", PATIENCE, || is_gone(pid).then_some(()));
        }
    }
    assert_eq!(zombies(screen.program()), 0);
}

/// Makes the mount at `silent`. The shell holds its other end.
const MOUNT: &str = "mkdir -p silent && exec 3<>/dev/fuse && \
    mount -i -t fuse -o fd=3,rootmode=40000,user_id=0,group_id=0 /dev/silent silent";

/// An sshd that sees that mount.
fn beside_silent_mount() -> Sshd {
    needs::namespaces(&["-m"]);
    Sshd::start("", |sshd, file| {
        format!(
            "exec unshare -m --propagation private bash --norc -c '{MOUNT} || exit 99; \
             {sshd} -D -e -f {file} 3<&- & trap \"kill $!; umount -l silent\" TERM; wait'"
        )
    })
}

/// The `df` of its sessions.
fn hanging(sshd: &Sshd) -> Vec<u32> {
    let is_df = |pid: &&u32| {
        fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|comm| comm.trim() == "df")
    };
    sshd.sessions().iter().filter(is_df).copied().collect()
}

#[test]
fn a_killed_program_leaves_no_ssh_while_df_hangs_there() {
    as_root!();
    let sshd = beside_silent_mount();
    let screen = sshd.screen("");
    sshd.wait_for_session();
    wait_for("df to hang", 3 * PATIENCE, || hanging(&sshd).first().copied());
    let (clients, servers) = (sshd.clients(), sshd.servers());
    assert!(!clients.is_empty() && !servers.is_empty(), "{clients:?} {servers:?}");
    send("KILL", screen.program());
    for pid in clients.iter().chain(&servers) {
        wait_for("all but df to be gone", PATIENCE, || is_gone(*pid).then_some(()));
    }
}

#[test]
fn a_mount_that_never_answers_delays_nothing_and_hangs_once() {
    as_root!();
    let sshd = beside_silent_mount();
    let screen = sshd.screen("");
    sshd.wait_for_session();
    let first = wait_for("df to hang", 3 * PATIENCE, || hanging(&sshd).first().copied());
    screen.wait("the mount to be named", 2 * PATIENCE, |screen| {
        screen.contains("live") && !screen.contains("no answer")
    });
    let clients = sshd.clients();
    clients.iter().for_each(|pid| send("KILL", *pid));
    wait_for("another session", 2 * PATIENCE, || {
        let now = sshd.clients();
        (!now.is_empty() && now.iter().all(|pid| !clients.contains(pid))).then_some(())
    });
    screen.wait_for_text(&["live"]);
    assert!(Path::new(&format!("/proc/{first}")).exists(), "it hangs in the kernel");
    assert!(hanging(&sshd).len() <= 1, "{:?}", hanging(&sshd));
    // the kernel lets go of it when the other end is closed
    drop(screen);
}

#[test]
fn a_file_that_others_can_write_names_no_host_over_ssh() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    for (file, text) in [("a.conf", "remote-x-url=ssh://h\n"), ("hosts.txt", "ssh://h\n")] {
        let path = home.write(file, text);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o666)).unwrap();
        let path = path.display().to_string();
        let list = format!("@{path}");
        let args = if file == "a.conf" {
            ["--check-config", "-C", &path]
        } else {
            ["--check-config", "--no-local", &list]
        };
        let done = home.run(&args).expect(2);
        let remedy = format!("chmod go-w {path}");
        assert!(
            done.stderr.contains("not taken from a file that other users can write"),
            "{}",
            done.stderr
        );
        assert!(done.stderr.contains(&remedy), "{}", done.stderr);
    }
}

#[test]
fn hosts_of_the_users_own_config_are_listed() {
    let home = Home::new();
    home.write(".ssh/config", "Host web1 db-*\n  HostName web1.example.com\nHost pi\n");
    let done = home.run(&["--list", "ssh"]).expect(0);
    let lines: Vec<Vec<&str>> =
        done.stdout.lines().map(|line| line.split_whitespace().collect()).collect();
    assert_eq!(lines, [vec!["ssh://pi"], vec!["ssh://web1", "web1.example.com"]]);
}
