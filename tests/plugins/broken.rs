//! A manytop with plugins that break on purpose: a widget that panics on a key, and on another one when
//! it is next asked what it wants; a provider that panics when it is polled; a reader that panics when it
//! reads. The end-to-end tests run it.

use manytop_core::{
    inventory,
    options::Options,
    provider::{self, BuildError, Failure, Polling, Provider, Reader, Want, Yields},
    ratatui_core::{buffer::Buffer, layout::Rect},
    reading::{Answer, Kind},
    view::View,
    widget::{self, Key, KeyHelp, Outcome, Title, Wants, Widget},
};
use std::process::ExitCode;

const FRAGILE: Kind = Kind::new("fragile");

inventory::submit! {
    widget::Plugin::new("broken", "Panics on the keys B and W.", |_| {
        Ok(Box::new(BrokenWidget { wants: true }))
    })
        .draws(&[FRAGILE])
        .keys(&[KeyHelp { keys: "B W", help: "panic" }])
}
inventory::submit! {
    provider::Plugin::polls("brokenpoll", "Panics when polled.", poll)
        .yields(&[Yields::new(FRAGILE, &[])])
}
inventory::submit! {
    provider::Plugin::reads("brokenread", "Panics when it reads.", read)
        .yields(&[Yields::new(FRAGILE, &[])])
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
        Wants { want: Want::kinds(&[FRAGILE]), ..Wants::default() }
    }
    fn title(&self, _: &View<'_>, _: Rect) -> Title {
        Title::new("broken on purpose")
    }
    fn draw(&mut self, _: &View<'_>, _: Rect, _: &mut Buffer) {}
    fn on_key(&mut self, key: Key, _: &View<'_>) -> Outcome {
        match key {
            Key::Char('B') => panic!("broken on purpose: the key"),
            Key::Char('W') => {
                self.wants = false;
                Outcome::Redraw
            }
            _ => Outcome::Ignored,
        }
    }
}

impl Provider for Broken {
    fn poll<'a>(&'a mut self, _: &'a Want) -> Polling<'a> {
        Box::pin(async { panic!("broken on purpose: the poll") })
    }
}

impl Reader for Broken {
    fn read(&mut self, _: &Want) -> Result<Answer, Failure> {
        panic!("broken on purpose: the reader")
    }
}

fn main() -> ExitCode {
    manytop::main()
}
