//! Which host is explored.

use super::*;
use crate::tui::explorer::Explorer;

impl Dashboard {
    /// The host of which everything is listed.
    pub(super) fn explored(&self) -> Option<&Source> {
        match &self.overlay {
            Some(Overlay::Explorer(explorer)) => Some(&explorer.source),
            _ => None,
        }
    }

    /// Opens the explorer of the host that was opened, else of the one under the cursor, else of the only one.
    pub(super) fn explore(&mut self, snapshot: &Snapshot, now: Moment) {
        let mut remotes = snapshot.sources.iter().filter(|s| s.source != Source::Local);
        let only = remotes.next().filter(|_| remotes.next().is_none()).map(|s| s.source.clone());
        let opened = self.opened.as_ref().map(|(source, _)| source.clone());
        let seen = FrameContext { snapshot, only: None, now };
        let selected = || self.main.select(&self.parts, seen).map(|(_, source)| source);
        match opened.or_else(selected).filter(|s| *s != Source::Local).or(only) {
            Some(source) => {
                let config = self.parts.config_file.clone();
                self.overlay = Some(Overlay::Explorer(Explorer::new(source, config)));
            }
            None => self.say("only a remote host can be explored: open one first", now),
        }
    }
}
