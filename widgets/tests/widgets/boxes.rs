//! Every box at five sizes, and its colours at four depths, a file each. `MANYTOP_BLESS=1` writes them again.

use crate::{
    kinds,
    scene::{self, Scene, lines, widget, words},
};
use manytop_core::{
    alert::{ActiveAlert, AlertBoard, Severity},
    ratatui_core::{
        buffer::{Buffer, Cell},
        layout::Rect,
        style::Modifier,
    },
    source::Source,
    theme::{Depth, Ground, Theme},
};
use std::{
    fmt::Write,
    fs,
    path::PathBuf,
    time::{Duration, SystemTime},
};

const SIZES: [(u16, u16); 5] = [(38, 3), (58, 5), (78, 9), (110, 14), (158, 20)];
/// The size at which colours are compared.
const COLOURED: (u16, u16) = (58, 5);
const DEPTHS: [(&str, Depth); 4] = [
    ("truecolor", Depth::True),
    ("256", Depth::Palette),
    ("16", Depth::Sixteen),
    ("none", Depth::None),
];

/// A scene in which the box has something to show.
fn scene_of(word: &str) -> Scene {
    match word {
        "hosts" | "alerts" => scene::four(),
        "procs" => scene::one(),
        "devices" => scene::open_kinds(),
        "container" | "fan" | "gpu" | "metric" | "storage" | "text" => kinds::scene(2),
        _ => scene::big(),
    }
}

fn alerts() -> AlertBoard {
    let at = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    let alert = |severity, host: &str, device: Option<&str>, ago, text: &str| ActiveAlert {
        rule: "rule".into(),
        severity,
        source: Source::named(host),
        device: device.map(Into::into),
        since: at - Duration::from_secs(ago),
        text: text.to_owned(),
        acknowledged: false,
    };
    let firing = vec![
        alert(Severity::Critical, "pi4", None, 179, "is down: connection refused"),
        alert(Severity::Warning, "nas", Some("md0"), 7200, "disk over its limit: /tank 88 %"),
    ];
    AlertBoard { firing, recent: 3, at: Some(at), is_unknown: false }
}

fn drawn(word: &str, scene: &Scene, (width, height): (u16, u16), alerts: &AlertBoard) -> Buffer {
    let area = Rect::new(0, 0, width, height);
    let mut widget = widget(word, &[]);
    let mut view = scene.view();
    view.alerts = Some(alerts);
    let mut buffer = Buffer::empty(area);
    // the second frame has what the first one asked for
    widget.draw(&view, area, &mut buffer);
    buffer.reset();
    buffer.set_style(area, scene.theme.plain());
    widget.draw(&view, area, &mut buffer);
    buffer
}

/// A letter a style, in the order of the first cells that have it, and the rows in these letters: `12a3b`.
fn colours(buffer: &Buffer) -> String {
    let style = |cell: &Cell| {
        let mut words = vec![cell.fg.to_string()];
        if cell.bg != buffer.content[buffer.content.len() - 1].bg {
            words.push(format!("on {}", cell.bg));
        }
        let named = [
            (Modifier::BOLD, "bold"),
            (Modifier::DIM, "dim"),
            (Modifier::UNDERLINED, "underlined"),
            (Modifier::REVERSED, "reversed"),
        ];
        words.extend(
            named.iter().filter(|(m, _)| cell.modifier.contains(*m)).map(|(_, w)| (*w).to_owned()),
        );
        words.join(" ")
    };
    let mut known: Vec<String> = Vec::new();
    let mut rows = String::new();
    for row in buffer.content.chunks(usize::from(buffer.area.width)) {
        let mut runs: Vec<(usize, char)> = Vec::new();
        for cell in row {
            // a blank has no colour but that of its background
            let blank = cell.symbol() == " " && cell.modifier.is_empty();
            let style = if blank {
                format!("blank {}", style(cell).replace(&cell.fg.to_string(), ""))
            } else {
                style(cell)
            };
            let style = style.trim().to_owned();
            let at = known.iter().position(|other| *other == style).unwrap_or_else(|| {
                known.push(style);
                known.len() - 1
            });
            let letter = char::from_u32('a' as u32 + at as u32).unwrap();
            match runs.last_mut() {
                Some((count, last)) if *last == letter => *count += 1,
                _ => runs.push((1, letter)),
            }
        }
        let row: String = runs.iter().map(|(count, letter)| format!("{count}{letter}")).collect();
        writeln!(rows, "│{row}").unwrap();
    }
    let legend: Vec<String> = (0_u32..)
        .zip(&known)
        .map(|(n, style)| format!("{}={style}", char::from_u32('a' as u32 + n).unwrap()))
        .collect();
    format!("{}\n{rows}", legend.join(", "))
}

#[test]
fn every_box_at_five_sizes_and_four_depths() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots/boxes");
    let blesses = std::env::var_os("MANYTOP_BLESS").is_some();
    let mut different = Vec::new();
    for word in words() {
        let mut scene = scene_of(word);
        let alerts = alerts();
        let mut text = String::new();
        for size in SIZES {
            writeln!(text, "── {}x{}", size.0, size.1).unwrap();
            for line in lines(&drawn(word, &scene, size, &alerts)) {
                writeln!(text, "│{line}").unwrap();
            }
        }
        for (name, depth) in DEPTHS {
            scene.theme = Theme::new(Ground::Dark, depth);
            let buffer = drawn(word, &scene, COLOURED, &alerts);
            write!(text, "── {}x{} {name}: {}", COLOURED.0, COLOURED.1, colours(&buffer)).unwrap();
        }
        let file = folder.join(format!("{word}.txt"));
        if blesses {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&file, &text).unwrap();
        }
        let expected = fs::read_to_string(&file).unwrap_or_default();
        if expected != text {
            let lines = || text.lines().zip(expected.lines());
            let at = lines().position(|(a, b)| a != b);
            let line = at.and_then(|at| text.lines().nth(at)).unwrap_or_default();
            different.push(format!("{word}: line {:?}: {line}", at.map(|at| at + 1)));
        }
    }
    assert!(different.is_empty(), "MANYTOP_BLESS=1 writes them again:\n{}", different.join("\n"));
}
