//! Files: a full disk destroys none, and what is not a file is never waited for.

use crate::home::{Done, Home, binary, finish};
use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
    process::Command,
    time::Duration,
};

/// A file that is read at once has no time to hang.
const AT_ONCE: Duration = Duration::from_secs(30);

/// Runs the binary by a shell, which sees it as `"$@"`.
fn by_shell(home: &Home, script: &str, args: &[&str]) -> Done {
    let mut command = Command::new("bash");
    command.args(["-c", script, "bash"]).arg(binary()).args(args);
    command.env_clear().envs(home.env()).current_dir(home.path());
    finish(&mut command, AT_ONCE)
}

fn fifo(home: &Home, name: &str) {
    let path = home.path().join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Files of this folder, hidden ones too.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().flatten();
    let mut names: Vec<_> = entries.map(|e| e.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_config_survives_a_disk_that_is_full() {
    let home = Home::new();
    let text = "# mine\nmbps=true\nremote-Jerry-url=http://127.0.0.1:9/metrics\n";
    let file = home.write(".config/manytop/manytop.conf", text);
    // no file may grow past this: what is written beyond fails, as on a full disk
    let full = "trap '' XFSZ; ulimit -f 1; exec \"$@\"";
    let done = by_shell(&home, full, &["--write-config", "--force"]).expect(1);
    assert!(done.stderr.contains("manytop.conf is not written"), "{}", done.stderr);
    assert_eq!(fs::read_to_string(&file).unwrap(), text);
    assert_eq!(names(file.parent().unwrap()), ["manytop.conf"]);
    by_shell(&home, full, &["--write-config", "-C", "new.conf"]).expect(1);
    assert!(!home.path().join("new.conf").exists(), "not even a part of it");
}

#[test]
fn a_config_that_is_written_again_keeps_its_mode_and_its_place() {
    let home = Home::new();
    let file = home.write("kept/manytop.conf", "mbps=true\n");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o640)).unwrap();
    let link = home.path().join(".config/manytop/manytop.conf");
    fs::create_dir_all(link.parent().unwrap()).unwrap();
    symlink(&file, &link).unwrap();
    let before = fs::metadata(&file).unwrap();
    home.run(&["--write-config", "--force"]).expect(0);
    let after = fs::metadata(&file).unwrap();
    assert_eq!(
        (after.mode(), after.uid(), after.gid()),
        (before.mode(), before.uid(), before.gid())
    );
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink(), "a link stays one");
    assert!(fs::read_to_string(&file).unwrap().contains("\nmbps=true\n"));
}

#[test]
fn what_is_not_a_file_is_named_wherever_a_file_is_due() {
    let (home, endless) = (Home::new(), "/dev/zero");
    for path in ["fifo", ".config/manytop/layouts/piped", ".config/manytop/colors/piped.json"] {
        fifo(&home, path);
    }
    let fifo = home.path().join("fifo");
    let key = |name: &str, path: &Path| format!("remote-J-{name}={}", path.display());
    let remote = "remote-J-url=https://127.0.0.1:9/metrics";
    let mut cases: Vec<(Vec<String>, &str)> = Vec::new();
    let of = |args: &[&str]| args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>();
    for (path, kind) in [(fifo.as_path(), "is a FIFO"), (Path::new(endless), "is a device")] {
        let mut config = |text: String| {
            let config = home.write(&format!("{}.conf", cases.len()), text);
            cases.push((of(&["--check-config", "-C", &config.display().to_string()]), kind));
        };
        for option in ["ca_file", "cert_file", "key_file", "password_file", "bearer_token_file"] {
            let more = match option {
                "password_file" => "remote-J-username=u\n",
                "key_file" => "remote-J-cert_file=/dev/null\n",
                _ => "",
            };
            config(format!("{remote}\n{more}{}\n", key(option, path)));
        }
        config(format!("discover-x-file={}\n", path.display()));
    }
    cases.push((of(&["--check-config", "-l", "piped"]), "is a FIFO"));
    cases.push((of(&["--check-config", "-c", "piped"]), "is a FIFO"));
    for flag in ["-C", "-l"] {
        cases.push((of(&["--check-config", flag, endless]), "is a device"));
    }
    cases.push((of(&["--check-config", &format!("@{endless}")]), "is a device"));
    let layout = home.write("layout.conf", format!("layout={}\n", fifo.display()));
    cases.push((of(&["--check-config", "-C", &layout.display().to_string()]), "is a FIFO"));
    for (args, kind) in cases {
        let done = home.run(&args);
        let said = done.stdout + &done.stderr;
        assert!(
            said.contains(kind) && said.contains("expected a regular file"),
            "{args:?}: {said}"
        );
        // a discovery's file is read again and again, and may be a file by then
        assert_eq!(done.code, Some(if said.contains("fine") { 0 } else { 2 }), "{args:?}: {said}");
    }
}

#[test]
fn a_config_folder_full_of_odd_things_is_no_trap() {
    let home = Home::new();
    fifo(&home, ".config/manytop/conf.d/a.conf");
    let done = home.run(&["--check-config"]).expect(2);
    assert!(done.stderr.contains("a.conf: is a FIFO"), "{}", done.stderr);
    fs::remove_file(home.path().join(".config/manytop/conf.d/a.conf")).unwrap();
    let null = home.path().join(".config/manytop/conf.d/b.conf");
    symlink("/dev/null", null).unwrap();
    home.run(&["--check-config"]).expect(0);
    home.run(&["--check-config", "-C", "/dev/null"]).expect(0);
    let huge = home.write("huge.conf", "");
    fs::File::options().write(true).open(&huge).unwrap().set_len(1 << 40).unwrap();
    let done = home.run(&[OsStr::new("--check-config"), OsStr::new("-C"), huge.as_os_str()]);
    assert!(done.expect(2).stderr.contains("is larger than 4 MiB"));
}

#[test]
fn a_file_of_authorities_that_the_environment_names_is_no_trap_either() {
    let home = Home::new();
    fifo(&home, "fifo");
    let path = home.path().join("fifo").display().to_string();
    let args = ["--once=json", "--no-local", "--remote", "J=https://127.0.0.1:9/metrics"];
    let done = home.run_with(&args, &[("SSL_CERT_FILE", &path)]).expect(3);
    assert!(done.stdout.contains("fifo is a FIFO; expected a regular file"), "{}", done.stdout);
}

#[test]
fn arguments_may_be_pipes_that_end() {
    let home = Home::new();
    home.write("mine.conf", "nolocal=true\nremote-Jerry-url=http://127.0.0.1:9/metrics\n");
    let piped = "exec \"$@\" -C <(cat mine.conf) -l <(echo cpu mem) @<(echo web1:9)";
    let done = by_shell(&home, piped, &["--check-config"]).expect(0);
    assert!(done.stdout.contains("2 sources: Jerry web1"), "{}", done.stdout);
    for (script, says) in [
        ("exec \"$@\" -C <(exec sleep 8 2>/dev/null)", "did not end within 5 s"),
        ("exec \"$@\" -C <(yes)", "is larger than 1 MiB"),
        ("exec \"$@\" -l <(yes '#')", "is larger than 1 MiB"),
        ("exec \"$@\" @<(yes '#')", "is larger than 1 MiB"),
        ("yes '#' | \"$@\" -l -", "standard input: is larger than 1 MiB"),
    ] {
        let done = by_shell(&home, script, &["--check-config"]).expect(2);
        assert!(done.stderr.contains(says), "{script}: {}", done.stderr);
    }
}
