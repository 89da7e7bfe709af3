//! Sources and what their instances say of themselves, and the snapshot that all of it makes.

use super::{BlockDecoder, MOST_SOURCES, devices::FeedState};
use crate::{
    encode::{CLASSES, ROLES},
    error::Damage,
    names::NameCatalog,
    wire::ByteReader,
};
use manytop_core::{
    health::Health,
    history::History,
    host_stats::HostStats,
    provider::Failure,
    reading::SourceLabels,
    source::Source,
    view::{Devices, SourceView},
};
use std::{sync::Arc, time::Duration};

/// What is known of a source.
pub(super) struct SourceState {
    source: Source,
    flags: u64,
    tags: Arc<[String]>,
    remarks: Vec<String>,
    /// The numbers of its feeds.
    feeds: Vec<usize>,
    /// As it was made last, if nothing has changed since.
    view: Option<Arc<SourceView>>,
}

impl BlockDecoder {
    fn texts(&self, reader: &mut ByteReader<'_>) -> Result<Vec<String>, Damage> {
        let count = reader.count()?;
        (0..count).map(|_| Ok(self.string(reader)?.to_string())).collect()
    }

    pub(super) fn source(&mut self, reader: &mut ByteReader<'_>) -> Result<(), Damage> {
        let order = reader.index()?;
        let source = Source::from(self.string(reader)?);
        let flags = reader.u64()?;
        let tags = self.texts(reader)?.into();
        let remarks = self.texts(reader)?;
        let feeds = self.sources.remove(&order).map(|old| old.feeds).unwrap_or_default();
        if self.sources.len() >= MOST_SOURCES {
            return Err(Damage("has too many sources"));
        }
        self.sources.insert(order, SourceState { source, flags, tags, remarks, feeds, view: None });
        Ok(())
    }

    pub(super) fn source_gone(&mut self, order: usize) {
        self.sources.remove(&order);
    }

    pub(super) fn feed(
        &mut self,
        reader: &mut ByteReader<'_>,
        catalog: &mut NameCatalog,
    ) -> Result<(), Damage> {
        let (order, id) = (reader.index()?, reader.index()?);
        let provider = catalog.word(&self.string(reader)?)?;
        if self.feeds.len() >= MOST_SOURCES * 4 {
            return Err(Damage("has too many feeds"));
        }
        self.feeds.push(FeedState::new(order, id, provider));
        Ok(())
    }

    pub(super) fn instances(&mut self, reader: &mut ByteReader<'_>) -> Result<(), Damage> {
        let order = reader.index()?;
        let count = reader.count()?;
        let mut feeds = Vec::with_capacity(count);
        for _ in 0..count {
            let number = reader.index()?;
            if number >= self.feeds.len() {
                return Err(Damage("names a feed that it does not have"));
            }
            feeds.push(number);
        }
        if let Some(source) = self.sources.get_mut(&order) {
            source.feeds = feeds;
            source.view = None;
        }
        Ok(())
    }

    pub(super) fn meta(
        &mut self,
        reader: &mut ByteReader<'_>,
        catalog: &mut NameCatalog,
    ) -> Result<(), Damage> {
        let number = reader.index()?;
        let role = ROLES.get(usize::from(reader.byte()?)).ok_or(Damage("has an unknown role"))?;
        let (repeated, unread_lines) = (reader.index()?, reader.index()?);
        let mut dialects = Vec::new();
        for dialect in self.texts(reader)? {
            dialects.push(catalog.word(&dialect)?);
        }
        let (notes, left_out) = (self.texts(reader)?, self.texts(reader)?);
        let feed = self.known_feed(number)?;
        (feed.role, feed.repeated, feed.unread_lines) = (*role, repeated, unread_lines);
        (feed.dialects, feed.notes, feed.left_out) = (dialects, notes, left_out);
        self.touch(number);
        Ok(())
    }

    pub(super) fn health(&mut self, reader: &mut ByteReader<'_>) -> Result<(), Damage> {
        let number = reader.index()?;
        let interval = Duration::from_nanos(reader.u64()?);
        let wanted = reader.byte()? == 1;
        let took = reader.option()?.map(Duration::from_micros);
        let excused = Duration::from_nanos(reader.u64()?);
        let mut moments = [None; 3];
        for moment in &mut moments {
            if reader.byte()? == 1 {
                *moment = Some(self.moment(reader)?);
            }
        }
        let failure = match reader.byte()? {
            1 => Some(Arc::new(self.failure(reader)?)),
            _ => None,
        };
        let [last_good, failing_since, retry] = moments;
        let health =
            Health { interval, wanted, last_good, excused, failure, failing_since, retry, took };
        self.known_feed(number)?.health = health;
        self.touch(number);
        Ok(())
    }

    fn failure(&self, reader: &mut ByteReader<'_>) -> Result<Failure, Damage> {
        let class = usize::from(reader.byte()?);
        let class = *CLASSES.get(class).ok_or(Damage("has an unknown class of failure"))?;
        let failure = Failure::new(class, &*self.string(reader)?);
        Ok(match reader.option()? {
            Some(advice) => {
                let advice = usize::try_from(advice).ok().and_then(|n| self.strings.get(n));
                failure.advise(&**advice.ok_or(Damage("names a text that it does not have"))?)
            }
            None => failure,
        })
    }

    fn known_feed(&mut self, number: usize) -> Result<&mut FeedState, Damage> {
        self.feeds.get_mut(number).ok_or(Damage("names a feed that it does not have"))
    }

    /// The source of a feed is another than before.
    pub(super) fn touch(&mut self, number: usize) {
        let order = self.feeds.get(number).map(|feed| feed.order);
        if let Some(source) = order.and_then(|order| self.sources.get_mut(&order)) {
            source.view = None;
        }
    }

    /// The source of a feed.
    pub(crate) fn source_of(&self, feed: usize) -> Option<&Source> {
        let order = self.feeds.get(feed)?.order;
        self.sources.get(&order).map(|state| &state.source)
    }

    /// The instance of a feed.
    pub(crate) fn instance_of(&self, feed: usize) -> Option<(usize, &'static str)> {
        self.feeds.get(feed).map(|feed| (feed.id, feed.provider))
    }

    /// The sources after the last entry. `history` gives the samples of a source.
    pub(crate) fn views(
        &mut self,
        mut history: impl FnMut(&Source) -> History,
    ) -> Vec<Arc<SourceView>> {
        let feeds = &mut self.feeds;
        let views = self.sources.iter_mut().map(|(order, state)| {
            let instances = &state.feeds;
            let view = state.view.get_or_insert_with(|| {
                let instances: Vec<_> = (instances.iter())
                    .filter_map(|number| feeds.get_mut(*number).map(|feed| Arc::new(feed.view())))
                    .collect();
                let devices = instances.iter().flat_map(|i| i.devices.list.iter());
                Arc::new(SourceView {
                    source: state.source.clone(),
                    order: *order,
                    tags: state.tags.clone(),
                    // Not recorded: the tags made of them are.
                    labels: SourceLabels::default(),
                    expected_offline: state.flags & 1 != 0,
                    acknowledged: state.flags & 2 != 0,
                    remarks: state.remarks.clone(),
                    summary: HostStats::of(devices),
                    history: history(&state.source),
                    engine_past: None,
                    instances,
                })
            });
            view.clone()
        });
        views.collect()
    }

    /// The devices of a feed after its last frame, by their kinds.
    pub(crate) fn grouped(&self, feed: usize) -> Devices {
        self.feeds.get(feed).map(FeedState::grouped).unwrap_or_default()
    }

    /// The figures of the source of a feed after the last entry.
    pub(crate) fn summary(&self, feed: usize) -> HostStats {
        let order = self.feeds.get(feed).map(|feed| feed.order);
        let source = order.and_then(|order| self.sources.get(&order));
        let listed = source.map(|source| source.feeds.as_slice()).unwrap_or_default();
        // the first answer of a feed comes before the list that names it
        let own = Some(&feed).filter(|feed| !listed.contains(feed));
        let feeds = listed.iter().chain(own).filter_map(|number| self.feeds.get(*number));
        HostStats::of(feeds.flat_map(FeedState::devices))
    }
}
