//! Every command of the table of keys has an effect.

use super::{NOW, board, snapshot};
use crate::tui::{
    bindings::{EVERYWHERE, Scope},
    dashboard::Effect,
};
use manytop_core::{
    ratatui_core::{buffer::Buffer, layout::Rect},
    source::Source,
    widget::{Action, Outcome},
};

#[test]
fn every_command_of_the_dashboard_has_an_effect() {
    let snapshot = snapshot(&["nas", "pi4", "Jerry"]);
    // without a kept past there is nothing to go to
    let of_the_past = |help: &str| help.starts_with("the past:");
    for command in EVERYWHERE.iter().filter(|c| !of_the_past(c.help())) {
        let mut board = board(&snapshot);
        let area = Rect::new(0, 0, 160, 48);
        board.draw(&snapshot, NOW, area, &mut Buffer::empty(area));
        board.act(Outcome::Act(Action::Open(Source::named("pi4"))), NOW);
        board.draw(&snapshot, NOW, area, &mut Buffer::empty(area));
        let effect = board.perform(Scope::Everywhere, command.name(), 0, &snapshot, NOW);
        assert_ne!(effect, Effect::None, "{}", command.name());
    }
}

#[test]
fn hosts_are_compared_and_esc_goes_back() {
    let snapshot = snapshot(&["nas", "pi4", "Jerry"]);
    let mut board = board(&snapshot);
    let area = Rect::new(0, 0, 160, 48);
    let words = |board: &mut crate::tui::dashboard::Dashboard| {
        let mut buffer = Buffer::empty(area);
        board.draw(&snapshot, NOW, area, &mut buffer);
        buffer.content.iter().map(|cell| cell.symbol()).collect::<String>()
    };
    words(&mut board);
    let hosts = vec![Source::named("nas"), Source::named("Jerry")];
    board.act(Outcome::Act(Action::Compare(hosts)), NOW);
    let shown = words(&mut board);
    assert_eq!(shown.matches("▌Jerry").count(), 4, "a box of each kind: {shown}");
    assert!(!shown.contains("pi4"), "{shown}");
    board.perform(Scope::Everywhere, "close", 0, &snapshot, NOW);
    assert!(words(&mut board).contains("pi4"));
}
