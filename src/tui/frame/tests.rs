//! Borders beside those of the screens' mock-ups.

use super::{Frame, border::border};
use manytop_core::{
    ratatui_core::{
        buffer::Buffer,
        layout::Rect,
        style::Color,
        text::{Line, Span},
    },
    theme::{Depth, Ground, Theme},
    widget::{Axis, Segment, Title, hot, legend},
};
use std::time::Duration;

/// A border of this size with nothing inside, and its rows.
fn drawn(title: Title, digit: u8, width: u16, height: u16) -> (Buffer, Vec<String>) {
    let (theme, area) = (Theme::default(), Rect::new(0, 0, width, height));
    let mut buffer = Buffer::empty(area);
    let mut frame =
        Frame { title, digit: Some(digit), focused: false, is_named: false, instant: None };
    let mut left = vec![(frame.own(&theme), true)];
    left.append(&mut frame.title.left);
    border(&frame.title, left, false, "now", &theme, area, &mut buffer);
    let rows = buffer.content.chunks(usize::from(width.max(1)));
    let rows = rows.map(|row| row.iter().map(|cell| cell.symbol()).collect()).collect();
    (buffer, rows)
}

fn row(title: Title, digit: u8, width: u16) -> String {
    drawn(title, digit, width, 3).1.swap_remove(0)
}

fn cpu(theme: &Theme) -> Title {
    let percent = [Span::styled("44", theme.strong()), Span::styled(" %", theme.dim)];
    Title::new("cpu")
        .value(percent.into_iter().collect::<Line<'_>>())
        .item(legend(theme.ramp(32.0), None, "user", "31", theme))
        .item(legend(theme.system, None, "system", "8", theme))
        .item(legend(theme.iowait, None, "iowait", "5", theme))
        .item("max 78")
        .right("Ryzen 7 7700X")
        .right("4.9 GHz")
        .right("71°C")
        .right("88 W")
}

#[test]
fn a_border_has_the_cells_of_the_frames() {
    let theme = Theme::default();
    let axis = Axis { x: 4, width: 93, column: Duration::from_secs(2) };
    let (buffer, rows) = drawn(cpu(&theme).divider(97).axis(axis), 1, 160, 15);
    assert_eq!(
        rows[0],
        "╭─ 1 cpu ─ 44 % ─ ■ user 31 ─ ■ system 8 ─ ■ iowait 5 ─ max 78 ───────────────────────────────────┬──────────────────── Ryzen 7 7700X ─ 4.9 GHz ─ 71°C ─ 88 W ─╮"
    );
    assert_eq!(
        rows[14],
        "╰── 3m ┴───────────────────────── 2m ┴───────────────────────── 1m ┴────────────────────────── now┴────────────────────────────────────────────────────────────╯"
    );
    let colors = |x: u16| Some(buffer[(x, 0)].fg);
    assert_eq!([0, 3, 5, 11, 14].map(colors), {
        [theme.line.fg, theme.key.fg, theme.hi.fg, theme.hi.fg, theme.dim.fg]
    });
    assert_eq!(colors(18), theme.ramp(32.0).fg, "the mark of a series has its colour");

    let procs = Title::new("procs")
        .item("by cpu")
        .item("7 running")
        .item("2 blocked")
        .right(hot("{t}ree", theme.text, &theme))
        .right(hot("{/} filter", theme.text, &theme))
        .right("1-28 of 412")
        .scroll(0, 28, 412);
    let (_, rows) = drawn(procs, 5, 98, 31);
    assert_eq!(
        rows[0],
        "╭─ 5 procs ─ by cpu ─ 7 running ─ 2 blocked ───────────────────── tree ─ / filter ─ 1-28 of 412 ─╮"
    );
    let bar: String = rows.iter().filter_map(|row| row.chars().last()).collect();
    assert!(bar.starts_with("╮┃┃│"), "{bar}");

    let preview = Title::new("db-3").value("cpu 97!").divider(78);
    let preview = preview.right("Debian 12  16 cores  ssh").right("Enter open");
    let got = row(preview.axis(Axis { x: 1, width: 76, column: Duration::from_secs(2) }), 3, 160);
    let end = "┬─────────────────────────────────────── Debian 12  16 cores  ssh ─ Enter open ─╮";
    assert!(got.starts_with("╭─ 3 db-3 ─ cpu 97! ───") && got.ends_with(end), "{got}");

    let temp = Title::new("temp").value("°C").head(22, "fans 1/min").head(42, "power 131 W");
    assert_eq!(row(temp, 6, 62), "╭─ 6 temp ─ °C ─────── fans 1/min ──────── power 131 W ──────╮");
    let map = Title::new("map").head(10, "mean").head(15, "2m").head(25, "worst");
    assert_eq!(row(map, 1, 40), "╭─ 1 map ─ mean 2m ────── worst ───────╮");
}

#[test]
fn what_does_not_fit_goes_from_the_right_and_the_value_stays() {
    let theme = Theme::default();
    let at = |width| row(cpu(&theme), 1, width);
    assert_eq!(
        at(76),
        "╭─ 1 cpu ─ 44 % ─ ■ user 31 ─ ■ system 8 ─ ■ iowait 5 ─ max 78 ───── 88 W ─╮"
    );
    assert_eq!(at(54), "╭─ 1 cpu ─ 44 % ─ ■ user 31 ─ ■ system 8 ───── 88 W ─╮");
    assert_eq!(at(20), "╭─ 1 cpu ─ 44 % ───╮");
    assert_eq!(at(12), "╭─ 1 cpu ──╮");
    assert_eq!(at(8), "╭─ 1 … ╮");
    let disk = Title::new("disk").item("6 mounts").value("/srv 93 % full").right("full in 2 days");
    assert_eq!(row(disk, 4, 36), "╭─ 4 disk ─ /srv 93 % full ────────╮");
}

#[test]
fn a_line_across_touches_both_sides_and_the_thumb_goes_to_the_end() {
    let title = Title::new("rustc").rule(1, vec!["limits".into()]).scroll(5, 5, 10);
    let (_, rows) = drawn(title, 5, 20, 6);
    assert_eq!(rows[2], "├─ limits ─────────┤");
    let bar: String = rows.iter().filter_map(|row| row.chars().last()).collect();
    assert_eq!(bar, "╮│┤┃┃╯");
    let (_, rows) = drawn(Title::new("x").rule(9, Vec::new()).scroll(0, 5, 5), 5, 20, 4);
    assert!(rows.iter().all(|row| !row.contains(['├', '┃'])), "{rows:?}");
}

#[test]
fn a_title_without_colours_is_not_dim_where_the_line_is() {
    let theme = Theme::new(Ground::Dark, Depth::None);
    let area = Rect::new(0, 0, 20, 3);
    let mut buffer = Buffer::empty(area);
    let left: Vec<(Segment, bool)> = vec![("cpu".into(), true)];
    border(&Title::default(), left, false, "now", &theme, area, &mut buffer);
    assert_eq!(buffer[(0, 0)].modifier, theme.line.add_modifier);
    assert_eq!(buffer[(3, 0)].modifier, theme.text.add_modifier);
    assert!(buffer.content.iter().all(|cell| cell.fg == Color::Reset));
}

#[test]
fn no_size_breaks_a_border() {
    let theme = Theme::default();
    for (width, height) in (0..40).flat_map(|w| (0..8).map(move |h| (w, h))) {
        for shift in [0, 7, 100, u16::MAX] {
            let title = cpu(&theme)
                .divider(shift)
                .axis(Axis { x: shift, width: shift, column: Duration::ZERO })
                .head(shift, "head")
                .rule(shift, vec!["rule".into()])
                .foot("foot")
                .scroll(usize::from(shift), 3, 5);
            let area = Rect::new(0, 0, width, height);
            let mut buffer = Buffer::empty(area);
            if width >= 8 && height >= 3 {
                border(
                    &title,
                    vec![("日本語".into(), true)],
                    true,
                    "now",
                    &theme,
                    area,
                    &mut buffer,
                );
            }
        }
    }
}
