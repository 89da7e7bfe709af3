//! What the command line and the environment ask for.

use super::{files, key::ConfigKey};
use crate::file;
use std::{collections::BTreeMap, ffi::OsString, fmt, path::PathBuf, sync::Arc};

/// Everything that a configuration depends on besides its files, so that a test can ask for anything.
#[derive(Clone)]
pub struct Request {
    /// The argument of `-C`.
    pub file: Option<PathBuf>,
    /// What came through it, where that is a pipe; see [`Request::read_pipe`].
    pub piped: Option<Arc<str>>,
    /// The environment, at start.
    pub environment: BTreeMap<OsString, OsString>,
    /// Keys given on the command line.
    pub flags: Vec<Flag>,
    /// Limits of the command line, laid over those of the config: `disk=80,90`.
    pub limits: Vec<String>,
    /// Without the providers of this machine.
    pub no_local: bool,
    /// The last folder to look in.
    pub system: PathBuf,
}

/// What messages call a key that was changed on the screen.
pub(super) const ON_SCREEN: &str = "this run";

/// A key given on the command line.
#[derive(Clone)]
pub struct Flag {
    /// As messages call it: `--set`.
    pub(super) flag: String,
    pub(super) key: ConfigKey,
    pub(super) value: String,
}

impl fmt::Debug for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the value: it may be a secret.
        write!(f, "{} {:?}", self.flag, self.key)
    }
}

impl Request {
    /// What this process was started with; nothing of the command line yet.
    pub fn of_environment() -> Request {
        Request { environment: std::env::vars_os().collect(), ..Request::bare() }
    }

    /// No environment and no flags.
    pub fn bare() -> Request {
        Request {
            file: None,
            piped: None,
            environment: BTreeMap::new(),
            flags: Vec::new(),
            limits: Vec::new(),
            no_local: false,
            system: PathBuf::from("/etc/manytop"),
        }
    }

    /// Reads the file of `-C` where that is a pipe, `-C <(sed … manytop.conf)`: it can be read only once, and the
    /// config is read again and again.
    ///
    /// # Errors
    /// It is too much, or does not end in time.
    pub fn read_pipe(&mut self) -> Result<(), String> {
        let Some(path) = self.file.as_deref().filter(|path| file::is_pipe(path)) else {
            return Ok(());
        };
        let read = file::read_argument(path, file::TEXT).and_then(|(bytes, _)| file::text(bytes));
        let text = read.map_err(|e| format!("-C {}: {e}", files::show(path)))?;
        self.piped = Some(text.into());
        Ok(())
    }

    /// `--set KEY=VALUE`, with the key as in a `.conf` file.
    ///
    /// # Errors
    /// There is no `=` in it.
    pub fn set(&mut self, pair: &str) -> Result<(), String> {
        let (key, value) = pair
            .split_once('=')
            .filter(|(key, _)| !key.trim().is_empty())
            .ok_or("--set: write --set KEY=VALUE")?;
        self.flag("--set", key.trim(), value.trim());
        Ok(())
    }

    /// Any other flag that sets a key.
    pub fn flag(&mut self, flag: &str, key: &str, value: &str) {
        self.flags.push(Flag { flag: flag.into(), key: ConfigKey::cut(key), value: value.into() });
    }

    /// A key that was changed on the screen, in the place of every other flag that sets it; `None` takes the
    /// change back.
    pub fn set_on_screen(&mut self, key: &str, value: Option<&str>) {
        let key = ConfigKey::cut(key);
        match value {
            Some(value) => {
                self.flags.retain(|flag| flag.key != key);
                self.flags.push(Flag { flag: ON_SCREEN.into(), key, value: value.into() });
            }
            None => self.flags.retain(|flag| flag.key != key || flag.flag != ON_SCREEN),
        }
    }

    /// A flag `FLAG NAME=VALUE` that sets `section-NAME-option`.
    ///
    /// # Errors
    /// There is no `=` in it.
    pub fn named(
        &mut self,
        flag: &str,
        section: &str,
        option: &str,
        pair: &str,
    ) -> Result<(), String> {
        let (name, value) = pair
            .split_once('=')
            .ok_or_else(|| format!("{flag}: write {flag} NAME={}", option.to_uppercase()))?;
        let key = ConfigKey::named(section, name.trim(), option);
        self.flags.push(Flag { flag: flag.into(), key, value: value.trim().into() });
        Ok(())
    }

    fn path(&self, variable: &str) -> Option<PathBuf> {
        let value = self.environment.get(&OsString::from(variable))?;
        (!value.is_empty()).then(|| PathBuf::from(value))
    }

    /// `$MANYTOP_CONFIG`.
    pub(super) fn variable(&self) -> Option<PathBuf> {
        self.path("MANYTOP_CONFIG")
    }

    /// `$XDG_CONFIG_HOME`, which is `~/.config` where it is not set, or not an absolute path.
    fn home(&self) -> Option<PathBuf> {
        self.path("XDG_CONFIG_HOME")
            .filter(|path| path.is_absolute())
            .or_else(|| Some(file::HOME.iter().find_map(|name| self.path(name))?.join(".config")))
    }

    /// The person's own folders for `program`, and the machine's.
    pub(super) fn folders_of(&self, program: &str) -> (Option<PathBuf>, Vec<PathBuf>) {
        let of = |path: PathBuf| path.join(program);
        let machine: Vec<PathBuf> = match self.environment.get(&OsString::from("XDG_CONFIG_DIRS")) {
            Some(all) if !all.is_empty() => {
                std::env::split_paths(all).filter(|path| path.is_absolute()).map(of).collect()
            }
            _ => vec![of(PathBuf::from("/etc/xdg"))],
        };
        (self.home().map(of), machine)
    }

    /// The files that would be read now.
    ///
    /// # Errors
    /// Why none can be.
    pub fn files(&self) -> Result<Vec<PathBuf>, String> {
        let found = files::locate(self).map_err(|(place, text)| format!("{place}: {text}"))?;
        Ok(found.files.into_iter().map(|(path, _)| path).collect())
    }

    /// The config folders, the person's own first: `layouts/` and `colors/` lie in them too.
    pub fn folders(&self) -> Vec<PathBuf> {
        let (own, machine) = self.folders_of("manytop");
        own.into_iter().chain(machine).chain([self.system.clone()]).collect()
    }
}
