//! What the application hands to a dashboard.

use crate::{config::layouts::LayoutChoice, hooks::Hook, tui::bindings::Bindings};
use manytop_core::{
    alert::AlertBoard,
    options::Options,
    registry::Registry,
    source::Source,
    theme::Theme,
    view::{DeviceLog, Settings},
    widget::ProcessTarget,
};
use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

/// What a dashboard is made of.
pub struct DashboardConfig {
    /// All widgets that there are.
    pub registry: Registry,
    /// The layout that was chosen.
    pub choice: LayoutChoice,
    /// Options of widgets, by their word.
    pub widget_options: BTreeMap<&'static str, Options>,
    /// Which key does what.
    pub bindings: Bindings,
    /// Where layouts are looked for.
    pub folders: Vec<PathBuf>,
    /// The file that watches are added to.
    pub config_file: Option<PathBuf>,
    /// Colours.
    pub theme: Theme,
    /// They follow the terminal's background.
    pub theme_is_auto: bool,
    /// Units and scales.
    pub settings: Settings,
    /// Whether the status bar is shown.
    pub statusbar: bool,
    /// Whether it starts with the help.
    pub help: bool,
    /// How often frames come, for the status bar.
    pub interval: Duration,
    /// Programs that a key starts.
    pub hooks: Vec<Hook>,
    /// The hosts that sources are asked at.
    pub addresses: HashMap<Source, String>,
    /// Remote hosts with processes that can be signalled, and whether the config allows it.
    pub signals: HashMap<Source, bool>,
    /// The alerts that fire at the moment that the screen shows.
    pub alerts: Arc<AlertBoard>,
    /// The log of the process that is shown with details.
    pub log: Option<Arc<DeviceLog>>,
    /// How far back the screen can be shown, and within how many bytes.
    pub history: Option<(Duration, u64)>,
}

impl DashboardConfig {
    /// Why these processes can be sent no signal, if they cannot.
    pub fn why_no_signal(&self, processes: &[ProcessTarget]) -> Option<String> {
        let Some(first) = processes.first() else { return Some("the process has ended".into()) };
        let (source, host) = (&first.source, first.source.name());
        if processes.iter().any(|process| process.source != *source) {
            return Some("a signal goes to the processes of one host at a time".into());
        }
        match self.signals.get(source) {
            _ if *source == Source::Local => None,
            Some(true) => None,
            Some(false) => {
                Some(format!("signals on {host} are off; remote-{host}-signals=true allows them"))
            }
            None => Some(format!("{host} is not read over ssh: its processes get no signals")),
        }
    }
}
