//! Pieces beside what the screens' mock-ups have for the same values: characters, and colours as letters:
//! `A` to `T` the steps of the ramp, lower case the colours that are named below.

use super::*;
use crate::theme::{Depth, Ground, Levels, STEPS, Theme};
use ratatui_core::style::{Color, Modifier, Style};

/// A gap among the values of a test.
const GAP: f32 = f32::NAN;

fn letter(color: Color, theme: &Theme) -> char {
    let named = [
        ('.', theme.line),
        (',', theme.faint),
        ('-', theme.track),
        ('#', theme.text),
        ('!', theme.hi),
        ('d', theme.dim),
        ('1', theme.warn),
        ('2', theme.crit),
        ('3', theme.stale),
        ('r', theme.rx),
        ('t', theme.tx),
        ('w', theme.iowait),
        ('y', theme.system_area),
        ('u', theme.used),
        ('s', theme.shared),
        ('b', theme.buffers),
        ('c', theme.cached),
        ('f', theme.free),
        ('k', theme.key),
    ];
    if let Some(step) = (0..STEPS).find(|step| theme.steps[*step].fg == Some(color)) {
        return char::from(b'A' + step as u8);
    }
    named.iter().find(|(_, style)| style.fg == Some(color)).map_or(' ', |(letter, _)| *letter)
}

/// What is drawn: each row, and below it the letters of its colours.
fn drawn(width: u16, height: u16, draw: impl FnOnce(&mut Canvas<'_>)) -> Vec<String> {
    let (theme, area) = (Theme::default(), Rect::new(0, 0, width, height));
    let mut buffer = Buffer::empty(area);
    draw(&mut Canvas::new(&mut buffer, area, &theme));
    let mut all = Vec::new();
    for row in buffer.content.chunks(usize::from(width)) {
        let text: String = row.iter().map(|cell| cell.symbol()).collect();
        let blank = |cell: &&ratatui_core::buffer::Cell| cell.symbol() == " ";
        let color = |cell| if blank(&cell) { ' ' } else { letter(cell.fg, &theme) };
        let colors: String = row.iter().map(color).collect();
        all.extend([text.trim_end().to_owned(), colors.trim_end().to_owned()]);
    }
    all
}

fn trace(values: &[f32]) -> Trace<'_> {
    values.into()
}

fn whole(width: u16, height: u16) -> Rect {
    Rect::new(0, 0, width, height)
}

#[test]
fn a_history_has_the_cells_of_the_frames() {
    let busy = [
        76., 75., 79., 80., 88., 84., 76., 79., 79., 73., 74., 77., 75., 75., 77., 75., 74., 76.,
        72., 70., 69., 70., 68., 97.,
    ];
    let gaps = [
        34., 30., 34., GAP, GAP, GAP, GAP, 38., 35., 28., 1., 0., 1., 1., 39., 40., 40., 41., 36.,
        33., 32., 35., 25., 14.,
    ];
    let got = drawn(12, 3, |on| {
        on.spark(0, 0, 12, trace(&busy), 100.0, Ink::Level);
        on.spark(0, 1, 12, trace(&gaps), 100.0, Ink::Level);
        on.spark(0, 2, 4, trace(&[50.0]), 100.0, on.theme.rx.into());
    });
    assert_eq!(got[..2], ["⣶⣿⣿⣾⣷⣶⣶⣶⣶⣶⣶⣾", "PQRPPPPPPOOT"]);
    assert_eq!(got[2..4], ["⣤⡄·⢠⣄⣀⣀⣤⣤⣤⣤⣀", "GG.HH,,IIHHF"]);
    assert_eq!(got[4..], ["···⢠", "...r"], "before the first sample nothing is known");
}

#[test]
fn a_graph_of_a_history_keeps_its_cells_until_a_column_is_full() {
    let mut samples: Vec<Option<f64>> = vec![None; 6];
    let mut at = |second: u64, value: f64| {
        samples.remove(0);
        samples.push(Some(value));
        let trace = Trace::new(&samples, second);
        drawn(3, 1, |on| on.spark(0, 0, 3, trace, 100.0, Ink::Level))[0].clone()
    };
    let rows = [(100, 10.0), (101, 90.0), (102, 50.0), (103, 10.0), (104, 90.0)];
    let rows = rows.map(|(second, value)| at(second, value));
    assert_eq!(rows, ["··⡀", "··⣸", "·⣸⡄", "·⣸⣄", "⣸⣄⡇"]);
}

#[test]
fn a_stack_has_the_cells_of_the_frames() {
    let system = [
        11., 11., 12., 11., 10., 10., 9., 8., 8., 10., 10., 9., 8., 9., 8., 7., 7., 8., 10., 9.,
        11., 10., 11., 10., 8., 11., 10., 9., 9., 10., 11., 11., 9., 10., 9., 8., 8., 7., 6., 8.,
        8., 8., 7., 6., 10., 12., 11., 14.,
    ];
    let user = [
        40., 38., 43., 42., 39., 40., 34., 33., 31., 39., 41., 39., 36., 40., 34., 29., 29., 33.,
        38., 32., 41., 38., 40., 35., 31., 35., 33., 32., 35., 34., 32., 32., 33., 35., 31., 27.,
        29., 26., 25., 32., 33., 30., 24., 22., 43., 48., 40., 52.,
    ];
    let iowait = [
        1., 1., 1., 1., 1., 1., 1., 1., 1., 1., 2., 2., 1., 1., 2., 1., 1., 1., 1., 2., 2., 1., 1.,
        1., 4., 3., 3., 3., 2., 1., 1., 2., 1., 1., 1., 1., 1., 1., 2., 2., 2., 1., 1., 1., 1., 1.,
        1., 1.,
    ];
    let got = drawn(24, 6, |on| {
        let layers = [
            (trace(&system), on.theme.system_area.into()),
            (trace(&user), Ink::Level),
            (trace(&iowait), on.theme.iowait.into()),
        ];
        on.stack(whole(24, 6), &layers, 100.0);
    });
    assert_eq!(
        got,
        [
            "",
            "",
            "",
            "",
            "⡀⣄   ⡀    ⡀⡀          ⣰⣸",
            "wL   w    ww          LL",
            "⣿⣿⣿⣦⣼⣿⣾⣆⣠⣧⣿⣷⣼⣶⣶⣶⣴⣄⡀⢠⣤ ⣿⣿",
            "IIIIIIIIIIIIIIIIIIIII II",
            "⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣷⣿⣿",
            "FFFFFFFFFFFFFFFFFFFFFFFF",
            "⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿",
            "yyBBBBBBBByyyBByBBBBBByy",
        ]
    );
    let idle = drawn(2, 1, |on| {
        let layers = [
            (trace(&[0., 0., 0., GAP]), on.theme.rx.into()),
            (trace(&[0.; 4]), on.theme.tx.into()),
        ];
        on.stack(whole(2, 1), &layers, 100.0);
    });
    assert_eq!(idle, ["⣀⡀", "rr"], "an empty layer has no dot");
}

#[test]
fn areas_have_the_cells_of_the_frames() {
    let up = [
        72., 63., 57., 40., 55., 59., GAP, 67., 53., 75., 80., 76., 75., 85., 77., 80., 77., 69.,
        61., 63., 66., 63., 57., 65., 61., 53., 46., 60., 48., 50., 56., 52.,
    ];
    let down = [
        34., 31., 39., 58., 57., 61., 50., 43., 46., 43., 41., 52., 51., 50., 51., 48., 43., 53.,
        44., 40., 60., 60., 63., 50., 49., 46., 35., 32., 31., 26., 22., 22.,
    ];
    let got = drawn(16, 5, |on| {
        let (rx, tx) = (on.theme.rx.into(), on.theme.tx.into());
        on.mirrored(whole(16, 5), (trace(&up), 100.0, rx), (trace(&down), 100.0, tx));
    });
    assert_eq!(
        got,
        [
            "⡀   ⢀⣄⣠⣠⡀",
            "r   rrrrr",
            "⣿⣆⣶⢸⣾⣿⣿⣿⣿⣾⣿⣾⣶⣴⣤⣦",
            "rrrrrrrrrrrrrrrr",
            "⣿⣿⣿⢸⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿⣿",
            "rrrrrrrrrrrrrrrr",
            "⠿⢿⣿⣿⣿⢿⣿⣿⣿⡿⣿⣿⣿⠿⠟⠛",
            "tttttttttttttttt",
            " ⠈⠉       ⠉⠁",
            " tt       tt",
        ]
    );
    let one = drawn(16, 1, |on| {
        let (rx, tx) = (on.theme.rx.into(), on.theme.tx.into());
        on.mirrored(whole(16, 1), (trace(&up), 100.0, rx), (trace(&down), 100.0, tx));
    });
    assert_eq!(one[1], "rrrrrrr  ttttttt", "in left, out right");
    let process = [
        268., 247., 262., 250., 311., 296., 271., 287., 307., 287., 283., 268., 233., 228., 308.,
        285., 293., 288., 299., 313., 324., 319., 385., 386., 359., 326., 273., 297., 372., 343.,
        318., 312.,
    ];
    let got =
        drawn(16, 3, |on| on.area(whole(16, 3), trace(&process), 400.0, Ink::LevelUpTo(70.0)));
    assert_eq!(got[..2], ["  ⣀⢀⣀⡀ ⣀⣀⣠⣤⣿⣦⢀⣦⣤", "  LLLL LLLLLLLLL"]);
    assert_eq!(got[2..4], ["⣿⣿⣿⣿⣿⣿⣶⣿⣿⣿⣿⣿⣿⣿⣿⣿", "HHHHHHHHHHHHHHHH"]);
    assert_eq!(got[5], "CCCCCCCCCCCCCCCC");
}

#[test]
fn lines_have_the_cells_of_the_frames() {
    let one = [
        32., 34., 36., 62., 57., 49., 50., 52., 47., 60., 50., 41., 40., 42., 42., 44., 40., 39.,
        42., 42., GAP, GAP, GAP, GAP, 53., 49., 46., 37., 41., 42., 38., 40.,
    ];
    let other = [
        64., 61., 69., 63., 66., 61., 59., 60., 61., 78., 75., 72., 72., 80., 81., 76., 73., 74.,
        74., 89., 77., 78., 76., 70., 64., 68., 65., 62., 59., 60., 69., 61.,
    ];
    let got = drawn(16, 3, |on| {
        let lines = [(trace(&one), on.theme.rx), (trace(&other), on.theme.tx)];
        on.lines(whole(16, 3), &lines, 100.0);
    });
    assert_eq!(got[..2], [" ⡀  ⢠⣀⡠⢄⣀⡰⡤⣀   ⡀", " t  tttttttt   t"]);
    assert_eq!(got[2..4], ["⣉⡸⠫⠚⠝⠢⡠⠤⣀⠤  ⠫⢍⠮⣈", "tttttrrrrr  tttt"]);
}

#[test]
fn bars_have_the_cells_of_the_frames() {
    let levels = [0.0, 0.01, 0.11, 0.5, 0.93, 1.2];
    let got = drawn(10, 7, |on| {
        for (y, level) in (0..).zip(levels) {
            on.meter(0, y, 10, level, Ink::Level);
        }
        on.meter(0, 6, 7, 0.62, on.theme.used.into());
    });
    let expected = [
        "──────────",
        "----------",
        "╸─────────",
        "B---------",
        "━─────────",
        "B---------",
        "━━━━━─────",
        "BDFHJ-----",
        "━━━━━━━━━╸",
        "BDFHJLNPRT",
        "━━━━━━━━━━",
        "BDFHJLNPRT",
        "━━━━╸──",
        "uuuuu--",
    ];
    assert_eq!(got, expected);
    let cores = [97., 45., 38., 49., 17., 43., 14., 31., 78., 68., 20., 42., 9., 24., 64., 65.];
    let got = drawn(17, 1, |on| {
        on.bars(0, 0, cores.into_iter().map(Some).chain([None]), 100.0, Ink::Level);
    });
    assert_eq!(got, ["▇▄▃▄▂▄▁▃▆▅▂▃▁▂▅▅·", "TJHJDICGPNEIBEMN."]);
}

#[test]
fn a_stacked_bar_has_the_cells_of_the_frames() {
    let parts = |theme: &Theme| {
        [
            (0.578, theme.used),
            (0.042, theme.shared),
            (0.019, theme.buffers),
            (0.29, theme.cached),
            (0.071, theme.free),
        ]
    };
    let got = drawn(30, 1, |on| on.stackbar(0, 0, 30, &parts(on.theme)));
    assert_eq!(got, ["█████████████████▍▋▏███████▉██", "uuuuuuuuuuuuuuuuuusbccccccccff"]);
    let (mono, area) = (Theme::new(Ground::Dark, Depth::None), Rect::new(0, 0, 30, 1));
    let mut buffer = Buffer::empty(area);
    Canvas::new(&mut buffer, area, &mono).stackbar(0, 0, 30, &parts(&mono));
    let text: String = buffer.content.iter().map(|cell| cell.symbol()).collect();
    assert_eq!(text, "█████████████████▓▓░░░░░░░░░··");
}

#[test]
fn rows_have_the_cells_of_the_frames() {
    let got = drawn(30, 5, |on| {
        let limits = Levels::default();
        let x = on.percent(0, 0, 3, Some(97.2), limits, false);
        let x = on.percent(x, 0, 4, Some(93.0), limits, false);
        let x = on.percent(x, 0, 4, Some(62.0), limits, false);
        let x = on.percent(x, 0, 4, Some(88.0), limits, true);
        on.percent(x, 0, 4, None, limits, true);
        let x = on.rate(0, 1, 5, Some(9.8e6));
        let x = on.rate(x, 1, 5, Some(0.2));
        on.rate(x, 1, 5, None);
        on.head(2, Place { x: 0, width: 6 }, "{P}ID", table::Align::Right, None);
        on.head(2, Place { x: 7, width: 5 }, "{C}PU%", table::Align::Right, Some(false));
        on.head(2, Place { x: 14, width: 9 }, "USER", table::Align::Left, None);
        on.head(2, Place { x: 20, width: 9 }, "COMMA{N}D", table::Align::Left, Some(true));
        on.keycap(0, 3, "Enter", "details");
        on.tile(0, 4, 0.0);
        on.tile(1, 4, 100.0);
    });
    assert_eq!(got[..2], [" 97!  93!  62   88?   -", " 222  111  ##   dd3   d"]);
    assert_eq!(got[2..4], [" 9.8M    ·    -", " ####    .    d"]);
    assert_eq!(got[4..6], ["   PID  CPU%▼ USER  COMMAND▲", "   kdd  !!!!k dddd  !!!!!!!k"]);
    assert_eq!(got[6..8], [" Enter  details", " kkkkk  ddddddd"]);
    assert_eq!(got[8..], ["▁▇", "AT"]);
}

#[test]
fn scales_are_beside_graphs() {
    let got = drawn(16, 7, |on| {
        assert_eq!(on.percent_scale(whole(16, 7)), Rect::new(4, 0, 12, 7));
    });
    let text: Vec<_> = got.iter().step_by(2).map(String::as_str).collect();
    assert_eq!(text, ["100", "", "", " 50 ┈┈┈┈┈┈┈┈┈┈┈┈", "", "", "  0"]);
    let got = drawn(16, 4, |on| _ = on.byte_scale(whole(16, 4), 50e6, Some(200e3)));
    assert_eq!([&*got[0], &*got[6]], ["50M", "200k"]);
    drawn(10, 2, |on| assert_eq!(on.percent_scale(whole(10, 2)), whole(10, 2)));
}

#[test]
fn the_screen_fades_behind_what_opens() {
    let (theme, area) = (Theme::default(), Rect::new(0, 0, 2, 1));
    let mut buffer = Buffer::empty(area);
    let mut on = Canvas::new(&mut buffer, area, &theme);
    on.put(0, 0, "a", theme.strong());
    fade::fade(&mut buffer, &theme, fade::BEHIND);
    assert_eq!(buffer[(0, 0)].modifier, Modifier::empty());
    assert_eq!(Some(buffer[(0, 0)].fg), theme.shade(theme.hi, fade::BEHIND).fg);
    assert_eq!(buffer[(0, 0)].bg, Color::Reset);
    let mono = Theme::new(Ground::Dark, Depth::None);
    fade::fade(&mut buffer, &mono, fade::BEHIND);
    assert_eq!(buffer[(0, 0)].modifier, Modifier::DIM);
}

#[test]
fn no_size_and_no_number_breaks_a_piece() {
    let wild = [GAP, f32::INFINITY, f32::NEG_INFINITY, -1.0, 0.0, 1e30, 50.0, GAP];
    for (width, height) in (0..9).flat_map(|w| (0..4).map(move |h| (w, h))) {
        for depth in [Depth::True, Depth::Palette, Depth::Sixteen, Depth::None] {
            let theme = Theme::new(Ground::Light, depth);
            let mut buffer = Buffer::empty(Rect::new(3, 2, width, height));
            let area = Rect::new(0, 0, 40, 40);
            let mut on = Canvas::new(&mut buffer, area, &theme);
            for top in [100.0, 0.0, -1.0, f64::NAN, f64::INFINITY] {
                for newest in [6, 7] {
                    let trace = Trace::new(&wild[..], newest);
                    for at in [whole(width, height), Rect::new(1, 1, 9, 9), Rect::new(7, 7, 0, 2)] {
                        on.area(at, trace, top, Ink::Level);
                        on.mirrored(at, (trace, top, Ink::Level), (trace, top, Ink::Level));
                        on.stack(at, &[(trace, Ink::Level); 12], top);
                        on.stack(at, &[], top);
                        on.lines(at, &[(trace, Style::new())], top);
                        on.percent_scale(at);
                        on.byte_scale(at, top, Some(top));
                    }
                    on.spark(1, 1, 9, trace, top, Ink::LevelUpTo(top));
                    on.bars(0, 0, [Some(top), None], top, Ink::Level);
                    on.meter(1, 0, 9, top, Ink::Level);
                    on.stackbar(0, 1, 9, &[(top, theme.used), (0.4, theme.cached)]);
                    on.percent(2, 0, 3, Some(top), Levels::default(), false);
                    on.rate(2, 0, 3, Some(top));
                    on.tile(1, 1, top);
                }
            }
            on.select(0, 3..99);
            fade::fade(&mut buffer, &theme, 0.62);
        }
    }
}
