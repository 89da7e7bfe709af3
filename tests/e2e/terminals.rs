//! Terminals of every kind: what they do not know is not sent to them, whatever size they claim.

use crate::{
    home::Home,
    pty::{Pty, Start},
};

/// What xterm and its like know, and a VT100 does not.
const MODERN: [&str; 6] =
    ["\x1b[?1049h", "\x1b[?25l", "\x1b[?1000h", "\x1b[?2026h", "[38;5;", "[48;5;"];

/// Starts it on a terminal of that name and waits for a frame.
#[track_caller]
fn shown_on(home: &Home, term: Option<&str>, lang: &str, args: &[&str]) -> Pty {
    let pty = Start { term, lang, args, ..Start::default() }.run(home);
    pty.wait_for("cpu");
    pty.wait_for("used");
    pty
}

/// What it shows, as a terminal with that many columns and rows would.
fn screen(pty: &Pty) -> String {
    let size = |n| std::num::NonZero::new(n).unwrap();
    let mut terminal = vt100::Parser::new(size(30), size(100), 0);
    terminal.process(&pty.bytes());
    terminal.screen().contents()
}

#[test]
fn a_terminal_is_sent_only_what_it_knows() {
    let home = Home::new();
    for term in [Some("vt100"), Some("vt102"), Some("foobar"), Some("unknown"), Some(""), None] {
        let mut pty = shown_on(&home, term, "C.UTF-8", &[]);
        pty.press("q");
        assert_eq!(pty.wait_for_end(), 0, "{term:?}");
        let text = pty.text();
        for sequence in MODERN {
            assert!(!text.contains(sequence), "{term:?} is sent {sequence:?}");
        }
        // of the sequences that remain, all are a VT100's
        for rest in text.split("\x1b[").skip(1) {
            let end = rest.find(|c: char| c.is_ascii_alphabetic()).unwrap();
            let (numbers, letter) = rest.split_at(end);
            let numbers: Vec<&str> = numbers.split(';').collect();
            let known = match &letter[..1] {
                "m" => numbers.iter().all(|n| ["", "0", "1", "4", "5", "7"].contains(n)),
                "H" | "J" | "C" | "D" => true,
                _ => false,
            };
            assert!(known, "{term:?} is sent ESC[{}{}", numbers.join(";"), &letter[..1]);
        }
    }
    let modern = shown_on(&home, Some("xterm-256color"), "C.UTF-8", &[]).text();
    MODERN[..5].iter().for_each(|sequence| assert!(modern.contains(sequence), "{sequence:?}"));
}

#[test]
fn a_terminal_that_cannot_move_its_cursor_is_refused_by_name() {
    let home = Home::new();
    let mut pty = Start { term: Some("dumb"), ..Start::default() }.run(&home);
    assert_eq!(pty.wait_for_end(), 2);
    let text = pty.wait_for("--once");
    assert!(text.contains("TERM=dumb") && !text.contains('\x1b'), "{text}");
}

#[test]
fn a_locale_that_is_not_utf8_gets_ascii_alone() {
    let home = Home::new();
    for (lang, args, ascii) in [
        ("C", &[][..], true),
        ("", &[], true),
        ("de_DE.ISO-8859-1", &[], true),
        ("C", &["--set", "charset=utf8"], false),
        ("C.UTF-8", &["--set", "charset=ascii"], true),
        ("C.UTF-8", &[], false),
    ] {
        let pty = shown_on(&home, Some("xterm-256color"), lang, args);
        assert_eq!(pty.bytes().is_ascii(), ascii, "{lang:?} {args:?}: {}", screen(&pty));
    }
    let printed = home.run_with(&["--once"], &[("LANG", "C")]).expect(0).stdout;
    assert!(printed.is_ascii() && printed.contains('|') && printed.contains("used"), "{printed}");
    let printed = home.run(&["--once"]).expect(0).stdout;
    assert!(!printed.is_ascii(), "{printed}");
}

#[test]
fn the_console_of_linux_gets_neither_braille_nor_colours_beyond_eight() {
    let home = Home::new();
    let mut pty = shown_on(&home, Some("linux"), "C.UTF-8", &[]);
    pty.press("q");
    assert_eq!(pty.wait_for_end(), 0);
    let text = pty.text();
    let missing = |c: &char| ('\u{2800}'..='\u{28ff}').contains(c) || "▁▂▃▅▆▇╭╮╰╯━╸┈".contains(*c);
    assert_eq!(text.chars().find(missing), None);
    assert!(text.contains('─'), "its font has lines");
    assert!(!text.contains("[38;5;") && !text.contains("[?2026h"), "{text:?}");
}

#[test]
fn an_absurd_size_is_drawn_all_the_same() {
    let home = Home::new();
    for size in [(65535, 65535), (65535, 1), (0, 0), (1, 1)] {
        let mut pty = Start { size, ..Start::default() }.run(&home);
        pty.wait_for("\x1b[?2026l");
        let peak = crate::home::peak_memory(pty.pid());
        assert!(peak < 400 << 20, "{size:?}: {} MiB", peak >> 20);
        pty.press("q");
        assert_eq!(pty.wait_for_end(), 0, "{size:?}");
    }
}

#[test]
fn what_is_missing_of_a_terminal_is_named() {
    let home = Home::new();
    let redirected = |how: &str| {
        let script = format!("exec \"$@\" {how}");
        let before = &["sh", "-c", script.as_str(), "sh"];
        let mut pty = Start { before, ..Start::default() }.run(&home);
        assert_eq!(pty.wait_for_end(), 2, "{how}");
        pty.wait_for("is not a terminal")
    };
    let input = redirected("</dev/null");
    assert!(input.contains("standard input is not a terminal"), "{input}");
    let output = redirected(">out");
    assert!(output.contains("standard output is not a terminal"), "{output}");
}

#[test]
fn a_layout_on_standard_input_leaves_the_keys_to_the_terminal() {
    let home = Home::new();
    home.write("mine", "mem\n");
    let before = &["sh", "-c", "exec \"$@\" <mine", "sh"];
    let mut pty = Start { before, args: &["-l", "-"], ..Start::default() }.run(&home);
    pty.wait_for("used");
    pty.press("q");
    assert_eq!(pty.wait_for_end(), 0);
}
