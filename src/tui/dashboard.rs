//! The dashboard without a terminal: which widgets stand where, what they see, what becomes of a key.

mod background;
mod choices;
mod compare;
pub mod demands;
mod edit;
mod explore;
mod hooks;
#[cfg(test)]
mod inspect;
mod keys;
mod layout;
mod log;
mod mouse;
mod options;
mod past;
mod reload;

use super::{
    bindings::{Resolved, Scope, movement},
    header::{self, Header},
    hints::{self, Hints},
    journal::Journal,
    niceness::NicenessBox,
    options::KeyChange,
    overlay::{After, Overlay},
    past::PastScreen,
    remote_signal::RemoteSignal,
    screen::{Arrangement, FrameContext, Screen, broke},
    signal::SignalBox,
    tiny,
    warnings::Warnings,
};
use crate::config::layouts::Size;
use crate::hooks::HookOrder;
use crate::tui::dashboard_config::DashboardConfig;
use chrono::{DateTime, Utc};
use manytop_core::{
    alert::AlertBoard,
    alerts::{AckEntry, AckTarget},
    clock::Moment,
    config::Config,
    past::PastStore,
    ratatui_core::{buffer::Buffer, layout::Rect},
    source::Source,
    theme::{Rgb, Theme},
    view::{Settings, Snapshot, View},
    widget::{Action, Key, Mouse, Move, Outcome, Wants, WatchedProcess, Widget},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

/// How long the status bar shows what there is to say.
const SAID: Duration = Duration::from_secs(10);
/// The shortest and the longest time that a column of a graph covers; `h` and `l` halve and double it.
const COLUMN: [Duration; 2] = [Duration::from_millis(125), Duration::from_secs(1024)];

/// How often frames come at the most and at the least; `+` and `-` double and halve it.
const INTERVAL: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(64)];

/// Below so many columns or rows no box says anything: two figures a source do.
const SMALLEST: (u16, u16) = (10, 3);

/// What the terminal must do after a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Nothing looks different.
    None,
    /// Draw.
    Draw,
    /// Write the whole screen again.
    Clear,
    /// Go to the background.
    Suspend,
    /// Read the config again.
    Reload,
    /// This is known, for that time or until it recovers.
    Acknowledge(AckTarget, Option<Duration>),
    /// This is no longer acknowledged.
    Lift(AckTarget),
    /// Tell when this process ends, or no longer.
    Watch(WatchedProcess),
    /// Send a signal to processes of another machine.
    Signal(RemoteSignal),
    /// Start a program.
    Hook(HookOrder),
    /// Read and draw at this interval.
    Interval(Duration),
    /// Save the screen as a picture.
    Picture,
    /// Change a key of the config.
    Option(KeyChange),
    /// End.
    Quit,
}

/// What is wanted, of the source under the cursor, of the one that was opened and of the one that is explored; and
/// the source and the instant of a past that is not in memory.
pub type DashboardWants = (Vec<Wants>, [Option<Source>; 3], Option<(Source, Moment)>);

/// The dashboard.
pub struct Dashboard {
    pub(super) parts: DashboardConfig,
    /// The settings as they were given; a person has changed some since.
    given: Settings,
    /// The interval as it was given.
    given_interval: Duration,
    size: Size,
    /// How many sources there were in the last picture.
    sources: usize,
    main: Screen,
    pub(super) opened: Option<(Source, Screen)>,
    /// The screen that was there before hosts were compared.
    before: Option<Screen>,
    /// The terminal's background, when it has said what it is.
    background: Option<Rgb>,
    overlay: Option<Overlay>,
    said: Option<(String, Moment)>,
    /// What was wrong with the machine in the first row in the last seconds.
    warnings: Warnings,
    /// The first key of a sequence.
    pending: Option<Key>,
    /// The config in force, where there is one.
    pub config: Option<Config>,
    /// What happened.
    pub journal: Journal,
    /// What is acknowledged.
    pub acknowledged: Vec<AckEntry>,
    /// The alerts that fire now.
    pub(super) live_alerts: Arc<AlertBoard>,
    /// The instant that is shown.
    pub(super) past: PastScreen,
    /// The graph that the mouse holds.
    grabbed: Option<past::GrabbedGraph>,
    /// The hosts that were opened last, the newest first.
    opened_last: Vec<Source>,
    /// Where instants are found that memory does not have.
    pub archive: Option<Archive>,
}

/// Opens a recording that has an instant; `None` where none has it.
pub type Archive = Box<dyn FnMut(DateTime<Utc>) -> Option<(Box<dyn PastStore>, Moment)>>;

impl Dashboard {
    /// A board for the sources of a picture.
    pub fn new(parts: DashboardConfig, snapshot: &Snapshot) -> Result<Dashboard, String> {
        let sources = snapshot.sources.len();
        let size = parts.choice.size(sources);
        let layout = parts.choice.layout(size).clone();
        let mut main = Screen::build(&parts, layout, None)?;
        main.arrangement = Arrangement::of(size);
        let overlay = parts.help.then(Overlay::help);
        let journal = Journal::default();
        let (given, given_interval) = (parts.settings.clone(), parts.interval);
        Ok(Dashboard {
            parts,
            given,
            given_interval,
            size,
            sources,
            main,
            opened: None,
            before: None,
            background: None,
            overlay,
            said: None,
            warnings: Warnings::default(),
            pending: None,
            config: None,
            journal,
            acknowledged: Vec::new(),
            live_alerts: Arc::default(),
            past: PastScreen::default(),
            grabbed: None,
            opened_last: Vec::new(),
            archive: None,
        })
    }

    /// Tells the person something.
    pub fn say(&mut self, text: impl Into<String>, now: Moment) {
        // what is said has its time in the present
        self.said = Some((text.into(), self.past.live().unwrap_or(now)));
    }

    /// Tells the person something that they should know, and keeps it for the log.
    pub fn warn(&mut self, text: String, now: Moment) {
        self.journal.warn(&text);
        self.say(text, now);
    }

    /// Adapts to a picture with more or fewer sources.
    pub fn adapt(&mut self, snapshot: &Snapshot, now: Moment) {
        if let Some(Overlay::Log { .. }) = self.overlay {
            self.journal.unseen = 0;
        }
        if let Some((gone, _)) = self.opened.take_if(|(s, _)| snapshot.find(s).is_none()) {
            self.say(format!("{gone} is gone from the config"), now);
        }
        self.sources = snapshot.sources.len();
        let size = self.parts.choice.size(self.sources);
        if size == self.size || self.edited().is_some() {
            return;
        }
        self.stop_comparing();
        self.size = size;
        let layout = self.parts.choice.layout(size).clone();
        match Screen::build(&self.parts, layout, Some(&mut self.main)) {
            Ok(screen) => {
                self.main = screen;
                self.main.arrangement = Arrangement::of(size);
            }
            Err(problem) => self.say(problem, now),
        }
    }

    /// The colours in force.
    pub fn theme(&self) -> &Theme {
        &self.parts.theme
    }

    /// Draws a frame of the present or of the past.
    pub fn draw(&mut self, snapshot: &Snapshot, now: Moment, area: Rect, buffer: &mut Buffer) {
        self.follow(snapshot);
        let frame = self.past.frame(snapshot, now);
        let fired = frame.as_ref().and_then(|(_, at)| self.past.alerts_at(*at));
        self.parts.alerts = fired.map_or_else(|| self.live_alerts.clone(), Arc::new);
        match frame {
            Some((past, at)) => {
                self.draw_past(snapshot, &past, at, area, buffer);
                self.draw_overlay(&past, at, area, buffer);
            }
            None => {
                self.draw_at(snapshot, now, 1, area, buffer);
                self.draw_overlay(snapshot, now, area, buffer);
            }
        }
    }

    fn draw_overlay(&mut self, snapshot: &Snapshot, now: Moment, area: Rect, buffer: &mut Buffer) {
        self.mark_selected();
        let words = self.screen().words();
        let fits = area.width >= SMALLEST.0 && area.height >= SMALLEST.1;
        if let Some(overlay) = self.overlay.as_mut().filter(|_| fits) {
            let all = (snapshot, now, self.acknowledged.as_slice());
            overlay.draw(&self.parts, &words, &self.journal, all, area, buffer);
        }
    }

    /// Draws a frame of a moment below so many rows of a head.
    fn draw_at(
        &mut self,
        snapshot: &Snapshot,
        now: Moment,
        head: u16,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let live = self.past.live();
        buffer.set_style(area, self.parts.theme.plain());
        let mut inside = area;
        let has_rows = self.parts.statusbar && area.height >= 6;
        if has_rows {
            inside = Rect { y: area.y + head, height: area.height - 1 - head, ..area };
            let opened = self.opened.as_ref().map(|(source, _)| source);
            let header =
                Header { opened, interval: self.parts.interval, unseen: self.journal.unseen };
            let row = Rect { height: 1, ..area };
            if live.is_none() {
                let at = (snapshot, now);
                header::draw(&header, &mut self.warnings, at, &self.parts, row, buffer);
            }
        }
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            return tiny::draw(snapshot, now, &self.parts, area, buffer);
        }
        let parts = &self.parts;
        let (screen, only) = match &mut self.opened {
            Some((source, screen)) => (screen, Some(&*source)),
            None => (&mut self.main, None),
        };
        screen.draw(parts, FrameContext { snapshot, only, now }, inside, buffer);
        if has_rows {
            let said = self.said.as_ref().filter(|(_, at)| live.unwrap_or(now).since(*at) < SAID);
            let keys = screen.tiles.get(screen.keys).filter(|pane| !pane.area.is_empty());
            let keys = keys.map(|pane| pane.item.widget.name());
            let hints = Hints {
                said: said.map(|(text, _)| text.as_str()),
                widget: keys,
                boxes: screen.digits().len(),
                opened: only.is_some(),
                past: live.is_some(),
                polls: !self.past.is_replay(),
            };
            let row = Rect { y: area.bottom() - 1, height: 1, ..area };
            hints::draw(&hints, &parts.bindings, &parts.theme, row, buffer);
        }
    }

    fn screen(&mut self) -> &mut Screen {
        match &mut self.opened {
            Some((_, screen)) => screen,
            None => &mut self.main,
        }
    }

    fn ask_focused(
        &mut self,
        snapshot: &Snapshot,
        now: Moment,
        ask: impl FnOnce(&mut dyn Widget, &View<'_>) -> Outcome,
    ) -> Outcome {
        let (screen, only) = match &mut self.opened {
            Some((source, screen)) => (screen, Some(&*source)),
            None => (&mut self.main, None),
        };
        let focus = screen.keys;
        let Some(tile) = screen.tiles.get(focus) else { return Outcome::Ignored };
        let broken = broke(&tile.item);
        let asked =
            screen.ask(focus, &self.parts, FrameContext { snapshot, only, now }, |widget, view| {
                catch_unwind(AssertUnwindSafe(|| ask(widget, view)))
            });
        asked.unwrap_or(Ok(Outcome::Ignored)).unwrap_or(Outcome::Act(Action::Say(broken)))
    }

    pub(super) fn act(&mut self, outcome: Outcome, now: Moment) -> Effect {
        match outcome {
            Outcome::Ignored => Effect::None,
            Outcome::Redraw => Effect::Draw,
            Outcome::Act(
                Action::Acknowledge(_)
                | Action::AcknowledgeAlert { .. }
                | Action::Watch(_)
                | Action::Signal(_)
                | Action::Renice(..),
            ) if self.past.is_frozen() => {
                self.refuse_in_the_past(now);
                Effect::Draw
            }
            Outcome::Act(Action::Acknowledge(source)) => self.ask_until(AckTarget::Host(source)),
            Outcome::Act(Action::AcknowledgeAlert { rule, source, device }) => {
                self.ask_until(AckTarget::Alert { rule, source, device })
            }
            Outcome::Act(Action::Watch(process)) => Effect::Watch(process),
            Outcome::Act(Action::Say(text)) => {
                self.say(text, now);
                Effect::Draw
            }
            Outcome::Act(Action::Signal(processes)) => {
                match self.parts.why_no_signal(&processes) {
                    Some(why) => self.say(why, now),
                    None => self.overlay = Some(Overlay::Signal(SignalBox::new(processes))),
                }
                Effect::Draw
            }
            Outcome::Act(Action::Renice(processes, by)) => {
                if processes.iter().any(|process| process.source != Source::Local) {
                    self.say("only processes of this machine can get another niceness", now);
                } else if !processes.is_empty() {
                    self.overlay = Some(Overlay::Niceness(NicenessBox::new(processes, by)));
                }
                Effect::Draw
            }
            Outcome::Act(Action::SetOption(option, value)) => self.set_option(option, value),
            Outcome::Act(Action::Compare(hosts)) => {
                self.compare(&hosts, now);
                Effect::Draw
            }
            Outcome::Act(Action::Open(source)) => {
                match Screen::build(&self.parts, self.parts.choice.layout(Size::One).clone(), None)
                {
                    Ok(mut screen) => {
                        screen.arrangement = Arrangement::One;
                        self.remember_opened(&source);
                        self.opened = Some((source, screen));
                    }
                    Err(problem) => self.say(problem, now),
                }
                Effect::Draw
            }
        }
    }

    fn zoom(&mut self, column: Duration) {
        if (COLUMN[0]..=COLUMN[1]).contains(&column) {
            self.parts.settings.column = column;
        }
    }
}
