//! All tasks: which there are, and what becomes of them when there are to be others.

use super::{
    EngineInstance, SLOT,
    orders::{Orders, SignalOrder},
    readers::Readers,
    task::Task,
    turns::Turns,
};
use crate::{
    config::{EXPECTED_OFFLINE, REFRESH, SOURCE, TAGS, TIMEOUT},
    model::store::{Described, Store, Update},
    options::Options,
    provider::{Class, Failure, Plugin},
    source::Source,
};
use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime},
};
use tokio::{
    sync::{
        mpsc::{self, error::TrySendError},
        oneshot, watch,
    },
    task::AbortHandle,
    time::Instant,
};

/// So many share a slot before another is used, since being woken costs as much as asking several; and so
/// many new ones are asked at once, where more wait for their slots.
const AT_ONCE: usize = 16;

/// The engine's side of a task.
pub(super) struct Handle {
    pub(super) plugin: &'static Plugin,
    pub(super) described: Described,
    pub(super) orders: watch::Sender<Orders>,
    pub(super) ask: mpsc::Sender<oneshot::Sender<()>>,
    signals: Option<mpsc::Sender<SignalOrder>>,
    name: Option<Arc<str>>,
    options: Arc<Options>,
    files: Vec<FileStamp>,
    timeout: Duration,
    task: AbortHandle,
}

/// A file that was named in the options, as it was.
pub(super) type FileStamp = (PathBuf, Option<SystemTime>, u64);

/// What makes two instances the same one.
type InstanceKey = (&'static str, Option<Arc<str>>, Source);

/// What has changed of one that stays.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum InstanceChange {
    /// Nothing that it can tell.
    Nothing,
    /// When it is asked.
    Times,
    /// What it asks.
    Options,
}

impl Handle {
    fn key(&self) -> InstanceKey {
        (self.plugin.name(), self.name.clone(), self.described.source.clone())
    }

    fn change(&self, new: &EngineInstance) -> InstanceChange {
        // core's own options are its own affair, except where the plugin lists them too
        let core = [SOURCE.spec(), TAGS.spec(), EXPECTED_OFFLINE.spec()].map(|s| s.name());
        let times = [REFRESH.spec(), TIMEOUT.spec()].map(|s| s.name());
        let lists = |name: &str| self.plugin.specs().iter().any(|spec| spec.name() == name);
        let of_option = |name| match name {
            name if times.contains(&name) => InstanceChange::Times,
            name if core.contains(&name) && !lists(name) => InstanceChange::Nothing,
            _ => InstanceChange::Options,
        };
        let options = new.job.options.differing(&self.options).map(of_option).max();
        let same_times = (self.described.interval, self.timeout) == (new.refresh, new.timeout);
        let own = if same_times { InstanceChange::Nothing } else { InstanceChange::Times };
        let files = if self.files == new.job.files {
            InstanceChange::Nothing
        } else {
            InstanceChange::Options
        };
        options.unwrap_or(InstanceChange::Nothing).max(own).max(files)
    }
}

/// The files that options name: a certificate that was renewed is another option.
pub(super) fn stamps(options: &Options) -> Vec<FileStamp> {
    let files = options.paths().filter_map(|path| {
        let meta = fs::metadata(path).ok().filter(fs::Metadata::is_file)?;
        Some((path.to_owned(), meta.modified().ok(), meta.len()))
    });
    files.collect()
}

/// All tasks.
pub(super) struct Tasks {
    handles: BTreeMap<usize, Handle>,
    readers: Readers,
    out: mpsc::Sender<Update>,
    origin: Instant,
    /// How many were dealt over the slots so far.
    dealt: u32,
}

impl Tasks {
    pub(super) fn new(readers: Readers, out: mpsc::Sender<Update>) -> Tasks {
        let (handles, origin) = (BTreeMap::new(), Instant::now());
        Tasks { handles, readers, out, origin, dealt: 0 }
    }

    /// The beginning of the grid on which all turns lie.
    pub(super) fn origin(&self) -> Instant {
        self.origin
    }

    pub(super) fn handles(&self) -> &BTreeMap<usize, Handle> {
        &self.handles
    }

    /// Starts a task for each instance: this machine's readers together, so that they share a wake-up, and
    /// with them the first of the others; more are dealt evenly over the slots of their interval. The slots
    /// of those that run stay.
    pub(super) fn start(
        &mut self,
        instances: impl ExactSizeIterator<Item = (usize, EngineInstance)>,
    ) {
        // turns that are past are due at once: of many new ones, each waits for its place in a second
        let past = self.origin.elapsed().as_nanos() / SLOT.as_nanos();
        let many = instances.len() > AT_ONCE;
        let origin = self.origin + SLOT * if many { past as u32 } else { 0 };
        for (id, instance) in instances {
            let handle = self.spawn(id, instance, origin);
            self.handles.insert(id, handle);
        }
    }

    fn spawn(&mut self, id: usize, instance: EngineInstance, origin: Instant) -> Handle {
        let described = instance.described();
        let EngineInstance { name, refresh, closely, timeout, job, .. } = instance;
        let offset = if job.reads() {
            Duration::ZERO
        } else {
            let slots = (refresh.as_millis() / SLOT.as_millis()).max(1) as u32;
            let group = self.dealt / AT_ONCE as u32;
            self.dealt = self.dealt.wrapping_add(1);
            SLOT * slot(group, slots)
        };
        let interval = closely.unwrap_or(refresh);
        let within = offset.as_nanos() % interval.as_nanos().max(1);
        let close = Turns { origin, interval, offset: Duration::from_nanos(within as u64) };
        let (plugin, options, files) = (job.plugin, job.options.clone(), job.files.clone());
        let (orders, ordered) = watch::channel(Orders::default());
        let (ask, asked) = mpsc::channel(4);
        let (signals, ordered_signals) = match job.takes_signals() {
            Some(true) => Some(mpsc::channel(4)).unzip(),
            _ => (None, None),
        };
        let task = Task {
            id,
            name: name.clone(),
            job,
            turns: Turns { origin, interval: refresh, offset },
            close_turns: close,
            deadline: timeout,
            readers: self.readers.clone(),
            orders: ordered,
            asked,
            signals: ordered_signals,
            out: self.out.clone(),
        };
        let task = tokio::spawn(task.run()).abort_handle();
        Handle { plugin, described, orders, ask, signals, name, options, files, timeout, task }
    }

    /// Hands a signal to the instance that takes signals for processes of that source.
    pub(super) fn signal(&self, source: &Source, order: SignalOrder) {
        let takes =
            |handle: &&Handle| handle.described.source == *source && handle.signals.is_some();
        let signals = self.handles.values().find(takes).and_then(|handle| handle.signals.as_ref());
        let (order, why) = match signals {
            None => (order, "it takes no signals"),
            Some(signals) => match signals.try_send(order) {
                Ok(()) => return,
                Err(TrySendError::Full(order) | TrySendError::Closed(order)) => {
                    (order, "earlier signals are not sent yet")
                }
            },
        };
        (order.reply)(Err(Failure::new(Class::Refused, why)));
    }

    /// Goes from the instances that there are to these: see [`super::Engine::reconfigure`]. All
    /// that an ended task has said must have been taken before.
    pub(super) fn reconfigure(&mut self, instances: Vec<EngineInstance>, store: &mut Store) {
        let mut old: HashMap<InstanceKey, Vec<usize>> = HashMap::with_capacity(self.handles.len());
        for (id, handle) in self.handles.iter().rev() {
            old.entry(handle.key()).or_default().push(*id);
        }
        let mut to_start = Vec::new();
        let mut new = Vec::new();
        for instance in instances {
            let key = (instance.job.plugin.name(), instance.name.clone(), instance.source.clone());
            let id = old.get_mut(&key).and_then(Vec::pop);
            match id.and_then(|id| Some((id, self.handles.get_mut(&id)?))) {
                None => new.push(instance),
                Some((id, handle)) => {
                    let change = handle.change(&instance);
                    let described = instance.described();
                    if change == InstanceChange::Nothing && described == handle.described {
                        continue;
                    }
                    handle.described = described.clone();
                    let (anew, other) =
                        (change > InstanceChange::Nothing, change == InstanceChange::Options);
                    store.change(id, described, anew, other);
                    if anew {
                        // it ends before anything else runs on this thread: nothing more comes of it
                        handle.task.abort();
                        to_start.push((id, instance));
                    }
                }
            }
        }
        for id in old.into_values().flatten() {
            if let Some(handle) = self.handles.remove(&id) {
                handle.task.abort();
            }
            store.remove(id);
        }
        to_start
            .extend(new.into_iter().map(|instance| (store.add(instance.described()), instance)));
        self.start(to_start.into_iter());
    }

    /// Lets the threads of readers end.
    pub(super) fn end(&self) {
        self.readers.end();
    }
}

/// The slot of the n-th group: in the middle of those before, so that few lie far apart, and all are used
/// before one is used again.
fn slot(group: u32, slots: u32) -> u32 {
    let shift = slots.next_power_of_two().leading_zeros() + 1;
    let halving = (0_u32..).map(|n| n.reverse_bits().checked_shr(shift).unwrap_or(0));
    halving.filter(|slot| *slot < slots).nth((group % slots) as usize).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn groups_use_all_slots_and_few_of_them_lie_far_apart() {
        for slots in [1, 2, 7, 10, 20, 40, 300, 1200] {
            let of =
                |groups: u32| (0..groups).map(|group| slot(group, slots)).collect::<BTreeSet<_>>();
            assert_eq!(of(slots).len(), slots as usize, "{slots}");
            assert!(of(1).contains(&0), "the first share a wake-up with this machine's readers");
            for groups in 2..slots.min(8) {
                let mut at: Vec<u32> = of(groups).into_iter().collect();
                at.push(slots);
                let least = at.windows(2).map(|pair| pair[1] - pair[0]).min().unwrap();
                assert!(least * groups * 4 >= slots, "{groups} groups in {slots} slots: {at:?}");
            }
        }
    }
}
