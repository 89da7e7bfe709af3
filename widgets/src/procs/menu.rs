//! The menus of the list: columns, what to sort by, and users.

use super::{
    Procs,
    column::{self, ProcessColumn},
    rows::ProcessOrder,
};
use crate::picker::{Picker, PickerEntry, PickerOutcome};
use manytop_plugin::{
    view::View,
    widget::{Action, ColumnChoice, Key, Outcome},
};

/// What a menu is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Menu {
    Columns,
    Sort,
    User,
}

/// The entry of all users.
const ALL_USERS: &str = "all users";

fn entry(column: ProcessColumn, marked: Option<bool>) -> PickerEntry {
    let spec = column.spec();
    PickerEntry { name: spec.word.to_owned(), about: spec.about.to_owned(), marked }
}

impl Procs {
    pub fn open_menu(&mut self, menu: Menu, view: &View<'_>) {
        let picker = match menu {
            Menu::Columns => {
                let shown = self.chosen.iter().copied();
                let others = column::ALL.iter().map(|(c, _)| *c);
                let others = others.filter(|c| !self.chosen.contains(c));
                let entries = shown.map(|c| entry(c, Some(true)));
                let entries = entries.chain(others.map(|c| entry(c, Some(false)))).collect();
                Picker::new("columns", entries, 0)
            }
            Menu::Sort => {
                let all = sortable(&self.chosen);
                let at = all.iter().position(|c| *c == self.order.by).unwrap_or(0);
                Picker::new("sort by", all.into_iter().map(|c| entry(c, None)).collect(), at)
            }
            Menu::User => {
                let users = self.rows(view).users();
                let mut entries = vec![PickerEntry {
                    name: ALL_USERS.to_owned(),
                    about: String::new(),
                    marked: None,
                }];
                entries.extend(users.iter().map(|(name, count)| PickerEntry {
                    name: (*name).to_owned(),
                    about: format!("{count:>5}"),
                    marked: None,
                }));
                let now = self.user.as_deref();
                let at = users.iter().position(|(name, _)| Some(*name) == now);
                Picker::new("user", entries, at.map_or(0, |at| at + 1))
            }
        };
        self.menu = Some((menu, picker));
    }

    /// All columns, those that are shown first.
    pub fn column_choices(&self) -> Vec<ColumnChoice> {
        let others = column::ALL.iter().map(|(c, _)| *c).filter(|c| !self.chosen.contains(c));
        let choice = |column: ProcessColumn| {
            let spec = column.spec();
            let shown = self.chosen.contains(&column);
            ColumnChoice { word: spec.word, about: spec.about, shown }
        };
        self.chosen.iter().copied().chain(others).map(choice).collect()
    }

    /// Shows a column at the end, or hides it. The last one stays.
    pub fn turn_column(&mut self, word: &str, view: &View<'_>) -> Outcome {
        let Some(column) = ProcessColumn::parse(word) else { return Outcome::Ignored };
        match self.chosen.iter().position(|c| *c == column) {
            Some(_) if self.chosen.len() == 1 => return Outcome::Ignored,
            Some(at) => _ = self.chosen.remove(at),
            None => self.chosen.push(column),
        }
        self.is_usual = self.chosen == column::usual();
        self.relist(view);
        self.keep_columns()
    }

    /// Hands the columns to the application, which can keep them.
    fn keep_columns(&self) -> Outcome {
        let words: Vec<&str> = self.chosen.iter().map(|c| c.spec().word).collect();
        let value = if self.is_usual { String::new() } else { words.join(",") };
        Outcome::Act(Action::SetOption("columns", value))
    }

    /// Takes a key while a menu is open.
    pub fn on_menu(&mut self, key: Key, view: &View<'_>) -> Outcome {
        let Some((menu, picker)) = &mut self.menu else { return Outcome::Ignored };
        let (menu, picked) = (*menu, picker.on_key(key));
        match picked {
            PickerOutcome::Stays => {}
            PickerOutcome::Changed => {
                let marked = picker.entries.iter().filter(|e| e.marked == Some(true));
                let chosen: Vec<ProcessColumn> =
                    marked.filter_map(|e| ProcessColumn::parse(&e.name)).collect();
                // the list never loses its last column
                if !chosen.is_empty() {
                    self.is_usual = chosen == column::usual();
                    self.chosen = chosen;
                }
            }
            PickerOutcome::Closed => {
                self.menu = None;
                if menu == Menu::Columns {
                    return self.keep_columns();
                }
            }
            PickerOutcome::Chosen(at) => {
                let name = picker.entries.get(at).map(|e| e.name.clone()).unwrap_or_default();
                self.menu = None;
                match menu {
                    Menu::User => self.user = (name != ALL_USERS).then_some(name),
                    Menu::Sort => {
                        if let Some(by) = ProcessColumn::parse(&name) {
                            self.order = ProcessOrder { by, inverted: false };
                        }
                    }
                    Menu::Columns => {}
                }
                self.relist(view);
            }
        }
        Outcome::Redraw
    }
}

/// The columns in view, then all others that rows can be sorted by.
fn sortable(chosen: &[ProcessColumn]) -> Vec<ProcessColumn> {
    let others = column::ALL.iter().map(|(c, _)| *c).filter(|c| !chosen.contains(c));
    chosen.iter().copied().chain(others).filter(|c| c.sorts()).collect()
}
