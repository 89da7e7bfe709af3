//! Where the files are, and what they hold.

use super::{conf::Conf, key::KeyStyle, request::Request, toml::Toml};
use crate::config::location::Location;
use crate::{
    file::{self, ReadError},
    masking,
};
use config::{Format, Map, Source, Value};
use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
    sync::Arc,
};

/// The author of a file, which decides what the file may do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Origin {
    /// The user: `${VAR}` is read.
    Own,
    /// The administrator of the machine: the file must not read the user's environment.
    Machine,
    /// gotop, for itself: values as they are, and keys that manytop does not know do not matter.
    Gotop,
    /// A variable of the environment that sets a global key: its value as it is.
    Environment,
    /// The command line: the shell has read the variables.
    Flags,
}

/// A file with its text.
#[derive(Clone)]
pub(super) struct ConfigFile {
    /// As messages call it.
    pub(super) shown: Arc<str>,
    pub(super) path: PathBuf,
    pub(super) author: Origin,
    pub(super) style: KeyStyle,
    /// Whether everybody on this machine can read it.
    pub(super) world_readable: bool,
    /// Its number among all.
    pub(super) number: usize,
    text: String,
}

impl fmt::Debug for ConfigFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Not the text: there may be secrets in it.
        f.write_str(&self.shown)
    }
}

impl Source for ConfigFile {
    fn clone_into_box(&self) -> Box<dyn Source + Send + Sync> {
        Box::new(self.clone())
    }

    fn collect(&self) -> Result<Map<String, Value>, config::ConfigError> {
        let parsed = match self.style {
            KeyStyle::Conf => Conf.parse(None, &self.text),
            KeyStyle::Toml => Toml.parse(None, &self.text),
        };
        parsed.map_err(config::ConfigError::Foreign)
    }
}

/// What is to be read, and what a person should know about that.
#[derive(Default)]
pub(super) struct LocatedFiles {
    pub(super) files: Vec<(PathBuf, Origin)>,
    pub(super) notes: Vec<String>,
}

/// What is wrong with a file as a whole.
type FileError = (Location, String);

/// Finds the files. None at all is fine, but for one that was asked for by name.
pub(super) fn locate(request: &Request) -> Result<LocatedFiles, FileError> {
    for (file, asked) in [(&request.file, "-C"), (&request.variable(), "$MANYTOP_CONFIG")] {
        if let Some(file) = file {
            let place = || Location::whole(&format!("{asked} {}", show(file)));
            let path = by_name(file, request).map_err(|text| (place(), text))?;
            return Ok(LocatedFiles {
                files: vec![(path, Origin::Own)],
                ..LocatedFiles::default()
            });
        }
    }
    let own = request.folders_of("manytop").0;
    for folder in request.folders() {
        let author = if Some(&folder) == own.as_ref() { Origin::Own } else { Origin::Machine };
        let files = in_folder(&folder).map_err(|text| (Location::whole(&show(&folder)), text))?;
        if !files.is_empty() {
            let files = files.into_iter().map(|path| (path, author)).collect();
            return Ok(LocatedFiles { files, ..LocatedFiles::default() });
        }
    }
    let (own, machine) = request.folders_of("gotop");
    let gotop = own.into_iter().chain(machine).map(|folder| folder.join("gotop.conf"));
    Ok(match gotop.into_iter().find(|path| path.is_file()) {
        Some(path) => LocatedFiles {
            notes: vec![format!("no config of manytop's own; reading gotop's: {}", show(&path))],
            files: vec![(path, Origin::Gotop)],
        },
        None => LocatedFiles::default(),
    })
}

/// A file that was asked for: as it is, or, when it is a bare name, in the config folders.
fn by_name(file: &Path, request: &Request) -> Result<PathBuf, String> {
    if file.exists() {
        return Ok(file.to_owned());
    }
    if file.components().count() != 1 || file.is_absolute() {
        return Err("no such file".into());
    }
    let names = match file.extension() {
        Some(_) => vec![file.to_owned()],
        None => vec![file.to_owned(), file.with_extension("conf"), file.with_extension("toml")],
    };
    let folders = request.folders();
    for folder in &folders {
        let found = names.iter().map(|name| folder.join(name)).filter(|path| path.is_file());
        match &found.collect::<Vec<_>>()[..] {
            [] => {}
            [path] => return Ok(path.clone()),
            [first, second, ..] => return Err(both(first, second)),
        }
    }
    let looked: Vec<String> = folders.iter().map(|folder| show(folder)).collect();
    Err(format!("no such file here or in {}", looked.join(", ")))
}

/// `manytop.conf` or `manytop.toml` with what lies in `conf.d`, in the order of the names.
fn in_folder(folder: &Path) -> Result<Vec<PathBuf>, String> {
    let main = ["manytop.conf", "manytop.toml"].map(|name| folder.join(name));
    let mut files: Vec<PathBuf> = main.into_iter().filter(|path| path.exists()).collect();
    one_format(&files)?;
    let mut more: Vec<PathBuf> = match fs::read_dir(folder.join("conf.d")) {
        Ok(entries) => entries
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<io::Result<_>>()
            .map_err(|e| format!("conf.d cannot be read: {}", ReadError::from(e)))?,
        Err(e) if matches!(e.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Vec::new()
        }
        Err(e) => return Err(format!("conf.d cannot be read: {}", ReadError::from(e))),
    };
    let hidden =
        |path: &Path| path.file_name().is_none_or(|name| name.to_string_lossy().starts_with('.'));
    more.retain(|path| {
        !hidden(path) && path.extension().is_some_and(|e| e == "conf" || e == "toml")
    });
    more.sort();
    one_format(&more)?;
    files.append(&mut more);
    Ok(files)
}

fn one_format(files: &[PathBuf]) -> Result<(), String> {
    let other = |path: &&PathBuf| files.first().is_some_and(|f| f.extension() != path.extension());
    match (files.first(), files.iter().find(other)) {
        (Some(first), Some(second)) => Err(both(first, second)),
        _ => Ok(()),
    }
}

fn both(first: &Path, second: &Path) -> String {
    let name = |path: &Path| path.file_name().map(|n| n.to_string_lossy().into_owned());
    format!(
        "two formats in one folder, {} and {}; keep one of them",
        name(first).unwrap_or_default(),
        name(second).unwrap_or_default()
    )
}

/// Reads a file. What `-C` names may be a pipe, which was read before.
pub(super) fn read(
    path: &Path,
    author: Origin,
    number: usize,
    request: &Request,
) -> Result<ConfigFile, FileError> {
    let shown = show(path);
    let wrong = |error: ReadError| match error {
        ReadError::NotText(line) => (
            Location { line: Some(line), ..Location::whole(&shown) },
            "this line is not UTF-8".to_owned(),
        ),
        error => (Location::whole(&shown), error.to_string()),
    };
    let text = match &request.piped {
        Some(piped) if request.file.as_deref() == Some(path) => piped.to_string(),
        _ => file::read_text(path, file::TEXT).map_err(wrong)?,
    };
    let toml = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml"));
    Ok(ConfigFile {
        text,
        style: if toml { KeyStyle::Toml } else { KeyStyle::Conf },
        world_readable: fs::metadata(path).is_ok_and(|about| file::is_world_readable(&about)),
        path: path.to_owned(),
        shown: shown.into(),
        author,
        number,
    })
}

/// A path as messages show it.
pub(super) fn show(path: &Path) -> String {
    crate::text::clean_to(&masking::argument(&path.to_string_lossy()), 300).into_owned()
}
