//! A bare terminal: the test holds the other end of its pty. What the program writes is kept byte by byte, its size may be
//! absurd, and it can hang up.

use crate::home::{Home, binary, wait_for};
use rustix::{
    event::{PollFd, PollFlags, Timespec, poll},
    pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt},
    termios::{Winsize, tcsetwinsize},
};
use std::{
    fs::{File, OpenOptions},
    io::{Read, Write},
    os::unix::{fs::OpenOptionsExt, process::ExitStatusExt},
    process::{Child, Command},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What to start, and on what.
pub struct Start<'a> {
    /// Columns and rows.
    pub size: (u16, u16),
    /// `None`: the variable is not there.
    pub term: Option<&'a str>,
    /// The locale.
    pub lang: &'a str,
    /// Words before the program, as `nohup`.
    pub before: &'a [&'a str],
    pub args: &'a [&'a str],
}

impl Default for Start<'_> {
    fn default() -> Self {
        let (term, lang) = (Some("xterm-256color"), "C.UTF-8");
        Start { size: (100, 30), term, lang, before: &[], args: &[] }
    }
}

impl Start<'_> {
    /// Starts it in a session of its own, to which the terminal belongs.
    pub fn run(self, home: &Home) -> Pty {
        let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&ours).unwrap();
        unlockpt(&ours).unwrap();
        let (ws_col, ws_row) = self.size;
        tcsetwinsize(&ours, Winsize { ws_col, ws_row, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let name = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
        let flags = rustix::fs::OFlags::NOCTTY.bits() as i32;
        let theirs = OpenOptions::new().read(true).write(true).custom_flags(flags).open(name);
        let theirs = theirs.unwrap();
        let mut command = Command::new("setsid");
        command.arg("--ctty").args(self.before).arg(binary()).args(self.args);
        command.env_clear().envs(home.env()).env("LANG", self.lang).current_dir(home.path());
        if let Some(term) = self.term {
            command.env("TERM", term);
        }
        let again = || theirs.try_clone().unwrap();
        let child = command.stdin(again()).stdout(again()).stderr(again()).spawn().unwrap();
        let (written, stop) = (Arc::<Mutex<Vec<u8>>>::default(), Arc::<AtomicBool>::default());
        let ours = Arc::new(File::from(ours));
        let reader = {
            let (ours, written, stop) = (ours.clone(), written.clone(), stop.clone());
            thread::spawn(move || read(&ours, &written, &stop))
        };
        Pty { ours: Some(ours), reader: Some(reader), stop, written, child }
    }
}

fn read(mut from: &File, into: &Mutex<Vec<u8>>, stop: &AtomicBool) {
    let mut part = [0; 65536];
    while !stop.load(Ordering::Relaxed) {
        let wait = Timespec { tv_sec: 0, tv_nsec: 20_000_000 };
        match poll(&mut [PollFd::new(from, PollFlags::IN)], Some(&wait)) {
            Ok(0) => continue,
            Ok(_) => {}
            Err(_) => return,
        }
        match from.read(&mut part) {
            Ok(n @ 1..) => into.lock().unwrap().extend_from_slice(&part[..n]),
            // nothing holds the other end any more
            _ => return,
        }
    }
}

/// A program on a terminal that belongs to it.
pub struct Pty {
    ours: Option<Arc<File>>,
    reader: Option<JoinHandle<()>>,
    stop: Arc<AtomicBool>,
    written: Arc<Mutex<Vec<u8>>>,
    child: Child,
}

impl Pty {
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// All that it has written.
    pub fn bytes(&self) -> Vec<u8> {
        self.written.lock().unwrap().clone()
    }

    /// What it has written as text, with its escape sequences.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes()).into_owned()
    }

    /// Waits until what it has written holds that.
    #[track_caller]
    pub fn wait_for(&self, words: &str) -> String {
        let found = || Some(self.text()).filter(|text| text.contains(words));
        wait_for(&format!("{words:?} on the terminal"), PATIENCE, found)
    }

    /// Types.
    pub fn press(&self, keys: &str) {
        let mut ours: &File = self.ours.as_ref().unwrap();
        ours.write_all(keys.as_bytes()).unwrap();
    }

    /// The terminal is gone: closed, as when its emulator is killed.
    pub fn hang_up(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.ours = None;
    }

    /// Waits for its end; its exit code, or 128 and the signal that ended it.
    #[track_caller]
    pub fn wait_for_end(&mut self) -> i32 {
        let status = wait_for("the program to end", PATIENCE, || self.child.try_wait().unwrap());
        status.code().or(status.signal().map(|signal| 128 + signal)).unwrap()
    }

    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().unwrap().is_none()
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        self.hang_up();
    }
}
