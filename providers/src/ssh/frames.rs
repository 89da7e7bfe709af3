//! The bounded parser of answers: frames between markers that hold the session's nonce.
//!
//! Text outside of all frames is noise: a banner, or what an rc file prints. Its end is kept for
//! the diagnosis. Frames may nest: taking the inner one out leaves the outer one as it was written.

use super::script::Nonce;
use manytop_plugin::text::clean_to;

/// No answer is longer, in bytes.
const LONGEST_FRAME: usize = 16 << 20;
/// No marker is longer.
const LONGEST_MARKER: usize = 8 << 10;
/// Frames within frames.
const DEEPEST: usize = 16;
/// Bytes of noise that are kept.
const MOST_NOISE: usize = 4 << 10;

/// An answer.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct SshFrame {
    /// The request's number.
    pub id: u32,
    /// The exit status of what was run.
    pub status: i32,
    /// What it wrote.
    pub payload: Vec<u8>,
    /// Where in the payload each file begins, for files that came one by one.
    pub files: Vec<(usize, Vec<u8>)>,
}

/// A frame is longer than any answer can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TooLong;

/// One stream of answers.
pub struct Frames {
    /// `\n@NONCE `.
    marker: Vec<u8>,
    rest: Vec<u8>,
    open: Vec<SshFrame>,
    noise: Vec<u8>,
    /// Bytes in all open frames.
    held: usize,
}

impl Frames {
    /// For a session with that nonce.
    pub fn new(nonce: &Nonce) -> Frames {
        let marker = format!("\n@{} ", nonce.text()).into_bytes();
        Frames { marker, rest: Vec::new(), open: Vec::new(), noise: Vec::new(), held: 0 }
    }

    /// Takes what came, and hands over the frames that it completes.
    ///
    /// # Errors
    /// The open frames hold more than any answer does.
    pub fn feed(&mut self, bytes: &[u8], done: &mut impl Extend<SshFrame>) -> Result<(), TooLong> {
        let mut rest = std::mem::take(&mut self.rest);
        rest.extend_from_slice(bytes);
        let mut at = 0;
        loop {
            let Some(found) = memchr::memmem::find(&rest[at..], &self.marker) else {
                // the beginning of a marker may stand at the end
                let keep = rest.len().saturating_sub(self.marker.len() - 1).max(at);
                let keep = memchr::memchr(b'\n', &rest[keep..]).map_or(rest.len(), |n| keep + n);
                self.take(&rest[at..keep])?;
                at = keep;
                break;
            };
            self.take(&rest[at..at + found])?;
            at += found;
            let line = at + self.marker.len();
            match memchr::memchr(b'\n', &rest[line..]) {
                Some(end) if end <= LONGEST_MARKER => {
                    done.extend(self.mark(&rest[line..line + end]));
                    at = line + end + 1;
                }
                None if rest.len() - line <= LONGEST_MARKER => break,
                _ => {
                    self.take(&rest[at..line])?;
                    at = line;
                }
            }
        }
        rest.drain(..at);
        self.rest = rest;
        Ok(())
    }

    /// The end of what stood outside of all frames, made fit for a message.
    pub fn noise(&self) -> String {
        let text = String::from_utf8_lossy(&self.noise);
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let lines: Vec<_> = lines.map(|line| clean_to(line, 200).into_owned()).collect();
        lines.join("\n")
    }

    /// Whether that text came outside of all frames.
    pub fn noise_holds(&self, text: &str) -> bool {
        memchr::memmem::find(&self.noise, text.as_bytes()).is_some()
    }

    fn take(&mut self, bytes: &[u8]) -> Result<(), TooLong> {
        let Some(frame) = self.open.last_mut() else {
            self.noise.extend_from_slice(bytes);
            if self.noise.len() > 2 * MOST_NOISE {
                self.noise.drain(..self.noise.len() - MOST_NOISE);
            }
            return Ok(());
        };
        self.held += bytes.len();
        if self.held > LONGEST_FRAME {
            return Err(TooLong);
        }
        frame.payload.extend_from_slice(bytes);
        Ok(())
    }

    /// A marker's line behind the nonce: `+ ID`, `- ID STATUS` or `f PATH`.
    fn mark(&mut self, line: &[u8]) -> Option<SshFrame> {
        let text = String::from_utf8_lossy(line);
        let mut words = text.split(' ');
        let (sign, first) = (words.next()?, words.next()?);
        match sign {
            "+" => {
                let id = first.parse().ok()?;
                if self.open.len() == DEEPEST {
                    self.open.remove(0);
                }
                self.open.push(SshFrame { id, ..SshFrame::default() });
                None
            }
            "-" => {
                let id: u32 = first.parse().ok()?;
                let at = self.open.iter().rposition(|frame| frame.id == id)?;
                let mut frame = self.open.remove(at);
                self.held -= frame.payload.len().min(self.held);
                frame.status = words.next().and_then(|word| word.parse().ok()).unwrap_or(-1);
                Some(frame)
            }
            "f" => {
                let frame = self.open.last_mut()?;
                frame.files.push((frame.payload.len(), line.get(2..)?.to_owned()));
                None
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames() -> Frames {
        Frames::new(&Nonce::fixed("abc"))
    }

    /// Fed in pieces of that many bytes.
    fn fed(text: &[u8], piece: usize) -> (Vec<SshFrame>, String) {
        let (mut frames, mut done) = (frames(), Vec::new());
        for bytes in text.chunks(piece) {
            frames.feed(bytes, &mut done).unwrap();
        }
        (done, frames.noise())
    }

    fn frame(id: u32, status: i32, payload: &str) -> SshFrame {
        SshFrame { id, status, payload: payload.into(), files: Vec::new() }
    }

    #[test]
    fn frames_are_found_however_the_bytes_come() {
        let text = b"Welcome!\n\n@abc + 1\n/a:x\n\n@ab\n@abd + 9\n\n@abc - 1 2\n\n@abc + 2\n\n@abc - 2 0\n";
        for piece in [1, 2, 3, 5, 7, 1000] {
            let (done, noise) = fed(text, piece);
            let payload = "/a:x\n\n@ab\n@abd + 9\n";
            assert_eq!(done, [frame(1, 2, payload), frame(2, 0, "")], "pieces of {piece}");
            assert_eq!(noise, "Welcome!");
        }
    }

    #[test]
    fn a_frame_within_another_is_taken_out_of_it() {
        let text =
            b"\n@abc + 3\n/proc/1/cmd\n@abc + 4\ndf\n\n@abc - 4 0\nline:init\n\n@abc - 3 0\n";
        for piece in [1, 4, 1000] {
            let (done, _) = fed(text, piece);
            assert_eq!(done, [frame(4, 0, "df\n"), frame(3, 0, "/proc/1/cmdline:init\n")]);
        }
    }

    #[test]
    fn files_one_by_one_are_told_apart() {
        let text = b"\n@abc + 1\n\n@abc f /a b\nx\n@abc f /c\n\n@abc - 1 0\n";
        let (done, _) = fed(text, 3);
        let files = vec![(0, b"/a b".to_vec()), (1, b"/c".to_vec())];
        assert_eq!(done, [SshFrame { files, ..frame(1, 0, "x") }]);
    }

    #[test]
    fn without_the_nonce_nothing_is_a_marker_and_nonsense_changes_nothing() {
        let text = b"\n@xyz + 1\n\n@abc ? 1\n\n@abc - 7 0\n\n@abc + x\n\n@abc f /none\nend";
        let (done, noise) = fed(text, 4);
        assert!(done.is_empty());
        assert!(noise.starts_with("@xyz + 1") && !noise.contains("@abc"), "{noise}");
    }

    #[test]
    fn frames_and_noise_are_bounded() {
        let mut all = frames();
        let mut done = Vec::new();
        let kilobytes = vec![b'x'; 64 << 10];
        for _ in 0..100 {
            all.feed(&kilobytes, &mut done).unwrap();
        }
        assert!(all.noise.len() <= 2 * MOST_NOISE + kilobytes.len() && all.rest.len() < 100);
        all.feed(b"\n@abc + 1\n", &mut done).unwrap();
        let result = (0..=256).try_for_each(|_| all.feed(&kilobytes, &mut done));
        assert_eq!(result, Err(TooLong));
        let mut long = frames();
        let mut text = b"\n@abc + 1\n\n@abc f ".to_vec();
        text.extend(vec![b'y'; LONGEST_MARKER + 100]);
        text.extend(b"\n\n@abc - 1 0\n");
        text.chunks(50).for_each(|piece| long.feed(piece, &mut done).unwrap());
        assert_eq!(done.len(), 1, "a marker that is too long is contents");
        assert!(done[0].files.is_empty() && done[0].payload.len() > LONGEST_MARKER);
    }
}
