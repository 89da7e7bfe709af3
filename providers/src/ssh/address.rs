//! `ssh://[user@]host[:port]`: where the shell of a host is.

/// The address of a host that is read over ssh. The host may be an alias of the user's ssh config.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Address {
    user: Option<String>,
    host: String,
    port: Option<u16>,
}

/// What such an address begins with.
pub const SCHEME: &str = "ssh://";

impl Address {
    /// Reads an address as written in a config.
    ///
    /// # Errors
    /// What is wrong with it, without repeating any of it.
    pub fn parse(text: &str) -> Result<Address, String> {
        let form = "after ssh:// comes [user@]host[:port] and nothing else";
        let rest = text.strip_prefix(SCHEME).ok_or(form)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let (user, place) = match rest.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, rest),
        };
        if user.is_some_and(|user| user.contains(':')) {
            return Err(
                "ssh takes no password in its address; log in with a key (ssh-agent)".into()
            );
        }
        let (host, port) = match place.strip_prefix('[') {
            Some(bracketed) => {
                let (host, port) = bracketed.split_once(']').ok_or(form)?;
                let port = match port {
                    "" => None,
                    port => Some(port.strip_prefix(':').ok_or(form)?),
                };
                (host, port)
            }
            None => match place.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (place, None),
            },
        };
        let port = match port.map(str::parse::<u16>) {
            None => None,
            Some(Ok(port @ 1..)) => Some(port),
            Some(_) => {
                return Err("the port of an ssh:// address is a number from 1 to 65535".into());
            }
        };
        if !is_word(host, ".-_:%") || user.is_some_and(|user| !is_word(user, ".-_+$@\\")) {
            return Err(form.into());
        }
        Ok(Address { user: user.map(str::to_owned), host: host.to_owned(), port })
    }

    /// The arguments that name the host to ssh.
    pub fn arguments(&self) -> Vec<String> {
        let mut all = Vec::new();
        if let Some(user) = &self.user {
            all.extend(["-l".to_owned(), user.clone()]);
        }
        if let Some(port) = self.port {
            all.extend(["-p".to_owned(), port.to_string()]);
        }
        all.extend(["--".to_owned(), self.host.clone()]);
        all
    }

    /// The command that logs in there, for messages.
    pub fn command(&self) -> String {
        let port = self.port.map(|port| format!("-p {port} ")).unwrap_or_default();
        let user = self.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
        format!("ssh {port}{user}{}", self.host)
    }

    /// The host as ssh names it in known_hosts.
    pub fn known_as(&self) -> String {
        match self.port {
            Some(port) if port != 22 => format!("[{}]:{port}", self.host),
            _ => self.host.clone(),
        }
    }

    /// Host and port, for messages.
    pub fn place(&self) -> String {
        match (self.port, self.host.contains(':')) {
            (Some(port), true) => format!("[{}]:{port}", self.host),
            (Some(port), false) => format!("{}:{port}", self.host),
            (None, _) => self.host.clone(),
        }
    }

    /// The host alone.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The same host in one form, for comparing.
    pub fn canonical(&self) -> String {
        let user = self.user.as_ref().map(|user| format!("{user}@")).unwrap_or_default();
        format!("{SCHEME}{user}{}", self.place())
    }
}

/// Letters, digits and some more, not beginning with what ssh would take for an option.
fn is_word(text: &str, more: &str) -> bool {
    let fine = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
    !text.is_empty() && !text.starts_with('-') && text.chars().all(fine)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn user_host_and_port_become_arguments() {
        let words = |text| Address::parse(text).unwrap().arguments().join(" ");
        assert_eq!(words("ssh://web1"), "-- web1");
        assert_eq!(words("ssh://root@db1:2222/"), "-l root -p 2222 -- db1");
        assert_eq!(words("ssh://[::1]:2222"), "-p 2222 -- ::1");
        assert_eq!(words("ssh://a@b.example@10.0.0.1"), "-l a@b.example -- 10.0.0.1");
        let address = Address::parse("ssh://root@db1:2222").unwrap();
        assert_eq!(address.command(), "ssh -p 2222 root@db1");
        assert_eq!((&*address.known_as(), &*address.place()), ("[db1]:2222", "db1:2222"));
    }

    #[test]
    fn what_could_be_an_option_or_a_command_is_refused_without_repeating_it() {
        for text in [
            "ssh://",
            "ssh://-oProxyCommand=hunter2",
            "ssh://-l@hunter2",
            "ssh://u:hunter2@h",
            "ssh://h/hunter2",
            "ssh://h:0",
            "ssh://h:hunter2",
            "ssh://h hunter2",
            "ssh://h;hunter2",
            "ssh://$(hunter2)",
            "ssh://[::1",
            "ssh://h?hunter2",
        ] {
            let error = Address::parse(text).unwrap_err();
            assert!(!error.contains("hunter2"), "{text}: {error}");
        }
        assert!(Address::parse("ssh://u:p@h").unwrap_err().contains("ssh-agent"));
    }
}
