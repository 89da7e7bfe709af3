//! What the application hands to a dashboard.

use crate::layouts::Choice;
use manytop_core::{options::Options, registry::Registry, theme::Theme, view::Settings};
use std::{collections::BTreeMap, time::Duration};

/// What a dashboard is made of.
pub struct Parts {
    /// All widgets that there are.
    pub registry: Registry,
    /// The layout that was chosen.
    pub choice: Choice,
    /// Options of widgets, by their word.
    pub widget_options: BTreeMap<&'static str, Options>,
    /// Colours.
    pub theme: Theme,
    /// Units and scales.
    pub settings: Settings,
    /// Whether the status bar is shown.
    pub statusbar: bool,
    /// Whether it starts with the help.
    pub help: bool,
    /// How often frames come, for the status bar.
    pub interval: Duration,
}
