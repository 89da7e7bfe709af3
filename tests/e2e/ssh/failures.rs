//! What is said of hosts that cannot be read over ssh: each failure with what to do about it.

use super::sshd::Sshd;
use crate::home::Home;
use std::fs;

#[track_caller]
fn expect(said: &str, parts: &[&str]) {
    for part in parts {
        assert!(said.contains(part), "no {part:?} in: {said}");
    }
}

#[test]
fn unknown_and_changed_host_keys_are_never_accepted() {
    let sshd = Sshd::new();
    let (known, port) = (sshd.home.path().join("known_hosts"), sshd.port());
    let good = fs::read_to_string(&known).unwrap();
    fs::write(&known, "").unwrap();
    let command = format!("run `ssh -p {port} 127.0.0.1` once");
    expect(&sshd.failure(), &["is not known here", &command, "fingerprint"]);
    assert_eq!(fs::read_to_string(&known).unwrap(), "", "nothing was accepted");
    let other = fs::read_to_string(sshd.home.path().join("key.pub")).unwrap();
    fs::write(&known, format!("[127.0.0.1]:{port} {other}")).unwrap();
    let remove = format!("ssh-keygen -R '[127.0.0.1]:{port}'");
    expect(&sshd.failure(), &["has changed to SHA256:", &remove]);
    fs::write(&known, good).unwrap();
    assert_eq!(sshd.once("", &["--no-local"], 0).state("box"), "live");
}

#[test]
fn keys_that_are_not_accepted_or_need_a_passphrase_are_told_of_the_agent() {
    let sshd = Sshd::new();
    let key = sshd.home.path().join("key");
    fs::copy(sshd.home.path().join("host"), &key).unwrap();
    expect(&sshd.failure(), &["accepts no key of this user (publickey)", "ssh-agent"]);
}

#[test]
fn what_runs_instead_of_a_shell_is_named() {
    for (command, parts) in [
        (
            "/usr/sbin/nologin",
            &["runs no shell: This account is currently not available", "ForceCommand"][..],
        ),
        ("cat", &["repeats what it is sent", "login shell"]),
        ("false", &["runs no shell; this user needs a login shell"]),
        ("internal-sftp", &["runs no shell"]),
        ("exec no-such-shell", &["has no sh"]),
    ] {
        expect(&Sshd::forcing(command).failure(), parts);
    }
}

#[test]
fn a_host_that_is_not_there_is_said_so() {
    let sshd = Sshd::new();
    let down = |url: &str| {
        let done = sshd.run(&format!("remote-box-url={url}\n"), &["--no-local"]).expect(3);
        let once = crate::once::Once::read(done);
        once.source("box")["error"].as_str().unwrap().to_owned()
    };
    let free = crate::ports::Reserved::new();
    let refused = down(&format!("ssh://127.0.0.1:{}", free.port()));
    expect(&refused, &["connection refused by 127.0.0.1", "is sshd running there"]);
    expect(&down("ssh://nowhere.invalid"), &["no such host: nowhere.invalid", "~/.ssh/config"]);
    let config = sshd.home.path().join("ssh_config");
    let text = fs::read_to_string(&config).unwrap();
    let jump = format!("Host inner\n  ProxyJump 127.0.0.1:{}\n{text}", free.port());
    fs::write(&config, jump).unwrap();
    expect(&down("ssh://inner"), &["the jump host before inner fails", "ProxyJump"]);
    fs::write(&config, format!("Nonsense yes\n{text}")).unwrap();
    expect(&down("ssh://127.0.0.1"), &["ssh does not accept its config", "nonsense"]);
}

#[test]
fn another_system_is_told_what_is_read_of_it() {
    let sshd = Sshd::forcing(
        "mkdir -p other; printf '#!/bin/sh\\necho FreeBSD\\n' >other/uname; chmod +x other/uname; \
         PATH=$PWD/other:$PATH exec sh",
    );
    expect(&sshd.failure(), &["FreeBSD over ssh is not read; a node_exporter there is"]);
}

#[test]
fn options_that_mean_nothing_over_ssh_are_refused_by_name() {
    let home = Home::new();
    for (option, part) in [
        ("password=x", "ssh-agent"),
        ("insecure=true", "host keys are always checked"),
        ("username=a", "before the host"),
        ("key_file=/x", "IdentityFile"),
    ] {
        let config = format!("remote-box-url=ssh://h\nremote-box-{option}\n");
        let path = home.write("a.conf", config);
        let done = home.run(&["--check-config", "-C", path.to_str().unwrap()]).expect(2);
        expect(&done.stderr, &["is not used with ssh://", part]);
    }
    let path = home.write("b.conf", "remote-box-url=ssh://u:hunter2@h\n");
    let done = home.run(&["--check-config", "-C", path.to_str().unwrap()]).expect(2);
    expect(&done.stderr, &["ssh takes no password in its address"]);
    assert!(!done.stderr.contains("hunter2"));
}
