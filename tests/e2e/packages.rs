//! The packages of the workspace, as others depend on them: what they pull in, what they say of themselves, and that
//! a plugin of yesterday compiles.

use crate::{
    home::{Home, example},
    once::Once,
};
use std::{collections::BTreeSet, fs, path::Path, process::Command};
use toml::Table;

/// What an author of a plugin must not have to build.
const HEAVY: [&str; 14] = [
    "clap",
    "config",
    "crossterm",
    "hyper",
    "mio",
    "reqwest",
    "rustix",
    "rustls",
    "serde",
    "serde_json",
    "sysinfo",
    "tokio",
    "toml",
    "url",
];

/// The packages that others can depend on: folder and name.
const PUBLISHED: [(&str, &str); 6] = [
    ("core/plugin", "manytop-plugin"),
    ("core", "manytop-core"),
    ("core/recording", "manytop-recording"),
    ("providers", "manytop-providers"),
    ("widgets", "manytop-widgets"),
    ("", "manytop"),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn manifest(folder: &str) -> Table {
    fs::read_to_string(root().join(folder).join("Cargo.toml")).unwrap().parse().unwrap()
}

#[test]
fn an_author_of_a_plugin_builds_few_packages() {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["tree", "--locked", "--package", "manytop-plugin", "--edges", "normal,build"]);
    let done =
        cargo.args(["--prefix", "none", "--format", "{p}"]).current_dir(root()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let tree = String::from_utf8(done.stdout).unwrap();
    let names: BTreeSet<&str> =
        tree.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.contains("ratatui-core"), "{tree}");
    let heavy: Vec<_> = HEAVY.iter().filter(|name| names.contains(**name)).collect();
    assert!(heavy.is_empty(), "manytop-plugin depends on {heavy:?}:\n{tree}");
}

#[test]
fn packages_say_what_they_are() {
    let workspace = manifest("");
    let shared = &workspace["workspace"]["package"];
    for (folder, name) in PUBLISHED {
        let package = &manifest(folder)["package"];
        assert_eq!(package["name"].as_str(), Some(name));
        for key in [
            "authors",
            "categories",
            "description",
            "edition",
            "include",
            "keywords",
            "license",
            "readme",
            "rust-version",
            "version",
        ] {
            let own = package.get(key).unwrap_or_else(|| panic!("{folder}/Cargo.toml: no {key}"));
            let is_shared = own.get("workspace").is_some();
            assert!(!is_shared || shared.get(key).is_some(), "Cargo.toml: no shared {key}");
        }
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            let text = fs::read_to_string(root().join(folder).join(licence));
            assert_eq!(text.unwrap(), fs::read_to_string(root().join(licence)).unwrap());
        }
    }
    // a package in a registry names the versions of its siblings
    for (_, name) in PUBLISHED {
        let sibling = &workspace["workspace"]["dependencies"][name];
        assert_eq!(sibling["version"], shared["version"], "Cargo.toml: {name}");
    }
}

#[test]
fn every_package_packs() {
    let home = Home::new();
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.args(["package", "--locked", "--offline", "--no-verify", "--allow-dirty", "--workspace"]);
    cargo.args(["--exclude", "manytop-ups", "--exclude", "manytop-with-ups", "--target-dir"]);
    let done = cargo.arg(home.path()).current_dir(root()).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{said}");
    let packed: BTreeSet<_> = fs::read_dir(home.path().join("package"))
        .unwrap()
        .flatten()
        .collect::<Vec<_>>()
        .iter()
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    for (_, name) in PUBLISHED {
        let file = format!("{name}-{}.crate", env!("CARGO_PKG_VERSION"));
        assert!(packed.contains(&file), "no {file} in {packed:?}");
    }
}

#[test]
fn the_smallest_plugin_compiles_and_is_shown() {
    let (home, program) = (Home::new(), example("minimal"));
    let listed = home.run_program(&program, &["--list", "providers"]).expect(0).stdout;
    assert!(listed.lines().any(|line| line.contains("A die that always shows six.")), "{listed}");
    let once = Once::read(home.run_program(&program, &["--once=json"]).expect(0));
    assert_eq!(once.value("local", "dice", "die", "eyes"), 6.0);
    home.write("dice.layout", "dice\n");
    let args = ["--once", "--size", "40x5", "-l", "./dice.layout"];
    let frame = home.run_program(&program, &args).expect(0).stdout;
    assert!(frame.contains("a die") && frame.contains("6 eyes"), "{frame}");
}
