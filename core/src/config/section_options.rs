//! The options of core's own sections.

/// `alert-NAME-…`: rules of alerts.
pub mod alert {
    use crate::options::{Arguments, Opt, Secret, Spec};
    use std::{path::PathBuf, time::Duration};

    /// The condition.
    pub static WHEN: Opt<Option<String>> = Opt::<Option<String>>::optional(
        "when",
        "The condition, a filter: cpu>90, disk.percent>90 & disk.mounts!=/boot",
    );
    /// How long it has to hold.
    pub static FOR: Opt<Option<Duration>> =
        Opt::<Option<Duration>>::optional("for", "How long the condition holds before it fires");
    /// The condition that ends it.
    pub static UNTIL: Opt<Option<String>> = Opt::<Option<String>>::optional(
        "until",
        "The condition that resolves it, for the same time; otherwise that when does not hold",
    );
    /// How bad it is.
    pub static SEVERITY: Opt<String> =
        Opt::one_of("severity", &["warning", "critical"], "warning", "How bad it is");
    /// The hosts it is for.
    pub static HOSTS: Opt<Option<String>> =
        Opt::<Option<String>>::optional("hosts", "The hosts it is for, a filter: #prod; else all");
    /// Ring the terminal's bell.
    pub static BELL: Opt<bool> =
        Opt::<bool>::with_default("bell", "false", "Ring the terminal's bell when it fires");
    /// The program to start.
    pub static RUN: Opt<Option<Arguments>> = Opt::<Option<Arguments>>::optional(
        "run",
        "A program and its arguments, without a shell; facts are in its environment and, as JSON, on \
         its standard input",
    );
    /// Where to post it.
    pub static WEBHOOK: Opt<Option<Secret>> = Opt::<Option<Secret>>::optional(
        "webhook",
        "A URL that gets each notice as JSON; with webhook_form=alertmanager, that of an Alertmanager",
    );
    /// The form of the body.
    pub static FORM: Opt<String> = Opt::one_of(
        "webhook_form",
        &["json", "alertmanager"],
        "json",
        "What is sent: one JSON document a notice, or Alertmanager's v2 API",
    );
    /// The user.
    pub static USERNAME: Opt<Option<String>> =
        Opt::<Option<String>>::optional("webhook_username", "User for basic authentication");
    /// The password.
    pub static PASSWORD_FILE: Opt<Option<PathBuf>> =
        Opt::<Option<PathBuf>>::optional("webhook_password_file", "File with the password");
    /// The certificate authority.
    pub static CA_FILE: Opt<Option<PathBuf>> = Opt::<Option<PathBuf>>::optional(
        "webhook_ca_file",
        "Certificates of the authorities to trust besides the system's, PEM",
    );
    /// Fire when a matching device ends.
    pub static GONE: Opt<bool> = Opt::<bool>::with_default(
        "gone",
        "false",
        "Tell once when a device for which the condition held is gone: a process that ends",
    );

    /// All of them.
    pub static SPECS: &[&Spec] = &[
        WHEN.spec(),
        FOR.spec(),
        UNTIL.spec(),
        SEVERITY.spec(),
        HOSTS.spec(),
        BELL.spec(),
        RUN.spec(),
        WEBHOOK.spec(),
        FORM.spec(),
        USERNAME.spec(),
        PASSWORD_FILE.spec(),
        CA_FILE.spec(),
        GONE.spec(),
    ];
}

/// `hook-NAME-…`: programs that a key starts.
pub mod hook {
    use crate::options::{Arguments, Opt, Spec};

    /// The program.
    pub static RUN: Opt<Option<Arguments>> = Opt::<Option<Arguments>>::optional(
        "run",
        "A program and its arguments, without a shell; {host} {address} {pid} {device} {time} are \
         whole arguments",
    );
    /// The keys.
    pub static KEY: Opt<String> = Opt::<String>::with_default(
        "key",
        "",
        "Its keys, between blanks; F11 F12 y B D W Y and alt with a letter are free",
    );
    /// The box in which it can be started.
    pub static BOX: Opt<Option<String>> = Opt::<Option<String>>::optional(
        "box",
        "The box that has the keys: procs, hosts, …; else any",
    );
    /// It takes the terminal.
    pub static SCREEN: Opt<bool> = Opt::<bool>::with_default(
        "screen",
        "false",
        "Give it the terminal, and take that back when it ends",
    );
    /// It is asked for first.
    pub static CONFIRM: Opt<bool> =
        Opt::<bool>::with_default("confirm", "false", "Ask before it is started");
    /// What it does.
    pub static ABOUT: Opt<Option<String>> =
        Opt::<Option<String>>::optional("about", "What it does, for the help; else its program");

    /// All of them.
    pub static SPECS: &[&Spec] =
        &[RUN.spec(), KEY.spec(), BOX.spec(), SCREEN.spec(), CONFIRM.spec(), ABOUT.spec()];
}
