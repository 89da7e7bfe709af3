//! The commands of the table of hosts.

use super::{Hosts, map::When};
use manytop_plugin::{
    view::View,
    widget::{Action, Command, Outcome},
};

#[rustfmt::skip]
pub static COMMANDS: &[Command] = &[
    Command::new("open", "Enter", "open the host under the cursor; of a group, list its hosts").hint("open"),
    Command::new("filter", "/ F4", "filter: web, cpu>80 & state!=live, #prod").hint("filter"),
    Command::new("sort_next", "s", "sort by the next column; so does a click").hint("sort"),
    Command::new("sort_previous", "S", "sort by the previous column"),
    Command::new("reverse", "r", "sort the other way round"),
    Command::new("columns", "C", "choose columns and their order"),
    Command::new("groups", "g", "a row a group, or a row a host; Home goes to the top").hint("groups"),
    Command::new("mark", "Space", "mark the host, or no longer, to compare it").hint("mark"),
    Command::new("unmark", "U", "unmark all"),
    Command::new("compare", "equals", "compare two to six marked hosts side by side").hint("compare"),
    Command::new("pin", "p", "pin the host to the top"),
    Command::new("acknowledge", "a", "acknowledge that the host is down, until it recovers").hint("acknowledge"),
    Command::new("map_figure", "m", "the map shows the next figure"),
    Command::new("map_size", "M", "the whole map, no map, map where rows do not fit"),
    Command::new("map_left", "Left", "the host before on the map"),
    Command::new("map_right", "Right", "the next host on the map"),
];

impl Hosts {
    /// Performs one of its commands.
    pub(super) fn command(&mut self, command: &str, view: &View<'_>) -> Outcome {
        match command {
            "filter" => self.filter.open(),
            "columns" if self.groups.is_none() => self.open_columns(),
            "open" if self.groups.is_some() => self.open_group(view),
            "groups" if self.groups.is_some() => self.groups = None,
            "groups" => self.groups = Some(Default::default()),
            _ if self.groups.is_some() => return Outcome::Ignored,
            "sort_next" | "sort_previous" => {
                self.order.chosen = Some(self.order.sort().next(command == "sort_next"));
                self.order.reversed = false;
                self.resort(view);
            }
            "reverse" => {
                self.order.reversed = !self.order.reversed;
                self.resort(view);
            }
            "mark" => return self.mark(),
            "unmark" => self.marked.clear(),
            "compare" => return self.compare(view),
            "pin" => {
                if let Some(source) = self.current().and_then(|n| view.numbered(n)) {
                    self.order.pin(source);
                    self.resort(view);
                }
            }
            "acknowledge" => {
                let source = self.current().and_then(|n| Some(view.numbered(n)?.source.clone()));
                return source.map_or(Outcome::Ignored, |s| Outcome::Act(Action::Acknowledge(s)));
            }
            "map_figure" => {
                self.map.next();
                self.map.scale(view);
            }
            "map_size" => {
                self.map.when = match self.map.when {
                    When::Needed => When::Whole,
                    When::Whole => When::Never,
                    When::Never => When::Needed,
                };
            }
            "map_left" | "map_right" => {
                let right = command == "map_right";
                let Some(to) = self.map.beside(self.current(), right, &self.order) else {
                    return Outcome::Ignored;
                };
                self.put_cursor(to);
            }
            "open" => {
                let source = self.current().and_then(|number| view.numbered(number));
                let Some(source) = source else { return Outcome::Ignored };
                self.put_cursor(source.order); // the cursor is still there after Esc
                return Outcome::Act(Action::Open(source.source.clone()));
            }
            _ => return Outcome::Ignored,
        }
        Outcome::Redraw
    }
}
