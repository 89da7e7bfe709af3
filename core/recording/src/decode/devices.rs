//! Frames: the devices of an answer, made of those of the answer before and of what is other.

use super::{BlockDecoder, MOST_COLUMNS, MOST_DEVICES, ValueSource};
use crate::{
    encode::after_answer,
    error::Damage,
    format::{changed, status},
    value::ColumnState,
    wire::ByteReader,
};
use manytop_core::{
    clock::Moment,
    health::Health,
    reading::{DeviceReading, Metric, Texts, Values},
    view::{Device, Devices, InstanceView, Role},
};
use manytop_plugin::derive;
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// A device and the columns of its values.
pub(crate) struct DeviceState {
    pub(super) device: Device,
    own: Vec<(&'static Metric, usize, ColumnState)>,
    is_new: bool,
}

/// What one instance says of one source.
pub(super) struct FeedState {
    pub(super) order: usize,
    pub(super) id: usize,
    pub(super) provider: &'static str,
    pub(super) role: Role,
    pub(super) repeated: usize,
    pub(super) unread_lines: usize,
    pub(super) dialects: Vec<&'static str>,
    pub(super) notes: Vec<String>,
    pub(super) left_out: Vec<String>,
    pub(super) health: Health,
    devices: Vec<DeviceState>,
    /// The list of devices for the view; made when it is first asked for after a frame.
    list: Option<Arc<Devices>>,
}

impl FeedState {
    pub(super) fn new(order: usize, id: usize, provider: &'static str) -> FeedState {
        FeedState {
            order,
            id,
            provider,
            role: Role::Single,
            repeated: 0,
            unread_lines: 0,
            dialects: Vec::new(),
            notes: Vec::new(),
            left_out: Vec::new(),
            health: Health::new(Duration::ZERO),
            devices: Vec::new(),
            list: None,
        }
    }

    pub(super) fn devices(&self) -> impl Iterator<Item = &Device> {
        self.devices.iter().map(DeviceState::device)
    }

    /// The devices, and where each kind is among them.
    pub(super) fn grouped(&self) -> Devices {
        grouped(&self.devices)
    }

    pub(super) fn view(&mut self) -> InstanceView {
        let devices = &self.devices;
        let list = self.list.get_or_insert_with(|| Arc::new(grouped(devices)));
        InstanceView {
            id: self.id,
            provider: self.provider,
            health: self.health.clone(),
            dialects: self.dialects.clone(),
            notes: self.notes.clone(),
            left_out: self.left_out.clone(),
            repeated: self.repeated,
            unread_lines: self.unread_lines,
            role: self.role,
            devices: list.clone(),
        }
    }
}

/// The devices, and where each kind is among them.
fn grouped(devices: &[DeviceState]) -> Devices {
    let list = devices.iter().map(|state| state.device.clone()).collect();
    let mut all = Devices { list, ..Devices::default() };
    for (at, device) in all.list.iter().enumerate() {
        match all.kinds.last_mut() {
            Some((kind, range)) if *kind == device.kind => range.end = at + 1,
            _ => all.kinds.push((device.kind, at..at + 1)),
        }
    }
    all
}

impl BlockDecoder {
    /// Reads an answer; returns the number of its feed.
    pub(super) fn frame(
        &mut self,
        reader: &mut ByteReader<'_>,
        bytes: &[u8],
    ) -> Result<usize, Damage> {
        let number = reader.index()?;
        let read_at = self.moment(reader)?;
        let took = reader.option()?.map(Duration::from_micros);
        let feed =
            self.feeds.get_mut(number).ok_or(Damage("names a feed that it does not have"))?;
        let mut devices = std::mem::take(&mut feed.devices);
        if reader.byte()? == 1 {
            self.devices -= devices.len();
            devices = self.roster(reader, devices)?;
            self.devices += devices.len();
            if self.devices > MOST_DEVICES {
                return Err(Damage("has too many devices"));
            }
        }
        let mut runs = Vec::new();
        let mut covered = 0;
        while covered < devices.len() {
            let run = reader.u64()?;
            let length = usize::try_from(run >> 2).unwrap_or(usize::MAX);
            if length == 0 || length > devices.len() - covered {
                return Err(Damage("has a frame that does not fit its devices"));
            }
            covered += length;
            runs.push((run as u8 & 3, length));
        }
        let mut rest = devices.iter_mut();
        for (state, length) in runs {
            for device in rest.by_ref().take(length) {
                self.device(reader, bytes, device, state, read_at)?;
            }
        }
        if let Some(feed) = self.feeds.get_mut(number) {
            feed.health = after_answer(Some(&feed.health), read_at, took);
            feed.devices = devices;
            feed.list = None;
        }
        self.touch(number);
        Ok(number)
    }

    fn roster(
        &self,
        reader: &mut ByteReader<'_>,
        old: Vec<DeviceState>,
    ) -> Result<Vec<DeviceState>, Damage> {
        const WRONG: Damage = Damage("has a list of devices that does not fit the one before");
        let count = reader.index()?;
        if count > old.len() + reader.left() {
            return Err(WRONG);
        }
        let mut old: Vec<Option<DeviceState>> = old.into_iter().map(Some).collect();
        let mut new = Vec::with_capacity(count);
        let mut expected = 0_i64;
        while new.len() < count {
            let length = reader.index()?;
            if length > 0 {
                let first = expected.checked_add(reader.i64()?).ok_or(WRONG)?;
                let start = usize::try_from(first).map_err(|_| WRONG)?;
                for at in start..start.checked_add(length).ok_or(WRONG)? {
                    new.push(old.get_mut(at).and_then(Option::take).ok_or(WRONG)?);
                }
                expected = first.saturating_add_unsigned(length as u64);
                continue;
            }
            let kind = *self.kinds.get(reader.index()?).ok_or(WRONG)?;
            let name = self.string(reader)?;
            let device = Device {
                kind,
                name,
                generation: reader.u64()?,
                values: Values::default(),
                texts: Texts::default(),
                read_at: Moment::default(),
                counters_at: Moment::default(),
                resolution: None,
                window: VecDeque::new(),
            };
            new.push(DeviceState { device, own: Vec::new(), is_new: true });
        }
        if new.len() == count { Ok(new) } else { Err(WRONG) }
    }

    fn device(
        &mut self,
        reader: &mut ByteReader<'_>,
        bytes: &[u8],
        state: &mut DeviceState,
        status: u8,
        read_at: Moment,
    ) -> Result<(), Damage> {
        match status {
            status::LINGERING => return Ok(()),
            status::REPEATED => {
                state.device.read_at = read_at;
                return Ok(());
            }
            _ => {}
        }
        let flags = if status == status::CHANGED { reader.byte()? } else { 0 };
        let mut own_read_at = read_at;
        let mut counters_at = None;
        let mut explicit = None;
        if flags & changed::SCHEMA != 0 {
            self.schema(reader, state)?;
        }
        let mut reading = DeviceReading {
            kind: state.device.kind,
            device: state.device.name.clone(),
            generation: state.device.generation,
            resolution: state.device.resolution,
            read_at: None,
            values: Values::default(),
            texts: Texts::default(),
        };
        if flags & changed::TEXTS == 0 {
            reading.texts = state.device.texts.clone();
        } else {
            for _ in 0..reader.count()? {
                let text = *self.texts.get(reader.index()?).ok_or(Damage("names no text"))?;
                reading.texts.set(text, self.string(reader)?);
            }
        }
        if flags & changed::RESOLUTION != 0 {
            reading.resolution = reader.option()?.map(Duration::from_nanos);
        }
        if flags & changed::READ_AT != 0 {
            own_read_at = self.moment(reader)?;
        }
        if flags & changed::COUNTERS_AT != 0 {
            counters_at = Some(self.moment(reader)?);
        }
        if flags & changed::DERIVED != 0 {
            let mut derived = Vec::new();
            for _ in 0..reader.count()? {
                let metric = self.metric(reader)?;
                derived.push((metric, ColumnState::default().read(reader)?));
            }
            explicit = Some(derived);
        }
        self.own_values(reader, bytes, state)?;
        for (metric, _, column) in &state.own {
            if let Some(value) = column.value() {
                reading.values.set(metric, value);
            }
        }
        reading.read_at = counters_at;
        let own = explicit.is_some().then(|| reading.values.clone());
        let before = (!state.is_new).then_some(&state.device);
        let mut device = derive::device(reading, before, own_read_at);
        if let (Some(own), Some(derived)) = (own, explicit) {
            device.values = own;
            derived.into_iter().for_each(|(metric, value)| device.values.set(metric, value));
        }
        state.device = device;
        state.is_new = false;
        Ok(())
    }

    fn schema(
        &mut self,
        reader: &mut ByteReader<'_>,
        state: &mut DeviceState,
    ) -> Result<(), Damage> {
        let schema = self.schemas.get(reader.index()?).ok_or(Damage("names no list of values"))?;
        if schema.len() / 8 > reader.left() {
            return Err(Damage("ends too early"));
        }
        let old = std::mem::take(&mut state.own);
        for metric in schema {
            let kept = old.iter().find(|(known, ..)| known == metric).copied();
            state.own.push(kept.unwrap_or_else(|| {
                self.columns += 1;
                (*metric, self.columns - 1, ColumnState::default())
            }));
        }
        if self.columns > MOST_COLUMNS {
            return Err(Damage("has too many columns"));
        }
        Ok(())
    }

    /// Reads the bitmap of a device, and the values that it says are others.
    fn own_values(
        &mut self,
        reader: &mut ByteReader<'_>,
        bytes: &[u8],
        state: &mut DeviceState,
    ) -> Result<(), Damage> {
        for chunk in state.own.chunks_mut(8) {
            let bits = reader.byte()?;
            for (nth, (_, column, state)) in chunk.iter_mut().enumerate() {
                if bits & 1 << nth == 0 {
                    continue;
                }
                let (at, end) = match &mut self.values {
                    ValueSource::Rows(at) => (at, bytes.len()),
                    ValueSource::Columns(columns) => {
                        let place = columns.get_mut(*column);
                        let (at, end) = place.ok_or(Damage("has too few columns"))?;
                        (at, *end)
                    }
                };
                let column = bytes.get(..end).ok_or(Damage("ends too early"))?;
                let mut values = ByteReader::new(column, *at);
                state.read(&mut values)?;
                *at = values.at;
            }
        }
        Ok(())
    }
}
