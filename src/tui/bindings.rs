//! The one table of keys: which key does what, where. The help, the bottom row, the palette, the
//! reference, `--list keys` and `key-ACTION=…` of a config read it.
//!
//! ```text
//! key ─▶ Bindings::resolve ─▶ Action (scope, command) ─▶ the dashboard, or the widget in focus
//! ```

mod hooks;
mod moves;

pub use hooks::HOOK;
pub use moves::movement;

use super::editor;
use crate::hooks::Hook;
use manytop_core::{
    registry::Registry,
    spelling::nearest,
    widget::{Command, Key},
};

/// The commands of the dashboard itself.
pub const EVERYWHERE: &[Command] = &[
    Command::new("quit", "q ctrl-c F10", "quit"),
    Command::new("help", "? F1", "this help").hint("help"),
    Command::new(
        "palette",
        ": ctrl-p",
        "commands: everything that can be done, found by its letters",
    )
    .hint("commands"),
    Command::new("options", "o F2", "options: every config key, for this run or for good"),
    Command::new("add_host", "", "add a host: its name and URL, read at once"),
    Command::new("picture", "", "save the screen as a picture (SVG) in the folder of the start"),
    Command::new("log", "L", "the log: what went down, came back, and what is wrong"),
    Command::new("acknowledged", "A", "what is acknowledged, and lift it"),
    Command::new("explore", "x", "everything that a host serves; Enter watches a metric"),
    Command::new("close", "Esc", "close what is open, clear the filter, leave the host"),
    Command::new("next_box", "Shift-Tab", "keys go to the next box; so does a click"),
    Command::new("box", "1 2 3 4 5 6 7 8 9", "keys go to that box; again: enlarge it"),
    Command::new("enlarge", "z", "enlarge the box that has the keys, or all boxes again"),
    Command::new("all_boxes", "0", "all boxes again"),
    Command::new("layout_next", "v", "the next layout"),
    Command::new("layout_previous", "V", "the previous layout"),
    Command::new("layout_edit", "E", "edit the layout: move, resize, hide, add boxes"),
    Command::new("interval_longer", "+", "read and draw less often"),
    Command::new("interval_shorter", "-", "read and draw more often"),
    Command::new("time_shorter", "h", "graphs: shorter time"),
    Command::new("time_longer", "l", "graphs: longer time"),
    Command::new("bits", "b", "network rates in bits or bytes"),
    Command::new("freeze", "f", "freeze the screen, or back to now").hint("freeze"),
    Command::new("sample_back", ",", "the past: a sample back"),
    Command::new("sample_on", ".", "the past: a sample on"),
    Command::new("minute_back", "<", "the past: a minute back"),
    Command::new("minute_on", ">", "the past: a minute on"),
    Command::new("mark_back", "{", "the past: the alert or death before"),
    Command::new("mark_on", "}", "the past: the alert or death after"),
    Command::new("play", "P", "the past: play, pause"),
    Command::new("go_to_time", "@", "go to a time: 03:12, -2h, yesterday 03:12"),
    Command::new("host_previous", "[", "an opened host: the one before"),
    Command::new("host_next", "]", "an opened host: the next"),
    Command::new("reload", "ctrl-r", "read the config again, as saving it does"),
    Command::new("suspend", "ctrl-z", "to the background"),
    Command::new("redraw", "ctrl-l", "draw the whole screen again"),
];

/// The moves of every list.
pub const LISTS: &[Command] = &[
    Command::new("down", "j Down", "a row down"),
    Command::new("up", "k Up", "a row up"),
    Command::new("half_down", "ctrl-d", "half a page down"),
    Command::new("half_up", "ctrl-u", "half a page up"),
    Command::new("page_down", "ctrl-f PageDown", "a page down"),
    Command::new("page_up", "ctrl-b PageUp", "a page up"),
    Command::new("top", "gg Home", "to the top"),
    Command::new("end", "G End", "to the end"),
];

/// Where a command belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope {
    /// The dashboard.
    Everywhere,
    /// Every list.
    Lists,
    /// The layout editor.
    Editor,
    /// A widget, by its word.
    Widget(&'static str),
}

impl Scope {
    /// The word before a command's name in `key-ACTION`: none for the dashboard, `list`, `edit`, or the widget's.
    pub fn prefix(self) -> Option<&'static str> {
        match self {
            Scope::Everywhere => None,
            Scope::Lists => Some("list"),
            Scope::Editor => Some("edit"),
            Scope::Widget(word) => Some(word),
        }
    }

    /// Its heading in the help.
    pub const fn heading(self) -> &'static str {
        match self {
            Scope::Everywhere => "everywhere",
            Scope::Lists => "lists",
            Scope::Editor => "layout editor",
            Scope::Widget(word) => word,
        }
    }
}

/// One key, or two plain characters one after the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Chord {
    first: Key,
    second: Option<Key>,
}

impl Chord {
    /// Reads a key, or a sequence of two characters: `gg`.
    fn parse(word: &str) -> Result<Chord, String> {
        let mut chars = word.chars();
        if let (Some(a), Some(b), None) = (chars.next(), chars.next(), chars.next())
            && word.parse::<Key>().is_err()
            && a != '^'
        {
            return Ok(Chord { first: Key::Char(a), second: Some(Key::Char(b)) });
        }
        Ok(Chord { first: word.parse()?, second: None })
    }
}

impl std::fmt::Display for Chord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.first.fmt(f)?;
        self.second.map_or(Ok(()), |key| key.fmt(f))
    }
}

/// A command in its scope with the keys that it has.
#[derive(Clone, Debug)]
pub struct Binding {
    /// Where it belongs.
    pub scope: Scope,
    /// The command.
    pub command: Command,
    /// Its keys; none when a config took them all.
    pub keys: Vec<Chord>,
}

impl Binding {
    /// The name in `key-ACTION`: `quit`, `list_down`, `procs_signal`.
    pub fn action(&self) -> String {
        action(self.scope, self.command.name())
    }

    /// Its keys between blanks, as the help shows them.
    pub fn shown(&self) -> String {
        let keys: Vec<String> = self.keys.iter().map(Chord::to_string).collect();
        // nine keys of one kind are a range
        match keys.as_slice() {
            [first, .., last] if keys.len() == 9 => format!("{first}-{last}"),
            all => all.join(" "),
        }
    }
}

fn action(scope: Scope, name: &str) -> String {
    match scope.prefix() {
        Some(prefix) => format!("{prefix}_{name}"),
        None => name.to_owned(),
    }
}

/// What a key press means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Resolved {
    /// Nothing.
    Unbound,
    /// It may be the first of two.
    Pending,
    /// A command, and which of its keys it was.
    Command(Scope, Command, usize),
}

/// All bindings.
#[derive(Clone, Debug)]
pub struct Bindings {
    all: Vec<Binding>,
}

impl Bindings {
    /// The default keys, and those of a config laid over them: pairs of an action and its keys between
    /// blanks.
    ///
    /// # Errors
    /// An unknown action, a word that is not a key, or two actions that one key would do in the same
    /// place; the message names both. The first of each pair is returned for the place in the config.
    pub fn new(
        registry: &Registry,
        rebound: &[(String, String)],
    ) -> Result<Bindings, Vec<(String, String)>> {
        Bindings::with_hooks(registry, rebound, &[])
    }

    /// The same with the hooks of a config: each is an action `hook_NAME`, everywhere or in one box.
    ///
    /// # Errors
    /// As those of [`Bindings::new`].
    pub fn with_hooks(
        registry: &Registry,
        rebound: &[(String, String)],
        hooks: &[Hook],
    ) -> Result<Bindings, Vec<(String, String)>> {
        let widgets = registry.widgets().iter();
        let own =
            widgets.flat_map(|w| w.command_list().iter().map(|c| (Scope::Widget(w.name()), *c)));
        let everywhere = EVERYWHERE.iter().map(|c| (Scope::Everywhere, *c));
        let lists = LISTS.iter().map(|c| (Scope::Lists, *c));
        let mut errors = Vec::new();
        let mut all: Vec<Binding> = Vec::new();
        let editor = editor::COMMANDS.iter().map(|c| (Scope::Editor, *c));
        for (scope, command) in everywhere.chain(lists).chain(own).chain(editor) {
            let name = action(scope, command.name());
            let keys = parse(command.default_keys(), &name, &mut errors);
            all.push(Binding { scope, command, keys });
        }
        let defaults = all.len();
        all.extend(hooks::bindings(hooks, &mut errors));
        // the config gives a hook its keys: a default that has one of them loses it
        let mut chosen: Vec<bool> = (0..all.len()).map(|at| at >= defaults).collect();
        for (name, keys) in rebound {
            match all.iter().position(|b| b.action().eq_ignore_ascii_case(name)) {
                Some(at) => {
                    all[at].keys = parse(keys, name, &mut errors);
                    chosen[at] = true;
                }
                None => {
                    let names: Vec<String> = all.iter().map(Binding::action).collect();
                    let near = nearest(name, names.iter().map(String::as_str));
                    let near = near.map(|n| format!("; did you mean {n:?}?")).unwrap_or_default();
                    let all = "manytop --list keys shows all";
                    errors.push((name.clone(), format!("unknown action {name:?}{near} ({all})")));
                }
            }
        }
        clashes(&mut all, &chosen, &mut errors);
        if errors.is_empty() { Ok(Bindings { all }) } else { Err(errors) }
    }

    /// What keys mean while a widget has the focus: the widget's own first, then those of lists where
    /// it has one, then the dashboard's.
    pub fn resolve(&self, keys: &[Key], widget: &str, is_list: bool) -> Resolved {
        let scopes = [Scope::Widget(""), Scope::Lists, Scope::Everywhere];
        let mut pending = false;
        for wanted in scopes {
            let here = |scope: Scope| match (wanted, scope) {
                (Scope::Widget(_), Scope::Widget(word)) => word == widget,
                (Scope::Lists, Scope::Lists) => is_list,
                (Scope::Everywhere, Scope::Everywhere) => true,
                _ => false,
            };
            for binding in self.all.iter().filter(|b| here(b.scope)) {
                for (nth, chord) in binding.keys.iter().enumerate() {
                    match (keys, chord.second) {
                        ([key], None) if *key == chord.first => {
                            return Resolved::Command(binding.scope, binding.command, nth);
                        }
                        ([first, second], Some(last))
                            if *first == chord.first && *second == last =>
                        {
                            return Resolved::Command(binding.scope, binding.command, nth);
                        }
                        ([key], Some(_)) if *key == chord.first => pending = true,
                        _ => {}
                    }
                }
            }
        }
        if pending { Resolved::Pending } else { Resolved::Unbound }
    }

    /// The command of a key in the layout editor, and which of its keys it was.
    pub fn editor_command(&self, key: Key) -> Option<(&'static str, usize)> {
        let own = self.all.iter().filter(|binding| binding.scope == Scope::Editor);
        own.flat_map(|binding| binding.keys.iter().enumerate().map(move |at| (binding, at)))
            .find(|(_, (_, chord))| chord.first == key && chord.second.is_none())
            .map(|(binding, (nth, _))| (binding.command.name(), nth))
    }

    /// The bindings of the dashboard and, where one has a list, of lists; then of each widget.
    pub fn of<'a>(&'a self, widgets: &'a [&'a str]) -> impl Iterator<Item = &'a Binding> + 'a {
        self.all.iter().filter(move |binding| match binding.scope {
            Scope::Everywhere | Scope::Lists | Scope::Editor => true,
            Scope::Widget(word) => widgets.contains(&word),
        })
    }

    /// Whether a key does something anywhere.
    pub fn has(&self, key: Key) -> bool {
        self.all.iter().any(|binding| binding.keys.iter().any(|chord| chord.first == key))
    }

    /// All of them.
    pub fn all(&self) -> &[Binding] {
        &self.all
    }

    /// The key to show for a command, the first that it has.
    pub fn first_key(&self, scope: Scope, name: &str) -> Option<String> {
        let found = self.all.iter().find(|b| b.scope == scope && b.command.name() == name)?;
        found.keys.first().map(Chord::to_string)
    }
}

fn parse(words: &str, name: &str, errors: &mut Vec<(String, String)>) -> Vec<Chord> {
    let mut keys = Vec::new();
    for word in words.split_whitespace() {
        match Chord::parse(word) {
            Ok(chord) => keys.push(chord),
            Err(problem) => errors.push((name.to_owned(), problem)),
        }
    }
    keys
}

/// A key that a config gives to one action is taken from the defaults of others in the same scope; two
/// of the config's own, or two defaults, are an error.
fn clashes(all: &mut [Binding], chosen: &[bool], errors: &mut Vec<(String, String)>) {
    for a in 0..all.len() {
        for b in a + 1..all.len() {
            if all[a].scope != all[b].scope {
                continue;
            }
            let shared: Vec<Chord> =
                all[a].keys.iter().filter(|k| all[b].keys.contains(k)).copied().collect();
            for chord in shared {
                match (chosen[a], chosen[b]) {
                    (true, false) => all[b].keys.retain(|k| *k != chord),
                    (false, true) => all[a].keys.retain(|k| *k != chord),
                    _ => {
                        let (one, other) = (all[a].action(), all[b].action());
                        errors.push((
                            other.clone(),
                            format!("{chord} is bound to both {one} and {other}"),
                        ));
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests;
