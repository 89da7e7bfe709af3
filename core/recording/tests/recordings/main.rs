//! Recordings: what is written, what is read of it, what a fault costs.

#![allow(clippy::unwrap_used)]

mod faults;
mod round_trip;
mod scene;
mod time;
