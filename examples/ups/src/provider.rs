//! UPSes of a NUT server: charge, load, how long they last, and their state.
//!
//! Asks `upsd` on its port, as `upsc` does; no user and no password are needed for that.
//!
//! A device is a UPS by its name on the server. `charge_percent`, `load_percent`, `runtime_seconds` and
//! `input_volts` are absent where the UPS does not tell them. `state` is NUT's own word: `OL` on line, `OB` on
//! battery, `LB` nearly empty, `CHRG` charging; or why the server cannot tell: `driver not connected`, `data stale`.
//!
//! | option | default | |
//! |---|---|---|
//! | `host` | required | the host that runs `upsd` |
//! | `port` | `3493` | its port |
//! | `ups` | all | the UPSes to show, by their names on the server, between commas |
//!
//! ```conf
//! ups-cellar-host=localhost
//! ups-cellar-source=local
//! ```
//!
//! A UPS belongs to a host and is not a host itself: with `source`, which every provider has, its devices go
//! with that host's others.

use crate::nut::{Client, Error};
use manytop_plugin::{
    inventory,
    options::{Opt, Options},
    provider::{BuildError, Class, Failure, Plugin, Provides, Reader, Selection, TIMEOUT},
    reading::{DeviceReading, Kind, Metric, PollResult, Text, Unit},
    text::clean,
};
use std::time::Duration;

/// Uninterruptible power supplies.
pub const UPS: Kind = Kind::new("ups");

pub static CHARGE: Metric =
    Metric::gauge("charge_percent", Unit::Percent, "Energy left in a UPS's battery.");
pub static LOAD: Metric =
    Metric::gauge("load_percent", Unit::Percent, "Load on a UPS, of what it can carry.");
pub static RUNTIME: Metric = Metric::gauge(
    "runtime_seconds",
    Unit::Seconds,
    "How long a UPS's battery lasts at the present load.",
);
pub static INPUT: Metric =
    Metric::gauge("input_volts", Unit::Volts, "Voltage that comes in from the mains.");
pub static STATE: Text =
    Text::new("state", "A UPS's state, as NUT words it: OL on line, OB on battery.");

static HOST: Opt<String> =
    Opt::<String>::required("host", "The host that runs upsd").example("localhost");
static PORT: Opt<u64> = Opt::<u64>::with_default("port", "3493", "The port of upsd");
static NAMES: Opt<Vec<String>> = Opt::<Vec<String>>::with_default(
    "ups",
    "",
    "The UPSes to show, by their names on the server, between commas; all, if none is named",
);

inventory::submit! {
    Plugin::reads("ups", "UPSes of a NUT server: charge, load, run time, state.", build)
        .per_name()
        .yields(&[Provides::new(UPS, &[&CHARGE, &LOAD, &RUNTIME, &INPUT]).texts(&[&STATE])])
        .options(&[HOST.spec(), PORT.spec(), NAMES.spec()])
}

/// How long the server may take for all of an answer, where the config says nothing.
const PATIENCE: Duration = Duration::from_secs(4);

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    let port = u16::try_from(options.get(&PORT)).ok().filter(|port| *port > 0);
    let port = port.ok_or_else(|| BuildError::new(PORT.spec(), "a port is 1 to 65535"))?;
    let names = options.get(&NAMES);
    if let Some(name) = names.iter().find(|name| !is_name(name)) {
        return Err(BuildError::new(NAMES.spec(), format!("{name:?} cannot be a UPS's name")));
    }
    let patience = options.get(&TIMEOUT).unwrap_or(PATIENCE);
    Ok(Box::new(Server { host: options.get(&HOST), port, names, patience }))
}

/// Whether it can stand in a request as it is.
fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_graphic() && !matches!(c, '"' | '\\'))
}

struct Server {
    host: String,
    port: u16,
    names: Vec<String>,
    patience: Duration,
}

impl Reader for Server {
    fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
        self.ask().map(PollResult::now).map_err(|error| self.failure(error))
    }
}

impl Server {
    fn ask(&self) -> Result<Vec<DeviceReading>, Error> {
        let mut client = Client::connect(&self.host, self.port, self.patience)?;
        let mut names = self.names.clone();
        if names.is_empty() {
            let all = client.list("UPS")?.into_iter().filter_map(|line| line.into_iter().next());
            names = all.filter(|name| is_name(name)).collect();
        }
        let mut readings = Vec::new();
        for name in &names {
            readings.push(match client.list(&format!("VAR {name}")) {
                Ok(variables) => reading(name, &variables),
                // It is there, and the server says why there is nothing to say.
                Err(Error::Refused(why)) if is_silent(&why) => DeviceReading::new(UPS, clean(name))
                    .text(&STATE, why.to_lowercase().replace('-', " ")),
                Err(error) => return Err(error),
            });
        }
        Ok(readings)
    }

    fn failure(&self, error: Error) -> Failure {
        use std::io::ErrorKind as Kind;
        let Server { host, port, patience, .. } = self;
        match error {
            Error::Io(e) if matches!(e.kind(), Kind::TimedOut | Kind::WouldBlock) => {
                Failure::timeout(*patience)
            }
            Error::Io(e) if e.kind() == Kind::ConnectionRefused => {
                Failure::new(Class::Unreachable, format!("connection refused by {host}:{port}"))
                    .advise("is upsd running there, with a LISTEN line for this address?")
            }
            Error::Io(e) => Failure::new(Class::Unreachable, format!("{host}:{port}: {e}")),
            Error::Refused(why) if why == "UNKNOWN-UPS" => {
                Failure::new(Class::Refused, "no UPS of that name")
                    .advise(format!("upsc -l {host} lists those that there are"))
            }
            Error::Refused(why) => Failure::new(Class::Refused, clean(&why).into_owned()),
            Error::NotNut => Failure::new(Class::Payload, "not a NUT server's answer"),
        }
    }
}

fn is_silent(why: &str) -> bool {
    matches!(why, "DRIVER-NOT-CONNECTED" | "DATA-STALE")
}

/// A reading of the lines of `LIST VAR`: variable, value.
fn reading(name: &str, variables: &[Vec<String>]) -> DeviceReading {
    let text = |name: &str| {
        variables.iter().find_map(|line| match line.as_slice() {
            [variable, value] if variable == name => Some(value.as_str()),
            _ => None,
        })
    };
    let number = |name: &str| text(name).and_then(|value| value.trim().parse::<f64>().ok());
    let reading = DeviceReading::new(UPS, clean(name))
        .with_some(&CHARGE, number("battery.charge"))
        .with_some(&LOAD, number("ups.load"))
        .with_some(&RUNTIME, number("battery.runtime"))
        .with_some(&INPUT, number("input.voltage"));
    match text("ups.status").map(str::trim) {
        Some(state) if !state.is_empty() => reading.text(&STATE, clean(state)),
        _ => reading,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{
        io::{BufRead, BufReader, Write},
        net::TcpListener,
        thread,
    };

    /// A server that answers each request with the text given beside it, and closes the connection otherwise.
    fn server(answers: &'static [(&str, &str)]) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            let (stream, _) = listener.accept().unwrap();
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
            while let Some(Ok(line)) = lines.next() {
                let Some((_, answer)) = answers.iter().find(|(request, _)| *request == line) else {
                    return;
                };
                (&stream).write_all(answer.as_bytes()).unwrap();
            }
        });
        port
    }

    fn ask(port: u16, given: &[(&str, &str)]) -> Result<String, Failure> {
        let port = port.to_string();
        let given = [&[("host", "127.0.0.1"), ("port", port.as_str())], given].concat();
        manytop_core::testing::poll("ups", &given)
    }

    const LIST: (&str, &str) =
        ("LIST UPS", "BEGIN LIST UPS\nUPS rack \"The rack\"\nUPS old \"\"\nEND LIST UPS\n");
    const RACK: (&str, &str) = (
        "LIST VAR rack",
        "BEGIN LIST VAR rack\nVAR rack battery.charge \"87\"\nVAR rack battery.runtime \"1260\"\n\
         VAR rack input.voltage \"230.4\"\nVAR rack ups.load \"n/a\"\nVAR rack ups.mfr \"A \\\"b\\\"\"\n\
         VAR rack ups.status \"OL CHRG\"\nEND LIST VAR rack\n",
    );

    #[test]
    fn what_a_ups_tells_is_read_and_what_it_does_not_is_absent() {
        let port = server(&[LIST, RACK, ("LIST VAR old", "ERR DRIVER-NOT-CONNECTED\n")]);
        assert_eq!(
            ask(port, &[]).unwrap(),
            "rack charge_percent=87 runtime_seconds=1260 input_volts=230.4 state=\"OL CHRG\"\n\
             old state=\"driver not connected\"\n"
        );
    }

    #[test]
    fn only_those_that_were_named() {
        assert!(ask(server(&[RACK]), &[("ups", "rack")]).unwrap().starts_with("rack "));
        let unknown = server(&[("LIST VAR x", "ERR UNKNOWN-UPS\n")]);
        let failure = ask(unknown, &[("ups", "x")]).unwrap_err();
        assert_eq!(
            failure.to_string(),
            "no UPS of that name; upsc -l 127.0.0.1 lists those that there are"
        );
    }

    #[test]
    fn a_server_that_lies_changes_nothing_on_the_screen() {
        let port = server(&[(
            "LIST VAR rack",
            "BEGIN LIST VAR rack\nVAR rack ups.status \"OL\u{1b}[2J\u{202e}\"\n\
             VAR rack battery.charge \"inf\"\nEND LIST VAR rack\n",
        )]);
        let said = ask(port, &[("ups", "rack")]).unwrap();
        assert_eq!(said, "rack state=\"OL\u{fffd}[2J\u{fffd}\"\n");
        let other = server(&[("LIST UPS", "HTTP/1.0 400 Bad Request\n")]);
        assert_eq!(ask(other, &[]).unwrap_err().class(), Class::Payload);
        let gone = server(&[]);
        assert_eq!(ask(gone, &[]).unwrap_err().class(), Class::Unreachable);
    }

    #[test]
    fn options_that_cannot_be_are_refused() {
        let refusal = |given: &[(&str, &str)]| {
            let specs = [HOST.spec(), PORT.spec(), NAMES.spec()];
            let options = Options::parse(&specs, &[&[("host", "h")], given].concat()).unwrap();
            build(&options).err().unwrap().to_string()
        };
        assert_eq!(refusal(&[("port", "70000")]), "port: a port is 1 to 65535");
        assert_eq!(refusal(&[("ups", "a\nFSD a")]), "ups: \"a\\nFSD a\" cannot be a UPS's name");
    }
}
