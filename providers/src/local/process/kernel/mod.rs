//! Processes as Linux's kernel tells them, below /proc.

mod cgroup;
mod connections;
mod details;
mod entry;
mod network;
mod pid_watcher;
mod pss;
mod sock_diag;
mod table;
mod users;

use super::{stat, user_names};
use crate::local::procfs::Root;
use manytop_plugin::provider::{BuildError, Reader};

/// The reader of the processes below that root.
///
/// # Errors
/// None.
pub fn below(root: Root) -> Result<Box<dyn Reader>, BuildError> {
    Ok(Box::new(table::ProcessTable::below(root)))
}

#[cfg(test)]
mod tests;
