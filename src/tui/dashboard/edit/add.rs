//! Boxes that are added in the layout editor: which widget, of which hosts, and where it has room.

use super::*;
use crate::tui::palette::{Palette, PaletteEntry, PaletteKeyOutcome};
use manytop_core::{
    layout::{Beside, From},
    widget::Plugin,
};

impl Dashboard {
    /// Every widget that can be added.
    pub(super) fn widgets_to_add(&self) -> Palette<&'static Plugin> {
        let entry = |plugin: &&'static Plugin| PaletteEntry {
            text: format!("{}: {}", plugin.name(), plugin.about()),
            now: String::new(),
            key: String::new(),
            choice: *plugin,
        };
        Palette::new("add a box", self.parts.registry.widgets().iter().map(entry).collect())
    }

    /// The hosts that a box can show: all, the one under a cursor, those of a tag, or one.
    pub(super) fn sources_to_add(
        &self,
        plugin: &'static Plugin,
        snapshot: &Snapshot,
    ) -> Palette<Vec<From>> {
        let entry = |text: String, from: Vec<From>| PaletteEntry {
            text,
            now: String::new(),
            key: String::new(),
            choice: from,
        };
        let mut all = vec![entry("all hosts".into(), Vec::new())];
        let has_list = self.main.tiles.iter().any(|tile| tile.item.widget.name() == "hosts");
        if has_list && plugin.name() != "hosts" {
            all.push(entry("@>: the host under the cursor of the list".into(), vec![From::Cursor]));
        }
        let mut tags: Vec<&String> = snapshot.sources.iter().flat_map(|s| s.tags.iter()).collect();
        tags.sort();
        tags.dedup();
        all.extend(tags.into_iter().map(|tag| {
            entry(format!("@#{tag}: hosts with this tag"), vec![From::Tag(tag.clone())])
        }));
        all.extend(snapshot.sources.iter().map(|one| {
            let name = one.source.name();
            entry(format!("@{name}"), vec![From::named(name)])
        }));
        Palette::new(plugin.name(), all)
    }

    /// A key of the list or the line that is open over the editor.
    pub(super) fn asked(
        &mut self,
        mut ask: EditorPrompt,
        key: Key,
        snapshot: &Snapshot,
        now: Moment,
    ) -> Effect {
        if key == Key::Ctrl('c') || (key == Key::Esc && matches!(ask, EditorPrompt::Name(_))) {
            return Effect::Draw;
        }
        match &mut ask {
            EditorPrompt::Name(name) if key == Key::Enter => {
                let name = name.text().trim().to_owned();
                return self.save_as(&name, now);
            }
            EditorPrompt::Name(name) => _ = name.on_key(key),
            // any key closes it
            EditorPrompt::Help => return Effect::Draw,
            EditorPrompt::Widget(palette) => match palette.on_key(key) {
                PaletteKeyOutcome::Closes => return Effect::Draw,
                PaletteKeyOutcome::Chosen(plugin) if snapshot.sources.len() > 1 => {
                    ask = EditorPrompt::From(plugin, self.sources_to_add(plugin, snapshot));
                }
                PaletteKeyOutcome::Chosen(plugin) => {
                    self.add_box(plugin, Vec::new(), snapshot, now);
                    return Effect::Draw;
                }
                PaletteKeyOutcome::Ignored | PaletteKeyOutcome::Stays => {}
            },
            EditorPrompt::From(plugin, palette) => match palette.on_key(key) {
                PaletteKeyOutcome::Closes => return Effect::Draw,
                PaletteKeyOutcome::Chosen(from) => {
                    let plugin = *plugin;
                    self.add_box(plugin, from, snapshot, now);
                    return Effect::Draw;
                }
                PaletteKeyOutcome::Ignored | PaletteKeyOutcome::Stays => {}
            },
        }
        if let Some(editor) = self.editor() {
            editor.asks = Some(ask);
        }
        Effect::Draw
    }

    /// Adds a box where it has room: below the selected one, else beside it, else in a row of its own.
    pub(super) fn add_box(
        &mut self,
        plugin: &'static Plugin,
        from: Vec<From>,
        snapshot: &Snapshot,
        now: Moment,
    ) {
        let places = self.places();
        let Some(editor) = self.editor() else { return };
        let old = editor.edit.clone();
        let is_there = |item: &Item| item.widget.name() == plugin.name() && item.from == from;
        let items = old.layout().items().to_vec();
        if let Some(at) = items.iter().position(is_there) {
            let is_drawn = places.iter().any(|(n, _)| *n == at);
            let when = if is_drawn { "" } else { ": it has no room or nothing to show" };
            editor.said = Some(format!("{} is there already{when}", plugin.name()));
            return;
        }
        let item = Item { widget: plugin, from, span: 1, weight: 1, weighted: false };
        let ways = [Beside::Below, Beside::Right, Beside::Last];
        for (n, beside) in ways.into_iter().enumerate() {
            let mut edit = old.clone();
            edit.measure(&places);
            edit.add(item.clone(), beside);
            self.show_edit(&edit, snapshot, now);
            let shown = self.places();
            let is_drawn = shown.iter().any(|(n, _)| *n == edit.selected());
            if (is_drawn && shown.len() > places.len()) || n + 1 == ways.len() {
                if !is_drawn {
                    edit.select(old.selected());
                }
                self.take_edit(Ok(()), edit, snapshot, now);
                if let Some(editor) = self.editor().filter(|_| !is_drawn) {
                    let when = "it is drawn where there is room and something to show";
                    editor.said = Some(format!("{} added; {when}", plugin.name()));
                }
                break;
            }
        }
        self.mark_selected();
    }
}
