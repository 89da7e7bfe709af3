//! The hosts that the user's ssh config names, to be offered where one is to be chosen.
//!
//! Read are `Host` and `HostName` of `~/.ssh/config` and of the files that it includes. Patterns are no
//! hosts. What a host is, ssh itself decides when it is asked.

use manytop_core::file;
use manytop_plugin::{glob, options::Arguments};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// A host of the config.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SshConfigHost {
    /// The address under which it is read.
    pub url: String,
    /// `HostName`, where there is one.
    pub address: Option<String>,
}

/// Files that include others, one within the other.
const DEEPEST: usize = 8;

/// The hosts of the user's own config, in the order of their names; none where there is no such file.
pub fn hosts() -> Vec<SshConfigHost> {
    let home = file::home().filter(|home| !home.is_empty()).map(PathBuf::from);
    home.map(|home| of_folder(&home.join(".ssh"))).unwrap_or_default()
}

fn of_folder(folder: &Path) -> Vec<SshConfigHost> {
    let mut names = BTreeMap::new();
    read(folder, &folder.join("config"), 0, &mut names);
    let host = |(name, address)| SshConfigHost { url: format!("ssh://{name}"), address };
    names.into_iter().map(host).collect()
}

fn read(folder: &Path, path: &Path, depth: usize, names: &mut BTreeMap<String, Option<String>>) {
    let Ok(text) = file::read_text(path, file::TEXT) else { return };
    let mut current: Vec<String> = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        let (key, value) =
            line.split_once(|c: char| c.is_whitespace() || c == '=').unwrap_or((line, ""));
        let value = value.trim_start_matches(|c: char| c.is_whitespace() || c == '=').trim();
        let words = Arguments::parse(value).unwrap_or_default().0;
        let mut words = words.iter().map(String::as_str);
        match &*key.to_ascii_lowercase() {
            "host" => {
                current = words.filter(|word| is_name(word)).map(str::to_owned).collect();
                current.iter().for_each(|name| _ = names.entry(name.clone()).or_default());
            }
            "match" => current.clear(),
            "hostname" => {
                let address = words.next().filter(|word| is_name(word));
                for name in &current {
                    if let Some(known @ None) = names.get_mut(name) {
                        *known = address.map(str::to_owned);
                    }
                }
            }
            "include" if depth < DEEPEST => {
                for word in words {
                    for path in included(folder, word) {
                        read(folder, &path, depth + 1, names);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The files of an `Include`, which may have a pattern in its last name.
fn included(folder: &Path, word: &str) -> Vec<PathBuf> {
    let path = match word.strip_prefix("~/") {
        Some(below) => folder.parent().unwrap_or(folder).join(below),
        None => folder.join(word),
    };
    let pattern = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    if !pattern.contains(['*', '?']) {
        return vec![path];
    }
    let Some(parent) = path.parent() else { return Vec::new() };
    let entries = fs::read_dir(parent).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    let mut found: Vec<_> = names.filter(|name| glob::matches(pattern, name)).collect();
    found.sort();
    found.iter().map(|name| parent.join(name)).collect()
}

/// A word that names one host.
fn is_name(word: &str) -> bool {
    let fine = |c: char| c.is_ascii_alphanumeric() || ".-_:%".contains(c);
    !word.is_empty() && !word.starts_with('-') && word.chars().all(fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_in_the_config_and_what_it_includes_and_patterns_are_not_hosts() {
        let home = std::env::temp_dir().join(format!("manytop-ssh-config-{}", std::process::id()));
        let folder = home.join(".ssh");
        fs::create_dir_all(folder.join("conf.d")).unwrap();
        let config = "# mine\nInclude conf.d/*.conf none\nHost web1 web-* !web2 \"db 1\"\n  HostName 10.0.0.1\n\
            Host=*\n  User root\nMatch all\n  HostName x\nhost pi ${x}\n\tHostname=pi.lan\n";
        fs::write(folder.join("config"), config).unwrap();
        fs::write(folder.join("conf.d/a.conf"), "Host nas\nInclude config\n").unwrap();
        fs::write(folder.join("conf.d/b.txt"), "Host other\n").unwrap();
        let found: Vec<_> = of_folder(&folder).into_iter().map(|h| (h.url, h.address)).collect();
        let host = |url: &str, address: Option<&str>| (url.to_owned(), address.map(str::to_owned));
        assert_eq!(
            found,
            [
                host("ssh://nas", None),
                host("ssh://pi", Some("pi.lan")),
                host("ssh://web1", Some("10.0.0.1")),
            ]
        );
        assert!(of_folder(Path::new("/nowhere")).is_empty());
        fs::remove_dir_all(&home).unwrap();
    }
}
