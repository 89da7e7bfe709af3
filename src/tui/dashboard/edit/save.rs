//! What becomes of an edited layout: it is saved into a file, or forgotten.

use super::*;
use manytop_core::config::{globals, shown};
use std::path::Path;

impl Dashboard {
    /// Goes back to the layout of before.
    pub(super) fn discard(&mut self) {
        self.overlay = None;
        self.rebuild_main();
    }

    /// Builds the layout in force.
    pub(super) fn rebuild_main(&mut self) {
        let layout = self.parts.choice.layout(self.size).clone();
        let (area, selected) = (self.main.area, self.main.selected.take());
        if let Ok(screen) = Screen::build(&self.parts, layout, Some(&mut self.main)) {
            self.main = screen;
            (self.main.area, self.main.selected) = (area, selected);
            self.main.arrangement = Arrangement::of(self.size);
        }
    }

    /// Saves into the user's own file, or asks for the name of one.
    pub(super) fn save_layout(&mut self, now: Moment) -> Effect {
        let name = self.parts.choice.name.clone();
        let free = layouts::free_name(&name, &self.parts.folders);
        let Some(editor) = self.editor() else { return Effect::None };
        match editor.file.clone() {
            _ if !editor.is_changed() => {
                self.discard();
                self.say("the layout is as it was: nothing saved", now);
            }
            Some(path) => return self.write_layout(&path, &name, true, now),
            None => editor.ask_name(&free),
        }
        Effect::Draw
    }

    pub(super) fn save_as(&mut self, name: &str, now: Moment) -> Effect {
        match layouts::new_file(name, &self.parts.folders) {
            Ok(path) => self.write_layout(&path, name, false, now),
            Err(problem) => {
                self.refuse_name(name, problem);
                Effect::Draw
            }
        }
    }

    pub(super) fn refuse_name(&mut self, name: &str, problem: String) {
        if let Some(editor) = self.editor() {
            editor.ask_name(name);
            editor.said = Some(problem);
        }
    }

    pub(super) fn write_layout(
        &mut self,
        path: &Path,
        name: &str,
        is_own: bool,
        now: Moment,
    ) -> Effect {
        let Some(edit) = self.edited() else { return Effect::None };
        let text = edit.text(&self.parts.registry);
        if let Err(problem) = layouts::write(path, &text, is_own) {
            match is_own {
                // another file may be possible
                true => {
                    let name = layouts::free_name(name, &self.parts.folders);
                    self.refuse_name(&name, problem);
                }
                false => self.refuse_name(name, problem),
            }
            return Effect::Draw;
        }
        self.overlay = None;
        self.show_layout(name, now);
        let told = format!("saved as {}", shown(path));
        self.journal.tell(&told);
        self.say(told, now);
        let Some(config) = &self.config else { return Effect::Draw };
        if config.globals.get(&globals::LAYOUT) == name {
            return Effect::Draw;
        }
        // a flag would hide what a file says: then the new name holds for this run
        let keep = !config.is_flag("layout");
        Effect::Option(KeyChange { key: "layout".into(), value: Some(name.to_owned()), keep })
    }
}
