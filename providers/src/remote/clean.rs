//! Foreign text, made fit for a screen: in one place, so that it can give way to core's own.

/// Characters of a name or a text that are kept.
const LONGEST: usize = 256;
/// Combining marks in a row that are kept.
const MARKS: usize = 2;

/// Replaces control, format and bidi characters, limits combining marks, and cuts what is too long.
pub fn clean(text: &str) -> String {
    let mut marks = 0;
    text.chars()
        .filter_map(|c| {
            marks = if is_mark(c) { marks + 1 } else { 0 };
            match c {
                _ if is_hidden(c) => Some('\u{FFFD}'),
                _ if marks > MARKS => None,
                _ => Some(c),
            }
        })
        .take(LONGEST)
        .collect()
}

fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(u32::from(c),
            0xAD | 0x600..=0x605 | 0x61C | 0x6DD | 0x70F | 0x180E | 0x200B..=0x200F
            | 0x2028..=0x202E | 0x2060..=0x206F | 0xFEFF | 0xFFF9..=0xFFFB | 0xE0000..=0xE007F)
}

fn is_mark(c: char) -> bool {
    matches!(u32::from(c),
        0x300..=0x36F | 0x483..=0x489 | 0x591..=0x5BD | 0x610..=0x61A | 0x64B..=0x65F
        | 0x1AB0..=0x1AFF | 0x1DC0..=0x1DFF | 0x20D0..=0x20FF | 0xFE00..=0xFE0F | 0xFE20..=0xFE2F)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_the_screen_is_replaced() {
        assert_eq!(clean("a\x1b[2Jb\nc\u{202E}d"), "a\u{FFFD}[2Jb\u{FFFD}c\u{FFFD}d");
        assert_eq!(clean("ünï /data"), "ünï /data");
        assert_eq!(clean(&format!("e{}x", "\u{301}".repeat(9))), "e\u{301}\u{301}x");
        assert_eq!(clean(&"x".repeat(9000)).len(), LONGEST);
    }
}
