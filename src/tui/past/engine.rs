//! Instants that are no longer in memory, of a host that an engine serves: the hour around them is requested from
//! the engine.
//!
//! The hours lie on a grid of quarters, so that the instant moves without another request, and each hour has at
//! least 45 minutes before it: graphs end at the instant.

use super::{Frozen, PastScreen};
use manytop_core::{
    clock::Moment,
    past::Backing,
    source::Source,
    view::{EngineWindow, SourceView},
};
use std::{sync::Arc, time::Duration};

/// How much of the past is requested at once.
pub const SPAN: Duration = Duration::from_secs(3600);
/// The grid on which a requested span ends.
const GRID: Duration = Duration::from_secs(900);
/// One step where the engine has not answered yet, or has nothing.
const STEP: Duration = Duration::from_secs(15);
/// Of the reason why an engine does not answer, so many characters are shown.
const REASON: usize = 48;

/// The host that the screen shows, where an engine serves its past.
#[derive(Clone, Debug)]
pub(super) struct AskedHost(Arc<SourceView>);

impl AskedHost {
    /// The host; `None` where no engine serves its past.
    pub(super) fn new(live: &Arc<SourceView>) -> Option<AskedHost> {
        live.engine_past.is_some().then(|| AskedHost(live.clone()))
    }

    /// Whether an instant lies before what memory has of the host.
    pub(super) fn is_beyond_memory(&self, at: Moment) -> bool {
        !self.0.remembers(at)
    }

    /// The end of the span that is requested for an instant.
    fn until(at: Moment) -> Moment {
        let grid = GRID.as_nanos() as u64;
        Moment::from_nanos(at.as_nanos().div_ceil(grid).saturating_mul(grid))
    }

    /// What the engine has told of that span.
    fn window(&self, at: Moment) -> Option<&EngineWindow> {
        let window = self.0.engine_past.as_ref()?.window.as_ref();
        window.filter(|window| window.until == AskedHost::until(at))
    }

    /// The sample before or after an instant beyond memory; `None` within memory.
    pub(super) fn step(&self, at: Moment, forward: bool) -> Option<Moment> {
        if !self.is_beyond_memory(at) {
            return None;
        }
        let history = self.window(at).map(|window| &window.history);
        if !forward {
            let before = history.and_then(|history| history.answer_before(at));
            return Some(before.unwrap_or_else(|| before_step(at)));
        }
        let after = history.and_then(|history| history.answer_after(at)).unwrap_or(at + STEP);
        Some(self.0.history.first().map_or(after, |first| after.min(first)))
    }

    /// What the time bar says of where the instant comes from.
    pub(super) fn describe(&self, at: Moment) -> String {
        let engine = self.0.engine_past.as_ref().map_or("", |past| past.engine.name());
        match self.window(at) {
            Some(EngineWindow { problem: Some(why), .. }) => short(engine, why),
            Some(window) if window.history.first().is_none() => {
                format!("{engine} has nothing of this hour")
            }
            Some(_) => format!("{} {engine}", Backing::Engine.word()),
            None => format!("asking {engine}"),
        }
    }
}

/// The instant one step before.
pub(super) fn before_step(at: Moment) -> Moment {
    at.before(STEP)
}

fn short(engine: &str, why: &str) -> String {
    let cut = why.chars().nth(REASON).map_or("", |_| "…");
    format!("{engine}: {}{cut}", why.chars().take(REASON).collect::<String>())
}

impl Frozen {
    /// The host whose engine has the instant, where memory has not.
    pub(super) fn beyond(&self) -> Option<&AskedHost> {
        self.engine.as_ref().filter(|host| host.is_beyond_memory(self.at))
    }

    /// The time bar reaches as far back as the instant has been with the engine's help.
    pub(super) fn extend(&mut self) {
        if self.engine.is_none() {
            self.reach = None;
        } else if self.beyond().is_some() {
            let begin = AskedHost::until(self.at).before(SPAN);
            self.reach = Some(self.reach.map_or(begin, |reach| reach.min(begin)));
        }
    }
}

impl PastScreen {
    /// Says which host the screen shows: the one that is opened, or the one that boxes follow.
    pub fn follow(&mut self, host: Option<&Arc<SourceView>>) {
        self.followed = host.and_then(AskedHost::new);
        if let Some(frozen) = self.frozen.as_mut().filter(|frozen| !frozen.is_recorded) {
            frozen.engine.clone_from(&self.followed);
        }
    }

    /// The host whose engine is to be asked for the past, and the end of the span.
    pub fn beyond_memory(&self) -> Option<(Source, Moment)> {
        let frozen = self.frozen.as_ref()?;
        let host = frozen.beyond()?;
        Some((host.0.source.clone(), AskedHost::until(frozen.at)))
    }

    /// Whether an instant is in the store itself, without an engine.
    pub fn is_kept(&mut self, at: Moment) -> bool {
        let span = self.frozen.as_mut().and_then(|frozen| frozen.store.span());
        span.is_some_and(|(first, _)| first.since(at) <= Duration::from_secs(1))
    }
}
