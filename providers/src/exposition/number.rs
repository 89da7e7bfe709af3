//! A sample's value, read exactly.

/// Numbers longer than this are not numbers; it bounds what a line of digits can cost.
const LONGEST: usize = 400;

/// Powers of ten that a double holds exactly.
const EXACT: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// Reads the number at the start of `text`, which a blank, a line's end or the end of the text must
/// follow. Returns it with its length; `None` when there is not a number.
///
/// Up to 19 digits and a small power of ten are computed here, where one correctly rounded operation
/// on two exact doubles gives the nearest double (Clinger 1990). All else is left to the standard
/// library, words such as `NaN` and `+Inf` among it.
#[inline]
pub fn parse(text: &[u8]) -> Option<(f64, usize)> {
    let negative = text.first() == Some(&b'-');
    let mut at = usize::from(negative);
    let mut mantissa: u64 = 0;
    let start = at;
    let mut dot = None;
    while let Some(&byte) = text.get(at) {
        let digit = byte.wrapping_sub(b'0');
        if digit < 10 {
            mantissa = mantissa.wrapping_mul(10).wrapping_add(u64::from(digit));
        } else if byte == b'.' && dot.is_none() {
            dot = Some(at);
        } else {
            break;
        }
        at += 1;
    }
    let digits = at - start - usize::from(dot.is_some());
    // 19 digits always fit into 64 bits: beyond, the mantissa may have wrapped.
    if digits == 0 || digits > 19 {
        return by_library(text);
    }
    let mut exponent = dot.map_or(0, |dot| dot as i64 + 1 - at as i64);
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let sign = text.get(at + 1).copied();
        let first = at + 1 + usize::from(matches!(sign, Some(b'-' | b'+')));
        let mut power: i64 = 0;
        at = first;
        while let Some(digit) = text.get(at).map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10) {
            power = (power * 10 + i64::from(digit)).min(100_000);
            at += 1;
        }
        if at == first {
            return None;
        }
        exponent += if sign == Some(b'-') { -power } else { power };
    }
    if !ends(text.get(at)) || at > LONGEST {
        return None;
    }
    if mantissa > 1 << 53 || !(-22..=22).contains(&exponent) {
        return by_library(text);
    }
    let power = EXACT[exponent.unsigned_abs() as usize];
    let value = mantissa as f64;
    let value = if exponent < 0 { value / power } else { value * power };
    Some((if negative { -value } else { value }, at))
}

fn ends(byte: Option<&u8>) -> bool {
    matches!(byte, None | Some(b'\n' | b'\r' | b' ' | b'\t'))
}

#[cold]
fn by_library(text: &[u8]) -> Option<(f64, usize)> {
    let length = text.iter().take(LONGEST + 1).position(|b| ends(Some(b)));
    let length = length.unwrap_or(text.len());
    if length > LONGEST {
        return None;
    }
    let value = std::str::from_utf8(&text[..length]).ok()?.parse().ok()?;
    Some((value, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Option<f64> {
        parse(text.as_bytes()).map(|(v, _)| v)
    }

    #[test]
    fn agrees_with_the_standard_library_to_the_last_bit() {
        let mut state = 0x9E37_79B9_7F4A_7C15_u64;
        let mut random = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        for _ in 0..40_000 {
            let bits = f64::from_bits(random());
            let small = (random() % 1_000_000) as f64 / 1000.0;
            for text in [
                format!("{bits}"),
                format!("{bits:e}"),
                format!("{small}"),
                format!("{}e{}", random() % 100_000, random() % 60),
                format!("{}.{}e-{}", random() % 1000, random(), random() % 40),
                format!("-{}", random()),
            ] {
                let expected: Option<f64> = text.parse().ok();
                let got = value(&text);
                assert_eq!(got.map(f64::to_bits), expected.map(f64::to_bits), "{text}");
            }
        }
    }

    #[test]
    fn words_and_odd_forms() {
        assert!(value("NaN").is_some_and(f64::is_nan));
        assert_eq!(value("+Inf"), Some(f64::INFINITY));
        assert_eq!(value("-Inf"), Some(f64::NEG_INFINITY));
        assert_eq!(value("Inf"), Some(f64::INFINITY));
        assert_eq!(value("+5"), Some(5.0));
        assert_eq!(value("5."), Some(5.0));
        assert_eq!(value(".5"), Some(0.5));
        assert_eq!(value("-0").map(f64::to_bits), Some((-0.0f64).to_bits()));
        for wrong in ["", "-", "e5", "1e", "1e+", "1x", "0x10", "1_000", "{a=\"1\"}", ".", "--1"] {
            assert_eq!(value(wrong), None, "{wrong}");
        }
        assert_eq!(value(&"1".repeat(LONGEST + 1)), None, "a line of digits");
    }

    #[test]
    fn the_length_ends_at_the_blank() {
        for text in ["12.5 1700000000", "12.5\n", "12.5\r\n", "12.5\tx", "12.5"] {
            assert_eq!(parse(text.as_bytes()), Some((12.5, 4)), "{text:?}");
        }
        assert_eq!(parse(b"+Inf 5"), Some((f64::INFINITY, 4)));
    }
}
