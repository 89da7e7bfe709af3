//! Names of users.

use crate::kernel::{self, Root};
use std::{collections::HashMap, fs, path::PathBuf, sync::Arc};

/// Names by number, as /etc/passwd has them. Read again when an unknown number turns up, and each
/// number only once: somebody who is in no file (LDAP, a container's user) stays a number.
pub struct People {
    passwd: PathBuf,
    names: HashMap<u64, Arc<str>>,
}

impl People {
    /// Those of the tree's own passwd.
    pub fn below(root: &Root) -> People {
        People { passwd: root.path("etc/passwd"), names: HashMap::new() }
    }

    /// The name of the user with that number, or the number.
    pub fn name(&mut self, uid: u64) -> Arc<str> {
        if !self.names.contains_key(&uid) {
            let passwd = fs::read(&self.passwd).unwrap_or_default();
            self.names.extend(parse(&passwd));
        }
        self.names.entry(uid).or_insert_with(|| uid.to_string().into()).clone()
    }
}

/// name:password:uid:…; of two names with one number the first counts.
fn parse(passwd: &[u8]) -> HashMap<u64, Arc<str>> {
    let mut names = HashMap::new();
    for line in kernel::lines(passwd) {
        let mut fields = line.split(|b| *b == b':');
        let (name, uid) = (fields.next(), fields.nth(1).and_then(kernel::number));
        if let Some((name, uid)) = name.zip(uid) {
            names.entry(uid).or_insert_with(|| String::from_utf8_lossy(name).into());
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_name_of_a_number_counts() {
        let names = parse(b"root:x:0:0::/root:/bin/sh\ntoor:x:0:0::/:\n\nbad line\nalice:x:1000:");
        assert_eq!(names.len(), 2);
        assert_eq!(&*names[&0], "root");
        assert_eq!(&*names[&1000], "alice");
    }
}
