//! docs/manytop.1, the manual page: flags by their definition, keys by theirs, and what both do not say.

use manytop::reference::{Bindings, Scope, command};
use manytop_core::{config::GLOBALS, registry::Registry};

pub fn page(registry: &Registry) -> String {
    let mut text = Vec::new();
    let man = clap_mangen::Man::new(command());
    man.render_title(&mut text).unwrap();
    man.render_name_section(&mut text).unwrap();
    man.render_synopsis_section(&mut text).unwrap();
    man.render_description_section(&mut text).unwrap();
    man.render_options_section(&mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    // each section comes with the same two lines of its own
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let (preamble, sections) = lines.split_at(2);
    let mut text: String = preamble.concat();
    text.extend(sections.iter().filter(|line| !preamble.contains(line)).copied());
    text += &keys(registry);
    text += CONFIGURATION;
    for spec in GLOBALS.iter().map(|global| global.spec()) {
        text += &entry(spec.name(), spec.help());
    }
    text += REST;
    text
}

/// The keys of the screen, by scope.
fn keys(registry: &Registry) -> String {
    let bindings = Bindings::new(registry, &[]).unwrap();
    let mut text = String::from(".SH KEYS\n");
    let mut last: Option<Scope> = None;
    let mut scopes: Vec<Scope> = Vec::new();
    for binding in bindings.all() {
        if !scopes.contains(&binding.scope) {
            scopes.push(binding.scope);
        }
    }
    for scope in scopes {
        for binding in bindings.all().iter().filter(|binding| binding.scope == scope) {
            if last.replace(scope) != Some(scope) {
                text += &format!(".SS \"{}\"\n", quoted(scope.heading()));
            }
            let shown = binding.shown();
            // an action without a key of its own is found by its name
            let term = if shown.is_empty() { format!("({})", binding.action()) } else { shown };
            text += &entry(&term, binding.command.help());
        }
    }
    text
}

/// A term and what it means.
fn entry(term: &str, meaning: &str) -> String {
    format!(".TP\n\\fB{}\\fR\n{}\n", quoted(term), quoted(meaning))
}

/// A text as roff shows it as it is.
fn quoted(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-").replace('"', "\\(dq");
    match text.starts_with(['.', '\'']) {
        true => format!("\\&{text}"),
        false => text,
    }
}

const CONFIGURATION: &str = r#".SH CONFIGURATION
manytop needs no configuration. A
.I .conf
file has one
.I key=value
a line, split at the first
.BR = ;
.B #
begins a comment line. TOML nests the same keys:
.B [remote.NAME] url = \(dq...\(dq
is
.BR remote\-NAME\-url=... .
In the user's own files
.B ${VAR}
is replaced from the environment, and
.B $${
is a plain
.BR ${ .
.PP
A key without a hyphen is global. With one it is
.IR provider\-option .
With more it is
.IR section\-NAME\-option ;
.B *
as NAME holds for all. A key that is unknown or given twice, and a value that does not fit, are errors that name file and
line. Later layers override earlier ones: defaults, files, environment, command line.
.B manytop \-\-check\-config \-\-verbose
prints each key with its origin;
.B manytop \-\-list options
prints all keys. The global ones:
"#;

const REST: &str = r#".SH FILES
The first of these that exists is the configuration:
.TP
\fB\-C\fR \fIFILE\fR, \fB$MANYTOP_CONFIG\fR
A path, or a name in one of the folders below.
.TP
\fI~/.config/manytop/\fR, each \fI$XDG_CONFIG_DIRS/manytop/\fR, \fI/etc/manytop/\fR
\fBmanytop.conf\fR or \fBmanytop.toml\fR, and the files of \fBconf.d\fR in the order of their names.
.PP
Beside the configuration:
.TP
\fIlayouts/\fR, \fIcolors/\fR, \fIdialects/\fR
Layouts, colour schemes, and tables for further exporters.
.PP
Written by manytop:
.TP
\fI~/.local/state/manytop/manytop.log\fR
The log.
.TP
\fI~/.local/state/manytop/recordings/\fR
Recordings of \fB\-\-record\fR.
.SH ENVIRONMENT
.TP
\fBMANYTOP_CONFIG\fR
The configuration file.
.TP
\fBMANYTOP_\fR\fIKEY\fR
Sets the global key \fIkey\fR, as in \fBMANYTOP_THEME=light\fR. It overrides the files; flags override it. An empty variable
sets nothing.
.TP
\fBXDG_CONFIG_HOME\fR, \fBXDG_CONFIG_DIRS\fR, \fBXDG_STATE_HOME\fR
Folders of configuration and state.
.TP
\fBSTATE_DIRECTORY\fR
Set by systemd: the folder of recordings and of the state of alerts.
.TP
\fBTERM\fR, \fBCOLORTERM\fR, \fBCOLORFGBG\fR, \fBNO_COLOR\fR
What the terminal can show; with \fBNO_COLOR\fR no colours are written.
.TP
\fBLC_ALL\fR, \fBLC_CTYPE\fR, \fBLANG\fR
Without UTF\-8 in the locale, ASCII is written. The key \fBcharset\fR overrides this.
.TP
\fBHTTPS_PROXY\fR, \fBHTTP_PROXY\fR, \fBALL_PROXY\fR, \fBNO_PROXY\fR
Proxies of remotes, in capital or small letters. Loopback addresses are never asked through a proxy.
.SH EXIT STATUS
.TP
\fB0\fR
Success.
.TP
\fB1\fR
A failure at run time.
.TP
\fB2\fR
An error on the command line or in the configuration.
.TP
\fB3\fR
With \fB\-\-once\fR and \fB\-\-list metrics\fR: a source is not live.
.PP
With \fB\-\-check\fR, as monitoring plugins: \fB0\fR OK, \fB1\fR WARNING, \fB2\fR CRITICAL, \fB3\fR UNKNOWN, usage errors included.
.SH EXAMPLES
.TP
\fBmanytop\fR
This machine.
.TP
\fBmanytop web1 web2:9100 ssh://db1\fR
Three hosts beside it: two by their exporters, one over ssh.
.TP
\fBmanytop \-\-headless \-x :8089\fR
An exporter without a screen, for this machine only.
.TP
\fBmanytop \-\-once=json\fR
All readings, once, for scripts.
.SH SEE ALSO
.BR top (1),
.BR systemctl (1),
.BR ssh_config (5)
"#;
