//! Plain HTTP/1.1, which is what fleets are asked by: one connection a host, and between two answers nothing
//! kept for it but the socket.
//!
//! Answers are read into memory that all hosts share, the stack, and go to the decoder from there. So
//! thousands of idle hosts cost no buffers, and a request next to nothing but its system calls. TLS and proxies
//! are reqwest's.

mod framing;
mod head;

pub use head::{ResponseHead, Spoken, Transfer};

use super::{addresses::Route, url::is_near};
use framing::{HttpResponse, Step};
use reqwest::StatusCode;
use rustix::{
    io::Errno,
    net::{RecvFlags, recv},
};
use std::{
    io,
    mem::MaybeUninit,
    ops::ControlFlow,
    pin::Pin,
    task::{Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWriteExt, ReadBuf},
    net::TcpStream,
};

/// An answer is read in parts of up to this many bytes: a node_exporter's in one.
const PART: usize = 64 * 1024;
/// After so many bytes of a body the other remotes have their turn.
const TURN: usize = 256 * 1024;

/// Why there is no answer.
#[derive(Debug)]
pub enum HttpError {
    /// The name is not known; what the look-up says.
    Name(String),
    /// There is no connection.
    Connect(io::Error),
    /// The connection failed.
    Io(io::Error),
    /// It was closed without a word.
    Silent,
    /// It had been kept, and was given up by the server before it saw the request.
    Stale,
    /// It was closed in the middle.
    BrokeOff,
    /// The answer is not HTTP/1.
    NoHttp(Spoken),
    /// Its head is too long.
    LongHead,
    /// Its head has too many lines.
    ManyHeaders,
    /// A line of its head is not a header.
    Header,
    /// The first line of its head is not right.
    StatusLine,
    /// It announces an answer again and again.
    OnlyAnnounces,
    /// It goes on in another protocol.
    Switches,
    /// The body comes in a way that is not understood: `Transfer-Encoding`.
    Transfer(String),
    /// The body is too long.
    LongBody,
    /// The body's framing is wrong, and how.
    Damaged(&'static str),
}

/// What hears an answer.
pub trait Listener: Send {
    /// The head, before anything of the body. `Break`: the body is of no interest.
    fn head(&mut self, head: &ResponseHead) -> ControlFlow<()>;
    /// The next part of the body. `Continue`: how many bytes of work it was. `Break`: no more of it, please.
    fn body(&mut self, part: &[u8]) -> ControlFlow<(), usize>;
    /// The most bytes of a body that it takes at a time.
    fn portion(&self) -> usize {
        usize::MAX
    }
}

/// The connection to one host.
#[derive(Default, Debug)]
pub struct Connection {
    idle: Option<TcpStream>,
    near: bool,
    connected: bool,
}

impl Connection {
    /// Sends a request and hears its answer. A connection that was kept is used if it is still open and
    /// nothing has come on it; where it leads to no answer all the same, the request is sent once more on
    /// a new one. Returns whether the host turned out to be near.
    ///
    /// # Errors
    /// There is no answer, or no whole one.
    pub async fn ask(
        &mut self,
        route: &Route,
        request: &[u8],
        listener: &mut dyn Listener,
    ) -> Result<bool, HttpError> {
        if let Some(stream) = self.idle.take().filter(is_quiet) {
            match self.exchange(stream, request, listener, true).await {
                Err(HttpError::Stale) => {}
                result => return result,
            }
        }
        self.connected = false;
        let stream = route.connect().await?;
        self.connected = true;
        self.near = stream.peer_addr().is_ok_and(|peer| is_near(peer.ip()));
        self.exchange(stream, request, listener, false).await
    }

    /// Whether the last request had a connection.
    pub fn is_connected(&self) -> bool {
        self.connected
    }

    /// `reused`: another answer came on the connection before, so that [`HttpError::Stale`] may come of it.
    async fn exchange(
        &mut self,
        mut stream: TcpStream,
        request: &[u8],
        listener: &mut dyn Listener,
        reused: bool,
    ) -> Result<bool, HttpError> {
        let mut answer = HttpResponse::new();
        let lasting = match stream.write_all(request).await {
            Ok(()) => hear(&mut stream, &mut answer, listener, reused).await,
            Err(error) => Err(HttpError::Io(error)),
        };
        let lasting = lasting.map_err(|broken| match broken {
            HttpError::Silent | HttpError::BrokeOff | HttpError::Io(_)
                if reused && !answer.has_head() =>
            {
                HttpError::Stale
            }
            broken => broken,
        })?;
        self.idle = lasting.then_some(stream);
        Ok(self.near)
    }
}

/// Whether a connection that was kept is open and nothing has come on it since: neither its end nor bytes, which
/// would be taken for the answer to the next request.
fn is_quiet(stream: &TcpStream) -> bool {
    // tokio's sockets never wait
    let looked = recv(stream, &mut [0_u8], RecvFlags::PEEK);
    looked.is_err_and(|error| error == Errno::WOULDBLOCK)
}

/// Reads an answer to its end. Returns whether the connection can be used again.
async fn hear(
    stream: &mut TcpStream,
    answer: &mut HttpResponse,
    listener: &mut dyn Listener,
    reused: bool,
) -> Result<bool, HttpError> {
    let mut lasting = false;
    let mut turn = 0;
    // What was read and not heard when the turn was over.
    let mut left = Vec::new();
    std::future::poll_fn(|context| {
        loop {
            if turn > TURN {
                turn = 0;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let mut part = [const { MaybeUninit::<u8>::uninit() }; PART];
            let mut part = ReadBuf::uninit(&mut part);
            let kept = std::mem::take(&mut left);
            let mut bytes = &kept[..];
            if bytes.is_empty() {
                ready!(Pin::new(&mut *stream).poll_read(context, &mut part))
                    .map_err(HttpError::Io)?;
                bytes = part.filled();
                turn += bytes.len();
            }
            if bytes.is_empty() {
                return Poll::Ready(answer.closed().map(|()| false));
            }
            while !bytes.is_empty() {
                let portion = listener.portion();
                let more = match answer.step(&mut bytes, portion)? {
                    Step::More => ControlFlow::Continue(()),
                    Step::Head(head) if reused && head.status == StatusCode::REQUEST_TIMEOUT => {
                        return Poll::Ready(Err(HttpError::Stale));
                    }
                    Step::Head(head) => {
                        lasting = head.lasting;
                        listener.head(&head)
                    }
                    Step::Body(part) => listener.body(part).map_continue(|work| {
                        turn += work.saturating_sub(part.len());
                    }),
                    Step::End => ControlFlow::Continue(()),
                };
                if more.is_break() {
                    return Poll::Ready(Ok(false));
                }
                if answer.is_over() {
                    // What follows belongs to no request.
                    return Poll::Ready(Ok(lasting && bytes.is_empty()));
                }
                if turn > TURN {
                    left = bytes.to_vec();
                    break;
                }
            }
        }
    })
    .await
}
