//! The layout editor: what its keys do to the screen, and what is saved.

use super::{NOW, board, board_of, snapshot};
use crate::tui::dashboard::{Dashboard, Effect};
use manytop_core::{
    ratatui_core::{buffer::Buffer, layout::Rect},
    view::Snapshot,
    widget::Key,
};
use std::{fs, path::PathBuf};

fn drawn(board: &mut Dashboard, snapshot: &Snapshot, width: u16, height: u16) -> Vec<String> {
    let area = Rect::new(0, 0, width, height);
    let mut buffer = Buffer::empty(area);
    board.draw(snapshot, NOW, area, &mut buffer);
    let rows = buffer.content.chunks(usize::from(width));
    rows.map(|row| row.iter().map(|cell| cell.symbol()).collect()).collect()
}

fn press(board: &mut Dashboard, snapshot: &Snapshot, keys: &str) -> Effect {
    let mut last = Effect::None;
    for c in keys.chars() {
        let key = match c {
            '\n' => Key::Enter,
            '\t' => Key::Tab,
            '\u{1b}' => Key::Esc,
            c => Key::Char(c),
        };
        last = board.on_key(key, snapshot, NOW);
    }
    last
}

/// Each box with its word and its place.
fn boxes(board: &Dashboard) -> Vec<(&'static str, Rect)> {
    board.boxes()
}

fn area(board: &Dashboard, word: &str) -> Rect {
    let found = boxes(board).into_iter().find(|(name, _)| *name == word);
    found.unwrap_or_else(|| panic!("no {word}: {:?}", boxes(board))).1
}

#[test]
fn the_editor_begins_with_what_is_on_the_screen() {
    for (names, sizes) in [
        (&["local"][..], &[(160, 48), (80, 24), (200, 60), (260, 90)][..]),
        (&["local", "pi4", "Jerry"][..], &[(160, 48), (80, 24)][..]),
    ] {
        for &(width, height) in sizes {
            let snapshot = snapshot(names);
            let mut board = board(&snapshot);
            drawn(&mut board, &snapshot, width, height);
            // of a host that is down, one box says so
            press(&mut board, &snapshot, "jj");
            drawn(&mut board, &snapshot, width, height);
            let mut before = boxes(&board);
            press(&mut board, &snapshot, "E");
            let shown = drawn(&mut board, &snapshot, width, height);
            assert!(shown.last().unwrap().contains("discard"), "{:?}", shown.last());
            let mut after = boxes(&board);
            for all in [&mut before, &mut after] {
                all.sort_by_key(|(word, area)| (*word, area.y, area.x));
            }
            assert_eq!(before.len(), after.len(), "{width}×{height}: {before:?}\n{after:?}");
            for ((word, a), (other, b)) in before.iter().zip(&after) {
                let near = |a: u16, b: u16| a.abs_diff(b) <= 3;
                assert!(
                    word == other && near(a.x, b.x) && near(a.y, b.y) && near(a.width, b.width),
                    "{width}×{height}: {before:?}\n{after:?}"
                );
            }
        }
    }
}

#[test]
fn a_box_is_resized_moved_and_hidden_and_esc_brings_all_back() {
    let snapshot = snapshot(&["local"]);
    let mut board = board(&snapshot);
    let before = drawn(&mut board, &snapshot, 160, 48);
    press(&mut board, &snapshot, "E2");
    let mem = area(&board, "mem");
    press(&mut board, &snapshot, "L");
    assert_eq!(area(&board, "mem").width, mem.width + 2, "wider");
    press(&mut board, &snapshot, "J");
    assert_eq!(area(&board, "mem").height, mem.height + 1, "taller");
    press(&mut board, &snapshot, "j");
    assert!(area(&board, "mem").y > area(&board, "net").y, "below the next");
    press(&mut board, &snapshot, "u");
    assert!(area(&board, "mem").y < area(&board, "net").y, "taken back");
    press(&mut board, &snapshot, "x");
    assert!(boxes(&board).iter().all(|(word, _)| *word != "mem"), "hidden");
    press(&mut board, &snapshot, "\u{1b}");
    assert_eq!(drawn(&mut board, &snapshot, 160, 48)[1..], before[1..]);
}

#[test]
fn a_key_that_can_do_nothing_says_why_and_changes_nothing() {
    let snapshot = snapshot(&["local"]);
    let mut board = board_of(&snapshot, "minimal", &[]);
    drawn(&mut board, &snapshot, 80, 24);
    press(&mut board, &snapshot, "E1");
    let before = boxes(&board);
    for (key, why) in [("k", "cannot move"), ("L", "whole width"), ("u", "nothing to take back")] {
        press(&mut board, &snapshot, key);
        let shown = drawn(&mut board, &snapshot, 80, 24);
        assert!(shown[23].contains(why), "{key}: {}", shown[23]);
        assert_eq!(boxes(&board), before);
    }
}

#[test]
fn a_box_of_one_host_is_added_where_it_has_room() {
    let snapshot = snapshot(&["local", "pi4", "Jerry"]);
    let mut board = board(&snapshot);
    drawn(&mut board, &snapshot, 160, 48);
    press(&mut board, &snapshot, "Eatemp\n");
    let shown = drawn(&mut board, &snapshot, 160, 48).join("\n");
    assert!(shown.contains("@#prod") && shown.contains("@Jerry"), "{shown}");
    press(&mut board, &snapshot, "jerry\n");
    let shown = drawn(&mut board, &snapshot, 160, 48).join("\n");
    assert!(shown.contains("▌Jerry ─ "), "{shown}");
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("manytop-editor-{name}-{}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(folder.join("layouts")).unwrap();
    folder
}

#[test]
fn a_layout_that_comes_along_is_saved_under_a_new_name_and_shown() {
    let folder = folder("new");
    fs::write(folder.join("layouts/mine"), "cpu\n").unwrap();
    let snapshot = snapshot(&["local"]);
    let mut board = board_of(&snapshot, "default", std::slice::from_ref(&folder));
    drawn(&mut board, &snapshot, 160, 48);
    press(&mut board, &snapshot, "E3xs");
    let shown = drawn(&mut board, &snapshot, 160, 48);
    assert!(shown[47].contains("save as layouts/my-default"), "{}", shown[47]);
    board.on_key(Key::Ctrl('u'), &snapshot, NOW);
    press(&mut board, &snapshot, "mine\n");
    let shown = drawn(&mut board, &snapshot, 160, 48);
    assert!(shown[47].contains("exists"), "{}", shown[47]);
    assert_eq!(fs::read_to_string(folder.join("layouts/mine")).unwrap(), "cpu\n");
    press(&mut board, &snapshot, "2\n");
    let text = fs::read_to_string(folder.join("layouts/mine2")).unwrap();
    assert!(text.contains("cpu") && text.contains("procs") && !text.contains("net"), "{text}");
    assert_eq!(board.parts.choice.name, "mine2");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_file_of_the_users_own_is_replaced_with_its_comments() {
    let folder = folder("own");
    let file = folder.join("layouts/mine");
    fs::write(&file, "# for the wall\ncpu\nmem net\n").unwrap();
    let snapshot = snapshot(&["local"]);
    let mut board = board_of(&snapshot, "mine", std::slice::from_ref(&folder));
    drawn(&mut board, &snapshot, 100, 30);
    press(&mut board, &snapshot, "E3xs");
    assert_eq!(fs::read_to_string(&file).unwrap(), "# for the wall\ncpu\nmem\n");
    press(&mut board, &snapshot, "Es");
    let shown = drawn(&mut board, &snapshot, 100, 30);
    assert!(shown[29].contains("nothing saved"), "{}", shown[29]);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn no_size_breaks_the_editor() {
    let snapshot = snapshot(&["local", "pi4", "Jerry"]);
    for (width, height) in [(1, 1), (10, 3), (20, 5), (40, 10), (60, 15), (400, 120)] {
        let mut board = board(&snapshot);
        let before = drawn(&mut board, &snapshot, width, height);
        for keys in ["E", "L", "H", "J", "K", "h", "j", "k", "l", "x", "\t", "acpu\n", "\n", "u"] {
            press(&mut board, &snapshot, keys);
            drawn(&mut board, &snapshot, width, height);
        }
        press(&mut board, &snapshot, "\u{1b}\u{1b}\u{1b}");
        // the first row has the time
        let boxes = |screen: Vec<String>| screen[usize::from(height >= 6)..].to_vec();
        let after = drawn(&mut board, &snapshot, width, height);
        assert_eq!(boxes(after), boxes(before), "{width}×{height}");
    }
}
