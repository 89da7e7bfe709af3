//! What the palette has, and what becomes of an entry that was chosen.

use super::{Dashboard, Effect, INTERVAL, KeyChange};
use crate::config::{layouts, schemes};
use crate::tui::{
    bindings::{Binding, Scope},
    frame::age_of,
    palette::{Palette, PaletteChoice, PaletteEntry},
};
use manytop_core::{
    clock::Moment,
    view::{Snapshot, View},
    widget::{Action, Outcome, Widget},
};
use std::time::Duration;

impl Dashboard {
    pub(super) fn change_interval(&mut self, interval: Duration, now: Moment) -> Effect {
        if !(INTERVAL[0]..=INTERVAL[1]).contains(&interval) {
            return Effect::None;
        }
        self.parts.interval = interval;
        self.say(format!("a frame every {}", age_of(interval)), now);
        Effect::Interval(interval)
    }

    /// Everything that can be done now: what the box with the keys can do comes first.
    pub(super) fn palette(&mut self, snapshot: &Snapshot) -> Palette {
        let screen = self.screen();
        let pane = screen.tiles.get(screen.keys).map(|pane| pane.item.widget);
        let boxes: Vec<&str> =
            screen.digits().iter().map(|at| screen.tiles[*at].item.widget.name()).collect();
        let columns = screen.tiles.get(screen.keys).map(|pane| pane.widget.columns());
        let columns = columns.unwrap_or_default();
        let word = pane.map_or("", |plugin| plugin.name());
        let is_list = pane.is_some_and(|plugin| plugin.is_list());
        let mut entries = Vec::new();
        let own = |scope| matches!(scope, Scope::Widget(own) if own == word);
        let all = self.parts.bindings.all();
        for binding in all.iter().filter(|b| own(b.scope)) {
            entries.push(entry(binding, format!("{word}: {}", binding.command.help())));
        }
        for binding in all.iter().filter(|b| b.scope == Scope::Everywhere) {
            match binding.command.name() {
                "palette" => {}
                "box" => entries.extend(boxes.iter().enumerate().map(|(nth, name)| PaletteEntry {
                    text: format!("box: {name}; again: enlarge it"),
                    now: String::new(),
                    key: binding.keys.get(nth).map(ToString::to_string).unwrap_or_default(),
                    choice: PaletteChoice::Command(Scope::Everywhere, "box", nth),
                })),
                name => {
                    let mut entry = entry(binding, binding.command.help().to_owned());
                    entry.now = self.present(name);
                    entries.push(entry);
                }
            }
        }
        for binding in all.iter().filter(|b| is_list && b.scope == Scope::Lists) {
            entries.push(entry(binding, format!("list: {}", binding.command.help())));
        }
        let plain = |text: String, is_now: bool, choice| PaletteEntry {
            text,
            now: if is_now { "now".into() } else { String::new() },
            key: String::new(),
            choice,
        };
        entries.extend(columns.into_iter().map(|column| {
            let text = format!("column: {}, {}", column.word, column.about);
            let now = if column.shown { "shown" } else { "" };
            let choice = PaletteChoice::Column(column.word);
            PaletteEntry { text, now: now.into(), key: String::new(), choice }
        }));
        let layout = &self.parts.choice.name;
        for name in layouts::all_names(&self.parts.folders) {
            let text = format!("layout: {name}");
            entries.push(plain(text, name == *layout, PaletteChoice::Layout(name)));
        }
        let theme = self.parts.theme.name.as_str();
        let themes = schemes::names().map(|(name, about)| (name.to_owned(), about));
        for (name, about) in themes.chain(schemes::btop_names().into_iter().map(|n| (n, ""))) {
            let comma = if about.is_empty() { "" } else { ", " };
            let text = format!("theme: {name}{comma}{about}");
            entries.push(plain(text, name == theme, PaletteChoice::Theme(name)));
        }
        let intervals = std::iter::successors(Some(INTERVAL[0]), |last| Some(*last * 2));
        for interval in intervals.take_while(|interval| *interval <= INTERVAL[1]) {
            let is_now = interval == self.parts.interval;
            let text = format!("interval: {}", in_words(interval));
            entries.push(plain(text, is_now, PaletteChoice::Interval(interval)));
        }
        if snapshot.sources.len() > 1 {
            let opened = self.opened.as_ref().map(|(source, _)| source);
            for source in snapshot.sources.iter().map(|one| &one.source) {
                let text = format!("host: {}", source.name());
                entries.push(plain(
                    text,
                    Some(source) == opened,
                    PaletteChoice::Host(source.clone()),
                ));
            }
        }
        Palette::new("commands", entries)
    }

    /// How what a command changes is now.
    fn present(&self, command: &str) -> String {
        match command {
            "bits" => if self.parts.settings.bits { "bits" } else { "bytes" }.into(),
            "layout_next" => self.parts.choice.name.clone(),
            "interval_longer" => in_words(self.parts.interval),
            "time_shorter" => format!("{} a column", in_words(self.parts.settings.column)),
            "log" if self.journal.unseen > 0 => format!("{} unread", self.journal.unseen),
            _ => String::new(),
        }
    }

    /// Does what was chosen.
    pub(super) fn choose(
        &mut self,
        choice: PaletteChoice,
        snapshot: &Snapshot,
        now: Moment,
    ) -> Effect {
        match choice {
            PaletteChoice::Command(scope, name, nth) => {
                self.perform(scope, name, nth, snapshot, now)
            }
            PaletteChoice::Layout(name) => self.choose_layout(&name, now),
            PaletteChoice::Column(word) => {
                let turn =
                    |widget: &mut dyn Widget, view: &View<'_>| widget.toggle_column(word, view);
                let outcome = self.ask_focused(snapshot, now, turn);
                self.act(outcome, now)
            }
            PaletteChoice::Theme(name) => {
                self.take_theme(&name, now);
                Effect::Option(KeyChange { key: "theme".into(), value: Some(name), keep: false })
            }
            PaletteChoice::Host(source) => self.act(Outcome::Act(Action::Open(source)), now),
            PaletteChoice::Interval(interval) => self.change_interval(interval, now),
        }
    }

    /// Takes a theme for this run.
    fn take_theme(&mut self, name: &str, now: Moment) {
        let depth = schemes::terminal::depth(schemes::terminal::variable);
        let ground = schemes::terminal::ground(schemes::terminal::variable);
        match schemes::ThemeChoice::load(name, &self.parts.folders, depth, ground) {
            Ok(mut choice) => {
                choice.theme.levels = self.parts.theme.levels;
                (self.parts.theme, self.parts.theme_is_auto) = (choice.theme, choice.is_auto);
                if let Some(background) = self.background {
                    self.on_background(background);
                }
                self.say(format!("theme {name}"), now);
            }
            Err(problem) => self.say(problem, now),
        }
    }
}

fn entry(binding: &Binding, text: String) -> PaletteEntry {
    PaletteEntry {
        text,
        now: String::new(),
        key: binding.keys.first().map(ToString::to_string).unwrap_or_default(),
        choice: PaletteChoice::Command(binding.scope, binding.command.name(), 0),
    }
}

/// `250 ms`, `2s`.
fn in_words(time: Duration) -> String {
    match time.as_millis() {
        ms @ 0..1000 => format!("{ms} ms"),
        _ => age_of(time),
    }
}
