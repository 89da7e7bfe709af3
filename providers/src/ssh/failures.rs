//! Why there is no session, and what to do about it: by what ssh says and how it ended.

use super::{address::Address, script};
use manytop_plugin::{
    provider::{Class, Failure},
    text::clean_to,
};

/// What is known of a session that ended, or never began.
#[derive(Clone, Default, Debug)]
pub struct Ended {
    /// The shell there had answered.
    pub greeted: bool,
    /// The exit status of ssh; `None` where a signal ended it.
    pub status: Option<i32>,
    /// What came on standard output outside of all frames.
    pub output: String,
    /// The same on standard error: ssh's own words among it.
    pub errors: String,
}

/// Why it ended.
pub fn explain(address: &Address, ended: &Ended) -> Failure {
    let known = of_host_key(address, &ended.errors)
        .or_else(|| of_login(address, &ended.errors))
        .or_else(|| of_network(address, &ended.errors));
    match known {
        Some(failure) => failure,
        None if ended.greeted => broken_off(address, ended),
        None => no_shell(address, ended),
    }
}

fn refused(reason: String) -> Failure {
    Failure::new(Class::Refused, reason)
}

fn unreachable(reason: String) -> Failure {
    Failure::new(Class::Unreachable, reason)
}

fn of_host_key(address: &Address, errors: &str) -> Option<Failure> {
    let place = address.place();
    if errors.contains("REMOTE HOST IDENTIFICATION HAS CHANGED") {
        let print = fingerprint(errors).map(|print| format!(" to {print}")).unwrap_or_default();
        return Some(refused(format!("the host key of {place} has changed{print}")).advise(format!(
            "another machine may answer; compare it with `ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub` there, \
             then `ssh-keygen -R '{}'` and `{}`",
            address.known_as(),
            address.command()
        )));
    }
    let unknown = errors.contains("Host key verification failed")
        || errors.contains("host key is known for")
        || errors.contains("Host key for") && errors.contains("revoked");
    unknown.then(|| {
        refused(format!("the host key of {place} is not known here"))
            .advise(format!("run `{}` once: it shows the fingerprint and asks", address.command()))
    })
}

/// The fingerprint that ssh names.
fn fingerprint(errors: &str) -> Option<&str> {
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=');
    let start = errors.find("SHA256:")?;
    let rest = &errors[start + 7..];
    let end = rest.find(|c| !word(c)).unwrap_or(rest.len());
    (end == 43).then(|| &errors[start..start + 7 + end])
}

fn of_login(address: &Address, errors: &str) -> Option<Failure> {
    let place = address.place();
    if errors.contains("Too many authentication failures") {
        return Some(
            refused(format!("{place}: too many keys were tried"))
                .advise("set IdentityFile and IdentitiesOnly for this host in ~/.ssh/config"),
        );
    }
    if let Some(at) = errors.find("Permission denied (") {
        let ways = errors[at..].lines().next().unwrap_or_default();
        let ways = ways.trim_end_matches('.').trim_start_matches("Permission denied ");
        return Some(refused(format!("{place} accepts no key of this user {ways}")).advise(format!(
            "does `{}` log in without asking? a key with a passphrase must be in ssh-agent (ssh-add)",
            address.command()
        )));
    }
    let option = errors.lines().find(|line| {
        line.contains("Bad configuration option") || line.contains("bad configuration options")
    });
    option.map(|line| {
        refused(format!("ssh does not accept its config: {line}"))
            .advise("correct that file, or update openssh-client")
    })
}

fn of_network(address: &Address, errors: &str) -> Option<Failure> {
    let place = address.place();
    let line = |words: &str| errors.lines().find(|line| line.contains(words));
    // with a jump host the last word is that the way through it was closed
    let first = errors.lines().next().unwrap_or_default();
    let through = line("UNKNOWN port")
        .or_else(|| line("stdio forwarding failed"))
        .or_else(|| line("kex_exchange_identification").filter(|line| *line != first));
    if let Some(last) = through {
        let why = if first == last { "it closed the connection" } else { first };
        return Some(
            unreachable(format!("the jump host before {place} fails: {why}"))
                .advise("check ProxyJump for this host in ~/.ssh/config, and that jump host"),
        );
    }
    if line("Could not resolve hostname").is_some() {
        return Some(
            unreachable(format!("no such host: {}", address.host()))
                .advise("check the name in remote-NAME-url and ~/.ssh/config, and the network"),
        );
    }
    if line("Connection refused").is_some() {
        return Some(
            unreachable(format!("connection refused by {place}"))
                .advise("is sshd running there, and is the port right?"),
        );
    }
    if line("No route to host").or_else(|| line("unreachable")).is_some() {
        return Some(unreachable(format!("no route to {place}")));
    }
    if line("not responding").is_some() || line("timed out").is_some() {
        return Some(Failure::new(Class::Timeout, format!("{place} does not answer")));
    }
    if line("kex_exchange_identification").or_else(|| line("banner exchange")).is_some() {
        return Some(unreachable(format!("{place} closes connections before the log-in")).advise(
            "is sshd there overloaded (MaxStartups), or does another program listen at that port?",
        ));
    }
    None
}

fn broken_off(address: &Address, ended: &Ended) -> Failure {
    let place = address.place();
    if ended.errors.contains("closed by remote host") {
        return unreachable(format!("{place} closed the session"))
            .advise("is it rebooting, or was sshd stopped?");
    }
    unreachable(format!("the session with {place} broke off"))
}

fn no_shell(address: &Address, ended: &Ended) -> Failure {
    let place = address.place();
    let advice = "this user needs a login shell there, and no forced command (ForceCommand, command=) or nologin";
    if ended.status == Some(127) {
        return refused(format!("{place} has no sh")).advise(advice);
    }
    if ended.output.contains(script::ECHO) {
        return refused(format!("{place} runs no shell: a program repeats what it is sent"))
            .advise(advice);
    }
    let said = ended.errors.lines().chain(ended.output.lines()).next().unwrap_or_default();
    match ended.status {
        Some(255) if said.is_empty() => unreachable(format!("no session with {place}")),
        Some(255) => unreachable(format!("no session with {place}: {}", clean_to(said, 120))),
        _ if said.is_empty() => refused(format!("{place} runs no shell")).advise(advice),
        _ => refused(format!("{place} runs no shell: {}", clean_to(said, 120))).advise(advice),
    }
}

/// No answer of a shell came, although the connection may be there.
pub fn silent(address: &Address, output: &str, errors: &str) -> Failure {
    let ended = Ended { output: output.to_owned(), errors: errors.to_owned(), ..Ended::default() };
    if output.contains(script::ECHO) {
        return no_shell(address, &ended);
    }
    let failure = Failure::new(
        Class::Timeout,
        format!("{} answers, and no shell of it does", address.place()),
    );
    failure.advise(format!("does `{} true` end by itself? an rc file may wait", address.command()))
}

/// ssh itself cannot be run.
pub fn no_client(error: &std::io::Error) -> Failure {
    match error.kind() {
        std::io::ErrorKind::NotFound => {
            refused("no program ssh on this machine".into()).advise("install openssh-client")
        }
        _ => refused(format!("cannot run ssh: {error}")),
    }
}

/// What runs there is not Linux.
pub fn other_system(name: &str) -> Failure {
    let name = clean_to(name.trim(), 40);
    let name = if name.is_empty() { "this system" } else { &name };
    refused(format!("{name} over ssh is not read; a node_exporter there is"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(greeted: bool, status: i32, output: &str, errors: &str) -> String {
        let address = Address::parse("ssh://root@db1:2222").unwrap();
        let (output, errors) = (output.to_owned(), errors.to_owned());
        explain(&address, &Ended { greeted, status: Some(status), output, errors }).to_string()
    }

    #[test]
    fn what_ssh_says_becomes_what_to_do() {
        for (errors, reason) in [
            ("Host key verification failed.", "run `ssh -p 2222 root@db1` once"),
            (
                "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nThe fingerprint for the ED25519 key sent \
                 by the remote host is\nSHA256:oItG6GDGoMyxjT94zEsOFoMSPZpbb8gPjX3TwXLeXFk.\nHost key \
                 verification failed.",
                "has changed to SHA256:oItG6GDGoMyxjT94zEsOFoMSPZpbb8gPjX3TwXLeXFk; another machine",
            ),
            (
                "root@db1: Permission denied (publickey,password).",
                "no key of this user (publickey,password);",
            ),
            ("Could not resolve hostname db1: Name or service not known", "no such host: db1"),
            ("ssh: connect to host db1 port 2222: Connection refused", "is sshd running there"),
            ("ssh: connect to host db1 port 2222: Connection timed out", "does not answer"),
            ("ssh: connect to host db1 port 2222: No route to host", "no route to db1:2222"),
            ("kex_exchange_identification: Connection closed by remote host", "MaxStartups"),
            (
                "ssh: connect to host jump port 22: Connection refused\nkex_exchange_identification: Connection \
                 closed by remote host",
                "the jump host before db1:2222 fails: ssh: connect to host jump port 22",
            ),
            (
                "/home/a/.ssh/config: line 3: Bad configuration option: x",
                "does not accept its config",
            ),
            ("Received disconnect: 2: Too many authentication failures", "IdentitiesOnly"),
        ] {
            let text = said(false, 255, "", errors);
            assert!(text.contains(reason), "{errors}\n{text}");
        }
    }

    #[test]
    fn what_runs_instead_of_a_shell_is_told_from_a_link_that_breaks() {
        assert!(said(false, 127, "", "sh: not found").contains("has no sh; this user needs"));
        let nologin = said(false, 1, "This account is currently not available.", "");
        assert!(nologin.contains("runs no shell: This account is currently not"), "{nologin}");
        assert!(said(false, 0, script::ECHO, "").contains("a program repeats what it is sent"));
        assert!(said(true, 255, "", "").contains("the session with db1:2222 broke off"));
        let closed = "Connection to db1 closed by remote host.";
        assert!(said(true, 255, "", closed).contains("is it rebooting"));
        assert!(other_system("FreeBSD\n").to_string().starts_with("FreeBSD over ssh is not read"));
    }
}
