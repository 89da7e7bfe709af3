//! The options and commands of the list.

use super::process::Grouping;
use manytop_plugin::{
    options::{Opt, Spec},
    widget::Command,
};

pub static SORT: Opt<String> =
    Opt::<String>::with_default("sort", "cpu", "The column that it is sorted by at first");
pub static COLUMNS: Opt<Vec<String>> = Opt::<Vec<String>>::with_default(
    "columns",
    "",
    "The columns to show, in their order; the usual ones if none is named",
);
pub static GROUP: Opt<String> =
    Opt::<String>::one_of("group", &Grouping::WORDS, "none", "How it is grouped at first");
pub static TREE: Opt<bool> =
    Opt::<bool>::with_default("tree", "false", "Whether it is a tree at first");
pub static FOLDED: Opt<bool> =
    Opt::<bool>::with_default("folded", "false", "Whether the tree is folded at first");
pub static KERNEL: Opt<bool> =
    Opt::<bool>::with_default("kernel", "true", "Whether threads of the kernel are shown at first");
pub static THREADS: Opt<bool> = Opt::<bool>::with_default(
    "threads",
    "false",
    "Whether the threads of processes are shown at first",
);

pub static OPTIONS: &[&Spec] = &[
    SORT.spec(),
    COLUMNS.spec(),
    GROUP.spec(),
    TREE.spec(),
    FOLDED.spec(),
    KERNEL.spec(),
    THREADS.spec(),
];

#[rustfmt::skip]
pub static COMMANDS: &[Command] = &[
    Command::new("details", "Enter", "details of the process under the cursor, and back").hint("details"),
    Command::new("signal", "d F9", "send a signal to this or the marked processes, after asking").hint("signal"),
    Command::new("tree", "t F5", "a tree, or a list").hint("tree"),
    Command::new("filter", "/ F4", "filter: part of a name, or cpu>20 & user!=root").hint("filter"),
    Command::new("search", "F3", "move to what matches, and again to the next").hint("search"),
    Command::new("sort_choose", "F6", "choose the column to sort by").hint("sort"),
    Command::new("watch", "w", "tell when this process ends; again: no longer"),
    Command::new("mark", "Space", "mark the row under the cursor, or no longer").hint("mark"),
    Command::new("unmark", "U", "unmark all"),
    Command::new("columns", "C", "choose columns and their order").hint("columns"),
    Command::new("nicer", "F7", "priority up: niceness down, after asking"),
    Command::new("nice", "F8", "priority down: niceness up, after asking"),
    Command::new("sort_cpu", "c", "sort by cpu; again: the other way"),
    Command::new("sort_mem", "m", "sort by memory; again: the other way"),
    Command::new("sort_pid", "p", "sort by pid; again: the other way"),
    Command::new("sort_name", "n", "sort by name; again: the other way"),
    Command::new("sort_next", "s", "sort by the next column"),
    Command::new("sort_previous", "S", "sort by the column before"),
    Command::new("reverse", "r", "sort the other way round"),
    Command::new("group", "Tab", "group by name, container, unit, or not"),
    Command::new("fold", "Left", "tree: fold what is below the cursor, or go to its parent"),
    Command::new("unfold", "Right", "tree: unfold it"),
    Command::new("fold_all", "*", "tree: fold all, or unfold all"),
    Command::new("user", "u", "show the processes of one user"),
    Command::new("follow", "F", "follow this process, wherever it is sorted"),
    Command::new("kernel", "K", "show or hide threads of the kernel"),
    Command::new("threads", "H", "show or hide the threads of processes"),
    Command::new("environment", "e", "details: the environment, and back"),
    Command::new("files", "O", "details: open files, and back"),
];
