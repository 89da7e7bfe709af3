//! The TCP sockets of our network namespace with the bytes that each has carried, from the kernel's
//! `sock_diag` over netlink. Any user may read them. It does not say to which process a socket belongs.

use rustix::{
    fd::OwnedFd,
    io::{self, Errno},
    net::{
        AddressFamily, RecvFlags, SendFlags, SocketFlags, SocketType, netlink, recv, send,
        socket_with,
    },
};

/// A socket that belongs to some process.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TcpSocket {
    /// The number of the socket, as in `/proc/PID/fd`.
    pub inode: u64,
    /// Bytes that came in and were taken in order, and bytes that went out and were acknowledged.
    pub bytes: [u64; 2],
}

/// Message types and flags of netlink and sock_diag, as in the kernel's `linux/netlink.h`,
/// `linux/sock_diag.h` and `linux/inet_diag.h`.
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLM_F_REQUEST: u16 = 0x001;
const NLM_F_DUMP: u16 = 0x300;
const INET_DIAG_INFO: u16 = 2;
const AF_INET: u8 = 2;
const AF_INET6: u8 = 10;
const IPPROTO_TCP: u8 = 6;

/// The header of a message: length, type, flags, sequence, sender.
const HEADER: usize = 16;
/// A request behind the header: `inet_diag_req_v2`.
const REQUEST: usize = 56;
/// An answer behind the header: `inet_diag_msg`, whose last word is the inode.
const ANSWER: usize = 72;
/// `tcpi_bytes_acked` and `tcpi_bytes_received` in `tcp_info`, since Linux 4.1.
const ACKNOWLEDGED: usize = 120;
const RECEIVED: usize = 128;

/// All states but those of sockets without a process, which carry nothing: syn received (3 and 12), time
/// wait (6), listening (10).
const STATES: u32 = 0xfff & !(1 << 3 | 1 << 6 | 1 << 10);

/// The kernel fills at most this much at a time.
const BUFFER: usize = 32 * 1024;

/// A netlink socket that is opened at the first request.
#[derive(Default)]
pub struct SockDiag {
    socket: Option<OwnedFd>,
    buffer: Vec<u8>,
    sequence: u32,
}

impl SockDiag {
    /// Calls `each` for every TCP socket that a process has open.
    ///
    /// # Errors
    /// The kernel has no `sock_diag`, or we may not use it.
    pub fn tcp(&mut self, each: &mut dyn FnMut(TcpSocket)) -> io::Result<()> {
        self.buffer.resize(BUFFER, 0);
        self.list(AF_INET, each)?;
        match self.list(AF_INET6, each) {
            // a kernel without IPv6
            Err(Errno::NOENT | Errno::AFNOSUPPORT) | Ok(()) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Closes the socket and frees the buffer.
    pub fn close(&mut self) {
        *self = SockDiag { sequence: self.sequence, ..SockDiag::default() };
    }

    fn list(&mut self, family: u8, each: &mut dyn FnMut(TcpSocket)) -> io::Result<()> {
        let socket = match &self.socket {
            Some(socket) => socket,
            None => self.socket.insert(socket_with(
                AddressFamily::NETLINK,
                SocketType::DGRAM,
                SocketFlags::CLOEXEC,
                Some(netlink::SOCK_DIAG),
            )?),
        };
        self.sequence = self.sequence.wrapping_add(1);
        send(socket, &request(family, self.sequence), SendFlags::empty())?;
        loop {
            // the kernel writes the next part of an answer while the one before is taken: nothing to wait for
            let (length, _) = match recv(socket, &mut self.buffer[..], RecvFlags::DONTWAIT) {
                Err(Errno::INTR) => continue,
                received => received?,
            };
            let mut rest = &self.buffer[..length];
            while let Some((message, behind)) = next_message(rest) {
                rest = behind;
                if number_at::<4>(message, 8).map(u32::from_ne_bytes) != Some(self.sequence) {
                    continue;
                }
                match number_at::<2>(message, 4).map(u16::from_ne_bytes) {
                    Some(NLMSG_DONE) => return Ok(()),
                    Some(NLMSG_ERROR) => {
                        let code = number_at::<4>(message, HEADER).map_or(0, i32::from_ne_bytes);
                        return Err(Errno::from_raw_os_error(code.saturating_neg()));
                    }
                    Some(SOCK_DIAG_BY_FAMILY) => parse(message).into_iter().for_each(&mut *each),
                    _ => {}
                }
            }
        }
    }
}

fn request(family: u8, sequence: u32) -> [u8; HEADER + REQUEST] {
    let mut message = [0; HEADER + REQUEST];
    message[..4].copy_from_slice(&((HEADER + REQUEST) as u32).to_ne_bytes());
    message[4..6].copy_from_slice(&SOCK_DIAG_BY_FAMILY.to_ne_bytes());
    message[6..8].copy_from_slice(&(NLM_F_REQUEST | NLM_F_DUMP).to_ne_bytes());
    message[8..12].copy_from_slice(&sequence.to_ne_bytes());
    message[16..19].copy_from_slice(&[family, IPPROTO_TCP, 1 << (INET_DIAG_INFO - 1)]);
    message[20..24].copy_from_slice(&STATES.to_ne_bytes());
    message
}

fn number_at<const N: usize>(bytes: &[u8], at: usize) -> Option<[u8; N]> {
    bytes.get(at..at + N)?.try_into().ok()
}

/// The first message with its header, and what is behind it; `None` at the end, or where the length is
/// impossible.
fn next_message(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = u32::from_ne_bytes(number_at(bytes, 0)?) as usize;
    let message = bytes.get(..length).filter(|_| length >= HEADER)?;
    Some((message, bytes.get(length.next_multiple_of(4)..).unwrap_or_default()))
}

/// A socket in an answer; `None` where no process has it open, or an old kernel counts nothing.
fn parse(message: &[u8]) -> Option<TcpSocket> {
    let inode = u32::from_ne_bytes(number_at(message, HEADER + ANSWER - 4)?);
    let mut attributes = message.get(HEADER + ANSWER..)?;
    while let Some(length) = number_at(attributes, 0).map(u16::from_ne_bytes) {
        let length = usize::from(length);
        let attribute = attributes.get(4..length)?;
        if number_at(attributes, 2).map(u16::from_ne_bytes) == Some(INET_DIAG_INFO) && inode > 0 {
            let sent = u64::from_ne_bytes(number_at(attribute, ACKNOWLEDGED)?);
            let received = u64::from_ne_bytes(number_at(attribute, RECEIVED)?);
            return Some(TcpSocket { inode: inode.into(), bytes: [received, sent] });
        }
        attributes = attributes.get(length.next_multiple_of(4)..)?;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An answer with one attribute in front of the information.
    fn answer(inode: u32, info: &[u8]) -> Vec<u8> {
        let mut message = vec![0; HEADER + ANSWER];
        message[HEADER + ANSWER - 4..].copy_from_slice(&inode.to_ne_bytes());
        let attributes: [(u16, &[u8]); 2] = [(8, b"abcde"), (INET_DIAG_INFO, info)];
        for (name, value) in attributes {
            message.extend((4 + value.len() as u16).to_ne_bytes());
            message.extend(name.to_ne_bytes());
            message.extend(value);
            message.resize(message.len().next_multiple_of(4), 0);
        }
        message
    }

    #[test]
    fn answers_of_any_length_are_read_or_left_out() {
        let mut info = vec![0; 232];
        info[ACKNOWLEDGED] = 7;
        info[RECEIVED] = 9;
        let whole = answer(4711, &info);
        assert_eq!(parse(&whole), Some(TcpSocket { inode: 4711, bytes: [9, 7] }));
        assert_eq!(parse(&answer(0, &info)), None, "no process has it open");
        assert_eq!(parse(&answer(4711, &info[..104])), None, "Linux before 4.1");
        (0..whole.len()).for_each(|length| _ = parse(&whole[..length]));
        for length in [0_u32, 3, 15, 17, u32::MAX] {
            let mut bytes = vec![0; 16];
            bytes[..4].copy_from_slice(&length.to_ne_bytes());
            assert_eq!(next_message(&bytes), None, "{length}");
        }
    }
}
