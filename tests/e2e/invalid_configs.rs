//! Configs that are wrong, against the real binary: what is said, word for word where people will
//! search for it, and never a secret.

use crate::home::Home;
use std::ffi::OsStr;

/// A secret in most of the configs below.
const SECRET: &str = "s3cr3t-Pa55";

#[track_caller]
fn refused(name: &str, text: &str) -> String {
    let home = Home::new();
    let config = home.write(name, text);
    let done = home.run(&[OsStr::new("--check-config"), OsStr::new("-C"), config.as_os_str()]);
    assert_eq!(
        done.code,
        Some(2),
        "{text}\n--- stdout\n{}\n--- stderr\n{}",
        done.stdout,
        done.stderr
    );
    assert!(!done.stderr.contains(SECRET) && !done.stdout.contains(SECRET), "{}", done.stderr);
    done.stderr
}

#[test]
fn the_messages_say_what_where_and_what_to_do() {
    for (text, message) in [
        (
            "remote-Jerry-url=https://h/metrics\nremote-Jerry-refesh=2\n",
            "myserver.conf:2: unknown key \"remote-Jerry-refesh\": did you mean \
             \"remote-Jerry-refresh\"? (manytop --list options shows all)",
        ),
        (
            "# none\nremote-Jerry-refresh=2\n",
            "myserver.conf:2: remote Jerry has refresh but no url; add \
             remote-Jerry-url=https://HOST/metrics",
        ),
        (
            "remote-Jerry-url=https://u:s3cr3t-Pa55#a@h/metrics\n",
            "myserver.conf:1: remote-Jerry-url: \"#\" ends a URL; in a password write %23 (@ is \
             %40), or use remote-Jerry-password_file",
        ),
    ] {
        let said = refused("myserver.conf", text);
        assert!(said.contains(message), "{text}\nsaid: {said}wanted: {message}");
    }
}

#[test]
fn every_mistake_is_named_with_file_line_and_key() {
    for (text, parts) in [
        ("nonsense\n", &["a.conf:1"][..]),
        ("updateintervall=1\n", &["a.conf:1", "updateintervall", "\"updateinterval\""]),
        ("\n\nmbps=perhaps\n", &["a.conf:3", "mbps"]),
        ("remote-local-url=http://h/\n", &["a.conf:1", "local"]),
        ("remote--url=http://h/\n", &["a.conf:1", "remote--url"]),
        ("remote-J-url=http://h/\nremote-J-url=http://i/\n", &["a.conf:2", "remote-J-url", "1"]),
        ("remote-J-url=http://h/\nremote-J-refresh=never\n", &["a.conf:2", "remote-J-refresh"]),
        ("remote-J-url=http://h/\nremote-J-refresh=-1\n", &["a.conf:2", "remote-J-refresh"]),
        ("remote-J-url=http://h/\nremote-J-refresh=0\n", &["a.conf:2", "remote-J-refresh"]),
        ("remote-J-url=ftp://anna:s3cr3t-Pa55@h/\n", &["a.conf:1", "remote-J-url", "http"]),
        ("remote-J-url=\n", &["a.conf:1", "remote-J-url"]),
        ("remote-J-url=http://h/\nremote-J-password=${NOT_SET}\n", &["a.conf:2", "NOT_SET"]),
        ("remot-J-url=http://h/\n", &["a.conf:1", "remot-J-url", "remote-J-url"]),
        ("widget-cpuu-x=1\n", &["a.conf:1", "widget-cpuu-x"]),
    ] {
        let said = refused("a.conf", text);
        for part in parts {
            assert!(said.contains(part), "{text}said: {said}lacks {part:?}");
        }
    }
}

#[test]
fn toml_is_refused_as_precisely() {
    for (text, parts) in [
        (
            "[remote.web.example.com]\nurl = \"http://h/\"\n",
            &["a.toml:", "[remote.\"web.example.com\"]"][..],
        ),
        ("[remote.J]\nurl = 7\n", &["a.toml:2", "url"]),
        ("[remote.J]\nurl = \"http://h/\"\nrefesh = \"2s\"\n", &["a.toml:3", "refesh", "refresh"]),
        ("[remote.J\n", &["a.toml:1"]),
        ("[remote.J]\nurl = \"ftp://anna:s3cr3t-Pa55@h/\"\n", &["a.toml:2", "remote.J.url"]),
    ] {
        let said = refused("a.toml", text);
        for part in parts {
            assert!(said.contains(part), "{text}said: {said}lacks {part:?}");
        }
    }
}

#[test]
fn an_unknown_widget_names_itself_and_the_nearest() {
    let home = Home::new();
    let layout = home.write("mine", "cpu\nmen/2 net\n");
    let done = home.run(&[OsStr::new("--once"), OsStr::new("-l"), layout.as_os_str()]).expect(2);
    for part in ["mine:2", "\"men\"", "\"mem\""] {
        assert!(done.stderr.contains(part), "{part} is missing: {}", done.stderr);
    }
}

#[test]
fn two_formats_in_one_folder_are_an_error_and_neither_is_fine() {
    let home = Home::new();
    home.run(&["--check-config"]).expect(0);
    home.write(".config/manytop/manytop.conf", "mbps=true\n");
    home.run(&["--check-config"]).expect(0);
    home.write(".config/manytop/manytop.toml", "mbps = true\n");
    let done = home.run(&["--check-config"]).expect(2);
    for part in ["manytop.conf", "manytop.toml"] {
        assert!(done.stderr.contains(part), "{part} is missing: {}", done.stderr);
    }
}

#[test]
fn gotops_own_config_is_read_where_there_is_no_other() {
    let home = Home::new();
    home.write(
        ".config/gotop/gotop.conf",
        "# gotop's own\nupdateinterval=1000000000\naveragecpu=false\npercpuload=true\n\
         tempscale=C\nstatusbar=false\nnetinterface=all\nlayout=gotop\nmaxlogsize=5000000\n\
         mbps=false\nnvidia=false\ncolorscheme=default\nhelpvisible=false\n",
    );
    let done = home.run(&["--check-config"]).expect(0);
    let said = format!("{}{}", done.stdout, done.stderr);
    assert!(said.contains("gotop.conf"), "it says which file it read: {said}");
}
