//! The widgets, each drawn as a whole: pictures of scenes, every size, keys, and what a hostile source
//! could do to them.

#![allow(clippy::unwrap_used)]

use manytop_widgets as _;

mod fleet;
mod keys;
mod machine;
mod scene;
mod sizes;
mod snapshots;
