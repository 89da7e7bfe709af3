//! Which characters a terminal can show, and what takes the place of those that it cannot.
//!
//! Widgets draw with braille, blocks and lines. Where the locale is not UTF-8 only ASCII is written; the console of
//! Linux has a font without braille, eighths and rounded corners. The picture is changed after it was drawn and before
//! it is painted, cell by cell, so that no widget knows.

use crate::system::tty;
use manytop_core::ratatui_core::buffer::Buffer;
use std::{borrow::Cow, env, ffi::OsString};

/// The characters that can be shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Glyphs {
    /// All of them.
    #[default]
    All,
    /// Those of the console's fonts: code page 437 and Latin letters.
    Console,
    /// ASCII.
    Ascii,
}

/// What code page 437 has beside letters, and so each font of a console.
const CONSOLE: &str = "─│┌┐└┘├┤┬┴┼═║╔╗╚╝╠╣╦╩╬█▄▌▐▀░▒▓■▬▲►▼◄•◘○◙←↑→↓↔↕√∞≈≤≥∙ΓΘΣΦΩαδεπστφ☺♥♦♣♠♪";
/// Empty to full.
const LEVELS: [char; 9] = [' ', '.', ':', '-', '=', '+', '*', '%', '#'];
/// The letters from U+00C0 to U+017F without their marks.
const LETTERS: &str = "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiiidnooooo/ouuuuyty\
                       AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLlNnNnNnnNnOoOoOoOo\
                       RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

impl Glyphs {
    /// What the key `charset` asks for; `auto` goes by the locale, and a terminal by its font too.
    pub fn of(charset: &str, locale: &Locale, term: Option<&str>) -> Glyphs {
        let utf8 = match charset {
            "utf8" => true,
            "ascii" => false,
            _ => locale.is_utf8(),
        };
        match (utf8, term) {
            (false, _) => Glyphs::Ascii,
            (true, Some(term)) if is_console(term) => Glyphs::Console,
            (true, _) => Glyphs::All,
        }
    }

    /// Replaces what cannot be shown in a picture, each character by one of the same width.
    pub fn fit(self, picture: &mut Buffer) {
        if self == Glyphs::All {
            return;
        }
        for cell in &mut picture.content {
            if cell.symbol().is_ascii() {
                continue;
            }
            // of a letter with its marks the letter stays
            let first = cell.symbol().chars().next().unwrap_or(' ');
            cell.set_char(self.character(first));
        }
    }

    /// The same for a text that is printed, where a character may become several.
    pub fn text(self, text: &str) -> Cow<'_, str> {
        if self == Glyphs::All || text.is_ascii() {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        for c in text.chars() {
            match c {
                '…' => out.push_str("..."),
                '\u{300}'..='\u{36f}' => {} // marks on the letter before them
                c => out.push(self.character(c)),
            }
        }
        Cow::Owned(out)
    }

    /// What takes the place of a character.
    fn character(self, c: char) -> char {
        match self {
            Glyphs::All => c,
            Glyphs::Console if c < '\u{250}' || CONSOLE.contains(c) => c,
            Glyphs::Console => console(c).unwrap_or_else(|| ascii(c)),
            Glyphs::Ascii => ascii(c),
        }
    }
}

/// Whether this terminal is a console of the kernel: its font has few characters.
fn is_console(term: &str) -> bool {
    let name = term.split(['-', '.']).next().unwrap_or_default();
    matches!(name, "linux" | "con80x25" | "cons25" | "wsvt25")
}

/// Which variables say what the locale is.
#[derive(Clone, Debug, Default)]
pub struct Locale(Option<OsString>);

impl Locale {
    /// That of this process: the first that is set of `LC_ALL`, `LC_CTYPE` and `LANG`.
    pub fn of_environment() -> Locale {
        let set = |name| env::var_os(name).filter(|value| !value.is_empty());
        let named = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(set);
        Locale(named.or_else(|| tty::LOCALE.map(OsString::from)))
    }

    /// Whether its characters are UTF-8. Without a locale they are ASCII.
    fn is_utf8(&self) -> bool {
        let name = self.0.as_ref().map(|name| name.to_string_lossy().to_lowercase());
        let charset = name.as_deref().and_then(|name| name.split_once('.'));
        let charset = charset.map(|(_, set)| set.split('@').next().unwrap_or_default());
        // macOS has a locale that is called just so
        let whole = name.as_deref() == Some("utf-8");
        whole || charset.is_some_and(|set| matches!(set, "utf-8" | "utf8"))
    }
}

/// The dots of a braille character, in its upper and its lower half.
fn dots(c: char) -> (u32, u32) {
    let dots = c as u32 & 0xff;
    ((dots & 0b0001_1011).count_ones(), (dots & 0b1110_0100).count_ones())
}

/// The replacement of a character on a console that has more than ASCII.
fn console(c: char) -> Option<char> {
    Some(match c {
        '\u{2801}'..='\u{28ff}' => match dots(c) {
            (0, _) => '▄',
            (_, 0) => '▀',
            _ => '█',
        },
        '\u{2501}' | '\u{2505}' | '\u{2509}' | '\u{254d}' | '╸' | '╺' | '╼' | '╾' => '═',
        '\u{2503}' | '\u{2507}' | '\u{250b}' | '\u{254f}' | '╹' | '╻' | '╽' | '╿' => '║',
        '\u{2504}' | '\u{2508}' | '\u{254c}' | '╴' | '╶' => '─',
        '\u{2506}' | '\u{250a}' | '\u{254e}' | '╵' | '╷' | '▏' | '▕' => '│',
        '╭' | '┏' => '┌',
        '╮' | '┓' => '┐',
        '╰' | '┗' => '└',
        '╯' | '┛' => '┘',
        '┝'..='┣' => '├',
        '┥'..='┫' => '┤',
        '┭'..='┳' => '┬',
        '┵'..='┻' => '┴',
        '┽'..='╋' => '┼',
        '▃'..='▅' => '▄',
        '▆' | '▇' | '▉' | '▊' => '█',
        '▋'..='▎' => '▌',
        '▔' => '▀',
        '●' | '◉' | '◆' => '•',
        '▴' | '△' => '▲',
        '▾' | '▽' => '▼',
        '▶' | '▸' | '▷' => '►',
        '◀' | '◂' | '◁' => '◄',
        '✓' | '✔' => '√',
        _ => return None,
    })
}

/// The nearest character of ASCII; `?` for all others.
fn ascii(c: char) -> char {
    match c {
        '\0'..='\u{7f}' => c,
        '\u{2800}'..='\u{28ff}' => braille(c),
        '─' | '┄' | '┈' | '╌' | '╴' | '╶' | '‐'..='―' | '−' | '▔' => '-',
        '━' | '┅' | '┉' | '╍' | '═' | '╸' | '╺' | '╼' | '╾' => '=',
        '│' | '┃' | '┆' | '┇' | '┊' | '┋' | '╎' | '╏' | '║' | '╵' | '╷' | '╹' | '╻' | '╽' | '╿'
        | '▏' | '▌' | '▕' | '¦' | '↕' => '|',
        '╱' | '÷' | '⁄' => '/',
        '╲' => '\\',
        '╳' | '×' | '✗' | '✘' => 'x',
        '\u{2500}'..='\u{257f}' => '+',
        '▀' | '▐' | '▒' | '▚' | '▞' => LEVELS[4],
        // lower eighths, from one to the whole
        '▁'..='█' => LEVELS[(c as usize & 0xf).min(8)],
        // left eighths, from seven down
        '▉'..='▎' => LEVELS[0x10 - (c as usize & 0xf)],
        '░' | '▖' | '▗' | '▘' | '▝' => LEVELS[2],
        '▓' | '▙' | '▛' | '▜' | '▟' => LEVELS[6],
        '■' | '▪' | '▬' | '▮' | '◼' => '#',
        '□' | '▫' | '▭' | '▯' | '○' | '◇' | '◌' | '◦' | 'º' => 'o',
        '●' | '◉' | '◆' | '•' | '★' | '☆' | '♥' | '∗' => '*',
        '·' | '∙' | '‧' | '⋅' => '.',
        '▲' | '△' | '▴' | '▵' | '↑' | '⇡' | '⌃' => '^',
        '▼' | '▽' | '▾' | '▿' | '↓' | '⇣' | '⌄' | '✓' | '✔' | '√' => 'v',
        '▶' | '▷' | '▸' | '▹' | '►' | '→' | '⇒' | '»' | '›' | '≥' => '>',
        '◀' | '◁' | '◂' | '◃' | '◄' | '←' | '⇐' | '«' | '‹' | '≤' | '↵' | '⏎' => {
            '<'
        }
        '…' | '≈' | '∞' => '~',
        '±' => '+',
        '↔' => '-',
        '≠' | '⚠' | '¡' => '!',
        '‘' | '’' | '′' | '´' => '\'',
        '“' | '”' | '″' => '"',
        '°' | '\u{a0}' | '\u{2002}'..='\u{200a}' | '\u{202f}' => ' ',
        '¹' => '1',
        '²' => '2',
        '³' => '3',
        'µ' | 'μ' => 'u',
        'Ω' | 'Σ' | 'Δ' => '#',
        '\u{c0}'..='\u{17f}' => {
            LETTERS.as_bytes().get(c as usize - 0xc0).map_or('?', |letter| char::from(*letter))
        }
        _ => '?',
    }
}

/// A graph's line by its height, its area by how full it is.
fn braille(c: char) -> char {
    let dots = c as u32 & 0xff;
    match dots.count_ones() {
        0 => ' ',
        1 | 2 => match dots {
            // the lowest row that holds a dot
            d if d & 0b1100_0000 != 0 => '_',
            d if d & 0b0010_0100 != 0 => '.',
            d if d & 0b0001_0010 != 0 => '-',
            _ => '\'',
        },
        3 | 4 => LEVELS[2],
        5 | 6 => LEVELS[5],
        _ => LEVELS[8],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_core::{
        draw::text::width,
        ratatui_core::{layout::Rect, style::Style},
    };

    fn of(charset: &str, locale: &str, term: Option<&str>) -> Glyphs {
        let locale = Locale(Some(locale.into()).filter(|l: &OsString| !l.is_empty()));
        Glyphs::of(charset, &locale, term)
    }

    #[test]
    fn the_locale_decides_unless_the_config_does() {
        for locale in ["C.UTF-8", "de_DE.utf8", "en_US.UTF-8@x", "UTF-8", "C.utf8"] {
            assert_eq!(of("auto", locale, Some("xterm")), Glyphs::All, "{locale}");
            assert_eq!(of("ascii", locale, Some("xterm")), Glyphs::Ascii, "{locale}");
        }
        for locale in ["", "C", "POSIX", "de_DE", "de_DE.ISO-8859-1", "ru_RU.KOI8-R", "ja_JP.eucJP"]
        {
            assert_eq!(of("auto", locale, Some("xterm")), Glyphs::Ascii, "{locale}");
            assert_eq!(of("utf8", locale, Some("xterm")), Glyphs::All, "{locale}");
        }
        assert_eq!(of("auto", "C.UTF-8", Some("linux")), Glyphs::Console);
        assert_eq!(
            of("utf8", "", Some("linux-16color")),
            Glyphs::Console,
            "its font has no braille"
        );
        assert_eq!(of("auto", "C.UTF-8", None), Glyphs::All, "printed, not shown");
    }

    #[test]
    fn everything_that_is_drawn_has_a_character_of_its_own_kind() {
        let ascii = |text: &str| text.chars().map(ascii).collect::<String>();
        assert_eq!(ascii("┌─┬╮│├┼┤└╰╯"), "+-++|++++++");
        assert_eq!(ascii("━━╸───"), "===---", "what is filled differs from what is not");
        assert_eq!(ascii(" ▁▂▃▄▅▆▇█"), LEVELS.iter().collect::<String>());
        assert_eq!(ascii("▉▊▋▍▎"), "%*+-:");
        assert_eq!(ascii("▌"), "|", "the mark of a host and of the cursor");
        assert_eq!(ascii("⠀⡀⠄⠂⠁⣀⡄⡆⣶⣿"), " _.-'__:+#");
        assert_eq!(ascii("▼▲■●·…°"), "v^#*.~ ");
        assert_eq!(ascii("ünïcödé Łódź ß"), "unicode Lodz s");
        assert_eq!(ascii("日本"), "??");
    }

    #[test]
    fn no_character_is_left_that_cannot_be_shown() {
        let all = ('\0'..='\u{ffff}').chain(['😀']);
        for c in all {
            assert!(Glyphs::Ascii.character(c).is_ascii(), "{c:?}");
            let shown = Glyphs::Console.character(c);
            assert!(shown < '\u{250}' || CONSOLE.contains(shown), "{c:?} as {shown:?}");
        }
        assert_eq!(LETTERS.len(), 0x180 - 0xc0);
    }

    #[test]
    fn a_picture_keeps_its_columns() {
        let mut picture = Buffer::empty(Rect::new(0, 0, 12, 1));
        picture.set_string(0, 0, "宽e\u{301}⣿…é▕x", Style::new());
        Glyphs::Ascii.fit(&mut picture);
        let text: String = picture.content.iter().map(|cell| cell.symbol()).collect();
        assert_eq!(text, "? e#~e|x    ");
        assert_eq!(width(&text), 12);
    }

    #[test]
    fn a_printed_text_says_the_same() {
        assert_eq!(Glyphs::Ascii.text("web… 84° e\u{301}"), "web... 84  e");
        assert!(matches!(Glyphs::Ascii.text("plain"), Cow::Borrowed("plain")));
        assert_eq!(Glyphs::All.text("⣿"), "⣿");
    }
}
