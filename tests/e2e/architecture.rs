//! The architecture invariants, read off the manifests and sources. Each failure names file and line.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};
use toml::Table;

/// Files that may be longer than 400 lines, and why.
const LONG: &[(&str, &str)] = &[
    ("widgets/tests/widgets/fleet.rs", "one scene of hosts, every key of its table"),
    ("tests/e2e/architecture.rs", "the rules of all packages, in one list"),
    ("providers/tests/remote_decoder.rs", "every trap of the format, beside the naive reader"),
    ("providers/tests/remote_transport.rs", "one server for all misbehaviours, a test each"),
];

/// Statics that hold state all the same, and why.
const SHARED: &[(&str, &str)] = &[
    (
        "providers/src/dialects/",
        "series keys, tables of files and watches that all remotes share: a plugin's `build` is handed nothing but options",
    ),
    (
        "providers/src/http/client.rs",
        "the HTTP clients that remotes of equal credentials share, for the same reason",
    ),
    (
        "providers/src/ssh/queue.rs",
        "the log-ins under way, of which all hosts share a few, for the same reason",
    ),
    (
        "src/tui/bindings/hooks.rs",
        "words of hooks for the table of keys, whose commands are static",
    ),
    ("src/lib.rs", "a panic hook has no other way to hand on what it was told"),
];

/// The most lines a source file has before it asks for a second one.
const MOST_LINES: usize = 400;

/// The rooms of the house: folder, package, which of the other packages it may import.
pub const ROOMS: &[(&str, &str, &[&str])] = &[
    ("core/plugin", "manytop-plugin", &[]),
    ("core", "manytop-core", &["manytop-plugin"]),
    ("core/recording", "manytop-recording", &["manytop-core", "manytop-plugin"]),
    // of core, providers use the bounded reader of files alone: it needs rustix
    ("providers", "manytop-providers", &["manytop-core", "manytop-plugin"]),
    ("widgets", "manytop-widgets", &["manytop-plugin"]),
    ("examples/ups", "manytop-ups", &["manytop-plugin"]),
    ("examples/with-ups", "manytop-with-ups", &["manytop", "manytop-ups"]),
    (
        "",
        "manytop",
        &[
            "manytop-core",
            "manytop-plugin",
            "manytop-providers",
            "manytop-recording",
            "manytop-widgets",
        ],
    ),
];

/// Crates that a room must not depend on, and words its code must not hold.
const FORBIDDEN: &[(&str, &[&str], &[&str])] = &[
    (
        "core/plugin",
        &[
            "ratatui",
            "crossterm",
            "reqwest",
            "hyper",
            "tokio",
            "config",
            "toml",
            "serde",
            "serde_json",
            "rustix",
        ],
        &["crossterm", "reqwest", "hyper", "tokio", "rustix", "TcpStream", "std::fs"],
    ),
    (
        "core",
        &["ratatui", "crossterm", "reqwest", "hyper", "sysinfo", "clap", "rustls"],
        &["crossterm", "reqwest", "hyper", "TcpStream", "manytop_providers", "manytop_widgets"],
    ),
    (
        "providers",
        &["ratatui", "ratatui-core", "crossterm"],
        &["ratatui", "ratatui_core", "crossterm", "manytop_widgets"],
    ),
    (
        "widgets",
        &["tokio", "reqwest", "sysinfo", "hyper", "crossterm"],
        &["tokio", "reqwest", "sysinfo", "crossterm", "manytop_providers"],
    ),
];

/// What a widget could read beside its arguments.
const OUTSIDE: &[&str] = &[
    "Moment::now",
    "Instant::now",
    "SystemTime",
    "std::env",
    "std::fs",
    "std::net",
    "std::process",
];

/// What only the one file does that touches the tty.
const TTY: &[&str] = &[
    "enable_raw_mode",
    "disable_raw_mode",
    "EnterAlternateScreen",
    "LeaveAlternateScreen",
    "EnableMouseCapture",
    "DisableMouseCapture",
    "tcsetattr",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A source file: its path from the root, and its lines without comments and without tests.
pub struct Source {
    pub path: String,
    text: String,
}

impl Source {
    /// Lines of code, numbered from 1: line comments are cut off.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text
            .lines()
            .enumerate()
            .map(|(n, line)| (n + 1, if is_comment(line) { "" } else { cut_comment(line) }))
    }

    /// Whether it is compiled for tests alone.
    pub fn is_test(&self) -> bool {
        let path = self.path.as_str();
        path.ends_with("tests.rs") || path.contains("/tests/") || path.starts_with("src/tui/sizes")
    }

    /// The lines that hold one of the words, as `file:line: word`.
    fn naming(&self, words: &[&str]) -> Vec<String> {
        self.code()
            .flat_map(|(n, code)| {
                words
                    .iter()
                    .filter(move |word| has_word(code, word))
                    .map(move |word| format!("{}:{n}: {word}", self.path))
            })
            .collect()
    }
}

fn is_comment(line: &str) -> bool {
    line.trim_start().starts_with("//")
}

fn cut_comment(line: &str) -> &str {
    line.split_once(" // ").map_or(line, |(code, _)| code)
}

/// Whether the text has it as a whole word.
fn has_word(code: &str, word: &str) -> bool {
    let part = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
    code.match_indices(word).any(|(at, _)| {
        !part(code[..at].chars().next_back()) && !part(code[at + word.len()..].chars().next())
    })
}

/// The sources of a room that end up in the program.
pub fn program(room: &str) -> Vec<Source> {
    let src = Path::new(room).join("src").display().to_string();
    sources(room).into_iter().filter(|source| source.path.starts_with(&src)).collect()
}

/// All Rust sources of a room, tests and examples of its own included.
fn sources(room: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders: Vec<PathBuf> = ["src", "tests", "benches", "examples"]
        .iter()
        .map(|folder| root().join(room).join(folder))
        .filter(|path| path.is_dir())
        .collect();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let path = path.strip_prefix(root()).unwrap().display().to_string();
                found.push(Source { path, text });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "no sources in {room:?}");
    found
}

fn manifest(room: &str) -> Table {
    let path = root().join(room).join("Cargo.toml");
    fs::read_to_string(&path).unwrap().parse().unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

#[track_caller]
pub fn none(what: &str, offenders: Vec<String>) {
    assert!(offenders.is_empty(), "{what}:\n  {}", offenders.join("\n  "));
}

#[test]
fn rooms_import_only_whom_they_may() {
    let mut offenders = Vec::new();
    for (room, package, may) in ROOMS {
        let manifest = manifest(room);
        assert_eq!(manifest["package"]["name"].as_str(), Some(*package), "{room}/Cargo.toml");
        let sections =
            [("dependencies", false), ("dev-dependencies", true), ("build-dependencies", false)];
        let names = sections
            .into_iter()
            .filter_map(|(section, tests)| Some((manifest.get(section)?.as_table()?, tests)))
            .flat_map(|(table, tests)| table.keys().map(move |name| (name, tests)));
        for (name, tests) in names {
            // The tests of plugins poll and draw through core's `testing`.
            let tested = tests && name == "manytop-core";
            if name.starts_with("manytop") && !tested && !may.contains(&name.as_str()) {
                offenders.push(format!("{room}/Cargo.toml: {package} imports {name}"));
            }
        }
    }
    none("an import that the architecture does not allow", offenders);
}

#[test]
fn the_package_in_core_is_not_called_core_and_members_are_the_known_rooms() {
    let workspace = manifest("");
    let members: BTreeSet<_> = workspace["workspace"]["members"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| m.as_str().unwrap())
        .collect();
    for room in ["core", "providers", "widgets"] {
        assert!(members.contains(room), "Cargo.toml: {room} is no member of the workspace");
    }
    assert_ne!(manifest("core")["package"]["name"].as_str(), Some("core"));
}

#[test]
fn rooms_do_not_name_what_is_not_theirs() {
    let mut offenders = Vec::new();
    for (room, crates, words) in FORBIDDEN {
        let manifest = manifest(room);
        for section in ["dependencies", "dev-dependencies"] {
            let table = manifest.get(section).and_then(|t| t.as_table());
            let names = table.into_iter().flat_map(|table| table.keys());
            let wrong = names.filter(|name| crates.contains(&name.as_str()));
            offenders.extend(wrong.map(|name| format!("{room}/Cargo.toml: [{section}] {name}")));
        }
        for source in sources(room) {
            offenders.extend(source.naming(words));
        }
    }
    none("a room names what is not its own", offenders);
}

#[test]
fn widgets_read_nothing_but_their_arguments() {
    none(
        "a widget reads something beside its arguments",
        program("widgets").iter().flat_map(|source| source.naming(OUTSIDE)).collect(),
    );
}

#[test]
fn every_crate_takes_the_shared_lints_and_unsafe_is_forbidden() {
    let workspace = manifest("");
    let lints = &workspace["workspace"]["lints"]["rust"];
    assert_eq!(lints["unsafe_code"].as_str(), Some("forbid"), "Cargo.toml: [workspace.lints.rust]");
    for (room, package, _) in ROOMS {
        let manifest = manifest(room);
        let shared = manifest.get("lints").and_then(|l| l.get("workspace")?.as_bool());
        assert_eq!(
            shared,
            Some(true),
            "{room}/Cargo.toml: {package} lacks [lints] workspace = true"
        );
    }
}

#[test]
fn state_has_one_owner() {
    let mut offenders = Vec::new();
    for (room, ..) in ROOMS {
        for source in &program(room) {
            offenders.extend(source.naming(&["static mut", "lazy_static", "once_cell"]));
            offenders.extend(source.code().filter_map(|(n, code)| {
                let declared = code.trim_start();
                let declared = declared.strip_prefix("pub ").unwrap_or(declared);
                let declared = declared.strip_prefix("pub(crate) ").unwrap_or(declared);
                // A constant table is no state; what can be changed, or is filled later, is.
                let holds = ["Mutex<", "RwLock<", "RefCell<"].iter().any(|h| code.contains(h))
                    || ((code.contains("OnceLock<") || code.contains("LazyLock<"))
                        && ["Map<", "Vec<", "Set<"].iter().any(|h| code.contains(h)));
                let excused = SHARED.iter().any(|(path, _)| source.path.starts_with(path));
                let global = declared.starts_with("static ") && holds && !excused;
                global.then(|| format!("{}:{n}: {declared}", source.path))
            }));
        }
    }
    none("global state", offenders);
}

#[test]
fn core_spawns_in_its_engine_only() {
    let core = program("core");
    let elsewhere = core.iter().filter(|source| !source.path.starts_with("core/src/engine/"));
    none(
        "core spawns outside of its engine",
        elsewhere.flat_map(|source| source.naming(&["spawn", "thread::Builder"])).collect(),
    );
}

#[test]
fn one_file_touches_the_tty() {
    let mut files = BTreeSet::new();
    let mut places = Vec::new();
    for (room, ..) in ROOMS {
        for source in &program(room) {
            let naming = source.naming(TTY);
            if !naming.is_empty() {
                files.insert(source.path.clone());
                places.extend(naming);
            }
        }
    }
    assert_eq!(
        files.len(),
        1,
        "one file touches the tty, not {}:\n  {}",
        files.len(),
        places.join("\n  ")
    );
    assert!(files.iter().all(|f| f.starts_with("src/")), "the tty belongs to src/: {files:?}");
}

#[test]
fn files_are_read_and_messages_are_written_in_one_place_each() {
    let readers = ["fs::read", "fs::read_to_string", "fs::write", "File::open", "File::create"];
    let mut offenders = Vec::new();
    for (room, ..) in ROOMS.iter().filter(|(room, ..)| !room.starts_with("examples")) {
        for mut source in program(room) {
            let tests = source.text.find("#[cfg(test)]").unwrap_or(source.text.len());
            source.text.truncate(tests);
            let path = source.path.as_str();
            let is_test = source.is_test();
            // a recording's own files are bounded by their format
            let is_bounded =
                path.starts_with("core/src/file/") || path.starts_with("core/recording/src/");
            if !is_bounded && !is_test {
                offenders.extend(source.naming(&readers));
            }
            if path != "src/messages.rs" {
                offenders.extend(source.naming(&["io::stderr", "println", "eprintln"]));
            }
        }
    }
    offenders.retain(|offender| !offender.starts_with("src/build.rs"));
    none("a file that is read without a bound, or a message that is not masked", offenders);
}

#[test]
fn plugins_are_linked() {
    let code = program("");
    for link in ["use manytop_providers as _;", "use manytop_widgets as _;"] {
        let linked = code.iter().any(|s| s.code().any(|(_, code)| code.contains(link)));
        assert!(linked, "nothing in src/ says `{link}`: its plugins vanish from the binary");
    }
}

#[test]
fn every_file_says_what_it_is() {
    let mut offenders = Vec::new();
    for (room, ..) in ROOMS {
        for source in sources(room) {
            let first =
                source.text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
            if !first.starts_with("//!") {
                offenders.push(format!("{}:1: {first}", source.path));
            }
        }
    }
    none("a file that does not begin with `//!`, saying why it exists", offenders);
}

#[test]
fn files_have_one_reason_to_exist() {
    let mut offenders = Vec::new();
    let mut excused: BTreeSet<&str> = LONG.iter().map(|(path, _)| *path).collect();
    for (room, ..) in ROOMS {
        for source in sources(room) {
            let lines = source.text.lines().count();
            if lines > MOST_LINES && !excused.remove(source.path.as_str()) {
                offenders.push(format!("{}: {lines} lines", source.path));
            }
        }
    }
    none("files past 400 lines: which second thing moved in?", offenders);
    assert!(excused.is_empty(), "excused, but short or gone: {excused:?}");
}

#[test]
fn words_are_found_as_wholes_and_outside_comments() {
    let text =
        "// tokio\nuse tokio::net;\nlet tokiox = 1; // tokio\nlet x = \"tokio\";\n".to_owned();
    let source = Source { path: "x.rs".to_owned(), text };
    assert_eq!(source.naming(&["tokio"]), ["x.rs:2: tokio", "x.rs:4: tokio"]);
}
