//! From the command line and the config to what a dashboard is made of.

use crate::{
    check,
    cli::{Cli, Task},
    dashboard,
    discovery::Discovered,
    exporter::{Export, address, page::Contents},
    headless, hosts, list,
    load::Loaded,
    log::Log,
    once, terminal,
};
use manytop_core::{
    config::{self, Config, Request, globals},
    engine::Instance,
    registry::Registry,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::{
    fs::OpenOptions,
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
    process::ExitCode,
};

/// Why it cannot go on.
#[derive(Debug)]
pub enum Wrong {
    /// What was asked for cannot be done as it was asked: exit status 2.
    Usage(String),
    /// It went wrong on the way: exit status 1.
    Runtime(io::Error),
}

impl From<io::Error> for Wrong {
    fn from(error: io::Error) -> Wrong {
        Wrong::Runtime(error)
    }
}

/// Takes as many descriptors as it may have: a remote needs one, and there may be more of them than the
/// thousand that programs are given unless they ask.
fn take_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    // what cannot be had was not there before
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit });
}

/// Does what the command line asks for.
pub fn run(cli: Cli) -> Result<ExitCode, Wrong> {
    take_descriptors();
    let registry = Registry::load(&config::reserved_words()).map_err(Wrong::Usage)?;
    let request = request(&cli)?;
    if let Task::List(what) = &cli.task
        && let Some(text) = list::without_config(what, &registry, &request)
    {
        io::stdout().write_all(text.as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let config = Config::load(&request, &registry).map_err(|e| Wrong::Usage(e.to_string()))?;
    if cli.task == Task::WriteConfig {
        return write(&config, &cli, &request);
    }
    let mut loaded =
        Loaded::of(config, registry, None, &Discovered::default()).map_err(Wrong::Usage)?;
    // what one look shows, it says of each source that it shows
    if !matches!(cli.task, Task::Once(_)) {
        loaded.notes.extend(loaded.instances.iter().flat_map(|instance| {
            let of = instance.name.as_deref().unwrap_or(instance.source.name());
            instance.job.notes().into_iter().map(move |note| format!("{of}: {note}"))
        }));
    }
    let Loaded { config, instances, notes, .. } = &loaded;
    match cli.task {
        Task::CheckConfig => check_config(config, instances, notes),
        Task::List(_) => Ok(list::devices(loaded.instances, &loaded.parts.registry)?),
        Task::Check(format) => {
            tell(notes);
            Ok(check::run(loaded.instances, &loaded.parts.settings, format)?)
        }
        Task::Once(output) => {
            tell(notes);
            let contents = Contents::of(&config.globals);
            Ok(once::run(loaded.instances, loaded.parts, output, contents, cli.size)?)
        }
        Task::Dashboard | Task::WriteConfig => {
            let export = export(config, &cli)?;
            if config.globals.get(&globals::HEADLESS) {
                let export = export.ok_or_else(|| {
                    Wrong::Usage(
                        "--headless: nothing to do; say where to export with -x :8089".into(),
                    )
                })?;
                return Ok(headless::run(loaded, &request, export)?);
            }
            if !terminal::is_terminal() {
                return Err(Wrong::Usage(
                    "standard output is not a terminal; use --once, --once=json, or \
                     --headless -x :8089"
                        .into(),
                ));
            }
            let log = Log::new(config.globals.get(&globals::MAXLOGSIZE));
            Ok(dashboard::run(loaded, request, export, log)?)
        }
    }
}

/// Opens the port that the config or a flag names, before anything else can go wrong.
fn export(config: &Config, cli: &Cli) -> Result<Option<Export>, Wrong> {
    let key = globals::METRICSEXPORTPORT.spec().name();
    let address = config.globals.get(&globals::METRICSEXPORTPORT);
    let address = address.trim();
    if address.is_empty() {
        return Ok(None);
    }
    let given = match cli.settings.iter().any(|(flag, ..)| flag == "--export") {
        true => format!("-x {address}"),
        false => format!("{key}={address}"),
    };
    let listening =
        address::listen(address, &given).map_err(|e| Wrong::Runtime(io::Error::other(e)))?;
    Ok(Some(Export { listening, contents: Contents::of(&config.globals) }))
}

fn request(cli: &Cli) -> Result<Request, Wrong> {
    let mut request = Request::of_environment();
    // a file that is to be written need not be there yet
    let to_come = |file: &PathBuf| cli.task == Task::WriteConfig && !file.exists();
    request.file = cli.config.clone().filter(|file| !to_come(file));
    request.no_local = cli.no_local;
    request.limits = cli.limits.clone();
    for (flag, key, value) in &cli.settings {
        request.flag(flag, key, value);
    }
    for (name, url) in &cli.remotes {
        let pair = format!("{name}={url}");
        request.named("--remote", "remote", "url", &pair).map_err(Wrong::Usage)?;
    }
    for host in hosts::read(&cli.hosts).map_err(Wrong::Usage)? {
        let pair = format!("{}={}", host.name, host.url);
        request.named(&host.place, "remote", "url", &pair).map_err(Wrong::Usage)?;
    }
    Ok(request)
}

/// Notes go to standard error, where they do not disturb what is printed.
fn tell(notes: &[String]) {
    let mut err = io::stderr().lock();
    for note in notes {
        let _ = writeln!(err, "note: {note}");
    }
}

fn check_config(
    config: &Config,
    instances: &[Instance],
    notes: &[String],
) -> Result<ExitCode, Wrong> {
    let mut out = io::stdout().lock();
    for note in notes {
        writeln!(out, "note: {note}")?;
    }
    let files: Vec<String> = config.files.iter().map(|f| f.display().to_string()).collect();
    let files = if files.is_empty() { "no config file".to_owned() } else { files.join(", ") };
    let mut sources: Vec<&str> = instances.iter().map(|i| i.source.name()).collect();
    sources.dedup();
    writeln!(out, "{files}: fine; {} sources: {}", sources.len(), sources.join(" "))?;
    Ok(ExitCode::SUCCESS)
}

/// Writes the settings: to the file that `-C` names, else to the person's own.
fn write(config: &Config, cli: &Cli, request: &Request) -> Result<ExitCode, Wrong> {
    let own = || request.folders().into_iter().next().map(|folder| folder.join("manytop.conf"));
    let path: PathBuf = match cli.config.clone().or_else(own) {
        Some(path) => path,
        None => {
            return Err(Wrong::Usage("--write-config: no home folder; name a file with -C".into()));
        }
    };
    let shown = path.display();
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    match cli.force {
        true => options.create(true).truncate(true),
        false => options.create_new(true),
    };
    let mut file = options.open(&path).map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists => {
            Wrong::Usage(format!("{shown} exists; --force overwrites it"))
        }
        _ => Wrong::Runtime(io::Error::new(e.kind(), format!("{shown}: {e}"))),
    })?;
    file.write_all(config.to_conf().as_bytes())?;
    writeln!(io::stdout(), "{shown} written")?;
    Ok(ExitCode::SUCCESS)
}
