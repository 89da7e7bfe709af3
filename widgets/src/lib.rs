//! The widgets that come with manytop, one file each.
