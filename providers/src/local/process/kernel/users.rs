//! Names of the users that processes belong to.

use super::user_names::parse;
use crate::local::{files::FilePath, procfs::Root};
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
