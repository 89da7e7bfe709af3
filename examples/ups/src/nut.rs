//! The client's side of the protocol that a NUT server speaks (RFC 9271): lines of words, the last of
//! them often in quotes.

use std::{
    io::{self, Read, Write},
    net::{TcpStream, ToSocketAddrs},
    time::{Duration, Instant},
};

/// Bytes of an answer beyond which it is no honest one.
const ANSWER_MAX: usize = 256 * 1024;

/// What can go wrong.
#[derive(Debug)]
pub enum Error {
    /// Unreachable, or not reachable any more.
    Io(io::Error),
    /// The server's `ERR`, as it words it: `UNKNOWN-UPS`.
    Refused(String),
    /// What came is not of this protocol.
    NotNut,
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Error {
        Error::Io(error)
    }
}

/// A connection to a server.
pub struct Client {
    stream: TcpStream,
    until: Instant,
    /// What has come and was not yet asked for.
    rest: Vec<u8>,
}

impl Client {
    /// Connects; all that is asked must be answered within `patience`.
    pub fn connect(host: &str, port: u16, patience: Duration) -> Result<Client, Error> {
        let until = Instant::now() + patience;
        let mut last = io::Error::from(io::ErrorKind::NotFound);
        for address in (host, port).to_socket_addrs()? {
            match TcpStream::connect_timeout(&address, left(until)?) {
                Ok(stream) => return Ok(Client { stream, until, rest: Vec::new() }),
                Err(error) => last = error,
            }
        }
        Err(last.into())
    }

    /// `LIST what`: the words of each line of the answer, those left out that all lines begin with.
    pub fn list(&mut self, what: &str) -> Result<Vec<Vec<String>>, Error> {
        self.stream.set_write_timeout(Some(left(self.until)?))?;
        self.stream.write_all(format!("LIST {what}\n").as_bytes())?;
        let mut room = ANSWER_MAX;
        let first = self.line(&mut room)?;
        if let Some(refusal) = first.strip_prefix("ERR ") {
            return Err(Error::Refused(refusal.trim().to_owned()));
        }
        if first != format!("BEGIN LIST {what}") {
            return Err(Error::NotNut);
        }
        let (end, beginning) = (format!("END LIST {what}"), format!("{what} "));
        let mut lines = Vec::new();
        loop {
            let line = self.line(&mut room)?;
            if line == end {
                return Ok(lines);
            }
            lines.push(words(line.strip_prefix(&beginning).ok_or(Error::NotNut)?));
        }
    }

    /// The next line, which takes what it needs of the room for all.
    fn line(&mut self, room: &mut usize) -> Result<String, Error> {
        loop {
            if let Some(end) = self.rest.iter().position(|b| *b == b'\n') {
                *room = room.checked_sub(end + 1).ok_or(Error::NotNut)?;
                let line: Vec<u8> = self.rest.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(line.trim_ascii_end()).into_owned());
            }
            if self.rest.len() > *room {
                return Err(Error::NotNut);
            }
            self.stream.set_read_timeout(Some(left(self.until)?))?;
            let mut chunk = [0; 4096];
            match self.stream.read(&mut chunk)? {
                0 => return Err(io::Error::from(io::ErrorKind::UnexpectedEof).into()),
                n => self.rest.extend_from_slice(&chunk[..n]),
            }
        }
    }
}

fn left(until: Instant) -> io::Result<Duration> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(io::ErrorKind::TimedOut.into()) } else { Ok(left) }
}

/// `battery.charge "87"` taken apart; in quotes, `\` precedes `"` and itself.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut chars = line.chars().peekable();
    while let Some(&first) = chars.peek() {
        let mut word = String::new();
        match first {
            ' ' => {
                chars.next();
                continue;
            }
            '"' => {
                chars.next();
                while let Some(c) = chars.next().filter(|c| *c != '"') {
                    word.extend(if c == '\\' { chars.next() } else { Some(c) });
                }
            }
            _ => {
                while let Some(c) = chars.next_if(|c| *c != ' ') {
                    word.push(c);
                }
            }
        }
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_apart_at_blanks_outside_quotes() {
        assert_eq!(words("battery.charge \"87\""), ["battery.charge", "87"]);
        assert_eq!(words(r#"rack "the \"big\" one \\ here""#), ["rack", r#"the "big" one \ here"#]);
        assert_eq!(words("x \"\""), ["x", ""]);
        assert_eq!(words("x \"open end\\"), ["x", "open end"]);
    }
}
