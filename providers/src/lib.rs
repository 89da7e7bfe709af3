//! The providers that come with manytop, one file or folder each.
