//! The order in which a person counts: `eth2` before `eth10`.

use std::cmp::Ordering;

/// Compares runs of digits by their value and everything else by its bytes; names that differ only in
/// leading zeros are told apart by those.
pub fn order(a: &str, b: &str) -> Ordering {
    let (mut x, mut y) = (a.as_bytes(), b.as_bytes());
    loop {
        let (m, n) = (digits(x), digits(y));
        if m > 0 && n > 0 {
            let (p, q) = (significant(&x[..m]), significant(&y[..n]));
            match p.len().cmp(&q.len()).then_with(|| p.cmp(q)) {
                Ordering::Equal => (x, y) = (&x[m..], &y[n..]),
                unequal => return unequal,
            }
            continue;
        }
        match (x.split_first(), y.split_first()) {
            (Some((c, more_x)), Some((d, more_y))) if c == d => (x, y) = (more_x, more_y),
            (Some((c, _)), Some((d, _))) => return c.cmp(d),
            (None, None) => return a.cmp(b),
            (one, other) => return one.is_some().cmp(&other.is_some()),
        }
    }
}

fn digits(text: &[u8]) -> usize {
    text.iter().take_while(|b| b.is_ascii_digit()).count()
}

fn significant(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|b| **b == b'0').count();
    &digits[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_as_numbers() {
        let mut names = ["sda10", "sda", "eth10", "eth2", "sda2", "eth02", "", "eth", "10", "9"];
        names.sort_by(|a, b| order(a, b));
        assert_eq!(names, ["", "9", "10", "eth", "eth02", "eth2", "eth10", "sda", "sda2", "sda10"]);
        assert_eq!(order("a99999999999999999999999", "a100000000000000000000000"), Ordering::Less);
    }
}
