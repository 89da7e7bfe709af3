//! Where readings come from, and the label a person sees.

use std::{fmt, sync::Arc};

/// The beginning of a provider's note about a target that was not authenticated: the source is marked
/// wherever its name is shown.
pub const INSECURE: &str = "insecure:";

/// This machine, or a host named by a config or by a provider that serves many hosts.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Source {
    /// This machine: written `local`, and its labels carry no prefix.
    Local,
    /// A named source. Never empty, never `local`.
    Named(Arc<str>),
}

impl Source {
    /// The source of that name; `local` is this machine.
    pub fn named(name: &str) -> Source {
        Source::from(Arc::<str>::from(name))
    }

    /// The name as written in a config, in a layout's `@`, and in JSON.
    pub fn name(&self) -> &str {
        match self {
            Source::Local => "local",
            Source::Named(name) => name,
        }
    }

    /// Source and device joined for the eye: `Jerry-CPU0`, and plain `CPU0` on this machine. A label
    /// is never taken apart again; whatever must be told apart is kept as (source, kind, device).
    pub fn label(&self, device: &str) -> String {
        match self {
            Source::Local => device.to_owned(),
            Source::Named(name) => format!("{name}-{device}"),
        }
    }
}

impl From<Arc<str>> for Source {
    fn from(name: Arc<str>) -> Source {
        if &*name == "local" { Source::Local } else { Source::Named(name) }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
