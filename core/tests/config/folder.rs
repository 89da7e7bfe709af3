//! What the tests share: a home of their own, and a config as text.

use manytop_core::{
    config::{self, Config, Errors, Request},
    options::Options,
    registry::Registry,
};
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

pub const PASSWORD: &str = "hunter2hunter2";

pub fn registry() -> Registry {
    Registry::load(&config::reserved_words()).unwrap()
}

pub fn request() -> Request {
    let mut request = Request::bare();
    for (name, value) in [
        ("HOME", "/nonexistent"),
        ("XDG_CONFIG_DIRS", "/nonexistent"),
        ("USER_NAME", "me"),
        ("PASSWORD", PASSWORD),
    ] {
        request.environment.insert(name.into(), value.into());
    }
    request.system = "/nonexistent".into();
    request
}

pub fn load(path: &Path) -> Result<Config, Errors> {
    Config::load(&Request { file: Some(path.into()), ..request() }, &registry())
}

/// A folder of this test's own.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Folder {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("manytop-{}-{number}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// What is said, without the folder's own name.
    pub fn said(&self, text: impl ToString) -> String {
        text.to_string()
            .replace(&format!("{}/", self.0.display()), "")
            .replace(&*self.0.to_string_lossy(), "HERE")
    }

    pub fn load(&self, text: impl AsRef<[u8]>) -> Result<Config, Errors> {
        load(&self.write("test.conf", text))
    }

    pub fn wrong(&self, text: impl AsRef<[u8]>) -> String {
        self.said(self.load(text).unwrap_err())
    }

    /// As a person with this folder for home.
    pub fn at_home(&self) -> Request {
        let mut request = request();
        request.environment.insert("HOME".into(), self.0.clone().into());
        request.environment.insert("XDG_CONFIG_DIRS".into(), self.0.join("xdg").into());
        request.system = self.0.join("etc");
        request
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// All that is in a config; the globals only where one is not as by default.
pub fn dump(config: &Config) -> String {
    let mut out = String::new();
    if config.globals != Config::load(&request(), &registry()).unwrap().globals {
        writeln!(out, "{:#?}", config.globals).unwrap();
    }
    for i in &config.instances {
        let name = i.name.as_deref().unwrap_or("-");
        write!(out, "{} {name:?} of {:?}", i.plugin.name(), i.source.name()).unwrap();
        for (word, span) in [("refresh", i.refresh), ("timeout", i.timeout)] {
            span.iter().for_each(|span| write!(out, " {word}={span:?}").unwrap());
        }
        write!(out, " tags={:?} expected_offline={}", i.tags, i.expected_offline).unwrap();
        i.place.iter().for_each(|place| write!(out, " from {place}").unwrap());
        writeln!(out, "\n  {:?}", i.options).unwrap();
    }
    for (widget, options) in config.widgets.iter().filter(|(_, o)| **o != Options::default()) {
        writeln!(out, "widget {widget} {options:?}").unwrap();
    }
    for note in config.notes.iter().filter(|note| !note.contains("chmod")) {
        writeln!(out, "note: {note}").unwrap();
    }
    out
}
