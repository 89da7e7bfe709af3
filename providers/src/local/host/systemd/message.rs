//! Messages of D-Bus, as much of them as a question and its answer need.

use std::io::{self, Read};

/// The largest answer that is read; a list of a thousand units is a third of it.
const LARGEST: usize = 1 << 20;

/// Kinds of messages.
const CALL: u8 = 1;
const ANSWER: u8 = 2;

/// Fields of a header, and the types of their values.
const PATH: (u8, u8) = (1, b'o');
const INTERFACE: (u8, u8) = (2, b's');
const MEMBER: (u8, u8) = (3, b's');
const ANSWERED: u8 = 5;
const DESTINATION: (u8, u8) = (6, b's');
const SIGNATURE: (u8, u8) = (8, b'g');

/// What is called.
pub struct Call<'a> {
    pub destination: &'a str,
    pub path: &'a str,
    pub interface: &'a str,
    pub member: &'a str,
    /// The types of the arguments; empty without any.
    pub signature: &'a str,
}

/// Values in little-endian order, each aligned to its size.
#[derive(Default)]
pub struct Body(Vec<u8>);

impl Body {
    fn align(&mut self, to: usize) {
        self.0.resize(self.0.len().next_multiple_of(to), 0);
    }

    fn number(&mut self, number: u32) {
        self.align(4);
        self.0.extend(number.to_le_bytes());
    }

    /// With a text behind what is there.
    pub fn text(mut self, text: &str) -> Body {
        self.push(text);
        self
    }

    fn push(&mut self, text: &str) {
        self.number(text.len() as u32);
        self.0.extend(text.as_bytes());
        self.0.push(0);
    }

    /// With a list of texts behind what is there.
    pub fn list(mut self, texts: &[&str]) -> Body {
        self.number(0);
        let start = self.0.len();
        texts.iter().for_each(|text| self.push(text));
        let length = (self.0.len() - start) as u32;
        self.0[start - 4..start].copy_from_slice(&length.to_le_bytes());
        self
    }
}

impl Call<'_> {
    /// The whole message.
    pub fn bytes(&self, serial: u32, body: &Body) -> Vec<u8> {
        let mut all = Body(vec![b'l', CALL, 0, 1]);
        all.number(body.0.len() as u32);
        all.number(serial);
        all.number(0);
        let start = all.0.len();
        let fields = [
            (PATH, self.path),
            (INTERFACE, self.interface),
            (MEMBER, self.member),
            (DESTINATION, self.destination),
            (SIGNATURE, self.signature),
        ];
        for ((field, kind), value) in fields.into_iter().filter(|(_, value)| !value.is_empty()) {
            all.align(8);
            all.0.extend([field, 1, kind, 0]);
            if kind == b'g' {
                all.0.push(value.len() as u8);
                all.0.extend(value.as_bytes());
                all.0.push(0);
            } else {
                all.push(value);
            }
        }
        let length = (all.0.len() - start) as u32;
        all.0[start - 4..start].copy_from_slice(&length.to_le_bytes());
        all.align(8);
        all.0.extend(&body.0);
        all.0
    }
}

/// A message that was received.
pub struct Message {
    kind: u8,
    big: bool,
    fields: Vec<u8>,
    body: Vec<u8>,
}

impl Message {
    /// The next message.
    pub fn read(from: &mut impl Read) -> io::Result<Message> {
        let mut head = [0; 16];
        from.read_exact(&mut head)?;
        let big = head[0] == b'B';
        let at = |place: usize| number(big, &head, place).unwrap_or(u32::MAX) as usize;
        let (body, fields) = (at(4), at(12));
        if body > LARGEST || fields > LARGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut message = Message {
            kind: head[1],
            big,
            fields: vec![0; fields.next_multiple_of(8)],
            body: vec![0; body],
        };
        from.read_exact(&mut message.fields)?;
        message.fields.truncate(fields);
        from.read_exact(&mut message.body)?;
        Ok(message)
    }

    /// Whether it is the answer to the call of that number, and not an error.
    pub fn answers(&self, serial: u32) -> bool {
        self.kind == ANSWER && self.answered() == Some(serial)
    }

    /// The number of the call that it answers, in a field of the type `u`.
    fn answered(&self) -> Option<u32> {
        let mut cursor = MessageCursor { big: self.big, bytes: &self.fields, at: 0 };
        loop {
            cursor.align(8);
            let [field, 1, kind, 0] = *cursor.take(4)? else { return None };
            match kind {
                b'u' if field == ANSWERED => return cursor.number(),
                b'u' => _ = cursor.number()?,
                b'g' => _ = cursor.short()?,
                b's' | b'o' => _ = cursor.text()?,
                _ => return None,
            }
        }
    }

    /// The number in a body of the type `v` that holds a `u`.
    pub fn variant_number(&self) -> Option<u32> {
        let mut cursor = self.cursor();
        (cursor.short()? == b"u").then(|| cursor.number()).flatten()
    }

    /// The first names of a list of units, of the type `a(ssssssouso)`.
    pub fn units(&self, most: usize) -> Vec<String> {
        let mut cursor = self.cursor();
        let Some(length) = cursor.number() else { return Vec::new() };
        cursor.align(8);
        let end = cursor.at + length as usize;
        let mut names = Vec::new();
        while cursor.at < end && names.len() < most {
            match cursor.unit() {
                Some(name) => names.push(name),
                None => break,
            }
        }
        names
    }

    /// Its fields as they came.
    #[cfg(test)]
    pub fn fields(&self) -> &[u8] {
        &self.fields
    }

    fn cursor(&self) -> MessageCursor<'_> {
        MessageCursor { big: self.big, bytes: &self.body, at: 0 }
    }
}

/// Reads values one after the other.
struct MessageCursor<'a> {
    big: bool,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> MessageCursor<'a> {
    fn align(&mut self, to: usize) {
        self.at = self.at.next_multiple_of(to);
    }

    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let read_at = self.bytes.get(self.at..self.at.checked_add(length)?)?;
        self.at += length;
        Some(read_at)
    }

    fn number(&mut self) -> Option<u32> {
        self.align(4);
        let found = number(self.big, self.bytes, self.at);
        self.at += 4;
        found
    }

    /// A text with a long length before it and a zero behind it.
    fn text(&mut self) -> Option<&'a [u8]> {
        let length = self.number()? as usize;
        let text = self.take(length)?;
        self.take(1)?;
        Some(text)
    }

    /// A signature: its length is a byte.
    fn short(&mut self) -> Option<&'a [u8]> {
        let length = *self.take(1)?.first()?;
        let text = self.take(usize::from(length))?;
        self.take(1)?;
        Some(text)
    }

    /// A unit's name; its other fields are skipped.
    fn unit(&mut self) -> Option<String> {
        self.align(8);
        let name = String::from_utf8_lossy(self.text()?).into_owned();
        for _ in 0..6 {
            self.text()?;
        }
        self.number()?;
        self.text()?;
        self.text()?;
        Some(name)
    }
}

fn number(big: bool, bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?.try_into().ok()?;
    Some(if big { u32::from_be_bytes(four) } else { u32::from_le_bytes(four) })
}
