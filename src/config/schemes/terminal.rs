//! What the environment says about the terminal: how many colours it has, and whether its background is
//! dark.

use crate::system::tty;
use manytop_core::theme::{Depth, Ground};

/// How many colours to use, by `NO_COLOR` (<https://no-color.org>), `COLORTERM` and `TERM`.
pub fn depth(variable: impl Fn(&str) -> Option<String>) -> Depth {
    let given = |name| variable(name).filter(|value| !value.is_empty());
    let colors = given("COLORTERM").unwrap_or_default();
    let term = given("TERM").unwrap_or_default();
    let has = |words: &[&str]| words.iter().any(|word| term.contains(word));
    if given("NO_COLOR").is_some() || term == "dumb" {
        Depth::None
    } else if matches!(&*colors, "truecolor" | "24bit")
        || has(&["direct", "kitty", "alacritty", "foot", "ghostty", "wezterm", "iterm"])
    {
        Depth::True
    } else if has(&["256color"]) || !colors.is_empty() {
        Depth::Palette
    } else {
        Depth::Sixteen
    }
}

/// The background that `COLORFGBG` names: `15;0` is light on black.
pub fn ground(variable: impl Fn(&str) -> Option<String>) -> Option<Ground> {
    let colors = variable("COLORFGBG")?;
    let background: u8 = colors.rsplit(';').next()?.parse().ok()?;
    match background {
        7 | 9..=15 => Some(Ground::Light),
        0..=8 => Some(Ground::Dark),
        _ => None,
    }
}

/// A variable of this process; `TERM` as the system's terminal is called.
pub fn variable(name: &str) -> Option<String> {
    match name {
        "TERM" => tty::name(),
        name => std::env::var(name).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<'a>(given: &'a [(&str, &str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| given.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned())
    }

    #[test]
    fn the_depth_is_that_of_the_terminal() {
        let of = |given: &[(&str, &str)]| depth(with(given));
        let xterm = ("TERM", "xterm-256color");
        assert_eq!(of(&[xterm]), Depth::Palette);
        assert_eq!(of(&[xterm, ("COLORTERM", "truecolor")]), Depth::True);
        assert_eq!(of(&[xterm, ("COLORTERM", "truecolor"), ("NO_COLOR", "1")]), Depth::None);
        assert_eq!(of(&[xterm, ("NO_COLOR", "")]), Depth::Palette);
        assert_eq!(of(&[("TERM", "linux")]), Depth::Sixteen);
        assert_eq!(of(&[("TERM", "xterm-kitty")]), Depth::True);
        assert_eq!(of(&[("TERM", "dumb"), ("COLORTERM", "24bit")]), Depth::None);
        assert_eq!(of(&[]), Depth::Sixteen);
    }

    #[test]
    fn the_background_is_the_last_of_the_colours() {
        let of = |value| ground(with(&[("COLORFGBG", value)]));
        assert_eq!(of("15;0"), Some(Ground::Dark));
        assert_eq!(of("0;15"), Some(Ground::Light));
        assert_eq!(of("0;default;15"), Some(Ground::Light));
        assert_eq!(of("12;8"), Some(Ground::Dark));
        assert_eq!([of("x"), of(""), of("0;default"), ground(with(&[]))], [None; 4]);
    }
}
