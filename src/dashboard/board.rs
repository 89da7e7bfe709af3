//! The dashboard without a terminal: which widgets stand where, what they see, what becomes of a key.

mod anew;

use super::{
    frame::Frame,
    journal::Journal,
    overlay::{After, Overlay},
    parts::Parts,
    screen::{Screen, Seen, Tile, broke},
    status,
};
use crate::layouts::Size;
use manytop_core::{
    clock::Moment,
    engine::Demand,
    provider::Want,
    ratatui_core::{buffer::Buffer, layout::Rect},
    source::Source,
    store::Selects,
    view::{Settings, Snapshot, View},
    vocabulary::HOST,
    widget::{Action, Key, Mouse, Outcome, Wants, Widget},
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
    time::Duration,
};

/// How long the status bar shows what there is to say.
const SAID: Duration = Duration::from_secs(10);
/// What a column of a graph stands for at the least and at the most; `h` and `l` halve and double it.
const COLUMN: [Duration; 2] = [Duration::from_millis(125), Duration::from_secs(64)];

/// Below so many columns or rows no box says anything: two figures a source do.
const SMALLEST: (u16, u16) = (10, 3);

/// What the terminal must do after a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Effect {
    /// Nothing looks different.
    None,
    /// Draw.
    Draw,
    /// Write the whole screen anew.
    Clear,
    /// Go to the background.
    Suspend,
    /// Read the config again.
    Reload,
    /// Ask for no more alarm about this source until it recovers, or for it again.
    Acknowledge(Source),
    /// End.
    Quit,
}

/// What is wanted, of the source under the cursor and of the one that was opened.
pub type Wanted = (Vec<Wants>, [Option<Source>; 2]);

/// The dashboard.
pub struct Board {
    parts: Parts,
    /// The settings as they were given; a person has changed some since.
    given: Settings,
    size: Size,
    /// How many sources there were in the last picture.
    sources: usize,
    main: Screen,
    opened: Option<(Source, Screen)>,
    overlay: Option<Overlay>,
    said: Option<(String, Moment)>,
    /// What happened.
    pub journal: Journal,
}

impl Board {
    /// A board for the sources of a picture.
    pub fn new(parts: Parts, snapshot: &Snapshot) -> Result<Board, String> {
        let sources = snapshot.sources.len();
        let size = parts.choice.size(sources);
        let layout = parts.choice.layout(size).clone();
        let main = Screen::build(&parts, layout, None)?;
        let overlay = parts.help.then_some(Overlay::Help { scroll: 0 });
        let journal = Journal::default();
        let given = parts.settings.clone();
        Ok(Board { parts, given, size, sources, main, opened: None, overlay, said: None, journal })
    }

    /// What it needs collected.
    pub fn demands(&self) -> Vec<Demand> {
        let status = Wants { want: Want::kinds(&[HOST]), history: Vec::new() };
        let local = |s: &Source, _: &[String]| *s == Source::Local;
        let demand =
            |selects: Selects, wants, closely| Demand { selects, wants, scheduled: true, closely };
        let mut demands = vec![demand(Arc::new(local), status, false)];
        let shows_any = |tile: &&Tile| self.main.selected.is_some() || !tile.item.only_follows();
        demands.extend(self.main.tiles.iter().filter(shows_any).map(|tile| {
            let (item, selected) = (tile.item.clone(), self.main.selected.clone());
            let selected = selected.filter(|_| item.follows());
            let selects = move |s: &Source, tags: &[String]| {
                item.shows(s, tags) || selected.as_ref() == Some(s)
            };
            demand(Arc::new(selects), tile.widget.wants(), false)
        }));
        if let Some((source, screen)) = &self.opened {
            demands.extend(screen.tiles.iter().map(|tile| {
                let only = source.clone();
                let selects = move |s: &Source, _: &[String]| *s == only;
                demand(Arc::new(selects), tile.widget.wants(), true)
            }));
        }
        demands
    }

    /// What its widgets want, and of which sources where that is not the layout's to say, to be compared
    /// with what they wanted before: it changes with their size and with what a person does.
    pub fn wants(&self) -> Wanted {
        let opened = self.opened.iter().flat_map(|(_, screen)| &screen.tiles);
        let tiles = self.main.tiles.iter().chain(opened);
        let sources = [self.main.selected.clone(), self.opened.as_ref().map(|(s, _)| s.clone())];
        (tiles.map(|tile| tile.widget.wants()).collect(), sources)
    }

    /// Tells the person something.
    pub fn say(&mut self, text: impl Into<String>, now: Moment) {
        self.said = Some((text.into(), now));
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
        if size == self.size {
            return;
        }
        self.size = size;
        let layout = self.parts.choice.layout(size).clone();
        match Screen::build(&self.parts, layout, Some(&mut self.main)) {
            Ok(screen) => self.main = screen,
            Err(problem) => self.say(problem, now),
        }
    }

    /// How many sources the widgets looked at in the last frame.
    #[cfg(test)]
    pub fn looked(&self) -> usize {
        self.main.looked
    }

    /// Draws a frame.
    pub fn draw(&mut self, snapshot: &Snapshot, now: Moment, area: Rect, buffer: &mut Buffer) {
        buffer.set_style(area, self.parts.theme.plain());
        let mut inside = area;
        if self.parts.statusbar && area.height >= 6 {
            let bar = Rect { height: 1, ..area };
            inside = Rect { y: area.y + 1, height: area.height - 1, ..area };
            let said = self.said.as_ref().filter(|(_, at)| now.since(*at) < SAID);
            let opened = self.opened.as_ref().map(|(source, _)| source);
            let shown = status::Status {
                said: said.map(|(text, _)| text.as_str()),
                opened,
                layout: &self.parts.choice.name,
                interval: self.parts.interval,
                warnings: self.journal.unseen,
            };
            status::draw(&shown, snapshot, now, &self.parts, bar, buffer);
        }
        if area.width < SMALLEST.0 || area.height < SMALLEST.1 {
            return status::tiny(snapshot, now, &self.parts, area, buffer);
        }
        let parts = &self.parts;
        let (screen, only) = match &mut self.opened {
            Some((source, screen)) => (screen, Some(&*source)),
            None => (&mut self.main, None),
        };
        screen.draw(parts, Seen { snapshot, only, now }, inside, buffer);
        if let Some(overlay) = &self.overlay {
            overlay.draw(parts, &screen.words(), &self.journal, area, buffer);
        }
    }

    /// Takes a key.
    pub fn on_key(&mut self, key: Key, snapshot: &Snapshot, now: Moment) -> Effect {
        match key {
            Key::Ctrl('c') => return Effect::Quit,
            Key::Ctrl('z') => return Effect::Suspend,
            Key::Ctrl('l') => return Effect::Clear,
            Key::Ctrl('r') => return Effect::Reload,
            _ => {}
        }
        if let Some(overlay) = &mut self.overlay {
            match overlay.on_key(key, &self.journal) {
                After::Ignored => return Effect::None,
                After::Stays => {}
                After::Closes => self.overlay = None,
                After::Says(text) => {
                    self.overlay = None;
                    self.say(text, now);
                }
            }
            return Effect::Draw;
        }
        let outcome = self.ask_focused(snapshot, now, |widget, view| widget.on_key(key, view));
        match (outcome, key) {
            (Outcome::Ignored, Key::Char('[' | ']')) if self.opened.is_some() => {
                self.open_next(key == Key::Char(']'), snapshot, now)
            }
            (Outcome::Ignored, _) => self.own_key(key, now),
            (other, _) => self.act(other, now),
        }
    }

    /// Opens the next host, or the one before, in the order of the list that it was opened from; without
    /// a list, in the order of the config. The cursor of the list goes along.
    fn open_next(&mut self, forward: bool, snapshot: &Snapshot, now: Moment) -> Effect {
        let Some((open, screen)) = &mut self.opened else { return Effect::None };
        let seen = Seen { snapshot, only: None, now };
        let next = match self.main.select(&self.parts, seen) {
            Some((tile, _)) => {
                let key = if forward { Key::Down } else { Key::Up };
                self.main.ask(tile, &self.parts, seen, |widget, view| {
                    widget.on_key(key, view);
                    widget.selected(view)
                })
            }
            None => {
                let at = snapshot.sources.iter().position(|s| s.source == *open).unwrap_or(0);
                let to = if forward { at + 1 } else { at.wrapping_sub(1) };
                Some(snapshot.sources.get(to).map(|s| s.source.clone()))
            }
        };
        if let Some(next) = next.flatten() {
            *open = next;
            screen.focus = screen.focus.min(screen.tiles.len().saturating_sub(1));
        }
        Effect::Draw
    }

    /// Takes a click or the wheel, in columns and rows of the screen.
    pub fn on_mouse(
        &mut self,
        (x, y): (u16, u16),
        wheel: Option<bool>,
        snapshot: &Snapshot,
        now: Moment,
    ) -> Effect {
        if self.overlay.is_some() {
            return Effect::None;
        }
        let screen = self.screen();
        let hit = screen.tiles.iter().position(|t| t.area.contains((x, y).into()));
        let Some(hit) = hit else { return Effect::None };
        let inside = Frame::inside(screen.tiles[hit].area);
        let mouse = match wheel {
            Some(true) => Mouse::ScrollDown,
            Some(false) => Mouse::ScrollUp,
            None if inside.contains((x, y).into()) => {
                screen.focus = hit;
                Mouse::Click { column: x - inside.x, row: y - inside.y }
            }
            None => {
                screen.focus = hit;
                return Effect::Draw;
            }
        };
        let before = std::mem::replace(&mut screen.focus, hit);
        let outcome = self.ask_focused(snapshot, now, |widget, view| widget.on_mouse(mouse, view));
        if wheel.is_some() {
            self.screen().focus = before;
        }
        match outcome {
            Outcome::Ignored => Effect::Draw,
            other => self.act(other, now),
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
        let focus = screen.focus;
        let Some(tile) = screen.tiles.get(focus) else { return Outcome::Ignored };
        let broken = broke(&tile.item);
        let asked = screen.ask(focus, &self.parts, Seen { snapshot, only, now }, |widget, view| {
            catch_unwind(AssertUnwindSafe(|| ask(widget, view)))
        });
        asked.unwrap_or(Ok(Outcome::Ignored)).unwrap_or(Outcome::Act(Action::Say(broken)))
    }

    fn own_key(&mut self, key: Key, now: Moment) -> Effect {
        match key {
            Key::Char('q') => return Effect::Quit,
            Key::Char('?') => self.overlay = Some(Overlay::Help { scroll: 0 }),
            Key::Char('L') => {
                self.journal.unseen = 0;
                self.overlay = Some(Overlay::Log { back: 0 });
            }
            Key::Char('h') => self.zoom(self.parts.settings.column / 2),
            Key::Char('l') => self.zoom(self.parts.settings.column * 2),
            Key::Char('b') => {
                self.parts.settings.bits = !self.parts.settings.bits;
                let unit = if self.parts.settings.bits { "bits" } else { "bytes" };
                self.say(format!("network rates in {unit} a second"), now);
            }
            Key::BackTab => self.screen().focus_next(),
            Key::Esc if self.opened.is_some() => {
                self.opened = None;
            }
            _ => return Effect::None,
        }
        Effect::Draw
    }

    fn act(&mut self, outcome: Outcome, now: Moment) -> Effect {
        match outcome {
            Outcome::Ignored => Effect::None,
            Outcome::Redraw => Effect::Draw,
            Outcome::Act(Action::Acknowledge(source)) => Effect::Acknowledge(source),
            Outcome::Act(Action::Say(text)) => {
                self.say(text, now);
                Effect::Draw
            }
            Outcome::Act(Action::Signal(signal, processes)) => {
                if !processes.is_empty() {
                    self.overlay = Some(Overlay::Ask(signal, processes));
                }
                Effect::Draw
            }
            Outcome::Act(Action::Open(source)) => {
                match Screen::build(&self.parts, self.parts.choice.layout(Size::One).clone(), None)
                {
                    Ok(screen) => self.opened = Some((source, screen)),
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
