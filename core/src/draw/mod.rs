//! Pieces that widgets share: graphs, bars, tables, numbers.
