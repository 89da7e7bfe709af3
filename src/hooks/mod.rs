//! Hooks: programs that a key starts, with facts of what is under the cursor as whole arguments.
//!
//! No shell reads them, and a value that a remote has sent never becomes an option: one that begins with `-`
//! is refused.

mod start;

pub use start::{in_background, on_terminal};

use manytop_core::{
    config::{Config, hook as keys},
    registry::Registry,
    source::Source,
    spelling::nearest,
};
use std::{collections::HashMap, sync::Arc};

/// What is under the cursor when a hook is started.
#[derive(Clone, PartialEq, Default, Debug)]
pub struct HookContext {
    /// The host.
    pub source: Option<Source>,
    /// The device, and the kind's word.
    pub device: Option<(Arc<str>, &'static str)>,
    /// The instant that the screen shows, RFC 3339.
    pub time: String,
}

/// A hook of the config.
#[derive(Clone, PartialEq, Debug)]
pub struct Hook {
    /// Its NAME.
    pub name: Arc<str>,
    /// The program and its arguments, with placeholders.
    pub run: Vec<String>,
    /// Its keys, between blanks.
    pub key: String,
    /// The widget that has to have the keys.
    pub widget: Option<&'static str>,
    /// It takes the terminal.
    pub screen: bool,
    /// It is asked for first.
    pub confirm: bool,
    /// What it does.
    pub about: String,
}

/// A program that is to be started.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HookOrder {
    /// The hook's NAME.
    pub name: Arc<str>,
    /// The program and its arguments.
    pub program: Vec<String>,
    /// It takes the terminal.
    pub screen: bool,
}

/// The words that stand for something.
const PLACEHOLDERS: [&str; 5] = ["{host}", "{address}", "{pid}", "{device}", "{time}"];

/// The hooks of a config.
///
/// # Errors
/// All that is wrong, with file, line and key.
pub fn from_config(config: &Config, registry: &Registry) -> Result<Vec<Hook>, Vec<String>> {
    let (mut hooks, mut errors) = (Vec::new(), Vec::new());
    for named in config.section("hook").filter(|named| &*named.name != "*") {
        let options = &named.options;
        let run = options.get(&keys::RUN).unwrap_or_default().0;
        if run.is_empty() {
            let place = named.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
            errors.push(format!(
                "{place}hook {0} has no program; add hook-{0}-run=PROGRAM ARGS",
                named.name
            ));
            continue;
        }
        for argument in &run {
            if let Some(problem) = wrong(argument, argument == &run[0]) {
                errors.push(config.section_error(named, keys::RUN.spec(), &problem));
            }
        }
        let word = options.get(&keys::BOX);
        let widget = word.as_deref().and_then(|word| registry.widget(word)).map(|w| w.name());
        if let (Some(word), None) = (&word, widget) {
            let words = registry.widgets().iter().map(|widget| widget.name());
            let near = nearest(word, words).map(|near| format!("; did you mean {near:?}?"));
            let problem = format!("unknown box {word:?}{}", near.unwrap_or_default());
            errors.push(config.section_error(named, keys::BOX.spec(), &problem));
        }
        hooks.push(Hook {
            name: named.name.clone(),
            about: options.get(&keys::ABOUT).unwrap_or_else(|| run.join(" ")),
            run,
            key: options.get(&keys::KEY),
            widget,
            screen: options.get(&keys::SCREEN),
            confirm: options.get(&keys::CONFIRM),
        });
    }
    if errors.is_empty() { Ok(hooks) } else { Err(errors) }
}

/// What is wrong with an argument of the config.
fn wrong(argument: &str, is_program: bool) -> Option<String> {
    let holds = PLACEHOLDERS.iter().find(|word| argument.contains(**word));
    if let Some(word) = holds {
        return match (is_program, argument == *word) {
            (true, _) => Some(format!("the program cannot be {word}")),
            (_, true) => None,
            (_, false) => Some(format!("{word} is a whole argument, not a part of {argument:?}")),
        };
    }
    let inner = argument.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'))?;
    let is_word = !inner.is_empty() && inner.bytes().all(|b| b.is_ascii_lowercase());
    let all = PLACEHOLDERS.join(" ");
    is_word.then(|| format!("unknown placeholder {argument:?}; known are {all}"))
}

impl Hook {
    /// Whether the program is told of which host the process under the cursor is.
    fn names_host(&self) -> bool {
        self.run.iter().any(|argument| argument == "{host}" || argument == "{address}")
    }

    /// The program with its arguments, for what is under the cursor.
    ///
    /// # Errors
    /// A fact that it needs is missing, or a value looks like an option.
    pub fn order(
        &self,
        context: &HookContext,
        addresses: &HashMap<Source, String>,
    ) -> Result<HookOrder, String> {
        let mut program = Vec::with_capacity(self.run.len());
        for argument in &self.run {
            let source = || context.source.as_ref().ok_or("no host is under the cursor");
            let value = match argument.as_str() {
                "{host}" => source()?.name().to_owned(),
                "{address}" => match source()? {
                    Source::Local => "localhost".to_owned(),
                    source => addresses
                        .get(source)
                        .cloned()
                        .ok_or_else(|| format!("the address of {source} is not known"))?,
                },
                "{pid}" if !self.names_host() && context.source != Some(Source::Local) => {
                    return Err("the process is of another host; name {host} in the hook".into());
                }
                "{pid}" => match &context.device {
                    Some((pid, "process")) if pid.bytes().all(|b| b.is_ascii_digit()) => {
                        pid.to_string()
                    }
                    _ => return Err("no process is under the cursor".into()),
                },
                "{device}" => match &context.device {
                    Some((device, _)) => device.to_string(),
                    None => return Err("no device is under the cursor".into()),
                },
                "{time}" => context.time.clone(),
                own => {
                    program.push(own.to_owned());
                    continue;
                }
            };
            if value.starts_with('-') || value.is_empty() || value.contains(char::is_control) {
                return Err(format!(
                    "{argument} is {value:?}; a value that could be read as an option is refused"
                ));
            }
            program.push(value);
        }
        Ok(HookOrder { name: self.name.clone(), program, screen: self.screen })
    }
}

/// The host of an address: of a URL, what is between `//` and the port.
pub fn host_of(address: &str) -> Option<String> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next()?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split_once(']')?.0,
        None => authority.rsplit_once(':').map_or(authority, |(host, _)| host),
    };
    (!host.is_empty()).then(|| host.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hook(run: &[&str]) -> Hook {
        Hook {
            name: "h".into(),
            run: run.iter().map(|word| (*word).to_owned()).collect(),
            key: String::new(),
            widget: None,
            screen: false,
            confirm: false,
            about: String::new(),
        }
    }

    fn context(host: &str, device: &str) -> HookContext {
        HookContext {
            source: Some(Source::named(host)),
            device: Some((device.into(), "process")),
            time: "2026-11-25T03:12:00Z".into(),
        }
    }

    #[test]
    fn placeholders_become_whole_arguments() {
        let addresses = HashMap::from([(Source::named("db"), "10.0.0.1".to_owned())]);
        let order = hook(&["ssh", "{host}", "{address}", "strace -p", "{pid}", "{time}"])
            .order(&context("db", "42"), &addresses)
            .unwrap();
        let expected = ["ssh", "db", "10.0.0.1", "strace -p", "42", "2026-11-25T03:12:00Z"];
        assert_eq!(order.program, expected);
        let spaced = hook(&["ssh", "{host}"]).order(&context("a b; $(c)", "1"), &addresses);
        assert_eq!(spaced.unwrap().program, ["ssh", "a b; $(c)"], "one argument, no shell");
    }

    #[test]
    fn a_value_from_a_remote_never_becomes_an_option() {
        let none = HashMap::new();
        let ssh = hook(&["ssh", "{host}"]);
        for name in ["-oProxyCommand=touch /tmp/x", "--help", "-"] {
            let refused = ssh.order(&context(name, "1"), &none).unwrap_err();
            assert!(refused.contains("read as an option"), "{name}: {refused}");
        }
        let strace = hook(&["strace", "-p", "{pid}"]);
        assert!(strace.order(&context("local", "-1"), &none).is_err());
        assert!(strace.order(&context("local", "1;2"), &none).is_err());
        assert!(strace.order(&context("local", "12"), &none).is_ok());
        let other = strace.order(&context("a", "12"), &none).unwrap_err();
        assert!(other.contains("of another host"), "a pid of another host: {other}");
        let device = hook(&["x", "{device}"]);
        assert!(device.order(&context("a", "-rf"), &none).is_err());
        let address = hook(&["ssh", "{address}"]).order(&context("a", "1"), &none);
        assert_eq!(address.unwrap_err(), "the address of a is not known");
    }

    #[test]
    fn a_part_of_an_argument_is_not_replaced() {
        assert_eq!(wrong("{host}", false), None);
        assert!(wrong("root@{host}", false).unwrap().contains("a whole argument"));
        assert!(wrong("{host}", true).is_some());
        assert!(wrong("{hots}", false).unwrap().contains("unknown placeholder"));
        assert_eq!(wrong("{}", false), None);
        assert_eq!(wrong("{\"a\": 1}", false), None);
    }

    #[test]
    fn the_host_of_an_address_is_found() {
        for (address, host) in [
            ("https://h.example:9100/metrics?x", Some("h.example")),
            ("http://[fe80::1]:9100/", Some("fe80::1")),
            ("http://u:p@h/", Some("h")),
            ("h:1", Some("h")),
            ("http:///x", None),
        ] {
            assert_eq!(host_of(address).as_deref(), host, "{address}");
        }
    }
}
