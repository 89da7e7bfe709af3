//! The engine: the one place that spawns. It runs every instance on a thread of its own, feeds the
//! store, and publishes pictures of it.
//!
//! ```text
//! tasks and readers ─▶ store ─▶ published picture (swapped) ─▶ screen, one-shot output
//!        ▲ demand: the sources, kinds and quantities that are requested; nothing else is collected
//! ```

mod demand;
mod job;
mod orders;
mod pulse;
mod readers;
mod sampling;
mod tap;
mod task;
mod tasks;
mod turns;

pub use demand::{Demand, DemandedPast, Demands};
pub use job::Job;
pub use orders::SignalReply;
pub use tap::{Tap, TapDemand};

use crate::{
    clock::Moment,
    model::{
        groups::Groups,
        store::{Described, Store},
    },
    provider::SignalRequest,
    source::Source,
    view::Snapshot,
};
use demand::apply;
use orders::SignalOrder;
use pulse::Pulse;
use readers::Readers;
use sampling::sample;
use std::{
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tap::GATHER;
use tasks::Tasks;
use tokio::{
    sync::{mpsc, oneshot},
    time::{Instant, sleep_until},
};
use turns::Turns;

/// Polls start on a grid of this, so that many hosts share a wake-up.
const SLOT: Duration = Duration::from_millis(50);
/// Pictures follow the polls of this machine by so much.
const SETTLE: Duration = Duration::from_millis(60);
/// What is news is shown after this long, together with what else happens until then.
const NEWS: Duration = Duration::from_millis(30);
/// How long a sample waits for an instance that failed the last time.
const FAILING: Duration = Duration::from_millis(250);
/// Host names are looked up by at most this many threads.
const LOOK_UPS: usize = 16;

/// An instance as the engine is given it.
pub struct EngineInstance {
    /// The NAME in its keys, for what it says to people.
    pub name: Option<Arc<str>>,
    /// The source its readings belong to.
    pub source: Source,
    /// How often it is asked.
    pub refresh: Duration,
    /// How often it is asked while a person looks at it alone, if that is more often.
    pub closely: Option<Duration>,
    /// How long an attempt may take.
    pub timeout: Duration,
    /// Groups that its sources belong to.
    pub tags: Arc<[String]>,
    /// Groups that they belong to by their names.
    pub groups: Groups,
    /// A person said that it may be down.
    pub expected_offline: bool,
    /// What is asked.
    pub job: Job,
}

impl EngineInstance {
    fn described(&self) -> Described {
        Described {
            provider: self.job.plugin.name(),
            source: self.source.clone(),
            interval: self.refresh,
            tags: self.tags.clone(),
            groups: self.groups.clone(),
            expected_offline: self.expected_offline,
            many: self.job.plugin.is_many(),
            has_past: self.job.plugin.has_past(),
            attached: match &self.name {
                Some(name) => **name != *self.source.name(),
                None => self.source != Source::Local,
            },
        }
    }
}

/// Why the engine's thread woke.
enum Woken {
    Updates,
    Command(Option<EngineCommand>),
    /// A picture is due, or the engine only looks at the clock.
    Tick,
}

enum EngineCommand {
    Demand(Demands),
    Reconfigure(Vec<EngineInstance>),
    Acknowledge(Source, bool),
    Signal(Source, SignalOrder),
    Tap(Option<Tap>),
    /// Ask every instance that is wanted, and say so when all have answered or time is up.
    Sample(Duration, Asker),
    Sampled(Vec<usize>, Asker),
    Stop,
}

/// The consumer that asked for a sample.
enum Asker {
    /// Looks at the published picture afterwards.
    Viewer(std::sync::mpsc::Sender<()>),
    /// Gets a picture of its own, which is not published.
    Sampler(oneshot::Sender<Sampled>),
}

/// What a sample brought.
#[derive(Clone, Debug)]
pub struct Sampled {
    /// All that is known now.
    pub snapshot: Snapshot,
    /// The instances that did not answer in time; what is known of them is older.
    pub late: Vec<usize>,
    /// When that was.
    pub at: Moment,
}

/// Asks for samples, from wherever it is cloned to.
#[derive(Clone)]
pub struct Sampler(mpsc::UnboundedSender<EngineCommand>);

impl Sampler {
    /// Polls every requested instance now, and waits until all have answered or failed, or
    /// until `deadline` has passed. `None` when the engine has ended.
    pub async fn sample(&self, deadline: Duration) -> Option<Sampled> {
        let (reply, sampled) = oneshot::channel();
        self.0.send(EngineCommand::Sample(deadline, Asker::Sampler(reply))).ok()?;
        sampled.await.ok()
    }
}

/// A running engine.
pub struct Engine {
    commands: mpsc::UnboundedSender<EngineCommand>,
    published: Arc<Mutex<Arc<Snapshot>>>,
    runtime: tokio::runtime::Handle,
}

impl Engine {
    /// Starts an engine that polls nothing until data is requested. `on_view` is called on the
    /// engine's thread whenever there is a new picture.
    pub fn start(
        instances: Vec<EngineInstance>,
        on_view: impl Fn() + Send + 'static,
    ) -> io::Result<Engine> {
        let (commands, orders) = mpsc::unbounded_channel();
        let mut store = Store::for_some(instances.len());
        let ids: Vec<usize> = instances.iter().map(|i| store.add(i.described())).collect();
        // all sources can be seen, as starting, before anything runs
        let published = Arc::new(Mutex::new(Arc::new(store.snapshot())));
        let slot = published.clone();
        let back = commands.clone();
        let readers = Readers::default();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .max_blocking_threads(LOOK_UPS)
            .build()?;
        let handle = runtime.handle().clone();
        std::thread::Builder::new().name("engine".into()).spawn(move || {
            let publish = move |snapshot: Snapshot| {
                *slot.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
                on_view();
            };
            runtime.block_on(run(
                store,
                readers,
                ids.into_iter().zip(instances),
                orders,
                back,
                &publish,
            ));
            runtime.shutdown_background(); // never waits for a look-up that hangs
        })?;
        Ok(Engine { commands, published, runtime: handle })
    }

    /// Says what is wanted from now on; it replaces what was wanted before.
    pub fn demand(&self, demands: Demands) {
        self.send(EngineCommand::Demand(demands));
    }

    /// Says what is to be asked from now on: all of it. An instance that is as before, by its provider,
    /// NAME, source, options, interval and time-out, goes on undisturbed. Where one of the same provider,
    /// NAME and source has other options, another task asks from now on, and what is known of the source
    /// stays, history included. Those that are no longer named end, and their sources go with them where
    /// no other instance speaks of them.
    pub fn reconfigure(&self, instances: Vec<EngineInstance>) {
        self.send(EngineCommand::Reconfigure(instances));
    }

    /// Hands a snapshot to a tap soon after every answer from now on; `None`: to none.
    pub fn tap(&self, tap: Option<Tap>) {
        self.send(EngineCommand::Tap(tap));
    }

    /// A person knows that a source is stale or down, or does no longer want to.
    pub fn acknowledge(&self, source: Source, acknowledged: bool) {
        self.send(EngineCommand::Acknowledge(source, acknowledged));
    }

    /// Sends a signal to processes of a source, as soon as no poll of it is under way. `reply` is called on the engine's
    /// thread, with the outcome for each process.
    pub fn signal(&self, source: Source, request: SignalRequest, reply: SignalReply) {
        self.send(EngineCommand::Signal(source, SignalOrder { request, reply }));
    }

    /// Polls every requested instance now, and waits until all have answered or failed, or
    /// until `deadline` has passed.
    pub fn sample(&self, deadline: Duration) {
        let (done, wait) = std::sync::mpsc::channel();
        self.send(EngineCommand::Sample(deadline, Asker::Viewer(done)));
        let _ = wait.recv_timeout(deadline + Duration::from_millis(500));
    }

    /// Something to ask for samples with, elsewhere than on this thread.
    pub fn sampler(&self) -> Sampler {
        Sampler(self.commands.clone())
    }

    /// Runs something beside the instances, on the engine's own thread, until it ends or the engine
    /// does. It must never block.
    pub fn spawn(&self, beside: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(beside);
    }

    /// The last picture.
    pub fn view(&self) -> Arc<Snapshot> {
        self.published.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn send(&self, command: EngineCommand) {
        let _ = self.commands.send(command); // it has ended: there is nobody to tell
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.send(EngineCommand::Stop);
    }
}

async fn run(
    mut store: Store,
    readers: Readers,
    instances: impl ExactSizeIterator<Item = (usize, EngineInstance)>,
    mut commands: mpsc::UnboundedReceiver<EngineCommand>,
    back: mpsc::UnboundedSender<EngineCommand>,
    publish: &dyn Fn(Snapshot),
) {
    let (out, mut updates) = mpsc::channel(256);
    tokio::spawn(readers.clone().dispatch());
    let mut tasks = Tasks::new(readers, out);
    let origin = tasks.origin();
    // nothing runs before the first request: until then, the first frame has the processors
    let mut first = commands.recv().await;
    tasks.start(instances);
    let mut demands = Demands::default();
    let mut lost = false;
    let mut due: Option<Instant> = None;
    let mut tap: Option<Tap> = None;
    let mut tapped: Option<Instant> = None;
    let mut batch = Vec::new();
    let mut pulse = Pulse::default();
    loop {
        let tick = pulse.next(due.into_iter().chain(tapped).min());
        let tick = async {
            match tick {
                Some(tick) => sleep_until(tick).await,
                None => std::future::pending().await,
            }
        };
        let command = async {
            match first.take() {
                None => commands.recv().await,
                first => first,
            }
        };
        let woken = tokio::select! {
            biased;
            _ = updates.recv_many(&mut batch, 256) => Woken::Updates,
            command = command => Woken::Command(command),
            () = tick => Woken::Tick,
        };
        if let Some((since, gap)) = pulse.gap() {
            store.excuse(since, gap);
        }
        match woken {
            Woken::Updates => {
                let mut news = false;
                let known = store.heard_of();
                for update in batch.drain(..) {
                    news |= store.take(update);
                }
                if store.heard_of() > known || (lost && news) {
                    // a request may name just these
                    lost = apply(&demands, tap.as_ref(), tasks.handles(), &mut store);
                }
                if news {
                    due = due.map(|due| due.min(Instant::now() + NEWS));
                }
                if tap.is_some() {
                    tapped.get_or_insert_with(|| Instant::now() + GATHER);
                }
            }
            Woken::Command(None) => break,
            Woken::Command(Some(command)) => match command {
                EngineCommand::Stop => break,
                EngineCommand::Demand(new) => {
                    demands = new;
                    lost = apply(&demands, tap.as_ref(), tasks.handles(), &mut store);
                    due = demands.frame.map(|_| Instant::now() + NEWS);
                }
                EngineCommand::Reconfigure(instances) => {
                    // what was answered under the old ones is theirs
                    while let Ok(update) = updates.try_recv() {
                        store.take(update);
                    }
                    tasks.reconfigure(instances, &mut store);
                    tapped = tap.as_ref().map(|_| Instant::now() + GATHER);
                    lost = apply(&demands, tap.as_ref(), tasks.handles(), &mut store);
                    due = demands.frame.map(|_| Instant::now() + NEWS);
                }
                EngineCommand::Acknowledge(source, acknowledged) => {
                    store.acknowledge(&source, acknowledged);
                    tapped = tap.as_ref().map(|_| Instant::now() + GATHER);
                    due = demands.frame.map(|_| Instant::now() + NEWS);
                }
                EngineCommand::Signal(source, order) => tasks.signal(&source, order),
                EngineCommand::Tap(new) => {
                    tap = new;
                    tapped = tap.as_ref().map(|_| Instant::now() + GATHER);
                    lost = apply(&demands, tap.as_ref(), tasks.handles(), &mut store);
                }
                EngineCommand::Sample(deadline, asker) => {
                    pulse.sampling += 1;
                    sample(tasks.handles(), &store, deadline, asker, back.clone());
                }
                EngineCommand::Sampled(late, asker) => {
                    pulse.sampling = pulse.sampling.saturating_sub(1);
                    match asker {
                        // the asker may have given up
                        Asker::Viewer(done) => {
                            publish(store.snapshot());
                            let _ = done.send(());
                        }
                        Asker::Sampler(reply) => {
                            let (snapshot, at) = (store.snapshot(), Moment::now());
                            let _ = reply.send(Sampled { snapshot, late, at });
                        }
                    }
                }
            },
            Woken::Tick if due.is_none() && tapped.is_none() => {}
            Woken::Tick if tapped.is_some_and(|at| due.is_none_or(|due| at < due)) => {
                tapped = None;
                if let Some(tap) = &tap {
                    (tap.take)(store.snapshot());
                }
            }
            Woken::Tick => {
                let snapshot = store.snapshot();
                if let Some(tap) = tap.as_ref().filter(|_| tapped.take().is_some()) {
                    (tap.take)(snapshot.clone()); // what is shown is what is recorded
                }
                publish(snapshot);
                due = demands.frame.map(|interval| {
                    Turns { origin, interval, offset: SETTLE }.after(Instant::now())
                });
            }
        }
    }
    tasks.end();
}
