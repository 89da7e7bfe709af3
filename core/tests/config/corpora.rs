//! `valid/*` and `invalid/*` each have an `.expected` beside them; with `MANYTOP_BLESS=1` in the environment it
//! is written again.

use crate::folder::{Folder, PASSWORD, dump, load};
use manytop_core::config::Config;
use std::{
    fs,
    path::{Path, PathBuf},
};

fn corpus(folder: &str, say: impl Fn(&Path) -> String) {
    let folder = Path::new("tests/config").join(folder);
    let mut files: Vec<PathBuf> =
        fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e != "expected"));
    files.sort();
    assert!(files.len() > 5);
    for file in files {
        let said = say(&file).replace(&format!("{}/", folder.display()), "");
        let expected = PathBuf::from(format!("{}.expected", file.display()));
        if std::env::var_os("MANYTOP_BLESS").is_some() {
            fs::write(&expected, &said).unwrap();
        }
        let expected = fs::read_to_string(&expected).unwrap_or_default();
        assert_eq!(said, expected, "{}", file.display());
    }
}

#[test]
fn valid_configs_mean_what_they_say() {
    corpus("valid", |file| match load(file) {
        Ok(config) => dump(&config),
        Err(errors) => panic!("{errors}"),
    });
}

#[test]
fn invalid_configs_get_the_exact_messages() {
    corpus("invalid", |file| {
        let said = load(file).unwrap_err().to_string();
        for secret in [PASSWORD, "supersecret", "12345678"] {
            assert!(!said.contains(secret), "{} gives a secret away: {said}", file.display());
        }
        said + "\n"
    });
}

#[test]
fn a_written_config_says_the_same_and_no_secret_more() {
    let files = [
        "seed.conf",
        "names.conf",
        "names.toml",
        "urls.conf",
        "globals.conf",
        "options.conf",
        "options.toml",
        "all.conf",
        "variables.conf",
        "variables.toml",
        "empty.conf",
    ];
    let folder = Folder::new();
    for file in files {
        let first = load(&Path::new("tests/config/valid").join(file)).unwrap();
        let written = first.to_conf();
        assert!(!written.contains(PASSWORD), "{written}");
        let again = folder.load(&written).unwrap_or_else(|e| panic!("{file}: {e}\n{written}"));
        let plain = |config: &Config| {
            let mut config = config.clone();
            config.instances.iter_mut().for_each(|i| i.place = None);
            config.notes.clear();
            dump(&config)
        };
        assert_eq!(plain(&first), plain(&again), "{file}");
        assert_eq!(written, again.to_conf(), "{file}: written twice, it is the same");
    }
    let variables = load(Path::new("tests/config/valid/variables.conf")).unwrap().to_conf();
    assert!(variables.contains("\nremote-Jerry-password=${PASSWORD}\n"), "{variables}");
    let toml = folder
        .write("odd.toml", "[remote.\"a=b\"]\nurl = 'http://h/'\n[ups.x]\ndevice = \"a\\nb\"\n");
    let odd = folder.said(load(&toml).unwrap().to_conf());
    assert!(
        odd.contains("# \"remote-a=b-url\" cannot be written in this format; see odd.toml:2\n")
    );
    assert!(odd.contains("# \"ups-x-device\" cannot be written in this format; see odd.toml:4\n"));
}

#[test]
fn mutated_configs_are_refused_or_read_and_never_panic() {
    let folder = Folder::new();
    let mut state = 7_u64;
    let mut below = |bound: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % bound.max(1)
    };
    for corpus in ["valid", "invalid"] {
        for entry in fs::read_dir(Path::new("tests/config").join(corpus)).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|e| e == "expected") {
                continue;
            }
            let whole = fs::read(&path).unwrap();
            for _ in 0..60 {
                let mut text = whole.clone();
                for _ in 0..=below(4) {
                    let at = below(text.len());
                    match below(3) {
                        0 => text.truncate(at),
                        1 => {
                            text.insert(at.min(text.len()), b"=-.[]\"'#\n\r$@*\x00\xff"[below(15)])
                        }
                        _ if text.is_empty() => {}
                        _ => drop(text.remove(at)),
                    }
                }
                let name = format!("mutant.{}", path.extension().unwrap().to_string_lossy());
                if let Ok(config) = load(&folder.write(&name, text)) {
                    config.to_conf();
                }
            }
        }
    }
}
