//! The instant that the screen shows: now, or one in the past.
//!
//! ```text
//! f , . < > { } P @, a click ─▶ PastScreen ─▶ instant T ─▶ PastStore::at(T) ─▶ the same boxes
//!                                                └▶ T is not in memory: the engine of the host that is shown
//! ```
//!
//! Polling goes on meanwhile, and so do the exporter and the log: only what is drawn is of the past.

pub mod bar;
pub mod engine;
pub mod prompt;
pub mod when;

use engine::{AskedHost, before_step};
use manytop_core::{
    alert::AlertBoard,
    alerts::AlertPast,
    clock::Moment,
    past::{Backing, Mark, MemoryPast, PastStore},
    source::Source,
    view::Snapshot,
};
use std::{sync::Arc, time::Duration};

/// The longest step, of `<` and `>`.
const MINUTE: Duration = Duration::from_secs(60);

/// The message when a key needs a past and none is kept.
pub const NOTHING_KEPT: &str = "no past is kept: history is off";

/// The time bar's own picture, made once for each snapshot of the present.
#[derive(Default)]
struct Overview {
    of: (u64, usize, Option<Source>),
    load: Vec<Option<f64>>,
    marks: Vec<Mark>,
}

/// The instant, and where its screen comes from. While it is the present there is nothing of it.
#[derive(Default)]
pub struct PastScreen {
    frozen: Option<Frozen>,
    /// Alerts that began, the oldest first.
    pub alerts: Vec<Mark>,
    /// What fired before the present.
    pub fired: Arc<AlertPast>,
    /// The host that is shown, where an engine serves its past.
    followed: Option<AskedHost>,
}

/// A screen that shows an instant.
struct Frozen {
    store: Box<dyn PastStore>,
    at: Moment,
    /// The present, as of the last frame or key.
    live: Moment,
    playing: bool,
    overview: Overview,
    /// Where the time bar was drawn: first column, columns, first row, rows.
    bar: (u16, u16, u16, u16),
    /// It is of a recording: the end of that is the last instant.
    is_recorded: bool,
    /// There is no present: the end of the recording is in its place.
    is_replay: bool,
    /// At its end a replay begins again.
    loops: bool,
    /// The host whose engine has instants that are not in memory.
    engine: Option<AskedHost>,
    /// How far back the instant has been with its help.
    reach: Option<Moment>,
}

impl Frozen {
    fn new(store: Box<dyn PastStore>, at: Moment, live: Moment, is_recorded: bool) -> Frozen {
        Frozen {
            store,
            at,
            live,
            playing: false,
            overview: Overview::default(),
            bar: (0, 0, 0, 0),
            is_recorded,
            is_replay: false,
            loops: false,
            engine: None,
            reach: None,
        }
    }

    /// From the first moment that can be shown to the present.
    fn span(&mut self) -> (Moment, Moment) {
        let at = self.at;
        let live = self.live;
        match self.store.span() {
            Some(span) if self.is_recorded => span,
            span => {
                let (first, last) = span.unwrap_or((at, live));
                (self.reach.map_or(first, |reach| reach.min(first)), last.max(live))
            }
        }
    }
}

impl PastScreen {
    /// Whether the screen shows the past.
    pub fn is_frozen(&self) -> bool {
        self.frozen.is_some()
    }

    /// The present, while the past is shown.
    pub fn live(&self) -> Option<Moment> {
        self.frozen.as_ref().map(|frozen| frozen.live)
    }

    /// Goes on with the present, and gives what is to be drawn in its place, if that is the past.
    pub fn frame(&mut self, live: &Snapshot, now: Moment) -> Option<(Arc<Snapshot>, Moment)> {
        let frozen = self.frozen.as_mut()?;
        frozen.store.update(live);
        let passed = now.since(frozen.live);
        frozen.live = now;
        if frozen.playing {
            frozen.at = frozen.at + passed;
        }
        frozen.extend();
        let (first, last) = frozen.span();
        if frozen.playing && frozen.at >= last {
            if !frozen.is_recorded {
                self.thaw();
                return None;
            }
            (frozen.at, frozen.playing) = (if frozen.loops { first } else { last }, frozen.loops);
        }
        // what is no longer kept cannot be shown
        frozen.at = frozen.at.max(first);
        let at = frozen.at;
        Some((frozen.store.at(at), at))
    }

    /// Shows a recording from a moment on, in the place of the present.
    pub fn replay(store: Box<dyn PastStore>, at: Moment, now: Moment, loops: bool) -> PastScreen {
        let mut past = PastScreen::default();
        past.open(store, at, now);
        if let Some(frozen) = &mut past.frozen {
            (frozen.is_replay, frozen.loops, frozen.playing) = (true, loops, loops);
        }
        past
    }

    /// Shows a moment of a recording.
    pub fn open(&mut self, store: Box<dyn PastStore>, at: Moment, now: Moment) {
        let is_replay = self.is_replay();
        self.frozen = Some(Frozen { is_replay, ..Frozen::new(store, at, now, true) });
    }

    /// What the store could not read since the last call.
    pub fn notices(&mut self) -> Vec<String> {
        self.frozen.as_mut().map(|frozen| frozen.store.notices()).unwrap_or_default()
    }

    /// Whether there is no present.
    pub fn is_replay(&self) -> bool {
        self.frozen.as_ref().is_some_and(|frozen| frozen.is_replay)
    }

    /// Whether time goes on by itself.
    pub fn is_playing(&self) -> bool {
        self.frozen.as_ref().is_some_and(|frozen| frozen.playing)
    }

    /// Shows the present again; of a recording, its end.
    pub fn thaw(&mut self) {
        match self.frozen.as_mut().filter(|frozen| frozen.is_replay) {
            Some(frozen) => {
                (_, frozen.at) = frozen.span();
                frozen.playing = false;
            }
            None => self.frozen = None,
        }
    }

    /// Stops at what the screen shows. Returns whether there is a past.
    pub fn freeze(&mut self, live: &Snapshot, now: Moment) -> bool {
        if self.is_frozen() {
            return true;
        }
        let mut frozen = Frozen::new(Box::new(MemoryPast::new(live)), now, now, false);
        frozen.engine.clone_from(&self.followed);
        let Some((first, last)) = frozen.store.span() else { return false };
        // the last sample that the screen shows: the store may already hold the next
        let shown = live.made.min(last) + Duration::from_nanos(1);
        let before = frozen.store.sample_before(shown + MINUTE);
        let sample = before.filter(|at| *at <= shown);
        let sample = sample.or_else(|| frozen.store.sample_before(shown));
        let at = sample.unwrap_or(last).max(first);
        // what has changed since that sample is on the screen as well
        let changes = marks(&mut *frozen.store, &self.alerts, (at, now), None);
        frozen.at = if changes.iter().any(|change| change.at > at) { now } else { at };
        self.frozen = Some(frozen);
        true
    }

    /// Goes to a moment. Returns whether it is kept, or an engine has it; nothing changes otherwise.
    pub fn go(&mut self, at: Moment) -> bool {
        let Some(frozen) = &mut self.frozen else { return false };
        let (first, last) = frozen.span();
        let is_early = frozen.engine.is_none() && first.since(at) > Duration::from_secs(1);
        if at.since(last) > Duration::ZERO || is_early {
            return false;
        }
        frozen.at = if frozen.engine.is_some() { at } else { at.max(first) };
        frozen.playing = false;
        frozen.extend();
        true
    }

    /// Goes a sample back or on.
    pub fn step(&mut self, forward: bool) -> bool {
        let Some(frozen) = &mut self.frozen else { return false };
        frozen.playing = false;
        let at = frozen.at;
        let told = frozen.engine.as_ref().and_then(|host| host.step(at, forward));
        let to = told.or_else(|| match forward {
            true => frozen.store.sample_after(at),
            false => {
                let older = frozen.engine.as_ref().map(|_| before_step(at));
                frozen.store.sample_before(at).or(older)
            }
        });
        frozen.at = to.unwrap_or(at);
        frozen.extend();
        to.is_some()
    }

    /// Goes a minute back or on, as far as there is something.
    pub fn minute(&mut self, forward: bool) -> bool {
        let Some(frozen) = &mut self.frozen else { return false };
        frozen.playing = false;
        let (first, _) = frozen.span();
        let last = frozen.store.span().map_or(first, |(_, last)| last);
        let to = match forward {
            true => (frozen.at + MINUTE).min(last),
            false if frozen.engine.is_some() => frozen.at.before(MINUTE),
            false => frozen.at.before(MINUTE).max(first),
        };
        let moved = to != frozen.at;
        frozen.at = to;
        frozen.extend();
        moved
    }

    /// Goes to the mark before or after, and says which it is; with `only`, to one of that source.
    pub fn mark(&mut self, forward: bool, only: Option<&Source>) -> Option<Mark> {
        let frozen = self.frozen.as_mut()?;
        frozen.playing = false;
        let (first, last) = frozen.span();
        let at = frozen.at;
        // a recording has alerts of its own
        let alerts = if frozen.is_recorded { &[] } else { self.alerts.as_slice() };
        let marks = marks(&mut *frozen.store, alerts, (first, last), only);
        let found = match forward {
            true => marks.into_iter().find(|mark| mark.at > at),
            false => marks.into_iter().rfind(|mark| mark.at < at),
        }?;
        frozen.at = found.at;
        Some(found)
    }

    /// Plays from here on as fast as it happened, or pauses. Returns whether it plays.
    pub fn play(&mut self) -> bool {
        let Some(frozen) = &mut self.frozen else { return false };
        frozen.playing = !frozen.playing;
        frozen.playing
    }

    /// The alerts that fired at a moment; `None` while the present is shown.
    pub fn alerts_at(&mut self, at: Moment) -> Option<AlertBoard> {
        let frozen = self.frozen.as_mut()?;
        let wall = frozen.store.wall(at);
        let is_known = frozen.store.span().is_some_and(|(first, _)| first <= at);
        if !frozen.is_recorded && is_known {
            return Some(self.fired.at(at, wall));
        }
        let unknown = || AlertBoard { at: Some(wall), is_unknown: true, ..AlertBoard::default() };
        Some(frozen.store.alerts(at).unwrap_or_else(unknown))
    }

    /// The time on the wall clock at a moment.
    pub fn wall(&mut self, at: Moment) -> Option<chrono::DateTime<chrono::Local>> {
        let frozen = self.frozen.as_mut()?;
        Some(frozen.store.wall(at).into())
    }

    /// The moment of a time.
    pub fn moment(&mut self, wall: chrono::DateTime<chrono::Utc>) -> Option<Moment> {
        let frozen = self.frozen.as_mut()?;
        Some(frozen.store.moment(wall.into()))
    }

    /// The first moment that is kept, on the wall clock.
    pub fn first(&mut self) -> Option<chrono::DateTime<chrono::Local>> {
        let first = self.frozen.as_mut()?.span().0;
        self.wall(first)
    }

    /// The end of a replay on the wall clock; `None` while there is a present.
    pub fn end_of_replay(&mut self) -> Option<chrono::DateTime<chrono::Local>> {
        let last = self.frozen.as_mut().filter(|frozen| frozen.is_replay)?.span().1;
        self.wall(last)
    }

    /// The moment of a column of the time bar; `None` beside it.
    pub fn moment_at(&mut self, (x, y): (u16, u16)) -> Option<Moment> {
        let frozen = self.frozen.as_mut()?;
        let (left, columns, top, rows) = frozen.bar;
        if !(left..left + columns).contains(&x) || !(top..top + rows).contains(&y) {
            return None;
        }
        let (first, last) = frozen.span();
        let share = (f64::from(x - left) + 0.5) / f64::from(columns);
        Some(first + last.since(first).mul_f64(share))
    }

    /// What the time bar shows, of so many columns; `area` is where its time is drawn. With `only`, it has
    /// the marks of that source.
    pub fn bar(
        &mut self,
        live: &Snapshot,
        only: Option<&Source>,
        area: (u16, u16, u16, u16),
    ) -> Option<bar::Bar<'_>> {
        let frozen = self.frozen.as_mut()?;
        frozen.bar = area;
        let (first, last) = frozen.span();
        let kept = frozen.store.span().map_or(first, |(first, _)| first);
        let columns = usize::from(area.1);
        let of = (live.number, columns, only.cloned());
        if frozen.overview.of != of {
            let store = &mut *frozen.store;
            let load = store.overview(first, last, columns * 2);
            let alerts = if frozen.is_recorded { &[] } else { self.alerts.as_slice() };
            let marks = marks(store, alerts, (first, last), only);
            frozen.overview = Overview { of, load, marks };
        }
        let at = frozen.at;
        let store = &*frozen.store;
        let walls = [first, at, last].map(|moment| store.wall(moment).into());
        let overview = &frozen.overview;
        let (backing, origin) = match frozen.beyond() {
            Some(host) => (Backing::Engine, host.describe(at)),
            None => (store.backing(), bar::kept(store.backing(), last.since(kept))),
        };
        Some(bar::Bar {
            span: (first, last),
            at,
            walls,
            backing,
            origin,
            playing: frozen.playing,
            is_replay: frozen.is_replay,
            load: &overview.load,
            marks: &overview.marks,
        })
    }
}

/// The marks of the time bar, oldest first: what the store knows of deaths, and alerts; with `only`, those of
/// one source and of this program.
fn marks(
    store: &mut dyn PastStore,
    alerts: &[Mark],
    (first, last): (Moment, Moment),
    only: Option<&Source>,
) -> Vec<Mark> {
    let mut all = store.marks(first, last);
    let within = alerts.iter().filter(|mark| (first..=last).contains(&mark.at));
    all.extend(within.cloned());
    if let Some(only) = only {
        all.retain(|mark| mark.source.as_ref().is_none_or(|source| source == only));
    }
    all.sort_by_key(|mark| mark.at);
    all
}
