//! The dashboard in the past: the keys of time, clicks on graphs, the time bar.

use super::{demands::OPENED, *};
use crate::tui::past::{NOTHING_KEPT, bar, prompt::TimePrompt};
use chrono::Local;
use manytop_core::{past::Mark, theme::Theme};

impl Dashboard {
    /// A host was opened: its graphs are kept from now on.
    pub(super) fn remember_opened(&mut self, source: &Source) {
        self.opened_last.retain(|known| known != source);
        self.opened_last.insert(0, source.clone());
        self.opened_last.truncate(OPENED);
    }

    /// Tells the past which host is shown: its engine has instants that memory has not.
    pub(super) fn follow(&mut self, live: &Snapshot) {
        let shown = self.opened.as_ref().map(|(source, _)| source);
        let shown = shown.or(self.main.selected.as_ref()).and_then(|source| live.find(source));
        self.past.follow(shown);
    }

    /// Draws the instant: the time bar, and all boxes in the colours of the past.
    pub(super) fn draw_past(
        &mut self,
        live: &Snapshot,
        past: &Snapshot,
        at: Moment,
        area: Rect,
        buffer: &mut Buffer,
    ) {
        let has_rows = self.parts.statusbar && area.height >= 6;
        let rows = if has_rows { bar::rows(area.height) } else { 1 };
        let clock = self.past.wall(at).map(|wall| wall.format("%H:%M:%S").to_string());
        let theme = self.parts.theme.clone();
        let in_past = if theme.is_mono() {
            theme.clone()
        } else {
            Theme { line: theme.past_line, focus: theme.past, ..theme.clone() }
        };
        self.parts.theme = in_past;
        self.screen().instant = clock;
        self.draw_at(past, at, rows, area, buffer);
        self.screen().instant = None;
        self.parts.theme = theme;
        let place = Rect { height: rows.min(area.height), ..area };
        let opened = self.opened.as_ref().map(|(source, _)| source);
        let header = Header { opened, interval: self.parts.interval, unseen: 0 };
        let facts = header::facts(&header, past, at, &self.parts, area.width);
        if let Some(bar) = self.past.bar(live, opened, bar::axis(place)) {
            bar.draw(&facts, &self.parts.bindings, &self.parts.theme, place, buffer);
        }
    }

    /// Says why a key does nothing in the past.
    pub(super) fn refuse_in_the_past(&mut self, now: Moment) {
        if self.past.is_replay() {
            return self.say("this is a recording: nothing can be done here", now);
        }
        let scope = Scope::Everywhere;
        let key = self.parts.bindings.first_key(scope, "freeze").unwrap_or_else(|| "freeze".into());
        self.say(
            format!("this is the past: nothing can be done here; {key} goes back to now"),
            now,
        );
    }

    /// One of the keys of time. `snapshot` is what is on the screen.
    pub(super) fn time_command(&mut self, name: &str, snapshot: &Snapshot, now: Moment) {
        let was_frozen = self.past.is_frozen();
        match name {
            "freeze" if was_frozen => return self.past.thaw(),
            "go_to_time" => {
                let prompt = TimePrompt::new(self.past.end_of_replay());
                return self.overlay = Some(Overlay::Time(prompt));
            }
            "sample_on" | "minute_on" | "mark_on" | "play" if !was_frozen => {
                return self.say("this is now; , and < go back", now);
            }
            _ => {}
        }
        if self.parts.history.is_none() || !self.past.freeze(snapshot, now) {
            self.past.thaw();
            return self.say(NOTHING_KEPT, now);
        }
        match name {
            "sample_back" | "sample_on" => {
                let forward = name == "sample_on";
                if !self.past.step(forward) {
                    self.say_end(forward, now);
                }
            }
            "minute_back" | "minute_on" => {
                let forward = name == "minute_on";
                if !self.past.minute(forward) {
                    self.say_end(forward, now);
                }
            }
            "mark_back" | "mark_on" => match self.go_to_mark(name == "mark_on") {
                Some(mark) => {
                    let of = mark.source.map(|s| format!("{s}: ")).unwrap_or_default();
                    self.say(format!("{of}{}", mark.what), now);
                }
                None if name == "mark_on" => self.say("nothing happened after this", now),
                None => self.say("nothing happened before this", now),
            },
            "play" => _ = self.past.play(),
            _ => {}
        }
    }

    /// Goes to the mark before or after: of the host that is opened, else of all.
    fn go_to_mark(&mut self, forward: bool) -> Option<Mark> {
        let only = self.opened.as_ref().map(|(source, _)| source);
        self.past.mark(forward, only)
    }

    fn say_end(&mut self, forward: bool, now: Moment) {
        match forward {
            true if self.past.is_replay() => self.say("this is the last sample", now),
            true => self.say("this is the last sample; f goes back to now", now),
            false => self.say("nothing older is kept", now),
        }
    }

    /// Shows a time that a person typed.
    pub(super) fn go_to_time(&mut self, time: DateTime<Utc>, snapshot: &Snapshot, now: Moment) {
        let was_frozen = self.past.is_frozen();
        if self.parts.history.is_none() || !self.past.freeze(snapshot, now) {
            if !self.go_to_recorded(time, now) {
                self.say(NOTHING_KEPT, now);
            }
            return;
        }
        // a recording has the whole screen, an engine one host
        let at = self.past.moment(time);
        let is_kept = at.is_some_and(|at| self.past.is_kept(at));
        if !is_kept && self.go_to_recorded(time, now) || at.is_some_and(|at| self.past.go(at)) {
            return;
        }
        let first = self.past.first().map(|first| first.format("%H:%M:%S").to_string());
        let wanted = time.with_timezone(&Local).format("%a %-d %b %H:%M:%S");
        if !was_frozen {
            self.past.thaw();
        }
        let first = first.unwrap_or_default();
        self.say(format!("nothing is kept of {wanted}; memory begins at {first}"), now);
    }

    /// Shows a time out of a recording, where one has it.
    fn go_to_recorded(&mut self, time: DateTime<Utc>, now: Moment) -> bool {
        let found = self.archive.as_mut().and_then(|archive| archive(time));
        let Some((store, at)) = found else { return false };
        self.past.open(store, at, now);
        true
    }

    /// Goes to the moment of a click on the time bar or on a graph with a time axis. Returns whether it
    /// was one.
    pub(super) fn go_to_click(
        &mut self,
        (x, y): (u16, u16),
        snapshot: &Snapshot,
        now: Moment,
    ) -> bool {
        self.grabbed = None;
        if let Some(at) = self.past.moment_at((x, y)) {
            self.past.go(at);
            return true;
        }
        let shown = self.past.frame(snapshot, now).map_or(now, |(_, at)| at);
        let Some(graph) = self.graph_at((x, y), shown) else { return false };
        if self.parts.history.is_none() || !self.past.freeze(snapshot, now) {
            return false;
        }
        if !self.past.go(graph.moment(x)) {
            self.say("nothing is kept of that time", now);
        }
        self.grabbed = Some(graph);
        true
    }

    /// The graph at a place, of which the right end is `shown`; `None` beside graphs, and in their newest
    /// column.
    fn graph_at(&mut self, (x, y): (u16, u16), shown: Moment) -> Option<GrabbedGraph> {
        let tiles = &self.screen().tiles;
        let tile = tiles.iter().find(|tile| tile.area.contains((x, y).into()))?;
        let axis = tile.axis?;
        let inside = tile.inside();
        // the border's axis may be clicked as well
        let first = inside.x + axis.x;
        let last = (first + axis.width).checked_sub(1)?;
        if !(first..last).contains(&x) || y < inside.y {
            return None;
        }
        Some(GrabbedGraph { columns: (first, last), column: axis.column, shown })
    }

    /// The mouse was moved with its button held: the instant goes along on the time bar, and on the graph
    /// on which the button was pressed.
    pub fn on_drag(&mut self, (x, y): (u16, u16)) -> Effect {
        let at = match &self.grabbed {
            Some(graph) => Some(graph.moment(x)),
            None => self.past.moment_at((x, y)),
        };
        match at {
            Some(at) if self.overlay.is_none() && self.past.go(at) => Effect::Draw,
            _ => Effect::None,
        }
    }
}

/// A graph on which the mouse button was pressed, with the time that it showed then: it does not move under
/// the mouse, although what is drawn does.
pub(super) struct GrabbedGraph {
    /// Its first and its last column.
    columns: (u16, u16),
    /// The time of a column.
    column: Duration,
    /// The moment of its last column.
    shown: Moment,
}

impl GrabbedGraph {
    /// The moment of a column of the screen; beside the graph, that of its nearest one.
    fn moment(&self, x: u16) -> Moment {
        let (first, last) = self.columns;
        self.shown.before(self.column * u32::from(last - x.clamp(first, last)))
    }
}
