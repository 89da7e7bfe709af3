//! Credentials that authenticate manytop to a remote.

use super::url::Target;
use crate::remote::{BEARER_TOKEN_FILE, PASSWORD, PASSWORD_FILE, USERNAME};
use manytop_core::file;
use manytop_plugin::{
    options::{Options, Secret},
    provider::BuildError,
};
use std::path::{Path, PathBuf};

/// User and password, a token, or nothing.
#[derive(Clone, Debug)]
pub struct Credentials {
    sent: Sent,
    /// The file that the secret was read from; it may change while we run.
    file: Option<PathBuf>,
}

/// What goes into the header.
#[derive(Clone, Debug)]
pub enum Sent {
    /// No header.
    Nothing,
    /// `Basic`.
    Password(String, Secret),
    /// `Bearer`.
    Token(Secret),
}

impl Credentials {
    /// From the options, and what stood in the address.
    ///
    /// # Errors
    /// They contradict each other, or a file cannot be read.
    pub fn new(options: &Options, target: &Target) -> Result<Credentials, BuildError> {
        let (in_url, url_password) = target.userinfo.clone().unzip();
        let url_password = url_password.flatten();
        let (user, password) = (options.get(&USERNAME), options.get(&PASSWORD));
        let (file, token) = (options.get(&PASSWORD_FILE), options.get(&BEARER_TOKEN_FILE));

        if let Some(path) = token {
            if in_url.is_some() || user.is_some() || password.is_some() || file.is_some() {
                let problem = "a token and a user or password: only one can be sent";
                return Err(BuildError::new(BEARER_TOKEN_FILE.spec(), problem));
            }
            let secret = read(&path).map_err(|e| BuildError::new(BEARER_TOKEN_FILE.spec(), e))?;
            return Ok(Credentials { sent: Sent::Token(secret), file: Some(path) });
        }
        if in_url.is_some() && user.is_some() && in_url != user {
            let problem = "another user stands in remote-NAME-url";
            return Err(BuildError::new(USERNAME.spec(), problem));
        }
        if usize::from(url_password.is_some())
            + usize::from(password.is_some())
            + usize::from(file.is_some())
            > 1
        {
            let spec = if file.is_some() { PASSWORD_FILE.spec() } else { PASSWORD.spec() };
            return Err(BuildError::new(spec, "another password is given too; one is enough"));
        }
        let user = user.or(in_url).filter(|user| !user.is_empty());
        let given = url_password.or(password);
        let Some(user) = user else {
            let spec = if file.is_some() { PASSWORD_FILE.spec() } else { PASSWORD.spec() };
            return match (given, &file) {
                (None, None) => Ok(Credentials { sent: Sent::Nothing, file: None }),
                _ => Err(BuildError::new(
                    spec,
                    "a password without a user; see remote-NAME-username",
                )),
            };
        };
        let secret = match (&file, given) {
            (Some(path), _) => read(path).map_err(|e| BuildError::new(PASSWORD_FILE.spec(), e))?,
            (None, Some(given)) => given,
            (None, None) => Secret::new(""),
        };
        Ok(Credentials { sent: Sent::Password(user, secret), file })
    }

    /// What to send.
    pub fn sent(&self) -> &Sent {
        &self.sent
    }

    /// The file to read again after the server has refused its content.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// Takes a secret that was read again.
    pub fn renew(&mut self, secret: Secret) {
        match &mut self.sent {
            Sent::Nothing => {}
            Sent::Password(_, old) | Sent::Token(old) => *old = secret,
        }
    }
}

/// What to say of a file that is to be secret and is not.
pub fn is_public(path: &Path) -> Option<String> {
    let is_public = std::fs::metadata(path).is_ok_and(|about| file::is_world_readable(&about));
    let shown = path.display();
    is_public.then(|| format!("{shown}: everybody on this machine can read it; chmod 600 {shown}"))
}

/// A secret is the file's first line.
///
/// # Errors
/// Names the file and what is wrong with it, and nothing of its content.
pub fn read(path: &Path) -> Result<Secret, String> {
    let text =
        file::read_text(path, file::SECRET).map_err(|e| format!("{}: {e}", path.display()))?;
    match text.lines().next().map(str::trim) {
        Some(line) if !line.is_empty() => Ok(Secret::new(line)),
        _ => Err(format!("{}: the first line is empty", path.display())),
    }
}
