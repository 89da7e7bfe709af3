//! What the files of a process say: stat, status, cmdline and io.

use crate::kernel;

/// What is used of the line.
#[derive(PartialEq, Debug)]
pub struct Stat<'a> {
    /// The short name; the kernel cuts it after 15 bytes.
    pub name: &'a [u8],
    /// A letter.
    pub state: u8,
    /// The parent's pid; 0 has none.
    pub parent: u64,
    /// A thread of the kernel's own: it has no command line.
    pub of_kernel: bool,
    /// Processor time used, in ticks, that of children not included.
    pub ticks: u64,
    /// -20 to 19.
    pub nice: f64,
    /// How many.
    pub threads: u64,
    /// When it was started, in ticks since boot.
    pub start: u64,
    /// Memory in RAM, in pages.
    pub pages: u64,
}

/// PF_KTHREAD among the flags.
const OF_KERNEL: u64 = 0x0020_0000;

impl<'a> Stat<'a> {
    /// Reads a line. A name may hold anything, blanks and brackets too: it ends at the last `)`.
    pub fn parse(line: &'a [u8]) -> Option<Stat<'a>> {
        let open = memchr::memchr(b'(', line)?;
        let close = memchr::memrchr(b')', line)?;
        let name = line.get(open + 1..close)?;
        // Fields are numbered from 1 in proc(5); the first behind the name is the third.
        let mut fields = kernel::words(line[close + 1..].trim_ascii());
        let state = *fields.next()?.first()?; // 3
        let parent = kernel::number(fields.next()?)?; // 4
        let flags = kernel::number(fields.nth(4)?)?; // 9
        let user = kernel::number(fields.nth(4)?)?; // 14
        let system = kernel::number(fields.next()?)?; // 15
        let nice = kernel::decimal(fields.nth(3)?)?; // 19
        let threads = kernel::number(fields.next()?)?; // 20
        let start = kernel::number(fields.nth(1)?)?; // 22
        let pages = kernel::number(fields.nth(1)?)?; // 24
        let of_kernel = flags & OF_KERNEL != 0;
        let ticks = user.saturating_add(system);
        Some(Stat { name, state, parent, of_kernel, ticks, nice, threads, start, pages })
    }
}

/// The kernel's word for the letter of a state.
pub fn state(letter: u8) -> &'static str {
    match letter {
        b'R' => "running",
        b'S' => "sleeping",
        b'D' => "disk sleep",
        b'T' => "stopped",
        b't' => "tracing stop",
        b'Z' => "zombie",
        b'X' | b'x' => "dead",
        b'P' => "parked",
        b'I' => "idle",
        b'W' => "waking",
        b'K' => "wakekill",
        _ => "unknown",
    }
}

/// The line `Uid:` of status gives the real, effective, saved and filesystem's user. The owner of the
/// process's folder would be cheaper, but is root for whatever may not be debugged.
pub fn effective_user(status: &[u8]) -> Option<u64> {
    let uids = kernel::lines(status).find_map(|line| line.strip_prefix(b"Uid:"))?;
    kernel::number(kernel::words(uids).nth(1)?)
}

/// The arguments with blanks between them; `None` where there are none.
pub fn command(cmdline: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(cmdline).replace('\0', " ");
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// What io says of reads and writes that reached the disks.
pub fn traffic(io: &[u8]) -> [Option<f64>; 2] {
    ["read_bytes:", "write_bytes:"].map(|key| {
        let value = kernel::lines(io).find_map(|line| line.strip_prefix(key.as_bytes()))?;
        kernel::number(value.trim_ascii()).map(|n| n as f64)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_at_the_last_bracket() {
        let line = b"42 (a) R (b) S 1 42 42 0 -1 4194560 100 0 0 0 250 50 7 9 20 -5 3 0 123456 \
            8192000 200 18446744073709551615 1 1\n";
        let want = Stat {
            name: b"a) R (b",
            state: b'S',
            parent: 1,
            of_kernel: false,
            ticks: 300,
            nice: -5.0,
            threads: 3,
            start: 123_456,
            pages: 200,
        };
        assert_eq!(Stat::parse(line), Some(want));
    }

    #[test]
    fn a_line_that_was_cut_is_no_process() {
        for line in ["", "42", "42 (a", "42 (a) S 1 2 3", ") 42 (a S"] {
            assert_eq!(Stat::parse(line.as_bytes()), None, "{line:?}");
        }
    }

    #[test]
    fn the_small_files_are_read() {
        assert_eq!(effective_user(b"Name:\tx\nUid:\t1000\t0\t0\t0\n"), Some(0));
        assert_eq!(command(b"sh\0-c\0echo a\0\0").as_deref(), Some("sh -c echo a"));
        assert_eq!(command(b"\0\0"), None);
        let io = b"rchar: 9\nread_bytes: 4096\nwrite_bytes: 8192\ncancelled_write_bytes: 1\n";
        assert_eq!(traffic(io), [Some(4096.0), Some(8192.0)]);
        assert_eq!(traffic(b""), [None, None]);
    }
}
