//! The details of one process: its history, where it belongs, its limits, its environment, its open files, its log.

use super::{
    facts::{self, Facts},
    histories::graphs,
    process::Process,
    rows::{ProcessRow, ProcessRows, RowId},
};
use crate::{cpu::spans, log};
use manytop_plugin::{
    draw::{Canvas, compact},
    filter::Subject,
    provider::Selection,
    ratatui_core::{layout::Rect, text::Line},
    view::View,
    vocabulary as v,
    widget::{Title, hot},
};

/// From this width of the box on, details are beside the list, else below it.
const BESIDE: u16 = 170;
/// The width of the details beside the list; where the list is wider than it needs, they have the rest.
const WIDTH: u16 = 74;
const WIDEST_LIST: u16 = 180;
/// A box of fewer rows has no room for them.
const LOWEST: u16 = 8;
/// From this width on, graphs and facts are beside each other.
const TWO_COLUMNS: u16 = 88;

/// What the details show.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
enum DetailsPage {
    #[default]
    Closed,
    Overview,
    Environment,
    Files,
}

/// The details, open or not.
#[derive(Default)]
pub struct Details {
    page: DetailsPage,
}

impl Details {
    pub fn is_open(&self) -> bool {
        self.page != DetailsPage::Closed
    }

    /// Opens or closes them.
    pub fn toggle(&mut self) {
        self.page = if self.is_open() { DetailsPage::Closed } else { DetailsPage::Overview };
    }

    /// Closes the page that is open, at last the details. Returns whether there was any.
    pub fn close(&mut self) -> bool {
        let was = self.page;
        self.page = match was {
            DetailsPage::Environment | DetailsPage::Files => DetailsPage::Overview,
            DetailsPage::Overview | DetailsPage::Closed => DetailsPage::Closed,
        };
        was != DetailsPage::Closed
    }

    pub fn toggle_environment(&mut self) {
        self.turn_to(DetailsPage::Environment);
    }

    pub fn toggle_files(&mut self) {
        self.turn_to(DetailsPage::Files);
    }

    fn turn_to(&mut self, page: DetailsPage) {
        self.page = if self.page == page { DetailsPage::Overview } else { page };
    }

    /// Adds what has to be read of the process of a row.
    pub fn want(&self, row: Option<&ProcessRow>, want: &mut Selection) {
        let Some(RowId::Process(_, pid, _, false)) = row.map(|row| &row.id) else { return };
        want.add_device(v::PROCESS, pid.clone());
        match self.page {
            DetailsPage::Environment => want.add(v::ENVIRONMENT, &[]),
            DetailsPage::Files => {
                want.add(v::OPEN_FILE, &[]);
                want.add(v::CONNECTION, &[]);
            }
            DetailsPage::Overview | DetailsPage::Closed => want.add(v::THREAD, &[]),
        }
    }

    /// The place of the list, and of the details when they are open.
    pub fn split(&self, area: Rect) -> (Rect, Option<Rect>) {
        if !self.is_open() || area.height < LOWEST {
            return (area, None);
        }
        if area.width >= BESIDE {
            let width = WIDTH.max(area.width.saturating_sub(WIDEST_LIST + 1));
            let list = Rect { width: area.width - width - 1, ..area };
            return (list, Some(Rect { x: list.right() + 1, width, ..area }));
        }
        // a rule is between them
        let height = (area.height / 2).max(LOWEST / 2);
        let list = Rect { height: area.height - height, ..area };
        (list, Some(Rect { y: list.bottom() + 1, height: height - 1, ..area }))
    }

    /// Adds what the border says of the process. `area` is the inside of the box, `at` the place of the
    /// details in it.
    pub fn title(
        &self,
        mut title: Title,
        area: Rect,
        at: Rect,
        view: &View<'_>,
        of: &ProcessHeading,
    ) -> Title {
        let theme = view.theme;
        let mut parts =
            vec![spans(&[(&of.name, theme.strong()), (" ", theme.text), (&of.pid, theme.text)])];
        for fact in [&of.state, &of.user, &of.age].into_iter().filter(|fact| !fact.is_empty()) {
            parts.push(Line::styled(fact.clone(), theme.text));
        }
        let keys = match self.page {
            DetailsPage::Environment => ["{e} overview", "{O} files"],
            DetailsPage::Files => ["{e} environment", "{O} overview"],
            _ => ["{e} environment", "{O} files"],
        };
        if at.x > area.x {
            parts.extend(keys.map(|key| hot(key, theme.text, theme)));
            // the name stays; what is least of the rest goes first
            let room = usize::from(at.width).saturating_sub(2);
            let taken =
                |parts: &[Line<'_>]| parts.iter().map(|part| part.width() + 3).sum::<usize>();
            while parts.len() > 1 && taken(&parts) > room {
                parts.remove(parts.len().saturating_sub(3).max(1));
            }
            let counts = title.right.pop();
            title.foot.extend(counts);
            title.right = parts;
            return title.divider(at.x - 1 - area.x);
        }
        parts.extend(keys.map(|key| hot(key, theme.text, theme)));
        title.rule(at.y.saturating_sub(area.y + 1), parts)
    }

    /// Draws the details of a process, or of the first of a group.
    pub fn draw(
        &self,
        view: &View<'_>,
        rows: &ProcessRows<'_>,
        processes: &[Process<'_>],
        on: &mut Canvas<'_>,
    ) {
        let theme = view.theme;
        let Some(process) = processes.first() else {
            on.put(1, 0, "this process has ended", theme.dim);
            return;
        };
        let (width, height) = (on.width(), on.height());
        let most = if height >= 20 { 4 } else { 2 };
        let lines = wrapped(process.words(), width.saturating_sub(2));
        let shown = lines.len().min(most);
        for (y, line) in (0..).zip(&lines[..shown]) {
            let cut = usize::from(y) + 1 == most && lines.len() > most;
            let x = on.put(1, y, line, theme.text);
            if cut {
                on.set(x.min(width.saturating_sub(1)), y, '…', theme.dim);
            }
        }
        let mut y = shown as u16;
        let denied = facts::denied(process);
        for line in wrapped(&denied, width.saturating_sub(2)).iter().take(2) {
            on.put(1, y, line, theme.stale);
            y += 1;
        }
        let rest = Rect::new(0, y, width, height.saturating_sub(y));
        let of = (&process.source.source, v::PROCESS, &*process.device.name);
        let rest = log::draw(view, of, on, rest);
        match self.page {
            DetailsPage::Environment => facts::environment(view, process, &mut on.part(rest)),
            DetailsPage::Files => facts::files(view, process, &mut on.part(rest)),
            DetailsPage::Overview | DetailsPage::Closed => overview(view, rows, process, on, rest),
        }
    }
}

/// What the border says of a process.
#[derive(Clone, Default)]
pub struct ProcessHeading {
    pub name: String,
    pub pid: String,
    pub state: String,
    pub user: String,
    pub age: String,
}

impl ProcessHeading {
    /// The process has ended.
    pub fn end(&mut self) {
        self.state = "ended".to_owned();
        self.age.clear();
    }

    pub fn of(process: &Process<'_>) -> ProcessHeading {
        let age = process.age().map(|seconds| format!("for {}", compact::age(seconds)));
        ProcessHeading {
            name: process.name().to_owned(),
            pid: process.device.name.to_string(),
            state: process.device.text(&v::STATE).unwrap_or_default().to_owned(),
            user: process.user().to_owned(),
            age: age.unwrap_or_default(),
        }
    }
}

/// Graphs and facts: beside each other where there is room, else below each other.
fn overview(
    view: &View<'_>,
    rows: &ProcessRows<'_>,
    process: &Process<'_>,
    on: &mut Canvas<'_>,
    rest: Rect,
) {
    let facts = Facts::of(view, rows, process);
    if rest.width >= TWO_COLUMNS {
        let left = rest.width / 2;
        graphs(view, process, &mut on.part(Rect { width: left - 1, ..rest }));
        let right = Rect { x: left, width: rest.width - left, ..rest };
        return facts.draw(&mut on.part(right));
    }
    let wanted = facts.rows(rest.width);
    let upper = rest.height.saturating_sub(wanted).max(rest.height / 3);
    let upper = if upper < 3 { 0 } else { upper };
    graphs(view, process, &mut on.part(Rect { height: upper, ..rest }));
    let (y, height) = (rest.y + upper, rest.height - upper);
    facts.draw(&mut on.part(Rect { y, height, ..rest }));
}

/// A text on lines of at most so many columns, broken at blanks where there are some.
pub fn wrapped(text: &str, columns: u16) -> Vec<String> {
    let columns = usize::from(columns.max(1));
    let mut lines: Vec<String> = Vec::new();
    let mut room = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut rest: Vec<char> = word.chars().collect();
        if room > rest.len() {
            if let Some(line) = lines.last_mut() {
                line.push(' ');
                line.extend(&rest);
            }
            room -= rest.len() + 1;
            continue;
        }
        while !rest.is_empty() {
            let tail = rest.split_off(rest.len().min(columns));
            room = columns - rest.len();
            lines.push(rest.into_iter().collect());
            rest = tail;
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_are_broken_at_blanks_and_long_words_anywhere() {
        assert_eq!(wrapped("sh -c exit 0", 7), ["sh -c", "exit 0"]);
        assert_eq!(wrapped("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrapped("abcdefg ij", 4), ["abcd", "efg", "ij"]);
        assert_eq!(wrapped("", 4), Vec::<String>::new());
        assert_eq!(wrapped("a b", 0), ["a", "b"]);
    }
}
