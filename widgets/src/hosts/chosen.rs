//! The columns of the table of hosts that a person has chosen, by config or from inside: their words and
//! their menu.

use super::{
    Hosts,
    columns::{FEW, FLEET, HostColumn, HostColumnId},
};
use crate::picker::{Picker, PickerEntry, PickerOutcome};
use manytop_plugin::widget::{Action, ColumnChoice, Key, Outcome};

/// The columns that can be chosen, in the order of the menu: the word in a config, and what it shows. Sign,
/// mark and name come first in every table.
const ALL: [(HostColumnId, &str, &str); 15] = [
    (HostColumnId::Group, "group", "the first tag"),
    (HostColumnId::State, "state", "live, late, stale, unread, DOWN"),
    (HostColumnId::Age, "age", "since its last good answer"),
    (HostColumnId::Why, "why", "what is wrong, in words"),
    (HostColumnId::Cpu, "cpu", "mean of all processors, percent"),
    (HostColumnId::History, "history", "history of the processors"),
    (HostColumnId::Memory, "mem", "main memory, percent"),
    (HostColumnId::Used, "used", "memory in use of all there is"),
    (HostColumnId::Disk, "disk", "the fullest disk, percent"),
    (HostColumnId::Fullest, "fullest", "where the fullest disk is mounted"),
    (HostColumnId::Received, "rx", "received, bytes a second"),
    (HostColumnId::Sent, "tx", "sent, bytes a second"),
    (HostColumnId::Celsius, "temp", "the hottest sensor"),
    (HostColumnId::Load, "load", "load average over one minute"),
    (HostColumnId::Up, "up", "since it was started"),
];

/// Reads the words of a config.
///
/// # Errors
/// Names the first word that is not a column.
pub fn parse(words: &[String]) -> Result<Vec<HostColumnId>, String> {
    let mut columns: Vec<HostColumnId> = Vec::new();
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

fn of(word: &str) -> Option<HostColumnId> {
    ALL.iter().find(|(_, own, _)| own.eq_ignore_ascii_case(word)).map(|(id, ..)| *id)
}

fn is_choice(id: HostColumnId) -> bool {
    ALL.iter().any(|(own, ..)| *own == id)
}

/// The columns of a table with few hosts or with many: the usual ones, or those that were chosen, behind
/// the name.
pub fn table(few: bool, chosen: &[HostColumnId]) -> Vec<HostColumn<HostColumnId>> {
    let (own, other): (&[HostColumn<HostColumnId>], &[HostColumn<HostColumnId>]) =
        if few { (&FEW, &FLEET) } else { (&FLEET, &FEW) };
    if chosen.is_empty() {
        return own.to_vec();
    }
    let name = own.iter().filter(|column| !is_choice(column.id));
    let find = |id: &HostColumnId| own.iter().chain(other).find(|column| column.id == *id);
    name.chain(chosen.iter().filter_map(find)).copied().collect()
}

impl Hosts {
    /// All columns, those that are shown first.
    pub(super) fn column_choices(&self) -> Vec<ColumnChoice> {
        let shown: Vec<HostColumnId> =
            table(self.few, &self.chosen).iter().map(|column| column.id).collect();
        let others = ALL.iter().map(|(id, ..)| *id).filter(|id| !shown.contains(id));
        let choice = |id: HostColumnId, shown: bool| {
            let (_, word, about) = ALL.iter().find(|(own, ..)| *own == id)?;
            Some(ColumnChoice { word, about, shown })
        };
        let mut choices: Vec<_> = shown.iter().filter_map(|id| choice(*id, true)).collect();
        choices.extend(others.filter_map(|id| choice(id, false)));
        choices
    }

    /// Shows a column at the end, or hides it. The last one stays.
    pub(super) fn turn_column(&mut self, word: &str) -> Outcome {
        let Some(column) = of(word) else { return Outcome::Ignored };
        let choices = self.column_choices();
        let mut shown: Vec<HostColumnId> =
            choices.iter().filter(|c| c.shown).filter_map(|c| of(c.word)).collect();
        match shown.iter().position(|id| *id == column) {
            Some(_) if shown.len() == 1 => return Outcome::Ignored,
            Some(at) => _ = shown.remove(at),
            None => shown.push(column),
        }
        self.take_columns(shown);
        self.keep_columns()
    }

    /// Takes the columns in this order; the usual ones are no choice.
    fn take_columns(&mut self, chosen: Vec<HostColumnId>) {
        let usual = table(self.few, &[]).into_iter().map(|column| column.id);
        let is_usual = usual.filter(|id| is_choice(*id)).eq(chosen.iter().copied());
        self.chosen = if is_usual { Vec::new() } else { chosen };
    }

    /// Hands the columns to the application, which can keep them.
    fn keep_columns(&self) -> Outcome {
        let word =
            |id: &HostColumnId| ALL.iter().find(|(own, ..)| own == id).map(|(_, word, _)| *word);
        let words: Vec<&str> = self.chosen.iter().filter_map(word).collect();
        Outcome::Act(Action::SetOption("columns", words.join(",")))
    }

    /// Opens the menu of columns.
    pub(super) fn open_columns(&mut self) {
        let entry = |choice: ColumnChoice| PickerEntry {
            name: choice.word.to_owned(),
            about: choice.about.to_owned(),
            marked: Some(choice.shown),
        };
        let entries = self.column_choices().into_iter().map(entry).collect();
        self.menu = Some(Picker::new("columns", entries, 0));
    }

    /// Takes a key while the menu is open.
    pub(super) fn on_menu(&mut self, key: Key) -> Outcome {
        let Some(menu) = &mut self.menu else { return Outcome::Ignored };
        match menu.on_key(key) {
            PickerOutcome::Changed => {
                let marked = menu.entries.iter().filter(|entry| entry.marked == Some(true));
                let chosen = marked.filter_map(|entry| of(&entry.name)).collect();
                self.take_columns(chosen);
            }
            PickerOutcome::Closed | PickerOutcome::Chosen(_) => {
                self.menu = None;
                return self.keep_columns();
            }
            PickerOutcome::Stays => {}
        }
        Outcome::Redraw
    }
}
