//! The configuration: where it is, its two formats, what its keys mean.
