//! Names of users.

use crate::local::procfs;
use std::{collections::HashMap, sync::Arc};

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
