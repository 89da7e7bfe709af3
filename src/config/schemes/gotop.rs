//! gotop's colour schemes: JSON with colours as numbers of the 256, or -1 for the terminal's own.

use manytop_core::{
    ratatui_core::style::{Color, Style},
    theme::{Depth, Ground, Rgb, Theme},
};
use serde_json::{Map, Value};

/// Those that come along.
pub(super) const BUILT_IN: &[(&str, &str)] = &[
    ("default-dark", include_str!("../colors/default-dark.json")),
    ("solarized", include_str!("../colors/solarized.json")),
    ("solarized16-dark", include_str!("../colors/solarized16-dark.json")),
    ("solarized16-light", include_str!("../colors/solarized16-light.json")),
    ("monokai", include_str!("../colors/monokai.json")),
    ("nord", include_str!("../colors/nord.json")),
    ("vice", include_str!("../colors/vice.json")),
];

/// Reads a scheme. What it does not name is as in the built-in theme for its background.
pub(super) fn parse(name: &str, text: &str, depth: Depth) -> Result<Theme, String> {
    let json: Value = serde_json::from_str(text).map_err(|e| e.to_string())?;
    let json = json.as_object().ok_or("expected a JSON object")?;
    let [fg, bg] = ["Fg", "Bg"].map(|key| one(json, key));
    let (fg, bg) = (fg?.flatten(), bg?.flatten());
    let ground = match (bg, fg) {
        (Some(bg), _) => Ground::of(Rgb::indexed(bg)),
        (None, Some(fg)) if Ground::of(Rgb::indexed(fg)) == Ground::Dark => Ground::Light,
        _ => Ground::Dark,
    };
    let mut theme = Theme::new(ground, depth);
    theme.name = name.to_owned();
    let paint = Paint { depth };
    if let (Some(bg), Depth::True | Depth::Palette) = (bg, depth) {
        theme.page = Rgb::indexed(bg);
        theme.bg = paint.color(bg);
    }
    let set = |slot: &mut Style, index: Option<u8>| {
        if let (Some(index), true) = (index, depth != Depth::None) {
            *slot = Style { fg: Some(paint.color(index)), ..*slot };
        }
    };
    set(&mut theme.text, fg);
    set(&mut theme.hi, one(json, "BorderLabel")?.flatten());
    set(&mut theme.line, one(json, "BorderLine")?.flatten());
    for slot in [&mut theme.key, &mut theme.focus] {
        set(slot, one(json, "ProcCursor")?.flatten());
    }
    let [low, high] = ["TempLow", "TempHigh"].map(|key| one(json, key));
    let (low, high) = (low?.flatten(), high?.flatten());
    set(&mut theme.crit, high);
    let hosts = many(json, "CPULines")?;
    if !hosts.is_empty() {
        let fill = theme.hosts.iter().copied().cycle().take(hosts.len().max(theme.hosts.len()));
        let mut all: Vec<Style> = fill.collect();
        all.iter_mut().zip(hosts).for_each(|(slot, index)| set(slot, index));
        theme.hosts = all;
    }
    let memory = many(json, "MemLines")?;
    let slots = [&mut theme.used, &mut theme.buffers];
    slots.into_iter().zip(memory).for_each(|(slot, index)| set(slot, index));
    if let [first, .., second] | [first @ second] = many(json, "Sparklines")?[..] {
        set(&mut theme.rx, first);
        set(&mut theme.tx, second);
    }
    let bar = one(json, "DiskBar")?.flatten();
    if let (Some(low), Some(high)) = (low, high)
        && low >= 16
        && high >= 16
    {
        let stops = [bar.filter(|bar| *bar >= 16).unwrap_or(low), low, high].map(Rgb::indexed);
        theme.set_stops(&[(0.0, stops[0]), (40.0, stops[1]), (100.0, stops[2])]);
    }
    if depth != Depth::None && fg.is_some_and(|fg| fg >= 16) {
        theme.dim = theme.readable(theme.text);
    }
    theme.finish();
    Ok(theme)
}

struct Paint {
    depth: Depth,
}

impl Paint {
    fn color(&self, index: u8) -> Color {
        match self.depth {
            Depth::True | Depth::Palette => Color::Indexed(index),
            _ if index < 16 => Color::Indexed(index),
            // the nearest of the sixteen, as xterm has them
            _ => {
                let own = Rgb::indexed(index).lab();
                let far = |basic: &u8| own.far(Rgb::indexed(*basic).lab());
                let nearest = (0..16).min_by(|a, b| far(a).total_cmp(&far(b)));
                Color::Indexed(nearest.unwrap_or(7))
            }
        }
    }
}

/// A colour: `None` where there is no such key, `Some(None)` for the terminal's own.
fn one(json: &Map<String, Value>, key: &str) -> Result<Option<Option<u8>>, String> {
    json.get(key).map(|value| color(key, value)).transpose()
}

fn many(json: &Map<String, Value>, key: &str) -> Result<Vec<Option<u8>>, String> {
    let Some(value) = json.get(key) else { return Ok(Vec::new()) };
    let list = value.as_array().ok_or_else(|| format!("{key}: expected a list of numbers"))?;
    list.iter().map(|value| color(key, value)).collect()
}

fn color(key: &str, value: &Value) -> Result<Option<u8>, String> {
    match value.as_i64() {
        Some(-1) => Ok(None),
        // gotop packs bold, underline and reverse into the bits above the colour
        Some(n @ 0..) => Ok(Some((n & 0xff) as u8)),
        _ => {
            let mut value = value.to_string();
            value.truncate(value.floor_char_boundary(40));
            Err(format!("{key}: expected a colour from -1 to 255, got {value}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_scheme_names_is_taken() {
        let text = r#"{"Name": "x", "Fg": 254, "BorderLine": 60, "Sparklines": [108, 139],
                       "CPULines": [110], "TempLow": 108, "TempHigh": 167}"#;
        let theme = parse("x", text, Depth::Palette).unwrap();
        let fg = |style: Style| style.fg.unwrap();
        assert_eq!(fg(theme.text), Color::Indexed(254));
        assert_eq!(fg(theme.line), Color::Indexed(60));
        assert_eq!([theme.rx, theme.tx].map(fg), [108, 139].map(Color::Indexed));
        assert_eq!(fg(theme.hosts[0]), Color::Indexed(110));
        assert_eq!(fg(theme.ramp(100.0)), Color::Indexed(167));
        assert_eq!(theme.hosts.len(), 8);
        let mono = parse("x", text, Depth::None).unwrap();
        assert_eq!(mono.text, Theme::new(Ground::Dark, Depth::None).text);
    }

    #[test]
    fn errors_name_the_key() {
        let wrong = |text| parse("x", text, Depth::True).unwrap_err();
        assert_eq!(wrong(r#"{"Fg": "red"}"#), "Fg: expected a colour from -1 to 255, got \"red\"");
        assert_eq!(wrong(r#"{"CPULines": 3}"#), "CPULines: expected a list of numbers");
        assert!(wrong("{\n\"Fg\": }").contains("line 2"));
        assert_eq!(wrong("[]"), "expected a JSON object");
    }
}
