//! A manytop with plugins that break on purpose: a widget that panics on a key, and on another one when
//! it is next asked what it wants; a provider that panics when it is polled; a reader that panics when it
//! reads. The end-to-end tests run it.

use manytop_core::{
    inventory,
    options::Options,
    provider::{self, BuildError, Failure, Polling, Provider, Provides, Reader, Selection},
    ratatui_core::{buffer::Buffer, layout::Rect},
    reading::{Kind, PollResult},
    view::View,
    widget::{self, Command, Outcome, Title, Wants, Widget},
};
use std::process::ExitCode;

const FRAGILE: Kind = Kind::new("fragile");

inventory::submit! {
    widget::Plugin::new("broken", "Panics on the keys B and W.", |_| {
        Ok(Box::new(BrokenWidget { wants: true }))
    })
        .draws(&[FRAGILE])
        .commands(&[
            Command::new("panic", "B", "panic at once"),
            Command::new("panic_later", "W", "panic when asked what it wants"),
        ])
}
inventory::submit! {
    provider::Plugin::polls("brokenpoll", "Panics when polled.", poll)
        .yields(&[Provides::new(FRAGILE, &[])])
}
inventory::submit! {
    provider::Plugin::reads("brokenread", "Panics when it reads.", read)
        .yields(&[Provides::new(FRAGILE, &[])])
}

fn poll(_: &Options) -> Result<Box<dyn Provider>, BuildError> {
    Ok(Box::new(Broken))
}

fn read(_: &Options) -> Result<Box<dyn Reader>, BuildError> {
    Ok(Box::new(Broken))
}

struct Broken;

struct BrokenWidget {
    wants: bool,
}

impl Widget for BrokenWidget {
    fn wants(&self) -> Wants {
        assert!(self.wants, "broken on purpose: what the widget wants");
        Wants { want: Selection::kinds(&[FRAGILE]), ..Wants::default() }
    }
    fn title(&self, _: &View<'_>, _: Rect) -> Title {
        Title::new("broken on purpose")
    }
    fn draw(&mut self, _: &View<'_>, _: Rect, _: &mut Buffer) {}
    fn on_command(&mut self, command: &str, _: &View<'_>) -> Outcome {
        match command {
            "panic" => panic!("broken on purpose: the key"),
            "panic_later" => {
                self.wants = false;
                Outcome::Redraw
            }
            _ => Outcome::Ignored,
        }
    }
}

impl Provider for Broken {
    fn poll<'a>(&'a mut self, _: &'a Selection) -> Polling<'a> {
        Box::pin(async { panic!("broken on purpose: the poll") })
    }
}

impl Reader for Broken {
    fn read(&mut self, _: &Selection) -> Result<PollResult, Failure> {
        panic!("broken on purpose: the reader")
    }
}

fn main() -> ExitCode {
    manytop::main()
}
