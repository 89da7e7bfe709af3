//! Keys and commands: from a key press through the table of bindings to what it does.

use super::{
    super::{acknowledge::AckList, bindings::HOOK},
    *,
};

impl Dashboard {
    /// Takes a key: what is open comes first, then a text that is typed, then the table of keys.
    pub fn on_key(&mut self, key: Key, snapshot: &Snapshot, now: Moment) -> Effect {
        // Esc and a character that arrive together look like Alt with that character
        if let Key::Alt(c) = key
            && !self.parts.bindings.has(key)
        {
            let closed = self.on_key(Key::Esc, snapshot, now);
            let pressed = self.on_key(Key::Char(c), snapshot, now);
            return if pressed == Effect::None { closed } else { pressed };
        }
        let frame = self.past.frame(snapshot, now);
        match &frame {
            // widgets are asked with what they show
            Some((past, at)) => self.key_at(key, past, *at),
            None => self.key_at(key, snapshot, now),
        }
    }

    fn key_at(&mut self, key: Key, snapshot: &Snapshot, now: Moment) -> Effect {
        if self.edited().is_some() {
            return self.editor_key(key, snapshot, now);
        }
        if let Some(overlay) = &mut self.overlay {
            if let Key::Ctrl('c') = key {
                self.overlay = None;
                return Effect::Draw;
            }
            match overlay.on_key(key, &self.journal, &self.acknowledged) {
                After::Effect(effect) => {
                    self.overlay = None;
                    return effect;
                }
                After::Ignored => return Effect::None,
                After::Stays => {}
                After::Does(choice) => {
                    self.overlay = None;
                    // the box is gone, whatever comes of it
                    return match self.choose(choice, snapshot, now) {
                        Effect::None => Effect::Draw,
                        effect => effect,
                    };
                }
                After::Changes(change) => return Effect::Option(change),
                After::Closes => self.overlay = None,
                After::GoesTo(time) => {
                    self.overlay = None;
                    self.go_to_time(time, snapshot, now);
                }
                After::Says(text) => {
                    self.overlay = None;
                    self.say(text, now);
                }
            }
            return Effect::Draw;
        }
        let screen = self.screen();
        let Some(pane) = screen.tiles.get(screen.keys) else { return Effect::None };
        if pane.widget.is_typing() {
            // ^c cancels what is typed
            let key = if key == Key::Ctrl('c') { Key::Esc } else { key };
            let outcome = self.ask_focused(snapshot, now, |widget, view| widget.on_key(key, view));
            return self.act(outcome, now);
        }
        let (word, is_list) = (pane.item.widget.name(), pane.item.widget.is_list());
        let mut keys: Vec<Key> = self.pending.take().into_iter().collect();
        keys.push(key);
        let mut resolved = self.parts.bindings.resolve(&keys, word, is_list);
        if resolved == Resolved::Unbound && keys.len() > 1 {
            resolved = self.parts.bindings.resolve(&[key], word, is_list);
        }
        match resolved {
            Resolved::Unbound => Effect::None,
            Resolved::Pending => {
                self.pending = Some(key);
                Effect::None
            }
            Resolved::Command(scope, command, nth) => {
                self.perform(scope, command.name(), nth, snapshot, now)
            }
        }
    }

    /// Does a command of the table of keys; `nth` is which of its keys it was.
    pub(in crate::tui) fn perform(
        &mut self,
        scope: Scope,
        name: &str,
        nth: usize,
        snapshot: &Snapshot,
        now: Moment,
    ) -> Effect {
        if let Some(hook) = name.strip_prefix(HOOK) {
            return self.start_hook(hook, snapshot, now);
        }
        let outcome = match scope {
            Scope::Widget(_) => {
                let ask = |widget: &mut dyn Widget, view: &View<'_>| widget.on_command(name, view);
                self.ask_focused(snapshot, now, ask)
            }
            Scope::Lists => {
                let Some(to) = movement(name) else { return Effect::None };
                self.ask_focused(snapshot, now, |widget, view| widget.on_move(to, view))
            }
            Scope::Everywhere => return self.command(name, nth, snapshot, now),
            Scope::Editor => return Effect::None,
        };
        self.act(outcome, now)
    }

    /// Opens the next host, or the one before, in the order of the list that it was opened from; without
    /// a list, in the order of the config. The cursor of the list goes along.
    fn open_next(&mut self, forward: bool, snapshot: &Snapshot, now: Moment) -> Effect {
        let Some((open, screen)) = &mut self.opened else { return Effect::None };
        let seen = FrameContext { snapshot, only: None, now };
        let next = match self.main.select(&self.parts, seen) {
            Some((tile, _)) => {
                let to = if forward { Move::Down } else { Move::Up };
                self.main.ask(tile, &self.parts, seen, |widget, view| {
                    widget.on_move(to, view);
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
        if let Some(opened) = self.opened.as_ref().map(|(source, _)| source.clone()) {
            self.remember_opened(&opened);
        }
        Effect::Draw
    }

    /// Does a command of the dashboard's own; `nth` is which of its keys it was.
    fn command(&mut self, name: &str, nth: usize, snapshot: &Snapshot, now: Moment) -> Effect {
        match name {
            "quit" => return Effect::Quit,
            "suspend" => return Effect::Suspend,
            "redraw" => return Effect::Clear,
            "reload" => return Effect::Reload,
            "picture" => return Effect::Picture,
            "help" => self.overlay = Some(Overlay::help()),
            "palette" => self.overlay = Some(Overlay::Palette(self.palette(snapshot))),
            "options" => self.open_options(),
            "add_host" => self.open_add_host(),
            "log" => {
                self.journal.unseen = 0;
                self.overlay = Some(Overlay::Log { back: 0 });
            }
            "acknowledged" => self.overlay = Some(Overlay::Acknowledged(AckList::default())),
            "explore" => self.explore(snapshot, now),
            "time_shorter" => self.zoom(self.parts.settings.column / 2),
            "time_longer" => self.zoom(self.parts.settings.column * 2),
            "bits" => {
                self.parts.settings.bits = !self.parts.settings.bits;
                let unit = if self.parts.settings.bits { "bits" } else { "bytes" };
                self.say(format!("network rates in {unit} a second"), now);
            }
            "freeze" | "sample_back" | "sample_on" | "minute_back" | "minute_on" | "mark_back"
            | "mark_on" | "play" | "go_to_time" => self.time_command(name, snapshot, now),
            "next_box" => self.screen().focus_next(),
            "box" => {
                let screen = self.screen();
                match screen.box_of(nth + 1) {
                    Some(at) if at == screen.focus => screen.toggle_enlarged(),
                    Some(at) => {
                        screen.set_focus(at);
                        screen.enlarged = screen.enlarged.map(|_| at);
                    }
                    None => return Effect::None,
                }
            }
            "enlarge" => self.screen().toggle_enlarged(),
            "all_boxes" => self.screen().enlarged = None,
            "layout_next" | "layout_previous" => {
                return self.change_layout(name == "layout_next", now);
            }
            "layout_edit" => self.open_editor(snapshot, now),
            "interval_longer" => return self.change_interval(self.parts.interval * 2, now),
            "interval_shorter" => return self.change_interval(self.parts.interval / 2, now),
            "host_previous" | "host_next" if self.opened.is_some() => {
                return self.open_next(name == "host_next", snapshot, now);
            }
            "close" => return self.close(snapshot, now),
            _ => return Effect::None,
        }
        Effect::Draw
    }

    /// Esc, with nothing open over the boxes: clears the filter, else shows all boxes, else leaves the host.
    fn close(&mut self, snapshot: &Snapshot, now: Moment) -> Effect {
        let outcome = self.ask_focused(snapshot, now, |widget, view| widget.on_escape(view));
        if outcome != Outcome::Ignored {
            return self.act(outcome, now);
        }
        let screen = self.screen();
        if screen.enlarged.take().is_none()
            && self.opened.take().is_none()
            && !self.stop_comparing()
        {
            return Effect::None;
        }
        Effect::Draw
    }
}
