//! The columns of the table of hosts that a person has chosen, by config or from inside: their words and
//! their menu.

use super::{
    Hosts,
    columns::{Column, FEW, FLEET, Id},
};
use crate::picker::{Picked, Picker, PickerEntry};
use manytop_plugin::widget::{Action, Key, Outcome};

/// The columns that can be chosen, in the order of the menu: the word in a config, and what it shows. Sign,
/// mark and name come first in every table.
const ALL: [(Id, &str, &str); 15] = [
    (Id::Group, "group", "the first tag"),
    (Id::State, "state", "live, late, stale, unread, DOWN"),
    (Id::Age, "age", "since its last good answer"),
    (Id::Why, "why", "what is wrong, in words"),
    (Id::Cpu, "cpu", "mean of all processors, percent"),
    (Id::History, "history", "history of the processors"),
    (Id::Memory, "mem", "main memory, percent"),
    (Id::Used, "used", "memory in use of all there is"),
    (Id::Disk, "disk", "the fullest disk, percent"),
    (Id::Fullest, "fullest", "where the fullest disk is mounted"),
    (Id::Received, "rx", "received, bytes a second"),
    (Id::Sent, "tx", "sent, bytes a second"),
    (Id::Celsius, "temp", "the hottest sensor"),
    (Id::Load, "load", "load average over one minute"),
    (Id::Up, "up", "since it was started"),
];

/// Reads the words of a config.
///
/// # Errors
/// Names the first word that is not a column.
pub fn parse(words: &[String]) -> Result<Vec<Id>, String> {
    let mut columns: Vec<Id> = Vec::new();
    for word in words.iter().map(|word| word.trim()).filter(|word| !word.is_empty()) {
        let found = of(word).ok_or_else(|| {
            let all: Vec<&str> = ALL.iter().map(|(_, word, _)| *word).collect();
            format!("unknown column {word:?}; expected some of {}", all.join(" "))
        })?;
        if !columns.contains(&found) {
            columns.push(found);
        }
    }
    Ok(columns)
}

fn of(word: &str) -> Option<Id> {
    ALL.iter().find(|(_, own, _)| own.eq_ignore_ascii_case(word)).map(|(id, ..)| *id)
}

fn is_choice(id: Id) -> bool {
    ALL.iter().any(|(own, ..)| *own == id)
}

/// The columns of a table with few hosts or with many: the usual ones, or those that were chosen, behind
/// the name.
pub fn table(few: bool, chosen: &[Id]) -> Vec<Column<Id>> {
    let (own, other): (&[Column<Id>], &[Column<Id>]) =
        if few { (&FEW, &FLEET) } else { (&FLEET, &FEW) };
    if chosen.is_empty() {
        return own.to_vec();
    }
    let name = own.iter().filter(|column| !is_choice(column.id));
    let find = |id: &Id| own.iter().chain(other).find(|column| column.id == *id);
    name.chain(chosen.iter().filter_map(find)).copied().collect()
}

impl Hosts {
    /// Opens the menu of columns.
    pub(super) fn open_columns(&mut self, few: bool) {
        let shown: Vec<Id> = table(few, &self.chosen).iter().map(|column| column.id).collect();
        let entry = |id: Id, marked: bool| {
            let (_, word, about) = ALL.iter().find(|(own, ..)| *own == id)?;
            let (name, about) = ((*word).to_owned(), (*about).to_owned());
            Some(PickerEntry { name, about, marked: Some(marked) })
        };
        let others = ALL.iter().map(|(id, ..)| *id).filter(|id| !shown.contains(id));
        let entries = shown.iter().filter_map(|id| entry(*id, true));
        let entries = entries.chain(others.filter_map(|id| entry(id, false))).collect();
        self.menu = Some(Picker::new("columns", entries, 0));
    }

    /// Takes a key while the menu is open.
    pub(super) fn on_menu(&mut self, key: Key, few: bool) -> Outcome {
        let Some(menu) = &mut self.menu else { return Outcome::Ignored };
        match menu.on_key(key) {
            Picked::Changed => {
                let marked = menu.entries.iter().filter(|entry| entry.marked == Some(true));
                self.chosen = marked.filter_map(|entry| of(&entry.name)).collect();
                let usual = table(few, &[]).into_iter().map(|column| column.id);
                if usual.filter(|id| is_choice(*id)).eq(self.chosen.iter().copied()) {
                    self.chosen.clear();
                }
            }
            Picked::Closed | Picked::Chosen(_) => {
                self.menu = None;
                let word =
                    |id: &Id| ALL.iter().find(|(own, ..)| own == id).map(|(_, word, _)| *word);
                let words: Vec<&str> = self.chosen.iter().filter_map(word).collect();
                return Outcome::Act(Action::SetOption("columns", words.join(",")));
            }
            Picked::Stays => {}
        }
        Outcome::Redraw
    }
}
