//! Themes by name: the built-in ones, gotop's colour schemes (JSON, those that come along and any in a
//! `colors` folder beside the config), and btop's theme files where btop keeps them.

mod btop;
mod gotop;
pub mod terminal;

use manytop_core::{
    file, spelling,
    theme::{Depth, Ground, Rgb, Theme},
};
use std::path::{Path, PathBuf};

/// Names of built-in themes, and what they are.
const BUILT_IN: &[(&str, &str)] = &[
    ("auto", "dark or light, by the terminal's background"),
    ("dark", ""),
    ("light", ""),
    ("16", "the terminal's own sixteen colours"),
    ("none", "no colours: bold, dim, underlined, reversed"),
];
/// The name of `auto` in gotop's configs.
const DEFAULT: &str = "default";
/// Begins the name of a theme of btop's that is not to be looked for elsewhere.
const BTOP: &str = "btop:";
/// No theme file is longer.
const LONGEST: u64 = 64 * 1024;

/// A theme that was chosen.
#[derive(Clone, PartialEq, Debug)]
pub struct ThemeChoice {
    /// The theme, as far as is known by now.
    pub theme: Theme,
    /// It follows the terminal's background.
    pub is_auto: bool,
}

impl ThemeChoice {
    /// The theme of that name, for a terminal with so many colours. `ground` is the background as the
    /// environment has it.
    ///
    /// # Errors
    /// There is no such theme, or its file cannot be used: the file, the line, what is wrong.
    pub fn load(
        name: &str,
        folders: &[PathBuf],
        depth: Depth,
        ground: Option<Ground>,
    ) -> Result<ThemeChoice, String> {
        let fixed = |theme| ThemeChoice { theme, is_auto: false };
        let guess = ground.unwrap_or_default();
        Ok(match name {
            "auto" | DEFAULT => ThemeChoice { theme: Theme::new(guess, depth), is_auto: true },
            "dark" => fixed(Theme::new(Ground::Dark, depth)),
            "light" => fixed(Theme::new(Ground::Light, depth)),
            "16" => ThemeChoice { theme: Theme::new(guess, fewer(depth)), is_auto: true },
            "none" => fixed(Theme::new(guess, Depth::None)),
            _ => fixed(file(name, folders, depth)?),
        })
    }
}

/// An automatic theme for the background that the terminal names; `None` when that changes nothing.
pub fn on_background(theme: &Theme, background: Rgb) -> Option<Theme> {
    let mut other = Theme::new(Ground::of(background), theme.depth);
    other.levels = theme.levels;
    other.set_page(background);
    (other != *theme).then_some(other)
}

fn fewer(depth: Depth) -> Depth {
    if depth == Depth::None { Depth::None } else { Depth::Sixteen }
}

/// The names of those that come along, with a word about some.
pub fn names() -> impl Iterator<Item = (&'static str, &'static str)> {
    BUILT_IN.iter().copied().chain(gotop::BUILT_IN.iter().map(|(name, _)| (*name, "")))
}

/// The names of btop's themes on this machine, in order; with `btop:` where another theme has the name.
pub fn btop_names() -> Vec<String> {
    let is_taken = |name: &str| name == DEFAULT || names().any(|(other, _)| other == name);
    let name = |name: String| if is_taken(&name) { format!("{BTOP}{name}") } else { name };
    btop::names().into_iter().map(name).collect()
}

/// A theme of a file.
fn file(given: &str, folders: &[PathBuf], depth: Depth) -> Result<Theme, String> {
    let name = given.strip_prefix(BTOP).unwrap_or(given);
    let is_name = !name.is_empty() && !name.contains(['/', '\\', '\0']) && !name.starts_with('.');
    if is_name {
        let is_btops = name != given;
        for folder in folders.iter().filter(|_| !is_btops) {
            let path = folder.join("colors").join(format!("{name}.json"));
            if let Some(text) = read(&path)? {
                return gotop::parse(name, &text, depth)
                    .map_err(|e| format!("{}: {e}", path.display()));
            }
        }
        if let Some((_, text)) = gotop::BUILT_IN.iter().find(|(n, _)| *n == given) {
            return gotop::parse(name, text, depth);
        }
        for folder in btop::folders() {
            let path = folder.join(format!("{name}.theme"));
            if let Some(text) = read(&path)? {
                return btop::parse(name, &text, depth)
                    .map_err(|e| format!("{}:{e}", path.display()));
            }
        }
    }
    let btop = btop_names();
    let all = names().map(|(name, _)| name).chain(btop.iter().map(String::as_str));
    let hint = spelling::nearest(given, all);
    let hint = hint.map(|h| format!("; did you mean {h:?}?")).unwrap_or_default();
    Err(format!("unknown theme {given:?}{hint} (manytop --list colorschemes shows all)"))
}

/// The text of a file; `None` where the file is missing.
fn read(path: &Path) -> Result<Option<String>, String> {
    match file::read(path, LONGEST) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(e) if e.is_missing() => Ok(None),
        Err(e) => Err(format!("{}: {e}", path.display())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_core::ratatui_core::style::Color;

    fn load(name: &str, folders: &[PathBuf]) -> Result<Theme, String> {
        ThemeChoice::load(name, folders, Depth::True, None).map(|choice| choice.theme)
    }

    #[test]
    fn all_that_come_along_can_be_read_at_every_depth() {
        for (name, _) in names() {
            for depth in [Depth::True, Depth::Palette, Depth::Sixteen, Depth::None] {
                let theme = ThemeChoice::load(name, &[], depth, None).unwrap().theme;
                assert!(theme.hosts.len() >= 8, "{name}");
            }
        }
    }

    #[test]
    fn errors_say_what_is_wrong() {
        assert!(load("nrod", &[]).unwrap_err().contains("did you mean \"nord\"?"));
        for name in ["", "../nord", "/etc/passwd", "a\u{1b}[2J"] {
            let error = load(name, &[]).unwrap_err();
            assert!(error.starts_with("unknown theme") && !error.contains('\u{1b}'), "{error}");
        }
    }

    #[test]
    fn a_file_in_a_folder_comes_first_and_must_be_one() {
        let folder = std::env::temp_dir().join(format!("manytop-colors-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("colors/folder.json")).unwrap();
        std::fs::write(folder.join("colors/nord.json"), r#"{"Name": "mine", "Fg": 217}"#).unwrap();
        std::fs::write(folder.join("colors/large.json"), vec![b' '; 70_000]).unwrap();
        let folders = std::slice::from_ref(&folder);
        let theme = load("nord", folders);
        let wrong = ["folder", "large"].map(|name| load(name, folders).unwrap_err());
        std::fs::remove_dir_all(&folder).unwrap();
        let theme = theme.unwrap();
        assert_eq!(theme.name, "nord");
        assert_eq!(theme.text.fg, Some(Color::Indexed(217)));
        assert!(wrong[0].contains("expected a regular file"), "{}", wrong[0]);
        assert!(wrong[1].contains("large.json: is larger than 64 KiB"), "{}", wrong[1]);
    }

    #[test]
    fn an_automatic_theme_follows_the_background() {
        let white = Rgb::hex(0xfdf6e3);
        let auto = ThemeChoice::load("auto", &[], Depth::True, None).unwrap();
        assert!(auto.is_auto && auto.theme.ground == Ground::Dark);
        let light = on_background(&auto.theme, white).unwrap();
        assert_eq!((light.ground, light.page), (Ground::Light, white));
        assert_eq!(on_background(&light, white), None);
        assert!(!ThemeChoice::load("dark", &[], Depth::True, Some(Ground::Light)).unwrap().is_auto);
        let guess = ThemeChoice::load("default", &[], Depth::Palette, Some(Ground::Light)).unwrap();
        assert_eq!(guess.theme.ground, Ground::Light);
    }
}
