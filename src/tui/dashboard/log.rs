//! The log of the process whose details are shown.

use super::{super::process_log::LogRequest, *};
use manytop_core::{
    view::{ProcessLog, SourceView},
    vocabulary as v,
};
use std::time::SystemTime;

impl Dashboard {
    /// The process of this machine that is shown with its details: its log is wanted.
    pub fn wanted_log(&mut self, snapshot: &Snapshot, now: Moment) -> Option<LogRequest> {
        let wanted = self.process_with_log(snapshot, now);
        if let (None, Some(_)) = (&wanted, &self.parts.log) {
            self.parts.log = None;
        }
        wanted
    }

    fn process_with_log(&mut self, snapshot: &Snapshot, now: Moment) -> Option<LogRequest> {
        let screen = self.screen();
        let pane = screen.tiles.get(screen.keys)?;
        if pane.widget.wants().want.devices(v::PROCESS).is_empty() {
            return None;
        }
        let past = self.past.frame(snapshot, now);
        let (shown, at) = past.as_ref().map_or((snapshot, now), |(past, at)| (&**past, *at));
        let (source, kind, pid) = {
            let (screen, only) = match &mut self.opened {
                Some((source, screen)) => (screen, Some(&*source)),
                None => (&mut self.main, None),
            };
            let seen = FrameContext { snapshot: shown, only, now: at };
            screen.ask(screen.keys, &self.parts, seen, |widget, view| {
                widget.selected_device(view)
            })??
        };
        if source != Source::Local || kind != v::PROCESS {
            return None;
        }
        let find = |snapshot: &Snapshot| snapshot.find(&source).and_then(|v| process(v, &pid));
        let (generation, _) = find(shown)?;
        // the past in memory has its start rounded
        let known = find(snapshot).filter(|(live, _)| *live == generation);
        let started = known.and_then(|(_, started)| started).map(|seconds| seconds as u64);
        let until = past.as_ref().and_then(|(_, at)| self.past.wall(*at)).map(SystemTime::from);
        Some(LogRequest { pid, started, until })
    }

    /// Takes the log of a process.
    pub fn show_log(&mut self, log: ProcessLog) -> Effect {
        let is_new = self.parts.log.as_deref() != Some(&log);
        self.parts.log = Some(Arc::new(log));
        if is_new { Effect::Draw } else { Effect::None }
    }
}

/// The generation of a process, and when it was started, in seconds since 1970.
fn process(view: &SourceView, pid: &str) -> Option<(u64, Option<f64>)> {
    let mut all = view.instances.iter().flat_map(|instance| instance.devices(v::PROCESS));
    let found = all.find(|device| &*device.name == pid)?;
    Some((found.generation, found.value(&v::STARTED_SECONDS)))
}
