//! Colour schemes: data, in JSON files of gotop's form. The ones that come along, and any that lie in
//! a `colors` folder beside the config.

use manytop_core::{ratatui_core::style::Color, spelling, theme::Theme};
use serde_json::Value;
use std::path::PathBuf;

const BUILT_IN: &[(&str, &str)] = &[
    ("default-dark", include_str!("colors/default-dark.json")),
    ("solarized", include_str!("colors/solarized.json")),
    ("solarized16-dark", include_str!("colors/solarized16-dark.json")),
    ("solarized16-light", include_str!("colors/solarized16-light.json")),
    ("monokai", include_str!("colors/monokai.json")),
    ("nord", include_str!("colors/nord.json")),
    ("vice", include_str!("colors/vice.json")),
];

/// The names of those that come along.
pub fn names() -> impl Iterator<Item = &'static str> {
    std::iter::once("default").chain(BUILT_IN.iter().map(|(name, _)| *name))
}

/// The scheme of that name: a file `NAME.json` in one of the folders, else one that comes along.
pub fn load(name: &str, folders: &[PathBuf]) -> Result<Theme, String> {
    for folder in folders {
        let path = folder.join("colors").join(format!("{name}.json"));
        match std::fs::read_to_string(&path) {
            Ok(text) => return parse(&text).map_err(|e| format!("{}: {e}", path.display())),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
            Err(e) => return Err(format!("{}: {e}", path.display())),
        }
    }
    if name == "default" {
        return Ok(Theme::default());
    }
    match BUILT_IN.iter().find(|(n, _)| *n == name) {
        Some((_, text)) => parse(text),
        None => {
            let hint = spelling::nearest(name, names());
            let hint = hint.map(|h| format!(": did you mean {h:?}?")).unwrap_or_default();
            Err(format!(
                "colorscheme {name:?} is unknown{hint} (manytop --list colorschemes shows all)"
            ))
        }
    }
}

/// Reads a scheme. Colours are numbers: 0 to 255 of the palette, -1 for the terminal's own. What is
/// missing is as in the default scheme.
fn parse(text: &str) -> Result<Theme, String> {
    let json: Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let json = json.as_object().ok_or("a colour scheme is a JSON object")?;
    let mut theme = Theme::default();
    let one = |key: &str| json.get(key).map(|v| color(key, v)).transpose();
    let many = |key: &str| -> Result<Option<Vec<Color>>, String> {
        let Some(value) = json.get(key) else { return Ok(None) };
        let list = value.as_array().ok_or(format!("{key} must be a list of numbers"))?;
        let colors: Result<Vec<_>, _> = list.iter().map(|v| color(key, v)).collect();
        colors.map(|c| Some(c).filter(|c| !c.is_empty()))
    };
    if let Some(name) = json.get("Name").and_then(Value::as_str) {
        theme.name = name.to_owned();
    }
    let set = |slot: &mut Color, value: Option<Color>| {
        if let Some(value) = value {
            *slot = value;
        }
    };
    set(&mut theme.fg, one("Fg")?);
    set(&mut theme.bg, one("Bg")?);
    set(&mut theme.title, one("BorderLabel")?);
    set(&mut theme.border, one("BorderLine")?);
    set(&mut theme.cursor, one("ProcCursor")?);
    set(&mut theme.focus, one("ProcCursor")?);
    set(&mut theme.bar, one("DiskBar")?);
    set(&mut theme.cool, one("TempLow")?);
    set(&mut theme.critical, one("TempHigh")?);
    set(&mut theme.dim, one("BorderLine")?);
    theme.identity = many("CPULines")?.unwrap_or(theme.identity);
    theme.memory = many("MemLines")?.unwrap_or(theme.memory);
    match many("Sparklines")?.as_deref() {
        Some([one]) => theme.spark = [*one, *one],
        Some([first, second, ..]) => theme.spark = [*first, *second],
        _ => {}
    }
    Ok(theme)
}

fn color(key: &str, value: &Value) -> Result<Color, String> {
    match value.as_i64() {
        Some(-1) => Ok(Color::Reset),
        // gotop packs bold, underline and reverse into the bits above the colour
        Some(n @ 0..) => Ok(Color::Indexed((n & 0xff) as u8)),
        _ => Err(format!("{key}: {value} is no colour; write -1 to 255")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_that_come_along_can_be_read() {
        for name in names() {
            let theme = load(name, &[]).unwrap();
            assert_eq!(theme.name, name);
            assert!(theme.identity.len() >= 8, "{name}");
        }
    }

    #[test]
    fn errors_say_what_is_wrong() {
        assert!(load("nrod", &[]).unwrap_err().contains("did you mean \"nord\"?"));
        assert!(parse("{\"Fg\": \"red\"}").unwrap_err().contains("Fg: \"red\" is no colour"));
    }

    #[test]
    fn a_file_in_a_folder_comes_first() {
        let folder = std::env::temp_dir().join(format!("manytop-colors-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("colors")).unwrap();
        std::fs::write(folder.join("colors/nord.json"), r#"{"Name": "mine", "Fg": 7}"#).unwrap();
        let theme = load("nord", std::slice::from_ref(&folder)).unwrap();
        assert_eq!((theme.name.as_str(), theme.fg), ("mine", Color::Indexed(7)));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
