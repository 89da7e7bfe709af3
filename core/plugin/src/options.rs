//! Typed options of providers and widgets.
//!
//! A plugin declares its options as statics and reads them by those statics; what was given in a
//! config has been checked against the declaration before, so that reading cannot fail.
//!
//! ```
//! use manytop_plugin::options::{Opt, Options};
//! static ROOT: Opt<String> = Opt::<String>::with_default("root", "/", "Where to look for proc and sys");
//! let options = Options::parse(&[ROOT.spec()], &[]).unwrap();
//! assert_eq!(options.get(&ROOT), "/");
//! ```

mod value;

pub use value::{Arguments, Secret, Shape, Value, duration, flag};

use std::{
    collections::BTreeMap,
    fmt,
    marker::PhantomData,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// Whether an option must be given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Need {
    /// There is no instance without it.
    Required,
    /// The text that is used when the option is not given.
    Default(&'static str),
    /// It may be left out.
    Optional,
}

/// The declaration of an option.
#[derive(Debug)]
pub struct Spec {
    name: &'static str,
    help: &'static str,
    shape: Shape,
    need: Need,
    example: Option<&'static str>,
    follows: Option<(&'static str, &'static str)>,
}

impl Spec {
    /// The last word of its config key; no hyphen in it.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// One sentence.
    pub const fn help(&self) -> &'static str {
        self.help
    }

    /// What can be written.
    pub const fn shape(&self) -> Shape {
        self.shape
    }

    /// Whether it must be given.
    pub const fn need(&self) -> Need {
        self.need
    }

    /// An example value, shown when the option is missing.
    pub const fn example(&self) -> Option<&'static str> {
        self.example
    }

    /// The provider and the option that give the value where this one is not given.
    pub const fn follows(&self) -> Option<(&'static str, &'static str)> {
        self.follows
    }
}

/// A typed handle on a declaration; `Opt<Option<T>>` where nothing need be given.
pub struct Opt<T: 'static> {
    spec: Spec,
    value: PhantomData<fn() -> T>,
}

impl<T> Opt<T> {
    /// The declaration, for a plugin's list of options.
    pub const fn spec(&'static self) -> &'static Spec {
        &self.spec
    }

    const fn new(name: &'static str, help: &'static str, shape: Shape, need: Need) -> Self {
        let spec = Spec { name, help, shape, need, example: None, follows: None };
        Opt { spec, value: PhantomData }
    }

    /// An option of instances with a NAME: where neither the instance nor NAME `*` sets it, the value of
    /// that option holds, which belongs to a provider without NAMEs and has the same shape.
    #[must_use]
    pub const fn following(mut self, provider: &'static str, option: &'static str) -> Self {
        self.spec.follows = Some((provider, option));
        self
    }

    /// With an example value that is shown when the option is missing: `https://HOST/metrics`.
    #[must_use]
    pub const fn example(mut self, example: &'static str) -> Self {
        self.spec.example = Some(example);
        self
    }
}

/// The types an option can have.
pub trait FromValue: Sized {
    /// The value, which was checked before.
    fn from_value(value: Option<&Value>) -> Option<Self>;
}

macro_rules! typed { ($($type:ty, $shape:expr, $variant:ident;)*) => { $(
    impl FromValue for $type {
        fn from_value(value: Option<&Value>) -> Option<Self> {
            match value { Some(Value::$variant(v)) => Some(v.clone()), _ => None }
        }
    }
    impl Opt<$type> {
        /// An option that must be given.
        pub const fn required(name: &'static str, help: &'static str) -> Self {
            Opt::new(name, help, $shape, Need::Required)
        }
        /// An option with a default, written as in a config.
        pub const fn with_default(name: &'static str, default: &'static str, help: &'static str) -> Self {
            Opt::new(name, help, $shape, Need::Default(default))
        }
    }
    impl Opt<Option<$type>> {
        /// An option that may be left out.
        pub const fn optional(name: &'static str, help: &'static str) -> Self {
            Opt::new(name, help, $shape, Need::Optional)
        }
    }
)* } }
typed! {
    String, Shape::Text, Text;
    Secret, Shape::Secret, Secret;
    bool, Shape::Flag, Flag;
    Duration, Shape::Duration, Duration;
    PathBuf, Shape::Path, Path;
    u64, Shape::Count, Count;
    Vec<String>, Shape::List, List;
    Arguments, Shape::Arguments, Arguments;
}

impl<T: FromValue> FromValue for Option<T> {
    fn from_value(value: Option<&Value>) -> Option<Self> {
        Some(T::from_value(value))
    }
}

impl Opt<String> {
    /// An option with a value out of a few words.
    pub const fn one_of(
        name: &'static str,
        words: &'static [&'static str],
        default: &'static str,
        help: &'static str,
    ) -> Self {
        Opt::new(name, help, Shape::OneOf(words), Need::Default(default))
    }
}

/// Values by the names of their options, which are sorted.
type OptionValues = [(&'static str, Value)];

/// What was given for one instance, complete and checked. A copy shares the values until it is changed.
#[derive(Clone, Default)]
pub struct Options {
    own: Arc<OptionValues>,
    /// The value that holds when the option is not given.
    below: Arc<OptionValues>,
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values: BTreeMap<_, _> = self.iter().map(|(name, value)| (name, value)).collect();
        f.debug_struct("Options").field("values", &values).finish()
    }
}

impl PartialEq for Options {
    fn eq(&self, other: &Options) -> bool {
        self.differing(other).next().is_none()
    }
}

impl Options {
    /// The value of a declared option.
    ///
    /// # Panics
    /// When the plugin did not list the option among its own, which its first test would show.
    pub fn get<T: FromValue>(&self, option: &Opt<T>) -> T {
        T::from_value(self.value(option.spec.name)).unwrap_or_else(|| {
            panic!("option {:?} is missing in the plugin's list", option.spec.name)
        })
    }

    /// The names of the options with values that differ from another set's.
    pub fn differing<'a>(&'a self, other: &'a Options) -> impl Iterator<Item = &'static str> + 'a {
        let all = [self, other].into_iter().flat_map(|o| o.own.iter().chain(&*o.below));
        all.map(|(name, _)| *name).filter(move |name| self.value(name) != other.value(name))
    }

    /// The files that were named.
    pub fn paths<'a>(&'a self) -> impl Iterator<Item = &'a Path> + 'a {
        // of many instances few name a file: what hides what is looked at last
        let path = |(name, value): &'a (&'static str, Value)| match value {
            Value::Path(path) => Some((*name, path.as_path())),
            _ => None,
        };
        let below = self.below.iter().filter_map(path);
        let below = below.filter(|(name, _)| find(&self.own, name).is_err());
        self.own.iter().filter_map(path).chain(below).map(|(_, path)| path)
    }

    /// Options from texts: what tests and examples use. A config does the same, and adds file and
    /// line to the error.
    pub fn parse(specs: &[&'static Spec], given: &[(&str, &str)]) -> Result<Options, String> {
        if let Some((name, _)) = given.iter().find(|(n, _)| !specs.iter().any(|s| s.name == *n)) {
            return Err(format!("unknown option {name:?}"));
        }
        let mut options = Options::default();
        for spec in specs {
            let text = given.iter().find(|(n, _)| *n == spec.name).map(|(_, text)| *text);
            options.put(spec, text).map_err(|e| format!("{}: {e}", spec.name))?;
        }
        Ok(options)
    }

    /// Sets one option from its text, or from its default when the text is missing.
    pub fn put(&mut self, spec: &'static Spec, text: Option<&str>) -> Result<(), String> {
        let text = match (text, spec.need) {
            (Some(text), _) => text,
            (None, Need::Default(default)) => default,
            (None, Need::Optional) => return Ok(()),
            (None, Need::Required) => return Err("is required".into()),
        };
        let value = Value::parse(spec.shape, text)?;
        let at = find(&self.own, spec.name);
        let (before, after) = self.own.split_at(at.unwrap_or_else(|at| at));
        let after = if at.is_ok() { &after[1..] } else { after };
        let own = before.iter().cloned().chain([(spec.name, value)]).chain(after.iter().cloned());
        self.own = own.collect();
        Ok(())
    }

    /// Others, of which nothing was set yet: until it is, these hold. However many there are, these are kept
    /// once.
    #[must_use]
    pub fn above(&self) -> Options {
        let mut all: Vec<_> = self.iter().cloned().collect();
        all.sort_unstable_by_key(|(name, _)| *name);
        Options { own: Arc::default(), below: all.into() }
    }

    /// All that holds, in no order.
    fn iter(&self) -> impl Iterator<Item = &(&'static str, Value)> {
        let below = self.below.iter().filter(|(name, _)| find(&self.own, name).is_err());
        self.own.iter().chain(below)
    }

    fn value(&self, name: &str) -> Option<&Value> {
        let of = |values: &'_ OptionValues| find(values, name).ok();
        match (of(&self.own), of(&self.below)) {
            (Some(at), _) => self.own.get(at),
            (None, at) => self.below.get(at?),
        }
        .map(|(_, value)| value)
    }
}

/// Where the value of that option is, or would be.
fn find(values: &OptionValues, name: &str) -> Result<usize, usize> {
    values.binary_search_by_key(&name, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    static ONE: Opt<u64> = Opt::<u64>::with_default("one", "1", "One");
    static FILE: Opt<Option<PathBuf>> = Opt::<Option<PathBuf>>::optional("file", "A file");

    #[test]
    fn what_is_set_above_hides_what_is_below_and_nothing_else() {
        let base = Options::parse(&[ONE.spec(), FILE.spec()], &[("file", "/a")]).unwrap();
        let mut above = base.above();
        assert_eq!(above, base);
        above.put(FILE.spec(), Some("/b")).unwrap();
        let (file, files) = (above.get(&FILE), above.paths().collect::<Vec<_>>());
        assert_eq!((above.get(&ONE), file.as_deref()), (1, Some(Path::new("/b"))));
        assert_eq!(files, [Path::new("/b")]);
        assert!(above.differing(&base).all(|name| name == "file") && above != base);
        assert_eq!(base.get(&FILE).as_deref(), Some(Path::new("/a")));
        assert_eq!(above.above(), above);
    }
}
