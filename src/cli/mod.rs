//! The command line. gotop's flags keep their letters and their meaning; most of them are only
//! another way to write a key of the config.

pub mod check;
mod format;
pub mod hosts;
pub mod list;
pub mod metrics;
pub mod once;
pub mod replay;
mod settings;

use crate::recording::replay::SpanTask;
use clap::{Arg, ArgAction, ArgMatches, Command};
use manytop_core::host_metric::Limits;
pub use replay::ReplayArgs;
use settings::SettingFlag;
use std::{ffi::OsString, path::PathBuf};

/// What was asked for.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Cli {
    /// `-C`: a file, or its name in a config folder.
    pub config: Option<PathBuf>,
    /// Keys set by flags: the flag as it was written, the key, the value.
    pub settings: Vec<(String, String, String)>,
    /// `--remote NAME=URL`.
    pub remotes: Vec<(String, String)>,
    /// `--limit`: laid over those of the config.
    pub limits: Vec<String>,
    /// Hosts, and `@FILE`.
    pub hosts: Vec<String>,
    /// Leave out this machine.
    pub no_local: bool,
    /// What to do.
    pub task: CliTask,
    /// `--size`: of the frame that `--once` prints.
    pub size: (u16, u16),
    /// `--force`: overwrite what `--write-config` finds.
    pub force: bool,
    /// `--replay`: a recording in the place of the present.
    pub replay: Option<ReplayArgs>,
}

/// What to do.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum CliTask {
    /// Show the dashboard.
    #[default]
    Dashboard,
    /// Print once what there is.
    Once(Output),
    /// Compare everybody's figures with limits.
    Check(CheckFormat),
    /// Read the config, say what is wrong with it; with `verbose` list the keys and their origins.
    CheckConfig {
        /// `--verbose`.
        verbose: bool,
    },
    /// Make something of a span of a recording.
    Span(SpanTask),
    /// Print what there is to choose from.
    List(String),
    /// Write the settings to a config file.
    WriteConfig,
}

pub use format::{CheckFormat, Output};

/// Whether this program was asked for a check, however wrong the rest of the command line is.
pub fn is_check() -> bool {
    std::env::args_os().any(|arg| arg == "--check" || arg.to_string_lossy().starts_with("--check="))
}

/// The definition of the command line, from which help is made.
pub fn command() -> Command {
    let command = Command::new("manytop")
        .about("A terminal dashboard for one machine or a thousand")
        .disable_version_flag(true)
        .disable_help_flag(true)
        .max_term_width(100)
        .after_help(
            "Remotes come from the config too: remote-NAME-url=https://HOST/metrics\n\
             Exit status: 0 fine, 1 it went wrong, 2 usage or config, 3 a source is not live (--once);\n\
             --check has its own",
        )
        .arg(
            Arg::new("hosts")
                .value_name("HOST")
                .action(ArgAction::Append)
                .help("Hosts to read: HOST, HOST:PORT, a URL, ssh://[USER@]HOST, or @FILE with one a line"),
        );
    let command = hosts_and_config(command);
    let command = set_by(command.next_help_heading("Screen"), settings::SCREEN);
    let command = set_by(command.next_help_heading("Exporter"), settings::EXPORTER);
    let command = replay::add(command.next_help_heading("Recordings"));
    printing(command.next_help_heading("Print and exit"))
        .next_help_heading("Help")
        .arg(
            Arg::new("version")
                .short('v')
                .short_alias('V')
                .long("version")
                .action(ArgAction::Version)
                .help("Print the version"),
        )
        .arg(Arg::new("help").short('h').long("help").action(ArgAction::Help).help("Print help"))
        .version(env!("CARGO_PKG_VERSION"))
        .arg(Arg::new("test").long("test").hide(true).action(ArgAction::SetTrue))
        .arg(Arg::new("nvidia").long("nvidia").hide(true).action(ArgAction::SetTrue))
}

/// Adds the flags that set keys of the config.
fn set_by(command: Command, settings: &[SettingFlag]) -> Command {
    settings.iter().fold(command, |command, (flag, letter, _, value, placeholder, help)| {
        let arg = Arg::new(*flag).long(*flag).help(*help);
        let arg = letter.iter().fold(arg, |arg, letter| arg.short(*letter));
        command.arg(match value {
            Some(_) => arg.action(ArgAction::SetTrue),
            None => arg.value_name(*placeholder),
        })
    })
}

fn hosts_and_config(command: Command) -> Command {
    command
        .next_help_heading("Hosts and config")
        .arg(
            Arg::new("remote")
                .long("remote")
                .value_name("NAME=URL")
                .action(ArgAction::Append)
                .help("Add a remote; passwords belong into the config"),
        )
        .arg(switch("no-local", "Leave out this machine"))
        .arg(
            Arg::new("config")
                .short('C')
                .long("config")
                .value_name("FILE")
                .value_parser(clap::value_parser!(PathBuf))
                .help("Config file, or its name in a config folder"),
        )
        .arg(
            Arg::new("set")
                .long("set")
                .value_name("KEY=VALUE")
                .action(ArgAction::Append)
                .help("Set any key of the config"),
        )
        .arg(switch("check-config", "Read the config and say what is wrong with it"))
        .arg(switch("write-config", "Write the settings to a config file"))
        .arg(switch("force", "Let --write-config overwrite"))
}

fn printing(command: Command) -> Command {
    command
        .arg(
            switch("verbose", "With --check-config: every key that is set, its value, and where it is set")
                .requires("check-config"),
        )
        .arg(
            Arg::new("once")
                .long("once")
                .value_name("FORMAT")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("text")
                .value_parser(["text", "svg", "json", "prometheus"])
                .help("Print once what there is, and exit"),
        )
        .arg(
            Arg::new("size")
                .long("size")
                .value_name("WxH")
                .value_parser(parse_size)
                .help("Size of the frame that --once and --once=svg print [default: 160x48]"),
        )
        .arg(
            Arg::new("check")
                .long("check")
                .value_name("FORMAT")
                .num_args(0..=1)
                .require_equals(true)
                .default_missing_value("text")
                .value_parser(["text", "json"])
                .help("Compare all hosts with limits, for cron and monitoring: exit status 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN"),
        )
        .arg(
            Arg::new("limit")
                .long("limit")
                .value_name("FIGURE=WARNING,CRITICAL")
                .action(ArgAction::Append)
                .help("Set a limit: disk=80,90, load=16, took=,2s"),
        )
        .arg(
            Arg::new("list")
                .long("list")
                .value_name("WHAT")
                .value_parser(list::LISTS.to_vec())
                .help("Print what there is to choose from"),
        )
}

fn switch(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

/// Reads the command line. The error is ready to be printed; help and version are errors of clap's.
pub fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Cli, clap::Error> {
    let mut command = command();
    let matches = command.try_get_matches_from_mut(args)?;
    read(&matches).map_err(|text| command.error(clap::error::ErrorKind::ValueValidation, text))
}

fn read(matches: &ArgMatches) -> Result<Cli, String> {
    for (dropped, instead) in [
        ("test", "--check-config"),
        ("nvidia", "not needed: the provider gpu finds NVIDIA's cards by itself"),
    ] {
        if matches.get_flag(dropped) {
            return Err(format!("--{dropped} is gotop's; here it is {instead}"));
        }
    }
    let mut cli = Cli {
        config: matches.get_one::<PathBuf>("config").cloned(),
        no_local: matches.get_flag("no-local"),
        hosts: matches.get_many::<String>("hosts").into_iter().flatten().cloned().collect(),
        size: matches.get_one::<(u16, u16)>("size").copied().unwrap_or((160, 48)),
        force: matches.get_flag("force"),
        ..Cli::default()
    };
    for (flag, _, key, value, ..) in settings::all() {
        let given = match value {
            Some(value) => matches.get_flag(flag).then(|| (*value).to_owned()),
            None => matches.get_one::<String>(flag).cloned(),
        };
        if let Some(given) = given {
            let given = if *key == "updateinterval" { nanoseconds(&given)? } else { given };
            cli.settings.push((format!("--{flag}"), (*key).to_owned(), given));
        }
    }
    for pair in matches.get_many::<String>("set").into_iter().flatten() {
        // not repeated: the text may be a key and its password
        let (key, value) = pair.split_once('=').ok_or("--set: write KEY=VALUE")?;
        cli.settings.push(("--set".into(), key.to_owned(), value.to_owned()));
    }
    for limit in matches.get_many::<String>("limit").into_iter().flatten() {
        Limits::default().put(limit).map_err(|e| format!("--limit: {e}"))?;
        cli.limits.push(limit.clone());
    }
    for pair in matches.get_many::<String>("remote").into_iter().flatten() {
        let (name, url) = pair.split_once('=').ok_or("--remote: write NAME=URL")?;
        let authority = url.split_once("://").map_or(url, |(_, rest)| rest);
        let authority = authority.split('/').next().unwrap_or_default();
        // over ssh the user alone comes before the "@"
        let userinfo = authority.rsplit_once('@').map(|(userinfo, _)| userinfo);
        if userinfo.is_some_and(|user| !url.starts_with("ssh://") || user.contains(':')) {
            return Err(format!(
                "--remote {name}: every user of this machine could read the password in the list of \
                 processes; write remote-{name}-url into a config"
            ));
        }
        cli.remotes.push((name.to_owned(), url.to_owned()));
    }
    if let Some(record) = matches.get_one::<String>("record") {
        cli.settings.push(("--record".into(), "record".into(), record.clone()));
    }
    cli.replay = replay::read(matches)?;
    if let Some(task) = replay::span_task(matches)? {
        cli.task = CliTask::Span(task);
        return Ok(cli);
    }
    cli.task = if matches.get_flag("check-config") {
        CliTask::CheckConfig { verbose: matches.get_flag("verbose") }
    } else if let Some(what) = matches.get_one::<String>("list") {
        CliTask::List(what.clone())
    } else if matches.get_flag("write-config") {
        CliTask::WriteConfig
    } else if let Some(format) = matches.get_one::<String>("check") {
        CliTask::Check(if format == "json" { CheckFormat::Json } else { CheckFormat::Text })
    } else {
        match matches.get_one::<String>("once").map(String::as_str) {
            Some("json") => CliTask::Once(Output::Json),
            Some("svg") => CliTask::Once(Output::Svg),
            Some("prometheus") => CliTask::Once(Output::Prometheus),
            Some(_) => CliTask::Once(Output::Text),
            None => CliTask::Dashboard,
        }
    };
    Ok(cli)
}

fn nanoseconds(text: &str) -> Result<String, String> {
    let rate = manytop_core::options::duration(text).map_err(|e| format!("--rate: {e}"))?;
    Ok(rate.as_nanos().to_string())
}

fn parse_size(text: &str) -> Result<(u16, u16), String> {
    let size =
        text.split_once(['x', 'X']).and_then(|(w, h)| Some((w.parse().ok()?, h.parse().ok()?)));
    match size {
        Some((w @ 1..=1000, h @ 1..=1000)) => Ok((w, h)),
        _ => Err("write WIDTHxHEIGHT, 160x48, up to 1000x1000".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cli(args: &[&str]) -> Result<Cli, String> {
        let args = std::iter::once("manytop").chain(args.iter().copied()).map(OsString::from);
        parse(args).map_err(|e| e.to_string())
    }

    #[test]
    fn the_definition_holds_together() {
        command().debug_assert();
    }

    #[test]
    fn gotops_flags_set_its_keys() {
        let got =
            cli(&["-c", "nord", "-r", "500ms", "-ap", "--no-statusbar", "-i", "eth0,!lo"]).unwrap();
        let keys: Vec<_> = got.settings.iter().map(|(_, k, v)| format!("{k}={v}")).collect();
        let expected = [
            "theme=nord",
            "updateinterval=500000000",
            "netinterface=eth0,!lo",
            "averagecpu=true",
            "percpuload=true",
            "statusbar=false",
        ];
        assert_eq!(keys, expected);
    }

    #[test]
    fn a_password_on_the_command_line_is_refused_and_not_repeated() {
        let refused = cli(&["--remote", "x=https://u:secret@h/metrics"]).unwrap_err();
        assert!(refused.contains("remote-x-url") && !refused.contains("secret"), "{refused}");
        let good = cli(&["--remote", "x=https://h/m?a=b@c"]).unwrap();
        assert_eq!(good.remotes, [("x".to_owned(), "https://h/m?a=b@c".to_owned())]);
    }

    #[test]
    fn what_is_dropped_names_its_successor() {
        assert!(cli(&["--test"]).unwrap_err().contains("--check-config"));
    }

    #[test]
    fn once_has_formats_and_a_size() {
        assert_eq!(cli(&["--once"]).unwrap().task, CliTask::Once(Output::Text));
        assert_eq!(cli(&["--once=json"]).unwrap().task, CliTask::Once(Output::Json));
        assert_eq!(cli(&["--once", "--size", "80x24"]).unwrap().size, (80, 24));
        assert!(cli(&["--once", "--size", "80"]).is_err());
    }
}
