//! What is recorded and where to, from the config to a recorder at work.

use manytop_core::{
    alert::{ActiveAlert, Severity},
    alerts::{AckTarget, AlertChange, AlertEvent},
    config::{
        Config, globals,
        record::{RecordFolder, RecordSettings},
    },
    draw,
    engine::{Engine, Tap, TapDemand},
    file,
    registry::Registry,
    source::Source,
    vocabulary::PROCESS,
};
use manytop_recording::{
    EventKind, NameCatalog, RecordedEvent, Recorder, RecorderNote, RecordingError, RecordingOptions,
};
use std::{ffi::OsString, path::PathBuf, sync::Arc, time::Duration};

/// Where services record into.
const SERVICE: &str = "/var/lib/manytop/recordings";

/// A recording that is to begin.
pub struct RecordPlan {
    settings: Arc<RecordSettings>,
    options: RecordingOptions,
    registry: Registry,
}

/// A recording under way.
pub struct ActiveRecording {
    recorder: Recorder,
    settings: Arc<RecordSettings>,
    registry: Registry,
    every: Duration,
    /// What to say of it at the start.
    pub told: String,
}

/// The folder of a service's recordings: what systemd says, else the usual place.
fn service_folder() -> PathBuf {
    match std::env::var_os("STATE_DIRECTORY").map(PathBuf::from).filter(|p| p.is_absolute()) {
        Some(state) => state.join("recordings"),
        None => PathBuf::from(SERVICE),
    }
}

/// Where recordings are kept unless a folder is named.
///
/// # Errors
/// There is neither a state folder nor a home.
pub fn default_folder() -> Result<PathBuf, String> {
    if std::env::var_os("STATE_DIRECTORY").is_some() {
        return Ok(service_folder());
    }
    let absolute = |path: Option<OsString>| path.map(PathBuf::from).filter(|p| p.is_absolute());
    let home = || absolute(file::home());
    let state =
        absolute(std::env::var_os("XDG_STATE_HOME")).or_else(|| Some(home()?.join(".local/state")));
    let state = state.ok_or("record: no home folder; name a folder: record=FOLDER")?;
    Ok(state.join("manytop/recordings"))
}

impl RecordPlan {
    /// What the config asks for; `None`: nothing is recorded.
    ///
    /// # Errors
    /// No folder can be found, or a kind is unknown.
    pub fn new(
        config: &Config,
        registry: &Registry,
        sources: usize,
    ) -> Result<Option<RecordPlan>, String> {
        let settings = RecordSettings::new(&config.globals);
        let folder = match &settings.folder {
            None => return Ok(None),
            Some(RecordFolder::Named(folder)) => folder.clone(),
            Some(RecordFolder::Default) => default_folder()?,
        };
        check_kinds(config, registry)?;
        let settings = Arc::new(settings);
        let (kinds, chosen) = (settings.clone(), settings.clone());
        let processes = settings.processes;
        let options = RecordingOptions {
            folder,
            keep: settings.keep,
            size: settings.size,
            mode: settings.mode,
            kinds: Arc::new(move |kind| {
                kinds.has_kind(*kind) && (*kind != PROCESS || processes.is_some())
            }),
            sources: Arc::new(move |view| chosen.has_source(&view.source, &view.tags)),
            every: settings.every_of(sources),
            processes: processes.unwrap_or_default(),
        };
        Ok(Some(RecordPlan { settings, options, registry: registry.clone() }))
    }

    /// Begins to record. `tell` is called on the recorder's own thread.
    ///
    /// # Errors
    /// Another process records into the folder, or it cannot be written.
    pub fn start(
        self,
        tell: impl Fn(RecorderNote) + Send + 'static,
    ) -> Result<ActiveRecording, RecordingError> {
        let RecordPlan { settings, options, registry } = self;
        let told = format!("recording into {}", options.folder.display());
        let every = options.every;
        let mut catalog = NameCatalog::new(&registry);
        let recorder = Recorder::start(options, &mut catalog, tell)?;
        Ok(ActiveRecording { recorder, settings, registry, every, told })
    }
}

/// `recordkinds` names kinds that some provider has.
fn check_kinds(config: &Config, registry: &Registry) -> Result<(), String> {
    let known: Vec<&str> =
        registry.providers().iter().flat_map(|p| p.kinds()).map(|kind| kind.word()).collect();
    for word in config.globals.get(&globals::RECORDKINDS) {
        let kind = word.trim().trim_start_matches('!');
        if !kind.is_empty() && !kind.eq_ignore_ascii_case("all") && !known.contains(&kind) {
            let nearest = manytop_core::spelling::nearest(kind, known.iter().copied());
            let hint = nearest.map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
            return Err(format!("recordkinds: unknown kind {kind:?}{hint}"));
        }
    }
    Ok(())
}

impl ActiveRecording {
    /// Lets the engine hand over what it receives.
    pub fn tap(&self, engine: &Engine) {
        let demand = |every: Duration, is: &dyn Fn(manytop_core::reading::Kind) -> bool| {
            let settings = self.settings.clone();
            TapDemand {
                selects: Arc::new(move |source, tags| settings.has_source(source, tags)),
                want: self.registry.everything(|kind| self.settings.has_kind(kind) && is(kind)),
                every,
            }
        };
        let mut demands = vec![demand(self.every, &|kind| kind != PROCESS)];
        if let Some(processes) = self.settings.processes {
            demands.push(demand(processes.max(self.every), &|kind| kind == PROCESS));
        }
        let handle = self.recorder.handle();
        engine
            .tap(Some(Tap { demands, take: Box::new(move |snapshot| handle.snapshot(snapshot)) }));
    }

    /// Records that the config was read again.
    pub fn reloaded(&self, told: &str) {
        let (kind, text) = (EventKind::Reload, told.to_owned());
        self.recorder.handle().event(RecordedEvent { kind, source: None, text });
    }

    /// Records what happened to alerts. The text begins with what identifies the alert, the same at its
    /// beginning and at its end. What ends at once is recorded as both.
    pub fn alerts(&self, events: &[AlertEvent]) {
        for event in events {
            let (rule, source) = (event.rule.clone(), event.source.clone());
            let target = AckTarget::Alert { rule, source, device: event.device.clone() };
            let end = || {
                let fired = event.at.duration_since(event.since).unwrap_or_default();
                format!("resolved after {}", draw::number::span(fired.as_secs_f64()))
            };
            let kind = kind_of(event.severity);
            let tags = &event.tags;
            match event.change {
                AlertChange::Firing => self.about(kind, &target, tags, &event.text),
                AlertChange::Resolved => self.about(EventKind::Resolved, &target, tags, &end()),
                AlertChange::Ended => {
                    self.about(kind, &target, tags, &event.text);
                    self.about(EventKind::Resolved, &target, tags, "ended");
                }
            }
        }
    }

    /// Records what fires when the recording begins.
    pub fn alerts_at_start(&self, firing: &[ActiveAlert]) {
        for alert in firing {
            let (rule, source) = (alert.rule.clone(), alert.source.clone());
            let target = AckTarget::Alert { rule, source, device: alert.device.clone() };
            self.about(kind_of(alert.severity), &target, &[], &alert.text);
        }
    }

    /// Records an acknowledgement, or that it was lifted.
    pub fn acknowledged(&self, target: &AckTarget, text: &str) {
        if self.settings.has_source(target.source(), &[]) {
            self.event(EventKind::Acknowledged, target.source(), text.to_owned());
        }
    }

    fn about(&self, kind: EventKind, target: &AckTarget, tags: &[String], text: &str) {
        if self.settings.has_source(target.source(), tags) {
            self.event(kind, target.source(), format!("{}: {text}", target.words()));
        }
    }

    fn event(&self, kind: EventKind, source: &Source, text: String) {
        let source = Some(source.name().into());
        self.recorder.handle().event(RecordedEvent { kind, source, text });
    }

    /// What a person is told after a reload that asks for another recording; `None`: it goes on as it is.
    pub fn next_start(&self, config: &Config) -> Option<&'static str> {
        const NEXT_START: &str = "record: what is recorded changes at the next start";
        (RecordSettings::new(&config.globals) != *self.settings).then_some(NEXT_START)
    }
}

fn kind_of(severity: Severity) -> EventKind {
    match severity {
        Severity::Warning => EventKind::Warning,
        Severity::Critical => EventKind::Critical,
    }
}

/// The folders in which a recording is looked for that no flag names: the config's own, then the service's.
pub fn known_folders(config: &Config) -> Vec<PathBuf> {
    let own = match RecordSettings::new(&config.globals).folder {
        Some(RecordFolder::Named(folder)) => Some(folder),
        _ => default_folder().ok(),
    };
    own.into_iter().chain([service_folder()]).collect()
}
