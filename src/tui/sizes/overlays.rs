//! What lies over the screen, at every size and in every number of colours, and what its keys do.

use super::{NOW, board, snapshot};
use crate::tui::dashboard::{Dashboard, Effect};
use manytop_core::{
    ratatui_core::{buffer::Buffer, layout::Rect},
    source::Source,
    theme::{Depth, Ground, Theme},
    view::Snapshot,
    widget::{Action, Key, Outcome, ProcessTarget},
};

fn drawn(board: &mut Dashboard, snapshot: &Snapshot, width: u16, height: u16) -> String {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    board.draw(snapshot, NOW, area, &mut buffer);
    let rows = buffer.content.chunks(usize::from(width));
    rows.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>() + "\n").collect()
}

fn press(board: &mut Dashboard, snapshot: &Snapshot, keys: &str) {
    for c in keys.chars() {
        board.on_key(if c == '\n' { Key::Enter } else { Key::Char(c) }, snapshot, NOW);
    }
}

fn signal(board: &mut Dashboard, pids: &[u32]) {
    let process = |pid| ProcessTarget {
        source: Source::Local,
        pid,
        started: 1,
        name: format!("sh{}", pid % 3),
    };
    let all = pids.iter().map(|pid| process(*pid)).collect();
    board.act(Outcome::Act(Action::Signal(all)), NOW);
}

type Opens = fn(&mut Dashboard, &Snapshot);

#[test]
fn each_is_drawn_at_every_size_and_closes() {
    let opens: [(&str, Opens); 6] = [
        ("commands", |board, all| press(board, all, ":")),
        ("commands", |board, all| press(board, all, ":xyzzy")),
        ("signal", |board, _| signal(board, &[7])),
        ("signal", |board, _| signal(board, &[7, 8, 9, 10])),
        ("help", |board, all| press(board, all, "?")),
        ("log", |board, all| {
            (0..40).for_each(|n| board.warn(format!("{n} {}", "words ".repeat(n)), NOW));
            press(board, all, "L");
        }),
    ];
    let snapshot = snapshot(&["local", "pi4", "Jerry"]);
    for depth in [Depth::True, Depth::None] {
        for (title, open) in opens {
            let mut board = board(&snapshot);
            board.parts.theme = Theme::new(Ground::Dark, depth);
            drawn(&mut board, &snapshot, 120, 40);
            open(&mut board, &snapshot);
            let small = (1..40).flat_map(|w| (1..24).map(move |h| (w, h)));
            let large = [(59, 14), (60, 15), (80, 24), (100, 30), (160, 48), (400, 120)];
            for (width, height) in small.chain(large) {
                let shown = drawn(&mut board, &snapshot, width, height);
                assert!(
                    (width, height) < (20, 5)
                        || height < 5
                        || shown.contains(&format!(" {title} ")),
                    "no {title} at {width}×{height}:\n{shown}"
                );
            }
            for key in [Key::Up, Key::Down, Key::PageDown, Key::End, Key::Home] {
                board.on_key(key, &snapshot, NOW);
                drawn(&mut board, &snapshot, 20, 5);
            }
            let close = if depth == Depth::True { Key::Esc } else { Key::Ctrl('c') };
            assert_eq!(board.on_key(close, &snapshot, NOW), Effect::Draw);
            let shown = drawn(&mut board, &snapshot, 100, 30);
            assert!(!shown.contains(&format!("╭─ {title} ─")), "{shown}");
        }
    }
}

#[test]
fn the_palette_does_what_it_finds() {
    let snapshot = snapshot(&["local", "pi4", "Jerry"]);
    let mut board = board(&snapshot);
    drawn(&mut board, &snapshot, 160, 48);
    press(&mut board, &snapshot, ":layout: gotop\n");
    assert_eq!(board.parts.choice.name, "gotop");
    press(&mut board, &snapshot, ":theme light\n");
    assert_eq!(board.parts.theme.ground, Ground::Light);
    press(&mut board, &snapshot, ":bits\n");
    assert!(board.parts.settings.bits);
    press(&mut board, &snapshot, ":host jer\n");
    assert_eq!(board.opened.as_ref().map(|(source, _)| source.name()), Some("Jerry"));
    board.on_key(Key::Ctrl('p'), &snapshot, NOW);
    press(&mut board, &snapshot, "interval 4s");
    let effect = board.on_key(Key::Enter, &snapshot, NOW);
    assert_eq!(effect, Effect::Interval(std::time::Duration::from_secs(4)));
    press(&mut board, &snapshot, ":quit");
    assert_eq!(board.on_key(Key::Enter, &snapshot, NOW), Effect::Quit);
}

#[test]
fn the_palette_gives_a_widgets_command_to_the_widget_with_the_keys() {
    let snapshot = snapshot(&["local"]);
    let mut board = board(&snapshot);
    drawn(&mut board, &snapshot, 120, 40);
    press(&mut board, &snapshot, ":procs: send a signal\n");
    let shown = drawn(&mut board, &snapshot, 120, 40);
    assert!(shown.contains("send TERM to sh 7"), "{shown}");
    board.on_key(Key::Ctrl('c'), &snapshot, NOW);
    press(&mut board, &snapshot, ":");
    let shown = drawn(&mut board, &snapshot, 120, 40);
    assert!(shown.contains("letters in any order will do"), "{shown}");
    if let Ok(file) = std::env::var("MANYTOP_LOOK") {
        let mut all = shown;
        press(&mut board, &snapshot, "gr");
        all += &drawn(&mut board, &snapshot, 100, 30);
        board.on_key(Key::Esc, &snapshot, NOW);
        for (width, height) in [(100, 30), (200, 50), (40, 12)] {
            press(&mut board, &snapshot, "?");
            all += &drawn(&mut board, &snapshot, width, height);
            board.on_key(Key::Esc, &snapshot, NOW);
            signal(&mut board, &[7]);
            all += &drawn(&mut board, &snapshot, width, height);
            board.on_key(Key::Esc, &snapshot, NOW);
        }
        std::fs::write(file, all).unwrap();
    }
}
