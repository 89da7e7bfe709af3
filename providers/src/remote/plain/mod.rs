//! Plain HTTP/1.1 to hosts that are near, which is what fleets are asked by: one connection a host, and
//! between two answers nothing kept for it but the socket.
//!
//! Answers are read into memory that all hosts share, the stack, and go to the decoder from there. So
//! thousands of idle hosts cost no buffers, and a request next to nothing but its system calls. All else
//! (TLS, proxies, packed answers) is reqwest's.

mod framing;

use super::url::is_near;
use framing::{Answer, Step};
use reqwest::{
    Response, StatusCode,
    header::{CONTENT_TYPE, LOCATION},
};
use std::{
    io,
    mem::MaybeUninit,
    net::{IpAddr, SocketAddr},
    ops::ControlFlow,
    pin::Pin,
    task::{Poll, ready},
};
use tokio::{
    io::{AsyncRead, AsyncWriteExt, ReadBuf},
    net::{TcpStream, lookup_host},
};

/// An answer is read in parts of up to this many bytes: a node_exporter's in one.
const PART: usize = 64 * 1024;
/// After so many bytes of a body the other remotes have their turn.
const TURN: usize = 256 * 1024;

/// What an answer says before its body.
#[derive(Clone, PartialEq, Debug)]
pub struct Head {
    /// The status.
    pub status: StatusCode,
    /// What the body is said to be.
    pub content_type: Option<String>,
    /// Where to ask instead.
    pub location: Option<String>,
    /// The body's length in bytes, where it is known beforehand.
    pub length: Option<u64>,
    /// The body is packed although nobody asked for that.
    pub packed: bool,
    /// The connection can be used again.
    lasting: bool,
}

impl Head {
    /// The head of an answer that reqwest has got.
    pub fn of(answer: &Response) -> Head {
        let text = |name| Some(answer.headers().get(name)?.to_str().ok()?.to_owned());
        Head {
            status: answer.status(),
            content_type: text(CONTENT_TYPE),
            location: text(LOCATION),
            length: answer.content_length(),
            packed: false,
            lasting: false,
        }
    }

    /// The body's declared type, without its parameters.
    pub fn answer_type(&self) -> Option<String> {
        let value = self.content_type.as_deref()?;
        Some(value.split(';').next()?.trim().to_ascii_lowercase())
    }
}

/// Why there is no answer.
#[derive(Debug)]
pub enum Broken {
    /// The name is not known; what the look-up says.
    Name(String),
    /// There is no connection.
    Connect(io::Error),
    /// The connection failed.
    Io(io::Error),
    /// It was closed without a word.
    Silent,
    /// It was closed in the middle.
    BrokeOff,
    /// What came is no HTTP.
    NoHttp,
    /// Its head has no end.
    LongHead,
    /// The body's framing is wrong.
    Damaged,
}

/// Who listens to an answer.
pub trait Listener: Send {
    /// The head, before anything of the body. `Break`: the body is of no interest.
    fn head(&mut self, head: &Head) -> ControlFlow<()>;
    /// The next part of the body. `Break`: no more of it, please.
    fn body(&mut self, part: &[u8]) -> ControlFlow<()>;
}

/// The connection to one host.
#[derive(Default, Debug)]
pub struct Line {
    idle: Option<TcpStream>,
    near: bool,
}

impl Line {
    /// Sends a request and listens to its answer. A connection that was closed while it was idle is
    /// opened anew. Returns whether the host turned out to be near.
    ///
    /// # Errors
    /// There is no answer, or no whole one.
    pub async fn ask(
        &mut self,
        host: &str,
        port: u16,
        request: &[u8],
        listener: &mut dyn Listener,
    ) -> Result<bool, Broken> {
        if let Some(stream) = self.idle.take() {
            match self.exchange(stream, request, listener).await {
                Err((Broken::Silent | Broken::Io(_), false)) => {}
                result => return result.map_err(|(broken, _)| broken),
            }
        }
        let stream = connect(host, port).await?;
        self.near = stream.peer_addr().is_ok_and(|peer| is_near(peer.ip()));
        self.exchange(stream, request, listener).await.map_err(|(broken, _)| broken)
    }

    /// With an error: whether anything of an answer had come before.
    async fn exchange(
        &mut self,
        mut stream: TcpStream,
        request: &[u8],
        listener: &mut dyn Listener,
    ) -> Result<bool, (Broken, bool)> {
        stream.write_all(request).await.map_err(|e| (Broken::Io(e), false))?;
        let mut answer = Answer::new();
        let lasting = hear(&mut stream, &mut answer, listener).await;
        let lasting = lasting.map_err(|broken| (broken, answer.has_begun()))?;
        self.idle = lasting.then_some(stream);
        Ok(self.near)
    }
}

async fn connect(host: &str, port: u16) -> Result<TcpStream, Broken> {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    if let Ok(ip) = bare.parse::<IpAddr>() {
        return TcpStream::connect(SocketAddr::new(ip, port)).await.map_err(Broken::Connect);
    }
    let addresses =
        lookup_host((bare, port)).await.map_err(|error| Broken::Name(error.to_string()))?;
    let mut last = None;
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Some(error),
        }
    }
    Err(last.map_or(Broken::Name("no address".into()), Broken::Connect))
}

/// Reads an answer to its end. Returns whether the connection can be used again.
async fn hear(
    stream: &mut TcpStream,
    answer: &mut Answer,
    listener: &mut dyn Listener,
) -> Result<bool, Broken> {
    let mut lasting = false;
    let mut turn = 0;
    std::future::poll_fn(|context| {
        loop {
            if turn > TURN {
                turn = 0;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            let mut part = [const { MaybeUninit::<u8>::uninit() }; PART];
            let mut part = ReadBuf::uninit(&mut part);
            ready!(Pin::new(&mut *stream).poll_read(context, &mut part)).map_err(Broken::Io)?;
            let mut bytes = part.filled();
            turn += bytes.len();
            if bytes.is_empty() {
                return Poll::Ready(answer.closed().map(|()| false));
            }
            while !bytes.is_empty() {
                let more = match answer.step(&mut bytes)? {
                    Step::More => ControlFlow::Continue(()),
                    Step::Head(head) => {
                        lasting = head.lasting;
                        listener.head(&head)
                    }
                    Step::Body(part) => listener.body(part),
                    Step::End => ControlFlow::Continue(()),
                };
                if more.is_break() {
                    return Poll::Ready(Ok(false));
                }
                if answer.is_over() {
                    // What follows belongs to no question.
                    return Poll::Ready(Ok(lasting && bytes.is_empty()));
                }
            }
        }
    })
    .await
}
