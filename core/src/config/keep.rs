//! Writes one key into the file that sets it, keeping comments and order, or else into a file beside
//! the others.

use super::{
    Config, Request, environment,
    files::{self, Origin},
    interpolate,
    key::{ConfigKey, KeyStyle},
};
use crate::{
    file::{self, Existing},
    options::{Shape, Spec},
    registry::Registry,
};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The file that keys go to which no file sets yet.
const BESIDE: &str = "90-screen";

impl Config {
    /// Writes a key into the file that sets it; into `conf.d/90-screen.conf` of the folder in use where none
    /// does. Returns the file. Nothing is read again.
    ///
    /// # Errors
    /// Says what is in the way and what to do.
    pub fn keep(
        &self,
        request: &Request,
        registry: &Registry,
        key: &str,
        spec: &Spec,
        value: &str,
    ) -> Result<PathBuf, String> {
        if request.piped.is_some() {
            return Err("the config came through a pipe; change what writes it".into());
        }
        let key = ConfigKey::cut(key);
        // the layers above hide where the files set the key
        let mut files_alone = Request { flags: Vec::new(), ..request.clone() };
        files_alone.environment.retain(|name, _| !environment::is_key(name));
        let written = Config::load(&files_alone, registry).map_err(|errors| errors.to_string())?;
        let in_file = |author| matches!(author, Origin::Own | Origin::Machine);
        let given = written.given.iter().find(|g| g.key == key && in_file(g.author));
        let known = given.and_then(|given| {
            let path = written.files.iter().find(|path| files::show(path) == *given.place.file)?;
            Some((path.clone(), given.place.line?))
        });
        let (path, line) = match known {
            Some((path, line)) => (path, Some(line)),
            None => written.beside(request).map(|path| (path, None))?,
        };
        let failed = |problem: String| format!("{}: {problem}", files::show(&path));
        let text = match file::read_text(&path, file::TEXT) {
            Ok(text) => text,
            Err(_) if !path.exists() => String::new(),
            Err(error) => return Err(failed(error.to_string())),
        };
        let style = match path.extension().is_some_and(|e| e.eq_ignore_ascii_case("toml")) {
            true => KeyStyle::Toml,
            false => KeyStyle::Conf,
        };
        let changed = with_key(&text, style, &key, spec.shape(), line, value).map_err(failed)?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(|e| failed(format!("cannot be written: {e}")))?;
        }
        file::replace(&path, changed.as_bytes(), Existing::Replace)
            .map_err(|e| failed(format!("cannot be written: {e}")))?;
        Ok(path)
    }

    /// The file for keys that no file sets.
    fn beside(&self, request: &Request) -> Result<PathBuf, String> {
        if request.file.is_some() || request.variable().is_some() {
            let first = self.files.first().cloned();
            return first.ok_or_else(|| "no config file to write to; start with -C FILE".into());
        }
        if self.files.first().is_some_and(|path| path.ends_with("gotop.conf")) {
            return Err(
                "gotop's config is in use; manytop --write-config makes one of its own".into()
            );
        }
        let own = request.folders().into_iter().next();
        let of_files = self.files.first().and_then(|path| path.parent()).map(|folder| {
            let inner = folder.file_name().is_some_and(|name| name == "conf.d");
            folder.parent().filter(|_| inner).unwrap_or(folder).to_owned()
        });
        let folder = of_files.or(own).ok_or("no home folder; name a config with -C")?;
        let beside = folder.join("conf.d");
        let toml = self.files.iter().any(|path| {
            path.parent() == Some(beside.as_path()) && path.extension().is_some_and(|e| e == "toml")
        });
        Ok(beside.join(format!("{BESIDE}.{}", if toml { "toml" } else { "conf" })))
    }
}

/// A text with a key set: in its line, else in a new one.
///
/// # Errors
/// The line is not as expected.
fn with_key(
    text: &str,
    style: KeyStyle,
    key: &ConfigKey,
    shape: Shape,
    line: Option<u32>,
    value: &str,
) -> Result<String, String> {
    if value.contains(['\n', '\r']) {
        return Err("a value is one line".into());
    }
    let written = match style {
        KeyStyle::Conf => interpolate::escape(value),
        KeyStyle::Toml => toml_value(shape, &interpolate::escape(value)),
    };
    let Some(line) = line else {
        let new = match style {
            KeyStyle::Conf => format!("{}={written}\n", key.show(style)),
            KeyStyle::Toml => format!("{} = {written}\n", key.show(style)),
        };
        return Ok(match style {
            KeyStyle::Conf if text.is_empty() || text.ends_with('\n') => format!("{text}{new}"),
            KeyStyle::Conf => format!("{text}\n{new}"),
            // a dotted key belongs to no table only above all of them
            KeyStyle::Toml => format!("{new}{text}"),
        });
    };
    let mut out = String::with_capacity(text.len() + written.len());
    let mut found = false;
    for (number, part) in (1..).zip(text.split_inclusive('\n')) {
        if number != line {
            out.push_str(part);
            continue;
        }
        let whole = part.trim_end_matches(['\n', '\r']);
        let end = &part[whole.len()..];
        let at = equals(whole, style).ok_or_else(|| unexpected(line))?;
        let (before, old) = whole.split_at(at + 1);
        let blank = old.len() - old.trim_start().len();
        out.push_str(before);
        out.push_str(&old[..blank]);
        out.push_str(&written);
        if style == KeyStyle::Toml {
            let rest = after_value(&old[blank..]).ok_or_else(|| unexpected(line))?;
            out.push_str(rest);
        }
        out.push_str(end);
        found = true;
    }
    if found { Ok(out) } else { Err(unexpected(line)) }
}

fn unexpected(line: u32) -> String {
    format!("line {line} cannot be changed from here; edit the file")
}

/// Where the `=` behind the key is.
fn equals(line: &str, style: KeyStyle) -> Option<usize> {
    let mut quote = None;
    line.char_indices().find_map(|(at, c)| {
        match (quote, c) {
            (None, '"' | '\'') if style == KeyStyle::Toml => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None, '=') => return Some(at),
            _ => {}
        }
        None
    })
}

/// What is behind a value of TOML that ends in its line: blanks and a comment. `None` for one that goes on.
fn after_value(text: &str) -> Option<&str> {
    let (mut quote, mut escaped, mut depth) = (None, false, 0_usize);
    if text.starts_with("\"\"\"") || text.starts_with("'''") {
        return None;
    }
    let mut end = text.len();
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some('"'), '\\') if !escaped => {
                escaped = true;
                continue;
            }
            (Some(open), c) if open == c && !escaped => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '[' | '{') => depth += 1,
            (None, ']' | '}') => depth = depth.checked_sub(1)?,
            (None, '#') => {
                end = at;
                break;
            }
            (None, _) => {}
        }
        escaped = false;
    }
    if quote.is_some() || depth > 0 {
        return None;
    }
    let value = text[..end].trim_end();
    Some(&text[value.len()..])
}

/// A value as TOML writes it for an option of that shape.
fn toml_value(shape: Shape, value: &str) -> String {
    let bare = match shape {
        Shape::Flag => matches!(value, "true" | "false"),
        Shape::Count | Shape::Duration => value.parse::<i64>().is_ok(),
        _ => false,
    };
    if bare {
        return value.to_owned();
    }
    let mut out = String::from("\"");
    for c in value.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c.is_control() => out += &format!("\\u{:04X}", u32::from(c)),
            c => out.push(c),
        }
    }
    out + "\""
}

/// The path of a file as messages show it.
pub fn shown(path: &Path) -> String {
    files::show(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn conf(text: &str, line: Option<u32>, value: &str) -> String {
        with_key(text, KeyStyle::Conf, &ConfigKey::cut("mbps"), Shape::Flag, line, value).unwrap()
    }

    #[test]
    fn a_line_is_changed_and_all_others_stay() {
        let text = "# mine\nlayout = procs\n  mbps = false\r\n# end";
        assert_eq!(conf(text, Some(3), "true"), "# mine\nlayout = procs\n  mbps = true\r\n# end");
        assert_eq!(conf("theme=dark", None, "true"), "theme=dark\nmbps=true\n");
        assert_eq!(conf("", None, "${X}"), "mbps=$${X}\n", "a variable is not meant");
        assert!(
            with_key("a", KeyStyle::Conf, &ConfigKey::cut("a"), Shape::Text, Some(9), "b").is_err()
        );
        assert!(
            with_key("a=1", KeyStyle::Conf, &ConfigKey::cut("a"), Shape::Text, Some(1), "b\nc")
                .is_err()
        );
    }

    #[test]
    fn a_key_goes_to_the_file_that_sets_it_even_under_a_flag() {
        let folder = std::env::temp_dir().join(format!("manytop-keep-{}", std::process::id()));
        fs::create_dir_all(folder.join("manytop")).unwrap();
        let main = folder.join("manytop/manytop.conf");
        fs::write(&main, "# mine\nmbps=false\n").unwrap();
        let registry = Registry::load(&crate::config::reserved_words()).unwrap();
        let mut request = Request { system: folder.join("none"), ..Request::bare() };
        request.environment.insert("XDG_CONFIG_HOME".into(), folder.clone().into());
        request.set_on_screen("mbps", Some("true"));
        let config = Config::load(&request, &registry).unwrap();
        let spec = crate::config::globals::MBPS.spec();
        let path = config.keep(&request, &registry, "mbps", spec, "true").unwrap();
        assert_eq!((path, &*fs::read_to_string(&main).unwrap()), (main, "# mine\nmbps=true\n"));
        let theme = crate::config::globals::THEME.spec();
        let path = config.keep(&request, &registry, "theme", theme, "dark").unwrap();
        assert_eq!(path, folder.join("manytop/conf.d/90-screen.conf"));
        assert_eq!(fs::read_to_string(&path).unwrap(), "theme=dark\n");
        request.set_on_screen("mbps", None);
        let read = Config::load(&request, &registry).unwrap();
        assert!(read.globals.get(&crate::config::globals::MBPS), "what was written is read");
        let states = read.key_states(&registry);
        let origin = |key: &str| states.iter().find(|s| s.key == key).unwrap().origin.clone();
        assert!(origin("theme").is_some_and(|at| at.ends_with("90-screen.conf:1")));
        assert_eq!(origin("layout"), None);
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn comments_behind_values_of_toml_stay() {
        let key = ConfigKey::named("widget", "procs", "sort");
        let change =
            |text: &str, shape, value| with_key(text, KeyStyle::Toml, &key, shape, Some(2), value);
        let text = "[widget.procs]\nsort = \"c#pu\"  # mine\n";
        assert_eq!(
            change(text, Shape::Text, "a\"b").unwrap(),
            "[widget.procs]\nsort = \"a\\\"b\"  # mine\n"
        );
        assert_eq!(
            change("[x]\n\"a=b\" = [\"c\", 'd]'] # e", Shape::List, "f,g").unwrap(),
            "[x]\n\"a=b\" = \"f,g\" # e"
        );
        for open in ["[x]\nsort = [\n\"a\"]", "[x]\nsort = \"\"\"a\nb\"\"\"\n"] {
            assert!(change(open, Shape::Text, "b").unwrap_err().contains("edit the file"));
        }
        let new =
            with_key("[x]\ny = 1\n", KeyStyle::Toml, &key, Shape::Flag, None, "true").unwrap();
        assert_eq!(new, "widget.procs.sort = true\n[x]\ny = 1\n");
    }
}
