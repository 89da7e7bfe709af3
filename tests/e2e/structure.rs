//! Imports between the modules of each package, and the names of types across all of them.

use crate::architecture::{ROOMS, none, program};
use std::collections::{BTreeMap, BTreeSet};

/// Circles of imports between the modules of a package that are there, and why. There may be no others.
const CIRCLES: &[(&str, &[&str], &str)] = &[
    (
        "core/plugin",
        &[
            "derive",
            "draw",
            "fleet_stats",
            "history",
            "host_metric",
            "host_stats",
            "trouble",
            "view",
        ],
        "the data of sources: a view holds their statistics, which are made of its devices, and say in words \
         what is wrong, with figures as boxes draw them",
    ),
    (
        "core/recording",
        &["replay", "traces"],
        "a replayed snapshot holds its graphs, which read its frames",
    ),
    (
        "providers",
        &["dialects", "exposition", "http", "remote"],
        "the decoder keeps what dialects want of a line; requests name the options of remotes",
    ),
    (
        "",
        &["cli", "config", "exporter", "messages", "recording", "tui"],
        "the application: each task assembles the others",
    ),
];

/// Names that several types of the workspace have, and why. All other names have one meaning.
const REPEATED: &[(&str, &str)] = &[
    (
        "Class",
        "public to plugins, and used with its module: `failure::Class`, `file_systems::Class`",
    ),
    ("Plugin", "public to plugins: providers and widgets are submitted under one name"),
];

/// The most names that may repeat.
const MOST_REPEATED: usize = 15;

/// Where systems are told apart, and what differs there. A line that names a system is in no other file.
const SEAMS: &[(&str, &str)] = &[
    ("core/src/boottime.rs", "a clock that goes on during sleep"),
    ("core/src/file/mod.rs", "modes, owners, pipes, locks and identity of files; the home folder"),
    ("providers/src/child.rs", "programs that are run for their output"),
    ("providers/src/http/client.rs", "a client that is bound to a network interface"),
    ("providers/src/http/errors.rs", "the error of an interface that is gone"),
    ("providers/src/local/disk/space.rs", "statvfs"),
    ("providers/src/local/host.rs", "systemd"),
    ("providers/src/local/process/mod.rs", "processes below /proc"),
    ("providers/src/local/procfs.rs", "kernel files or sysinfo"),
    ("src/system/mod.rs", "signals, the terminal, other processes, this program"),
];

/// The module at the top level of its package that a file belongs to.
fn module(path: &str) -> Option<&str> {
    let (_, below) = path.split_once("src/")?;
    let first = below.split('/').next()?;
    let name = first.strip_suffix(".rs").unwrap_or(first);
    (!["lib", "main", "build"].contains(&name)).then_some(name)
}

/// The modules behind each `crate::` of a text, those of a list in braces among them.
fn imported(text: &str) -> BTreeSet<&str> {
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        let Some(list) = rest.strip_prefix('{') else {
            found.insert(first_word(rest));
            continue;
        };
        let (mut depth, mut begins) = (0, true);
        for (at, c) in list.char_indices() {
            match c {
                '{' => depth += 1,
                '}' if depth == 0 => break,
                '}' => depth -= 1,
                ',' if depth == 0 => begins = true,
                c if begins && !c.is_whitespace() => {
                    found.insert(first_word(&list[at..]));
                    begins = false;
                }
                _ => {}
            }
        }
    }
    found
}

fn first_word(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

/// What each module of a package imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

fn imports(room: &str) -> Imports {
    let mut imports = Imports::new();
    for source in program(room).into_iter().filter(|source| !source.is_test()) {
        let Some(own) = module(&source.path) else { continue };
        let code: String = source.code().map(|(_, code)| format!("{code}\n")).collect();
        let code = code.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
        let found = imported(code).into_iter().filter(|name| *name != own);
        imports.entry(own.to_owned()).or_default().extend(found.map(str::to_owned));
    }
    imports
}

/// All that a module imports, and what that imports in turn.
fn reached<'a>(imports: &'a Imports, from: &str) -> BTreeSet<&'a str> {
    let (mut found, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(module) = next.pop() {
        for name in imports.get(module).into_iter().flatten() {
            if found.insert(name.as_str()) {
                next.push(name);
            }
        }
    }
    found
}

#[test]
fn modules_import_each_other_in_no_new_circles() {
    let mut offenders = Vec::new();
    for (room, ..) in ROOMS {
        let imports = imports(room);
        let in_circle = |name: &&String| reached(&imports, name).contains(name.as_str());
        let circle: BTreeSet<&str> = imports.keys().filter(in_circle).map(String::as_str).collect();
        let allowed = CIRCLES.iter().find(|(of, ..)| of == room);
        let allowed: BTreeSet<&str> =
            allowed.iter().flat_map(|(_, modules, _)| modules.iter().copied()).collect();
        for name in circle.difference(&allowed) {
            let back = imports.iter().filter(|(from, to)| {
                to.contains(*name) && reached(&imports, name).contains(from.as_str())
            });
            let back: Vec<&str> = back.map(|(from, _)| from.as_str()).collect();
            offenders.push(format!("{room}/src: {name} imports what leads back to it: {back:?}"));
        }
        let gone: Vec<_> = allowed.difference(&circle).collect();
        assert!(gone.is_empty(), "{room}: no longer in a circle; take it from the list: {gone:?}");
    }
    none("modules that import each other in a circle", offenders);
}

#[test]
fn imports_are_found_in_lists_and_paths() {
    let text = "use crate::{a::{b, c}, d, e::f};\nlet x = crate::g::h();\nuse crate::i;\n";
    assert_eq!(imported(text), BTreeSet::from(["a", "d", "e", "g", "i"]));
}

/// The name of the type that a line of code declares. An indented `type` is left out: in a trait or its
/// implementation it fills a name that the trait has declared.
fn declared(code: &str) -> Option<&str> {
    let indented = code.trim_start();
    let item = match indented.strip_prefix("pub(") {
        Some(rest) => rest.split_once(") ")?.1,
        None => indented.strip_prefix("pub ").unwrap_or(indented),
    };
    let (keyword, rest) = item.split_once(' ')?;
    let is_type = match keyword {
        "struct" | "enum" | "trait" => true,
        "type" => indented.len() == code.len(),
        _ => false,
    };
    is_type.then(|| first_word(rest)).filter(|name| name.starts_with(char::is_uppercase))
}

#[test]
fn a_type_name_means_one_thing() {
    let mut places: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for (room, ..) in ROOMS.iter().filter(|(room, ..)| !room.starts_with("examples")) {
        for source in program(room).iter().filter(|source| !source.is_test()) {
            for (n, name) in source.code().filter_map(|(n, code)| Some((n, declared(code)?))) {
                // the halves of a seam are one thing
                let half = source.path.replace("windows", "unix").replace("no_systemd", "systemd");
                let found = places.entry(name.to_owned()).or_default();
                found.entry(half).or_insert(format!("{}:{n}", source.path));
            }
        }
    }
    places.retain(|_, files| files.len() > 1);
    let gone: Vec<&str> =
        REPEATED.iter().map(|(name, _)| *name).filter(|name| !places.contains_key(*name)).collect();
    assert!(gone.is_empty(), "declared once; take it from the list: {gone:?}");
    assert!(REPEATED.len() <= MOST_REPEATED, "{} names repeat", REPEATED.len());
    places.retain(|name, _| REPEATED.iter().all(|(allowed, _)| allowed != name));
    none(
        "one name for several types; give each a name of its own",
        places
            .iter()
            .map(|(name, files)| {
                let files: Vec<&str> = files.values().map(String::as_str).collect();
                format!("{name}: {}", files.join(", "))
            })
            .collect(),
    );
}

#[test]
fn declarations_of_types_are_found() {
    let found = [
        ("pub struct Host<'a> {", Some("Host")),
        ("    pub(super) enum Stage {", Some("Stage")),
        ("trait Reader: Send {", Some("Reader")),
        ("type Rows = Vec<Row>;", Some("Rows")),
        ("    type Output = u32;", None),
        ("let structure = Host {};", None),
        ("pub fn host() -> Host {", None),
    ];
    for (code, name) in found {
        assert_eq!(declared(code), name, "{code}");
    }
}

#[test]
fn systems_are_told_apart_in_few_places() {
    let conditions = ["cfg(", "cfg!(", "cfg_attr("];
    let systems = ["unix", "windows", "target_os", "target_family"];
    let (mut offenders, mut used) = (Vec::new(), BTreeSet::new());
    for (room, ..) in ROOMS.iter().filter(|(room, ..)| !room.starts_with("examples")) {
        for source in program(room) {
            let lines = source.code().filter(|(_, code)| {
                conditions.iter().any(|condition| code.contains(condition))
                    && systems.iter().any(|system| code.contains(system))
            });
            for (line, code) in lines {
                match SEAMS.iter().find(|(path, _)| source.path == *path) {
                    Some((path, _)) => _ = used.insert(*path),
                    None => offenders.push(format!("{}:{line}: {}", source.path, code.trim())),
                }
            }
        }
    }
    none("a system is named outside of the seams", offenders);
    let gone: Vec<_> = SEAMS.iter().filter(|(path, _)| !used.contains(path)).collect();
    assert!(gone.is_empty(), "no seam any more; take it from the list: {gone:?}");
}
