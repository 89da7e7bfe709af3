//! One process or thread as the list sees it, which are wanted, and by what they are grouped.

use super::{rows::RowId, settled::SortFigures};
use manytop_plugin::{
    clock::Moment,
    filter::{DeviceSubject, Expression, Subject, Truth},
    reading::{Metric, Text},
    text,
    view::{Device, SourceView},
    vocabulary as v,
};
use std::sync::Arc;

/// What processes are grouped by.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Grouping {
    None,
    Name,
    Container,
    Unit,
}

impl Grouping {
    pub const WORDS: [&str; 4] = ["none", "name", "container", "unit"];

    /// The grouping of a word of [`Grouping::WORDS`].
    pub fn parse(word: &str) -> Grouping {
        match word {
            "name" => Grouping::Name,
            "container" => Grouping::Container,
            "unit" => Grouping::Unit,
            _ => Grouping::None,
        }
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        Grouping::WORDS[self as usize]
    }

    /// The next one.
    pub fn next(self) -> Grouping {
        Grouping::parse(Grouping::WORDS[(self as usize + 1) % Grouping::WORDS.len()])
    }

    pub fn key<'a>(self, process: &Process<'a>) -> &'a str {
        let known = |text, absent| match process.device.text(text).unwrap_or_default() {
            "" => absent,
            known => known,
        };
        match self {
            Grouping::None | Grouping::Name => process.name(),
            Grouping::Container => known(&v::CONTAINER, "no container"),
            Grouping::Unit => known(&v::UNIT, "no unit"),
        }
    }
}

/// One process, or one thread of a process.
#[derive(Clone, Copy)]
pub struct Process<'a> {
    pub source: &'a SourceView,
    pub device: &'a Device,
    /// Its number; of a thread that of the thread.
    pub pid: Option<u32>,
    /// The process that a thread belongs to.
    pub owner: Option<&'a Device>,
    pub old: bool,
    /// Seconds since 1970 now.
    pub clock: f64,
}

impl<'a> Process<'a> {
    /// Its short name.
    pub fn name(&self) -> &'a str {
        self.device.text(&v::NAME).or_else(|| self.device.text(&v::COMMAND)).unwrap_or("?")
    }

    /// Its command line.
    fn command(&self) -> Option<&'a str> {
        self.device.text(&v::COMMAND).filter(|command| !command.is_empty())
    }

    /// Whether its command line is known. Threads of the kernel have none.
    pub fn has_command(&self) -> bool {
        self.command().is_some()
    }

    /// The command line; else the name.
    pub fn words(&self) -> &'a str {
        self.command().unwrap_or_else(|| self.name())
    }

    /// The user that it belongs to.
    pub fn user(&self) -> &'a str {
        self.owner.unwrap_or(self.device).text(&v::USER).unwrap_or_default()
    }

    /// Its share of the main memory.
    pub fn memory_percent(&self) -> Option<f64> {
        self.value(&v::MEMORY_PERCENT)
    }

    /// Whether it is a thread of the kernel.
    pub fn is_of_kernel(&self) -> bool {
        self.device.text(&v::TYPE) == Some("kernel")
    }

    /// Whether its name, command line, user or pid contains a text in lower case; case does not matter.
    pub fn contains(&self, part: &str) -> bool {
        let texts = [&v::NAME, &v::COMMAND].map(|t| self.device.text(t));
        let all = texts.into_iter().flatten().chain([self.user(), &*self.device.name]);
        all.into_iter().any(|known| text::contains(known, part))
    }

    /// Whether something of it could not be read for want of privileges.
    pub fn is_denied(&self, word: &str) -> bool {
        let denied = self.device.text(&v::DENIED).unwrap_or_default();
        denied.split(' ').any(|known| known == word)
    }

    /// Whether a row of that identity is about it.
    pub(super) fn is(&self, id: &RowId) -> bool {
        match id {
            RowId::Process(order, name, generation, is_thread) => {
                self.source.order == *order
                    && self.device.name == *name
                    && self.device.generation == *generation
                    && self.owner.is_some() == *is_thread
            }
            RowId::Group(_) => false,
        }
    }

    /// The identity of its row.
    pub(super) fn id(&self) -> RowId {
        let (order, generation) = (self.source.order, self.device.generation);
        RowId::Process(order, self.device.name.clone(), generation, self.owner.is_some())
    }
}

impl Subject for Process<'_> {
    fn name(&self) -> &str {
        &self.device.name
    }

    fn value(&self, metric: &Metric) -> Option<f64> {
        DeviceSubject { source: self.source, device: self.device }.value(metric)
    }

    /// A thread has a name and a state of its own; all else is its process's.
    fn text(&self, text: &Text) -> Option<&str> {
        let own = self.device.text(text);
        let whole = self.owner.unwrap_or(self.device);
        own.or_else(|| DeviceSubject { source: self.source, device: whole }.find(text))
    }

    fn age(&self) -> Option<f64> {
        Some((self.clock - self.device.value(&v::STARTED_SECONDS)?).max(0.0))
    }
}

/// Which processes are wanted.
pub struct ProcessFilter<'a> {
    pub query: Option<&'a Expression>,
    pub user: Option<&'a str>,
    pub kernel: bool,
    pub threads: bool,
    pub grouping: Grouping,
    /// Figures of a moment ago to sort by.
    pub settled: Option<Arc<SortFigures>>,
    /// Seconds since 1970 now.
    pub clock: f64,
}

impl ProcessFilter<'_> {
    /// Whether the filter lets a process through: what is unknown does not.
    pub fn admits(&self, process: &Process<'_>, now: Moment) -> bool {
        let holds = |query: &Expression| query.test_subject(process.source, process, now);
        self.query.is_none_or(|query| holds(query) == Truth::True)
    }
}
