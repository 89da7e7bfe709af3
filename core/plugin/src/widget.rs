//! What a widget is: a static description that registers itself, and something that draws a view.
//!
//! A widget never acts and never waits. It draws what it is shown, moves its own cursor, and returns
//! what a person asked for as an [`Action`], which the application confirms and does.

pub use crate::keys::{Command, Key, Mouse, Move};

use crate::{
    options::{Options, Spec},
    provider::{BuildError, Selection},
    reading::{Kind, Metric},
    source::Source,
    view::View,
};
use ratatui_core::{buffer::Buffer, layout::Rect};
use std::{panic::Location, sync::Arc, time::Duration};

mod title;

pub use title::{Axis, Rule, Scroll, Segment, Title, hot, legend};

/// What became of a key.
#[derive(Clone, PartialEq, Debug)]
pub enum Outcome {
    /// It means nothing here; the application may know it.
    Ignored,
    /// It was taken, and something looks different.
    Redraw,
    /// A person asks for something that only the application may do.
    Act(Action),
}

/// A process that is to be signalled or reniced. The application decides whether its host allows that.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ProcessTarget {
    /// Its host.
    pub source: Source,
    /// The pid.
    pub pid: u32,
    /// Its start time against a pid that was taken again: in the clock ticks of /proc/PID/stat, or in seconds
    /// since 1970, as the reader of processes tells it.
    pub started: u64,
    /// The name, for the question.
    pub name: String,
}

/// A process of any host. Its end is reported.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WatchedProcess {
    /// Its host.
    pub source: Source,
    /// Its pid, the name of the device.
    pub pid: Arc<str>,
    /// What tells it from an earlier process of the same pid.
    pub generation: u64,
    /// Its name.
    pub name: String,
    /// When it was started, in seconds since 1970, where that is known.
    pub started: Option<u64>,
}

/// What only the application may do.
#[derive(Clone, PartialEq, Debug)]
pub enum Action {
    /// Show this source alone.
    Open(Source),
    /// It is known that this source is stale or down; or is to be said again, where it was known.
    Acknowledge(Source),
    /// An alert is known: ask until when.
    AcknowledgeAlert {
        /// The rule's name.
        rule: Arc<str>,
        /// The host.
        source: Source,
        /// The device, where the rule is about devices.
        device: Option<Arc<str>>,
    },
    /// Tell when this process ends; or no longer, where that was asked for before.
    Watch(WatchedProcess),
    /// Choose a signal for these processes, ask, and send it.
    Signal(Vec<ProcessTarget>),
    /// Change the niceness of these processes by so much, after asking.
    Renice(Vec<ProcessTarget>, i32),
    /// An option of the widget that a person has changed from inside, with its value as a config has it:
    /// the application can keep it.
    SetOption(&'static str, String),
    /// Show these hosts side by side.
    Compare(Vec<Source>),
    /// Tell the person something on the status bar.
    Say(String),
}

/// What a widget needs collected.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Wants {
    /// Kinds and dear quantities.
    pub want: Selection,
    /// Lines to keep for graphs.
    pub history: Vec<Keep>,
}

/// Lines that are to be kept for a graph.
#[derive(Clone, PartialEq, Debug)]
pub struct Keep {
    /// The kind.
    pub kind: Kind,
    /// The quantity, a gauge or what core derives.
    pub quantity: &'static Metric,
    /// Of each device; otherwise only of the source as a whole.
    pub each_device: bool,
    /// How long, at least.
    pub span: Duration,
}

/// A column of a list that can be shown and hidden from inside.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ColumnChoice {
    /// Its word, as an option of the widget has it.
    pub word: &'static str,
    /// What it shows.
    pub about: &'static str,
    /// Whether it is shown now.
    pub shown: bool,
}

/// Draws a view. It has a little state of its own (cursor, sort, filter) and reads nothing else.
pub trait Widget: Send {
    /// What it needs collected, as its state and its options stand now.
    fn wants(&self) -> Wants;

    /// The texts of its border. `area` is the inside. The application adds source, age and failure.
    fn title(&self, view: &View<'_>, area: Rect) -> Title;

    /// Draws the inside. `area` may be as small as 0×0.
    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer);

    /// Whether there is nothing to show, so that its place can go to others.
    fn is_empty(&self, view: &View<'_>) -> bool {
        let _ = view;
        false
    }

    /// Whether it has two things to show beside each other, and so a use for the whole width of a screen.
    fn is_wide(&self) -> bool {
        false
    }

    /// How many rows it can use at that width; `None` for as many as it gets.
    fn rows(&self, view: &View<'_>, width: u16) -> Option<u16> {
        let _ = (view, width);
        None
    }

    /// A key of a text that is being typed, while [`is_typing`](Widget::is_typing) says so.
    fn on_key(&mut self, key: Key, view: &View<'_>) -> Outcome {
        let _ = (key, view);
        Outcome::Ignored
    }

    /// One of its own commands, by name, while it has the focus.
    fn on_command(&mut self, command: &str, view: &View<'_>) -> Outcome {
        let _ = (command, view);
        Outcome::Ignored
    }

    /// A move of the cursor of its list.
    fn on_move(&mut self, to: Move, view: &View<'_>) -> Outcome {
        let _ = (to, view);
        Outcome::Ignored
    }

    /// Esc, while it has the focus: clears its filter or releases its cursor, if there is one.
    fn on_escape(&mut self, view: &View<'_>) -> Outcome {
        let _ = view;
        Outcome::Ignored
    }

    /// The mouse, inside its area.
    fn on_mouse(&mut self, mouse: Mouse, view: &View<'_>) -> Outcome {
        let _ = (mouse, view);
        Outcome::Ignored
    }

    /// The source under its cursor, for boxes that follow it (`@>` in a layout). A list of hosts has one.
    fn selected(&mut self, view: &View<'_>) -> Option<Source> {
        let _ = view;
        None
    }

    /// The device under its cursor, for programs that a key starts: its host, kind and name.
    fn selected_device(&mut self, view: &View<'_>) -> Option<(Source, Kind, Arc<str>)> {
        let _ = view;
        None
    }

    /// The columns that can be shown and hidden, in their order.
    fn columns(&self) -> Vec<ColumnChoice> {
        Vec::new()
    }

    /// Shows one of its columns, or no longer, by its word.
    fn toggle_column(&mut self, word: &str, view: &View<'_>) -> Outcome {
        let _ = (word, view);
        Outcome::Ignored
    }

    /// Whether it is reading a line of text (a filter), so that all keys go to it.
    fn is_typing(&self) -> bool {
        false
    }
}

/// The description of a widget, submitted with `inventory::submit!` in the file that implements it.
pub struct Plugin {
    name: &'static str,
    about: &'static str,
    kinds: &'static [Kind],
    options: &'static [&'static Spec],
    commands: &'static [Command],
    is_list: bool,
    build: fn(&Options) -> Result<Box<dyn Widget>, BuildError>,
    at: &'static Location<'static>,
}

impl Plugin {
    /// A widget; `name` is its word in a layout.
    #[track_caller]
    pub const fn new(
        name: &'static str,
        about: &'static str,
        build: fn(&Options) -> Result<Box<dyn Widget>, BuildError>,
    ) -> Plugin {
        let at = Location::caller();
        Plugin { name, about, kinds: &[], options: &[], commands: &[], is_list: false, build, at }
    }

    /// The kinds it draws; a kind that no widget draws is shown by `devices`.
    #[must_use]
    pub const fn draws(mut self, kinds: &'static [Kind]) -> Plugin {
        self.kinds = kinds;
        self
    }

    /// What can be set in a config, as `widget-NAME-option` with the widget's word as NAME.
    #[must_use]
    pub const fn options(mut self, options: &'static [&'static Spec]) -> Plugin {
        self.options = options;
        self
    }

    /// The commands it knows, with their default keys.
    #[must_use]
    pub const fn commands(mut self, commands: &'static [Command]) -> Plugin {
        self.commands = commands;
        self
    }

    /// It has a list with a cursor that takes the keys of all lists: [`Widget::on_move`].
    #[must_use]
    pub const fn list(mut self) -> Plugin {
        self.is_list = true;
        self
    }

    /// Its word in a layout.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// One sentence.
    pub const fn about(&self) -> &'static str {
        self.about
    }

    /// The kinds it draws.
    pub const fn kinds(&self) -> &'static [Kind] {
        self.kinds
    }

    /// What can be set in a config.
    pub const fn specs(&self) -> &'static [&'static Spec] {
        self.options
    }

    /// The commands it knows.
    pub const fn command_list(&self) -> &'static [Command] {
        self.commands
    }

    /// Whether it has a list with a cursor.
    pub const fn is_list(&self) -> bool {
        self.is_list
    }

    /// Whether keys can go to it.
    pub const fn takes_keys(&self) -> bool {
        self.is_list || !self.commands.is_empty()
    }

    /// Makes one.
    pub fn build(&self, options: &Options) -> Result<Box<dyn Widget>, BuildError> {
        (self.build)(options)
    }

    /// Where it is registered.
    pub const fn at(&self) -> &'static Location<'static> {
        self.at
    }
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "widget {} ({})", self.name(), self.at())
    }
}

inventory::collect!(Plugin);
