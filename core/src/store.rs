//! Sole owner of what is known.
