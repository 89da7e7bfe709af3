//! The widgets, each drawn as a whole: pictures of scenes, every size, keys, and what a hostile source
//! could do to them.

#![allow(clippy::unwrap_used)]

use manytop_widgets as _;

mod boxes;
mod fleet;
mod keys;
mod kinds;
mod machine;
mod process_rows;
mod processes;
mod scene;
mod sizes;
mod snapshots;
