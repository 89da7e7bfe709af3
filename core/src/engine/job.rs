//! What an instance runs: a provider that waits on sockets, or a reader that may block.

use super::tasks::{FileStamp, stamps};
use crate::{
    options::Options,
    provider::{self, Build, BuildError, Provider, Reader},
};
use std::sync::Arc;

/// What runs.
pub(super) enum Live {
    Polls(Box<dyn Provider>),
    /// Absent while it is away.
    Reads(Option<Box<dyn Reader>>),
}

/// An instance before it is started: built, which checks its options, and not connected.
pub struct Job {
    pub(super) plugin: &'static provider::Plugin,
    pub(super) options: Arc<Options>,
    /// The files that they name, as they were when it was built.
    pub(super) files: Vec<FileStamp>,
    pub(super) run: Live,
}

impl Job {
    /// Builds an instance.
    pub fn new(plugin: &'static provider::Plugin, options: Options) -> Result<Job, BuildError> {
        let files = stamps(&options);
        let run = run(plugin, &options)?;
        Ok(Job { plugin, options: Arc::new(options), files, run })
    }

    /// What is asked.
    pub fn plugin(&self) -> &'static provider::Plugin {
        self.plugin
    }

    /// Notes for the user about options that are valid.
    pub fn notes(&self) -> Vec<String> {
        match &self.run {
            Live::Polls(provider) => provider.notes(),
            Live::Reads(_) => Vec::new(),
        }
    }

    /// What it asks, where that can be compared; never shown.
    pub fn address(&self) -> Option<String> {
        match &self.run {
            Live::Polls(provider) => provider.address(),
            Live::Reads(_) => None,
        }
    }

    /// Whether signals can be sent to processes of its host, and the config allows it.
    pub fn takes_signals(&self) -> Option<bool> {
        match &self.run {
            Live::Polls(provider) => provider.takes_signals(),
            Live::Reads(_) => None,
        }
    }

    pub(super) fn reads(&self) -> bool {
        matches!(self.run, Live::Reads(_))
    }
}

/// Builds what runs.
///
/// # Errors
/// What is wrong with an option.
pub(super) fn run(plugin: &provider::Plugin, options: &Options) -> Result<Live, BuildError> {
    Ok(match plugin.build() {
        Build::Polls(build) => Live::Polls(build(options)?),
        Build::Reads(build) => Live::Reads(Some(build(options)?)),
    })
}
