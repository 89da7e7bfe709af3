//! Lists of processors as the kernel writes them: `0-3,8`.

use crate::local::procfs;

/// More than any kernel is built for: what names more is not read.
const MOST: u64 = 65_536;

/// The processors of a list, in its order; what is not a number or a range is left out.
pub fn parse(list: &[u8]) -> Vec<u64> {
    let mut all = Vec::new();
    for part in list.trim_ascii().split(|b| *b == b',') {
        let mut ends = part.trim_ascii().split(|b| *b == b'-').map(procfs::number);
        let Some(Some(first)) = ends.next() else { continue };
        let last = match ends.next() {
            Some(last) => last,
            None => Some(first),
        };
        all.extend(last.filter(|last| *last < MOST).into_iter().flat_map(|last| first..=last));
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn single_numbers_and_ranges_are_read() {
        assert_eq!(parse(b"0-3,8\n"), [0, 1, 2, 3, 8]);
        assert_eq!(parse(b"5"), [5]);
        assert_eq!(parse(b""), [0_u64; 0]);
        assert_eq!(parse(b"x,2,7-5,0-99999999999"), [2], "nothing that is endless");
    }
}
