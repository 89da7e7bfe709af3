//! A reader of one page: an ordinary user with an empty home folder, on a network of its own, where the ports of the
//! documentation are free.

use crate::{
    home::{Done, Home, PATH, binary, finish, wait_for},
    needs,
    network::Network,
    terminal::{PATIENCE, Terminal},
};
use std::{
    fs,
    os::unix::fs::{PermissionsExt, chown},
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

const SIZE: (u16, u16) = (120, 36);

pub struct Session {
    network: Network,
    home: Home,
    /// Commands that go on, and the terminals that they have.
    servers: Vec<(String, Terminal)>,
}

impl Session {
    pub fn new() -> Session {
        let (network, home) = (Network::new(), Home::new());
        let session = Session { network, home, servers: Vec::new() };
        let program = session.path("bin/manytop");
        session.folder(&session.path("bin"));
        session.folder(&session.path(".config/manytop"));
        fs::hard_link(binary(), &program)
            .or_else(|_| fs::copy(binary(), &program).map(drop))
            .unwrap();
        session
    }

    /// A path as a reader writes it: from the home folder, or from `~`.
    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name.strip_prefix("~/").unwrap_or(name))
    }

    /// Makes a folder, and those that it is in, the reader's own.
    fn folder(&self, path: &Path) {
        fs::create_dir_all(path).unwrap();
        let up_to_home = path.ancestors().take_while(|p| p.starts_with(self.home.path()));
        up_to_home.for_each(|path| self.give(path));
    }

    fn give(&self, path: &Path) {
        if needs::as_ordinary_user().contains(&"--reuid=65534") {
            chown(path, Some(65534), Some(65534)).unwrap();
        }
    }

    /// Writes a file that only the reader may read.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        self.folder(path.parent().unwrap());
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        self.give(&path);
        path
    }

    /// The words before a command of the reader's.
    fn prefix(&self) -> Vec<String> {
        let mut words = self.network.prefix();
        words.extend(needs::as_ordinary_user().iter().map(|word| (*word).to_owned()));
        let home = self.home.path().display();
        words.extend(["env", "-C"].map(str::to_owned));
        words.extend([format!("{home}"), "-u".into(), "TMUX".into()]);
        words.push(format!("TMUX_TMPDIR={home}"));
        words.push(format!("PATH={home}/bin:{PATH}"));
        words
    }

    /// Runs words to their end, without a terminal.
    pub fn run(&self, words: &[&str]) -> Done {
        let prefix = self.prefix();
        let mut command = Command::new(&prefix[0]);
        command.args(&prefix[1..]).args(words).env_clear().envs(self.home.env());
        finish(&mut command, Duration::from_secs(60))
    }

    /// Runs words to their end as root, with the reader's programs in /usr/local/bin.
    pub fn run_as_root(&self, words: &[&str]) -> Done {
        let prefix = self.network.prefix();
        let script =
            format!("mount --bind {} /usr/local/bin && exec \"$@\"", self.path("bin").display());
        let mut command = Command::new(&prefix[0]);
        command.args(&prefix[1..]).args(["unshare", "-m", "sh", "-c", &script, "sh"]).args(words);
        finish(command.env_clear().envs(self.home.env()), Duration::from_secs(60))
    }

    /// Runs a command in a terminal, until it has ended well, has drawn a screen, which `q` ends, or serves. What
    /// serves goes on until the session ends, or until another exporter begins.
    pub fn type_command(&mut self, command: &str, at: &str) {
        let is_exporter = |command: &str| command.contains(" -x ");
        if is_exporter(command) {
            let (ends, stay) =
                self.servers.drain(..).partition::<Vec<_>, _>(|(before, _)| is_exporter(before));
            ends.iter().for_each(|(_, terminal)| end(terminal));
            self.servers = stay;
        }
        let before = self.listening();
        let words = [self.prefix(), ["bash", "-c", command].map(str::to_owned).to_vec()].concat();
        let terminal = Terminal::run_program(&self.home, SIZE, Path::new(&words[0]), &words[1..]);
        let port = command.split(" -x ").nth(1).and_then(|rest| {
            rest.split(|c: char| c.is_whitespace() || c == '\'')
                .next()?
                .rsplit(':')
                .next()?
                .parse()
                .ok()
        });
        let state = wait_for(&format!("{at}: {command} to do something"), PATIENCE, || {
            let listens = self.listening();
            let serves = match port {
                Some(port) => listens.contains(&port),
                None => listens.iter().any(|port| !before.contains(port)),
            };
            if !terminal.is_alive() {
                return (port.is_none() || serves).then_some(State::Ended);
            }
            if terminal.fact("alternate_on") == "1" {
                let is_drawn =
                    terminal.screen().lines().filter(|l| !l.trim().is_empty()).count() > 9;
                return (is_drawn && (port.is_none() || serves)).then_some(State::Drawn);
            }
            serves.then_some(State::Serves)
        });
        match state {
            State::Serves => self.servers.push((command.to_owned(), terminal)),
            State::Drawn => {
                terminal.press(&["q"]);
                assert_eq!(terminal.wait_for_end(), Some(0), "{at}: {command}");
            }
            State::Ended => {
                let code = terminal.wait_for_end().unwrap_or(-1);
                // a check says what it found; 3 is that it could not
                let most = if is_check(command) { 2 } else { 0 };
                assert!(
                    (0..=most).contains(&code),
                    "{at}: {command}: {code}\n{}",
                    terminal.screen()
                );
            }
        }
    }

    /// The ports on which something listens here.
    fn listening(&self) -> Vec<u16> {
        let of = |family: &str| {
            let table = format!("/proc/{}/net/{family}", self.network.pid());
            let table = fs::read_to_string(table).unwrap_or_default();
            let lines =
                table.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>());
            let listening = lines.filter(|words| words.get(3) == Some(&"0A"));
            let port =
                |words: Vec<&str>| u16::from_str_radix(words.get(1)?.rsplit(':').next()?, 16).ok();
            listening.filter_map(port).collect::<Vec<_>>()
        };
        [of("tcp"), of("tcp6")].concat()
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.servers.iter().for_each(|(_, terminal)| end(terminal));
        // what a tmux of the page's own runs, and then that
        let prefix = self.prefix();
        let tmux = |words: &[&str]| {
            let mut command = Command::new(&prefix[0]);
            command.args(&prefix[1..]).arg("tmux").args(words);
            command.env_clear().envs(self.home.env()).output()
        };
        let panes = tmux(&["list-panes", "-a", "-F", "#{pane_pid}"]);
        let panes = panes.map(|out| String::from_utf8_lossy(&out.stdout).into_owned());
        panes.unwrap_or_default().split_whitespace().for_each(end_group);
        let _ = tmux(&["kill-server"]);
    }
}

fn is_check(command: &str) -> bool {
    command.split_whitespace().any(|word| word == "--check" || word.starts_with("--check="))
}

/// Ends what runs in a terminal, all of it, and waits until it has gone.
fn end(terminal: &Terminal) {
    end_group(&terminal.fact("pane_pid"));
}

fn end_group(leader: &str) {
    let group = format!("-{leader}");
    let send = |signal: &str| {
        let done = Command::new("kill").args(["-s", signal, "--", &group]).output();
        done.is_ok_and(|done| done.status.success())
    };
    if send("TERM") {
        wait_for("what a command started to end", PATIENCE, || (!send("0")).then_some(()));
    }
}

/// What became of a command.
enum State {
    Ended,
    Drawn,
    Serves,
}
