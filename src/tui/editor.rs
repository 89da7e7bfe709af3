//! The layout editor: boxes are moved, resized, hidden and added on the screen itself.
//!
//! ```text
//! ╭─ 3 net ─────────────────╮   the selected box has the focus, and its size in its border
//! ╰──────────────── 61×10 ──╯
//!  LAYOUT  hjkl move  HJKL size  Tab next  x hide  a add  u undo  s save  Esc discard
//! ```

use super::{
    bindings::{Bindings, Scope},
    help,
    palette::Palette,
    typed::TextInput,
};
use manytop_core::{
    draw::{Canvas, text::width},
    layout::{From, LayoutEdit},
    ratatui_core::{buffer::Buffer, layout::Rect},
    theme::Theme,
    widget::{Command, Plugin},
};
use std::path::PathBuf;

/// The commands of the editor.
pub const COMMANDS: &[Command] = &[
    Command::new("left", "h Left", "move the box to the left"),
    Command::new("down", "j Down", "move the box down"),
    Command::new("up", "k Up", "move the box up"),
    Command::new("right", "l Right", "move the box to the right"),
    Command::new("narrower", "H <", "make the box narrower"),
    Command::new("taller", "J +", "make the box taller"),
    Command::new("shorter", "K -", "make the box shorter"),
    Command::new("wider", "L >", "make the box wider"),
    Command::new("next", "Tab", "select the next box; so does a click"),
    Command::new("previous", "Shift-Tab", "select the box before"),
    Command::new("box", "1 2 3 4 5 6 7 8 9", "select that box"),
    Command::new("hide", "x Delete", "take the box out of the layout"),
    Command::new("add", "a", "add a box, of all hosts or of some"),
    Command::new("undo", "u", "take the last change back"),
    Command::new("help", "? F1", "these keys"),
    Command::new("save", "s Enter", "save the layout and use it from now on"),
    Command::new("discard", "Esc q", "leave the layout as it was"),
];

/// A change can be taken back so many times.
const UNDOES: usize = 200;
/// A file name is not longer.
const LONGEST_NAME: usize = 60;

/// The editor.
pub struct Editor {
    /// The layout as it is now.
    pub edit: LayoutEdit,
    /// The layout before each change, the last one at the end.
    before: Vec<LayoutEdit>,
    /// What is open over the boxes.
    pub asks: Option<EditorPrompt>,
    /// The file of the layout, where it is the user's own.
    pub file: Option<PathBuf>,
    /// What came of the last key.
    pub said: Option<String>,
    /// Where the selected box was drawn last.
    pub selected: Rect,
}

/// What the editor asks for.
pub enum EditorPrompt {
    /// Which box to add.
    Widget(Palette<&'static Plugin>),
    /// Which hosts it shows.
    From(&'static Plugin, Palette<Vec<From>>),
    /// The name of the layout.
    Name(TextInput),
    /// Nothing: it shows its keys.
    Help,
}

impl Editor {
    /// An editor of a layout.
    pub fn new(edit: LayoutEdit, file: Option<PathBuf>) -> Editor {
        let selected = Rect::ZERO;
        Editor { edit, before: Vec::new(), asks: None, file, said: None, selected }
    }

    /// Takes a changed layout; the old one can be had back.
    pub fn change(&mut self, edit: LayoutEdit) {
        self.before.push(std::mem::replace(&mut self.edit, edit));
        if self.before.len() > UNDOES {
            self.before.remove(0);
        }
    }

    /// Takes the last change back. Returns whether there was one.
    pub fn undo(&mut self) -> bool {
        let Some(before) = self.before.pop() else { return false };
        self.edit = before;
        true
    }

    /// Whether anything is changed.
    pub fn is_changed(&self) -> bool {
        !self.before.is_empty()
    }

    /// Asks for the name of a new layout file.
    pub fn ask_name(&mut self, name: &str) {
        self.asks = Some(EditorPrompt::Name(TextInput::with(name, LONGEST_NAME)));
    }

    /// Draws what it has over the boxes.
    pub fn draw(&mut self, bindings: &Bindings, theme: &Theme, area: Rect, buffer: &mut Buffer) {
        self.size(theme, buffer);
        let row = Rect { y: area.bottom().saturating_sub(1), height: 1.min(area.height), ..area };
        let mut on = Canvas::new(buffer, row, theme);
        let style = if matches!(self.asks, Some(EditorPrompt::Name(_))) {
            theme.field
        } else {
            theme.plain()
        };
        on.fill(Rect::new(0, 0, row.width, 1), ' ', style);
        match &mut self.asks {
            Some(EditorPrompt::Name(name)) => {
                let x = on.put(1, 0, "save as layouts/", theme.key);
                let room = row.width.saturating_sub(x + 2);
                let x = name.draw(&mut on, x, 0, room, theme.hi) + 2;
                match &self.said {
                    Some(said) => {
                        _ = on.column(x, 0, row.width.saturating_sub(x), said, theme.warn)
                    }
                    None => {
                        let x = on.keycap(x, 0, "Enter", "save") + 2;
                        if x + 12 <= row.width {
                            on.keycap(x, 0, "Esc", "back");
                        }
                    }
                }
            }
            Some(EditorPrompt::Widget(palette)) => palette.draw(theme, area, buffer),
            Some(EditorPrompt::From(_, palette)) => palette.draw(theme, area, buffer),
            Some(EditorPrompt::Help) => {
                help::draw(&help::of_editor(bindings), 0, theme, area, buffer);
            }
            None => self.keys(bindings, &mut on),
        }
    }

    /// The keys; the last two stay at any width.
    fn keys(&self, bindings: &Bindings, on: &mut Canvas<'_>) {
        let theme = on.theme;
        let key = |name: &str| bindings.first_key(Scope::Editor, name);
        let four = |names: [&str; 4]| {
            names.into_iter().map(key).collect::<Option<Vec<_>>>().map(|keys| keys.concat())
        };
        let all = [
            (four(["left", "down", "up", "right"]), "move"),
            (four(["narrower", "taller", "shorter", "wider"]), "size"),
            (key("next"), "next"),
            (key("hide"), "hide"),
            (key("add"), "add"),
            (key("undo"), "undo"),
            (key("help"), "help"),
            (key("save"), "save"),
            (key("discard"), "discard"),
        ];
        let all: Vec<(String, &str)> =
            all.into_iter().filter_map(|(key, what)| Some((key?, what))).collect();
        let cost = |(key, what): &(String, &str)| width(key) + width(what) + 5;
        let (first, last) = all.split_at(all.len().saturating_sub(2));
        let kept: u16 = last.iter().map(cost).sum();
        let mut x = on.put(1, 0, "layout", theme.hot()) + 2;
        if let Some(said) = &self.said {
            let room = on.width().saturating_sub(x + kept + 1);
            x = on.column(x, 0, room, said, theme.warn) + 2;
        }
        for hint in first {
            if x + cost(hint) + kept > on.width() {
                break;
            }
            x = on.keycap(x, 0, &hint.0, hint.1) + 2;
        }
        for hint in last {
            if x + cost(hint) > on.width() + 2 {
                break;
            }
            x = on.keycap(x, 0, &hint.0, hint.1) + 2;
        }
    }

    /// The size of the selected box, in its lower border.
    fn size(&self, theme: &Theme, buffer: &mut Buffer) {
        let Rect { width: w, height: h, .. } = self.selected;
        let words = format!(" {w}×{h} ");
        let wide = width(&words);
        if w < wide + 4 || h < 3 {
            return;
        }
        let mut on = Canvas::new(buffer, self.selected, theme);
        on.put(w - wide - 2, h - 1, &words, theme.hot());
    }
}
