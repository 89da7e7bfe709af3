//! A connection that ends when the other side keeps it waiting: with the first byte of its next
//! request, with the rest of the request's head, or with taking the answer.
//!
//! hyper's own limit on heads runs from the end of the last answer on. It would either hang up on
//! clients that ask now and then, in the very moment of their request, or be without effect.

use crate::exporter::connections::{ConnectionState, Phase};
use std::{
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    time::{Instant, Sleep, sleep},
};

/// How long each may take.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionTimeouts {
    /// Between an answer and the next request.
    pub idle: Duration,
    /// From the first byte of a request's head to its last.
    pub head: Duration,
    /// Taking an answer, from its first byte.
    pub answer: Duration,
}

/// A stream under limits.
pub struct Deadlines<S> {
    stream: S,
    limits: ConnectionTimeouts,
    standing: Arc<ConnectionState>,
    deadline: Pin<Box<Sleep>>,
}

impl<S> Deadlines<S> {
    /// Puts a stream under limits. The reader of a complete head sets in `standing` that an answer is being made.
    pub fn new(
        stream: S,
        limits: ConnectionTimeouts,
        standing: Arc<ConnectionState>,
    ) -> Deadlines<S> {
        Deadlines { stream, limits, standing, deadline: Box::pin(sleep(limits.head)) }
    }

    fn enter(&mut self, phase: Phase) {
        let limit = match phase {
            Phase::Idle => self.limits.idle,
            Phase::Head => self.limits.head,
            Phase::Turn | Phase::Making => return self.standing.enter(phase),
            Phase::Reply => self.limits.answer,
        };
        self.standing.enter(phase);
        self.deadline.as_mut().reset(Instant::now() + limit);
    }

    /// While an answer is being made, it is not the other side that is waited for.
    fn is_over(&mut self, cx: &mut Context<'_>) -> io::Result<()> {
        let waits = !matches!(self.standing.phase(), Phase::Turn | Phase::Making);
        if waits && self.deadline.as_mut().poll(cx).is_ready() {
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
        let before = into.filled().len();
        match Pin::new(&mut this.stream).poll_read(cx, into) {
            Poll::Pending => {
                this.is_over(cx)?;
                Poll::Pending
            }
            Poll::Ready(read) => {
                if this.standing.phase() == Phase::Idle && into.filled().len() > before {
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
        if this.standing.phase() == Phase::Making {
            this.enter(Phase::Reply);
        }
        this.is_over(cx)?;
        Pin::new(&mut this.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = &mut *self;
        ready!(Pin::new(&mut this.stream).poll_flush(cx))?;
        if this.standing.phase() == Phase::Reply {
            this.enter(Phase::Idle);
        }
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
