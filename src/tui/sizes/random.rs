//! Random keys, clicks, sizes and pictures: no panic, a focus that exists, no cell outside of the screen.

use super::{NOW, board, snapshot};
use crate::tui::dashboard::Effect;
use manytop_core::{
    ratatui_core::{
        buffer::{Buffer, Cell},
        layout::Rect,
    },
    testing::Numbers,
    widget::Key,
};

const EVENTS: usize = 100_000;
/// A frame is drawn after so many events.
const FRAME: usize = 25;
const NAMED: [Key; 18] = [
    Key::Up,
    Key::Down,
    Key::Left,
    Key::Right,
    Key::PageUp,
    Key::PageDown,
    Key::Home,
    Key::End,
    Key::Enter,
    Key::Esc,
    Key::Tab,
    Key::BackTab,
    Key::Backspace,
    Key::Delete,
    Key::Ctrl('d'),
    Key::Ctrl('u'),
    Key::Ctrl('p'),
    Key::Ctrl('c'),
];

fn key(numbers: &mut Numbers) -> Key {
    match numbers.below(10) {
        0..=5 => Key::Char((b' ' + numbers.below(95) as u8) as char),
        6 => Key::F(1 + numbers.below(10) as u8),
        7 => Key::Char(['ü', '日', '\u{301}', '▏'][numbers.below(4)]),
        _ => NAMED[numbers.below(NAMED.len())],
    }
}

#[test]
fn a_hundred_thousand_random_events_do_no_harm() {
    // remote hosts only: nothing of this machine can be signalled
    let pictures = [
        snapshot(&["nas"]),
        snapshot(&["nas", "pi4", "Jerry"]),
        snapshot(&["nas", "pi4", "Jerry", "a", "b", "c", "d", "e", "f", "g"]),
    ];
    let mut numbers = Numbers::default();
    let mut board = board(&pictures[0]);
    let mut picture = &pictures[0];
    let (mut width, mut height) = (80, 24);
    let mut last = Vec::new();
    for event in 0..EVENTS {
        let effect = match numbers.below(20) {
            0 => {
                let at = (numbers.below(220) as u16, numbers.below(70) as u16);
                let wheel = [None, Some(true), Some(false)][numbers.below(3)];
                last.push(format!("mouse {at:?} {wheel:?}"));
                board.on_mouse(at, wheel, picture, NOW)
            }
            1 => {
                (width, height) = (1 + numbers.below(210) as u16, 1 + numbers.below(64) as u16);
                last.push(format!("size {width}x{height}"));
                Effect::Draw
            }
            2 => {
                picture = &pictures[numbers.below(pictures.len())];
                board.adapt(picture, NOW);
                last.push("picture".to_owned());
                Effect::Draw
            }
            _ => {
                let key = key(&mut numbers);
                last.push(key.to_string());
                board.on_key(key, picture, NOW)
            }
        };
        drop(effect); // what only the terminal or the config can do
        if !event.is_multiple_of(FRAME) {
            continue;
        }
        // one column and row around the screen are not the dashboard's
        let whole = Rect::new(0, 0, width + 2, height + 2);
        let screen = Rect::new(1, 1, width, height);
        let mut buffer = Buffer::filled(whole, Cell::new("."));
        board.draw(picture, NOW, screen, &mut buffer);
        let outside = whole.positions().filter(|at| !screen.contains(*at));
        for at in outside {
            assert_eq!(buffer[at].symbol(), ".", "{at:?} of {width}x{height} after {last:?}");
        }
        // a smaller screen has two figures a host instead of boxes
        let has_boxes = width >= 10 && height >= 3;
        for area in board.borders().into_iter().filter(|_| has_boxes) {
            let corners = [
                (area.x, area.y, "╭"),
                (area.right() - 1, area.y, "╮"),
                (area.x, area.bottom() - 1, "╰"),
                (area.right() - 1, area.bottom() - 1, "╯"),
            ];
            for (x, y, corner) in corners {
                assert_eq!(buffer[(x, y)].symbol(), corner, "{area:?} after {last:?}");
            }
        }
        let shown: String = buffer.content.iter().map(Cell::symbol).collect();
        assert!(!shown.contains("broke; the log"), "after {last:?}");
        assert!(board.has_focus(), "the focus is lost after {last:?}");
        last.clear();
    }
}
