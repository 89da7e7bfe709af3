//! Layouts: the ones that come along, files beside the config, and `default`, which adapts to how
//! many sources there are.

use manytop_core::{
    layout::{Layout, Parsed},
    registry::Registry,
    spelling,
};
use std::{io::Read, path::PathBuf};

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
pub struct Choice {
    /// Its name, for the status bar.
    pub name: String,
    fixed: Option<Layout>,
    one: Layout,
    few: Layout,
    fleet: Layout,
}

impl Choice {
    /// Finds a layout: `-` is standard input; a path is a file; else a file of that name in a
    /// `layouts` folder beside the config; else one that comes along. Warnings come with it.
    pub fn load(
        name: &str,
        folders: &[PathBuf],
        registry: &Registry,
    ) -> Result<(Choice, Vec<String>), Vec<String>> {
        let built_in = |text| Layout::parse(name, text, registry).map(|parsed| parsed.layout);
        let (one, few, fleet) = (built_in(ONE)?, built_in(FEW)?, built_in(FLEET)?);
        let mut choice = Choice { name: name.to_owned(), fixed: None, one, few, fleet };
        let Some((file, text)) = find(name, folders).map_err(|e| vec![e])? else {
            return Ok((choice, Vec::new()));
        };
        let Parsed { layout, warnings, .. } = Layout::parse(&file, &text, registry)?;
        choice.fixed = Some(layout);
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

/// The text of a layout and the name it goes by in messages; `None` for the adaptive one.
fn find(name: &str, folders: &[PathBuf]) -> Result<Option<(String, String)>, String> {
    if name == "-" {
        let mut text = String::new();
        let read = std::io::stdin().take(1 << 20).read_to_string(&mut text);
        read.map_err(|e| format!("standard input: {e}"))?;
        return Ok(Some(("standard input".into(), text)));
    }
    let mut files: Vec<PathBuf> = folders.iter().map(|f| f.join("layouts").join(name)).collect();
    if name.contains('/') {
        files = vec![PathBuf::from(name)];
    }
    for file in files {
        match std::fs::read_to_string(&file) {
            Ok(text) => return Ok(Some((file.display().to_string(), text))),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && !name.contains('/') => {}
            Err(e) => return Err(format!("{}: {e}", file.display())),
        }
    }
    if name == "default" {
        return Ok(None);
    }
    match BUILT_IN.iter().find(|(n, _)| *n == name) {
        Some((_, text)) => Ok(Some((name.to_owned(), (*text).to_owned()))),
        None => {
            let hint = spelling::nearest(name, names());
            let hint = hint.map(|h| format!(": did you mean {h:?}?")).unwrap_or_default();
            Err(format!("layout {name:?} is unknown{hint} (manytop --list layouts shows all)"))
        }
    }
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
            let (_, warnings) = Choice::load(name, &[], &registry()).unwrap();
            assert_eq!(warnings, [""; 0], "{name}");
        }
    }

    #[test]
    fn the_default_adapts() {
        let (choice, _) = Choice::load("default", &[], &registry()).unwrap();
        let layout = |n| choice.layout(choice.size(n)).items();
        let first = |n| layout(n)[0].widget.name();
        assert_eq!([0, 1, 2, 9, 10].map(first), ["cpu", "cpu", "hosts", "hosts", "hosts"]);
        assert!(
            layout(10)[1..].iter().all(|item| item.follows()),
            "below the list stands one host"
        );
    }

    #[test]
    fn a_misspelt_name_is_helped() {
        let e = Choice::load("minimla", &[], &registry()).unwrap_err();
        assert!(e[0].contains("did you mean \"minimal\"?"), "{e:?}");
    }
}
