//! A real sshd of a test's own, and the ssh that finds its key, config and known hosts in the test's folder.

use crate::{
    home::{Done, Home, PATH, binary, finish, wait_for},
    needs,
    once::Once,
    ports::Reserved,
    terminal::{PATIENCE, Terminal, quoted},
};
use std::{
    fs::{self, File},
    io::Read,
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

pub struct Sshd {
    child: Child,
    place: Reserved,
    pub home: Home,
}

impl Sshd {
    /// One that runs the login shell of the user who runs the tests.
    pub fn new() -> Sshd {
        Sshd::with("")
    }

    /// One that runs that command instead of what is asked for.
    pub fn forcing(command: &str) -> Sshd {
        Sshd::with(&format!("ForceCommand {command}\n"))
    }

    /// With more lines in its config.
    pub fn with(config: &str) -> Sshd {
        Sshd::start(config, |sshd, file| format!("exec {sshd} -D -e -f {file}"))
    }

    /// Run by a script that is given its path and its config.
    pub fn start(config: &str, script: impl Fn(&str, &str) -> String) -> Sshd {
        for program in ["sshd", "ssh", "ssh-keygen", "busybox", "dash"] {
            needs::program(program);
        }
        if needs::is_root() {
            // it runs parts of itself there without privileges
            fs::create_dir_all("/run/sshd").unwrap();
        }
        let (home, place) = (Home::new(), Reserved::new());
        let folder = home.path().display().to_string();
        for key in ["host", "key"] {
            let mut command = Command::new("ssh-keygen");
            command.args(["-q", "-t", "ed25519", "-N", "", "-f", key]).current_dir(home.path());
            finish(command.env_clear().env("PATH", PATH), PATIENCE).expect(0);
        }
        let text = format!(
            "Port {}\nListenAddress 127.0.0.1\nHostKey {folder}/host\nAuthorizedKeysFile {folder}/key.pub\n\
             PidFile none\nStrictModes no\nUsePAM no\nPasswordAuthentication no\n\
             KbdInteractiveAuthentication no\nPermitRootLogin yes\nLogLevel VERBOSE\n{config}",
            place.port()
        );
        let file = home.write("sshd_config", text);
        let host = fs::read_to_string(home.path().join("host.pub")).unwrap();
        home.write("known_hosts", format!("[127.0.0.1]:{} {host}", place.port()));
        home.write(
            "ssh_config",
            format!(
                "Host *\n  IdentityFile {folder}/key\n  IdentitiesOnly yes\n  UserKnownHostsFile \
                 {folder}/known_hosts\n  GlobalKnownHostsFile /dev/null\n"
            ),
        );
        // ssh looks for its config in the home folder that the system knows, not in $HOME
        let ssh = format!("#!/bin/sh\nexec /usr/bin/ssh -F {folder}/ssh_config \"$@\"\n");
        let ssh = home.write("bin/ssh", ssh);
        fs::set_permissions(ssh, fs::Permissions::from_mode(0o755)).unwrap();
        let log = File::create(home.path().join("log")).unwrap();
        let run = script("/usr/sbin/sshd", &file.display().to_string());
        let mut command = Command::new("bash");
        command.args(["--norc", "-c", &run]).env_clear().env("PATH", PATH);
        command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let child = command.current_dir(home.path()).spawn().unwrap();
        let mut sshd = Sshd { child, place, home };
        wait_for("sshd to answer", PATIENCE, || {
            if let Some(status) = sshd.child.try_wait().unwrap() {
                panic!("sshd has ended: {status}\n{}", sshd.log());
            }
            let mut stream = TcpStream::connect(sshd.place.address()).ok()?;
            stream.set_read_timeout(Some(Duration::from_secs(1))).ok()?;
            let mut greeting = [0; 4];
            stream.read_exact(&mut greeting).ok()?;
            (&greeting == b"SSH-").then_some(())
        });
        sshd
    }

    pub fn port(&self) -> u16 {
        self.place.port()
    }

    /// What it wrote.
    pub fn log(&self) -> String {
        fs::read_to_string(self.home.path().join("log")).unwrap_or_default()
    }

    /// A config that reads it as `box`.
    pub fn config(&self) -> String {
        format!("remote-box-url=ssh://127.0.0.1:{}\n", self.port())
    }

    /// The variables with which the program finds the test's ssh.
    pub fn path(&self) -> String {
        format!("{}/bin:{PATH}", self.home.path().display())
    }

    /// `--once=json` of it, which ends with that code.
    #[track_caller]
    pub fn once(&self, more: &str, args: &[&str], code: i32) -> Once {
        Once::read(self.run(&format!("{}{more}", self.config()), args).expect(code))
    }

    /// The same without a look at what it printed.
    pub fn run(&self, config: &str, args: &[&str]) -> Done {
        let config = self.home.write("once.conf", config);
        let mut all = vec!["--once=json", "-C", config.to_str().unwrap()];
        all.extend(args);
        self.home.run_with(&all, &[("PATH", &self.path())])
    }

    /// Why it cannot be read.
    #[track_caller]
    pub fn failure(&self) -> String {
        let once = self.once("", &["--no-local"], 3);
        assert_eq!(once.state("box"), "down");
        once.source("box")["error"].as_str().unwrap().to_owned()
    }

    /// The program on a screen.
    pub fn screen(&self, more: &str) -> Terminal {
        let config =
            self.home.write("screen.conf", format!("nolocal=true\n{}{more}", self.config()));
        let program = quoted(binary().as_os_str());
        let script = format!(
            "PATH={} exec {program} -C {}",
            quoted(self.path().as_ref()),
            quoted(config.as_os_str())
        );
        Terminal::script(&self.home, (120, 40), &script)
    }

    /// Processes whose command line holds that text, and that belong to this sshd or its clients.
    pub fn clients(&self) -> Vec<u32> {
        let port = format!("\0-p\0{}\0", self.port());
        pids().into_iter().filter(|pid| cmdline(*pid).contains(&port)).collect()
    }

    /// The processes of its sessions: all that descend from it.
    pub fn sessions(&self) -> Vec<u32> {
        let mut found = vec![self.child.id()];
        loop {
            let more: Vec<u32> = pids()
                .into_iter()
                .filter(|pid| !found.contains(pid))
                .filter(|pid| parent(*pid).is_some_and(|parent| found.contains(&parent)))
                .collect();
            if more.is_empty() {
                return found.split_off(1);
            }
            found.extend(more);
        }
    }

    /// The processes of sshd that serve a session each.
    pub fn servers(&self) -> Vec<u32> {
        let serves = |pid: &u32| {
            let name = cmdline(*pid);
            name.starts_with("sshd: ") || name.starts_with("sshd-session: ")
        };
        self.sessions().into_iter().filter(serves).filter(|pid| !self.listens(*pid)).collect()
    }

    /// Whether it is the one that accepts connections.
    fn listens(&self, pid: u32) -> bool {
        cmdline(pid).contains("[listener]")
    }

    /// Waits until a shell of a session runs.
    pub fn wait_for_session(&self) {
        wait_for("a session", PATIENCE, || (!self.shells().is_empty()).then_some(()));
    }

    /// The shells among them.
    pub fn shells(&self) -> Vec<u32> {
        let is_shell = |pid: &u32| cmdline(*pid).trim_end_matches('\0') == "sh";
        self.sessions().into_iter().filter(is_shell).collect()
    }
}

impl Drop for Sshd {
    fn drop(&mut self) {
        // some may have ended by themselves
        let pids: Vec<String> = self.sessions().iter().map(u32::to_string).collect();
        for signal in ["-CONT", "-KILL"] {
            let _ = Command::new("kill").arg(signal).args(&pids).stderr(Stdio::null()).status();
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn pids() -> Vec<u32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn cmdline(pid: u32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn parent(pid: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    let mut words = rest.split_whitespace();
    // one that has ended and was not waited for runs nothing
    (words.next()? != "Z").then_some(())?;
    words.next()?.parse().ok()
}

/// Whether a process has ended, waited for or not.
pub fn is_gone(pid: u32) -> bool {
    parent(pid).is_none()
}

/// Children of a process that have ended and that it has not waited for.
pub fn zombies(of: u32) -> usize {
    let is_zombie = |pid: &u32| {
        let stat = fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat"));
        let stat = stat.unwrap_or_default();
        let rest = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        rest.starts_with(&format!(" Z {of} "))
    };
    pids().iter().filter(|pid| is_zombie(pid)).count()
}
