//! One instance to poll: its provider, its options and its source.

use crate::config::{location::Location, setting::Givens};
pub use crate::provider::TIMEOUT;
use crate::{
    options::{Opt, Options, Spec},
    provider::{Instances, Plugin},
    source::Source,
};
use std::{sync::Arc, time::Duration};

/// How often to ask it.
pub static REFRESH: Opt<Option<Duration>> = Opt::<Option<Duration>>::optional(
    "refresh",
    "How often to ask; 1 s for what has a NAME, else as often as updateinterval says",
);
/// The source that its readings belong to.
pub static SOURCE: Opt<Option<String>> = Opt::<Option<String>>::optional(
    "source",
    "The source of the readings: another NAME, or local; its own NAME otherwise",
);
/// What a layout's `@#tag` goes by.
pub static TAGS: Opt<Option<Vec<String>>> =
    Opt::<Option<Vec<String>>>::optional("tags", "Words for @#tag in layouts, between commas");
/// Whether it may be down without an alarm.
pub static EXPECTED_OFFLINE: Opt<Option<bool>> =
    Opt::<Option<bool>>::optional("expected_offline", "Whether it may be down without an alarm");

/// Limits of one host.
pub static LIMITS: Opt<Option<String>> = Opt::<Option<String>>::optional(
    "limits",
    "Limits of this host, laid over those of all, as in limits: disk=80,90 load=16",
);

/// Core's own options, which every provider has besides those it lists. One that it lists itself (of the
/// same shape) is its own to describe: that gives `refresh` and `timeout` another default.
pub static INSTANCE: [&Spec; 6] = [
    REFRESH.spec(),
    TIMEOUT.spec(),
    SOURCE.spec(),
    TAGS.spec(),
    EXPECTED_OFFLINE.spec(),
    LIMITS.spec(),
];

/// A plugin's own options, and those of core's that it does not list itself.
pub fn specs(plugin: &'static Plugin) -> impl Iterator<Item = &'static Spec> {
    let own = plugin.specs();
    let core = INSTANCE.iter().filter(|spec| own.iter().all(|o| o.name() != spec.name()));
    own.iter().chain(core).copied()
}

/// One thing to ask.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The provider.
    pub plugin: &'static Plugin,
    /// Its NAME; `None` for what there is one of.
    pub name: Option<Arc<str>>,
    /// The source that its readings belong to.
    pub source: Source,
    /// How often to ask; `None` for as often as the screen is drawn.
    pub refresh: Option<Duration>,
    /// How often to ask while a person looks at it alone, if that is more often.
    pub closely: Option<Duration>,
    /// How long to wait; `None` for as core thinks fit.
    pub timeout: Option<Duration>,
    /// What a layout's `@#tag` goes by.
    pub tags: Vec<String>,
    /// Whether it may be down without an alarm.
    pub expected_offline: bool,
    /// Limits of its own.
    pub limits: Option<String>,
    /// The plugin's options and core's own, complete.
    pub options: Options,
    /// The location of its first key.
    pub place: Option<Location>,
    pub(super) given: Givens,
}

impl Instance {
    /// An instance with these options of the plugin's own and core's defaults; with a NAME it is a source
    /// of that name, without one it is of this machine.
    pub fn new(plugin: &'static Plugin, name: Option<&str>, options: Options) -> Instance {
        let named = plugin.instances() == Instances::PerName;
        let name: Option<Arc<str>> = name.map(Arc::from);
        Instance {
            plugin,
            source: name.clone().map_or(Source::Local, Source::from),
            name,
            refresh: named.then_some(Duration::from_secs(1)),
            closely: None,
            timeout: named.then_some(Duration::from_secs(5)),
            tags: Vec::new(),
            expected_offline: false,
            limits: None,
            options,
            place: None,
            given: Givens::none(),
        }
    }

    /// An instance with all that was given, core's own options among it; `options` holds both.
    pub(super) fn with(
        plugin: &'static Plugin,
        name: Option<&str>,
        options: Options,
        place: Option<Location>,
        given: Givens,
    ) -> Instance {
        let plain = Instance::new(plugin, name, Options::default());
        Instance {
            source: options.get(&SOURCE).map_or(plain.source, |name| Source::named(&name)),
            refresh: options.get(&REFRESH).or(plain.refresh),
            timeout: options.get(&TIMEOUT).or(plain.timeout),
            tags: options.get(&TAGS).unwrap_or_default(),
            expected_offline: options.get(&EXPECTED_OFFLINE).unwrap_or(false),
            limits: options.get(&LIMITS),
            options,
            place,
            given,
            ..plain
        }
    }
}
