//! One host that answers at several addresses: a node_exporter, and beside it what knows its GPUs or containers.
//!
//! All are asked at once. Of each kind the first address that serves it is used; devices of kinds that add up,
//! such as sensors and containers, are joined. An address that fails is named in a note while another answers.

use super::provider::Remote;
use futures_util::future::join_all;
use manytop_plugin::{
    provider::{Failure, Polling, Provider, Selection},
    reading::{DeviceReading, Kind, PollResult, SourceReadings},
    vocabulary as v,
};

/// One host has no more addresses.
pub const MOST: usize = 8;

/// Kinds for which only the first address is used: a second one serves the same devices by other names.
const ALONE: [Kind; 6] = [v::CPU, v::MEMORY, v::DISK, v::NETWORK, v::PROCESS, v::HOST];

/// The addresses, in the order in which they were written.
#[derive(Debug)]
pub struct RemoteAddresses(Vec<Remote>);

impl RemoteAddresses {
    /// Of two remotes at least.
    pub fn new(remotes: Vec<Remote>) -> RemoteAddresses {
        RemoteAddresses(remotes)
    }

    async fn ask(&mut self, want: &Selection) -> Result<PollResult, Failure> {
        let places: Vec<String> = self.0.iter().map(Remote::place).collect();
        let answers = join_all(self.0.iter_mut().map(|remote| remote.poll(want))).await;
        let (mut good, mut failures) = (Vec::new(), Vec::new());
        for (place, answer) in places.into_iter().zip(answers) {
            match answer {
                Ok(answer) => good.push(answer),
                Err(failure) => failures.push((place, failure)),
            }
        }
        if good.is_empty() {
            let all: Vec<String> =
                failures.iter().map(|(place, f)| format!("{place}: {}", f.reason())).collect();
            return Err(failures.into_iter().next().map_or_else(Failure::absent, |(_, first)| {
                let failure = Failure::new(first.class(), all.join(", "));
                match first.advice() {
                    Some(advice) => failure.advise(advice),
                    None => failure,
                }
            }));
        }
        let mut joined = joined(good);
        joined.notes.extend(failures.iter().map(|(place, f)| format!("{place}: {}", f.reason())));
        Ok(joined)
    }
}

/// One answer of several. Counters keep the moments at which they were read.
fn joined(answers: Vec<PollResult>) -> PollResult {
    let mut all = PollResult::default();
    let mut own: Option<SourceReadings> = None;
    for answer in answers {
        for part in answer.parts {
            match &mut own {
                _ if part.member.is_some() => all.parts.push(part),
                None => own = Some(part),
                Some(own) => add(own, part),
            }
        }
        all.notes.extend(answer.notes);
        all.failed.extend(answer.failed);
        all.gone.extend(answer.gone);
        all.more |= answer.more;
    }
    if let Some(own) = &mut own {
        own.readings.sort_by_key(|reading| reading.kind);
    }
    all.parts.extend(own);
    all
}

fn add(own: &mut SourceReadings, part: SourceReadings) {
    let earlier = own.readings.len();
    for mut reading in part.readings {
        let known = &own.readings[..earlier];
        let same = |r: &DeviceReading| r.kind == reading.kind && r.device == reading.device;
        let is_known = match ALONE.contains(&reading.kind) {
            true => known.iter().any(|r| r.kind == reading.kind),
            false => known.iter().any(same),
        };
        if !is_known {
            reading.read_at.get_or_insert(part.read_at);
            own.readings.push(reading);
        }
    }
    if part.read_at > own.read_at {
        let earlier_at = std::mem::replace(&mut own.read_at, part.read_at);
        for reading in &mut own.readings[..earlier] {
            reading.read_at.get_or_insert(earlier_at);
        }
    }
    for dialect in part.dialects {
        if !own.dialects.contains(&dialect) {
            own.dialects.push(dialect);
        }
    }
    own.left_out.extend(part.left_out);
    own.unread_lines += part.unread_lines;
}

impl Provider for RemoteAddresses {
    fn poll<'a>(&'a mut self, want: &'a Selection) -> Polling<'a> {
        Box::pin(self.ask(want))
    }

    fn notes(&self) -> Vec<String> {
        let mut notes: Vec<String> = self.0.iter().flat_map(Provider::notes).collect();
        notes.dedup();
        notes
    }

    fn unfinished(&self) -> Option<String> {
        self.0.iter().find_map(Provider::unfinished)
    }

    fn address(&self) -> Option<String> {
        self.0.first().and_then(Provider::address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use manytop_plugin::{clock::Moment, testing::lines};

    fn answer(at: u64, dialect: &'static str, readings: Vec<DeviceReading>) -> PollResult {
        let part = SourceReadings::own(Moment::from_secs(at), readings);
        PollResult::of(vec![SourceReadings { dialects: vec![dialect], ..part }])
    }

    #[test]
    fn the_first_address_is_heard_and_sensors_add_up() {
        let one = |kind, device: &str, n| DeviceReading::new(kind, device).with(&v::CELSIUS, n);
        let first = vec![one(v::CPU, "CPU0", 1.0), one(v::TEMPERATURE, "chip", 2.0)];
        let second = vec![
            one(v::CPU, "CPU1", 3.0),
            one(v::TEMPERATURE, "chip", 4.0),
            one(v::TEMPERATURE, "drive", 5.0),
            one(v::GPU, "gpu0", 6.0),
        ];
        let all = joined(vec![answer(10, "a", first), answer(12, "b", second)]);
        let [part] = &all.parts[..] else { panic!("{all:?}") };
        assert_eq!(
            lines(&part.readings),
            "CPU0 celsius=1\ngpu0 celsius=6\nchip celsius=2\ndrive celsius=5\n"
        );
        assert_eq!(part.dialects, ["a", "b"]);
        assert_eq!(part.read_at, Moment::from_secs(12));
        assert_eq!(part.readings[0].read_at, Some(Moment::from_secs(10)));
    }
}
