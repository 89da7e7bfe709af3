//! Units of systemd that have failed, asked of systemd itself over the system's message bus.
//!
//! No file lists them. One connection is kept, and asked again once in a while for a single number;
//! names are asked for only where that number is not zero.

mod message;

use crate::local::procfs::Root;
use manytop_plugin::clock::Moment;
use message::{Body, Message};
use std::{
    io::{self, Read, Write},
    os::unix::net::UnixStream,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// How often it is asked,
const EVERY: Duration = Duration::from_secs(10);
/// and after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(60);
/// The longest that a poll is kept waiting by one of its answers.
const PATIENCE: Duration = Duration::from_millis(250);
/// Messages that may come before an answer.
const MOST_BETWEEN: usize = 16;
/// Names that are kept, and bytes of them.
const MOST_NAMES: usize = 8;

const BUS: (&str, &str) = ("org.freedesktop.DBus", "/org/freedesktop/DBus");
const SYSTEMD: (&str, &str) = ("org.freedesktop.systemd1", "/org/freedesktop/systemd1");
const MANAGER: &str = "org.freedesktop.systemd1.Manager";

/// The connection, and what was heard last.
pub struct Systemd {
    socket: PathBuf,
    bus: Option<Bus>,
    due: Option<Moment>,
    failed: Option<Failed>,
}

/// The failed units.
#[derive(Clone, PartialEq, Debug)]
pub struct Failed {
    /// How many.
    pub count: f64,
    /// The names of the first of them, between blanks.
    pub names: Option<Arc<str>>,
}

impl Systemd {
    /// Of this machine, if it is run by systemd: a tree of another's cannot be asked.
    pub fn of(root: &Root) -> Option<Systemd> {
        let runs = root.is_this_machine() && Path::new("/run/systemd/system").is_dir();
        runs.then(|| Systemd::at("/run/dbus/system_bus_socket".into()))
    }

    fn at(socket: PathBuf) -> Systemd {
        Systemd { socket, bus: None, due: None, failed: None }
    }

    /// The units that have failed, as far as is known. The first call asks nothing, so that what else a
    /// first answer holds does not wait.
    pub fn failed(&mut self, now: Moment) -> Option<Failed> {
        match self.due {
            None => self.due = Some(now),
            Some(due) if now >= due => {
                self.failed = self.ask().ok();
                let wait = if self.failed.is_some() { EVERY } else { AFTER_FAILURE };
                self.due = Some(now + wait);
            }
            Some(_) => {}
        }
        self.failed.clone()
    }

    fn ask(&mut self) -> io::Result<Failed> {
        let mut bus = match self.bus.take() {
            Some(bus) => bus,
            None => Bus::connect(&self.socket)?,
        };
        let failed = bus.failed()?;
        self.bus = Some(bus);
        Ok(failed)
    }
}

struct Bus {
    stream: UnixStream,
    serial: u32,
}

impl Bus {
    /// Connects as the user that we are, and says hello, as every connection must.
    fn connect(socket: &Path) -> io::Result<Bus> {
        let mut stream = UnixStream::connect(socket)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        let user = rustix::process::geteuid().as_raw().to_string();
        let user: String = user.bytes().map(|digit| format!("{digit:02x}")).collect();
        stream.write_all(format!("\0AUTH EXTERNAL {user}\r\n").as_bytes())?;
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") && line.len() < 256 {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            line.push(byte[0]);
        }
        if !line.starts_with(b"OK ") {
            return Err(io::ErrorKind::PermissionDenied.into());
        }
        stream.write_all(b"BEGIN\r\n")?;
        let mut bus = Bus { stream, serial: 0 };
        bus.call(BUS, BUS.0, "Hello", "", Body::default())?;
        Ok(bus)
    }

    fn failed(&mut self) -> io::Result<Failed> {
        let body = Body::default().text(MANAGER).text("NFailedUnits");
        let properties = "org.freedesktop.DBus.Properties";
        let answer = self.call(SYSTEMD, properties, "Get", "ss", body)?;
        let count = answer.variant_number().ok_or(io::ErrorKind::InvalidData)?;
        let names = match count {
            0 => None,
            _ => self.names().ok().flatten(),
        };
        Ok(Failed { count: f64::from(count), names })
    }

    fn names(&mut self) -> io::Result<Option<Arc<str>>> {
        let body = Body::default().list(&["failed"]);
        let answer = self.call(SYSTEMD, MANAGER, "ListUnitsFiltered", "as", body)?;
        let names = answer.units(MOST_NAMES);
        Ok((!names.is_empty()).then(|| names.join(" ").into()))
    }

    fn call(
        &mut self,
        (destination, path): (&str, &str),
        interface: &str,
        member: &str,
        signature: &str,
        body: Body,
    ) -> io::Result<Message> {
        self.serial += 1;
        let call = message::Call { destination, path, interface, member, signature };
        self.stream.write_all(&call.bytes(self.serial, &body))?;
        for _ in 0..MOST_BETWEEN {
            let message = Message::read(&mut self.stream)?;
            if message.answers(self.serial) {
                return Ok(message);
            }
        }
        Err(io::ErrorKind::TimedOut.into())
    }
}

#[cfg(test)]
mod tests;
