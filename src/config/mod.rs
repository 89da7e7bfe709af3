//! From flags and files to what runs: reading, building, reloading, discovery, layouts, colours.

pub mod discovery;
pub mod layouts;
pub mod load;
pub mod reload;
pub mod schemes;
pub mod setup;
