//! What a widget is: a static description that registers itself, and something that draws a view.
//!
//! A widget never acts and never waits. It draws what it is shown, moves its own cursor, and returns
//! what a person asked for as an [`Action`], which the application confirms and does.

use crate::{
    options::{Options, Spec},
    provider::{BuildError, Want},
    reading::{Kind, Quantity},
    source::Source,
    view::View,
};
use ratatui_core::{buffer::Buffer, layout::Rect};
use std::{panic::Location, time::Duration};

/// A key as widgets know it; which terminal sent it is not their business.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Key {
    /// A character, shifted as typed.
    Char(char),
    /// A character with Control held.
    Ctrl(char),
    /// The keys with names.
    Up,
    #[expect(missing_docs)]
    Down,
    #[expect(missing_docs)]
    Left,
    #[expect(missing_docs)]
    Right,
    #[expect(missing_docs)]
    PageUp,
    #[expect(missing_docs)]
    PageDown,
    #[expect(missing_docs)]
    Home,
    #[expect(missing_docs)]
    End,
    #[expect(missing_docs)]
    Enter,
    #[expect(missing_docs)]
    Esc,
    #[expect(missing_docs)]
    Tab,
    #[expect(missing_docs)]
    BackTab,
    #[expect(missing_docs)]
    Backspace,
    #[expect(missing_docs)]
    Delete,
    /// A function key.
    F(u8),
}

/// What the mouse did inside the widget, in columns and rows from its upper left corner.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mouse {
    /// A press of the left button.
    #[expect(missing_docs)]
    Click { column: u16, row: u16 },
    /// The wheel, away from the person.
    ScrollUp,
    /// The wheel, towards the person.
    ScrollDown,
}

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

/// The signals that a person can send.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Signal {
    /// Please stop (SIGTERM, 15).
    Terminate,
    /// Stop with a core dump (SIGQUIT, 3).
    Quit,
    /// Stop at once (SIGKILL, 9).
    Kill,
}

/// A process of this machine, and never of another: a remote's row has no way to make one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct LocalProcess {
    /// The pid.
    pub pid: u32,
    /// Its start time in the clock ticks of /proc/PID/stat, against a pid that was taken again.
    pub started: u64,
    /// The name, for the question.
    pub name: String,
}

/// What only the application may do.
#[derive(Clone, PartialEq, Debug)]
pub enum Action {
    /// Show this source alone.
    Open(Source),
    /// It is known that this source is stale or down; or is to be said again, where it was known.
    Acknowledge(Source),
    /// Signal these processes, after asking.
    Signal(Signal, Vec<LocalProcess>),
    /// Tell the person something on the status bar.
    Say(String),
}

/// What a widget needs collected.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct Wants {
    /// Kinds and dear quantities.
    pub want: Want,
    /// Lines to keep for graphs.
    pub history: Vec<Keep>,
}

/// Lines that are to be kept for a graph.
#[derive(Clone, PartialEq, Debug)]
pub struct Keep {
    /// The kind.
    pub kind: Kind,
    /// The quantity, a gauge or what core derives.
    pub quantity: &'static Quantity,
    /// Of each device; otherwise only of the source as a whole.
    pub each_device: bool,
    /// How long, at most [`MOST_SAMPLES`](crate::history::MOST_SAMPLES) samples.
    pub span: Duration,
}

/// What stands in the border of a widget.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Title {
    /// At the left.
    pub left: String,
    /// At the right; dropped first when there is no room.
    pub right: String,
}

impl Title {
    /// A title with a left side only.
    pub fn new(left: impl Into<String>) -> Title {
        Title { left: left.into(), right: String::new() }
    }

    /// With a right side.
    #[must_use]
    pub fn right(mut self, right: impl Into<String>) -> Title {
        self.right = right.into();
        self
    }
}

/// Draws a view. It has a little state of its own (cursor, sort, filter) and reads nothing else.
pub trait Widget: Send {
    /// What it needs collected, as its state and its options stand now.
    fn wants(&self) -> Wants;

    /// What stands in its border. `area` is the inside. The application adds source, age and failure.
    fn title(&self, view: &View<'_>, area: Rect) -> Title;

    /// Draws the inside. `area` may be as small as 0×0.
    fn draw(&mut self, view: &View<'_>, area: Rect, buffer: &mut Buffer);

    /// Whether there is nothing to show, so that its place can go to others.
    fn is_empty(&self, view: &View<'_>) -> bool {
        let _ = view;
        false
    }

    /// How many rows it can use at that width; `None` for as many as it gets.
    fn rows(&self, view: &View<'_>, width: u16) -> Option<u16> {
        let _ = (view, width);
        None
    }

    /// A key, while it is in focus.
    fn on_key(&mut self, key: Key, view: &View<'_>) -> Outcome {
        let _ = (key, view);
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

    /// Whether it is reading a line of text (a filter), so that all keys go to it.
    fn is_typing(&self) -> bool {
        false
    }
}

/// A key and what it does, for the help.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct KeyHelp {
    /// As people write it: `^d`, `dd`, `Enter`.
    pub keys: &'static str,
    /// What it does.
    pub help: &'static str,
}

/// The description of a widget, submitted with `inventory::submit!` in the file that implements it.
pub struct Plugin {
    name: &'static str,
    about: &'static str,
    kinds: &'static [Kind],
    options: &'static [&'static Spec],
    keys: &'static [KeyHelp],
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
        Plugin { name, about, kinds: &[], options: &[], keys: &[], build, at }
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

    /// The keys it knows.
    #[must_use]
    pub const fn keys(mut self, keys: &'static [KeyHelp]) -> Plugin {
        self.keys = keys;
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

    /// The keys it knows.
    pub const fn key_help(&self) -> &'static [KeyHelp] {
        self.keys
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

inventory::collect!(Plugin);
