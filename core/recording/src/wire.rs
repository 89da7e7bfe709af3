//! Numbers and texts as bytes: LEB128, zigzag, and texts with their length before them.

use crate::error::Damage;

/// Appends a number in 7 bits a byte, the lowest first.
pub(crate) fn put_u64(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Maps numbers near zero, of either sign, to small numbers.
pub(crate) const fn zigzag(value: i64) -> u64 {
    ((value << 1) ^ (value >> 63)) as u64
}

/// The inverse of [`zigzag`].
pub(crate) const fn unzigzag(value: u64) -> i64 {
    (value >> 1) as i64 ^ -((value & 1) as i64)
}

/// Appends a signed number.
pub(crate) fn put_i64(out: &mut Vec<u8>, value: i64) {
    put_u64(out, zigzag(value));
}

/// Appends a text.
pub(crate) fn put_str(out: &mut Vec<u8>, text: &str) {
    put_u64(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Appends a number that may be absent: 0, or one more than it.
pub(crate) fn put_option(out: &mut Vec<u8>, value: Option<u64>) {
    put_u64(out, value.map_or(0, |value| value.saturating_add(1)));
}

/// Reads what the functions above have written. Every read checks that the bytes are there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ByteReader<'a> {
    bytes: &'a [u8],
    /// The next byte.
    pub(crate) at: usize,
}

impl<'a> ByteReader<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> ByteReader<'a> {
        ByteReader { bytes, at }
    }

    pub(crate) fn is_at_end(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, Damage> {
        let byte = *self.bytes.get(self.at).ok_or(Damage("ends too early"))?;
        self.at += 1;
        Ok(byte)
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], Damage> {
        let end = self.at.checked_add(count).ok_or(Damage("has an impossible length"))?;
        let bytes = self.bytes.get(self.at..end).ok_or(Damage("ends too early"))?;
        self.at = end;
        Ok(bytes)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], Damage> {
        let bytes = self.take(N)?;
        bytes.try_into().map_err(|_| Damage("ends too early"))
    }

    pub(crate) fn u64(&mut self) -> Result<u64, Damage> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Damage("has a number of more than 64 bits"))
    }

    pub(crate) fn i64(&mut self) -> Result<i64, Damage> {
        self.u64().map(unzigzag)
    }

    /// A number of things that follow, each at least one byte long.
    pub(crate) fn count(&mut self) -> Result<usize, Damage> {
        let count = usize::try_from(self.u64()?).map_err(|_| Damage("has an impossible count"))?;
        if count > self.left() { Err(Damage("has an impossible count")) } else { Ok(count) }
    }

    /// A number below 2^32 that does not count the items after it.
    pub(crate) fn index(&mut self) -> Result<usize, Damage> {
        let index = u32::try_from(self.u64()?).map_err(|_| Damage("has an impossible number"))?;
        Ok(index as usize)
    }

    pub(crate) fn option(&mut self) -> Result<Option<u64>, Damage> {
        Ok(self.u64()?.checked_sub(1))
    }

    pub(crate) fn str(&mut self) -> Result<&'a str, Damage> {
        let length = self.count()?;
        str::from_utf8(self.take(length)?).map_err(|_| Damage("has a text that is not UTF-8"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_are_read_as_they_were_written() {
        let mut out = Vec::new();
        for value in [0, 1, 127, 128, 300, u64::MAX] {
            put_u64(&mut out, value);
            put_i64(&mut out, value as i64);
            put_option(&mut out, (value % 2 == 0).then_some(value));
        }
        put_str(&mut out, "ünï");
        let mut reader = ByteReader::new(&out, 0);
        for value in [0, 1, 127, 128, 300, u64::MAX] {
            assert_eq!(reader.u64(), Ok(value));
            assert_eq!(reader.i64(), Ok(value as i64));
            assert_eq!(reader.option(), Ok((value % 2 == 0).then_some(value)));
        }
        assert_eq!(reader.str(), Ok("ünï"));
        assert!(reader.is_at_end() && reader.byte().is_err());
    }

    #[test]
    fn a_count_beyond_the_bytes_is_damage() {
        let mut out = Vec::new();
        put_u64(&mut out, 1 << 40);
        assert!(ByteReader::new(&out, 0).count().is_err());
        assert!(ByteReader::new(&out, 0).str().is_err());
        assert!(ByteReader::new(&[0xff; 11], 0).u64().is_err());
    }
}
