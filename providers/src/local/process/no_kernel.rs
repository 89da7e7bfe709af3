//! Where there is no /proc.

use crate::local::procfs::{BACKEND, Root};
use manytop_plugin::provider::{BuildError, Reader};

/// Reads nothing.
///
/// # Errors
/// Always.
pub fn below(_: Root) -> Result<Box<dyn Reader>, BuildError> {
    Err(BuildError::new(BACKEND.spec(), "only Linux has /proc; set via=sysinfo"))
}
