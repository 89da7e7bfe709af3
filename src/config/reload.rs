//! Reads the config again when its files have changed, on a signal or on a key, on a thread of its own: a
//! frame never waits for a file.
//!
//! Files are looked at by their name, once a second: so it sees what an editor, a link that is turned to
//! another folder, and a mounted volume do, which a watch on a file does not.

use crate::config::{
    discovery::Discovered,
    layouts::LayoutChoice,
    load::{Loaded, difference},
};
use manytop_core::{
    config::{self, Request},
    file,
    registry::Registry,
};
use std::{
    collections::BTreeSet,
    fs, io, mem,
    path::{Path, PathBuf},
    sync::mpsc::{self, Receiver, RecvTimeoutError, Sender},
    thread,
    time::{Duration, SystemTime},
};

/// How often the files are looked at.
const LOOK: Duration = Duration::from_secs(1);
/// A file that has changed may not be whole yet: it is read when it has been still for so long.
const SETTLE: Duration = Duration::from_millis(200);
/// Of a folder with more files in it than these, the others are not looked at.
const MOST: usize = 256;

/// What came of reading the config again.
pub struct Reloaded {
    /// What is new, to be said to a person; empty where a key of this run was taken back.
    pub told: String,
    /// All of it.
    pub loaded: Loaded,
}

/// Reads the config again when it is told to; dropped, it ends.
pub struct Reloader(Sender<ReloadRequest>);

/// What a reloader is asked for.
enum ReloadRequest {
    /// Read the config now.
    Now,
    /// Set a key for this run, or take that back, and read the config.
    Set(String, Option<String>),
}

impl Reloader {
    /// Starts to look, at all files, or only while some name hosts: a program without a screen has no other
    /// reason to wake up. `tell` is called with what came of it, or with all that is wrong.
    pub fn start(
        request: Request,
        first: &mut Loaded,
        always: bool,
        tell: impl Fn(Result<Box<Reloaded>, String>) + Send + 'static,
    ) -> io::Result<Reloader> {
        let (again, asked) = mpsc::channel();
        let mut reader = ConfigReader::new(request, first);
        // taken before the screen is: what is saved from now on is news
        let seen = reader.look();
        let thread = thread::Builder::new().name("config".into()).stack_size(1 << 20);
        thread.spawn(move || watch(&mut reader, &asked, always, seen, tell))?;
        Ok(Reloader(again))
    }

    /// Reads it now, whether anything has changed or not.
    pub fn now(&self) {
        let _ = self.0.send(ReloadRequest::Now); // its thread ends after this does
    }

    /// Sets a key for this run and reads the config; `None` takes back what was set. A value that is refused
    /// is forgotten.
    pub fn set(&self, key: String, value: Option<String>) {
        let _ = self.0.send(ReloadRequest::Set(key, value));
    }
}

fn watch(
    reader: &mut ConfigReader,
    asked: &Receiver<ReloadRequest>,
    always: bool,
    mut seen: Vec<ConfigStamp>,
    tell: impl Fn(Result<Box<Reloaded>, String>),
) {
    let mut moving: Option<Vec<ConfigStamp>> = None;
    loop {
        let wait = if moving.is_some() { SETTLE } else { LOOK };
        let told = match always || reader.discovered.files().next().is_some() {
            true => asked.recv_timeout(wait),
            false => asked.recv().map_err(RecvTimeoutError::from),
        };
        let mut before = None;
        let mut set = None;
        match told {
            Ok(ReloadRequest::Now) => {}
            Ok(ReloadRequest::Set(key, value)) => {
                before = Some(reader.request.clone());
                reader.request.set_on_screen(&key, value.as_deref());
                set = Some((key, value.is_some()));
            }
            Err(RecvTimeoutError::Disconnected) => return,
            Err(RecvTimeoutError::Timeout) => {
                let now = reader.look();
                if now == seen {
                    moving = None;
                    continue;
                }
                if moving.as_ref() != Some(&now) {
                    moving = Some(now);
                    continue;
                }
            }
        }
        moving = None;
        seen = reader.look();
        let mut reloaded = reader.read();
        if let (Ok(reloaded), Some((key, is_set))) = (&mut reloaded, set) {
            reloaded.told = reader.told_of(&reloaded.loaded, &key, is_set);
        }
        if let (Err(_), Some(before)) = (&reloaded, before) {
            reader.request = before;
        }
        if reloaded.is_ok() {
            // another layout, other certificates: what is looked at has changed with them
            seen = reader.look();
        }
        tell(reloaded.map(Box::new));
    }
}

/// What is known of a file without reading it.
type ConfigStamp = (PathBuf, Option<((u64, u64), u64, Option<SystemTime>)>);

/// Reads a config over and over.
struct ConfigReader {
    request: Request,
    registry: Registry,
    choice: LayoutChoice,
    instances: Vec<config::Instance>,
    discovered: Discovered,
}

impl ConfigReader {
    /// For what was read at the start. It takes over what that asks for, to compare it with what comes.
    fn new(request: Request, first: &mut Loaded) -> ConfigReader {
        ConfigReader {
            request,
            registry: first.parts.registry.clone(),
            choice: first.parts.choice.clone(),
            instances: mem::take(&mut first.config.instances),
            discovered: first.discovered.clone(),
        }
    }

    /// Reads it.
    ///
    /// # Errors
    /// All that is wrong, a line each; what was read before stays in force.
    fn read(&mut self) -> Result<Reloaded, String> {
        let mut loaded =
            Loaded::again(&self.request, &self.registry, &self.choice, &self.discovered)?;
        let told = difference(&self.instances, &loaded.config.instances);
        let told = format!("config read again: {told}");
        self.instances = mem::take(&mut loaded.config.instances);
        self.choice = loaded.parts.choice.clone();
        self.discovered = loaded.discovered.clone();
        Ok(Reloaded { told, loaded })
    }

    /// The note for a key that was set on the screen; never the value of a secret.
    fn told_of(&self, loaded: &Loaded, key: &str, is_set: bool) -> String {
        let states = loaded.config.key_states(&self.registry).into_iter();
        match states.filter(|_| is_set).find(|state| state.key == key) {
            Some(state) => format!("{key}={} for this run", state.value),
            None => String::new(),
        }
    }

    /// All files that matter: the config, layouts and colours beside it, what options name.
    fn look(&self) -> Vec<ConfigStamp> {
        let mut paths: BTreeSet<PathBuf> = BTreeSet::new();
        let mut folders = self.request.folders();
        if let Ok(files) = self.request.files() {
            folders.extend(files.first().and_then(|f| f.parent()).map(Path::to_owned));
            paths.extend(files);
        }
        for folder in folders {
            for inner in ["layouts", "colors", "dialects"] {
                let Ok(entries) = fs::read_dir(folder.join(inner)) else { continue };
                paths.extend(entries.flatten().take(MOST).map(|entry| entry.path()));
            }
        }
        if self.choice.name.contains('/') {
            paths.insert(PathBuf::from(&self.choice.name));
        }
        paths.extend(self.discovered.files().map(Path::to_owned));
        paths.extend(self.instances.iter().flat_map(|i| i.options.paths()).map(Path::to_owned));
        let stamp = |path: PathBuf| {
            // a pipe changes while it is read, and a folder of /proc at any time
            let meta = fs::metadata(&path).ok().filter(|meta| meta.is_file());
            let known = meta.map(|m| (file::identity(&m), m.len(), m.modified().ok()));
            (path, known)
        };
        paths.into_iter().map(stamp).collect()
    }
}
