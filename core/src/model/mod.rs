//! What the engine keeps: the store of all sources, and the groups that they belong to.

pub mod groups;
pub mod past;
pub mod store;
