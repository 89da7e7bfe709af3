//! The exporter, as others meet it: over its port, with real scrapers.

mod beside;
mod ending;
mod idle;
mod listening;
mod names;
mod pair;
pub mod prometheus;
mod requests;
mod serving;
mod siege;
mod unit;
mod windows;

use crate::{
    home::{Home, binary, wait_for},
    peers::get,
    terminal::PATIENCE,
};
use std::{
    ffi::OsStr,
    fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    sync::mpsc,
    thread,
};

/// A manytop without a screen that exports on a port of 127.0.0.1, and is gone with the test.
pub struct Exporter {
    child: Child,
    address: SocketAddr,
    _home: Home,
}

impl Exporter {
    /// Starts one with more arguments.
    pub fn start<A: AsRef<OsStr>>(args: &[A]) -> Exporter {
        Exporter::at("127.0.0.1:0", args)
    }

    /// Starts one that listens where it is told.
    pub fn at<A: AsRef<OsStr>>(place: &str, args: &[A]) -> Exporter {
        Exporter::start_by(Command::new(binary()), place, args)
    }

    /// Starts one by a command that takes its arguments.
    pub fn start_by<A: AsRef<OsStr>>(mut command: Command, place: &str, args: &[A]) -> Exporter {
        let home = Home::new();
        command.args(["--headless", "-x", place]).args(args);
        command.env_clear().envs(home.env()).current_dir(home.path());
        let mut child = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let (told, hears) = mpsc::channel();
        thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = told.send(line); // heard to the end, so that it never blocks
            }
        });
        let listens = |line: String| {
            let place = line.strip_prefix("listening on ")?;
            place.split(' ').next()?.parse().ok()
        };
        let address = wait_for("the exporter to listen", PATIENCE, || {
            hears.try_recv().ok().and_then(listens)
        });
        Exporter { child, address, _home: home }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it exports now.
    #[track_caller]
    pub fn scrape(&self) -> String {
        let (status, body) = get(self.address, "/metrics").expect("an answer");
        assert_eq!(status, 200, "{body}");
        body
    }

    /// Waits for it to end by itself.
    #[track_caller]
    pub fn wait_for_end(&mut self) -> Option<i32> {
        let child = &mut self.child;
        wait_for("the exporter to end", PATIENCE, || child.try_wait().unwrap()).code()
    }
}

impl Drop for Exporter {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The value of a series that a body has in exactly this form.
pub fn value(body: &str, series: &str) -> Option<f64> {
    body.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' ')?.parse().ok())
}

/// Arguments by which every local provider reads a recorded tree instead of this machine.
pub fn recorded(tree: &str) -> Vec<String> {
    let root = fs::canonicalize(format!("providers/tests/trees/{tree}/0")).unwrap();
    ["cpu", "disk", "host", "memory", "network", "power", "process", "temperature"]
        .iter()
        .flat_map(|p| ["--set".to_owned(), format!("{p}-root={}", root.display())])
        .collect()
}
