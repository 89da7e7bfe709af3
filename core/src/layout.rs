//! The layout language: which widget stands where, and which sources it shows.
