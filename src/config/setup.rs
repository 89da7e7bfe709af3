//! From the command line and the config to what a dashboard is made of.

use crate::{
    alerts::describe,
    cli::{Cli, CliTask, Output, ReplayArgs, check, hosts, list, metrics, once},
    config::{
        discovery::Discovered,
        load::{Loaded, theme_of_pictures},
    },
    exporter::{Export, address, headless, page::Contents},
    log::Log,
    messages,
    recording::{self, plan::RecordPlan},
    system::{program, tty},
    tui::{
        self,
        glyphs::{Glyphs, Locale},
        terminal::{self, Look, Missing},
    },
};
use manytop_core::{
    alerts::AlertRule,
    config::{self, Config, KeyState, Request, globals, record::RecordSettings},
    engine::EngineInstance,
    file::{self, Existing},
    masking,
    registry::Registry,
    text::counted,
};
use std::{
    io::{self, IsTerminal},
    path::PathBuf,
    process::ExitCode,
};

/// Why it cannot go on.
#[derive(Debug)]
pub enum SetupError {
    /// What was asked for cannot be done as it was asked: exit status 2.
    Usage(String),
    /// It went wrong on the way: exit status 1.
    Runtime(io::Error),
}

impl From<io::Error> for SetupError {
    fn from(error: io::Error) -> SetupError {
        SetupError::Runtime(error)
    }
}

/// Does what the command line asks for.
pub fn run(cli: Cli) -> Result<ExitCode, SetupError> {
    program::take_descriptors();
    let registry = Registry::load(&config::reserved_words()).map_err(SetupError::Usage)?;
    let request = request(&cli)?;
    if let CliTask::List(what) = &cli.task
        && let Some(text) = list::without_config(what, &registry, &request)
    {
        messages::print(&text)?;
        return Ok(ExitCode::SUCCESS);
    }
    let (mut request, mut listed) = (request, None);
    if cli.task == CliTask::List(metrics::WORD.to_owned()) {
        let name = metrics::add(&cli.hosts, &mut request, &registry).map_err(SetupError::Usage)?;
        listed = Some(name);
    }
    let config = Config::load(&request, &registry).map_err(|e| SetupError::Usage(e.to_string()))?;
    messages::set_charset(&config.globals.get(&globals::CHARSET));
    if cli.task == CliTask::WriteConfig {
        return write(&config, &cli, &request);
    }
    let mut loaded =
        Loaded::of(config, registry, None, &Discovered::default()).map_err(SetupError::Usage)?;
    if let Some(args) = cli.replay.clone()
        && !matches!(cli.task, CliTask::CheckConfig { .. } | CliTask::List(_))
    {
        return replay(&cli, &args, loaded);
    }
    // what one look shows, it says of each source that it shows
    if !matches!(cli.task, CliTask::Once(_)) {
        loaded.notes.extend(loaded.instances.iter().flat_map(|instance| {
            let of = instance.name.as_deref().unwrap_or(instance.source.name());
            instance.job.notes().into_iter().map(move |note| format!("{of}: {note}"))
        }));
    }
    let Loaded { config, instances, notes, .. } = &loaded;
    match cli.task {
        CliTask::CheckConfig { verbose } => {
            Port::of(config, &cli, loaded.rules.go_somewhere())?;
            plan(&loaded)?;
            let origins = verbose.then(|| origins(config, &loaded.parts.registry));
            check_config(config, instances, notes, &origins.unwrap_or_default())
        }
        CliTask::List(what) if what == "alerts" => {
            let row = |rule: &AlertRule| format!("  {:<18} {}\n", rule.name, describe(rule));
            messages::print(&loaded.rules.all.iter().map(row).collect::<String>())?;
            Ok(ExitCode::SUCCESS)
        }
        CliTask::List(_) if listed.is_some() => {
            Ok(metrics::run(loaded.instances, listed.as_deref().unwrap_or_default())?)
        }
        CliTask::List(what) if what == "history" => {
            messages::print(&list::history(config, instances, &loaded.parts.registry))?;
            Ok(ExitCode::SUCCESS)
        }
        CliTask::List(_) => Ok(list::devices(loaded.instances, &loaded.parts.registry)?),
        CliTask::Check(format) => {
            messages::notes(notes.iter().map(String::as_str));
            let Loaded { instances, parts, rules, .. } = loaded;
            Ok(check::run(instances, &parts.settings, rules, format)?)
        }
        CliTask::Once(output) => {
            messages::notes(notes.iter().map(String::as_str));
            let contents = Contents::of(&config.globals);
            let glyphs = match io::stdout().is_terminal() {
                true => screen_glyphs(config),
                false => glyphs(config, None),
            };
            let frame = once::PrintedFrame { size: cli.size, glyphs };
            if output == Output::Svg {
                // a picture has all colours, whatever the terminal has
                loaded.parts.theme =
                    theme_of_pictures(&loaded.config).map_err(SetupError::Usage)?;
            }
            Ok(once::run(loaded.instances, loaded.parts, output, contents, frame)?)
        }
        CliTask::Dashboard | CliTask::WriteConfig | CliTask::Span(_) => {
            let port = Port::of(config, &cli, loaded.rules.go_somewhere())?;
            let export = port.map(|port| port.open(config)).transpose()?;
            let record = plan(&loaded)?;
            if config.globals.get(&globals::HEADLESS) {
                return Ok(headless::run(loaded, &request, export, record)?);
            }
            let look = look(config)?;
            let log = Log::new(config.globals.get(&globals::MAXLOGSIZE));
            Ok(tui::run(loaded, request, export, record, log, look)?)
        }
    }
}

/// The recording that the config asks for.
fn plan(loaded: &Loaded) -> Result<Option<RecordPlan>, SetupError> {
    let sources = loaded.instances.iter().map(|instance| &instance.source);
    let sources = sources.collect::<std::collections::BTreeSet<_>>().len();
    RecordPlan::new(&loaded.config, &loaded.parts.registry, sources).map_err(SetupError::Usage)
}

/// Does what is asked for with a recording in the place of the present.
fn replay(cli: &Cli, args: &ReplayArgs, loaded: Loaded) -> Result<ExitCode, SetupError> {
    let Loaded { config, parts, rules, .. } = loaded;
    let store = match &args.folder {
        Some(folder) => recording::replay::open(folder, &parts.registry),
        None => recording::replay::demo(&parts.registry),
    };
    let mut store = store.map_err(SetupError::Usage)?;
    let done = match &cli.task {
        CliTask::Span(task) => {
            let limits = &parts.settings.limits;
            recording::replay::span(store, args, task, (&rules, limits))
        }
        CliTask::Check(format) => recording::replay::check(store, args, &parts, &rules, *format),
        CliTask::Once(output) => {
            let contents = Contents::of(&config.globals);
            let glyphs = match io::stdout().is_terminal() {
                true => screen_glyphs(&config),
                false => glyphs(&config, None),
            };
            let frame = once::PrintedFrame { size: cli.size, glyphs };
            let mut parts = parts;
            if *output == Output::Svg {
                parts.theme = theme_of_pictures(&config).map_err(SetupError::Usage)?;
            }
            recording::replay::once(store, args, parts, *output, contents, frame)
        }
        _ => {
            let at = match (&args.at, args.folder.is_none()) {
                (None, true) => store.index().span().map(|(first, _)| first).unwrap_or_default(),
                (at, _) => {
                    let at = at.as_deref();
                    recording::replay::moment(&mut store, "--at", at).map_err(SetupError::Usage)?
                }
            };
            let look = look(&config)?;
            let log = Log::new(config.globals.get(&globals::MAXLOGSIZE));
            let frame = config.globals.get(&globals::UPDATEINTERVAL);
            let is_demo = args.folder.is_none();
            return Ok(tui::replay::run(parts, store, at, (frame, is_demo), log, look)?);
        }
    };
    done.map_err(SetupError::Usage)
}

/// The characters that can be shown on this terminal.
pub fn screen_glyphs(config: &Config) -> Glyphs {
    glyphs(config, tty::name().as_deref())
}

/// The characters that the config and the locale allow, on the terminal of that name or anywhere.
fn glyphs(config: &Config, term: Option<&str>) -> Glyphs {
    Glyphs::of(&config.globals.get(&globals::CHARSET), &Locale::of_environment(), term)
}

/// How a dashboard looks here.
///
/// # Errors
/// There is no terminal, or none that can show one.
fn look(config: &Config) -> Result<Look, SetupError> {
    const INSTEAD: &str = "use --once, --once=json, or --headless -x :8089";
    let on_input = config.globals.get(&globals::LAYOUT) == "-";
    match terminal::missing(on_input) {
        Some(Missing::Output) => {
            return Err(SetupError::Usage(format!("standard output is not a terminal; {INSTEAD}")));
        }
        Some(Missing::Input) => {
            return Err(SetupError::Usage(format!(
                "standard input is not a terminal, and no keys can be read; {INSTEAD}"
            )));
        }
        None => {}
    }
    let term = tty::name();
    let term = term.as_deref();
    terminal::look(term, screen_glyphs(config), config.globals.get(&globals::MOUSE)).ok_or_else(
        || {
            let term = term.unwrap_or_default();
            SetupError::Usage(format!(
                "TERM={term}: this terminal cannot move its cursor; {INSTEAD}"
            ))
        },
    )
}

/// The port that the config or a flag names, not open yet.
struct Port {
    address: String,
    /// How it was given: `-x :8089`.
    given: String,
}

impl Port {
    /// The port, if there is one. All that can be wrong with it before it is opened is found here, where
    /// `--check-config` finds it too.
    ///
    /// # Errors
    /// It is not an address, or is missing where there is no screen.
    fn of(config: &Config, cli: &Cli, alerts: bool) -> Result<Option<Port>, SetupError> {
        let key = globals::METRICSEXPORTPORT.spec().name();
        let address = config.globals.get(&globals::METRICSEXPORTPORT).trim().to_owned();
        if address.is_empty() {
            return match config.globals.get(&globals::HEADLESS) {
                false => Ok(None),
                true if alerts || RecordSettings::new(&config.globals).folder.is_some() => Ok(None),
                true => Err(SetupError::Usage(
                    "--headless: nothing to do; export with -x :8089, record with --record, or give \
                     an alert a -run or -webhook"
                        .into(),
                )),
            };
        }
        let shown = masking::argument(&address);
        let given = match cli.settings.iter().any(|(flag, ..)| flag == "--export") {
            true => format!("-x {shown}"),
            false => format!("{key}={shown}"),
        };
        address::check(&address, &given).map_err(SetupError::Usage)?;
        Ok(Some(Port { address, given }))
    }

    /// Opens it, before anything else can go wrong.
    fn open(&self, config: &Config) -> Result<Export, SetupError> {
        let listening = address::listen(&self.address, &self.given);
        let listening = listening.map_err(|e| SetupError::Runtime(io::Error::other(e)))?;
        Ok(Export { listening, contents: Contents::of(&config.globals) })
    }
}

fn request(cli: &Cli) -> Result<Request, SetupError> {
    let mut request = Request::of_environment();
    // a file that is to be written need not be there yet
    let to_come = |file: &PathBuf| cli.task == CliTask::WriteConfig && !file.exists();
    request.file = cli.config.clone().filter(|file| !to_come(file));
    request.read_pipe().map_err(SetupError::Usage)?;
    request.no_local = cli.no_local;
    request.limits = cli.limits.clone();
    for (flag, key, value) in &cli.settings {
        request.flag(flag, key, value);
    }
    for (name, url) in &cli.remotes {
        let pair = format!("{name}={url}");
        request.named("--remote", "remote", "url", &pair).map_err(SetupError::Usage)?;
    }
    let is_listed = cli.task == CliTask::List(metrics::WORD.to_owned());
    let hosts = if is_listed { &[][..] } else { &cli.hosts };
    for host in hosts::read(hosts).map_err(SetupError::Usage)? {
        let pair = format!("{}={}", host.name, host.url);
        request.named(&host.place, "remote", "url", &pair).map_err(SetupError::Usage)?;
    }
    Ok(request)
}

fn check_config(
    config: &Config,
    instances: &[EngineInstance],
    notes: &[String],
    origins: &str,
) -> Result<ExitCode, SetupError> {
    let notes: String =
        notes.iter().map(|note| format!("note: {}\n", masking::line(note))).collect();
    let files: Vec<String> = config.files.iter().map(|f| f.display().to_string()).collect();
    let files = if files.is_empty() { "no config file".to_owned() } else { files.join(", ") };
    let mut sources: Vec<&str> = instances.iter().map(|i| i.source.name()).collect();
    sources.dedup();
    let count = counted(sources.len(), "source");
    messages::print(&format!("{origins}{notes}{files}: fine; {count}: {}\n", sources.join(" ")))?;
    Ok(ExitCode::SUCCESS)
}

/// Every global key, and every other key that is set: its value, and the layer that it came from.
fn origins(config: &Config, registry: &Registry) -> String {
    let states = config.key_states(registry);
    let states = states.iter().filter(|state| state.origin.is_some() || !state.key.contains('-'));
    let row = |state: &KeyState| {
        let set = format!("{} = {}", state.key, state.value);
        let origin = state.origin.as_deref().unwrap_or("default");
        format!("{:<39} {}\n", masking::line(set.trim_end()), masking::line(origin))
    };
    states.map(row).collect()
}

/// Writes the settings: to the file that `-C` names, else to the person's own.
fn write(config: &Config, cli: &Cli, request: &Request) -> Result<ExitCode, SetupError> {
    let own = || request.folders().into_iter().next().map(|folder| folder.join("manytop.conf"));
    let path: PathBuf = match cli.config.clone().or_else(own) {
        Some(path) => path,
        None => {
            return Err(SetupError::Usage(
                "--write-config: no home folder; name a file with -C".into(),
            ));
        }
    };
    let shown = masking::argument(&path.to_string_lossy());
    let failed = |e: io::Error| match e.kind() {
        io::ErrorKind::AlreadyExists => {
            SetupError::Usage(format!("{shown} exists; --force overwrites it"))
        }
        kind => SetupError::Runtime(io::Error::new(kind, format!("{shown} is not written: {e}"))),
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    let existing = if cli.force { Existing::Replace } else { Existing::Keep };
    file::replace(&path, config.to_conf().as_bytes(), existing).map_err(failed)?;
    messages::print(&format!("{shown} written\n"))?;
    Ok(ExitCode::SUCCESS)
}
