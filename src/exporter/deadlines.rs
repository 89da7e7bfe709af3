//! A connection that ends when the other side keeps it waiting: with the first byte of its next
//! request, with the rest of the request's head, or with taking the answer.
//!
//! hyper's own limit on heads runs from the end of the last answer on. It would either hang up on
//! those who ask every now and then, in the very moment in which they ask, or be no limit.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// How long each may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Between an answer and the next request.
    pub idle: Duration,
    /// From the first byte of a request's head to its last.
    pub head: Duration,
    /// Taking an answer, from its first byte.
    pub answer: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    Idle,
    Head,
    Answer,
}

/// Tells the connection that a request's head has been read.
#[derive(Clone, Default)]
pub struct Asked(Arc<AtomicBool>);

impl Asked {
    /// To be called when the head of a request is complete.
    pub fn tell(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A stream under limits.
pub struct Deadlines<S> {
    stream: S,
    limits: Limits,
    phase: Phase,
    asked: Asked,
    deadline: Pin<Box<Sleep>>,
    /// Whether the deadline counts: not while an answer is being made.
    running: bool,
}

impl<S> Deadlines<S> {
    /// Puts a stream under limits.
    pub fn new(stream: S, limits: Limits, asked: Asked) -> Deadlines<S> {
        let deadline = Box::pin(sleep(limits.head));
        // who connects has something to say
        Deadlines { stream, limits, phase: Phase::Head, asked, deadline, running: true }
    }

    fn enter(&mut self, phase: Phase) {
        let limit = match phase {
            Phase::Idle => self.limits.idle,
            Phase::Head => self.limits.head,
            Phase::Answer => self.limits.answer,
        };
        self.phase = phase;
        self.running = true;
        self.deadline.as_mut().reset(Instant::now() + limit);
    }

    /// A head that is complete is no longer waited for.
    fn notice(&mut self) {
        if self.asked.0.swap(false, Ordering::Relaxed) {
            self.phase = Phase::Answer;
            self.running = false;
        }
    }

    fn is_over(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        if self.running && self.deadline.as_mut().poll(cx).is_ready() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        Ok(())
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Deadlines<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = &mut *self;
        this.notice();
        let before = into.filled().len();
        match Pin::new(&mut this.stream).poll_read(cx, into) {
            Poll::Pending => {
                this.is_over(cx)?;
                Poll::Pending
            }
            Poll::Ready(read) => {
                if this.phase == Phase::Idle && into.filled().len() > before {
                    this.enter(Phase::Head);
                }
                // one byte now and then is no reason to wait for longer
                this.is_over(cx)?;
                Poll::Ready(read)
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Deadlines<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = &mut *self;
        this.notice();
        if this.phase == Phase::Answer && !this.running {
            this.enter(Phase::Answer);
        }
        this.is_over(cx)?;
        Pin::new(&mut this.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        ready!(Pin::new(&mut this.stream).poll_flush(cx))?;
        if this.phase == Phase::Answer && this.running {
            this.enter(Phase::Idle);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
