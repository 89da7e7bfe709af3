//! A real terminal: a pane of a tmux server that belongs to one test alone and dies with it.

use crate::{
    home::{Home, binary},
    needs,
};
use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
    time::{Duration, Instant},
};

/// How long anything on a screen may take. Generous: two cores run several tests at once.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// What tmux is told: no status line of its own, a dead pane stays to be looked at.
const CONF: &str = "set -g default-terminal tmux-256color\n\
    set -g status off\n\
    set -g remain-on-exit on\n\
    set -g remain-on-exit-format ''\n\
    set -g history-limit 0\n\
    set -g default-shell /bin/bash\n\
    set -g exit-empty off\n\
    set -g mouse on\n\
    set -s escape-time 0\n";

pub struct Terminal {
    folder: Home,
    server: u32,
}

impl Terminal {
    /// Runs the binary under test with these arguments, in a terminal of that size.
    pub fn run<A: AsRef<OsStr>>(home: &Home, size: (u16, u16), args: &[A]) -> Terminal {
        Terminal::run_program(home, size, &binary(), args)
    }

    /// Runs a program.
    pub fn run_program<A: AsRef<OsStr>>(
        home: &Home,
        size: (u16, u16),
        program: &Path,
        args: &[A],
    ) -> Terminal {
        let mut line = format!("exec {}", quoted(program.as_os_str()));
        for arg in args {
            line.push(' ');
            line.push_str(&quoted(arg.as_ref()));
        }
        Terminal::script(home, size, &line)
    }

    /// Runs a shell script.
    pub fn script(home: &Home, size: (u16, u16), script: &str) -> Terminal {
        // tmux now and then forgets how a program ended: the shell writes it down
        let script = format!("( {script} )\ncode=$?; echo $code >\"$ENDED\"; exit $code");
        Terminal::open(home, size, &["/bin/bash", "--norc", "-c", &script])
    }

    /// A shell that a person could type at, with job control.
    pub fn shell(home: &Home, size: (u16, u16)) -> Terminal {
        let terminal = Terminal::open(home, size, &["/bin/bash", "--norc", "--noprofile", "-i"]);
        terminal
            .wait_for("the shell's prompt", |screen| screen.contains('$') || screen.contains('#'));
        terminal.type_line("trap 'echo $? >\"$ENDED\"' EXIT; clear");
        terminal
    }

    fn open(home: &Home, (width, height): (u16, u16), command: &[&str]) -> Terminal {
        needs::program("tmux");
        let folder = Home::new();
        let conf = folder.write("tmux.conf", CONF);
        let mut tmux = Command::new("tmux");
        tmux.env_clear().envs(home.env()).env("TERM", "xterm-256color");
        tmux.env("ENDED", folder.path().join("ended"));
        tmux.current_dir(home.path()).arg("-u").arg("-S").arg(folder.path().join("s"));
        tmux.arg("-f").arg(conf).args(["new-session", "-d", "-P", "-F", "#{pid}"]);
        tmux.args(["-x", &width.to_string(), "-y", &height.to_string(), "--"]).args(command);
        let out = tmux.output().unwrap_or_else(|e| panic!("cannot start tmux: {e}"));
        assert!(out.status.success(), "tmux: {}", String::from_utf8_lossy(&out.stderr));
        let server = String::from_utf8_lossy(&out.stdout).trim().parse().unwrap();
        Terminal { folder, server }
    }

    fn socket(&self) -> PathBuf {
        self.folder.path().join("s")
    }

    fn try_tmux(&self, args: &[&str]) -> Output {
        Command::new("tmux").arg("-u").arg("-S").arg(self.socket()).args(args).output().unwrap()
    }

    #[track_caller]
    fn tmux(&self, args: &[&str]) -> String {
        let out = self.try_tmux(args);
        assert!(out.status.success(), "{args:?}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    }

    /// What is on the screen, without colours; blanks at the ends of lines are lost.
    pub fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p"])
    }

    /// What is on the screen, with escape sequences for colours.
    pub fn coloured(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-e"])
    }

    /// One of tmux's facts about the pane: `alternate_on`, `cursor_flag`, `pane_pid`.
    pub fn fact(&self, name: &str) -> String {
        self.tmux(&["display-message", "-p", &format!("#{{{name}}}")]).trim().to_owned()
    }

    /// Writes every byte that the program sends to its terminal from now on to a file.
    pub fn record(&self, file: &Path) {
        self.tmux(&["pipe-pane", "-o", &format!("cat >{}", quoted(file.as_os_str()))]);
    }

    /// The program in the pane, below the shell that started it.
    pub fn program(&self) -> u32 {
        let shell = self.fact("pane_pid");
        let file = format!("/proc/{shell}/task/{shell}/children");
        crate::home::wait_for("the program's pid", PATIENCE, || {
            fs::read_to_string(&file).ok()?.split(' ').next()?.parse().ok()
        })
    }

    /// Presses keys by tmux's names (`Tab`, `C-d`, `F1`).
    #[track_caller]
    pub fn press(&self, keys: &[&str]) {
        self.tmux(&[&["send-keys"], keys].concat());
    }

    /// Types text as it is.
    #[track_caller]
    pub fn type_text(&self, text: &str) {
        self.tmux(&["send-keys", "-l", text]);
    }

    /// Types a line.
    #[track_caller]
    pub fn type_line(&self, text: &str) {
        self.type_text(text);
        self.press(&["Enter"]);
    }

    /// Gives the terminal a background, which it names to programs that ask (OSC 11).
    pub fn set_background(&self, color: &str) {
        self.tmux(&["set", "-w", "window-style", &format!("bg={color}")]);
    }

    pub fn resize(&self, width: u16, height: u16) {
        self.tmux(&["resize-window", "-x", &width.to_string(), "-y", &height.to_string()]);
    }

    /// Waits for a screen that fulfils the condition; fails with the last screen.
    #[track_caller]
    pub fn wait_for(&self, what: &str, condition: impl Fn(&str) -> bool) -> String {
        self.wait(what, PATIENCE, condition)
    }

    /// The same, with a deadline of its own.
    #[track_caller]
    pub fn wait(&self, what: &str, within: Duration, condition: impl Fn(&str) -> bool) -> String {
        let began = Instant::now();
        loop {
            let screen = self.screen();
            if condition(&screen) {
                return screen;
            }
            // A program that has ended draws nothing more; what it drew last counts all the same.
            let dead = !self.is_alive() && !condition(&self.screen());
            assert!(
                !dead && began.elapsed() < within,
                "waited {:?} in vain for {what}{}; the screen:\n{screen}",
                began.elapsed(),
                if dead { ", and the program has ended" } else { "" },
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Waits for a screen that holds all of these.
    #[track_caller]
    pub fn wait_for_text(&self, texts: &[&str]) -> String {
        self.wait_for(&format!("{texts:?}"), |screen| texts.iter().all(|t| screen.contains(t)))
    }

    /// Whether the program is still there.
    pub fn is_alive(&self) -> bool {
        self.fact("pane_dead") != "1"
    }

    /// Fails unless the program is still there and answers a key: help opens and closes.
    #[track_caller]
    pub fn expect_answers_keys(&self) {
        assert!(self.is_alive(), "the program has ended:\n{}", self.screen());
        let before = self.screen();
        assert!(!is_help(&before), "help is open already:\n{before}");
        self.press(&["?"]);
        self.wait_for("help", is_help);
        self.press(&["Escape"]);
        self.wait_for("help to close", |screen| !is_help(screen));
    }

    /// Waits until the program has ended, and gives its exit code; `None` if a signal ended it.
    #[track_caller]
    pub fn wait_for_end(&self) -> Option<i32> {
        let code = || fs::read_to_string(self.folder.path().join("ended")).unwrap_or_default();
        self.wait_until("the program to end", || code().ends_with('\n'));
        code().trim().parse().ok()
    }

    #[track_caller]
    pub fn wait_until(&self, what: &str, condition: impl Fn() -> bool) {
        let began = Instant::now();
        while !condition() {
            assert!(
                began.elapsed() < PATIENCE,
                "waited {PATIENCE:?} in vain for {what}; the screen:\n{}",
                self.screen()
            );
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // The server hangs up its pane; a program that does not care is ended with it.
        let program = self.try_tmux(&["display-message", "-p", "#{pane_pid} #{pane_dead}"]);
        let program = String::from_utf8_lossy(&program.stdout).trim().to_owned();
        let _ = self.try_tmux(&["kill-server"]);
        if let Some(pid) = program.strip_suffix(" 0").and_then(|pid| pid.parse().ok()) {
            end(pid);
        }
        end(self.server);
    }
}

/// Ends a process that this test started: waits a little for it to go by itself.
fn end(pid: u32) {
    let began = Instant::now();
    while is_running(pid) && began.elapsed() < Duration::from_secs(2) {
        std::thread::sleep(Duration::from_millis(5));
    }
    if is_running(pid) {
        send("KILL", pid);
    }
}

fn is_running(pid: u32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().is_some_and(|rest| rest.starts_with(" Z")))
}

/// Sends a signal to one process.
#[track_caller]
pub fn send(signal: &str, pid: u32) {
    let status = Command::new("kill").args(["-s", signal, &pid.to_string()]).status().unwrap();
    assert!(status.success(), "kill -s {signal} {pid}");
}

/// Whether a box of this name is on the screen of an opened host, whose first row has its name.
pub fn has_box(screen: &str, host: &str, name: &str) -> bool {
    screen.starts_with(&format!(" {host} "))
        && (1..=9).any(|key| screen.contains(&format!("─ {key} {name} ")))
}

/// Whether the help is open: it is the only place that explains the key it was opened with.
pub fn is_help(screen: &str) -> bool {
    screen.to_lowercase().contains("this help")
}

/// A word for the shell.
pub fn quoted(word: &OsStr) -> String {
    format!("'{}'", word.to_str().unwrap().replace('\'', r"'\''"))
}

#[test]
fn a_terminal_is_a_terminal() {
    let home = Home::new();
    let terminal = Terminal::shell(&home, (100, 30));
    terminal.type_line("stty size; echo \"T:$TERM\"");
    terminal.wait_for_text(&["30 100", "T:tmux-256color"]);
    assert_eq!(
        (terminal.fact("alternate_on"), terminal.fact("cursor_flag")),
        ("0".into(), "1".into())
    );
    terminal.resize(60, 20);
    terminal.type_line("stty size; exit 7");
    terminal.wait_for_text(&["20 60"]);
    assert_eq!(terminal.wait_for_end(), Some(7));
    let server = terminal.server;
    drop(terminal);
    assert!(!is_running(server), "the tmux server outlives its test");
}
