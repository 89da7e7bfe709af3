//! Instances that stand for several sources: which they are, and how each of them is.

use super::{Described, Selects, Store};
use crate::{clock::Moment, health::Health, provider::Failure, source::Source, view::InstanceView};
use std::{collections::HashMap, sync::Arc};

impl Store {
    /// How many sources there have ever been: it grows when a new one is heard of.
    pub fn heard_of(&self) -> usize {
        self.next_source
    }

    /// The sources of which an instance has told, its own first, each with its groups.
    pub fn members(&self, id: usize) -> impl Iterator<Item = (&Source, &[String])> {
        let members = self.instances.get(&id).into_iter().flat_map(|i| &i.members);
        members.filter_map(|number| {
            let view = self.sources.get(number)?;
            Some((&view.source, &*view.tags))
        })
    }

    /// Whether any source is selected.
    pub fn has_any(&self, selects: &Selects) -> bool {
        self.sources.values().any(|view| selects(&view.source, &view.tags))
    }

    /// Whether an instance has ever told anything.
    pub fn has_answered(&self, id: usize) -> bool {
        self.instances.get(&id).is_some_and(|i| i.health.last_good.is_some())
    }

    /// Whether the last attempt at an instance failed.
    pub fn is_failing(&self, id: usize) -> bool {
        self.instances.get(&id).is_some_and(|i| i.health.failure.is_some())
    }

    /// The source of a member, or of the instance itself; it is known from now on.
    pub(super) fn member(
        &mut self,
        id: usize,
        name: Option<&Arc<str>>,
    ) -> Option<(usize, Described)> {
        let described = self.instances.get(&id)?.described.clone();
        let source = match name {
            None => described.source.clone(),
            // a member that is called as the instance is not the instance
            Some(name) if **name == *described.source.name() => {
                Source::Named(format!("{name}/{name}").into())
            }
            Some(name) => Source::Named(name.clone()),
        };
        let number = self.source(&source, &described);
        let instance = self.instances.get_mut(&id)?;
        // the newest is asked about most often
        if !instance.members.iter().rev().any(|member| *member == number) {
            instance.members.push(number);
        }
        Some((number, described))
    }

    /// Takes why members cannot be read. Returns whether any of it is new.
    pub(super) fn take_failed(
        &mut self,
        id: usize,
        all: Vec<(Arc<str>, Failure)>,
        at: Moment,
    ) -> bool {
        let mut failed = HashMap::new();
        let mut news = false;
        for (name, failure) in all {
            let Some((number, described)) = self.member(id, Some(&name)) else { continue };
            let before = self.instances.get_mut(&id).and_then(|i| i.failed.remove(&number));
            let since = before.as_ref().map_or(at, |(_, since)| *since);
            news |= before.is_none();
            failed.insert(number, (Arc::new(failure), since));
            if let Some(instance) = self.instances.get_mut(&id) {
                instance.unheard.retain(|unheard| *unheard != number);
            }
            let Some(entry) = self.sources.get_mut(&number) else { continue };
            if entry.instances.iter().all(|i| i.id != id) {
                let view = InstanceView {
                    id,
                    provider: described.provider,
                    health: Health::new(described.interval),
                    dialects: Vec::new(),
                    notes: Vec::new(),
                    repeated: 0,
                    devices: Arc::default(),
                };
                Arc::make_mut(entry).instances.push(Arc::new(view));
            }
        }
        if let Some(instance) = self.instances.get_mut(&id) {
            instance.failed = failed;
        }
        news
    }

    pub(super) fn take_gone(&mut self, id: usize, gone: &[Arc<str>]) {
        for name in gone {
            let number = self.numbers.get(&Source::Named(name.clone())).copied();
            let Some(number) = number else { continue };
            let Some(instance) = self.instances.get_mut(&id) else { continue };
            // the first is the instance's own
            if instance.members.iter().skip(1).any(|member| *member == number) {
                instance.members.retain(|member| *member != number);
                self.leave(id, number);
            }
        }
    }

    /// Gives every member its instance's health, each with the time of its own last answer.
    pub(super) fn share_health(&mut self, id: usize) {
        let Some(instance) = self.instances.get(&id) else { return };
        // the first is the instance's own source; members are as old as their own last part
        for (nth, number) in instance.members.iter().enumerate() {
            let Some(entry) = self.sources.get_mut(number) else { continue };
            let view = Arc::make_mut(entry);
            for shared in view.instances.iter_mut().filter(|i| i.id == id) {
                let mut health = instance.health.clone();
                if nth > 0 {
                    (health.last_good, health.interval) =
                        (shared.health.last_good, shared.health.interval);
                    if let (None, Some((failure, since))) =
                        (&health.failure, instance.failed.get(number))
                    {
                        health.failure = Some(failure.clone());
                        health.failing_since = Some(*since);
                    }
                }
                if shared.health != health {
                    Arc::make_mut(shared).health = health;
                }
            }
        }
    }
}
