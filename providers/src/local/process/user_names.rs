//! Names of users.

use crate::local::{
    files::FilePath,
    procfs::{self, Root},
};
use manytop_core::file;
use std::{collections::HashMap, sync::Arc};

/// Names by number, as /etc/passwd has them. Read again when an unknown number turns up, and each
/// number only once: a user in no file (LDAP, a container's user) is shown as a number.
pub struct UserNames {
    passwd: FilePath,
    names: HashMap<u64, Arc<str>>,
}

impl UserNames {
    /// Those of the tree's own passwd.
    pub fn below(root: &Root) -> UserNames {
        UserNames { passwd: root.path("etc/passwd"), names: HashMap::new() }
    }

    /// The name of the user with that number, or the number.
    pub fn name(&mut self, uid: u64) -> Arc<str> {
        if !self.names.contains_key(&uid) {
            let passwd = self.passwd.read(file::LIST).unwrap_or_default();
            self.names.extend(parse(&passwd));
        }
        self.names.entry(uid).or_insert_with(|| uid.to_string().into()).clone()
    }
}

/// name:password:uid:…; of two names with one number the first counts.
pub fn parse(passwd: &[u8]) -> HashMap<u64, Arc<str>> {
    let mut names = HashMap::new();
    for line in procfs::lines(passwd) {
        let mut fields = line.split(|b| *b == b':');
        let (name, uid) = (fields.next(), fields.nth(1).and_then(procfs::number));
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
