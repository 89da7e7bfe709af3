//! The flags of recordings.

use super::{CheckFormat, switch};
use crate::recording::{dump::DumpFormat, replay::SpanTask};
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::path::PathBuf;

/// Which recording is replayed, and what of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ReplayArgs {
    /// The folder; `None`: the recording that is built in.
    pub folder: Option<PathBuf>,
    /// The instant, as it was written.
    pub at: Option<String>,
    /// The span, as it was written.
    pub from: Option<String>,
    /// The end of the span.
    pub to: Option<String>,
    /// Names and patterns of sources; empty: all.
    pub sources: Vec<String>,
    /// Kinds; empty: all.
    pub kinds: Vec<String>,
    /// Other names for what says whose machines they are.
    pub mask: bool,
}

/// Flags that need a recording.
const OF_REPLAY: &[&str] =
    &["at", "from", "to", "source", "kind", "mask", "dump", "summary", "check-alerts", "copy"];
/// Flags that need a span.
const OF_SPAN: &[&str] = &["from", "to", "source", "kind"];

fn valued(name: &'static str, placeholder: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(placeholder).help(help)
}

/// Adds the flags.
pub fn add(command: Command) -> Command {
    command
        .arg(
            valued("record", "FOLDER", "Record what is read, with a screen or --headless")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("true"),
        )
        .arg(
            valued(
                "replay",
                "FOLDER",
                "Show what was recorded; also with --once, --check, --dump, --summary, --check-alerts",
            )
            .value_parser(clap::value_parser!(PathBuf)),
        )
        .arg(switch("demo", "Replay the recording that is built in"))
        .arg(
            valued(
                "at",
                "TIME",
                "The instant to show: 03:12, -2h, 'yesterday 03:12', 2026-11-25T03:12Z",
            )
            .allow_hyphen_values(true),
        )
        .arg(valued("dump", "FORMAT", "Print a recording: csv, jsonl, openmetrics").value_parser([
            "csv",
            "jsonl",
            "openmetrics",
        ]))
        .arg(
            valued(
                "summary",
                "FORMAT",
                "Print the summary of a recording: worst hosts, outages, alerts, biggest processes",
            )
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("text")
            .value_parser(["text", "json"]),
        )
        .arg(
            valued(
                "check-alerts",
                "FORMAT",
                "Print when each alert rule would have fired over a recording",
            )
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("text")
            .value_parser(["text", "json"]),
        )
        .arg(
            valued(
                "copy",
                "FOLDER",
                "Write a part of a recording, or a masked one, to another folder",
            )
            .value_parser(clap::value_parser!(PathBuf)),
        )
        .arg(valued("from", "TIME", "Begin there").allow_hyphen_values(true))
        .arg(valued("to", "TIME", "End there").allow_hyphen_values(true))
        .arg(
            valued("source", "NAME", "Only sources of that name; a pattern")
                .action(ArgAction::Append),
        )
        .arg(valued("kind", "KIND", "Only that kind").action(ArgAction::Append))
        .arg(switch("mask", "Replace names of hosts and users, command lines and addresses"))
}

fn given(matches: &ArgMatches, flag: &str) -> bool {
    matches.value_source(flag) == Some(clap::parser::ValueSource::CommandLine)
}

/// Which recording, if any.
///
/// # Errors
/// A flag of recordings stands without a recording.
pub fn read(matches: &ArgMatches) -> Result<Option<ReplayArgs>, String> {
    let folder = matches.get_one::<PathBuf>("replay").cloned();
    let demo = matches.get_flag("demo");
    if folder.is_none() && !demo {
        return match OF_REPLAY.iter().find(|flag| given(matches, flag)) {
            Some(flag) => Err(format!("--{flag}: needs a recording: --replay FOLDER")),
            None => Ok(None),
        };
    }
    if folder.is_some() && demo {
        return Err("--demo: it is a recording of its own; leave --replay out".to_owned());
    }
    if given(matches, "record") {
        return Err("--record: a recording cannot be recorded again; --copy copies it".to_owned());
    }
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    let texts = |name: &str| -> Vec<String> {
        let all = matches.get_many::<String>(name).into_iter().flatten();
        all.flat_map(|text| text.split(',')).map(|word| word.trim().to_owned()).collect()
    };
    Ok(Some(ReplayArgs {
        folder,
        at: text("at"),
        from: text("from"),
        to: text("to"),
        sources: texts("source"),
        kinds: texts("kind"),
        mask: matches.get_flag("mask"),
    }))
}

/// What is made of a span, if that is asked for.
///
/// # Errors
/// Two things are asked for, or a span of which nothing is made.
pub fn span_task(matches: &ArgMatches) -> Result<Option<SpanTask>, String> {
    let dump = matches.get_one::<String>("dump").map(|format| {
        SpanTask::Dump(match format.as_str() {
            "csv" => DumpFormat::Csv,
            "jsonl" => DumpFormat::JsonLines,
            _ => DumpFormat::OpenMetrics,
        })
    });
    let summary = matches.get_one::<String>("summary").map(|format| {
        let format = if format == "json" { CheckFormat::Json } else { CheckFormat::Text };
        SpanTask::Summary(format)
    });
    let alerts = matches.get_one::<String>("check-alerts").map(|format| {
        let format = if format == "json" { CheckFormat::Json } else { CheckFormat::Text };
        SpanTask::CheckAlerts(format)
    });
    let copy = matches.get_one::<PathBuf>("copy").map(|folder| SpanTask::Copy(folder.clone()));
    let tasks: Vec<SpanTask> = [dump, summary, alerts, copy].into_iter().flatten().collect();
    match tasks.as_slice() {
        [] => match OF_SPAN.iter().find(|flag| given(matches, flag)) {
            Some(flag) => {
                Err(format!(
                    "--{flag}: is for --dump, --summary, --check-alerts and --copy; --at names an instant"
                ))
            }
            None => Ok(None),
        },
        [_] if given(matches, "at") => {
            Err("--at: names one instant; a span is --from and --to".to_owned())
        }
        [SpanTask::CheckAlerts(_)] if given(matches, "kind") => {
            Err("--kind: --check-alerts reads what the rules name".to_owned())
        }
        [SpanTask::CheckAlerts(_)] if matches.get_flag("mask") => Err(
            "--mask: rules compare names; copy the recording with --copy FOLDER --mask and check the copy"
                .to_owned(),
        ),
        [task] => Ok(Some(task.clone())),
        _ => Err("--dump, --summary, --check-alerts and --copy: one at a time".to_owned()),
    }
}
