//! The format: tags, flags and the fixed parts. docs/recording.md describes it for other programs.

/// The version of the format. A reader refuses a higher one.
pub const VERSION: u16 = 1;

/// What a segment begins with; the version follows in 2 bytes, then 6 zeros.
pub(crate) const SEGMENT_MAGIC: &[u8; 8] = b"MANYTOPR";
/// What the tail begins with.
pub(crate) const TAIL_MAGIC: &[u8; 8] = b"MANYTOPT";
/// What a block begins with.
pub(crate) const BLOCK_MAGIC: &[u8; 4] = b"mtBK";
/// Length of the beginning of a segment.
pub(crate) const SEGMENT_HEAD: usize = 16;
/// Length of the header of a block, its own checksum included.
pub(crate) const BLOCK_HEAD: usize = 80;

/// A block holds at most so many bytes, before and after compression.
pub(crate) const MOST_BLOCK: usize = 16 << 20;

/// What an entry in the structure of a block is.
pub(crate) mod tag {
    /// Time moves on: nanoseconds since the tick before. What follows happened then.
    pub const TICK: u8 = 0;
    /// The wall clock was set, or has drifted: wall minus monotonic time, nanoseconds.
    pub const CLOCK: u8 = 1;
    pub const STRING: u8 = 2;
    pub const KIND: u8 = 3;
    pub const METRIC: u8 = 4;
    pub const TEXT: u8 = 5;
    pub const SCHEMA: u8 = 6;
    pub const SOURCE: u8 = 7;
    pub const SOURCE_GONE: u8 = 8;
    pub const FEED: u8 = 9;
    pub const FEEDS: u8 = 10;
    pub const META: u8 = 11;
    pub const HEALTH: u8 = 12;
    pub const FRAME: u8 = 13;
    pub const EVENT: u8 = 14;
}

/// The state of a device in a frame.
pub(crate) mod status {
    /// Read again; a bitmap marks the values that changed.
    pub const FRESH: u8 = 0;
    /// As it was, the time of reading excepted.
    pub const REPEATED: u8 = 1;
    /// As it was, the time of reading included: it is missing in this answer.
    pub const LINGERING: u8 = 2;
    /// Flags say what else is other; then as `FRESH`.
    pub const CHANGED: u8 = 3;
}

/// What else is other of a device.
pub(crate) mod changed {
    pub const SCHEMA: u8 = 1;
    pub const TEXTS: u8 = 2;
    /// What is derived cannot be derived from what is in the block: it follows.
    pub const DERIVED: u8 = 4;
    /// When the counters were read, where that is not the time of the frame.
    pub const COUNTERS_AT: u8 = 8;
    pub const RESOLUTION: u8 = 16;
    /// When it was read, where that is not the time of the frame.
    pub const READ_AT: u8 = 32;
}

/// How the values of a block are arranged.
pub(crate) mod arrangement {
    /// By column: each value of one series after the other.
    pub const COLUMNS: u8 = 0;
    /// In the order of time: a block that was made of a tail.
    pub const ROWS: u8 = 1;
}
