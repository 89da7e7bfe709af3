//! The log of the process, the service or the container whose details are shown.

use super::{
    super::device_log::{LogRequest, LogSubject},
    *,
};
use manytop_core::{
    reading::Kind,
    view::{Device, DeviceLog, SourceView},
    vocabulary as v,
};
use std::time::SystemTime;

/// The kinds of devices with a log.
const LOGGED: [Kind; 2] = [v::PROCESS, v::CONTAINER_KIND];

impl Dashboard {
    /// The device of this machine that is shown with its details: its log is wanted.
    pub fn wanted_log(&mut self, snapshot: &Snapshot, now: Moment) -> Option<LogRequest> {
        let wanted = self.device_with_log(snapshot, now);
        if let (None, Some(_)) = (&wanted, &self.parts.log) {
            self.parts.log = None;
        }
        wanted
    }

    fn device_with_log(&mut self, snapshot: &Snapshot, now: Moment) -> Option<LogRequest> {
        let screen = self.screen();
        let pane = screen.tiles.get(screen.keys)?;
        let wants = pane.widget.wants().want;
        let detailed = LOGGED.into_iter().find(|kind| !wants.devices(*kind).is_empty())?;
        let past = self.past.frame(snapshot, now);
        let (shown, at) = past.as_ref().map_or((snapshot, now), |(past, at)| (&**past, *at));
        let (source, kind, device) = {
            let (screen, only) = match &mut self.opened {
                Some((source, screen)) => (screen, Some(&*source)),
                None => (&mut self.main, None),
            };
            let seen = FrameContext { snapshot: shown, only, now: at };
            screen.ask(screen.keys, &self.parts, seen, |widget, view| {
                widget.selected_device(view)
            })??
        };
        if source != Source::Local || kind != detailed {
            return None;
        }
        let find =
            |snapshot: &'_ Snapshot| snapshot.find(&source).and_then(|v| facts(v, kind, &device));
        let (generation, subject) = find(shown)?;
        // the past in memory has the start of a process rounded
        let known = find(snapshot).filter(|(live, _)| *live == generation);
        let subject = match (subject, known) {
            (LogSubject::Process(_), None) => LogSubject::Process(None),
            (subject, known) => known.map_or(subject, |(_, live)| live),
        };
        let until = past.as_ref().and_then(|(_, at)| self.past.wall(*at)).map(SystemTime::from);
        Some(LogRequest { device, subject, until })
    }

    /// Takes the log of a device.
    pub fn show_log(&mut self, log: DeviceLog) -> Effect {
        let is_new = self.parts.log.as_deref() != Some(&log);
        self.parts.log = Some(Arc::new(log));
        if is_new { Effect::Draw } else { Effect::None }
    }
}

/// The generation of a device, and what its log is of.
fn facts(view: &SourceView, kind: Kind, name: &str) -> Option<(u64, LogSubject)> {
    let device: &Device = view.device(kind, name)?;
    let subject = if kind == v::PROCESS {
        LogSubject::Process(device.value(&v::STARTED_SECONDS).map(|seconds| seconds as u64))
    } else if device.text(&v::TYPE) == Some("service") {
        LogSubject::Unit
    } else {
        LogSubject::Container
    };
    Some((device.generation, subject))
}
