//! The flags that are only another way to write a key of the config.

/// Flags that set a key: flag, letter, key, the value of a switch (`None`: it takes one), help.
pub type SettingFlag =
    (&'static str, Option<char>, &'static str, Option<&'static str>, &'static str, &'static str);
/// What the screen shows.
pub const SCREEN: &[SettingFlag] = &[
    ("color", Some('c'), "theme", None, "NAME", "Colours: a theme (--list colorschemes)"),
    ("layout", Some('l'), "layout", None, "NAME", "Layout: a name or a file, - for standard input"),
    ("rate", Some('r'), "updateinterval", None, "TIME", "How often to look: 1s, 500ms"),
    (
        "graphscale",
        Some('S'),
        "graphhorizontalscale",
        None,
        "N",
        "Horizontal scale of graphs, from 1",
    ),
    (
        "interface",
        Some('i'),
        "netinterface",
        None,
        "NAMES",
        "Network interfaces, !NAME to leave out",
    ),
    ("averagecpu", Some('a'), "averagecpu", Some("true"), "", "Show the mean of all processors"),
    (
        "no-averagecpu",
        None,
        "averagecpu",
        Some("false"),
        "",
        "Leave out the mean of all processors",
    ),
    ("percpu", Some('p'), "percpuload", Some("true"), "", "Show each processor"),
    ("no-percpu", None, "percpuload", Some("false"), "", "Leave out the single processors"),
    ("statusbar", Some('s'), "statusbar", Some("true"), "", "Show the status bar"),
    ("no-statusbar", None, "statusbar", Some("false"), "", "Leave out the status bar"),
    ("mbps", None, "mbps", Some("true"), "", "Network rates in bits a second"),
    ("bytes", None, "mbps", Some("false"), "", "Network rates in bytes a second"),
    ("fahrenheit", Some('f'), "tempscale", Some("F"), "", "Temperatures in Fahrenheit"),
    ("celsius", None, "tempscale", Some("C"), "", "Temperatures in Celsius"),
];

/// What is served to others.
pub const EXPORTER: &[SettingFlag] = &[
    (
        "export",
        Some('x'),
        "metricsexportport",
        None,
        "ADDR",
        "Export metrics: :8089 for this machine only, 0.0.0.0:8089 for the network",
    ),
    (
        "export-names",
        None,
        "exportnames",
        None,
        "FAMILIES",
        "Names to export: gotop, node, manytop [default: gotop,node,manytop]",
    ),
    (
        "export-processes",
        None,
        "exportprocesses",
        Some("true"),
        "",
        "Export processes too, without their command lines",
    ),
    (
        "export-remotes",
        None,
        "exportremotes",
        Some("true"),
        "",
        "Export what is read of remotes too, for another manytop to read as many",
    ),
    (
        "headless",
        None,
        "headless",
        Some("true"),
        "",
        "No screen: export (-x), record (--record), or send alerts where their rules say",
    ),
];

/// All of them.
pub fn all() -> impl Iterator<Item = &'static SettingFlag> {
    SCREEN.iter().chain(EXPORTER)
}
