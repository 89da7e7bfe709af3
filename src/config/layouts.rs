//! Layouts: the ones that come along, files beside the config, and `default`, which adapts to how
//! many sources there are.

use manytop_core::{
    file::{self, Existing, ReadError},
    layout::{Layout, Parsed},
    masking,
    registry::Registry,
    spelling,
};
use std::{
    io::{self, IsTerminal},
    path::{Path, PathBuf},
};

const BUILT_IN: &[(&str, &str)] = &[
    ("gotop", include_str!("layouts/gotop.layout")),
    ("minimal", include_str!("layouts/minimal.layout")),
    ("battery", include_str!("layouts/battery.layout")),
    ("procs", include_str!("layouts/procs.layout")),
    ("kitchensink", include_str!("layouts/kitchensink.layout")),
    ("htop", include_str!("layouts/htop.layout")),
    ("disk", include_str!("layouts/disk.layout")),
];

/// `default` in its three sizes: one source, up to [`SEVERAL`] remotes, more.
const ONE: &str = include_str!("layouts/one.layout");
const FEW: &str = include_str!("layouts/several.layout");
const FLEET: &str = include_str!("layouts/fleet.layout");

/// Up to so many remotes are drawn one by one.
const SEVERAL: usize = 8;

/// The names of those that come along.
pub fn names() -> impl Iterator<Item = &'static str> {
    std::iter::once("default").chain(BUILT_IN.iter().map(|(name, _)| *name))
}

/// Those names, and of the files in the `layouts` folders beside the config.
pub fn all_names(folders: &[PathBuf]) -> Vec<String> {
    let mut all: Vec<String> = names().map(str::to_owned).collect();
    let files = folders.iter().filter_map(|f| std::fs::read_dir(f.join("layouts")).ok()).flatten();
    let mut own: Vec<String> = files
        .filter_map(|file| file.ok()?.file_name().into_string().ok())
        .filter(|name| !name.starts_with('.') && !all.contains(name))
        .collect();
    own.sort();
    own.dedup();
    all.append(&mut own);
    all
}

/// How much a layout is made for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Size {
    /// Whatever there is: it was chosen.
    Any,
    /// One source.
    One,
    /// Up to eight remotes.
    Few,
    /// More.
    Fleet,
}

/// The layout that a person has chosen.
#[derive(Clone, Debug)]
pub struct LayoutChoice {
    /// Its name, for the status bar.
    pub name: String,
    /// Whether it came through a pipe or from standard input, which cannot be read again.
    pub is_piped: bool,
    fixed: Option<Layout>,
    one: Layout,
    few: Layout,
    fleet: Layout,
}

impl LayoutChoice {
    /// Finds a layout: `-` is standard input; a path is a file; else a file of that name in a `layouts` folder
    /// beside the config; else one that comes along. Warnings come with it.
    pub fn load(
        name: &str,
        folders: &[PathBuf],
        registry: &Registry,
    ) -> Result<(LayoutChoice, Vec<String>), Vec<String>> {
        LayoutChoice::find(name, false, folders, registry)
    }

    /// The same for a name that was given on the command line: a path may lead to a pipe.
    pub fn load_argument(
        name: &str,
        folders: &[PathBuf],
        registry: &Registry,
    ) -> Result<(LayoutChoice, Vec<String>), Vec<String>> {
        LayoutChoice::find(name, true, folders, registry)
    }

    fn find(
        name: &str,
        argument: bool,
        folders: &[PathBuf],
        registry: &Registry,
    ) -> Result<(LayoutChoice, Vec<String>), Vec<String>> {
        let built_in = |text| Layout::parse(name, text, registry).map(|parsed| parsed.layout);
        let (one, few, fleet) = (built_in(ONE)?, built_in(FEW)?, built_in(FLEET)?);
        let name = name.to_owned();
        let mut choice = LayoutChoice { name, is_piped: false, fixed: None, one, few, fleet };
        let found = find(&choice.name, argument, folders).map_err(|e| vec![e])?;
        let Some(LayoutText { shown, text, is_piped }) = found else {
            return Ok((choice, Vec::new()));
        };
        let Parsed { layout, warnings, .. } = Layout::parse(&shown, &text, registry)?;
        choice.fixed = Some(layout);
        choice.is_piped = is_piped;
        Ok((choice, warnings))
    }

    /// Which of its layouts is for so many sources.
    pub fn size(&self, sources: usize) -> Size {
        match (&self.fixed, sources) {
            (Some(_), _) => Size::Any,
            (None, 0..=1) => Size::One,
            (None, n) if n <= SEVERAL + 1 => Size::Few,
            (None, _) => Size::Fleet,
        }
    }

    /// The layout of that size.
    pub fn layout(&self, size: Size) -> &Layout {
        match (size, &self.fixed) {
            (Size::Any, Some(fixed)) => fixed,
            (Size::Any | Size::One, _) => &self.one,
            (Size::Few, _) => &self.few,
            (Size::Fleet, _) => &self.fleet,
        }
    }
}

/// The file of a layout where it is the user's own: named by a path, or the first that its name finds. `None`
/// for one that comes along or came through a pipe.
pub fn own_file(choice: &LayoutChoice, folders: &[PathBuf]) -> Option<PathBuf> {
    let name = choice.name.as_str();
    if choice.is_piped || name == "-" {
        return None;
    }
    if name.contains('/') {
        return Some(PathBuf::from(name));
    }
    folders.iter().map(|folder| folder.join("layouts").join(name)).find(|path| path.exists())
}

/// A name for a changed copy of a layout, which no file has.
pub fn free_name(name: &str, folders: &[PathBuf]) -> String {
    let name = name.rsplit('/').next().unwrap_or_default();
    let stem = if name.is_empty() || name == "-" { "layout" } else { name };
    let known = all_names(folders);
    let numbered = (2..).map(|n| format!("my-{stem}-{n}"));
    let mut names = std::iter::once(format!("my-{stem}")).chain(numbered);
    names.find(|name| !known.contains(name)).unwrap_or_default()
}

/// The file for a new layout of that name, in the first folder.
///
/// # Errors
/// The name is not one of a file, or is taken.
pub fn new_file(name: &str, folders: &[PathBuf]) -> Result<PathBuf, String> {
    if name.is_empty() || name.starts_with(['.', '-', '@']) || name.contains(['/', '\\', '\0']) {
        return Err("expected a file name, as my-layout".into());
    }
    if all_names(folders).iter().any(|known| known == name) {
        return Err(format!("{name:?} exists; choose another name"));
    }
    let folder = folders.first().ok_or("without a home folder a layout cannot be saved")?;
    Ok(folder.join("layouts").join(name))
}

/// Writes a layout. The comments of a file that is replaced are kept, above the boxes.
///
/// # Errors
/// Says what is in the way.
pub fn write(path: &Path, text: &str, replaces: bool) -> Result<(), String> {
    let failed =
        |problem: String| format!("{}: {problem}", masking::argument(&path.to_string_lossy()));
    let mut whole = String::new();
    let mut existing = Existing::Keep;
    if replaces {
        let old = file::read_text(path, file::TEXT).map_err(|e| failed(e.to_string()))?;
        let is_comment = |line: &&str| line.trim_start().starts_with('#');
        old.lines().filter(is_comment).for_each(|line| whole += &format!("{line}\n"));
        existing = Existing::Replace;
    } else if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|e| failed(format!("cannot be written: {e}")))?;
    }
    whole += text;
    file::replace(path, whole.as_bytes(), existing)
        .map_err(|e| failed(format!("cannot be written: {e}")))
}

/// The text of a layout.
struct LayoutText {
    /// What messages call it.
    shown: String,
    text: String,
    is_piped: bool,
}

/// Finds the text of a layout; `None` for the adaptive one.
fn find(name: &str, argument: bool, folders: &[PathBuf]) -> Result<Option<LayoutText>, String> {
    if name == "-" {
        let shown = "standard input".to_owned();
        let text = from_input().map_err(|e| format!("{shown}: {e}"))?;
        return Ok(Some(LayoutText { shown, text, is_piped: true }));
    }
    let is_path = name.contains('/');
    let mut files: Vec<PathBuf> = folders.iter().map(|f| f.join("layouts").join(name)).collect();
    if is_path {
        files = vec![PathBuf::from(name)];
    }
    for path in files {
        let shown = masking::argument(&path.to_string_lossy());
        let read = match argument && is_path {
            true => file::read_argument(&path, file::TEXT),
            false => file::read(&path, file::TEXT).map(|bytes| (bytes, false)),
        };
        match read.and_then(|(bytes, is_piped)| Ok((file::text(bytes)?, is_piped))) {
            Ok((text, is_piped)) => return Ok(Some(LayoutText { shown, text, is_piped })),
            Err(e) if e.is_missing() && !is_path => {}
            Err(e) => return Err(format!("{shown}: {e}")),
        }
    }
    if name == "default" {
        return Ok(None);
    }
    match BUILT_IN.iter().find(|(n, _)| *n == name) {
        Some((_, text)) => Ok(Some(LayoutText {
            shown: name.to_owned(),
            text: (*text).to_owned(),
            is_piped: false,
        })),
        None => {
            let hint = spelling::nearest(name, names());
            let hint = hint.map(|h| format!(": did you mean {h:?}?")).unwrap_or_default();
            Err(format!("layout {name:?} is unknown{hint} (manytop --list layouts shows all)"))
        }
    }
}

/// A layout that comes through standard input; without a deadline, since it may be typed.
fn from_input() -> Result<String, ReadError> {
    let input = io::stdin();
    let within = (!input.is_terminal()).then_some(file::PIPE_TIME);
    file::text(file::read_stream(input, file::PIPE, within)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry() -> Registry {
        Registry::load(&[]).unwrap()
    }

    #[test]
    fn all_that_come_along_can_be_read_without_a_warning() {
        for name in names() {
            let (_, warnings) = LayoutChoice::load(name, &[], &registry()).unwrap();
            assert_eq!(warnings, [""; 0], "{name}");
        }
    }

    #[test]
    fn the_default_adapts() {
        let (choice, _) = LayoutChoice::load("default", &[], &registry()).unwrap();
        let layout = |n| choice.layout(choice.size(n)).items();
        let first = |n| layout(n)[0].widget.name();
        assert_eq!([0, 1, 2, 9, 10].map(first), ["cpu", "cpu", "hosts", "hosts", "hosts"]);
        let below = &layout(10)[1..];
        let follows_or_alerts =
            |item: &manytop_core::layout::Item| item.follows() || item.widget.name() == "alerts";
        assert!(below.iter().all(follows_or_alerts), "one host is below the list");
    }

    #[test]
    fn a_misspelt_name_is_helped() {
        let e = LayoutChoice::load("minimla", &[], &registry()).unwrap_err();
        assert!(e[0].contains("did you mean \"minimal\"?"), "{e:?}");
    }
}
