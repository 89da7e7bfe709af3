//! docs/reference/flags.md, the manual page and the completions: the command line, by its definition.

use crate::markdown::{self, code, table};
use clap::Arg;
use clap_complete::{Shell, generate};
use manytop::reference::command;

pub fn page() -> String {
    let mut command = command();
    command.build();
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let mut text = String::from("```\nmanytop [FLAG]...\n```\n\n");
    text += &table(["flag", "meaning"], shown.map(|arg| [flag(arg), meaning(arg)]));
    if let Some(after) = command.get_after_help() {
        for line in after.to_string().lines() {
            text += &format!("{line}\n\n");
        }
    }
    markdown::page("Flags", text.trim_end())
}

/// `-C FILE`, `--config FILE`
fn flag(arg: &Arg) -> String {
    let values = arg.get_num_args().filter(|_| arg.get_action().takes_values());
    let names = arg.get_value_names().unwrap_or_default().join(" ");
    let value = match values {
        Some(range) if range.min_values() == 0 => format!("[={names}]"),
        Some(_) => format!(" {names}"),
        None => String::new(),
    };
    let short = arg.get_short().map(|letter| format!("-{letter}{value}"));
    let long = arg.get_long().map(|word| format!("--{word}{value}"));
    short.iter().chain(&long).map(|flag| code(flag)).collect::<Vec<_>>().join(", ")
}

fn meaning(arg: &Arg) -> String {
    let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
    if !arg.get_action().takes_values() {
        return help;
    }
    let words = arg.get_possible_values();
    let words: Vec<_> = words.iter().map(|word| code(word.get_name())).collect();
    if words.is_empty() { help } else { format!("{help}: {}", words.join(", ")) }
}

pub fn manual() -> String {
    let mut text = Vec::new();
    clap_mangen::Man::new(command()).render(&mut text).unwrap();
    String::from_utf8(text).unwrap()
}

/// Completions by the names under which the shells look for them.
pub fn completions() -> Vec<(&'static str, String)> {
    let of = |(name, shell): (&'static str, Shell)| {
        let mut text = Vec::new();
        generate(shell, &mut command(), "manytop", &mut text);
        (name, String::from_utf8(text).unwrap())
    };
    [
        ("docs/completions/manytop.bash", Shell::Bash),
        ("docs/completions/_manytop", Shell::Zsh),
        ("docs/completions/manytop.fish", Shell::Fish),
    ]
    .map(of)
    .into()
}
