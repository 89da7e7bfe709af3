//! docs/reference/flags.md and the completions: the command line, by its definition.

use crate::markdown::{self, code, table};
use clap::Arg;
use clap_complete::{Shell, generate};
use manytop::reference::command;

pub fn page() -> String {
    let mut command = command();
    command.build();
    let shown = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let mut text = String::from("```text\nmanytop [FLAG]...\n```\n\n");
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

/// Completions by the names under which the shells look for them.
pub fn completions() -> Vec<(&'static str, String)> {
    let of = |(name, shell): (&'static str, Shell)| {
        let mut text = Vec::new();
        generate(shell, &mut command(), "manytop", &mut text);
        (name, with_hosts(shell, &String::from_utf8(text).unwrap()))
    };
    [
        ("docs/completions/manytop.bash", Shell::Bash),
        ("docs/completions/_manytop", Shell::Zsh),
        ("docs/completions/manytop.fish", Shell::Fish),
    ]
    .map(of)
    .into()
}

/// The hosts of the user's ssh config, which are known when a word is completed.
fn with_hosts(shell: Shell, text: &str) -> String {
    match shell {
        Shell::Bash => text.to_owned() + BASH_HOSTS,
        Shell::Zsh => {
            let (first, rest) = text.split_once('\n').unwrap();
            let hosts = rest.replacen("one a line:_default'", "one a line:_manytop_hosts'", 1);
            assert_ne!(hosts, rest, "the place of the hosts is found");
            format!("{first}\n{ZSH_HOSTS}{hosts}")
        }
        Shell::Fish => text.to_owned() + FISH_HOSTS,
        _ => text.to_owned(),
    }
}

const BASH_HOSTS: &str = r#"
_manytop_with_hosts() {
    _manytop "$@"
    local word=${COMP_LINE:0:COMP_POINT} current=${COMP_WORDS[COMP_CWORD]} host
    word=${word##*[[:space:]]}
    [[ $word == -* || $word == @* ]] && return
    # of a word with colons the shell completes what stands behind the last one
    while read -r host; do
        [[ -n $host ]] && COMPREPLY+=("${host#"${word%"$current"}"}")
    done < <(compgen -W "$(manytop --list ssh 2>/dev/null | awk '{ print $1 }')" -- "$word")
}
complete -F _manytop_with_hosts -o bashdefault -o default manytop
"#;

const ZSH_HOSTS: &str = r#"
_manytop_hosts() {
    local -a hosts
    hosts=(${(f)"$(manytop --list ssh 2>/dev/null | awk '{ print $1 }')"})
    compadd -a hosts
    _default
}
"#;

const FISH_HOSTS: &str = "complete -c manytop -a \"(manytop --list ssh 2>/dev/null | \
    string match -r 'ssh://\\\\S+')\"\n";
