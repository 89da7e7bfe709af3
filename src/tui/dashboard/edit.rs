//! The layout editor on the screen: its keys change the layout, and every change is drawn at once.

mod add;
mod save;

use super::{
    super::editor::{Editor, EditorPrompt},
    *,
};
use crate::config::layouts;
use manytop_core::layout::{Item, LayoutEdit, Resize, Toward};

/// Boxes in their places: numbers of the layout's items, and where they are drawn.
type Places = Vec<(usize, Rect)>;

impl Dashboard {
    /// Opens the editor on the layout in force; one that adapts to the screen is taken as it is drawn now.
    pub(super) fn open_editor(&mut self, snapshot: &Snapshot, now: Moment) {
        if self.opened.is_some() {
            return self.say("leave the host first: its boxes go by the size of the screen", now);
        }
        self.stop_comparing();
        self.main.enlarged = None;
        let seen = FrameContext { snapshot, only: None, now };
        let edit = match self.main.arrangement {
            Arrangement::Layout => Some(LayoutEdit::new(self.main.layout(), self.main.focus)),
            _ => self.main.edit_as_drawn(&self.parts, seen),
        };
        let edit = edit.unwrap_or_else(|| LayoutEdit::new(self.main.layout(), self.main.focus));
        let left_out = self.left_out(&edit);
        let file = layouts::own_file(&self.parts.choice, &self.parts.folders);
        let mut editor = Editor::new(edit, file);
        if !left_out.is_empty() {
            editor.said = Some(format!("no room here for {}", left_out.join(", ")));
        }
        self.show_edit(&editor.edit.clone(), snapshot, now);
        self.overlay = Some(Overlay::Editor(Box::new(editor)));
        self.mark_selected();
    }

    /// The words of boxes that the layout has and the edited one has not.
    fn left_out(&self, edit: &LayoutEdit) -> Vec<&'static str> {
        let items = self.main.layout().items().iter();
        let gone = items.filter(|item| !edit.has(item.widget.name(), &item.from));
        gone.map(|item| item.widget.name()).collect()
    }

    /// The layout that is being edited.
    pub(super) fn edited(&self) -> Option<&LayoutEdit> {
        match &self.overlay {
            Some(Overlay::Editor(editor)) => Some(&editor.edit),
            _ => None,
        }
    }

    fn editor(&mut self) -> Option<&mut Editor> {
        match &mut self.overlay {
            Some(Overlay::Editor(editor)) => Some(editor),
            _ => None,
        }
    }

    /// Takes a key while the editor is open.
    pub(super) fn editor_key(&mut self, key: Key, snapshot: &Snapshot, now: Moment) -> Effect {
        let Some(editor) = self.editor() else { return Effect::None };
        editor.said = None;
        match editor.asks.take() {
            Some(ask) => return self.asked(ask, key, snapshot, now),
            None if key == Key::Ctrl('c') => self.discard(),
            None => {
                let Some((command, nth)) = self.parts.bindings.editor_command(key) else {
                    return self.beside_editor(key, snapshot, now);
                };
                match command {
                    "discard" => self.discard(),
                    "save" => return self.save_layout(now),
                    name => self.edit_command(name, nth, snapshot, now),
                }
            }
        }
        self.mark_selected();
        Effect::Draw
    }

    /// Keys of the dashboard that need nothing of what the editor has.
    fn beside_editor(&mut self, key: Key, snapshot: &Snapshot, now: Moment) -> Effect {
        match self.parts.bindings.resolve(&[key], "", false) {
            Resolved::Command(scope, command, nth)
                if ["picture", "redraw", "suspend"].contains(&command.name()) =>
            {
                self.perform(scope, command.name(), nth, snapshot, now)
            }
            _ => Effect::None,
        }
    }

    fn edit_command(&mut self, name: &str, nth: usize, snapshot: &Snapshot, now: Moment) {
        let digit = self.main.box_of(nth + 1);
        let places = self.places();
        let Some(editor) = self.editor() else { return };
        let mut edit = editor.edit.clone();
        let at = places.iter().position(|(n, _)| *n == edit.selected()).unwrap_or(0);
        let nearby = |by: usize| places.get((at + by) % places.len().max(1)).map(|(n, _)| *n);
        let select = match name {
            "next" => nearby(1),
            "previous" => nearby(places.len().saturating_sub(1)),
            "box" => digit,
            "undo" => {
                if !editor.undo() {
                    editor.said = Some("nothing to take back".into());
                }
                let edit = editor.edit.clone();
                return self.show_edit(&edit, snapshot, now);
            }
            "add" => {
                let ask = EditorPrompt::Widget(self.widgets_to_add());
                if let Some(editor) = self.editor() {
                    editor.asks = Some(ask);
                }
                return;
            }
            "help" => {
                editor.asks = Some(EditorPrompt::Help);
                return;
            }
            "hide" => {
                let done = match edit.remove() {
                    true => Ok(()),
                    false => Err("the last box stays"),
                };
                return self.take_edit(done, edit, snapshot, now);
            }
            "left" => return self.move_box(Toward::Left, &places, snapshot, now),
            "right" => return self.move_box(Toward::Right, &places, snapshot, now),
            "up" => return self.move_box(Toward::Up, &places, snapshot, now),
            "down" => return self.move_box(Toward::Down, &places, snapshot, now),
            "wider" => return self.resize_box(Resize::Wider, &places, snapshot, now),
            "narrower" => return self.resize_box(Resize::Narrower, &places, snapshot, now),
            "taller" => return self.resize_box(Resize::Taller, &places, snapshot, now),
            "shorter" => return self.resize_box(Resize::Shorter, &places, snapshot, now),
            _ => None,
        };
        if let Some(number) = select {
            edit.select(number);
            editor.edit = edit;
            self.main.set_focus(number);
        }
    }

    /// Moves the selected box until the screen looks different and has all of its boxes: steps past boxes that are
    /// not drawn are not seen, and a stack that has no room for one more is passed.
    fn move_box(&mut self, to: Toward, places: &Places, snapshot: &Snapshot, now: Moment) {
        let Some(editor) = self.editor() else { return };
        let mut edit = editor.edit.clone();
        edit.measure(places);
        let mut why = "it cannot move further";
        for _ in 0..edit.count() {
            if !edit.shift(to) {
                break;
            }
            self.show_edit(&edit, snapshot, now);
            match self.is_moved(places) {
                true if self.places().len() < places.len() => why = "it does not fit",
                true => return self.take_edit(Ok(()), edit, snapshot, now),
                false => {}
            }
        }
        self.take_edit(Err(why), edit, snapshot, now);
    }

    /// Whether boxes are drawn elsewhere than before.
    fn is_moved(&self, before: &Places) -> bool {
        let key = |items: &[Item], places: &Places| -> Vec<(String, Rect)> {
            let name = |n: usize| items.get(n).map(|i| format!("{}{:?}", i.widget.name(), i.from));
            let mut all: Vec<_> =
                places.iter().filter_map(|(n, area)| Some((name(*n)?, *area))).collect();
            all.sort_by_key(|(_, area)| (area.y, area.x));
            all
        };
        let old = self.edited().map(LayoutEdit::layout);
        let old = old.map(|layout| key(layout.items(), before)).unwrap_or_default();
        old != key(self.main.layout().items(), &self.places())
    }

    fn resize_box(&mut self, how: Resize, places: &Places, snapshot: &Snapshot, now: Moment) {
        let Some(editor) = self.editor() else { return };
        let mut edit = editor.edit.clone();
        let mut done = edit.resize(how, places);
        if done.is_ok() {
            self.show_edit(&edit, snapshot, now);
            if !self.is_moved(places) {
                done = Err("it needs no other size");
            }
        }
        self.take_edit(done, edit, snapshot, now);
    }

    /// Takes a change, or says why it cannot, and shows what was there.
    fn take_edit(
        &mut self,
        done: Result<(), &str>,
        edit: LayoutEdit,
        snapshot: &Snapshot,
        now: Moment,
    ) {
        let Some(editor) = self.editor() else { return };
        match done {
            Ok(()) => editor.change(edit),
            Err(why) => editor.said = Some(why.to_owned()),
        }
        let edit = editor.edit.clone();
        self.show_edit(&edit, snapshot, now);
    }

    /// Shows a layout and finds the places of its boxes.
    fn show_edit(&mut self, edit: &LayoutEdit, snapshot: &Snapshot, now: Moment) {
        match Screen::build(&self.parts, edit.layout(), Some(&mut self.main)) {
            Ok(mut screen) => {
                (screen.area, screen.selected) = (self.main.area, self.main.selected.take());
                self.main = screen;
                self.main.arrangement = Arrangement::Layout;
                self.main.set_focus(edit.selected());
                self.find_places(snapshot, now);
            }
            Err(problem) => self.say(problem, now),
        }
    }

    fn find_places(&mut self, snapshot: &Snapshot, now: Moment) {
        let area = self.main.area;
        let seen = FrameContext { snapshot, only: None, now };
        self.main.draw(&self.parts, seen, area, &mut Buffer::empty(area));
    }

    fn places(&self) -> Places {
        let tiles = self.main.tiles.iter().enumerate();
        tiles.filter(|(_, tile)| !tile.area.is_empty()).map(|(n, tile)| (n, tile.area)).collect()
    }

    /// Tells the editor where the selected box is.
    pub(super) fn mark_selected(&mut self) {
        let Some(selected) = self.edited().map(LayoutEdit::selected) else { return };
        let area = self.main.tiles.get(selected).map(|tile| tile.area);
        if let Some(editor) = self.editor() {
            editor.selected = area.unwrap_or(Rect::ZERO);
        }
    }

    /// Selects the box at a place of the screen.
    pub(super) fn select_at(&mut self, at: (u16, u16)) -> Effect {
        let found = self.main.tiles.iter().position(|tile| tile.area.contains(at.into()));
        let (Some(found), Some(editor)) = (found, self.editor()) else { return Effect::None };
        if editor.asks.is_some() {
            return Effect::None;
        }
        editor.edit.select(found);
        self.main.set_focus(found);
        self.mark_selected();
        Effect::Draw
    }
}
