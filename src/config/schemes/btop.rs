//! btop's theme files: `theme[cpu_start]="#4897d4"` a line.
//!
//! | btop | here |
//! |---|---|
//! | `main_bg`, `main_fg`, `title`, `hi_fg` | background, text, names, keys and focus |
//! | `selected_bg`, `div_line`, `meter_bg` | selection and keycaps, borders, tracks |
//! | `cpu_start`, `cpu_mid`, `cpu_end` | the level ramp |
//! | `download_*`, `upload_*` | in and out |
//! | `used_*`, `available_*`, `cached_*` | layers of memory |
//!
//! Warnings, alarms, stale values and the colours of hosts are those of the built-in theme for its
//! background: they mean the same in every theme. So are layers that the theme gives one colour.

use manytop_core::{
    file,
    ratatui_core::style::Style,
    theme::{Depth, Ground, Rgb, Theme},
};
use std::{collections::BTreeMap, path::PathBuf};

/// What text needs on its background.
const READABLE: f64 = 4.5;
/// What lines of a graph need.
const SEEN: f64 = 2.5;
/// What the part of a meter that is not filled needs.
const TRACK: f64 = 1.15;
/// How far apart layers must be, in OKLab.
const APART: f64 = 0.1;

/// Where btop looks for themes, in this order.
pub(super) fn folders() -> Vec<PathBuf> {
    let config = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from);
    let config = config.filter(|path| path.is_absolute()).or_else(|| {
        let home = file::home().map(PathBuf::from)?;
        Some(home.join(".config"))
    });
    let own = config.map(|config| config.join("btop/themes"));
    let shared = ["/usr/local/share/btop/themes", "/usr/share/btop/themes"].map(PathBuf::from);
    own.into_iter().chain(shared).collect()
}

/// The names of the themes that are there.
pub(super) fn names() -> Vec<String> {
    let files = folders().into_iter().filter_map(|folder| folder.read_dir().ok()).flatten();
    let names = files.filter_map(|file| {
        let path = file.ok()?.path();
        let is_theme = path.extension().is_some_and(|extension| extension == "theme");
        let name = path.file_stem()?.to_str().filter(|name| !name.contains(char::is_control));
        is_theme.then_some(name?.to_owned())
    });
    let mut names: Vec<String> = names.take(1000).collect();
    names.sort();
    names.dedup();
    names
}

/// Reads a theme; an error begins with the number of its line.
pub(super) fn parse(name: &str, text: &str, depth: Depth) -> Result<Theme, String> {
    let mut colors: BTreeMap<&str, Rgb> = BTreeMap::new();
    for (number, line) in (1..).zip(text.trim_start_matches('\u{feff}').lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (key, value) = setting(line).ok_or_else(|| {
            format!("{number}: expected theme[NAME]=\"#RRGGBB\", got {:?}", start_of(line))
        })?;
        match value {
            "" => {} // the terminal's own, or as the start of the gradient
            value => {
                let color = color(value).ok_or_else(|| {
                    let (key, value) = (start_of(key), start_of(value));
                    format!(
                        "{number}: theme[{}]: expected \"#RRGGBB\", \"#GG\" or \"R G B\", got {value:?}",
                        key.escape_debug()
                    )
                })?;
                colors.insert(key, color);
            }
        }
    }
    if colors.is_empty() {
        return Err("1: no colour in this file; expected theme[NAME]=\"#RRGGBB\"".into());
    }
    Ok(theme(name, &colors, depth))
}

/// `theme[KEY]="VALUE"`, with one sort of quotes or none, and what may be behind it.
fn setting(line: &str) -> Option<(&str, &str)> {
    let (key, value) = line.strip_prefix("theme[")?.split_once(']')?;
    let value = value.trim_start().strip_prefix('=')?.trim();
    let value = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => value[1..].split_once(quote)?.0,
        _ => value,
    };
    Some((key.trim(), value.trim()))
}

/// `#RRGGBB`, `#GG` for a grey, or `R G B` in decimal.
fn color(text: &str) -> Option<Rgb> {
    if let Some(hex) = text.strip_prefix('#') {
        let value = hex.bytes().all(|b| b.is_ascii_hexdigit()).then_some(hex)?;
        let value = u32::from_str_radix(value, 16).ok()?;
        return match hex.len() {
            6 => Some(Rgb::hex(value)),
            2 => Some(Rgb::hex(value * 0x010101)),
            _ => None,
        };
    }
    let mut parts = text.split_whitespace().map(str::parse::<u8>);
    let mut next = || parts.next()?.ok();
    let color = Rgb(next()?, next()?, next()?);
    parts.next().is_none().then_some(color)
}

/// The colours, when all are there and can be told apart.
fn apart<const N: usize>(colors: [Option<Rgb>; N]) -> Option<[Rgb; N]> {
    let known: Vec<Rgb> = colors.into_iter().flatten().collect();
    let known: [Rgb; N] = known.try_into().ok()?;
    let far = |a: &Rgb, b: &Rgb| a.lab().far(b.lab()) >= APART * APART;
    let all = known.iter().enumerate().all(|(i, a)| known[i + 1..].iter().all(|b| far(a, b)));
    all.then_some(known)
}

fn start_of(text: &str) -> &str {
    &text[..text.floor_char_boundary(40)]
}

fn theme(name: &str, colors: &BTreeMap<&str, Rgb>, depth: Depth) -> Theme {
    let get = |key: &str| colors.get(key).copied();
    let background = get("main_bg");
    let ground = match (background, get("main_fg")) {
        (Some(background), _) => Ground::of(background),
        (None, Some(text)) if Ground::of(text) == Ground::Dark => Ground::Light,
        _ => Ground::Dark,
    };
    let mut theme = Theme::new(ground, depth);
    theme.name = name.to_owned();
    if !matches!(depth, Depth::True | Depth::Palette) {
        return theme; // its colours cannot be shown
    }
    if let Some(background) = background {
        theme.page = background;
        theme.bg = theme.color(background);
    }
    let page = theme.page;
    let paint = |theme: &Theme, color| Style::new().fg(theme.color(color));
    let text = |key: &str, least: f64| get(key).filter(|color| color.contrast(page) >= least);
    if let Some(color) = text("main_fg", READABLE) {
        theme.text = paint(&theme, color);
        theme.dim = theme.readable(theme.text);
    }
    if let Some(color) = text("title", READABLE) {
        theme.hi = paint(&theme, color);
    }
    if let Some(color) = text("hi_fg", READABLE) {
        theme.key = paint(&theme, color);
        theme.focus = theme.key;
    }
    if let Some(color) = get("div_line") {
        theme.line = paint(&theme, color);
        theme.faint = theme.shade(theme.line, 0.35);
    }
    let track = get("meter_bg").filter(|color| color.contrast(page) >= TRACK);
    let own = theme.dim.fg.and_then(Rgb::of);
    if let Some(color) = track.or(background.and(own).map(|dim| page.mix(dim, 0.3))) {
        theme.track = paint(&theme, color);
        theme.free = theme.shade(theme.track, 0.4);
    }
    // a selection under the row's own colours must leave them readable
    let dim = theme.dim.fg.and_then(Rgb::of).unwrap_or(page);
    let soft = get("selected_bg").filter(|color| dim.contrast(*color) >= 3.0);
    let soft = soft.or_else(|| background.map(|b| b.mix(dim, 0.15)));
    if let Some(color) = soft {
        theme.selection = Style::new().bg(theme.color(color));
        theme.field = theme.selection;
    }
    let graph = |kind: &str| {
        let parts = ["mid", "end", "start"].map(|part| get(&format!("{kind}_{part}")));
        let seen = parts.iter().flatten().find(|color| color.contrast(page) >= SEEN);
        seen.copied()
    };
    // layers that the theme does not tell apart keep the built-in colours, all of them
    if let Some([rx, tx]) = apart(["download", "upload"].map(graph)) {
        (theme.rx, theme.tx) = (paint(&theme, rx), paint(&theme, tx));
    }
    let shared = theme.shared.fg.and_then(Rgb::of);
    let [used, buffers, cached] = ["used", "available", "cached"].map(graph);
    if let Some([used, _, buffers, cached]) = apart([used, shared, buffers, cached]) {
        theme.used = paint(&theme, used);
        theme.buffers = paint(&theme, buffers);
        theme.cached = paint(&theme, cached);
    }
    let stops = [("cpu_start", 0.0), ("cpu_mid", 50.0), ("cpu_end", 100.0)];
    let stops = stops.map(|(key, at)| get(key).map(|color| (at, color)));
    let stops: Vec<(f64, Rgb)> = stops.into_iter().flatten().collect();
    if !stops.is_empty() {
        theme.set_stops(&stops);
    }
    theme.finish();
    theme
}

#[cfg(test)]
mod tests {
    use super::*;

    const NORD: &str = r##"
        #Bashtop theme with nord palette
        theme[main_bg]="#2E3440"
        theme[main_fg]="#D8DEE9"
        theme[title]="#8FBCBB"
        theme[hi_fg]='#88C0D0'   # a word
        theme[selected_bg]="#4C566A"
        theme[div_line]="76 86 106"
        theme[meter_bg]=#4b
        theme[cpu_start]="#81A1C1"
        theme[cpu_mid]=""
        theme[cpu_end]="#ECEFF4"
        theme[download_mid]="#88C0D0"
        theme[upload_mid]="#B48EAD"
        theme[used_mid]="#BF616A"
        theme[available_mid]="#BF616A"
        theme[cached_mid]="#88C0D0"
        theme[process_new_in_1_5]="#000000"
    "##;

    #[test]
    fn a_theme_is_taken_by_meaning() {
        let theme = parse("nord", NORD, Depth::True).unwrap();
        let fg = |style: Style| style.fg.and_then(Rgb::of).unwrap();
        assert_eq!(Rgb::of(theme.bg), Some(Rgb::hex(0x2e3440)));
        assert_eq!(fg(theme.text), Rgb::hex(0xd8dee9));
        assert_eq!(fg(theme.key), Rgb::hex(0x88c0d0));
        assert_eq!(fg(theme.line), Rgb(76, 86, 106));
        assert_eq!(fg(theme.track), Rgb::hex(0x4b4b4b));
        assert_eq!(fg(theme.rx), Rgb::hex(0x88c0d0));
        assert_eq!([0.0, 100.0].map(|p| fg(theme.ramp(p))), [0x81a1c1, 0xeceff4].map(Rgb::hex));
        assert!(fg(theme.dim).contrast(theme.page) >= READABLE);
        assert_eq!(theme.warn, Theme::default().warn);
        assert_eq!(theme.used, Theme::default().used, "two layers have one colour");
        let sixteen = parse("nord", NORD, Depth::Sixteen).unwrap();
        assert_eq!(sixteen.text, Theme::new(Ground::Dark, Depth::Sixteen).text);
    }

    #[test]
    fn a_light_background_has_the_signs_of_the_light_theme() {
        let text = "theme[main_bg]=\"#fdf6e3\"\ntheme[main_fg]=\"#eee8d5\"";
        let theme = parse("x", text, Depth::True).unwrap();
        let light = Theme::new(Ground::Light, Depth::True);
        assert_eq!(
            (theme.warn, theme.text),
            (light.warn, light.text),
            "unreadable text is not taken"
        );
    }

    #[test]
    fn errors_name_the_line() {
        let wrong = |text: &str| parse("x", text, Depth::True).unwrap_err();
        assert_eq!(
            wrong("# a\ntheme[main_bg]=\"#12345\""),
            "2: theme[main_bg]: expected \"#RRGGBB\", \"#GG\" or \"R G B\", got \"#12345\""
        );
        assert!(
            wrong("\n\nhello").starts_with("3: expected theme[NAME]=\"#RRGGBB\", got \"hello\"")
        );
        assert!(wrong("theme[x]=\"#000000").starts_with("1: expected"), "a quote is missing");
        assert!(wrong("theme[x]=\"300 0 0\"").starts_with("1: theme[x]: expected"));
        assert!(wrong("theme[x]=\"1 2 3 4\"").starts_with("1: theme[x]: expected"));
        assert!(wrong("").starts_with("1: no colour"));
        let long = wrong(&format!("theme[\u{1b}[2J{}]=1", "日".repeat(500)));
        assert!(long.len() < 250 && !long.contains('\u{1b}'), "{long}");
    }
}
