//! What a provider is: a static description that registers itself, and something that can be asked.
//!
//! A provider returns readings and knows nothing of labels, intervals, time-outs, back-off, health
//! or widgets: core does all that, in the same way for all of them.

mod selection;
mod signals;

pub use crate::failure::{Class, Failure, with_name};
pub use selection::{PastRange, Selection};
pub use signals::{SignalOutcome, SignalRequest, Signalling};

use crate::{
    options::{Opt, Options, Spec},
    reading::{Kind, Metric, PollResult, Text},
};
use std::{fmt, panic::Location, pin::Pin, time::Duration};

/// How long to wait for an answer.
pub static TIMEOUT: Opt<Option<Duration>> = Opt::<Option<Duration>>::optional(
    "timeout",
    "How long to wait for an answer; 5 s for what has a NAME",
);

/// A poll under way.
pub type Polling<'a> = Pin<Box<dyn Future<Output = Result<PollResult, Failure>> + Send + 'a>>;

/// The wait for a turn.
pub type Waiting<'a> = Pin<Box<dyn Future<Output = ()> + Send + 'a>>;

/// Waits on sockets, never on a file. Core drops the future at the deadline, which must leave `self`
/// fit for the next poll.
pub trait Provider: Send {
    /// One answer. Never called again before the last one has ended or was dropped.
    fn poll<'a>(&'a mut self, want: &'a Selection) -> Polling<'a>;

    /// The wait before a poll, where instances share what only a few may use at a time. The deadline of the
    /// poll begins after it, so a source that waits for its turn is not failing. `None`: no wait.
    fn turn(&mut self) -> Option<Waiting<'_>> {
        None
    }

    /// What a person should know of the config although it is right, before anybody is asked:
    /// `password sent over plain HTTP`.
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    /// How far the last poll had come when it was dropped at its deadline: the advice of that failure.
    fn unfinished(&self) -> Option<String> {
        None
    }

    /// Whether signals can be sent to processes of its host, and the config allows it. `None`: they cannot.
    fn takes_signals(&self) -> Option<bool> {
        None
    }

    /// Sends a signal to processes of its host, after the user has confirmed it. An outcome for each process, in their
    /// order. Never called while a poll is under way, and only where [`Provider::takes_signals`] is `Some(true)`.
    fn signal<'a>(&'a mut self, _: &'a SignalRequest) -> Signalling<'a> {
        Box::pin(async { Err(Failure::new(Class::Refused, "this provider sends no signals")) })
    }

    /// What it asks, without user and password: two instances with the same address read one thing twice.
    /// It may hold a secret all the same, and is never shown.
    fn address(&self) -> Option<String> {
        None
    }
}

/// May block: reads files, USB, serial lines. Core has a thread for it, gives the answer up at the
/// deadline, and never asks again before it has returned.
pub trait Reader: Send {
    /// One answer.
    fn read(&mut self, want: &Selection) -> Result<PollResult, Failure>;
}

/// What a provider yields of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Provides {
    kind: Kind,
    quantities: &'static [&'static Metric],
    texts: &'static [&'static Text],
    on_demand: &'static [&'static str],
}

impl Provides {
    /// The quantities of a kind; what core derives of them need not be named.
    pub const fn new(kind: Kind, quantities: &'static [&'static Metric]) -> Provides {
        Provides { kind, quantities, texts: &[], on_demand: &[] }
    }

    /// With texts.
    pub const fn texts(mut self, texts: &'static [&'static Text]) -> Provides {
        self.texts = texts;
        self
    }

    /// Which of the quantities and texts are read only when a consumer names them, since each device
    /// of the kind costs something more. Their names, as in [`Selection::add`].
    pub const fn on_demand(mut self, names: &'static [&'static str]) -> Provides {
        self.on_demand = names;
        self
    }

    /// The kind.
    pub const fn kind(&self) -> Kind {
        self.kind
    }

    /// The names of what is read only when it is named.
    pub const fn named_only(&self) -> &'static [&'static str] {
        self.on_demand
    }

    /// The quantities it may come with.
    pub const fn quantities(&self) -> &'static [&'static Metric] {
        self.quantities
    }

    /// The texts it may come with.
    pub const fn text_names(&self) -> &'static [&'static Text] {
        self.texts
    }
}

/// Whether there is one of it, or one for each NAME in a config.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Instances {
    /// One, of this machine; its keys are `provider-option`.
    One,
    /// One for each NAME; its keys are `provider-NAME-option`.
    PerName,
}

/// Makes an instance. Checks what was given and never connects; the error says what is wrong with
/// which option, and never repeats a secret.
#[derive(Clone, Copy)]
pub enum Build {
    /// Of a provider that waits on sockets.
    Polls(fn(&Options) -> Result<Box<dyn Provider>, BuildError>),
    /// Of a reader that may block.
    Reads(fn(&Options) -> Result<Box<dyn Reader>, BuildError>),
}

/// What is wrong with an option.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BuildError {
    option: &'static str,
    problem: String,
}

impl BuildError {
    /// `problem` follows the option's key in the message.
    pub fn new(option: &'static Spec, problem: impl Into<String>) -> BuildError {
        BuildError { option: option.name(), problem: problem.into() }
    }

    /// The same in other words.
    #[must_use]
    pub fn rephrased(self, say: impl Fn(&str) -> String) -> BuildError {
        BuildError { problem: say(&self.problem), ..self }
    }

    /// The name of the option at fault.
    pub fn option(&self) -> &'static str {
        self.option
    }

    /// What is wrong with it.
    pub fn problem(&self) -> &str {
        &self.problem
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.option, self.problem)
    }
}

/// How a provider reads hosts that were discovered.
#[derive(Clone, Copy, Debug)]
pub struct Discoverable {
    /// The option that takes a host's address.
    pub url: &'static Spec,
    /// Options that not every host may be sent.
    pub credentials: &'static [&'static Spec],
}

/// The description of a provider, submitted with `inventory::submit!` in the file that implements it.
pub struct Plugin {
    name: &'static str,
    about: &'static str,
    yields: &'static [Provides],
    open: Option<fn() -> Vec<Kind>>,
    instances: Instances,
    many: bool,
    past: bool,
    discoverable: Option<Discoverable>,
    options: &'static [&'static Spec],
    build: Build,
    at: &'static Location<'static>,
}

impl Plugin {
    /// A provider that waits on sockets. `name` is the first word of its config keys.
    #[track_caller]
    pub const fn polls(
        name: &'static str,
        about: &'static str,
        build: fn(&Options) -> Result<Box<dyn Provider>, BuildError>,
    ) -> Plugin {
        Plugin::new(name, about, Build::Polls(build))
    }

    /// A provider that may block.
    #[track_caller]
    pub const fn reads(
        name: &'static str,
        about: &'static str,
        build: fn(&Options) -> Result<Box<dyn Reader>, BuildError>,
    ) -> Plugin {
        Plugin::new(name, about, Build::Reads(build))
    }

    #[track_caller]
    const fn new(name: &'static str, about: &'static str, build: Build) -> Plugin {
        let at = Location::caller();
        let instances = Instances::One;
        let (yields, options, many, past) = (&[], &[], false, false);
        let (open, discoverable) = (None, None);
        Plugin {
            name,
            about,
            yields,
            open,
            instances,
            many,
            past,
            discoverable,
            options,
            build,
            at,
        }
    }

    /// It may give any kind: what that is, the other side says. `known` are those that it would know.
    #[must_use]
    pub const fn yields_any(mut self, known: fn() -> Vec<Kind>) -> Plugin {
        self.open = Some(known);
        self
    }

    /// What it can give.
    #[must_use]
    pub const fn yields(mut self, yields: &'static [Provides]) -> Plugin {
        self.yields = yields;
        self
    }

    /// One instance for each NAME in a config, instead of one for this machine.
    #[must_use]
    pub const fn per_name(mut self) -> Plugin {
        self.instances = Instances::PerName;
        self
    }

    /// An instance serves many sources; its first answer names them.
    #[must_use]
    pub const fn for_many(mut self) -> Plugin {
        self.many = true;
        self
    }

    /// It can tell what a member was like at any instant: it answers [`Selection::past`].
    #[must_use]
    pub const fn serves_past(mut self) -> Plugin {
        self.past = true;
        self
    }

    /// It reads hosts that were discovered: `url` takes their address, and `credentials` are options that
    /// not all of them may be sent.
    #[must_use]
    pub const fn reads_discovered(
        mut self,
        url: &'static Spec,
        credentials: &'static [&'static Spec],
    ) -> Plugin {
        self.discoverable = Some(Discoverable { url, credentials });
        self
    }

    /// What can be set in a config.
    #[must_use]
    pub const fn options(mut self, options: &'static [&'static Spec]) -> Plugin {
        self.options = options;
        self
    }

    /// The first word of its config keys.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// One sentence.
    pub const fn about(&self) -> &'static str {
        self.about
    }

    /// What it can give, by kind.
    pub const fn what(&self) -> &'static [Provides] {
        self.yields
    }

    /// Whether it can give that kind.
    pub fn yields_kind(&self, kind: Kind) -> bool {
        self.open.is_some() || self.yields.iter().any(|y| y.kind == kind)
    }

    /// The kinds that it is known to give.
    pub fn kinds(&self) -> impl Iterator<Item = Kind> + use<> {
        let known = self.open.map(|known| known()).unwrap_or_default();
        self.yields.iter().map(Provides::kind).chain(known)
    }

    /// One, or one for each NAME.
    pub const fn instances(&self) -> Instances {
        self.instances
    }

    /// How it reads hosts that were discovered, if it does.
    pub const fn discoverable(&self) -> Option<Discoverable> {
        self.discoverable
    }

    /// Whether an instance serves many sources.
    pub const fn is_many(&self) -> bool {
        self.many
    }

    /// Whether it answers [`Selection::past`].
    pub const fn has_past(&self) -> bool {
        self.past
    }

    /// What can be set in a config, core's own options not among it.
    pub const fn specs(&self) -> &'static [&'static Spec] {
        self.options
    }

    /// How to make an instance.
    pub const fn build(&self) -> Build {
        self.build
    }

    /// Where it is registered.
    pub const fn at(&self) -> &'static Location<'static> {
        self.at
    }
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "provider {} ({})", self.name(), self.at())
    }
}

inventory::collect!(Plugin);
