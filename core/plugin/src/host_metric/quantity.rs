//! Numbers with units, as filters and limits have them.

/// A number with an optional unit: `80`, `80%`, `1.5M`, `90s`, `500ms`, `2d`. What has a prefix is a rate, so
/// that prefixes are powers of 1000, as in [`number`](crate::draw::number); time is in seconds.
pub fn quantity(text: &str) -> Option<f64> {
    let end = text.find(|c: char| c.is_alphabetic() || c == '%' || c == '°').unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    let value: f64 = digits.trim().parse().ok()?;
    let factor = match unit {
        "" | "%" | "s" | "°" | "B" => 1.0,
        "ms" => 1e-3,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "d" => 86_400.0,
        "k" | "K" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        _ => return None,
    };
    Some(value * factor).filter(|v| v.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_units() {
        let read = |text| quantity(text).unwrap();
        assert_eq!(
            ["80", "80%", "1.5M", "90s", "500ms", "2d", "-3"].map(read),
            [80.0, 80.0, 1.5e6, 90.0, 0.5, 172_800.0, -3.0]
        );
        for wrong in ["", "x", "8x", "1 2", "%", "inf", "nan"] {
            assert_eq!(quantity(wrong), None, "{wrong}");
        }
    }
}
