//! Threads for readers. One is enough while all of them return; when one hangs, its thread stays
//! with it and another takes over the rest. No caller waits for a thread to end.
//!
//! Most of what a reading costs is that two threads wake each other. So readers that are started together are
//! called together, when all tasks that were due have sent theirs, and come home together, when none is left
//! to go.

use crate::{
    provider::{Class, Failure, Reader, Selection},
    reading::PollResult,
};
use std::{
    any::Any,
    collections::VecDeque,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::{Notify, oneshot};

/// A reader comes home with what it brought; one that panicked does not come home.
pub(super) type Back = (Option<Box<dyn Reader>>, Result<PollResult, Failure>);
/// Where it comes home.
pub(super) type Home = oneshot::Receiver<Back>;

struct ReadJob {
    reader: Box<dyn Reader>,
    want: Selection,
    home: oneshot::Sender<Back>,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<ReadJob>,
    /// Those that have read, on their way home.
    done: Vec<(oneshot::Sender<Back>, Back)>,
    idle: usize,
    threads: usize,
    ended: bool,
}

#[derive(Default)]
struct SharedQueue {
    queue: Mutex<Queue>,
    ready: Condvar,
    /// Some were started; or some are done, and none is left to wait for.
    news: Notify,
}

impl SharedQueue {
    fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A handle on the threads.
#[derive(Clone, Default)]
pub(super) struct Readers(Arc<SharedQueue>);

impl Readers {
    /// Sends a reader off to read. It goes when [`Readers::dispatch`] has its turn: behind the tasks that
    /// were due with the one that sends it.
    pub(super) fn send(&self, reader: Box<dyn Reader>, want: Selection) -> Home {
        let (home, back) = oneshot::channel();
        self.0.queue().jobs.push_back(ReadJob { reader, want, home });
        self.0.news.notify_one();
        back
    }

    /// Runs the readers of the queue, and returns their results; without an end.
    pub(super) async fn dispatch(self) {
        loop {
            self.0.news.notified().await;
            let mut queue = self.0.queue();
            let done = std::mem::take(&mut queue.done);
            let call = queue.idle > 0 && !queue.jobs.is_empty();
            drop(queue);
            if call {
                self.0.ready.notify_one();
            }
            for (home, back) in done {
                let _ = home.send(back); // nobody waits for it when the instance was removed
            }
        }
    }

    /// Ensures that a thread works on the queue: the first thread, or, after a job has waited for
    /// longer than it should, another one. Jobs that are done do not wait for the one that delayed it.
    pub(super) fn ensure_worker(&self, waited: bool) {
        let mut queue = self.0.queue();
        if waited && !queue.done.is_empty() {
            self.0.news.notify_one();
        }
        if queue.jobs.is_empty() || queue.idle > 0 || (queue.threads > 0 && !waited) {
            return;
        }
        // the new thread counts from now on, so that no other is started
        queue.idle += 1;
        queue.threads += 1;
        drop(queue);
        let shared = self.0.clone();
        let thread = std::thread::Builder::new().name("reader".into()).stack_size(512 * 1024);
        if thread.spawn(move || work(&shared)).is_err() {
            let mut queue = self.0.queue(); // out of threads: the next call tries again
            queue.idle -= 1;
            queue.threads -= 1;
        }
    }

    /// Lets idle threads end.
    pub(super) fn end(&self) {
        self.0.queue().ended = true;
        self.0.ready.notify_all();
    }
}

/// Starts counted as idle.
fn work(shared: &SharedQueue) {
    let mut queue = shared.queue();
    loop {
        if let Some(mut job) = queue.jobs.pop_front() {
            queue.idle -= 1;
            drop(queue);
            let result = catch_unwind(AssertUnwindSafe(|| job.reader.read(&job.want)));
            let back = match result {
                Ok(result) => (Some(job.reader), result),
                Err(panic) => (None, Err(Failure::new(Class::Panicked, panic_text(&*panic)))),
            };
            queue = shared.queue();
            queue.done.push((job.home, back));
            if queue.jobs.is_empty() {
                shared.news.notify_one();
            }
            if queue.idle > 0 {
                queue.threads -= 1;
                return; // somebody took over while this one was away
            }
            queue.idle += 1;
        } else if queue.ended {
            return;
        } else {
            queue = shared.ready.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// What a panic said.
pub(super) fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    format!("broke: {}", text.unwrap_or("panic without a message"))
}
