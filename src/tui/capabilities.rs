//! What a terminal understands, by the name in `TERM`: nothing is sent to it that it does not.

use crate::tui::terminfo;
use manytop_core::ratatui_core::style::{Color, Modifier};

/// Which colours there are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Colors {
    /// None.
    None,
    /// ANSI's first eight.
    Eight,
    /// The palette of 256, and any mixture.
    All,
}

/// What a terminal understands besides moving the cursor and clearing the screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Capabilities {
    /// Colours.
    pub colors: Colors,
    /// Whether it has a second screen, a mouse, and updates that are seen as one.
    pub is_modern: bool,
    /// Whether the cursor can be hidden.
    pub hides_cursor: bool,
    /// Whether a modifier can be switched off alone, and dim, italic and crossed out exist.
    pub has_all_modifiers: bool,
}

/// Emulators with xterm's escape sequences.
const MODERN: Capabilities = Capabilities {
    colors: Colors::All,
    is_modern: true,
    hides_cursor: true,
    has_all_modifiers: true,
};
/// The console of Linux, and those of the BSDs.
const CONSOLE: Capabilities = Capabilities { colors: Colors::Eight, is_modern: false, ..MODERN };
/// What ANSI.SYS understood.
const ANSI: Capabilities = Capabilities {
    colors: Colors::Eight,
    is_modern: false,
    hides_cursor: false,
    has_all_modifiers: false,
};
/// DEC's VT100, and what is assumed of a terminal of which nothing is known.
const VT100: Capabilities = Capabilities { colors: Colors::None, ..ANSI };
/// Its successors.
const VT220: Capabilities = Capabilities { hides_cursor: true, ..VT100 };

/// Names up to the first `-` or `.`.
const NAMES: &[(&str, Capabilities)] = &[
    ("xterm", MODERN),
    ("tmux", MODERN),
    ("screen", MODERN),
    ("rxvt", MODERN),
    ("alacritty", MODERN),
    ("kitty", MODERN),
    ("foot", MODERN),
    ("wezterm", MODERN),
    ("ghostty", MODERN),
    ("konsole", MODERN),
    ("gnome", MODERN),
    ("vte", MODERN),
    ("st", MODERN),
    ("stterm", MODERN),
    ("contour", MODERN),
    ("rio", MODERN),
    ("mlterm", MODERN),
    ("mintty", MODERN),
    ("putty", MODERN),
    ("iterm", MODERN),
    ("iterm2", MODERN),
    ("iTerm", MODERN),
    ("iTerm2", MODERN),
    ("nsterm", MODERN),
    ("terminology", MODERN),
    ("linux", CONSOLE),
    ("cons25", CONSOLE),
    ("wsvt25", CONSOLE),
    ("ansi", ANSI),
    ("pcansi", ANSI),
    ("cygwin", ANSI),
    ("eterm", ANSI),
    ("vt100", VT100),
    ("vt102", VT100),
    ("vt220", VT220),
    ("vt320", VT220),
    ("vt420", VT220),
    ("vt510", VT220),
    ("vt520", VT220),
];
/// Terminals that print, and nothing else.
const DUMB: &[&str] =
    &["dumb", "network", "lpr", "printer", "teletype", "tty", "glasstty", "emacs"];

impl Capabilities {
    /// Those of the terminal of that name; `None` for one that cannot move its cursor as ANSI says.
    pub fn of(term: Option<&str>) -> Option<Capabilities> {
        // ncurses calls a terminal unknown of which it knows nothing
        let Some(term) = term.filter(|term| !matches!(*term, "" | "unknown")) else {
            return Some(VT100);
        };
        let mut parts = term.split(['-', '.']);
        let first = parts.next().unwrap_or_default();
        if DUMB.contains(&first) {
            return None;
        }
        let known = NAMES.iter().find(|(name, _)| *name == first).map(|(_, known)| *known);
        let found = match known {
            Some(known) => known,
            None => described(terminfo::find(term))?,
        };
        let is_mono = parts.any(|part| matches!(part, "m" | "mono"));
        Some(if is_mono { Capabilities { colors: Colors::None, ..found } } else { found })
    }

    /// The modifiers that it shows.
    pub fn modifiers(self) -> Modifier {
        match self.has_all_modifiers {
            true => Modifier::all(),
            false => {
                Modifier::BOLD | Modifier::UNDERLINED | Modifier::REVERSED | Modifier::SLOW_BLINK
            }
        }
    }

    /// The nearest colour that it has.
    pub fn color(self, color: Color) -> Color {
        match self.colors {
            Colors::All => color,
            Colors::None => Color::Reset,
            Colors::Eight => nearest(color),
        }
    }
}

fn described(entry: Option<terminfo::TerminfoEntry>) -> Option<Capabilities> {
    match entry {
        None => Some(VT100),
        Some(entry) if !entry.is_ansi => None,
        Some(entry) => {
            let colors = match entry.colors {
                256.. => Colors::All,
                8.. => Colors::Eight,
                _ => Colors::None,
            };
            Some(Capabilities { colors, ..VT100 })
        }
    }
}

/// The nearest of the first eight by its hue. Greys are white, so that nothing is black on black.
fn nearest(color: Color) -> Color {
    const EIGHT: [Color; 8] = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
    ];
    let (r, g, b) = match color {
        Color::Rgb(r, g, b) => (r, g, b),
        Color::Indexed(8) | Color::DarkGray | Color::White => return Color::Gray,
        Color::Indexed(i @ 0..16) => return EIGHT[usize::from(i % 8)],
        Color::Indexed(i @ 16..232) => {
            const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
            let at = usize::from(i - 16);
            (STEPS[at / 36], STEPS[at / 6 % 6], STEPS[at % 6])
        }
        Color::Indexed(i) => (i, i, i),
        Color::LightRed => return Color::Red,
        Color::LightGreen => return Color::Green,
        Color::LightYellow => return Color::Yellow,
        Color::LightBlue => return Color::Blue,
        Color::LightMagenta => return Color::Magenta,
        Color::LightCyan => return Color::Cyan,
        first => return first,
    };
    let most = u16::from(r.max(g).max(b));
    let bit = |part: u8, bit| if u16::from(part) * 2 > most { bit } else { 0 };
    EIGHT[bit(r, 1) + bit(g, 2) + bit(b, 4)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_says_what_is_understood() {
        for modern in ["xterm", "xterm-256color", "tmux-256color", "screen.xterm-new", "foot-extra"]
        {
            assert_eq!(Capabilities::of(Some(modern)), Some(MODERN), "{modern}");
        }
        for vt100 in
            [None, Some(""), Some("unknown"), Some("vt100"), Some("vt100-am"), Some("foobar")]
        {
            assert_eq!(Capabilities::of(vt100), Some(VT100), "{vt100:?}");
        }
        for dumb in ["dumb", "dumb-emacs-ansi", "network", "lpr"] {
            assert_eq!(Capabilities::of(Some(dumb)), None, "{dumb}");
        }
        let mono = Capabilities::of(Some("xterm-mono")).unwrap();
        assert_eq!((mono.colors, mono.is_modern), (Colors::None, true));
        assert_eq!(Capabilities::of(Some("linux-16color")), Some(CONSOLE));
    }

    #[test]
    fn an_entry_of_the_system_is_believed() {
        let entry = |colors, is_ansi| described(Some(terminfo::TerminfoEntry { colors, is_ansi }));
        assert_eq!(entry(256, true).map(|c| c.colors), Some(Colors::All));
        assert_eq!(entry(8, true), Some(ANSI));
        assert_eq!(entry(2, true), Some(VT100));
        assert_eq!(entry(256, false), None, "its cursor goes another way");
    }

    #[test]
    fn eight_colours_keep_their_hue_and_nothing_is_black() {
        let console = CONSOLE;
        for (index, color) in [
            (39, Color::Cyan),
            (208, Color::Yellow),
            (220, Color::Yellow),
            (203, Color::Red),
            (170, Color::Magenta),
            (240, Color::Gray),
            (8, Color::Gray),
            (0, Color::Black),
            (12, Color::Blue),
        ] {
            assert_eq!(console.color(Color::Indexed(index)), color, "{index}");
        }
        let hidden = (17..=255).filter(|i| console.color(Color::Indexed(*i)) == Color::Black);
        assert_eq!(hidden.count(), 0);
        assert_eq!(console.color(Color::Reset), Color::Reset);
        assert_eq!(VT100.color(Color::Red), Color::Reset);
    }
}
