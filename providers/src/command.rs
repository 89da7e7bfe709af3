//! A program of your own: what it prints becomes values, text, or readings of any kind.
//!
//! Runs PROGRAM with its arguments, without a shell, once in `refresh`, and reads standard output: JSON where it
//! begins with `{` or `[`, else lines.
//!
//! ```text
//! temp 21.5 °C                                    LABEL VALUE [UNIT]; a label with blanks in double quotes
//! jobs_total{queue="mail"} 7                      Prometheus text
//! manytop_temperature_celsius{device="oven"} 180  any kind, as manytop's own exporter names it
//! Backup finished at noon                         anything else is text
//! ```
//!
//! In JSON, numbers are named by their keys (`disk.free`); `{"value": 21.5, "unit": "°C"}` is one value;
//! `[{"label": "a", "value": 1}]` names its own; texts become lines. Values are devices of the kind `metric` of
//! the source NAME, with `value`, or `counter` for what Prometheus calls one; then `value` is its rate. The
//! widget `metric` shows them, `text@NAME` shows the lines of text, which are never exported.
//!
//! ```conf needs-host
//! command-rooms-run=/usr/local/bin/rooms --celsius
//! command-rooms-refresh=1m
//! command-rooms-source=local
//! ```
//!
//! | option | default | |
//! |---|---|---|
//! | `run` | required | the program and its arguments, between blanks; double quotes hold one together |
//! | `refresh` | `10s` | how often it is run |
//! | `timeout` | `5s` | how long it may take: then it is killed, with all that it has started |
//!
//! A program that cannot be started, that ends with another code than 0, hangs, prints more than 1 MiB, or prints
//! nothing fails: the last good values stay, with their age and the reason. At most 2,000 values and 500 lines of
//! text are kept.

use crate::{
    child::{Child, ProgramOutput, RunError},
    readings::{self, OwnReadings},
};
use manytop_plugin::{
    inventory,
    options::{Arguments, Opt, Options},
    provider::{BuildError, Class, Failure, Plugin, Provides, Reader, Selection},
    reading::PollResult,
    vocabulary as v,
};
use std::{path::PathBuf, time::Duration};

static RUN: Opt<Arguments> =
    Opt::<Arguments>::required("run", "The program and its arguments, between blanks")
        .example("/usr/local/bin/rooms --celsius");
static REFRESH: Opt<Duration> =
    Opt::<Duration>::with_default("refresh", "10s", "How often it is run");
static LIMIT: Opt<Duration> =
    Opt::<Duration>::with_default("timeout", "5s", "How long it may take before it is killed");

inventory::submit! {
    Plugin::reads("command", "What a program of your own prints.", build)
        .per_name()
        .yields(&[
            Provides::new(v::METRIC, &[&v::METRIC_VALUE, &v::METRIC_COUNTER]).texts(&[&v::VALUE_UNIT]),
            Provides::new(v::TEXT_LINE, &[]).texts(&[&v::LINE]),
        ])
        .yields_any(readings::kinds)
        .options(&[RUN.spec(), REFRESH.spec(), LIMIT.spec()])
}

/// The most that a program may print, in bytes.
const MOST_OUTPUT: usize = 1 << 20;
/// Share of the time-out after which the program is killed: before core gives up, so that the reason shows.
const SHARE: f64 = 0.9;

fn build(options: &Options) -> Result<Box<dyn Reader>, BuildError> {
    let Arguments(mut arguments) = options.get(&RUN);
    if arguments.first().is_none_or(String::is_empty) {
        return Err(BuildError::new(RUN.spec(), "no program is named"));
    }
    let program = PathBuf::from(arguments.remove(0));
    let limit = options.get(&LIMIT).mul_f64(SHARE);
    Ok(Box::new(Program { program, arguments, limit }))
}

struct Program {
    program: PathBuf,
    arguments: Vec<String>,
    limit: Duration,
}

impl Reader for Program {
    fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
        let child = Child::start(&self.program, &self.arguments, self.limit, MOST_OUTPUT);
        let output = child.and_then(Child::finish).map_err(|error| self.failure(&error))?;
        self.understand(&output)
    }
}

impl Program {
    fn name(&self) -> String {
        let name = self.program.file_name().unwrap_or(self.program.as_os_str());
        name.to_string_lossy().into_owned()
    }

    fn failure(&self, error: &RunError) -> Failure {
        let reason = format!("{} {error}", self.name());
        match error {
            RunError::Start(_) => {
                Failure::new(Class::Unreachable, reason).advise("check command-NAME-run")
            }
            RunError::Hangs(_) => Failure::new(Class::Timeout, reason)
                .advise("set command-NAME-timeout and command-NAME-refresh to more"),
            RunError::Floods(_) => Failure::new(Class::Payload, reason),
        }
    }

    fn understand(&self, output: &ProgramOutput) -> Result<PollResult, Failure> {
        let name = self.name();
        if output.code != Some(0) {
            let ended = match output.code {
                Some(code) => format!("{name} ended with code {code}"),
                None => format!("{name} was ended by a signal"),
            };
            let reason = match &*output.stderr {
                "" => ended,
                error => format!("{ended}: {error}"),
            };
            return Err(Failure::new(Class::Refused, reason));
        }
        let mut collected = OwnReadings::default();
        let text = String::from_utf8_lossy(&output.stdout);
        collected
            .read(&text, true)
            .map_err(|error| Failure::new(Class::Payload, format!("{name}: {error}")))?;
        if collected.is_empty() {
            return Err(Failure::new(Class::Payload, format!("{name} printed nothing")));
        }
        let left_out = collected.left_out;
        let mut result = PollResult::now(collected.into_readings());
        if left_out > 0 {
            result.notes.push(format!("{name}: some values are left out: too many, or twice"));
        }
        Ok(result)
    }
}
